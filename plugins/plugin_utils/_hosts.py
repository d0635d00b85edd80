# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What a module process cannot say of its host itself: that its Python is too old to load the module, and where the controller keeps a file.
"""

from __future__ import annotations

import pathlib
import re
import shlex
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.privatelink.azure.plugins.module_utils import _packages as packages
from ansible_collections.privatelink.azure.plugins.module_utils._entry import failure

# How Pythons before 3.9 stumble over a module's imports, and before 3.7 over its first line.
_STUMBLES = re.compile(
    r"future feature annotations is not defined|SyntaxError: invalid syntax|object "
    r"is not subscriptable|unsupported operand type\(s\) for \|"
    r"|zip\(\) takes no keyword arguments"
)
_INTERPRETER = re.compile(r"(?:^|[\s'\"])(/[^\s'\":]*python[\d.]*)(?=[\s'\":]|\Z)")


def explain_host_failure(result: dict[str, t.Any], *, local: bool) -> dict[str, t.Any]:
    """Return a module process's result, with a message of ours if its host lacks something. local: the module does not use Azure."""
    if not result.get("failed"):
        return result
    if result.get("code") == "MissingPackage":
        return {**result, **{name: _with_path(result.get(name)) for name in ("msg", "hint")}}
    said = " ".join(str(result.get(name) or "") for name in ("module_stderr", "module_stdout", "exception", "msg"))
    if "code" in result or not _STUMBLES.search(said):
        return result
    oldest = packages.OLDEST_PYTHON_OF_THE_HOST if local else packages.OLDEST_PYTHON
    found = _INTERPRETER.search(said) or _INTERPRETER.search(str(result.get("ansible_facts", {}).get("discovered_interpreter_python", "")))
    kept: dict[str, t.Any] = {name: result[name] for name in ("rc", "ansible_facts") if name in result}
    return {**kept, **failure(packages.too_old(oldest, f"{found[1] if found else 'its Python'} is older"))}


def explain_unreachable(error: AnsibleConnectionFailure, host: str) -> AnsibleConnectionFailure:
    """Return the error of a connection to a host, with the next step if that host is this machine, which needs no connection."""
    if host not in C.LOCALHOST:
        return error
    return AnsibleConnectionFailure(
        f"{host} is in the inventory without ansible_connection: local, so Ansible connects to this machine as to any other host"
        f" ({str(error).strip().rstrip('.')}); add ansible_connection: local to its variables, or remove it from the inventory."
    )


def _with_path(text: t.Any) -> t.Any:
    file = pathlib.Path(__file__).resolve().parents[2] / "requirements.txt"
    return text.replace(packages.REQUIREMENTS, shlex.quote(str(file))) if isinstance(text, str) else text
