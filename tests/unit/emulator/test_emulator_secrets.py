# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vault's secrets: behind its doors and roles, with versions and soft deletion; and the proxy that leads to vaults by name."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.client import Client, Vault, grant

HOST = "kv-one.vault.azure.net"
VERSION = "7.6"


@pytest.fixture
def vault(arm: Client) -> Vault:
    """A vault whose secrets the caller may do everything with."""
    grant(arm, arm.vault(), "Key Vault Secrets Officer")
    return Vault(arm)


def test_versions(vault: Vault) -> None:
    status, first = vault.ask("PUT", "/secrets/db", {"value": "one", "tags": {"of": "us"}, "contentType": "text/plain"})
    assert (status, first["value"], first["tags"]) == (200, "one", {"of": "us"})
    assert first["attributes"]["recoveryLevel"] == "Recoverable+Purgeable"
    second = vault.ask("PUT", "/secrets/DB", {"value": "two"})[1]
    assert vault.ask("GET", "/secrets/db/")[1] == second
    assert vault.ask("GET", urlsplit(first["id"]).path)[1] == first
    assert {each["id"] for each in vault.ask("GET", "/secrets/db/versions")[1]["value"]} == {first["id"], second["id"]}
    (listed,) = vault.ask("GET", "/secrets")[1]["value"]
    assert listed["id"] == f"https://{HOST}/secrets/db" and "value" not in listed


def test_update_leaves_the_value(vault: Vault) -> None:
    vault.ask("PUT", "/secrets/db", {"value": "one"})
    status, updated = vault.ask("PATCH", "/secrets/db", {"attributes": {"enabled": False}, "tags": {"a": "b"}})
    assert (status, updated["attributes"]["enabled"], updated["tags"]) == (200, False, {"a": "b"})
    assert vault.refused("GET", "/secrets/db") == (403, "Forbidden", "SecretDisabled")


def test_pages(vault: Vault) -> None:
    names = [f"s{number:02}" for number in range(27)]
    for each in names:
        vault.ask("PUT", f"/secrets/{each}", {"value": each})
    found: list[str] = []
    query = f"api-version={VERSION}&maxresults=10"
    while query:
        page = vault.ask("GET", "/secrets", query=query)[1]
        found += [each["id"].rpartition("/")[2] for each in page["value"]]
        query = urlsplit(page["nextLink"] or "").query
    assert found == names


def test_soft_deletion(vault: Vault) -> None:
    """Deleted, in the way of a new one, recovered; purged; and gone when the retention is over."""
    vault.ask("PUT", "/secrets/db", {"value": "one"})
    status, deleted = vault.ask("DELETE", "/secrets/db")
    assert (status, deleted["recoveryId"]) == (200, f"https://{HOST}/deletedsecrets/db") and "value" not in deleted
    assert deleted["scheduledPurgeDate"] - deleted["deletedDate"] == 90 * 86400
    assert vault.refused("GET", "/secrets/db")[:2] == (404, "SecretNotFound")
    assert vault.refused("PUT", "/secrets/db", {"value": "two"}) == (409, "Conflict", "ObjectIsDeletedButRecoverable")
    assert [each["recoveryId"] for each in vault.ask("GET", "/deletedsecrets")[1]["value"]] == [deleted["recoveryId"]]
    assert vault.ask("POST", "/deletedsecrets/db/recover")[0] == 200
    assert vault.ask("GET", "/secrets/db")[1]["value"] == "one"
    vault.ask("DELETE", "/secrets/db")
    assert vault.ask("DELETE", "/deletedsecrets/db") == (204, None)
    assert vault.refused("GET", "/deletedsecrets/db")[:2] == (404, "SecretNotFound")
    vault.ask("PUT", "/secrets/db", {"value": "new"})
    vault.ask("DELETE", "/secrets/db")
    vault.arm.control("PUT", "clock", {"advance": 91 * 86400})
    vault.token = vault.arm.sign_in(scope="https://vault.azure.net/.default")
    assert vault.ask("GET", "/deletedsecrets")[1]["value"] == []


def test_roles(arm: Client) -> None:
    """Owner of everything is nobody in a vault with Azure RBAC; a user reads and does not write."""
    vault = arm.vault()
    door = Vault(arm)
    assert door.refused("GET", "/secrets/db") == (403, "Forbidden", "ForbiddenByRbac")
    grant(arm, vault, "Key Vault Secrets User")
    assert door.refused("GET", "/secrets/db")[:2] == (404, "SecretNotFound")
    assert door.refused("PUT", "/secrets/db", {"value": "one"}) == (403, "Forbidden", "ForbiddenByRbac")


