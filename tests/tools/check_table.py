#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of checks in docs/checks.md from the catalogue of checks. With --check, only say whether it differs."""

from __future__ import annotations

import importlib.util
import sys
import typing as t

import generated
from generated import ROOT

PAGE = ROOT / "docs" / "checks.md"
CATALOGUE = ROOT / "plugins" / "module_utils" / "_views" / "check_catalogue.py"
BEGIN, END = "<!-- table of checks: begin -->\n", "<!-- table of checks: end -->\n"


def catalogue() -> t.Any:
    """Return the module with the catalogue, which imports nothing of this collection."""
    spec = importlib.util.spec_from_file_location("check_catalogue", CATALOGUE)
    assert spec and spec.loader
    module = sys.modules["check_catalogue"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table() -> str:
    """Return the table."""
    lines = ["| check | passes if | severity | Azure's guide | Azure policies |", "| --- | --- | --- | --- | --- |"]
    for check in catalogue().CHECKS:
        policies = "<br>".join(f"`{policy}`" for policy in check.policies)
        lines.append(f"| `{check.id}` | {check.title} | {check.severity} | {check.guide} | {policies} |")
    return "\n" + "\n".join(line.replace("|  |", "| |").replace("|  |", "| |") for line in lines) + "\n\n"


def page() -> str:
    """Return the page with the table as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    return text[: text.index(BEGIN) + len(BEGIN)] + table() + text[text.index(END) :]


if __name__ == "__main__":
    sys.exit(generated.main({PAGE: page()}, sys.argv[1:]))
