# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A live vault is cut over, what is named is removed, and what is left over is found."""

from __future__ import annotations

import json
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import ENDPOINT, GROUP, VAULT, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

RECORD = "Write the A record"
CLOSED = "Disable public network access"


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def play(controller: Controller, playbook: str, *arguments: str, **variables: t.Any) -> Run:
    return controller.run(f"privatelink.azure.{playbook}", "-e", json.dumps(variables), *arguments)


# --- an open vault is cut over ---


@pytest.fixture
def live(controller: Controller, landscape: Landscape, azure: Emulation) -> Json:
    """A vault that everybody uses over the internet, and how to cut it over."""
    vault = azure.id(GROUP, VAULT, "live-vault")
    acls: Json = {"default_action": "Allow", "bypass": "None", "ip_rules": ["203.0.113.0/24", "198.51.100.7"]}
    acls["virtual_network_rules"] = [{"id": landscape.others, "ignore_missing": True}]
    controller.tasks(
        task("keyvault", resource_group=GROUP, name="live-vault", location="westeurope", public_network_access="Enabled", network_acls=acls)
    ).succeeded()
    return {"existing_vault_id": vault, "existing_subnet_id": landscape.subnet, "existing_zone_id": landscape.zone}


def test_open_vault_is_closed_last(controller: Controller, landscape: Landscape, azure: Emulation, live: Json) -> None:
    planned = play(controller, "existing_vault", "--check", **live).succeeded()
    assert planned.task(CLOSED).changed and not planned.writes
    assert any("would be Disabled" in line for line in planned.task("Show the summary")["msg"])
    run = play(controller, "existing_vault", existing_dns="a_record", **live).succeeded()
    # the link comes after the record: a network that sees a zone without it finds no address
    assert [name.rpartition(" : ")[2] for name in run.changed] == [
        "Create the private endpoint",
        RECORD,
        "Link the networks to the zone",
        CLOSED,
    ]
    vault = azure.resource(live["existing_vault_id"])["properties"]
    assert (vault["publicNetworkAccess"], vault["networkAcls"]["defaultAction"]) == ("Disabled", "Deny")
    # whom the firewall let in, and whether Azure's own services may, is the owner's, also where it counts for nothing at the moment
    assert [rule["value"] for rule in vault["networkAcls"]["ipRules"]] == ["203.0.113.0/24", "198.51.100.7/32"]
    assert [rule["id"] for rule in vault["networkAcls"]["virtualNetworkRules"]] == [landscape.others.lower()] and vault["networkAcls"][
        "bypass"
    ] == "None"
    assert "10.1.0." in azure.lookup("live-vault.vault.azure.net", landscape.network)
    assert not play(controller, "existing_vault", existing_dns="a_record", **live).succeeded().writes


# A step that fails: the request that Azure refuses, how many of them pass before, and what the run is told.
FAULTS: dict[str, tuple[str, str, Json]] = {
    "reading": ("GET", "/vaults/live-vault$", {}),
    "endpoint": ("PUT", "/privateEndpoints/live-vault-endpoint$", {}),
    "zone group": ("PUT", "/privateDnsZoneGroups/", {}),
    "record": ("PUT", "/A/live-vault$", {"existing_dns": "a_record"}),
    "link": ("PUT", "/virtualNetworkLinks/", {}),
    "unlinked zone": ("GET", "/nothing$", {"existing_link": False}),
    "approval": ("PUT", "/privateEndpointConnections/", {"existing_manual_request": True, "existing_approve": True}),
    "azure policy that does nothing": ("GET", "/nothing$", {"existing_dns": "policy", "existing_policy_timeout": 2}),
    "proof of both sides": ("GET", "/vaults/live-vault$ after 2", {}),
    "proof of the zone group": ("GET", "/privateDnsZoneGroups$", {}),
    "proof of the record": ("GET", "/A/live-vault$ after 2", {"existing_dns": "a_record"}),
    "proof of the link": ("GET", "/virtualNetworkLinks$ after 1", {}),
    "trial from inside": ("GET", "/nothing$", {"existing_probe_host": "localhost", "existing_probe_timeout": 1}),
    "request that waits": ("GET", "/nothing$", {"existing_manual_request": True}),
    "closing": ("PUT", "/vaults/live-vault$", {}),
}


