#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_dns_a_record
short_description: Manage an A record set of a private DNS zone
version_added: 0.1.0
description:
  - Adds addresses to a record set, replaces them, or removes them.
  - Addresses written by others are kept. Every write sends the ETag that it is based on, and is retried from the latest state on a
    conflict.
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the record set; for a vault, its name without a DNS suffix. Required unless O(id) is given.
    type: str
  ipv4_addresses:
    description:
      - The addresses. Required with O(state=present).
      - With O(state=absent) these are removed and other addresses are kept; without addresses, the whole set is deleted.
    type: list
    elements: str
  mode:
    description: V(add) keeps other addresses, V(replace) removes them.
    type: str
    choices: [add, replace]
    default: add
  ttl:
    description: Time to live in seconds. 3600 by default for new record sets; an existing set keeps its value.
    type: int
  metadata:
    description: Metadata of the record set. Other entries are kept.
    type: dict
extends_documentation_fragment:
  - privatelink.azure.identity.zone
  - privatelink.azure.identity.record_set
  - privatelink.azure.identity.checked_zone
  - privatelink.azure.azure
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.keyvault_private_endpoint
"""

EXAMPLES = r"""
- name: Write the A record of the vault
  privatelink.azure.private_dns_a_record:
    resource_group: dns
    name: payments-vault
    ipv4_addresses:
      - "{{ endpoint.private_ip_address }}"

- name: Remove one address
  privatelink.azure.private_dns_a_record:
    resource_group: dns
    name: payments-vault
    ipv4_addresses:
      - 10.1.0.9
    state: absent

- name: Write the record into a zone by its ID
  privatelink.azure.private_dns_a_record:
    zone_id: "{{ zone.id }}"
    name: payments-vault
    ipv4_addresses:
      - "{{ endpoint.private_ip_address }}"
"""

RETURN = r"""
id:
  description: ID of the record set, also in check mode.
  type: str
  returned: success
  sample: >-
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net/A/payments-vault
fqdn:
  description: Fully qualified domain name of the record set.
  type: str
  returned: O(state=present)
  sample: payments-vault.privatelink.vaultcore.azure.net
ipv4_addresses:
  description: All addresses of the set.
  type: list
  elements: str
  returned: O(state=present)
  sample: [10.1.0.4]
private_dns_a_record:
  description: The record set as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: payments-vault
    ttl: 3600
    a_records: [{ipv4_address: 10.1.0.4}]
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.private_dns_a_record import IDENTITY, OPTIONS, RULES, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY, rules=RULES)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
