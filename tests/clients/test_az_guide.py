# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure's guide "Integrate Key Vault with Azure Private Link", command by command and in its order, with Azure CLI as it is published.

Only names are filled in, with three exceptions, which are mistakes of the guide and shown as such in TestMistakesOfTheGuide.
Commands that the guide does not have, but its reader needs, are marked.
"""

from __future__ import annotations

import typing as t

import pytest

from clients.comparing import differences, everything
from clients.processes import AzureCli, count, nslookup
from integration.emulation import Emulation, Json
from integration.running import Controller, task

ZONE = "privatelink.vaultcore.azure.net"
VAULT = "Microsoft.KeyVault/vaults"
CONNECTION = f"{VAULT}/privateEndpointConnections"
NETWORK = "Microsoft.Network/virtualNetworks"
ENDPOINT = "Microsoft.Network/privateEndpoints"
RECORD = "Microsoft.Network/privateDnsZones/A"
HOST = "guide-vault.vault.azure.net"
PRIVATE = f"guide-vault.{ZONE}"
ADDRESS = "10.0.0.4"
"""The first that Azure gives out of the subnet. The guide writes the record before the endpoint that takes the address."""

CREATE = (
    "network private-endpoint create --resource-group {group} --vnet-name {network} --subnet {subnet} --name {endpoint}"
    ' --private-connection-resource-id "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}"'
    " --group-ids vault --connection-name {connection} --location {region}"
)
AUTOMATIC = CREATE.replace("{endpoint}", "guide-endpoint").replace("{connection}", "guide-connection")
MANUAL = CREATE.replace("{endpoint}", "guide-request").replace("{connection}", "guide-asks") + " --manual-request"
DECIDE = "keyvault private-endpoint-connection {} --resource-group guide --vault-name guide-vault --name {}"


@pytest.fixture(scope="module", autouse=True)
def _names(az: AzureCli) -> None:
    az.names.update(group="guide", region="westeurope", vault="guide-vault", network="guide-net", subnet="endpoints")
    az.names.update(zone=ZONE, link="guide-link", address=ADDRESS)


@pytest.fixture(scope="module")
def network(emulation: Emulation) -> str:
    """The id of the guide's virtual network."""
    return emulation.id("guide", NETWORK, "guide-net")


def connections(emulation: Emulation) -> dict[str, str]:
    """Return the status of the vault's connections by the name of their endpoint."""
    prefix = f"{emulation.id('guide', VAULT, 'guide-vault')}/privateEndpointConnections/".lower()
    found = [emulation.resource(each)["properties"] for each in emulation.resources() if each.startswith(prefix)]
    return {each["privateEndpoint"]["id"].rpartition("/")[2]: each["privateLinkServiceConnectionState"]["status"] for each in found}


def state_of(endpoint: Json) -> Json:
    """Return the state of the one connection in what `az network private-endpoint show` prints."""
    (connection,) = endpoint["privateLinkServiceConnections"] + endpoint["manualPrivateLinkServiceConnections"]
    return t.cast(Json, connection["privateLinkServiceConnectionState"])


class TestSignIn:
    """ "Login to Azure CLI"; registering the cloud stands for what Azure CLI knows of Azure itself."""

    def test_cloud(self, az: AzureCli) -> None:
        az.register_cloud()

    def test_login(self, az: AzureCli, emulation: Emulation) -> None:
        assert [each["id"] for each in az.login()] == emulation.facts["subscriptions"]

    def test_subscription(self, az: AzureCli) -> None:
        az("account set --subscription {subscription}")
        assert az("account show")["id"] == az.names["subscription"]  # not in the guide


class TestVault:
    """ "Create a new Resource Group" to "Turn on Key Vault Firewall"."""

    def test_group(self, az: AzureCli) -> None:
        assert az("group create -n {group} -l {region}")["properties"]["provisioningState"] == "Succeeded"

    def test_provider(self, az: AzureCli) -> None:
        create = "keyvault create --name {vault} --resource-group {group} --location {region}"
        az("provider register -n Microsoft.KeyVault")
        assert az("provider show -n Microsoft.KeyVault --query registrationState") == "Registered"  # not in the guide
        vault = az(create)
        assert (vault["properties"]["provisioningState"], vault["properties"]["vaultUri"]) == ("Succeeded", f"https://{HOST}/")
        assert "already exists" in az.refused(create)

    def test_firewall(self, az: AzureCli) -> None:
        vault = az("keyvault update --name {vault} --resource-group {group} --default-action deny")
        assert vault["properties"]["networkAcls"] == {
            "bypass": "AzureServices",
            "defaultAction": "Deny",
            "ipRules": [],
            "virtualNetworkRules": [],
        }


