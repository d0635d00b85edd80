# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: which requests meet which failure."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import Any

from emulator.errors import Json, bad_request

KINDS = ("status", "reset", "delay", "gather", "lost", "lro_error")
GATHER_SECONDS = 20.0
"""How long requests wait for each other at most."""

_MESSAGES = {
    429: ("TooManyRequests", "The request is being throttled."),
    500: ("InternalServerError", "The server encountered an internal error. Please retry the request."),
    502: ("InvalidGatewayHost", "Host name resolution failed for 'Microsoft.KeyVault'; cannot fulfill the request."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable. Please retry the request."),
    504: ("GatewayTimeout", "The gateway did not receive a response from 'Microsoft.KeyVault' within the specified time period."),
    409: ("Conflict", "The request could not be completed due to a conflict with the current state of the resource."),
}


@dataclass(slots=True)
class Meeting:
    """Requests that wait for each other."""

    waiting: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Fault:
    """A failure and the requests that meet it.

    ``method`` (empty: any), ``path`` (a regular expression, searched without case), ``count`` (how many requests, 0: all; of a
    fault that gathers: how many gatherings), ``after`` (requests that pass first), ``probability`` (of each request, from the seed).
    """

    spec: Json
    method: str
    path: re.Pattern[str]
    count: int
    after: int
    probability: float
    met: int = 0
    seen: int = 0
    used_up: bool = field(default=False)
    meeting: Meeting | None = None

    @property
    def is_operation(self) -> bool:
        return "lro_error" in self.spec

    def shown(self) -> Json:
        return {**self.spec, "met": self.met}

    async def gather(self) -> None:
        """Hold a request until as many as the fault asks for wait with it, or their time is over."""
        meeting = self.meeting = self.meeting or Meeting()
        meeting.waiting += 1
        if meeting.waiting >= int(self.spec["gather"]):
            self._part(meeting)
        try:
            await asyncio.wait_for(meeting.over.wait(), min(float(self.spec.get("timeout", GATHER_SECONDS)), GATHER_SECONDS))
        except TimeoutError:
            self._part(meeting)

    def _part(self, meeting: Meeting) -> None:
        """Let all go that wait; a meeting counts once, whether all came or not."""
        meeting.over.set()
        if self.meeting is meeting:
            self.meeting = None
            self.met += 1
            self.used_up = bool(self.count) and self.met >= self.count

    def release(self) -> None:
        if self.meeting:
            self._part(self.meeting)


class Faults:
    """The faults set, in order: the first that matches a request is met."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(0)

    def seed(self, value: int) -> None:
        self._random = random.Random(value)

    def clear(self) -> None:
        for each in self._faults:
            each.release()
        self._faults.clear()
        self.seed(0)

    def add(self, specs: list[Any]) -> None:
        for spec in specs:
            match = spec.get("match") or {}
            if not any(kind in spec for kind in KINDS):
                raise bad_request("UnknownFault", f"A fault has one of {', '.join(KINDS)}.")
            if "gather" in spec and (not isinstance(spec["gather"], int) or spec["gather"] < 1):
                raise bad_request("InvalidFault", "gather says how many requests wait for each other: 1 or more.")
            self._faults.append(
                Fault(
                    spec,
                    str(match.get("method", "")).upper(),
                    re.compile(match.get("path_regex", ""), re.IGNORECASE),
                    int(match.get("count", 1)),
                    int(match.get("after", 0)),
                    float(match.get("probability", 1.0)),
                )
            )

    def shown(self) -> list[Json]:
        return [each.shown() for each in self._faults]

    def meet(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets before it is answered."""
        return self._take(method, path, operations=False)

    def operation_error(self, method: str, path: str) -> Json | None:
        """The error that the operation begun by this request ends in."""
        fault = self._take(method, path, operations=True)
        if fault is None:
            return None
        wanted = fault.spec["lro_error"]
        if isinstance(wanted, dict):
            return wanted
        return {
            "code": fault.spec.get("code", "InternalServerError"),
            "message": fault.spec.get("message", "An error occurred."),
            "details": [],
        }

    def _take(self, method: str, path: str, *, operations: bool) -> Fault | None:
        for fault in self._faults:
            if (
                fault.is_operation != operations
                or fault.used_up
                or (fault.method and fault.method != method)
                or not fault.path.search(path)
            ):
                continue
            fault.seen += 1
            if fault.seen <= fault.after or self._random.random() >= fault.probability:
                continue
            if "gather" in fault.spec:
                return fault  # counts by its meetings
            fault.met += 1
            fault.used_up = bool(fault.count) and fault.met >= fault.count
            return fault
        return None


def error_of(spec: Json) -> tuple[int, Json, dict[str, str]]:
    """Status, body and headers of a fault that answers."""
    status = int(spec["status"])
    code, message = _MESSAGES.get(status, ("InternalServerError", "An error has occurred."))
    body: Json = spec.get("body") or {"error": {"code": spec.get("code", code), "message": spec.get("message", message)}}
    return status, body, {name: str(value) for name, value in (spec.get("headers") or {}).items()}
