# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks, endpoints, zone groups and connections: what Azure answers, refuses and keeps alike on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def endpoint_id(arm: Client, name: str = "pe") -> str:
    return f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/{name}"


def test_a_network_is_created_updated_and_left_alone(arm: Client) -> None:
    network, subnet = arm.network()
    body = {"location": "West Europe", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    before = arm.call("GET", network)
    assert before.headers["etag"] == before.json()["etag"]
    again = arm.call("PUT", network, body)
    assert (again.status_code, again.json()["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "etag" not in again.headers
    assert again.json()["etag"] != before.json()["etag"]
    assert [each["name"] for each in again.json()["properties"]["subnets"]] == ["snet"]
    assert arm.get(subnet)["etag"] == again.json()["etag"]
    assert again.json()["location"] == "westeurope"
    assert arm.get(subnet)["properties"]["privateEndpointNetworkPolicies"] == "Disabled"


def test_creation_shows_updating_and_ends(arm: Client) -> None:
    subnet = arm.network()[1]
    answer = arm.call("PUT", f"{endpoint_id(arm)}", arm.endpoint_body(subnet, arm.vault()))
    assert answer.status_code == 201
    assert "location" not in answer.headers
    shown = answer.json()["properties"]
    assert (shown["provisioningState"], shown["customDnsConfigs"]) == ("Updating", [])
    assert shown["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]["description"] == "Auto Approved"
    assert arm.wait(answer.headers["azure-asyncoperation"]) == {"status": "Succeeded"}
    after = arm.get(endpoint_id(arm))["properties"]
    assert after["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]["description"] == ""
    assert after["customDnsConfigs"] == [{"fqdn": "kv-one.vault.azure.net", "ipAddresses": ["10.0.0.4"]}]
    assert after["networkInterfaces"][0]["id"] == shown["networkInterfaces"][0]["id"]


def test_both_sides_of_a_connection(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.endpoint(subnet, vault)
    connection = arm.get(f"{vault}/privateEndpointConnections/pec")
    assert connection["properties"]["privateLinkServiceConnectionState"] == {"status": "Approved", "actionsRequired": "None"}
    inside = arm.get(vault)["properties"]["privateEndpointConnections"][0]
    assert set(inside) == {"id", "properties"}
    back = arm.get(subnet)["properties"]
    assert back["purpose"] == "PrivateEndpoints"
    assert back["privateEndpoints"][0]["id"].endswith("/resourceGroups/RG/providers/Microsoft.Network/privateEndpoints/PE")
    nic = arm.get(arm.get(endpoint_id(arm))["properties"]["networkInterfaces"][0]["id"])
    assert nic["properties"]["ipConfigurations"][0]["properties"]["privateLinkConnectionProperties"]["requiredMemberName"] == "default"
    assert code(arm.call("DELETE", nic["id"])) == "NicInUse"


def test_deletion(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.endpoint(subnet, vault)
    assert code(arm.call("DELETE", subnet)) == "InUseSubnetCannotBeDeleted"
    answer = arm.call("DELETE", endpoint_id(arm))
    assert (answer.status_code, answer.content) == (202, b"")
    assert arm.wait(answer.headers["azure-asyncoperation"]) == {"status": "Succeeded"}
    assert arm.call("GET", answer.headers["location"]).status_code == 204
    missing = arm.call("GET", endpoint_id(arm))
    assert (missing.status_code, missing.json()["error"]["details"]) == (404, [])
    assert "privateEndpointConnections" not in arm.get(vault)["properties"]
    assert "privateEndpoints" not in arm.get(subnet)["properties"]
    assert arm.call("DELETE", endpoint_id(arm)).status_code == 204
    arm.do("DELETE", subnet)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.0.0.9", ""),
        ("10.0.0.4", "PrivateIPAddressIsAllocated"),
        ("10.0.9.9", "PrivateIPAddressNotInSubnet"),
        ("10.0.0.1", "PrivateIPAddressInReservedRange"),
    ],
)
def test_static_addresses(arm: Client, address: str, expected: str) -> None:
    subnet = arm.network()[1]
    arm.endpoint(subnet, arm.vault(), "first")
    static = {"name": "ip", "properties": {"groupId": "vault", "memberName": "default", "privateIPAddress": address}}
    answer = arm.call("PUT", endpoint_id(arm), arm.endpoint_body(subnet, arm.vault("kv-two"), ipConfigurations=[static]))
    assert (code(answer) if answer.status_code >= 400 else "") == expected


def test_a_wrong_member_name_and_a_full_subnet(arm: Client) -> None:
    subnet = arm.network(prefix="10.0.0.0/29")[1]
    static = {"name": "ip", "properties": {"groupId": "vault", "memberName": "vault", "privateIPAddress": "10.0.0.5"}}
    answer = arm.call("PUT", endpoint_id(arm), arm.endpoint_body(subnet, arm.vault(), ipConfigurations=[static]))
    assert code(answer) == "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps"
    for number in range(3):
        arm.endpoint(subnet, arm.vault(f"kv-{number}x"), f"pe{number}")
    assert code(arm.call("PUT", endpoint_id(arm), arm.endpoint_body(subnet, arm.vault("kv-last")))) == "SubnetIsFull"


def test_what_an_endpoint_refuses(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    abroad = {**arm.endpoint_body(subnet, vault), "location": "eastus"}
    assert code(arm.call("PUT", endpoint_id(arm), abroad)) == "InvalidResourceReference"
    assert code(arm.call("PUT", endpoint_id(arm), arm.endpoint_body(subnet + "x", vault))) == "InvalidResourceReference"
    assert code(arm.call("PUT", endpoint_id(arm), arm.endpoint_body(subnet, "/nonsense"))) == "LinkedInvalidPropertyId"
    assert code(arm.call("PUT", endpoint_id(arm, "-bad-"), arm.endpoint_body(subnet, vault))) == "InvalidResourceName"
    gone = arm.failed("PUT", endpoint_id(arm), arm.endpoint_body(subnet, vault + "x"))
    assert gone["code"] == "InvalidPrivateLinkServiceId"
    assert arm.get(endpoint_id(arm))["properties"]["provisioningState"] == "Failed"


def test_a_manual_request_and_its_approval(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    endpoint = arm.endpoint(subnet, vault, manual=True)
    assert endpoint["properties"]["provisioningState"] == "Succeeded"
    assert endpoint["properties"]["customDnsConfigs"][0]["fqdn"] == "kv-one.vaultcore.azure.net"
    assert arm.lookup("kv-one.vault.azure.net")[1][0].startswith("data-prod-weu.")
    connection = f"{vault}/privateEndpointConnections/pec"
    answer = arm.call(
        "PUT", connection, {"properties": {"privateEndpoint": {}, "privateLinkServiceConnectionState": {"status": "Approved"}}}
    )
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (200, "Updating")
    assert "kv-operation=" in answer.headers["azure-asyncoperation"]
    after = arm.get(connection)
    assert after["properties"]["provisioningState"] == "Succeeded"
    assert after["etag"] != answer.json()["etag"]
    assert after["properties"]["privateEndpoint"]["id"] == endpoint["id"]
    assert arm.get(endpoint_id(arm))["properties"]["customDnsConfigs"][0]["fqdn"] == "kv-one.vault.azure.net"
    removed = arm.call("DELETE", connection)
    assert removed.status_code == 202
    assert arm.call("GET", removed.headers["location"]).status_code == 204
    state = arm.get(endpoint_id(arm))["properties"]["manualPrivateLinkServiceConnections"][0]["properties"][
        "privateLinkServiceConnectionState"
    ]
    assert state["status"] == "Disconnected"


def test_a_zone_group_writes_and_removes_records(arm: Client) -> None:
    network, subnet = arm.network()
    vault, zone = arm.vault(), arm.zone()
    arm.link(zone, network)
    arm.endpoint(subnet, vault)
    assert arm.lookup("kv-one.vault.azure.net", network)[0] == "NXDOMAIN"
    assert arm.lookup("kv-one.vault.azure.net")[1][0] == "kv-one.privatelink.vaultcore.azure.net"
    group = f"{endpoint_id(arm)}/privateDnsZoneGroups/default"
    config = {"name": "vault", "properties": {"privateDnsZoneId": zone}}
    shown = arm.do("PUT", group, {"properties": {"privateDnsZoneConfigs": [config]}})
    assert shown["properties"]["privateDnsZoneConfigs"][0]["properties"]["recordSets"][0]["ipAddresses"] == ["10.0.0.4"]
    assert arm.get(f"{zone}/A/kv-one")["properties"]["ttl"] == 10
    assert arm.get(endpoint_id(arm))["properties"]["customDnsConfigs"] == []
    assert arm.lookup("kv-one.vault.azure.net", network) == ("NOERROR", ["kv-one.privatelink.vaultcore.azure.net", "10.0.0.4"])
    other = arm.call("PUT", f"{endpoint_id(arm)}/privateDnsZoneGroups/second", {"properties": {"privateDnsZoneConfigs": [config]}})
    assert other.status_code == 400
    arm.do("DELETE", group)
    assert arm.call("GET", f"{zone}/A/kv-one").json()["code"] == "NotFound"
    assert arm.get(endpoint_id(arm))["properties"]["customDnsConfigs"][0]["ipAddresses"] == ["10.0.0.4"]


def test_a_zone_group_with_a_zone_that_is_missing_or_of_another_service(arm: Client) -> None:
    subnet = arm.network()[1]
    arm.endpoint(subnet, arm.vault())
    group, zones = f"{endpoint_id(arm)}/privateDnsZoneGroups/default", f"{arm.rg}/providers/Microsoft.Network/privateDnsZones"
    config = {"name": "z", "properties": {"privateDnsZoneId": f"{zones}/missing.example"}}
    assert arm.failed("PUT", group, {"properties": {"privateDnsZoneConfigs": [config]}})["code"] == "InvalidPrivateDnsZoneIds"
    config["properties"] = {"privateDnsZoneId": arm.zone("www.example.com")}
    shown = arm.do("PUT", group, {"properties": {"privateDnsZoneConfigs": [config]}})
    assert shown["properties"]["privateDnsZoneConfigs"][0]["properties"]["recordSets"] == []


def test_updates_keep_what_the_server_made(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    before = arm.endpoint(subnet, vault)
    tagged = arm.call(
        "PUT",
        endpoint_id(arm).upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
        {**arm.endpoint_body(subnet, vault), "tags": {"a": "b"}},
    )
    assert (tagged.status_code, tagged.json()["properties"]["provisioningState"]) == (200, "Succeeded")
    after = arm.get(endpoint_id(arm))
    assert after["id"] == before["id"]
    assert after["tags"] == {"a": "b"}
    assert after["properties"]["networkInterfaces"] == before["properties"]["networkInterfaces"]
    group = f"{arm.rg}/providers/Microsoft.Network/applicationSecurityGroups/asg"
    arm.do("PUT", group, {"location": "westeurope"})
    changed = arm.call("PUT", endpoint_id(arm), arm.endpoint_body(subnet, vault, applicationSecurityGroups=[{"id": group}]))
    assert changed.json()["properties"]["provisioningState"] == "Updating"
    assert arm.get(endpoint_id(arm))["properties"]["applicationSecurityGroups"] == [{"id": group}]
    assert code(arm.call("DELETE", group)) == "ApplicationSecurityGroupInUse"


def test_other_targets(arm: Client) -> None:
    subnet = arm.network()[1]
    for namespace in ("Microsoft.Storage",):
        arm.call("POST", f"{arm.subscription}/providers/{namespace}/register", version="2024-11-01")
    account = f"{arm.rg}/providers/Microsoft.Storage/storageAccounts/acct"
    arm.do("PUT", account, {"location": "westeurope"})
    arm.endpoint(subnet, account, "blob", group="blob")
    assert arm.get(account)["properties"]["privateEndpointConnections"][0]["name"].startswith("acct.")
    hsm = f"{arm.rg}/providers/Microsoft.KeyVault/managedHSMs/hsm-one"
    arm.do("PUT", hsm, {"location": "westeurope", "properties": {}})
    endpoint = arm.endpoint(subnet, hsm, "hsm", group="managedhsm")
    assert endpoint["properties"]["customDnsConfigs"][0]["fqdn"] == "hsm-one.managedhsm.azure.net"
    service = f"{arm.rg}/providers/Microsoft.Network/privateLinkServices/pls"
    made = arm.do("PUT", service, {"location": "westeurope", "properties": {"destinationIPAddress": "10.0.0.99"}})
    body = arm.endpoint_body(subnet, made["properties"]["alias"], manual=True)
    del body["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["groupIds"]
    arm.do("PUT", endpoint_id(arm, "pls"), body)
    connection = arm.get(service)["properties"]["privateEndpointConnections"][0]
    arm.do("PUT", connection["id"], {"properties": {"privateLinkServiceConnectionState": {"status": "Approved", "description": "yes"}}})
    there = arm.get(endpoint_id(arm, "pls"))["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]
    assert there["privateLinkServiceConnectionState"]["status"] == "Approved"
