# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of Azure are told before the first write, with what to do."""

from __future__ import annotations

import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.running import Controller, Run, task
from integration.shop import ENDPOINT, GROUP, VAULT, Shop

IGNORE = {"ignore_errors": True}
ELSEWHERE = "a0000000-0000-4000-8000-0000000000ab"


@pytest.fixture
def azure(shop: Shop) -> Emulation:
    return shop.use().emulation


def new(shop: Shop, name: str = "one-more", **options: t.Any) -> Json:
    return {"resource_group": GROUP, "name": name, "vault_id": shop.vault, "subnet_id": shop.others, **options}


def refused(run: Run, name: str, *words: str) -> None:
    done = run.task(name)
    assert done.failed and done["code"] == "LimitReached" and not done.writes, done.shown
    assert all(word in done["msg"] for word in words), done["msg"]


def clone(azure: Emulation, original: str, copies: t.Iterable[str]) -> None:
    """Put copies of a resource under other ids, straight into the emulator."""
    source = azure.resource(original)
    for there in copies:
        azure.control("PUT", "resource", {**source, "id": there, "name": there.rpartition("/")[2]}, id=there)


def test_vault_with_all_its_endpoints(controller: Controller, shop: Shop, azure: Emulation) -> None:
    connections = f"{shop.vault}/privateEndpointConnections"
    clone(azure, f"{connections}/shop-endpoint", [f"{connections}/other-{number}" for number in range(63)])
    run = controller.tasks(task("keyvault_private_endpoint", "the 65th", **new(shop), keywords=IGNORE))
    refused(run, "the 65th", "shop-vault", "64")


def test_subscription_with_all_its_vaults(controller: Controller, shop: Shop, azure: Emulation) -> None:
    """Both vaults of the shop have an endpoint, so a limit of two is reached; a subscription whose limit was raised says so."""
    vault = task("keyvault", "third", resource_group=GROUP, name="shop-third", location="westeurope")
    third = {**new(shop, "third"), "vault_id": azure.id(GROUP, VAULT, "shop-third")}
    run = controller.tasks(
        vault,
        task("keyvault_private_endpoint", "full", **third, vaults_with_endpoints_limit=2, keywords=IGNORE),
        task("keyvault_private_endpoint", "raised", **third, vaults_with_endpoints_limit=3),
    )
    refused(run, "full", "2", "vaults_with_endpoints_limit")
    assert run.task("raised").changed


def test_default_limits_of_subscription_and_network(controller: Controller, shop: Shop, azure: Emulation) -> None:
    """400 vaults with endpoints, and a network with 1,000 endpoints."""
    vaults = [azure.id(GROUP, VAULT, f"other-{number}") for number in range(398)]
    clone(azure, shop.vault, vaults)
    clone(azure, f"{shop.vault}/privateEndpointConnections/shop-endpoint", [f"{vault}/privateEndpointConnections/shop-endpoint" for vault in vaults])
    made = task("keyvault", "third", resource_group=GROUP, name="shop-third", location="westeurope")
    third = {**new(shop, "third"), "vault_id": azure.id(GROUP, VAULT, "shop-third")}
    run = controller.tasks(made, task("keyvault_private_endpoint", "the 401st", **third, keywords=IGNORE))
    refused(run, "the 401st", "400 key vaults", "vaults_with_endpoints_limit")
    shop.use()
    clone(azure, shop.endpoint, [azure.id(GROUP, ENDPOINT, f"other-{number}") for number in range(998)])
    run = controller.tasks(task("keyvault_private_endpoint", "the 1,001st", **new(shop), keywords=IGNORE))
    refused(run, "the 1,001st", "shop-net", "1000")


def test_subnet_without_a_free_address(controller: Controller, shop: Shop, azure: Emulation) -> None:
    """A /29 has three addresses."""
    small = {"resource_group": GROUP, "virtual_network_name": "shop-net", "name": "small", "address_prefixes": ["10.1.2.0/29"]}
    there = azure.id(GROUP, "Microsoft.Network/virtualNetworks/subnets", "shop-net", "small")
    names = [f"e{number}" for number in range(4)]
    targets = [azure.id(GROUP, VAULT, name) for name in ("shop-vault", "shop-till", "shop-third", "shop-fourth")]
    run = controller.tasks(
        task("subnet", "small", **small),
        *(task("keyvault", resource_group=GROUP, name=name, location="westeurope") for name in ("shop-third", "shop-fourth")),
        *(
            task("keyvault_private_endpoint", name, **{**new(shop, name), "vault_id": target, "subnet_id": there})
            for name, target in zip(names[:3], targets, strict=False)
        ),
        task("keyvault_private_endpoint", names[3], **{**new(shop, names[3]), "vault_id": targets[3], "subnet_id": there}, keywords=IGNORE),
    )
    assert [run.task(name).changed for name in names] == [True, True, True, False]
    refused(run, "e3", "small", "no free address")


def test_zone_that_is_full_by_its_own_counters(controller: Controller, shop: Shop, azure: Emulation) -> None:
    azure.control("PUT", "settings", {"limits": {"record_sets_per_zone": 1, "links_per_zone": 0}})
    try:
        run = controller.tasks(
            task("private_dns_a_record", "one too many", resource_group=GROUP, name="a", ipv4_addresses=["10.1.0.4"], keywords=IGNORE),
            task("private_dns_zone_link", "no link", resource_group=GROUP, name="net", virtual_network_id=shop.network, keywords=IGNORE),
        )
    finally:
        azure.control("PUT", "settings", {"limits": {}})
    refused(run, "one too many", "record sets")
    refused(run, "no link", "links")


def test_provider_that_is_not_registered(controller: Controller, shop: Shop, azure: Emulation) -> None:
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
