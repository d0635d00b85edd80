# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checks answer, and how results show it."""

from __future__ import annotations

import re

from ansible_collections.privatelink.azure.plugins.module_utils._views.check_catalogue import BY_ID, CHECKS
from ansible_collections.privatelink.azure.plugins.module_utils._views.checked import Answer, Checked, Wanted, summary

FULL = Answer("failed", "The zone is full.", "Delete records.", ("/zone",))


def checked(name: str, **answers: Answer) -> Checked:
    return Checked(f"/vaults/{name}", name, "westeurope", answers)


def test_the_catalogue_names_each_check_once_and_policies_by_guid() -> None:
    assert len(BY_ID) == len(CHECKS) == len({check.title for check in CHECKS})
    for check in CHECKS:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", check.id) and not check.title.endswith(".")
        assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", policy) for policy in check.policies)


def test_a_vault_is_private_unless_an_error_is_found_or_unknown() -> None:
    assert checked("a", soft_delete=FULL, zone_exists=Answer(), probe=Answer("skipped", "no proofs")).private
    assert not checked("a", zone_exists=Answer("unknown", "not readable")).private
    assert not checked("a", zone_exists=Answer("failed", "missing")).private


def test_what_results_show_of_a_vault() -> None:
    shown = checked("a", zone_limits=FULL).rendered()
    assert list(shown) == ["id", "name", "location", "private", "gates", "verdicts"]
    assert shown["verdicts"] == [
        {
            "check": "zone_limits",
            "status": "failed",
            "severity": "warning",
            "title": BY_ID["zone_limits"].title,
            "message": "The zone is full.",
            "hint": "Delete records.",
            "resource_ids": ["/zone"],
            "guide": BY_ID["zone_limits"].guide,
            "policies": [],
            "fix": "",
        }
    ]


def test_a_finding_that_vaults_share_counts_once() -> None:
    own = Answer("failed", "Vault b is open.")
    found = summary([checked("a", zone_limits=FULL), checked("b", zone_limits=FULL, public_network_access=own), checked("c")])
    assert found == {"vaults": 3, "private": 2, "failed": 1, "errors": 1, "warnings": 1}


def test_checks_are_chosen_by_id() -> None:
    assert [check.id for check in Wanted().chosen] == list(BY_ID)
    some = Wanted(checks=("probe", "firewall"), skip_checks=("firewall",))
    assert [check.id for check in some.chosen] == ["probe"] and some.asks("probe") and not some.asks("firewall")
