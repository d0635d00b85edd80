# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks tell that failed on the way, and of what Azure did not keep; inside Ansible's worker and as module processes."""

from __future__ import annotations

import typing as t

import pytest

from integration.emulation import Json, reported
from integration.landscape import GROUP, ZONE_NAME, Landscape
from integration.running import Controller, Run, task

IGNORE = {"ignore_errors": True}
CLIENT, SECRET = "a0000000-0000-4000-8000-0000000000f1", "partial-secret~1"


def endpoint(landscape: Landscape, **options: t.Any) -> Json:
    """Return the options of the landscape's endpoint."""
    return {"resource_group": GROUP, "name": "shop-endpoint", "vault_id": landscape.vault, "subnet_id": landscape.subnet, **options}


def new_endpoint(landscape: Landscape, name: str) -> Json:
    """Return the options of a new endpoint with a zone group."""
    return {
        "resource_group": GROUP,
        "name": name,
        "vault_id": landscape.vault,
        "subnet_id": landscape.others,
        "private_dns_zone_ids": [landscape.zone],
    }


def _tasks(landscape: Landscape) -> list[Json]:
    group, tags = {"resource_group": GROUP}, {"plain": "ok", "policy-drops": "4711"}
    current = {"vault_id": landscape.other_vault, "subnet_id": landscape.others}
    alone = {"client_id": CLIENT, "secret": SECRET}
    rules = {**group, "vault_name": "shop-till", "rules": [{"endpoint_names": ["shop-*"]}]}
    decide = {**group, "vault_name": "shop-vault", "endpoint_id": landscape.endpoint}
    return [
        task("endpoint_connection_approval", "one dead connection", **decide),
        task("endpoint_connection_rules", "decision failed", **rules, keywords=IGNORE),
        task("endpoint_connection_rules", "decision taken again", **rules),
        task("endpoint_connection_rules", "decision stands", **rules),
        task("keyvault_private_endpoint", "group refused", **new_endpoint(landscape, "new"), keywords=IGNORE),
        task("keyvault_private_endpoint", "group refused, again", **new_endpoint(landscape, "new")),
        task(
            "keyvault_private_endpoint",
            "nothing written",
            **{**new_endpoint(landscape, "never"), "vault_id": landscape.other_vault},
            keywords=IGNORE,
        ),
        task("private_dns_zone", "tag dropped", **group, tags=tags),
        task("private_dns_zone", "tag dropped, again", **group, tags=tags),
        task("private_dns_zone", "tag dropped, in check mode", **group, tags=tags, keywords={"check_mode": True}),
        task("keyvault", "modified", **group, name="shop-vault", public_network_access="Enabled", tags={"a": "b"}),
        task("keyvault", "modified, again", **group, name="shop-vault", public_network_access="Enabled", tags={"a": "b"}),
        task(
            "keyvault_private_endpoint",
            "policy forbids the replacement",
            **endpoint(landscape, allow_replace=True, **current),
            keywords=IGNORE,
        ),
        task(
            "keyvault_private_endpoint",
            "no right for the replacement",
            **endpoint(landscape, allow_replace=True, **current),
            **alone,
            keywords=IGNORE,
        ),
        task(
            "keyvault_private_endpoint",
            "replacement refused",
            **endpoint(landscape, allow_replace=True, **current, tags={"x": "y"}),
            keywords=IGNORE,
        ),
        task("keyvault_private_endpoint", "made again", **endpoint(landscape, **current, tags={"x": "y"})),
        task("keyvault", "operation failed", **group, name="failing-vault", location="westeurope", keywords=IGNORE),
        task("keyvault", "operation failed, again", **group, name="failing-vault", location="westeurope"),
        task(
            "virtual_network",
            "no reason",
            **group,
            name="no-reason",
            location="westeurope",
            address_prefixes=["10.9.0.0/16"],
            keywords=IGNORE,
        ),
        task("virtual_network", "no reason, again", **group, name="no-reason", location="westeurope", address_prefixes=["10.9.0.0/16"]),
        *_half_way(landscape),
    ]


