# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private endpoints (wire facts 2): creation, update, deletion, and their side of a connection."""

from __future__ import annotations

import uuid

from emulator import ids, locks
from emulator.core import Emulator
from emulator.errors import Json, network_not_found
from emulator.operations import Operation, effect
from emulator.providers import endpoint_checks, endpoint_parts, lro, targets
from emulator.providers.common import check_if_match, check_network_name, collection, listed, location_of, new_etag, normalized, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Network/privateEndpoints"
LISTS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")


def _put(call: Call) -> Reply:
    check_network_name(call, "privateEndpoints")
    store = call.emulator.store
    existing = store.get(call.id)
    check_if_match(call, existing)
    location, properties = normalized(location_of(call)), call.properties()
    if existing:
        endpoint_checks.check_idle(call, existing)
    subnet = endpoint_checks.subnet(call, properties, location)
    connections = {name: endpoint_checks.connections(call, properties.get(name) or [], manual=name == LISTS[1]) for name in LISTS}
    endpoint_checks.check_connections(call, connections, existing)
    endpoint_checks.check_groups(call, properties.get("applicationSecurityGroups") or [])
    if existing:
        endpoint_checks.check_unchanged(existing, subnet, connections)
        if _only_tags(existing, properties, call.document()):
            return _tags_only(call, existing)
    else:
        endpoint_checks.check_limits(call, subnet, connections)
    arguments = {"conflict": "" if existing else endpoint_checks.vault_conflict(call.emulator, connections)}
    record = _store(call, existing, location, subnet, connections)
    duration = "endpoint.update" if existing else "endpoint.create"
    operation = lro.begin_network(call, record.id, "endpoint.provisioned", duration, location, arguments)
    return lro.network_put(call, operation, rendered(call, record), created=existing is None)


def _only_tags(existing: Record, sent: Json, body: Json) -> bool:
    """Whether a PUT changes nothing but tags: it is over at once (wire facts 2)."""
    before = existing.properties
    same_groups = _ids(sent.get("applicationSecurityGroups")) == _ids(before.get("applicationSecurityGroups"))
    same_addresses = endpoint_parts.wanted_addresses(sent) == endpoint_parts.wanted_addresses(before)
    return (
        existing.state == "Succeeded" and same_groups and same_addresses and (body.get("tags") or {}) != existing.document.get("tags", {})
    )


def _ids(references: list[Json] | None) -> set[str]:
    return {str(each.get("id", "")).lower() for each in references or []}


def _tags_only(call: Call, existing: Record) -> Reply:
    document = {name: value for name, value in existing.document.items() if name != "tags"}
    existing.document = {**document, **tags_of(call.document()), "etag": new_etag()}
    operation = call.emulator.operations.finished(lro.new_token(), lro.NETWORK, existing.id)
    operation.facts = {"location": existing.document["location"]}
    return lro.network_put(call, operation, rendered(call, existing), created=False)


def _store(call: Call, existing: Record | None, location: str, subnet: Record, connections: dict[str, list[Json]]) -> Record:
    """The endpoint with its interface as the PUT's answer shows them."""
    sent, before = call.properties(), existing.properties if existing else {}
    endpoint = existing.id if existing else call.id
    document: Json = {
        "name": ids.name_of(endpoint),
        "id": endpoint,
        "etag": new_etag(),
        "type": TYPE,
        "location": location,
        **tags_of(call.document()),
    }
    if call.document().get("extendedLocation"):
        document["extendedLocation"] = call.document()["extendedLocation"]
    properties: Json = {"provisioningState": "Updating", "resourceGuid": before.get("resourceGuid", str(uuid.uuid4()))}
    for name in LISTS:
        properties[name] = [endpoint_parts.connection(endpoint, name, each, before.get(name, [])) for each in connections[name]]
    properties["customNetworkInterfaceName"] = before.get("customNetworkInterfaceName", sent.get("customNetworkInterfaceName") or "")
    properties["subnet"] = {"id": before.get("subnet", {"id": sent["subnet"]["id"]})["id"]}
    properties["ipConfigurations"] = [endpoint_parts.ip_configuration(endpoint, each) for each in sent.get("ipConfigurations") or []]
    if sent.get("applicationSecurityGroups"):
        properties["applicationSecurityGroups"] = [{"id": each["id"]} for each in sent["applicationSecurityGroups"]]
    for name in ("ipVersionType", "billingSku"):
        if sent.get(name):
            properties[name] = sent[name]
    document["properties"] = properties
    nic = endpoint_parts.interface(call, document, subnet, before)
    properties["networkInterfaces"] = [{"id": nic.id}]
    properties["customDnsConfigs"] = before.get("customDnsConfigs", [])
    return call.emulator.store.put(endpoint, document, existing.hidden if existing else {"connections": {}})


@effect("endpoint.provisioned")
def _provisioned(emulator: Emulator, operation: Operation) -> Json | None:
    """The connection appears at the target; the endpoint shows the target's text, and names."""
    endpoint = emulator.store.get(operation.target)
    if endpoint is None:
        return None
    for name in LISTS:
        for connection in endpoint.properties[name]:
            busy = operation.arguments.get("conflict")
            error = endpoint_checks.conflict(busy) if busy else _connect(emulator, endpoint, connection, automatic=name == LISTS[0])
            if error:
                endpoint.properties["provisioningState"] = "Failed"
                connection["properties"]["provisioningState"] = "Failed"
                endpoint.document["etag"] = new_etag()
                return error
    endpoint.properties["provisioningState"] = "Succeeded"
    endpoint_parts.refresh(emulator, endpoint)
    endpoint_parts.apply_policy(emulator, endpoint)
    return None


