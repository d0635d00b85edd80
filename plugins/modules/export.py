#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: export
short_description: Export existing key vaults with their private endpoints and DNS as variables
version_added: 0.1.0
description:
  - Reads the key vaults of subscriptions or resource groups with their private endpoints and DNS, however created, and returns them
    as the variables of the role P(privatelink.azure.private_vaults#role), optionally in a file.
  - A run of the role on these variables changes nothing. Values that Azure chose, such as a dynamic private IP address, are not exported.
  - It reads lists, so 400 vaults cost about as many requests as one.
  - Tags are exported if the vault and all its endpoints have them. Role assignments, diagnostic settings, locks, access policies and
    firewall rules are not exported, and the role keeps them. A DNS zone group is exported as such, whether Azure Policy or another tool
    created it.
author: privatelink.azure maintainers (@privatelink)
options:
  dest:
    description:
      - YAML file to write, on the host that runs the task, which is the controller with C(localhost). Its directory must exist.
      - It is only written if its content differs. Without it, the variables are only returned.
    type: path
extends_documentation_fragment:
  - privatelink.azure.vaults
  - privatelink.azure.azure
  - privatelink.azure.attributes
"""

EXAMPLES = r"""
- name: Export the vaults of a resource group
  privatelink.azure.export:
    resource_groups: [payments]
    dest: payments.yml

- name: Export two vaults, whose zone is in the hub
  privatelink.azure.export:
    vault_ids:
      - /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault
      - /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault
    zone_ids:
      - >-
        /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net
  register: exported

- name: Show what a run would not leave as it is
  ansible.builtin.debug:
    msg: "{{ exported.not_exported }}"
"""

RETURN = r"""
variables:
  description: The variables of the role.
  type: dict
  returned: success
  contains:
    private_vaults_defaults:
      description: What all vaults share.
      type: dict
    private_vaults_vaults:
      description: The vaults by name, each with its endpoints by name.
      type: dict
vaults:
  description: Names of the exported vaults.
  type: list
  elements: str
  returned: success
not_exported:
  description: What is not exported, or not as it is, each with the reason.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the private endpoint.
      type: str
    vault_id:
      description: ID of its vault.
      type: str
    reason:
      description: Why it is not exported, or what of it is not.
      type: str
dest:
  description: The file.
  type: str
  returned: if O(dest) is set
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.export import OPTIONS, read

MODULE = Module(options=OPTIONS, read=read)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