def test_access_policies(arm: Client) -> None:
    principal = arm.control("GET", "principals")["principals"][0]
    policy = {"tenantId": arm.facts["tenant"], "objectId": principal["object_id"], "permissions": {"secrets": ["get", "set"]}}
    arm.vault(enableRbacAuthorization=False, accessPolicies=[policy])
    door = Vault(arm)
    assert door.ask("PUT", "/secrets/db", {"value": "one"})[0] == 200
    assert door.refused("GET", "/secrets") == (403, "Forbidden", "AccessDenied")


def test_doors_come_first(arm: Client) -> None:
    """Who is outside of a closed vault learns nothing of its secrets; who is inside, by an endpoint and its name, does."""
    network, subnet = arm.network()
    vault = arm.vault(publicNetworkAccess="Disabled")
    grant(arm, vault, "Key Vault Administrator")
    arm.endpoint(subnet, vault)
    assert Vault(arm).refused("GET", "/secrets/db") == (403, "Forbidden", "ForbiddenByConnection")
    inside = Vault(arm, network)
    zone = arm.zone()
    arm.link(zone, network)
    with pytest.raises(OSError, match="502 The name does not resolve here"):
        inside.ask("GET", "/secrets/db")  # the zone is linked and has no record
    arm.do("PUT", f"{zone}/A/kv-one", {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": "10.0.0.4"}]}})
    assert inside.ask("PUT", "/secrets/db", {"value": "one"})[0] == 200


@pytest.mark.parametrize("path", ["/keys/k/1/x", "/certificates", "/storage", "/secrets/a/b/c"])
def test_what_is_not_served_is_refused(vault: Vault, path: str) -> None:
    assert vault.refused("GET", path)[:2] == (501, "EmulatorNotServed")


@pytest.mark.parametrize(
    ("path", "body", "query"),
    [
        ("/secrets/a_b", {"value": "v"}, f"api-version={VERSION}"),
        ("/secrets/ab", {"value": 1}, f"api-version={VERSION}"),
        ("/secrets/ab", None, f"api-version={VERSION}"),
        ("/secrets/ab", {"value": "v" * 30000}, f"api-version={VERSION}"),
        ("/secrets/ab", {"value": "v"}, "api-version=no"),
        ("/secrets/ab", {"value": "v"}, ""),
    ],
)
def test_bad_requests(vault: Vault, path: str, body: Any, query: str) -> None:
    assert vault.refused("PUT", path, body, query)[:2] == (400, "BadParameter")


def test_the_log_has_no_values_and_a_state_has_them(vault: Vault) -> None:
    vault.ask("PUT", "/secrets/db", {"value": "top-secret-value"})
    assert "top-secret-value" not in json.dumps(vault.arm.control("GET", "log"))
    state = vault.arm.control("GET", "state")
    vault.arm.control("POST", "reset")
    vault.arm.control("PUT", "state", state)
    assert vault.ask("GET", "/secrets/db")[1]["value"] == "top-secret-value"


def test_secrets_come_back_with_the_vault_and_go_with_its_purge(vault: Vault) -> None:
    vault.ask("PUT", "/secrets/db", {"value": "one"})
    arm, place = vault.arm, f"{vault.arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one"
    arm.do("DELETE", place)
    recover = {"tenantId": arm.facts["tenant"], "sku": {"family": "A", "name": "standard"}, "createMode": "recover"}
    arm.do("PUT", place, {"location": "westeurope", "properties": recover})
    grant(arm, place, "Key Vault Secrets Officer")
    assert vault.ask("GET", "/secrets/db")[1]["value"] == "one"
    arm.do("DELETE", place)
    arm.call("POST", f"{arm.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-one/purge")
    assert arm.control("GET", "state")["vault_secrets"] == {}


def test_the_proxy_leads_nowhere_else(arm: Client) -> None:
    for host, expected in (("example.com", "403"), ("kv-none.vault.azure.net", "502")):
        with pytest.raises(OSError, match=expected):
            Vault(arm, host=host).ask("GET", "/")
    with pytest.raises(AssertionError, match="There is no virtual network"):
        Vault(arm, "/subscriptions/none")
