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
  - "A new vault is born closed: no public access, firewall on deny, Azure RBAC. What an existing vault has stays as it is, unless an option names it."
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the vault, unique in the whole cloud. Required unless O(id) is given.
    type: str
  location:
    description: Region of the vault. Needed to create it; Azure never moves a vault.
    type: str
  vault_tenant:
    description: Tenant whose identities the vault trusts. By default that of the credentials. It cannot be changed later.
    type: str
  sku:
    description: Tier of the vault; V(premium) keeps keys in hardware. New vaults are V(standard) unless this is set.
    type: str
    choices: [standard, premium]
  enable_rbac_authorization:
    description:
      - Whether Azure RBAC guards the contents, rather than access policies. New vaults use RBAC unless this is V(false).
      - Every write names the setting, so that no change of Azure's default changes the vault.
    type: bool
  enable_purge_protection:
    description:
      - "Whether purge protection is on: a deleted vault cannot be purged until its retention period ends. Azure never removes the protection."
    type: bool
  soft_delete_retention_in_days:
    description: Days for which a deleted vault can be recovered, 7 to 90. Set only when the vault is created; Azure uses 90 where it is left out.
    type: int
  public_network_access:
    description:
      - Whether the vault accepts requests on its public address. V(Disabled) overrides O(network_acls), but lets in trusted services of Microsoft
        where their O(network_acls.bypass) is V(AzureServices).
      - V(SecuredByPerimeter) lets in only what the rules of the vault's network security perimeter allow, and is stricter than V(Disabled). A vault
        that has it keeps it where V(Disabled) is asked for, with a warning, and V(Enabled) is refused, unless O(leave_perimeter=true).
      - New vaults are V(Disabled) unless this is set.
    type: str
    choices: [Enabled, Disabled, SecuredByPerimeter]
  leave_perimeter:
    description: Whether O(public_network_access) may change a vault that is V(SecuredByPerimeter), which lets in more than before.
    type: bool
    default: false
  network_acls:
    description: The firewall of the public address. A part that is left out stays as it is. New vaults deny all but trusted services.
    type: dict
    suboptions:
      default_action:
        description: What happens to a client that no rule names.
        type: str
        choices: [Allow, Deny]
      bypass:
        description: Who passes the firewall.
        type: str
        choices: [AzureServices, None]
      ip_rules:
        description:
          - Public IPv4 addresses, or networks in CIDR notation, that may come in, up to 1,000. The list is the whole list.
          - An address that is listed twice counts once.
        type: list
        elements: str
      virtual_network_rules:
        description: Subnets with the service endpoint C(Microsoft.KeyVault) that may come in, up to 200. The list is the whole list.
        type: list
        elements: dict
        suboptions:
          id:
            description: ID of the subnet.
            type: str
            required: true
          ignore_missing:
            description: Whether to accept a subnet that has no service endpoint yet.
            type: bool
  enabled_for_deployment:
    description: Whether virtual machines may fetch certificates from the vault.
    type: bool
  enabled_for_disk_encryption:
    description: Whether disk encryption may fetch secrets and unwrap keys.
    type: bool
  enabled_for_template_deployment:
    description: Whether Resource Manager may fetch secrets.
    type: bool
  recover:
    description: Whether to bring back a deleted vault of this name, with all that it held. Without it a deleted vault of this name is an error.
    type: bool
    default: false
    aliases: [recover_mode]
  purge:
    description:
      - Whether O(state=absent) also purges the vault, which destroys all that it holds for ever and frees its name.
      - A vault that was deleted before is purged too; then O(location) is needed. A vault with purge protection is refused.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.identity
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
notes:
  - O(state=absent) deletes the vault softly; Azure keeps it, and its name, until its retention ends or O(purge=true).
seealso:
  - module: privatelink.azure.keyvault_private_endpoint
"""

EXAMPLES = r"""
- name: Make a vault that nobody reaches over the internet
  privatelink.azure.keyvault:
    resource_group: payments
    name: payments-vault
    location: westeurope
    enable_purge_protection: true

- name: Let the office in, and nobody else
  privatelink.azure.keyvault:
    resource_group: payments
    name: payments-vault
    public_network_access: Enabled
    network_acls:
      default_action: Deny
      ip_rules:
        - 203.0.113.0/24