@pytest.mark.parametrize("name", FAULTS, ids=lambda name: name.replace(" ", "-"))
def test_public_access_survives_every_failure(name: str, controller: Controller, azure: Emulation, live: Json) -> None:
    """Byte for byte, and no write went to the vault but the last one, where that is what was refused."""
    before = json.dumps(azure.resource(live["existing_vault_id"])["properties"])
    method, path, variables = FAULTS[name]
    path, _after, number = path.partition(" after ")
    match = {"method": method, "path_regex": path, "count": 0, "after": int(number or 0)}
    azure.control(
        "POST", "faults", [{"match": match, "status": 403, "code": "RequestDisallowedByPolicy", "message": "Disallowed by policy."}]
    )
    run = play(controller, "existing_vault", **live, **variables)
    assert run.rc == 2, run.output
    assert json.dumps(azure.resource(live["existing_vault_id"])["properties"]) == before
    failed = next(done for done in run.tasks if done.status == "failed")
    met = azure.control("GET", "faults")["faults"][0]["met"]
    assert met or path == "/nothing$", f"{failed.name} failed before the fault was met: {failed.shown}"
    written = [write for write in run.writes if write["path"].endswith("/vaults/live-vault")]
    assert [write["status"] for write in written] == ([403] if name == "closing" else [])


@pytest.mark.parametrize("way", ["policy", "none"])
def test_dns_of_others_is_waited_for_or_left_alone(
    way: str, controller: Controller, landscape: Landscape, azure: Emulation, live: Json
) -> None:
    """policy: Azure Policy's zone group is awaited and proven; none: the collection asks nothing of DNS. Neither writes there."""
    azure.control(
        "PUT",
        "settings",
        {"policy": {"zones": {"vault": landscape.zone}} if way == "policy" else None, "durations": {"policy.zone_group": 1.0}},
    )
    if way == "policy":  # the owner of the zone has linked it
        controller.tasks(
            task("private_dns_zone_link", zone_id=landscape.zone, name="net", virtual_network_id=landscape.network)
        ).succeeded()
    try:
        given = {**live, "existing_zone_id": "", "existing_link": False, "existing_accept_unproven_dns": way == "none"}
        run = play(controller, "existing_vault", **given, existing_dns=way).succeeded()
    finally:
        azure.control("PUT", "settings", {"policy": None, "durations": {}})
    assert [name.rpartition(" : ")[2] for name in run.changed] == ["Create the private endpoint", CLOSED]
    assert not [write for write in run.writes if "privateDns" in write["path"]]


def test_zone_of_another_name_is_refused_at_once(controller: Controller, landscape: Landscape, azure: Emulation, live: Json) -> None:
    """Nobody looks for a vault's name there, so no record would ever come, however long a run waited."""
    made = controller.tasks(
        task("private_dns_zone", resource_group=GROUP, name="privatelink.vault.azure.net", allow_other_zone=True)
    ).succeeded()
    given = {**live, "existing_zone_id": made.tasks[0]["id"]}
    for way in ("zone_group", "a_record"):
        run = play(controller, "existing_vault", **given, existing_dns=way)
        assert run.rc == 2 and "privatelink.vaultcore.azure.net" in run.output
        assert azure.resource(live["existing_vault_id"])["properties"]["publicNetworkAccess"] == "Enabled"


def test_azure_policy_in_vain_says_how_far_it_came(controller: Controller, azure: Emulation, live: Json) -> None:
    run = play(controller, "existing_vault", **live, existing_dns="policy", existing_policy_timeout=1)
    done = run.task("Wait for the DNS zone group of Azure Policy")
    assert run.rc == 2 and done["code"] == "WaitTimeout" and "live-vault-endpoint" in done["msg"]
    assert "There is no zone group" in done["hint"] and "remediation" in done["hint"] and "wait_timeout" in done["hint"]


