# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table in docs/checks.md is made from the catalogue of checks."""

from __future__ import annotations

import importlib.util
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_the_page_says_what_the_catalogue_says() -> None:
    spec = importlib.util.spec_from_file_location("check_table", ROOT / "tests" / "tools" / "check_table.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "Run tests/tools/check_table.py and commit what it writes."
