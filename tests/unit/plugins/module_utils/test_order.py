# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Order, lanes and the end of work that goes on side by side."""

from __future__ import annotations

import threading
import time
import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._order import in_order


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
    in_order({number: [] for number in range(4)}, lambda _node: t.cast(None, meeting.wait()), lambda node: node)


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
        in_order({0: [], 1: [], 2: [0]}, work, lambda node: node, halted.set)
    assert ended == [1]
