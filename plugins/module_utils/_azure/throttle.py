# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One gate for all threads of a process: when a request may go, by what Azure allows and by what it says of that.

Pure but for the lock: the time is an argument. Sources: Azure's pages on request limits and throttling (token buckets of Resource Manager
by subscription, principal and kind; Microsoft.Network's window) and on the limits of private DNS (by minute and zone).
"""

from __future__ import annotations

import collections
import dataclasses
import operator
import os
import random
import re
import threading
import typing as t
import urllib.parse

_SPREAD = 1.0  # seconds over which those who wait for the same limit come back
_KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
_PROVIDER = re.compile(r"/providers/([^/]+)/([^/]+)")
_IN_ZONE = re.compile(r"(.*/microsoft\.network/privatednszones/[^/]+)/([^/]+)/[^/]+$")
_REMAINING = "x-ms-ratelimit-remaining-{}-{}"


@dataclasses.dataclass
class Limit:
    """
    A limit for requests of one kind. blocked_until: no request may be sent before this time, because of answer; the base class has no
    other rule.
    """

    blocked_until: float = 0.0
    answer: t.Any = None

    def wait(self, now: float) -> float:
        """Return the seconds until another request may be sent, 0 for now."""
        return max(0.0, self.blocked_until - now)

    def count(self, now: float, at: float | None = None) -> None:
        """Count a request that is sent now, or at a later time that wait() gave."""

    def seconds_for(self, requests: int) -> float:
        """Return how long so many requests take if none were sent before; 0 without a rule."""
        return 0.0

    def lower(self, remaining: int, now: float) -> None:
        """Lower the remaining requests to what Azure reports; it also counts other clients."""

    def block(self, seconds: float, now: float, answer: t.Any) -> None:
        """Block all requests for that long."""
        self.lower(0, now)
        if now + seconds > self.blocked_until:
            self.blocked_until, self.answer = now + seconds, answer


@dataclasses.dataclass
class Bucket(Limit):
    """So many requests at once, and so many more each second."""

    capacity: float = 0.0
    rate: float = 1.0
    level: float = 0.0
    moment: float = 0.0

    @classmethod
    def of(cls, capacity: float, rate: float) -> Bucket:
        """Return a bucket that nothing was taken out of."""
        return cls(capacity=capacity, rate=rate, level=capacity)

    def _fill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + max(0.0, now - self.moment) * self.rate)
        self.moment = now

    def wait(self, now: float) -> float:
        """Return the seconds until there is a token."""
        self._fill(now)
        return max(super().wait(now), (1 - self.level) / self.rate if self.level < 1 - 1e-9 else 0.0)

    def count(self, now: float, at: float | None = None) -> None:
        """Take a token; one that is taken before it is there makes the others wait longer."""
        self._fill(now)
        self.level -= 1

    def seconds_for(self, requests: int) -> float:
        """Return how long so many requests take: those beyond the capacity are sent at the rate."""
        return max(0.0, (requests - self.capacity) / self.rate)

    def lower(self, remaining: int, now: float) -> None:
        """Never raise the level: answers come in another order than requests went."""
        self._fill(now)
        self.level = min(self.level, remaining)


@dataclasses.dataclass
class Window(Limit):
    """So many requests in any stretch of so many seconds."""

    most: int = 1
    seconds: float = 1.0
    gone: collections.deque[float] = dataclasses.field(default_factory=collections.deque)

    @classmethod
    def of(cls, most: int, seconds: float) -> Window:
        """Return a window that nothing went through."""
        return cls(most=most, seconds=seconds)

    def wait(self, now: float) -> float:
        """Return the seconds until the oldest request no longer counts."""
        while self.gone and self.gone[0] <= now - self.seconds:
            self.gone.popleft()
        full = self.gone[len(self.gone) - self.most] + self.seconds - now if len(self.gone) >= self.most else 0.0
        return max(super().wait(now), full)

    def count(self, now: float, at: float | None = None) -> None:
        """Remember when it is sent."""
        self.gone.append(now if at is None else at)

    def seconds_for(self, requests: int) -> float:
        """Return how long so many requests take: each full window is waited out before the next begins."""
        return self.seconds * ((requests - 1) // self.most) if requests else 0.0


_BUCKETS = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}  # at once, and each second
# so many requests in so many seconds; those of zones are counted in each zone, but writes of zones in the subscription
_WINDOWS = {
    "network reads": (10_000, 300),
    "network writes": (1_000, 300),
    "zones": (40, 60),
    "zone records": (60, 60),
    "zone links": (60, 60),
    "reads of records": (200, 60),
    "reads of links": (100, 60),
}
Key = tuple[str, ...]
"""A limit: the name of its rule, and what it is counted for, the narrowest last."""


def limit_for(key: Key) -> Limit:
    """Return a limit that nothing was counted in."""
    rule = key[0]
    return Bucket.of(*_BUCKETS[rule]) if rule in _BUCKETS else Window.of(*_WINDOWS[rule]) if rule in _WINDOWS else Limit()


class RequestKey:
    """A request, as the gate sees it. who: whose it is, for limits of a principal; path: of its address, with any writing of the names."""

    def __init__(self, who: str, method: str, path: str) -> None:
        low = urllib.parse.unquote(path).casefold()
        parts = low.split("/")
        self.kind = _KINDS.get(method.upper(), "writes")
        self.scope = parts[2] if parts[1:2] == ["subscriptions"] and len(parts) > 2 else ""
        self.limits: tuple[Key, ...] = ((self.kind, who, self.scope), *self._of_providers(low))

    def _of_providers(self, path: str) -> t.Iterator[Key]:
        """Return the limits other than Resource Manager's, the narrowest last."""
        found = _PROVIDER.findall(path)
        if not found:
            return
        group = "reads" if self.kind == "reads" else "writes"
        namespace, kind = found[-1]
        network = namespace == "microsoft.network" and not kind.startswith("privatedns")
        yield ("network " + group if network else "other", namespace if network else f"{namespace}/{kind}", group, self.scope)
        if kind == "privatednszones" and namespace == "microsoft.network":
            yield from self._of_zones(path, group)

    def _of_zones(self, path: str, group: str) -> t.Iterator[Key]:
        """Return the limit of private DNS: for one record set or link, or for writing a zone."""
        inside = _IN_ZONE.match(path)
        if inside:
            what = "links" if inside[2] == "virtualnetworklinks" else "records"
            yield (f"zone {what}" if group == "writes" else f"reads of {what}", inside[1])
        elif group == "writes":
            yield ("zones", self.scope)


