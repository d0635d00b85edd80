# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that a long task prints of its progress, through Ansible's display, so that a terminal or job page is never silent for long."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._pacing import about
from ansible_collections.privatelink.azure.plugins.module_utils._reporter import Reporter

if t.TYPE_CHECKING:
    import types

    import typing_extensions as te

SILENCE_SECONDS = 30.0  # the longest time without a line
_BETWEEN_SECONDS = 1.0  # the shortest time between two lines
_LONG_SECONDS = 30.0  # what Azure's rate limits must cost to be worth a line
_ESTIMATE_AFTER_SECONDS = 5.0
_MOST_NAMES = 3
_OF_AZURE = "Azure to "  # how waits for an operation begin


@dataclasses.dataclass
class _Wait:
    awaited: str
    detail: bool
    since: float


class Lines(Reporter):
    """Makes lines out of what happens. title: the beginning of each line, such as the module; now: a clock in seconds."""

    def __init__(self, title: str, now: t.Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._now = now
        self._begun = self._spoken = now()
        self._happened = threading.Condition()
        self._waits: dict[int, _Wait] = {}
        self._keys = 0
        self._ready: list[str] = []
        self._groups = self._done = self._changed = self._failed = 0
        self._new: list[str] = []  # the groups that no line has named yet
        self._halves = self._changes = 0
        self._writing_since: float | None = None

    # --- what happens, in any thread ---

    def started(self, groups: t.Collection[str], changes: int) -> None:
        """Take that the writes begin, and say how long they take where that is long or where there are many vaults."""
        with self._happened:
            self._groups, self._changes, self._writing_since = len(groups) if changes else 0, changes, self._now()
            pacing = self.pacing
            if pacing and pacing.writes and (pacing.seconds > _LONG_SECONDS or len(groups) > 1):
                self._ready.append(pacing.message)
                self._happened.notify_all()

    def advanced(self) -> None:
        """Record that one of the changes began or ended; each is reported twice."""
        with self._happened:
            self._halves += 1

    def finished(self, group: str, *, changed: bool, failed: bool) -> None:
        """Take that nothing is left to do for a group."""
        with self._happened:
            self._done += 1
            self._changed += changed
            self._failed += failed
            self._new.append(f"{group} (failed)" if failed else group)
            self._happened.notify_all()

    @contextlib.contextmanager
    def waiting(self, awaited: str, *, detail: bool = False) -> t.Iterator[None]:
        """Take what is waited for inside the context."""
        with self._happened:
            self._keys += 1
            key, self._waits[self._keys] = self._keys, _Wait(awaited, detail, self._now())
        try:
            yield
        finally:
            with self._happened:
                self._waits.pop(key, None)

    # --- what is said of it ---

    def due(self) -> float:
        """Return the seconds until there is a line to print."""
        with self._happened:
            wait = 0.0 if self._ready else _BETWEEN_SECONDS if self._news() else SILENCE_SECONDS
            return max(0.0, self._spoken + wait - self._now()) if wait else 0.0

    def take(self) -> str | None:
        """Return the line that is due now, None if there is none."""
        with self._happened:
            since = self._now() - self._spoken
            if self._ready:
                return self._line(self._ready.pop(0))
            if self._news() and since >= _BETWEEN_SECONDS:
                return self._line(self._count())
            return self._line(self._heartbeat()) if since >= SILENCE_SECONDS else None

    def last(self) -> str | None:
        """Return the line that was held back when the task ended, None if there is none."""
        with self._happened:
            return self._line(self._count()) if self._news() else None

    def interrupted(self) -> str | None:
        """Return what to say when the task is interrupted now, None where no operation is under way; a signal may ask."""
        with self._happened:
            awaited = [wait.awaited.removeprefix(_OF_AZURE) for wait in self._waits.values() if wait.awaited.startswith(_OF_AZURE)]
            count = f" after {self._done} of {self._groups} vaults" if self._groups > 1 else ""
        if not awaited:
            return None
        return f"[{self._title}] Interrupted{count}; Azure may still {_listed(awaited)}. Run again to continue."

    def _news(self) -> bool:
        return bool(self._new) and self._groups > 1

    def _line(self, text: str) -> str:
        self._spoken = self._now()
        return f"[{self._title}] {text}"

    def _count(self) -> str:
        names, self._new = _listed(self._new), []
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._done} of {self._groups} vaults done ({self._changed} changed{failed}){self._left()}: {names}"

    def _left(self) -> str:
        """Return the estimate of the time that is left, as the pace until now and Azure's rate limits let expect."""
        passed = self._now() - self._writing_since if self._writing_since is not None else 0.0
        if passed < _ESTIMATE_AFTER_SECONDS or not 0 < self._halves < 2 * self._changes:
            return ""
        by_pace = passed * (2 * self._changes - self._halves) / self._halves
        by_limits = self.pacing.seconds - passed if self.pacing else 0.0
        return f", {about(max(by_pace, by_limits))} left"

    def _heartbeat(self) -> str:
        waits = sorted(self._waits.values(), key=lambda wait: (wait.detail, wait.since))
        count = f"{self._done} of {self._groups} vaults done{self._left()}; " if self._groups > 1 else ""
        if not waits:
            text = f"still working ({self._now() - self._begun:.0f} s so far)"
        else:
            first, others = waits[0], sum(not wait.detail for wait in waits[1:])
            more = f", and for {others} more {'operation' if others == 1 else 'operations'}" if others else ""
            text = f"waiting for {first.awaited} ({self._now() - first.since:.0f} s so far){more}"
        return f"{count}{text}" if count else f"{text[:1].upper()}{text[1:]}"


def _listed(names: t.Sequence[str]) -> str:
    """Return the first of these names, and how many more there are."""
    more = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([f"{more} more"] if more > 0 else [])])


class Printed(Lines):
    """Prints its lines while it is entered, in a thread of its own: also while every other one waits for Azure.

    say: prints a line; it is called by one thread at a time, and not after the context. Ansible's display may be called by any thread of a
    worker: it hands the line to the controller's process through a queue with a lock.
    """

    def __init__(self, title: str, say: t.Callable[[str], None]) -> None:
        super().__init__(title)
        self._say = say
        self._over = False
        self._thread = threading.Thread(target=self._print, daemon=True)

    def __enter__(self) -> te.Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: types.TracebackType | None) -> None:
        with self._happened:
            self._over = True
            self._happened.notify_all()
        self._thread.join()
        line = self.last()
        if line:
            self._say(line)

    def _print(self) -> None:
        while (line := self._next()) is not None:
            self._say(line)

    def _next(self) -> str | None:
        """Wait for the next line and return it, None once the task is over."""
        with self._happened:
            while not self._over:
                line = self.take()
                if line:
                    return line
                self._happened.wait(self.due())
        return None
