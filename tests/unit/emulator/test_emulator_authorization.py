# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks that forbid, roles that are assigned, diagnostic settings that are kept."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SHOP = "c0000000-0000-4000-8000-000000000011"
NAME = "c0000000-0000-4000-8000-000000000012"


def put(arm: Client, path: str, version: str, **properties: Any) -> Any:
    return arm.call("PUT", path, {"properties": properties}, version=version)


def lock(arm: Client, scope: str, level: str, name: str = "keep") -> str:
    path = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
    assert put(arm, path, "2020-05-01", level=level).status_code == 201
    return path


def refused(answer: Any) -> str:
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "ScopeLocked"
    return str(error["message"])


@pytest.mark.parametrize("where", ["vault", "rg", "subscription"])
def test_a_lock_holds_for_all_below(arm: Client, where: str) -> None:
    vault = arm.vault()
    scope = vault if where == "vault" else getattr(arm, where)
    path = lock(arm, scope, "CanNotDelete")
    message = refused(arm.call("DELETE", vault))
    assert message == (
        f"The scope '{vault}' cannot perform delete operation because following scope(s) "
        f"are locked: '{scope}'. Please remove the lock and try again."
    )
    assert arm.call("PATCH", vault, {"tags": {"a": "b"}}).status_code == 200
    assert put(arm, path, "2020-05-01", level="ReadOnly", notes="n").status_code == 200
    assert "cannot perform write operation" in refused(arm.call("PATCH", vault, {"tags": {}}))
    assert arm.call("GET", vault).status_code == 200
    assert arm.call("DELETE", path, version="2020-05-01").status_code == 200
    assert arm.call("DELETE", path, version="2020-05-01").status_code == 204
    assert arm.call("DELETE", vault).status_code == 200


def test_what_holds_something_locked_stays(arm: Client) -> None:
    """There is no partial deletion of a group."""
    lock(arm, arm.vault(), "CanNotDelete")
    refused(arm.call("DELETE", arm.rg))


def test_read_only_forbids_actions(arm: Client) -> None:
    lock(arm, arm.subscription, "ReadOnly")
    refused(arm.call("POST", f"{arm.subscription}/providers/Microsoft.Compute/register"))


