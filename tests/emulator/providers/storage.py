# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Storage accounts: their documents, which endpoints and diagnostic settings can lead to; no data (recorded:
test_private_endpoint_connection_storage_account).
"""

from __future__ import annotations

import re

from emulator.errors import ArmError, Json, resource_not_found
from emulator.providers import endpoint_parts, targets
from emulator.providers.common import collection, listed, location_of, normalized, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Storage/storageAccounts"


_NAME = re.compile(r"^[0-9a-z]{3,24}$")
_SERVICES = ("dfs", "blob", "queue", "table", "file")
_READ_ONLY = ("provisioningState", "creationTime", "primaryEndpoints", "primaryLocation", "statusOfPrimary", "privateEndpointConnections")


def _refusal(call: Call, name: str) -> tuple[str, str] | None:
    """Why a new account may not have a name, which is unique in all of Azure: the reason of the check, and the text."""
    if not _NAME.match(name):
        text = "Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."
        return "AccountNameInvalid", f"{name} is not a valid storage account name. {text}"
    if any(each.name == name for each in call.emulator.store.all_of_type(TYPE)):
        return "AlreadyExists", f"The storage account named {name} is already taken."
    return None


def _check_name(call: Call) -> Reply:
    refused = _refusal(call, str(call.document().get("name", "")))
    return Reply(200, {"nameAvailable": False, "reason": refused[0], "message": refused[1]} if refused else {"nameAvailable": True})


def _put(call: Call) -> Reply:
    """What was sent is stored as it was; what was not is Azure's default, or what the account has."""
    name, location, existing = call.parameters["account"], location_of(call), call.emulator.store.get(call.id)
    refused = None if existing else _refusal(call, name)
    if refused:
        taken = refused[0] == "AlreadyExists"
        raise ArmError(409 if taken else 400, "StorageAccountAlreadyTaken" if taken else "AccountNameInvalid", refused[1])
    before = existing.document if existing else {}
    document: Json = {
        "sku": _sku(call.document().get("sku") or before.get("sku") or {}),
        "kind": call.document().get("kind", "StorageV2"),
        "id": call.id,
        "name": name,
    }
    document |= {"type": TYPE, "location": location, "tags": tags_of(call.document()).get("tags", {})}
    if call.document().get("identity"):
        document["identity"] = call.document()["identity"]
    document["properties"] = {**_defaults(call, name, location), **before.get("properties", {}), **_sent(call)}
    return Reply(200, _rendered(call, call.emulator.store.put(call.id, document)))


def _patch(call: Call) -> Reply:
    """What was sent replaces what the account has, member by member."""
    record, body = _account(call), call.document()
    sent = {name: body[name] for name in ("kind", "identity") if body.get(name) is not None}
    sku = {"sku": _sku(body["sku"])} if body.get("sku") else {}
    record.document = {**record.document, **sent, **sku, **tags_of(body), "properties": {**record.properties, **_sent(call)}}
    return Reply(200, _rendered(call, record))


def _sent(call: Call) -> Json:
    return {name: value for name, value in call.properties().items() if value is not None and name not in _READ_ONLY}


def _sku(sent: Json) -> Json:
    name = str(sent.get("name") or "Standard_LRS")
    return {"name": name, "tier": name.partition("_")[0]}


def _defaults(call: Call, name: str, location: str) -> Json:
    """A new account (recorded, without the address of its web site, which has the number of a zone)."""
    return {
        "provisioningState": "Succeeded",
        "creationTime": call.emulator.clock.text(digits=7),
        "primaryEndpoints": {each: f"https://{name}.{each}.core.windows.net/" for each in _SERVICES},
        "primaryLocation": normalized(location),
        "statusOfPrimary": "available",
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "accessTier": "Hot",
        "networkAcls": {"bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [], "defaultAction": "Allow"},
        "encryption": {
            "services": {each: {"keyType": "Account", "enabled": True} for each in ("file", "blob")},
            "keySource": "Microsoft.Storage",
        },
    }


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
    route("POST", f"{_S}/providers/Microsoft.Storage/checkNameAvailability", _check_name, "Microsoft.Storage/checknameavailability/read"),
    route("PUT", _ONE, _put),
    route("PATCH", _ONE, _patch),
    route("GET", _ONE, _get),
    route("DELETE", _ONE, _delete),
    route("GET", _ONE + "/privateLinkResources", _link_resources),
    route("GET", _C, _connections),
    route("GET", _C + "/{connection}", _connection_get),
    route("PUT", _C + "/{connection}", _connection_put),
    route("DELETE", _C + "/{connection}", _connection_delete),
]
