# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module keyvault_audit: the files that it writes and keeps, and the audit that it compares with."""

from __future__ import annotations

import datetime
import functools
import json
import pathlib
import types
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._recipes import keyvault_audit
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import NETWORK, VAULT
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import Documents, fleet, healthy
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import looked

Audit = t.Callable[..., Document]
Files = dict[str, str]


@pytest.fixture
def world() -> Documents:
    return healthy(by_group=True)


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, world: Documents) -> Audit:
    return functools.partial(looked, monkeypatch, world, "keyvault_audit")


@pytest.fixture
def files(tmp_path: pathlib.Path) -> Files:
    return {"dest": str(tmp_path / "audit.html"), "json_dest": str(tmp_path / "audit.json")}


def written(files: Files) -> Document:
    return t.cast(Document, json.loads(pathlib.Path(files["json_dest"]).read_text(encoding="utf-8")))


def opened(world: Documents) -> None:
    world[VAULT]["publicNetworkAccess"] = "Enabled"
    world[VAULT]["networkAcls"] = {"defaultAction": "Allow"}


def test_without_a_file_the_result_has_the_whole_audit(audit: Audit) -> None:
    result = audit(title="Vaults of payments")
    assert (result["changed"], result["not_private"], result["comparison"]) == (False, [], None)
    assert (result["audit"]["title"], result["summary"]["vaults"], result["summary"]["private"]) == ("Vaults of payments", 1, 1)
    assert [vault["id"] for vault in result["audit"]["vaults"]] == [VAULT]
    assert result["audit"]["time"] == result["time"] and "dest" not in result


def checks(audit: Document, status: str) -> list[str]:
    return [each["check"] for vault in audit["vaults"] for each in vault["verdicts"] if each["status"] == status]


def test_a_proof_passes_what_azure_cannot_tell(audit: Audit, world: Documents) -> None:
    world[NETWORK]["dhcpOptions"] = {"dnsServers": ["10.1.0.53"]}
    before = audit()["audit"]
    assert checks(before, "failed") + checks(before, "unknown") == ["forwarders"] and before["vaults"][0]["state"] != "private"
    proof = {"proven": True, "id": "https://payments-vault.vault.azure.net", "ip_addresses": ["10.1.0.4"], "msg": "Reached."}
    after = audit(proofs=[proof])["audit"]
    assert {"forwarders", "probe"} <= set(checks(after, "passed")) and after["vaults"][0]["state"] == "private"


def test_which_checks_are_shown_and_what_is_meant_is_the_users_choice(audit: Audit, world: Documents) -> None:
    opened(world)
    shown = audit(checks=["soft_delete"])
    assert checks(shown["audit"], "passed") == ["soft_delete"] and shown["not_private"] == [VAULT], "what is left out counts all the same"
    assert "firewall" not in checks(audit(skip_checks=["firewall"])["audit"], "failed")
    assert "zone_linked" in checks(audit(virtual_network_ids=[f"{NETWORK}-spoke"])["audit"], "failed")
    refused = audit(checks=["firewall"], skip_checks=["firewall"])
    assert refused["failed"] and refused["option"] == "skip_checks"


def test_page_and_json_are_written_and_say_the_same(audit: Audit, files: Files) -> None:
    result = audit(**files, diff=True)
    page = pathlib.Path(files["dest"]).read_text(encoding="utf-8")
    assert (result["changed"], result["dest"], result["json_dest"]) == (True, files["dest"], files["json_dest"])
    assert "audit" not in result and written(files)["time"] == result["time"] and f'content="{result["time"]}"' in page
    assert result["diff"]["before"] == "" and result["diff"]["after"].startswith(f"{VAULT}: ")
    assert files["json_dest"] in result["diff"]["after_header"]


def test_check_mode_says_what_it_would_write(audit: Audit, files: Files) -> None:
    result = audit(**files, check=True, diff=True)
    assert result["changed"] and VAULT in result["diff"]["after"]
    assert not pathlib.Path(files["dest"]).exists() and not pathlib.Path(files["json_dest"]).exists()


@pytest.mark.parametrize("compare", [False, True])
def test_what_is_found_again_keeps_the_files_and_their_time(
    audit: Audit, files: Files, compare: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**files, **({"compare": files["json_dest"]} if compare else {})}
    with monkeypatch.context() as earlier:
        past = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        clock = types.SimpleNamespace(datetime=types.SimpleNamespace(now=lambda _zone: past), timezone=datetime.timezone)
        earlier.setattr(keyvault_audit, "datetime", clock)
        audit(**given)
    before = {option: pathlib.Path(path).read_bytes() for option, path in files.items()}
    again = audit(**given, diff=True)
    assert (again["changed"], again["time"], again["diff"]) == (False, "2026-01-02T03:04:05Z", {"before": {}, "after": {}})
    assert {option: pathlib.Path(path).read_bytes() for option, path in files.items()} == before


