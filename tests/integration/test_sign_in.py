# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
How many requests a sign-in takes, by the kind of credential, at the public cloud's own host names:
one task signs in once, and asks no more.
"""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from integration.emulation import Emulation
from integration.proxy import Proxy
from integration.running import Controller
from integration.signing_in import AzureCli, Environment, play, requested, ways

pytestmark = [pytest.mark.long, pytest.mark.sdk, pytest.mark.new_interpreter]

TASKS = 2
# Of one task. msal reads the tenant's metadata before it asks for a token, and for users what kind
# they are; azure-identity's own clients do not.
COSTS = {
    "secret": {"token": 1, "tenant metadata": 1},
    "certificate": {"token": 1, "tenant metadata": 1},
    "federated token": {"token": 1},
    "user and password": {"token": 1, "tenant metadata": 1, "kind of user": 1},
    "managed identity": {"token": 1},
}


@pytest.fixture
def public(azure: Emulation) -> t.Iterator[Emulation]:
    """The emulator in the place of the public cloud."""
    azure.control("PUT", "settings", {"cloud": "AzureCloud"})
    yield azure
    azure.reset()


@pytest.fixture
def proxy(public: Emulation) -> t.Iterator[Proxy]:
    made = Proxy(int(public.facts["url"].rpartition(":")[2]))
    yield made
    made.close()


@pytest.mark.parametrize("kind", COSTS)
def test_each_task_signs_in_once(kind: str, controller: Controller, public: Emulation, proxy: Proxy, tmp_path: pathlib.Path) -> None:
    environment: Environment = {**ways(public, tmp_path)[kind], "HTTPS_PROXY": proxy.url}
    counts = requested(controller.tasks(*play(TASKS), env=environment).succeeded())
    assert counts == {question: number * TASKS for question, number in COSTS[kind].items()}


def test_each_task_asks_the_azure_cli_once(controller: Controller, public: Emulation, proxy: Proxy, tmp_path: pathlib.Path) -> None:
    cli = AzureCli(public, tmp_path, controller.environment["PATH"])
    run = controller.tasks(*play(TASKS), env={**cli.environment, "HTTPS_PROXY": proxy.url}).succeeded()
    assert (cli.calls, requested(run)) == (TASKS, {})


def test_a_cloud_given_by_its_address_is_asked_once_what_it_is(controller: Controller, azure: Emulation) -> None:
    counts = requested(controller.tasks(*play(TASKS)).succeeded())
    assert counts == {"token": TASKS, "tenant metadata": TASKS, "cloud metadata": TASKS}
