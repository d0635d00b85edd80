#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: diagnostic_setting
short_description: Manage a diagnostic setting of a resource
version_added: 0.1.0
description:
  - Creates, changes or deletes a diagnostic setting, which sends logs and metrics of a resource to a Log Analytics workspace, a storage
    account, an event hub or a partner's solution.
  - Key vaults log data access in the category V(AuditEvent), which is in the category groups V(audit) and V(allLogs).
author: privatelink.azure maintainers (@privatelink)
options:
  name:
    description: Name of the setting. A resource can have up to five. Required unless O(id) is given.
    type: str
  resource:
    description: ID of the resource. Required unless O(id) is given.
    type: str
  id:
    description: ID of the setting. Use it instead of O(name) and O(resource).
    type: str
  log_analytics:
    description: ID of the Log Analytics workspace that gets logs and metrics. V(none) removes it from the setting.
    type: str
  log_analytics_destination_type:
    description:
      - Whether the workspace stores the logs in dedicated tables (V(Dedicated)) or in one table (V(AzureDiagnostics)), which is Azure's
        default.
      - Not every service supports it.
    type: str
    choices: [AzureDiagnostics, Dedicated]
  storage_account:
    description: ID of the storage account that gets logs and metrics. V(none) removes it from the setting.
    type: str
  event_hub:
    description: Event hub that gets logs and metrics.
    type: dict
    suboptions:
      namespace:
        description: Name of the Event Hubs namespace.
        type: str
        required: true
      policy:
        description: Name of the namespace's shared access policy.
        type: str
        required: true
      hub:
        description: Name of the event hub; by default Azure creates one for each category.
        type: str
      resource_group:
        description: Resource group of the namespace, by default that of O(resource).
        type: str
      subscription_id:
        description: Subscription of the namespace, by default that of O(resource).
        type: str
  marketplace_partner:
    description: ID of the partner's resource that gets logs and metrics. V(none) removes it from the setting.
    type: str
  logs:
    description: Logs to send. Categories that are not listed are disabled.
    type: list
    elements: dict
    suboptions:
      category:
        description: Category, such as V(AuditEvent).
        type: str
      category_group:
        description: Group of categories, such as V(audit) or V(allLogs).
        type: str
      enabled:
        description: Whether to send it.
        type: bool
        default: true
  metrics:
    description: Metrics to send. Categories that are not listed are disabled.
    type: list
    elements: dict
    suboptions:
      category:
        description: Category, such as V(AllMetrics).
        type: str
        required: true
      enabled:
        description: Whether to send it.
        type: bool
        default: true
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.state
  - privatelink.azure.attributes
notes:
  - Unless O(state=absent), at least one destination, and O(logs) or O(metrics), are required. Other destinations are kept.
  - A private endpoint has no logs; its requests are in the logs of the vault.
seealso:
  - module: privatelink.azure.management_lock
  - module: privatelink.azure.role_assignment
"""

EXAMPLES = r"""
- name: Send the audit logs of a vault to a Log Analytics workspace
  privatelink.azure.diagnostic_setting:
    name: audit
    resource: "{{ vault.id }}"
    log_analytics: /subscriptions/.../resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/central
    logs:
      - category_group: audit
    metrics:
      - category: AllMetrics
"""

RETURN = r"""
id:
  description: ID of the setting, also in check mode. Azure returns it in lower case.
  type: str
  returned: success
  sample: >-
    /subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/payments/providers/microsoft.keyvault/vaults/payments-vault/providers/microsoft.insights/diagnosticSettings/audit
diagnostic_setting:
  description: The setting as Azure reports it; in check mode, the planned state. Empty if it does not exist.
  type: dict
  returned: success
  sample:
    name: audit
    logs:
      - category_group: audit
        enabled: true
    workspace_id:
      /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/central
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.diagnostic_setting import IDENTITY, OPTIONS, resources

MODULE = Module(options=OPTIONS, resources=resources, identity=IDENTITY)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
