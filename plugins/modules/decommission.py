#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: decommission
short_description: Delete resources by their IDs, in the right order
version_added: 0.1.0
description:
  - Deletes (removes, decommissions) the named resources, and nothing else, in the order that Azure requires, whatever the order of the
    list. Locks first, then role assignments, diagnostic settings, records, endpoints and their connections, links, zones, subnets,
    networks, vaults and resource groups.
  - Every id is checked and everything is read and planned before the first write. A resource that does not exist is not an error.
  - Check mode and diff mode show everything that is deleted, including dependent resources, such as the records of a zone and the subnets
    of a network.
  - The IDs contain their subscriptions, so O(subscription_id) is not required.
author: privatelink.azure maintainers (@privatelink)
options:
  ids:
    description:
      - IDs of the resources to delete, in any order and of any of these types. Other types are refused.
      - C(Microsoft.Authorization/locks), which are not restored if the run fails later.
      - C(Microsoft.Authorization/roleAssignments) and C(Microsoft.Insights/diagnosticSettings).
      - C(Microsoft.Network/privateDnsZones/A), the whole record set with all addresses; O(records) removes single addresses.
      - C(Microsoft.Network/privateEndpoints), with their DNS zone groups and the records of these.
      - C(Microsoft.Network/privateEndpoints/privateDnsZoneGroups) and the records of the zone group.
      - C(Microsoft.KeyVault/vaults/privateEndpointConnections), as the owner of the vault.
      - C(Microsoft.Network/privateDnsZones/virtualNetworkLinks).
      - C(Microsoft.Network/privateDnsZones) with all their records. Refused if a link of the zone is not deleted too.
      - C(Microsoft.Network/virtualNetworks/subnets) and C(Microsoft.Network/virtualNetworks) with their subnets.
      - C(Microsoft.KeyVault/vaults), which can be recovered until their retention period ends, unless O(purge=true).
      - C(Microsoft.Resources/resourceGroups). A group is deleted only if it is empty.
    type: list
    elements: str
  records:
    description: Addresses to remove from A record sets. Other addresses are kept; a record set without addresses is deleted.
    type: list
    elements: dict
    suboptions:
      id:
        description: ID of the record set. This, or O(records[].zone_id) and O(records[].name), is required.
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
        description: ID of a private endpoint to remove the addresses of. If the endpoint does not exist, nothing is removed.
        type: str
  links:
    description: Virtual network links to delete, by zone and network, whatever their names.
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
    description: Private endpoint connections of vaults to delete, by endpoint or by name.
    type: list
    elements: dict
    suboptions:
      vault_id:
        description: ID of the key vault.
        type: str
      endpoint_id:
        description: ID of the private endpoint, in any subscription and tenant. This or O(connections[].connection_name) is required.
        type: str
      connection_name:
        description: Name of the connection.
        type: str
  purge:
    description: Whether to purge the vaults of O(ids) too, including soft-deleted ones. This permanently deletes all their contents.
    type: bool
    default: false
  location:
    description: Region to look for deleted vaults in, required only if these credentials may not list the deleted vaults of the
      subscription.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.private_link_orphans_info
  - module: privatelink.azure.keyvault
"""

EXAMPLES = r"""
- name: Delete an endpoint, its address in a shared record set, and its subnet
  privatelink.azure.decommission:
    ids:
      - "{{ endpoint_id }}"
      - "{{ subnet_id }}"
    records:
      - zone_id: "{{ zone_id }}"
        name: payments-vault
        endpoint_id: "{{ endpoint_id }}"

- name: Show what would be deleted with a whole test environment
  privatelink.azure.decommission:
    ids: "{{ test_resource_ids }}"
    purge: true
  check_mode: true
  diff: true
"""

RETURN = r"""
removed:
  description: IDs of the resources that were deleted, or in check mode would be, in the order of deletion.
  type: list
  elements: str
  returned: success
reduced:
  description: IDs of the record sets with addresses removed, or in check mode would be, that still contain others.
  type: list
  elements: str
  returned: success
absent:
  description: IDs of the resources that did not exist.
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
    removals = Removals(task.world, purge=bool(task["purge"]), location=location(task["location"]))
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
    actions = [(outcome.plan.action, str(outcome.id)) for outcome in outcomes if outcome.changed or not outcome.error]
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
