# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The landscape that examples run on: it has the names that they use, and says what their placeholders stand for."""

from __future__ import annotations

from emulator.client import Client
from integration.emulation import Emulation, Json
from integration.examples import Placeholders

FIRST, SECOND, THIRD = (f"{digit * 8}-{digit * 4}-{digit * 4}-{digit * 4}-{digit * 12}" for digit in "012")
ZONE = "privatelink.vaultcore.azure.net"
STATES = ("bare", "networks", "vaults", "whole", "decided", "connected", "private")
# The endpoints of payments-vault and ledger-vault in the states connected and private.
ADDRESSES = ("10.1.0.4", "10.1.0.5")


class Ground:
    """
    The landscape of the examples, made by plain requests, as states of the emulator.

    bare: nothing. networks: with zones, a workspace, and what a partner has. vaults: with those of payments and of the ledger.
    whole: with endpoints and requests. decided: one request is approved.
    connected: both vaults have an endpoint that the network of payments resolves. private: and are closed.
    existing are the ids, in the order in which an abbreviated id means one.
    """

    def __init__(self, emulation: Emulation) -> None:
        self.emulation = emulation
        self.first, self.second = emulation.facts["subscriptions"][:2]
        self.existing: list[str] = []
        self._client = Client(emulation.facts)
        for subscription in (self.first, self.second):
            for provider in ("KeyVault", "Network", "Insights", "OperationalInsights", "Storage", "Compute"):
                path = f"/subscriptions/{subscription}/providers/Microsoft.{provider}/register"
                self._client.call("POST", path, version="2024-11-01")
        self.bare: Json = emulation.control("GET", "state")
        payments = self._networks()
        self.networks: Json = emulation.control("GET", "state")
        self._vaults()
        self.vaults: Json = emulation.control("GET", "state")
        self._endpoints(payments)
        self.whole: Json = emulation.control("GET", "state")
        self._decide()
        self.decided: Json = emulation.control("GET", "state")
        emulation.control("PUT", "state", self.vaults)
        self._connect(payments)
        self.connected: Json = emulation.control("GET", "state")
        for vault in ("/payments-vault", "/ledger-vault"):
            emulation.overlay(self.id(vault), {"properties": {"publicNetworkAccess": "Disabled"}})
        self.private: Json = emulation.control("GET", "state")

    def _networks(self) -> str:
        """Make networks, zones, what is linked, a service of a partner and a vault of another; return the network of payments."""
        payments = self._network("payments", "payments-net", "10.1", "endpoints")
        for group, name, prefix, subnet in (
            ("payments", "net", "10.1", "endpoints"),
            ("payments", "app", "10.3", "app"),
            ("hub", "hub-net", "10.4", "hub"),
            ("spoke", "spoke-net", "10.5", "endpoints"),
        ):
            self._network(group, name, prefix, subnet)
        self._put("dns", f"Microsoft.Network/privateDnsZones/{ZONE}", {"location": "global"})
        for subscription in (self.first, self.second):
            self._put("hub-dns", f"Microsoft.Network/privateDnsZones/{ZONE}", {"location": "global"}, subscription)
        self._partner()
        return payments

    def _partner(self) -> None:
        """Make a workspace, and a vault and a service of a partner."""
        self._put("monitoring", "Microsoft.OperationalInsights/workspaces/central", {"location": "westeurope", "properties": {}})
        self._vault("partner-vault")
        service = {"location": "westeurope", "properties": {"destinationIPAddress": "10.4.0.9"}}
        rates = self._put("partner", "Microsoft.Network/privateLinkServices/rates", service)
        alias = f"rates.{self.second}.westeurope.azure.privatelinkservice"
        self.emulation.overlay(rates, {"properties": {"alias": alias}})

    def _vault(self, name: str) -> str:
        """Make a vault in the group that its name begins with."""
        own = {"tenantId": self.emulation.facts["tenant"], "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
        return self._put(name.partition("-")[0], f"Microsoft.KeyVault/vaults/{name}", {"location": "westeurope", "properties": own})

    def _vaults(self) -> None:
        """Make the vaults of payments, whose log is kept, and of the ledger, and a storage account."""
        vault = self._vault("payments-vault")
        self._vault("ledger-vault")
        storage = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
        self._put("payments", "Microsoft.Storage/storageAccounts/paymentsblobs", storage)
        logs = [{"categoryGroup": "audit", "enabled": True}]
        setting = {"workspaceId": self.id("/workspaces/central"), "logAnalyticsDestinationType": "Dedicated", "logs": logs}
        path = f"{vault}/providers/Microsoft.Insights/diagnosticSettings/audit"
        self._client.do("PUT", path, {"properties": setting}, version="2021-05-01-preview")
        call = {"Type": "AZKVAuditLogs", "_ResourceId": vault.lower(), "OperationName": "SecretGet", "HttpStatusCode": 200}
        caller = {"CallerIpAddress": "203.0.113.7", "AddressAuthorizationType": "PublicIP", "Identity": {"claim": {"appid": SECOND}}}
        for when in ({}, {"TimeGenerated": "2001-01-01T00:00:00.0000000Z"}):
            self.emulation.log(self.id("/workspaces/central"), {**call, **caller, **when})

    def _endpoints(self, payments: str) -> None:
        """Link the zone to the network of payments, make the endpoint of payments-vault, and two requests to the ledger."""
        zone = self.id(f"/dns/providers/Microsoft.Network/privateDnsZones/{ZONE}")
        self._link(zone, payments)
        self._endpoint("payments-vault-endpoint", self.id("/payments-vault"), payments, zone=zone)
        for name in ("ledger-vault-endpoint", "unknown-endpoint"):
            self._endpoint(name, self.id("/ledger-vault"), self.id("/virtualNetworks/net"), manual=True)

    def _link(self, zone: str, network: str) -> None:
        link = {"location": "global", "properties": {"virtualNetwork": {"id": network}, "registrationEnabled": False}}
        self._client.do("PUT", f"{zone}/virtualNetworkLinks/{network.rpartition('/')[2]}", link)

    def _connect(self, payments: str) -> None:
        """Make endpoints of both vaults in the network of payments, which resolves their names, as app does, and machines there."""
        zone = self.id(f"/dns/providers/Microsoft.Network/privateDnsZones/{ZONE}")
        for network in (payments, self.id("/virtualNetworks/app")):
            self._link(zone, network)
        for name in ("payments-vault", "ledger-vault"):
            self._endpoint(f"{name}-endpoint", self.id(f"/{name}"), payments, zone=zone)
        for name in ("payments-app", "ledger-app"):
            self._machine(name, f"{payments}/subnets/endpoints")

    def _machine(self, name: str, subnet: str) -> None:
        """Make a virtual machine as somebody has made it."""
        scope = f"/subscriptions/{self.first}/resourceGroups/payments/providers"
        nic, made = f"{scope}/Microsoft.Network/networkInterfaces/{name}-nic", f"{scope}/Microsoft.Compute/virtualMachines/{name}"
        addresses = [{"name": "one", "properties": {"subnet": {"id": subnet}, "privateIPAddress": "10.1.0.20"}}]
        kind = {"type": "Microsoft.Network/networkInterfaces", "etag": "1"}
        interface = {"id": nic, "name": f"{name}-nic", "location": "westeurope", **kind, "properties": {"ipConfigurations": addresses}}
        self.emulation.control("PUT", "resource", interface, id=nic)
        disk = {"osDisk": {"osType": "Linux"}, "imageReference": {"publisher": "Canonical", "sku": "22_04-lts"}}
        properties = {"storageProfile": disk, "networkProfile": {"networkInterfaces": [{"id": nic}]}, "provisioningState": "Succeeded"}
        document = {"id": made, "name": name, "type": "Microsoft.Compute/virtualMachines", "location": "westeurope"}
        self.emulation.control("PUT", "resource", {**document, "properties": properties}, id=made)
        self.existing += [made]

    def _decide(self) -> None:
        """Approve the request of ledger-vault-endpoint."""
        approved = {"privateLinkServiceConnectionState": {"status": "Approved", "description": "Ticket 4711"}}
        connections = self._client.get(self.id("/ledger-vault"))["properties"]["privateEndpointConnections"]
        request = next(each for each in connections if "ledger-vault-endpoint" in str(each).lower())
        self._client.do("PUT", request["id"], {"properties": approved})

    def _put(self, group: str, path: str, body: Json, subscription: str = "") -> str:
        made = f"/subscriptions/{subscription or self.first}/resourceGroups/{group}"
        self._client.do("PUT", made, {"location": "westeurope"})
        self._client.do("PUT", f"{made}/providers/{path}", body)
        self.existing += [f"{made}/providers/{path}"]
        return self.existing[-1]

    def _network(self, group: str, name: str, prefix: str, subnet: str) -> str:
        subnets = [{"name": subnet, "properties": {"addressPrefix": f"{prefix}.0.0/24"}}]
        space = {"addressSpace": {"addressPrefixes": [f"{prefix}.0.0/16"]}, "subnets": subnets}
        network = self._put(group, f"Microsoft.Network/virtualNetworks/{name}", {"location": "westeurope", "properties": space})
        self.existing += [f"{network}/subnets/{subnet}"]
        return network

    def _endpoint(self, name: str, vault: str, network: str, *, manual: bool = False, zone: str = "") -> None:
        slot = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        connection = {"name": name, "properties": {"privateLinkServiceId": vault, "groupIds": ["vault"]}}
        properties = {"subnet": {"id": f"{network}/subnets/endpoints"}, slot: [connection]}
        made = self._put("payments", f"Microsoft.Network/privateEndpoints/{name}", {"location": "westeurope", "properties": properties})
        if zone:
            config = {"name": "vault", "properties": {"privateDnsZoneId": zone}}
            self._client.do("PUT", f"{made}/privateDnsZoneGroups/default", {"properties": {"privateDnsZoneConfigs": [config]}})

    def id(self, tail: str) -> str:
        """Return the first id that ends so."""
        return next(each for each in self.existing if each.endswith(tail))

    def variables(self) -> Json:
        """Return what the examples take from tasks before them, or from the reader's variables."""
        endpoint, vault, network = self.id("/payments-vault-endpoint"), self.id("/payments-vault"), self.id("/payments-net")
        address = ADDRESSES[0]
        return {
            "vault": {"id": vault},
            "vault_id": vault,
            "ledger_id": self.id("/ledger-vault"),
            "vault_result": {"id": vault},
            "subnet": {"id": f"{network}/subnets/endpoints"},
            "subnet_id": f"{network}/subnets/endpoints",
            "network_subnet_result": {"id": f"{network}/subnets/endpoints"},
            "hub_subnet": {"id": self.id("/subnets/hub")},
            "network": {"id": network},
            "network_id": network,
            "subscription": self.first,
            "home": self.first,
            "network_result": {"id": network},
            "hub_network_id": self.id("/hub-net"),
            "spoke_network_id": self.id("/spoke-net"),
            "app_network_id": self.id("/app"),
            "zone": {"id": self.id(ZONE)},
            "zone_id": self.id(ZONE),
            "dns_zone_result": {"id": self.id(ZONE)},
            "endpoint": {"id": endpoint, "private_ip_address": address, "private_ip_addresses": [address]},
            "endpoint_id": endpoint,
            "endpoint_result": {"id": endpoint, "private_ip_address": address},
            "request": {"id": self.id("/ledger-vault-endpoint")},
            "lock": {"id": f"{vault}/providers/Microsoft.Authorization/locks/keep"},
            "storage_account_id": self.id("/paymentsblobs"),
            "test_resource_ids": [endpoint, vault],
            "our_rules": [{"name": "ours", "endpoint_names": ["ledger-*"]}],
            "ledger_client_id": self.emulation.facts["client_id"],
            "ledger_secret": self.emulation.facts["secret"],
        }

    def placeholders(self, directory: str) -> Placeholders:
        """Return what the placeholders stand for: the owner of the ledger has the first subscription too."""
        tenant = self.emulation.facts["tenant"]
        texts = {
            f"tenant: {SECOND}": f"tenant: {tenant}",
            f"auxiliary_tenant_ids: [{SECOND}]": f"auxiliary_tenant_ids: [{tenant}]",
            FIRST: self.first,
            SECOND: self.second,
            THIRD: self.first,
            "[10.0.0.4, 10.0.0.5]": "[127.0.0.1]",
            "[10.0.0.4]": "[127.0.0.1]",
            "outside_hosts: [localhost]": "outside_hosts: [laptop]",
            "AzureUSGovernment": self.emulation.facts["url"],
            "/tmp/": f"{directory}/",
            "/var/www/html/": f"{directory}/",
        }
        return Placeholders(self.existing, self.first, texts)
