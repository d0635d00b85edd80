# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients other than this collection send: access policies, odd records, names of tags, other media, other places."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.client import Client
from emulator.providers import vault_policies

ALICE, BOB = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
VERSION = "2022-09-01"


def code(answer: Any) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, body.get("error", body)["code"]


class TestAccessPolicies:
    """Terraform and Pulumi write one holder's policy at a time."""

    def entry(self, arm: Client, holder: str, secrets: list[str], **more: Any) -> dict[str, Any]:
        return {"tenantId": arm.facts["tenant"], "objectId": holder, "permissions": {"secrets": secrets}, **more}

    def update(self, arm: Client, vault: str, kind: str, *entries: Any) -> Any:
        return arm.call("PUT", f"{vault}/accessPolicies/{kind}", {"properties": {"accessPolicies": list(entries)}})

    def granted(self, arm: Client, vault: str) -> list[tuple[str, str, list[str]]]:
        policies = arm.get(vault)["properties"]["accessPolicies"]
        return [(each["objectId"], each.get("applicationId", ""), each["permissions"]["secrets"]) for each in policies]

    def test_each_kind_concerns_those_it_names(self, arm: Client) -> None:
        vault = arm.vault(enableRbacAuthorization=False)
        self.update(arm, vault, "add", self.entry(arm, ALICE, ["get"]), self.entry(arm, BOB, ["list"]))
        self.update(arm, vault, "add", self.entry(arm, ALICE, ["Get", "list"]), self.entry(arm, ALICE, ["set"], applicationId=BOB))
        assert self.granted(arm, vault) == [(ALICE, "", ["get", "list"]), (BOB, "", ["list"]), (ALICE, BOB, ["set"])]
        self.update(arm, vault, "replace", self.entry(arm, BOB, ["delete"]))
        assert self.granted(arm, vault) == [(ALICE, "", ["get", "list"]), (BOB, "", ["delete"]), (ALICE, BOB, ["set"])]
        self.update(arm, vault, "remove", self.entry(arm, ALICE, ["list"]), self.entry(arm, BOB, ["delete", "get"]))
        assert self.granted(arm, vault) == [(ALICE, "", ["get"]), (ALICE, BOB, ["set"])]

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"permissions": {"secrets": ["fly"]}}, "An invalid value was provided for 'accessPolicies'."),
            ({"permissions": {"keys": [" list"]}}, "An invalid value was provided for 'accessPolicies'."),
            ({"objectId": "alice"}, "Invalid value found at accessPolicies[0].ObjectId: alice"),
            ({"tenantId": None}, "Invalid value found at accessPolicies[0].TenantId: "),
        ],
    )
    def test_refusals(self, arm: Client, change: Any, text: str) -> None:
        vault, wrong = arm.vault(), {**self.entry(arm, ALICE, ["get"]), **change}
        answer = self.update(arm, vault, "add", wrong)
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, text)
        assert code(arm.call("PATCH", vault, {"properties": {"accessPolicies": [wrong]}})) == (400, "BadRequest")
        assert code(self.update(arm, vault, "merge")) == (400, "BadRequest")
        assert self.granted(arm, vault) == []

    def test_no_more_than_a_vault_can_have(self) -> None:
        entry = {"tenantId": ALICE, "objectId": BOB}
        vault_policies.check([entry] * vault_policies.MOST)
        with pytest.raises(Exception, match="at most 1024"):
            vault_policies.check([entry] * (vault_policies.MOST + 1))


