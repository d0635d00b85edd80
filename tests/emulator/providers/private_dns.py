# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private DNS zones and virtual network links (wire facts 6 and 7): every write is accepted, what is wrong comes in the poll."""

from __future__ import annotations

import time
import uuid

from emulator import access, ids
from emulator.core import Emulator
from emulator.errors import ArmError, Json, bad_request, parent_not_found, resource_not_found
from emulator.operations import Operation, effect
from emulator.providers import lro
from emulator.providers.common import collection, listed, same_etag, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

ZONE = "Microsoft.Network/privateDnsZones"
LINK = f"{ZONE}/virtualNetworkLinks"
POLICIES = ("Default", "NxDomainRedirect")
SOA = {
    "email": "azureprivatedns-host.microsoft.com",
    "expireTime": 2419200,
    "host": "azureprivatedns.net",
    "minimumTtl": 10,
    "refreshTime": 3600,
    "retryTime": 300,
    "serialNumber": 1,
}


def _begin(call: Call, verb: str, duration: str, name: str, arguments: Json) -> Reply:
    emulator = call.emulator
    arguments |= {"if_match": call.headers.get("If-Match", ""), "if_none_match": call.headers.get("If-None-Match", "")}
    token = lro.private_dns_token(verb, call.subscription)
    operation = emulator.operations.begin(token, lro.PRIVATE_DNS, call.id, name, arguments, seconds=emulator.settings.seconds(duration))
    return lro.private_dns_accepted(call, operation)


def _precondition(operation: Operation, existing: Record | None, exists: str, modified: str) -> Json | None:
    """PreconditionFailed as the operation reports it."""
    requested = operation.arguments
    if requested["if_none_match"] == "*" and existing:
        return {"code": "PreconditionFailed", "message": exists}
    wanted = requested["if_match"]
    if wanted and wanted != "*" and (existing is None or not same_etag(wanted, existing.document["etag"])):
        return {"code": "PreconditionFailed", "message": modified}
    return None


# Zones


def _zone_put(call: Call) -> Reply:
    body, name = call.document(), call.parameters["zone"]
    labels = name.split(".")
    if len(name) > 253 or not 2 <= len(labels) <= 34 or any(not 1 <= len(each) <= 63 for each in labels):
        raise bad_request(
            "BadRequest", f"The zone name '{name}' is not valid: it has 2 to 34 labels of 1 to 63 characters, separated by dots."
        )
    if not body.get("location"):
        raise bad_request("LocationRequired", "The location property is required for this definition.")
    if str(body["location"]).lower() != "global":
        message = (
            f"The provided location '{body['location']}' is not available for resource type 'Microsoft.Network/privateDnsZones'. "
            "List of available regions for the resource type is 'global'."
        )
        raise bad_request("LocationNotAvailableForResourceType", message)
    zones = call.emulator.store.typed(call.subscription, ZONE)
    most = call.emulator.settings.limits["zones_per_subscription"]
    if call.id not in call.emulator.store and len(zones) >= most:
        raise bad_request("PrivateZonesLimitExceeded", f"The subscription has reached its limit of {most} private DNS zones.")
    return _begin(call, "UpsertPrivateDnsZone", "zone.put", "zone.put", {"tags": tags_of(body)})


def _zone_patch(call: Call) -> Reply:
    return _begin(
        call, "UpsertPrivateDnsZone", "zone.put", "zone.put", {"tags": tags_of(call.document()), "patch": True, **_must_exist(call)}
    )


def _must_exist(call: Call) -> Json:
    if call.id not in call.emulator.store:
        raise resource_not_found(f"{call.route.type.split('/')[0]}/{call.id.split('/providers/')[1].partition('/')[2]}", call.group)
    return {}


