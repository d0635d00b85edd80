#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_audit
short_description: Audit the private access of many key vaults, as one HTML page and as JSON
version_added: 0.1.0
description:
  - Reads the key vaults of subscriptions or resource groups with their private endpoints and DNS, runs every check of a private vault, and
    writes one HTML page, with a table, the topology as a drawing, and each finding with its next step and the tasks that fix it.
  - The page is one file that loads nothing from elsewhere. It works without script, in print, in dark and light, and with hundreds of
    vaults.
  - O(checks) and O(skip_checks) choose what the page shows; what they leave out counts for the state of a vault all the same.
  - It never writes to Azure, and needs no permission but to read. It reads lists, so 400 vaults cost about as many requests as one.
  - A file is only written if its content differs. An audit that finds nothing else keeps the file with the time of the first such audit, so
    a second run changes nothing.
author: privatelink.azure maintainers (@privatelink)
options:
  dest:
    description:
      - HTML file to write, on the host that runs the task, which is the controller with C(localhost). Its directory must exist.
      - The page needs Jinja2, which is on the controller because Ansible needs it.
    type: path
  json_dest:
    description:
      - JSON file to write, with all that the page shows, for O(compare) and for other programs.
      - Without it, the document is returned as RV(audit).
    type: path
  compare:
    description:
      - The O(json_dest) of an earlier audit. The page, the JSON and the result then show which vaults are new, gone, better or worse.
      - It may be the same file as O(json_dest), which is read before it is written. Then the first run may find no file, and a run that
        finds no difference keeps the file, with what had changed when it was written.
    type: path
  title:
    description: Title of the page.
    type: str
    default: Key vaults behind Private Link
extends_documentation_fragment:
  - privatelink.azure.vaults
  - privatelink.azure.checks
  - privatelink.azure.azure
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.export
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: Audit all key vaults of the subscription
  privatelink.azure.keyvault_audit:
    dest: vaults.html

- name: Audit two subscriptions, whose zone is in the hub, and show what changed since the last audit
  privatelink.azure.keyvault_audit:
    subscription_ids:
      - 00000000-0000-0000-0000-000000000000
      - 11111111-1111-1111-1111-111111111111
    zone_ids:
      - >-
        /subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net
    dest: vaults.html
    json_dest: vaults.json
    compare: vaults.json
  register: audit

- name: Audit without the checks of locks and logs
  privatelink.azure.keyvault_audit:
    skip_checks:
      - management_lock
      - diagnostic_setting
    dest: vaults.html

- name: Require that all vaults are private
  ansible.builtin.assert:
    that: not audit.not_private
    fail_msg: "Not private: {{ audit.not_private | join(', ') }}"
"""

RETURN = r"""
time:
  description: Time of the audit, in UTC. That of the file which was kept, if nothing else differs.
  type: str
  returned: success
  sample: '2026-11-27T04:36:17Z'
summary:
  description: Counts of vaults and findings.
  type: dict
  returned: success
  contains:
    vaults:
      description: Number of vaults.
      type: int
    private:
      description: Number of vaults that are private, which includes those with warnings.
      type: int
    failed:
      description: Number of vaults that are not private, or not proven to be.
      type: int
    errors:
      description: Number of findings of severity error. A finding that several vaults share counts once.
      type: int
    warnings:
      description: Number of findings of severity warning.
      type: int
    states:
      description: Number of vaults by state, V(failed), V(unknown), V(warning) and V(private).
      type: dict
not_private:
  description: IDs of the vaults that are not private, or not proven to be.
  type: list
  elements: str
  returned: success
comparison:
  description: What changed since the audit in O(compare), V(null) without one.
  type: dict
  returned: success
  contains:
    time:
      description: Time of the earlier audit.
      type: str
    new:
      description: Vaults that the earlier audit does not have.
      type: list
      elements: dict
    gone:
      description: Vaults that only the earlier audit has.
      type: list
      elements: dict
    better:
      description:
        - Vaults whose findings weigh less than before. Each has V(id), V(name), the states V(before) and V(now), and the checks V(broken)
          and V(fixed).
      type: list
      elements: dict
    worse:
      description: Vaults with a finding that they did not have, unless they are better.
      type: list
      elements: dict
audit:
  description:
    - The whole document, with V(version), V(vaults), each with its V(state), V(endpoints) and V(verdicts), and V(zones) with their links.
    - Its version changes whenever something in it changes its meaning or goes away.
  type: dict
  returned: if O(json_dest) is not set
dest:
  description: The HTML file.
  type: str
  returned: if O(dest) is set
json_dest:
  description: The JSON file.
  type: str
  returned: if O(json_dest) is set
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.keyvault_audit import OPTIONS, read

MODULE = Module(options=OPTIONS, read=read)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
