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
  - With O(wait) it waits for the decision of the target's owner.
  - This is the consumer's side, which needs no right on the target; M(privatelink.azure.keyvault_private_endpoint_info) returns both sides.
author: privatelink.azure maintainers (@privatelink)
options:
  wait:
    description:
      - Whether to wait, O(wait_timeout) seconds at most, while the connection is V(Pending) or Azure is at work on the endpoint.
      - When the time is up the task does not fail. It returns the state as it is. Check mode does not wait.
    type: bool
    default: false
  wait_delay:
    description: Number of seconds between two looks while it waits.
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
- name: Has the owner decided?
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
private_ip_addresses:
  description: All private addresses.
  type: list
  elements: str
  returned: when it exists
dns_names:
  description: Names that the endpoint serves.
  type: list
  elements: str
  returned: when it exists
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_ENDPOINT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import decided_endpoint, endpoint_of


def look(task: Task) -> dict[str, object]:
    """Read the endpoint and its network interface, at once or when there is a decision."""
    endpoint = ABOUT_ENDPOINT.of(task)
    if not task["wait"] or task.check_mode:
        return endpoint_of(task.arm, endpoint)
    if task["wait_delay"] < 1:
        raise OptionError("wait_delay", f"{task['wait_delay']} is not a number of seconds to wait; use 1 or more.")
    return decided_endpoint(task.arm, endpoint, task["wait_delay"])


MODULE = Module(
    options={
        "wait": {"type": "bool", "default": False},
        "wait_delay": {"type": "int", "default": 15},
    },
    look=look,
    identity=ABOUT_ENDPOINT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
