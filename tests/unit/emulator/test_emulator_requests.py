# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as real clients send them: paths, bodies of any depth and size, conditions in both forms, lists by page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from emulator.client import Client, run

LOCKS = "2020-05-01"


def code(answer: Any) -> str:
    body = answer.json()
    return str(body.get("error", body)["code"])


def test_paths_are_read_as_the_gateway_reads_them(arm: Client) -> None:
    """az sends ``//`` where a resource has no parent, azure.azcollection too; a lock made so protects its vault."""
    vault = arm.vault()
    odd = vault.replace("Microsoft.KeyVault/vaults", "microsoft.keyvault//VAULTS")
    lock = arm.call("PUT", f"{odd}/providers/Microsoft.Authorization/locks/keep", {"properties": {"level": "CanNotDelete"}}, version=LOCKS)
    assert lock.status_code == 201
    assert "//" not in lock.json()["id"]
    assert code(arm.call("DELETE", vault)) == "ScopeLocked"
    for spelling in (odd, vault + "/", vault.replace("kv-one", "kv%2Done"), "/" + vault, vault.replace("resourceGroups", "RESOURCEGROUPS")):
        assert arm.get(spelling)["id"] == vault
    assert arm.control("GET", "log")["requests"][-5]["sent_path"] == odd


def test_addresses_have_azures_spelling_of_types(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.endpoint(subnet, vault, manual=True)
    approve = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    connection = f"{vault}/privateEndpointConnections/pec"
    answer = arm.call("PUT", connection.replace("Microsoft.KeyVault/vaults", "microsoft.keyvault/VAULTS"), approve)
    assert answer.headers["azure-asyncoperation"].partition("?")[0] == arm.url + connection
    arm.control("PUT", "settings", {"page_size": 1})
    arm.vault("kv-two")
    page = arm.get(vault.rpartition("/")[0].replace("Microsoft.KeyVault/vaults", "microsoft.keyvault/VAULTS"))
    assert page["nextLink"].startswith(arm.url + vault.rpartition("/")[0])


@pytest.mark.parametrize("depth", [100, 1_000, 200_000])
def test_a_body_that_is_nested_too_deep_is_refused_and_the_log_goes_on(arm: Client, depth: int) -> None:
    body = b'{"location": "westeurope", "tags": ' + b"[" * depth + b"]" * depth + b"}"
    headers = {"Authorization": f"Bearer {arm.token}", "Content-Type": "application/json"}
    answer = arm.connection.request("PUT", f"{arm.rg}?api-version=2024-11-01", body, headers)
    assert (answer.status_code, code(answer)) == (400, "InvalidRequestContent")
    assert arm.control("GET", "log")["requests"][-1]["status"] == 400
    assert arm.connection.request("PUT", "/_emulator/settings", body).status_code == 400


def test_arm_takes_four_megabytes(arm: Client) -> None:
    def put(length: int) -> Any:
        return arm.call("PUT", arm.rg, {"location": "westeurope", "tags": {"a": "b"}, "managedBy": "x" * length})

    assert put(3 * 1024 * 1024).status_code == 200
    answer = put(4 * 1024 * 1024)
    assert (answer.status_code, code(answer)) == (413, "RequestContentTooLarge")


def test_a_state_of_a_fleet_is_loaded_and_saved(arm: Client, tmp_path: Path) -> None:
    vault, directory, file = arm.vault(), Path(arm.facts["ca"]).parent, tmp_path / "state.json"
    state = arm.control("GET", "state")
    (one,) = (each for each in state["resources"] if each["id"] == vault)
    for number in range(4000):
        other = f"{vault}-{number}"
        state["resources"].append({**one, "id": other, "document": {**one["document"], "id": other, "name": f"kv-one-{number}"}})
    file.write_text(json.dumps(state))
    assert file.stat().st_size > 3_000_000
    loaded = run(directory, "load", str(file))
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert arm.get(f"{vault}-3999")["name"] == "kv-one-3999"
    assert run(directory, "save", str(tmp_path / "again.json")).returncode == 0
    again = json.loads((tmp_path / "again.json").read_text())
    assert again["resources"] == state["resources"]


def test_a_region_that_does_not_exist_is_said_by_type(arm: Client) -> None:
    assert code(arm.call("PUT", f"{arm.rg}-two", {"location": "atlantis"})) == "LocationNotAvailableForResourceGroup"
    vault = f"{arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one"
    assert code(arm.call("PUT", vault, {"location": "atlantis", "properties": {}})) == "LocationNotAvailableForResourceType"


def test_conditions_name_etags_with_quotes_and_without(arm: Client) -> None:
    zone, network = arm.zone(), arm.network()[0]
    record, link = f"{zone}/A/www", arm.link(zone, network)
    for quoted in (False, True):
        etag = arm.do("PUT", record, {"properties": {"ttl": 60, "aRecords": []}})["etag"]
        sent = {"If-Match": f'"{etag}"' if quoted else etag}
        assert arm.call("PUT", record, {"properties": {"ttl": 61, "aRecords": []}}, headers=sent).status_code == 200
        assert arm.call("PUT", record, {"properties": {"ttl": 61, "aRecords": []}}, headers=sent).status_code == 412
        for resource, verb, body in ((zone, "PUT", {"location": "global"}), (link, "PATCH", {"tags": {}})):
            etag = arm.get(resource)["etag"].strip('"')
            sent = {"If-Match": f'"{etag}"' if quoted else etag}
            arm.do(verb, resource, body, headers=sent)
            assert arm.failed(verb, resource, body, headers=sent)["code"] == "PreconditionFailed"


def test_a_page_goes_on_where_the_last_one_ended_whatever_was_deleted(arm: Client) -> None:
    collection = arm.vault("kv-00").rpartition("/")[0]
    zone = arm.zone()
    for number in range(1, 20):
        arm.vault(f"kv-{number:02}")
        arm.do("PUT", f"{zone}/A/r{number:02}", {"properties": {"ttl": 60, "aRecords": []}})
    arm.control("PUT", "settings", {"page_size": 5})
    for path in (collection, f"{zone}/A", f"{arm.rg}/resources"):
        everything = arm.get(path + "?$top=5")
        shown = [each["name"] for each in everything["value"]]
        assert len(shown) == 5
        for each in everything["value"][:4]:
            arm.call("DELETE", each["id"])
        page = everything
        while "nextLink" in page:
            page = arm.get(page["nextLink"])
            shown += [each["name"] for each in page["value"]]
        assert len(shown) == len(set(shown))
        arm.control("PUT", "settings", {"page_size": 0})
        left = {each["name"] for each in arm.get(path)["value"]}
        assert left <= set(shown)
        arm.control("PUT", "settings", {"page_size": 5})


def test_a_token_that_is_none_is_refused(arm: Client) -> None:
    assert code(arm.call("GET", f"{arm.rg}/resources?$skiptoken=nonsense")) == "InvalidSkipToken"
    assert code(arm.call("GET", f"{arm.rg}/resources?$top=none")) == "InvalidTopQueryParameter"


def test_what_failed_heals_and_what_fails_ends(arm: Client) -> None:
    network, subnet = arm.network()
    body = {"properties": {"addressPrefix": "10.0.0.0/24"}}
    assert code(arm.call("PUT", f"{network}-none/subnets/s", body)) == "ParentResourceNotFound"
    assert code(arm.call("GET", f"{network}-none/subnets/s")) == "ResourceNotFound"
    vault = arm.vault()
    for resource in (subnet, vault):
        arm.control("PATCH", f"resource?id={resource}", {"properties": {"provisioningState": "Failed"}})
    assert arm.do("PUT", subnet, body)["properties"]["provisioningState"] == "Succeeded"
    arm.vault()
    assert arm.get(vault)["properties"]["provisioningState"] == "Succeeded"
    arm.control("POST", "faults", {"match": {"method": "POST", "path_regex": "/register"}, "lro_error": {"code": "Odd", "message": "m"}})
    provider = f"{arm.subscription}/providers/Microsoft.Storage"
    assert arm.call("POST", f"{provider}/register").json()["registrationState"] == "Registering"
    assert arm.get(provider)["registrationState"] == "NotRegistered"
    arm.call("POST", f"{provider}/register")
    assert arm.get(provider)["registrationState"] == "Registered"


def test_records_of_a_zone_group_are_done_when_the_group_is(arm: Client) -> None:
    endpoint, zone = arm.endpoint(arm.network()[1], arm.vault())["id"], arm.zone()
    arm.control("PUT", "settings", {"durations": {"zone_group.put": 30}})
    group = f"{endpoint}/privateDnsZoneGroups/default"
    config = {"name": "z", "properties": {"privateDnsZoneId": zone}}

    def states(document: Any) -> list[str]:
        (found,) = document["properties"]["privateDnsZoneConfigs"]
        return [each["provisioningState"] for each in found["properties"]["recordSets"]]

    assert states(arm.call("PUT", group, {"properties": {"privateDnsZoneConfigs": [config]}}).json()) == ["Updating"]
    arm.control("PUT", "clock", {"advance": 31})
    assert states(arm.get(group)) == ["Succeeded"]


def test_an_endpoint_shows_what_its_version_has(arm: Client) -> None:
    endpoint = arm.endpoint(arm.network()[1], arm.vault())["id"]
    shown = {version: arm.get(endpoint, version=version)["properties"] for version in ("2019-11-01", "2020-03-01")}
    assert ["customDnsConfigs" in each for each in shown.values()] == [False, True]


def test_a_finished_operation_is_forgotten_after_an_hour(arm: Client) -> None:
    arm.control("PUT", "settings", {"durations": {"zone.put": 30}})
    poll = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/privateDnsZones/a.example", {"location": "global"}).headers["location"]
    arm.control("PUT", "clock", {"advance": 31})
    assert arm.call("GET", poll).status_code == 200
    arm.control("PUT", "clock", {"advance": 3601})
    token = arm.sign_in()
    arm.call("PUT", arm.rg, {"location": "westeurope"}, token=token)
    arm.call("DELETE", f"{arm.rg}/providers/Microsoft.Network/privateDnsZones/a.example", token=token)
    assert code(arm.call("GET", poll, token=token)) == "OperationNotFound"


def _resources(arm: Client, text: str) -> list[str]:
    return [each["name"] for each in arm.get(f"{arm.subscription}/resources?$filter={quote(text)}")["value"]]


def test_filters_of_resources(arm: Client) -> None:
    for name, tags in (("kv-one", {"env": "prod", "cost": "1"}), ("kv-two", {"env": "test"})):
        arm.call("PATCH", arm.vault(name), {"tags": tags})
    arm.network()
    for text, expected in (
        ("tagName eq 'env' and tagValue eq 'prod'", ["kv-one"]),
        ("tagname eq 'ENV'", ["kv-one", "kv-two"]),
        ("tagName eq 'cost' and tagValue eq 'prod'", []),
        ("resourceType eq 'Microsoft.KeyVault/vaults'", ["kv-one", "kv-two"]),
        ("resourceType eq 'microsoft.keyvault/vaults' and name ne 'kv-one'", ["kv-two"]),
        ("name eq 'kv-one' or resourceType eq 'Microsoft.Network/virtualNetworks'", ["kv-one", "vnet"]),
        ("not (name eq 'kv-one') and (location eq 'westeurope')", ["kv-two", "vnet"]),
        ("substringof('two', name)", ["kv-two"]),
        ("startswith(name, 'kv-')", ["kv-one", "kv-two"]),
        ("resourceGroup eq 'RG' and startswith(tagName, 'co')", ["kv-one"]),
        ("name eq 'it''s'", []),
    ):
        assert _resources(arm, text) == expected, text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("$filter=foo bar", (400, "InvalidFilterInQueryString")),
        ("$filter=name eq 'x", (400, "InvalidFilterInQueryString")),
        ("$filter=name eq 'x' name eq 'y'", (400, "InvalidFilterInQueryString")),
        ("$filter=name", (400, "InvalidFilterInQueryString")),
        ("$filter=plan/name eq 'x'", (501, "EmulatorNotServed")),
        ("$filter=name gt 'x'", (501, "EmulatorNotServed")),
        ("$filter=endswith(name, 'x')", (501, "EmulatorNotServed")),
        ("$filter=atScope()", (501, "EmulatorNotServed")),
        ("$expand=odd", (501, "EmulatorNotServed")),
        ("useResourceGraph=true", (501, "EmulatorNotServed")),
        ("$FILTER=name eq 'kv-one'", (200, "")),
        ("$expand=createdTime,changedTime,provisioningState", (200, "")),
    ],
)
def test_nothing_of_a_query_is_swallowed(arm: Client, query: str, expected: tuple[int, str]) -> None:
    arm.vault()
    answer = arm.call("GET", f"{arm.rg}/resources?{quote(query, safe='=$&')}")
    assert (answer.status_code, code(answer) if answer.status_code >= 400 else "") == expected
    if answer.status_code == 200:
        (found,) = answer.json()["value"]
        assert ("createdTime" in found) == ("createdTime" in query)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/x"),
        ("GET", "/resourceGroups/rg/providers/Microsoft.Nonsense/virtual/x"),
        ("POST", "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv/odd"),
        ("PATCH", "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s"),
        ("POST", "/resourceGroups/rg/exportTemplate"),
        ("GET", "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults?$expand=properties"),
    ],
)
def test_what_is_not_served_says_so_in_a_code_of_its_own(arm: Client, method: str, path: str) -> None:
    answer = arm.call(method, f"{arm.subscription}{path}")
    assert (answer.status_code, code(answer)) == (501, "EmulatorNotServed")
    assert "The emulator does not serve" in answer.json()["error"]["message"]


def test_the_log_keeps_the_bodies_of_the_newest_requests(arm: Client) -> None:
    for number in range(24):
        arm.call("PUT", arm.rg, {"location": "westeurope", "managedBy": f"{number}" + "x" * 1_500_000})
    entries = [each for each in arm.control("GET", "log")["requests"] if each["method"] == "PUT" and each["path"] == arm.rg]
    assert len(entries) == 25
    assert entries[0]["request_body"] is None and "newest" in entries[0]["bodies"]
    assert entries[-1]["request_body"]["managedBy"].startswith("23x")
