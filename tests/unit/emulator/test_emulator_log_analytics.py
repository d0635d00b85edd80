# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log Analytics: what reaches a vault's door is recorded where a diagnostic setting sends it, and queries are computed from the records."""

from __future__ import annotations

from typing import Any

import pytest
from unit.emulator.test_emulator_tool import door

from emulator import settings
from emulator.client import Client

VERSION = "2017-10-01"
READER: dict[str, Any] = {"client_id": "c0000000-0000-4000-8000-000000000009", "object_id": "c0000000-0000-4000-8000-000000000008"}


@pytest.fixture
def workspace(arm: Client) -> str:
    """A workspace to which the audit log of the vault kv-one goes."""
    for namespace in ("OperationalInsights", "Insights"):
        arm.call("POST", f"{arm.subscription}/providers/Microsoft.{namespace}/register", version="2022-09-01")
    place = f"{arm.rg}/providers/Microsoft.OperationalInsights/workspaces/logs"
    arm.do("PUT", place, {"location": "westeurope", "properties": {"retentionInDays": 60}}, version="2023-09-01")
    return place


def send(arm: Client, vault: str, workspace: str, destination: str | None = None, **entry: Any) -> None:
    logs = [{"categoryGroup": "audit", "enabled": True, **entry}]
    properties = {"workspaceId": workspace, "logs": logs, "logAnalyticsDestinationType": destination}
    setting = f"{vault}/providers/Microsoft.Insights/diagnosticSettings/audit"
    arm.do("PUT", setting, {"properties": properties}, version="2021-05-01-preview")


def rows(arm: Client, workspace: str, query: str) -> list[dict[str, Any]]:
    answer = arm.call("POST", f"{workspace}/query", {"query": query}, version=VERSION)
    assert answer.status_code == 200, answer.text
    table = answer.json()["tables"][0]
    return [dict(zip((each["name"] for each in table["columns"]), values, strict=True)) for values in table["rows"]]


def refusal(arm: Client, workspace: str, query: str) -> tuple[str, str, str]:
    answer = arm.call("POST", f"{workspace}/query", {"query": query}, version=VERSION)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "BadArgumentError"), answer.text
    inner = error["innererror"]
    return inner["code"], inner["innererror"]["code"], inner["innererror"]["message"]


def test_a_workspace_is_kept_and_goes(arm: Client, workspace: str) -> None:
    made = arm.get(workspace, version="2023-09-01")
    assert made["properties"]["retentionInDays"] == 60 and made["properties"]["customerId"]
    again = arm.do("PUT", workspace, {"location": "westeurope"}, version="2023-09-01")
    assert again["properties"]["customerId"] == made["properties"]["customerId"]
    assert [each["name"] for each in arm.get(workspace.rpartition("/")[0], version="2023-09-01")["value"]] == ["logs"]
    assert arm.call("POST", f"{workspace}/query", {"query": "AzureDiagnostics"}, version=VERSION).status_code == 204
    arm.do("DELETE", workspace, version="2023-09-01")
    assert arm.call("POST", f"{workspace}/query", {"query": "AzureDiagnostics"}, version=VERSION).status_code == 404


@pytest.mark.parametrize(
    ("destination", "table", "status", "address", "how", "claim"),
    [
        ("Dedicated", "AZKVAuditLogs", "HttpStatusCode", "CallerIpAddress", "AddressAuthorizationType", "tostring(Identity.claim.appid)"),
        (None, "AzureDiagnostics", "httpStatusCode_d", "CallerIPAddress", "addrAuthType_s", "identity_claim_appid_g"),
    ],
)
def test_what_reaches_the_door_is_recorded_where_it_is_sent(
    arm: Client, workspace: str, destination: str | None, table: str, status: str, address: str, how: str, claim: str
) -> None:
    vault, (network, subnet) = arm.vault(), arm.network()
    token = {"Authorization": f"Bearer {arm.sign_in(scope='https://vault.azure.net/.default')}"}
    definition = f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483"
    role = {"roleDefinitionId": definition, "principalId": settings.OBJECT, "principalType": "ServicePrincipal"}
    place = f"{vault}/providers/Microsoft.Authorization/roleAssignments/b0000000-0000-4000-8000-000000000001"
    arm.do("PUT", place, {"properties": role}, version="2022-04-01")
    door(arm, "kv-one.vault.azure.net", "/secrets/early", token)  # nobody listens yet
    send(arm, vault, workspace, destination)
    door(arm, "kv-one.vault.azure.net", "/healthstatus")
    door(arm, "kv-one.vault.azure.net", "/secrets/s")
    for _unused in range(2):
        door(arm, "kv-one.vault.azure.net", "/secrets/s?api-version=7.4", {**token, "x-emulator-address": "192.0.2.7"})
    keys = door(arm, "kv-one.vault.azure.net", "/keys", {**token, "x-emulator-trusted-service": "Azure Backup"})[0]
    arm.endpoint(subnet, vault)
    inside = arm.control("GET", "doors")["networks"][network.lower()]
    certificate = door(arm, "kv-one.vault.azure.net", "/certificates/c", token, port=inside)[0]
    assert not {keys, certificate} & {401, 403}
    arm.vault(publicNetworkAccess="Disabled")
    door(arm, "kv-one.vault.azure.net", "/secrets/s?api-version=7.4", {**token, "x-emulator-address": "192.0.2.7"})
    query = (
        f'{table} | where _ResourceId =~ "{vault.upper()}" and TimeGenerated > ago(1h)'
        f" | project Operation = OperationName, Status = toint({status}), Address = {address}, How = {how}, App = {claim}"
        " | summarize Requests = count() by Operation, Status, Address, How, App"
    )
    application = arm.facts["client_id"]
    found = {tuple(row.values()) for row in rows(arm, workspace, query)}
    public = next(row[2] for row in found if row[0] == "Authentication")
    assert found == {
        ("Authentication", 401, public, "PublicIP", "", 1),
        ("SecretGet", 404, "192.0.2.7", "PublicIP", application, 2),
        ("KeyList", keys, public, "TrustedService", application, 1),
        ("CertificateGet", certificate, "10.0.0.4", "PrivateEndpoint", application, 1),
        ("SecretGet", 403, "192.0.2.7", "PublicIP", application, 1),
    }
    assert rows(arm, workspace, f'{table} | where _ResourceId =~ "{vault}-two" | count') == [{"Count": 0}]
    arm.control("PUT", "clock", {"advance": 7200})
    arm = Client(arm.facts)  # the token is over
    assert rows(arm, workspace, f"{table} | where TimeGenerated > ago(1h) | count") == [{"Count": 0}]
    arm.control("PUT", "clock", {"advance": 61 * 86400})
    arm = Client(arm.facts)
    assert arm.call("POST", f"{workspace}/query", {"query": table}, version=VERSION).status_code == 204  # kept for 60 days


