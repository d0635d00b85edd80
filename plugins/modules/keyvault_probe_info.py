#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_probe_info
short_description: Probe from a host whether key vaults are reachable through their private endpoints
version_added: 0.1.0
description:
  - Resolves the vault's name with the resolver of the host, connects with a verified TLS certificate, requests C(/healthstatus), and reads
    in the header C(x-ms-keyvault-network-info) whether the vault sees a private connection.
  - Probes one vault, O(host), or many, O(vaults), up to 16 at a time, all of them within O(wait_timeout).
  - The module does not fail on problems; RV(proven) shows whether the private path is proven, RV(code), RV(msg) and RV(hint) show what is
    wrong.
  - Runs on the host of the task, usually with C(delegate_to) on a host inside the network, which needs only Python 3.9 or later. It sends
    nothing to Azure Resource Manager, so it uses no credentials and no proxy.
author: privatelink.azure maintainers (@privatelink)
options:
  host:
    description: Host name of the vault, or its URI. This or O(vaults) is required.
    type: str
  private_ip_addresses:
    description: Addresses of the private endpoint. The name must resolve to one of them. By default any private address is accepted.
    type: list
    elements: str
  vaults:
    description:
      - Vaults to probe in one task, each by name, host name, URI or ID, or as a mapping of C(vault) and C(private_ip_addresses), the
        addresses that its name must resolve to one of.
      - A name or an ID gets the DNS suffix of O(cloud_environment), by default that of C(AzureCloud).
    type: list
    elements: raw
  dns_servers:
    description:
      - IPv4 addresses of DNS servers to ask for each vault's name too, such as those of a branch office. The path is only proven if each
        of them returns the private address.
      - Requires the Python package C(dnspython) on the host of the task.
    type: list
    elements: str
  virtual_network_id:
    description:
      - ID of the virtual network that the host is in. The result returns it, and as a proof speaks for this network alone.
      - Required for a proof where several networks have to be proven, such as networks with DNS servers of their own.
    type: str
  wait:
    description: Whether to retry, up to O(wait_timeout), until the path is proven; DNS answers may be cached for some seconds.
    type: bool
    default: false
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: Probe the vault from the application host
  privatelink.azure.keyvault_probe_info:
    host: payments-vault.vault.azure.net
    private_ip_addresses: "{{ endpoint.private_ip_addresses }}"
  delegate_to: payments-app
  register: probe

- name: Require the private path
  ansible.builtin.assert:
    that: probe.proven
    fail_msg: "{{ probe.msg }} {{ probe.hint }}"

- name: Probe several vaults, and what the DNS servers of a branch office answer
  privatelink.azure.keyvault_probe_info:
    vaults:
      - payments-vault
      - vault: /subscriptions/.../resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault
        private_ip_addresses: [10.1.0.5]
    dns_servers: [10.0.0.4, 10.0.0.5]
  delegate_to: payments-app
  register: probes
"""

RETURN = r"""
id:
  description: URL that was requested.
  type: str
  returned: with O(host)
  sample: https://payments-vault.vault.azure.net/healthstatus
proven:
  description: Whether the name resolves to the private endpoint, and the vault answers and sees a private connection, at every address of
    the name. With O(vaults), whether this is so for all of them; with O(dns_servers), only if they return the private address too.
  type: bool
  returned: success
code:
  description:
    - Code of the problem, null if there is none.
    - V(NameNotFound), the name does not resolve. V(NothingApproved), it resolves to a public address without a private link alias.
      V(ZoneNotSeen), it has the alias and resolves to a public address. V(PublicAddress), it resolves to a public address and the host's
      resolver returns no aliases. V(WrongAddress), it resolves to a private address that is not the endpoint's. V(NotReachable), no answer.
      V(NotTheVault), another server answers. V(NotHealthy), the vault answers with an error. V(NotPrivate), the connection arrived over the
      public endpoint of the vault.
    - V(ServerNotReachable), a server of O(dns_servers) does not answer. V(ServerFailed), it returns an error.
      V(NotProbed), the time was up.
    - With O(vaults), the code of the first vault with a problem.
  type: str
  returned: success
  sample: ZoneNotSeen
msg:
  description: The result, in one sentence.
  type: str
  returned: success
hint:
  description: What to do, null if there is no problem.
  type: str
  returned: success
ip_addresses:
  description: Addresses that the name resolves to on the host.
  type: list
  elements: str
  returned: with O(host)
  sample: [10.1.0.4]
aliases:
  description: Aliases (CNAME) of the name, if the host's resolver returns them.
  type: list
  elements: str
  returned: with O(host)
  sample: [payments-vault.privatelink.vaultcore.azure.net]
network_info:
  description: The vault's information about the connection, null if the vault was not reached.
  type: str
  returned: with O(host)
  sample: conn_type=PrivateLink;addr=10.1.0.9;act_addr_fam=InterNetwork;
dns_servers:
  description: What each of O(dns_servers) answers for the name.
  type: list
  elements: dict
  returned: with O(host) and O(dns_servers)
  contains:
    server:
      description: Address of the server.
      type: str
    private:
      description: Whether its answer leads to the private endpoint.
      type: bool
    code:
      description: Code of the problem, null if there is none.
      type: str
    msg:
      description: The answer, in one sentence.
      type: str
    hint:
      description: What to do, null if there is no problem.
      type: str
    ip_addresses:
      description: Addresses in its answer.
      type: list
      elements: str
    aliases:
      description: Aliases in its answer.
      type: list
      elements: str
virtual_network_id:
  description: ID of the virtual network that the host is in.
  type: str
  returned: with O(virtual_network_id)
results:
  description: The vaults, in the order of O(vaults), each with the values that are returned for one vault.
  type: list
  elements: dict
  returned: with O(vaults)
  contains:
    vault:
      description: The vault as the task named it.
      type: str
    host:
      description: Host name of the vault.
      type: str
    id:
      description: URL that was requested.
      type: str
    proven:
      description: Whether the private path is proven.
      type: bool
    code:
      description: Code of the problem, null if there is none.
      type: str
    msg:
      description: The result, in one sentence.
      type: str
    hint:
      description: What to do, null if there is no problem.
      type: str
    ip_addresses:
      description: Addresses that the name resolves to on the host.
      type: list
      elements: str
    aliases:
      description: Aliases of the name.
      type: list
      elements: str
    network_info:
      description: The vault's information about the connection, null if the vault was not reached.
      type: str
    dns_servers:
      description: What each of O(dns_servers) answers, if any are named.
      type: list
      elements: dict
    virtual_network_id:
      description: ID of the virtual network that the host is in, if O(virtual_network_id) is given.
      type: str
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.keyvault_probe_info import OPTIONS, RULES, read

MODULE = Module(options=OPTIONS, rules=RULES, local=read)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