class TestNetwork:
    """ "Create a Virtual Network" to "Disable Virtual Network Policies"."""

    def test_network(self, az: AzureCli) -> None:
        network = az("network vnet create --resource-group {group} --name {network} --location {region}")["newVNet"]
        assert network["addressSpace"]["addressPrefixes"] == ["10.0.0.0/16"]

    def test_subnet(self, az: AzureCli) -> None:
        subnet = az(
            "network vnet subnet create --resource-group {group} --vnet-name {network} --name {subnet} --address-prefixes 10.0.0.0/24"
        )
        assert subnet["provisioningState"] == "Succeeded"

    def test_policies(self, az: AzureCli) -> None:
        update = (
            "network vnet subnet update --name {subnet} --resource-group {group} "
            "--vnet-name {network} --disable-private-endpoint-network-policies"
        )
        assert az(f"{update} false")["privateEndpointNetworkPolicies"] == "Enabled"  # not in the guide: what the next command changes
        assert az(f"{update} true")["privateEndpointNetworkPolicies"] == "Disabled"


class TestDns:
    """ "Add a Private DNS Zone" and "Add Private DNS Records", with what nslookup says while no endpoint exists."""

    def test_zone(self, az: AzureCli) -> None:
        assert (
            az("network private-dns zone create --resource-group {group} --name privatelink.vaultcore.azure.net")["provisioningState"]
            == "Succeeded"
        )
        link = az(
            "network private-dns link vnet create --resource-group {group} "
            "--virtual-network {network} --zone-name privatelink.vaultcore.azure.net"
            " --name {link} --registration-enabled true"
        )
        assert (link["virtualNetworkLinkState"], link["registrationEnabled"]) == ("Completed", True)

    def test_zone_list(self, az: AzureCli) -> None:
        (zone,) = az("network private-dns zone list -g {group}")
        assert (zone["name"], zone["numberOfVirtualNetworkLinksWithRegistration"]) == (ZONE, 1)

    def test_record(self, az: AzureCli) -> None:
        az('network private-dns record-set a add-record -g {group} -z "privatelink.vaultcore.azure.net" -n {vault} -a {address}')
        sets = az('network private-dns record-set list -g {group} -z "privatelink.vaultcore.azure.net"')
        assert [(each["name"], each["type"].rpartition("/")[2]) for each in sets] == [("@", "SOA"), ("guide-vault", "A")]
        assert (sets[1]["ttl"], sets[1]["aRecords"]) == (3600, [{"ipv4Address": ADDRESS}])

    @pytest.mark.usefixtures("resolver")
    def test_names_before_the_endpoint(self, emulation: Emulation, network: str) -> None:
        for view in (None, network):
            answer = nslookup(emulation, HOST, view)
            assert answer.found and not answer.address.startswith("10.") and PRIVATE not in answer.aliases, answer.output
        assert "NXDOMAIN" in nslookup(emulation, PRIVATE).output
        assert nslookup(emulation, PRIVATE, network).address == ADDRESS


class TestAutomaticEndpoint:
    """ "Create a Private Endpoint (Automatically Approve)"."""

    def test_automatic(self, az: AzureCli, emulation: Emulation) -> None:
        endpoint = az(AUTOMATIC)
        assert state_of(endpoint)["status"] == "Approved"
        assert endpoint["customDnsConfigs"] == [{"fqdn": HOST, "ipAddresses": [ADDRESS]}]
        assert connections(emulation) == {"guide-endpoint": "Approved"}

    def test_address(self, az: AzureCli) -> None:
        """Not in the guide: where the address of its record comes from."""
        az.names["nic"] = az("network private-endpoint show --resource-group {group} --name guide-endpoint")["networkInterfaces"][0]["id"]
        assert az("network nic show --ids {nic}")["ipConfigurations"][0]["privateIPAddress"] == ADDRESS


