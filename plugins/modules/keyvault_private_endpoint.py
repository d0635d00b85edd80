#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_private_endpoint
short_description: Manage a private endpoint of a key vault
version_added: 0.1.0
description:
  - Gives a key vault, or a managed HSM, a private address in a subnet, waits until it is provisioned, and returns the address.
  - With zones in O(private_dns_zone_ids), Azure keeps the records of the endpoint in them.
  - An endpoint in the resource group that joins the same vault and the same subnet is used, whatever its name.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the private endpoint.
    type: str
    required: true
  resource_group:
    description: Resource group of the private endpoint.
    type: str
    required: true
  vault_id:
    description: ID of the key vault or managed HSM, in any region and subscription. Needed to create the endpoint.
    type: str
  subnet_id:
    description: ID of the subnet from which the address is taken. Needed to create the endpoint.
    type: str
  location:
    description: Region of the endpoint, which is always that of its virtual network. By default it is taken from there.
    type: str
  connection_name:
    description: Name of the connection, under which the vault lists it too. By default the name of the endpoint.
    type: str
  manual_request:
    description:
      - Whether to request the connection and wait for the vault's owner to approve it, instead of approving it with one's own rights on the vault.
      - A request is done when it is V(Pending).
    type: bool
  request_message:
    description: What to tell the owner with a manual request, up to 140 characters. It is told once and cannot be changed.
    type: str
  private_ip_address:
    description: Address to take from the subnet. By default Azure chooses. It cannot be changed later.
    type: str
  network_interface_name:
    description: Name of the network interface. By default Azure chooses. It cannot be changed later.
    type: str
    aliases: [custom_network_interface_name]
  application_security_group_ids:
    description: IDs of application security groups of the endpoint. The list is the whole list.
    type: list
    elements: str
  private_dns_zone_ids:
    description:
      - IDs of private DNS zones in which Azure keeps the records of the endpoint, up to five.
      - An empty list removes the endpoint's DNS zone group; leaving it out leaves the group alone.
    type: list
    elements: str
  private_dns_zone_group_name:
    description: Name of a new DNS zone group. An existing one is used, whatever its name.
    type: str
    default: default
  allow_replace:
    description: Whether an endpoint is deleted and made again to change what Azure cannot change in place. In between, the vault is not reachable through it.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.endpoint_connection_approval
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: Give the vault a private address
  privatelink.azure.keyvault_private_endpoint:
    resource_group: payments
    name: payments-vault-endpoint
    vault_id: "{{ vault.id }}"
    subnet_id: "{{ subnet.id }}"
    private_dns_zone_ids:
      - "{{ zone.id }}"
  register: endpoint

- name: Ask the owner of a vault in another department
  privatelink.azure.keyvault_private_endpoint:
    resource_group: payments
    name: ledger-vault-endpoint
    vault_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault
    subnet_id: "{{ subnet.id }}"
    manual_request: true
    request_message: Payments needs the ledger's signing key. Ticket 4711.
"""

RETURN = r"""
id:
  description: ID of the private endpoint, also in check mode.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/payments-vault-endpoint
private_ip_address:
  description: Address of the endpoint. C((known after apply\)) in check mode, unless it was asked for.
  type: str
  returned: O(state=present)
  sample: 10.1.0.4
private_ip_addresses:
  description: All addresses of the endpoint.
  type: list
  elements: str
  returned: O(state=present)
  sample: [10.1.0.4]
network_interface_id:
  description: ID of the network interface that holds the address.
  type: str
  returned: O(state=present)
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.0000
connection_state:
  description: State of the connection, V(Approved) or V(Pending).
  type: str
  returned: O(state=present)
  sample: Approved
connection_name:
  description: Name of the connection.
  type: str
  returned: O(state=present)
  sample: payments-vault-endpoint
dns_names:
  description: Names that the endpoint serves.
  type: list
  elements: str
  returned: O(state=present)
  sample: [payments-vault.vault.azure.net]
