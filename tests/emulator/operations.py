# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock and long-running operations.

Nothing runs in the background: an operation has a due time and an effect, and whoever looks at the emulator first
lets everything happen that is due by then, in order. So a state is right whenever it is read, and a test
can move the clock. Operations and their effects' arguments are plain JSON and save with the store.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from emulator.errors import Json

if TYPE_CHECKING:
    from emulator.core import Emulator

KEPT_SECONDS, KEPT = 3_600.0, 5_000
"""How long a finished operation stays to be asked about (unrecorded), and how many do."""


class Clock:
    """Seconds since 1970, as the emulator's Azure counts them."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._fixed: float | None = None

    def now(self) -> float:
        return self._fixed if self._fixed is not None else time.time() + self.offset

    def at(self, moment: float | None) -> None:
        """Hold the clock at a moment (while an effect of that moment runs), or let it go on (None)."""
        self._fixed = moment

    def text(self, *, digits: int = 0, moment: float | None = None) -> str:
        """The time as Azure writes it: ``2024-04-18T03:47:38.004Z``."""
        return self.written(self.now() if moment is None else moment, digits=digits)

    @staticmethod
    def written(seconds: float, *, digits: int = 0) -> str:
        """A moment as Azure writes it."""
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
        part = f".{seconds % 1:.{digits}f}"[2:] if digits else ""
        return f"{whole}{part}Z" if digits else f"{whole}Z"


@dataclass(slots=True)
class Operation:
    """Something that ends later. ``token`` names it in URLs; ``status`` is what a poll reports once it is due."""

    token: str
    kind: str
    target: str
    effect: str
    arguments: Json
    started: float
    due: float
    status: str = "InProgress"
    error: Json | None = None
    forced_error: Json | None = None
    polls: int = 0
    last_action: float = 0.0
    facts: Json = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return self.status == "InProgress"

    @property
    def label(self) -> str:
        """What the network provider calls such an operation in its errors."""
        return LABELS.get(self.effect, "PutOperation")


LABELS = {
    "endpoint.provisioned": "PutPrivateEndpointOperation",
    "endpoint.deleted": "DeletePrivateEndpointOperation",
    "endpoint.notified": "PutPrivateLinkServiceProxyOperation",
    "zone_group.provisioned": "PutPrivateDnsZoneGroupOperation",
    "zone_group.deleted": "DeletePrivateDnsZoneGroupOperation",
}

Effect = Callable[["Emulator", Operation], Json | None]
"""What happens when an operation is due; it returns an error where it fails."""

EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register an effect under a name that survives saving and loading."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register


FAILURES: dict[str, Callable[[Emulator, Operation], None]] = {}
"""What an operation that is made to fail leaves behind, where that is not a resource whose state says Failed."""


def _scopes(target: str) -> Iterator[str]:
    """A resource and everything that it is in, in small letters."""
    above = target.lower()
    while above:
        yield above
        above = above.rpartition("/")[0]


class Operations:
    """All operations of one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._all: dict[str, Operation] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._running: dict[str, dict[str, Operation]] = {}
        self._ended: deque[tuple[float, str]] = deque()
        self._count = 0
        self.next_error: Json | None = None

    def begin(self, token: str, kind: str, target: str, name: str, arguments: Json | None = None, *, seconds: float) -> Operation:
        """Start an operation whose effect is due in some seconds (0: before the next request is read)."""
        now = self._emulator.clock.now()
        started = Operation(token, kind, target, name, arguments or {}, now, now + seconds, forced_error=self.next_error)
        self.next_error = None
        self._add(started)
        return started

    def finished(self, token: str, kind: str, target: str) -> Operation:
        """An operation that was over when it began: a write that changed nothing."""
        now = self._emulator.clock.now()
        done = Operation(token, kind, target, "", {}, now, now, status="Succeeded", last_action=now)
        self._add(done)
        return done

    def get(self, token: str) -> Operation | None:
        return self._all.get(token)

    def running(self, target: str) -> list[Operation]:
        """What is going on at a resource or below it."""
        return list(self._running.get(target.lower(), {}).values())

    def settle(self) -> None:
        """Let everything happen that is due."""
        clock = self._emulator.clock
        while self._heap and self._heap[0][0] <= clock.now():
            due, _unused, token = heapq.heappop(self._heap)
            operation = self._all.get(token)
            if operation is None or not operation.running:
                continue
            clock.at(due)
            try:
                self._finish(operation)
            finally:
                clock.at(None)

    def cancel(self, operation: Operation, by: Operation) -> None:
        """A later operation takes this one's place (wire facts 1, superseded operation)."""
        operation.status = "Canceled"
        text = f"Operation {operation.label} ({operation.token}) was canceled and superseded by operation {by.label} ({by.token})."
        operation.error = {
            "code": "Canceled",
            "message": "Operation was canceled.",
            "details": [{"code": "CanceledAndSupersededDueToAnotherOperation", "message": text}],
        }
        self._over(operation)

    def clear(self) -> None:
        for each in (self._all, self._heap, self._running, self._ended):
            each.clear()

    def dump(self) -> list[Json]:
        return [asdict(each) for each in self._all.values()]

    def load(self, entries: list[Operation]) -> None:
        self.clear()
        for entry in entries:
            self._add(entry)

    def _add(self, operation: Operation) -> None:
        self._expire()
        self._all[operation.token] = operation
        if operation.running:
            self._count += 1
            heapq.heappush(self._heap, (operation.due, self._count, operation.token))
            for scope in _scopes(operation.target):
                self._running.setdefault(scope, {})[operation.token] = operation
        else:
            self._ended.append((operation.last_action, operation.token))

    def _over(self, operation: Operation) -> None:
        """An operation has ended, one way or another: nobody waits for it any more."""
        self._ended.append((self._emulator.clock.now(), operation.token))
        for scope in _scopes(operation.target):
            found = self._running.get(scope, {})
            found.pop(operation.token, None)
            if not found:
                self._running.pop(scope, None)

    def _expire(self) -> None:
        oldest = self._emulator.clock.now() - KEPT_SECONDS
        while self._ended and (self._ended[0][0] < oldest or len(self._ended) > KEPT):
            self._all.pop(self._ended.popleft()[1], None)

    def _finish(self, operation: Operation) -> None:
        operation.last_action = operation.due
        error = operation.forced_error
        if error is not None:
            FAILURES.get(operation.effect, self._fail_target)(self._emulator, operation)
        else:
            error = EFFECTS[operation.effect](self._emulator, operation)
        operation.status = "Succeeded" if error is None else "Failed"
        operation.error = error or None
        self._over(operation)

    @staticmethod
    def _fail_target(emulator: Emulator, operation: Operation) -> None:
        record = emulator.store.get(operation.target)
        if record and "provisioningState" in record.document.get("properties", {}):
            record.properties["provisioningState"] = "Failed"