def _half_way(landscape: Landscape) -> list[Json]:
    """Return tasks whose second step is refused: the group of a replaced endpoint, the purge of a vault, the changes of a recovered one."""
    plain, vault = {"resource_group": GROUP, "name": "shop-endpoint"}, {"resource_group": GROUP, "name": "failing-vault"}
    moved = {**plain, "subnet_id": landscape.subnet, "allow_replace": True}
    recovered = {**vault, "location": "westeurope", "recover": True, "enabled_for_deployment": True}
    return [
        task("keyvault_private_endpoint", "with zones", **plain, private_dns_zone_ids=[landscape.zone], tags={"a": "b"}),
        task("keyvault_private_endpoint", "group lost", **moved, keywords=IGNORE),
        task("keyvault_private_endpoint", "group again", **moved, private_dns_zone_ids=[landscape.zone]),
        task("keyvault", "not purged", **vault, state="absent", purge=True, keywords=IGNORE),
        task("keyvault", "recovery planned", **recovered, keywords={"check_mode": True}),
        task("keyvault", "recovered and not changed", **recovered, keywords=IGNORE),
        task("keyvault", "recovered and changed", **recovered),
    ]


@pytest.fixture(scope="module", params=["1", pytest.param("0", marks=pytest.mark.long)], ids=["in-process", "module-process"])
def run(request: pytest.FixtureRequest, controller: Controller, landscape: Landscape) -> Run:
    """Every case once, one after the other, on each of the two ways."""
    azure = landscape.use().emulation
    writer = {"role": {"actions": ["*/read", "Microsoft.Network/*"]}, "scope": landscape.endpoint}
    azure.principal(client_id=CLIENT, object_id="partial", secret=SECRET, assignments=[{"role": "Reader", "scope": "/"}, writer])
    dead = {"status": "Disconnected", "description": "", "actionsRequired": "None"}
    properties = {
        "provisioningState": "Succeeded",
        "privateEndpoint": {"id": landscape.endpoint},
        "privateLinkServiceConnectionState": dead,
    }
    old = f"{landscape.vault}/privateEndpointConnections/a-dead-one"
    azure.control("PUT", "resource", {"id": old, "name": "a-dead-one", "properties": properties}, id=old)
    azure.fault("PUT", "/vaults/shop-till/privateEndpointConnections/", lro_error={})
    azure.fault(
        "PUT", "/privateEndpoints/new/privateDnsZoneGroups/", status=403, code="AuthorizationFailed", message="No right to write groups."
    )
    azure.fault("PUT", "/privateEndpoints/never$", status=403, code="AuthorizationFailed", message="No right to write endpoints.")
    azure.fault("PUT", "/privateEndpoints/shop-endpoint$", status=403, code="AuthorizationFailed", message="No right to write endpoints.")
    azure.fault("PUT", "/vaults/failing-vault$", lro_error={})
    azure.fault("PUT", "/virtualNetworks/no-reason$", lro_error={})
    refused: Json = {"status": 403, "code": "AuthorizationFailed", "message": "No right."}
    zone_groups = {"method": "PUT", "path_regex": "/privateEndpoints/shop-endpoint/privateDnsZoneGroups/", "count": 1, "after": 1}
    changes = {"method": "PUT", "path_regex": "/vaults/failing-vault$", "count": 1, "after": 3}
    azure.control("POST", "faults", [{"match": zone_groups, **refused}, {"match": changes, **refused}])
    azure.fault("POST", "/deletedVaults/failing-vault/purge", **refused)
    azure.rules(
        {"path": "/privateDnsZones/", "effect": "modify", "overlay": {"tags": {"policy-drops": None}}},
        {"path": "/vaults/shop-vault$", "effect": "modify", "overlay": {"properties": {"publicNetworkAccess": "Disabled"}}},
        {"path": "/privateEndpoints/shop-endpoint$", "effect": "deny", "name": "no-endpoints"},
    )
    tasks = _tasks(landscape)
    place = next(number for number, each in enumerate(tasks) if each["name"] == "no right for the replacement")
    url = f"{azure.facts['url']}/_emulator/settings"
    lifted = {"url": url, "method": "PUT", "body": {"rules": azure.control("GET", "settings")["rules"][:2]}, "body_format": "json"}
    tasks.insert(place, {"name": "lift the policy", "ansible.builtin.uri": {**lifted, "ca_path": azure.facts["ca"]}})
    return controller.tasks(*tasks, arguments=["--diff"], env={"ANSIBLE_PRIVATELINK_DIRECT": request.param})


