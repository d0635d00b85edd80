# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vaults are checked for, for all modules that check: which checks, where endpoints are meant to be, proofs, and limits."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.ids import NETWORK, SUBNET
from .._documents.limits import ENDPOINTS_PER_VAULT, VAULTS_PER_SUBSCRIPTION, Limits
from .._errors import OptionError, echoed
from .._options import Spec
from .._values import limit, resource_id
from .._views.check_catalogue import CHECKS
from .._views.checks import Wanted
from . import vault_scope

if t.TYPE_CHECKING:
    from .._module import Task

_IDS: dict[str, t.Any] = {"type": "list", "elements": "str", "default": []}
_CHECKS: dict[str, t.Any] = {**_IDS, "choices": [check.id for check in CHECKS]}
OPTIONS: Spec = {
    "subnet_ids": _IDS,
    "endpoint_network_ids": _IDS,
    "virtual_network_ids": _IDS,
    "checks": _CHECKS,
    "skip_checks": _CHECKS,
    "proofs": {"type": "list", "elements": "raw", "default": []},
    "vaults_with_endpoints_limit": {"type": "int", "default": VAULTS_PER_SUBSCRIPTION},
    "endpoints_per_vault_limit": {"type": "int", "default": ENDPOINTS_PER_VAULT},
}
"""Documented by the fragment privatelink.azure.checks."""


def wanted(task: Task) -> Wanted:
    """Return what the checks of a task go by."""
    for option in ("vaults_with_endpoints_limit", "endpoints_per_vault_limit"):
        limit(task[option], option)
    both = [check for check in task["checks"] if check in task["skip_checks"]]
    if both:
        raise OptionError("skip_checks", f"'{both[0]}' is also in checks; remove it from one of them.")
    return Wanted(
        checks=tuple(task["checks"]),
        skip_checks=tuple(task["skip_checks"]),
        subnet_ids=_ids(task, "subnet_ids", SUBNET),
        endpoint_network_ids=_ids(task, "endpoint_network_ids", NETWORK),
        virtual_network_ids=_ids(task, "virtual_network_ids", NETWORK),
        zone_ids=vault_scope.zones_of(task),
        proofs=tuple(_proof(each) for each in task["proofs"]),
        limits=Limits(task["vaults_with_endpoints_limit"], task["endpoints_per_vault_limit"]),
    )


def _ids(task: Task, option: str, kind: str) -> tuple[str, ...]:
    return tuple(str(resource_id(each, option, kind)) for each in task[option])


def _proof(value: t.Any) -> Document:
    if not isinstance(value, dict):
        raise OptionError("proofs", f"'{echoed(value)}' is not the result of a probe; register that of keyvault_probe_info, and pass it.")
    return value
