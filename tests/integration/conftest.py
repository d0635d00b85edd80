# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all integration tests share: an emulator for each test process, and a controller that runs ansible-playbook against it."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from xdist.scheduler import LoadScopeScheduling

from integration.emulation import Emulation
from integration.installing import installed
from integration.landscape import Landscape
from integration.preloaded import Preloaded
from integration.running import Controller

# Files whose tests take a minute or more together, the longest first; that of all modules is shared out by module.
LONGEST = (
    "test_probe",
    "test_interrupt",
    "test_lifecycle",
    "test_approval",
    "test_progress",
    "test_permissions",
    "test_orders_of_failure",
    "test_examples",
    "test_callers",
    "test_inclusion",
    "test_wrong_input",
    "test_credentials",
    "test_dns_ownership",
    "test_validation",
    "test_rollout",
    "test_cross_tenant",
    "test_hostile",
    "test_modules",
)


@pytest.fixture(scope="session")
def emulation(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulation]:
    """The emulator of this test process."""
    running = Emulation(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The directory that holds the installed collection: what tests/run.sh installed, else one made from this checkout."""
    given = os.environ.get("ANSIBLE_COLLECTIONS_PATH")
    if given and (pathlib.Path(given) / "ansible_collections" / "privatelink" / "azure" / "MANIFEST.json").is_file():
        return given
    return installed(tmp_path_factory.mktemp("collections"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker has one of them left when the others are done."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start a new interpreter for each run of a test that is about that, and for those of its fixtures."""
    Preloaded.asked_for = item.get_closest_marker("new_interpreter") is None


@pytest.fixture(scope="session")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Preloaded]:
    """The process of this test process that has loaded the SDK."""
    waiting = Preloaded(tmp_path_factory.mktemp("preloaded"))
    yield waiting
    waiting.stop()


@pytest.fixture(scope="session")
def controller(emulation: Emulation, collections: str, preloaded: Preloaded, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """A controller that signs in to the emulator with what the environment says."""
    return Controller(tmp_path_factory.mktemp("controller"), emulation, collections, preloaded)


@pytest.fixture
def azure(emulation: Emulation) -> Emulation:
    """The emulator, holding nothing."""
    emulation.reset()
    return emulation


@pytest.fixture(scope="session")
def landscape(controller: Controller, emulation: Emulation) -> Landscape:
    """A vault, networks and a zone to try things on; use() brings them back as they were made."""
    emulation.reset()
    return Landscape(controller, emulation)


class _Together(LoadScopeScheduling):
    """Workers share the tests by file, and the file of all modules by module: what shares a run stays together."""

    def _split_scope(self, nodeid: str) -> str:
        file, _colons, name = nodeid.partition("::")
        return file + name[name.find("[") :] if file.endswith("/test_modules.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: t.Any) -> LoadScopeScheduling:
    """Schedule by our own rule, which --dist=loadgroup no longer can: what it appends to an item's name is lost on pytest 9.2."""
    config.option.loadscopereorder = False
    return _Together(config, log)
