#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_link_orphans_info
short_description: Look up orphaned private endpoints and DNS records
version_added: 0.1.0
description:
  - Returns the private endpoints of the subscription with a deleted vault or a removed connection, and the A records of a zone that point
    to no private endpoint of the subscription.
  - It reads only lists. For an endpoint of a vault in another subscription, only its connection is checked. If a zone serves endpoints of
    several subscriptions, records of the others are returned too, unless Azure wrote them for an endpoint that exists here.
author: privatelink.azure maintainers (@privatelink)
options:
  zone_id:
    description: ID of the zone. Use it instead of O(zone_name), O(zone_resource_group) and O(zone_subscription_id).
    type: str
  zone_resource_group:
    description: Resource group of the zone to check the records of. Without a zone only endpoints are checked.
    type: str
  zone_subscription_id:
    description: Subscription of the zone, if it is a different one.
    type: str
  zone_name:
    description: Name of the zone. By default the private link zone of key vaults in the cloud.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
"""

EXAMPLES = r"""
- name: List orphaned private endpoints and DNS records
  privatelink.azure.private_link_orphans_info:
    zone_resource_group: dns
  register: orphans

- name: Delete orphaned private endpoints and DNS records
  privatelink.azure.decommission:
    ids: "{{ orphans.removal.ids }}"
    records: "{{ orphans.removal.records }}"
"""

RETURN = r"""
id:
  description: ID of the subscription.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000
endpoints:
  description: Orphaned endpoints.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the endpoint.
      type: str
    name:
      description: Name of the endpoint.
      type: str
    resource_group:
      description: Resource group of the endpoint.
      type: str
    state:
      description: State of its connection.
      type: str
    target_id:
      description: ID of its former target.
      type: str
    reason:
      description: Why it is an orphan.
      type: str
records:
  description: Record sets that point to no endpoint.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the record set.
      type: str
    name:
      description: Name of the record set.
      type: str
    ipv4_addresses:
      description: Its addresses.
      type: list
      elements: str
    reason:
      description: Why it is an orphan.
      type: str
removal:
  description: Values for M(privatelink.azure.decommission), options O(privatelink.azure.decommission#module:ids) and
    O(privatelink.azure.decommission#module:records) to delete all of them.
  type: dict
  returned: success
  contains:
    ids:
      description: IDs of the endpoints.
      type: list
      elements: str
    records:
      description: The record sets by C(id), with their addresses.
      type: list
      elements: dict
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ZONE_LEVEL, Nested
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.orphans import orphans_of

_ZONE = Nested((ZONE_LEVEL,), group="zone_resource_group", subscription="zone_subscription_id")


def read(task: Task) -> dict[str, object]:
    """Read endpoints, vaults and the zone's records."""
    zone = _ZONE.of(task) if task["zone_id"] or task["zone_resource_group"] else None
    return {"id": f"/subscriptions/{task.world.subscription_id}", **orphans_of(task.world, zone)}


MODULE = Module(
    options=_ZONE.options,
    read=read,
    rules={
        "required_by": {"zone_name": "zone_resource_group", "zone_subscription_id": "zone_resource_group"},
        "mutually_exclusive": _ZONE.rules["mutually_exclusive"],
    },
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