private_endpoint:
  description: The private endpoint as Azure reports it; in check mode, as it would be. Empty where it is absent.
  type: dict
  returned: success
  sample:
    name: payments-vault-endpoint
    location: westeurope
    provisioning_state: Succeeded
private_dns_zone_group:
  description: The DNS zone group as Azure reports it; in check mode, as it would be.
  type: dict
  returned: when O(private_dns_zone_ids) is set
  sample:
    name: default
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils.entry import Context, Module, run
from ansible_collections.privatelink.azure.plugins.module_utils.errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils.options import (
    ENDPOINT,
    HSM,
    STATE,
    SUBNET,
    TAGS,
    VAULT,
    ZONE,
    ipv4,
    network_name,
    resource_id,
)
from ansible_collections.privatelink.azure.plugins.module_utils.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils.resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils.resources.private_endpoint import PrivateEndpoint

_ASG = "Microsoft.Network/applicationSecurityGroups"


def resources(task: Context) -> list[Resource]:
    """Map the options to the endpoint and, where zones are given, its zone group."""
    endpoint_id = task.id(ENDPOINT, network_name(task["name"], "private endpoint"))
    if task.absent:
        return [PrivateEndpoint(endpoint_id, None)]
    endpoint = PrivateEndpoint(
        endpoint_id, {"location": task["location"], "properties": _properties(task)}, allow_replace=task["allow_replace"], **task.tagging
    )
    zones = task["private_dns_zone_ids"]
    if zones is None:
        return [endpoint]
    if len(zones) > 5:
        raise OptionError("private_dns_zone_ids", f"{len(zones)} zones are more than the 5 that a DNS zone group takes; pass fewer.")
    wanted = {"properties": {"zoneIds": [str(resource_id(item, "private_dns_zone_ids", ZONE)) for item in zones]}} if zones else None
    group = endpoint_id.child("privateDnsZoneGroups", network_name(task["private_dns_zone_group_name"], "DNS zone group", "private_dns_zone_group_name"))
    return [endpoint, PrivateDnsZoneGroup(group, wanted, needs=[endpoint])]


def _properties(task: Context) -> dict[str, object]:
    message, address, groups = task["request_message"], task["private_ip_address"], task["application_security_group_ids"]
    if message and not task["manual_request"]:
        raise OptionError("request_message", "is read by an owner who approves by hand, so it needs manual_request: true.")
    if message and len(message) > 140:
        raise OptionError("request_message", f"has {len(message)} characters, and Azure takes 140; shorten it.")
    vault = resource_id(task["vault_id"], "vault_id", VAULT, HSM) if task["vault_id"] else None
    connection = {
        "name": task["connection_name"],
        "privateLinkServiceId": vault and str(vault),
        "groupIds": vault and ["vault" if vault.is_type(VAULT) else "managedhsm"],
        "manual": task["manual_request"],
        "requestMessage": message,
    }
    return {
        "subnet": {"id": str(resource_id(task["subnet_id"], "subnet_id", SUBNET))} if task["subnet_id"] else None,
        "connection": connection,
        "privateIPAddress": ipv4(address, "private_ip_address") if address else None,
        "customNetworkInterfaceName": task["network_interface_name"],
        "applicationSecurityGroups": None if groups is None else [{"id": str(resource_id(item, "application_security_group_ids", _ASG))} for item in groups],
    }


MODULE = Module(
    options={
        "name": {"type": "str", "required": True},
        "resource_group": {"type": "str", "required": True},
        "vault_id": {"type": "str"},
        "subnet_id": {"type": "str"},
        "location": {"type": "str"},
        "connection_name": {"type": "str"},
        "manual_request": {"type": "bool"},
        "request_message": {"type": "str"},
        "private_ip_address": {"type": "str"},
        "network_interface_name": {"type": "str", "aliases": ["custom_network_interface_name"]},
        "application_security_group_ids": {"type": "list", "elements": "str"},
        "private_dns_zone_ids": {"type": "list", "elements": "str"},
        "private_dns_zone_group_name": {"type": "str", "default": "default"},
        "allow_replace": {"type": "bool", "default": False},
        **TAGS,
        **STATE,
    },
    resources=resources,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
