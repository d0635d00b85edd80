# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vaults, private DNS, resource groups: defaults, soft delete, preconditions, and names as each side sees them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dnslib
import pytest

from emulator.client import Client, Connection, run

ZONE = "privatelink.vaultcore.azure.net"


def vault_body(arm: Client, **properties: Any) -> dict[str, Any]:
    return {
        "location": "westeurope",
        "properties": {"tenantId": arm.facts["tenant"], "sku": {"family": "A", "name": "standard"}, **properties},
    }


def vault_id(arm: Client, name: str = "kv-one") -> str:
    return f"{arm.rg}/providers/Microsoft.KeyVault/vaults/{name}"


def test_a_vault_registers_in_dns(arm: Client) -> None:
    answer = arm.call("PUT", vault_id(arm), vault_body(arm))
    shown = answer.json()["properties"]
    assert answer.status_code == 200
    assert not {"azure-asyncoperation", "location", "retry-after"} & set(answer.headers)
    assert (shown["provisioningState"], shown["vaultUri"]) == ("RegisteringDns", "https://kv-one.vault.azure.net")
    after = arm.get(vault_id(arm))["properties"]
    assert (after["provisioningState"], after["vaultUri"]) == ("Succeeded", "https://kv-one.vault.azure.net/")
    assert after["enableRbacAuthorization"] is True
    assert not {"networkAcls", "enablePurgeProtection", "softDeleteRetentionInDays", "privateEndpointConnections"} & set(after)
    assert "publicNetworkAccess" not in arm.get(vault_id(arm), version="2019-09-01")["properties"]


