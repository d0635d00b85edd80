# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module private_vaults: one task for many vaults, each with its own result."""

from __future__ import annotations

import json
import typing as t

import pytest

from emulator.client import Client
from integration.emulation import Emulation, Json
from integration.estate import Estate
from integration.landscape import ENDPOINT, VAULT, Landscape
from integration.landscape import GROUP as SHOP
from integration.running import Controller, Run, task

GROUP = "payments"
DEFAULTS: Json = {
    "resource_group": GROUP,
    "location": "westeurope",
    "network_name": "payments-net",
    "network_address_prefixes": ["10.1.0.0/16"],
    "subnet_address_prefixes": ["10.1.0.0/24"],
    "tags": {"owner": "platform"},
}
NAMES = [f"fleet-vault-{number}" for number in range(5)]


def fleet(controller: Controller, vaults: t.Any, *arguments: str, **defaults: t.Any) -> Run:
    """Run one task with many vaults."""
    return controller.tasks(task("private_vaults", defaults={**DEFAULTS, **defaults}, vaults=vaults), arguments=arguments)


@pytest.mark.parametrize("dns", ["zone_group", "a_record"])
def test_many_vaults_are_made_in_one_task_and_then_left_alone(controller: Controller, azure: Emulation, dns: str) -> None:
    azure.read_only()
    rehearsal = fleet(controller, {name: {} for name in NAMES}, "--check", "--diff", dns=dns).succeeded()
    azure.read_only(enabled=False)
    assert not rehearsal.writes
    foreseen = rehearsal.tasks[0]
    first = fleet(controller, {name: {} for name in NAMES}, "--diff", dns=dns).succeeded().tasks[0]
    assert first["changed_vaults"] == foreseen["changed_vaults"] == NAMES
    network = azure.id(GROUP, "Microsoft.Network/virtualNetworks", "payments-net")
    for name in NAMES:
        vault = first["vaults"][name]
        shown = (vault["public_network_access"], vault["connection_state"], vault["proven"], vault["error"])
        assert shown == ("Disabled", "Approved", True, None)
        assert f"Address: {vault['private_ip_address']}" in azure.lookup(f"{name}.vault.azure.net", network)
    second = fleet(controller, {name: {} for name in NAMES}, "--diff", dns=dns).succeeded().tasks[0]
    assert (second.changed, second.writes, second["changed_vaults"], second["failed_vaults"]) == (False, [], [], [])
    assert len(second.requests) < 25


def test_an_endpoint_is_made_in_the_subscription_of_its_network(controller: Controller, azure: Emulation) -> None:
    """A vault of one subscription in the network of another: Azure has an endpoint only where its network is."""
    home, there = azure.facts["subscriptions"][:2]
    estate = Estate(azure, subscription=there)
    defaults = {"resource_group": GROUP, "location": "westeurope", "subnet_id": estate.subnet, "zone_id": estate.zone}
    vaults: Json = {"shared-one": {"endpoint_resource_group": "estate"}, "shared-two": {"endpoints": {"two": {"resource_group": "ESTATE"}}}}
    request = task("private_vaults", defaults=defaults, vaults=vaults)
    first = controller.tasks(request).succeeded().tasks[0]
    assert first["changed_vaults"] == list(vaults)
    for name, endpoint in (("shared-one", "shared-one-endpoint"), ("shared-two", "two")):
        result = first["vaults"][name]
        assert result["vault_id"].startswith(f"/subscriptions/{home}/") and result["connection_state"] == "Approved" and result["proven"]
        place = f"{estate.group}/providers/Microsoft.Network/privateEndpoints/{endpoint}"
        assert result["endpoint_id"].lower() == place.lower()
    assert not controller.tasks(request).succeeded().tasks[0].changed
    gone = controller.tasks(task("private_vaults", defaults=defaults, vaults={"shared-one": {**vaults["shared-one"], "state": "absent"}}))
    gone.succeeded()
    place = f"{estate.group}/providers/Microsoft.Network/privateEndpoints/shared-one-endpoint"
    assert Client(azure.facts).call("GET", place).status_code == 404


