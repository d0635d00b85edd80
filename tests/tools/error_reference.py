#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Write the table of Azure's error codes into docs/troubleshooting.md, from the hints that failed tasks show. With --check, only say whether
it differs.
"""

from __future__ import annotations

import runpy
import sys

import generated
from generated import ROOT

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


if __name__ == "__main__":
    sys.exit(generated.main({PAGE: page()}, sys.argv[1:]))
