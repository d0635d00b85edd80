# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who would be locked out of a vault in use: callers that its audit log knows keep it open, unless they are accepted."""

from __future__ import annotations

import json
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import GROUP, VAULT, Landscape
from integration.running import Controller, Run, is_sentence, task

pytestmark = pytest.mark.long

CLOSED = "Disable public network access"
READ = "Check whether the private path works"
APPLICATION = "c0000000-0000-4000-8000-000000000001"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"


def play(controller: Controller, playbook: str, *arguments: str, **variables: t.Any) -> Run:
    return controller.run(f"privatelink.azure.{playbook}", "-e", json.dumps(variables), *arguments)


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


@pytest.fixture
def workspace(azure: Emulation) -> str:
    """A workspace, as another team made it."""
    place = azure.id(GROUP, WORKSPACE, "central")
    azure.control("PUT", "resource", {"id": place, "name": "central", "properties": {"retentionInDays": 90}}, id=place)
    return place


@pytest.fixture
def live(controller: Controller, landscape: Landscape, azure: Emulation, workspace: str) -> Json:
    """A vault in use that sends its audit log, and how to cut it over with 30 days of callers."""
    vault = azure.id(GROUP, VAULT, "live-vault")
    logs = [{"category": "AuditEvent"}]
    controller.tasks(
        task("resource_provider", name="Microsoft.Insights"),
        task("keyvault", resource_group=GROUP, name="live-vault", location="westeurope", public_network_access="Enabled"),
        task("diagnostic_setting", resource=vault, name="audit", log_analytics=workspace, logs=logs),
    ).succeeded()
    given = {"existing_vault_id": vault, "existing_subnet_id": landscape.subnet, "existing_zone_id": landscape.zone}
    return {**given, "existing_callers_days": 30}


def record(azure: Emulation, workspace: str, vault: str, address: str, how: str, **changes: t.Any) -> None:
    """Record a request in the shared table, as a vault's door does."""
    row = {
        "Type": "AzureDiagnostics",
        "_ResourceId": vault,
        "Category": "AuditEvent",
        "OperationName": "SecretGet",
        "httpStatusCode_d": 200.0,
        "CallerIPAddress": address,
        "addrAuthType_s": how,
        "identity_claim_appid_g": APPLICATION,
    }
    azure.log(workspace, {**row, **changes})


def state(azure: Emulation, live: Json) -> str:
    return str(azure.resource(live["existing_vault_id"])["properties"]["publicNetworkAccess"])


def test_public_callers_keep_the_vault_open_until_they_are_accepted(
    controller: Controller, azure: Emulation, workspace: str, live: Json
) -> None:
    vault = live["existing_vault_id"]
    record(azure, workspace, vault, "203.0.113.7", "PublicIP")
    record(azure, workspace, vault, "10.1.1.9", "", privateEndpointId_s="/subscriptions/1/privateEndpoints/pe")
    record(azure, workspace, vault, "198.51.100.9", "PublicIP", httpStatusCode_d=403.0)
    planned = play(controller, "existing_vault", "--check", **live)
    assert planned.rc == 2 and not planned.writes, planned.output
    refused = play(controller, "existing_vault", **live)
    for run in (planned, refused):
        failed = run.task(CLOSED)
        assert failed.failed and failed["code"] == "CallersWouldLoseAccess", failed.shown
        assert "203.0.113.7" in failed["msg"] and APPLICATION in failed["msg"] and "10.1.1.9" not in failed["msg"], failed["msg"]
        assert "198.51.100.9" not in failed["msg"] and is_sentence(failed["msg"].removesuffix(failed["hint"]).strip())
    assert refused.rc == 2 and state(azure, live) == "Enabled"
    shown = play(controller, "existing_vault", **live, existing_close=False).succeeded()
    assert any(line.startswith("callers:") and "203.0.113.7" in line for line in shown.task("Show the summary")["msg"])
    other = play(controller, "existing_vault", **live, existing_accepted_callers=["198.51.100.0/24"])
    assert other.rc == 2 and state(azure, live) == "Enabled"
    done = play(controller, "existing_vault", **live, existing_accepted_callers=["203.0.113.0/24"]).succeeded()
    assert state(azure, live) == "Disabled" and done.task(CLOSED)["callers"]["public_callers"][0]["accepted"]
    assert any(line.startswith("callers:") and "accepted" in line for line in done.task("Show the summary")["msg"])
    again = play(controller, "existing_vault", **live).succeeded()  # nobody can lose what is closed
    assert not again.writes and again.task(CLOSED)["callers"] is None


def test_an_application_is_accepted_by_its_id(controller: Controller, azure: Emulation, workspace: str, live: Json) -> None:
    record(azure, workspace, live["existing_vault_id"], "203.0.113.7", "PublicIP")
    play(controller, "existing_vault", **live, existing_accepted_callers=[APPLICATION]).succeeded()
    assert state(azure, live) == "Disabled"