class TestRecordSets:
    @pytest.mark.parametrize("name", ["*", "*.a", "@", "_srv._tcp", "a.b", "-a"])
    def test_names(self, arm: Client, name: str) -> None:
        assert arm.call("PUT", f"{arm.zone()}/A/{name}", {"properties": {"ttl": 60}}).status_code == 201

    @pytest.mark.parametrize(
        ("place", "properties"),
        [
            ("A/a*b", {}),
            ("A/a..b", {}),
            (f"A/{'a' * 64}", {}),
            (f"A/{'.'.join(['a' * 60] * 4)}", {}),
            ("A/www", {"aaaaRecords": [{"ipv6Address": "::1"}]}),
            ("A/www", {"aRecords": [{"ipv4Address": "10.0.0.4"}, {"ipv4Address": "10.0.0.4"}]}),
            ("SOA/www", {"soaRecord": {"refreshTime": 60}}),
            ("SRV/_s._tcp", {"srvRecords": [{"priority": 1, "weight": 1, "port": 65536, "target": "a.b"}]}),
            ("MX/www", {"mxRecords": [{"preference": -1, "exchange": "a.b"}]}),
            ("TXT/www", {"txtRecords": [{"value": ["a" * 600, "b" * 600]}]}),
        ],
    )
    def test_refusals(self, arm: Client, place: str, properties: Any) -> None:
        zone = arm.zone()
        answer = arm.call("PUT", f"{zone}/{place}", {"properties": {"ttl": 60, **properties}})
        assert (answer.status_code, answer.json().get("code")) == (400, "BadRequest"), answer.text
        assert [each["name"] for each in arm.get(f"{zone}/ALL")["value"]] == ["@"]

    def test_records_of_other_types_that_are_null_are_none(self, arm: Client) -> None:
        """az sends back what it read, with null for what a type does not have."""
        body = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.4"}], "cnameRecord": None, "mxRecords": []}}
        assert arm.call("PUT", f"{arm.zone()}/A/www", body).status_code == 201


class TestTagNames:
    """The names and values of tags that a subscription knows (`az tag create`, `add-value`, `list`)."""

    def test_made_beforehand(self, arm: Client) -> None:
        names = f"{arm.subscription}/tagNames"
        made = [arm.call(*each, version=VERSION).status_code for each in (("PUT", f"{names}/Env"), ("PUT", f"{names}/env"))]
        values = [arm.call("PUT", f"{names}/env/tagValues/{each}", version=VERSION).status_code for each in ("prod", "prod", "test")]
        assert (made, values) == ([201, 200], [201, 200, 201])
        assert arm.call("DELETE", f"{names}/env/tagValues/test", version=VERSION).status_code == 200
        assert arm.call("DELETE", f"{names}/env/tagValues/test", version=VERSION).status_code == 204
        assert code(arm.call("PUT", f"{names}/other/tagValues/a", version=VERSION)) == (404, "TagNameNotFound")
        arm.call("PATCH", arm.vault(), {"tags": {"env": "prod", "team": "net"}})
        arm.call("PATCH", arm.rg, {"tags": {"ENV": "prod"}})
        listed = arm.get(names, version=VERSION)["value"]
        assert [(each["tagName"], each["count"]["value"]) for each in listed] == [("Env", 2), ("team", 1)]
        assert [(each["tagValue"], each["count"]["value"]) for each in listed[0]["values"]] == [("prod", 2)]
        assert code(arm.call("DELETE", f"{names}/env", version=VERSION)) == (409, "TagNameInUse")
        assert code(arm.call("DELETE", f"{names}/env/tagValues/prod", version=VERSION)) == (409, "TagValueInUse")
        arm.call("PATCH", arm.vault(), {"tags": {}})
        arm.call("PATCH", arm.rg, {"tags": {}})
        answers = [arm.call("DELETE", f"{names}/env", version=VERSION).status_code for _each in range(2)]
        assert (answers, arm.get(names, version=VERSION)["value"]) == ([200, 204], [])


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_says_that_it_is_json(arm: Client, media: str) -> None:
    answer = arm.call("PUT", f"{arm.subscription}/resourceGroups/other", {"location": "westeurope"}, headers={"Content-Type": media})
    text = f"The content media type '{media or '<null>'}' is not supported. Only 'application/json' is supported."
    assert (code(answer), answer.json()["error"]["message"]) == ((415, "UnsupportedMediaType"), text)
    assert arm.call("GET", arm.rg, headers={"Content-Type": media}).status_code == 200


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "application/merge-patch+json", "text/json"])
def test_json_in_other_words(arm: Client, media: str) -> None:
    assert arm.call("PATCH", arm.rg, {"tags": {}}, headers={"Content-Type": media}).status_code == 200


