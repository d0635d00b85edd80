# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vault's keys: behind its doors and roles, with versions and soft deletion; nothing is done with them."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.client import Client, Vault, grant

HOST, VERSION = "kv-one.vault.azure.net", "7.6"


@pytest.fixture
def vault(arm: Client) -> Vault:
    """A vault whose keys the caller may do everything with."""
    grant(arm, arm.vault(), "Key Vault Crypto Officer")
    return Vault(arm)


def test_versions(vault: Vault) -> None:
    status, first = vault.ask("POST", "/keys/tde/create", {"kty": "RSA", "tags": {"of": "us"}, "attributes": {"exp": 2_000_000_000}})
    assert (status, first["key"]["kty"], first["key"]["e"], first["tags"]) == (200, "RSA", "AQAB", {"of": "us"})
    assert len(base64.urlsafe_b64decode(first["key"]["n"] + "==")) == 256
    assert (first["attributes"]["exp"], first["attributes"]["recoveryLevel"]) == (2_000_000_000, "Recoverable+Purgeable")
    second = vault.ask("POST", "/keys/TDE/create", {"kty": "EC", "crv": "P-384"})[1]
    assert vault.ask("GET", "/keys/tde/")[1] == second
    assert vault.ask("GET", urlsplit(first["key"]["kid"]).path)[1] == first
    assert {each["kid"] for each in vault.ask("GET", "/keys/tde/versions")[1]["value"]} == {first["key"]["kid"], second["key"]["kid"]}
    (listed,) = vault.ask("GET", "/keys")[1]["value"]
    assert listed["kid"] == f"https://{HOST}/keys/tde" and "key" not in listed


def test_update(vault: Vault) -> None:
    vault.ask("POST", "/keys/tde/create", {"kty": "EC"})
    changed = vault.ask("PATCH", "/keys/tde", {"attributes": {"enabled": False}, "key_ops": ["verify"], "tags": {"a": "b"}})[1]
    assert (changed["attributes"]["enabled"], changed["key"]["key_ops"], changed["tags"]) == (False, ["verify"], {"a": "b"})
    assert vault.ask("GET", "/keys/tde")[1] == changed


def test_soft_deletion(vault: Vault) -> None:
    made = vault.ask("POST", "/keys/tde/create", {"kty": "EC"})[1]
    deleted = vault.ask("DELETE", "/keys/tde")[1]
    assert deleted["recoveryId"] == f"https://{HOST}/deletedkeys/tde" and deleted["key"] == made["key"]
    assert vault.ask("GET", "/deletedkeys/tde")[1] == deleted
    assert [each["kid"] for each in vault.ask("GET", "/deletedkeys")[1]["value"]] == [f"https://{HOST}/keys/tde"]
    assert vault.refused("GET", "/keys/tde")[:2] == (404, "KeyNotFound")
    assert vault.refused("POST", "/keys/tde/create", {"kty": "EC"}) == (409, "Conflict", "ObjectIsDeletedButRecoverable")
    assert vault.ask("POST", "/deletedkeys/tde/recover")[1] == made
    vault.ask("DELETE", "/keys/tde")
    assert vault.ask("DELETE", "/deletedkeys/tde") == (204, None)
    assert vault.refused("GET", "/deletedkeys/tde")[:2] == (404, "KeyNotFound")


def test_pages(vault: Vault) -> None:
    for name in ("a", "b", "c"):
        vault.ask("POST", f"/keys/{name}/create", {"kty": "EC"})
    page = vault.ask("GET", "/keys", query=f"api-version={VERSION}&maxresults=2")[1]
    rest = vault.ask("GET", "/keys", query=urlsplit(page["nextLink"]).query)[1]
    assert [each["kid"][-1] for each in (*page["value"], *rest["value"])] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({}, (400, "BadParameter")),
        ({"kty": "DSA"}, (400, "BadParameter")),
        ({"kty": "RSA", "key_size": 1024}, (400, "BadParameter")),
        ({"kty": "EC", "crv": "P-1"}, (400, "BadParameter")),
        ({"kty": "EC", "key_ops": ["fly"]}, (400, "BadParameter")),
        ({"kty": "RSA-HSM"}, (501, "EmulatorNotServed")),
    ],
)
def test_refusals(vault: Vault, sent: Any, found: tuple[int, str]) -> None:
    assert vault.refused("POST", "/keys/k/create", sent)[:2] == found
    assert vault.ask("GET", "/keys")[1]["value"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/keys/k/1/sign"), ("POST", "/keys/k/backup"), ("PUT", "/keys/k"), ("POST", "/keys/restore")]
)
def test_what_is_done_with_keys_is_not_served(vault: Vault, method: str, path: str) -> None:
    assert vault.refused(method, path, {})[:2] == (501, "EmulatorNotServed")


def test_roles_for_secrets_are_none_for_keys(arm: Client) -> None:
    grant(arm, arm.vault(), "Key Vault Secrets Officer")
    assert Vault(arm).refused("GET", "/keys") == (403, "Forbidden", "ForbiddenByRbac")


def test_access_policies_grant_by_kind(arm: Client) -> None:
    principal = arm.control("GET", "principals")["principals"][0]["object_id"]
    entry = {"tenantId": arm.facts["tenant"], "objectId": principal, "permissions": {"keys": ["create", "list"]}}
    arm.vault(enableRbacAuthorization=False, accessPolicies=[entry])
    vault = Vault(arm)
    assert vault.ask("POST", "/keys/k/create", {"kty": "EC"})[0] == 200
    assert vault.refused("GET", "/keys/k") == (403, "Forbidden", "AccessDenied")
    assert vault.refused("GET", "/secrets") == (403, "Forbidden", "AccessDenied")


def test_keys_outlive_the_vault_and_are_part_of_the_state(arm: Client, vault: Vault) -> None:
    made = vault.ask("POST", "/keys/k/create", {"kty": "EC"})[1]
    state = arm.control("GET", "state")
    arm.control("POST", "reset")
    arm.control("PUT", "state", state)
    assert Vault(arm).ask("GET", "/keys/k")[1] == made
    place = f"{arm.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-one"
    arm.call("DELETE", f"{arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one")
    assert arm.control("GET", "state")["vault_keys"] == {"kv-one": state["vault_keys"]["kv-one"]}
    answer = arm.call("POST", f"{place}/purge")
    arm.call("GET", answer.headers["location"])
    assert arm.control("GET", "state")["vault_keys"] == {}