@effect("zone.put")
def _zone_stored(emulator: Emulator, operation: Operation) -> Json | None:
    existing, name = emulator.store.get(operation.target), ids.name_of(operation.target)
    exists = f"The Zone {name} exists already and hence cannot be created again."
    error = _precondition(operation, existing, exists, f"The Zone {name} has been modified (etag mismatch).")
    if error:
        return error
    zone = existing.id if existing else operation.target
    document: Json = {"id": zone, "name": ids.name_of(zone), "type": ZONE, "etag": str(uuid.uuid4()), "location": "global"}
    kept = {"tags": existing.document["tags"]} if existing and operation.arguments.get("patch") and "tags" in existing.document else {}
    emulator.store.put(zone, {**document, **kept, **operation.arguments["tags"], "properties": {"provisioningState": "Succeeded"}})
    if existing is None:
        own = {"fqdn": f"{ids.name_of(zone)}.", "ttl": 3600, "soaRecord": dict(SOA), "isAutoRegistered": False}
        soa: Json = {"id": f"{zone}/SOA/@", "name": "@", "type": f"{ZONE}/SOA", "etag": str(uuid.uuid4()), "properties": own}
        emulator.store.put(f"{zone}/SOA/@", soa)
    return None


def zone_rendered(emulator: Emulator, record: Record) -> Json:
    """A zone with its limits and counts."""
    limits = emulator.settings.limits
    links = emulator.store.children(f"{record.id}/virtualNetworkLinks")
    counts = {
        "maxNumberOfRecordSets": limits["record_sets_per_zone"],
        "maxNumberOfVirtualNetworkLinks": limits["links_per_zone"],
        "maxNumberOfVirtualNetworkLinksWithRegistration": limits["registration_links_per_zone"],
        "numberOfRecordSets": record_count(emulator, record),
        "numberOfVirtualNetworkLinks": len(links),
        "numberOfVirtualNetworkLinksWithRegistration": sum(bool(each.properties["registrationEnabled"]) for each in links),
    }
    return {**record.document, "properties": {**counts, **record.properties}}


def record_count(emulator: Emulator, zone: Record) -> int:
    return sum(len(emulator.store.collection(f"{zone.id}/{kind}")) for kind in ("A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT"))


def zone_of(call: Call) -> Record | None:
    return call.emulator.store.get(
        f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{ZONE}/{call.parameters['zone']}"
    )


def _zone_get(call: Call) -> Reply:
    record = zone_of(call)
    if record is None:
        raise resource_not_found(f"{ZONE}/{call.parameters['zone']}", call.group)
    return Reply(200, zone_rendered(call.emulator, record), {"ETag": record.document["etag"]})


def _zone_list(call: Call) -> Reply:
    records = collection(call, ZONE)
    return listed(call, records, lambda record: zone_rendered(call.emulator, record))


def _zone_delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    links = call.emulator.store.children(f"{record.id}/virtualNetworkLinks")
    if links:
        nested = ", ".join(f"'{each.id.split('/providers/')[1]}'" for each in links[:3])
        message = (
            f"Cannot delete resource while nested resources exist. Some existing nested resource IDs include: {nested}. "
            "Please delete all nested resources before deleting this resource."
        )
        raise ArmError(409, "CannotDeleteResource", message)
    return _begin(call, "DeletePrivateDnsZone", "zone.delete", "zone.delete", {})


@effect("zone.delete")
def _zone_deleted(emulator: Emulator, operation: Operation) -> Json | None:
    existing, name = emulator.store.get(operation.target), ids.name_of(operation.target)
    error = _precondition(operation, existing, "", f"The Zone {name} has been modified (etag mismatch).")
    if error is None:
        emulator.store.delete(operation.target)
    return error


# Links


def _link_etag() -> str:
    return f'"{uuid.uuid4().hex[:8]}-0000-0100-0000-{int(time.time()):08x}0000"'


def _link_put(call: Call) -> Reply:
    zone = zone_of(call)
    if zone is None:
        parent = call.id.rsplit("/", 2)[0]
        raise parent_not_found("write", "privateDnsZones/virtualNetworkLinks", parent)
    body, properties = call.document(), call.properties()
    network = ids.parse((properties.get("virtualNetwork") or {}).get("id"))
    if network is None or network.type != "microsoft.network/virtualnetworks":
        raise bad_request("BadRequest", "The virtual network of the virtual network link is not valid.")
    return _begin(call, "UpsertVirtualNetworkLink", "link.put", "link.put", _link_arguments(call, body, properties))


