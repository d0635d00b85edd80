# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may reach a vault over its public address, and whether a change lets in more. Pure functions over vaults as they were read.

Two gates stand there: publicNetworkAccess, and behind it networkAcls. Disabled closes to all but trusted Microsoft services, where the
bypass lets them in; SecuredByPerimeter lets in what the rules of the network security perimeter say, and trusted services no more than
others. Source: Key Vault's page on network security, "Restrictions and limitations".
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from .compare import Document, at, is_word
from .firewall import meaning
from .states import spelled

OPEN = "Enabled"
CLOSED = "Disabled"
PERIMETER = "SecuredByPerimeter"


@dataclasses.dataclass(frozen=True)
class Admitted:
    """
    Who gets in over the public address. everybody: any address; trusted_services: what bypass
    AzureServices lets in; perimeter: its rules decide.
    """

    everybody: bool = False
    trusted_services: bool = False
    perimeter: bool = False
    ip_rules: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()


def public_access_of(vault: Document | None) -> str:
    """Return Enabled, Disabled or SecuredByPerimeter in this spelling; a vault that does not say it is Enabled."""
    return spelled(at(vault, "properties.publicNetworkAccess") or OPEN) or OPEN


def is_secured_by_perimeter(vault: Document | None) -> bool:
    """Return whether a network security perimeter decides who reaches the vault."""
    return public_access_of(vault) == PERIMETER


def is_closed(vault: Document | None) -> bool:
    """Return whether the public address is closed: disabled, or secured by a perimeter. An unknown word is not a proof of that."""
    return public_access_of(vault) in (CLOSED, PERIMETER)


def admitted(vault: Document | None) -> Admitted:
    """Return who gets in over the public address of a vault."""
    access, acls = public_access_of(vault), at(vault, "properties.networkAcls") or {}
    if access == PERIMETER:
        return Admitted(perimeter=True)
    trusted = is_word(acls.get("bypass") or "AzureServices", "AzureServices")
    if access == CLOSED:
        return Admitted(trusted_services=trusted)
    if is_word(acls.get("defaultAction") or "Allow", "Allow"):
        return Admitted(everybody=True, trusted_services=True)
    addresses = tuple(meaning(rule, "value") for rule in acls.get("ipRules") or [])
    subnets = tuple(str(rule.get("id")) for rule in acls.get("virtualNetworkRules") or [])
    return Admitted(trusted_services=trusted, ip_rules=addresses, subnet_ids=subnets)


def loosened(before: Document | None, after: Document | None) -> list[str]:
    """Return who gets in after a change and did not before, as words for a sentence; nothing where a change is as strict or stricter.

    Leaving a perimeter always counts: the vault does not show what the rules of the perimeter denied.
    """
    was, becomes = admitted(before), admitted(after)
    found = ["clients that the rules of its network security perimeter blocked"] if was.perimeter and not becomes.perimeter else []
    if becomes.everybody and not was.everybody:
        return [*found, "everybody"]
    if was.everybody:
        return found
    if becomes.trusted_services and not was.trusted_services:
        found.append("trusted Microsoft services")
    found += [f"the addresses {rule}" for rule in becomes.ip_rules if not _covered(rule, was.ip_rules)]
    known = {subnet.rstrip("/").casefold() for subnet in was.subnet_ids}
    return found + [f"the subnet {subnet}" for subnet in becomes.subnet_ids if subnet.rstrip("/").casefold() not in known]


def _covered(rule: str, rules: t.Iterable[str]) -> bool:
    try:
        network = ipaddress.ip_network(rule, strict=False)
        return any(network.subnet_of(t.cast(t.Any, ipaddress.ip_network(other, strict=False))) for other in rules)
    except (TypeError, ValueError):
        return rule in rules
