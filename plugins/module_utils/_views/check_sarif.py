# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of checked vaults as SARIF 2.1.0, which code scanning of GitHub, Azure DevOps and editors show. Nothing depends on the time."""

from __future__ import annotations

import json
import typing as t
import urllib.parse

from .._documents.compare import Document
from .check_catalogue import BY_ID, CHECKS, Check
from .checked import Answer, Checked

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PAGE = "https://github.com/privatelink/azure/blob/main/docs/checks.md"


def sarif_text(vaults: t.Sequence[Checked]) -> str:
    """Return the text of a file."""
    results = [_result(vault, check, answer) for vault in vaults for check, answer in vault.findings.items()]
    driver = {"name": "privatelink.azure", "informationUri": _PAGE, "rules": [_rule(check) for check in CHECKS]}
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(check: Check) -> Document:
    described = f"Azure's guide: {check.guide}." if check.guide else "Not in Azure's guide."
    return {
        "id": check.id,
        "shortDescription": {"text": f"{check.title}."},
        "fullDescription": {"text": f"{check.title}. {described}"},
        "helpUri": _PAGE,
        "defaultConfiguration": {"level": check.severity},
        "properties": {"policies": list(check.policies)},
    }


def _result(vault: Checked, check: str, answer: Answer) -> Document:
    """Return a finding. What could not be read is open, which SARIF gives no level."""
    kind = {"kind": "fail", "level": BY_ID[check].severity} if answer.status == "failed" else {"kind": "open", "level": "none"}
    fix = f"\n\nFix:\n\n{answer.fix}" if answer.fix else ""
    return {
        "ruleId": check,
        "ruleIndex": CHECKS.index(BY_ID[check]),
        **kind,
        "message": {"text": f"{answer.message} {answer.hint}{fix}".strip()},
        "locations": [_location(vault.id, vault.name)],
        "relatedLocations": [_location(each, each.rpartition("/")[2]) for each in answer.resource_ids if each != vault.id],
        "partialFingerprints": {"vaultAndCheck/v1": f"{vault.id.casefold()}/{check}"},
    }


def _location(resource_id: str, name: str) -> Document:
    """Return a resource as a location: code scanning wants a file, so that the id stands for one."""
    return {
        "physicalLocation": {"artifactLocation": {"uri": urllib.parse.quote(resource_id.lstrip("/"))}, "region": {"startLine": 1}},
        "logicalLocations": [{"name": name, "fullyQualifiedName": resource_id, "kind": "resource"}],
    }
