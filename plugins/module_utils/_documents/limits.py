# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of private link, looked at before the first write. Pure functions over what was read.

Source: the guide's section on limitations, and Azure's page on private link limits.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

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


@dataclasses.dataclass(frozen=True)
class Claim:
    """A part of a limit that a planned write takes up. place: what has the limit; by: who takes the part, once however often it says so.

    refuse: raises where there is no room for so many claims on the place.
    """

    place: str
    by: str
    refuse: t.Callable[[int], None]


def refuse_together(claims: t.Iterable[Claim]) -> None:
    """Refuse what fits one by one and not all together; the claims are those of a whole run."""
    takers: dict[str, dict[str, Claim]] = {}
    for claim in claims:
        takers.setdefault(claim.place.casefold(), {}).setdefault(claim.by.casefold(), claim)
    for those in takers.values():
        next(iter(those.values())).refuse(len(those))


def _claimed(place: str, by: str, refuse: t.Callable[[int], None]) -> Claim:
    """Refuse where there is not even room for one, and return the claim."""
    refuse(1)
    return Claim(place, by, refuse)


def network_claims(network: Document, subnet_name: str, by: str, limits: Limits) -> list[Claim]:
    """Return the claims of one more endpoint on a subnet and its network."""
    return [
        _claimed(
            f"{network['id']}/subnets/{subnet_name}", by, lambda requested: refuse_full_subnet(network, subnet_name, requested=requested)
        ),
        _claimed(network["id"], by, lambda requested: refuse_full_network(network, limits.endpoints_per_network, requested=requested)),
    ]


def vault_claim(vault: Document, by: str, limits: Limits) -> Claim:
    """Return the claim of one more endpoint on a vault."""
    return _claimed(vault["id"], by, lambda requested: refuse_full_vault(vault, limits.endpoints_per_vault, requested=requested))


def subscription_claim(vaults: list[Document], vault_id: str, subscription: str, limits: Limits) -> Claim:
    """Return the claim of a vault's first endpoint on its subscription."""
    return _claimed(
        f"/subscriptions/{subscription}",
        vault_id,
        lambda requested: refuse_full_subscription(vaults, limits.vaults_per_subscription, subscription, requested=requested),
    )


def zone_claim(zone: Document | None, by: str, count: str, most: str, what: str) -> Claim:
    """Return the claim of one more record set or link on a zone."""
    place = f"{(zone or {}).get('id')}/{count}"
    return _claimed(place, by, lambda requested: refuse_full_zone(zone, count, most, what, requested=requested))


def refuse_full_network(network: Document, limit: int | None = None, *, requested: int = 1) -> None:
    """Refuse a network that has no room for so many more endpoints."""
    subnets = at(network, "properties.subnets") or []
    existing = sum(len(at(subnet, "properties.privateEndpoints") or []) for subnet in subnets)
    usual = (
        ENDPOINTS_PER_LARGE_NETWORK if is_word(at(network, "properties.privateEndpointVNetPolicies"), "Basic") else ENDPOINTS_PER_NETWORK
    )
    most = usual if limit is None else limit
    if most and existing + requested > most:
        hint = "Use another virtual network, or set endpoints_per_network_limit to Azure's limit for this one, or to 0 to skip this check."
        raise _reached(f"Virtual network '{network['name']}' has {existing} private endpoints of {most}", network["id"], hint, requested)


def refuse_full_subnet(network: Document, subnet_name: str, *, requested: int = 1) -> None:
    """Refuse a subnet that has fewer free addresses than are requested."""
    subnets = at(network, "properties.subnets") or []
    subnet = next((item for item in subnets if item["name"].casefold() == subnet_name.casefold()), None)
    free = max(0, free_addresses(subnet)) if subnet is not None else requested
    if subnet is not None and free < requested:
        space = f"{free} free addresses" if free > 1 else "1 free address" if free else "no free address"
        raise _reached(
            f"Subnet '{subnet['name']}' has {space}",
            subnet["id"],
            "Use a larger subnet, or delete unused resources in this one.",
            requested,
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


def refuse_full_vault(vault: Document, limit: int = ENDPOINTS_PER_VAULT, *, requested: int = 1) -> None:
    """Refuse a vault that has no room for so many more endpoints."""
    if limit and connections_of(vault) + requested > limit:
        raise _reached(
            f"Key vault '{vault['name']}' has {connections_of(vault)} private endpoint connections of {limit}",
            vault["id"],
            "Remove connections that are no longer used, or set endpoints_per_vault_limit to "
            "the limit that Microsoft granted, or to 0 to skip this check.",
            requested,
        )


def refuse_full_subscription(vaults: list[Document], limit: int, subscription: str, *, requested: int = 1) -> None:
    """Refuse so many more vaults with endpoints in a subscription that has no room for them."""
    existing = sum(1 for vault in vaults if connections_of(vault))
    if limit and existing + requested > limit:
        raise _reached(
            f"Subscription '{subscription}' has {existing} key vaults with private endpoints of {limit}",
            f"/subscriptions/{subscription}",
            "Set vaults_with_endpoints_limit to the limit that Microsoft granted, or to 0 to skip this check, or use another subscription.",
            requested,
        )


def refuse_full_zone(zone: Document | None, count: str, most: str, what: str, *, requested: int = 1) -> None:
    """Refuse so many more record sets or links in a zone, by the zone's own counters."""
    existing, limit = at(zone, f"properties.{count}"), at(zone, f"properties.{most}")
    if zone and isinstance(existing, int) and isinstance(limit, int) and existing + requested > limit:
        raise _reached(
            f"Private DNS zone '{zone['name']}' has {existing} {what} of {limit}", zone["id"], "Delete what is no longer used.", requested
        )


def _reached(what: str, resource_id: str, hint: str, requested: int) -> Problem:
    """Return why there is no room. Where a run asks for several, they do not fit together."""
    more = f", and this task asks for {requested}" if requested > 1 else ""
    return Problem(f"{what}{more}", code="LimitReached", resource_id=resource_id, hint=hint)
