# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Storage accounts: only so much that an endpoint can lead to something that is no vault (recorded:
test_private_endpoint_connection_storage_account).
"""

from __future__ import annotations

from emulator.errors import Json, resource_not_found
from emulator.providers import endpoint_parts, targets
from emulator.providers.common import collection, listed, location_of, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Storage/storageAccounts"


def _put(call: Call) -> Reply:
    name, location = call.parameters["account"], location_of(call)
    document: Json = {
        "sku": call.document().get("sku") or {"name": "Standard_LRS"},
        "kind": call.document().get("kind", "StorageV2"),
        "id": call.id,
        "name": name,
    }
    document |= {"type": TYPE, "location": location, "tags": tags_of(call.document()).get("tags", {})}
    document["properties"] = {"provisioningState": "Succeeded", "primaryEndpoints": {"blob": f"https://{name}.blob.core.windows.net/"}}
    return Reply(200, _rendered(call, call.emulator.store.put(call.id, document)))


def _rendered(call: Call, record: Record) -> Json:
    connections = call.emulator.store.children(f"{record.id}/privateEndpointConnections")
    return {
        **record.document,
        "properties": {**record.properties, "privateEndpointConnections": [_connection(each) for each in connections]},
    }


def _connection(record: Record) -> Json:
    """A connection with this provider's own spelling ``actionRequired``."""
    state = {name: value for name, value in record.properties["privateLinkServiceConnectionState"].items() if name != "actionsRequired"}
    properties = {**record.properties, "privateLinkServiceConnectionState": {**state, "actionRequired": "None"}}
    return {**record.document, "properties": properties}


def _account(call: Call) -> Record:
    record = call.emulator.store.get(
        f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['account']}"
    )
    if record is None:
        raise resource_not_found(f"{TYPE}/{call.parameters['account']}", call.group)
    return record


def _get(call: Call) -> Reply:
    return Reply(200, _rendered(call, _account(call)))


def _list(call: Call) -> Reply:
    records = collection(call, TYPE)
    return listed(call, records, lambda record: _rendered(call, record))


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    for connection in call.emulator.store.children(f"{record.id}/privateEndpointConnections"):
        endpoint_parts.disconnect(call.emulator, connection, target_gone=True)
    call.emulator.store.delete(record.id)
    return Reply(200)


def _link_resources(call: Call) -> Reply:
    record = _account(call)
    values = [
        {
            "id": f"{record.id}/privateLinkResources/{name}",
            "name": name,
            "type": f"{TYPE}/privateLinkResources",
            "properties": {"groupId": name, "requiredMembers": list(group.members), "requiredZoneNames": [group.zone]},
        }
        for name, group in targets.KINDS[targets.STORAGE].groups.items()
    ]
    return Reply(200, {"value": values})


def _connections(call: Call) -> Reply:
    return listed(call, call.emulator.store.children(f"{_account(call).id}/privateEndpointConnections"), _connection)


def _one(call: Call) -> Record:
    record = call.emulator.store.get(f"{_account(call).id}/privateEndpointConnections/{call.parameters['connection']}")
    if record is None:
        raise resource_not_found(
            f"{TYPE}/{call.parameters['account']}/privateEndpointConnections/{call.parameters['connection']}", call.group
        )
    return record


def _connection_get(call: Call) -> Reply:
    return Reply(200, _connection(_one(call)))


def _connection_put(call: Call) -> Reply:
    record, sent = _one(call), call.properties().get("privateLinkServiceConnectionState") or {}
    state = {"status": sent.get("status"), "description": sent.get("description") or "", "actionsRequired": "None"}
    record.properties["privateLinkServiceConnectionState"] = state
    endpoint = call.emulator.store.get(record.hidden.get("endpoint"))
    if endpoint:
        endpoint_parts.refresh(call.emulator, endpoint)
    return Reply(200, _connection(record))


def _connection_delete(call: Call) -> Reply:
    endpoint_parts.disconnect(call.emulator, _one(call), target_gone=False)
    return Reply(200)


_S = "/subscriptions/{subscription}"
_A = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"
_ONE = _A + "/{account}"
_C = _ONE + "/privateEndpointConnections"

ROUTES = [
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _A, _list),
    route("PUT", _ONE, _put),
    route("GET", _ONE, _get),
    route("DELETE", _ONE, _delete),
    route("GET", _ONE + "/privateLinkResources", _link_resources),
    route("GET", _C, _connections),
    route("GET", _C + "/{connection}", _connection_get),
    route("PUT", _C + "/{connection}", _connection_put),
    route("DELETE", _C + "/{connection}", _connection_delete),
]
