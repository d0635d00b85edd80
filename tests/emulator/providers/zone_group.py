# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private DNS zone groups (wire facts 9): one for each endpoint, and the records that they write into zones."""

from __future__ import annotations

import uuid

from emulator import access, ids
from emulator.core import Emulator
from emulator.errors import Json, network_error, network_not_found, parent_not_found
from emulator.operations import Operation, effect
from emulator.providers import endpoint_checks, endpoint_parts, lro, private_endpoint, targets
from emulator.providers.common import check_if_match, check_network_name, listed, new_etag
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups"
TTL = 10


def _put(call: Call) -> Reply:
    check_network_name(call, "privateDnsZoneGroups")
    endpoint = call.emulator.store.get(call.id.rsplit("/", 2)[0])
    if endpoint is None:
        raise parent_not_found("write", "privateEndpoints/privateDnsZoneGroups", call.id.rsplit("/", 2)[0])
    _check_state(call, endpoint)
    existing = call.emulator.store.get(call.id)
    check_if_match(call, existing)
    if existing and call.emulator.operations.running(existing.id):
        raise endpoint_checks.retryable(
            "RetryableErrorDueToAnotherOperation",
            f"Operation PutPrivateDnsZoneGroupOperation is updating resource {existing.id}. The call can be retried in 14 seconds.",
        )
    others = [each for each in call.emulator.store.children(f"{endpoint.id}/privateDnsZoneGroups") if not ids.same(each.id, call.id)]
    if others:
        raise network_error(
            400,
            "MultiplePrivateDnsZoneGroupsNotAllowed",
            f"Cannot create more than one private dns zone groups in the private endpoint {endpoint.id}.",
        )
    configs = [
        (str(each.get("name") or ""), str((each.get("properties") or {}).get("privateDnsZoneId") or ""))
        for each in call.properties().get("privateDnsZoneConfigs") or []
    ]
    _check_configs(call, configs)
    record = _store(call.emulator, endpoint, existing.id if existing else call.id, configs)
    operation = lro.begin_network(call, record.id, "zone_group.provisioned", "zone_group.put", endpoint.document["location"])
    return lro.network_put(call, operation, rendered(record), created=existing is None)


def _check_state(call: Call, endpoint: Record) -> None:
    """The endpoint has to be Succeeded; the text is the recorded one of a deletion."""
    if endpoint.state not in ("Updating", "Deleting"):
        return
    verb = "DeletePrivateEndpointOperation" if endpoint.state == "Deleting" else "PutPrivateEndpointOperation"
    text = (
        f"Cannot proceed with operation because resource {endpoint.id} used by resource {call.id} is not in Succeeded state. "
        f"Resource is in {endpoint.state} state and the last operation that updated/is updating the resource is {verb}."
    )
    if endpoint.state == "Deleting":
        raise network_error(400, "ReferencedResourceNotProvisioned", text)
    raise endpoint_checks.retryable("ReferencedResourceNotProvisioned", text)


def _check_configs(call: Call, configs: list[tuple[str, str]]) -> None:
    names = [name.lower() for name, _unused in configs]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        detail = {
            "code": "DuplicateResourceName",
            "message": f"Resource {call.id} has two child resources with the same name ({repeated}).",
        }
        raise network_error(400, "InvalidRequestFormat", "Cannot parse the request.", details=[detail])
    most = call.emulator.settings.limits["zones_per_group"]
    if len(configs) > most:
        raise network_error(
            400, "TooManyPrivateDnsZoneConfigs", f"Private DNS zone group {call.id} has more than {most} private DNS zone configs."
        )
    for _unused, zone in configs:
        parsed = ids.parse(zone)
        if parsed is None or parsed.type != "microsoft.network/privatednszones":
            message = f"Private Dns Zone group {call.id} has invalid private dns zone ids {zone}."
            raise network_error(400, "InvalidPrivateDnsZoneIds", message)
        access.require_linked(call, "Microsoft.Network/privateDnsZones/join/action", zone)


def _store(emulator: Emulator, endpoint: Record, group: str, configs: list[tuple[str, str]]) -> Record:
    document: Json = {"name": ids.name_of(group), "id": group, "etag": new_etag(), "type": TYPE}
    document["properties"] = {
        "provisioningState": "Updating",
        "privateDnsZoneConfigs": [_config(emulator, endpoint, group, *each) for each in configs],
    }
    existing = emulator.store.get(group)
    return emulator.store.put(group, document, existing.hidden if existing else {"records": []})


def _config(emulator: Emulator, endpoint: Record, group: str, name: str, zone: str) -> Json:
    return {
        "name": name,
        "id": f"{group}/privateDnsZoneConfigs/{name}",
        "type": f"{TYPE}/privateDnsZoneConfigs",
        "properties": {
            "provisioningState": "Updating",
            "privateDnsZoneId": zone,
            "recordSets": _record_sets(emulator, endpoint, zone, "Updating"),
        },
    }


def _record_sets(emulator: Emulator, endpoint: Record, zone: str, state: str) -> list[Json]:
    """The records for a zone: none where its name is not the service's (recorded).

    unrecorded: an endpoint that is not approved has none either.
    """
    found = []
    zone_name = ids.name_of(zone).lower()
    for each in endpoint_parts.connections_of(endpoint):
        properties = each["properties"]
        kind, target = targets.kind_of(properties["privateLinkServiceId"]), ids.name_of(properties["privateLinkServiceId"]).lower()
        approved = properties["privateLinkServiceConnectionState"]["status"] == "Approved"
        for group_id in properties.get("groupIds", []):
            group = kind.groups.get(group_id.lower()) if kind else None
            if approved and group and emulator.cloud.localized(group.zone) == zone_name:
                addresses = endpoint_parts.address_of(emulator, endpoint, group_id, group.members)
                found.append(_record_set(target, zone_name, addresses, state))
    return found


