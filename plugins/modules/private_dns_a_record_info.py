#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_dns_a_record_info
short_description: Look up A records of a private DNS zone
version_added: 0.1.0
description:
  - Returns the A record sets of a private DNS zone, or the one of a vault, with their addresses and metadata.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the record set relative to the zone, for a vault, its name. By default all record sets.
    type: str
extends_documentation_fragment:
  - privatelink.azure.identity.zone
  - privatelink.azure.identity.record_set
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.private_dns_a_record
  - module: privatelink.azure.private_dns_zone_info
"""

EXAMPLES = r"""
- name: Read the A record of the vault
  privatelink.azure.private_dns_a_record_info:
    resource_group: hub-dns
    name: payments-vault
  register: found

- name: Show its addresses
  ansible.builtin.debug:
    msg: "{{ found.records | map(attribute='ipv4_addresses') | flatten }}"
"""

RETURN = r"""
id:
  description: ID of the zone.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub-dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net
records:
  description: The record sets; empty if there are none.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the record set.
      type: str
    name:
      description: Name relative to the zone.
      type: str
    fqdn:
      description: Fully qualified domain name.
      type: str
    ttl:
      description: Time to live in seconds.
      type: int
    ipv4_addresses:
      description: Addresses.
      type: list
      elements: str
      sample: [10.1.0.4]
    metadata:
      description: Metadata of the record set; a DNS zone group records its endpoint there.
      type: dict
    auto_registered:
      description: Whether Azure registered it for a virtual machine.
      type: bool
"""

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import A_RECORD
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ZONE_LEVEL, Level, Nested
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._views.zones import records_of

_IDENTITY = Nested((ZONE_LEVEL, Level(A_RECORD, "name", "id", optional=True)))


def read(task: Task) -> dict[str, object]:
    """Read the record sets."""
    found = _IDENTITY.of(task)
    zone, name = (found.parent, found.name) if found.type == A_RECORD else (found, None)
    return {"id": str(zone), "records": records_of(task.world, zone, name)}


MODULE = Module(
    options={},
    read=read,
    identity=_IDENTITY,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
