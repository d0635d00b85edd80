# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator process for these tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.client import Client, run


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What ``emulator.json`` says of the process that all tests share."""
    directory = tmp_path_factory.mktemp("emulator")
    started = run(directory, "start", "--timing", "none")
    assert started.returncode == 0, started.stderr + (directory / "emulator.out").read_text()
    yield json.loads((directory / "emulator.json").read_text())
    assert run(directory, "stop").returncode == 0


@pytest.fixture
def empty(facts: dict[str, Any]) -> Client:
    """A client of an emulator that is empty."""
    client = Client(facts)
    client.control("POST", "reset")
    return client


@pytest.fixture
def arm(empty: Client) -> Client:
    """A client with the provider registered and a resource group."""
    return empty.ready()
