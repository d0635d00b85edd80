#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resource_provider_info
short_description: Look up whether a resource provider is registered in a subscription
version_added: 0.1.0
description:
  - Returns the registration state of a resource provider in a subscription, with one read.
  - An endpoint requires Microsoft.Network and Microsoft.KeyVault registered in its own subscription and in that of the vault.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Namespace of the resource provider, such as V(Microsoft.KeyVault). Required unless O(id) is given.
    type: str
extends_documentation_fragment:
  - privatelink.azure.identity.provider
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.resource_provider
"""

EXAMPLES = r"""
- name: Check whether Microsoft.KeyVault is registered in the owner's subscription
  privatelink.azure.resource_provider_info:
    name: Microsoft.KeyVault
    subscription_id: 11111111-1111-1111-1111-111111111111
"""

RETURN = r"""
id:
  description: ID of the provider in the subscription.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.KeyVault
registered:
  description: Whether it is registered.
  type: bool
  returned: success
registration_state:
  description: State of the registration.
  type: str
  returned: success
  sample: NotRegistered
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import InSubscription
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_provider import ResourceProvider
from ansible_collections.privatelink.azure.plugins.module_utils._values import namespace_of

_IDENTITY = InSubscription(provider=True, check=namespace_of)


def read(task: Task) -> dict[str, object]:
    """Read the registration."""
    named = _IDENTITY.of(task)
    provider = ResourceProvider(named.subscription, namespace_of(named.type, "id" if task["id"] else "name"), registered=True)
    state = provider.provisioning_state(provider.read(task.world, {}).document)
    return {"id": str(provider.id), "registered": state == "Registered", "registration_state": state}


MODULE = Module(
    options={},
    read=read,
    identity=_IDENTITY,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