def test_a_vault_that_was_opened_is_compared_and_named(audit: Audit, world: Documents, files: Files) -> None:
    given = {**files, "compare": files["json_dest"]}
    first = audit(**given)
    assert first["comparison"] is None, "there is none before the first"
    opened(world)
    result = audit(**given, diff=True)
    assert (result["changed"], result["not_private"]) == (True, [VAULT])
    assert result["comparison"]["time"] == first["time"] and [each["id"] for each in result["comparison"]["worse"]] == [VAULT]
    assert result["comparison"] == written(files)["comparison"]
    before, after = result["diff"]["before"], result["diff"]["after"]
    assert "public_network_access failed" in after and "public_network_access failed" not in before
    again = audit(**given)
    assert not again["changed"] and again["comparison"] == result["comparison"], "what had changed stays said"


def test_an_earlier_file_elsewhere_stays_as_it_is(audit: Audit, world: Documents, files: Files, tmp_path: pathlib.Path) -> None:
    earlier = {**files, "json_dest": str(tmp_path / "earlier.json")}
    audit(**earlier)
    before = pathlib.Path(earlier["json_dest"]).read_bytes()
    opened(world)
    assert audit(**files, compare=earlier["json_dest"])["comparison"]["worse"]
    assert pathlib.Path(earlier["json_dest"]).read_bytes() == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "was not found"),
        ("<html>", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no JSON that the module keyvault_audit wrote"),
        ('{"kind": "privatelink.azure.audit", "version": 99}', "has version 99"),
    ],
)
def test_a_file_that_is_no_audit_is_refused_before_anything_is_read(
    audit: Audit, world: Documents, files: Files, tmp_path: pathlib.Path, text: str | None, reason: str
) -> None:
    earlier = tmp_path / "earlier.json"
    if text is not None:
        earlier.write_text(text, encoding="utf-8")
    result = audit(**files, compare=str(earlier))
    assert (result["failed"], result["option"]) == (True, "compare") and reason in result["msg"], result["msg"]
    assert "name the json_dest of an earlier audit" in result["msg"]
    assert world.requested == [] and not pathlib.Path(files["dest"]).exists()


def test_a_json_that_someone_broke_is_written_anew(audit: Audit, files: Files) -> None:
    audit(**files)
    pathlib.Path(files["json_dest"]).write_text("{", encoding="utf-8")
    result = audit(**files, diff=True)
    assert result["changed"] and result["diff"]["after_header"] == files["json_dest"], "the page is as it was"
    assert written(files)["kind"]


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"dest": "/no/such/directory/audit.html"}, "dest", "No such file or directory"),
        ({"dest": "/tmp"}, "dest", "directory"),
        ({"json_dest": "both", "dest": "both"}, "json_dest", "is the file of dest too"),
        ({"vault_ids": [VAULT], "resource_groups": ["payments"]}, "resource_groups", "has no effect together with vault_ids"),
        ({"vault_ids": [f"{VAULT}x"]}, "vault_ids", "was not found; correct the id"),
        ({"subscription_ids": ["mine"]}, "subscription_ids", "'mine' is not the ID of a subscription"),
        ({"resource_groups": ["a/b"]}, "resource_groups", "a/b"),
        ({"zone_ids": [VAULT]}, "zone_ids", "privateDnsZones"),
    ],
)
def test_wrong_options_are_named(audit: Audit, options: Document, option: str, words: str) -> None:
    result = audit(**options)
    assert (result["failed"], result["changed"], result["option"]) == (True, False, option) and words in result["msg"], result["msg"]


def test_scopes_choose_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fleet(6)
    ids = [str(key) for key in world.documents if key.endswith(tuple(f"/vaults/payments-vault-{number:03}" for number in range(6)))]

    def found(**options: t.Any) -> list[str]:
        return [vault["id"] for vault in looked(monkeypatch, world, "keyvault_audit", **options)["audit"]["vaults"]]

    assert sorted(found()) == sorted(found(resource_groups=["PAYMENTS"])) == sorted(ids)
    assert found(resource_groups=["other"]) == []
    assert found(vault_ids=[ids[4], ids[1], ids[4].upper()]) == [ids[4], ids[1]], "in their order, each once"
