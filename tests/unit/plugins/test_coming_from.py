# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages for those who come from other tools name options and modules that exist here."""

from __future__ import annotations

import importlib
import pathlib
import re

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._recipes.settings import ENDPOINT, VAULT

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGES = {name: (ROOT / "docs" / f"from_{name}.md").read_text(encoding="utf-8") for name in ("azcollection", "az", "terraform")}
_NAME = re.compile(r"`([a-z_]+)`")
MODULES = {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}


def cells(text: str) -> list[list[str]]:
    """Return the cells of all tables of a text, without their heads."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0].startswith("`")]


def sections() -> dict[str, list[list[str]]]:
    """Return the tables of the page of azure.azcollection by module of this collection."""
    found: dict[str, list[list[str]]] = {}
    for part in PAGES["azcollection"].split("\n## ")[1:]:
        heading = re.match(r"azure_rm_\w+ → (\w+)\n", part)
        if heading:
            found.setdefault(heading[1], []).extend(cells(part))
    return found


@pytest.mark.parametrize("name", sorted(sections()))
def test_every_option_of_the_page_of_azcollection_exists(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.privatelink.azure.plugins.modules.{name}").MODULE
    options = module.spec["argument_spec"]
    rows = sections()[name]
    assert rows
    for row in rows:
        assert set(_NAME.findall(row[1])) <= set(options), row


def test_every_module_that_the_pages_name_exists() -> None:
    for page in ("az", "terraform"):
        text = PAGES[page].partition("## Inputs")[0]
        for row in cells(text):
            named = [name for name in _NAME.findall(row[1]) if not name.startswith(("manual_", "network_acls", "private_dns_zone_ids"))]
            assert set(named) - {"keyvaults"} <= MODULES, row


def test_every_setting_of_the_page_of_terraform_exists() -> None:
    _head, vaults, endpoints = PAGES["terraform"].split("\n| AVM |")
    for text, settings in ((vaults, VAULT), (endpoints, ENDPOINT)):
        rows = cells(text)
        assert len(rows) > 10
        for row in rows:
            assert set(_NAME.findall(row[1])) <= set(settings), row
