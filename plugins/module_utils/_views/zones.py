# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in private DNS: zones with their counters and links, and A record sets. Reads by lists, since single reads are throttled early."""

from __future__ import annotations

from .._azure.arm import Arm
from .._documents.compare import Document, at
from .._documents.ids import ResourceId
from .._resources.private_dns_a_record import PrivateDnsARecordSet, addresses_of
from .._resources.private_dns_zone import PrivateDnsZone

_COUNTERS = {
    "record_sets": "numberOfRecordSets",
    "max_record_sets": "maxNumberOfRecordSets",
    "virtual_network_links": "numberOfVirtualNetworkLinks",
    "max_virtual_network_links": "maxNumberOfVirtualNetworkLinks",
}


def zones_of(arm: Arm, subscription: str, group: str | None) -> list[Document]:
    """Return the zones of a resource group, or of the whole subscription."""
    operation, where = ("list_by_resource_group", (group,)) if group else ("list", ())
    doing = f"list the private DNS zones of {f'resource group {group!r}' if group else 'the subscription'}"
    return [_zone(zone) for zone in arm.list(subscription, f"{PrivateDnsZone.operations}.{operation}", *where, doing=doing)]


def zone_of(arm: Arm, zone: ResourceId) -> list[Document]:
    """Return the one zone, with its links, as a list that is empty where there is none."""
    group, name = str(zone.resource_group), zone.name
    found = PrivateDnsZone.look(arm, zone)
    if found is None:
        return []
    links = arm.list(zone.subscription, "privatedns.virtual_network_links.list", group, name, doing=f"list the links of zone '{name}'")
    return [{**_zone(found), "links": [_link(link) for link in links]}]


def records_of(arm: Arm, zone: ResourceId, name: str | None) -> list[Document]:
    """Return the A record sets of a zone, or the one of that name."""
    if name is not None:
        found = PrivateDnsARecordSet.look(arm, zone.child("A", name))
        return [_record(found)] if found else []
    where, doing = (str(zone.resource_group), zone.name), f"list the A records of zone '{zone.name}'"
    return [_record(item) for item in arm.list(zone.subscription, "privatedns.record_sets.list_by_type", *where, "A", doing=doing)]


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
