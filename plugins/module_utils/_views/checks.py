# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of key vaults behind private endpoints: which there are, in which order, and which need what others check."""

from __future__ import annotations

import typing as t

from . import checks_connection as connection
from . import checks_dns as dns
from . import checks_vault as settings
from .check_catalogue import BY_ID, CHECKS
from .checked import Answer, Checked, Wanted, summary
from .checks_vault import FEW
from .examined import Examined, examine

if t.TYPE_CHECKING:
    from .._azure.world import World
    from .estate import Vault

__all__ = ["FUNCTIONS", "Checked", "Wanted", "check_vaults", "summary"]

FUNCTIONS: t.Mapping[str, t.Callable[[Examined], Answer]] = {
    "endpoint_exists": connection.endpoint_exists,
    "endpoint_provisioned": connection.endpoint_provisioned,
    "connection_approved": connection.connection_approved,
    "connections_in_use": connection.connections_in_use,
    "endpoint_network": connection.endpoint_network,
    "zone_exists": dns.zone_exists,
    "zone_linked": dns.zone_linked,
    "zone_not_shadowed": dns.zone_not_shadowed,
    "registration_off": dns.registration_off,
    "record_exists": dns.record_exists,
    "record_address": dns.record_address,
    "record_alone": dns.record_alone,
    "forwarders": dns.forwarders,
    "probe": dns.probe,
    "public_network_access": settings.public_network_access,
    "firewall": settings.firewall,
    "soft_delete": settings.soft_delete,
    "purge_protection": settings.purge_protection,
    "azure_rbac": settings.azure_rbac,
    "vault_limit": settings.vault_limit,
    "subscription_limit": settings.subscription_limit,
    "zone_limits": dns.zone_limits,
    "management_lock": settings.management_lock,
    "diagnostic_setting": settings.diagnostic_setting,
}
# A fault has one finding: what cannot be right before another check passes is skipped. Without an endpoint all of these are.
_OF_ENDPOINTS = ("endpoint_provisioned", "connection_approved", "connections_in_use", "endpoint_network")
_OF_RECORDS = ("record_exists", "record_address", "record_alone")
_OF_DNS = ("zone_exists", "zone_linked", "zone_not_shadowed", "registration_off", *_OF_RECORDS, "forwarders", "zone_limits")
_AFTER: t.Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_OF_RECORDS, ("endpoint_provisioned", "connection_approved", "zone_exists")),
    **dict.fromkeys(("zone_linked", "registration_off", "zone_limits"), ("zone_exists",)),
}


def check_vaults(world: World, estate: t.Sequence[Vault], wanted: Wanted) -> list[Checked]:
    """Check vaults; nothing is written. estate: from estate_of(), best over the same Snapshot: both read the same lists."""
    few = len(estate) <= FEW or "diagnostic_setting" in wanted.checks
    return [_checked(examined, wanted) for examined in examine(world, estate, wanted, few=few)]


def _checked(examined: Examined, wanted: Wanted) -> Checked:
    answers: dict[str, Answer] = {}
    for check in CHECKS:
        needed = next((each for each in _AFTER.get(check.id, ()) if answers[each].found), None)
        if check.id in _OF_DNS and not examined.readable:
            answers[check.id] = _skipped(examined, "endpoint_provisioned" if examined.routes else "endpoint_exists")
        elif check.id in _OF_ENDPOINTS and not any(route.path.exists for route in examined.routes):
            answers[check.id] = _skipped(examined, "endpoint_exists")
        elif needed:
            answers[check.id] = _skipped(examined, needed)
        elif wanted.asks(check.id) or check.severity == "error" or check.id in _NEEDED:
            answers[check.id] = FUNCTIONS[check.id](examined)
    document, gates = examined.vault.document, examined.gates
    shown = {
        "public_network_access": gates.public_network_access,
        "default_action": gates.default_action,
        "bypass": gates.bypass,
        "perimeter": gates.by_perimeter,
    }
    chosen = {check.id: answers[check.id] for check in wanted.chosen}
    others = {check: answer for check, answer in answers.items() if check not in chosen and BY_ID[check].severity == "error"}
    return Checked(examined.id, examined.name, str(document.get("location") or ""), chosen, shown, others)


_NEEDED = frozenset(("endpoint_provisioned", "connection_approved", "zone_exists"))


def _skipped(examined: Examined, needed: str) -> Answer:
    return Answer("skipped", f"First this has to be true: {BY_ID[needed].title[0].lower()}{BY_ID[needed].title[1:]}.")
