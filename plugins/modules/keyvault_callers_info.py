#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keyvault_callers_info
short_description: Look up who called a key vault, and who would be locked out without public access
version_added: 0.1.0
description:
  - Returns who used the secrets, keys or certificates of a vault in the last days, by address and identity, and how each caller came in.
  - It reads the vault's audit log from the Log Analytics workspace that a diagnostic setting of the vault sends it to (category
    C(AuditEvent), or category group C(audit) or C(allLogs)), in the table C(AZKVAuditLogs) or C(AzureDiagnostics).
  - Requests that the vault refused with status 401 or 403, and those about the vault itself, which go to Azure Resource Manager, are not
    counted, because they do not depend on public access.
  - If there is no such setting, if the workspace is not readable, or if it has no record of the vault, RV(known) is false and RV(reason)
    says why. An empty list of callers then means nothing.
author: privatelink.azure maintainers (@privatelink)
options:
  days:
    description: How many days to look back, 1 to 730. A workspace returns no records that are older than its retention, often 30 days.
    type: int
    default: 30
extends_documentation_fragment:
  - privatelink.azure.identity.vault
  - privatelink.azure.azure
  - privatelink.azure.attributes
  - privatelink.azure.attributes.info
notes:
  - The workspace is asked through Azure Resource Manager, with the same token as everything else. It requires
    C(Microsoft.OperationalInsights/workspaces/query/read) and C(Microsoft.OperationalInsights/workspaces/query/*/read) on the workspace
    (role Log Analytics Reader), and C(Microsoft.Insights/diagnosticSettings/read) and C(Microsoft.KeyVault/vaults/read) on the vault.
  - Records appear some minutes after the requests. Callers that come less often than every O(days) days are not found.
  - A caller is V(private_endpoint) only if the record says so. Azure documents that the log has a type of address (public IP, subnet,
    private connection), but not how it is spelled; a private address whose record has no known type is V(unknown).
seealso:
  - module: privatelink.azure.keyvault_public_network_access
  - module: privatelink.azure.diagnostic_setting
"""

EXAMPLES = r"""
- name: Look up who called a vault in the last 60 days
  privatelink.azure.keyvault_callers_info:
    resource_group: payments
    vault_name: payments-vault
    days: 60
  register: log

- name: Show who would be locked out
  ansible.builtin.debug:
    msg: "{{ log.public_callers if log.known else log.reason }}"
"""

RETURN = r"""
id:
  description: ID of the vault.
  type: str
  returned: success
  sample: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault
exists:
  description: Whether the vault exists.
  type: bool
  returned: success
known:
  description: Whether the log could be read completely and has records of the vault.
  type: bool
  returned: success
reason:
  description: Why the callers are not known, and what to do. Empty if they are known.
  type: str
  returned: success
  sample: >-
    No diagnostic setting of the vault sends its audit log to a Log Analytics workspace. A diagnostic setting has to send the audit log to
    a Log Analytics workspace for as many days; the task in the result creates one.
task:
  description: A task that makes the vault send its audit log to a workspace, ready to paste after setting the workspace's ID. Null if a
    setting already does.
  type: dict
  returned: success
days:
  description: Number of days that were asked for.
  type: int
  returned: success
  sample: 30
recorded_since:
  description: Time of the first record of the vault in these days, in UTC. Before that nothing is known. Null if there is no record.
  type: str
  returned: success
  sample: "2026-10-28T06:12:44.1234567Z"
workspace_id:
  description: ID of the workspace that was asked. Null if there is none.
  type: str
  returned: success
callers:
  description: The callers, those without a private way first, then by the number of requests.
  type: list
  elements: dict
  returned: success
  contains:
    address:
      description: IP address of the caller as the vault saw it.
      type: str
      sample: 203.0.113.7
    identity:
      description: User principal name, application ID or object ID, the first that the log has. Empty if it has none.
      type: str
    object_id:
      description: Object ID of the identity. Empty if the log has none.
      type: str
    application_id:
      description: Application (client) ID. Empty if the log has none.
      type: str
    kind:
      description: How it came in, V(public), V(unknown), V(service_endpoint), V(trusted_service) or V(private_endpoint).
      type: str
      sample: public
    requests:
      description: Number of requests.
      type: int
    first_seen:
      description: Time of the first request, in UTC.
      type: str
    last_seen:
      description: Time of the last request, in UTC.
      type: str
    operations:
      description: Names of its operations.
      type: list
      elements: str
      sample: [SecretGet]
public_callers:
  description: Those of RV(callers) that lose access when public access is disabled, which are all except V(private_endpoint), and
    V(trusted_service) if the vault's firewall lets these bypass it.
  type: list
  elements: dict
  returned: success
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._identity import ABOUT_VAULT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.callers import OPTIONS, read

MODULE = Module(
    options=OPTIONS,
    read=read,
    identity=ABOUT_VAULT,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
