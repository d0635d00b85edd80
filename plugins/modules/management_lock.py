#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: management_lock
short_description: Lock a resource, a resource group or a subscription
version_added: 0.1.0
description:
  - Creates, changes or deletes a management lock, which protects a resource, or everything in a group or subscription, from deletion or
    from any change.
  - A lock applies to all users, including owners. It applies to Azure Resource Manager, not to the secrets and keys in a vault.
  - Locks are inherited. With O(level=ReadOnly) on a vault, no endpoint can be connected to it, no connection approved, no role assigned on
    it, and no diagnostic setting written. With either level, endpoints of the vault cannot be deleted, since that deletes their
    connections.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the lock. Required unless O(id) is given.
    type: str
  id:
    description: ID of the lock. Use it instead of O(name), and of O(managed_resource_id) or O(resource_group) and O(subscription_id).
    type: str
  managed_resource_id:
    description: ID of the resource, resource group or subscription to lock.
    type: str
  resource_group:
    description: Name of the resource group to lock, instead of O(managed_resource_id).
    type: str
  level:
    description:
      - V(CanNotDelete) prevents deletion, V(ReadOnly) prevents any write and action. Required unless O(state=absent).
      - V(can_not_delete) and V(read_only) are the same in the spelling of azure.azcollection.
    type: str
    choices: [CanNotDelete, ReadOnly, can_not_delete, read_only]
  notes:
    description: Purpose of the lock, up to 512 characters. V(none) removes the notes.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.state
  - privatelink.azure.attributes
notes:
  - Locks require the action C(Microsoft.Authorization/locks/*), which the roles Owner and User Access Administrator have.
seealso:
  - module: privatelink.azure.role_assignment
  - module: privatelink.azure.diagnostic_setting
"""

EXAMPLES = r"""
- name: Protect the vault from deletion
  privatelink.azure.management_lock:
    name: keep
    managed_resource_id: "{{ vault.id }}"
    level: CanNotDelete
    notes: Holds the payment keys.

- name: Delete the lock of a resource group
  privatelink.azure.management_lock:
    name: keep
    resource_group: payments
    state: absent

- name: Delete a lock by its ID
  privatelink.azure.management_lock:
    id: "{{ lock.id }}"
    state: absent
"""

RETURN = r"""
id:
  description: ID of the lock, also in check mode.
  type: str
  returned: success
  sample: >-
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault/providers/Microsoft.Authorization/locks/keep
management_lock:
  description: The lock as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: keep
    level: CanNotDelete
    notes: Holds the payment keys.
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.management_lock import IDENTITY, OPTIONS, RULES, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY, rules=RULES)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
