#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Write the table of Azure's error codes into docs/troubleshooting.md, from the hints that failed tasks show. With --check, only say whether
it differs.
"""

from __future__ import annotations

import pathlib
import runpy
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
_MARK = "Made from the hints that failed tasks show (`tests/tools/error_reference.py`).\n"


def table() -> str:
    """Return the table: the codes that have one hint, and the hint."""
    hints: dict[str, str] = runpy.run_path(str(ROOT / "plugins" / "module_utils" / "_hints.py"))["HINTS"]
    codes: dict[str, list[str]] = {}
    for code, hint in hints.items():
        codes.setdefault(hint, []).append(f"`{code}`")
    rows = sorted((", ".join(sorted(names, key=str.casefold)), hint) for hint, names in codes.items())
    rows.sort(key=lambda row: row[0].casefold())
    return "\n".join(["", "| code | next step |", "| --- | --- |", *(f"| {names} | {hint} |" for names, hint in rows), ""])


def page() -> str:
    """Return the page as it should be."""
    head, mark, _rest = PAGE.read_text(encoding="utf-8").partition(_MARK)
    return head + mark + table()


def main(arguments: list[str]) -> int:
    """Write the page, or say that it differs."""
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(PAGE.relative_to(ROOT))
    if "--check" not in arguments:
        PAGE.write_text(page(), encoding="utf-8")
    return 1 if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