def _record_set(name: str, zone: str, addresses: list[str], state: str) -> Json:
    return {
        "recordType": "A",
        "recordSetName": name,
        "fqdn": f"{name}.{zone}",
        "ttl": TTL,
        "provisioningState": state,
        "ipAddresses": addresses,
    }


def deploy(emulator: Emulator, endpoint: Record, name: str, zones: list[str]) -> None:
    """A zone group that something else than a user makes: Azure Policy."""
    group = f"{endpoint.id}/privateDnsZoneGroups/{name}"
    configs = [(ids.name_of(each).replace(".", "-"), each) for each in zones]
    record = _store(emulator, endpoint, group, configs)
    seconds = emulator.settings.seconds("zone_group.put")
    emulator.operations.begin(str(uuid.uuid4()), lro.NETWORK, record.id, "zone_group.provisioned", seconds=seconds)


@effect("zone_group.provisioned")
def _provisioned(emulator: Emulator, operation: Operation) -> Json | None:
    group = emulator.store.get(operation.target)
    endpoint = emulator.store.get(operation.target.rsplit("/", 2)[0])
    if group is None or endpoint is None:
        return None
    missing = [zone for zone in _zones(group) if zone not in emulator.store]
    group.document["etag"] = new_etag()
    if missing:
        group.properties["provisioningState"] = "Failed"
        text = f"Private Dns Zone group {group.id} has invalid private dns zone ids {', '.join(missing)}."
        return {"code": "InvalidPrivateDnsZoneIds", "message": text, "details": []}
    endpoint_parts.refresh(emulator, endpoint)
    group.properties["provisioningState"] = "Succeeded"
    return None


def _zones(group: Record) -> list[str]:
    return [each["properties"]["privateDnsZoneId"] for each in group.properties["privateDnsZoneConfigs"]]


def write_records(emulator: Emulator, endpoint: Record) -> None:
    """Make the zones have the records of an endpoint's groups, and no longer those that the groups wrote before.

    unrecorded: the metadata's text, which is that of portal screenshots; a set that exists is overwritten.
    """
    from emulator.providers import record_sets

    for group in emulator.store.children(f"{endpoint.id}/privateDnsZoneGroups"):
        wanted: dict[str, list[str]] = {}
        for config in group.properties["privateDnsZoneConfigs"]:
            properties = config["properties"]
            properties["recordSets"] = _record_sets(emulator, endpoint, properties["privateDnsZoneId"], "Succeeded")
            properties["provisioningState"] = "Succeeded"
            zone = emulator.store.get(properties["privateDnsZoneId"])
            for each in properties["recordSets"] if zone else []:
                wanted[f"{properties['privateDnsZoneId']}/A/{each['recordSetName']}"] = each["ipAddresses"]
        for stale in set(group.hidden.get("records", [])) - wanted.keys():
            _remove_record(emulator, endpoint, stale)
        creator = f"created by private endpoint {endpoint.name} with resource guid {endpoint.properties['resourceGuid']}"
        for record_id, addresses in wanted.items():
            record_sets.write_a(emulator, record_id, addresses, TTL, {"creator": creator}, endpoint.id)
        group.hidden["records"] = sorted(wanted)


def _remove_record(emulator: Emulator, endpoint: Record, record_id: str) -> None:
    """A record goes unless another endpoint has written it since."""
    record = emulator.store.get(record_id)
    if record and ids.same(record.hidden.get("endpoint"), endpoint.id):
        emulator.store.delete(record_id)


def remove(emulator: Emulator, group: Record) -> None:
    endpoint = emulator.store.get(group.id.rsplit("/", 2)[0])
    for each in group.hidden.get("records", []) if endpoint else []:
        if endpoint:
            _remove_record(emulator, endpoint, each)
    emulator.store.delete(group.id)


def rendered(record: Record) -> Json:
    etag = record.document["etag"]
    configs = [{**each, "etag": etag} for each in record.properties["privateDnsZoneConfigs"]]
    return {**record.document, "properties": {**record.properties, "privateDnsZoneConfigs": configs}}


def _get(call: Call) -> Reply:
    private_endpoint.endpoint_of(call)
    record = call.emulator.store.get(call.id)
    if record is None:
        raise network_not_found(call.id)
    return Reply(200, rendered(record), {"ETag": record.document["etag"]})


def _list(call: Call) -> Reply:
    endpoint = private_endpoint.endpoint_of(call)
    return listed(call, call.emulator.store.children(f"{endpoint.id}/privateDnsZoneGroups"), rendered)


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    endpoint = call.emulator.store.get(call.id.rsplit("/", 2)[0])
    if record is None or endpoint is None:
        return Reply(204)
    if endpoint.state == "Deleting":
        _check_state(call, endpoint)
    record.properties["provisioningState"] = "Deleting"
    operation = lro.begin_network(call, record.id, "zone_group.deleted", "zone_group.delete", endpoint.document["location"])
    return lro.network_delete(call, operation)


@effect("zone_group.deleted")
def _deleted(emulator: Emulator, operation: Operation) -> Json | None:
    group = emulator.store.get(operation.target)
    endpoint = emulator.store.get(operation.target.rsplit("/", 2)[0])
    if group:
        remove(emulator, group)
    if endpoint:
        endpoint_parts.refresh(emulator, endpoint)
    return None


_G = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateEndpoints/{endpoint}/privateDnsZoneGroups"

ROUTES = [
    route("GET", _G, _list),
    route("PUT", _G + "/{zoneGroup}", _put),
    route("GET", _G + "/{zoneGroup}", _get),
    route("DELETE", _G + "/{zoneGroup}", _delete),
]
