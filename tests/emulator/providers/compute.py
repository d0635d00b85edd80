# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft.Compute: virtual machines as documents, and run command on those of a network that has a namespace of this host.

No machine runs: its document is stored, its interfaces have to be there, and a script runs where the control API says (``PUT runners``).
unrecorded: everything but what the specification and its examples show.
"""

from __future__ import annotations

import uuid

from emulator.errors import ArmError, Json, bad_request, not_served, resource_not_found
from emulator.providers.common import collection, listed, location_of, tags_of
from emulator.providers.lro import new_token, signed
from emulator.run_commands import Command
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Compute/virtualMachines"
_SERVED = {"hardwareProfile", "storageProfile", "osProfile", "networkProfile"}
_SECRETS = ("adminPassword", "customData")
_OPERATION = "Microsoft.Compute/locations/operations/read"


def _put(call: Call) -> Reply:
    existing = call.emulator.store.get(call.id)
    sent, location = call.properties(), location_of(call)
    for name in sorted(sent.keys() - _SERVED):
        raise not_served(f"the property '{name}' of a virtual machine")
    os_type = ((sent.get("storageProfile") or {}).get("osDisk") or {}).get("osType") or _by_profile(sent)
    if os_type not in ("Linux", "Windows"):
        raise bad_request("InvalidParameter", "Required parameter 'osDisk.osType' is missing (null).")
    for each in (sent.get("networkProfile") or {}).get("networkInterfaces") or []:
        if call.emulator.store.get(each.get("id")) is None:
            raise ArmError(404, "NotFound", f"Resource {each.get('id')} not found.")
    storage = {
        **(sent.get("storageProfile") or {}),
        "osDisk": {**((sent.get("storageProfile") or {}).get("osDisk") or {}), "osType": os_type},
    }
    profile = {name: value for name, value in (sent.get("osProfile") or {}).items() if name not in _SECRETS}
    properties: Json = {**sent, "storageProfile": storage, **({"osProfile": profile} if profile else {})}
    properties |= {"vmId": existing.properties["vmId"] if existing else str(uuid.uuid4()), "provisioningState": "Succeeded"}
    document: Json = {"name": call.name, "id": existing.id if existing else call.id, "type": TYPE, "location": location}
    document |= {**tags_of(call.document()), "properties": properties}
    return Reply(200 if existing else 201, call.emulator.store.put(call.id, document).document)


def _by_profile(sent: Json) -> str:
    profile = sent.get("osProfile") or {}
    return "Linux" if "linuxConfiguration" in profile else "Windows" if "windowsConfiguration" in profile else ""


def _machine(call: Call) -> Record:
    path = f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['machine']}"
    record = call.emulator.store.get(path)
    if record is None:
        raise resource_not_found(f"{TYPE}/{call.parameters['machine']}", call.group)
    return record


def _get(call: Call) -> Reply:
    return Reply(200, _machine(call).document)


def _list(call: Call) -> Reply:
    return listed(call, collection(call, TYPE), lambda record: record.document)


def _delete(call: Call) -> Reply:
    return Reply(200 if call.emulator.store.delete(call.id) else 204)


def _run(call: Call) -> Reply:
    """Begin a script; what is no script for Linux, or would run in no network that has a namespace, is not served."""
    machine, sent, commands = _machine(call), call.document(), call.emulator.commands
    lines = sent.get("script")
    if not sent.get("commandId"):
        raise bad_request("InvalidParameter", "Required parameter 'commandId' is missing (null).")
    if sent["commandId"] != "RunShellScript" or machine.properties["storageProfile"]["osDisk"]["osType"] != "Linux":
        raise not_served(f"the command '{sent['commandId']}', only RunShellScript on Linux")
    if not isinstance(lines, list) or not all(isinstance(each, str) for each in lines):
        raise bad_request("InvalidParameter", "The value of parameter script is invalid.")
    if sent.get("parameters"):
        raise not_served("parameters of a script")
    network = _network(call, machine)
    if network.lower() not in commands.namespaces:
        raise not_served(f"run command in {network or 'no network'}, for which PUT /_emulator/runners has named no namespace")
    if commands.is_busy(machine.id):
        text = "Run command extension execution is in progress. Please wait for completion before invoking a run command."
        raise ArmError(409, "Conflict", text)  # second-hand: the text
    token = new_token()
    commands.begin(token, machine.id, network, "\n".join(lines) + "\n")
    return Reply(202, None, _headers(call, token, machine.document["location"]))


def _network(call: Call, machine: Record) -> str:
    """The network of the first interface, by its first address; empty where there is none."""
    for each in (machine.properties.get("networkProfile") or {}).get("networkInterfaces") or []:
        nic = call.emulator.store.get(each.get("id"))
        for address in nic.properties.get("ipConfigurations") or [] if nic else []:
            subnet = ((address.get("properties") or {}).get("subnet") or {}).get("id", "")
            return str(subnet).rpartition("/subnets/")[0]
    return ""


def _headers(call: Call, token: str, location: str) -> dict[str, str]:
    path = f"/subscriptions/{call.subscription}/providers/Microsoft.Compute/locations/{location}/operations/{token}"
    query = signed(call, token)
    hint = call.emulator.settings.hint(10)
    return {"Azure-AsyncOperation": call.url(path, query), "Location": call.url(path, f"p={token}&monitor=true&{query}"), **hint}


def _operation(call: Call) -> Reply:
    """One path says the state, and with ``monitor`` the result."""
    command = call.emulator.commands.get(call.parameters["operation"])
    if command is None:
        raise ArmError(404, "NotFound", f"The entity '{call.parameters['operation']}' was not found.")
    headers = call.emulator.settings.hint(10) if command.running else {}
    if "monitor" in call.query:
        return (
            Reply(202, None, {**_headers(call, call.name, call.parameters["location"])})
            if command.running
            else Reply(200, _output(command))
        )
    clock = call.emulator.clock
    state: Json = {"startTime": clock.text(digits=3, moment=command.began), "status": "InProgress", "name": call.name}
    if command.running:
        return Reply(200, state, headers)
    ended = {"endTime": clock.text(digits=3, moment=command.ended), "status": "Succeeded", "properties": {"output": _output(command)}}
    return Reply(200, {**state, **ended})


def _output(command: Command) -> Json:
    shown = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}
    return {"value": [{**shown, "message": command.output}]}


_S = "/subscriptions/{subscription}"
_G = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"
_ONE = _G + "/{machine}"

ROUTES = [
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _G, _list),
    route("PUT", _ONE, _put),
    route("GET", _ONE, _get),
    route("DELETE", _ONE, _delete),
    route("POST", _ONE + "/runCommand", _run, f"{TYPE}/runCommand/action"),
    route(
        "GET",
        f"{_S}/providers/Microsoft.Compute/locations/{{location}}/operations/{{operation}}",
        _operation,
        _OPERATION,
        query=("p", "monitor"),
    ),
]
