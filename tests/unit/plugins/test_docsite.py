# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index of the HTML site, docs/docsite/index.md, has every page of docs/ once."""

from __future__ import annotations

import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"


def test_every_page_is_in_the_index() -> None:
    text = (DOCS / "docsite" / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL)
    listed = [name for tree in trees for name in re.findall(r"^(\w+)$", tree, re.MULTILINE)]
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == {file.stem for file in DOCS.glob("*.md")}
