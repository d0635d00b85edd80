#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resource_provider
short_description: Register a resource provider
version_added: 0.1.0
description:
  - Registers a resource provider in a subscription and waits until it is registered.
  - A private endpoint for a vault requires V(Microsoft.KeyVault) and V(Microsoft.Network) in the subscriptions of both.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Namespace of the provider, such as V(Microsoft.KeyVault). Required unless O(id) is given.
    type: str
  id:
    description: ID of the provider in a subscription, C(/subscriptions/ID/providers/NAMESPACE). Use it instead of O(name) and
      O(subscription_id).
    type: str
  state:
    description: Whether the provider is registered.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
"""

EXAMPLES = r"""
- name: Register the resource providers of key vaults and networks
  privatelink.azure.resource_provider:
    name: "{{ item }}"
  loop:
    - Microsoft.KeyVault
    - Microsoft.Network
"""

RETURN = r"""
id:
  description: ID of the provider in the subscription.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.KeyVault
registration_state:
  description: State of the registration.
  type: str
  returned: O(state=present)
  sample: Registered
resource_provider:
  description: The provider as Azure reports it.
  type: dict
  returned: success
  sample:
    namespace: Microsoft.KeyVault
    registration_state: Registered
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import InSubscription
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._options import STATE
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_provider import ResourceProvider, namespace_of

_IDENTITY = InSubscription(provider=True, check=namespace_of)


def resources(task: Task) -> list[ResourceProvider]:
    """Map the options to the resource."""
    provider = _IDENTITY.of(task)
    return [
        ResourceProvider(provider.subscription, namespace_of(provider.type, "id" if task["id"] else "name"), registered=not task.absent)
    ]


MODULE = Module(
    options=STATE,
    resources=resources,
    identity=_IDENTITY,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