def test_of_two_connections_of_an_endpoint_the_living_one_is_meant(run: Run) -> None:
    done = run.task("one dead connection")
    assert not done.failed and done["connection_name"] != "a-dead-one" and done["connection_state"] == "Approved", done.shown


def test_a_decision_that_failed_is_taken_again_by_the_same_rule(run: Run, landscape: Landscape) -> None:
    failed, again, stands = (run.task(name) for name in ("decision failed", "decision taken again", "decision stands"))
    assert failed.failed and failed.changed and failed["code"] == "ProvisioningFailed", failed.shown
    assert failed["decided"] == [] and [item["endpoint_id"] for item in failed["pending"]] == [landscape.request], failed.shown
    assert again.changed and [(item["endpoint_id"], item["status"]) for item in again["decided"]] == [(landscape.request, "Approved")], (
        again.shown
    )
    assert landscape.emulation.resource(landscape.request)["properties"]["manualPrivateLinkServiceConnections"][0]["properties"][
        "privateLinkServiceConnectionState"
    ]["status"] == ("Approved")
    assert not stands.changed and not stands.writes and stands["decided"] == stands["pending"] == [], stands.shown


def test_what_was_written_before_a_failure_is_told(run: Run) -> None:
    done = run.task("group refused")
    assert done.failed and done.changed and done["code"] == "AuthorizationFailed", done.shown
    assert done["resource_id"].endswith("/privateEndpoints/new/privateDnsZoneGroups/default"), done.shown
    assert done["diff"]["after"]["location"] == "westeurope", done.shown
    assert (done["private_endpoint"]["name"], done["connection_state"]) == ("new", "Approved"), done.shown
    assert done["private_ip_address"].startswith("10.1.1.") and done["id"].endswith("/privateEndpoints/new")
    again = run.task("group refused, again")
    assert again.changed and [write["path"].rpartition("/")[2] for write in again.writes] == ["default"], reported(again.writes)


def test_a_failure_before_anything_was_written_is_no_change(run: Run) -> None:
    done = run.task("nothing written")
    assert done.failed and not done.changed and done["diff"] == {"before": {}, "after": {}}, done.shown
    assert [error["code"] for error in done["errors"]] == ["AuthorizationFailed", "Skipped"], done.shown
    assert "skipped because of it: DNS zone group 'default'" in done["msg"], done.shown


def test_what_azure_drops_is_told_and_is_no_change(run: Run) -> None:
    first, again, rehearsed = (run.task(name) for name in ("tag dropped", "tag dropped, again", "tag dropped, in check mode"))
    assert first.changed and first["diff"]["after"]["tags"] == {"plain": "ok"}, first.shown
    assert [(item["path"], item["asked"], item["kept"]) for item in first["not_kept"]] == [("tags.policy-drops", "4711", None)], first.shown
    assert not again.changed and again["diff"]["after"] == {} and len(again["not_kept"]) == 1, again.shown
    assert rehearsed.changed and "not_kept" not in rehearsed.result
    said = "".join(run.output.split())  # the oldest Ansible wraps its warnings
    assert said.count(f"tags.policy-dropsofprivateDNSzone'{ZONE_NAME}'") >= 2, run.output


def test_what_a_policy_modifies_is_told_and_shown_as_far_as_it_was_kept(run: Run) -> None:
    first, again = run.task("modified"), run.task("modified, again")
    assert first.changed and first["diff"]["after"] == {"tags": {"a": "b"}}, first.shown
    assert [(item["path"], item["asked"], item["kept"]) for item in first["not_kept"]] == [
        ("properties.publicNetworkAccess", "Enabled", "Disabled")
    ]
    assert first["keyvault"]["public_network_access"] == "Disabled"
    assert not again.changed and len(again["not_kept"]) == 1, again.shown


def test_a_replacement_that_would_be_refused_deletes_nothing(run: Run) -> None:
    policy, right = run.task("policy forbids the replacement"), run.task("no right for the replacement")
    assert policy.failed and not policy.changed and policy["code"] == "RequestDisallowedByPolicy", policy.shown
    assert "was not deleted" in policy["msg"] and "no-endpoints" in policy["msg"], policy.shown
    assert right.failed and not right.changed and right["code"] == "AuthorizationFailed" and "was not deleted" in right["msg"], right.shown
    assert not policy.writes and not right.writes


