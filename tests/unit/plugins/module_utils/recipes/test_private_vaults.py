# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module private_vaults, run by its action plugin against an emulator: what is made, kept, refused and removed, and what is said."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import acted
from integration.emulation import Emulation, is_write

GROUP = "payments"
DEFAULTS: Document = {
    "resource_group": GROUP,
    "location": "westeurope",
    "network_name": "payments-net",
    "network_address_prefixes": ["10.1.0.0/16"],
    "subnet_address_prefixes": ["10.1.0.0/24"],
    "purge_protection": False,
    "tags": {"owner": "platform"},
}
NAMES = ["one-vault", "two-vault", "three-vault"]
VAULT, ENDPOINT = "Microsoft.KeyVault/vaults", "Microsoft.Network/privateEndpoints"
NETWORK, ZONE = "Microsoft.Network/virtualNetworks", "Microsoft.Network/privateDnsZones"
ZONE_NAME = "privatelink.vaultcore.azure.net"


@pytest.fixture
def azure(emulated: Emulation) -> Emulation:
    return emulated


def fleet(vaults: t.Any, *, check: bool = False, **defaults: t.Any) -> Document:
    """Return the result of one task with many vaults."""
    return acted("private_vaults", check=check, defaults={**DEFAULTS, **defaults}, vaults=vaults)


def succeeded(vaults: t.Any, **more: t.Any) -> Document:
    """Return the result of a task that does not fail."""
    result = fleet(vaults, **more)
    assert "failed" not in result, result["msg"]
    return result


def written(azure: Emulation) -> list[str]:
    """Return the method and the last name of what was written so far."""
    return [f"{each['method']} {each['path'].rpartition('/')[2]}" for each in azure.requests() if is_write(each)]


def errors(result: Document) -> dict[str, str]:
    """Return the code of each vault that failed."""
    return {name: vault["error"]["code"] for name, vault in result["vaults"].items() if vault["error"]}


def access_of(azure: Emulation, name: str) -> str:
    return str(azure.resource(azure.id(GROUP, VAULT, name))["properties"]["publicNetworkAccess"])


# --- from nothing ---


def test_what_check_mode_foresees_is_made_and_then_left_alone(azure: Emulation) -> None:
    foreseen = succeeded(dict.fromkeys(NAMES), check=True)
    assert not written(azure) and foreseen["changed"] and foreseen["changed_vaults"] == NAMES
    for vault in foreseen["vaults"].values():
        assert (vault["connection_state"], vault["private_ip_address"]) == ("Approved", "(known after apply)")
        assert vault["vault_host"].endswith("-vault.vault.azure.net") and vault["error"] is None
    made = succeeded(dict.fromkeys(NAMES))
    assert (made["changed_vaults"], made["failed_vaults"]) == (NAMES, []) and made["planned"]["writes"] == foreseen["planned"]["writes"]
    network = azure.id(GROUP, NETWORK, "payments-net")
    for name, vault in made["vaults"].items():
        assert (vault["public_network_access"], vault["connection_state"], vault["proven"]) == ("Disabled", "Approved", True)
        assert f"Address: {vault['private_ip_address']}" in azure.lookup(f"{name}.vault.azure.net", network)
        (endpoint,) = vault["endpoints"].values()
        assert endpoint["linked_network_ids"] == vault["linked_network_ids"] == vault["resolving_network_ids"] == [network]
        assert endpoint["zone_id"] == vault["zone_id"] == azure.id(GROUP, ZONE, ZONE_NAME) and not endpoint["adopted"]
    headers = [each["after_header"] for each in made["diff"]]
    assert headers == ["shared by the vaults", *NAMES] == [each["after_header"] for each in foreseen["diff"]]
    before = written(azure)
    again = succeeded(dict.fromkeys(NAMES))
    assert (again["changed"], again["changed_vaults"], again["diff"]) == (False, [], []) and written(azure) == before
    assert all(vault["proven"] and not vault["changed"] for vault in again["vaults"].values())


def test_a_failure_stays_with_its_vault(azure: Emulation) -> None:
    azure.fault("PUT", "/privateEndpoints/two-vault-endpoint$", status=403, code="AuthorizationFailed", message="No.")
    result = fleet(dict.fromkeys(NAMES))
    assert result["failed"] and result["changed"] and result["msg"].startswith("1 of 3 vaults failed: two-vault: ")
    assert (errors(result), result["failed_vaults"]) == ({"two-vault": "AuthorizationFailed"}, ["two-vault"])
    assert (result["code"], result["status"]) == ("AuthorizationFailed", 403) and result["request_id"]
    failed = result["vaults"]["two-vault"]
    assert any("two-vault" in each for each in failed["error"]["skipped"]) and not failed["proven"]
    assert failed["changed"], "the vault itself was created"
    assert all(result["vaults"][name]["proven"] for name in ("one-vault", "three-vault"))
    assert succeeded(dict.fromkeys(NAMES))["changed_vaults"] == ["two-vault"]