def test_owner_of_both_sides_cuts_over_by_request(controller: Controller, azure: Emulation, live: Json) -> None:
    run = play(controller, "existing_vault", **live, existing_manual_request=True, existing_approve=True).succeeded()
    assert run.task("Approve the connection").changed and run.task(CLOSED).changed


# --- what is named is removed ---


def named(landscape: Landscape, **more: t.Any) -> Json:
    """Return the variables that remove the endpoint of the landscape, its record, its link and its subnet."""
    return {
        "decommission_records": [{"zone_id": landscape.zone, "name": "shop-vault", "endpoint_id": landscape.endpoint}],
        "decommission_endpoint_ids": [landscape.endpoint, landscape.request],
        "decommission_links": [{"zone_id": landscape.zone, "virtual_network_id": landscape.network}],
        "decommission_subnet_ids": [landscape.subnet],
        **more,
    }


@pytest.fixture
def recorded(controller: Controller, landscape: Landscape, azure: Emulation) -> str:
    """The landscape with a link and a record that someone else writes too; the id of the record set."""
    controller.tasks(
        task("private_dns_a_record", resource_group=GROUP, name="shop-vault", ipv4_addresses=["10.1.0.4", "10.7.0.4"]),
        task("private_dns_zone_link", resource_group=GROUP, name="shop-net", virtual_network_id=landscape.network),
    ).succeeded()
    return f"{landscape.zone}/A/shop-vault"


def test_only_what_is_named_is_removed(controller: Controller, landscape: Landscape, azure: Emulation, recorded: str) -> None:
    before = set(azure.resources())
    planned = play(controller, "decommission", "--check", **named(landscape)).succeeded()
    assert planned.changed and not planned.writes
    run = play(controller, "decommission", **named(landscape)).succeeded()
    link = f"{landscape.zone}/virtualNetworkLinks/shop-net"
    done = run.task("Delete the resources")
    assert done["reduced"] == [recorded] and set(done["removed"]) == {landscape.endpoint, landscape.request, link, landscape.subnet}
    assert run.task("Publish workflow statistics")["ansible_stats"]["data"] == {
        name: done[name.removeprefix("privatelink_")] for name in ("privatelink_removed", "privatelink_reduced")
    }
    gone = before - set(azure.resources())
    expected = [landscape.endpoint, landscape.request, landscape.subnet, link]
    assert {item.lower() for item in expected} <= gone
    assert not [
        item
        for item in gone
        if "/networkinterfaces/" not in item and "/privateendpointconnections/" not in item and item not in map(str.lower, expected)
    ]
    # the address of the endpoint is gone, that of someone else is not
    assert azure.resource(recorded)["properties"]["aRecords"] == [{"ipv4Address": "10.7.0.4"}]
    again = play(controller, "decommission", **named(landscape)).succeeded()
    assert not again.changed and not again.writes


def test_whole_landscape_goes_in_order_and_the_vault_can_come_back(
    controller: Controller, landscape: Landscape, azure: Emulation, recorded: str
) -> None:
    every = named(
        landscape,
        decommission_records=[{"zone_id": landscape.zone, "name": "shop-vault", "ipv4_addresses": ["10.1.0.4", "10.7.0.4"]}],
        decommission_zone_ids=[landscape.zone],
        decommission_network_ids=[landscape.network],
        decommission_vault_ids=[landscape.vault],
        decommission_connections=[{"vault_id": landscape.other_vault, "endpoint_id": landscape.request}],
    )
    play(controller, "decommission", **every).succeeded()
    left = azure.resources()
    assert not [item for item in (landscape.zone, landscape.network, landscape.vault, landscape.endpoint) if item.lower() in left]
    assert not play(controller, "decommission", **every).succeeded().writes
    back = controller.tasks(
        task("keyvault", "back", resource_group=GROUP, name="shop-vault", location="westeurope", recover=True)
    ).succeeded()
    assert back.task("back").changed


