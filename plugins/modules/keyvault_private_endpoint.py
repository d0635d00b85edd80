#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_private_endpoint
short_description: Manage a private endpoint of a key vault
version_added: 0.1.0
description:
  - Gives a key vault, or a managed HSM, a private address in a subnet, waits until it is provisioned, and returns the address.
  - With zones in O(private_dns_zone_ids), Azure keeps the records of the endpoint in them.
  - An endpoint in the resource group that joins the same vault and the same subnet is used, whatever its name.
author: privatelink.azure maintainers (@privatelink)
options:
  vault_id:
    description: ID of the key vault or managed HSM, in any region and subscription. Needed to create the endpoint.
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
- name: Give the vault a private address
  privatelink.azure.keyvault_private_endpoint:
    resource_group: payments
    name: payments-vault-endpoint
    vault_id: "{{ vault.id }}"
    subnet_id: "{{ subnet.id }}"
    private_dns_zone_ids:
      - "{{ zone.id }}"
  register: endpoint

- name: Ask the owner of a vault in another department
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
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/privateEndpoints/payments-vault-endpoint
private_ip_address:
  description: Address of the endpoint. C((known after apply\)) in check mode, unless it was asked for.
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
  description: ID of the network interface that holds the address.
  type: str
  returned: O(state=present)
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.0000
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
  description: Address of the vault that the endpoint leads to; not there for a managed HSM.
  type: str
  returned: O(state=present)
  sample: https://payments-vault.vault.azure.net/
dns_names:
  description: Names that the endpoint serves.
  type: list
  elements: str
  returned: O(state=present)
  sample: [payments-vault.vault.azure.net]
adopted:
  description: Whether an endpoint of another name is used, which joins the same target and subnet.
  type: bool
  returned: O(state=present)
  sample: false
adoption:
  description: A sentence that names the endpoint that is used instead. Null where RV(adopted) is V(false).
  type: str
  returned: O(state=present)
  sample: null
private_endpoint:
  description: The private endpoint as Azure reports it; in check mode, as it would be. Empty where it is absent.
  type: dict
  returned: success
  sample:
    name: payments-vault-endpoint
    location: westeurope
    provisioning_state: Succeeded
dns:
  description:
    - What the zones of the DNS zone group hold for the endpoint. C(ready) tells whether they hold all its records and at least one.
    - C(records) lists for each record C(fqdn), C(zone_id), C(expected_addresses), C(addresses) in the zone, C(foreign_addresses) of others in the same
      record, and C(state), which is V(written), V(missing), V(changed) or V(unreadable).
    - Zones that these credentials may not read are listed in C(unreadable_zone_ids), and what Azure says of the zone group is believed.
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
  description: The DNS zone group as Azure reports it; in check mode, as it would be.
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
