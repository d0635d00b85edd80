# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vaults (wire facts 5): create and update, soft delete, recovery, purge."""

from __future__ import annotations

import uuid

from emulator import ids
from emulator.core import Emulator
from emulator.errors import ArmError, Json, resource_not_found
from emulator.operations import Operation, effect
from emulator.providers import endpoint_checks, endpoint_parts, lro, vault_policies, vault_rules
from emulator.providers.common import collection, listed, location_of, next_link, normalized, system_data, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.KeyVault/vaults"
DELETED = "microsoft.keyvault/locations/deletedvaults"
DAY = 86_400.0
DELETED_HELP = "Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete."


def _put(call: Call) -> Reply:
    location, properties = location_of(call), call.properties()
    existing = call.emulator.store.get(call.id)
    if properties.get("createMode") == "recover" and existing is None:
        return _recover(call, location)
    if existing:
        return _update(call, existing, properties, whole=True)
    vault_rules.check_name(call.parameters["vault"])
    vault_rules.check_sent(call, properties, None)
    _check_free(call)
    record = _store(call, None, location, vault_rules.created(properties, call.api_version))
    record.properties.update(
        {"vaultUri": f"https://{record.name.lower()}.{call.emulator.cloud.vault}/", "provisioningState": "RegisteringDns"}
    )
    seconds = call.emulator.settings.seconds("vault.create")
    call.emulator.operations.begin(str(uuid.uuid4()), "change", record.id, "vault.registered", seconds=seconds)
    body = rendered(call, record)
    body["properties"]["vaultUri"] = body["properties"]["vaultUri"].rstrip("/")  # only here without the slash (recorded)
    return Reply(200, body, call.emulator.settings.fast_hint())


@effect("vault.registered")
def _registered(emulator: Emulator, operation: Operation) -> Json | None:
    record = emulator.store.get(operation.target)
    if record and record.state == "RegisteringDns":
        record.properties["provisioningState"] = "Succeeded"
    return None


def _check_free(call: Call) -> None:
    """Names are unique in the world, and those of deleted vaults stay taken."""
    name = call.parameters["vault"].lower()
    for _other in call.emulator.store.referring("name", TYPE, name):
        raise ArmError(
            409,
            "VaultAlreadyExists",
            f"The vault name '{call.parameters['vault']}' is already in use. Vault names "
            "are globaly unique so it is possible that the name is "
            "already taken. "
            "If you are sure that the vault name was not taken then it is possible that a "
            "vault with the same name was recently deleted but not "
            "purged after "
            "being placed in a recoverable state. If the vault is in a recoverable state "
            "then the vault will need to be purged before reusing the "
            "name. For more "
            "information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.",
        )
    if call.emulator.store.referring("name", DELETED, name):
        text = "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault."
        raise ArmError(409, "ConflictError", f"{text} {DELETED_HELP}")


def _update(call: Call, existing: Record, sent: Json, *, whole: bool) -> Reply:
    """PUT replaces (but for what cannot be undone), PATCH merges; both are over at once (wire facts 1)."""
    if endpoint_checks.busy(call.emulator, existing.id):
        raise ArmError(409, "ConflictError", endpoint_checks.conflict_text(existing.name))
    body = call.document()
    wanted = sent if whole else {**vault_rules.as_sent(existing.properties), **sent}
    vault_rules.check_sent(call, wanted, existing)
    properties = vault_rules.updated(wanted, existing.properties)
    state = "Succeeded" if existing.state == "Failed" else existing.state  # unrecorded: what failed heals when it is written again
    kept = {"vaultUri": existing.properties["vaultUri"], "provisioningState": state}
    tags = body if "tags" in body else ({} if whole else existing.document)
    record = _store(call, existing, existing.document["location"], {**properties, **kept}, tags)
    return Reply(200, rendered(call, record))


def _store(call: Call, existing: Record | None, location: str, properties: Json, tags: Json | None = None) -> Record:
    vault = existing.id if existing else call.id
    document: Json = {
        "id": vault,
        "name": ids.name_of(vault),
        "type": TYPE,
        "location": location,
        "tags": tags_of(tags or call.document()).get("tags", {}),
    }
    return call.emulator.store.put(vault, {**document, "systemData": system_data(call, existing), "properties": properties})