def test_what_vaults_share_fails_them_all_with_one_cause(azure: Emulation) -> None:
    azure.fault("PUT", "/subnets/endpoints$", status=403, code="AuthorizationFailed", message="No.")
    result = fleet(dict.fromkeys(NAMES))
    assert errors(result) == dict.fromkeys(NAMES, "AuthorizationFailed")
    assert result["msg"].startswith("3 of 3 vaults failed: one-vault, two-vault, three-vault: ") and "endpoints" in result["msg"]
    assert len({vault["error"]["cause"] for vault in result["vaults"].values()}) == 1
    assert all(any("private endpoint" in each for each in vault["error"]["skipped"]) for vault in result["vaults"].values())


def test_the_only_vault_of_a_task_fails_with_its_own_message(azure: Emulation) -> None:
    azure.fault("PUT", "/vaults/one-vault$", status=409, code="VaultAlreadyExists", message="The name is in use.")
    result = fleet({"one-vault": {}})
    assert result["code"] == "VaultAlreadyExists" and " vaults failed" not in result["msg"]
    assert result["vaults"]["one-vault"]["public_network_access"] is None


# --- vaults of every kind ---


def test_requests_records_and_what_is_put_on_them(azure: Emulation) -> None:
    subscription = azure.facts["subscription"]
    roles = [{"role_definition_id": "Key Vault Reader", "assignee_object_id": "a0000000-0000-4000-8000-0000000000f1"}]
    roles[0]["principal_type"] = "Group"
    logs = f"/subscriptions/{subscription}/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs"
    vaults: Document = {
        "asked-vault": {"manual_request": True, "request_message": "Ticket 4711", "dns": "a_record"},
        "approved-vault": {"manual_request": True, "approve": True, "approval_description": "Granted", "dns": "a_record"},
        "bare-vault": {"endpoints": []},
        "rich-vault": {
            "endpoints": {"rich-near": {"role_assignments": roles, "lock": {"level": "ReadOnly"}}, "rich-far": {"dns": "none"}},
            "role_assignments": roles,
            "diagnostic_settings": [{"name": "all", "storage_account": logs}],
            "lock": {"level": "CanNotDelete", "name": "keep"},
            "tags": {"team": "payments"},
        },
        "secured-vault": {"public_network_access": "SecuredByPerimeter"},
    }
    result = succeeded(vaults)
    assert result["changed_vaults"] == list(vaults)
    shown = {name: (vault["connection_state"], vault["public_network_access"], vault["proven"]) for name, vault in result["vaults"].items()}
    assert shown == {
        "asked-vault": ("Pending", "Disabled", False),
        "approved-vault": ("Approved", "Disabled", True),
        "bare-vault": (None, "Disabled", False),
        "rich-vault": ("Approved", "Disabled", False),
        "secured-vault": ("Approved", "SecuredByPerimeter", True),
    }
    assert result["vaults"]["asked-vault"]["proof"] == "the connection is Pending"
    assert [each["id"] for each in result["vaults"]["rich-vault"]["reasons"]] == ["dns"], "nothing names the endpoint without DNS"
    there = azure.resources()
    zone = azure.id(GROUP, ZONE, ZONE_NAME).lower()
    assert f"{zone}/a/approved-vault" in there and f"{zone}/a/asked-vault" not in there, "nobody listens there before the approval"
    rich, near = azure.id(GROUP, VAULT, "rich-vault").lower(), azure.id(GROUP, ENDPOINT, "rich-near").lower()
    locks = {f"{rich}/providers/microsoft.authorization/locks/keep", f"{near}/providers/microsoft.authorization/locks/rich-near-lock"}
    assert locks <= {*there}
    assert f"{rich}/providers/microsoft.insights/diagnosticsettings/all" in there
    assert len([each for each in there if "/roleassignments/" in each]) == 2
    assert azure.resource(rich)["tags"] == {"owner": "platform", "team": "payments"}
    again = succeeded(vaults)
    assert (again["changed"], again["diff"]) == (False, [])
    absent = succeeded({"bare-vault": {"state": "absent"}, "asked-vault": {"state": "absent", "dns": "a_record"}})
    assert absent["changed_vaults"] == ["bare-vault", "asked-vault"] and absent["vaults"]["asked-vault"]["public_network_access"] is None
    gone = [each for each in azure.resources() if "bare-vault" in each or "asked-vault" in each]
    assert [each for each in gone if "/deletedvaults/" not in each] == []
    assert not succeeded({"bare-vault": {"state": "absent"}})["changed"]


