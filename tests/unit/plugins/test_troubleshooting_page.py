# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/troubleshooting.md names every code that a task or a probe can fail with."""

from __future__ import annotations

import ast
import pathlib
import re
import typing as t

import error_reference

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
CODES = set(re.findall(r"`([A-Za-z]+)`", "".join(re.findall(r"^\|([^|]+)\|", PAGE, re.MULTILINE))))


def _calls() -> t.Iterator[ast.Call]:
    for file in (ROOT / "plugins" / "module_utils").rglob("*.py"):
        yield from (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def test_the_table_of_azures_codes_is_made_from_the_hints() -> None:
    assert error_reference.page() == PAGE, "Run tests/tools/error_reference.py and commit what it writes."


def test_every_code_of_this_collection_is_explained() -> None:
    literal = {
        keyword.value.value
        for call in _calls()
        for keyword in call.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    assert len(literal) > 20
    assert literal <= CODES, literal - CODES


def test_every_code_of_a_probe_is_explained() -> None:
    faults = {
        node.value
        for call in _calls()
        if isinstance(call.func, ast.Name) and call.func.id == "Fault" and call.args
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant) and re.fullmatch(r"[A-Z][A-Za-z]+", str(node.value))
    }
    assert len(faults) > 5
    assert faults <= CODES, faults - CODES
