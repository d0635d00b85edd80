# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many vaults as others made them: written to the emulator's Resource Manager by plain requests, none of them by this collection."""

from __future__ import annotations

import typing as t

from emulator.client import Client
from integration.emulation import Emulation, Json

GROUP = "estate"
ZONE_NAME = "privatelink.vaultcore.azure.net"


class Estate:
    """Group estate: a network with one subnet, a zone that is linked to it, and vaults as they are requested."""

    def __init__(self, emulation: Emulation, *, subscription: str | None = None) -> None:
        self.emulation = emulation
        self._client = Client(emulation.facts)
        self.subscription = subscription or emulation.facts["subscription"]
        self.group = f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}"
        self.network = f"{self.group}/providers/Microsoft.Network/virtualNetworks/estate-net"
        self.subnet = f"{self.network}/subnets/endpoints"
        self.zone = f"{self.group}/providers/Microsoft.Network/privateDnsZones/{ZONE_NAME}"
        self._client.call("POST", f"/subscriptions/{self.subscription}/providers/Microsoft.KeyVault/register", version="2024-11-01")
        self._client.do("PUT", self.group, {"location": "westeurope"})
        self._network(self.network, "10.8.0.0")
        self._client.do("PUT", self.zone, {"location": "global"})
        self._client.do(
            "PUT",
            f"{self.zone}/virtualNetworkLinks/estate",
            {"location": "global", "properties": {"virtualNetwork": {"id": self.network}, "registrationEnabled": False}},
        )

    def _network(self, network: str, address: str) -> str:
        """Make a virtual network with one subnet; return the subnet's id."""
        subnets = [{"name": "endpoints", "properties": {"addressPrefix": f"{address}/20"}}]
        space = {"addressSpace": {"addressPrefixes": [f"{address}/16"]}, "subnets": subnets}
        self._client.do("PUT", network, {"location": "westeurope", "properties": space})
        return f"{network}/subnets/endpoints"

    def vault(
        self, name: str, *, group: str | None = None, location: str = "westeurope", tags: Json | None = None, **properties: t.Any
    ) -> str:
        """Make a vault; return its id."""
        if group:
            self._client.do("PUT", self.group.replace(f"/{GROUP}", f"/{group}"), {"location": "westeurope"})
        vault = f"{self.group}/providers/Microsoft.KeyVault/vaults/{name}".replace(f"/{GROUP}/", f"/{group or GROUP}/")
        own = {"tenantId": self.emulation.facts["tenant"], "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
        self._client.do("PUT", vault, {"location": location, "tags": tags or {}, "properties": {**own, **properties}})
        return vault

    def endpoint(
        self,
        name: str,
        vault: str,
        *,
        manual: bool = False,
        zone: str | None = None,
        group: str | None = None,
        subnet: str | None = None,
        connection: str | None = None,
        tags: Json | None = None,
        **properties: t.Any,
    ) -> str:
        """Make an endpoint that leads to a vault, with a DNS zone group where a zone is named; return its id."""
        slot = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        message = {"requestMessage": "Ticket 4711"} if manual else {}
        made = {"name": connection or name, "properties": {"privateLinkServiceId": vault, "groupIds": ["vault"], **message}}
        endpoint = f"{self.group}/providers/Microsoft.Network/privateEndpoints/{name}".replace(f"/{GROUP}/", f"/{group or GROUP}/")
        body = {
            "location": "westeurope",
            "tags": tags or {},
            "properties": {"subnet": {"id": subnet or self.subnet}, slot: [made], **properties},
        }
        self._client.do("PUT", endpoint, body)
        if zone:
            config = {"name": "vault", "properties": {"privateDnsZoneId": zone}}
            self._client.do("PUT", f"{endpoint}/privateDnsZoneGroups/portal", {"properties": {"privateDnsZoneConfigs": [config]}})
        return endpoint

    def record(self, name: str, *addresses: str) -> None:
        """Write an A record by hand."""
        records = [{"ipv4Address": address} for address in addresses]
        self._client.do("PUT", f"{self.zone}/A/{name}", {"properties": {"ttl": 300, "aRecords": records}})

    def address(self, endpoint: str) -> str:
        """Return the private address of an endpoint."""
        interface = self._client.get(endpoint)["properties"]["networkInterfaces"][0]["id"]
        return str(self._client.get(interface)["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"])

    def mixed(self) -> None:
        """Make a vault of every kind: closed with a zone group, with a record of its own, pending, without an endpoint, elsewhere."""
        closed: Json = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}
        first = self.vault("estate-closed", tags={"Environment": "prod", "Template": "{{ 1 + 1 }}"}, **closed)
        self.endpoint("closed-endpoint", first, zone=self.zone)
        second = self.vault("estate-record", tags={"Environment": "test", "Owner": "billing"})
        self.record("estate-record", self.address(self.endpoint("record-endpoint", second)))
        third = self.vault("estate-pending", tags={"Environment": "prod"})
        self.endpoint("pending-endpoint", third, manual=True)
        self.vault("estate-bare", location="northeurope")
        self.vault("estate-other", group="estate-other")

    def peculiar(self) -> None:
        """Make what is rare: a perimeter, an approved request, a zone in a hub, names in another case, endpoints in another group, tags."""
        hub = Estate(self.emulation, subscription=next(each for each in self.emulation.facts["subscriptions"] if each != self.subscription))
        spoke = f"{self.network}-spoke"
        subnet = self._network(spoke, "10.9.0.0")
        link = {"virtualNetwork": {"id": spoke}, "registrationEnabled": True, "resolutionPolicy": "NxDomainRedirect"}
        self._client.do("PUT", f"{hub.zone}/virtualNetworkLinks/spoke", {"location": "global", "properties": link})
        perimeter = self.vault("rare-perimeter", publicNetworkAccess="SecuredByPerimeter", networkAcls={"defaultAction": "Deny"})
        self.endpoint("perimeter-endpoint", perimeter, zone=hub.zone, subnet=subnet)
        closed: Json = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny"}}
        request = self.vault(
            "rare-request", enabledForDeployment=True, enableRbacAuthorization=False, softDeleteRetentionInDays=7, **closed
        )
        self.endpoint("request-endpoint", request, manual=True, connection="ticket")
        (connection,) = self._client.get(request)["properties"]["privateEndpointConnections"]
        approved = {"privateLinkServiceConnectionState": {"status": "Approved", "description": "Ticket 4711"}}
        self._client.do("PUT", connection["id"], {"properties": approved})
        shouted = self.vault("rare-shouted", tags={"team": "a", "stage": "prod"}, **closed)
        upper = shouted.replace("/resourceGroups/estate/", "/resourcegroups/ESTATE/").replace("rare-shouted", "RARE-SHOUTED")
        self.vault("rare-elsewhere", group="rare-group", tags={"stage": "prod"}, **closed)
        self.endpoint("Rare-Endpoint", upper, zone=self.zone, group="rare-group", tags={"stage": "prod", "cost": "1"})
        firewall = {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "203.0.113.7/32"}]}
        group = f"{self.group}/providers/Microsoft.Network/applicationSecurityGroups/web"
        self._client.do("PUT", group, {"location": "westeurope"})
        opened = self.vault("rare-open", publicNetworkAccess="Enabled", networkAcls=firewall, enabledForTemplateDeployment=True)
        self.endpoint("open-endpoint", opened, applicationSecurityGroups=[{"id": group}])
        lost = self.vault("rare-lost")
        self.endpoint("lost-endpoint", lost)
        (connection,) = self._client.get(lost)["properties"]["privateEndpointConnections"]
        rejected = {"privateLinkServiceConnectionState": {"status": "Rejected", "description": "No."}}
        self._client.do("PUT", connection["id"], {"properties": rejected})

    def many(self, count: int) -> list[str]:
        """Make closed vaults, each with an endpoint and its zone group; return their ids."""
        vaults = []
        for number in range(count):
            vaults.append(self.vault(f"estate-{number:03}", publicNetworkAccess="Disabled"))
            self.endpoint(f"endpoint-{number:03}", vaults[-1], zone=self.zone)
        return vaults
