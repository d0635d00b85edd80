# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every answer of the emulator and every request of the modules against Azure's OpenAPI documents, and the official examples."""

from __future__ import annotations

import typing as t

import pytest

from contract import examples, validation
from contract.arm import Arm
from contract.specification import Specifications
from contract.validation import Json, Validation
from integration.emulation import TESTS, Emulation
from integration.running import Controller

PLAYBOOKS = sorted((TESTS / "integration" / "modules").glob("*.yml"))


@pytest.fixture(scope="module")
def answered(specifications: Specifications, emulation: Emulation) -> tuple[examples.Report, list[Json]]:
    """The examples' report, and everything that was sent and answered for it."""
    log: list[Json] = []
    return examples.run(Arm(emulation), specifications, log), log


@pytest.fixture(scope="module")
def validated(
    specifications: Specifications, answered: tuple[examples.Report, list[Json]], emulation: Emulation, controller: Controller
) -> Validation:
    """All exchanges: of every module through its own integration test, of the examples, and some more."""
    found = validation.start(specifications)
    found.add("examples", answered[1])
    found.add("direct", validation.direct(Arm(emulation)))
    for playbook in PLAYBOOKS:
        emulation.reset()
        found.add("modules", controller.run(playbook, "--diff").succeeded().requests)
    return found


def test_official_examples_are_answered_in_their_shape(
    answered: tuple[examples.Report, list[Json]], show: t.Callable[[t.Iterable[str]], None]
) -> None:
    report = answered[0]
    show(report.lines())
    assert len(report.results) > 100
    assert not report.disagreeing, "\n".join(report.lines())


def test_exchanges_are_valid(validated: Validation, show: t.Callable[[t.Iterable[str]], None]) -> None:
    show(validated.lines())
    assert {each.source for each in validated.results} == {"modules", "examples", "direct"}
    assert not validated.disagreeing, "\n".join(validated.lines())


def test_every_operation_that_is_served_was_asked_for(validated: Validation) -> None:
    assert not validated.unused, "\n".join(map(str, validated.unused))


def test_every_difference_on_purpose_is_there(validated: Validation, answered: tuple[examples.Report, list[Json]]) -> None:
    unused = [rule.name for rules in (validated.rules, answered[0].rules) for rule in rules.rules if not rules.used[rule.name]]
    assert not unused, f"These rules explain nothing any more: {', '.join(unused)}"
