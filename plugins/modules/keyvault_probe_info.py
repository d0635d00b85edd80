#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_probe_info
short_description: Try from a host whether a key vault is reached through its private endpoint
version_added: 0.1.0
description:
  - Looks the vault's name up as programs of the host do, connects with TLS verified for that name, asks C(/healthstatus), and reads in the header
    C(x-ms-keyvault-network-info) by which way the vault sees the host.
  - Whatever it finds is a result, not a failure; RV(proven) tells whether the private way is proven, RV(code), RV(msg) and RV(hint) what is wrong.
  - Runs on the host of the task, usually by C(delegate_to) a machine inside the network, and needs nothing there but Python 3.9 or later. It asks
    nothing of Azure Resource Manager, so credentials are not used, and no proxy.
author: privatelink.azure maintainers (@privatelink)
options:
  host:
    description: Host name of the vault, or its URI.
    type: str
    required: true
  private_ip_addresses:
    description: Addresses of the private endpoint. One of them has to be found. Without it, any private address will do.
    type: list
    elements: str
  wait:
    description: Whether to try again, up to O(wait_timeout), until it is proven; an answer of DNS may be cached for some seconds.
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
- name: Is the vault private, seen from the application's machine?
  privatelink.azure.keyvault_probe_info:
    host: payments-vault.vault.azure.net
    private_ip_addresses: "{{ endpoint.private_ip_addresses }}"
  delegate_to: payments-app
  register: probe

- name: It is
  ansible.builtin.assert:
    that: probe.proven
    fail_msg: "{{ probe.msg }} {{ probe.hint }}"
"""

RETURN = r"""
id:
  description: Address that was asked.
  type: str
  returned: success
  sample: https://payments-vault.vault.azure.net/healthstatus
proven:
  description: Whether the name leads to the private endpoint, and the vault answered and sees the host on the private way, at every address of the name.
  type: bool
  returned: success
code:
  description:
    - What is wrong, null where nothing is.
    - V(NameNotFound), the name does not resolve. V(NothingApproved), it leads to a public address without the alias of private link. V(ZoneNotSeen), it has
      the alias and leads to a public address. V(PublicAddress), it leads to a public address and the host's resolver tells no aliases. V(WrongAddress), it
      leads to a private address that is not the endpoint's. V(NotReachable), nobody answers. V(NotTheVault), somebody else answers. V(NotHealthy), the
      vault answers with an error. V(NotPrivate), the connection arrived over the public endpoint of the vault.
  type: str
  returned: success
  sample: ZoneNotSeen
msg:
  description: What was found, in one sentence.
  type: str
  returned: success
hint:
  description: What to do, null where nothing is wrong.
  type: str
  returned: success
ip_addresses:
  description: Addresses that the name leads to from the host.
  type: list
  elements: str
  returned: success
  sample: [10.1.0.4]
aliases:
  description: Aliases on the way to the addresses, as far as the host's resolver tells them.
  type: list
  elements: str
  returned: success
  sample: [payments-vault.privatelink.vaultcore.azure.net]
network_info:
  description: What the vault says of the connection, null where it was not asked or is none.
  type: str
  returned: success
  sample: conn_type=PrivateLink;addr=10.1.0.9;act_addr_fam=InterNetwork;
"""

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._probe import PATH, proof_of
from ansible_collections.privatelink.azure.plugins.module_utils._values import host_name, ipv4


def look(params: t.Mapping[str, t.Any], clock: Clock) -> dict[str, object]:
    """Try the way from this host."""
    host = host_name(params["host"], "host")
    expected = [ipv4(item, "private_ip_addresses") for item in params["private_ip_addresses"] or []]
    return {"id": f"https://{host}{PATH}", **proof_of(host, expected, clock, wait=params["wait"])}


MODULE = Module(
    options={
        "host": {"type": "str", "required": True},
        "private_ip_addresses": {"type": "list", "elements": "str"},
        "wait": {"type": "bool", "default": False},
    },
    here=look,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
