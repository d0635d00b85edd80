#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault
short_description: Manage a key vault and its public network access
version_added: 0.1.0
description:
  - Creates, changes or deletes a key vault.
  - "A new vault has no public network access, default action Deny and Azure RBAC. Settings of an existing vault are kept, unless an option
    sets them."
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the vault, globally unique in the cloud. Required unless O(id) is given.
    type: str
  location:
    description: Region of the vault. Required to create it; Azure cannot move a vault.
    type: str
  vault_tenant:
    description: Tenant that authenticates requests to the vault. By default the tenant of the credentials. It cannot be changed later.
    type: str
  sku:
    description: SKU of the vault; V(premium) supports keys in HSMs. New vaults are V(standard) by default.
    type: str
    choices: [standard, premium]
  enable_rbac_authorization:
    description:
      - Whether Azure RBAC controls access to the contents, instead of access policies. V(true) by default for new vaults.
      - Every write includes the setting, so a change of Azure's default does not change the vault.
    type: bool
  enable_purge_protection:
    description:
      - "Whether purge protection is on: a deleted vault cannot be purged until its retention period ends. It cannot be turned off again."
    type: bool
  soft_delete_retention_in_days:
    description: Number of days, 7 to 90, for which a deleted vault can be recovered. It can only be set when the vault is created; Azure's
      default is 90.
    type: int
  public_network_access:
    description:
      - Whether the vault accepts requests from public networks. V(Disabled) overrides O(network_acls), but allows trusted Microsoft
        services if O(network_acls.bypass) is V(AzureServices).
      - V(SecuredByPerimeter) allows only what the rules of the vault's network security perimeter allow, and is stricter than V(Disabled).
        A vault with this setting keeps it if V(Disabled) is requested, with a warning, and V(Enabled) is refused, unless
        O(leave_perimeter=true).
      - V(Disabled) by default for new vaults.
    type: str
    choices: [Enabled, Disabled, SecuredByPerimeter]
  leave_perimeter:
    description: Whether to allow O(public_network_access) to change a vault from V(SecuredByPerimeter) to a less strict setting.
    type: bool
    default: false
  network_acls:
    description: Firewall of the vault. Settings that are left out are kept. New vaults deny everything except trusted services.
    type: dict
    suboptions:
      default_action:
        description: Action for clients that match no rule.
        type: str
        choices: [Allow, Deny]
      bypass:
        description: Which services bypass the firewall.
        type: str
        choices: [AzureServices, None]
      ip_rules:
        description:
          - All allowed public IPv4 addresses and networks in CIDR notation, up to 1,000. Rules that are not listed are removed.
          - Duplicates are ignored.
        type: list
        elements: str
      virtual_network_rules:
        description: All allowed subnets with the service endpoint C(Microsoft.KeyVault), up to 200. Rules that are not listed are removed.
        type: list
        elements: dict
        suboptions:
          id:
            description: ID of the subnet.
            type: str
            required: true
          ignore_missing:
            description: Whether to allow a subnet that has no service endpoint yet.
            type: bool
  enabled_for_deployment:
    description: Whether virtual machines may retrieve certificates from the vault.
    type: bool
  enabled_for_disk_encryption:
    description: Whether Azure Disk Encryption may retrieve secrets and unwrap keys.
    type: bool
  enabled_for_template_deployment:
    description: Whether Azure Resource Manager may retrieve secrets.
    type: bool
  recover:
    description: Whether to recover a soft-deleted vault with this name, with all its contents. By default a soft-deleted vault with this
      name is an error.
    type: bool
    default: false
    aliases: [recover_mode]
  purge:
    description:
      - Whether O(state=absent) also purges the vault, which permanently deletes all its contents and frees its name.
      - An already soft-deleted vault is purged too; this requires O(location). A vault with purge protection is refused.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.identity
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
notes:
  - O(state=absent) soft-deletes the vault; Azure keeps it, and its name, until its retention period ends or it is purged with
    O(purge=true).
seealso:
  - module: privatelink.azure.keyvault_private_endpoint
"""

EXAMPLES = r"""
- name: Create a vault without public network access
  privatelink.azure.keyvault:
    resource_group: payments
    name: payments-vault
    location: westeurope
    enable_purge_protection: true

- name: Allow only the network of the office
  privatelink.azure.keyvault:
    resource_group: payments
    name: payments-vault
    public_network_access: Enabled
    network_acls:
      default_action: Deny
      ip_rules:
        - 203.0.113.0/24

- name: Delete a vault by its ID
  privatelink.azure.keyvault:
    id: "{{ vault.id }}"
    state: absent
"""

RETURN = r"""
id:
  description: ID of the vault, also in check mode.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault
vault_uri:
  description: URI of the vault.
  type: str
  returned: O(state=present)
  sample: https://payments-vault.vault.azure.net/
public_network_access:
  description: V(Enabled), V(Disabled) or V(SecuredByPerimeter), always in this spelling.
  type: str
  returned: O(state=present)
  sample: Disabled
keyvault:
  description: The vault as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: payments-vault
    location: westeurope
    public_network_access: Disabled
    enable_rbac_authorization: true
    network_acls: {bypass: AzureServices, default_action: Deny, ip_rules: [], virtual_network_rules: []}
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.keyvault import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
