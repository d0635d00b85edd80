# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Microsoft.Authorization: management locks (recorded: test_*_resource_group_lock), role assignments
and definitions (specification 2022-04-01).
"""

from __future__ import annotations

import uuid

from emulator import access, filters, ids, locks
from emulator.access import ROLES
from emulator.errors import ArmError, Json, bad_request
from emulator.providers.common import listed, paged
from emulator.store import Record
from emulator.wire import Call, Reply, route

LEVELS = ("NotSpecified", "CanNotDelete", "ReadOnly")
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
DEFINITION = "Microsoft.Authorization/roleDefinitions"
_AT_SCOPE = frozenset({"atscope"})


def _scope(call: Call) -> str:
    return f"/{call.parameters['scope']}"


def _filter(call: Call, names: frozenset[str], functions: frozenset[str] = frozenset()) -> filters.Test:
    text = call.query.get("$filter", "")
    return filters.parsed(text, names, functions) if text.strip() else lambda _facts: True


# Locks


def _lock_put(call: Call) -> Reply:
    wanted = dict(call.properties())
    sent = str(wanted.get("level") or "")
    wanted["level"] = next((each for each in LEVELS if each.lower() == sent.lower()), "")
    if not wanted["level"]:
        # unrecorded: code and text
        raise bad_request("InvalidLockLevel", f"The lock level '{sent}' is invalid. Supported values are '{', '.join(LEVELS)}'.")
    if len(wanted.get("notes") or "") > 512:
        raise bad_request("InvalidLockNotes", "The notes of a lock cannot exceed the maximum length of '512' characters.")  # unrecorded
    existing = call.emulator.store.get(call.id)
    properties = {name: wanted[name] for name in ("level", "notes", "owners") if wanted.get(name) is not None}
    place = existing.id if existing else call.id
    document: Json = {"properties": properties, "id": place, "type": locks.TYPE, "name": ids.name_of(place)}
    return Reply(200 if existing else 201, call.emulator.store.put(call.id, document).document)


def _lock_get(call: Call) -> Reply:
    found = call.emulator.store.get(call.id)
    if found is None:
        raise ArmError(404, "LockNotFound", f"The lock '{call.name}' could not be found.")  # unrecorded
    return Reply(200, found.document)


def _lock_list(call: Call) -> Reply:
    """Those above and below too, unless ``atScope()`` leaves out those below."""
    scope, test = _scope(call), _filter(call, frozenset(), _AT_SCOPE)
    found = locks.on(call.emulator.store, scope)
    chosen = [each for each in found if test({"atscope": ids.is_below(scope, ids.scope_of(each.id))})]
    return listed(call, sorted(chosen, key=lambda record: record.number), lambda record: record.document)


def _lock_delete(call: Call) -> Reply:
    return Reply(200 if call.emulator.store.delete(call.id) else 204)


# Role assignments


def _assignment_put(call: Call) -> Reply:
    wanted, store = call.properties(), call.emulator.store
    role, principal = str(wanted.get("roleDefinitionId") or ""), str(wanted.get("principalId") or "")
    if not role or not principal:
        raise bad_request("BadRequestFormat", "The request was incorrectly formatted.")  # unrecorded
    try:
        uuid.UUID(call.name)
    except ValueError:
        raise bad_request(
            "InvalidRoleAssignmentId", f"The role assignment ID '{call.name}' is not valid. The role assignment ID must be a GUID."
        ) from None
    _definition(ids.name_of(role))
    existing = store.get(call.id)
    if existing:
        _check_unchanged(existing, role, principal)
    kind = wanted.get("principalType") or (existing.properties["principalType"] if existing else _kind_of(call, principal))
    other = next(
        (each for each in store.children(call.id.rpartition("/")[0]) if each is not existing and _same(each, role, principal)), None
    )
    if other:
        message = f"The role assignment already exists. The ID of the existing role assignment is {other.name.replace('-', '')}."
        raise ArmError(409, "RoleAssignmentExists", message)
    now, who = call.emulator.clock.text(digits=7), call.principal.object_id
    before = existing.properties if existing else {}
    properties: Json = {
        "roleDefinitionId": f"/subscriptions/{call.subscription}/providers/{DEFINITION}/{ids.name_of(role).lower()}",
        "principalId": principal,
        "principalType": kind,
        "scope": _scope(call),
        **{name: wanted.get(name) or None for name in ("condition", "conditionVersion")},
        "createdOn": before.get("createdOn", now),
        "updatedOn": now,
        "createdBy": before.get("createdBy", who),
        "updatedBy": who,
        "delegatedManagedIdentityResourceId": None,
        "description": wanted.get("description") or None,
    }
    place = existing.id if existing else call.id
    document: Json = {"properties": properties, "id": place, "type": ASSIGNMENT, "name": ids.name_of(place)}
    return Reply(200 if existing else 201, store.put(call.id, document).document)


def _same(record: Record, role: str, principal: str) -> bool:
    current = record.properties
    return ids.same(ids.name_of(current["roleDefinitionId"]), ids.name_of(role)) and ids.same(current["principalId"], principal)


def _check_unchanged(existing: Record, role: str, principal: str) -> None:
    if not _same(existing, role, principal):  # second-hand: code and text (Enterprise-Scale#1747)
        raise bad_request(
            "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        )


def _kind_of(call: Call, principal: str) -> str:
    """What the directory says a principal is; it is not asked where the type was told."""
    found = next((each for each in call.emulator.principals if each.object_id.lower() == principal.lower()), None)
    if found is None:  # second-hand: the text (HubAndSpokeResearchEnclave#50)
        raise bad_request(
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory "
            f"{call.principal.tenant}. Check that you have the correct principal ID. If "
            "you are creating this principal and then immediately assigning a role, this error "
            "might be related to a replication delay. In this case, set the "
            "role assignment principalType property to a value, such as ServicePrincipal, "
            "User, or Group.  See https://aka.ms/docs-principaltype",
        )
    return "User" if found.username else "ServicePrincipal"


def _assignment(call: Call) -> Record:
    found = call.emulator.store.get(call.id)
    if found is None:
        raise ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{call.name}' is not found.")
    return found


def _assignment_get(call: Call) -> Reply:
    return Reply(200, _assignment(call).document)


def _assignment_list(call: Call) -> Reply:
    """At, above and below the scope; ``atScope()`` leaves out those below, ``principalId eq`` those of others."""
    scope, test = _scope(call), _filter(call, frozenset({"principalid"}), _AT_SCOPE | {"assignedto"})
    found = []
    for each in call.emulator.store.of_type(call.subscription, ASSIGNMENT):
        above = ids.is_below(scope, ids.scope_of(each.id))
        principal = each.properties["principalId"].lower()
        facts = {"atscope": above, "principalid": principal, "assignedto": principal}  # there are no groups that it may be in
        if (above or ids.is_below(ids.scope_of(each.id), scope)) and test(facts):
            found.append(each)
    return listed(call, found, lambda record: record.document)


def _assignment_delete(call: Call) -> Reply:
    found = call.emulator.store.delete(call.id)
    return Reply(200, found.document) if found else Reply(204)


# Role definitions


def _definition(guid: str) -> str:
    """The name of a built-in role."""
    found = next((name for name, definition in access.ROLES.items() if definition["id"] == guid.lower()), None)
    if found is None:
        raise ArmError(404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist.")
    return found


def _definition_shown(call: Call, name: str) -> Json:
    role = ROLES[name]
    permission = {kind: role.get(kind, []) for kind in ("actions", "notActions", "dataActions", "notDataActions")}
    properties = {"roleName": name, "type": "BuiltInRole", "description": name, "assignableScopes": ["/"], "permissions": [permission]}
    scope = f"/subscriptions/{call.subscription}" if "subscription" in call.parameters else ""
    return {
        "properties": properties,
        "id": f"{scope}/providers/{DEFINITION}/{role['id']}",
        "type": DEFINITION,
        "name": role["id"],
    }


def _definition_get(call: Call) -> Reply:
    return Reply(200, _definition_shown(call, _definition(call.name)))


def _definition_list(call: Call) -> Reply:
    test = _filter(call, frozenset({"rolename", "type"}), _AT_SCOPE | {"atscopeandbelow"})
    everywhere = {"atscope": True, "atscopeandbelow": True, "type": "builtinrole"}
    return paged(
        call, [name for name in ROLES if test({**everywhere, "rolename": name.lower()})], lambda name: _definition_shown(call, name)
    )


# What the caller may do


def _permissions(call: Call) -> Reply:
    """unrecorded: one entry for each role assigned at the scope or above, as the specification's example has it."""
    scope = _scope(call)
    current = [each["role"] for each in call.principal.assignments if each.get("scope", "/") == "/" or ids.is_below(scope, each["scope"])]
    roles = [ROLES[role] if isinstance(role, str) else role for role in current]
    kinds = ("actions", "notActions", "dataActions", "notDataActions")
    return Reply(200, {"value": [{kind: role.get(kind, []) for kind in kinds} for role in roles]})


