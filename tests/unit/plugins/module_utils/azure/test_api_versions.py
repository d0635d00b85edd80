# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table's api-version is what goes over the wire, with every release of the SDK; Azure's own links go out as they came."""

from __future__ import annotations

import datetime
import typing as t
import urllib.parse

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.kinds import API_VERSIONS
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import ARM, SUBSCRIPTION, Answer, Time, Wire, arm_on

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
LOCATION = f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope"
READS = (
    ("keyvault.vaults.get", "rg", "v"),
    ("keyvault.vaults.get_deleted", "v", "westeurope"),
    ("keyvault.private_endpoint_connections.get", "rg", "v", "c"),
    ("keyvault.mhsm_private_endpoint_connections.get", "rg", "h", "c"),
    ("network.private_endpoints.get", "rg", "pe"),
    ("network.private_dns_zone_groups.get", "rg", "pe", "g"),
    ("network.virtual_networks.get", "rg", "n"),
    ("network.subnets.get", "rg", "n", "s"),
    ("network.network_interfaces.get", "rg", "i"),
    ("privatedns.private_zones.get", "rg", "z"),
    ("privatedns.virtual_network_links.get", "rg", "z", "l"),
    ("privatedns.record_sets.get", "rg", "z", "A", "r"),
    ("resource.resource_groups.get", "rg"),
    ("resource.providers.get", "Microsoft.KeyVault"),
)
LISTS = (
    ("keyvault.vaults.list_by_subscription",),
    ("network.private_endpoints.list_by_subscription",),
    ("network.network_interfaces.list_all",),
    ("network.private_dns_zone_groups.list", "pe", "rg"),
    ("privatedns.virtual_network_links.list", "rg", "z"),
    ("privatedns.record_sets.list_by_type", "rg", "z", "A"),
    ("resource.resources.list_by_resource_group", "rg"),
)
WRITES: tuple[tuple[t.Any, ...], ...] = (
    ("keyvault.vaults.begin_create_or_update", "rg", "v", {}),
    ("keyvault.private_endpoint_connections.put", "rg", "v", "c", {}),
    ("keyvault.vaults.begin_purge_deleted", "v", "westeurope"),
    ("network.private_endpoints.begin_create_or_update", "rg", "pe", {}),
    ("network.private_endpoints.begin_delete", "rg", "pe"),
    ("privatedns.private_zones.begin_create_or_update", "rg", "z", {}),
    ("privatedns.record_sets.create_or_update", "rg", "z", "A", "r", {}),
    ("resource.resource_groups.create_or_update", "rg", {}),
)


def versions(wire: Wire) -> list[str]:
    """Return the api-version of every request; there is never more than one in an address."""
    queries = [urllib.parse.parse_qs(urllib.parse.urlsplit(str(request.url)).query) for request in wire.requests]
    return [version for query in queries for version in query["api-version"]]


def wanted(operation: str) -> str:
    """Return what the table says."""
    return API_VERSIONS[operation.partition(".")[0]]


@pytest.mark.parametrize("call", [*READS, *WRITES], ids=lambda call: call[0])
def test_a_call(monkeypatch: pytest.MonkeyPatch, call: tuple[t.Any, ...]) -> None:
    wire = Wire(Answer(200, {"id": "x", "name": "x", "properties": {}}))
    arm_on(monkeypatch, wire, Time()).call(SUBSCRIPTION, *call, doing="do it")
    assert versions(wire) == [wanted(call[0])]


@pytest.mark.parametrize("call", LISTS, ids=lambda call: call[0])
def test_a_list_and_its_pages(monkeypatch: pytest.MonkeyPatch, call: tuple[str, ...]) -> None:
    page = {"value": [{"id": "1", "name": "1"}], "nextLink": f"{ARM}/next?api-version={wanted(call[0])}&$skiptoken=a%3Db"}
    wire = Wire(Answer(200, page), Answer(200, {"value": [{"id": "2", "name": "2"}]}))
    assert [item["id"] for item in arm_on(monkeypatch, wire, Time()).list(SUBSCRIPTION, *call, doing="list them")] == ["1", "2"]
    assert versions(wire) == [wanted(call[0])] * 2
    assert "a%3Db" in str(wire.requests[1].url)


def test_an_operation_is_polled_where_azure_says(monkeypatch: pytest.MonkeyPatch) -> None:
    poll = f"{LOCATION}/operations/1?api-version=2020-01-01&t=63&c=cert&s=sig%3D&h=hash"
    created = Answer(
        201,
        {"id": ENDPOINT, "name": "pe", "location": "x", "properties": {"provisioningState": "Updating"}},
        {"Azure-AsyncOperation": poll},
    )
    wire = Wire(
        created,
        Answer(200, {"status": "InProgress"}),
        Answer(200, {"status": "Succeeded"}),
        Answer(200, {"id": ENDPOINT, "name": "pe", "location": "x", "properties": {}}),
    )
    arm_on(monkeypatch, wire, Time()).call(
        SUBSCRIPTION, "network.private_endpoints.begin_create_or_update", "rg", "pe", {}, doing="create it"
    )
    assert versions(wire) == [wanted("network"), "2020-01-01", "2020-01-01", wanted("network")]
    assert [str(request.url) for request in wire.requests[1:3]] == [poll, poll]


def test_a_type_without_a_client_brings_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(Answer(200, {"id": "x", "name": "x"}))
    arm_on(monkeypatch, wire, Time()).call(
        SUBSCRIPTION, "resource.resources.get_by_id", f"{GROUP}/providers/A.B/cs/d", "2021-05-01", doing="read it"
    )
    assert versions(wire) == ["2021-05-01"]


def test_vaults_are_asked_for_in_a_version_that_does_not_retire() -> None:
    assert datetime.date.fromisoformat(API_VERSIONS["keyvault"]) >= datetime.date(2026, 2, 1)


def test_no_version_is_a_preview() -> None:
    assert all(datetime.date.fromisoformat(version) for version in API_VERSIONS.values())
