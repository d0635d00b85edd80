# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of Azure are told before the first write, with what to do."""

from __future__ import annotations

import json
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import ENDPOINT, GROUP, VAULT, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

IGNORE = {"ignore_errors": True}
ELSEWHERE = "a0000000-0000-4000-8000-0000000000ab"


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def new(landscape: Landscape, name: str = "one-more", **options: t.Any) -> Json:
    return {"resource_group": GROUP, "name": name, "vault_id": landscape.vault, "subnet_id": landscape.others, **options}


def refused(run: Run, name: str, *words: str) -> None:
    done = run.task(name)
    assert done.failed and done["code"] == "LimitReached" and not done.writes, done.shown
    assert all(word in done["msg"] for word in words), done["msg"]


def clone(azure: Emulation, original: str, copies: t.Iterable[str]) -> None:
    """Put copies of a resource under other ids, straight into the emulator."""
    source = azure.resource(original)
    for there in copies:
        azure.control("PUT", "resource", {**source, "id": there, "name": there.rpartition("/")[2]}, id=there)


def test_vault_with_all_its_endpoints(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    connections = f"{landscape.vault}/privateEndpointConnections"
    clone(azure, f"{connections}/shop-endpoint", [f"{connections}/other-{number}" for number in range(63)])
    run = controller.tasks(task("keyvault_private_endpoint", "the 65th", **new(landscape), keywords=IGNORE))
    refused(run, "the 65th", "shop-vault", "64")


def test_subscription_with_all_its_vaults(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Both vaults of the landscape have an endpoint, so a limit of two is reached; a subscription whose limit was raised says so."""
    vault = task("keyvault", "third", resource_group=GROUP, name="shop-third", location="westeurope")
    third = {**new(landscape, "third"), "vault_id": azure.id(GROUP, VAULT, "shop-third")}
    run = controller.tasks(
        vault,
        task("keyvault_private_endpoint", "full", **third, vaults_with_endpoints_limit=2, keywords=IGNORE),
        task("keyvault_private_endpoint", "raised", **third, vaults_with_endpoints_limit=3),
    )
    refused(run, "full", "2", "vaults_with_endpoints_limit")
    assert run.task("raised").changed


def test_default_limits_of_subscription_and_network(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """400 vaults with endpoints, and a network with 1,000 endpoints."""
    vaults = [azure.id(GROUP, VAULT, f"other-{number}") for number in range(398)]
    clone(azure, landscape.vault, vaults)
    clone(
        azure,
        f"{landscape.vault}/privateEndpointConnections/shop-endpoint",
        [f"{vault}/privateEndpointConnections/shop-endpoint" for vault in vaults],
    )
    made = task("keyvault", "third", resource_group=GROUP, name="shop-third", location="westeurope")
    third = {**new(landscape, "third"), "vault_id": azure.id(GROUP, VAULT, "shop-third")}
    run = controller.tasks(made, task("keyvault_private_endpoint", "the 401st", **third, keywords=IGNORE))
    refused(run, "the 401st", "400 key vaults", "vaults_with_endpoints_limit")
    landscape.use()
    clone(azure, landscape.endpoint, [azure.id(GROUP, ENDPOINT, f"other-{number}") for number in range(998)])
    run = controller.tasks(task("keyvault_private_endpoint", "the 1,001st", **new(landscape), keywords=IGNORE))
    refused(run, "the 1,001st", "shop-net", "1000")


def test_subnet_without_a_free_address(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """A /29 has three addresses."""
    small = {"resource_group": GROUP, "virtual_network_name": "shop-net", "name": "small", "address_prefixes": ["10.1.2.0/29"]}
    there = azure.id(GROUP, "Microsoft.Network/virtualNetworks/subnets", "shop-net", "small")
    names = [f"e{number}" for number in range(4)]
    targets = [azure.id(GROUP, VAULT, name) for name in ("shop-vault", "shop-till", "shop-third", "shop-fourth")]
    run = controller.tasks(
        task("subnet", "small", **small),
        *(task("keyvault", resource_group=GROUP, name=name, location="westeurope") for name in ("shop-third", "shop-fourth")),
        *(
            task("keyvault_private_endpoint", name, **{**new(landscape, name), "vault_id": target, "subnet_id": there})
            for name, target in zip(names[:3], targets, strict=False)
        ),
        task(
            "keyvault_private_endpoint",
            names[3],
            **{**new(landscape, names[3]), "vault_id": targets[3], "subnet_id": there},
            keywords=IGNORE,
        ),
    )
    assert [run.task(name).changed for name in names] == [True, True, True, False]
    refused(run, "e3", "small", "no free address")


def test_zone_that_is_full_by_its_own_counters(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    azure.control("PUT", "settings", {"limits": {"record_sets_per_zone": 1, "links_per_zone": 0}})
    try:
        run = controller.tasks(
            task("private_dns_a_record", "one too many", resource_group=GROUP, name="a", ipv4_addresses=["10.1.0.4"], keywords=IGNORE),
            task(
                "private_dns_zone_link", "no link", resource_group=GROUP, name="net", virtual_network_id=landscape.network, keywords=IGNORE
            ),
        )
    finally:
        azure.control("PUT", "settings", {"limits": {}})
    refused(run, "one too many", "record sets")
    refused(run, "no link", "links")


def test_large_network(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """With privateEndpointVNetPolicies: Basic a network takes 5,000 endpoints, so the 1,001st is made."""
    azure.overlay(landscape.network, {"properties": {"privateEndpointVNetPolicies": "Basic"}})
    clone(azure, landscape.endpoint, [azure.id(GROUP, ENDPOINT, f"other-{number}") for number in range(998)])
    assert controller.tasks(task("keyvault_private_endpoint", "the 1,001st", **new(landscape))).succeeded().task("the 1,001st").changed


def test_network_policies(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """
    Azure takes endpoints into subnets with network policies nowadays, and the policies hold for
    them; where a region still refuses, it is told why.
    """
    where = {"virtual_network_name": "shop-net", "name": "others", "private_endpoint_network_policies": "Enabled"}
    policies = task("subnet", "policies", resource_group=GROUP, **where)
    refusal = "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"
    azure.fault("PUT", "/privateEndpoints/one-more$", status=400, code=refusal, message="Private endpoint cannot be created.")
    run = controller.tasks(
        policies,
        task("keyvault_private_endpoint", "refused", **new(landscape), private_dns_zone_ids=[landscape.zone], keywords=IGNORE),
        task("keyvault_private_endpoint", "taken", **new(landscape)),
    )
    assert run.task("refused")["code"] == refusal and "private_endpoint_network_policies: Disabled" in run.task("refused")["hint"]
    assert len(run.task("refused").writes) == 1 and run.task("taken").changed


def test_region_and_deleted_name(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    deleted = {"resource_group": GROUP, "name": "shop-till"}
    run = controller.tasks(
        task("keyvault_private_endpoint", "elsewhere", **{**new(landscape), "location": "northeurope"}, keywords=IGNORE),
        task("keyvault", "delete", **deleted, state="absent"),
        task("keyvault", "same name", **deleted, location="westeurope", keywords=IGNORE),
    )
    elsewhere, name = run.task("elsewhere"), run.task("same name")
    assert elsewhere["option"] == "location" and "westeurope" in elsewhere["msg"] and not elsewhere.writes
    assert name["code"] == "VaultSoftDeleted" and "recover: true" in name["hint"] and not name.writes


def rollout(controller: Controller, **variables: t.Any) -> Run:
    given = {"private_vault_resource_group": GROUP, "private_vault_location": "westeurope", **variables}
    return controller.run("privatelink.azure.rollout", "-e", json.dumps(given))


def test_rollout_learns_of_providers_before_its_first_write(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """
    In its own subscription where someone else registers them, and in that of a vault elsewhere; what it may not see is Azure's to tell.
    """
    there = azure.id("theirs", VAULT, "their-vault", subscription=ELSEWHERE)
    elsewhere = {
        "private_vault_id": there,
        "private_vault_subnet_id": landscape.others,
        "private_vault_manual_request": True,
        "private_vault_dns": "none",
    }
    run = rollout(controller, **elsewhere)
    assert run.rc == 2 and not run.writes
    unregistered(run, "Microsoft.KeyVault", ELSEWHERE)
    looked = [request for request in run.requests if request["path"] == f"/subscriptions/{ELSEWHERE}/providers/Microsoft.KeyVault"]
    assert len(looked) == 1

    controller.tasks(task("resource_provider", name="Microsoft.KeyVault", state="absent")).succeeded()
    here = {"private_vault_name": "new-vault", "private_vault_subnet_id": landscape.others, "private_vault_providers": []}
    run = rollout(controller, **here)
    assert run.rc == 2 and not run.writes
    unregistered(run, "Microsoft.KeyVault", azure.facts["subscription"])


def unregistered(run: Run, namespace: str, subscription: str) -> None:
    """Require the refusal of a resource provider that is not registered there, with what registers it."""
    done = run.task("Create the private vault")
    assert (
        done["code"] == "MissingSubscriptionRegistration" and done["resource_id"] == f"/subscriptions/{subscription}/providers/{namespace}"
    )
    assert namespace in done["msg"] and subscription in done["msg"] and "Microsoft.Network" not in done["msg"], done.shown
    assert "privatelink.azure.resource_provider" in done["hint"]


def test_provider_that_is_not_registered(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    there = {"subscription_id": ELSEWHERE}
    vault = {"resource_group": GROUP, "name": "vault-there", "location": "westeurope", **there}
    run = controller.tasks(
        task("resource_group", "group", name=GROUP, location="westeurope", **there),
        task("keyvault", "vault", **vault, keywords=IGNORE),
        task("resource_provider", "register", name="Microsoft.KeyVault", **there),
        task("keyvault", "vault again", **vault),
    )
    done = run.task("vault")
    assert done["code"] == "MissingSubscriptionRegistration" and "privatelink.azure.resource_provider" in done["hint"]
    assert run.task("vault again").changed
