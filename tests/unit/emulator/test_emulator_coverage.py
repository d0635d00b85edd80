# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is served is told, and what is only guessed is no base of advice."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import served_operations

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted((ROOT / "tests" / "emulator").rglob("*.py"))
GUESS = "unrecorded"


def test_the_table_of_operations_is_that_of_the_routes() -> None:
    assert served_operations.page() == served_operations.PAGE.read_text(encoding="utf-8"), (
        "Run tests/tools/served_operations.py and commit what it writes."
    )


def _codes(node: ast.AST) -> Iterator[str]:
    """What an expression that makes an error names as its code: the first text that is one word and begins with a capital."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value[:1].isupper() and each.value.isalpha():
            yield each.value


def guessed_codes() -> set[str]:
    """The error codes on lines that say that no recording has them, or below a comment that says so."""
    found = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                marked = "\n".join([lines[node.lineno - 2], *lines[node.lineno - 1 : node.end_lineno]])
                if "#" in marked and GUESS in marked.partition("#")[2]:
                    found |= set(_codes(node.exc))
    return found


COMMON = {"BadRequest", "Conflict", "NotFound", "BadParameter", "ResourceNotFound"}
"""Codes that recorded answers have too, for other reasons; only the text is a guess."""


def test_no_advice_rests_on_a_guess() -> None:
    hints = runpy.run_path(str(ROOT / "plugins" / "module_utils" / "_hints.py"))["HINTS"]
    guessed = guessed_codes()
    assert len(guessed) > 5, "the marks are found"
    assert not (guessed - COMMON) & set(hints)
