# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a diagnostic setting."""

from __future__ import annotations

import typing as t

from .._documents.ids import DIAGNOSTIC_SETTING, ResourceId
from .._errors import OptionError
from .._identity import OnScope
from .._options import STATE, Spec
from .._resources.diagnostic_setting import DiagnosticSetting
from .._values import emptied, plain_name, resource_group_name, resource_id, scope, subscription

if t.TYPE_CHECKING:
    from .._module import Task

_RULE = "Microsoft.EventHub/namespaces/authorizationRules"


IDENTITY = OnScope(DIAGNOSTIC_SETTING, "resource")


OPTIONS: Spec = {
    "log_analytics": {"type": "str"},
    "log_analytics_destination_type": {"type": "str", "choices": ["AzureDiagnostics", "Dedicated"]},
    "storage_account": {"type": "str"},
    "event_hub": {
        "type": "dict",
        "options": {
            "namespace": {"type": "str", "required": True},
            "policy": {"type": "str", "required": True},
            "hub": {"type": "str"},
            "resource_group": {"type": "str"},
            "subscription_id": {"type": "str"},
        },
    },
    "marketplace_partner": {"type": "str"},
    "logs": {
        "type": "list",
        "elements": "dict",
        "options": {"category": {"type": "str"}, "category_group": {"type": "str"}, "enabled": {"type": "bool", "default": True}},
    },
    "metrics": {
        "type": "list",
        "elements": "dict",
        "options": {"category": {"type": "str", "required": True}, "enabled": {"type": "bool", "default": True}},
    },
    **STATE,
}


def resources(task: Task) -> list[DiagnosticSetting]:
    """Map the options to the resource."""
    place, name = IDENTITY.of(task)
    partner = emptied(task["marketplace_partner"])
    properties = {
        "workspaceId": _id(task, "log_analytics", "Microsoft.OperationalInsights/workspaces"),
        "logAnalyticsDestinationType": task["log_analytics_destination_type"],
        "storageAccountId": _id(task, "storage_account", "Microsoft.Storage/storageAccounts"),
        "marketplacePartnerId": str(scope(partner, "marketplace_partner")) if partner else partner,
        **_event_hub(task["event_hub"], place),
        "logs": _logs(task["logs"]),
        "metrics": task["metrics"],
    }
    if not task.absent:
        if not any(properties[name] for name in ("workspaceId", "storageAccountId", "marketplacePartnerId", "eventHubAuthorizationRuleId")):
            raise OptionError(
                "log_analytics", "no destination is set; set log_analytics, storage_account, event_hub or marketplace_partner."
            )
        if not any(entry["enabled"] for name in ("logs", "metrics") for entry in task[name] or []):
            raise OptionError("logs", "nothing is enabled; set at least one category in logs or metrics, or set state: absent.")
    setting = place.extension(DiagnosticSetting.type, str(name))
    return [DiagnosticSetting(setting, None if task.absent else {"properties": properties})]


def _id(task: Task, option: str, kind: str) -> str | None:
    value = emptied(task[option])
    return str(resource_id(value, option, kind)) if value else value


def _event_hub(hub: dict[str, t.Any] | None, place: ResourceId) -> dict[str, str | None]:
    if hub is None:
        return {"eventHubAuthorizationRuleId": None, "eventHubName": None}
    group = resource_group_name(hub["resource_group"] or place.resource_group or "", "event_hub")
    home = subscription(hub["subscription_id"], "event_hub.subscription_id") if hub["subscription_id"] else place.subscription
    names = [plain_name(hub[part], "part of an event hub's ID", f"event_hub.{part}") for part in ("namespace", "policy")]
    rule = ResourceId(home, group, _RULE, tuple(names))
    return {"eventHubAuthorizationRuleId": str(rule), "eventHubName": hub["hub"]}


def _logs(logs: list[dict[str, t.Any]] | None) -> list[dict[str, t.Any]] | None:
    if logs is None:
        return None
    if any(bool(entry["category"]) == bool(entry["category_group"]) for entry in logs):
        raise OptionError("logs", "an entry has either category or category_group; set one of them.")
    return [{"category": entry["category"], "categoryGroup": entry["category_group"], "enabled": entry["enabled"]} for entry in logs]
