#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_endpoint_dns_info
short_description: Look up, or wait for, the DNS of a private endpoint
version_added: 0.1.0
description:
  - Returns the DNS zone group of a private endpoint and whether its records are in their zones.
  - If Azure Policy creates the zone group some minutes later, O(wait=true) waits for it.
author: privatelink.azure maintainers (@privatelink)
options:
  wait:
    description: Whether to wait, up to O(wait_timeout), until there is a zone group and its records are written. Check mode does not wait.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.identity.private_endpoint
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.keyvault_private_endpoint
"""

EXAMPLES = r"""
- name: Wait for the DNS zone group of Azure Policy
  privatelink.azure.private_endpoint_dns_info:
    resource_group: payments
    name: payments-vault-endpoint
    wait: true
    wait_timeout: 1200
"""

RETURN = r"""
id:
  description: ID of the private endpoint.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/payments-vault-endpoint
exists:
  description: Whether the private endpoint exists. With O(wait=true) a missing endpoint is an error.
  type: bool
  returned: success
ready:
  description: Whether there is a zone group and all its records are in their zones.
  type: bool
  returned: success
private_ip_addresses:
  description: Addresses of the endpoint, from its network interface; also returned if its connection is not approved.
  type: list
  elements: str
  returned: success
  sample: [10.1.0.4]
zone_group_name:
  description: Name of the zone group, null if there is none.
  type: str
  returned: success
  sample: deployedByPolicy
zone_ids:
  description: IDs of the zones of the group.
  type: list
  elements: str
  returned: success
records:
  description: The records of the group.
  type: list
  elements: dict
  returned: success
  contains:
    fqdn:
      description: Fully qualified domain name.
      type: str
    ip_addresses:
      description: Addresses in the zone group.
      type: list
      elements: str
    written:
      description: Whether the zone contains them.
      type: bool
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_ENDPOINT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.endpoint_dns import dns_of


def read(task: Task) -> dict[str, object]:
    """Read, or wait for, the zone group and its records."""
    endpoint = ABOUT_ENDPOINT.of(task)
    return {"id": str(endpoint), **dns_of(task.world, endpoint, wait=task["wait"] and not task.check_mode)}


MODULE = Module(
    options={"wait": {"type": "bool", "default": False}},
    read=read,
    identity=ABOUT_ENDPOINT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
