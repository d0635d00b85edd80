# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module keyvault_private_link_check: which vaults and checks, when it fails, and the files that pipelines read."""

from __future__ import annotations

import functools
import json
import pathlib
import typing as t
import xml.etree.ElementTree as ET

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, NETWORK, SUBNET, VAULT, ZONE
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import LINK, LOCK, Documents, fleet, healthy
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import looked

Check = t.Callable[..., Document]


@pytest.fixture
def world() -> Documents:
    return healthy(by_group=True)


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, world: Documents) -> Check:
    return functools.partial(looked, monkeypatch, world, "keyvault_private_link_check")


def statuses(result: Document, status: str) -> list[str]:
    """Return the checks of all vaults that ended so."""
    return [each["check"] for vault in result["vaults"] for each in vault["verdicts"] if each["status"] == status]


@pytest.mark.parametrize(
    "which",
    [
        {"id": VAULT},
        {"name": "payments-vault", "resource_group": "payments"},
        {"vault_ids": [VAULT]},
        {"resource_groups": ["payments"]},
        {},
    ],
)
def test_a_healthy_vault_passes_whatever_names_it(check: Check, which: Document) -> None:
    result = check(**which)
    assert "failed" not in result and [vault["id"] for vault in result["vaults"]] == [VAULT]
    assert statuses(result, "failed") == statuses(result, "unknown") == [] and "record_exists" in statuses(result, "passed")


@pytest.mark.parametrize(("fail_on", "fails"), [("error", False), ("warning", True), ("none", False)])
def test_a_warning_fails_only_where_it_is_to(check: Check, world: Documents, fail_on: str, fails: bool) -> None:
    del world.documents[LOCK]
    result = check(fail_on=fail_on)
    assert bool(result.get("failed")) is fails and "management_lock" in statuses(result, "failed")
    if fails:
        assert result["code"] == "ChecksFailed" and "1 of 1 key vaults did not pass: management_lock (1)" in result["msg"]


@pytest.mark.parametrize(("fail_on", "fails"), [("error", True), ("warning", True), ("none", False)])
def test_an_error_fails_unless_nothing_does(check: Check, world: Documents, fail_on: str, fails: bool) -> None:
    del world.documents[LINK]
    result = check(fail_on=fail_on)
    assert bool(result.get("failed")) is fails and "zone_linked" in statuses(result, "failed")


def test_the_message_counts_vaults_and_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fleet(3)
    for name in ("payments-vault-000", "payments-vault-002"):
        world[VAULT.replace("payments-vault", name)]["publicNetworkAccess"] = "Enabled"
    result = looked(monkeypatch, world, "keyvault_private_link_check")
    assert result["failed"] and "2 of 3 key vaults did not pass: " in result["msg"] and "public_network_access (2)" in result["msg"]
    assert len(result["vaults"]) == 3 and "fix" in result["msg"]


def test_checks_are_chosen_and_skipped(check: Check, world: Documents) -> None:
    del world.documents[LINK]
    assert statuses(check(checks=["record_exists"]), "passed") == ["record_exists"]
    skipped = check(skip_checks=["zone_linked"])
    assert "zone_linked" not in statuses(skipped, "failed") and "record_exists" in statuses(skipped, "passed")


def test_junit_and_sarif_say_what_failed_and_are_kept(check: Check, world: Documents, tmp_path: pathlib.Path) -> None:
    del world.documents[LINK]
    files = {"junit": str(tmp_path / "check.xml"), "sarif": str(tmp_path / "check.sarif")}
    rehearsed = check(**files, fail_on="none", check=True, diff=True)
    assert rehearsed["changed"] and len(rehearsed["diff"]) == 2 and not list(tmp_path.iterdir())
    first = check(**files, diff=True)
    assert (first["failed"], first["changed"], first["junit"], first["sarif"]) == (True, True, *files.values())
    failures = [case.get("name", "") for case in ET.parse(files["junit"]).iter("testcase") if case.find("failure") is not None]
    assert any("zone_linked" in name for name in failures), failures
    (run,) = json.loads(pathlib.Path(files["sarif"]).read_text(encoding="utf-8"))["runs"]
    assert "zone_linked" in {each["ruleId"] for each in run["results"]}
    again = check(**files, diff=True)
    assert (again["failed"], again["changed"], again["diff"]) == (True, False, [])


def test_a_warning_is_a_failure_of_junit_only_where_warnings_fail(check: Check, world: Documents, tmp_path: pathlib.Path) -> None:
    del world.documents[LOCK]
    failures = {}
    for fail_on in ("error", "warning"):
        file = tmp_path / f"{fail_on}.xml"
        check(junit=str(file), fail_on=fail_on)
        failures[fail_on] = len(list(ET.parse(file).iter("failure")))
    assert failures == {"error": 0, "warning": 1}


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"checks": ["firewall"], "skip_checks": ["firewall"]}, "skip_checks", "'firewall' is also in checks"),
        ({"proofs": ["it works"]}, "proofs", "'it works' is not the result of a probe"),
        ({"subnet_ids": [NETWORK]}, "subnet_ids", "subnets"),
        ({"endpoint_network_ids": [SUBNET]}, "endpoint_network_ids", "virtualNetworks"),
        ({"virtual_network_ids": [ZONE]}, "virtual_network_ids", "virtualNetworks"),
        ({"endpoints_per_vault_limit": -1}, "endpoints_per_vault_limit", "-1"),
        ({"id": ENDPOINT}, "id", "vaults"),
        ({"id": f"{VAULT}x"}, "id", "was not found"),
        ({"name": "no-such-vault", "resource_group": "payments"}, "name", "was not found"),
        ({"sarif": "/no/such/directory/check.sarif"}, "sarif", "No such file or directory"),
    ],
)
def test_wrong_options_are_named(check: Check, options: Document, option: str, words: str) -> None:
    result = check(**options)
    assert (result["failed"], result["changed"], result["option"]) == (True, False, option) and words in result["msg"], result["msg"]


def test_a_probe_that_proved_nothing_is_a_finding(check: Check) -> None:
    proof = {
        "id": "https://payments-vault.vault.azure.net/healthstatus",
        "proven": False,
        "code": "ZoneNotSeen",
        "ip_addresses": ["20.1.1.1"],
    }
    result = check(proofs=[{**proof, "msg": "The name leads to a public address.", "hint": "Link the zone.", "changed": False}])
    assert result["failed"] and any("prove" in each or "probe" in each for each in statuses(result, "failed")), statuses(result, "failed")
