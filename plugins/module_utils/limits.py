# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of private link, looked at before the first write. Pure functions over what was read.

Source: the guide's section on limitations, and Azure's page on private link limits.
"""

from __future__ import annotations

import ipaddress

from .compare import Document, at, is_word
from .errors import Problem

ENDPOINTS_PER_VAULT = 64
VAULTS_PER_SUBSCRIPTION = 400  # a default, which Microsoft raises on request
ENDPOINTS_PER_NETWORK = 1000
ENDPOINTS_PER_LARGE_NETWORK = 5000  # with privateEndpointVNetPolicies: Basic
_KEPT_BY_AZURE = 5  # the first four addresses of a subnet and the last


def refuse_full_network(network: Document, subnet_name: str) -> None:
    """Refuse a subnet without a free address, and a network with all the endpoints that it may have."""
    subnets = at(network, "properties.subnets") or []
    held = sum(len(at(subnet, "properties.privateEndpoints") or []) for subnet in subnets)
    most = ENDPOINTS_PER_LARGE_NETWORK if is_word(at(network, "properties.privateEndpointVNetPolicies"), "Basic") else ENDPOINTS_PER_NETWORK
    if held >= most:
        raise _reached(f"Virtual network '{network['name']}' has {held} private endpoints of {most}", network["id"], "Use another virtual network.")
    subnet = next((item for item in subnets if item["name"].casefold() == subnet_name.casefold()), None)
    if subnet is not None and free_addresses(subnet) < 1:
        raise _reached(f"Subnet '{subnet['name']}' has no free address", subnet["id"], "Use a larger subnet, or remove what is unused in this one.")


def free_addresses(subnet: Document) -> int:
    """Return how many IPv4 addresses a subnet can still give."""
    prefixes = at(subnet, "properties.addressPrefixes") or [at(subnet, "properties.addressPrefix")]
    networks = [ipaddress.ip_network(prefix) for prefix in prefixes if prefix]
    size = sum(network.num_addresses - _KEPT_BY_AZURE for network in networks if network.version == 4)
    return size - len(at(subnet, "properties.ipConfigurations") or [])


def connections_of(vault: Document) -> int:
    """Return how many private endpoint connections a vault has."""
    return len(at(vault, "properties.privateEndpointConnections") or [])


def refuse_full_vault(vault: Document) -> None:
    """Refuse a vault that has all the endpoints that it may have."""
    if connections_of(vault) >= ENDPOINTS_PER_VAULT:
        what = f"Key vault '{vault['name']}' has {connections_of(vault)} private endpoint connections of {ENDPOINTS_PER_VAULT}"
        raise _reached(what, vault["id"], "Remove connections that are no longer used.")


def refuse_full_subscription(vaults: list[Document], limit: int, subscription: str) -> None:
    """Refuse one more vault with endpoints in a subscription that has all it may have."""
    held = sum(1 for vault in vaults if connections_of(vault))
    if held >= limit:
        raise _reached(
            f"Subscription '{subscription}' has {held} key vaults with private endpoints of {limit}",
            f"/subscriptions/{subscription}",
            "Ask Microsoft for a higher limit and set vaults_with_endpoints_limit to it, or use another subscription.",
        )


def refuse_full_zone(zone: Document | None, count: str, most: str, what: str) -> None:
    """Refuse one more record set or link in a zone, by the zone's own counters."""
    held, limit = at(zone, f"properties.{count}"), at(zone, f"properties.{most}")
    if zone and isinstance(held, int) and isinstance(limit, int) and held >= limit:
        raise _reached(f"Private DNS zone '{zone['name']}' has {held} {what} of {limit}", zone["id"], "Remove what is no longer used.")


def _reached(what: str, resource_id: str, hint: str) -> Problem:
    return Problem(what, code="LimitReached", resource_id=resource_id, hint=hint)
