# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for locks, role assignments and diagnostic settings, from documents as Azure answers them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.diagnostic_setting import DiagnosticSetting
from ansible_collections.privatelink.azure.plugins.module_utils._resources.management_lock import ManagementLock
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Observed
from ansible_collections.privatelink.azure.plugins.module_utils._resources.role_assignment import RoleAssignment
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    GROUP,
    VAULT,
    ReadOnlyArm,
    RecordingArm,
    done,
    observe,
    parsed,
    plan_of,
)

SHOP = "c0000000-0000-4000-8000-000000000011"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
DEFINITIONS = f"{GROUP.partition('/resourceGroups')[0]}/providers/Microsoft.Authorization/roleDefinitions"
ASSIGNMENTS = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/central"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/archive"


# --- locks ---


def lock(level: str = "CanNotDelete", notes: str | None = None) -> ManagementLock:
    """Return a lock of the vault that shall be there."""
    return ManagementLock(parsed(VAULT).extension(ManagementLock.type, "keep"), {"properties": {"level": level, "notes": notes}})


def current_lock(**properties: str) -> Document:
    """Return a lock as recorded."""
    place = f"{VAULT}/providers/Microsoft.Authorization/locks/keep"
    return {"properties": {"level": "CanNotDelete", **properties}, "id": place, "type": "Microsoft.Authorization/locks", "name": "keep"}


def test_a_lock_is_written_and_deleted_by_id() -> None:
    arm = RecordingArm()
    resource = lock(notes="Mind the keys.")
    plan = plan_of(resource, None)
    done(resource.write(Live(t.cast(t.Any, arm)), resource.found(None), plan))
    done(resource.delete(Live(t.cast(t.Any, arm)), resource.found(None), plan))
    by_id = (f"{VAULT}/providers/Microsoft.Authorization/locks/keep", "2020-05-01")
    body = {"properties": {"level": "CanNotDelete", "notes": "Mind the keys."}}
    assert arm.calls == [
        ("resource.resources.begin_create_or_update_by_id", (*by_id, body), {}),
        ("resource.resources.begin_delete_by_id", by_id, {}),
    ]
    assert resource.label == f"management lock 'keep' on '{VAULT}'"


def test_a_lock_that_is_as_asked_for() -> None:
    assert plan_of(lock(), current_lock(notes="Mind the keys.")).action == "none"
    assert plan_of(lock(notes=""), current_lock()).action == "none"


def test_notes_stay_unless_they_are_emptied() -> None:
    kept = plan_of(lock("ReadOnly"), current_lock(notes="Mind the keys."))
    assert (kept.before, kept.after) == ({"properties": {"level": "CanNotDelete"}}, {"properties": {"level": "ReadOnly"}})
    assert kept.body == {"properties": {"level": "ReadOnly", "notes": "Mind the keys."}}
    assert plan_of(lock(notes=""), current_lock(notes="Mind the keys.")).body == {"properties": {"level": "CanNotDelete"}}


# --- role assignments ---


def assignment(
    role: str | None = READER, principal: str | None = SHOP, name: str | None = None, absent: bool = False, **properties: str
) -> RoleAssignment:
    """Return an assignment on the vault."""
    desired = None if absent else {"properties": {"principalId": principal, **properties}}
    return RoleAssignment(parsed(VAULT), desired, role=role, principal=principal, name=name)


def current_assignment(name: str = SHOP, scope: str = VAULT, role: str = READER, **properties: str | None) -> Document:
    """Return an assignment as the specification's examples have it."""
    return {
        "properties": {
            "roleDefinitionId": f"{DEFINITIONS}/{role}",
            "principalId": SHOP,
            "principalType": "ServicePrincipal",
            "scope": scope,
            "condition": None,
            "conditionVersion": None,
            "createdOn": "2024-01-01T00:00:00.0000000Z",
            "updatedOn": "2024-01-01T00:00:00.0000000Z",
            "createdBy": OWNER,
            "updatedBy": OWNER,
            "delegatedManagedIdentityResourceId": None,
            "description": None,
            **properties,
        },
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "type": "Microsoft.Authorization/roleAssignments",
        "name": name,
    }


