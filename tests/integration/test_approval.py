# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consumer and owner are two: request, approve and await_approval run apart, with the rights of either side and no others."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
import typing as t

import pytest

from integration.emulation import Emulation, Json, reported
from integration.landscape import ENDPOINT, GROUP, ZONE, ZONE_NAME, Landscape
from integration.running import Controller, Run, Started, task

pytestmark = pytest.mark.long

CONSUMER = "a0000000-0000-4000-8000-0000000000f1"
OWNER = "a0000000-0000-4000-8000-0000000000f2"
SECRET = "approval-secret~3"
STATES = ("Pending", "Approved", "Rejected", "Disconnected")
NEXT = {"Pending": "decide", "Approved": "none", "Rejected": "approve_or_recreate", "Disconnected": "recreate_or_remove"}
ELSEWHERE, THEIRS = "b0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-0000000000aa"


@dataclasses.dataclass
class Sides:
    """The playbooks, each run with the credentials of its side. endpoint is what request makes for the vault of the landscape."""

    controller: Controller
    landscape: Landscape
    azure: Emulation

    @property
    def endpoint(self) -> str:
        return self.azure.id(GROUP, ENDPOINT, "shop-vault-endpoint")

    @property
    def record(self) -> str:
        return f"{self.landscape.zone}/A/shop-vault"

    def start(self, client: str, playbook: str, *arguments: str, **variables: t.Any) -> Started:
        given = ["-e", json.dumps(variables)] if variables else []
        return self.controller.start(
            f"privatelink.azure.{playbook}", *given, *arguments, env={"AZURE_CLIENT_ID": client, "AZURE_SECRET": SECRET}
        )

    def request(self, *arguments: str, **variables: t.Any) -> Run:
        there = {"request_vault_id": self.landscape.vault, "request_subnet_id": self.landscape.others, "request_resource_group": GROUP}
        return self.start(CONSUMER, "request", *arguments, **{**there, "request_message": "Ticket 4711", **variables}).wait()

    def approve(self, *arguments: str, **variables: t.Any) -> Run:
        return self.start(OWNER, "approve", *arguments, approve_vault_id=self.landscape.vault, **variables).wait()

    def awaiting(self, **variables: t.Any) -> Started:
        bounds = {"await_timeout": 30, "await_delay": 1}
        return self.start(
            CONSUMER,
            "await_approval",
            **{**bounds, "await_endpoint_id": self.endpoint, "await_vault_id": self.landscape.vault, **variables},
        )


@pytest.fixture
def sides(controller: Controller, landscape: Landscape) -> Sides:
    azure = landscape.use().emulation
    for client, name, role in ((CONSUMER, "consumer", "Network Contributor"), (OWNER, "owner", "Key Vault Contributor")):
        azure.principal(client_id=client, object_id=name, secret=SECRET, assignments=[{"role": role, "scope": "/"}])
    return Sides(controller, landscape, azure)


def stats(run: Run) -> Json:
    """Return what a run published for a workflow."""
    return {name: value for done in run.tasks for name, value in done.result.get("ansible_stats", {}).get("data", {}).items()}


def changed(run: Run) -> list[str]:
    """Return the names of the tasks that changed something, without that of their role."""
    return [name.rpartition(" : ")[2] for name in run.changed]


