# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who writes the record of a vault, and that nobody's address is dropped without being asked."""

from __future__ import annotations

import json

import pytest

from integration.emulation import Emulation
from integration.landscape import GROUP, ZONE, ZONE_NAME, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

ELSEWHERE = "a0000000-0000-4000-8000-0000000000ab"


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def current(azure: Emulation, record: str) -> set[str]:
    """Return the addresses of a record set."""
    return {item["ipv4Address"] for item in azure.resource(record)["properties"]["aRecords"]}


def test_two_endpoints_of_one_vault_share_a_record_without_loss(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """mode add keeps the other's address, and taking one away never breaks the other; replace drops what it is told to drop."""
    record = {"resource_group": GROUP, "name": "shop-vault"}
    second = {
        "resource_group": GROUP,
        "name": "second",
        "vault_id": landscape.vault,
        "subnet_id": landscape.far_subnet,
        "private_ip_address": "10.1.0.50",
    }
    azure_record = f"{landscape.zone}/A/shop-vault"
    run = controller.tasks(
        task("keyvault_private_endpoint", "second", **second),
        task("private_dns_a_record", "first's", **record, ipv4_addresses=["10.1.0.4"]),
        task("private_dns_a_record", "second's", **record, ipv4_addresses=["10.1.0.50"]),
        task("private_dns_a_record", "first's again", **record, ipv4_addresses=["10.1.0.4"]),
    ).succeeded()
    assert current(azure, azure_record) == {"10.1.0.4", "10.1.0.50"}
    assert not run.task("first's again").changed
    decommission = {"decommission_records": [{"zone_id": landscape.zone, "name": "shop-vault", "endpoint_id": run.task("second")["id"]}]}
    controller.run(
        "privatelink.azure.decommission", "-e", json.dumps({**decommission, "decommission_endpoint_ids": [run.task("second")["id"]]})
    ).succeeded()
    assert current(azure, azure_record) == {"10.1.0.4"}
    assert landscape.endpoint.lower() in azure.resources()
    controller.tasks(task("private_dns_a_record", "only mine", **record, ipv4_addresses=["10.1.0.60"], mode="replace")).succeeded()
    assert current(azure, azure_record) == {"10.1.0.60"}


def test_zone_group_goes_only_when_asked(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """zone_group: Azure keeps the record. none: leaving the zones out leaves the group alone; an empty list removes it and its record."""
    plain = {"resource_group": GROUP, "name": "shop-endpoint", "vault_id": landscape.vault, "subnet_id": landscape.subnet}
    controller.tasks(
        task("keyvault_private_endpoint", "group", **plain, private_dns_zone_ids=[landscape.zone]),
        task("keyvault_private_endpoint", "leave it", **plain),
    ).succeeded()
    assert current(azure, f"{landscape.zone}/A/shop-vault") == {"10.1.0.4"}
    controller.tasks(task("keyvault_private_endpoint", "remove it", **plain, private_dns_zone_ids=[])).succeeded()
    assert f"{landscape.zone}/a/shop-vault".lower() not in azure.resources()


def test_zone_of_a_hub_in_another_subscription(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Zone and links are the hub's, the network and the endpoint are the spoke's."""
    hub = {"subscription_id": ELSEWHERE, "resource_group": "hub"}
    zone = azure.id("hub", ZONE, ZONE_NAME, subscription=ELSEWHERE)
    steps = (
        task("resource_group", "hub", name="hub", location="westeurope", subscription_id=ELSEWHERE),
        task("private_dns_zone", "zone", **hub),
        task("private_dns_zone_link", "link", **hub, name="spoke", virtual_network_id=landscape.network),
        task("private_dns_a_record", "by hand", **hub, name="shop-till", ipv4_addresses=["10.1.0.5"]),
        task("keyvault_private_endpoint", "group", resource_group=GROUP, name="shop-endpoint", private_dns_zone_ids=[zone]),
        task("private_endpoint_dns_info", "look", resource_group=GROUP, name="shop-endpoint", wait=True),
    )
    run = controller.tasks(*steps).succeeded()
    assert run.task("look")["zone_ids"] == [zone] and current(azure, f"{zone}/A/shop-vault") == {"10.1.0.4"}
    assert "10.1.0.4" in azure.lookup("shop-vault.vault.azure.net", landscape.network)
    assert not controller.tasks(*steps).succeeded().writes


def test_azure_policy_owns_the_dns(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """policy: nothing is written; the zone group that comes some time later is awaited, and no later run drops it."""
    azure.control("PUT", "settings", {"policy": {"zones": {"vault": landscape.zone}}, "durations": {"policy.zone_group": 2.5}})
    new = {"resource_group": GROUP, "name": "new", "vault_id": landscape.vault, "subnet_id": landscape.others}
    steps = (
        task("keyvault_private_endpoint", "endpoint", **new),
        task("private_endpoint_dns_info", "now", resource_group=GROUP, name="new"),
        task("private_endpoint_dns_info", "then", resource_group=GROUP, name="new", wait=True, wait_timeout=30),
        task("keyvault_private_endpoint", "again", **new),
    )
    try:
        run = controller.tasks(*steps).succeeded()
    finally:
        azure.control("PUT", "settings", {"policy": None, "durations": {}})
    assert not run.task("now")["ready"]
    assert run.task("then")["ready"] and run.task("then")["zone_group_name"] == "deployedByPolicy" and not run.task("then").writes
    assert not run.task("again").changed
    assert current(azure, f"{landscape.zone}/A/shop-vault") == set(run.task("endpoint")["private_ip_addresses"])


def test_role_waits_for_azure_policy(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """private_vault_dns: policy writes no DNS, and tells the zone that Policy chose."""
    azure.control("PUT", "settings", {"policy": {"zones": {"vault": landscape.zone}}, "durations": {"policy.zone_group": 1.0}})
    variables = {
        "private_vault_id": landscape.vault,
        "private_vault_resource_group": GROUP,
        "private_vault_location": "westeurope",
        "private_vault_subnet_id": landscape.others,
        "private_vault_dns": "policy",
    }
    try:
        run = controller.run("privatelink.azure.rollout", "-e", json.dumps(variables)).succeeded()
    finally:
        azure.control("PUT", "settings", {"policy": None, "durations": {}})
    assert not [write for write in run.writes if "privateDns" in write["path"]]
    assert run.task("Set private_vault_result")["ansible_facts"]["private_vault_result"]["zone_id"] == landscape.zone


# --- the ways in a rollout, and nobody's address dropped without being asked ---


def spoke(controller: Controller, landscape: Landscape, **variables: object) -> Run:
    """Roll out an endpoint for the vault of the landscape in another network, with the landscape's zone."""
    given = {
        "private_vault_id": landscape.vault,
        "private_vault_resource_group": GROUP,
        "private_vault_location": "westeurope",
        "private_vault_subnet_id": landscape.far_subnet,
        "private_vault_endpoint_name": "spoke-endpoint",
        "private_vault_private_ip_address": "10.1.0.50",
        "private_vault_zone_id": landscape.zone,
        **variables,
    }
    return controller.run("privatelink.azure.rollout", "-e", json.dumps(given))


@pytest.mark.parametrize("way", ["a_record", "zone_group", "none"])
def test_second_endpoint_in_the_same_zone(way: str, controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """
    a_record: both addresses are there. zone_group: Azure would drop the other one, so it is refused
    unless asked for. none: nothing is written.
    """
    record = f"{landscape.zone}/A/shop-vault"
    controller.tasks(task("private_dns_a_record", resource_group=GROUP, name="shop-vault", ipv4_addresses=["10.1.0.4"])).succeeded()
    run = spoke(controller, landscape, private_vault_dns=way)
    if way == "zone_group":
        failed = next(done for done in run.tasks if done.status == "failed")
        assert failed["code"] == "RecordOfOthers" and "10.1.0.4" in failed["msg"] and "record_mode: replace" in failed["hint"]
        assert not run.writes and current(azure, record) == {"10.1.0.4"}
        taken = spoke(controller, landscape, private_vault_dns=way, private_vault_record_mode="replace").succeeded()
        assert current(azure, record) == {"10.1.0.50"} and taken.changed
        assert not spoke(controller, landscape, private_vault_dns=way).succeeded().writes
        return
    run.succeeded()
    assert current(azure, record) == ({"10.1.0.4", "10.1.0.50"} if way == "a_record" else {"10.1.0.4"})
    assert bool([write for write in run.writes if "privateDns" in write["path"]]) == (way == "a_record")
    assert not spoke(controller, landscape, private_vault_dns=way).succeeded().writes


def test_record_of_a_zone_group_takes_no_addresses_of_others(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Azure takes such a record away with its endpoint, and everybody's address with it."""
    run = controller.tasks(
        task("keyvault_private_endpoint", "group", resource_group=GROUP, name="shop-endpoint", private_dns_zone_ids=[landscape.zone]),
        task("private_dns_a_record", "same", resource_group=GROUP, name="shop-vault", ipv4_addresses=["10.1.0.4"]),
        task(
            "private_dns_a_record",
            "other",
            resource_group=GROUP,
            name="shop-vault",
            ipv4_addresses=["10.1.0.50"],
            keywords={"ignore_errors": True},
        ),
    )
    assert run.rc == 0 and not run.task("same").changed
    assert run.task("other")["code"] == "RecordOfZoneGroup" and "shop-endpoint" in run.task("other")["msg"] and not run.task("other").writes
    assert current(azure, f"{landscape.zone}/A/shop-vault") == {"10.1.0.4"}


def test_rollout_with_the_hub_in_another_subscription(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """The hub's zone is made and linked there, to the hub's network too; the spoke's network and endpoint are here."""
    made = controller.tasks(
        task("resource_group", name="hub", location="westeurope", subscription_id=ELSEWHERE),
        task(
            "virtual_network",
            "hub",
            resource_group="hub",
            name="hub",
            location="westeurope",
            address_prefixes=["10.8.0.0/16"],
            subscription_id=ELSEWHERE,
        ),
    ).succeeded()
    hub = {"private_vault_zone_id": "", "private_vault_zone_resource_group": "hub", "private_vault_zone_subscription_id": ELSEWHERE}
    hub_network = made.task("hub")["id"]
    run = spoke(controller, landscape, **hub, private_vault_dns="a_record", private_vault_linked_network_ids=f" {hub_network} ").succeeded()
    result = run.task("Set private_vault_result")["ansible_facts"]["private_vault_result"]
    assert result["zone_id"] == azure.id("hub", ZONE, ZONE_NAME, subscription=ELSEWHERE) and hub_network in result["network_ids"]
    assert "10.1.0.50" in azure.lookup("shop-vault.vault.azure.net", hub_network)
    assert (
        not spoke(controller, landscape, **hub, private_vault_dns="a_record", private_vault_linked_network_ids=[hub_network])
        .succeeded()
        .writes
    )


def test_existing_vault_in_the_hubs_zone_of_another_subscription(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    made = controller.tasks(
        task("resource_group", name="hub", location="westeurope", subscription_id=ELSEWHERE),
        task("private_dns_zone", "zone", resource_group="hub", subscription_id=ELSEWHERE),
    ).succeeded()
    given = {
        "existing_vault_id": landscape.other_vault,
        "existing_subnet_id": landscape.others,
        "existing_zone_id": made.task("zone")["id"],
    }
    controller.run("privatelink.azure.existing_vault", "-e", json.dumps(given)).succeeded()
    assert current(azure, f"{made.task('zone')['id']}/A/shop-till") and "10.1.1." in azure.lookup(
        "shop-till.vault.azure.net", landscape.network
    )
