# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replay notices when the emulator is wrong: each status and error code is altered in turn, and a recording has to disagree."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from contract import known
from contract.arm import Answer, Arm
from contract.recordings import Exchange, Recording, load, type_of
from contract.replay import DIFFERENCES, Replay, Result
from integration.emulation import Emulation

Mutation = Callable[[str, str, Answer], Answer]
OTHER = {200: 202, 201: 200, 202: 200, 204: 200, 404: 409, 409: 404, 400: 409, 412: 409, 429: 409}
NOTICED = 0.95
"""The part of all alterations that has to be noticed; the others fall on differences on purpose, whatever the answer is."""


class Mutant(Arm):
    """An emulator one of whose constants is another, as its client sees it; what is made beforehand is left alone."""

    mutation: Mutation | None = None

    def call(self, method: str, path: str, query: dict[str, str], body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        answer = super().call(method, path, query, body, headers)
        return self.mutation(method, path, answer) if self.mutation else answer


class Watched(Replay):
    """A replay whose mutation begins with the recording itself, and that keeps what was answered to what was compared."""

    def __init__(self, arm: Mutant, recording: Recording, rules: known.Known, mutation: Mutation | None) -> None:
        super().__init__(arm, recording, rules)
        self._mutant, self._mutation = arm, mutation
        self.answers: list[tuple[Exchange, Answer]] = []

    def _exchange(self, exchange: Exchange) -> Result:
        self._mutant.mutation = self._mutation
        try:
            return super()._exchange(exchange)
        finally:
            self._mutant.mutation = None

    def _learn(self, exchange: Exchange, answer: Answer) -> None:
        super()._learn(exchange, answer)
        self.answers.append((exchange, answer))


def error_codes(body: Any) -> set[str]:
    """The codes of an error and of its details."""
    if not isinstance(body, dict):
        return set()
    error = body["error"] if isinstance(body.get("error"), dict) else body
    found = {error["code"]} if isinstance(error.get("code"), str) else set()
    return found.union(*(error_codes(each) for each in error.get("details") or []))


def coded(code: str) -> Mutation:
    """Every error with this code has another."""

    def mutation(_method: str, _path: str, answer: Answer) -> Answer:
        text = json.dumps(answer.body)
        altered = text.replace(f'"code": "{code}"', f'"code": "{code}Altered"')
        return answer if altered == text else dataclasses.replace(answer, body=json.loads(altered))

    return mutation


def answered(kind: str, method: str, status: int) -> Mutation:
    """This type answers this method with another status."""

    def mutation(sent: str, path: str, answer: Answer) -> Answer:
        hit = (sent, answer.status) == (method, status) and type_of(path.partition("?")[0].partition("://")[2].partition("/")[2]) == kind
        hit = hit or ((sent, answer.status) == (method, status) and type_of(path) == kind)
        return dataclasses.replace(answer, status=OTHER[status]) if hit else answer

    return mutation


@pytest.fixture(scope="module")
def constants(recordings: pathlib.Path, emulation: Emulation) -> dict[str, tuple[Recording, Mutation]]:
    """Every status and error code that the emulator answers in the recordings, and the shortest recording with it."""
    found: dict[str, tuple[Recording, Mutation]] = {}
    arm, rules = Mutant(emulation), known.load(DIFFERENCES)
    for recording in sorted(load(recordings), key=lambda each: len(each.exchanges)):
        watched = Watched(arm, recording, rules, None)
        for _result in watched.run():
            pass
        for exchange, answer in watched.answers:
            for code in error_codes(answer.body):
                found.setdefault(f"code {code}", (recording, coded(code)))
            # reads that are repeated until they fit are left out: there a wrong status only means waiting longer
            if answer.status in OTHER and exchange.method not in ("GET", "HEAD") or answer.status >= 400:
                name = f"{exchange.method} {exchange.type} {answer.status}"
                found.setdefault(name, (recording, answered(exchange.type, exchange.method, answer.status)))
    return found


def test_an_altered_constant_is_noticed(
    constants: dict[str, tuple[Recording, Mutation]], emulation: Emulation, show: Callable[[Iterable[str]], None]
) -> None:
    assert len(constants) > 60
    arm, missed = Mutant(emulation), []
    for name, (recording, mutation) in constants.items():
        results = list(Watched(arm, recording, known.load(DIFFERENCES), mutation).run())
        if not any(each.unexplained for each in results):
            missed.append(name)
    show([f"{len(constants) - len(missed)} of {len(constants)} alterations noticed; not: {', '.join(missed)}"])
    assert len(missed) <= (1 - NOTICED) * len(constants), ", ".join(missed)
