#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_endpoint_info
short_description: Look up how a private endpoint stands
version_added: 0.1.0
description:
  - Returns the state of a private endpoint's connection with the owner's words and the next step, its target, subnet, address and DNS names.
  - This is the consumer's side, which needs no right on the target; M(privatelink.azure.keyvault_private_endpoint_info) returns both sides.
author: privatelink.azure maintainers (@privatelink)
options: {}
extends_documentation_fragment:
  - privatelink.azure.identity.endpoint
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.keyvault_private_endpoint_info
  - module: privatelink.azure.private_endpoint_dns_info
"""

EXAMPLES = r"""
- name: Has the owner decided?
  privatelink.azure.private_endpoint_info:
    resource_group: payments
    name: ledger-vault-endpoint
  register: ours

- name: Then tell them
  ansible.builtin.debug:
    msg: "{{ ours.state }} ({{ ours.description }}). {{ ours.hint }}"
  when: ours.next_step != 'none'
"""

RETURN = r"""
id:
  description: ID of the private endpoint.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/ledger-vault-endpoint
exists:
  description: Whether there is such a private endpoint. The other values are returned only where there is.
  type: bool
  returned: success
name:
  description: Name of the endpoint.
  type: str
  returned: when it exists
location:
  description: Region of the endpoint.
  type: str
  returned: when it exists
state:
  description: State of the connection, V(Pending), V(Approved), V(Rejected) or V(Disconnected).
  type: str
  returned: when it exists
  sample: Pending
description:
  description: Reason of the owner's decision.
  type: str
  returned: when it exists
actions_required:
  description: What else Azure wants done, usually V(None).
  type: str
  returned: when it exists
next_step:
  description:
    - What follows from the state. V(none) where all is well, V(decide) for the owner of a V(Pending) one, V(approve_or_recreate) for a V(Rejected) one,
      V(recreate_or_remove) for a V(Disconnected) one, V(repair) where provisioning failed, V(wait) while Azure is at work.
  type: str
  returned: when it exists
  sample: decide
hint:
  description: The next step in a sentence, null where there is none.
  type: str
  returned: when it exists
request_message:
  description: What the requester told the owner.
  type: str
  returned: when it exists
manual:
  description: Whether the connection was requested by hand.
  type: bool
  returned: when it exists
provisioning_state:
  description: Whether Azure is done with the endpoint.
  type: str
  returned: when it exists
target_id:
  description: ID or alias of what the endpoint leads to.
  type: str
  returned: when it exists
group_ids:
  description: Which parts of the target it leads to.
  type: list
  elements: str
  returned: when it exists
  sample: [vault]
subnet_id:
  description: ID of the subnet.
  type: str
  returned: when it exists
network_interface_id:
  description: ID of the network interface.
  type: str
  returned: when it exists
private_ip_address:
  description: Private address.
  type: str
  returned: when it exists
  sample: 10.1.0.4
dns_names:
  description: Names that the endpoint serves.
  type: list
  elements: str
  returned: when it exists
"""

from ansible_collections.privatelink.azure.plugins.module_utils.connections import endpoint_of
from ansible_collections.privatelink.azure.plugins.module_utils.entry import Context, Module, run
from ansible_collections.privatelink.azure.plugins.module_utils.identity import ABOUT_ENDPOINT


def look(task: Context) -> dict[str, object]:
    """Read the endpoint and its network interface."""
    return endpoint_of(task.arm, ABOUT_ENDPOINT.of(task))


MODULE = Module(
    options={},
    look=look,
    identity=ABOUT_ENDPOINT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
