# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/from_azcollection.md has every option of the modules of azure.azcollection that it compares, and no other."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from clients.processes import CACHE, ROOT

MODULES = CACHE / "azcollection" / "collections" / "ansible_collections" / "azure" / "azcollection" / "plugins" / "modules"
PAGE = (ROOT / "docs" / "from_azcollection.md").read_text(encoding="utf-8")
_NAMES = {part: re.match(r"(azure_rm_\w+) →", part) for part in PAGE.split("\n## ")[1:]}
SECTIONS = {name[1]: part for part, name in _NAMES.items() if name}


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_the_page_names_every_option(name: str) -> None:
    tree = ast.parse((MODULES / f"{name}.py").read_text(encoding="utf-8"))
    texts = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    documented = yaml.safe_load(ast.literal_eval(texts["DOCUMENTATION"]))["options"]
    rows = [line.split("|")[1].strip().strip("`") for line in SECTIONS[name].splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(documented)