- name: Delete a vault that is known by its ID
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
  description: Address of the vault.
  type: str
  returned: O(state=present)
  sample: https://payments-vault.vault.azure.net/
public_network_access:
  description: V(Enabled), V(Disabled) or V(SecuredByPerimeter), in this spelling however it was stored.
  type: str
  returned: O(state=present)
  sample: Disabled
keyvault:
  description: The vault as Azure reports it; in check mode, as it would be. Empty where it is absent.
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

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._documents.firewall import NETWORK_RULES, ip_rules, network_rules
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import SUBNET, VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._identity import Level, Nested
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._options import STATE, TAGS
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._values import location, resource_id

_IDENTITY = Nested((Level(VAULT, "name", "id"),))


def resources(task: Task) -> list[KeyVault]:
    """Map the options to the resource."""
    vault = _IDENTITY.of(task)
    if task.absent:
        return [KeyVault(vault, None, purge=task["purge"], region=location(task["location"]))]
    if task["purge"]:
        raise OptionError("purge", "goes with state: absent only; leave it out to keep the vault.")
    retention = task["soft_delete_retention_in_days"]
    if retention is not None and not 7 <= retention <= 90:
        raise OptionError(
            "soft_delete_retention_in_days", f"{retention} is outside the 7 to 90 days that Azure allows; choose a number between them."
        )
    properties = {
        "tenantId": task["vault_tenant"],
        "sku": {"family": "A", "name": task["sku"]} if task["sku"] else None,
        "enableRbacAuthorization": task["enable_rbac_authorization"],
        "enablePurgeProtection": task["enable_purge_protection"],
        "softDeleteRetentionInDays": retention,
        "publicNetworkAccess": task["public_network_access"],
        "networkAcls": _acls(task["network_acls"]),
        "enabledForDeployment": task["enabled_for_deployment"],
        "enabledForDiskEncryption": task["enabled_for_disk_encryption"],
        "enabledForTemplateDeployment": task["enabled_for_template_deployment"],
    }
    tenant = task["vault_tenant"] or task.arm.tenant_id
    keywords = {"tenant": tenant, "recover": task["recover"], "leave_perimeter": task["leave_perimeter"], **task.tagging}
    return [KeyVault(vault, {"location": location(task["location"]), "properties": properties}, **keywords)]


def _acls(acls: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    if acls is None:
        return None
    addresses, subnets = acls.get("ip_rules"), acls.get("virtual_network_rules")
    return {
        "defaultAction": acls.get("default_action"),
        "bypass": acls.get("bypass"),
        "ipRules": None if addresses is None else ip_rules(addresses),
        "virtualNetworkRules": None if subnets is None else network_rules(_subnet_rule(item) for item in subnets),
    }


def _subnet_rule(rule: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    subnet = resource_id(rule["id"], f"{NETWORK_RULES}.id", SUBNET)
    return {"id": str(subnet), "ignoreMissingVnetServiceEndpoint": rule.get("ignore_missing")}


MODULE = Module(
    options={
        "location": {"type": "str"},
        "vault_tenant": {"type": "str"},
        "sku": {"type": "str", "choices": ["standard", "premium"]},
        "enable_rbac_authorization": {"type": "bool"},
        "enable_purge_protection": {"type": "bool"},
        "soft_delete_retention_in_days": {"type": "int"},
        "public_network_access": {"type": "str", "choices": ["Enabled", "Disabled", "SecuredByPerimeter"]},
        "leave_perimeter": {"type": "bool", "default": False},
        "network_acls": {
            "type": "dict",
            "options": {
                "default_action": {"type": "str", "choices": ["Allow", "Deny"]},
                "bypass": {"type": "str", "choices": ["AzureServices", "None"]},
                "ip_rules": {"type": "list", "elements": "str"},
                "virtual_network_rules": {
                    "type": "list",
                    "elements": "dict",
                    "options": {"id": {"type": "str", "required": True}, "ignore_missing": {"type": "bool"}},
                },
            },
        },
        "enabled_for_deployment": {"type": "bool"},
        "enabled_for_disk_encryption": {"type": "bool"},
        "enabled_for_template_deployment": {"type": "bool"},
        "recover": {"type": "bool", "default": False, "aliases": ["recover_mode"]},
        "purge": {"type": "bool", "default": False},
        **TAGS,
        **STATE,
    },
    resources=resources,
    identity=_IDENTITY,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
