# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure's own SDK runs the whole way against the emulator: from nothing to a private vault and back."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("azure.identity", reason="the Azure SDK is not installed")

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from emulator.client import Client

ZONE = "privatelink.vaultcore.azure.net"
VAULT = {"location": "westeurope", "properties": {"sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}}


class Sdk:
    """The four clients."""

    def __init__(self, facts: dict[str, Any], secret: str = "") -> None:
        self.credential = ClientSecretCredential(
            facts["tenant"],
            facts["client_id"],
            secret or facts["secret"],
            authority=facts["url"],
            disable_instance_discovery=True,
            connection_verify=facts["ca"],
        )
        options = {
            "base_url": facts["url"],
            "credential_scopes": ["https://management.core.windows.net/.default"],
            "connection_verify": facts["ca"],
        }
        self.vaults = KeyVaultManagementClient(self.credential, facts["subscription"], **options)
        self.network = NetworkManagementClient(self.credential, facts["subscription"], **options)
        self.dns = PrivateDnsManagementClient(self.credential, facts["subscription"], **options)
        self.resources = ResourceManagementClient(self.credential, facts["subscription"], **options)


@pytest.fixture
def sdk(empty: Client) -> Sdk:
    return Sdk(empty.facts)


def built(sdk: Sdk, facts: dict[str, Any], *, manual: bool = False) -> Any:
    """Everything up to the endpoint."""
    sdk.resources.resource_groups.create_or_update("rg", {"location": "westeurope"})
    sdk.resources.providers.register("Microsoft.KeyVault")
    own = {**VAULT, "properties": {**VAULT["properties"], "tenantId": facts["tenant"]}}
    vault = sdk.vaults.vaults.begin_create_or_update("rg", "kv-sdk", own).result()
    space = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
    sdk.network.virtual_networks.begin_create_or_update("rg", "vnet", {"location": "westeurope", "properties": space}).result()
    subnet = sdk.network.subnets.begin_create_or_update("rg", "vnet", "snet", {"properties": {"addressPrefix": "10.1.0.0/24"}}).result()
    sdk.dns.private_zones.begin_create_or_update("rg", ZONE, {"location": "global"}).result()
    network = {"virtualNetwork": {"id": subnet.id.rsplit("/", 2)[0]}, "registrationEnabled": False}
    sdk.dns.virtual_network_links.begin_create_or_update("rg", ZONE, "link", {"location": "global", "properties": network}).result()
    name = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
    connection = {"name": "pec", "properties": {"privateLinkServiceId": vault.id, "groupIds": ["vault"]}}
    body = {"location": "westeurope", "properties": {"subnet": {"id": subnet.id}, name: [connection]}}
    return sdk.network.private_endpoints.begin_create_or_update("rg", "pe", body).result()


def test_the_whole_way(sdk: Sdk, empty: Client) -> None:
    endpoint = built(sdk, empty.facts)
    assert endpoint.provisioning_state == "Succeeded"
    nic = sdk.network.network_interfaces.get("rg", endpoint.network_interfaces[0].id.rsplit("/", 1)[1])
    address = nic.ip_configurations[0].private_ip_address
    assert address == "10.1.0.4"
    config = {"name": "vault", "properties": {"privateDnsZoneId": f"{empty.rg}/providers/Microsoft.Network/privateDnsZones/{ZONE}"}}
    group = sdk.network.private_dns_zone_groups.begin_create_or_update(
        "rg", "pe", "default", {"properties": {"privateDnsZoneConfigs": [config]}}
    ).result()
    assert group.private_dns_zone_configs[0].record_sets[0].ip_addresses == [address]
    record = sdk.dns.record_sets.get("rg", ZONE, "A", "kv-sdk")
    assert record.ttl == 10
    connections = sdk.vaults.vaults.get("rg", "kv-sdk").properties.private_endpoint_connections
    assert connections[0].private_link_service_connection_state.status == "Approved"
    assert [each.group_id for each in sdk.vaults.private_link_resources.list_by_vault("rg", "kv-sdk").value] == ["vault"]
    network = f"{empty.rg}/providers/Microsoft.Network/virtualNetworks/vnet"
    assert empty.lookup("kv-sdk.vault.azure.net", network) == ("NOERROR", [f"kv-sdk.{ZONE}", address])
    sdk.network.private_endpoints.begin_delete("rg", "pe").result()
    with pytest.raises(ResourceNotFoundError):
        sdk.network.private_endpoints.get("rg", "pe")
    with pytest.raises(ResourceNotFoundError):
        sdk.dns.record_sets.get("rg", ZONE, "A", "kv-sdk")
    sdk.dns.virtual_network_links.begin_delete("rg", ZONE, "link").result()
    sdk.dns.private_zones.begin_delete("rg", ZONE).result()
    sdk.vaults.vaults.delete("rg", "kv-sdk")
    sdk.vaults.vaults.begin_purge_deleted("kv-sdk", "westeurope").result()
    sdk.resources.resource_groups.begin_delete("rg").result()
    assert not sdk.resources.resource_groups.check_existence("rg")


def test_a_request_is_approved_rejected_and_removed(sdk: Sdk, empty: Client) -> None:
    endpoint = built(sdk, empty.facts, manual=True)
    state = endpoint.manual_private_link_service_connections[0].private_link_service_connection_state
    assert (endpoint.provisioning_state, state.status) == ("Succeeded", "Pending")
    connections = sdk.vaults.private_endpoint_connections
    for status in ("Approved", "Rejected", "Approved"):
        body = {"properties": {"privateLinkServiceConnectionState": {"status": status, "description": "as asked"}}}
        assert connections.put("rg", "kv-sdk", "pec", body).provisioning_state == "Updating"
        assert connections.get("rg", "kv-sdk", "pec").provisioning_state == "Succeeded"
        there = (
            sdk.network.private_endpoints.get("rg", "pe").manual_private_link_service_connections[0].private_link_service_connection_state
        )
        assert (there.status, there.description) == (status, "as asked")
    connections.begin_delete("rg", "kv-sdk", "pec").result()
    there = sdk.network.private_endpoints.get("rg", "pe").manual_private_link_service_connections[0].private_link_service_connection_state
    assert there.status == "Disconnected"


def test_lists_and_registration(sdk: Sdk, empty: Client) -> None:
    built(sdk, empty.facts)
    assert [each.name for each in sdk.vaults.vaults.list_by_resource_group("rg")] == ["kv-sdk"]
    assert [each.name for each in sdk.network.private_endpoints.list_by_subscription()] == ["pe"]
    assert [each.name for each in sdk.dns.record_sets.list("rg", ZONE)] == ["@"]
    assert sdk.resources.providers.get("Microsoft.KeyVault").registration_state == "Registered"


def test_a_wrong_secret_is_refused_as_entra_does(sdk: Sdk, empty: Client) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        Sdk(empty.facts, secret="wrong").credential.get_token("https://management.core.windows.net/.default")


def test_an_unregistered_provider_is_refused(sdk: Sdk, empty: Client) -> None:
    sdk.resources.resource_groups.create_or_update("rg", {"location": "westeurope"})
    own = {**VAULT, "properties": {**VAULT["properties"], "tenantId": empty.facts["tenant"]}}
    with pytest.raises(HttpResponseError, match="MissingSubscriptionRegistration"):
        sdk.vaults.vaults.begin_create_or_update("rg", "kv-sdk", own).result()
