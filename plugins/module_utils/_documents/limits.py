# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of private link, looked at before the first write. Pure functions over what was read.

Source: the guide's section on limitations, and Azure's page on private link limits.
"""

from __future__ import annotations

import dataclasses
import ipaddress

from .._errors import Problem
from .compare import Document, at, is_word
from .states import REFUSED

ENDPOINTS_PER_VAULT = 64
VAULTS_PER_SUBSCRIPTION = 400  # a default, which Microsoft raises on request
ENDPOINTS_PER_NETWORK = 1000
ENDPOINTS_PER_LARGE_NETWORK = 5000  # with privateEndpointVNetPolicies: Basic
_KEPT_BY_AZURE = 5  # the first four addresses of a subnet and the last


@dataclasses.dataclass(frozen=True)
class Limits:
    """
    What a user says of limits that Microsoft may have raised; 0 leaves one to Azure, None is the
    limit that the network's own setting implies.
    """

    vaults_per_subscription: int = VAULTS_PER_SUBSCRIPTION
    endpoints_per_vault: int = ENDPOINTS_PER_VAULT
    endpoints_per_network: int | None = None


def refuse_full_network(network: Document, limit: int | None = None) -> None:
    """Refuse a network with all the endpoints that it may have."""
    subnets = at(network, "properties.subnets") or []
    held = sum(len(at(subnet, "properties.privateEndpoints") or []) for subnet in subnets)
    usual = (
        ENDPOINTS_PER_LARGE_NETWORK if is_word(at(network, "properties.privateEndpointVNetPolicies"), "Basic") else ENDPOINTS_PER_NETWORK
    )
    most = usual if limit is None else limit
    if most and held >= most:
        hint = "Use another virtual network, or set endpoints_per_network_limit to Azure's limit for this one, or to 0 to skip this check."
        raise _reached(f"Virtual network '{network['name']}' has {held} private endpoints of {most}", network["id"], hint)


def refuse_full_subnet(network: Document, subnet_name: str) -> None:
    """Refuse a subnet without a free address."""
    subnets = at(network, "properties.subnets") or []
    subnet = next((item for item in subnets if item["name"].casefold() == subnet_name.casefold()), None)
    if subnet is not None and free_addresses(subnet) < 1:
        raise _reached(
            f"Subnet '{subnet['name']}' has no free address", subnet["id"], "Use a larger subnet, or delete unused resources in this one."
        )


def free_addresses(subnet: Document) -> int:
    """Return how many IPv4 addresses a subnet can still give."""
    prefixes = at(subnet, "properties.addressPrefixes") or [at(subnet, "properties.addressPrefix")]
    networks = [ipaddress.ip_network(prefix) for prefix in prefixes if prefix]
    size = sum(network.num_addresses - _KEPT_BY_AZURE for network in networks if network.version == 4)
    return size - len(at(subnet, "properties.ipConfigurations") or [])


def connections_of(vault: Document) -> int:
    """Return how many private endpoint connections of a vault are in use or wait for their owner; refused and lost ones do not count."""
    listed = at(vault, "properties.privateEndpointConnections") or []
    return sum(1 for item in listed if not is_word(at(item, "properties.privateLinkServiceConnectionState.status"), *REFUSED))


def refuse_full_vault(vault: Document, limit: int = ENDPOINTS_PER_VAULT) -> None:
    """Refuse a vault that has all the endpoints that it may have."""
    if limit and connections_of(vault) >= limit:
        raise _reached(
            f"Key vault '{vault['name']}' has {connections_of(vault)} private endpoint connections of {limit}",
            vault["id"],
            "Remove connections that are no longer used, or set endpoints_per_vault_limit to "
            "the limit that Microsoft granted, or to 0 to skip this check.",
        )


def refuse_full_subscription(vaults: list[Document], limit: int, subscription: str) -> None:
    """Refuse one more vault with endpoints in a subscription that has all it may have."""
    held = sum(1 for vault in vaults if connections_of(vault))
    if limit and held >= limit:
        raise _reached(
            f"Subscription '{subscription}' has {held} key vaults with private endpoints of {limit}",
            f"/subscriptions/{subscription}",
            "Set vaults_with_endpoints_limit to the limit that Microsoft granted, or to 0 to skip this check, or use another subscription.",
        )


def refuse_full_zone(zone: Document | None, count: str, most: str, what: str) -> None:
    """Refuse one more record set or link in a zone, by the zone's own counters."""
    held, limit = at(zone, f"properties.{count}"), at(zone, f"properties.{most}")
    if zone and isinstance(held, int) and isinstance(limit, int) and held >= limit:
        raise _reached(f"Private DNS zone '{zone['name']}' has {held} {what} of {limit}", zone["id"], "Delete what is no longer used.")


def _reached(what: str, resource_id: str, hint: str) -> Problem:
    return Problem(what, code="LimitReached", resource_id=resource_id, hint=hint)
