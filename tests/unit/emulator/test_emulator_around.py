# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients ask for around private vaults: Microsoft Graph, tags, rules and routes, storage accounts, diagnostic categories."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from emulator.client import Client, Response

ADA = {"client_id": "", "object_id": "ada-object", "name": "Ada", "username": "ada@here.example", "password": "p"}


def graph(arm: Client, path: str, body: Any = None, *, token: str | None = None) -> Response:
    """Ask Microsoft Graph; a body makes it a POST."""
    sent = arm.sign_in(scope=f"{arm.facts['url']}/.default") if token is None else token
    data = None if body is None else json.dumps(body).encode()
    return arm.connection.request("POST" if data else "GET", f"/v1.0/{path}", data, {"Authorization": f"Bearer {sent}"})


def filtered(arm: Client, kind: str, text: str) -> list[str]:
    answer = graph(arm, f"{kind}?$filter={quote(text)}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["value"]]


@pytest.fixture
def ada(arm: Client) -> Client:
    """A directory with a user."""
    arm.control("POST", "principals", {"tenant": arm.facts["tenant"], **ADA})
    return arm


class TestGraph:
    def test_filters(self, ada: Client) -> None:
        own = ada.control("GET", "principals")["principals"][0]["object_id"]
        assert filtered(ada, "users", "userPrincipalName eq 'ADA@here.example'") == ["ada-object"]
        assert filtered(ada, "servicePrincipals", f"servicePrincipalNames/any(c:c eq '{ada.facts['client_id']}')") == [own]
        assert filtered(ada, "servicePrincipals", "appId eq 'nobody'") == []
        assert filtered(ada, "servicePrincipals", "") == [own]

    def test_one(self, ada: Client) -> None:
        assert graph(ada, "users/ada@here.example").json()["id"] == "ada-object"
        assert graph(ada, "users('ada-object')").json()["displayName"] == "Ada"
        assert graph(ada, f"servicePrincipals(appId='{ada.facts['client_id']}')").json()["appId"] == ada.facts["client_id"]
        assert graph(ada, "users/nobody").json()["error"]["code"] == "Request_ResourceNotFound"

    def test_by_ids(self, ada: Client) -> None:
        (found,) = graph(ada, "directoryObjects/getByIds", {"ids": ["ada-object", "nobody"], "types": ["user", "group"]}).json()["value"]
        assert (found["@odata.type"], found["userPrincipalName"]) == ("#microsoft.graph.user", "ada@here.example")
        assert graph(ada, "directoryObjects/getByIds", {"ids": ["ada-object"], "types": ["group"]}).json()["value"] == []
        assert graph(ada, "directoryObjects/getByIds", {"ids": []}).status_code == 400

    def test_me(self, ada: Client) -> None:
        assert graph(ada, "me").status_code == 400
        form = {"grant_type": "password", "username": "ada@here.example", "password": "p"}
        form |= {"client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "scope": f"{ada.facts['url']}/.default"}
        assert graph(ada, "me", token=ada.sign_in(**form)).json()["id"] == "ada-object"

    def test_refusals(self, ada: Client) -> None:
        assert graph(ada, "users", token=ada.token).json()["error"]["code"] == "InvalidAuthenticationToken"
        for path in ("groups", "users?$select=id", "users?$filter=startswith(displayName,'A')", "users/a/memberOf"):
            assert graph(ada, path).json()["error"]["code"] == "EmulatorNotServed"
        ada.control("POST", "principals", {**ada.control("GET", "principals")["principals"][0], "secret": "s", "directory_reader": False})
        denied = graph(ada, "users", token=ada.sign_in(client_secret="s", scope=f"{ada.facts['url']}/.default"))
        assert denied.json()["error"]["code"] == "Authorization_RequestDenied"


def tags(arm: Client, scope: str, method: str = "GET", body: Any = None) -> Any:
    return arm.call(method, f"{scope}/providers/Microsoft.Resources/tags/default", body, version="2024-07-01").json()


class TestTags:
    def test_operations(self, arm: Client) -> None:
        vault = arm.vault()
        assert tags(arm, vault)["properties"]["tags"] == {}
        assert tags(arm, vault, "PUT", {"properties": {"tags": {"a": "1", "B": "2"}}})["id"].startswith(vault)
        merge = {"operation": "Merge", "properties": {"tags": {"b": "3", "c": "4"}}}
        assert tags(arm, vault, "PATCH", merge)["properties"]["tags"] == {"a": "1", "B": "3", "c": "4"}
        delete = {"operation": "Delete", "properties": {"tags": {"a": "1", "c": "other"}}}
        assert tags(arm, vault, "PATCH", delete)["properties"]["tags"] == {"B": "3", "c": "4"}
        assert arm.get(vault)["tags"] == {"B": "3", "c": "4"}
        replace = {"operation": "Replace", "properties": {"tags": {"z": "9"}}}
        assert tags(arm, vault, "PATCH", replace)["properties"]["tags"] == {"z": "9"}
        assert arm.call("DELETE", f"{vault}/providers/Microsoft.Resources/tags/default", version="2024-07-01").status_code == 200
        assert arm.get(vault)["tags"] == {}

    def test_subscription(self, arm: Client) -> None:
        tags(arm, arm.subscription, "PUT", {"properties": {"tags": {"a": "1"}}})
        assert tags(arm, arm.subscription)["properties"]["tags"] == {"a": "1"}

    @pytest.mark.parametrize(
        ("method", "body", "code"),
        [
            ("PUT", {"properties": {}}, "InvalidTagsOperation"),
            ("PUT", {"properties": {"tags": {"a": 1}}}, "InvalidTags"),
            ("PUT", {"properties": {"tags": {"a/b": ""}}}, "InvalidTagNameCharacters"),
            ("PUT", {"properties": {"tags": {f"t{n}": "" for n in range(51)}}}, "InvalidNumberOfTags"),
            ("PATCH", {"operation": "Add", "properties": {"tags": {}}}, "InvalidTagsPatchOperation"),
        ],
    )
    def test_refusals(self, arm: Client, method: str, body: Any, code: str) -> None:
        assert tags(arm, arm.rg, method, body)["error"]["code"] == code

    def test_a_read_only_lock_holds(self, arm: Client) -> None:
        arm.call("PUT", f"{arm.rg}/providers/Microsoft.Authorization/locks/l", {"properties": {"level": "ReadOnly"}}, version="2020-05-01")
        assert tags(arm, arm.rg, "PUT", {"properties": {"tags": {}}})["error"]["code"] == "ScopeLocked"


NSG = "providers/Microsoft.Network/networkSecurityGroups/nsg"
TABLE = "providers/Microsoft.Network/routeTables/table"
ANYWHERE = {f"{end}{what}": "*" for end in ("source", "destination") for what in ("AddressPrefix", "PortRange")}
RULE = {"access": "Allow", "direction": "Inbound", "protocol": "Tcp", "priority": 100, **ANYWHERE}
ROUTE = {"addressPrefix": "10.0.0.0/8", "nextHopType": "VnetLocal"}


@pytest.fixture
def parents(arm: Client) -> Client:
    """A security group with a rule, and a route table with a route."""
    rules = {"securityRules": [{"name": "first", "properties": RULE}]}
    arm.do("PUT", f"{arm.rg}/{NSG}", {"location": "westeurope", "properties": rules})
    arm.do("PUT", f"{arm.rg}/{TABLE}", {"location": "westeurope", "properties": {"routes": [{"name": "first", "properties": ROUTE}]}})
    return arm


class TestRulesAndRoutes:
    @pytest.mark.parametrize(
        ("child", "sent"),
        [(f"{NSG}/securityRules", {**RULE, "priority": 200}), (f"{TABLE}/routes", {**ROUTE, "addressPrefix": "10.1.0.0/16"})],
    )
    def test_child(self, parents: Client, child: str, sent: Any) -> None:
        place = f"{parents.rg}/{child}"
        before = parents.get(place.rpartition("/")[0])["etag"]
        assert parents.do("PUT", f"{place}/second", {"properties": sent})["properties"].items() >= sent.items()
        assert [each["name"] for each in parents.get(place)["value"]] == ["first", "second"]
        parent = parents.get(place.rpartition("/")[0])
        assert parent["etag"] != before and parent["properties"]["provisioningState"] == "Succeeded"
        assert parent["properties"][child.rpartition("/")[2]][1] == parents.get(f"{place}/SECOND")
        parents.do("DELETE", f"{place}/first")
        assert parents.call("DELETE", f"{place}/first").status_code == 204
        assert parents.call("GET", f"{place}/first").json()["error"]["code"] == "NotFound"
        assert [each["name"] for each in parents.get(place)["value"]] == ["second"]

    @pytest.mark.parametrize(
        ("child", "sent", "code"),
        [
            (f"{NSG}/securityRules/second", RULE, "SecurityRuleConflict"),
            (f"{NSG}/securityRules/second", {**RULE, "priority": 99}, "SecurityRuleInvalidPriority"),
            (f"{NSG}/securityRules/second", {**RULE, "access": "Maybe"}, "InvalidRequestFormat"),
            (f"{NSG}/securityRules/second", {**RULE, "colour": "red"}, "InvalidRequestFormat"),
            (f"{NSG}/securityRules/second", {**RULE, "protocol": None}, "SecurityRuleParameterMissing"),
            (f"{NSG}/securityRules/second", {**RULE, "sourcePortRange": None}, "SecurityRuleParametersMissing"),
            (f"{TABLE}/routes/second", ROUTE, "RouteConflict"),
            (f"{TABLE}/routes/second", {**ROUTE, "nextHopType": "Moon"}, "InvalidRequestFormat"),
            (f"{TABLE}/routes/second", {"addressPrefix": "10.1.0.0/16"}, "MissingNextHopType"),
            (f"{TABLE}/routes/second", {**ROUTE, "nextHopType": "VirtualAppliance"}, "InvalidNextHopIpAddress"),
            (f"{TABLE}/routes/second", {"nextHopType": "Internet"}, "MissingAddressPrefix"),
        ],
    )
    def test_refusals(self, parents: Client, child: str, sent: Any, code: str) -> None:
        answer = parents.call("PUT", f"{parents.rg}/{child}", {"properties": sent})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        parent, member = child.rsplit("/", 2)[:2]
        entries = [{"name": "first", "properties": ROUTE if "route" in member else RULE}, {"name": "second", "properties": sent}]
        whole = parents.call("PUT", f"{parents.rg}/{parent}", {"location": "westeurope", "properties": {member: entries}})
        assert whole.json()["error"]["code"] == code

    def test_default_rules(self, parents: Client) -> None:
        rules = parents.get(f"{parents.rg}/{NSG}/defaultSecurityRules")["value"]
        assert len(rules) == 6 and parents.get(f"{parents.rg}/{NSG}/defaultSecurityRules/denyallinbound")["name"] == "DenyAllInBound"

    def test_no_parent(self, arm: Client) -> None:
        assert arm.call("PUT", f"{arm.rg}/{NSG}/securityRules/r", {"properties": RULE}).status_code == 404


class TestStorage:
    def test_names(self, arm: Client) -> None:
        arm.call("POST", f"{arm.subscription}/providers/Microsoft.Storage/register", version="2024-11-01")
        place = f"{arm.rg}/providers/Microsoft.Storage/storageAccounts"
        made = arm.do(
            "PUT", f"{place}/store1", {"location": "westeurope", "sku": {"name": "Premium_LRS"}, "properties": {"isHnsEnabled": True}}
        )
        assert (made["sku"]["tier"], made["properties"]["isHnsEnabled"], made["properties"]["accessTier"]) == ("Premium", True, "Hot")
        check = f"{arm.subscription}/providers/Microsoft.Storage/checkNameAvailability"
        reasons = {
            name: arm.call("POST", check, {"name": name, "type": "Microsoft.Storage/storageAccounts"}).json().get("reason")
            for name in ("store1", "Store", "free1")
        }
        assert reasons == {"store1": "AlreadyExists", "Store": "AccountNameInvalid", "free1": None}
        assert arm.call("PUT", f"{place}/No_", {"location": "westeurope"}).json()["error"]["code"] == "AccountNameInvalid"
        changed = arm.do("PATCH", f"{place}/store1", {"properties": {"accessTier": "Cool"}, "tags": {"a": "b"}})
        assert (changed["properties"]["accessTier"], changed["properties"]["isHnsEnabled"], changed["tags"]) == ("Cool", True, {"a": "b"})


def test_diagnostic_categories(arm: Client) -> None:
    place = "providers/Microsoft.Insights/diagnosticSettingsCategories"
    listed = arm.call("GET", f"{arm.vault()}/{place}", version="2021-05-01-preview").json()["value"]
    assert [(each["name"], each["properties"]["categoryGroups"]) for each in listed] == [
        ("AuditEvent", ["audit", "allLogs"]),
        ("AzurePolicyEvaluationDetails", ["allLogs"]),
        ("AllMetrics", []),
    ]
    one = arm.call("GET", f"{arm.vault()}/{place}/auditevent", version="2021-05-01-preview").json()
    assert one == listed[0]
    unknown = arm.call("GET", f"{arm.network()[0]}/{place}", version="2021-05-01-preview").json()
    assert unknown["error"]["code"] == "EmulatorNotServed"


def test_name_of_an_hsm(arm: Client) -> None:
    check = f"{arm.subscription}/providers/Microsoft.KeyVault/checkMhsmNameAvailability"
    assert arm.call("POST", check, {"name": "free"}).json() == {"nameAvailable": True}
    assert arm.call("POST", check, {"name": "--"}).json()["reason"] == "AccountNameInvalid"


def test_the_list_of_providers_has_every_provider_with_its_state(arm: Client) -> None:
    arm.call("POST", f"{arm.subscription}/providers/Microsoft.Insights/register", version="2024-11-01")
    listed = {each["namespace"]: each for each in arm.get(f"{arm.subscription}/providers", version="2024-11-01")["value"]}
    for namespace in ("Microsoft.KeyVault", "Microsoft.Insights", "Microsoft.Storage"):
        assert listed[namespace] == arm.get(f"{arm.subscription}/providers/{namespace}", version="2024-11-01")
