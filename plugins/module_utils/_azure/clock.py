# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bound of a task's waits, and the pauses between its reads."""

from __future__ import annotations

import collections
import dataclasses
import math
import threading
import time
import typing as t

from .._errors import Stopped, WaitTimeout
from .._reporter import Reporter

Answer = t.TypeVar("Answer")
Waiting = t.Generator[float, None, Answer]
"""Work that yields the seconds that it wants to wait, and returns an answer. Who drives it may do other work meanwhile."""
_LAST_LOOK = 0.5  # seconds
_POLLS = 15  # in one second, of all waits together: Resource Manager allows 25 reads a second, and other reads need some
_FIRST_POLL, _POLL_GROWTH, _SLOWEST_POLL = 0.25, 1.6, 10.0
_LEADERS = 5  # of one kind of work, which are asked about at their own pace
_UNASKED, _GLANCE = 60.0, 2.0  # seconds for which another is not asked about at most, and between two looks at what is known by then
_CLOSE = 0.1  # how near two durations are that are taken for one


@dataclasses.dataclass
class _Course:
    """How one kind of work goes in this task, in seconds from its beginning.

    leaders: how many in flight are asked about at their own pace. pending: the oldest age at which one was found at work. done: the
    youngest at which one was found done.
    """

    leaders: int = 0
    pending: float = 0.0
    done: float | None = None

    def worth(self) -> float:
        """Return the age from which on it is worth asking about another: a bit more than is known to be too early, not more than enough."""
        if self.done is None:
            return self.pending + max(_GLANCE, self.pending * _CLOSE)
        gap = self.done - self.pending
        return self.pending + gap / 2 if gap > max(_GLANCE, self.done * _CLOSE) else self.done


class Watch:
    """One piece of work in flight, of a kind of which there may be hundreds.

    A few are asked about at their own pace. The others are once they are older than one that was found at work: what began later hardly
    ends before, and each question counts against Azure's limit on reads.
    """

    def __init__(self, clock: Clock, course: _Course) -> None:
        self._clock, self._course, self._begun = clock, course, clock.now()
        self._waited = False
        self.leads = course.leaders < _LEADERS
        course.leaders += self.leads

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._course.leaders -= self.leads
        if kind is None and self._waited:
            self._course.done = min(self._course.done or math.inf, self._age())

    def _age(self) -> float:
        return self._clock.now() - self._begun

    def pauses(self, seconds: float, awaited: str, *, found: bool = True) -> Waiting[None]:
        """Yield the pauses until it is worth asking again, so many seconds from now or later.

        awaited: for the error once time is up. found: whether it was just found at work.
        """
        clock, course, self._waited = self._clock, self._course, True
        if found:
            course.pending = max(course.pending, self._age())
        earliest = self._age() + seconds
        latest = max(earliest, self._age() + _UNASKED)
        while (look := earliest if self.leads else min(max(earliest, course.worth()), latest)) - self._age() > _GLANCE and not self.leads:
            yield clock.pause(_GLANCE, awaited)
        yield clock.poll_pause(max(0.0, look - self._age()), awaited)


