# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do work for nodes in the order of their needs, side by side where nothing forbids it. Pure: knows no resources, no Azure."""

from __future__ import annotations

import concurrent.futures
import graphlib
import typing as t

Node = t.TypeVar("Node", bound=t.Hashable)
_WORKERS = 8  # one subscription's throttle is reached long before more would help
_Running = dict["concurrent.futures.Future[None]", Node]


def in_order(
    after: t.Mapping[Node, t.Collection[Node]],
    work: t.Callable[[Node], None],
    lane: t.Callable[[Node], t.Hashable] = id,
    halt: t.Callable[[], None] = lambda: None,
) -> None:
    """Do the work for every node once it is done for the nodes that it comes after, one at a time in each lane.

    after: every node, in the order in which they begin where nothing else decides. The first exception ends it: what runs then is waited
    for, and nothing more begins. halt: called before that wait, to make what runs end soon.
    """
    places = {node: number for number, node in enumerate(after)}
    sorter: graphlib.TopologicalSorter[Node] = graphlib.TopologicalSorter(after)
    sorter.prepare()
    waiting: list[Node] = []
    running: _Running[Node] = {}
    pool: concurrent.futures.ThreadPoolExecutor | None = None
    try:
        while sorter.is_active():
            waiting = sorted([*waiting, *sorter.get_ready()], key=places.__getitem__)
            begun = _startable(waiting, [lane(node) for node in running.values()], lane, _WORKERS - len(running))
            waiting = [node for node in waiting if node not in begun]
            if len(begun) == 1 and not running and not waiting:  # in this thread, which alone a signal can interrupt
                work(begun[0])
                sorter.done(begun[0])
                continue
            pool = pool or concurrent.futures.ThreadPoolExecutor(max_workers=_WORKERS)
            running.update({pool.submit(work, node): node for node in begun})
            for node in _ended(running, places):
                sorter.done(node)
    except BaseException:
        halt()
        raise
    finally:
        if pool:
            pool.shutdown(wait=True, cancel_futures=True)


def _ended(running: _Running[Node], places: t.Mapping[Node, int]) -> t.Iterator[Node]:
    """Wait until something ends, and yield it; its exception is raised."""
    done = concurrent.futures.wait(running, return_when="FIRST_COMPLETED").done
    for future in sorted(done, key=lambda item: places[running[item]]):
        node = running.pop(future)
        future.result()
        yield node


def _startable(waiting: list[Node], busy: list[t.Hashable], lane: t.Callable[[Node], t.Hashable], free: int) -> list[Node]:
    """Return the nodes that may begin now: the first of each lane that is free."""
    begun: list[Node] = []
    taken = set(busy)
    for node in waiting:
        if len(begun) < free and lane(node) not in taken:
            begun.append(node)
            taken.add(lane(node))
    return begun
