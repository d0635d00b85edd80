#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: private_endpoint
short_description: Manage a private endpoint of any private link resource
version_added: 0.1.0
description:
  - Gives any resource that supports private link, or a private link service of another owner, a private IP address in a subnet, waits until
    it is provisioned, and returns the address.
  - For a key vault or managed HSM, M(privatelink.azure.keyvault_private_endpoint) needs fewer options.
author: privatelink.azure maintainers (@privatelink)
options:
  target_id:
    description: ID of the resource, in any region and subscription. Required to create the endpoint, unless O(target_alias) is set.
    type: str
  target_alias:
    description: Alias of a private link service, from its owner. It requires O(manual_request=true).
    type: str
  group_ids:
    description:
      - Subresource of the target, such as V(blob) of a storage account or V(Sql) of a Cosmos DB account.
      - Required for all targets except private link services, key vaults and managed HSMs.
    type: list
    elements: str
  member_name:
    description: Member of the group that O(private_ip_address) is for. By default V(default) for vaults, otherwise the name of the group.
    type: str
extends_documentation_fragment:
  - privatelink.azure.endpoint
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.keyvault_private_endpoint
"""

EXAMPLES = r"""
- name: Create a private endpoint for the blobs of a storage account
  privatelink.azure.private_endpoint:
    resource_group: payments
    name: payments-blobs
    target_id: "{{ storage_account_id }}"
    group_ids: [blob]
    subnet_id: "{{ subnet.id }}"

- name: Request a connection to the service of a partner
  privatelink.azure.private_endpoint:
    resource_group: payments
    name: partner-rates
    target_alias: rates.11111111-1111-1111-1111-111111111111.westeurope.azure.privatelinkservice
    subnet_id: "{{ subnet.id }}"
    manual_request: true
    request_message: Payments needs the daily rates.
"""

RETURN = r"""
id:
  description: ID of the private endpoint, also in check mode.
  type: str
  returned: success
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/payments-vault-endpoint
private_ip_address:
  description: Address of the endpoint. C((known after apply\)) in check mode, unless it is a static address.
  type: str
  returned: O(state=present)
  sample: 10.1.0.4
private_ip_addresses:
  description: All addresses of the endpoint.
  type: list
  elements: str
  returned: O(state=present)
  sample: [10.1.0.4]
network_interface_id:
  description: ID of the network interface with the address.
  type: str
  returned: O(state=present)
  sample:
    /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.0000
connection_state:
  description: State of the connection, V(Approved) or V(Pending).
  type: str
  returned: O(state=present)
  sample: Approved
connection_name:
  description: Name of the connection.
  type: str
  returned: O(state=present)
  sample: payments-vault-endpoint
dns_names:
  description: DNS names of the endpoint.
  type: list
  elements: str
  returned: O(state=present)
  sample: [payments-vault.vault.azure.net]
adopted:
  description: Whether an existing endpoint with another name, and the same target and subnet, is used.
  type: bool
  returned: O(state=present)
  sample: false
adoption:
  description: A sentence about the endpoint that is used instead. Null if RV(adopted) is V(false).
  type: str
  returned: O(state=present)
  sample: null
private_endpoint:
  description: The private endpoint as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: payments-vault-endpoint
    location: westeurope
    provisioning_state: Succeeded
dns:
  description:
    - Records of the endpoint in the zones of the DNS zone group. C(ready) shows whether all its records, and at least one, exist.
    - C(records) lists for each record C(fqdn), C(zone_id), C(expected_addresses), C(addresses) in the zone, C(foreign_addresses), other
      addresses in the same record, and C(state), which is V(written), V(missing), V(changed) or V(unreadable).
    - Zones that these credentials may not read are listed in C(unreadable_zone_ids); for these, the records of the zone group are assumed
      to exist.
  type: dict
  returned: when O(private_dns_zone_ids) is set
  sample:
    ready: true
    records:
      - fqdn: payments-vault.privatelink.vaultcore.azure.net
        zone_id: >-
          /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net
        expected_addresses: [10.1.0.4]
        addresses: [10.1.0.4]
        foreign_addresses: []
        state: written
    foreign_addresses: []
    unreadable_zone_ids: []
private_dns_zone_group:
  description: The DNS zone group as Azure reports it; in check mode, the planned state.
  type: dict
  returned: when O(private_dns_zone_ids) is set
  sample:
    name: default
    provisioning_state: Succeeded
"""

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import GROUP_TYPE, HSM, VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.endpoint import IDENTITY, OPTIONS, Target, endpoint_resources
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._values import scope

_SERVICE = "Microsoft.Network/privateLinkServices"


def resources(task: Task) -> list[Resource]:
    """Map the options to the endpoint and, where zones are given, its zone group."""
    return endpoint_resources(task, _by_alias(task) if task["target_alias"] else _by_id(task))


def _by_alias(task: Task) -> Target:
    if not task.absent and not task["manual_request"]:
        raise OptionError("target_alias", "requires manual approval by the owner of the service; set manual_request: true.")
    return Target("target_alias", task["target_alias"].strip(), None, groups_option="group_ids")


def _by_id(task: Task) -> Target:
    if not task["target_id"]:
        return Target("target_id", None, None, groups_option="group_ids")
    target = scope(task["target_id"], "target_id")
    if target.type == GROUP_TYPE or not target.resource_group:
        raise OptionError("target_id", f"'{task['target_id']}' is not the id of a resource; pass the id of the resource to reach.")
    kind = next((kind for kind in (VAULT, HSM) if target.is_type(kind)), None)
    usual = {VAULT: "vault", HSM: "managedhsm"}[kind] if kind else None
    groups = task["group_ids"] or ([usual] if usual else None)
    if not groups and not target.is_type(_SERVICE):
        raise OptionError("group_ids", f"required for a {target.type}; set the subresource, such as blob for a storage account.")
    member = task["member_name"] or ("default" if usual or not groups else groups[0])
    return Target("target_id", str(target), groups, member, kinds=(kind,) if kind else (), groups_option="group_ids")


MODULE = Module(
    options={
        "target_id": {"type": "str"},
        "target_alias": {"type": "str"},
        "group_ids": {"type": "list", "elements": "str"},
        "member_name": {"type": "str"},
        **OPTIONS,
    },
    resources=resources,
    identity=IDENTITY,
    rules={"mutually_exclusive": [("target_id", "target_alias")]},
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
