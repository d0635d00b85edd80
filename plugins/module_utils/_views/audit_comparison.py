# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the vaults of an earlier audit: new, gone, better, worse."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .audit import KIND, VERSION

# What weighs more comes first: a failed check of severity error, then one that could not be read, then warnings.
_WEIGHTS = (("failed", "error"), ("unknown", "error"), ("failed", "warning"), ("unknown", "warning"))


def readable(document: t.Any) -> str | None:
    """Return why a document is no audit to compare with, None where it is one."""
    if not isinstance(document, dict) or document.get("kind") != KIND:
        return "is no JSON that the module keyvault_audit wrote"
    if document.get("version") != VERSION:
        return f"has version {document.get('version')!r} of the document, and only {VERSION} can be compared"
    vaults = document.get("vaults")
    if not isinstance(vaults, list) or not isinstance(document.get("time"), str) or not all(_is_entry(each) for each in vaults):
        return "is not complete"
    return None


def _is_entry(vault: t.Any) -> bool:
    known = isinstance(vault, dict) and all(isinstance(vault.get(key), str) for key in ("id", "name", "state"))
    return known and isinstance(vault.get("verdicts"), list) and all(_is_verdict(each) for each in vault["verdicts"])


def _is_verdict(verdict: t.Any) -> bool:
    return isinstance(verdict, dict) and all(isinstance(verdict.get(key), str) for key in ("check", "status", "severity", "title"))


def comparison_of(earlier: Document, now: Document) -> Document:
    """Return what changed since an earlier audit: time is that of the earlier one, the rest are lists of vaults.

    broken and fixed: the checks that a vault fails now and did not, and the reverse, with their titles.
    A vault that broke and was fixed counts by what weighs more.
    """
    before, after = ({str(vault["id"]).casefold(): vault for vault in each["vaults"]} for each in (earlier, now))
    found: Document = {
        "time": earlier["time"],
        "new": [_changed({}, vault) for key, vault in after.items() if key not in before],
        "gone": [_changed(vault, {}) for key, vault in before.items() if key not in after],
        "better": [],
        "worse": [],
    }
    for key in after:
        if key in before and (direction := _direction(before[key], after[key])):
            found[direction].append(_changed(before[key], after[key]))
    return found


def _findings(vault: Document) -> dict[tuple[str, str], Document]:
    """Return the verdicts that are no good news, by check and status."""
    return {(each["check"], each["status"]): each for each in vault.get("verdicts") or [] if each["status"] in ("failed", "unknown")}


def _direction(before: Document, after: Document) -> str | None:
    if _findings(before).keys() == _findings(after).keys():
        return None
    return "better" if _weight(after) < _weight(before) else "worse"


def _weight(vault: Document) -> tuple[int, ...]:
    found = [(each["status"], each["severity"]) for each in _findings(vault).values()]
    return tuple(found.count(weight) for weight in _WEIGHTS)


def _changed(before: Document, after: Document) -> Document:
    vault = after or before
    old, new = _findings(before), _findings(after)
    return {
        "id": vault["id"],
        "name": vault["name"],
        "before": before.get("state"),
        "now": after.get("state"),
        "broken": _named(new, old) if after else [],
        "fixed": _named(old, new) if after else [],
    }


def _named(found: t.Mapping[tuple[str, str], Document], without: t.Container[tuple[str, str]]) -> list[Document]:
    shown = ("check", "status", "severity", "title")
    return [{name: verdict[name] for name in shown} for key, verdict in found.items() if key not in without]