def errors(done: t.Any) -> dict[str, str]:
    """Return the code of each vault that failed."""
    return {name: result["error"]["code"] for name, result in done["vaults"].items() if result["error"]}


@pytest.mark.long
def test_vaults_of_every_kind_in_one_run(controller: Controller, landscape: Landscape) -> None:
    """Several endpoints, an adopted one, a request that is approved, one that waits, and an open vault that is closed last."""
    azure = landscape.use().emulation
    for vault in (landscape.vault, landscape.other_vault):
        azure.overlay(vault, {"properties": {"publicNetworkAccess": "Enabled"}})
    defaults = {"resource_group": SHOP, "location": "westeurope", "subnet_id": landscape.subnet, "zone_id": landscape.zone, "link": True}
    defaults["purge_protection"] = False
    vaults: Json = {
        "shop-vault": {},
        "shop-till": {"endpoint_name": "shop-request", "manual_request": True},
        "kind-two": {"endpoints": {"kind-near": {}, "kind-far": {"subnet_id": landscape.far_subnet, "dns": "none"}}},
        "kind-asked": {"manual_request": True, "approve": True, "request_message": "Ticket 4711", "dns": "a_record"},
        "kind-bare": {"endpoints": []},
    }
    request = task("private_vaults", defaults=defaults, vaults=vaults)
    first = controller.tasks(request, arguments=["--diff"]).succeeded().tasks[0]
    found = first["vaults"]
    assert errors(first) == {} and set(first["changed_vaults"]) == set(vaults)
    shop = found["shop-vault"]
    assert shop["endpoints"]["shop-vault-endpoint"]["adopted"] and shop["endpoint_id"].lower() == landscape.endpoint.lower()
    assert (shop["public_network_access"], shop["before"]["public_network_access"], shop["proven"]) == ("Disabled", "Enabled", True)
    till = found["shop-till"]
    assert (till["connection_state"], till["public_network_access"], till["proven"]) == ("Pending", "Enabled", False)
    assert {name: each["connection_state"] for name, each in found["kind-two"]["endpoints"].items()} == {
        "kind-near": "Approved",
        "kind-far": "Approved",
    }
    assert (found["kind-asked"]["connection_state"], found["kind-asked"]["proven"]) == ("Approved", True)
    assert found["kind-bare"]["endpoints"] == {} and found["kind-bare"]["proven"] is False
    headers = [each["after_header"] for each in first["diff"]]
    assert set(headers) - {"shared by the vaults"} == set(first["changed_vaults"])
    closing = [write["path"].lower() for write in first.writes if "/vaults/shop-vault" in write["path"].lower()]
    assert closing == [landscape.vault.lower()] and azure.resource(landscape.vault)["properties"]["publicNetworkAccess"] == "Disabled"
    second = controller.tasks(request).succeeded().tasks[0]
    assert not second.changed and not second.writes
    gone: Json = {"kind-two": {"endpoints": {"kind-far": {"state": "absent"}}}, "kind-bare": {"state": "absent"}}
    third = controller.tasks(task("private_vaults", defaults=defaults, vaults=gone)).succeeded().tasks[0]
    assert [(write["method"], write["path"].rpartition("/")[2]) for write in third.writes if write["method"] != "DELETE"] == []
    assert {write["path"].rpartition("/")[2] for write in third.writes} == {"kind-far", "kind-bare"}
    assert azure.id(SHOP, ENDPOINT, "kind-near").lower() in azure.resources()
    # what is soft-deleted is refused for its vault alone
    again = controller.tasks(
        task("private_vaults", defaults=defaults, vaults={"kind-bare": {"endpoints": []}, "kind-new": {"endpoints": []}})
    )
    refused = again.tasks[0]
    assert again.rc == 2 and errors(refused) == {"kind-bare": "VaultSoftDeleted"} and refused["changed_vaults"] == ["kind-new"]
    assert azure.id(SHOP, VAULT, "kind-new").lower() in azure.resources()


