# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Azure's rules one by one: spelling, etags, names, regions, limits, policies, locks, nested resources, the kinds of 404, tenants, quotas.
"""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client

OTHER_TENANT = "b0000000-0000-4000-8000-000000000002"


def code(answer: Any) -> str:
    body = answer.json()
    return str(body.get("error", body)["code"])


def network_id(arm: Client, rest: str) -> str:
    return f"{arm.rg}/providers/Microsoft.Network/{rest}"


def named(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An endpoint's body with another name of its connection."""
    connections = body["properties"].get("privateLinkServiceConnections") or body["properties"]["manualPrivateLinkServiceConnections"]
    connections[0]["name"] = name
    return body


def test_ids_compare_without_case_and_names_keep_theirs(arm: Client) -> None:
    vault = arm.vault("Kv-One")
    subnet = arm.network("VNet")[1]
    shouted = vault.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/")
    found = arm.get(shouted)
    assert (found["id"], found["name"], found["properties"]["vaultUri"]) == (vault, "Kv-One", "https://kv-one.vault.azure.net/")
    arm.call("PUT", vault.lower(), {**found, "tags": {"by": "another spelling"}})
    assert [(each["name"], each["tags"]) for each in arm.get(vault.rsplit("/", 1)[0])["value"]] == [("Kv-One", {"by": "another spelling"})]
    made = arm.do(
        "PUT",
        network_id(arm, "privateEndpoints/PE"),
        arm.endpoint_body(subnet.lower(), vault.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/")),
    )
    assert made["properties"]["provisioningState"] == "Succeeded"
    assert arm.get(vault)["properties"]["privateEndpointConnections"][0]["id"] == f"{vault}/privateEndpointConnections/pec"
    assert arm.get(network_id(arm, "PRIVATEENDPOINTS/pe"))["name"] == "PE"


def test_etags_guard_writes(arm: Client) -> None:
    network, subnet = arm.network()
    before = arm.call("GET", network)
    assert before.headers["etag"] == before.json()["etag"] == arm.get(subnet)["etag"]
    body = {"location": "westeurope", "properties": before.json()["properties"]}
    stale = arm.call("PUT", network, body, headers={"If-Match": 'W/"0"'})
    assert (stale.status_code, code(stale)) == (412, "PreconditionFailed")
    assert arm.call("PUT", network, body, headers={"If-None-Match": "*"}).status_code == 412
    assert arm.call("PUT", network, body, headers={"If-Match": before.headers["etag"]}).status_code == 200
    assert arm.get(network)["etag"] != before.headers["etag"]  # any PUT changes it


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("virtualNetworks/-net", "InvalidResourceName"),
        ("virtualNetworks/net.", "InvalidResourceName"),
        (f"virtualNetworks/{'n' * 65}", "InvalidResourceName"),
        ("privateDnsZones/single", "BadRequest"),
        (f"privateDnsZones/{'l' * 64}.example", "BadRequest"),
    ],
)
def test_names_of_the_network_provider(arm: Client, path: str, expected: str) -> None:
    location = "global" if "Dns" in path else "westeurope"
    assert code(arm.call("PUT", network_id(arm, path), {"location": location, "properties": {}})) == expected


def test_names_of_groups(arm: Client) -> None:
    for name, expected in (("g" * 90, 201), ("g" * 91, 400), ("ends.", 400), ("a(b)_c-d.e", 201)):
        assert arm.call("PUT", f"{arm.subscription}/resourceGroups/{name}", {"location": "westeurope"}).status_code == expected


def test_regions(arm: Client) -> None:
    vault = f"{arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one"
    assert code(arm.call("PUT", vault, {"location": "atlantis", "properties": {}})) == "LocationNotAvailableForResourceType"
    assert code(arm.call("PUT", vault, {"properties": {}})) == "LocationRequired"
    zone = network_id(arm, "privateDnsZones/z.example")
    assert code(arm.call("PUT", zone, {"location": "westeurope"})) == "LocationNotAvailableForResourceType"
    network = arm.network(location="West Europe")[0]
    assert arm.get(network)["location"] == "westeurope"
    assert code(arm.call("PUT", network, {**arm.get(network), "location": "eastus"})) == "InvalidResourceLocation"


