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


def _marked(node: ast.AST, lines: list[str], inside: bool) -> bool:
    """Whether a statement is marked as a guess: by a docstring around it, on its own lines, or by the comment above them."""
    if inside or not isinstance(node, ast.stmt):
        return inside
    place, above = node.lineno - 1, []
    while place and lines[place - 1].lstrip().startswith("#"):
        place -= 1
        above.append(lines[place])
    return any(GUESS in each.partition("#")[2] for each in (*above, *lines[node.lineno - 1 : node.end_lineno]))


def _guesses(node: ast.AST, lines: list[str], inside: bool = False) -> Iterator[str]:
    """The codes of the errors that are made below a node, as far as a comment or a docstring says that they are guesses."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        inside = inside or GUESS in (ast.get_docstring(node) or "")
    elif isinstance(node, ast.Raise | ast.Return):
        if _marked(node, lines, inside):
            yield from _codes(node)
        return
    for each in ast.iter_child_nodes(node):
        yield from _guesses(each, lines, inside)


def guessed_codes() -> set[str]:
    """The error codes that the sources mark as in no recording."""
    texts = [source.read_text(encoding="utf-8") for source in SOURCES]
    return {code for text in texts for code in _guesses(ast.parse(text), text.splitlines())}


def test_guesses_are_read_in_docstrings_and_comments() -> None:
    source = """
def one():
    'unrecorded: the code.'
    if wrong:
        raise ArmError(400, "InOne", "text")

def two():
    'Recorded.'
    # unrecorded: the code,
    # and the text
    return ArmError(400, "InTwo", "text")

def three():
    'Recorded.'
    raise ArmError(400, "InThree", "text")

class Four:
    'All of it is unrecorded.'
    def five(self):
        raise ArmError(
            400, "InFour", "text")
    """
    assert set(_guesses(ast.parse(source), source.splitlines())) == {"InOne", "InTwo", "InFour"}


COMMON = {"BadRequest", "Conflict", "NotFound", "BadParameter", "ResourceNotFound"}
"""Codes that recorded answers have too, for other reasons; only the text is a guess."""


def test_no_advice_rests_on_a_guess() -> None:
    hints = runpy.run_path(str(ROOT / "plugins" / "module_utils" / "_hints.py"))["HINTS"]
    guessed = guessed_codes()
    assert len(guessed) > 5, "the marks are found"
    assert not (guessed - COMMON) & set(hints)
