#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_dns_zone_link
short_description: Link a private DNS zone to a virtual network
version_added: 0.1.0
description:
  - Creates, changes or deletes a link, which makes the records of a zone available in a virtual network.
  - A zone can have one link per network. With O(virtual_network_id), the existing link of the network is used, whatever its name.
  - Azure silently drops names in O(tags) with a space, a special character or a leading digit, so such names are refused.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description:
      - Name of the link. By default the name of the network, with a short suffix if the link of another network has that name.
      - Required unless O(virtual_network_id) or O(id) is given.
    type: str
  id:
    description: ID of the link. Use it instead of O(name) and the options that identify the zone.
    type: str
  virtual_network_id:
    description: ID of the virtual network, which may be in another subscription. Required to create the link.
    type: str
  registration_enabled:
    description:
      - Whether virtual machines of the network register their names in the zone. V(false) by default for new links.
      - A network can register in only one zone, which is rarely a private link zone.
    type: bool
  resolution_policy:
    description:
      - How a name without a record in the zone is resolved. V(NxDomainRedirect) falls back to public DNS, V(Default) returns NXDOMAIN.
      - Only supported for zones with a name that starts with V(privatelink.).
    type: str
    choices: [Default, NxDomainRedirect]
  allow_replace:
    description: Whether to delete and recreate a link of this name that belongs to another network. Until then, names do not resolve.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.identity.zone
  - privatelink.azure.identity.checked_zone
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.private_dns_zone
"""

EXAMPLES = r"""
- name: Link the zone to the virtual network
  privatelink.azure.private_dns_zone_link:
    resource_group: dns
    virtual_network_id: "{{ network.id }}"

- name: Delete the link of the virtual network, whatever its name
  privatelink.azure.private_dns_zone_link:
    resource_group: dns
    virtual_network_id: "{{ network.id }}"
    state: absent
"""

RETURN = r"""
id:
  description: ID of the link, also in check mode.
  type: str
  returned: success
  sample: >-
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net/virtualNetworkLinks/payments-net
adopted:
  description: Whether the existing link of the network has a name other than O(name).
  type: bool
  returned: O(state=present)
  sample: false
private_dns_zone_link:
  description: The link as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: payments-net
    registration_enabled: false
    resolution_policy: Default
    virtual_network_link_state: Completed
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.private_dns_zone_link import IDENTITY, OPTIONS, RULES, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY, rules=RULES)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