_LOCKS, _ASSIGNMENTS, _DEFINITIONS = (f"/{{scope}}/providers/{each}" for each in (locks.TYPE, ASSIGNMENT, DEFINITION))

ROUTES = [
    route("GET", _LOCKS, _lock_list, query=("$filter",)),
    route("PUT", _LOCKS + "/{lock}", _lock_put),
    route("GET", _LOCKS + "/{lock}", _lock_get),
    route("DELETE", _LOCKS + "/{lock}", _lock_delete),
    route("GET", _ASSIGNMENTS, _assignment_list, query=("$filter",)),
    route("PUT", _ASSIGNMENTS + "/{assignment}", _assignment_put),
    route("GET", _ASSIGNMENTS + "/{assignment}", _assignment_get),
    route("DELETE", _ASSIGNMENTS + "/{assignment}", _assignment_delete),
    route("GET", "/{scope}/providers/Microsoft.Authorization/permissions", _permissions),
    route("GET", _DEFINITIONS, _definition_list, query=("$filter",)),
    route("GET", _DEFINITIONS + "/{definition}", _definition_get),
    route("GET", f"/providers/{DEFINITION}", _definition_list, "", ("$filter",)),  # of the tenant: built-in roles alone
    route("GET", f"/providers/{DEFINITION}/{{definition}}", _definition_get, ""),
]
