# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The owner's side: private endpoint connections of vaults and managed HSMs, and private link resources (wire facts 3 and 4)."""

from __future__ import annotations

import base64
import json
import uuid

from emulator import ids
from emulator.core import Emulator
from emulator.errors import ArmError, Json, bad_request, resource_not_found
from emulator.operations import Operation, effect
from emulator.providers import endpoint_checks, endpoint_parts, targets
from emulator.providers.common import listed
from emulator.store import Record
from emulator.wire import Call, Reply, Route, route

STATUSES = ("Pending", "Approved", "Rejected", "Disconnected")
DELETE_SECONDS = 30
"""unrecorded: that a deletion asks for patience is in the specification; how much follows from the recorded intervals."""
VERBS = {"Approved": "approve", "Rejected": "reject"}


def _owner(call: Call) -> Record:
    """The vault or managed HSM of a path."""
    kind, name = call.route.segments[6], call.parameters["vault"]
    record = call.emulator.store.get(
        f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/Microsoft.KeyVault/{kind}/{name}"
    )
    if record is None:
        raise resource_not_found(f"Microsoft.KeyVault/{kind}/{name}", call.group)
    return record


def _connection(call: Call) -> Record:
    """unrecorded: a connection that is missing; the gateway's 404 is what Azure says of other nested resources."""
    owner = _owner(call)
    record = call.emulator.store.get(f"{owner.id}/privateEndpointConnections/{call.parameters['connection']}")
    if record is None:
        kind = call.route.segments[6]
        raise resource_not_found(
            f"Microsoft.KeyVault/{kind}/{owner.name}/privateEndpointConnections/{call.parameters['connection']}", call.group
        )
    return record


def _get(call: Call) -> Reply:
    operation = call.query.get("kv-operation")
    if operation:
        return _polled(call, operation)
    record = _connection(call)
    return Reply(200, record.document, call.emulator.settings.fast_hint() if record.state in ("Updating", "Deleting") else {})


def _polled(call: Call, text: str) -> Reply:
    """The URL of an operation: of a deletion 202 until 204 (recorded).

    unrecorded: of an approval or a rejection; the connection itself, as its address says.
    """
    try:
        code = str(json.loads(base64.b64decode(text + "=" * (-len(text) % 4)))["code"])
    except (ValueError, KeyError, TypeError):
        raise bad_request("BadRequest", "The value of kv-operation is not valid.") from None
    record = call.emulator.store.get(call.id)
    if code.endswith("/delete"):
        if record is None or record.state != "Deleting":
            return Reply(204)
        return Reply(202, None, {"Location": _operation_url(call, "delete", ""), **call.emulator.settings.hint(DELETE_SECONDS)})
    if record is None:
        return Reply(204)
    return Reply(200, record.document, call.emulator.settings.fast_hint() if record.state == "Updating" else {})


def _operation_url(call: Call, verb: str, etag: str) -> str:
    """The connection's own URL with what is going on (recorded: KPEC#25)."""
    text = json.dumps(
        {"code": f"privateEndpointConnections/{verb}", "st": call.emulator.clock.text(digits=3), "etag": etag}, separators=(",", ":")
    )
    encoded = base64.b64encode(text.encode()).decode().rstrip("=")
    return call.url(call.id, f"api-version={call.api_version}&kv-operation={encoded}")


def _put(call: Call) -> Reply:
    """Approve or reject, in any direction; the status is there at once, done is it once Updating is over."""
    record, emulator = _connection(call), call.emulator
    sent = call.properties().get("privateLinkServiceConnectionState") or {}
    status = sent.get("status") or ""
    if status not in STATUSES:
        raise bad_request(
            "BadRequest", f"The status '{status}' of a private endpoint connection is not valid; it is one of {', '.join(STATUSES)}."
        )
    owner = record.id.rsplit("/", 2)[0]
    if endpoint_checks.busy(emulator, owner):
        raise ArmError(409, "ConflictError", endpoint_checks.conflict_text(ids.name_of(owner)))
    etag = uuid.uuid4().hex
    document = {**record.document, "etag": etag}
    state = {"status": status, "description": sent.get("description") or "", "actionsRequired": "None"}
    document["properties"] = {**record.properties, "provisioningState": "Updating", "privateLinkServiceConnectionState": state}
    record.document = document
    emulator.operations.begin(
        str(uuid.uuid4()), "change", record.id, "connection.changed", seconds=emulator.settings.seconds("connection.put")
    )
    url = _operation_url(call, VERBS.get(status, "update"), etag)
    return Reply(200, document, {"Azure-AsyncOperation": url, **emulator.settings.fast_hint()})


