# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key vaults that are private in every way, each with a network and a zone of its own, made by plain requests, to be broken."""

from __future__ import annotations

import typing as t

from emulator.client import Client
from integration.emulation import Emulation, Json

ZONE_NAME = "privatelink.vaultcore.azure.net"


class Place:
    """A resource group with a private vault: network, subnet, zone, link, vault, endpoint, and a lock on the vault.

    by_group: whether a DNS zone group writes the record, else it is written by hand. manual: whether the connection waits for its owner.
    """

    def __init__(self, emulation: Emulation, name: str, *, by_group: bool = True, manual: bool = False, endpoint: bool = True) -> None:
        self.emulation, self.name, self.client = emulation, name, Client(emulation.facts)
        self.group = f"/subscriptions/{emulation.facts['subscription']}/resourceGroups/check-{name}"
        network = f"{self.group}/providers/Microsoft.Network"
        self.network = f"{network}/virtualNetworks/net-{name}"
        self.subnet = f"{self.network}/subnets/endpoints"
        self.zone = f"{network}/privateDnsZones/{ZONE_NAME}"
        self.vault = f"{self.group}/providers/Microsoft.KeyVault/vaults/check-{name}"
        self.endpoint = f"{network}/privateEndpoints/endpoint-{name}"
        self.link = f"{self.zone}/virtualNetworkLinks/net"
        self.record = f"{self.zone}/A/check-{name}"
        self.locked = f"{self.vault}/providers/Microsoft.Authorization/locks/keep"
        self.do("PUT", self.group, {"location": "westeurope"})
        subnets = [{"name": "endpoints", "properties": {"addressPrefix": "10.7.0.0/24"}}]
        space = {"addressSpace": {"addressPrefixes": ["10.7.0.0/16"]}, "subnets": subnets}
        self.do("PUT", self.network, {"location": "westeurope", "properties": space})
        self.do("PUT", self.zone, {"location": "global"})
        self.join(self.zone)
        self._vault()
        if endpoint:
            self._endpoint(manual)
            if by_group:
                config = {"name": "vault", "properties": {"privateDnsZoneId": self.zone}}
                self.do("PUT", f"{self.endpoint}/privateDnsZoneGroups/default", {"properties": {"privateDnsZoneConfigs": [config]}})
            else:
                self.addresses(self.address)

    def do(self, method: str, path: str, body: t.Any = None) -> t.Any:
        """Send a request and wait for what it starts."""
        return self.client.do(method, path, body)

    def _vault(self) -> None:
        closed: Json = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny", "bypass": "None"}}
        own = {"tenantId": self.emulation.facts["tenant"], "sku": {"family": "A", "name": "standard"}}
        guarded = {"enableRbacAuthorization": True, "enablePurgeProtection": True}
        self.do("PUT", self.vault, {"location": "westeurope", "properties": {**own, **closed, **guarded}})
        self.lock()

    def lock(self) -> None:
        """Protect the vault from deletion."""
        self.do("PUT", self.locked, {"properties": {"level": "CanNotDelete"}})

    def _endpoint(self, manual: bool) -> None:
        slot = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        made = {"name": "vault", "properties": {"privateLinkServiceId": self.vault, "groupIds": ["vault"]}}
        self.do("PUT", self.endpoint, {"location": "westeurope", "properties": {"subnet": {"id": self.subnet}, slot: [made]}})

    def join(self, zone: str, **properties: t.Any) -> None:
        """Link the network to a zone."""
        body = {"virtualNetwork": {"id": self.network}, "registrationEnabled": False, **properties}
        self.do("PUT", f"{zone}/virtualNetworkLinks/net", {"location": "global", "properties": body})

    def other_zone(self, name: str, group: str = "") -> None:
        """Link the network to another zone."""
        zone = self.zone.replace(ZONE_NAME, name)
        if group:
            zone = zone.replace(self.group, f"{self.group}-{group}")
            self.do("PUT", f"{self.group}-{group}", {"location": "westeurope"})
        self.do("PUT", zone, {"location": "global"})
        self.join(zone)

    @property
    def address(self) -> str:
        """Return the private address of the endpoint."""
        interface = self.client.get(self.endpoint)["properties"]["networkInterfaces"][0]["id"]
        return str(self.client.get(interface)["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"])

    @property
    def connection(self) -> str:
        """Return the id of the vault's connection."""
        return str(self.client.get(self.vault)["properties"]["privateEndpointConnections"][0]["id"])

    def addresses(self, *addresses: str) -> None:
        """Write the record by hand."""
        records = [{"ipv4Address": address} for address in addresses]
        self.do("PUT", self.record, {"properties": {"ttl": 300, "aRecords": records}})

    def remove(self) -> None:
        """Remove the connection, as the owner of the vault, whom its own lock hinders."""
        connection = self.connection
        self.do("DELETE", self.locked)
        self.do("DELETE", connection)
        self.lock()

    def reject(self) -> None:
        """Reject the connection, as the owner of the vault."""
        state = {"privateLinkServiceConnectionState": {"status": "Rejected", "description": "No."}}
        self.do("PUT", self.connection, {"properties": state})

    def change(self, **properties: t.Any) -> None:
        """Change properties of the vault."""
        self.do("PATCH", self.vault, {"properties": properties})

    def unprotect(self) -> None:
        """Make it a vault of before 2020, without soft delete and so without purge protection."""
        self.emulation.overlay(self.vault, {"properties": {"enableSoftDelete": False, "enablePurgeProtection": None}})

    def serve_dns(self) -> None:
        """Give the network DNS servers of its own."""
        current = self.client.get(self.network)
        current["properties"]["dhcpOptions"] = {"dnsServers": ["10.7.9.9"]}
        self.do("PUT", self.network, {"location": current["location"], "properties": current["properties"]})