def test_an_endpoint_of_a_locked_vault_stays(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    endpoint = arm.endpoint(subnet, vault)["id"]
    path = lock(arm, vault, "CanNotDelete")
    error = arm.failed("DELETE", endpoint)
    assert error["code"] == "ScopeLocked"
    assert error["message"].startswith(
        f"Call to Microsoft.KeyVault/vaults failed. Error message: The scope '{vault}/privateEndpointConnectionProxies/pe."
    )
    assert put(arm, path, "2020-05-01", level="ReadOnly").status_code == 200
    assert (
        arm.failed("PUT", f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/two", arm.endpoint_body(subnet, vault))["code"]
        == "ScopeLocked"
    )
    arm.call("DELETE", path, version="2020-05-01")
    arm.do("DELETE", endpoint)
    assert arm.call("GET", endpoint).status_code == 404


def test_locks_are_listed_below_above_or_at_a_scope(arm: Client) -> None:
    vault = arm.vault()
    paths = [lock(arm, scope, "CanNotDelete") for scope in (arm.subscription, arm.rg, vault)]

    def listed(scope: str, query: str = "") -> list[str]:
        answer = arm.call("GET", f"{scope}/providers/Microsoft.Authorization/locks{query}", version="2020-05-01")
        return [each["id"] for each in answer.json()["value"]]

    assert listed(arm.subscription) == listed(arm.rg) == listed(vault) == paths
    resources = arm.get(f"{arm.rg}/resources")["value"]
    assert [each["type"] for each in resources] == ["Microsoft.KeyVault/vaults"]


def test_what_is_no_lock(arm: Client) -> None:
    for path, status, code in (
        (f"{arm.rg}/providers/Microsoft.KeyVault/vaults/none/providers/Microsoft.Authorization/locks/keep", 404, "ResourceNotFound"),
        (f"{arm.subscription}/resourceGroups/none/providers/Microsoft.Authorization/locks/keep", 404, "ResourceGroupNotFound"),
        (f"{arm.rg}/providers/Microsoft.Authorization/locks/keep", 400, "InvalidLockLevel"),
    ):
        answer = put(arm, path, "2020-05-01", level="Never")
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (
        arm.call("GET", f"{arm.rg}/providers/Microsoft.Authorization/locks/keep", version="2020-05-01").json()["error"]["code"]
        == "LockNotFound"
    )


def landscape(arm: Client) -> str:
    """Another application without any right; its token."""
    body = {"tenant": arm.facts["tenant"], "client_id": "shop", "object_id": SHOP, "secret": "s", "assignments": []}
    arm.control("POST", "principals", body)
    return arm.sign_in(client_id="shop", client_secret="s")


def test_an_assigned_role_takes_effect(arm: Client) -> None:
    vault, token = arm.vault(), landscape(arm)
    assert arm.call("GET", vault, token=token).status_code == 403
    definitions = f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    found = arm.call("GET", f"{definitions}?$filter=roleName eq 'Reader'".replace(" ", "%20"), version="2022-04-01").json()["value"]
    assert [each["name"] for each in found] == [READER]
    path = f"{vault}/providers/Microsoft.Authorization/roleAssignments/{NAME}"
    made = put(arm, path, "2022-04-01", roleDefinitionId=found[0]["id"], principalId=SHOP)
    assert (made.status_code, made.json()["properties"]["principalType"]) == (201, "ServicePrincipal")
    assert arm.call("GET", vault, token=token).status_code == 200
    for text, count in ((f"principalId eq '{SHOP}'", 1), (f"assignedTo('{SHOP}')", 1), (f"atScope() and assignedTo('{SHOP}x')", 0)):
        query = f"?$filter={text}".replace(" ", "%20")
        listed = arm.call("GET", f"{vault}/providers/Microsoft.Authorization/roleAssignments{query}", version="2022-04-01")
        assert len(listed.json()["value"]) == count, text
    assert arm.call("PATCH", vault, {"tags": {}}, token=token).status_code == 403
    lock_path = lock(arm, vault, "CanNotDelete")
    refused(arm.call("DELETE", path, version="2022-04-01"))
    arm.call("DELETE", lock_path, version="2020-05-01")
    assert arm.call("DELETE", path, version="2022-04-01").status_code == 200
    assert arm.call("GET", vault, token=token).status_code == 403


def test_assignments_that_are_refused(arm: Client) -> None:
    definitions, place = (
        f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions",
        f"{arm.rg}/providers/Microsoft.Authorization/roleAssignments",
    )
    reader, nobody = f"{definitions}/{READER}", f"{definitions}/{SHOP}"

    def code(name: str, **properties: str) -> tuple[int, str]:
        answer = put(arm, f"{place}/{name}", "2022-04-01", **properties)
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    assert code(NAME, roleDefinitionId=reader, principalId=SHOP) == (400, "PrincipalNotFound")
    assert code(NAME, roleDefinitionId=nobody, principalId=SHOP) == (404, "RoleDefinitionDoesNotExist")
    assert code("name", roleDefinitionId=reader, principalId=SHOP) == (400, "InvalidRoleAssignmentId")
    assert code(NAME, roleDefinitionId=reader) == (400, "BadRequestFormat")
    assert code(NAME, roleDefinitionId=reader, principalId=SHOP, principalType="Group") == (201, "")
    assert code(SHOP, roleDefinitionId=reader, principalId=SHOP, principalType="Group") == (409, "RoleAssignmentExists")
    assert code(NAME, roleDefinitionId=reader, principalId=NAME, principalType="Group") == (400, "RoleAssignmentUpdateNotPermitted")


def test_diagnostic_settings(arm: Client) -> None:
    vault = arm.vault()
    place, version = f"{vault}/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"
    workspace = f"{arm.rg}/providers/Microsoft.OperationalInsights/workspaces/central"
    logs = [{"categoryGroup": "audit", "enabled": True}]
    assert (
        put(arm, f"{place}/audit", version, workspaceId=workspace, logs=logs).json()["error"]["code"] == "MissingSubscriptionRegistration"
    )
    arm.call("POST", f"{arm.subscription}/providers/Microsoft.Insights/register")
    arm.control("PUT", "clock", {"advance": 600})
    made = put(arm, f"{place}/audit", version, workspaceId=workspace, logs=logs)
    assert made.status_code == 200
    assert made.json()["id"] == f"{vault.lower()}/providers/microsoft.insights/diagnosticSettings/audit"
    shown = made.json()["properties"]
    assert (shown["storageAccountId"], shown["logs"][0]["category"], shown["logs"][0]["retentionPolicy"]) == (
        None,
        None,
        {"enabled": False, "days": 0},
    )
    assert put(arm, f"{place}/twice", version, workspaceId=workspace.upper(), logs=logs).json()["error"]["code"] == "Conflict"
    assert put(arm, f"{place}/none", version, logs=logs).status_code == 400
    assert put(arm, f"{place}/none", version, workspaceId=workspace, logs=[{"category": "Nonsense", "enabled": True}]).status_code == 400
    assert [each["name"] for each in arm.call("GET", place, version=version).json()["value"]] == ["audit"]
    assert [arm.call(method, f"{place}/audit", version=version).status_code for method in ("DELETE", "DELETE", "GET")] == [200, 204, 404]
