#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_private_endpoint_info
short_description: Look up the private endpoint connections of a key vault
version_added: 0.1.0
description:
  - Returns every private endpoint connection of a vault, from both sides at once, as the vault sees it and as its endpoint sees it.
  - An endpoint that these credentials may not see, or that is gone, is told as such; the vault's side is returned all the same.
  - An endpoint of the vault's subscription whose connection the owner removed, or whose vault is gone, is not listed by any vault. It is returned
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
- name: Who is connected?
  privatelink.azure.keyvault_private_endpoint_info:
    resource_group: ledger
    vault_name: ledger-vault
  register: ledger

- name: Which requests wait for a decision?
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
  description: Address of the vault.
  type: str
  returned: when the vault exists
  sample: https://ledger-vault.vault.azure.net/
public_network_access:
  description: Whether the vault listens on its public address.
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
      description: ID of the connection, null where only the endpoint knows of it.
      type: str
    name:
      description: Name of the connection.
      type: str
    state:
      description: State as the vault sees it, V(Pending), V(Approved), V(Rejected) or V(Disconnected).
      type: str
    description:
      description: Reason of the owner's decision.
      type: str
    actions_required:
      description: What else Azure wants done, usually V(None).
      type: str
    provisioning_state:
      description: Whether the vault is done with the connection.
      type: str
    endpoint_id:
      description: ID of the private endpoint.
      type: str
    endpoint:
      description: The endpoint's side. Empty where the endpoint cannot be seen.
      type: dict
      contains:
        name:
          description: Name of the endpoint.
          type: str
        location:
          description: Region of the endpoint.
          type: str
        state:
          description: State as the endpoint sees it.
          type: str
        description:
          description: Reason as the endpoint sees it.
          type: str
        request_message:
          description: What the requester told the owner.
          type: str
        manual:
          description: Whether the connection was requested by hand.
          type: bool
        provisioning_state:
          description: Whether Azure is done with the endpoint.
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
          description: Names that the endpoint serves.
          type: list
          elements: str
    endpoint_error:
      description: Why the endpoint's side is empty, V(NotFound) or Azure's error code.
      type: str
    next_step:
      description:
        - What follows from the state. V(none) where all is well, V(decide) for the owner of a V(Pending) one, V(approve_or_recreate) for a V(Rejected)
          one, V(recreate_or_remove) for a V(Disconnected) one, V(remove) where the vault does not exist, V(repair) where provisioning failed, V(wait)
          while Azure is at work.
      type: str
      sample: decide
    hint:
      description: The next step in a sentence, null where there is none.
      type: str
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import connections_of


def look(task: Task) -> dict[str, object]:
    """Read the vault and the endpoints of its connections."""
    return connections_of(task.arm, ABOUT_VAULT.of(task), lost=True)


MODULE = Module(
    options={},
    look=look,
    identity=ABOUT_VAULT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
