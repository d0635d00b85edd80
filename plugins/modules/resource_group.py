#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resource_group
short_description: Manage a resource group
version_added: 0.1.0
description:
  - Creates, tags or deletes an Azure resource group.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the resource group. Required unless O(id) is given.
    type: str
  id:
    description: ID of the resource group. Use it instead of O(name) and O(subscription_id).
    type: str
  location:
    description: Region of the group. Required to create it; Azure cannot move a group.
    type: str
  force_delete_nonempty:
    description: Whether to delete a group that still contains resources, including all of them.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.resource_provider
"""

EXAMPLES = r"""
- name: Create the resource group
  privatelink.azure.resource_group:
    name: payments
    location: westeurope
    tags:
      owner: platform

- name: Delete the resource group if it is empty
  privatelink.azure.resource_group:
    name: payments
    state: absent
"""

RETURN = r"""
id:
  description: ID of the resource group, also in check mode.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments
resource_group:
  description: The resource group as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    id: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments
    name: payments
    location: westeurope
    tags: {owner: platform}
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.resource_group import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
