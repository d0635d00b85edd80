# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks, roles and logs beside a vault and its endpoint, and what locks mean for a rollout and for a removal."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from integration.emulation import TESTS, Emulation, Json, reported
from integration.landscape import ENDPOINT, GROUP, VAULT, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

ROLLOUT: Json = yaml.safe_load((TESTS / "demo" / "vars.yml").read_text(encoding="utf-8"))
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
APPLICATION = "c0000000-0000-4000-8000-000000000011"
MADE = "Create the private vault"


def play(controller: Controller, playbook: str, *arguments: str, **variables: t.Any) -> Run:
    return controller.run(f"privatelink.azure.{playbook}", "-e", json.dumps(variables), *arguments)


def foreseen(run: Run) -> set[str]:
    """Return the ids of what a rehearsal with --diff says it would write."""
    return {place.lower() for part in run.task(MADE)["diff"] for place in part["after"]}


def extras(emulation: Emulation, level: str = "CanNotDelete") -> Json:
    """Return the variables of a rollout with all that can be beside a vault."""
    role = {"assignee_object_id": APPLICATION, "principal_type": "ServicePrincipal"}
    workspace = emulation.id("monitoring", "Microsoft.OperationalInsights/workspaces", "central")
    return {
        **ROLLOUT,
        "private_vault_role_assignments": [{**role, "role_definition_id": "Key Vault Secrets User", "description": "Pays."}],
        "private_vault_endpoint_role_assignments": [{**role, "role_definition_id": READER}],
        "private_vault_diagnostic_settings": [{"name": "audit", "log_analytics": workspace}],
        "private_vault_lock": {"level": level, "name": "keep", "notes": "Holds the payment keys."},
        "private_vault_endpoint_lock": {"level": level},
    }


@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_rollout_with_everything_beside_it(level: str, controller: Controller, emulation: Emulation) -> None:
    emulation.reset()
    variables = extras(emulation, level)
    emulation.read_only()
    rehearsal = play(controller, "rollout", "--check", "--diff", **variables).succeeded()
    emulation.read_only(enabled=False)
    assert not rehearsal.writes
    run = play(controller, "rollout", **variables).succeeded()
    group = ROLLOUT["private_vault_resource_group"]
    vault, endpoint = emulation.id(group, VAULT, "payments-vault"), emulation.id(group, ENDPOINT, "payments-vault-endpoint")
    written = [write["path"] for write in run.writes]
    locks = [
        f"{place}/providers/Microsoft.Authorization/locks/{name}"
        for place, name in ((endpoint, "payments-vault-endpoint-lock"), (vault, "keep"))
    ]
    put = {write["path"].lower() for write in run.writes if write["method"] == "PUT"}
    assert {place for place in foreseen(rehearsal) if place.split("/")[3] != "providers"} == put  # those are registered with a POST
    # locks come last, that of the vault after that of its endpoint: they may forbid all the rest
    assert written[-len(locks) :] == locks, reported(run.writes)
    assert {emulation.resource(lock)["properties"]["level"] for lock in locks} == {level}
    setting = emulation.resource(f"{vault}/providers/Microsoft.Insights/diagnosticSettings/audit")["properties"]
    assert ([log["categoryGroup"] for log in setting["logs"]], [metric["category"] for metric in setting["metrics"]]) == (
        ["allLogs"],
        ["AllMetrics"],
    )
    roles = {
        each["document"]["properties"]["scope"]: each["document"]["properties"]["roleDefinitionId"].rpartition("/")[2]
        for each in emulation.control("GET", "state")["resources"]
        if "/roleAssignments/" in each["id"]
    }
    assert roles == {vault: SECRETS_USER, endpoint: READER}
    # under its own locks
    again = play(controller, "rollout", **variables).succeeded()
    assert not again.changed and not again.writes, reported(again.writes)


