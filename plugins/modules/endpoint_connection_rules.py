#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_connection_rules
short_description: Decide on private endpoint connections of a key vault, by name and by rules
version_added: 0.1.0
description:
  - Approves or rejects, as the owner of a vault, the connections of private endpoints that are named, whatever was decided before.
  - Of the other connections, those that are V(Pending) are decided by rules. The first rule that fits decides. Rules never change an earlier decision.
  - A decision whose operation Azure did not finish counts as none, and one that the vault has and the endpoint does not see is taken again.
  - What nobody names stays pending and is returned. Without names and rules nothing is decided, and the module lists what is pending.
author: privatelink.azure maintainers (@privatelink)
options:
  approve_endpoint_ids:
    description: IDs of the private endpoints whose connections are approved, in any subscription and tenant.
    type: list
    elements: str
    default: []
  reject_endpoint_ids:
    description: IDs of the private endpoints whose connections are rejected. An endpoint in both lists is refused.
    type: list
    elements: str
    default: []
  approve_description:
    description: Reason of the approvals by name, which the requesters see. Leaving it out leaves the reason of an approval that stands.
    type: str
  reject_description:
    description: Reason of the rejections by name, which the requesters see.
    type: str
  rules:
    description: The rules, in the order in which they are tried. A rule fits where all its conditions hold; it needs at least one.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the rule, which the result names.
        type: str
      subscriptions:
        description:
          - Subscriptions of the private endpoint. Like all conditions, a list of patterns, of which an empty one fits nobody.
          - In a pattern, V(*) stands for any text and V(?) for one character; all else stands for itself, and case is ignored in ASCII letters.
        type: list
        elements: str
      resource_groups:
        description: Resource groups of the private endpoint.
        type: list
        elements: str
      endpoint_names:
        description: Names of the private endpoint.
        type: list
        elements: str
      descriptions:
        description: What the requester wrote, as far as these credentials may see it.
        type: list
        elements: str
      status:
        description: The decision.
        type: str
        choices: [Approved, Rejected]
        default: Approved
      description:
        description: Reason of the decision, which the requester sees.
        type: str
extends_documentation_fragment:
  - privatelink.azure.identity.vault
  - privatelink.azure.azure
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.endpoint_connection_approval
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: List what is pending
  privatelink.azure.endpoint_connection_rules:
    resource_group: ledger
    vault_name: ledger-vault
  register: ledger

- name: Approve one request
  privatelink.azure.endpoint_connection_rules:
    resource_group: ledger
    vault_name: ledger-vault
    approve_endpoint_ids: ["{{ endpoint_id }}"]
    approve_description: Ticket 4711

- name: Approve our own production, reject laboratories, leave the rest for a person
  privatelink.azure.endpoint_connection_rules:
    resource_group: ledger
    vault_name: ledger-vault
    rules:
      - name: production
        subscriptions: [00000000-0000-0000-0000-000000000000]
        endpoint_names: ["*-endpoint"]
        description: Approved by rule
      - name: laboratories
        resource_groups: ["lab-*"]
        status: Rejected
        description: Laboratories use the test ledger
  register: ledger
"""

RETURN = r"""
id:
  description: ID of the vault.
  type: str
  returned: success
  sample: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/ledger/providers/Microsoft.KeyVault/vaults/ledger-vault
decided:
  description: The connections that were, or in check mode would be, decided on. Decisions that stood already are among them.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Name of the connection.
      type: str
    endpoint_id:
      description: ID of the private endpoint.
      type: str
    status:
      description: The decision.
      type: str
    rule:
      description: Name of the rule, or its number. Null where the endpoint was named.
      type: str
approved:
  description: IDs of the private endpoints that are, or in check mode would be, approved by this task.
  type: list
  elements: str
  returned: success
rejected:
  description: IDs of the private endpoints that are, or in check mode would be, rejected by this task.
  type: list
  elements: str
  returned: success
pending:
  description: >-
    The connections that are pending, or whose decision failed, and that nobody decides on, as
    M(privatelink.azure.keyvault_private_endpoint_info) returns them.
  type: list
  elements: dict
  returned: success
"""

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Outcome, Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.approval import Decision, Named, decisions_of, pending_of, reported


def _vault(task: Task) -> ResourceId:
    return ABOUT_VAULT.of(task)


def resources(task: Task) -> list[Decision]:
    """Map names and rules to decisions."""
    named = Named(
        task["approve_endpoint_ids"] or (), task["reject_endpoint_ids"] or (), task["approve_description"], task["reject_description"]
    )
    return decisions_of(task.arm, _vault(task), named, task["rules"] or (), rehearsal=task.check_mode)


def report(task: Task, outcomes: t.Sequence[Outcome]) -> dict[str, t.Any]:
    """Tell what was decided, and what is left."""
    return {"id": str(_vault(task)), **reported(outcomes, pending_of(task.arm, _vault(task), rehearsal=task.check_mode))}


_PATTERNS = {"type": "list", "elements": "str"}

MODULE = Module(
    options={
        "approve_endpoint_ids": {"type": "list", "elements": "str", "default": []},
        "reject_endpoint_ids": {"type": "list", "elements": "str", "default": []},
        "approve_description": {"type": "str"},
        "reject_description": {"type": "str"},
        "rules": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str"},
                "subscriptions": _PATTERNS,
                "resource_groups": _PATTERNS,
                "endpoint_names": _PATTERNS,
                "descriptions": _PATTERNS,
                "status": {"type": "str", "choices": ["Approved", "Rejected"], "default": "Approved"},
                "description": {"type": "str"},
            },
        },
    },
    resources=resources,
    report=report,
    identity=ABOUT_VAULT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