def test_limits(arm: Client) -> None:
    """Each refuses the first that is too many. The numbers themselves are settings; the defaults are Azure's."""
    limits = arm.control("GET", "settings")["limits"]
    assert [limits[name] for name in ("endpoints_per_vault", "vaults_with_endpoints_per_subscription", "endpoints_per_network")] == [
        64,
        400,
        1000,
    ]
    assert [limits[name] for name in ("links_per_zone", "registration_links_per_zone", "record_sets_per_zone", "records_per_set")] == [
        1000,
        100,
        25000,
        20,
    ]
    network, subnet = arm.network()
    one, two, zone = arm.vault(), arm.vault("kv-two"), arm.zone("z.example")
    arm.endpoint(subnet, one)
    another = network_id(arm, "privateEndpoints/another")
    for name, target in (
        ("vaults_with_endpoints_per_subscription", two),
        ("endpoints_per_network", one),
        ("endpoints_per_subscription", one),
    ):
        arm.control("PUT", "settings", {"limits": {name: 1}})
        assert arm.call("PUT", another, named(arm.endpoint_body(subnet, target), "other")).status_code == 400
    arm.control(
        "PUT", "settings", {"limits": {"zones_per_subscription": 1, "links_per_zone": 1, "record_sets_per_zone": 2, "records_per_set": 1}}
    )
    assert code(arm.call("PUT", network_id(arm, "privateDnsZones/y.example"), {"location": "global"})) == "PrivateZonesLimitExceeded"
    arm.link(zone, network)
    body = {"location": "global", "properties": {"virtualNetwork": {"id": arm.network("other")[0]}}}
    assert "limit" in arm.failed("PUT", f"{zone}/virtualNetworkLinks/second", body)["message"]
    two_addresses = {"properties": {"ttl": 1, "aRecords": [{"ipv4Address": "10.0.0.1"}, {"ipv4Address": "10.0.0.2"}]}}
    assert arm.call("PUT", f"{zone}/A/many", two_addresses).status_code == 400
    assert arm.call("PUT", f"{zone}/TXT/first", {"properties": {"ttl": 1}}).status_code == 201
    assert arm.call("PUT", f"{zone}/TXT/second", {"properties": {"ttl": 1}}).status_code == 400


def test_policies_of_subnets(arm: Client) -> None:
    network, subnet = arm.network()
    assert arm.get(subnet)["properties"]["privateEndpointNetworkPolicies"] == "Disabled"
    for value in ("Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled", "Disabled"):
        body = {"properties": {"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": value}}
        assert arm.do("PUT", subnet, body)["properties"]["privateEndpointNetworkPolicies"] == value
    old = arm.do("PUT", subnet, {"properties": {"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": "RouteTableEnabled"}})
    assert old["properties"]["privateLinkServiceNetworkPolicies"] == "Enabled"
    assert arm.get(subnet, version="2023-02-01")["properties"]["privateEndpointNetworkPolicies"] == "Enabled"  # older versions know but two
    wrong = arm.call("PUT", subnet, {"properties": {"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": "Sometimes"}})
    assert code(wrong) == "InvalidRequestFormat"


def test_a_network_changes_one_thing_at_a_time(arm: Client) -> None:
    network, subnet = arm.network()
    arm.control("PUT", "settings", {"durations": {"network.put": 30}})
    first = arm.call("PUT", f"{network}/subnets/first", {"properties": {"addressPrefix": "10.0.1.0/24"}})
    second = arm.call("PUT", f"{network}/subnets/second", {"properties": {"addressPrefix": "10.0.2.0/24"}})
    assert (second.status_code, code(second)) == (409, "AnotherOperationInProgress")
    assert first.headers["azure-asyncoperation"].split("?")[0].rsplit("/", 1)[1] in second.json()["error"]["message"]
    assert code(arm.call("DELETE", network)) == code(arm.call("DELETE", subnet)) == "AnotherOperationInProgress"
    arm.control("PUT", "clock", {"advance": 31})
    assert arm.call("PUT", f"{network}/subnets/second", {"properties": {"addressPrefix": "10.0.2.0/24"}}).status_code == 201


