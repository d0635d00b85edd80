# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left over: endpoints whose target is gone, and records that no endpoint answers for."""

from __future__ import annotations

from .._azure import kinds
from .._azure.world import World
from .._documents.compare import Document, at
from .._documents.endpoint import addresses_of, connection_of, state_of
from .._documents.ids import VAULT, ResourceId, subscription_scope
from .._documents.zone_records import creator_of
from .._resources.private_dns_a_record import addresses_of as record_addresses

# What a DNS zone group writes into the metadata of its records.


def orphans_of(world: World, zone: ResourceId | None) -> Document:
    """Return orphaned endpoints of the task's subscription and, of a zone, records that point to none of its endpoints."""
    subscription = world.subscription_id
    whole = subscription_scope(subscription)
    endpoints = world.list(kinds.ENDPOINT, whole, doing="list the private endpoints of the subscription")
    vaults = world.list(kinds.VAULT, whole, doing="list the key vaults of the subscription")
    found = [orphan for endpoint in endpoints for orphan in [_orphan(endpoint, vaults, subscription)] if orphan]
    records = _records(world, zone, endpoints) if zone else []
    # Only the addresses that were judged: what is added to a set later belongs to others.
    removal = {
        "ids": [endpoint["id"] for endpoint in found],
        "records": [{"id": record["id"], "ipv4_addresses": record["ipv4_addresses"]} for record in records],
    }
    return {"endpoints": found, "records": records, "removal": removal}


def _orphan(endpoint: Document, vaults: list[Document], subscription: str) -> Document | None:
    """Return why an endpoint is an orphan. A vault of another subscription is not judged: it may just not be visible."""
    target = str(connection_of(endpoint).get("privateLinkServiceId") or "")
    parsed = ResourceId.parse(target)
    state = state_of(endpoint).get("status")
    here = parsed is not None and parsed.is_type(VAULT) and parsed.subscription.casefold() == subscription.casefold()
    missing = here and target.rstrip("/").casefold() not in {str(vault["id"]).casefold() for vault in vaults}
    if state != "Disconnected" and not missing:
        return None
    parts = ResourceId.parse(endpoint["id"])
    reason = "the vault does not exist" if missing else "the owner removed the connection"
    group = parts.resource_group if parts else None
    return {"id": endpoint["id"], "name": endpoint["name"], "resource_group": group, "state": state, "target_id": target, "reason": reason}


def _records(world: World, zone: ResourceId, endpoints: list[Document]) -> list[Document]:
    doing = f"list the A records of zone '{zone.name}'"
    sets = world.list(kinds.A_RECORD, zone, doing=doing)
    whole = subscription_scope(world.subscription_id)
    interfaces = world.list(kinds.INTERFACE, whole, doing="list the network interfaces of the subscription")
    in_use = {address for interface in interfaces for address in addresses_of(interface)}
    guids = {str(at(endpoint, "properties.resourceGuid")).casefold() for endpoint in endpoints}
    return [orphan for record in sets for orphan in [_orphaned_record(record, in_use, guids)] if orphan]


def _orphaned_record(record: Document, in_use: set[str], guids: set[str]) -> Document | None:
    creator = creator_of(record)
    addresses = record_addresses(record)
    if creator:
        if creator[1] in guids:
            return None
        reason = f"private endpoint '{creator[0]}', which wrote it, does not exist"
    elif any(address in in_use for address in addresses):
        return None
    else:
        reason = "no network interface of the subscription has its addresses"
    return {"id": record["id"], "name": record["name"], "ipv4_addresses": addresses, "reason": reason}
