# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests with other people's clients share: an emulator for each test process, and the clients. They are installed by run.sh."""

from __future__ import annotations

import os
import pathlib
import shutil
import typing as t

import pytest

from clients.peer import Peer
from clients.processes import CACHE, AzureCli
from integration.emulation import Emulation, reported
from integration.running import Controller


def _need(client: str, program: pathlib.Path) -> None:
    if not program.exists():
        pytest.skip(f"{client} is not installed in {program.parent.parent}; tests/clients/run.sh does that")


NOT_SERVED = 501
LONGEST = ("test_azcollection", "test_stranger", "test_az_around", "test_azcollection_around")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, since each is one worker's."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulation]:
    """The emulator of this test process."""
    emulation = Emulation(tmp_path_factory.mktemp("emulator"))
    yield emulation
    emulation.stop()


@pytest.fixture(scope="module")
def emulation(running: Emulation) -> t.Iterator[Emulation]:
    """The emulator, empty at the start of each file; at its end it must not have failed inside; 501 is no failure but a refusal."""
    running.reset()
    yield running
    broken = [request for request in running.requests() if request["status"] >= 500 and request["status"] != NOT_SERVED]
    assert not broken, reported(broken)


@pytest.fixture(scope="module")
def az(emulation: Emulation, tmp_path_factory: pytest.TempPathFactory) -> AzureCli:
    """Azure CLI, not signed in."""
    _need("Azure CLI", CACHE / "azure-cli" / "bin" / "az")
    return AzureCli(tmp_path_factory.mktemp("az"), emulation)


@pytest.fixture(scope="module")
def peer(emulation: Emulation, tmp_path_factory: pytest.TempPathFactory) -> Peer:
    """A controller with azure.azcollection."""
    _need("azure.azcollection", CACHE / "azcollection" / "bin" / "ansible-playbook")
    return Peer(tmp_path_factory.mktemp("peer"), emulation)


@pytest.fixture(scope="module")
def controller(emulation: Emulation, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """A controller with this collection, which run.sh built and installed."""
    collections = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    if not (pathlib.Path(collections) / "ansible_collections" / "privatelink" / "azure").is_dir():
        pytest.skip("privatelink.azure is not installed in ANSIBLE_COLLECTIONS_PATH; tests/clients/run.sh does that")
    return Controller(tmp_path_factory.mktemp("controller"), emulation, collections)


@pytest.fixture(scope="session")
def resolver() -> None:
    """Debian's nslookup is there."""
    if not shutil.which("nslookup"):
        pytest.skip("nslookup is not installed: package bind9-dnsutils, which tests/clients/run.sh installs only as root")