class Clock:
    """The bound of one task's waits. seconds: how long from now; tests replace sleep and now. reporter: is informed of the waits.

    Any thread may wait on it; an end that comes earlier than it was set ends all these waits.
    """

    def __init__(
        self,
        seconds: float,
        now: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self.seconds = seconds
        self.reporter = reporter or Reporter()
        self.now = now
        self._sleep = sleep or self._wait_until_over
        self._begun = now()
        self._end = self._begun + seconds
        self._last: float | None = None  # what allow() cannot put off
        self._earlier = threading.Condition()
        self._polls: collections.Counter[int] = collections.Counter()  # by the second in which they are due
        self._courses: collections.defaultdict[str, _Course] = collections.defaultdict(_Course)

    def _wait_until_over(self, seconds: float) -> None:
        """Sleep that long, unless the end comes earlier meanwhile."""
        until = self.now() + seconds
        with self._earlier:
            while (left := min(until, self._end) - self.now()) > 0:
                self._earlier.wait(min(left, threading.TIMEOUT_MAX))

    def elapsed(self) -> float:
        """Return the seconds that have gone by."""
        return self.now() - self._begun

    def end_within(self, seconds: float, last: float | None = None) -> None:
        """Let the time be up that soon, unless it is before. last: seconds from now that no further read may outlive."""
        with self._earlier:
            self._end = min(self._end, self.now() + seconds)
            self._last = self._last if last is None else min(self._last or math.inf, self.now() + last)
            self._earlier.notify_all()

    def allow(self, seconds: float) -> None:
        """Let at least that much time be left, for reading the current state once more."""
        wanted = self.now() + seconds
        self._end = max(self._end, wanted if self._last is None else min(wanted, self._last))

    def remaining(self) -> float:
        """Return the seconds left, at least 0."""
        return max(0.0, self._end - self.now())

    def for_a_request(self) -> float:
        """Return the seconds that a request may take: those left, and at the very end a moment for a last read; 0 once that is over."""
        return max(self.remaining(), _LAST_LOOK if self.now() < self._end + _LAST_LOOK else 0.0)

    def nap(self, seconds: float) -> None:
        """Sleep that long, or for the time that is left."""
        self._sleep(min(seconds, self.remaining()))

    def pause(self, seconds: float, awaited: str) -> float:
        """Return how much of a pause there is time for, or say what was awaited once the time is up, whatever reads others need."""
        left = self.remaining() if self._last is None else 0.0
        if left <= 0:
            raise WaitTimeout(
                f"Timed out after {self.seconds:g} seconds waiting for {awaited}",
                code="WaitTimeout",
                hint="Check the resource in Azure, then run again; increase wait_timeout if it only takes longer.",
            )
        return min(seconds, left)

    def watch(self, work: str) -> Watch:
        """Return the watch over a piece of work that begins now. work: its kind, alike for all that take about as long."""
        return Watch(self, self._courses[work])

    def poll_pause(self, seconds: float, awaited: str) -> float:
        """Like pause, before the next poll of an operation. Where hundreds are in flight, their polls are spread over a longer time."""
        due = int(self.now() + seconds)
        with self._earlier:
            while self._polls[due] >= _POLLS:
                due += 1
            self._polls[due] += 1
        return self.pause(max(seconds, due - self.now()), awaited)

    def wait(self, seconds: float, awaited: str) -> None:
        """Sleep that long, or say what was awaited once the time is up."""
        self._sleep(self.pause(seconds, awaited))


def no_time_for(seconds: float, clock: Clock, answer: t.Any = None) -> Stopped:
    """
    Return why a pause is not waited for. answer: the HTTP answer that asks for it; without one it is what Azure's limits leave room for.
    """
    asks = "Azure requires a pause" if answer is not None else "Azure's rate limits require a pause"
    left = f"{clock.remaining():.3g} of the {clock.seconds:g} seconds of wait_timeout remain"
    return Stopped(f"timed out: {asks} of {seconds:g} seconds, but {left}", code="WaitTimeout", answer=answer)


class Pace:
    """Seconds between reads where the server gives no hint: fast first, then slower."""

    def __init__(self, first: float = _FIRST_POLL, slowest: float = _SLOWEST_POLL) -> None:
        self._next = first
        self._slowest = slowest

    def step(self) -> float:
        """Return the next pause."""
        now, self._next = self._next, min(self._next * _POLL_GROWTH, self._slowest)
        return now


def driven(work: Waiting[Answer], clock: Clock) -> Answer:
    """Return what work returns, and wait in this thread as long as it wants to."""
    while True:
        try:
            pause = next(work)
        except StopIteration as ended:
            return t.cast(Answer, ended.value)
        clock.nap(pause)
