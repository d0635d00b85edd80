# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin for pytest: the fixture ``azure_emulator`` starts an emulator on free ports of loopback, in a temporary directory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from emulator import client, environment


@dataclass(frozen=True, slots=True)
class AzureEmulator:
    """A running emulator: where it is, who to sign in as, and the file of the authority to trust."""

    directory: Path
    url: str
    ca: str
    tenant: str
    client_id: str
    secret: str
    subscription: str
    subscriptions: list[str]

    def environment(self, name: str = "") -> dict[str, str]:
        """Return the environment variables of a client: ``az``, ``azcollection``, ``sdk``, or those that ``azure-emulator env`` prints."""
        found = environment.variables({each.name: getattr(self, each.name) for each in fields(self)}, name)
        return {name: value for name, value in found.items() if value is not None}

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API, such as ``control("POST", "faults", [...])``; AssertionError with its answer where it refuses."""
        wire = client.Connection(self.url, self.ca)
        answer = wire.request(method, f"/_emulator/{path}", None if body is None else json.dumps(body).encode())
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        """Empty everything: resources, log, faults, settings, clock."""
        self.control("POST", "reset")


@pytest.fixture(scope="session")
def azure_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureEmulator]:
    """An emulator that all tests of the session share, in whose Azure nothing exists yet; ``reset`` empties it."""
    directory = tmp_path_factory.mktemp("azure-emulator")
    started = client.run(directory, "start", "--timing", "none")
    if started.returncode:
        raise RuntimeError(started.stderr)
    facts = json.loads((directory / "emulator.json").read_text())
    names = {each.name for each in fields(AzureEmulator)}
    yield AzureEmulator(directory=directory, **{name: value for name, value in facts.items() if name in names})
    client.run(directory, "stop")
