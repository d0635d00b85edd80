# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts as JUnit and SARIF, as the programs that show them read these formats."""

from __future__ import annotations

import json
import re
import urllib.parse
from xml.etree import ElementTree

from ansible_collections.privatelink.azure.plugins.module_utils._views.check_catalogue import CHECKS
from ansible_collections.privatelink.azure.plugins.module_utils._views.check_junit import junit_text
from ansible_collections.privatelink.azure.plugins.module_utils._views.check_sarif import sarif_text
from ansible_collections.privatelink.azure.plugins.module_utils._views.checked import Answer, Checked

VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/a"
ANSWERS = {
    "endpoint_exists": Answer(),
    "zone_linked": Answer("failed", "Network 'a<b>&\"' is not linked.\x00", "Link it.", (VAULT, "/net"), '- name: "Link"\n'),
    "record_exists": Answer("unknown", "Not readable."),
    "probe": Answer("skipped", "No proofs."),
    "firewall": Answer("failed", "The firewall allows.", "Close it."),
}
CHECKED = [Checked(VAULT, "a", "westeurope", ANSWERS), Checked(f"{VAULT}2", "a2", "westeurope", {"firewall": Answer()})]


def test_junit_has_a_suite_for_each_vault_and_a_case_for_each_check() -> None:
    root = ElementTree.fromstring(junit_text(CHECKED, warnings_fail=False))
    first, second = root.findall("testsuite")
    assert first.attrib == {"name": "a", "tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    assert second.attrib == {"name": "a2", "tests": "1", "failures": "0", "errors": "0", "skipped": "0"}
    assert [case.get("name") for case in first.findall("testcase")] == list(ANSWERS)
    (failure,) = first.iter("failure")
    assert failure.attrib == {"type": "error", "message": "Network 'a<b>&\"' is not linked.\ufffd"}
    assert failure.text is not None and failure.text.startswith("Link it.\nGuide: ") and failure.text.endswith('- name: "Link"\n')
    assert {skipped.get("message") for skipped in first.iter("skipped")} == {"No proofs.", "warning: The firewall allows. Close it."}


def test_warnings_fail_a_case_where_they_fail_the_task() -> None:
    root = ElementTree.fromstring(junit_text(CHECKED, warnings_fail=True))
    assert root.findall("testsuite")[0].get("failures") == "2"


def test_sarif_has_all_rules_and_the_findings() -> None:
    log = json.loads(sarif_text(CHECKED))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0" and [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [check.id for check in CHECKS]
    linked, record, firewall = run["results"]
    assert (linked["kind"], linked["level"]) == ("fail", "error") and (firewall["kind"], firewall["level"]) == ("fail", "warning")
    assert (record["kind"], record["level"]) == ("open", "none")
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == VAULT.lstrip("/")
    assert [each["logicalLocations"][0]["fullyQualifiedName"] for each in linked["relatedLocations"]] == ["/net"]
    assert len({result["partialFingerprints"]["vaultAndCheck/v1"] for result in run["results"]}) == 3


URI = re.compile(r"(?:[A-Za-z0-9\-._~/!$&'()*+,;=@]|%[0-9A-F]{2})+")


def test_a_location_is_a_reference_that_any_reader_takes() -> None:
    """Names of resource groups may have letters of any language, and parentheses."""
    group = VAULT.replace("/g/", "/gruppe (östlich) 100%/")
    log = json.loads(sarif_text([Checked(group, "a", "westeurope", {"firewall": Answer("failed", "Open.", "Close it.", (group,))})]))
    (result,) = log["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert URI.fullmatch(uri) and urllib.parse.unquote(f"/{uri}") == group
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == group


def test_sarif_keeps_the_rules_of_its_specification() -> None:
    """Section 3 of SARIF 2.1.0: levels and kinds go together, indices and ids agree, and texts are not empty."""
    log = json.loads(sarif_text(CHECKED))
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        assert {rule["defaultConfiguration"]["level"] for rule in rules} <= {"none", "note", "warning", "error"}
        for result in run["results"]:
            assert result["kind"] == "fail" or result["level"] == "none"
            assert result["kind"] in ("fail", "open") and result["message"]["text"].strip()
            assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
            for location in (*result["locations"], *result["relatedLocations"]):
                assert location["physicalLocation"]["region"]["startLine"] >= 1
                assert all(each["fullyQualifiedName"] for each in location["logicalLocations"])


def test_junit_counts_what_it_holds() -> None:
    """As the schemas of Jenkins and of the Maven Surefire plugin have it: attributes that are numbers are, and elements are known."""
    for warnings_fail in (False, True):
        for suite in ElementTree.fromstring(junit_text(CHECKED, warnings_fail=warnings_fail)):
            cases = suite.findall("testcase")
            assert int(suite.attrib["tests"]) == len(cases)
            for element, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
                assert int(suite.attrib[count]) == sum(1 for _each in suite.iter(element))
            assert {each.tag for case in cases for each in case} <= {"failure", "error", "skipped"}
            assert all(case.get("name") and case.get("classname") and len(case) <= 1 for case in cases)
