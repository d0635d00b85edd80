#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_vm_probe_info
short_description: Probe from a virtual machine, through Azure's run command, whether key vaults are reached privately
version_added: 0.1.0
description:
  - Asks on a virtual machine what M(privatelink.azure.keyvault_probe_info) asks on a host, without signing in to it. Azure Resource
    Manager sends a script there by its action run command; only rights on the machine are needed, no route to it.
  - The script resolves each vault's name, connects with a verified TLS certificate, requests C(/healthstatus) and prints what it found. It
    changes nothing on the machine. It needs Python 3.6 or later, or getent and curl; on Windows PowerShell 5.1.
  - Check mode runs nothing and returns RV(script); diff mode returns it as a difference, too.
  - The module does not fail if a vault is not proven; RV(proven), RV(code), RV(msg) and RV(hint) show what is wrong.
  - Requires C(Microsoft.Compute/virtualMachines/read) and C(Microsoft.Compute/virtualMachines/runCommand/action), for example with the role
    Virtual Machine Contributor. Azure runs scripts as root or System.
  - Azure runs one such command at a time on a machine; another one is waited for, up to O(wait_timeout). A command takes about half a
    minute, and covers up to 12 vaults, because Azure returns only the last 4,096 bytes of a script's output.
  - The script for Windows is tested as text only.
author: privatelink.azure maintainers (@privatelink)
options:
  vm_id:
    description: ID of a virtual machine in a network that must reach the vaults. It must run.
    type: str
    required: true
  vaults:
    description: Vaults to probe, each by name, host name, URI or ID, or as a mapping of C(vault) and C(private_ip_addresses), the addresses
      that its name must resolve to one of.
    type: list
    elements: raw
    required: true
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
seealso:
  - module: privatelink.azure.keyvault_probe_info
"""

EXAMPLES = r"""
- name: Probe two vaults from a virtual machine in the network, without a login
  privatelink.azure.keyvault_vm_probe_info:
    vm_id: /subscriptions/.../resourceGroups/payments/providers/Microsoft.Compute/virtualMachines/payments-app
    vaults:
      - payments-vault
      - vault: ledger-vault
        private_ip_addresses: [10.1.0.5]
  register: probes

- name: Require the private path of both
  ansible.builtin.assert:
    that: probes.proven
    fail_msg: "{{ probes.msg }} {{ probes.hint }}"
"""

RETURN = r"""
id:
  description: ID of the virtual machine.
  type: str
  returned: success
  sample: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/pay/providers/Microsoft.Compute/virtualMachines/payments-app
os_type:
  description: What the machine runs, V(linux) or V(windows).
  type: str
  returned: success
virtual_network_id:
  description: ID of the virtual network of the machine's primary network interface, for which alone the result is a proof. Null if these
    credentials may not read the interface.
  type: str
  returned: success
script:
  description: Script that runs there. With more than 12 vaults it is the first one; the others differ in the names of the vaults alone.
  type: str
  returned: success
proven:
  description: Whether all vaults are reached over their private endpoints from the machine.
  type: bool
  returned: success
code:
  description: Code of the first problem, as M(privatelink.azure.keyvault_probe_info) returns it, null if there is none. V(NotProbed), the
    script returned nothing about a vault, or did not run.
  type: str
  returned: success
  sample: ZoneNotSeen
msg:
  description: The result, in one sentence.
  type: str
  returned: success
hint:
  description: What to do about the first problem, null if there is none.
  type: str
  returned: success
commands:
  description: How many commands ran.
  type: int
  returned: success
truncated:
  description: Whether Azure cut the output of a command. The vaults that it lost were asked again.
  type: bool
  returned: success
results:
  description: The vaults, in the order of O(vaults).
  type: list
  elements: dict
  returned: success
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
      description: Whether the name resolves to the private endpoint on the machine, and the vault answers and sees a private connection.
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
      description: Addresses that the name resolves to on the machine.
      type: list
      elements: str
    aliases:
      description: One alias of the name, the private link alias if there is one.
      type: list
      elements: str
    network_info:
      description: The vault's information about the connection, null if the vault was not reached.
      type: str
    virtual_network_id:
      description: ID of the machine's virtual network, null if it is not known.
      type: str
    asked_with:
      description: What asked on the machine, V(python3), V(curl) or V(powershell), null if nothing did. V(curl) sees no alias but a private
        link alias at the end of the chain.
      type: str
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.keyvault_vm_probe_info import OPTIONS, read

MODULE = Module(options=OPTIONS, read=read)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
