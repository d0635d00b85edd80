# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document of an audit, and what became of the vaults of an earlier one."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._views.audit import KIND, STATES, VERSION, state_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.audit_comparison import comparison_of, readable
from ansible_collections.privatelink.azure.tests.unit.plugins.audits import HUB, TIME, ZONE, compared, estate


def test_the_document_is_plain_and_says_what_it_is() -> None:
    audit = estate(12, 6)
    assert json.loads(json.dumps(audit)) == audit
    assert (audit["kind"], audit["version"], audit["time"], audit["comparison"]) == (KIND, VERSION, TIME, None)
    assert audit["summary"]["states"] == {"failed": 6, "unknown": 0, "warning": 0, "private": 6}
    assert audit["summary"]["private"] == 6 and audit["summary"]["vaults"] == 12


def test_a_vault_has_its_facts_and_verdicts_and_no_document_of_azure() -> None:
    vault = estate(1)["vaults"][0]
    assert (vault["state"], vault["private"], vault["gates"]["public_network_access"]) == ("private", True, "Disabled")
    (endpoint,) = vault["endpoints"]
    assert endpoint["private_ip_addresses"] == ["10.1.0.4"] and endpoint["zone_ids"] == [ZONE] and "document" not in endpoint
    assert {"verdicts", "tags", "uri", "orphaned_connections"} <= set(vault)


def test_zones_are_listed_once_with_their_links() -> None:
    (zone,) = estate(40)["zones"]
    assert zone["id"] == ZONE and HUB in zone["id"] and len(zone["links"]) == 5
    assert len({link["network_id"] for link in zone["links"]}) == 5


def verdict(status: str, severity: str) -> Document:
    return {"check": f"{status}-{severity}", "status": status, "severity": severity, "title": "It is so"}


@pytest.mark.parametrize(
    ("verdicts", "private", "state"),
    [
        ([], True, "private"),
        ([("passed", "error"), ("skipped", "error")], True, "private"),
        ([("unknown", "warning")], True, "private"),
        ([("failed", "warning")], True, "warning"),
        ([("unknown", "error")], False, "unknown"),
        ([("unknown", "error"), ("failed", "warning")], False, "unknown"),
        ([("unknown", "error"), ("failed", "error")], False, "failed"),
    ],
)
def test_the_state_of_a_vault(verdicts: list[tuple[str, str]], private: bool, state: str) -> None:
    assert state_of({"private": private, "verdicts": [verdict(*each) for each in verdicts]}) == state
    assert state in STATES


# --- compared with an earlier audit ---


def audit_with(**vaults: list[tuple[str, str]]) -> Document:
    made = [
        {
            "id": f"/Vaults/{name}",
            "name": name,
            "private": not any(severity == "error" for _status, severity in verdicts),
            "verdicts": [verdict(*each) for each in verdicts],
        }
        for name, verdicts in vaults.items()
    ]
    return {"kind": KIND, "version": VERSION, "time": TIME, "vaults": [{**each, "state": state_of(each)} for each in made]}


ERROR, WARNING, UNREAD = ("failed", "error"), ("failed", "warning"), ("unknown", "error")


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ([], [ERROR], "worse"),
        ([ERROR], [], "better"),
        ([WARNING], [ERROR], "worse"),
        ([ERROR], [WARNING], "better"),
        ([UNREAD], [ERROR], "worse"),
        ([ERROR], [ERROR], None),
        ([ERROR], [ERROR, WARNING], "worse"),
        ([("passed", "error")], [("skipped", "error")], None),
    ],
)
def test_a_vault_is_better_or_worse_by_what_weighs_more(
    before: list[tuple[str, str]], after: list[tuple[str, str]], direction: str | None
) -> None:
    found = comparison_of(audit_with(a=before), audit_with(a=after))
    assert {name for name in ("new", "gone", "better", "worse") if found[name]} == ({direction} if direction else set())


def test_new_and_gone_go_by_id_without_case() -> None:
    earlier, now = audit_with(a=[], b=[ERROR]), audit_with(A=[], c=[WARNING])
    found = comparison_of(earlier, now)
    assert [each["name"] for each in found["new"]] == ["c"] and [each["name"] for each in found["gone"]] == ["b"]
    assert (found["new"][0]["before"], found["new"][0]["now"]) == (None, "warning")
    assert (found["gone"][0]["before"], found["gone"][0]["now"]) == ("failed", None)
    assert not found["better"] and not found["worse"] and found["time"] == TIME


def test_what_broke_and_what_was_fixed_is_named() -> None:
    (vault,) = comparison_of(audit_with(a=[WARNING]), audit_with(a=[ERROR]))["worse"]
    assert [each["check"] for each in vault["broken"]] == ["failed-error"]
    assert [each["check"] for each in vault["fixed"]] == ["failed-warning"]


def test_an_audit_compared_with_itself_shows_nothing() -> None:
    audit = estate(40, 10)
    found = comparison_of(audit, audit)
    assert not any(found[name] for name in ("new", "gone", "better", "worse"))
    assert len(compared(40, 7, 10)["comparison"]["new"]) == 2


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "is no JSON that the module keyvault_audit wrote"),
        ({"kind": "other"}, "is no JSON that the module keyvault_audit wrote"),
        ({"kind": KIND, "version": 99}, "has version 99"),
        ({"kind": KIND, "version": VERSION}, "is not complete"),
        ({"kind": KIND, "version": VERSION, "time": TIME, "vaults": [{"id": 1}]}, "is not complete"),
        ({"kind": KIND, "version": VERSION, "time": TIME, "vaults": [{"id": "a", "name": "a", "state": "a", "verdicts": [1]}]}, "complete"),
    ],
)
def test_what_is_no_audit_is_told_apart(document: t.Any, reason: str) -> None:
    assert reason in str(readable(document))
    assert readable(estate(2, 1)) is None