def test_what_is_not_served_beside_subscriptions_is_named(arm: Client) -> None:
    answer = arm.connection.request("POST", "/batch?api-version=2020-06-01", b"{}", {"Authorization": f"Bearer {arm.token}"})
    assert code(answer) == (501, "EmulatorNotServed")


@pytest.mark.parametrize("address", ["", "vault", "10.0.0", "::1"])
def test_an_address_that_is_none_is_refused(arm: Client, address: str) -> None:
    network, _subnet = arm.network()
    assert code(arm.call("GET", f"{network}/CheckIPAddressAvailability?ipAddress={address}")) == (400, "InvalidIPAddressFormat")


def test_built_in_roles_of_the_tenant(arm: Client) -> None:
    place, scoped = (f"{each}/providers/Microsoft.Authorization/roleDefinitions" for each in ("", arm.subscription))
    roles = arm.get(place, version="2022-04-01")["value"]
    assert roles[0]["id"] == f"{place}/{roles[0]['name']}"
    assert arm.get(roles[0]["id"], version="2022-04-01") == roles[0]
    assert arm.get(f"{scoped}/{roles[0]['name']}", version="2022-04-01")["id"] == f"{scoped}/{roles[0]['name']}"


def test_types_of_endpoints_in_a_group(arm: Client) -> None:
    kinds = arm.get(f"{arm.rg}/providers/Microsoft.Network/locations/westeurope/availablePrivateEndpointTypes")["value"]
    assert kinds[0]["id"] == f"{arm.rg}/providers/Microsoft.Network/AvailablePrivateEndpointTypes/{kinds[0]['name']}"


def test_a_level_of_locks_in_any_case(arm: Client) -> None:
    place = f"{arm.vault()}/providers/Microsoft.Authorization/locks/l"
    assert arm.do("PUT", place, {"properties": {"level": "readonly"}})["properties"]["level"] == "ReadOnly"


NAMELESS: dict[str, dict[str, Any]] = {
    "virtualNetworks/v": {"subnets": [{"properties": {"addressPrefix": "10.0.0.0/24"}}]},
    "virtualNetworks/vnet/subnets/s": {"addressPrefix": "10.0.1.0/24", "delegations": [{"properties": {"serviceName": "Microsoft.Web/x"}}]},
    "networkSecurityGroups/g": {"securityRules": [{"properties": {}}]},
    "routeTables/t": {"routes": [{"properties": {}}]},
    "privateEndpoints/pe/privateDnsZoneGroups/default": {"privateDnsZoneConfigs": [{"properties": {}}]},
    "privateEndpoints/other": {"privateLinkServiceConnections": [{"properties": {}}]},
}


