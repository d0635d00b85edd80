#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_endpoint_info
short_description: Look up the state of a private endpoint
version_added: 0.1.0
description:
  - Returns the state of a private endpoint's connection with the owner's reason and the next step, its target, subnet, address and DNS
    names.
  - With O(wait) it waits for the decision of the target's owner.
  - This is the consumer's side, which needs no permissions on the target; M(privatelink.azure.keyvault_private_endpoint_info) returns both
    sides.
author: privatelink.azure maintainers (@privatelink)
options:
  wait:
    description:
      - Whether to wait, up to O(wait_timeout) seconds, while the connection is V(Pending) or an operation is in progress on the endpoint.
      - If the wait times out, the task does not fail but returns the current state. Check mode does not wait.
    type: bool
    default: false
  wait_delay:
    description: Number of seconds between two checks while it waits.
    type: int
    default: 15
extends_documentation_fragment:
  - privatelink.azure.identity.private_endpoint
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.keyvault_private_endpoint_info
  - module: privatelink.azure.private_endpoint_dns_info
"""

EXAMPLES = r"""
- name: Read the state of the private endpoint
  privatelink.azure.private_endpoint_info:
    resource_group: payments
    name: ledger-vault-endpoint
  register: ours

- name: Wait up to an hour for the decision
  privatelink.azure.private_endpoint_info:
    resource_group: payments
    name: ledger-vault-endpoint
    wait: true
    wait_timeout: 3600

- name: Show the decision and the next step
  ansible.builtin.debug:
    msg: "{{ ours.state }} ({{ ours.description }}). {{ ours.hint }}"
  when: ours.next_step != 'none'
"""

RETURN = r"""
id:
  description: ID of the private endpoint.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/ledger-vault-endpoint
exists:
  description: Whether the private endpoint exists. The other values are returned only if it does.
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
  description: Reason for the owner's decision.
  type: str
  returned: when it exists
actions_required:
  description: Further actions that Azure requires, usually V(None).
  type: str
  returned: when it exists
next_step:
  description:
    - Next step for this state. V(none) if no action is required, V(decide) for the owner of a V(Pending) one, V(approve_or_recreate) for a
      V(Rejected) one, V(recreate_or_remove) for a V(Disconnected) one, V(repair) if provisioning failed, V(wait) while an operation is in
      progress.
  type: str
  returned: when it exists
  sample: decide
hint:
  description: The next step as a sentence, null if there is none.
  type: str
  returned: when it exists
request_message:
  description: Message of the requester to the owner.
  type: str
  returned: when it exists
manual:
  description: Whether the connection was requested manually.
  type: bool
  returned: when it exists
provisioning_state:
  description: Provisioning state of the endpoint.
  type: str
  returned: when it exists
target_id:
  description: ID or alias of the target of the endpoint.
  type: str
  returned: when it exists
group_ids:
  description: Subresources of the target.
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
private_ip_addresses:
  description: All private addresses.
  type: list
  elements: str
  returned: when it exists
dns_names:
  description: DNS names of the endpoint.
  type: list
  elements: str
  returned: when it exists
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_ENDPOINT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import decided_endpoint, endpoint_of


def read(task: Task) -> dict[str, object]:
    """Read the endpoint and its network interface, at once or when there is a decision."""
    endpoint = ABOUT_ENDPOINT.of(task)
    if not task["wait"] or task.check_mode:
        return endpoint_of(task.world, endpoint)
    if task["wait_delay"] < 1:
        raise OptionError("wait_delay", f"{task['wait_delay']} is not a valid number of seconds; use 1 or more.")
    return decided_endpoint(task.world, endpoint, task["wait_delay"])


MODULE = Module(
    options={
        "wait": {"type": "bool", "default": False},
        "wait_delay": {"type": "int", "default": 15},
    },
    read=read,
    identity=ABOUT_ENDPOINT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
