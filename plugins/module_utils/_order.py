# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run work for nodes in the order of their needs, in parallel where possible. Pure: knows no resources, no Azure."""

from __future__ import annotations

import concurrent.futures
import graphlib
import heapq
import time
import typing as t

Node = t.TypeVar("Node", bound=t.Hashable)
Pauses = t.Generator[float, None, None]
Work = t.Callable[[Node], "Pauses | None"]
WORKERS = 8  # one subscription's throttle is reached long before more would help
MOST_WORKERS = 32
_TICK = 1e-6  # seconds: so much earlier is on time, for a sum of floats may end just before where it should
_LAST_STEPS = 3  # that a node is given to end by itself, once all is to end


def in_order(
    after: t.Mapping[Node, t.Collection[Node]],
    work: Work[Node],
    lane: t.Callable[[Node], t.Hashable] = id,
    halt: t.Callable[[BaseException], None] | None = None,
    *,
    workers: int | None = None,
    now: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> None:
    """Run the work for every node once the nodes that it comes after are done, one at a time in each lane.

    after: every node, in the order in which they begin where nothing else decides. work: returns None when it
    is done, or a generator that yields the seconds which it wants to wait before it goes on. Such a wait
    keeps the node's lane and costs no thread: any number of nodes may wait at once.

    The first exception ends it: what runs then is waited for, and nothing more begins. halt: called with the exception before that, to make
    what runs or waits end soon; what waits goes on at once and ends by itself then. Without halt it is closed where it is.
    """
    _Schedule(after, work, lane, max(1, min(workers or WORKERS, MOST_WORKERS)), now, sleep).run(halt)


class _Schedule(t.Generic[Node]):
    """Nodes on their way: waiting for their turn, begun and waiting for a time, running in a thread, done."""

    def __init__(
        self,
        after: t.Mapping[Node, t.Collection[Node]],
        work: Work[Node],
        lane: t.Callable[[Node], t.Hashable],
        workers: int,
        now: t.Callable[[], float],
        sleep: t.Callable[[float], None],
    ) -> None:
        self._places = {node: number for number, node in enumerate(after)}
        self._sorter: graphlib.TopologicalSorter[Node] = graphlib.TopologicalSorter(after)
        self._sorter.prepare()
        self._work, self._lane, self._workers, self._now, self._sleep = work, lane, workers, now, sleep
        self._ready: list[tuple[int, Node]] = []  # a heap: place, who; their lanes were free when they came
        self._queues: dict[t.Hashable, list[tuple[int, Node]]] = {}  # heaps of what waits for a lane
        self._lanes: dict[Node, t.Hashable] = {}  # of what is ready or begun
        self._taken: set[t.Hashable] = set()  # the lanes of what is begun and not done
        self._pauses: dict[Node, Pauses] = {}
        self._timers: list[tuple[float, int, Node]] = []  # a heap: when, place, who
        self._running: dict[concurrent.futures.Future[float | None], Node] = {}
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None

    def run(self, halt: t.Callable[[BaseException], None] | None) -> None:
        """Run until all nodes are done."""
        try:
            while self._sorter.is_active():
                self._turn()
        except BaseException as error:
            if halt:
                halt(error)
            self._wind_up(finish=halt is not None)
            raise
        finally:
            if self._pool:
                self._pool.shutdown(wait=True, cancel_futures=True)

    def _turn(self) -> None:
        """Resume what is due, begin what may begin, and wait until a node ends or is due."""
        for node in self._sorter.get_ready():
            self._lanes[node] = self._lane(node)
            heapq.heappush(self._ready, (self._places[node], node))
        chosen = self._due(self._workers - len(self._running))
        chosen += self._startable(self._workers - len(self._running) - len(chosen))
        if len(chosen) == 1 and not (self._running or self._timers or self._ready or self._queues):
            self._settle(chosen[0], self._advance(chosen[0]))  # in this thread, which alone a signal can interrupt
            return
        for node in chosen:
            self._running[self._threads().submit(self._advance, node)] = node
        free = len(self._running) < self._workers
        left = max(0.0, self._timers[0][0] - self._now()) if self._timers and free else None
        if self._running:
            self._take_ended(left)
        elif left:
            self._sleep(left)

    def _due(self, most: int) -> list[Node]:
        due: list[Node] = []
        while self._timers and len(due) < most and self._timers[0][0] <= self._now() + _TICK:
            due.append(heapq.heappop(self._timers)[2])
        return due

    def _startable(self, most: int) -> list[Node]:
        """Take out the nodes that may begin now: the first of each lane that is free."""
        begun: list[Node] = []
        while self._ready and len(begun) < most:
            entry = heapq.heappop(self._ready)
            lane = self._lanes[entry[1]]
            if lane in self._taken:
                heapq.heappush(self._queues.setdefault(lane, []), entry)
            else:
                self._taken.add(lane)
                begun.append(entry[1])
        return begun

    def _threads(self) -> concurrent.futures.ThreadPoolExecutor:
        self._pool = self._pool or concurrent.futures.ThreadPoolExecutor(max_workers=self._workers)
        return self._pool

    def _advance(self, node: Node) -> float | None:
        """Start or resume a node; return the seconds to wait before it resumes, None when it is done."""
        pauses = self._pauses.get(node) or self._work(node)
        if pauses is None:
            return None
        self._pauses[node] = pauses
        return next(pauses, None)

    def _take_ended(self, seconds: float | None) -> None:
        """Wait until a node ends, and record it; raise its exception."""
        ended = concurrent.futures.wait(self._running, timeout=seconds, return_when="FIRST_COMPLETED").done
        for future in sorted(ended, key=lambda item: self._places[self._running[item]]):
            node = self._running.pop(future)
            self._settle(node, future.result())

    def _settle(self, node: Node, pause: float | None) -> None:
        if pause is None:
            self._pauses.pop(node, None)
            self._free(self._lanes.pop(node))
            self._sorter.done(node)
        else:
            heapq.heappush(self._timers, (self._now() + pause, self._places[node], node))

    def _free(self, lane: t.Hashable) -> None:
        """Make the first node that waits for a lane ready again."""
        self._taken.discard(lane)
        queue = self._queues.get(lane)
        if queue:
            heapq.heappush(self._ready, heapq.heappop(queue))
            if not queue:
                del self._queues[lane]

    def _wind_up(self, *, finish: bool) -> None:
        """Let running nodes end, with finish the waiting ones, too."""
        running = dict(self._running)
        concurrent.futures.wait(running)
        failed = [node for future, node in running.items() if not future.cancelled() and future.exception()]
        left = [node for node in self._pauses if node not in failed]
        for _step in range(_LAST_STEPS if finish else 0):
            steps = {self._threads().submit(self._advance, node): node for node in left}
            concurrent.futures.wait(steps)
            left = [node for step, node in steps.items() if not step.exception() and step.result() is not None]
        for node in left:
            self._pauses[node].close()
