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
  - Before the write it checks whether the private path works, and fails if it does not. It checks the connection on the vault's and on the
    endpoint's side, the address of the endpoint's network interface, the record of the vault in the private DNS zone, the links of the zone
    to the virtual networks, and the DNS servers of these networks. The check does not depend on earlier tasks.
  - What Azure's control plane cannot check requires a proof from inside, O(proof), or O(accept_unproven_dns=true). It cannot check the
    answers of custom DNS servers, those of O(dns=none), those of a zone that these credentials may not read, and which networks resolve the
    name if O(virtual_network_ids) is empty.
  - A vault without public access needs no proof; the result shows whether there is one. V(SecuredByPerimeter) is stricter than V(Disabled)
    and is not it is.
  - The firewall's rules are kept, so that public access can be restored.
author: privatelink.azure maintainers (@privatelink)
options:
  endpoint_id:
    description: ID of the private endpoint that must work. By default every private endpoint that the vault has approved.
    type: str
  virtual_network_ids:
    description:
      - IDs of the virtual networks that must resolve the vault's name to the private IP address. By default the endpoint's network.
      - With an empty list it is not known which networks resolve the name.
    type: list
    elements: str
  dns:
    description:
      - Who manages the DNS record of the vault.
      - V(zone_group) and V(policy), the zone of the endpoint's DNS zone group, or O(zone_id) if it is set. V(a_record), the record in
        O(zone_id). V(none), a DNS service outside Azure.
    type: str
    choices: [zone_group, a_record, policy, none]
    default: zone_group
  zone_id:
    description: ID of the private DNS zone, in any subscription. Required for O(dns=a_record).
    type: str
  proof:
    description:
      - Registered result of M(privatelink.azure.keyvault_probe_info), run on a host inside a network. With a loop, every item must be
        proven.
      - If this is set, it must prove the private path. An empty mapping, a task that was skipped or failed, an unreachable host, and the
        proof of another host name or address are not a proof. In check mode a missing proof is not an error.
      - A proof speaks for the virtual network that it names, and one that names none if only one network needs it. For several networks
        with DNS servers of their own, probe from a host in each, in a loop, with C(virtual_network_id).
    type: raw
  accept_unproven_dns:
    description: Whether to close without a proof of what Azure's control plane cannot check. Everything that it can check must still be
      correct.
    type: bool
    default: false
  callers_days:
    description:
      - How many days of the vault's audit log to check for callers that would lose access, 0 to 730. With 0, they are not checked.
      - The log is read from the Log Analytics workspace of the vault's diagnostic setting, as by
        M(privatelink.azure.keyvault_callers_info). If a caller without a private way to the vault is not in O(accepted_callers), or the log
        is not known, the vault is not closed.
    type: int
    default: 0
  accepted_callers:
    description:
      - Callers that may lose access, with O(callers_days). Each is an IP address, a range in CIDR notation, a user principal name, an
        object ID or an application ID. The log has no display names.
    type: list
    elements: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.identity.vault
  - privatelink.azure.attributes
notes:
  - Check mode assumes that earlier tasks of the run create a missing vault, endpoint, record or link. It fails for problems that no task of
    the run can fix.
seealso:
  - module: privatelink.azure.keyvault
  - module: privatelink.azure.keyvault_probe_info
  - module: privatelink.azure.keyvault_callers_info
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

- name: Disable public access of a vault in networks with custom DNS servers
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

- name: Disable public access unless someone used it in the last 30 days, other than the old build agents
  privatelink.azure.keyvault_public_network_access:
    vault_id: "{{ vault_id }}"
    endpoint_id: "{{ endpoint.id }}"
    callers_days: 30
    accepted_callers:
      - 203.0.113.0/24

- name: Restore the previous public access settings
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
  description: URI of the vault.
  type: str
  returned: success
  sample: https://payments-vault.vault.azure.net/
keyvault:
  description: The vault as Azure returns it; in check mode, the planned state. Empty if the vault does not exist yet.
  type: dict
  returned: success
  sample: {name: payments-vault, public_network_access: Disabled, network_acls: {default_action: Deny, bypass: AzureServices}}
public_network_access:
  description: Public network access after the task, V(Enabled), V(Disabled) or V(SecuredByPerimeter); in check mode, the planned state.
  type: str
  returned: always, if the vault was read
  sample: Disabled
before:
  description: The previous settings, as options of M(privatelink.azure.keyvault). Null if the vault does not exist yet.
  type: dict
  returned: always, if the vault was read
  sample: {public_network_access: Enabled, network_acls: {default_action: Allow}}
loses_access:
  description: Clients that lose access over the public endpoint. None if public access was already disabled.
  type: dict
  returned: always, if the vault was read
  contains:
    public_clients:
      description: Whether any client on the internet had access.
      type: bool
    ip_rules:
      description: Addresses and networks that the firewall allowed.
      type: list
      elements: str
    virtual_network_rules:
      description: IDs of subnets that had access over their service endpoint.
      type: list
      elements: str
    trusted_services:
      description: >-
        Whether trusted Azure services had access like any client. If the firewall allows them to bypass it, they keep their access:
        V(Disabled) does not block
        them out.
      type: bool
proven:
  description: Whether the private path is proven, by the check or by O(proof). Accepted DNS is not proven.
  type: bool
  returned: always, if the vault was read
proof:
  description: What proves the private path, or why it is not proven, as a sentence.
  type: str
  returned: always, if the vault was read
  sample: >-
    private endpoint 'payments-endpoint' is Approved and Succeeded on both sides, at 10.1.0.4; record 'payments-vault' in zone
    'privatelink.vaultcore.azure.net' contains 10.1.0.4, linked to payments-net
reasons:
  description: Problems of the private path; empty if there are none. With problems, a vault with public access is not closed, and the task
    fails.
  type: list
  elements: dict
  returned: always, if the vault was read
  contains:
    id:
      description: >-
        Code for conditions, V(vault), V(connection), V(endpoint), V(address), V(dns), V(zone_group), V(zone_name), V(zone), V(record),
        V(foreign_addresses),
        V(networks), V(network), V(dns_servers), V(link), V(probe), V(callers) or V(callers_unknown).
      type: str
    message:
      description: The result, in one sentence.
      type: str
    hint:
      description: What to do.
      type: str
accepted:
  description: What the control plane cannot check and O(accept_unproven_dns=true) accepted, like RV(reasons).
  type: list
  elements: dict
  returned: always, if the vault was read
callers:
  description: Callers of the last O(callers_days), as returned by M(privatelink.azure.keyvault_callers_info). Each of the public callers
    also has C(accepted), and C(summary) says it in one sentence. Null if O(callers_days) is 0 or public access was already disabled.
  type: dict
  returned: always, if the vault was read
private_ip_addresses:
  description: Addresses of the private endpoints that must work.
  type: list
  elements: str
  returned: always, if the vault was read
  sample: [10.1.0.4]
foreign_addresses:
  description: Addresses in the vault's record that no approved private endpoint of the vault has.
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