def _link_arguments(call: Call, body: Json, properties: Json) -> Json:
    policy = properties.get("resolutionPolicy")
    if policy is not None and policy not in POLICIES:
        raise bad_request("BadRequest", f"The value '{policy}' of resolutionPolicy is not valid; it is one of {', '.join(POLICIES)}.")
    found: Json = {"tags": tags_of(body)}
    if properties.get("virtualNetwork"):
        found["network"] = properties["virtualNetwork"]["id"]
        access.require_linked(call, "Microsoft.Network/virtualNetworks/join/action", found["network"])
    if properties.get("registrationEnabled") is not None:
        found["registration"] = bool(properties["registrationEnabled"])
    if policy:
        found["policy"] = policy
    return found


def _link_patch(call: Call) -> Reply:
    _must_exist(call)
    return _begin(
        call,
        "UpsertVirtualNetworkLink",
        "link.put",
        "link.put",
        {**_link_arguments(call, call.document(), call.properties()), "patch": True},
    )


@effect("link.put")
def _link_stored(emulator: Emulator, operation: Operation) -> Json | None:
    existing, requested = emulator.store.get(operation.target), operation.arguments
    link = existing.id if existing else operation.target
    zone = emulator.store.get(link.rsplit("/", 2)[0])
    if zone is None:
        return {"code": "ParentResourceNotFound", "message": f"The parent resource '{link.rsplit('/', 2)[0]}' could not be found."}
    name = ids.name_of(link)
    exists = f"The Virtual Network link {name} for the Private DNS zone {zone.name} exists already and hence cannot be created again."
    modified = f"The Virtual Network link '{name}' for the Private DNS zone '{zone.name}' has been modified (etag mismatch)."
    error = _precondition(operation, existing, exists, modified) or _link_conflict(emulator, zone, link, existing, requested)
    if error:
        return error
    _store_link(emulator, zone, link, existing, requested)
    return None


def _store_link(emulator: Emulator, zone: Record, link: str, existing: Record | None, requested: Json) -> None:
    before = existing.properties if existing else {}
    patch = bool(requested.get("patch"))
    registration = requested.get("registration", before.get("registrationEnabled", False) if patch else False)
    properties: Json = {"provisioningState": "Succeeded", "registrationEnabled": registration}
    policy = (
        requested.get("policy")
        or (before.get("resolutionPolicy") if patch else None)
        or ("Default" if zone.name.lower().startswith("privatelink.") else None)
    )
    if policy:
        properties["resolutionPolicy"] = policy
    properties["virtualNetwork"] = before.get("virtualNetwork") or {"id": requested["network"]}
    turned_on = registration and not before.get("registrationEnabled")
    properties["virtualNetworkLinkState"] = "InProgress" if turned_on else "Completed"
    document: Json = {"id": link, "name": ids.name_of(link), "type": LINK, "etag": _link_etag(), "location": "global"}
    kept = {"tags": existing.document["tags"]} if existing and patch and "tags" in existing.document else {}
    emulator.store.put(link, {**document, **kept, **requested["tags"], "properties": properties})
    if turned_on:
        seconds = emulator.settings.seconds("link.registration")
        emulator.operations.begin(str(uuid.uuid4()), "change", link, "link.registered", seconds=seconds)


@effect("link.registered")
def _link_registered(emulator: Emulator, operation: Operation) -> Json | None:
    link = emulator.store.get(operation.target)
    if link:
        link.properties["virtualNetworkLinkState"] = "Completed"
    return None


def _link_conflict(emulator: Emulator, zone: Record, link: str, existing: Record | None, requested: Json) -> Json | None:
    """What keeps a network from being linked; the text of "already linked" is second-hand, those here are unrecorded."""
    network = requested.get("network")
    if existing:
        if network and not ids.same(existing.properties["virtualNetwork"]["id"], network):
            return {"code": "BadRequest", "message": f"The virtual network of link '{ids.name_of(link)}' cannot be changed."}
        return None
    if emulator.store.get(network) is None:
        return {"code": "BadRequest", "message": f"The virtual network '{network}' could not be found."}
    registering = bool(requested.get("registration"))
    return _zone_conflict(emulator, zone, str(network), registering) or _other_zone(emulator, zone, str(network), registering)


