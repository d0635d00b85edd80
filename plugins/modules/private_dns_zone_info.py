#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_dns_zone_info
short_description: Look up private DNS zones
version_added: 0.1.0
description:
  - Returns the private DNS zones of a resource group or of the whole subscription, with how much of Azure's limits they use.
  - A zone that O(name) names comes with its virtual network links, so that one sees which networks find its records.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the zone. By default all zones.
    type: str
  id:
    description: ID of the zone. It takes the place of O(name), O(resource_group) and O(subscription_id).
    type: str
  resource_group:
    description: Resource group of the zones. By default those of all groups.
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
- name: Which networks see the zone of the vaults?
  privatelink.azure.private_dns_zone_info:
    resource_group: hub-dns
    name: privatelink.vaultcore.azure.net
  register: hub

- name: They do
  ansible.builtin.debug:
    msg: "{{ hub.zones | map(attribute='links') | flatten | map(attribute='virtual_network_id') }}"
"""

RETURN = r"""
id:
  description: ID of the zone, the resource group or the subscription that was looked at.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub-dns
zones:
  description: The zones; empty where there are none.
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
      description: How many record sets it has, the one of the zone itself included.
      type: int
    max_record_sets:
      description: How many it may have.
      type: int
    virtual_network_links:
      description: How many virtual networks are linked to it.
      type: int
    max_virtual_network_links:
      description: How many may be.
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
          description: Whether machines of the network register their names in the zone.
          type: bool
        resolution_policy:
          description: What a name without a record becomes, V(Default) or V(NxDomainRedirect).
          type: str
        state:
          description: Whether the link works, usually V(Completed).
          type: str
"""

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import GROUP_TYPE, ZONE, ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import Level, Nested
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._values import resource_group_name
from ansible_collections.privatelink.azure.plugins.module_utils._views.zones import zone_of, zones_of

_ZONE = Nested((Level(ZONE, "name", "id"),))


def look(task: Task) -> dict[str, object]:
    """Read zones, and the links of the one that is named."""
    if task["id"] or task["name"]:
        zone = _ZONE.of(task)
        return {"id": str(zone), "zones": zone_of(task.arm, zone)}
    subscription = task.arm.subscription_id
    group = resource_group_name(task["resource_group"]) if task["resource_group"] else None
    place = str(ResourceId(subscription, group, GROUP_TYPE, (group,))) if group else f"/subscriptions/{subscription}"
    return {"id": place, "zones": zones_of(task.arm, subscription, group)}


MODULE = Module(
    options=_ZONE.options,
    look=look,
    rules={"required_by": {"name": "resource_group"}, "mutually_exclusive": _ZONE.rules["mutually_exclusive"]},
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
