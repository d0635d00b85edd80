# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long-running operations on the wire: how each provider announces them and answers polls (wire facts 1)."""

from __future__ import annotations

import base64
import json
import uuid

from emulator.errors import ArmError, Json
from emulator.operations import Operation
from emulator.wire import Call, Reply, route

NETWORK = "network"
PRIVATE_DNS = "privatedns"
GROUP = "group"
PURGE = "purge"
_SECONDS_0001_TO_1970 = 62_135_596_800


def signed(call: Call, token: str) -> str:
    """The query of an operation's URL: with the parts that Azure signs it with (shortened)."""
    ticks = int((call.emulator.clock.now() + _SECONDS_0001_TO_1970) * 10_000_000)
    mark = base64.urlsafe_b64encode(uuid.uuid5(uuid.NAMESPACE_URL, token).bytes).decode().rstrip("=")
    return f"api-version={call.api_version}&t={ticks}&c={mark}&s={mark[::-1]}&h={mark[:12]}"


def new_token() -> str:
    return str(uuid.uuid4())


# Microsoft.Network


def network_headers(call: Call, operation: Operation, *, location: bool = False) -> dict[str, str]:
    """Azure-AsyncOperation; with Location also (deletions)."""
    base = f"/subscriptions/{call.subscription}/providers/Microsoft.Network/locations/{operation.facts.get('location', 'westeurope')}"
    query = signed(call, operation.token)
    headers = {"Azure-AsyncOperation": call.url(f"{base}/operations/{operation.token}", query)}
    if location:
        headers["Location"] = call.url(f"{base}/operationResults/{operation.token}", query)
    return headers


def begin_network(
    call: Call, target: str, name: str, duration: str, location: str, arguments: Json | None = None, *, hint: float = 10
) -> Operation:
    seconds = call.emulator.settings.seconds(duration)
    operation = call.emulator.operations.begin(new_token(), NETWORK, target, name, arguments, seconds=seconds)
    operation.facts = {"location": location, "hint": hint}
    return operation


def network_put(call: Call, operation: Operation, body: Json, *, created: bool) -> Reply:
    """201 or 200 with the whole resource; a hint only while something goes on."""
    hint = call.emulator.settings.hint(operation.facts.get("hint", 10)) if operation.running else {}
    return Reply(201 if created else 200, body, {**network_headers(call, operation), **hint})


def network_delete(call: Call, operation: Operation) -> Reply:
    headers = {**network_headers(call, operation, location=True), **call.emulator.settings.hint(operation.facts.get("hint", 10))}
    return Reply(202, None, headers)


def _network_status(call: Call) -> Reply:
    operation = _operation(call, NETWORK)
    if operation.running:
        operation.polls += 1
        hint = float(operation.facts.get("hint", 10)) * 2 ** (operation.polls - 1)
        return Reply(200, {"status": "InProgress"}, call.emulator.settings.hint(hint))
    headers = {"Canceled-By-Azure-AsyncOperation": operation.facts.get("canceled_by", "")} if operation.status == "Canceled" else {}
    return Reply(200, _status_body(operation), headers)


def _network_result(call: Call) -> Reply:
    operation = _operation(call, NETWORK)
    headers = network_headers(call, operation, location=True)
    if operation.running:
        return Reply(202, None, {**headers, **call.emulator.settings.hint(operation.facts.get("hint", 10))})
    if operation.error:
        raise ArmError(409, operation.error["code"], operation.error["message"], details=operation.error.get("details", []))
    return Reply(204, None, headers)


# Private DNS


def private_dns_token(verb: str, subscription: str) -> str:
    return base64.b64encode(f"FrontEndAsyncOperation;{verb};{uuid.uuid4()}_{subscription}".encode()).decode()


def private_dns_accepted(call: Call, operation: Operation) -> Reply:
    """202 with ``{}`` (deletions: nothing), both headers, and half a minute of patience asked for."""
    return Reply(202, None if call.method == "DELETE" else {}, _private_dns_headers(call, operation))


def _private_dns_headers(call: Call, operation: Operation) -> dict[str, str]:
    base = f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/Microsoft.Network"
    query = signed(call, operation.token)
    return {
        "Azure-AsyncOperation": call.url(f"{base}/privateDnsOperationStatuses/{operation.token}", query),
        "Location": call.url(f"{base}/privateDnsOperationResults/{operation.token}", query),
        **call.emulator.settings.hint(30),
    }