def test_wrong_extras_are_refused_before_the_first_write(controller: Controller, emulation: Emulation) -> None:
    emulation.reset()
    role = {"assignee_object_id": APPLICATION, "role_definition_id": "Ruler"}
    for wrong, option in (
        ({"private_vault_role_assignments": [role]}, "role_assignments[0].role_definition_id"),
        (
            {"private_vault_endpoint_role_assignments": [{**role, "assignee_object_id": "me"}]},
            "endpoint_role_assignments[0].assignee_object_id",
        ),
        ({"private_vault_diagnostic_settings": [{"name": "audit"}]}, "diagnostic_settings[0]"),
        ({"private_vault_lock": {"level": "CanNotDelete", "name": "a/b"}}, "lock.name"),
        ({"private_vault_endpoint_lock": {"level": "CanNotDelete", "name": "a/b"}}, "endpoint_lock.name"),
    ):
        run = play(controller, "rollout", **ROLLOUT, **wrong)
        assert run.rc == 2 and not run.writes, run.output
        assert f"private_vault_{option}" in run.task(MADE)["msg"], run.task(MADE).shown


# --- removal ---


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def test_management_lock_ends_a_removal_at_once(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Azure refuses to delete an endpoint where its vault is locked, too."""
    lock = f"{landscape.vault}/providers/Microsoft.Authorization/locks/keep"
    controller.tasks(
        task("management_lock", name="keep", managed_resource_id=landscape.vault, level="CanNotDelete", notes="Ask first.")
    ).succeeded()
    for variables, words, requested in (
        (
            {"decommission_vault_ids": [landscape.vault]},
            f"Could not delete key vault 'shop-vault' of resource group '{GROUP}'",
            landscape.vault,
        ),
        (
            {"decommission_endpoint_ids": [landscape.endpoint]},
            f"Could not delete private endpoint 'shop-endpoint' of resource group '{GROUP}'",
            landscape.endpoint,
        ),
    ):
        run = play(controller, "decommission", **variables)
        assert run.rc == 2
        failed = next(done for done in run.tasks if done.status == "failed")
        result = failed.result
        assert result["msg"].startswith(
            f"{words}: it is locked by management lock 'keep' (CanNotDelete, 'Ask first.') on '{landscape.vault}' (ScopeLocked). "
        ), result
        assert result["code"] == "ScopeLocked"
        assert "decommission_ids" in result["hint"] and result["hint"].endswith(lock)
        assert [request["path"] for request in failed.writes] == [requested]
    assert landscape.vault.lower() in azure.resources()
    # what was removed before the failure is told, and published for the next job
    run = play(controller, "decommission", decommission_ids=[landscape.vault, landscape.request])
    failed = next(done for done in run.tasks if done.status == "failed")
    assert run.rc == 2 and failed.changed and failed["removed"] == [landscape.request] and failed["code"] == "ScopeLocked", failed.shown
    assert run.task("Publish workflow statistics")["ansible_stats"]["data"] == {
        "privatelink_removed": [landscape.request],
        "privatelink_reduced": [],
    }
    assert landscape.request.lower() not in azure.resources()


def test_named_locks_go_first(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    locks = [
        f"{landscape.vault}/providers/Microsoft.Authorization/locks/keep",
        f"{azure.id(GROUP)}/providers/Microsoft.Authorization/locks/keep all",
    ]
    made = [
        task(
            "management_lock",
            name=item.rpartition("/")[2],
            managed_resource_id=item.partition("/providers/Microsoft.Authorization")[0],
            level="ReadOnly",
        )
        for item in locks
    ]
    controller.tasks(*made).succeeded()
    every: Json = {
        "decommission_locks": locks,
        "decommission_endpoint_ids": [landscape.endpoint],
        "decommission_vault_ids": [landscape.vault],
    }
    planned = play(controller, "decommission", "--check", **every).succeeded()
    assert planned.changed and not planned.writes
    run = play(controller, "decommission", **every).succeeded()
    assert run.task("Delete the resources")["removed"] == [*locks, landscape.endpoint, landscape.vault]
    again = play(controller, "decommission", **every).succeeded()
    assert not again.changed and not again.writes
