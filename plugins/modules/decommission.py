#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: decommission
short_description: Remove resources by their ids, in the right order
version_added: 0.1.0
description:
  - Removes (deletes, decommissions) what is named, and nothing else, in the order that Azure needs, whatever the order of the list. Locks go first, then role
    assignments, diagnostic settings, records, endpoints and their connections, links, zones, subnets, networks, vaults and resource groups.
  - Every id is checked and everything is read and planned before the first write. What is gone already is no error and changes nothing.
  - Check mode and diff mode show all that is destroyed, also what goes with what is named, such as the records of a zone and the subnets of a network.
  - The ids carry their subscriptions, so O(subscription_id) is not needed.
author: privatelink.azure maintainers (@privatelink)
options:
  ids:
    description:
      - IDs of what to remove, in any order and of any of these types. Another type is refused.
      - C(Microsoft.Authorization/locks), which protect what they are on and do not come back if the run fails later.
      - C(Microsoft.Authorization/roleAssignments) and C(Microsoft.Insights/diagnosticSettings).
      - C(Microsoft.Network/privateDnsZones/A), the whole record set with the addresses of everybody; O(records) removes single addresses.
      - C(Microsoft.Network/privateEndpoints), with which Azure removes their DNS zone groups and what these wrote.
      - C(Microsoft.Network/privateEndpoints/privateDnsZoneGroups) and the records that the zone group wrote.
      - C(Microsoft.KeyVault/vaults/privateEndpointConnections), as the owner of the vault removes them.
      - C(Microsoft.Network/privateDnsZones/virtualNetworkLinks).
      - C(Microsoft.Network/privateDnsZones) with all their records. A zone with a link that is not removed too is refused.
      - C(Microsoft.Network/virtualNetworks/subnets) and C(Microsoft.Network/virtualNetworks) with their subnets.
      - C(Microsoft.KeyVault/vaults), which can be recovered until their retention ends, unless O(purge=true).
      - C(Microsoft.Resources/resourceGroups). A group is removed only if nothing is left in it.
    type: list
    elements: str
  records:
    description: Addresses to take out of A record sets. Other addresses of the set stay; a set that loses its last address goes.
    type: list
    elements: dict
    suboptions:
      id:
        description: ID of the record set. This, or O(records[].zone_id) and O(records[].name).
        type: str
      zone_id:
        description: ID of the private DNS zone.
        type: str
      name:
        description: Name of the record set, relative to its zone.
        type: str
      ipv4_addresses:
        description: The addresses.
        type: list
        elements: str
      endpoint_id:
        description: ID of a private endpoint whose addresses are meant. One that is gone has none, so nothing is removed then.
        type: str
  links:
    description: Virtual network links by what they connect, whatever their names.
    type: list
    elements: dict
    suboptions:
      zone_id:
        description: ID of the private DNS zone.
        type: str
      virtual_network_id:
        description: ID of the virtual network.
        type: str
  connections:
    description: Private endpoint connections of vaults, named by their endpoints or their own names.
    type: list
    elements: dict
    suboptions:
      vault_id:
        description: ID of the key vault.
        type: str
      endpoint_id:
        description: ID of the private endpoint, in any subscription and tenant. This or O(connections[].connection_name).
        type: str
      connection_name:
        description: Name of the connection.
        type: str
  purge:
    description: Purge the vaults of O(ids) too, also those that are deleted already. All that they held is destroyed for good.
    type: bool
    default: false
  location:
    description: Region in which deleted vaults are looked for, where these credentials may not list the deleted vaults of the subscription.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.private_link_orphans_info
  - module: privatelink.azure.keyvault
"""

EXAMPLES = r"""
- name: Remove an endpoint, its address in a shared record set, and its subnet
  privatelink.azure.decommission:
    ids:
      - "{{ endpoint_id }}"
      - "{{ subnet_id }}"
    records:
      - zone_id: "{{ zone_id }}"
        name: payments-vault
        endpoint_id: "{{ endpoint_id }}"

- name: See what would be destroyed with a whole test environment
  privatelink.azure.decommission:
    ids: "{{ test_resource_ids }}"
    purge: true
  check_mode: true
  diff: true
"""

RETURN = r"""
removed:
  description: IDs of what was removed, or in check mode would be, in the order of removal.
  type: list
  elements: str
  returned: success
reduced:
  description: IDs of the record sets that lost addresses, or in check mode would, and keep others.
  type: list
  elements: str
  returned: success
absent:
  description: IDs of what was gone already.
  type: list
  elements: str
  returned: success
"""

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Outcome, Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.decommission import Removals
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._values import location


def resources(task: Task) -> list[Resource]:
    """Map what is named to resources that are to go."""
    removals = Removals(task.arm, purge=bool(task["purge"]), location=location(task["location"]))
    for option, add in (
        ("ids", removals.add),
        ("records", removals.add_addresses),
        ("links", removals.add_link),
        ("connections", removals.add_connection),
    ):
        for item in task[option] or []:
            add(item, option)
    return removals.resources()


def report(_task: Task, outcomes: t.Sequence[Outcome]) -> dict[str, t.Any]:
    """Tell what went, and what was gone before."""
    actions = [(outcome.plan.action, str(outcome.resource.id)) for outcome in outcomes if outcome.changed or not outcome.error]
    return {
        "removed": [item for action, item in actions if action == "delete"],
        "reduced": [item for action, item in actions if action == "update"],
        "absent": [item for action, item in actions if action == "none"],
    }


MODULE = Module(
    options={
        "ids": {"type": "list", "elements": "str"},
        "records": {
            "type": "list",
            "elements": "dict",
            "options": {
                "id": {"type": "str"},
                "zone_id": {"type": "str"},
                "name": {"type": "str"},
                "ipv4_addresses": {"type": "list", "elements": "str"},
                "endpoint_id": {"type": "str"},
            },
        },
        "links": {"type": "list", "elements": "dict", "options": {"zone_id": {"type": "str"}, "virtual_network_id": {"type": "str"}}},
        "connections": {
            "type": "list",
            "elements": "dict",
            "options": {"vault_id": {"type": "str"}, "endpoint_id": {"type": "str"}, "connection_name": {"type": "str"}},
        },
        "purge": {"type": "bool", "default": False},
        "location": {"type": "str"},
    },
    resources=resources,
    report=report,
    rules={"required_one_of": [("ids", "records", "links", "connections")]},
    diff_by_id=True,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
