# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cloud a task speaks to: one of the table, or one that describes itself and is who it says."""

from __future__ import annotations

import typing as t

from .._errors import OptionError, Problem, Stopped, WaitTimeout
from . import clouds, sdk
from .answers import json_of
from .auth import Account
from .pipeline import TrustedAddresses, policies
from .translate import reason, translate


def find_cloud(account: Account, transport: t.Any) -> clouds.Cloud:
    """Return the cloud of an account."""
    wanted = account.cloud_environment
    known = clouds.by_name(wanted) if wanted else clouds.DEFAULT
    if known:
        return known
    endpoint = clouds.address(str(wanted))
    if endpoint is None:
        names = ", ".join(clouds.NAMES)
        raise OptionError(
            "cloud_environment", f"'{wanted}' is not a known cloud; use {names}, or the https address of a cloud's Resource Manager."
        )
    url = clouds.metadata_url(str(wanted))
    try:
        found = clouds.from_metadata(_metadata(url, endpoint, transport), url)
    except ValueError as error:
        raise OptionError("cloud_environment", f"{url} {error}; pass the https address of a cloud's Resource Manager.") from None
    authority = account["adfs_authority_url"] or found.login
    if not clouds.may_take_tokens(found, f"https://{str(authority).partition('://')[2] or authority}", account.source in ("cli", "msi")):
        raise OptionError(
            "cloud_environment",
            f"{url} asks for tokens for {found.audience}, which is not its own audience; pass "
            "the address of the Resource Manager that those tokens are for.",
        )
    return found


def _metadata(url: str, endpoint: clouds.Address, transport: t.Any) -> t.Any:
    """Return the document at the address of a cloud's metadata."""
    addresses = TrustedAddresses(lambda there: clouds.address(there) == endpoint, f"{endpoint.host}(the requested metadata)")
    pipeline: t.Any = sdk.ARMPipelineClient(base_url=url, policies=policies(addresses), transport=transport)
    try:
        answer = pipeline.send_request(sdk.HttpRequest("GET", url))
    except (sdk.AzureError, Stopped) as error:
        problem: Problem = translate(error, f"read {url}")
        if isinstance(problem, WaitTimeout):
            raise problem from None
        said = problem.message.partition(": ")[2] if isinstance(error, Stopped) else reason(error)
        next_step = "" if problem.hint else "; correct the address or the trusted certificates"
        raise OptionError("cloud_environment", f"{url} could not be read ({said}){next_step}.", hint=problem.hint) from None
    return json_of(answer) if answer.status_code == 200 else None