def address(sides: Sides) -> str:
    (nic,) = (sides.azure.resource(item["id"]) for item in sides.azure.resource(sides.endpoint)["properties"]["networkInterfaces"])
    return str(nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"])


def test_request_approval_and_dns_run_apart(sides: Sides) -> None:
    """The whole way: ask, list, approve, finish DNS; a second run of each changes nothing."""
    rehearsed = sides.request("--check").succeeded()
    assert rehearsed.task("Request the connection").changed and not rehearsed.writes
    requested = sides.request().succeeded()
    assert changed(requested) == ["Request the connection"]
    assert stats(requested) == {
        "privatelink_endpoint_id": sides.endpoint,
        "privatelink_vault_id": sides.landscape.vault,
        "privatelink_connection_state": "Pending",
        "privatelink_message": "Ticket 4711",
        "privatelink_private_ip_address": "10.1.1.4",
    }
    assert not sides.request().succeeded().writes

    listed = sides.approve().succeeded()
    assert not listed.writes, reported(listed.writes)
    assert stats(listed) == {"privatelink_approved": [], "privatelink_rejected": [], "privatelink_pending": [sides.endpoint]}
    assert sides.endpoint in listed.stdout and f"resource group {GROUP}" in listed.stdout and "Ticket 4711" in listed.stdout

    decide = {"approve_endpoint_ids": [sides.endpoint], "approve_description": "Welcome"}
    planned = sides.approve("--check", **decide).succeeded()
    assert changed(planned) == ["Decide on the connections"] and not planned.writes
    approved = sides.approve(**decide).succeeded()
    assert changed(approved) == ["Decide on the connections"]
    assert (
        stats(approved)
        == stats(planned)
        == {"privatelink_approved": [sides.endpoint], "privatelink_rejected": [], "privatelink_pending": []}
    )
    assert not sides.approve(**decide).succeeded().changed

    finish = {"await_dns": "a_record", "await_zone_id": sides.landscape.zone, "await_network_ids": [sides.landscape.network]}
    done = sides.awaiting(**finish).wait().succeeded()
    assert changed(done) == ["Write the A record of the vault", "Link the networks to the zone"]
    assert stats(done) == {
        "privatelink_connection_state": "Approved",
        "privatelink_private_ip_address": "10.1.1.4",
        "privatelink_proven": None,
    }
    assert sides.azure.resource(sides.record)["properties"]["aRecords"] == [{"ipv4Address": "10.1.1.4"}]
    assert "10.1.1.4" in sides.azure.lookup("shop-vault.vault.azure.net", sides.landscape.network)
    assert not sides.awaiting(**finish).wait().succeeded().writes


def test_awaiting_ends_when_the_owner_decides(sides: Sides) -> None:
    sides.request().succeeded()
    waiting = sides.awaiting(await_zone_id=sides.landscape.zone)
    sides.approve(approve_endpoint_ids=[sides.endpoint]).succeeded()
    done = waiting.wait().succeeded()
    assert changed(done) == ["Attach the DNS zone group"]
    assert sides.azure.resource(sides.record)["properties"]["aRecords"] == [{"ipv4Address": "10.1.1.4"}]


def test_awaiting_is_bounded(sides: Sides) -> None:
    sides.request().succeeded()
    run = sides.awaiting(await_timeout=2, await_dns="none").wait()
    assert run.rc == 2 and not run.writes
    assert "has not decided" in run.task("Fail without an approval")["msg"]
    assert stats(run) == {"privatelink_connection_state": "Pending"}


def test_rejection_tells_the_owners_words_and_is_repaired_on_request(sides: Sides) -> None:
    sides.request(request_private_ip_address="10.1.1.77").succeeded()
    sides.approve(reject_endpoint_ids=[sides.endpoint], reject_description="Ask the ledger team").succeeded()

    waited = sides.awaiting(await_dns="none").wait()
    assert waited.rc == 2 and not waited.writes
    assert "Ask the ledger team" in waited.task("Fail without an approval")["msg"] and "recreate: true" in waited.output
    assert stats(waited) == {"privatelink_connection_state": "Rejected"}
    again = sides.request()
    assert again.rc == 2 and not again.writes and again.task("Request the connection")["code"] == "ConnectionRejected"

    repaired = sides.request(request_recreate=True).succeeded()
    assert stats(repaired)["privatelink_connection_state"] == "Pending" and stats(repaired)["privatelink_endpoint_id"] == sides.endpoint
    assert address(sides) == "10.1.1.77"
    sides.approve(approve_endpoint_ids=[sides.endpoint]).succeeded()
    assert not sides.request(request_recreate=True).succeeded().writes


def test_removal_disconnects_and_is_repaired_with_the_same_address(sides: Sides) -> None:
    """What Azure chose as the address is kept too."""
    sides.request().succeeded()
    owner = {"client_id": OWNER, "secret": SECRET}
    remove = {"resource_group": GROUP, "vault_name": "shop-vault", "endpoint_id": sides.endpoint, "state": "absent"}
    sides.controller.tasks(task("endpoint_connection_approval", "remove", **remove, **owner)).succeeded()
    before = address(sides)
    again = sides.request()
    assert again.rc == 2 and not again.writes and again.task("Request the connection")["code"] == "ConnectionDisconnected"
    repaired = sides.request(request_recreate=True).succeeded()
    assert stats(repaired)["privatelink_connection_state"] == "Pending"
    assert address(sides) == before


def test_rules_decide_and_the_rest_stays_pending(sides: Sides) -> None:
    """Three requests: one fits a rule that approves, one a rule that rejects, one none."""
    azure = sides.azure
    far = {"request_subnet_id": sides.landscape.far_subnet, "request_name": "lab-endpoint"}
    names = ("shop-vault-endpoint", "lab-endpoint", "unknown")
    sides.request().succeeded()
    there = {"resource_group": GROUP, "vault_id": sides.landscape.vault, "manual_request": True}
    consumer = {"client_id": CONSUMER, "secret": SECRET}
    more = [task("subnet", "more", resource_group=GROUP, virtual_network_name="far-net", name="more", address_prefixes=["10.1.2.0/24"])]
    far_more = sides.landscape.far_subnet.replace("/endpoints", "/more")
    more += [task("keyvault_private_endpoint", "unknown", **there, name="unknown", subnet_id=far_more, **consumer)]
    more += [task("keyvault_private_endpoint", "lab", **there, name="lab-endpoint", subnet_id=far["request_subnet_id"], **consumer)]
    sides.controller.tasks(*more).succeeded()
    ids = [azure.id(GROUP, ENDPOINT, name) for name in names]
    rules = [
        {"name": "laboratories", "endpoint_names": ["lab-*"], "status": "Rejected", "description": "Laboratories use the test vault"},
        {"name": "ours", "subscriptions": [azure.facts["subscription"]], "endpoint_names": ["*-endpoint"]},
    ]
    run = sides.approve(approve_rules=rules).succeeded()
    assert stats(run) == {"privatelink_approved": [ids[0]], "privatelink_rejected": [ids[1]], "privatelink_pending": [ids[2]]}
    again = sides.approve(approve_rules=rules).succeeded()
    assert not again.writes and stats(again)["privatelink_pending"] == [ids[2]]


def test_requester_of_another_tenant_is_judged_by_what_the_vault_knows(sides: Sides) -> None:
    """The owner cannot read the endpoint; its id and the message on the connection are all there is, and enough for rules and ids."""
    azure, stranger = sides.azure, {"client_id": CONSUMER, "secret": SECRET, "tenant": ELSEWHERE, "subscription_id": THEIRS}
    azure.control("POST", "subscriptions", {"id": THEIRS, "tenant": ELSEWHERE})
    azure.principal(tenant=ELSEWHERE, client_id=CONSUMER, object_id="stranger", secret=SECRET)
    subnet = azure.id("theirs", "Microsoft.Network/virtualNetworks/subnets", "net", "endpoints", subscription=THEIRS)
    requested = {"resource_group": "theirs", "vault_id": sides.landscape.vault, "manual_request": True, **stranger}
    names, messages = ("partner-one", "partner-two", "partner-three"), ("Contract 7", "Contract 8", "please")
    made = sides.controller.tasks(
        task("resource_group", "group", name="theirs", location="westeurope", **stranger),
        task("resource_provider", "provider", name="Microsoft.KeyVault", **stranger),
        task(
            "virtual_network",
            "net",
            resource_group="theirs",
            name="net",
            location="westeurope",
            address_prefixes=["10.9.0.0/16"],
            **stranger,
        ),
        *(
            task(
                "subnet",
                name,
                resource_group="theirs",
                virtual_network_name="net",
                name=name,
                address_prefixes=[f"10.9.{number}.0/24"],
                **stranger,
            )
            for number, name in enumerate(names)
        ),
        *(
            task(
                "keyvault_private_endpoint",
                f"ask {name}",
                name=name,
                subnet_id=subnet.replace("/endpoints", f"/{name}"),
                request_message=message,
                **requested,
            )
            for name, message in zip(names, messages, strict=True)
        ),
    ).succeeded()
    ids = [made.task(f"ask {name}")["id"] for name in names]
    listed = sides.approve().succeeded()
    assert (
        set(stats(listed)["privatelink_pending"]) == set(ids)
        and "Contract 7" in listed.stdout
        and f"subscription {THEIRS}" in listed.stdout
    )
    # an approval by id may be written as it likes; the rule reads the message; who fits neither stays pending
    rules = [{"name": "contract", "subscriptions": [THEIRS.upper()], "descriptions": ["contract 8"]}]
    run = sides.approve(approve_endpoint_ids=[ids[0].upper()], approve_rules=rules).succeeded()
    reported = stats(run)
    assert (reported["privatelink_approved"], reported["privatelink_pending"]) == ([ids[0], ids[1]], [ids[2]])
    states = {
        name: azure.resource(f"{sides.landscape.vault}/privateEndpointConnections/{name}")["properties"][
            "privateLinkServiceConnectionState"
        ]
        for name in names
    }
    assert [states[name]["status"] for name in names] == ["Approved", "Approved", "Pending"]


def test_text_of_a_survey_is_taken_for_lists(sides: Sides) -> None:
    """One id, several behind commas, and rules in YAML; decided once, nobody else."""
    sides.request().succeeded()
    sides.request(request_name="second-endpoint", request_subnet_id=sides.landscape.far_subnet).succeeded()
    second = sides.azure.id(GROUP, ENDPOINT, "second-endpoint")
    both = sides.approve("--check", approve_endpoint_ids=f"{sides.endpoint}, {second.upper()}/").succeeded()
    assert not both.writes and stats(both)["privatelink_pending"] == []
    rules = "- name: ours\n  endpoint_names: nobody, second-*\n  status: Rejected\n"
    run = sides.approve(approve_endpoint_ids=sides.endpoint, reject_endpoint_ids="", approve_rules=rules).succeeded()
    assert stats(run) == {"privatelink_approved": [sides.endpoint], "privatelink_rejected": [second], "privatelink_pending": []}
    done = (
        sides.awaiting(await_dns="a_record", await_zone_id=sides.landscape.zone, await_network_ids=f"{sides.landscape.network}, ")
        .wait()
        .succeeded()
    )
    assert "Link the networks to the zone" in changed(done)


def test_workflow_receives_what_is_published(sides: Sides, tmp_path: pathlib.Path) -> None:
    """
    As a controller does: ansible-runner runs the playbook, and its last event carries the artifacts that the next job gets as variables.
    """
    runner = pathlib.Path(sys.executable).parent / "ansible-runner"
    if not runner.exists():
        pytest.skip("ansible-runner is not installed")
    sides.request().succeeded()
    (tmp_path / "project").mkdir()
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "extravars").write_text(
        json.dumps({"approve_vault_id": sides.landscape.vault, "approve_endpoint_ids": sides.endpoint}), encoding="utf-8"
    )
    given = {**sides.controller.environment, "AZURE_CLIENT_ID": OWNER, "AZURE_SECRET": SECRET}
    for ours in ("ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CALLBACK_PLUGINS"):
        del given[ours]  # a controller brings its own
    command = [str(runner), "run", str(tmp_path), "--playbook", "privatelink.azure.approve", "--ident", "job", "--quiet"]
    done = subprocess.run(command, env=given, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(file.read_text(encoding="utf-8")) for file in (tmp_path / "artifacts" / "job" / "job_events").glob("*.json")]
    (last,) = [event for event in events if event["event"] == "playbook_on_stats"]
    assert last["event_data"]["artifact_data"] == {
        "privatelink_approved": [sides.endpoint],
        "privatelink_rejected": [],
        "privatelink_pending": [],
    }


