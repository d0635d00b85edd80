#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_private_endpoint_info
short_description: Look up the private endpoint connections of a key vault
version_added: 0.1.0
description:
  - Returns every private endpoint connection of a vault, with the vault's side and the endpoint's side.
  - An endpoint that these credentials may not read, or that does not exist, is marked as such; the vault's side is still returned.
  - An endpoint of the vault's subscription with a removed connection or a deleted vault is not listed by any vault. It is returned
    too, as V(Disconnected), with a null RV(connections[].id).
author: privatelink.azure maintainers (@privatelink)
options: {}
extends_documentation_fragment:
  - privatelink.azure.identity.vault
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.endpoint_connection_approval
"""

EXAMPLES = r"""
- name: List the private endpoint connections of a vault
  privatelink.azure.keyvault_private_endpoint_info:
    resource_group: ledger
    vault_name: ledger-vault
  register: ledger

- name: Show the private endpoints with pending connections
  ansible.builtin.debug:
    msg: "{{ ledger.connections | selectattr('state', 'equalto', 'Pending') | map(attribute='endpoint_id') }}"
"""

RETURN = r"""
id:
  description: ID of the vault.
  type: str
  returned: success
  sample: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault
exists:
  description: Whether the vault exists.
  type: bool
  returned: success
vault_uri:
  description: URI of the vault.
  type: str
  returned: when the vault exists
  sample: https://ledger-vault.vault.azure.net/
public_network_access:
  description: Whether the vault accepts connections from public networks.
  type: str
  returned: when the vault exists
  sample: Disabled
connections:
  description: The connections of the vault.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the connection, null if only the endpoint has it.
      type: str
    name:
      description: Name of the connection.
      type: str
    state:
      description: State on the vault's side, V(Pending), V(Approved), V(Rejected) or V(Disconnected).
      type: str
    description:
      description: Reason for the owner's decision.
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
    endpoint:
      description: The endpoint's side. Empty if the endpoint cannot be read.
      type: dict
      contains:
        name:
          description: Name of the endpoint.
          type: str
        location:
          description: Region of the endpoint.
          type: str
        state:
          description: State on the endpoint's side.
          type: str
        description:
          description: Reason on the endpoint's side.
          type: str
        request_message:
          description: Message of the requester to the owner.
          type: str
        manual:
          description: Whether the connection was requested manually.
          type: bool
        provisioning_state:
          description: Provisioning state of the endpoint.
          type: str
        subnet_id:
          description: ID of the subnet.
          type: str
        network_interface_id:
          description: ID of the network interface.
          type: str
        private_ip_address:
          description: Private address.
          type: str
        private_ip_addresses:
          description: All private addresses.
          type: list
          elements: str
        dns_names:
          description: DNS names of the endpoint.
          type: list
          elements: str
    endpoint_error:
      description: Why the endpoint's side is empty, V(NotFound) or Azure's error code.
      type: str
    next_step:
      description:
        - Next step for this state. V(none) if no action is required, V(decide) for the owner of a V(Pending) one, V(approve_or_recreate)
          for a V(Rejected) one, V(recreate_or_remove) for a V(Disconnected) one, V(remove) if the vault does not exist, V(repair) if
          provisioning failed, V(wait) while an operation is in progress.
      type: str
      sample: decide
    hint:
      description: The next step as a sentence, null if there is none.
      type: str
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import connections_of


def read(task: Task) -> dict[str, object]:
    """Read the vault and the endpoints of its connections."""
    return connections_of(task.world, ABOUT_VAULT.of(task), lost=True)


MODULE = Module(
    options={},
    read=read,
    identity=ABOUT_VAULT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
