#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_private_endpoint
short_description: Manage a private endpoint of a key vault
version_added: 0.1.0
description:
  - Gives a key vault, or a managed HSM, a private IP address in a subnet, waits until it is provisioned, and returns the address.
  - With O(private_dns_zone_ids), Azure manages the DNS records of the endpoint in these zones.
  - An existing endpoint in the resource group with the same vault and subnet is used, whatever its name.
author: privatelink.azure maintainers (@privatelink)
options:
  vault_id:
    description: ID of the key vault or managed HSM, in any region and subscription. Required to create the endpoint.
    type: str
extends_documentation_fragment:
  - privatelink.azure.endpoint
  - privatelink.azure.azure
  - privatelink.azure.tags
  - privatelink.azure.state
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.endpoint_connection_approval
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: Create a private endpoint for the vault
  privatelink.azure.keyvault_private_endpoint:
    resource_group: payments
    name: payments-vault-endpoint
    vault_id: "{{ vault.id }}"
    subnet_id: "{{ subnet.id }}"
    private_dns_zone_ids:
      - "{{ zone.id }}"
  register: endpoint

- name: Request a connection to the vault of another owner
  privatelink.azure.keyvault_private_endpoint:
    resource_group: payments
    name: ledger-vault-endpoint
    vault_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault
    subnet_id: "{{ subnet.id }}"
    manual_request: true
    request_message: Payments needs the ledger's signing key. Ticket 4711.
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
vault_uri:
  description: URI of the vault that the endpoint connects to; not returned for a managed HSM.
  type: str
  returned: O(state=present)
  sample: https://payments-vault.vault.azure.net/
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

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import HSM, VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.endpoint import IDENTITY, OPTIONS, Target, endpoint_resources
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._values import resource_id


def resources(task: Task) -> list[Resource]:
    """Map the options to the endpoint and, where zones are given, its zone group."""
    vault = resource_id(task["vault_id"], "vault_id", VAULT, HSM) if task["vault_id"] else None
    groups = ["vault" if vault.is_type(VAULT) else "managedhsm"] if vault else None
    kinds = (VAULT, HSM) if vault is None else (VAULT,) if vault.is_type(VAULT) else (HSM,)
    return endpoint_resources(task, Target("vault_id", str(vault) if vault else None, groups, kinds=kinds))


MODULE = Module(options={"vault_id": {"type": "str"}, **OPTIONS}, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