class Gate:
    """
    Lets requests go as Azure's limits allow. The first ones of a small task never wait. jitter: a new number between 0 and 1 each time.
    """

    def __init__(self, jitter: t.Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._limits: dict[Key, Limit] = {}
        self._lock = threading.Lock()
        self._admitted = threading.local()

    def enter(self, request: RequestKey, now: float) -> tuple[float, t.Any]:
        """
        Return 0 where a request may go now, which is counted then; else the seconds to wait before
        asking again, and the answer that is why, if one is.
        """
        with self._lock:
            limits, wait, answer = self._wait(request, now)
            if wait <= 0:
                for limit in limits:
                    limit.count(now)
                return 0.0, None
            return wait, answer

    def reserve(self, request: RequestKey, now: float) -> tuple[float, t.Any]:
        """Count a request that is sent as soon as it may; return the seconds until then, and the answer that is why, if one is."""
        with self._lock:
            limits, wait, answer = self._wait(request, now)
            for limit in limits:
                limit.count(now, now + wait)
            return wait, answer

    def _wait(self, request: RequestKey, now: float) -> tuple[list[Limit], float, t.Any]:
        """Return the limits of a request, the seconds that the slowest of them asks for, and the answer that is why, if one is."""
        limits = [self._limit(key) for key in request.limits]
        wait, slowest = max(((limit.wait(now), limit) for limit in limits), key=operator.itemgetter(0))
        return limits, wait, slowest.answer if slowest.blocked_until > now else None

    def admit(self, request: RequestKey) -> None:
        """Let the next such request of this thread go: it was reserved."""
        self._admitted.limits = request.limits

    def is_admitted(self, request: RequestKey) -> bool:
        """Tell whether a request was reserved by this thread; asked once for each."""
        admitted = getattr(self._admitted, "limits", None) == request.limits
        if admitted:
            self._admitted.limits = None
        return admitted

    def spread(self) -> float:
        """Return a part of a second to wait longer, so that not all come back at once."""
        return self._jitter() * _SPREAD

    def learn(self, request: RequestKey, headers: t.Mapping[str, str], now: float) -> None:
        """Learn the remaining requests of a kind from an answer."""
        said = headers.get(_REMAINING.format("subscription" if request.scope else "tenant", request.kind))
        if said and said.strip().isdigit():
            with self._lock:
                self._limit(request.limits[0]).lower(int(said), now)

    def block(self, request: RequestKey, seconds: float, now: float, answer: t.Any, *, by_provider: bool) -> None:
        """
        Hold back all that is counted with a request that was refused. by_provider: its resource provider refused, not Resource Manager.
        """
        with self._lock:
            self._limit(request.limits[-1 if by_provider else 0]).block(seconds, now, answer)

    def _limit(self, key: Key) -> Limit:
        if key not in self._limits:
            self._limits[key] = limit_for(key)
        return self._limits[key]


_GATES: dict[int, Gate] = {}


def gate() -> Gate:
    """Return the gate of this process; one that was forked has its own."""
    return _GATES.setdefault(os.getpid(), Gate())