def _connect(emulator: Emulator, endpoint: Record, connection: Json, *, automatic: bool) -> Json | None:
    """Make the target's side of a connection where it is not there yet."""
    known = endpoint.hidden.setdefault("connections", {})
    if connection["name"] in known:
        return None
    target = targets.resolve(emulator, connection["properties"]["privateLinkServiceId"])
    if target is None:
        wanted = connection["properties"]["privateLinkServiceId"]
        text = f"Private link service id {wanted} referenced by private endpoint {endpoint.id} is invalid or was not found."
        return {"code": "InvalidPrivateLinkServiceId", "message": text, "details": []}
    locked = _locked(emulator, endpoint, target.id, "write")
    if locked:
        return locked
    known[connection["name"]] = targets.connect(emulator, endpoint, connection, target, automatic=automatic).id
    return None


def rendered(call: Call, record: Record) -> Json:
    """An endpoint as an api-version shows it: every part under the endpoint's etag."""
    etag, properties = record.document["etag"], dict(record.properties)
    for name in (*LISTS, "ipConfigurations"):
        properties[name] = [{**each, "etag": etag} for each in properties.get(name, [])]
    if call.api_version < "2020-03-01":
        properties.pop("customDnsConfigs", None)
    if call.api_version < "2021-05-01":
        for name in ("customNetworkInterfaceName", "ipConfigurations"):
            properties.pop(name, None)
    if call.api_version >= "2025-03-01":
        properties.setdefault("ipVersionType", "IPv4")
    return {**record.document, "properties": properties}


def endpoint_of(call: Call) -> Record:
    record = call.emulator.store.get(
        f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['endpoint']}"
    )
    if record is None:
        raise network_not_found(
            f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['endpoint']}"
        )
    return record


def _get(call: Call) -> Reply:
    record = endpoint_of(call)
    return Reply(200, rendered(call, record), {"ETag": record.document["etag"]})


def _list(call: Call) -> Reply:
    records = collection(call, TYPE)
    return listed(call, records, lambda record: rendered(call, record))


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)  # unrecorded: as the specification has it
    endpoint_checks.check_idle(call, record)
    running = call.emulator.operations.running(record.id)
    record.properties["provisioningState"] = "Deleting"
    operation = lro.begin_network(call, record.id, "endpoint.deleted", "endpoint.delete", record.document["location"])
    for each in running:
        call.emulator.operations.cancel(each, operation)
        each.facts["canceled_by"] = lro.network_headers(call, operation)["Azure-AsyncOperation"]
    return lro.network_delete(call, operation)


@effect("endpoint.deleted")
def _deleted(emulator: Emulator, operation: Operation) -> Json | None:
    record = emulator.store.get(operation.target)
    if record is None:
        return None
    for connection in record.hidden.get("connections", {}).values():
        error = _locked(emulator, record, connection.rsplit("/", 2)[0], "delete") if connection in emulator.store else None
        if error:
            record.properties["provisioningState"] = "Failed"
            return error
    remove(emulator, record)
    return None


def _locked(emulator: Emulator, endpoint: Record, target: str, verb: str) -> Json | None:
    """The network provider makes and deletes connections at a target of another provider, whose locks hold for it too.

    Second-hand: a deletion at a storage account (terraform-provider-azurerm#17478).
    """
    parsed = ids.parse(target)
    if parsed is None or parsed.type == targets.PLS:
        return None
    proxy = f"{target}/privateEndpointConnectionProxies/{endpoint.name}.{endpoint.properties['resourceGuid']}"
    message = locks.refusal(emulator.store, proxy, verb)
    kind = targets.KINDS[parsed.type].type
    return {"code": "ScopeLocked", "message": f"Call to {kind} failed. Error message: {message}", "details": []} if message else None


def remove(emulator: Emulator, record: Record) -> None:
    """An endpoint goes with its interface, its zone groups' records and the target's side of its connections."""
    from emulator.providers import zone_group

    for group in emulator.store.children(f"{record.id}/privateDnsZoneGroups"):
        zone_group.remove(emulator, group)
    for connection in record.hidden.get("connections", {}).values():
        found = emulator.store.get(connection)
        if found and ids.same(found.hidden.get("endpoint"), record.id):
            emulator.store.delete(found.id)
    for nic in record.properties.get("networkInterfaces", []):
        emulator.store.delete(nic["id"])
    emulator.store.delete(record.id)


def _available_types(call: Call) -> Reply:
    """The types that endpoints can lead to in a region."""
    group = f"/resourceGroups/{call.group}" if call.group else ""
    prefix = f"/subscriptions/{call.subscription}{group}/providers/Microsoft.Network/AvailablePrivateEndpointTypes"
    values = [
        {
            "name": kind.type.replace("/", "."),
            "id": f"{prefix}/{kind.type.replace('/', '.')}",
            "type": "Microsoft.Network/AvailablePrivateEndpointTypes",
            "resourceName": kind.type,
            "displayName": kind.type,
            "apiVersion": kind.version,
        }
        for kind in targets.KINDS.values()
    ]
    return Reply(200, {"value": values})


_S = "/subscriptions/{subscription}"
_G = f"{_S}/resourceGroups/{{group}}"
_N = f"{_G}/providers/{TYPE}"
_REGION = "Microsoft.Network/locations/{location}"

ROUTES = [
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _N, _list),
    route("PUT", _N + "/{endpoint}", _put),
    route("GET", _N + "/{endpoint}", _get),
    route("DELETE", _N + "/{endpoint}", _delete),
    *(route("GET", f"{each}/providers/{_REGION}/availablePrivateEndpointTypes", _available_types) for each in (_S, _G)),
]
