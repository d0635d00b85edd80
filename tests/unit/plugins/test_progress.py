# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of progress: what is said, how often, and by whom."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._pacing import Pacing
from ansible_collections.privatelink.azure.plugins.module_utils._reporter import Reporter, Tally
from ansible_collections.privatelink.azure.plugins.plugin_utils import _progress as progress
from ansible_collections.privatelink.azure.plugins.plugin_utils._progress import SILENCE_SECONDS, Lines, Printed

SLOW = Pacing(400, 360.0, "private_dns_records", "400 writes planned; 400 records take about 6 min")
QUICK = Pacing(3, 0.0, None, "3 writes planned")
VAULT = "Azure to create key vault 'kv'"


class Recorded:
    """Lines in a time of their own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lines = Lines("private_vaults", lambda: self.now)

    def after(self, seconds: float) -> list[str]:
        """Let time go by, and return what is said at its end."""
        self.now += seconds
        said = []
        while (line := self.lines.take()) is not None:
            said.append(line)
        return said


@pytest.fixture
def reported() -> Recorded:
    return Recorded()


def start(reported: Recorded, vaults: int, pacing: Pacing = QUICK, changes: int = 0) -> None:
    reported.lines.planned(pacing)
    reported.lines.started([f"kv{number}" for number in range(vaults)], changes or pacing.writes)


def test_a_short_task_says_nothing(reported: Recorded) -> None:
    start(reported, 1)
    with reported.lines.waiting(VAULT):
        assert reported.after(SILENCE_SECONDS - 1) == []
    reported.lines.finished("kv0", changed=True, failed=False)
    assert reported.after(0.5) == [] and reported.lines.last() is None


def test_a_long_wait_is_told_every_thirty_seconds_with_its_age(reported: Recorded) -> None:
    reported.now += 5
    with reported.lines.waiting(VAULT):
        assert reported.after(24) == []
        assert reported.after(1) == ["[private_vaults] Waiting for Azure to create key vault 'kv' (25 s so far)"]
        assert reported.after(29) == []
        assert reported.after(1) == ["[private_vaults] Waiting for Azure to create key vault 'kv' (55 s so far)"]
    assert reported.after(30) == ["[private_vaults] Still working (90 s so far)"]


def test_the_oldest_operation_is_told_before_a_request(reported: Recorded) -> None:
    with reported.lines.waiting("a response from management.azure.com", detail=True):
        reported.now += 1
        assert reported.after(29) == ["[private_vaults] Waiting for a response from management.azure.com (30 s so far)"]
        with reported.lines.waiting(VAULT), reported.lines.waiting("Azure to create private endpoint 'pe'"):
            assert reported.after(30) == [
                "[private_vaults] Waiting for Azure to create key vault 'kv' (30 s so far), and for 1 more operation"
            ]


def test_a_wait_that_fails_is_over(reported: Recorded) -> None:
    with pytest.raises(ValueError, match="refused"), reported.lines.waiting(VAULT):
        raise ValueError("refused")
    assert reported.after(30) == ["[private_vaults] Still working (30 s so far)"]


@pytest.mark.parametrize(("vaults", "pacing", "said"), [(1, QUICK, False), (3, QUICK, True), (1, SLOW, True), (3, SLOW, True)])
def test_a_plan_is_told_where_it_is_long_or_for_many(reported: Recorded, vaults: int, pacing: Pacing, said: bool) -> None:
    start(reported, vaults, pacing)
    assert reported.after(0) == ([f"[private_vaults] {pacing.message}"] if said else [])


def test_nothing_to_write_is_nothing_to_tell(reported: Recorded) -> None:
    start(reported, 400, Pacing(0, 0.0, None, "0 writes planned"))
    for number in range(400):
        reported.lines.finished(f"kv{number}", changed=False, failed=False)
    assert reported.after(5) == [] and reported.lines.last() is None


def test_a_line_for_each_finished_vault_but_one_a_second(reported: Recorded) -> None:
    start(reported, 400, QUICK)
    reported.after(1)
    reported.lines.finished("a", changed=True, failed=False)
    assert reported.after(1) == ["[private_vaults] 1 of 400 vaults done (1 changed): a"]
    for name in "bcdef":
        reported.lines.finished(name, changed=name != "c", failed=name == "d")
    assert reported.after(0.9) == []
    assert reported.after(0.2) == ["[private_vaults] 6 of 400 vaults done (5 changed, 1 failed): b, c, d (failed), 2 more"]
    reported.lines.finished("g", changed=False, failed=False)
    assert reported.lines.last() == "[private_vaults] 7 of 400 vaults done (5 changed, 1 failed): g"
    assert reported.lines.last() is None


def test_the_time_left_follows_the_pace(reported: Recorded) -> None:
    start(reported, 10, QUICK, changes=10)
    reported.after(0)
    for _half in range(5):  # all that 60 seconds have brought
        reported.lines.advanced()
    reported.lines.finished("kv0", changed=True, failed=False)
    assert reported.after(60) == ["[private_vaults] 1 of 10 vaults done (1 changed), about 3 min left: kv0"]
    with reported.lines.waiting(VAULT):
        assert reported.after(30) == [
            "[private_vaults] 1 of 10 vaults done, about 4 min left; waiting for Azure to create key vault 'kv' (30 s so far)"
        ]
    for _half in range(15):
        reported.lines.advanced()
    reported.lines.finished("kv1", changed=True, failed=False)
    assert reported.after(1) == ["[private_vaults] 2 of 10 vaults done (2 changed): kv1"]


def test_the_time_left_is_no_shorter_than_the_limits_allow(reported: Recorded) -> None:
    start(reported, 400, SLOW)
    reported.after(0)
    for _half in range(200):
        reported.lines.advanced()
    reported.lines.finished("kv0", changed=True, failed=False)
    assert reported.after(60) == ["[private_vaults] 1 of 400 vaults done (1 changed), about 5 min left: kv0"]


def test_an_interruption_tells_what_azure_goes_on_with(reported: Recorded) -> None:
    assert reported.lines.interrupted() is None
    with reported.lines.waiting("a response from management.azure.com", detail=True):
        assert reported.lines.interrupted() is None
        with reported.lines.waiting("a decision on private endpoint 'pe'"):
            assert reported.lines.interrupted() is None
        with reported.lines.waiting(VAULT):
            assert (
                reported.lines.interrupted()
                == "[private_vaults] Interrupted; Azure may still create key vault 'kv'. Run again to continue."
            )
            start(reported, 400, QUICK)
            reported.lines.finished("kv0", changed=True, failed=False)
            with contextlib.ExitStack() as more:
                for number in range(9):
                    more.enter_context(reported.lines.waiting(f"Azure to delete zone {number}"))
                assert reported.lines.interrupted() == (
                    "[private_vaults] Interrupted after 1 of 400 vaults; Azure may still create key vault 'kv', delete zone 0, "
                    "delete zone 1, 7 more. Run again to continue."
                )


# --- who prints them ---


def test_lines_are_printed_while_every_other_thread_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SILENCE_SECONDS", 0.05)
    said, twice = [], threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if len(said) > 1:
            twice.set()

    with Printed("keyvault", say) as printed, printed.waiting(VAULT):
        assert twice.wait(10)
    before = len(said)
    time.sleep(0.2)
    assert len(said) == before and all(line.startswith(f"[keyvault] Waiting for {VAULT} (") for line in said)


def test_what_was_held_back_is_printed_at_the_end_even_of_a_failure() -> None:
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt), Printed("private_vaults", said.append) as printed:
        start(t.cast(t.Any, Named(printed)), 2)
        printed.finished("kv0", changed=True, failed=False)
        raise KeyboardInterrupt
    assert said[-1] == "[private_vaults] 1 of 2 vaults done (1 changed): kv0"


class Named:
    """Takes the place of Recorded."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines


# --- what is counted ---


class RecordingReporter(Reporter):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.reported: list[t.Any] = []

    def started(self, groups: t.Collection[str], changes: int) -> None:
        self.reported.append((sorted(groups), changes))

    def advanced(self) -> None:
        self.reported.append("half")

    def finished(self, group: str, *, changed: bool, failed: bool) -> None:
        self.reported.append((group, changed, failed))


def test_a_group_is_finished_with_its_last_resource() -> None:
    reporter = RecordingReporter()
    tally = Tally(reporter, {"vault a": "a", "endpoint a": "a", "vault b": "b"}, ["vault a", "network"])
    tally.start()
    for node in ("network", "vault a", "vault b", "endpoint a"):
        tally.began(node)
    tally.ended("network", changed=True, failed=False)
    tally.ended("vault a", changed=True, failed=False)
    tally.ended("vault b", changed=False, failed=False)
    tally.ended("endpoint a", changed=False, failed=True)
    assert reporter.reported == [(["a", "b"], 2), "half", "half", "half", "half", ("b", False, False), ("a", True, True)]