def test_network_rules(arm: Client) -> None:
    own = {"networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"}}
    arm.do("PUT", vault_id(arm), vault_body(arm, **own))
    assert arm.get(vault_id(arm))["properties"]["networkAcls"] == {**own["networkAcls"], "ipRules": [], "virtualNetworkRules": []}
    arm.do("PUT", vault_id(arm), vault_body(arm, networkAcls={"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": []}))
    assert "networkAcls" not in arm.get(vault_id(arm))["properties"]
    private = arm.call("PUT", vault_id(arm), vault_body(arm, networkAcls={"ipRules": [{"value": "192.168.1.0/24"}]}))
    assert "forbidden range" in private.json()["error"]["message"]
    subnet = arm.network()[1]
    rule = arm.call("PUT", vault_id(arm), vault_body(arm, networkAcls={"virtualNetworkRules": [{"id": subnet}]}))
    assert rule.json()["error"]["code"] == "SubnetsHaveNoServiceEndpointsConfigured"
    arm.do("PUT", subnet, {"properties": {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": [{"service": "Microsoft.KeyVault"}]}})
    arm.do("PUT", vault_id(arm), vault_body(arm, networkAcls={"virtualNetworkRules": [{"id": subnet}]}))
    assert arm.get(vault_id(arm))["properties"]["networkAcls"]["virtualNetworkRules"] == [{"id": subnet.lower()}]


def test_soft_delete_recovery_and_purge(arm: Client) -> None:
    vault = arm.vault(enablePurgeProtection=True)
    assert (arm.call("DELETE", vault).status_code, arm.call("GET", vault).status_code) == (200, 404)
    deleted = f"{arm.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-one"
    assert arm.get(deleted)["properties"]["purgeProtectionEnabled"] is True
    assert arm.call("PUT", vault, vault_body(arm)).json()["error"]["code"] == "ConflictError"
    assert arm.call("POST", f"{deleted}/purge").json()["error"]["code"] == "MethodNotAllowed"
    back = arm.call("PUT", vault, vault_body(arm, createMode="recover"))
    assert (back.status_code, back.json()["properties"]["provisioningState"]) == (200, "Succeeded")
    assert back.json()["properties"]["enablePurgeProtection"] is True
    assert arm.call("GET", deleted).json()["error"]["code"] == "DeletedVaultNotFound"
    other = arm.vault("kv-two")
    arm.call("DELETE", other)
    purge = arm.call("POST", deleted.replace("kv-one", "kv-two") + "/purge")
    assert purge.status_code == 202
    assert arm.call("GET", purge.headers["location"]).json()["status"] == "Succeeded"
    arm.vault("kv-two")


def test_vault_names_are_checked_and_taken_in_the_world(arm: Client) -> None:
    for name in ("1kv", "kv--x", "kv-", "kv", "k" * 25):
        assert arm.call("PUT", vault_id(arm, name), vault_body(arm)).json()["error"]["code"] == "VaultNameNotValid"
    arm.vault()
    arm.do("PUT", f"{arm.rg}2", {"location": "westeurope"})
    other = arm.call("PUT", vault_id(arm).replace("/rg/", "/rg2/"), vault_body(arm))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "VaultAlreadyExists")


def test_a_deleted_vault_leaves_its_endpoint_behind(arm: Client) -> None:
    vault = arm.vault()
    arm.endpoint(arm.network()[1], vault)
    arm.call("DELETE", vault)
    endpoint = arm.get(f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe")["properties"]
    state = endpoint["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]
    assert (endpoint["provisioningState"], state["status"], state["description"]) == ("Failed", "Disconnected", "Deleted state")


def test_zones_and_their_preconditions(arm: Client) -> None:
    zone = f"{arm.rg}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
    answer = arm.call("PUT", zone, {"location": "global"}, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.json()) == (202, {})
    assert {"azure-asyncoperation", "location"} <= set(answer.headers)
    assert arm.wait(answer.headers["azure-asyncoperation"]) == {"status": "Succeeded"}
    shown = arm.call("GET", zone)
    assert shown.headers["etag"] == shown.json()["etag"]
    assert (shown.json()["location"], shown.json()["properties"]["numberOfRecordSets"]) == ("global", 1)
    again = arm.failed("PUT", zone, {"location": "global"}, headers={"If-None-Match": "*"})
    assert again == {"code": "PreconditionFailed", "message": f"The Zone {ZONE} exists already and hence cannot be created again."}
    stale = arm.failed("PUT", zone, {"location": "global"}, headers={"If-Match": "stale"})
    assert stale["message"] == f"The Zone {ZONE} has been modified (etag mismatch)."
    assert arm.call("DELETE", zone + ".example").status_code == 204
    assert arm.call("GET", zone + ".example").json()["error"]["code"] == "ResourceNotFound"


def test_links(arm: Client) -> None:
    network, zone = arm.network()[0], arm.zone()
    link = arm.link(zone, network)
    shown = arm.get(link)
    assert shown["etag"].startswith('"')
    assert (shown["properties"]["resolutionPolicy"], shown["properties"]["virtualNetworkLinkState"]) == ("Default", "Completed")
    body = {"location": "global", "properties": {"virtualNetwork": {"id": network}, "registrationEnabled": False}}
    assert arm.failed("PUT", f"{zone}/virtualNetworkLinks/other", body)["code"] == "Conflict"
    assert arm.call("DELETE", zone).json()["error"]["code"] == "CannotDeleteResource"
    assert arm.call("PUT", zone + ".x/virtualNetworkLinks/l", body).json()["error"]["code"] == "ParentResourceNotFound"
    assert arm.call("DELETE", f"{zone}/virtualNetworkLinks/none").status_code == 204
    arm.do("DELETE", link)
    arm.do("DELETE", zone)


def test_record_sets(arm: Client) -> None:
    zone = arm.zone()
    record = f"{zone}/a/Host"
    made = arm.call("PUT", record, {"properties": {"ttl": 3600, "aRecords": [{"ipv4Address": "10.0.0.4"}]}}, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    assert made.json()["id"] == f"{zone}/A/host"
    assert (made.json()["properties"]["fqdn"], made.headers["etag"]) == (f"host.{ZONE}.", made.json()["etag"])
    again = arm.call("PUT", record, {"properties": {}}, headers={"If-None-Match": "*"})
    assert (again.status_code, again.json()["code"]) == (412, "PreconditionFailed")
    stale = arm.call("PATCH", record, {"properties": {"metadata": {"a": "b"}}}, headers={"If-Match": "stale"})
    assert stale.json() == {"code": "PreconditionFailed", "message": "The Record set host has been modified (etag mismatch)."}
    assert arm.call("PUT", record, {"properties": {"aRecords": []}}).status_code == 200
    assert arm.call("GET", f"{zone}/A/none").json()["code"] == "NotFound"
    assert arm.call("PUT", f"{zone}.x/A/a", {"properties": {}}).json()["error"]["code"] == "ParentResourceNotFound"
    for kind, own in (
        ("AAAA", {"aaaaRecords": [{"ipv6Address": "::1"}]}),
        ("MX", {"mxRecords": [{"preference": 1, "exchange": "mail.example"}]}),
        ("TXT", {"txtRecords": [{"value": ["a text"]}]}),
        ("SRV", {"srvRecords": [{"priority": 1, "weight": 2, "port": 3, "target": "t.example"}]}),
        ("PTR", {"ptrRecords": [{"ptrdname": "p.example"}]}),
        ("CNAME", {"cnameRecord": {"cname": "host." + ZONE}}),
    ):
        assert arm.call("PUT", f"{zone}/{kind}/x{kind}", {"properties": {"ttl": 60, **own}}).status_code == 201
    assert len(arm.get(f"{zone}/ALL")["value"]) == 8
    assert arm.call("DELETE", record).status_code == 200


def test_each_view_of_a_name(arm: Client) -> None:
    network, subnet = arm.network()
    vault, zone, name = arm.vault(), arm.zone(), "kv-one.vault.azure.net"
    front = ["data-prod-weu.vaultcore.azure.net", "data-prod-weu-region.vaultcore.azure.net"]
    assert arm.lookup(name)[1][:2] == front
    arm.endpoint(subnet, vault)
    assert arm.lookup(name)[1][:3] == [f"kv-one.{ZONE}", *front]
    assert arm.lookup(name, network)[1][:3] == [f"kv-one.{ZONE}", *front]
    arm.link(zone, network)
    assert arm.lookup(name, network)[0] == "NXDOMAIN"
    arm.link(zone, network, resolutionPolicy="NxDomainRedirect")
    assert arm.lookup(name, network)[1][:3] == [f"kv-one.{ZONE}", *front]
    arm.call("PUT", f"{zone}/A/kv-one", {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": "10.0.0.4"}]}})
    assert arm.lookup(name, network) == ("NOERROR", [f"kv-one.{ZONE}", "10.0.0.4"])
    assert arm.lookup("kv-none.vault.azure.net")[0] == "NXDOMAIN"
    view = arm.control("GET", "dns")["networks"][network.lower()]
    for tcp in (False, True):
        answer = dnslib.DNSRecord.parse(dnslib.DNSRecord.question(name).send(view["host"], view["port"], tcp=tcp, timeout=5))
        assert [str(each.rdata) for each in answer.rr] == [f"kv-one.{ZONE}.", "10.0.0.4"]
    printed = run(Path(arm.facts["ca"]).parent, "lookup", name, "--network", network)
    assert "Address: 10.0.0.4" in printed.stdout


def test_groups(arm: Client) -> None:
    arm.vault()
    assert arm.call("PUT", arm.rg, {"location": "eastus"}).json()["error"]["code"] == "InvalidResourceGroupLocation"
    missing = arm.call("PUT", vault_id(arm).replace("/rg/", "/none/"), vault_body(arm))
    assert missing.json()["error"]["code"] == "ResourceGroupNotFound"
    found = arm.get(f"{arm.subscription}/resources?$filter=resourceType%20eq%20'Microsoft.KeyVault/vaults'%20and%20name%20eq%20'kv-one'")
    assert [each["name"] for each in found["value"]] == ["kv-one"]
    answer = arm.call("DELETE", arm.rg)
    assert answer.status_code == 202
    assert arm.call("GET", answer.headers["location"]).status_code == 200
    assert arm.call("GET", arm.rg).json()["error"]["code"] == "ResourceGroupNotFound"
    assert arm.call("HEAD", arm.rg).status_code == 404


def test_the_vaults_own_door(arm: Client) -> None:
    network, subnet = arm.network()
    vault = arm.vault(publicNetworkAccess="Disabled")
    arm.endpoint(subnet, vault)
    token = arm.sign_in(scope="https://vault.azure.net/.default")
    doors = arm.control("GET", "doors")
    seen = {}
    for side, port in (("outside", doors["public"]), ("inside", doors["networks"][network.lower()])):
        door = Connection(f"https://127.0.0.1:{port}", arm.facts["ca"])
        health = door.request("GET", "/healthstatus", headers={"Host": "kv-one.vault.azure.net"})
        assert health.status_code == 200
        anonymous = door.request("GET", "/secrets/s", headers={"Host": "kv-one.vault.azure.net"})
        assert (anonymous.status_code, "Bearer" in anonymous.headers["www-authenticate"]) == (401, True)
        answer = door.request("GET", "/secrets/s", headers={"Host": "kv-one.vault.azure.net", "Authorization": f"Bearer {token}"})
        seen[side] = (
            health.headers["x-ms-keyvault-network-info"],
            answer.status_code,
            answer.json()["error"].get("innererror", {}).get("code"),
        )
    assert "addr=10.0.0.4;" in seen["inside"][0]
    assert seen["inside"][1:] == (403, "ForbiddenByRbac")  # let in, and of no role there
    assert seen["outside"][1:] == (403, "ForbiddenByConnection")


def test_state_is_saved_and_loaded(arm: Client, tmp_path: Path) -> None:
    arm.endpoint(arm.network()[1], arm.vault())
    directory, file = Path(arm.facts["ca"]).parent, tmp_path / "state.json"
    assert run(directory, "save", os.fspath(file)).returncode == 0
    assert len(json.loads(file.read_text())["resources"]) == 7
    arm.control("POST", "reset")
    assert arm.call("GET", vault_id(arm)).status_code == 404
    assert run(directory, "load", os.fspath(file)).returncode == 0
    assert arm.get(vault_id(arm))["properties"]["privateEndpointConnections"]


@pytest.mark.parametrize("name", ["start", "stop", "env"])
def test_commands_without_an_emulator(tmp_path: Path, name: str) -> None:
    result = run(tmp_path, name, *(["--timing", "none"] if name == "start" else []))
    assert result.returncode == (1 if name == "env" else 0)
    if name == "start":
        assert run(tmp_path, "stop").returncode == 0
        assert not (tmp_path / "emulator.json").exists()
        assert (tmp_path / "ca.pem").exists()
