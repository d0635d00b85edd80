#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: subnet
short_description: Manage a subnet
version_added: 0.1.0
description:
  - Creates, changes or deletes a subnet. Settings without an option are kept, such as gateways, delegations and network policies.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the subnet. Required unless O(id) is given.
    type: str
  virtual_network_name:
    description: Name of the virtual network. Required unless O(id) or O(virtual_network_id) is given.
    type: str
  virtual_network_id:
    description: ID of the virtual network. Use it instead of O(virtual_network_name), O(resource_group) and O(subscription_id).
    type: str
  address_prefixes:
    description: Address ranges in CIDR notation. Required to create the subnet.
    type: list
    elements: str
  private_endpoint_network_policies:
    description:
      - Which network policies apply to private endpoints in the subnet. Azure's default for new subnets is V(Disabled).
      - V(NetworkSecurityGroupEnabled) applies network security groups to their traffic,
        V(RouteTableEnabled) applies route tables, V(Enabled) applies both, V(Disabled) none.
    type: str
    choices: [Disabled, Enabled, NetworkSecurityGroupEnabled, RouteTableEnabled]
  network_security_group_id:
    description: ID of the network security group of the subnet.
    type: str
  route_table_id:
    description: ID of the route table of the subnet.
    type: str
  service_endpoints:
    description: All service endpoints of the subnet, such as V(Microsoft.KeyVault). Service endpoints that are not listed are removed.
    type: list
    elements: str
  default_outbound_access:
    description: Whether virtual machines have default outbound access to the internet.
    type: bool
extends_documentation_fragment:
  - privatelink.azure.identity
  - privatelink.azure.azure
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.virtual_network
"""

EXAMPLES = r"""
- name: Create the subnet of the private endpoints
  privatelink.azure.subnet:
    resource_group: payments
    virtual_network_name: payments-net
    name: endpoints
    address_prefixes:
      - 10.1.0.0/24
    private_endpoint_network_policies: Disabled

- name: Create a subnet by the ID of its virtual network
  privatelink.azure.subnet:
    virtual_network_id: "{{ network.id }}"
    name: endpoints
    address_prefixes:
      - 10.1.0.0/24
"""

RETURN = r"""
id:
  description: ID of the subnet, also in check mode.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/virtualNetworks/payments-net/subnets/endpoints
subnet:
  description: The subnet as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: endpoints
    address_prefix: 10.1.0.0/24
    private_endpoint_network_policies: Disabled
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.subnet import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
