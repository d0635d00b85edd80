# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollout under each strategy that users run playbooks with: the same recap, and nothing left to change, whoever schedules the tasks."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import typing as t

import pytest

from integration.emulation import TESTS, Emulation, reported
from integration.running import Controller, Run

pytestmark = [pytest.mark.long, pytest.mark.new_interpreter]

BUILTIN = ("free", "host_pinned")
MITOGEN = "mitogen_linear"


class Rolled(t.NamedTuple):
    """A rollout from nothing, and the same again."""

    first: Run
    second: Run


def mitogen_plugins() -> str:
    """Return the directory of Mitogen's strategies; without Mitogen the test is skipped."""
    found = importlib.util.find_spec("ansible_mitogen")
    if found is None or found.origin is None:
        pytest.skip("Mitogen is not installed")
    return str(pathlib.Path(found.origin).parent / "plugins" / "strategy")


def roll_out(controller: Controller, emulation: Emulation, **env: str) -> Rolled:
    emulation.reset()
    arguments = ("-e", f"@{TESTS / 'demo' / 'vars.yml'}", "-e", "private_vault_dns=a_record")
    first, second = (controller.run("privatelink.azure.rollout", *arguments, env=env) for _each in range(2))
    return Rolled(first, second)


def recap(run: Run) -> list[str]:
    """Return the lines of the recap, each a host with its counts."""
    assert run.rc == 0, run.output
    lines = [" ".join(line.split()) for line in run.stdout.partition("PLAY RECAP")[2].splitlines() if " ok=" in line]
    assert lines, run.output
    return lines


def outcomes(run: Run) -> list[tuple[str, str, bool]]:
    return sorted((done.name, done.status, done.changed) for done in run.tasks)


@pytest.fixture(scope="module")
def linear(controller: Controller, emulation: Emulation) -> Rolled:
    return roll_out(controller, emulation, ANSIBLE_STRATEGY="linear")


@pytest.mark.parametrize("strategy", [*BUILTIN, MITOGEN])
def test_same_recap_as_under_linear(strategy: str, linear: Rolled, controller: Controller, emulation: Emulation) -> None:
    plugins = {"ANSIBLE_STRATEGY_PLUGINS": mitogen_plugins()} if strategy == MITOGEN else {}
    rolled = roll_out(controller, emulation, ANSIBLE_STRATEGY=strategy, **plugins)
    for run, expected in zip(rolled, linear, strict=True):
        assert recap(run) == recap(expected)
        assert outcomes(run) == outcomes(expected)
        assert sorted(reported(run.writes)) == sorted(reported(expected.writes))
    assert rolled.first.changed and not rolled.second.changed and re.search(r"\bchanged=0\b", recap(rolled.second)[0])