@pytest.mark.parametrize("name", [None, ""])
@pytest.mark.parametrize("place", NAMELESS)
def test_nested_resources_have_names(arm: Client, place: str, name: str | None) -> None:
    _network, subnet = arm.network()
    arm.endpoint(subnet, arm.vault())
    sent = json.loads(json.dumps(NAMELESS[place]))
    entries = next(value for value in sent.values() if isinstance(value, list))
    entries[0]["name"] = name
    at = {"location": "westeurope"} if place.count("/") == 1 else {}
    answer = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/{place}", {"properties": sent, **at})
    assert answer.json() == {"error": {"code": "InvalidRequestFormat", "message": "Cannot parse the request.", "details": []}}


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ({}, ("InvalidRequestFormat", "MissingJsonReferenceId", "Value for reference id is missing. Path properties.routeTable.")),
        ({"id": "table"}, ("LinkedInvalidPropertyId", "", "")),
        (
            {"id": "{rg}/providers/Microsoft.Network/networkSecurityGroups/g"},
            ("InvalidRequestFormat", "InvalidJsonReferenceFormat", "expected to reference resources of type routeTables. Path properties."),
        ),
        ({"id": "{rg}/providers/Microsoft.Network/routeTables/none"}, ("InvalidResourceReference", "", "")),
    ],
)
def test_references_lead_to_resources_of_their_type(arm: Client, reference: Any, found: tuple[str, str, str]) -> None:
    network, _subnet = arm.network()
    sent = {name: value.replace("{rg}", arm.rg) for name, value in reference.items()}
    answer = arm.call("PUT", f"{network}/subnets/other", {"properties": {"addressPrefix": "10.0.1.0/24", "routeTable": sent}})
    error = answer.json()["error"]
    detail = (error.get("details") or [{"code": "", "message": ""}])[0]
    assert (answer.status_code, error["code"], detail["code"]) == (400, *found[:2])
    assert found[2] in detail["message"]


@pytest.mark.parametrize("kind", ["networkSecurityGroups", "routeTables", "applicationSecurityGroups", "virtualNetworks"])
def test_a_resource_stays_in_its_region(arm: Client, kind: str) -> None:
    place = f"{arm.rg}/providers/Microsoft.Network/{kind}/one"
    body: dict[str, Any] = {"location": "West Europe", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    body = body if kind == "virtualNetworks" else {"location": "West Europe"}
    arm.do("PUT", place, body)
    answer = arm.call("PUT", place, {**body, "location": "eastus"})
    assert code(answer) == (409, "InvalidResourceLocation")
    assert "'one' already exists in location 'westeurope' in resource group 'rg'" in answer.json()["error"]["message"]
    assert arm.call("PUT", place, {**body, "location": "westeurope"}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Microsoft.Storage/storageAccounts/store1", {"sku": {"name": "Standard_LRS"}, "properties": {"networkAcl": {}}}),
        ("Microsoft.Storage/storageAccounts/store1", {"sku": {"name": "Standard_LRS"}, "properties": {"publicNetworkAccess": "maybe"}}),
        ("Microsoft.KeyVault/managedHSMs/hsm1", {"properties": {"enableRbac": True}}),
        ("Microsoft.KeyVault/vaults/kv-one", {"properties": {"createMode": "restore"}}),
        ("Microsoft.Compute/virtualMachines/vm1", {"properties": {"hardwareProfile": {"size": "Standard_B1s"}}}),
    ],
)
def test_members_of_further_types(arm: Client, kind: str, body: Any) -> None:
    namespace = kind.partition("/")[0]
    arm.call("POST", f"{arm.subscription}/providers/{namespace}/register", version="2024-11-01")
    answer = arm.call("PUT", f"{arm.rg}/providers/{kind}", {"location": "westeurope", **body})
    assert code(answer) == (400, "InvalidRequestContent"), answer.text
    assert arm.call("GET", f"{arm.rg}/providers/{kind}").status_code == 404
    assert json.loads(answer.text)["error"]["message"].count("Path '") == 1


def test_regions_are_named_as_people_read_them(arm: Client) -> None:
    """Terraform refuses regions that the list does not have."""
    listed = {each["name"]: each["displayName"] for each in arm.get(f"{arm.subscription}/locations?includeExtendedLocations=true")["value"]}
    assert {"westus3": "West US 3", "germanywestcentral": "Germany West Central", "uaenorth": "UAE North"}.items() <= listed.items()
    assert all(name == shown.replace(" ", "").lower() for name, shown in listed.items())
    kinds = {
        each["resourceType"]: each["locations"]
        for each in arm.get(f"{arm.subscription}/providers/Microsoft.Network", version="2024-11-01")["resourceTypes"]
    }
    assert kinds["privateDnsZones"] == ["global"] and sorted(kinds["virtualNetworks"]) == sorted(listed.values())