def rendered(call: Call, record: Record) -> Json:
    """A vault as an api-version shows it, with its connections."""
    version, document, properties = call.api_version, dict(record.document), dict(record.properties)
    if version < "2021-04-01":
        document.pop("systemData", None)
    if version < "2021-06-01":
        properties.pop("publicNetworkAccess", None)
    connections = call.emulator.store.children(f"{record.id}/privateEndpointConnections")
    if connections:
        properties["privateEndpointConnections"] = [_item(each) for each in connections]
    return {**document, "properties": properties}


def _item(connection: Record) -> Json:
    """A connection inside its vault: without name and type."""
    document = connection.document
    return {name: document[name] for name in ("id", "etag", "properties") if name in document}


def vault_of(call: Call) -> Record:
    record = call.emulator.store.get(
        f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['vault']}"
    )
    if record is None:
        raise resource_not_found(f"{TYPE}/{call.parameters['vault']}", call.group)
    return record


def _get(call: Call) -> Reply:
    record = vault_of(call)
    return Reply(200, rendered(call, record), call.emulator.settings.fast_hint() if record.state == "RegisteringDns" else {})


def _patch(call: Call) -> Reply:
    return _update(call, vault_of(call), call.properties(), whole=False)


def _policies(call: Call) -> Reply:
    """Add, replace or remove access policies."""
    record, kind = vault_of(call), call.parameters["operation"].lower()
    if kind not in vault_policies.KINDS:  # unrecorded: code and text
        raise ArmError(400, "BadRequest", f"The operation '{kind}' on access policies is none of {', '.join(vault_policies.KINDS)}.")
    sent = call.properties().get("accessPolicies") or []
    vault_policies.check(sent)
    record.properties["accessPolicies"] = vault_policies.changed(kind, record.properties.get("accessPolicies", []), sent)
    body = {"id": f"{record.id}/accessPolicies/", "type": f"{TYPE}/accessPolicies", "location": record.document["location"]}
    return Reply(200, {**body, "properties": {"accessPolicies": record.properties["accessPolicies"]}})


def _list(call: Call) -> Reply:
    """unrecorded for subscriptions; a group's list ends with a page that is empty (recorded: test_keyvault_mgmt)."""
    reply = listed(call, collection(call, TYPE), lambda record: rendered(call, record))
    if reply.body["value"] and "nextLink" not in reply.body:
        reply.body["nextLink"] = next_link(call, call.emulator.store.newest)
    return reply


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)  # unrecorded: as the specification has it
    if endpoint_checks.busy(call.emulator, record.id):
        raise ArmError(409, "ConflictError", endpoint_checks.conflict_text(record.name))
    soft_delete(call.emulator, record)
    return Reply(200)


def soft_delete(emulator: Emulator, record: Record) -> None:
    """A vault goes to the deleted ones of its region; its endpoints lose their target."""
    for connection in emulator.store.children(f"{record.id}/privateEndpointConnections"):
        endpoint_parts.disconnect(emulator, connection, target_gone=True)
    days = record.properties.get("softDeleteRetentionInDays", 90)
    purge, location = emulator.clock.now() + days * DAY, normalized(record.document["location"])
    deleted = f"/subscriptions/{record.id.split('/')[2]}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{record.name}"
    properties: Json = {
        "vaultId": record.id,
        "location": record.document["location"],
        "tags": record.document.get("tags", {}),
        "deletionDate": emulator.clock.text(),
        "scheduledPurgeDate": emulator.clock.text(moment=purge),
    }
    if record.properties.get("enablePurgeProtection"):
        properties["purgeProtectionEnabled"] = True
    document = {"id": deleted, "name": record.name, "type": "Microsoft.KeyVault/deletedVaults", "properties": properties}
    emulator.store.put(deleted, document, {"vault": record.document})
    emulator.store.delete(record.id)
    emulator.operations.begin(str(uuid.uuid4()), "change", deleted, "vault.expired", {"purge": purge}, seconds=days * DAY)


@effect("vault.expired")
def _expired(emulator: Emulator, operation: Operation) -> Json | None:
    """The retention is over; a vault that was recovered and deleted again in between has another date."""
    found = emulator.store.get(operation.target)
    if found and found.properties["scheduledPurgeDate"] == emulator.clock.text(moment=operation.arguments["purge"]):
        _forget(emulator, found.id)
    return None


