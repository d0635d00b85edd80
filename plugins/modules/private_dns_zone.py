#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_dns_zone
short_description: Manage a private DNS zone
version_added: 0.1.0
description:
  - Creates, tags or deletes a private DNS zone, by default the private link zone of key vaults in the cloud.
  - Azure silently drops names in O(tags) with a space, a special character or a leading digit, so such names are refused.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description:
      - Name of the zone. By default the private link zone of key vaults in the cloud, in Azure V(privatelink.vaultcore.azure.net).
      - A name other than the private link zones of key vaults and managed HSMs is refused, unless O(allow_other_zone=true).
    type: str
  allow_other_zone:
    description: Whether to allow a zone that does not serve key vaults.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.identity
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.private_dns_zone_link
  - module: privatelink.azure.private_dns_a_record
"""

EXAMPLES = r"""
- name: Create the private DNS zone of key vaults
  privatelink.azure.private_dns_zone:
    resource_group: dns
"""

RETURN = r"""
id:
  description: ID of the zone, also in check mode.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net
private_dns_zone:
  description: The zone as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: privatelink.vaultcore.azure.net
    location: global
    number_of_record_sets: 1
    max_number_of_record_sets: 25000
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.private_dns_zone import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