def test_an_endpoint_goes_and_a_soft_deleted_vault_is_refused_alone(azure: Emulation) -> None:
    succeeded({"old-vault": {}, "new-vault": {"endpoints": {"near": {}, "far": {"dns": "none"}}}})
    succeeded({"old-vault": {"state": "absent"}, "new-vault": {"endpoints": {"far": {"state": "absent"}}}})
    there = azure.resources()
    assert azure.id(GROUP, ENDPOINT, "far").lower() not in there and azure.id(GROUP, ENDPOINT, "near").lower() in there
    result = fleet({"old-vault": {}, "new-vault": {"endpoints": {"near": {}}}, "next-vault": {}})
    assert errors(result) == {"old-vault": "VaultSoftDeleted"} and result["changed_vaults"] == ["next-vault"]
    assert succeeded({"old-vault": {"recover": True}})["vaults"]["old-vault"]["proven"]


# --- closing ---


def test_an_open_vault_is_closed_on_proof_alone(azure: Emulation) -> None:
    succeeded({"kept-vault": {}, "left-vault": {}}, public_network_access="Enabled")
    vaults: Document = {"kept-vault": {}, "left-vault": {"endpoints": {"left-vault-endpoint": {"state": "absent"}}}}
    foreseen = succeeded(vaults, check=True)["vaults"]
    assert foreseen["kept-vault"]["proven"] and not foreseen["left-vault"]["proven"]
    result = fleet(vaults)
    assert errors(result) == {"left-vault": "PrivatePathNotProven"} and result["vaults"]["left-vault"]["reasons"]
    kept = result["vaults"]["kept-vault"]
    assert (kept["before"]["public_network_access"], kept["public_network_access"], kept["proven"]) == ("Enabled", "Disabled", True)
    assert (access_of(azure, "kept-vault"), access_of(azure, "left-vault")) == ("Disabled", "Enabled")


def test_a_perimeter_closes_an_open_vault_first(azure: Emulation) -> None:
    succeeded({"open-vault": {}}, public_network_access="Enabled")
    result = succeeded({"open-vault": {"public_network_access": "SecuredByPerimeter"}})["vaults"]["open-vault"]
    assert (result["before"]["public_network_access"], result["public_network_access"]) == ("Enabled", "SecuredByPerimeter")
    assert access_of(azure, "open-vault") == "SecuredByPerimeter"


def test_a_vault_whose_owner_has_not_decided_stays_open(azure: Emulation) -> None:
    succeeded({"open-vault": {"endpoints": []}}, public_network_access="Enabled")
    result = succeeded({"open-vault": {"manual_request": True, "dns": "none"}})["vaults"]["open-vault"]
    assert (result["connection_state"], result["public_network_access"], result["proven"]) == ("Pending", "Enabled", False)


# --- others' vaults and others' work ---


def test_an_endpoint_to_a_vault_that_may_not_be_read(azure: Emulation) -> None:
    succeeded({"theirs-vault": {"endpoints": []}}, resource_group="partner")
    vault = azure.id("partner", VAULT, "theirs-vault")
    azure.fault("GET", "/vaults/theirs-vault$", count=99, status=403, code="AuthorizationFailed", message="No.")
    result = succeeded({"theirs-vault": {"id": vault, "manual_request": True, "request_message": "Ticket 4711", "dns": "none"}})
    found = result["vaults"]["theirs-vault"]
    assert (found["vault_id"], found["connection_state"], found["public_network_access"]) == (vault, "Pending", "not read")


def test_an_endpoint_of_another_name_is_adopted(azure: Emulation) -> None:
    first = succeeded({"one-vault": {"endpoint_name": "by-hand"}})
    second = succeeded({"one-vault": {}})["vaults"]["one-vault"]
    assert second["endpoints"]["one-vault-endpoint"]["adopted"] and second["endpoint_id"] == first["vaults"]["one-vault"]["endpoint_id"]


def test_a_policy_that_writes_no_record_is_waited_for_and_named(azure: Emulation) -> None:
    result = fleet({"one-vault": {"dns": "policy", "policy_timeout": 1}})
    error = result["vaults"]["one-vault"]["error"]
    assert error["code"] == "WaitTimeout" and "one-vault-endpoint" in error["msg"] and "Azure Policy" in error["hint"], error


def test_a_policy_that_wrote_a_record_is_taken_as_it_is(azure: Emulation) -> None:
    made = succeeded({"one-vault": {}})["vaults"]["one-vault"]
    taken = succeeded({"one-vault": {"dns": "policy", "policy_timeout": 5}})["vaults"]["one-vault"]
    assert (taken["zone_id"], taken["proven"], taken["changed"]) == (made["zone_id"], True, False)


