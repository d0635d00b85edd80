# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What is in private DNS: zones with their counters and links, and A record sets. Reads by lists, since single reads are throttled early.
"""

from __future__ import annotations

from .._azure import kinds
from .._azure.world import World
from .._documents.compare import Document, at
from .._documents.ids import ResourceId, group_scope, subscription_scope
from .._resources.private_dns_a_record import addresses_of

_COUNTERS = {
    "record_sets": "numberOfRecordSets",
    "max_record_sets": "maxNumberOfRecordSets",
    "virtual_network_links": "numberOfVirtualNetworkLinks",
    "max_virtual_network_links": "maxNumberOfVirtualNetworkLinks",
}


def zones_of(world: World, subscription: str, group: str | None) -> list[Document]:
    """Return the zones of a resource group, or of the whole subscription."""
    scope = group_scope(subscription, group) if group else subscription_scope(subscription)
    doing = f"list the private DNS zones of {f'resource group {group!r}' if group else 'the subscription'}"
    return [_zone(zone) for zone in world.list(kinds.ZONE, scope, doing=doing)]


def zone_of(world: World, zone: ResourceId) -> list[Document]:
    """Return the one zone, with its links, as a list that is empty if there is none."""
    found = world.get(kinds.ZONE, zone)
    if found is None:
        return []
    links = world.list(kinds.ZONE_LINK, zone, doing=f"list the links of zone '{zone.name}'")
    return [{**_zone(found), "links": [_link(link) for link in links]}]


def records_of(world: World, zone: ResourceId, name: str | None) -> list[Document]:
    """Return the A record sets of a zone, or the one of that name."""
    if name is not None:
        found = world.get(kinds.A_RECORD, zone.child("A", name))
        return [_record(found)] if found else []
    return [_record(item) for item in world.list(kinds.A_RECORD, zone, doing=f"list the A records of zone '{zone.name}'")]


def _zone(zone: Document) -> Document:
    parts = ResourceId.parse(zone["id"])
    counters = {key: at(zone, f"properties.{name}") for key, name in _COUNTERS.items()}
    return {
        "id": zone["id"],
        "name": zone["name"],
        "resource_group": parts.resource_group if parts else None,
        "tags": zone.get("tags") or {},
        **counters,
    }


def _link(link: Document) -> Document:
    return {
        "id": link["id"],
        "name": link["name"],
        "virtual_network_id": at(link, "properties.virtualNetwork.id"),
        "registration_enabled": bool(at(link, "properties.registrationEnabled")),
        "resolution_policy": at(link, "properties.resolutionPolicy"),
        "state": at(link, "properties.virtualNetworkLinkState"),
    }


def _record(record: Document) -> Document:
    return {
        "id": record["id"],
        "name": record["name"],
        "fqdn": str(at(record, "properties.fqdn") or "").rstrip("."),
        "ttl": at(record, "properties.ttl"),
        "ipv4_addresses": addresses_of(record),
        "metadata": at(record, "properties.metadata") or {},
        "auto_registered": bool(at(record, "properties.isAutoRegistered")),
    }