@effect("connection.changed")
def _changed(emulator: Emulator, operation: Operation) -> Json | None:
    """Done: a new etag, and only now the endpoint sees it."""
    record = emulator.store.get(operation.target)
    if record is None:
        return None
    record.document = {**record.document, "etag": uuid.uuid4().hex, "properties": {**record.properties, "provisioningState": "Succeeded"}}
    endpoint = emulator.store.get(record.hidden.get("endpoint"))
    if endpoint:
        endpoint_parts.refresh(emulator, endpoint)
    return None


def _delete(call: Call) -> Reply:
    """The connection goes, after a while; the endpoint loses its target."""
    record, emulator = call.emulator.store.get(call.id), call.emulator
    _owner(call)
    if record is None:
        return Reply(204)  # unrecorded: as the specification has it
    owner = record.id.rsplit("/", 2)[0]
    if endpoint_checks.busy(emulator, owner, besides=record.id):
        raise ArmError(409, "ConflictError", endpoint_checks.conflict_text(ids.name_of(owner)))
    running = emulator.operations.running(record.id)
    record.document = {**record.document, "properties": {**record.properties, "provisioningState": "Deleting"}}
    deletion = emulator.operations.begin(
        str(uuid.uuid4()), "change", record.id, "connection.deleted", seconds=emulator.settings.seconds("connection.delete")
    )
    for each in running:
        emulator.operations.cancel(each, deletion)
    return Reply(202, None, {"Location": _operation_url(call, "delete", uuid.uuid4().hex), **emulator.settings.hint(DELETE_SECONDS)})


@effect("connection.deleted")
def _deleted(emulator: Emulator, operation: Operation) -> Json | None:
    record = emulator.store.get(operation.target)
    if record:
        endpoint_parts.disconnect(emulator, record, target_gone=False)
    return None


def _list(call: Call) -> Reply:
    owner = _owner(call)
    # a managed HSM's are as inside it: without name, type and location (recorded); unrecorded for
    # vaults: as the specification's example has them
    left_out = ("name", "type", "location") if call.route.segments[6] == "managedHSMs" else ()
    records = call.emulator.store.children(f"{owner.id}/privateEndpointConnections")
    return listed(call, records, lambda record: {name: each for name, each in record.document.items() if name not in left_out})


def _link_resources(call: Call) -> Reply:
    owner, kind = _owner(call), call.route.segments[6]
    name = "Microsoft.KeyVault/" + kind
    groups, cloud = targets.KINDS[name.lower()].groups, call.emulator.cloud
    values = [_link_resource(owner, name, group_id, group, cloud.localized(group.zone)) for group_id, group in groups.items()]
    return Reply(200, {"value": values})


def _link_resource(owner: Record, kind: str, group_id: str, group: targets.Group, zone: str) -> Json:
    return {
        "id": f"{owner.id}/privateLinkResources/{group_id}",
        "name": group_id,
        "type": f"{kind}/privateLinkResources",
        "properties": {"groupId": group_id, "requiredMembers": list(group.members), "requiredZoneNames": [zone]},
    }


def _routes(kind: str) -> list[Route]:
    owner = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/Microsoft.KeyVault/{kind}/{{vault}}"
    one = f"{owner}/privateEndpointConnections/{{connection}}"
    return [
        route("GET", f"{owner}/privateEndpointConnections", _list),
        route("GET", one, _get, query=("kv-operation",)),
        route("PUT", one, _put),
        route("DELETE", one, _delete),
        route("GET", f"{owner}/privateLinkResources", _link_resources),
    ]


ROUTES = [*_routes("vaults"), *_routes("managedHSMs")]