def read(
    resource: RoleAssignment, *assignments: Document, roles: list[Document] | None = None, there: Document | None = None
) -> tuple[Observed, ReadOnlyArm]:
    """Read an assignment where these are listed."""
    arm = ReadOnlyArm(lists={ASSIGNMENTS: list(assignments), DEFINITIONS: roles or []})
    if there:
        arm.find = lambda *_args, **_keywords: there  # type: ignore[method-assign]
    return observe(resource, t.cast(t.Any, arm)), arm


@pytest.mark.parametrize(("told", "refused"), [(None, False), ("", False), ("serviceprincipal", False), ("Group", True)])
def test_a_type_that_azure_does_not_tell_is_no_other_one(told: str | None, refused: bool) -> None:
    resource = assignment(principalType="ServicePrincipal")
    found, _arm = read(resource, current_assignment(principalType=told))
    if refused:
        with pytest.raises(Problem, match="principal"):
            resource.plan(found, {})
    else:
        assert resource.plan(found, {}).action == "none"


def test_a_new_assignment_has_the_same_id_wherever_it_is_planned() -> None:
    ids = []
    for role, principal in (
        (READER, SHOP),
        (f"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{READER.upper()}", SHOP),
        (OWNER, SHOP),
    ):
        resource = assignment(role, principal)
        found = read(resource)[0]
        assert found.document is None
        ids.append(str(found.id))
    assert ids[0] == ids[1] == f"{ASSIGNMENTS}/ed0b3cfb-296a-5b6f-b572-4cc3ad2c488b"
    assert ids[2] != ids[0]
    plan = plan_of(resource, found)
    assert plan.body == {"properties": {"roleDefinitionId": f"{DEFINITIONS}/{OWNER}", "principalId": SHOP}}


def test_only_an_assignment_on_this_very_scope_is_used() -> None:
    resource = assignment()
    found, arm = read(
        resource, current_assignment("above", GROUP), current_assignment("other", role=OWNER), current_assignment("mine", VAULT.lower())
    )
    assert found.document is not None
    assert (found.document["name"], found.id.name) == ("mine", "mine")
    assert arm.requested == [f"{ASSIGNMENTS}?principalId eq '{SHOP}'"]
    assert plan_of(resource, found).action == "none"


def test_of_several_assignments_none_is_taken_by_chance() -> None:
    with pytest.raises(Problem, match="'one', 'two'") as caught:
        read(assignment(absent=True), current_assignment("one"), current_assignment("two"))
    assert caught.value.code == "AmbiguousRelation"
    ours = "ed0b3cfb-296a-5b6f-b572-4cc3ad2c488b"
    found, _arm = read(assignment(), current_assignment("one"), current_assignment(ours))
    assert (found.document or {})["name"] == ours
    with pytest.raises(Problem, match="more than one role 'Reader'"):
        read(assignment("Reader"), roles=[{"name": READER, "id": "/a"}, {"name": OWNER, "id": "/b"}])


def test_a_role_is_looked_up_by_its_name() -> None:
    resource = assignment("Reader's own")
    found, arm = read(resource, roles=[{"name": READER, "properties": {"roleName": "Reader's own"}}])
    assert arm.requested[0] == f"{DEFINITIONS}?roleName eq 'Reader''s own'"
    assert plan_of(resource, found).body["properties"]["roleDefinitionId"] == f"{DEFINITIONS}/{READER}"


def test_a_role_that_is_not_there() -> None:
    with pytest.raises(OptionError, match="role 'Ruler' was not found") as caught:
        read(assignment("Ruler"))
    assert caught.value.option == "properties.roleDefinitionId"


def test_what_a_named_assignment_is_for_never_changes() -> None:
    resource = assignment(OWNER, name=SHOP)
    found, _arm = read(resource, there=current_assignment())
    with pytest.raises(Problem, match="properties.roleDefinitionId is "):
        plan_of(resource, found)


def test_an_assignment_is_removed_by_its_name_alone() -> None:
    resource = assignment(None, None, name=SHOP, absent=True)
    found, arm = read(resource, there=current_assignment())
    assert plan_of(resource, found).action == "delete"
    assert arm.requested == []


def test_a_condition_comes_and_goes_with_its_version() -> None:
    resource = assignment(condition="", conditionVersion="")
    found, _arm = read(resource, current_assignment(condition="@Resource", conditionVersion="2.0", description="kept"))
    body = plan_of(resource, found).body["properties"]
    assert body == {
        "roleDefinitionId": f"{DEFINITIONS}/{READER}",
        "principalId": SHOP,
        "principalType": "ServicePrincipal",
        "description": "kept",
    }