def test_a_replacement_refused_half_way_says_what_is_gone_and_how_to_go_on(run: Run) -> None:
    done = run.task("replacement refused")
    assert done.failed and done.changed and done["private_endpoint"] == {}, done.shown
    assert "was deleted to be replaced and does not exist now" in done["msg"], done.shown
    assert "subnet_id" in done["hint"] and "vault_id" in done["hint"], done.shown
    assert done["lost"][0]["name"] == "shop-endpoint" and done["lost"][0]["subnet"]["id"].endswith("/endpoints"), done.shown
    assert done["diff"]["after"] == {} and done["diff"]["before"]["id"].endswith("/shop-endpoint"), done.shown
    assert run.task("made again").changed


def test_a_zone_group_that_went_with_its_endpoint_is_told(run: Run) -> None:
    done, again = run.task("group lost"), run.task("group again")
    assert done.failed and done.changed and done["code"] == "AuthorizationFailed", done.shown
    assert "was deleted to be replaced and does not exist now" in done["msg"] and "private_dns_zone_ids" in done["hint"], done.shown
    assert [each["id"].rpartition("/")[2] for each in done["lost"]] == ["default"], done.shown
    assert done["private_dns_zone_group"] == {} and done["private_endpoint"]["subnet"]["id"].endswith("/endpoints"), done.shown
    sides = [done["diff"][side].get("private_dns_zone_group", {}) for side in ("before", "after")]
    assert sides[0]["zone_ids"] and not sides[1], done.shown
    assert again.changed and [write["path"].rpartition("/")[2] for write in again.writes] == ["default"], reported(again.writes)


def test_a_vault_that_was_deleted_and_not_purged_is_told(run: Run) -> None:
    done = run.task("not purged")
    assert done.failed and done.changed and "deleted, not purged" in done["msg"], done.shown
    assert done["diff"]["before"]["deletion"] == "soft" and done["diff"]["after"] == {}, done.shown


def test_a_recovered_vault_is_told_with_what_was_asked_for_alone(run: Run) -> None:
    """Nobody can read the properties that it comes back with; what was refused afterwards is not shown as done, and heals."""
    planned, refused, again = (run.task(name) for name in ("recovery planned", "recovered and not changed", "recovered and changed"))
    assert planned["diff"]["after"] == {"recovered": True, "location": "westeurope", "enabled_for_deployment": True}, planned.shown
    assert planned["public_network_access"] == "(known after apply)", planned.shown
    assert refused.failed and refused.changed and len(refused.writes) == 2, refused.shown
    assert refused["diff"]["after"] == {"recovered": True, "location": "westeurope", "enabled_for_deployment": False}, refused.shown
    assert again["diff"] == {"before": {"enabled_for_deployment": False}, "after": {"enabled_for_deployment": True}}, again.shown


@pytest.mark.parametrize("name", ["operation failed", "no reason"])
def test_an_operation_that_fails_without_a_reason_is_told_as_such_and_heals(run: Run, name: str) -> None:
    done, again = run.task(name), run.task(f"{name}, again")
    assert done.failed and done.changed and "Failed" in done["msg"] and "without a reason (Http200)" not in done["msg"], done.shown
    assert done["code"] == "ProvisioningFailed" and "run again" in done["hint"].lower(), done.shown
    assert again.changed and not again.failed, again.shown


def test_every_task_is_heard_and_no_traceback_is_printed(run: Run) -> None:
    assert "Traceback" not in run.output and not [line for line in run.complaints if "did not keep" not in line], run.complaints


def test_the_timeout_of_a_task_tells_what_was_written(controller: Controller, landscape: Landscape) -> None:
    azure = landscape.use().emulation
    azure.control("PUT", "settings", {"durations": {"network.put": 600}})
    slow = {"resource_group": GROUP, "name": "slow", "location": "westeurope", "address_prefixes": ["10.9.0.0/16"]}
    done = controller.tasks(task("virtual_network", "slow", **slow, keywords={**IGNORE, "timeout": 8}), arguments=["--diff"]).task("slow")
    assert done.failed and done.changed and done["code"] == "TaskTimeout" and "timed out" in done["msg"], done.shown
    assert done["diff"]["after"]["address_space"] and done["virtual_network"]["provisioning_state"] == "Updating", done.shown
