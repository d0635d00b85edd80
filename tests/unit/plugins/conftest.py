# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What unit tests share: few and repeatable examples of hypothesis, nothing left in the checkout, no secrets or throttles of another
test, and an emulator for tasks that write."""

from __future__ import annotations

import pathlib
import tempfile
import typing as t

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from ansible_collections.privatelink.azure.plugins.module_utils import _masking as masking
from ansible_collections.privatelink.azure.plugins.module_utils._azure import throttle
from integration.emulation import Emulation

# It keeps tables of characters and constants that it found, also without a database.
set_hypothesis_home_dir(pathlib.Path(tempfile.gettempdir()) / "hypothesis")
settings.register_profile("repeatable", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _no_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_KNOWN", {})


@pytest.fixture(autouse=True)
def _no_throttles_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_GATES", {})


@pytest.fixture(scope="session")
def emulation(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulation]:
    """The emulator of this test process."""
    running = Emulation(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


@pytest.fixture
def emulated(emulation: Emulation, monkeypatch: pytest.MonkeyPatch) -> Emulation:
    """The emulator, holding nothing, to which tasks in this process sign in."""
    emulation.reset()
    for name, value in {**emulation.credentials, **emulation.trust, "NO_PROXY": "*"}.items():
        monkeypatch.setenv(name, value)
    return emulation