def _zone_conflict(emulator: Emulator, zone: Record, network: str, registering: bool) -> Json | None:
    """A zone's own links: one for a network, and not too many."""
    links, limits = emulator.store.children(f"{zone.id}/virtualNetworkLinks"), emulator.settings.limits
    if any(ids.same(each.id.rsplit("/", 2)[0], zone.id) for each in emulator.store.referring("virtualNetwork", LINK, network)):
        return {"code": "Conflict", "message": f"Private zone '{zone.name}' is already linked to the virtual network '{network}'."}
    if len(links) >= limits["links_per_zone"]:
        return {
            "code": "Conflict",
            "message": f"The private zone '{zone.name}' has reached its limit of {limits['links_per_zone']} virtual network links.",
        }
    if registering and sum(bool(each.properties["registrationEnabled"]) for each in links) >= limits["registration_links_per_zone"]:
        return {
            "code": "Conflict",
            "message": f"The private zone '{zone.name}' has reached its limit of virtual network links with registration.",
        }
    return None


def _other_zone(emulator: Emulator, zone: Record, network: str, registering: bool) -> Json | None:
    """A network's other links: not to a zone of the same name, and only one with registration."""
    for other in emulator.store.referring("virtualNetwork", LINK, network):
        other_zone = other.id.rsplit("/", 2)[0]
        if ids.name_of(other_zone).lower() == zone.name.lower():
            message = (
                "A virtual network cannot be linked to multiple zones with overlapping namespaces. "
                f"You tried to link virtual network with '{zone.name}' and '{ids.name_of(other_zone)}' zones."
            )
            return {"code": "BadRequest", "message": message}
        if registering and other.properties["registrationEnabled"]:
            message = (
                f"The virtual network '{network}' is already linked with registration "
                f"enabled to the private zone '{ids.name_of(other_zone)}'."
            )
            return {"code": "Conflict", "message": message}
    return None


def _link_get(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        raise resource_not_found(f"{ZONE}/{call.parameters['zone']}/virtualNetworkLinks/{call.parameters['link']}", call.group)
    return Reply(200, _link_rendered(call, record), {"ETag": record.document["etag"]})


def _link_rendered(call: Call, record: Record) -> Json:
    if call.api_version >= "2024-06-01" or "resolutionPolicy" not in record.properties:
        return record.document
    return {**record.document, "properties": {name: value for name, value in record.properties.items() if name != "resolutionPolicy"}}


def _link_list(call: Call) -> Reply:
    if zone_of(call) is None:
        raise resource_not_found(f"{ZONE}/{call.parameters['zone']}", call.group)
    return listed(call, call.emulator.store.children(call.id), lambda record: _link_rendered(call, record))


def _link_delete(call: Call) -> Reply:
    if call.id not in call.emulator.store:
        return Reply(204)
    return _begin(call, "DeleteVirtualNetworkLink", "link.delete", "link.delete", {})


@effect("link.delete")
def _link_deleted(emulator: Emulator, operation: Operation) -> Json | None:
    existing, name = emulator.store.get(operation.target), ids.name_of(operation.target)
    zone = ids.name_of(operation.target.rsplit("/", 2)[0])
    modified = f"The Virtual Network link '{name}' for the Private DNS zone '{zone}' has been modified (etag mismatch)."
    error = _precondition(operation, existing, "", modified)
    if error is None:
        emulator.store.delete(operation.target)
    return error


_S = "/subscriptions/{subscription}"
_Z = f"{_S}/resourceGroups/{{group}}/providers/{ZONE}"
_ONE = _Z + "/{zone}"
_L = _ONE + "/virtualNetworkLinks"

ROUTES = [
    route("GET", f"{_S}/providers/{ZONE}", _zone_list),
    route("GET", _Z, _zone_list),
    route("PUT", _ONE, _zone_put),
    route("PATCH", _ONE, _zone_patch),
    route("GET", _ONE, _zone_get),
    route("DELETE", _ONE, _zone_delete),
    route("GET", _L, _link_list),
    route("PUT", _L + "/{link}", _link_put),
    route("PATCH", _L + "/{link}", _link_patch),
    route("GET", _L + "/{link}", _link_get),
    route("DELETE", _L + "/{link}", _link_delete),
]
