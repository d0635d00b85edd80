# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft.OperationalInsights: workspaces, what diagnostic settings of vaults send to them, and queries of it through ARM.

The query is computed from the recorded rows, see ``emulator.kql``. Sources: the specification of operationalinsights 2017-10-01 (the
operation), Azure Monitor's pages on errors and the response format (204 without data, shapes), its references of the two tables.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from emulator import ids, kql
from emulator.errors import ArmError, Json, resource_not_found
from emulator.providers.common import collection, listed, location_of, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

if TYPE_CHECKING:
    from emulator.core import Emulator

TYPE = "Microsoft.OperationalInsights/workspaces"
SETTINGS = "Microsoft.Insights/diagnosticSettings"
DEDICATED, SHARED = "AZKVAuditLogs", "AzureDiagnostics"
# Of the tables' references, as far as a record here fills them; the shared table has its other columns from its records.
_COLUMNS: dict[str, dict[str, str]] = {
    DEDICATED: {
        "TimeGenerated": "datetime",
        "_ResourceId": "string",
        "OperationName": "string",
        "ResultSignature": "string",
        "HttpStatusCode": "int",
        "CallerIpAddress": "string",
        "Identity": "dynamic",
        "IsAddressAuthorized": "bool",
        "AddressAuthorizationType": "string",
        "SubnetId": "string",
        "TrustedService": "string",
        "RequestUri": "string",
        "Type": "string",
    },
    SHARED: {
        "TimeGenerated": "datetime",
        "_ResourceId": "string",
        "ResourceId": "string",
        "Category": "string",
        "OperationName": "string",
        "ResultSignature": "string",
        "CallerIPAddress": "string",
        "Type": "string",
    },
}
_SUFFIXES = {"_s": "string", "_g": "string", "_d": "real", "_b": "bool"}
_CLAIM = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def _put(call: Call) -> Reply:
    location, name = location_of(call), call.parameters["workspace"]
    existing = call.emulator.store.get(call.id)
    sent = call.properties()
    now = call.emulator.clock.text(digits=7)
    kept = existing.properties if existing else {"customerId": str(uuid.uuid4()), "createdDate": now}
    properties: Json = {
        "customerId": kept["customerId"],
        "provisioningState": "Succeeded",
        "sku": {"name": str((sent.get("sku") or {}).get("name", "pergb2018")).lower()},
        "retentionInDays": sent.get("retentionInDays", 30),
        "publicNetworkAccessForIngestion": sent.get("publicNetworkAccessForIngestion", "Enabled"),
        "publicNetworkAccessForQuery": sent.get("publicNetworkAccessForQuery", "Enabled"),
        "createdDate": kept["createdDate"],
        "modifiedDate": now,
    }
    document: Json = {"id": call.id, "name": name, "type": TYPE, "location": location, **tags_of(call.document()), "properties": properties}
    return Reply(200 if existing else 201, call.emulator.store.put(call.id, document).document)


def _workspace(call: Call) -> Record:
    place = f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['workspace']}"
    found = call.emulator.store.get(place)
    if found is None:
        raise resource_not_found(f"{TYPE}/{call.parameters['workspace']}", call.group)
    return found


def _get(call: Call) -> Reply:
    return Reply(200, _workspace(call).document)


def _list(call: Call) -> Reply:
    return listed(call, collection(call, TYPE), lambda record: record.document)


def _delete(call: Call) -> Reply:
    return Reply(200 if call.emulator.store.delete(call.id) else 204)


# Queries


