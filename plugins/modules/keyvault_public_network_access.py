#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_public_network_access
short_description: Disable the public network access of a key vault once its private path is proven
version_added: 0.1.0
description:
  - Sets the public network access of an existing vault to V(Disabled), and the default action of its firewall to V(Deny), in one write.
  - Before the write it reads whether the private path works, and refuses if it does not. It reads the connection on the vault's and on the endpoint's
    side, the address of the endpoint's network interface, the record of the vault in the private DNS zone, the links of the zone to the virtual
    networks, and the DNS servers of these networks. No earlier task has to have checked anything, and none can switch the proof off.
  - What Azure's control plane cannot know needs a proof from inside, O(proof), or the explicit O(accept_unproven_dns=true). It cannot know the answers of
    DNS servers of one's own, those of O(dns=none), those of a zone that these credentials may not read, and who resolves the name where
    O(virtual_network_ids) is empty.
  - A vault without public access needs no proof; the result tells whether there is one. V(SecuredByPerimeter) is stricter than V(Disabled) and is left as
    it is.
  - The firewall's rules stay, so that public access can be enabled again as it was.
author: privatelink.azure maintainers (@privatelink)
options:
  endpoint_id:
    description: ID of the private endpoint that has to work. By default every private endpoint that the vault has approved.
    type: str
  virtual_network_ids:
    description:
      - IDs of the virtual networks that have to resolve the vault's name to the private address. By default the endpoint's own network.
      - An empty list names none, so that it is not known who resolves the name.
    type: list
    elements: str
  dns:
    description:
      - Who answers for the vault's name in the networks.
      - V(zone_group) and V(policy), the zone that the endpoint's DNS zone group writes into, or O(zone_id) if it is set. V(a_record), the record in
        O(zone_id). V(none), a service that Azure does not show.
    type: str
    choices: [zone_group, a_record, policy, none]
    default: zone_group
  zone_id:
    description: ID of the private DNS zone, in any subscription. Required for O(dns=a_record).
    type: str
  proof:
    description:
      - Registered result of M(privatelink.azure.keyvault_probe_info), run on a host inside a network. Of a loop, every item has to be proven.
      - If this is set, it must prove the private path. An empty mapping, a task that was skipped or failed, an unreachable host, and the proof of another host
        name or address are no proof. In check mode a missing proof is no error.
    type: raw
  accept_unproven_dns:
    description: Whether to close without a proof of what Azure's control plane cannot know. Everything that it does know still has to be right.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.identity.vault
  - privatelink.azure.attributes
notes:
  - Check mode takes a vault, endpoint, record or link that is missing as one that an earlier task of the run creates. It refuses what no task of the run
    can change.
seealso:
  - module: privatelink.azure.keyvault
  - module: privatelink.azure.keyvault_probe_info
  - module: privatelink.azure.keyvault_private_endpoint
"""

EXAMPLES = r"""
- name: Disable public access once the endpoint and its zone group are proven
  privatelink.azure.keyvault_public_network_access:
    vault_id: "{{ vault_id }}"
    endpoint_id: "{{ endpoint.id }}"

- name: Probe the vault from inside the network
  privatelink.azure.keyvault_probe_info:
    host: payments-vault.vault.azure.net
    private_ip_addresses: ["{{ endpoint.private_ip_address }}"]
  delegate_to: jump-host
  register: probe

- name: Disable public access of a vault whose networks have DNS servers of their own
  privatelink.azure.keyvault_public_network_access:
    resource_group: payments
    vault_name: payments-vault
    dns: a_record
    zone_id: "{{ zone_id }}"
    virtual_network_ids:
      - "{{ hub_network_id }}"
      - "{{ spoke_network_id }}"
    proof: "{{ probe }}"
  register: closed

- name: Enable it again as it was
  privatelink.azure.keyvault:
    id: "{{ closed.id }}"
    public_network_access: "{{ closed.before.public_network_access }}"
    network_acls: "{{ closed.before.network_acls }}"
"""

RETURN = r"""
id:
  description: ID of the vault.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault
vault_uri:
  description: Address of the vault.
  type: str
  returned: success
  sample: https://payments-vault.vault.azure.net/
keyvault:
  description: The vault as Azure returns it; in check mode, as it would be. Empty if the vault does not exist yet.
  type: dict
  returned: success
  sample: {name: payments-vault, public_network_access: Disabled, network_acls: {default_action: Deny, bypass: AzureServices}}
public_network_access:
  description: Public network access as it is now, V(Enabled), V(Disabled) or V(SecuredByPerimeter); in check mode, as it would be.
  type: str
  returned: always, if the vault was read
  sample: Disabled
before:
  description: The two gates as they were, as options of M(privatelink.azure.keyvault). Null if the vault does not exist yet.
  type: dict
  returned: always, if the vault was read
  sample: {public_network_access: Enabled, network_acls: {default_action: Allow}}
loses_access:
  description: Who came in over the public endpoint and does not any more. Nobody, where public access was disabled before.
  type: dict
  returned: always, if the vault was read
  contains:
    public_clients:
      description: Whether any client on the internet came in.
      type: bool
    ip_rules:
      description: Addresses and networks that the firewall let in.
      type: list
      elements: str
    virtual_network_rules:
      description: IDs of subnets that came in over their service endpoint.
      type: list
      elements: str
    trusted_services:
      description: >-
        Whether trusted Azure services came in as any client does. Where the firewall lets them bypass it, they keep their access: V(Disabled) does not shut
        them out.
      type: bool
proven:
  description: Whether the private path is proven, by what was read or by O(proof). What was only accepted is not proven.
  type: bool
  returned: always, if the vault was read
proof:
  description: What proves the private path, or what does not, in words.
  type: str
  returned: always, if the vault was read
  sample: >-
    private endpoint 'payments-endpoint' is Approved and Succeeded on both sides, at 10.1.0.4; record 'payments-vault' in zone
    'privatelink.vaultcore.azure.net' holds 10.1.0.4, linked to payments-net
reasons:
  description: What speaks against the private path; empty if nothing does. A vault with public access is then not closed, and the task fails.
  type: list
  elements: dict
  returned: always, if the vault was read
  contains:
    id:
      description: >-
        A word to branch on, V(vault), V(connection), V(endpoint), V(address), V(dns), V(zone_group), V(zone_name), V(zone), V(record), V(foreign_addresses),
        V(networks), V(network), V(dns_servers), V(link) or V(probe).
      type: str
    message:
      description: What was found, in one sentence.
      type: str
    hint:
      description: What to do.
      type: str
accepted:
  description: What the control plane cannot know and O(accept_unproven_dns=true) accepted, like RV(reasons).
  type: list
  elements: dict
  returned: always, if the vault was read
private_ip_addresses:
  description: Addresses of the private endpoints that have to work.
  type: list
  elements: str
  returned: always, if the vault was read
  sample: [10.1.0.4]
foreign_addresses:
  description: Addresses that the vault's record holds and that no approved private endpoint of the vault has.
  type: list
  elements: str
  returned: always, if the vault was read
  sample: []
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.closing import OPTIONS, ClosedKeyVault, closing


def resources(task: Task) -> list[ClosedKeyVault]:
    """Map the options to the resource."""
    return [closing(task)]


MODULE = Module(
    options=OPTIONS,
    resources=resources,
    identity=ABOUT_VAULT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
