#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_private_link_check
short_description: Check whether key vaults are private, and show how to fix what is wrong
version_added: 0.1.0
description:
  - Goes through the troubleshooting section and the limits of Azure's guide for one vault, several, or all vaults of subscriptions, and
    returns a verdict for each check and vault. Nothing in Azure is changed.
  - A failed check has a severity, the section of the guide, the built-in Azure policies about the same, and a task that fixes it.
  - The private path is judged as M(privatelink.azure.keyvault_public_network_access) judges it before it closes a vault.
  - It reads lists, so that 400 vaults cost about as many requests as one. Only the check V(diagnostic_setting) needs one for each vault,
    so it is skipped for more than ten vaults unless O(checks) contains it.
  - That the name of a private vault also resolves on the internet is by design, and not a finding.
  - The checks are listed in the file C(docs/checks.md) of this collection.
author: privatelink.azure maintainers (@privatelink)
options:
  id:
    description: ID of the only vault to check.
    type: str
  name:
    description: Name of the only vault to check. Requires O(resource_group).
    type: str
  resource_group:
    description: Resource group of the vault O(name). To check all vaults of a resource group, use O(resource_groups).
    type: str
  fail_on:
    description:
      - The least severity of a finding that fails the task. The result is returned all the same.
      - V(error) means that a vault is not reachable privately, is reachable publicly, or that rights to find out are missing.
        V(warning) also means what may hurt later.
    type: str
    choices: [error, warning, none]
    default: error
  junit:
    description:
      - File to write the verdicts to as JUnit XML, with a test suite for each vault and a test case for each check. Its directory must
        exist, and it is only written if its content differs.
      - Findings of severity warning are skipped test cases with a message, unless O(fail_on=warning).
    type: path
  sarif:
    description: File to write the findings to as SARIF 2.1.0. Its directory must exist, and it is only written if its content differs.
    type: path
extends_documentation_fragment:
  - privatelink.azure.vaults
  - privatelink.azure.checks
  - privatelink.azure.azure
  - privatelink.azure.attributes
notes:
  - In check mode the files are not written.
seealso:
  - module: privatelink.azure.keyvault_probe_info
  - module: privatelink.azure.keyvault_public_network_access
"""

EXAMPLES = r"""
- name: Check a vault
  privatelink.azure.keyvault_private_link_check:
    resource_group: payments
    name: payments-vault
    virtual_network_ids:
      - /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.Network/virtualNetworks/app

- name: Check all vaults of the subscription in a pipeline
  privatelink.azure.keyvault_private_link_check:
    skip_checks: [management_lock]
    junit: keyvaults.xml
    sarif: keyvaults.sarif

- name: Probe the vault from inside
  privatelink.azure.keyvault_probe_info:
    host: payments-vault.vault.azure.net
  delegate_to: payments-app
  register: probe

- name: Check with the proof from inside, and write a file of tasks that fix what is wrong
  privatelink.azure.keyvault_private_link_check:
    resource_group: payments
    name: payments-vault
    proofs: ["{{ probe }}"]
    fail_on: none
  register: checked

- name: Keep the fixes
  ansible.builtin.copy:
    dest: fixes.yml
    content: "{{ checked.vaults[0].verdicts | map(attribute='fix') | join }}"
    mode: "0600"
"""

RETURN = r"""
summary:
  description: Counts of vaults and findings. A finding that several vaults share counts once.
  type: dict
  returned: success
  contains:
    vaults:
      description: Number of checked vaults.
      type: int
    private:
      description: Number of vaults without a finding of severity error.
      type: int
    failed:
      description: Number of the other vaults.
      type: int
    errors:
      description: Number of findings of severity error.
      type: int
    warnings:
      description: Number of findings of severity warning.
      type: int
vaults:
  description: The vaults, by ID or in the order of O(vault_ids).
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the vault.
      type: str
    name:
      description: Name of the vault.
      type: str
    location:
      description: Region of the vault.
      type: str
    private:
      description:
        - Whether no check of severity error failed or could not be decided, also of those that O(checks) and O(skip_checks) leave out.
      type: bool
    gates:
      description: How public access is set.
      type: dict
      contains:
        public_network_access:
          description: V(Enabled), V(Disabled) or V(SecuredByPerimeter).
          type: str
        default_action:
          description: Default action of the firewall.
          type: str
        bypass:
          description: V(AzureServices) if the firewall lets in trusted Microsoft services.
          type: str
        perimeter:
          description: Whether a network security perimeter decides.
          type: bool
    verdicts:
      description: The checks in the order of C(docs/checks.md), without those that O(checks) and O(skip_checks) leave out.
      type: list
      elements: dict
      contains:
        check:
          description: ID of the check.
          type: str
        status:
          description:
            - V(passed) or V(failed). V(unknown), if rights are missing to read what it needs.
            - V(skipped), if it does not apply, or another check has to pass first.
          type: str
        severity:
          description: V(error) or V(warning).
          type: str
        title:
          description: What is true if the check passes.
          type: str
        message:
          description: What was found, or why the check is skipped; empty if it passed.
          type: str
        hint:
          description: What to do; empty if there is nothing to do.
          type: str
        resource_ids:
          description: IDs of the resources at fault.
          type: list
          elements: str
        guide:
          description: Section of Azure's guide; empty if it has none about it.
          type: str
        policies:
          description: IDs of Azure's built-in policies about the same.
          type: list
          elements: str
        fix:
          description:
            - A list of tasks as YAML that fix it, or prove it in the checks V(forwarders) and V(probe).
              RV(vaults[].verdicts[].hint) names the variables that they need.
            - Empty if RV(vaults[].verdicts[].status) is not V(failed), and where no task can choose what to change, which is said in
              RV(vaults[].verdicts[].hint) - V(subscription_limit), V(zone_limits), V(vault_limit) without a connection that is rejected or
              disconnected, and a record that a DNS zone group and another writer share.
          type: str
junit:
  description: The file.
  type: str
  returned: if O(junit) is set
sarif:
  description: The file.
  type: str
  returned: if O(sarif) is set
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.keyvault_private_link_check import OPTIONS, RULES, failure, read

MODULE = Module(options=OPTIONS, read=read, failure=failure, rules=RULES)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