# --- diagnostic settings ---


def setting(**properties: t.Any) -> DiagnosticSetting:
    """Return a setting of the vault that shall be there."""
    place = parsed(VAULT).extension(DiagnosticSetting.type, "audit")
    return DiagnosticSetting(place, {"properties": {"workspaceId": WORKSPACE, "logs": [group("audit")], **properties}})


def group(name: str, enabled: bool = True) -> Document:
    """Return a group of logs as it is requested."""
    return {"category": None, "categoryGroup": name, "enabled": enabled}


def shown(category: str | None, categories: str | None = None, enabled: bool = True) -> Document:
    """Return an entry as Azure shows it."""
    return {"category": category, "categoryGroup": categories, "enabled": enabled, "retentionPolicy": {"enabled": False, "days": 0}}


def current_setting(**properties: t.Any) -> Document:
    """Return a setting as recorded, with null for what is not set."""
    nothing = dict.fromkeys(
        ("storageAccountId", "serviceBusRuleId", "eventHubAuthorizationRuleId", "eventHubName", "logAnalyticsDestinationType")
    )
    return {
        "id": f"{VAULT.lower()}/providers/microsoft.insights/diagnosticSettings/audit",
        "type": "Microsoft.Insights/diagnosticSettings",
        "name": "audit",
        **dict.fromkeys(("location", "kind", "tags", "identity")),
        "properties": {**nothing, "workspaceId": WORKSPACE, "metrics": [], "logs": [shown(None, "audit")], **properties},
    }


@pytest.mark.parametrize(
    "requested",
    [
        {},
        {"workspaceId": WORKSPACE.upper().replace("/SUBSCRIPTIONS", "/subscriptions")},
        {"logAnalyticsDestinationType": "AzureDiagnostics"},
        {"metrics": []},
        {"logs": [group("audit"), group("allLogs", enabled=False)]},
        {"storageAccountId": ""},
    ],
)
def test_a_setting_that_is_as_asked_for(requested: Document) -> None:
    assert plan_of(setting(**requested), current_setting()).action == "none"


def test_what_azure_lists_switched_off_is_no_difference() -> None:
    off = [shown("AuditEvent", enabled=False), shown(None, "audit")]
    assert plan_of(setting(metrics=[]), current_setting(logs=off, metrics=[shown("AllMetrics", enabled=False)])).action == "none"


def test_a_setting_is_written_whole() -> None:
    plan = plan_of(
        setting(storageAccountId=ACCOUNT, logs=[{"category": "AuditEvent", "enabled": True}]),
        current_setting(metrics=[shown("AllMetrics")]),
    )
    assert plan.before == {"properties": {"logs": [{"categoryGroup": "audit", "enabled": True}]}}
    assert plan.body["properties"] == {
        "workspaceId": WORKSPACE,
        "storageAccountId": ACCOUNT,
        "logs": [{"category": "AuditEvent", "enabled": True}],
        "metrics": [{"category": "AllMetrics", "enabled": True}],
    }


def test_a_destination_is_taken_out() -> None:
    plan = plan_of(setting(workspaceId="", storageAccountId=ACCOUNT), current_setting(storageAccountId=ACCOUNT))
    assert "workspaceId" not in plan.body["properties"]
    assert plan.before == {"properties": {"workspaceId": WORKSPACE}}


def test_an_old_retention_that_is_on_stays() -> None:
    old = {**shown("AuditEvent"), "retentionPolicy": {"enabled": True, "days": 7}}
    plan = plan_of(setting(logs=[{"category": "AuditEvent", "enabled": True}], storageAccountId=ACCOUNT), current_setting(logs=[old]))
    assert plan.body["properties"]["logs"] == [{"category": "AuditEvent", "enabled": True, "retentionPolicy": {"enabled": True, "days": 7}}]


def test_a_new_setting_says_nothing_of_what_is_off() -> None:
    plan = plan_of(setting(logs=[group("audit"), group("allLogs", enabled=False)]), None)
    assert plan.body == {"properties": {"workspaceId": WORKSPACE, "logs": [{"categoryGroup": "audit", "enabled": True}]}}
    assert isinstance(ResourceId.parse(str(setting().id)), ResourceId)