@pytest.mark.parametrize("case", ["no setting", "no workspace", "no record", "not allowed"])
def test_what_is_not_known_keeps_it_open(case: str, controller: Controller, azure: Emulation, workspace: str, live: Json) -> None:
    setting = f"{live['existing_vault_id']}/providers/Microsoft.Insights/diagnosticSettings/audit"
    if case == "no setting":
        azure.control("DELETE", "resource", id=setting)
    if case == "no workspace":
        azure.control("DELETE", "resource", id=workspace)
    if case == "no record":
        record(azure, workspace, f"{live['existing_vault_id']}-other", "203.0.113.7", "PublicIP")
    if case == "not allowed":
        azure.fault("POST", "/query$", 0, status=403, code="InsufficientAccessError", message="The provided credentials have no access")
    run = play(controller, "existing_vault", **live, existing_accepted_callers=["0.0.0.0/0"])
    done = run.task(CLOSED)
    assert run.rc == 2 and state(azure, live) == "Enabled"
    assert [reason["id"] for reason in done["reasons"]] == ["callers_unknown"], done.shown
    assert is_sentence(done["msg"].removesuffix(done["hint"]).strip()), done["msg"]
    assert bool(done["callers"]["task"]) is (case == "no setting")
    assert play(controller, "existing_vault", **{**live, "existing_callers_days": 0}).succeeded() and state(azure, live) == "Disabled"


def test_the_pasted_task_mends_a_missing_setting(controller: Controller, azure: Emulation, workspace: str, live: Json) -> None:
    vault = live["existing_vault_id"]
    azure.control("DELETE", "resource", id=f"{vault}/providers/Microsoft.Insights/diagnosticSettings/audit")
    (found,) = controller.tasks(task("keyvault_callers_info", vault_id=vault)).succeeded().tasks
    pasted = {**found["task"]["privatelink.azure.diagnostic_setting"], "log_analytics": workspace}
    run = controller.tasks(task("diagnostic_setting", **pasted), task("keyvault_callers_info", "look", vault_id=vault)).succeeded()
    assert run.task("look")["workspace_id"] == workspace.lower() or run.task("look")["workspace_id"] == workspace
    assert "no audit log" in run.task("look")["reason"] and run.task("look")["task"] is None


def test_a_fleet_closes_only_vaults_that_nobody_calls(
    controller: Controller, landscape: Landscape, azure: Emulation, workspace: str
) -> None:
    names = ["called-vault", "quiet-vault", "silent-vault"]
    logs = [{"name": "audit", "log_analytics": workspace, "logs": [{"category": "AuditEvent", "enabled": True}]}]
    common: Json = {
        "resource_group": GROUP,
        "location": "westeurope",
        "subnet_id": landscape.subnet,
        "zone_id": landscape.zone,
        "link": True,
    }
    controller.tasks(
        task("resource_provider", name="Microsoft.Insights"),
        *(task("keyvault", resource_group=GROUP, name=name, location="westeurope", public_network_access="Enabled") for name in names),
        task(
            "private_vaults",
            vaults=[{"name": name} for name in names],
            defaults={**common, "public_network_access": "Enabled", "diagnostic_settings": logs},
        ),
    ).succeeded()
    record(azure, workspace, azure.id(GROUP, VAULT, "called-vault"), "203.0.113.7", "PublicIP")
    record(
        azure, workspace, azure.id(GROUP, VAULT, "quiet-vault"), "10.1.1.9", "", privateEndpointId_s="/subscriptions/1/privateEndpoints/pe"
    )
    run = controller.tasks(
        task("private_vaults", "close", vaults=[{"name": name} for name in names], defaults={**common, "callers_days": 30})
    )
    done = run.task("close")
    found = {name: azure.resource(azure.id(GROUP, VAULT, name))["properties"]["publicNetworkAccess"] for name in names}
    assert run.rc == 2 and found == {"called-vault": "Enabled", "quiet-vault": "Disabled", "silent-vault": "Enabled"}, done.shown
    reasons = {name: [reason["id"] for reason in done["vaults"][name]["reasons"]] for name in names}
    assert reasons == {"called-vault": ["callers"], "quiet-vault": [], "silent-vault": ["callers_unknown"]}
    assert done["vaults"]["called-vault"]["callers"]["public_callers"][0]["address"] == "203.0.113.7"
    accepted = [{"name": "called-vault", "accepted_callers": ["203.0.113.7"]}]
    controller.tasks(task("private_vaults", vaults=accepted, defaults={**common, "callers_days": 30})).succeeded()
    assert azure.resource(azure.id(GROUP, VAULT, "called-vault"))["properties"]["publicNetworkAccess"] == "Disabled"
