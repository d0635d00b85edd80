#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virtual_network
short_description: Manage a virtual network
version_added: 0.1.0
description:
  - Creates, changes or deletes a virtual network. Existing subnets and peerings are kept.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the virtual network. Required unless O(id) is given.
    type: str
  location:
    description: Region of the network. Required to create it; Azure cannot move a network.
    type: str
  address_prefixes:
    description: Address ranges in CIDR notation. The list is the whole address space. Required to create the network.
    type: list
    elements: str
  dns_servers:
    description:
      - Addresses of DNS servers, in order of preference. An empty list switches back to the DNS of Azure.
      - Private DNS zones are resolved only by the DNS of Azure.
    type: list
    elements: str
extends_documentation_fragment:
  - privatelink.azure.identity
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.subnet
"""

EXAMPLES = r"""
- name: Create the virtual network
  privatelink.azure.virtual_network:
    resource_group: payments
    name: payments-net
    location: westeurope
    address_prefixes:
      - 10.1.0.0/16
"""

RETURN = r"""
id:
  description: ID of the virtual network, also in check mode.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/virtualNetworks/payments-net
virtual_network:
  description: The virtual network as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: payments-net
    location: westeurope
    address_space: {address_prefixes: [10.1.0.0/16]}
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.virtual_network import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