@pytest.mark.long
def test_an_open_vault_whose_endpoints_the_run_does_not_make_is_closed_on_proof_alone(controller: Controller, landscape: Landscape) -> None:
    """Without an endpoint, and where the run deletes the only one, it stays open; endpoints of others that work are proof enough."""
    azure = landscape.use().emulation
    defaults = {"resource_group": SHOP, "location": "westeurope", "subnet_id": landscape.subnet, "zone_id": landscape.zone, "link": True}
    defaults |= {"purge_protection": False}
    opened: Json = {"bare-vault": {"endpoints": []}, "kept-vault": {}, "left-vault": {}}
    controller.tasks(task("private_vaults", defaults={**defaults, "public_network_access": "Enabled"}, vaults=opened)).succeeded()
    closed: Json = {
        "bare-vault": {"endpoints": []},
        "kept-vault": {"endpoints": []},
        "left-vault": {"endpoints": {"left-vault-endpoint": {"state": "absent"}}},
    }
    request = task("private_vaults", defaults=defaults, vaults=closed)
    # an earlier task of a play in check mode could have made what is missing
    rehearsed = controller.tasks(request, arguments=["--check"]).succeeded().tasks[0]
    assert rehearsed["vaults"]["left-vault"]["proof"].startswith("not proven yet: the vault has no approved private endpoint connection")
    run = controller.tasks(request)
    done = run.tasks[0]
    assert run.rc == 2 and errors(done) == dict.fromkeys(("bare-vault", "left-vault"), "PrivatePathNotProven"), done.shown
    assert "no approved private endpoint connection" in done["vaults"]["left-vault"]["error"]["msg"]
    assert done["vaults"]["kept-vault"]["proven"] and not done["vaults"]["bare-vault"]["proven"]
    access = {name: azure.resource(azure.id(SHOP, VAULT, name))["properties"]["publicNetworkAccess"] for name in opened}
    assert access == {"bare-vault": "Enabled", "kept-vault": "Disabled", "left-vault": "Enabled"}


@pytest.mark.long
def test_failures_stay_with_their_vaults_and_are_counted(controller: Controller, azure: Emulation) -> None:
    azure.fault("PUT", "/privateEndpoints/fleet-vault-1-endpoint$", status=403, code="AuthorizationFailed", message="No.")
    run = fleet(controller, json.dumps([{"name": name} for name in NAMES[:3]]))
    done = run.tasks[0]
    assert run.rc == 2 and done["msg"].startswith("1 of 3 vaults failed: fleet-vault-1: "), done.shown
    assert errors(done) == {"fleet-vault-1": "AuthorizationFailed"} and done["failed_vaults"] == ["fleet-vault-1"]
    assert done["vaults"]["fleet-vault-1"]["error"]["skipped"]
    assert all(done["vaults"][name]["proven"] for name in (NAMES[0], NAMES[2]))
    done = fleet(controller, json.dumps(dict.fromkeys(NAMES[:3]))).succeeded().tasks[0]
    assert done["changed_vaults"] == ["fleet-vault-1"] and all(vault["proven"] for vault in done["vaults"].values())


@pytest.mark.parametrize(
    ("vaults", "said"),
    [
        (
            {"one-vault": {"subnet_address_prefixes": ["10.1.0.0/24"]}, "two-vault": {"subnet_address_prefixes": ["10.1.1.0/24"]}},
            "one-vault",
        ),
        ({"one-vault": {"subnett_id": "x"}}, "subnett_id"),
        ({"one-vault": {}, "two-vault": {"id": "x"}}, "vaults[1].id"),
    ],
    ids=["conflict", "unknown", "wrong"],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(
    controller: Controller, azure: Emulation, vaults: Json, said: str
) -> None:
    run = fleet(controller, vaults)
    assert run.rc == 2 and said in run.tasks[0]["msg"] and not run.writes, run.tasks[0].shown
    assert len(vaults) == 1 or "two-vault" in run.tasks[0]["msg"] or "vaults[1]" in run.tasks[0]["msg"]
