# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit of vaults that others made: page and JSON say what is there, a second run keeps them, and a change is named."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.estate import Estate
from integration.running import Controller, Run, task

DIRECT, PROCESS = {"ANSIBLE_PRIVATELINK_DIRECT": "1"}, {"ANSIBLE_PRIVATELINK_DIRECT": "0"}
HOSTILE = "</script><script>alert(1)</script>{{ 7 * 7 }}\" onload='x'"


@pytest.fixture(scope="module")
def estate(emulation: Emulation) -> Estate:
    emulation.reset()
    made = Estate(emulation)
    made.mixed()
    made.vault("estate-hostile", tags={"Note": HOSTILE})
    return made


@pytest.fixture
def files(controller: Controller) -> t.Iterator[tuple[pathlib.Path, pathlib.Path]]:
    page, data = controller.directory / "audit.html", controller.directory / "audit.json"
    yield page, data
    page.unlink(missing_ok=True)
    data.unlink(missing_ok=True)


def audit(controller: Controller, files: tuple[pathlib.Path, pathlib.Path], *arguments: str, env: t.Mapping[str, str] | None = None) -> Run:
    """Run the playbook."""
    page, data = files
    return controller.run(
        "privatelink.azure.audit", "-e", f"audit_dest={page}", "-e", f"audit_json_dest={data}", *arguments, env=env or DIRECT
    )


def loaded(data: pathlib.Path) -> Json:
    return t.cast(Json, json.loads(data.read_text(encoding="utf-8")))


def test_page_and_json_say_what_is_there(controller: Controller, estate: Estate, files: tuple[pathlib.Path, pathlib.Path]) -> None:
    run = audit(controller, files).succeeded()
    assert run.changed == ["privatelink.azure.audit : Audit the key vaults"] and not run.writes
    found, page = loaded(files[1]), files[0].read_text(encoding="utf-8")
    states = {vault["name"]: vault["state"] for vault in found["vaults"]}
    assert states.pop("estate-closed") in ("private", "warning")
    assert states == dict.fromkeys(("estate-bare", "estate-hostile", "estate-other", "estate-pending", "estate-record"), "failed")
    assert (found["summary"]["vaults"], found["summary"]["private"], found["comparison"]) == (6, 1, None)
    assert [zone["id"] for zone in found["zones"]] == [estate.zone]
    assert [link["network_id"] for link in found["zones"][0]["links"]] == [estate.network]
    pending = next(vault for vault in found["vaults"] if vault["name"] == "estate-pending")
    assert "connection_approved" in [each["check"] for each in pending["verdicts"] if each["status"] == "failed"]
    assert all(vault["name"] in page and vault["endpoints"][0]["name"] in page for vault in found["vaults"] if vault["endpoints"])
    assert "alert(1)" in page and "<script>alert" not in page and "{{ 7 * 7 }}" in page and "onload='x'\"" not in page
    assert f'content="{found["time"]}"' in page


def test_the_checks_are_chosen_as_in_the_module_that_checks(
    controller: Controller, estate: Estate, files: tuple[pathlib.Path, pathlib.Path]
) -> None:
    chosen = {
        "audit_skip_checks": "management_lock, purge_protection",
        "audit_network_ids": estate.network,
        "audit_endpoints_per_vault_limit": 0,
    }
    audit(controller, files, "-e", json.dumps(chosen)).succeeded()
    shown = {each["check"] for vault in loaded(files[1])["vaults"] for each in vault["verdicts"]}
    assert "soft_delete" in shown and not shown & {"management_lock", "purge_protection"}
    wrong = audit(controller, files, "-e", json.dumps({"audit_proofs": ["it works"]}))
    assert wrong.rc == 2 and "proofs: 'it works' is not the result of a probe" in wrong.output


def test_the_second_audit_keeps_the_files(controller: Controller, estate: Estate, files: tuple[pathlib.Path, pathlib.Path]) -> None:
    planned = audit(controller, files, "--check", "--diff").succeeded()
    assert planned.changed and not files[0].exists() and not files[1].exists()
    audit(controller, files).succeeded()
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    for arguments in ((), ("-e", f"audit_compare={files[1]}"), ("--check", "--diff")):
        again = audit(controller, files, *arguments).succeeded()
        assert not again.changed and [(file.stat().st_mtime_ns, file.read_bytes()) for file in files] == before


def test_a_module_process_writes_the_same(controller: Controller, estate: Estate, files: tuple[pathlib.Path, pathlib.Path]) -> None:
    audit(controller, files).succeeded()
    before = [file.read_bytes() for file in files]
    again = audit(controller, files, env=PROCESS).succeeded()
    assert not again.changed and [file.read_bytes() for file in files] == before


def test_what_changed_is_compared_and_kept(
    controller: Controller, emulation: Emulation, estate: Estate, files: tuple[pathlib.Path, pathlib.Path]
) -> None:
    made = emulation.control("GET", "state")
    try:
        compare = ("-e", f"audit_compare={files[1]}")
        first = audit(controller, files, *compare).succeeded()  # nothing to compare with yet
        assert first.task("Audit the key vaults")["comparison"] is None
        estate.vault("estate-closed", publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Allow"})
        estate.vault("estate-new")
        run = audit(controller, files, *compare, "--diff").succeeded()
        done = run.task("Audit the key vaults")
        assert [each["name"] for each in done["comparison"]["worse"]] == ["estate-closed"]
        assert "public_network_access" in [each["check"] for each in done["comparison"]["worse"][0]["broken"]]
        assert [each["name"] for each in done["comparison"]["new"]] == ["estate-new"]
        assert "estate-closed: Not private, public_network_access failed" in str(done["diff"])
        assert "Changes since" in files[0].read_text(encoding="utf-8")
        published = run.task("Publish workflow statistics")["ansible_stats"]["data"]["privatelink_audit"]
        assert [each.rpartition("/")[2] for each in published["changes"]["worse"]] == ["estate-closed"]
        assert published["summary"]["private"] == 0 and published["dest"] == str(files[0])
        kept = audit(controller, files, *compare).succeeded()
        assert not kept.changed and kept.task("Audit the key vaults")["comparison"] == done["comparison"]
    finally:
        emulation.control("PUT", "state", made)


def test_the_page_is_an_artifact_where_it_is_asked_for(
    controller: Controller, estate: Estate, files: tuple[pathlib.Path, pathlib.Path]
) -> None:
    run = audit(controller, files, "-e", "audit_publish_page=yes").succeeded()
    published = run.task("Publish the page")["ansible_stats"]["data"]["privatelink_audit_page"]
    assert published.rstrip() == files[0].read_text(encoding="utf-8").rstrip()


def test_what_is_no_audit_is_refused_before_anything_is_read(controller: Controller, estate: Estate) -> None:
    other = controller.directory / "other.json"
    for text, reason in (("{}", "is no JSON that the module"), ("{", "is no JSON;"), ('{"kind": "privatelink.azure.audit"}', "version")):
        other.write_text(text, encoding="utf-8")
        done = controller.tasks(task("keyvault_audit", "compare", compare=str(other), keywords={"ignore_errors": True})).task("compare")
        assert done.failed and reason in done["msg"] and done["option"] == "compare", done.result
        assert not [each for each in done.requests if "/vaults" in each["path"]]