def test_refusals_of_the_network_provider_that_pass_by_themselves(arm: Client) -> None:
    arm.control("PUT", "settings", {"timing": "real"})
    subnet, vault = arm.network()[1], arm.vault()
    arm.control("PUT", "clock", {"advance": 60})
    endpoint = network_id(arm, "privateEndpoints/pe")
    arm.call("PUT", endpoint, arm.endpoint_body(subnet, vault))
    busy = arm.call("DELETE", endpoint)
    assert (busy.status_code, busy.headers["retry-after"], set(busy.json()["error"])) == (
        429,
        "14",
        {"code", "message", "details", "innerError"},
    )
    arm.control("PUT", "clock", {"advance": 60})
    assert arm.call("DELETE", endpoint).status_code == 202


def test_what_is_nested_or_in_use_holds_the_rest(arm: Client) -> None:
    network, subnet = arm.network()
    zone = arm.zone()
    link = arm.link(zone, network)
    answer = arm.call("DELETE", zone)
    assert (answer.status_code, code(answer)) == (409, "CannotDeleteResource")
    assert link.split("/providers/")[1] in answer.json()["error"]["message"]
    arm.endpoint(subnet, arm.vault())
    assert code(arm.call("DELETE", network)) == "InUseSubnetCannotBeDeleted"
    moved = {"properties": {"addressPrefix": "10.0.7.0/24"}}
    assert code(arm.call("PUT", subnet, moved)) == "InUsePrefixCannotBeDeleted"
    group = network_id(arm, "privateEndpoints/pe/privateDnsZoneGroups")
    config = {"properties": {"privateDnsZoneConfigs": [{"name": "z", "properties": {"privateDnsZoneId": zone}}]}}
    arm.do("PUT", f"{group}/one", config)
    assert code(arm.call("PUT", f"{group}/two", config)) == "MultiplePrivateDnsZoneGroupsNotAllowed"


def test_the_kinds_of_404(arm: Client) -> None:
    network, subnet = arm.network()
    zone = arm.zone("z.example")
    vaults = f"{arm.rg}/providers/Microsoft.KeyVault/vaults"
    for path, expected, provider in (
        (f"{arm.rg}x", "ResourceGroupNotFound", False),
        (f"{vaults.replace('/rg/', '/none/')}/kv-none", "ResourceGroupNotFound", False),
        (f"{vaults}/kv-none", "ResourceNotFound", False),
        (f"{network}x", "ResourceNotFound", False),
        (f"{network}x/subnets/s", "ResourceNotFound", False),
        (f"{subnet}x", "NotFound", True),
        (network_id(arm, "privateEndpoints/none"), "NotFound", True),
        (network_id(arm, "privateDnsZones/none.example"), "ResourceNotFound", False),
        (network_id(arm, "privateDnsZones/none.example/virtualNetworkLinks/l"), "ResourceNotFound", False),
        (f"{zone}/virtualNetworkLinks/none", "ResourceNotFound", False),
    ):
        answer = arm.call("GET", path)
        assert (answer.status_code, code(answer), "details" in answer.json()["error"]) == (404, expected, provider), path
    record = arm.call("GET", f"{zone}/A/none")
    assert (record.status_code, record.json()["code"]) == (404, "NotFound")  # without the wrapper
    assert code(arm.call("PUT", network_id(arm, "privateDnsZones/none.example/A/r"), {"properties": {}})) == "ParentResourceNotFound"
    deleted = f"{arm.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-none"
    assert code(arm.call("GET", deleted)) == "DeletedVaultNotFound"
    for path in (
        f"{zone}/virtualNetworkLinks/none",
        network_id(arm, "privateDnsZones/none.example"),
        network_id(arm, "privateEndpoints/none"),
    ):
        assert arm.call("DELETE", path).status_code == 204


