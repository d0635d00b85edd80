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
  state:
    description: Whether the provider is registered.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - privatelink.azure.identity.provider
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
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.resource_provider import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
