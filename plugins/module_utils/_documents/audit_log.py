# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log of a vault in a Log Analytics workspace: what is asked, and the rows of the answer. Pure.

Two tables hold the log, by the destination type of the diagnostic setting that sent it, which may have changed: both are asked. Sources:
Azure Monitor's references of the tables AZKVAuditLogs and AzureDiagnostics, and Key Vault's page on logging, for the names and claims
below without column_ifexists. The columns of AzureDiagnostics whose names end in a type appear with the first record that has a value. Of
them, httpStatusCode_d and identity_claim_appid_g are in Azure's page on the former Key Vault solution; the others follow the rule by which
the table names its columns, and public queries use them. They decide nothing where they are missing.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from .._errors import echoed
from .compare import Document, at

_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_FLAT_OBJECT_ID = "identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g"
_FLAT_NAME = "identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s"
_DEDICATED = {
    "Time": "TimeGenerated",
    "Operation": "OperationName",
    "Status": "toint(HttpStatusCode)",
    "Address": "CallerIpAddress",
    "ObjectId": f'coalesce(tostring(Identity.claim["{_OBJECT_ID}"]), tostring(Identity.claim.oid))',
    "ApplicationId": "tostring(Identity.claim.appid)",
    "Name": f'coalesce(tostring(Identity.claim["{_NAME}"]), tostring(Identity.claim.upn))',
    "How": "AddressAuthorizationType",
    "Subnet": "SubnetId",
    "Endpoint": '""',
    "Trusted": "TrustedService",
}
_SHARED = {
    "Time": "TimeGenerated",
    "Operation": "OperationName",
    "Status": 'toint(column_ifexists("httpStatusCode_d", 0))',
    "Address": "CallerIPAddress",
    "ObjectId": f'coalesce(tostring(column_ifexists("{_FLAT_OBJECT_ID}", "")), tostring(column_ifexists("identity_claim_oid_g", "")))',
    "ApplicationId": 'tostring(column_ifexists("identity_claim_appid_g", ""))',
    "Name": f'coalesce(tostring(column_ifexists("{_FLAT_NAME}", "")), tostring(column_ifexists("identity_claim_upn_s", "")))',
    "How": 'tostring(column_ifexists("addrAuthType_s", ""))',
    "Subnet": 'tostring(column_ifexists("subnetId_s", ""))',
    "Endpoint": 'tostring(column_ifexists("privateEndpointId_s", ""))',
    "Trusted": 'tostring(column_ifexists("trustedService_s", ""))',
}
_KEYS = ("Operation", "Status", "Address", "ObjectId", "ApplicationId", "Name", "How", "Subnet", "Endpoint", "Trusted")


def query_of(vault_id: str, days: int) -> str:
    """Return the query for all records of a vault of the last days, counted by caller, way in, operation and HTTP status."""
    return (
        "union isfuzzy=true\n"
        f"({_table('AZKVAuditLogs', vault_id, days, _DEDICATED)}),\n"
        f"({_table('AzureDiagnostics', vault_id, days, _SHARED)})\n"
        f"| summarize Requests = count(), First = min(Time), Last = max(Time) by {', '.join(_KEYS)}"
    )


def _table(name: str, vault_id: str, days: int, columns: t.Mapping[str, str]) -> str:
    own = ' and Category == "AuditEvent"' if name == "AzureDiagnostics" else ""
    return (
        f"{name}\n| where TimeGenerated > ago({days}d) and _ResourceId =~ {json.dumps(vault_id, ensure_ascii=False)}{own}\n"
        f"| project {', '.join(f'{name} = {value}' for name, value in columns.items())}"
    )


@dataclasses.dataclass(frozen=True)
class Row:
    """Requests of one caller with one operation and one outcome. status: of HTTP, 0 where it is not known. first, last: UTC, ISO 8601."""

    requests: int
    first: str
    last: str
    operation: str = ""
    status: int = 0
    address: str = ""
    object_id: str = ""
    application_id: str = ""
    name: str = ""
    how: str = ""
    subnet: str = ""
    endpoint: str = ""
    trusted: str = ""


def rows_of(answer: Document) -> list[Row]:
    """Return the rows of an answer to the query; ValueError where it is not one.

    Source: Azure Monitor's page on the response format: tables with columns by name, and rows as lists of values.
    """
    tables = at(answer, "tables")
    table = tables[0] if isinstance(tables, list) and tables else None
    columns, rows = at(table, "columns"), at(table, "rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise ValueError("the answer holds no table")
    names = [str(at(column, "name")) for column in columns]
    missing = [name for name in (*_KEYS, "Requests", "First", "Last") if name not in names]
    if missing:
        raise ValueError(f"the answer has no column {missing[0]}")
    if any(not isinstance(values, list) or len(values) != len(names) for values in rows):
        raise ValueError("a row of the answer does not fit its columns")
    return [_row(dict(zip(names, values, strict=True))) for values in rows]


def _row(values: Document) -> Row:
    texts = {key: str(values[key] or "") for key in (*_KEYS, "First", "Last")}
    return Row(
        requests=_number(values["Requests"]),
        first=texts["First"],
        last=texts["Last"],
        operation=texts["Operation"],
        status=_number(values["Status"]),
        address=texts["Address"],
        object_id=texts["ObjectId"],
        application_id=texts["ApplicationId"],
        name=texts["Name"],
        how=texts["How"],
        subnet=texts["Subnet"],
        endpoint=texts["Endpoint"],
        trusted=texts["Trusted"],
    )


def _number(value: t.Any) -> int:
    """Return a number of the answer, 0 where there is none; ValueError where it is something else."""
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"'{echoed(value)}' is no number") from None


def has_no_table(answer: Document) -> bool:
    """Return whether an error says that the workspace has neither table: Kusto's semantic error about a name that it cannot resolve."""
    error, text = at(answer, "error"), ""
    while isinstance(error, dict):
        text, error = f"{text} {error.get('code')} {error.get('message')}", error.get("innererror")
    return "SEM0100" in text or "Failed to resolve table" in text
