# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Order, lanes and the end of work that goes on side by side."""

from __future__ import annotations

import signal
import threading
import time
import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._order import MOST_WORKERS, Pauses, in_order


class Log:
    """Remembers what began and ended, and which lanes were busy at once."""

    def __init__(self, lanes: t.Mapping[int, t.Hashable] | None = None) -> None:
        self.lanes = lanes or {}
        self.ended: list[int] = []
        self.crowded = False
        self._busy: list[t.Hashable] = []
        self._lock = threading.Lock()

    def lane(self, node: int) -> t.Hashable:
        """Return the lane of a node: its own where nothing was said."""
        return self.lanes.get(node, ("own", node))

    def work(self, node: int) -> None:
        """Be busy for a moment."""
        with self._lock:
            self.crowded = self.crowded or self.lane(node) in self._busy
            self._busy.append(self.lane(node))
        time.sleep(0.0005)
        with self._lock:
            self._busy.remove(self.lane(node))
            self.ended.append(node)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[int, list[int]], dict[int, t.Hashable]]:
    """Return nodes with what each comes after, and their lanes."""
    count = draw(st.integers(0, 12))
    after = {node: draw(st.lists(st.integers(0, node - 1), max_size=3)) if node else [] for node in range(count)}
    return after, {node: draw(st.integers(0, 3)) for node in after}


@hypothesis.given(graphs())
@hypothesis.settings(max_examples=60, deadline=None)
def test_everything_is_done_once_after_what_it_needs_and_alone_in_its_lane(
    graph: tuple[dict[int, list[int]], dict[int, t.Hashable]],
) -> None:
    after, lanes = graph
    log = Log(lanes)
    in_order(after, log.work, log.lane)
    assert sorted(log.ended) == sorted(after)
    assert all(log.ended.index(first) < log.ended.index(node) for node in after for first in after[node])
    assert not log.crowded


def test_a_chain_stays_in_its_thread() -> None:
    threads = []
    in_order({1: [], 2: [1], 3: [2]}, lambda _node: threads.append(threading.current_thread()))
    assert set(threads) == {threading.main_thread()}


def test_what_needs_nothing_goes_side_by_side() -> None:
    meeting = threading.Barrier(4, timeout=10)

    def work(_node: int) -> None:
        meeting.wait()

    in_order({number: [] for number in range(4)}, work, lambda node: node)


def test_an_exception_ends_it_and_what_runs_is_waited_for() -> None:
    ended, begun, halted = [], threading.Event(), threading.Event()

    def work(node: int) -> None:
        if node == 0:
            begun.wait(10)
            raise ValueError
        begun.set()
        halted.wait(10)
        ended.append(node)

    with pytest.raises(ValueError):
        in_order({0: [], 1: [], 2: [0]}, work, lambda node: node, lambda _error: halted.set())
    assert ended == [1]


# --- waits without threads ---


def own(node: t.Hashable) -> t.Hashable:
    """Return a lane for each node."""
    return node


@pytest.mark.parametrize("workers", [8, 500])
def test_four_hundred_in_flight_at_once_need_few_threads(workers: int) -> None:
    before, most, flying, peak, lock = threading.active_count(), [0], [0], [0], threading.Lock()

    def count(step: int) -> None:
        with lock:
            flying[0] += step
            peak[0] = max(peak[0], flying[0])
            most[0] = max(most[0], threading.active_count() - before)

    def work(_node: int) -> Pauses:
        count(1)
        yield 0.5
        yield 0.01
        count(-1)

    begun = time.monotonic()
    in_order({number: [] for number in range(400)}, work, own, workers=workers)
    assert (peak[0], flying[0]) == (400, 0)
    assert most[0] <= min(workers, MOST_WORKERS)
    assert time.monotonic() - begun < 10


class Simulated:
    """A clock that is asked to sleep and does not."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.time += seconds


def test_each_goes_on_when_it_is_due_and_what_needs_it_then() -> None:
    clock = Simulated()
    ended: dict[str, float] = {}

    def work(node: str) -> Pauses | None:
        return waits(node) if node != "instant" else None

    def waits(node: str) -> Pauses:
        yield from {"slow": [30.0, 30.0], "fast": [10.0], "then": [5.0]}[node]
        ended[node] = clock.time

    in_order({"slow": [], "fast": [], "then": ["fast"], "instant": ["slow"]}, work, own, now=clock.now, sleep=clock.sleep)
    assert ended == {"fast": 10.0, "then": 15.0, "slow": 60.0}


def test_who_waits_keeps_its_lane() -> None:
    clock = Simulated()
    reported: list[str] = []

    def work(node: int) -> Pauses:
        reported.append(f"{node} begins")
        yield 10.0
        reported.append(f"{node} ends")

    in_order({1: [], 2: []}, work, lambda _node: "one", now=clock.now, sleep=clock.sleep)
    assert reported == ["1 begins", "1 ends", "2 begins", "2 ends"]


def test_one_that_waits_alone_stays_in_its_thread() -> None:
    threads = []

    def work(_node: int) -> Pauses:
        threads.append(threading.current_thread())
        yield 0.001
        threads.append(threading.current_thread())

    in_order({1: [], 2: [1]}, work)
    assert set(threads) == {threading.main_thread()} and len(threads) == 4


def fails_beside(reported: list[str]) -> t.Callable[[int], Pauses | None]:
    """Return work that fails in one node while the others wait for long."""

    def waits(node: int) -> Pauses:
        try:
            yield 60.0
            reported.append(f"{node} goes on")
            yield 60.0
            reported.append(f"{node} goes on")
            yield 60.0
            yield 60.0
        finally:
            reported.append(f"{node} is closed")

    def fails() -> Pauses:
        yield 0.05
        raise ValueError

    return lambda node: waits(node) if node else fails()


def test_what_waits_goes_on_at_once_and_ends_when_all_is_to_end() -> None:
    reported: list[str] = []
    begun = time.monotonic()
    with pytest.raises(ValueError):
        in_order({0: [], 1: [], 2: [0]}, fails_beside(reported), own, lambda error: reported.append(type(error).__name__))
    assert reported == ["ValueError", "1 goes on", "1 goes on", "1 is closed"]
    assert time.monotonic() - begun < 2


def test_what_waits_is_closed_where_nothing_is_to_be_finished() -> None:
    reported: list[str] = []
    with pytest.raises(ValueError):
        in_order({0: [], 1: []}, fails_beside(reported), own)
    assert reported == ["1 is closed"]


def test_a_signal_ends_a_wait_of_many_within_two_seconds() -> None:
    ended: list[int] = []
    over = threading.Event()

    def work(node: int) -> Pauses:
        while not over.is_set():
            yield 60.0
        ended.append(node)

    def interrupt(*_arguments: t.Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    begun = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            in_order({number: [] for number in range(400)}, work, own, lambda _error: over.set())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begun < 2.3
    assert sorted(ended) == list(range(400))
