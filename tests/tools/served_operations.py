#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Write the table of the operations that the emulator serves into docs/emulator.md, from its routes. With --check, only say whether it
differs.
"""

from __future__ import annotations

import sys

import generated
from generated import ROOT

PAGE = ROOT / "docs" / "emulator.md"
_MARK = "Made from the emulator's routes (`tests/tools/served_operations.py`).\n"
_ORDER = ("list", "GET", "HEAD", "PUT", "PATCH", "DELETE", "POST")


def table() -> str:
    """Return the table: the types, what can be done with each, and what a query may ask for beside the api-version."""
    sys.path.insert(0, str(ROOT / "tests"))
    from emulator.providers import ROUTES
    from emulator.wire import PAGES, Route

    def shown(route: Route) -> str:
        last = route.segments[-1]
        if route.method == "POST":
            return f"POST {last}"
        if route.method != "GET":
            return route.method if last.startswith("{") else f"{route.method} {last}"
        return "list" if route.query & PAGES else "GET"

    operations: dict[str, set[str]] = {}
    queries: dict[str, set[str]] = {}
    for each in ROUTES:
        if each.segments[-1] == "{operation}" and each.method == "GET":
            continue
        kind = each.type if each.method != "POST" or "/" not in each.type else each.type.rpartition("/")[0]
        operations.setdefault(kind, set()).add(shown(each))
        queries.setdefault(kind, set()).update(each.query - PAGES - {"t", "c", "s", "h"})

    def cells(kind: str) -> str:
        ordered = sorted(operations[kind], key=lambda text: (_ORDER.index(text.split(" ")[0]), text))
        asked = ", ".join(f"`{each}`" for each in sorted(queries[kind]))
        return f"| {kind.replace('{kind}', 'A, AAAA, ...')} | {', '.join(ordered)} | {asked} |"

    rows = [cells(kind) for kind in sorted(operations, key=str.casefold)]
    return "\n".join(["", "| type | operations | queries |", "| --- | --- | --- |", *rows, ""])


def page() -> str:
    """Return the page as it should be."""
    head, mark, rest = PAGE.read_text(encoding="utf-8").partition(_MARK)
    return head + mark + table() + "\n## " + rest.partition("\n## ")[2]


if __name__ == "__main__":
    sys.exit(generated.main({PAGE: page()}, sys.argv[1:]))