def _private_dns_status(call: Call) -> Reply:
    operation = _operation(call, PRIVATE_DNS)
    if operation.running:
        return Reply(202, {"status": "InProgress"}, _private_dns_headers(call, operation))
    return Reply(200, _status_body(operation))


def _private_dns_result(call: Call) -> Reply:
    """unrecorded: the resource once it is there, as the specification's examples have it."""
    operation = _operation(call, PRIVATE_DNS)
    if operation.running:
        return Reply(202, {}, _private_dns_headers(call, operation))
    if operation.error:
        return Reply(200, _status_body(operation))
    record = call.emulator.store.get(operation.target)
    return Reply(200, record.document) if record else Reply(204)


# Resource groups


def group_headers(call: Call, operation: Operation) -> dict[str, str]:
    path = f"/subscriptions/{call.subscription}/operationresults/{operation.token}"
    return {"Location": call.url(path, signed(call, operation.token)), **call.emulator.settings.hint(15)}


def group_token(name: str, location: str) -> str:
    job = {"jobId": f"RESOURCEGROUPDELETIONJOB-{name.upper()}-{uuid.uuid4().hex.upper()}-{location.upper()}", "jobLocation": location}
    return base64.urlsafe_b64encode(json.dumps(job, separators=(",", ":")).encode()).decode().rstrip("=")


def _group_result(call: Call) -> Reply:
    operation = _operation(call, GROUP)
    if operation.running:
        return Reply(202, None, group_headers(call, operation))
    if operation.error:
        raise ArmError(409, operation.error["code"], operation.error["message"], details=operation.error.get("details"))
    return Reply(200)


# Purges of vaults


def purge_headers(call: Call, operation: Operation) -> dict[str, str]:
    location = operation.facts.get("location", "")
    path = f"/subscriptions/{call.subscription}/providers/Microsoft.KeyVault/locations/{location}/operationResults/{operation.token}"
    # unrecorded: the hint is in the specification, its value follows from the recorded intervals
    return {"Location": call.url(path, signed(call, operation.token)), **call.emulator.settings.hint(5)}


def purge_token() -> str:
    return base64.urlsafe_b64encode(f"UT|{uuid.uuid4().hex.upper()}".encode()).decode().rstrip("=")


def _purge_result(call: Call) -> Reply:
    operation = _operation(call, PURGE)
    clock = call.emulator.clock
    body = {"createdDateTime": clock.text(moment=operation.started).replace("T", " ")}
    if operation.running:
        return Reply(202, {**body, "status": "NotStarted"}, purge_headers(call, operation))
    ended = clock.text(moment=operation.last_action).replace("T", " ")
    return Reply(200, {**body, "lastActionDateTime": ended, "status": operation.status})


def _operation(call: Call, kind: str) -> Operation:
    found = call.emulator.operations.get(call.parameters["operation"])
    if found is None or found.kind != kind:
        # unrecorded: what Azure answers to an operation that it does not know
        raise ArmError(404, "OperationNotFound", f"The operation '{call.parameters['operation']}' could not be found.")
    return found


def _status_body(operation: Operation) -> Json:
    """The network provider says the status first, private DNS the error; both are recorded."""
    return {"error": operation.error, "status": operation.status} if operation.error else {"status": operation.status}


_SUBSCRIPTION = "/subscriptions/{subscription}"
_LOCATIONS = _SUBSCRIPTION + "/providers/Microsoft.Network/locations/{location}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{group}/providers/Microsoft.Network"
READ = "Microsoft.Resources/subscriptions/operationresults/read"

# the network provider lets whoever began an operation ask for it, whatever the scope of their rights
ROUTES = [
    route("GET", f"{_LOCATIONS}/operations/{{operation}}", _network_status, ""),
    route("GET", f"{_LOCATIONS}/operationResults/{{operation}}", _network_result, ""),
    route("GET", f"{_GROUP}/privateDnsOperationStatuses/{{operation}}", _private_dns_status),
    route("GET", f"{_GROUP}/privateDnsOperationResults/{{operation}}", _private_dns_result),
    route("GET", f"{_SUBSCRIPTION}/operationresults/{{operation}}", _group_result, READ),
    route("GET", f"{_SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/{{location}}/operationResults/{{operation}}", _purge_result),
]
