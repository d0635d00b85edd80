# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checked vaults as JUnit: a testsuite for each vault, a testcase for each check. Nothing in it depends on when it was written."""

from __future__ import annotations

import re
import typing as t

from .check_catalogue import BY_ID
from .checked import Answer, Checked

# What XML 1.0 cannot hold, not even escaped.
_NEVER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(vaults: t.Sequence[Checked], *, warnings_fail: bool) -> str:
    """Return the text of a file. warnings_fail: whether a finding of severity warning fails its testcase, or skips it with its message."""
    suites = [line for vault in vaults for line in _suite(vault, warnings_fail)]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="privatelink.azure">', *suites, "</testsuites>", ""])


def _suite(vault: Checked, warnings_fail: bool) -> t.Iterator[str]:
    cases = [_case(vault, check, answer, warnings_fail) for check, answer in vault.answers.items()]
    elements = [element for element, _lines in cases]
    counts = {f"{element}s" if element != "skipped" else element: elements.count(element) for element in ("failure", "error", "skipped")}
    yield f"  <testsuite{_attributes(name=vault.name, tests=str(len(cases)), **{key: str(value) for key, value in counts.items()})}>"
    yield f"    <properties><property{_attributes(name='id', value=vault.id)}/></properties>"
    for _element, lines in cases:
        yield from lines
    yield "  </testsuite>"


def _case(vault: Checked, check: str, answer: Answer, warnings_fail: bool) -> tuple[str, list[str]]:
    """Return the element that a testcase holds, empty where it passed, and its lines."""
    head = f"    <testcase{_attributes(classname=vault.name, name=check)}"
    element = _element(check, answer, warnings_fail)
    if not element:
        return "", [f"{head}/>"]
    if element == "skipped":
        told = f"warning: {answer.message} {answer.hint}" if answer.found else answer.message
        return element, [f"{head}><skipped{_attributes(message=told)}/></testcase>"]
    row = BY_ID[check]
    body = "\n".join(text for text in (answer.hint, f"Guide: {row.guide}" if row.guide else "", answer.fix) if text)
    opening = f"{head}><{element}{_attributes(type=row.severity, message=answer.message)}>"
    return element, [f"{opening}{_escaped(body)}</{element}></testcase>"]


def _element(check: str, answer: Answer, warnings_fail: bool) -> str:
    if answer.status == "skipped" or (answer.found and BY_ID[check].severity == "warning" and not warnings_fail):
        return "skipped"
    return {"failed": "failure", "unknown": "error"}.get(answer.status, "")


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in values.items())


def _escaped(text: str) -> str:
    kept = _NEVER.sub("\ufffd", text)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        kept = kept.replace(sign, name)
    return kept
