#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_connection_approval
short_description: Approve, reject or remove a private endpoint connection of a key vault
version_added: 0.1.0
description:
  - Approves, rejects or removes, as the owner of a vault, the connection of a private endpoint, and waits until Azure has applied the
    decision.
  - The connection is identified by its endpoint or by its own name. Other connections are never changed.
  - Check mode assumes that an earlier task of the run requests a missing connection; the real run fails if it is not found.
author: privatelink.azure maintainers (@privatelink)
options:
  id:
    description: ID of the connection, as listed by the vault. Use it instead of the options that identify the vault and the connection.
    type: str
  endpoint_id:
    description: ID of the private endpoint to decide on the connection of, in any subscription and tenant.
    type: str
  connection_name:
    description: Name of the connection.
    type: str
  status:
    description: The decision. It can be changed later in either direction.
    type: str
    choices: [Approved, Rejected]
    default: Approved
  description:
    description: Reason for the decision, shown to the requester. Leave it out to keep the reason of an existing decision.
    type: str
  state:
    description: V(present) decides, V(absent) removes the connection; its endpoint is then V(Disconnected) and no longer works.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - privatelink.azure.identity.parent_vault
  - privatelink.azure.azure
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.keyvault_private_endpoint
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: Approve the connection of a private endpoint
  privatelink.azure.endpoint_connection_approval:
    resource_group: ledger
    vault_name: ledger-vault
    endpoint_id: "{{ endpoint.id }}"
    description: Ticket 4711

- name: Reject a request
  privatelink.azure.endpoint_connection_approval:
    resource_group: ledger
    vault_name: ledger-vault
    connection_name: unknown-endpoint
    status: Rejected
    description: Unknown requester

- name: Approve a connection by the ID of the vault
  privatelink.azure.endpoint_connection_approval:
    vault_id: "{{ vault.id }}"
    endpoint_id: "{{ endpoint.id }}"
"""

RETURN = r"""
id:
  description: ID of the connection.
  type: str
  returned: success
  sample: >-
    /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault/privateEndpointConnections/ledger-vault-endpoint
connection_name:
  description: Name of the connection.
  type: str
  returned: O(state=present)
  sample: ledger-vault-endpoint
connection_state:
  description: State of the connection.
  type: str
  returned: O(state=present)
  sample: Approved
endpoint_id:
  description: ID of the private endpoint.
  type: str
  returned: O(state=present)
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/ledger-vault-endpoint
private_endpoint_connection:
  description: The connection as the vault reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    private_link_service_connection_state: {status: Approved, description: Ticket 4711, actions_required: None}
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.endpoint_connection_approval import (
    IDENTITY,
    OPTIONS,
    RULES,
    resources,
)

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY, rules=RULES)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