def test_purge_is_explicit(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    run = play(
        controller,
        "decommission",
        decommission_vault_ids=[landscape.vault],
        decommission_purge=True,
        decommission_vault_location="westeurope",
    ).succeeded()
    assert [write["path"].rpartition("/")[2] for write in run.writes if write["method"] == "POST"] == ["purge"]
    new = controller.tasks(task("keyvault", "new", resource_group=GROUP, name="shop-vault", location="westeurope")).succeeded()
    assert new.task("new").changed


def test_lingering_users_and_locks_are_waited_for(controller: Controller, landscape: Landscape, azure: Emulation, recorded: str) -> None:
    """Azure calls things used, nested or locked for a while after their last user went."""
    azure.fault("DELETE", "/subnets/endpoints$", status=400, code="InUseSubnetCannotBeDeleted", message="Subnet endpoints is in use.")
    azure.fault("DELETE", "/privateDnsZones/[^/]+$", status=409, code="CannotDeleteResource", message="It has nested resources.")
    azure.fault("DELETE", "/privateEndpoints/shop-endpoint$", status=429, code="RetryableError", message="A retryable error occurred.")
    azure.fault(
        "DELETE", "/virtualNetworks/shop-net$", status=409, code="AnotherOperationInProgress", message="Another operation is in progress."
    )
    records = [{"zone_id": landscape.zone, "name": "shop-vault", "ipv4_addresses": ["10.1.0.4", "10.7.0.4"]}]
    every = named(
        landscape, decommission_records=records, decommission_zone_ids=[landscape.zone], decommission_network_ids=[landscape.network]
    )
    run = play(controller, "decommission", **every).succeeded()
    assert {landscape.endpoint, landscape.zone, landscape.subnet, landscape.network} <= set(run.task("Delete the resources")["removed"])
    assert [
        request["status"] for request in run.requests if request["method"] == "DELETE" and request["path"].endswith("/subnets/endpoints")
    ][0] == 400


def test_record_without_an_address_is_refused(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    run = play(controller, "decommission", decommission_records=[{"zone_id": landscape.zone, "name": "shop-vault"}])
    assert run.rc == 2 and not run.writes and "records.ipv4_addresses" in run.task("Delete the resources")["msg"]


# --- what is left over ---


def test_orphans_are_listed_and_removed_only_on_request(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    controller.tasks(
        task("private_dns_a_record", resource_group=GROUP, name="left", ipv4_addresses=["10.1.0.99"]),
        task("private_dns_a_record", resource_group=GROUP, name="shop-vault", ipv4_addresses=["10.1.0.4"]),
        task("keyvault", resource_group=GROUP, name="shop-till", state="absent"),
    ).succeeded()
    listed = play(controller, "orphans", orphans_zone_id=landscape.zone).succeeded()
    assert not listed.writes
    data = listed.task("Publish workflow statistics")["ansible_stats"]["data"]
    assert data == {"privatelink_orphaned_endpoints": [landscape.request], "privatelink_orphaned_records": [f"{landscape.zone}/A/left"]}
    removed = play(controller, "orphans", orphans_zone_id=landscape.zone, orphans_remove=True).succeeded()
    assert removed.task("Delete the orphans")["removed"] == [f"{landscape.zone}/A/left", landscape.request]
    left = azure.resources()
    assert azure.id(GROUP, ENDPOINT, "shop-endpoint").lower() in left and f"{landscape.zone}/A/shop-vault".lower() in left
    assert not play(controller, "orphans", orphans_zone_id=landscape.zone, orphans_remove=True).succeeded().changed


def test_a_zone_in_which_nobody_looks_is_refused_before_the_first_write(controller: Controller, azure: Emulation, live: Json) -> None:
    wrong = live["existing_zone_id"].replace("privatelink.vaultcore", "privatelink.vault")
    run = play(controller, "existing_vault", **{**live, "existing_zone_id": wrong}, existing_dns="a_record")
    (failed,) = [done for done in run.tasks if done.status == "failed"]
    assert run.rc == 2 and not run.writes and "privatelink.vaultcore.azure.net" in failed["msg"], failed.shown
