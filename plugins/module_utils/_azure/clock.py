# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bound of a task's waits, and the pauses between its looks."""

from __future__ import annotations

import time
import typing as t

from .._errors import WaitTimeout

_LAST_LOOK = 0.5  # seconds
_FIRST_POLL, _POLL_GROWTH, _SLOWEST_POLL = 0.25, 1.6, 10.0


class Clock:
    """The bound of one task's waits. seconds: how long from now; sleep and now are replaceable by tests."""

    def __init__(self, seconds: float, now: t.Callable[[], float] = time.monotonic, sleep: t.Callable[[float], None] = time.sleep) -> None:
        self.seconds = seconds
        self._now = now
        self._sleep = sleep
        self._begun = now()
        self._end = self._begun + seconds

    def elapsed(self) -> float:
        """Return the seconds that have gone by."""
        return self._now() - self._begun

    def end_within(self, seconds: float) -> None:
        """Let the time be up that soon, unless it is before."""
        self._end = min(self._end, self._now() + seconds)

    def allow(self, seconds: float) -> None:
        """Let at least that much time be left, for a last look at what stands."""
        self._end = max(self._end, self._now() + seconds)

    def remaining(self) -> float:
        """Return the seconds left, at least 0."""
        return max(0.0, self._end - self._now())

    def for_a_request(self) -> float:
        """Return the seconds that a request may take: those left, and at the very end a moment for a last look; 0 once that is over."""
        return max(self.remaining(), _LAST_LOOK if self._now() < self._end + _LAST_LOOK else 0.0)

    def nap(self, seconds: float) -> None:
        """Sleep that long, or for the time that is left."""
        self._sleep(min(seconds, self.remaining()))

    def wait(self, seconds: float, awaited: str) -> None:
        """Sleep that long, or say what was awaited once the time is up."""
        left = self.remaining()
        if left <= 0:
            raise WaitTimeout(
                f"Timed out after {self.seconds:g} seconds waiting for {awaited}",
                code="WaitTimeout",
                hint="Look at the resource in Azure, then run again; raise wait_timeout if it only needs longer.",
            )
        self._sleep(min(seconds, left))


class Pace:
    """Seconds between looks where the server gives no hint: fast first, then slower."""

    def __init__(self, first: float = _FIRST_POLL, slowest: float = _SLOWEST_POLL) -> None:
        self._next = first
        self._slowest = slowest

    def step(self) -> float:
        """Return the next pause."""
        now, self._next = self._next, min(self._next * _POLL_GROWTH, self._slowest)
        return now