def test_record_sets_are_listed_by_name_and_then_by_type(arm: Client) -> None:
    zone = arm.zone("z.example")
    for kind, name in (("TXT", "b"), ("A", "b"), ("MX", "a"), ("TXT", "@")):
        assert arm.call("PUT", f"{zone}/{kind}/{name}", {"properties": {"ttl": 60}}).status_code == 201
    expected = ["SOA/@", "TXT/@", "MX/a", "A/b", "TXT/b"]
    for collection in ("ALL", "recordsets"):
        assert ["/".join(each["id"].rsplit("/", 2)[1:]) for each in arm.get(f"{zone}/{collection}")["value"]] == expected


def test_what_simple_resources_show(arm: Client) -> None:
    """Of a group for applications not even a guid; of a network no pools but those that were sent."""
    group, table = network_id(arm, "applicationSecurityGroups/asg"), network_id(arm, "routeTables/table")
    assert arm.do("PUT", group, {"location": "westeurope"})["properties"] == {"provisioningState": "Succeeded"}
    shown = arm.do("PUT", table, {"location": "westeurope", "tags": {"a": "b"}})
    assert set(shown["properties"]) == {"provisioningState", "resourceGuid", "disableBgpRoutePropagation", "routes"}
    network = arm.network()[0]
    for version in ("2024-03-01", "2024-05-01", "2025-07-01"):
        assert "ipamPoolPrefixAllocations" not in str(arm.get(network, version=version))


@pytest.mark.parametrize(
    "properties",
    [
        {"subnet": "text"},
        {"privateLinkServiceConnections": {"name": "no list"}},
        {"privateLinkServiceConnections": ["no object"]},
        {"privateLinkServiceConnections": [{"name": "n", "properties": {"groupIds": [{}]}}]},
        "no object",
    ],
)
def test_misshapen_bodies_are_refused(arm: Client, properties: Any) -> None:
    answer = arm.call("PUT", network_id(arm, "privateEndpoints/pe"), {"location": "westeurope", "properties": properties})
    assert (answer.status_code, code(answer)) == (400, "InvalidRequestFormat")
    answer = arm.call(
        "PUT", f"{arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one", {"location": "westeurope", "properties": {"networkAcls": properties}}
    )
    assert answer.status_code == 400


def test_an_endpoint_may_lead_into_another_subscription_or_tenant(arm: Client) -> None:
    """In the own tenant at once; into another only as a request, which that tenant's owner decides on."""
    network, subnet = arm.network()
    other = Client(arm.facts)
    other.subscription = f"/subscriptions/{arm.facts['subscriptions'][1]}"
    other.rg = f"{other.subscription}/resourceGroups/far"
    vault = other.ready().vault("kv-far")
    arm.endpoint(subnet, vault)
    assert other.get(vault)["properties"]["privateEndpointConnections"][0]["properties"]["privateEndpoint"]["id"].startswith(arm.rg)

    subscription = "c0000000-0000-4000-8000-0000000000aa"
    owner = {"tenant": OTHER_TENANT, "client_id": "owner", "object_id": "owner-id", "secret": "s"}
    arm.control("POST", "principals", owner)
    arm.control("POST", "subscriptions", {"id": subscription, "tenant": OTHER_TENANT})
    abroad = Client({**arm.facts, "tenant": OTHER_TENANT, "client_id": "owner", "secret": "s", "subscription": subscription})
    foreign = abroad.ready().vault("kv-foreign")
    endpoint = network_id(arm, "privateEndpoints/abroad")
    refused = arm.call("PUT", endpoint, named(arm.endpoint_body(subnet, foreign), "abroad"))
    assert (refused.status_code, code(refused)) == (403, "LinkedAuthorizationFailed")
    arm.do("PUT", endpoint, named(arm.endpoint_body(subnet, foreign, manual=True), "abroad"))
    approve = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved", "description": "welcome"}}}
    assert abroad.call("PUT", f"{foreign}/privateEndpointConnections/abroad", approve).status_code == 200
    abroad.get(f"{foreign}/privateEndpointConnections/abroad")
    connection = arm.get(endpoint)["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]
    assert connection["privateLinkServiceConnectionState"]["status"] == "Approved"
