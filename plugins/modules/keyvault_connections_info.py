#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_connections_info
short_description: Look up the private endpoint connections of all key vaults
version_added: 0.1.0
description:
  - Returns, for the owner of many vaults, the connections of all key vaults of a subscription or resource group, by default the pending
    ones.
  - It reads a single list, whatever the number of vaults. M(privatelink.azure.keyvault_private_endpoint_info) returns both sides of one
    vault's connections.
author: privatelink.azure maintainers (@privatelink)
options:
  resource_group:
    description: Resource group of the vaults. By default all vaults of the subscription.
    type: str
  states:
    description: The connections to return, by their state.
    type: list
    elements: str
    choices: [Pending, Approved, Rejected, Disconnected]
    default: [Pending]
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.endpoint_connection_rules
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: List the pending connections
  privatelink.azure.keyvault_connections_info:
    subscription_id: 11111111-1111-1111-1111-111111111111
  register: vaults

- name: Approve by rule in every vault with pending requests
  privatelink.azure.endpoint_connection_rules:
    resource_group: "{{ item.resource_group }}"
    vault_name: "{{ item.name }}"
    rules: "{{ our_rules }}"
  loop: "{{ vaults.vaults }}"
"""

RETURN = r"""
id:
  description: ID of the subscription or resource group.
  type: str
  returned: success
  sample: /subscriptions/11111111-1111-1111-1111-111111111111
vaults:
  description: The vaults that have such connections.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the vault.
      type: str
    name:
      description: Name of the vault.
      type: str
    resource_group:
      description: Resource group of the vault.
      type: str
    public_network_access:
      description: Whether the vault accepts connections from public networks.
      type: str
      sample: Disabled
    connections:
      description: The connections.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the connection.
          type: str
        name:
          description: Name of the connection.
          type: str
        state:
          description: State on the vault's side.
          type: str
          sample: Pending
        description:
          description: The requester's message until the owner decides, then the reason of the decision.
          type: str
        actions_required:
          description: Further actions that Azure requires, usually V(None).
          type: str
        provisioning_state:
          description: Provisioning state on the vault's side.
          type: str
        endpoint_id:
          description: ID of the private endpoint.
          type: str
        next_step:
          description: Next step for this state, as M(privatelink.azure.keyvault_private_endpoint_info) returns it.
          type: str
          sample: decide
        hint:
          description: The next step as a sentence, null if there is none.
          type: str
pending_endpoint_ids:
  description: IDs of the private endpoints of the pending connections.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._values import resource_group_name
from ansible_collections.privatelink.azure.plugins.module_utils._views.vault_connections import vaults_with_connections


def read(task: Task) -> dict[str, object]:
    """Read the list of vaults."""
    group = resource_group_name(task["resource_group"]) if task["resource_group"] else None
    subscription = task.world.subscription_id
    vaults = vaults_with_connections(task.world, subscription, group, task["states"])
    pending = [connection["endpoint_id"] for vault in vaults for connection in vault["connections"] if connection["next_step"] == "decide"]
    place = f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")
    return {"id": place, "vaults": vaults, "pending_endpoint_ids": pending}


MODULE = Module(
    options={
        "resource_group": {"type": "str"},
        "states": {
            "type": "list",
            "elements": "str",
            "choices": ["Pending", "Approved", "Rejected", "Disconnected"],
            "default": ["Pending"],
        },
    },
    read=read,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
