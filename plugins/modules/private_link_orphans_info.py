#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_link_orphans_info
short_description: Look up private endpoints and records that are left over
version_added: 0.1.0
description:
  - Returns the private endpoints of the subscription whose vault is gone or whose owner removed the connection, and the A records of a zone that lead
    to no private endpoint of the subscription.
  - Reads by lists. An endpoint whose vault is in another subscription is judged by its connection alone. Where a zone serves endpoints of several
    subscriptions, records of the others are told too, unless Azure wrote them for an endpoint that exists here.
author: privatelink.azure maintainers (@privatelink)
options:
  zone_id:
    description: ID of the zone. It takes the place of O(zone_name), O(zone_resource_group) and O(zone_subscription_id).
    type: str
  zone_resource_group:
    description: Resource group of the zone whose records are looked at. Without it only endpoints are.
    type: str
  zone_subscription_id:
    description: Subscription of the zone, where it is another one.
    type: str
  zone_name:
    description: Name of the zone. By default the zone of key vaults in the cloud.
    type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
"""

EXAMPLES = r"""
- name: Look for what is left over
  privatelink.azure.private_link_orphans_info:
    zone_resource_group: dns
  register: orphans

- name: Remove what is left over
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
  description: Endpoints that lead nowhere.
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
      description: ID of what it led to.
      type: str
    reason:
      description: Why it is an orphan.
      type: str
records:
  description: Record sets that lead to no endpoint.
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
  description: What M(privatelink.azure.decommission) takes as O(privatelink.azure.decommission#module:ids) and
    O(privatelink.azure.decommission#module:records) to remove all of it.
  type: dict
  returned: success
  contains:
    ids:
      description: IDs of the endpoints.
      type: list
      elements: str
    records:
      description: The record sets by C(id), with the addresses that were found in them.
      type: list
      elements: dict
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ZONE_LEVEL, Nested
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.orphans import orphans_of

_ZONE = Nested((ZONE_LEVEL,), group="zone_resource_group", subscription="zone_subscription_id")


def look(task: Task) -> dict[str, object]:
    """Read endpoints, vaults and the zone's records."""
    zone = _ZONE.of(task) if task["zone_id"] or task["zone_resource_group"] else None
    return {"id": f"/subscriptions/{task.arm.subscription_id}", **orphans_of(task.arm, zone)}


MODULE = Module(
    options=_ZONE.options,
    look=look,
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
