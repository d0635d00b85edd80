#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: role_assignment
short_description: Assign an Azure role
version_added: 0.1.0
description:
  - Assigns a role to a user, a group or a service principal on a resource, a resource group or a subscription, or removes the assignment.
  - Azure allows one assignment of a role to a principal on a scope. An existing assignment is used, whatever its name.
author: privatelink.azure maintainers (@privatelink)
options:
  scope:
    description: ID of the resource, resource group or subscription to assign the role on. Required unless O(id) is given.
    type: str
  id:
    description: ID of the role assignment. Use it instead of O(scope) and O(name).
    type: str
  role_definition_id:
    description:
      - Name of the role, such as V(Key Vault Secrets User), or ID or GUID of its role definition. A name is looked up in the subscription
        of O(scope).
      - Required unless O(state=absent) and O(name) or O(id) is set.
    type: str
    aliases: [role_definition_id_or_name, role]
  assignee_object_id:
    description:
      - Object ID of the user, group or service principal in Microsoft Entra ID; for an application it is not the client ID.
      - Required unless O(state=absent) and O(name) or O(id) is set.
    type: str
    aliases: [principal_id]
  principal_type:
    description:
      - Type of the principal. Set it for a recently created principal; Azure then assigns the role without looking it up.
      - It cannot be changed later.
    type: str
    choices: [User, Group, ServicePrincipal, ForeignGroup]
  name:
    description:
      - GUID of a new assignment. By default it is derived from scope, role and principal, so that it is always the same.
      - With O(state=absent) it is sufficient to find the assignment.
    type: str
  description:
    description: Description of the assignment. V(none) removes it.
    type: str
  condition:
    description: Condition (ABAC, version 2.0) under which the role applies. V(none) removes it.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.state
  - privatelink.azure.attributes
notes:
  - Assignments require the action C(Microsoft.Authorization/roleAssignments/write), which the roles Owner, User Access Administrator and
    Role Based Access Control Administrator have. It may take minutes until an assignment takes effect.
  - A lock with the level C(CanNotDelete) on the scope or above prevents the removal of assignments, the level C(ReadOnly) also new
    assignments.
seealso:
  - module: privatelink.azure.management_lock
  - module: privatelink.azure.diagnostic_setting
"""

EXAMPLES = r"""
- name: Grant the application access to the secrets of the vault
  privatelink.azure.role_assignment:
    scope: "{{ vault.id }}"
    role_definition_id: Key Vault Secrets User
    assignee_object_id: 11111111-1111-1111-1111-111111111111
    principal_type: ServicePrincipal

- name: Remove the role assignment
  privatelink.azure.role_assignment:
    scope: "{{ vault.id }}"
    role_definition_id: Key Vault Secrets User
    assignee_object_id: 11111111-1111-1111-1111-111111111111
    state: absent
"""

RETURN = r"""
id:
  description: ID of the assignment, also in check mode.
  type: str
  returned: success
  sample: >-
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault/providers/Microsoft.Authorization/roleAssignments/22222222-2222-2222-2222-222222222222
role_assignment:
  description: The assignment as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: 22222222-2222-2222-2222-222222222222
    principal_id: 11111111-1111-1111-1111-111111111111
    principal_type: ServicePrincipal
    role_definition_id: /subscriptions/.../providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.role_assignment import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
