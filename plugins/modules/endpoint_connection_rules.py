#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_connection_rules
short_description: Decide on pending private endpoint connections of a key vault by rules
version_added: 0.1.0
description:
  - Approves or rejects, as the owner of a vault, the connections that are V(Pending) and that a rule names. The first rule that fits decides.
  - What no rule names stays pending and is returned. Without rules nothing is decided, and the module lists what is pending.
  - Connections that were decided before are never touched; M(privatelink.azure.endpoint_connection_approval) changes such a decision.
author: privatelink.azure maintainers (@privatelink)
options:
  vault_name:
    description: Name of the key vault.
    type: str
    required: true
  resource_group:
    description: Resource group of the key vault.
    type: str
    required: true
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
        description: Subscriptions of the private endpoint. Like all conditions, a list of shell patterns that ignore case.
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
  - privatelink.azure.azure
  - privatelink.azure.attributes
seealso:
  - module: privatelink.azure.endpoint_connection_approval
  - module: privatelink.azure.keyvault_private_endpoint_info
"""

EXAMPLES = r"""
- name: Let our own production in, turn laboratories down, leave the rest for a person
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
  description: The connections that were, or in check mode would be, decided on.
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
      description: Name of the rule, or its number.
      type: str
pending:
  description: The connections that no rule names, as M(privatelink.azure.keyvault_private_endpoint_info) returns them.
  type: list
  elements: dict
  returned: success
"""

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils.approval_rules import checked, rule_for
from ansible_collections.privatelink.azure.plugins.module_utils.connections import connections_of
from ansible_collections.privatelink.azure.plugins.module_utils.entry import Context, Module, Outcome, run
from ansible_collections.privatelink.azure.plugins.module_utils.errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils.options import VAULT, vault_name
from ansible_collections.privatelink.azure.plugins.module_utils.resources.private_endpoint_connection import PrivateEndpointConnection


class _Decision(PrivateEndpointConnection):
    """A connection that a rule names, with the rule."""

    rule: str


def _vault(task: Context) -> ResourceId:
    return task.id(VAULT, vault_name(task["vault_name"], "vault_name"))


def _pending(task: Context) -> list[dict[str, t.Any]]:
    found = connections_of(task.arm, _vault(task))
    if not found["exists"] and not task.check_mode:
        raise Problem(
            f"There is no key vault '{task['vault_name']}' in resource group '{task['resource_group']}'",
            code="ResourceNotFound",
            resource_id=found["id"],
            hint="Correct vault_name, resource_group or subscription_id.",
        )
    return [connection for connection in found["connections"] if connection["state"] == "Pending"]


def resources(task: Context) -> list[_Decision]:
    """Map each pending connection that a rule names to a decision. A vault takes one write at a time, so each waits for the one before."""
    rules = checked(task["rules"])
    decisions: list[_Decision] = []
    for connection in _pending(task):
        rule = rule_for(connection, rules)
        if rule is None:
            continue
        desired = {"properties": {"privateLinkServiceConnectionState": {"status": rule["status"], "description": rule.get("description")}}}
        decision = _Decision(_vault(task), desired, endpoint_id=None, name=connection["name"], needs=decisions[-1:])
        decision.rule = rule.get("name") or str(rules.index(rule) + 1)
        decisions.append(decision)
    return decisions


def report(task: Context, outcomes: t.Sequence[Outcome]) -> dict[str, t.Any]:
    """Tell what was decided, and what is left."""
    decided = [
        {
            "name": outcome.resource.id.name,
            "endpoint_id": outcome.facts["endpoint_id"],
            "status": outcome.facts["connection_state"],
            "rule": t.cast(_Decision, outcome.resource).rule,
        }
        for outcome in outcomes
    ]
    names = {decision["name"].casefold() for decision in decided}
    return {"id": str(_vault(task)), "decided": decided, "pending": [item for item in _pending(task) if item["name"].casefold() not in names]}


_PATTERNS = {"type": "list", "elements": "str"}

MODULE = Module(
    options={
        "vault_name": {"type": "str", "required": True},
        "resource_group": {"type": "str", "required": True},
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
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