def test_nobody_is_approved_and_rejected_at_once(sides: Sides) -> None:
    run = sides.approve(approve_endpoint_ids=[sides.endpoint], reject_endpoint_ids=[sides.endpoint.upper()])
    assert run.rc == 2 and not run.writes
    assert "remove it from one of them" in run.task("Decide on the connections")["msg"]


def test_one_play_acts_on_both_sides_and_shows_every_state(sides: Sides) -> None:
    """Each task brings its own credentials; neither side has the rights of the other."""
    consumer, owner = ({"client_id": client, "secret": SECRET} for client in (CONSUMER, OWNER))
    vault = {"resource_group": GROUP, "vault_name": "shop-vault"}
    ask = {
        "resource_group": GROUP,
        "name": "asked",
        "vault_id": sides.landscape.vault,
        "subnet_id": sides.landscape.others,
        "manual_request": True,
    }
    requested = sides.azure.id(GROUP, ENDPOINT, "asked")
    decide = {**vault, "endpoint_id": requested}
    read = {"resource_group": GROUP, "name": "asked"}
    run = sides.controller.tasks(
        task("keyvault_private_endpoint", "ask", **ask, **consumer),
        task("keyvault_private_endpoint_info", "see Pending", **vault),
        task("endpoint_connection_approval", "decide for oneself", **decide, **consumer, keywords={"ignore_errors": True}),
        task(
            "keyvault_private_endpoint",
            "delete what is another's",
            resource_group=GROUP,
            name="asked",
            state="absent",
            **owner,
            keywords={"ignore_errors": True},
        ),
        task("endpoint_connection_approval", "approve", **decide, **owner),
        task("keyvault_private_endpoint_info", "see Approved", **vault),
        task("endpoint_connection_approval", "reject", **decide, **owner, status="Rejected", description="No longer"),
        task("keyvault_private_endpoint_info", "see Rejected", **vault),
        task("private_endpoint_info", "consumer sees Rejected", **read, **consumer),
        task("private_endpoint", "run again when Rejected", **read, **consumer, keywords={"ignore_errors": True}),
        task("endpoint_connection_approval", "approve after all", **decide, **owner, description="Welcome back"),
        task("keyvault_private_endpoint_info", "see Approved again", **vault),
        task("private_endpoint", "run again when Approved", **read, **consumer),
        task("endpoint_connection_approval", "remove", **decide, **owner, state="absent"),
        task("keyvault_private_endpoint_info", "see Disconnected", **vault),
        task("private_endpoint_info", "consumer sees Disconnected", **read, **consumer),
        task("private_endpoint", "run again when Disconnected", **read, **consumer, keywords={"ignore_errors": True}),
    )
    assert run.rc == 0, run.output
    for state in STATES:
        (seen,) = (item for item in run.task(f"see {state}")["connections"] if item["endpoint_id"] == requested)
        assert seen["state"] == seen["endpoint"]["state"] == state
        assert seen["next_step"] == NEXT[state] and bool(seen["hint"]) == (state != "Approved")
    for state in STATES[2:]:
        ours = run.task(f"consumer sees {state}")
        assert (ours["state"], ours["next_step"]) == (state, NEXT[state]) and ours["target_id"] == sides.landscape.vault
    # Approved after a rejection is as good as ever, and needs nothing of the consumer
    (again,) = (item for item in run.task("see Approved again")["connections"] if item["endpoint_id"] == requested)
    assert (
        again["endpoint"]["state"] == "Approved"
        and again["description"] == "Welcome back"
        and not run.task("run again when Approved").changed
    )
    assert run.task("decide for oneself")["code"] == run.task("delete what is another's")["code"] == "AuthorizationFailed"
    for state in STATES[2:]:
        done = run.task(f"run again when {state}")
        assert done["code"] == f"Connection{state}" and "recreate: true" in done["hint"], done.shown
    assert "No longer" in run.task("run again when Rejected")["msg"]
    assert (
        sides.azure.resource(requested)["properties"]["manualPrivateLinkServiceConnections"][0]["properties"][
            "privateLinkServiceConnectionState"
        ]["status"]
        == STATES[3]
    )


