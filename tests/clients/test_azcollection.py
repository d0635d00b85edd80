# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The modules of azure.azcollection 3.21.0 for a private vault: create, run again, update, run again, delete. The tests build on each other.
"""

from __future__ import annotations

import typing as t

import pytest

from clients.peer import Peer, task
from integration.emulation import Emulation, Json

ZONE = "privatelink.vaultcore.azure.net"
VAULT = "Microsoft.KeyVault/vaults"
NETWORK = "Microsoft.Network/virtualNetworks"
ZONES = "Microsoft.Network/privateDnsZones"
ENDPOINT = "Microsoft.Network/privateEndpoints"
GROUP = {"resource_group": "peer"}
NAMED = {"zone_name": ZONE, **GROUP}
SUBNET = {"virtual_network_name": "peer-net", **GROUP}
SKU = {"family": "A", "name": "standard"}
RECORD = {"relative_name": "hand-written", "record_type": "A", **NAMED}


def made(emulation: Emulation) -> list[Json]:
    """Return the tasks from nothing to a private vault."""
    target = {"private_link_service_id": emulation.id("peer", VAULT, "peer-vault"), "group_ids": ["vault"]}
    subnet = {"id": emulation.id("peer", f"{NETWORK}/subnets", "peer-net", "endpoints")}
    requested = [{"name": "peer-asks", **target}]
    return [
        task("resourcegroup", name="peer", location="westeurope"),
        task("keyvault", **GROUP, vault_name="peer-vault", location="westeurope", vault_tenant=emulation.facts["tenant"], sku=SKU),
        task("virtualnetwork", **GROUP, name="peer-net", address_prefixes_cidr=["10.1.0.0/16"]),
        task("subnet", **SUBNET, name="endpoints", address_prefix_cidr="10.1.0.0/24", private_endpoint_network_policies="Disabled"),
        task("privatednszone", **GROUP, name=ZONE),
        task("privatednszonelink", **NAMED, name="peer-link", virtual_network="peer-net"),
        task("privatednsrecordset", **RECORD, records=[{"entry": "10.1.0.9"}]),
        task(
            "privateendpoint",
            **GROUP,
            name="peer-endpoint",
            subnet=subnet,
            private_link_service_connections=[{"name": "peer-connection", **target}],
        ),
        task(
            "privateendpoint",
            "manual request",
            **GROUP,
            name="peer-request",
            subnet=subnet,
            manual_private_link_service_connections=requested,
        ),
        task(
            "privateendpointdnszonegroup",
            **GROUP,
            name="default",
            private_endpoint="peer-endpoint",
            private_dns_zone_configs=[_config("vault")],
        ),
    ]


def updated(emulation: Emulation) -> list[Json]:
    """Return the tasks that change what Azure can change in place, and these modules can see."""
    tags = {"purpose": "test"}
    tenant = emulation.facts["tenant"]
    connection = {"name": "peer-connection", "private_link_service_id": emulation.id("peer", VAULT, "peer-vault"), "group_ids": ["vault"]}
    subnet = {"id": emulation.id("peer", f"{NETWORK}/subnets", "peer-net", "endpoints")}
    endpoint = {"name": "peer-endpoint", "subnet": subnet, "private_link_service_connections": [connection]}
    return [
        task("resourcegroup", name="peer", location="westeurope", tags=tags),
        task(
            "keyvault",
            **GROUP,
            vault_name="peer-vault",
            location="westeurope",
            vault_tenant=tenant,
            sku=SKU,
            public_network_access="Disabled",
            tags=tags,
        ),
        task("virtualnetwork", **GROUP, name="peer-net", address_prefixes_cidr=["10.1.0.0/16", "10.2.0.0/16"], tags=tags),
        task(
            "subnet",
            **SUBNET,
            name="endpoints",
            address_prefix_cidr="10.1.0.0/24",
            private_endpoint_network_policies="NetworkSecurityGroupEnabled",
        ),
        task("privatednszone", **GROUP, name=ZONE, tags=tags),
        task("privatednszonelink", **NAMED, name="peer-link", virtual_network="peer-net", registration_enabled=True, tags=tags),
        task("privatednsrecordset", **RECORD, records=[{"entry": "10.1.0.10"}], record_mode="append"),
        task("privateendpoint", **GROUP, **endpoint, tags=tags),
        task(
            "privateendpointdnszonegroup",
            **GROUP,
            name="default",
            private_endpoint="peer-endpoint",
            private_dns_zone_configs=[_config("renamed")],
        ),
    ]


def _config(name: str) -> Json:
    return {"name": name, "private_dns_zone": ZONE}


@pytest.fixture
def read(emulation: Emulation) -> t.Callable[..., Json]:
    """The properties of a stored resource of the group, by type and names."""
    return lambda kind, *names: t.cast(Json, emulation.resource(emulation.id("peer", kind, *names))["properties"])


def test_registration(peer: Peer, emulation: Emulation) -> None:
    """
    There is no module for it, and the SDK's own registration does not come about for a long-running PUT; the generic module registers.
    """
    group, vault, *_unused = made(emulation)
    url = f"/subscriptions/{emulation.facts['subscription']}/providers/Microsoft.KeyVault/register"
    run = peer.run(group, vault, task("resource", method="POST", url=url, api_version="2022-09-01"))
    assert [done.status for done in run.tasks] == ["ok", "failed", "ok"]
    assert "MissingSubscriptionRegistration" in run.tasks[1]["msg"]


def test_create(peer: Peer, emulation: Emulation, read: t.Callable[..., Json]) -> None:
    assert peer.works(*made(emulation)[1:]) == {done["name"]: True for done in made(emulation)[1:]}
    assert read(VAULT, "peer-vault")["vaultUri"] == "https://peer-vault.vault.azure.net/"
    assert read(f"{NETWORK}/subnets", "peer-net", "endpoints")["privateEndpointNetworkPolicies"] == "Disabled"
    assert read(f"{ZONES}/virtualNetworkLinks", ZONE, "peer-link")["virtualNetworkLinkState"] == "Completed"
    assert [each["ipv4Address"] for each in read(f"{ZONES}/A", ZONE, "peer-vault")["aRecords"]] == ["10.1.0.4"]
    (automatic,), (manual,) = (
        read(ENDPOINT, "peer-endpoint")["privateLinkServiceConnections"],
        read(ENDPOINT, "peer-request")["manualPrivateLinkServiceConnections"],
    )
    assert automatic["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert manual["properties"]["privateLinkServiceConnectionState"]["status"] == "Pending"


def test_create_again(peer: Peer, emulation: Emulation) -> None:
    assert peer.works(*made(emulation)) == {done["name"]: False for done in made(emulation)}


def test_approve(peer: Peer, emulation: Emulation, read: t.Callable[..., Json]) -> None:
    """With the generic module, for want of one that knows vaults."""
    connection = f"{emulation.id('peer', VAULT, 'peer-vault')}/privateEndpointConnections/peer-asks"
    body = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved", "description": "Known"}}}
    approve = task("resource", method="PUT", url=connection, api_version="2026-02-01", body=body, idempotency=True)
    assert peer.works({**approve, "name": "approve"}, {**approve, "name": "again"}) == {"approve": True, "again": False}
    (manual,) = read(ENDPOINT, "peer-request")["manualPrivateLinkServiceConnections"]
    assert manual["properties"]["privateLinkServiceConnectionState"] == {
        "status": "Approved",
        "description": "Known",
        "actionsRequired": "None",
    }


def test_info(peer: Peer) -> None:
    run = peer.run(
        task("privateendpoint_info", **GROUP, name="peer-endpoint"),
        task("keyvault_info", **GROUP, name="peer-vault"),
        task("privatednszonelink_info", **NAMED, name="peer-link"),
        task("privateendpointdnszonegroup_info", **GROUP, name="default", private_endpoint="peer-endpoint"),
    )
    endpoint, vault, link, group = (done.result for done in run.tasks)
    (connection,) = endpoint["privateendpoints"][0]["private_link_service_connections"]
    assert connection["connection_state"]["status"] == "Approved"
    assert vault["keyvaults"][0]["vault_uri"] == "https://peer-vault.vault.azure.net/"
    assert link["virtualnetworklinks"][0]["virtual_network_link_state"] == "Completed"
    assert group["groups"][0]["private_dns_zone_configs"][0]["record_sets"][0]["ip_addresses"] == ["10.1.0.4"]


def test_update(peer: Peer, emulation: Emulation, read: t.Callable[..., Json]) -> None:
    assert peer.works(*updated(emulation)) == {done["name"]: True for done in updated(emulation)}
    assert read(VAULT, "peer-vault")["publicNetworkAccess"] == "Disabled"
    assert read(NETWORK, "peer-net")["addressSpace"]["addressPrefixes"] == ["10.1.0.0/16", "10.2.0.0/16"]
    assert read(f"{NETWORK}/subnets", "peer-net", "endpoints")["privateEndpointNetworkPolicies"] == "NetworkSecurityGroupEnabled"
    assert read(f"{ZONES}/virtualNetworkLinks", ZONE, "peer-link")["registrationEnabled"] is True
    assert {each["ipv4Address"] for each in read(f"{ZONES}/A", ZONE, "hand-written")["aRecords"]} == {"10.1.0.9", "10.1.0.10"}
    assert emulation.resource(emulation.id("peer", ENDPOINT, "peer-endpoint"))["tags"] == {"purpose": "test"}


def test_update_again(peer: Peer, emulation: Emulation) -> None:
    assert peer.works(*updated(emulation)) == {done["name"]: False for done in updated(emulation)}


def test_delete(peer: Peer, emulation: Emulation) -> None:
    """In an order that Azure allows; the network's resources and the zone's are deleted before what holds them."""
    absent: Json = {"state": "absent"}
    assert all(
        peer.works(
            task("privateendpointdnszonegroup", **GROUP, **absent, name="default", private_endpoint="peer-endpoint"),
            task("privateendpoint", **GROUP, **absent, name="peer-endpoint"),
            task("privateendpoint", "manual request", **GROUP, **absent, name="peer-request"),
            task("privatednsrecordset", **RECORD, **absent),
            task("privatednszonelink", **NAMED, **absent, name="peer-link"),
            task("privatednszone", **GROUP, **absent, name=ZONE),
            task("subnet", **SUBNET, **absent, name="endpoints"),
            task("virtualnetwork", **GROUP, **absent, name="peer-net"),
            task("keyvault", **GROUP, **absent, vault_name="peer-vault"),
            task("resourcegroup", **absent, name="peer"),
        ).values()
    )
    assert [each.rpartition("/")[2] for each in emulation.resources() if "peer" in each] == ["peer-vault"]  # deleted, not purged
