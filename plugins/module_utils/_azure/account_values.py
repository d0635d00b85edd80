# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What values of an account must be, whichever source they come from: Ansible checks those of a task alone, and those not wholly."""

from __future__ import annotations

import os
import re
import typing as t

from .._errors import OptionError
from .clouds import address
from .credentials_file import clean

Values = dict[str, t.Any]

_WORDS = {"auth_source": ("auto", "cli", "credential_file", "env", "msi"), "cert_validation_mode": ("ignore", "validate")}
_PATHS = ("x509_certificate_path", "oidc_token_file_path")
_TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
_FALSE = frozenset({"0", "false", "no", "off", "n", "f"})
_NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?\Z")


def spelled(values: t.Mapping[str, t.Any]) -> Values:
    """Return values as they are meant: words in any case, yes and no as truth, paths with home directory and variables filled in."""
    found = dict(values)
    for name in (*_WORDS, "disable_instance_discovery"):
        if isinstance(found.get(name), str):
            found[name] = found[name].casefold()
    for name in _PATHS:
        if isinstance(found.get(name), str):
            found[name] = os.path.expanduser(os.path.expandvars(found[name]))
    truth = found.get("disable_instance_discovery")
    if truth in _TRUE | _FALSE:
        found["disable_instance_discovery"] = truth in _TRUE
    return found


def refuse_wrong(values: t.Mapping[str, t.Any]) -> None:
    """Refuse a word that is not known, an authority that is no https address, and a client_id that cannot be one."""
    for option, words in _WORDS.items():
        if values.get(option) is not None and values[option] not in words:
            raise OptionError(option, f"'{values[option]}' is not one of {', '.join(words[:-1])} or {words[-1]}; use one of them.")
    truth = values.get("disable_instance_discovery")
    if isinstance(truth, str):
        raise OptionError("disable_instance_discovery", f"'{truth}' is not a valid boolean; use true or false.")
    client = values.get("client_id")
    if client is not None and not _NAME.match(str(client)):
        raise OptionError("client_id", f"'{client}' is not a valid client_id; pass the ID of the application, a GUID.")
    url = values.get("adfs_authority_url")
    if url is not None and address(https_address(url)) is None:
        raise OptionError("adfs_authority_url", f"'{url}' is not an https address; pass one like https://login.microsoftonline.com.")


def https_address(url: str) -> str:
    """Return what a user may give for an address, with or without a scheme, as an https address."""
    return url if url.startswith("https://") else f"https://{url.partition('://')[2] if '://' in url else url}"


def origin(problem: OptionError, given: t.Mapping[str, t.Any], environ: t.Mapping[str, str], names: t.Sequence[str]) -> str | None:
    """
    Return the environment variable that a refused value came from, None where the task itself gave it, or none of them holds it.
    names: the variables that set the option, as in auth.ENVIRONMENT.
    """
    if given.get(str(problem.option)) is not None:
        return None
    values = {name: clean(environ.get(name, "")) for name in names}
    return next((name for name, value in values.items() if value and f"'{value.casefold()}'" in problem.message.casefold()), None)
