# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A browser for all tests of pages, and the pages of estates of every size."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from browser.axe_core import axe
from browser.chromium import NAMES, Browser, installed
from unit.plugins.audits import compared, estate

from ansible_collections.privatelink.azure.plugins.module_utils._pages.audit_page import page_of

CACHE = pathlib.Path(os.environ.get("BROWSER_CACHE") or pathlib.Path(__file__).resolve().parents[2] / ".cache")


@pytest.fixture(scope="session")
def browser() -> t.Iterator[Browser]:
    path = installed()
    if path is None:
        pytest.skip(f"There is no {NAMES[0]}: install Debian's package of that name.")
    made = Browser(path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def axe_script() -> str:
    try:
        return axe(CACHE)
    except OSError as error:
        pytest.skip(f"axe-core cannot be fetched from npm: {error}")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pathlib.Path]:
    """Return pages by the number of vaults, or a name."""
    audits = {
        "none": estate(0),
        "one": estate(1),
        "one broken": estate(1, 1),
        "forty": estate(40),
        "forty broken": compared(40, 7, 10),
        "sixty broken": estate(60, 10),
        "hundreds": estate(400),
        "hundreds broken": estate(400, 14),
    }
    directory = tmp_path_factory.mktemp("pages")
    files = {}
    for name, audit in audits.items():
        files[name] = directory / f"{name.replace(' ', '-')}.html"
        files[name].write_text(page_of(audit), encoding="utf-8")
    return files