class TestSameByModules:
    """
    This collection's modules, told the same so far, leave the same. They would not make the second
    endpoint: one for a vault in a subnet is enough.
    """

    def test_whole_guide(self, controller: Controller, emulation: Emulation) -> None:
        state, by_az = emulation.control("GET", "state"), everything(emulation)
        emulation.reset()
        run = controller.tasks(*guide_by_modules(emulation)).succeeded()
        count("tasks of privatelink.azure compared with az", len(run.tasks))
        by_modules = everything(emulation)
        emulation.control("PUT", "state", state)
        for kind, name, option, value in STATED_BY_AZ:
            assert by_az[emulation.id("guide", kind, name).lower()]["document"]["properties"].pop(option) == value
        assert differences(by_az, by_modules) == {}


STATED_BY_AZ = [
    (VAULT, "guide-vault", "softDeleteRetentionInDays", 90),
    (NETWORK, "guide-net", "enableVmProtection", False),
    (ENDPOINT, "guide-endpoint", "ipVersionType", "IPv4"),
]
"""Azure's own defaults that Azure CLI writes out, and Azure then shows."""


def guide_by_modules(emulation: Emulation) -> t.Iterator[Json]:
    """Return the guide as tasks, as far as the automatic endpoint."""
    group = {"resource_group": "guide"}
    vault = emulation.id("guide", VAULT, "guide-vault")
    yield task("resource_group", name="guide", location="westeurope")
    yield task("resource_provider", name="Microsoft.KeyVault")
    firewall = {"default_action": "Deny", "bypass": "AzureServices"}
    yield task("keyvault", **group, name="guide-vault", location="westeurope", public_network_access="Enabled", network_acls=firewall)
    yield task("virtual_network", **group, name="guide-net", location="westeurope", address_prefixes=["10.0.0.0/16"])
    subnet = {"virtual_network_name": "guide-net", "name": "endpoints", "address_prefixes": ["10.0.0.0/24"]}
    yield task("subnet", **group, **subnet, private_endpoint_network_policies="Disabled")
    yield task("private_dns_zone", **group)
    network = emulation.id("guide", NETWORK, "guide-net")
    yield task("private_dns_zone_link", **group, name="guide-link", virtual_network_id=network, registration_enabled=True)
    yield task("private_dns_a_record", **group, name="guide-vault", ipv4_addresses=[ADDRESS])
    endpoint = {"vault_id": vault, "subnet_id": emulation.id("guide", f"{NETWORK}/subnets", "guide-net", "endpoints")}
    yield task("keyvault_private_endpoint", **group, **endpoint, name="guide-endpoint", connection_name="guide-connection")


class TestManualEndpoint:
    """ "Create a Private Endpoint (Manually Request Approval)" and "Show Connection Status"."""

    def test_manual(self, az: AzureCli, emulation: Emulation) -> None:
        assert state_of(az(MANUAL))["status"] == "Pending"
        assert connections(emulation) == {"guide-endpoint": "Approved", "guide-request": "Pending"}

    def test_show(self, az: AzureCli) -> None:
        assert state_of(az("network private-endpoint show --resource-group {group} --name guide-endpoint"))["status"] == "Approved"
        assert state_of(az("network private-endpoint show --resource-group {group} --name guide-request"))["status"] == "Pending"

    @pytest.mark.usefixtures("resolver")
    def test_names(self, emulation: Emulation, network: str) -> None:
        """ "You will see a result that looks like this", over the public endpoint and over the private one."""
        public = nslookup(emulation, HOST)
        assert public.found and not public.address.startswith("10."), public.output
        assert public.aliases[:2] == [HOST, PRIVATE], public.output
        private = nslookup(emulation, HOST, network)
        assert (private.address, private.name, private.aliases) == (ADDRESS, PRIVATE, [HOST]), private.output
        assert nslookup(emulation, PRIVATE, network).address == ADDRESS


