#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_dns_zone_info
short_description: Look up private DNS zones
version_added: 0.1.0
description:
  - Returns the private DNS zones of a resource group or of the whole subscription, with the usage of Azure's limits.
  - With O(name), the virtual network links of the zone are returned too.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the zone. By default all zones.
    type: str
  id:
    description: ID of the zone. Use it instead of O(name), O(resource_group) and O(subscription_id).
    type: str
  resource_group:
    description: Resource group of the zones. By default all resource groups.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.private_dns_zone
  - module: privatelink.azure.private_dns_a_record_info
"""

EXAMPLES = r"""
- name: Read the private DNS zone of key vaults
  privatelink.azure.private_dns_zone_info:
    resource_group: hub-dns
    name: privatelink.vaultcore.azure.net
  register: hub

- name: Show the linked virtual networks
  ansible.builtin.debug:
    msg: "{{ hub.zones | map(attribute='links') | flatten | map(attribute='virtual_network_id') }}"
"""

RETURN = r"""
id:
  description: ID of the zone, the resource group or the subscription.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub-dns
zones:
  description: The zones; empty if there are none.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the zone.
      type: str
    name:
      description: Name of the zone.
      type: str
    resource_group:
      description: Resource group of the zone.
      type: str
    tags:
      description: Tags of the zone.
      type: dict
    record_sets:
      description: Number of record sets, including the one of the zone itself.
      type: int
    max_record_sets:
      description: Maximum number of record sets.
      type: int
    virtual_network_links:
      description: Number of linked virtual networks.
      type: int
    max_virtual_network_links:
      description: Maximum number of linked virtual networks.
      type: int
    links:
      description: Its virtual network links. Only with O(name).
      type: list
      elements: dict
      contains:
        id:
          description: ID of the link.
          type: str
        name:
          description: Name of the link.
          type: str
        virtual_network_id:
          description: ID of the virtual network.
          type: str
        registration_enabled:
          description: Whether virtual machines of the network register their names in the zone.
          type: bool
        resolution_policy:
          description: How a name without a record is resolved, V(Default) or V(NxDomainRedirect).
          type: str
        state:
          description: State of the link, usually V(Completed).
          type: str
"""

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import GROUP_TYPE, ZONE, ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import Level, Nested
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._values import resource_group_name
from ansible_collections.privatelink.azure.plugins.module_utils._views.zones import zone_of, zones_of

_ZONE = Nested((Level(ZONE, "name", "id"),))


def read(task: Task) -> dict[str, object]:
    """Read zones, and the links of the one that is named."""
    if task["id"] or task["name"]:
        zone = _ZONE.of(task)
        return {"id": str(zone), "zones": zone_of(task.world, zone)}
    subscription = task.world.subscription_id
    group = resource_group_name(task["resource_group"]) if task["resource_group"] else None
    place = str(ResourceId(subscription, group, GROUP_TYPE, (group,))) if group else f"/subscriptions/{subscription}"
    return {"id": place, "zones": zones_of(task.world, subscription, group)}


MODULE = Module(
    options=_ZONE.options,
    read=read,
    rules={"required_by": {"name": "resource_group"}, "mutually_exclusive": _ZONE.rules["mutually_exclusive"]},
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