def test_a_provider_that_is_not_registered_and_not_to_be_is_named(azure: Emulation) -> None:
    result = fleet({"one-vault": {}}, providers=[])
    assert result["code"] == "MissingSubscriptionRegistration" and "Microsoft.KeyVault" in result["msg"] and not written(azure)


# --- what cannot be meant ---


@pytest.mark.parametrize(
    ("vaults", "words"),
    [
        ({"one-vault": {"subnet_address_prefixes": ["10.1.1.0/24"]}, "two-vault": {}}, ("one-vault", "two-vault", "set the same for both")),
        ({"one-vault": {"subnett_id": "x"}}, ("subnett_id",)),
        ({"one-vault": {}, "two-vault": {"id": "x"}}, ("vaults[1].id", "is not a resource id")),
        ({"one-vault": {"record_ttl": -1, "dns": "a_record"}}, ("one-vault", "record_ttl")),
        ({"one-vault": {"resource_group": "a/b"}}, ("one-vault", "resource_group")),
        ({"one-vault": {"zone_id": "x"}}, ("one-vault", "zone_id")),
        ({"one-vault": {"zone_name": "example.com"}}, ("one-vault", "zone_name")),
        ({"one-vault": {"subnet_id": "x"}}, ("one-vault", "subnet_id")),
        ({"one-vault": {"network_address_prefixes": ["10.1.0.0/33"]}}, ("one-vault", "network_address_prefixes")),
        ({"one-vault": {"request_message": "Ticket 4711"}}, ("one-vault", "request_message", "manual_request")),
        ({"one-vault": {"tags": {"a" * 600: "x"}}}, ("one-vault", "tags")),
        ({"one-vault": {"providers": ["Key Vault"]}}, ("one-vault", "providers")),
        ({"one-vault": {"callers_days": 9999}}, ("one-vault", "callers_days")),
        ({"one-vault": {"accepted_callers": ["no one"]}}, ("one-vault", "accepted_callers")),
        ({"one-vault": {"diagnostic_settings": [{"name": "all"}]}}, ("one-vault", "diagnostic_settings[0]")),
        ({"one-vault": {"lock": {"level": "ReadOnly", "name": "a/b"}}}, ("one-vault", "lock.name")),
        ({"one-vault": {"endpoints": {"near": {"linked_network_ids": ["x"]}}}}, ("near", "linked_network_ids")),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(azure: Emulation, vaults: Document, words: tuple[str, ...]) -> None:
    result = fleet(vaults)
    assert result["failed"] and not result["changed"] and not written(azure), result
    assert [word for word in words if word not in result["msg"]] == [], result["msg"]


def test_a_network_has_to_be_named_or_described(azure: Emulation) -> None:
    result = fleet({"one-vault": {}}, subnet_address_prefixes=None)
    assert "subnet_address_prefixes" in result["option"] and "set subnet_id to the id of an existing subnet" in result["msg"]
    assert "set it, or set id" in fleet({"one-vault": {}}, resource_group=None)["msg"]


def test_without_defaults_what_vaults_share_gets_the_tags_that_they_share(azure: Emulation) -> None:
    own = {**DEFAULTS, "endpoints": []}
    shared, first, second = {"owner": "platform"}, {"team": "payments"}, {"team": "ledger"}
    vaults = {"one-vault": {**own, "tags": {**shared, **first}}, "two-vault": {**own, "tags": {**shared, **second}}}
    result = acted("private_vaults", vaults=vaults)
    assert result["changed_vaults"] == ["one-vault", "two-vault"]
    assert azure.resource(azure.id(GROUP))["tags"] == shared
    assert azure.resource(azure.id(GROUP, VAULT, "two-vault"))["tags"] == {**shared, **second}
    assert acted("private_vaults", vaults=[])["vaults"] == {}, "nothing is wanted, so nothing is done"


def test_a_network_is_not_linked_where_it_would_lose_a_vault_in_use(azure: Emulation) -> None:
    """The record waits for the owner's approval; a linked network would find no address until then."""
    succeeded({"used-vault": {"endpoints": []}}, public_network_access="Enabled")
    result = succeeded({"used-vault": {"manual_request": True, "dns": "a_record"}})
    (warning,) = result["warnings"]
    assert "'payments-net' was not linked to zone" in warning and "the record for 'used-vault' is not written yet" in warning
    assert not [each for each in azure.resources() if "/virtualnetworklinks/" in each]
    approved = succeeded({"used-vault": {"manual_request": True, "approve": True, "dns": "a_record"}})
    assert "warnings" not in approved and [each for each in azure.resources() if "/virtualnetworklinks/" in each]
    assert approved["vaults"]["used-vault"]["public_network_access"] == "Disabled"