class TestMistakesOfTheGuide:
    """What its text says, and no Azure CLI or no Azure takes."""

    def test_approval_description(self, az: AzureCli) -> None:
        reported = az.refused(DECIDE.format("approve", "guide-asks") + " --approval-description fine")
        assert "unrecognized arguments: --approval-description fine" in reported

    def test_rejection_description(self, az: AzureCli) -> None:
        reported = az.refused(DECIDE.format("reject", "guide-asks") + " --rejection-description no")
        assert "unrecognized arguments: --rejection-description no" in reported

    def test_dash(self, az: AzureCli) -> None:
        assert "unrecognized arguments: \u2013name" in az.refused(DECIDE.format("approve", "guide-asks").replace("--name", "\u2013name"))

    def test_space_in_the_id(self, az: AzureCli) -> None:
        assert "InvalidPrivateLinkServiceId" in az.refused(AUTOMATIC.replace("guide-endpoint", "other").replace("vaults/", "vaults/ "))


class TestDecisions:
    """ "How to manage a private endpoint connection to Key Vault using Azure CLI"."""

    def test_approve(self, az: AzureCli, emulation: Emulation) -> None:
        approved = az(DECIDE.format("approve", "guide-asks") + ' --description "It is known"')
        assert (approved["privateLinkServiceConnectionState"]["description"], approved["provisioningState"]) == ("It is known", "Succeeded")
        assert connections(emulation) == {"guide-endpoint": "Approved", "guide-request": "Approved"}
        state = state_of(az("network private-endpoint show --resource-group {group} --name guide-request"))
        assert (state["status"], state["description"]) == ("Approved", "It is known")

    def test_reject(self, az: AzureCli, emulation: Emulation) -> None:
        assert (
            az(DECIDE.format("reject", "guide-asks") + ' --description "No more"')["privateLinkServiceConnectionState"]["status"]
            == "Rejected"
        )
        assert connections(emulation) == {"guide-endpoint": "Approved", "guide-request": "Rejected"}
        assert state_of(az("network private-endpoint show --resource-group {group} --name guide-request"))["status"] == "Rejected"

    def test_delete(self, az: AzureCli, emulation: Emulation) -> None:
        az(DECIDE.format("delete", "guide-asks"))
        assert connections(emulation) == {"guide-endpoint": "Approved"}
        assert state_of(az("network private-endpoint show --resource-group {group} --name guide-request"))["status"] == "Disconnected"


class TestBeyondTheGuide:
    """What the guide's reader does next: look, take the portal's way of DNS, clean up."""

    def test_reading(self, az: AzureCli) -> None:
        (resource,) = az("keyvault private-link-resource list --vault-name {vault}")
        assert (resource["groupId"], resource["requiredZoneNames"]) == ("vault", [ZONE])
        (connection,) = az("keyvault show --name {vault}")["properties"]["privateEndpointConnections"]
        az.names["connection_id"] = connection["id"]
        assert (
            az("keyvault private-endpoint-connection show --id {connection_id}")["privateLinkServiceConnectionState"]["status"]
            == "Approved"
        )

    def test_zone_group(self, az: AzureCli, emulation: Emulation) -> None:
        az('network private-dns record-set a delete --yes -g {group} -z "privatelink.vaultcore.azure.net" -n {vault}')
        create = "network private-endpoint dns-zone-group create --resource-group {group} --endpoint-name guide-endpoint --name default"
        group = az(f"{create} --private-dns-zone {{zone}} --zone-name vault")
        assert group["privateDnsZoneConfigs"][0]["recordSets"][0]["ipAddresses"] == [ADDRESS]
        assert az("network private-dns record-set a show -g {group} -z {zone} -n {vault}")["aRecords"] == [{"ipv4Address": ADDRESS}]
        az("network private-endpoint delete --resource-group {group} --name guide-endpoint")
        assert emulation.id("guide", RECORD, ZONE, "guide-vault").lower() not in emulation.resources()

    @pytest.mark.usefixtures("resolver")
    def test_names_without_the_endpoint(self, emulation: Emulation, network: str) -> None:
        assert "NXDOMAIN" in nslookup(emulation, PRIVATE, network).output

    def test_group(self, az: AzureCli, emulation: Emulation) -> None:
        az("group delete --yes -n {group}")
        assert az("group exists -n {group}") is False
        assert [each["name"] for each in az("keyvault list-deleted")] == ["guide-vault"]
        az("keyvault purge --name {vault} --location {region}")
        assert not [each for each in emulation.resources() if "guide" in each]