def test_other_categories_and_what_is_off_send_nothing(arm: Client, workspace: str) -> None:
    vault = arm.vault()
    for entry in ({"enabled": False}, {"categoryGroup": None, "category": "AzurePolicyEvaluationDetails"}):
        send(arm, vault, workspace, **entry)
        door(arm, "kv-one.vault.azure.net", "/secrets/s")
    assert arm.call("POST", f"{workspace}/query", {"query": "AzureDiagnostics"}, version=VERSION).status_code == 204


def test_queries_are_computed_and_what_is_not_served_is_refused(arm: Client, workspace: str) -> None:
    added = [
        {"Type": "A", "Name": "one", "Size_d": 2.0, "Claims": {"claim": {"a/b": "x"}}},
        {"Type": "A", "Name": "two", "Size_d": 3.0},
        {"Type": "B", "Name": "ONE"},
    ]
    arm.control("POST", f"logs?workspace={workspace}", added)
    union = "union isfuzzy=true (A | project Name), (Nothing | where (Name == 'x') | project Name), (B | project Name)"
    assert rows(arm, workspace, f'{union} | where Name =~ "one" | summarize Number = count() by Name') == [
        {"Name": "one", "Number": 1},
        {"Name": "ONE", "Number": 1},
    ]
    assert rows(arm, workspace, "A | summarize Most = max(Size_d), Least = min(Size_d) by Type") == [
        {"Type": "A", "Most": 3.0, "Least": 2.0}
    ]
    path = 'tostring(Claims.claim["a/b"])'
    assert rows(arm, workspace, f'A | project Name, Found = coalesce({path}, column_ifexists("None_s", "-"))') == [
        {"Name": "one", "Found": "x"},
        {"Name": "two", "Found": "-"},
    ]
    assert rows(arm, workspace, "A | where Size_d > 2 or Name == 'one' and Size_d != 2 | count") == [{"Count": 1}]
    for query, code in {
        "Nothing | where Name == 'x'": "SEM0100",
        "union isfuzzy=true (Nothing | count), (Never | count)": "SEM0100",
        "A | where Absent == 1": "SEM0100",
        "A | project X = mad(Name)": "SEM0100",
        "A | join B": "SYN0002",
        "A | summarize X = avg(Size_d) by Name": "SYN0002",
        "A | where Name has 'o'": "SYN0002",
        "A | where": "SYN0002",
        "A ; B": "SYN0002",
    }.items():
        assert refusal(arm, workspace, query)[1] == code, query
    assert "Failed to resolve table or column expression named 'Nothing'" in refusal(arm, workspace, "Nothing | where Name == 'x'")[2]


def test_a_query_needs_its_right(arm: Client, workspace: str) -> None:
    arm.control("POST", f"logs?workspace={workspace}", [{"Type": "A"}])
    for role, status in (("Key Vault Reader", 403), ("Log Analytics Reader", 200)):
        assignments = [{"role": role, "scope": "/"}]
        arm.control("POST", "principals", {"tenant": arm.facts["tenant"], "secret": "pw", **READER, "assignments": assignments})
        token = arm.sign_in(client_id=READER["client_id"], client_secret="pw")
        answer = arm.call("POST", f"{workspace}/query", {"query": "A"}, version=VERSION, token=token)
        assert answer.status_code == status and (status == 200 or "workspaces/query/read" in answer.json()["error"]["message"])
