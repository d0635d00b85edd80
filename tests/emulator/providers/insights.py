# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft.Insights: diagnostic settings, stored and checked; what vaults send, log_analytics records.

Recorded by azure-cli (test_monitor_diagnostic_settings_resource_id): always 200, the id in lower case, null for what is not set.
"""

from __future__ import annotations

from emulator import ids
from emulator.errors import ArmError, Json, bad_request, not_served
from emulator.providers.common import listed, paged
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Insights/diagnosticSettings"
SINKS = ("storageAccountId", "serviceBusRuleId", "workspaceId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
CATEGORIES = {
    "microsoft.keyvault/vaults": {
        "logs": ("AuditEvent", "AzurePolicyEvaluationDetails"),
        "metrics": ("AllMetrics",),
        "groups": ("audit", "allLogs"),
    }
}


def _put(call: Call) -> Reply:
    sent = call.properties()
    if not any(sent.get(each) for each in SINKS):
        # unrecorded: code and text
        raise bad_request("BadRequest", "At least one data sink needs to be specified.")
    properties: Json = {each: sent.get(each) or None for each in (*SINKS[:4], "eventHubName")}
    properties |= {"metrics": [_entry(call, each, "metrics") for each in sent.get("metrics") or []]}
    properties |= {"logs": [_entry(call, each, "logs") for each in sent.get("logs") or []]}
    properties["logAnalyticsDestinationType"] = sent.get("logAnalyticsDestinationType") or None
    if sent.get("marketplacePartnerId"):
        properties["marketplacePartnerId"] = sent["marketplacePartnerId"]
    _check_sinks(call, properties)
    document: Json = {
        "id": f"/{call.parameters['scope']}/providers/microsoft.insights".lower() + f"/diagnosticSettings/{call.name}",
        "type": TYPE,
        "name": call.name,
    }
    document |= {"location": None, "kind": None, "tags": None, "properties": properties, "identity": None}
    return Reply(200, call.emulator.store.put(call.id, document).document)


def _entry(call: Call, entry: Json, kind: str) -> Json:
    """An entry of a list as Azure gives it back; categories are checked where they are known."""
    category, group = entry.get("category") or None, entry.get("categoryGroup") or None
    if not isinstance(entry.get("enabled"), bool):
        raise bad_request("BadRequest", f"Required property 'enabled' not found in JSON. Path 'properties.{kind}'.")  # unrecorded
    parsed = ids.parse(f"/{call.parameters['scope']}")
    known = CATEGORIES.get(parsed.type) if parsed else None
    if known and category and category not in known[kind]:
        raise bad_request("BadRequest", f"Category '{category}' is not supported.")  # second-hand: the text
    if known and group and group not in known["groups"]:
        raise bad_request("BadRequest", f"Category group '{group}' is not supported.")  # unrecorded
    if bool(category) == bool(group):
        raise bad_request("BadRequest", "Either a category or a category group has to be specified.")  # unrecorded
    shown = {"category": category, **({"categoryGroup": group} if kind == "logs" else {}), "enabled": entry["enabled"]}
    return {**shown, "retentionPolicy": entry.get("retentionPolicy") or {"enabled": False, "days": 0}}


def _check_sinks(call: Call, properties: Json) -> None:
    """One place takes a category of a resource once; second-hand: the text."""
    for other in call.emulator.store.children(call.id.rpartition("/")[0]):
        if ids.same(other.id, call.id):
            continue
        for sink in SINKS:
            shared = _switched_on(properties) & _switched_on(other.properties)
            if shared and ids.same(properties.get(sink), other.properties.get(sink)):
                message = (
                    f"Data sink '{properties[sink]}' is already used in diagnostic setting "
                    f"'{other.name}' for category '{min(shared)}'. Data sinks can't be "
                    f"reused in different settings on the same category for the same resource."
                )
                raise ArmError(409, "Conflict", message)


def _switched_on(properties: Json) -> set[str]:
    entries = [*properties.get("logs", []), *properties.get("metrics", [])]
    return {str(each.get("category") or each.get("categoryGroup")) for each in entries if each["enabled"]}


def _get(call: Call) -> Reply:
    found = call.emulator.store.get(call.id)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The diagnostic setting '{call.name}' doesn't exist.")  # unrecorded
    return Reply(200, found.document)


def _list(call: Call) -> Reply:
    return listed(call, call.emulator.store.children(call.id), lambda record: record.document)


def _delete(call: Call) -> Reply:
    return Reply(200 if call.emulator.store.delete(call.id) else 204)


# Categories


def _categories(call: Call) -> list[Json]:
    """What a type of resource can send; of a type that is not known here, Azure may know some (recorded for vaults: the members)."""
    scope = f"/{call.parameters['scope']}"
    parsed = ids.parse(scope)
    known = CATEGORIES.get(parsed.type) if parsed else None
    if known is None:
        raise not_served(f"diagnostic categories of '{scope}'")
    shown = []
    for kind, name in (("logs", "Logs"), ("metrics", "Metrics")):
        for category in known[kind]:
            groups = [each for each in known["groups"] if kind == "logs" and (each != "audit" or category == "AuditEvent")]
            shown.append(
                {
                    "id": f"{scope}/providers/microsoft.insights/diagnosticSettingsCategories/{category}",
                    "type": "microsoft.insights/diagnosticSettingsCategories",
                    "name": category,
                    **dict.fromkeys(("location", "kind", "tags", "identity")),
                    "properties": {"categoryType": name, "categoryGroups": groups},
                }
            )
    return shown


def _category_list(call: Call) -> Reply:
    return paged(call, _categories(call), lambda each: each)


def _category_get(call: Call) -> Reply:
    found = next((each for each in _categories(call) if ids.same(each["name"], call.name)), None)
    if found is None:  # unrecorded: code and text
        raise ArmError(404, "ResourceNotFound", f"The diagnostic settings category '{call.name}' doesn't exist.")
    return Reply(200, found)


_P = f"/{{scope}}/providers/{TYPE}"
_C = f"/{{scope}}/providers/{TYPE}Categories"

ROUTES = [
    route("GET", _P, _list),
    route("PUT", _P + "/{setting}", _put),
    route("GET", _P + "/{setting}", _get),
    route("DELETE", _P + "/{setting}", _delete),
    route("GET", _C, _category_list),
    route("GET", _C + "/{category}", _category_get),
]
