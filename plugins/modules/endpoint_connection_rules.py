#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_connection_rules
short_description: Decide on private endpoint connections of a key vault, by name and by rules
version_added: 0.1.0
description:
  - Approves or rejects, as the owner of a vault, the named private endpoint connections, even if they were decided on before.
  - Rules decide on the other connections that are V(Pending). The first matching rule decides. Rules never change an earlier decision.
  - A decision that Azure did not complete is not counted, and a decision that the endpoint does not show is written again.
  - All other connections stay pending and are returned. Without names and rules, the module only lists the pending connections.
author: privatelink.azure maintainers (@privatelink)
options:
  approve_endpoint_ids:
    description: IDs of the private endpoints to approve the connections of, in any subscription and tenant.
    type: list
    elements: str
    default: []
  reject_endpoint_ids:
    description: IDs of the private endpoints to reject the connections of. An endpoint in both lists is an error.
    type: list
    elements: str
    default: []
  approve_description:
    description: Reason for the approvals by name, shown to the requesters. Leave it out to keep the reason of an existing approval.
    type: str
  reject_description:
    description: Reason for the rejections by name, shown to the requesters.
    type: str
  rules:
    description: The rules, in the order in which they are checked. A rule matches if all its conditions match; at least one is required.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the rule, returned in the result.
        type: str
      subscriptions:
        description:
          - Subscriptions of the private endpoint. Like all conditions, a list of patterns; an empty list matches nothing.
          - In a pattern, V(*) matches any text and V(?) one character; all other characters are literal, and ASCII letters are
            case-insensitive.
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
        description: Message of the requester, if these credentials may read it.
        type: list
        elements: str
      status:
        description: The decision.
        type: str
        choices: [Approved, Rejected]
        default: Approved
      description:
        description: Reason for the decision, shown to the requester.
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
- name: List the pending connections
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

- name: Approve production, reject laboratories, leave other requests pending
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
  description: The connections that were decided on, or in check mode would be, including existing decisions.
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
      description: Name of the rule, or its number. Null if the endpoint was named.
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
    The connections without a decision, which are pending or failed, as
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
    return decisions_of(task.world, _vault(task), named, task["rules"] or (), rehearsal=task.check_mode)


def report(task: Task, outcomes: t.Sequence[Outcome]) -> dict[str, t.Any]:
    """Tell what was decided, and what is left."""
    return {"id": str(_vault(task)), **reported(outcomes, pending_of(task.world, _vault(task), rehearsal=task.check_mode))}


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
