#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_probe_info
short_description: Probe from a host whether a key vault is reachable through its private endpoint
version_added: 0.1.0
description:
  - Resolves the vault's name with the resolver of the host, connects with a verified TLS certificate, requests C(/healthstatus), and reads
    in the header C(x-ms-keyvault-network-info) whether the vault sees a private connection.
  - The module does not fail on problems; RV(proven) shows whether the private path is proven, RV(code), RV(msg) and RV(hint) show what is
    wrong.
  - Runs on the host of the task, usually with C(delegate_to) on a host inside the network, which needs only Python 3.9 or later. It sends
    nothing to Azure Resource Manager, so it uses no credentials and no proxy.
author: privatelink.azure maintainers (@privatelink)
options:
  host:
    description: Host name of the vault, or its URI.
    type: str
    required: true
  private_ip_addresses:
    description: Addresses of the private endpoint. The name must resolve to one of them. By default any private address is accepted.
    type: list
    elements: str
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
"""

RETURN = r"""
id:
  description: URL that was requested.
  type: str
  returned: success
  sample: https://payments-vault.vault.azure.net/healthstatus
proven:
  description: Whether the name resolves to the private endpoint, and the vault answers and sees a private connection, at every address of
    the name.
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
  returned: success
  sample: [10.1.0.4]
aliases:
  description: Aliases (CNAME) of the name, if the host's resolver returns them.
  type: list
  elements: str
  returned: success
  sample: [payments-vault.privatelink.vaultcore.azure.net]
network_info:
  description: The vault's information about the connection, null if the vault was not reached.
  type: str
  returned: success
  sample: conn_type=PrivateLink;addr=10.1.0.9;act_addr_fam=InterNetwork;
"""

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._probe import PATH, probe
from ansible_collections.privatelink.azure.plugins.module_utils._values import host_name, ipv4


def read(params: t.Mapping[str, t.Any], clock: Clock) -> dict[str, object]:
    """Try the way from this host."""
    host = host_name(params["host"], "host")
    expected = [ipv4(item, "private_ip_addresses") for item in params["private_ip_addresses"] or []]
    return {"id": f"https://{host}{PATH}", **probe(host, expected, clock, wait=params["wait"])}


MODULE = Module(
    options={
        "host": {"type": "str", "required": True},
        "private_ip_addresses": {"type": "list", "elements": "str"},
        "wait": {"type": "bool", "default": False},
    },
    local=read,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
