# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What the host of a task must have, and what to do where it lacks something: the interpreter, the packages, the command that installs them.
"""

from __future__ import annotations

import importlib.util
import pathlib
import shlex
import sys

from ._errors import Problem

OLDEST_PYTHON = (3, 10)
OLDEST_PYTHON_OF_THE_HOST = (3, 9)
"""Of what asks the host alone, and no Azure: its imports and its own code keep to what this Python knows."""
REQUIREMENTS = "ansible_collections/privatelink/azure/requirements.txt"
# By what is imported.
_PACKAGES = {
    "azure.core": "azure-core",
    "azure.identity": "azure-identity",
    "azure.mgmt.core": "azure-mgmt-core",
    "azure.mgmt.keyvault": "azure-mgmt-keyvault",
    "azure.mgmt.network": "azure-mgmt-network",
    "azure.mgmt.privatedns": "azure-mgmt-privatedns",
    "azure.mgmt.resource": "azure-mgmt-resource",
}
# What only some options need.
_OPTIONAL = {"dns": "dnspython"}


def missing_packages(error: str) -> Problem:
    """Return the failure of a task whose Python cannot load the Azure SDK. error: the traceback of the import."""
    reason = error.strip().rpartition("\n")[2]
    absent = [package for name, package in _PACKAGES.items() if not _is_installed(name)]
    if absent:
        several = len(absent) > 1
        what = (
            f"The Python package{'s' if several else ''} {', '.join(absent)} "
            f"{'are' if several else 'is'} missing in {sys.executable} ({reason})"
        )
    else:
        what = f"The Azure SDK in {sys.executable} cannot be loaded ({reason})"
    return Problem(what, code="MissingPackage", hint=f"Install the missing packages with: {_command()}")


def missing_optional(name: str, option: str, error: str) -> Problem:
    """Return the failure of an option whose package is missing. name: what is imported; error: the traceback of the import."""
    reason = error.strip().rpartition("\n")[2]
    return Problem(
        f"{option} needs the Python package {_OPTIONAL[name]}, which cannot be loaded in {sys.executable} ({reason})",
        code="MissingPackage",
        hint=f"Install it with: {shlex.quote(sys.executable)} -m pip install {_OPTIONAL[name]}",
    )


def old_python(oldest: tuple[int, int]) -> Problem | None:
    """Return the failure of a task whose Python is too old, None where it is not."""
    if sys.version_info >= oldest:
        return None
    return too_old(oldest, f"{sys.executable} is Python {'.'.join(map(str, sys.version_info[:3]))}")


def too_old(oldest: tuple[int, int], found: str) -> Problem:
    """Return the failure of a task whose Python is too old. found: what exists instead."""
    return Problem(
        f"This module needs Python {oldest[0]}.{oldest[1]} or later on the host that the task runs on, but {found}",
        code="UnsupportedPython",
        hint="Set ansible_python_interpreter of that host to a newer one, or run the task on the controller with delegate_to: localhost.",
    )


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):  # of what a name is part of
        return False


def _command() -> str:
    """
    Return the command that installs the packages. A module process has no such file; on the controller the action names the whole path.
    """
    file = pathlib.Path(__file__).resolve().parents[2] / "requirements.txt"
    return f"{shlex.quote(sys.executable)} -m pip install -r {shlex.quote(str(file)) if file.is_file() else REQUIREMENTS}"