def _query(call: Call) -> Reply:
    workspace, clock = _workspace(call), call.emulator.clock
    oldest = clock.text(digits=7, moment=clock.now() - workspace.properties["retentionInDays"] * 86400)
    rows: list[Json] = [each for each in workspace.hidden.get("rows", []) if each["TimeGenerated"] > oldest]
    query = call.document().get("query")
    if not isinstance(query, str) or set(call.document()) - {"query"}:
        raise _refused("BadArgumentError", "SyntaxError", "SYN0002", "Only a body with nothing but a query is served.")
    if not rows:
        return Reply(204)
    tables = {name: _table(name, [each for each in rows if each["Type"] == name]) for name in sorted({each["Type"] for each in rows})}
    try:
        found = kql.run(query, tables, clock.now(), lambda moment: clock.text(digits=7, moment=moment))
    except kql.KqlError as problem:
        raise _refused("BadArgumentError", problem.kind, problem.code, str(problem)) from None
    columns = [{"name": name, "type": kind} for name, kind in found.columns.items()]
    values = [[row.get(name) for name in found.columns] for row in found.rows]
    return Reply(200, {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": values}]})


def _table(name: str, rows: list[Json]) -> kql.Table:
    columns = dict(_COLUMNS.get(name, {}))
    for row in rows:
        columns |= {each: _SUFFIXES.get(each[-2:], "string") for each in row if each not in columns}
    return kql.Table(columns, rows)


def _refused(code: str, kind: str, inner: str, message: str) -> ArmError:
    """Azure's shape: the reason is in the innermost error."""
    told = {"SemanticError": "A semantic error occurred.", "SyntaxError": "A syntax error has occurred."}[kind]
    deepest = {"code": inner, "message": message}
    extra = {"innererror": {"code": kind, "message": told, "innererror": deepest}}
    return ArmError(400, code, "The request had some invalid properties", extra=extra)


# What comes in


def add(emulator: Emulator, workspace: str, rows: list[Json]) -> int:
    """Store rows of tables as they are; each has ``Type``, the table's name, and without a time gets the current one."""
    record = emulator.store.get(workspace)
    if record is None or ids.parse(workspace) is None:
        raise ArmError(404, "ResourceNotFound", f"There is no workspace '{workspace}'.")
    now = emulator.clock.text(digits=7)
    kept: list[Json] = record.hidden.setdefault("rows", [])
    kept += [{"TimeGenerated": now, **row} for row in rows]
    return len(kept)


def record_call(emulator: Emulator, vault: Record, call: Json) -> None:
    """Send a call at a vault's door to the workspaces of its diagnostic settings.

    call: ``operation``, ``status``, ``authorized`` by the gates, ``address``, ``claims``, ``how``, ``trusted``, ``subnet``, ``endpoint``,
    ``uri``, empty where there is none. second-hand: the words of how but that of a private endpoint (public queries); unrecorded: that one.
    """
    for setting in emulator.store.children(f"{vault.id}/providers/{SETTINGS}"):
        workspace = emulator.store.get(setting.properties.get("workspaceId"))
        if workspace and any(_audits(entry) for entry in setting.properties.get("logs", [])):
            dedicated = str(setting.properties.get("logAnalyticsDestinationType") or "").lower() == "dedicated"
            add(emulator, workspace.id, [_dedicated(vault, call) if dedicated else _shared(vault, call)])


def _audits(entry: Json) -> bool:
    return bool(entry["enabled"]) and (entry.get("category") == "AuditEvent" or entry.get("categoryGroup") in ("audit", "allLogs"))


def _dedicated(vault: Record, call: Json) -> Json:
    claims = call["claims"]
    claim = {_CLAIM: claims["oid"], "appid": claims["appid"]} if claims else {}
    return {
        "Type": DEDICATED,
        "_ResourceId": vault.id.lower(),
        "OperationName": call["operation"],
        "ResultSignature": _signature(call["status"]),
        "HttpStatusCode": call["status"],
        "CallerIpAddress": call["address"],
        "Identity": {"claim": claim},
        "IsAddressAuthorized": call["authorized"],
        "AddressAuthorizationType": call["how"],
        "SubnetId": call["subnet"],
        "TrustedService": call["trusted"],
        "RequestUri": call["uri"],
    }


def _shared(vault: Record, call: Json) -> Json:
    claims = call["claims"]
    flat: dict[str, Any] = {
        "httpStatusCode_d": float(call["status"]),
        "requestUri_s": call["uri"],
        "isAddressAuthorized_b": call["authorized"],
        "addrAuthType_s": call["how"],
        "subnetId_s": call["subnet"],
        "privateEndpointId_s": call["endpoint"],
        "trustedService_s": call["trusted"],
        "identity_claim_oid_g": claims.get("oid", ""),
        "identity_claim_appid_g": claims.get("appid", ""),
    }
    return {
        "Type": SHARED,
        "_ResourceId": vault.id.lower(),
        "ResourceId": vault.id.upper(),
        "Category": "AuditEvent",
        "OperationName": call["operation"],
        "ResultSignature": _signature(call["status"]),
        "CallerIPAddress": call["address"],
        **{name: value for name, value in flat.items() if value != ""},
    }


def _signature(status: int) -> str:
    return {200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}.get(status, str(status))


_OBJECTS = {"secrets": "Secret", "keys": "Key", "certificates": "Certificate"}
_VERBS = {"GET": "Get", "PUT": "Set", "DELETE": "Delete", "PATCH": "Update", "POST": "Create"}


def operation_of(method: str, path: str, status: int) -> str:
    """The name of an operation in the log: ``SecretGet`` for ``GET /secrets/name``; who brings no token is to authenticate."""
    parts = [each for each in path.strip("/").split("/") if each]
    kind = _OBJECTS.get(parts[0].lower()) if parts else None
    if status == 401 or kind is None:
        return "Authentication"
    return f"{kind}List" if method == "GET" and len(parts) == 1 else f"{kind}{_VERBS.get(method, method.title())}"


_S = "/subscriptions/{subscription}"
_W = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"
_ONE = _W + "/{workspace}"

ROUTES = [
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _W, _list),
    route("PUT", _ONE, _put),
    route("GET", _ONE, _get),
    route("DELETE", _ONE, _delete),
    route("POST", _ONE + "/query", _query, f"{TYPE}/query/read"),
]
