# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed HSMs, as far as private endpoints need them: create, read, delete."""

from __future__ import annotations

import re

from emulator.errors import ArmError, Json, bad_request, resource_not_found
from emulator.providers import endpoint_parts
from emulator.providers.common import collection, listed, location_of, system_data, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.KeyVault/managedHSMs"
_NAME = re.compile(r"^(?=.{3,24}$)[A-Za-z]([A-Za-z0-9]|-[A-Za-z0-9])+$")


def _put(call: Call) -> Reply:
    """unrecorded: creation takes long in Azure; here the pool is there at once."""
    name, location, sent = call.parameters["vault"], location_of(call), call.properties()
    existing = call.emulator.store.get(call.id)
    if not _NAME.match(name):
        raise bad_request("ManagedHsmNameNotValid", f"The managed HSM name '{name}' is invalid.")
    others = call.emulator.store.all_of_type(TYPE)
    if existing is None and any(each.name.lower() == name.lower() for each in others):
        raise ArmError(409, "ManagedHsmAlreadyExists", f"The managed HSM name '{name}' is already in use.")
    before = existing.properties if existing else {}
    properties: Json = {
        "tenantId": sent.get("tenantId", before.get("tenantId", call.principal.tenant)),
        "initialAdminObjectIds": sent.get("initialAdminObjectIds", before.get("initialAdminObjectIds", [])),
        "hsmUri": f"https://{name.lower()}.{call.emulator.cloud.hsm}/",
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": sent.get("softDeleteRetentionInDays", before.get("softDeleteRetentionInDays", 90)),
        "enablePurgeProtection": bool(sent.get("enablePurgeProtection", before.get("enablePurgeProtection", False))),
        "networkAcls": sent.get("networkAcls")
        or {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []},
        "publicNetworkAccess": sent.get("publicNetworkAccess") or "Enabled",
        "provisioningState": "Succeeded",
        "statusMessage": "The Managed HSM is provisioned and ready to use.",
        "regions": [],
        "securityDomainProperties": {
            "activationStatus": "Active",
            "activationStatusMessage": "Your HSM has been activated and can be used for cryptographic operations.",
        },
    }
    document: Json = {"id": existing.id if existing else call.id, "name": name, "type": TYPE, "location": location}
    document |= {"tags": tags_of(call.document()).get("tags", {}), "systemData": system_data(call, existing)}
    document |= {"sku": call.document().get("sku") or {"family": "B", "name": "Standard_B1"}, "properties": properties}
    return Reply(200, _rendered(call, call.emulator.store.put(call.id, document)))


def _rendered(call: Call, record: Record) -> Json:
    connections = call.emulator.store.children(f"{record.id}/privateEndpointConnections")
    items = [{name: each.document[name] for name in ("id", "etag", "properties") if name in each.document} for each in connections]
    return {**record.document, "properties": {**record.properties, "privateEndpointConnections": items}}


def _get(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        raise resource_not_found(f"{TYPE}/{call.parameters['vault']}", call.group)
    return Reply(200, _rendered(call, record))


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


def _deleted_list(call: Call) -> Reply:
    """unrecorded: a deleted HSM is gone at once, so none is ever listed; `az keyvault list-deleted` asks for both kinds."""
    return listed(call, [], lambda record: record.document)


def _check_name(call: Call) -> Reply:
    name = str(call.document().get("name", ""))
    if not _NAME.match(name):
        return Reply(200, {"nameAvailable": False, "reason": "AccountNameInvalid", "message": f"The managed HSM name '{name}' is invalid."})
    if any(each.name.lower() == name.lower() for each in call.emulator.store.all_of_type(TYPE)):
        message = f"The managed HSM name '{name}' is already in use."
        return Reply(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message})
    return Reply(200, {"nameAvailable": True})


_S = "/subscriptions/{subscription}"
_CHECK = f"{_S}/providers/Microsoft.KeyVault/checkMhsmNameAvailability"
_H = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"

ROUTES = [
    route("GET", f"{_S}/providers/Microsoft.KeyVault/deletedManagedHSMs", _deleted_list),
    route("POST", _CHECK, _check_name, "Microsoft.KeyVault/checkMhsmNameAvailability/read"),
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _H, _list),
    route("PUT", _H + "/{vault}", _put),
    route("GET", _H + "/{vault}", _get),
    route("DELETE", _H + "/{vault}", _delete),
]
