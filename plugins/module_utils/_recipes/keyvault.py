# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a key vault."""

from __future__ import annotations

import typing as t

from .._documents.firewall import NETWORK_RULES, ip_rules, network_rules
from .._documents.ids import SUBNET, VAULT
from .._errors import OptionError
from .._identity import Level, Nested
from .._options import STATE, TAGS, Spec
from .._resources.keyvault import KeyVault
from .._spelling import VAULT as SPELLING
from .._values import guid, location, resource_id

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = Nested((Level(VAULT, "name", "id"),))


OPTIONS: Spec = {
    "location": {"type": "str"},
    "vault_tenant": {"type": "str"},
    "sku": {"type": "str", "choices": ["standard", "premium"]},
    "enable_rbac_authorization": {"type": "bool"},
    "enable_purge_protection": {"type": "bool"},
    "soft_delete_retention_in_days": {"type": "int"},
    "public_network_access": {"type": "str", "choices": ["Enabled", "Disabled", "SecuredByPerimeter"]},
    "leave_perimeter": {"type": "bool", "default": False},
    "network_acls": {
        "type": "dict",
        "options": {
            "default_action": {"type": "str", "choices": ["Allow", "Deny"]},
            "bypass": {"type": "str", "choices": ["AzureServices", "None"]},
            "ip_rules": {"type": "list", "elements": "str"},
            "virtual_network_rules": {
                "type": "list",
                "elements": "dict",
                "options": {"id": {"type": "str", "required": True}, "ignore_missing": {"type": "bool"}},
            },
        },
    },
    "enabled_for_deployment": {"type": "bool"},
    "enabled_for_disk_encryption": {"type": "bool"},
    "enabled_for_template_deployment": {"type": "bool"},
    "recover": {"type": "bool", "default": False, "aliases": ["recover_mode"]},
    "purge": {"type": "bool", "default": False},
    **TAGS,
    **STATE,
}


def resources(task: Task) -> list[KeyVault]:
    """Map the options to the resource."""
    vault = IDENTITY.of(task)
    if task.absent:
        return [KeyVault(vault, None, purge=task["purge"], region=location(task["location"]), spelling=SPELLING)]
    if task["purge"]:
        raise OptionError("purge", "is only valid with state: absent; leave it out to keep the vault.")
    retention = task["soft_delete_retention_in_days"]
    if retention is not None and not 7 <= retention <= 90:
        raise OptionError(
            "soft_delete_retention_in_days", f"{retention} is outside the 7 to 90 days that Azure allows; choose a number between them."
        )
    properties = {
        "tenantId": guid(task["vault_tenant"], "vault_tenant", "the ID of a tenant") if task["vault_tenant"] else None,
        "sku": {"family": "A", "name": task["sku"]} if task["sku"] else None,
        "enableRbacAuthorization": task["enable_rbac_authorization"],
        "enablePurgeProtection": task["enable_purge_protection"],
        "softDeleteRetentionInDays": retention,
        "publicNetworkAccess": task["public_network_access"],
        "networkAcls": _acls(task["network_acls"]),
        "enabledForDeployment": task["enabled_for_deployment"],
        "enabledForDiskEncryption": task["enabled_for_disk_encryption"],
        "enabledForTemplateDeployment": task["enabled_for_template_deployment"],
    }
    tenant = task["vault_tenant"] or task.world.tenant_id
    switches = {"recover": task["recover"], "leave_perimeter": task["leave_perimeter"]}
    keywords = {"tenant": tenant, "spelling": SPELLING, **switches, **task.tagging}
    return [KeyVault(vault, {"location": location(task["location"]), "properties": properties}, **keywords)]


def _acls(acls: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    if acls is None:
        return None
    addresses, subnets = acls.get("ip_rules"), acls.get("virtual_network_rules")
    return {
        "defaultAction": acls.get("default_action"),
        "bypass": acls.get("bypass"),
        "ipRules": None if addresses is None else ip_rules(addresses),
        "virtualNetworkRules": None if subnets is None else network_rules(_subnet_rule(item) for item in subnets),
    }


def _subnet_rule(rule: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    subnet = resource_id(rule["id"], f"{NETWORK_RULES}.id", SUBNET)
    return {"id": str(subnet), "ignoreMissingVnetServiceEndpoint": rule.get("ignore_missing")}
