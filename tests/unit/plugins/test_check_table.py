# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table in docs/checks.md is made from the catalogue of checks."""

from __future__ import annotations

import check_table


def test_the_page_says_what_the_catalogue_says() -> None:
    assert check_table.PAGE.read_text(encoding="utf-8") == check_table.page(), "Run tests/tools/check_table.py and commit what it writes."