def _forget(emulator: Emulator, deleted: str) -> None:
    """A deleted vault is gone for good, with its secrets and keys."""
    emulator.store.delete(deleted)
    for kept in (emulator.vault_secrets, emulator.vault_keys):
        kept.pop(ids.name_of(deleted).lower(), None)


def _recover(call: Call, location: str) -> Reply:
    """The whole old vault comes back, whatever else was sent (recorded)."""
    deleted = call.emulator.store.get(_deleted_id(call, normalized(location)))
    if deleted is None or not ids.same(deleted.properties["vaultId"], call.id):
        # second-hand: the code; its text was not kept
        raise ArmError(
            404, "SoftDeletedVaultDoesNotExist", f"A soft deleted vault with the given name '{call.parameters['vault']}' does not exist."
        )
    document = deleted.hidden["vault"]
    call.emulator.store.delete(deleted.id)
    record = call.emulator.store.put(document["id"], document)
    record.properties["provisioningState"] = "Succeeded"
    record.document["systemData"].update({"lastModifiedBy": call.principal.client_id, "lastModifiedAt": call.emulator.clock.text(digits=3)})
    return Reply(200, rendered(call, record))


# Deleted vaults


def _deleted_id(call: Call, location: str) -> str:
    return f"/subscriptions/{call.subscription}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{call.parameters['vault']}"


def _deleted_of(call: Call) -> Record:
    name = call.parameters["vault"]
    record = call.emulator.store.get(_deleted_id(call, normalized(call.parameters["location"])))
    if record is None:
        raise ArmError(
            404,
            "DeletedVaultNotFound",
            f"The specified deleted vault '{name}' does not exist. Ensure that the vault was "
            "indeed deleted and that it is in recoverable state. If "
            "soft delete was "
            "not enabled then the vault is permanently deleted. Follow this link for more "
            "information: https://go.microsoft.com/fwlink/?linkid=2149745",
        )
    return record


def _deleted_get(call: Call) -> Reply:
    return Reply(200, _deleted_of(call).document)


def _deleted_list(call: Call) -> Reply:
    return listed(call, call.emulator.store.typed(call.subscription, DELETED), lambda record: record.document)


def _purge(call: Call) -> Reply:
    record = _deleted_of(call)
    if record.properties.get("purgeProtectionEnabled"):
        raise ArmError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
    emulator = call.emulator
    operation = emulator.operations.begin(
        lro.purge_token(), lro.PURGE, record.id, "vault.purged", seconds=emulator.settings.seconds("vault.purge")
    )
    operation.facts = {"location": normalized(call.parameters["location"])}
    return Reply(202, None, lro.purge_headers(call, operation))


@effect("vault.purged")
def _purged(emulator: Emulator, operation: Operation) -> Json | None:
    _forget(emulator, operation.target)
    return None


def _check_name(call: Call) -> Reply:
    name = str(call.document().get("name") or "")
    if str(call.document().get("type")).lower() != TYPE.lower():  # unrecorded: the text; the specification requires the type
        raise ArmError(400, "BadRequest", f"The type of the name to check is missing or not '{TYPE}'.")
    try:
        vault_rules.check_name(name)
    except ArmError as error:
        return Reply(200, {"nameAvailable": False, "reason": "AccountNameInvalid", "message": error.error["message"]})
    if any(call.emulator.store.referring("name", kind, name) for kind in (TYPE, DELETED)):
        return Reply(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": f"The vault name '{name}' is already in use."})
    return Reply(200, {"nameAvailable": True})


_S = "/subscriptions/{subscription}"
_P = f"{_S}/providers/Microsoft.KeyVault"
_V = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"
_ONE = _V + "/{vault}"
_D = _P + "/locations/{location}/deletedVaults/{vault}"

ROUTES = [
    route("GET", f"{_P}/vaults", _list),
    route("GET", _V, _list),
    route("PUT", _ONE, _put),
    route("PATCH", _ONE, _patch),
    route("GET", _ONE, _get),
    route("DELETE", _ONE, _delete),
    route("PUT", _ONE + "/accessPolicies/{operation}", _policies),
    route("GET", f"{_P}/deletedVaults", _deleted_list),
    route("GET", _D, _deleted_get),
    route("POST", _D + "/purge", _purge, "Microsoft.KeyVault/locations/deletedVaults/purge/action"),
    route("POST", f"{_P}/checkNameAvailability", _check_name, "Microsoft.KeyVault/checkNameAvailability/read"),
]