def test_a_target_that_is_deleted_is_seen_from_both_sides(sides: Sides) -> None:
    """The vault is gone, so nobody but the endpoint knows of the connection; what is left of it is to be removed."""
    other_vault = {"resource_group": GROUP, "vault_name": "shop-till"}
    run = sides.controller.tasks(
        task("keyvault", "delete", resource_group=GROUP, name="shop-till", state="absent"),
        task("keyvault_private_endpoint_info", "vault's side", **other_vault),
        task("private_endpoint_info", "endpoint's side", resource_group=GROUP, name="shop-request"),
        task("private_endpoint", "again", resource_group=GROUP, name="shop-request", keywords={"ignore_errors": True}),
        task("private_link_orphans_info", "left over"),
    )
    assert run.rc == 0, run.output
    (seen,) = run.task("vault's side")["connections"]
    assert run.task("vault's side")["exists"] is False and seen["endpoint_id"] == sides.landscape.request
    assert (seen["id"], seen["state"], seen["next_step"]) == (None, "Disconnected", "remove") and "no longer exists" in seen["hint"]
    assert run.task("endpoint's side")["state"] == "Disconnected" and run.task("again")["code"] == "ConnectionDisconnected"
    assert [item["id"] for item in run.task("left over")["endpoints"]] == [sides.landscape.request]


def test_policy_and_wrong_ways_of_dns(sides: Sides) -> None:
    run = sides.awaiting(await_dns="zone_group").wait()
    assert (
        run.rc == 2
        and not run.requests
        and run.task("Require await_zone_id for DNS and network links")["msg"].startswith("await_zone_id: required")
    )
    sides.azure.control("PUT", "settings", {"policy": {"zones": {"vault": sides.azure.id(GROUP, ZONE, ZONE_NAME)}}})
    try:
        sides.request().succeeded()
        sides.approve(approve_endpoint_ids=[sides.endpoint]).succeeded()
        done = sides.awaiting(await_dns="policy").wait().succeeded()
    finally:
        sides.azure.control("PUT", "settings", {"policy": None})
    assert done.task("Wait for the DNS zone group of Azure Policy")["zone_group_name"] == "deployedByPolicy" and not done.writes
