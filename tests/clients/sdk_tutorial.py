# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide with the Azure SDK for Python, as its users write it: python sdk_tutorial.py EMULATOR.JSON. Prints what it did as JSON."""

from __future__ import annotations

import json
import sys
import time
import typing as t

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

ZONE = "privatelink.vaultcore.azure.net"
GROUP, VAULT, NETWORK, SUBNET, REGION = "sdk", "sdk-vault", "sdk-net", "endpoints", "westeurope"


class Tutorial:
    """Each method is a section of the guide; done gathers what the test looks at."""

    def __init__(self, facts: dict[str, t.Any]) -> None:
        url, trust = facts["url"], {"connection_verify": facts["ca"]}
        credential = ClientSecretCredential(
            facts["tenant"], facts["client_id"], facts["secret"], authority=url, disable_instance_discovery=True, **trust
        )
        where = {"base_url": url, "credential_scopes": ["https://management.core.windows.net/.default"], **trust}
        # without types: the two ends have different ones
        self.resources: t.Any = ResourceManagementClient(credential, facts["subscription"], **where)
        self.vaults: t.Any = KeyVaultManagementClient(credential, facts["subscription"], **where)
        self.network: t.Any = NetworkManagementClient(credential, facts["subscription"], **where)
        self.dns: t.Any = PrivateDnsManagementClient(credential, facts["subscription"], **where)
        self.tenant = facts["tenant"]
        self.operations = 0
        self.done: dict[str, t.Any] = {}

    def call(self, answer: t.Any) -> t.Any:
        """Return the outcome of an operation, long-running or not."""
        self.operations += 1
        return answer.result() if hasattr(answer, "result") else answer

    def vault(self) -> str:
        """Make the group and a vault behind a closed firewall; return the vault's id."""
        self.call(self.resources.resource_groups.create_or_update(GROUP, {"location": REGION}))
        self.call(self.resources.providers.register("Microsoft.KeyVault"))
        properties = {
            "tenantId": self.tenant,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "accessPolicies": [],
        }
        body = {"location": REGION, "properties": properties}
        self.done["vault"] = self.call(self.vaults.vaults.begin_create_or_update(GROUP, VAULT, body)).properties.vault_uri
        closed = {"properties": {"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}}
        vault = self.call(self.vaults.vaults.update(GROUP, VAULT, closed))
        self.done["firewall"] = vault.properties.network_acls.default_action
        return str(vault.id)

    def subnet(self) -> tuple[str, str]:
        """Make the network and the subnet without policies; return their ids."""
        body = {"location": REGION, "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}}
        network = self.call(self.network.virtual_networks.begin_create_or_update(GROUP, NETWORK, body))
        policies = {"properties": {"addressPrefix": "10.1.0.0/24", "privateEndpointNetworkPolicies": "Disabled"}}
        subnet = self.call(self.network.subnets.begin_create_or_update(GROUP, NETWORK, SUBNET, policies))
        self.done["policies"] = subnet.private_endpoint_network_policies
        return network.id, subnet.id

    def zone(self, network: str) -> None:
        """Make the zone and its link."""
        self.call(self.dns.private_zones.begin_create_or_update(GROUP, ZONE, {"location": "global"}))
        link = {"location": "global", "properties": {"virtualNetwork": {"id": network}, "registrationEnabled": True}}
        self.done["link"] = self.call(
            self.dns.virtual_network_links.begin_create_or_update(GROUP, ZONE, "sdk-link", link)
        ).provisioning_state

    def endpoint(self, name: str, vault: str, subnet: str, kind: str) -> t.Any:
        """Make an endpoint; kind says which list its connection goes to."""
        connection = {"name": f"{name}-connection", "properties": {"privateLinkServiceId": vault, "groupIds": ["vault"]}}
        body = {"location": REGION, "properties": {"subnet": {"id": subnet}, kind: [connection]}}
        return self.call(self.network.private_endpoints.begin_create_or_update(GROUP, name, body))

    def record(self, endpoint: t.Any) -> None:
        """Write the endpoint's address into the zone."""
        nic = self.call(self.network.network_interfaces.get(GROUP, endpoint.network_interfaces[0].id.rpartition("/")[2]))
        address = nic.ip_configurations[0].private_ip_address
        record = {"properties": {"ttl": 3600, "aRecords": [{"ipv4Address": address}]}}
        self.call(self.dns.record_sets.create_or_update(GROUP, ZONE, "A", VAULT, record))
        self.done["address"] = address
        self.done["records"] = sorted(each.name for each in self.dns.record_sets.list(GROUP, ZONE))

    def decide(self) -> None:
        """Approve, reject and remove the connection of the manual endpoint."""
        name, connections = "sdk-request-connection", self.vaults.private_endpoint_connections
        for status in ("Approved", "Rejected"):
            state = {"status": status, "description": status.lower()}
            self.call(connections.put(GROUP, VAULT, name, {"properties": {"privateLinkServiceConnectionState": state}}))
            self.settle(name)
            self.done[status] = (self.connection(name), self.status("sdk-request"))
        self.call(connections.begin_delete(GROUP, VAULT, name))
        self.done["removed"] = (self.connection(name), self.status("sdk-request"))

    def settle(self, name: str) -> None:
        """Wait for the vault to act on a decision, which the SDK does not: until then it refuses the next one."""
        for _unused in range(100):
            if self.call(self.vaults.private_endpoint_connections.get(GROUP, VAULT, name)).provisioning_state != "Updating":
                return
            time.sleep(0.1)

    def connection(self, name: str) -> str | None:
        """Return the connection's status as its vault has it."""
        try:
            connection = self.call(self.vaults.private_endpoint_connections.get(GROUP, VAULT, name))
        except ResourceNotFoundError:
            return None
        status = connection.private_link_service_connection_state.status
        return str(getattr(status, "value", status))  # older releases have no enumeration there

    def status(self, name: str) -> str:
        """Return the status of an endpoint's connection."""
        endpoint = self.call(self.network.private_endpoints.get(GROUP, name))
        (connection,) = endpoint.private_link_service_connections or endpoint.manual_private_link_service_connections
        return str(connection.private_link_service_connection_state.status)

    def clean_up(self) -> None:
        """Delete the endpoints, the vault for good, and the group."""
        for name in ("sdk-endpoint", "sdk-request"):
            self.call(self.network.private_endpoints.begin_delete(GROUP, name))
        self.call(self.vaults.vaults.delete(GROUP, VAULT))
        self.done["deleted"] = [each.name for each in self.vaults.vaults.list_deleted()]
        self.call(self.vaults.vaults.begin_purge_deleted(VAULT, REGION))
        self.call(self.resources.resource_groups.begin_delete(GROUP))
        try:
            self.resources.resource_groups.get(GROUP)
        except HttpResponseError as error:
            self.done["group"] = (error.status_code, error.error.code if error.error else None)

    def run(self) -> None:
        """Go through the whole guide."""
        vault = self.vault()
        network, subnet = self.subnet()
        self.zone(network)
        automatic = self.endpoint("sdk-endpoint", vault, subnet, "privateLinkServiceConnections")
        self.endpoint("sdk-request", vault, subnet, "manualPrivateLinkServiceConnections")
        self.done["status"] = (self.status("sdk-endpoint"), self.status("sdk-request"))
        self.record(automatic)
        self.done["group ids"] = [each.group_id for each in self.call(self.vaults.private_link_resources.list_by_vault(GROUP, VAULT)).value]
        self.decide()
        self.clean_up()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        tutorial = Tutorial(json.load(file))
    tutorial.run()
    print(json.dumps({"operations": tutorial.operations, "done": tutorial.done}))
