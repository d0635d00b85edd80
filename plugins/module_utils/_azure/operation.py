# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long-running operations without a thread each: the caller polls them and does other work in between."""

from __future__ import annotations

import typing as t

from .._errors import Stopped
from . import sdk
from .answers import ended_badly, requested_pause
from .clock import Clock, Pace, Waiting

_SHORTEST_POLL = 0.1


class Operation(sdk.Polling):
    """The SDK's polling, a step at a time: until step() says that it is over, wait for delay() seconds and step again; then take result().

    The SDK begins it, and starts a thread for an operation that is not over yet.
    """

    def __init__(self, **settings: t.Any) -> None:
        super().__init__(**settings)
        self._pace = Pace()
        self.over = False

    def initialize(self, *arguments: t.Any) -> None:
        """Store the answer to the first request."""
        super().initialize(*arguments)
        self.over = bool(super().finished())

    def finished(self) -> bool:
        """Return True, so that the SDK starts no thread to poll."""
        return True

    def step(self) -> bool:
        """Poll once and return whether the operation has ended; raise the SDK's error if it failed."""
        if not self.over:
            self.run()
        return self.over

    def _poll(self) -> None:
        """Do what the SDK does, without its loop: run() wraps its errors up."""
        self.update_status()
        if super().finished():
            super()._poll()  # the end: whether it failed, and the last answer
            self.over = True
            if ended_badly(self._pipeline_response.http_response):  # a Location that answers 200 with the state of its operation
                raise sdk.OperationFailed("Operation failed or canceled")

    def delay(self) -> float:
        """Return the seconds until it is worth asking again: the server's Retry-After if it sends one, else few first and then more."""
        pause = requested_pause(self._pipeline_response.http_response.headers)
        return max(pause, _SHORTEST_POLL) if pause else self._pace.step()

    def result(self) -> t.Any:
        """Return the answer of an operation that is over."""
        first = self._initial_response.http_response
        if first is self._pipeline_response.http_response and first.status_code == 202 and first.request.method == "PUT":
            raise Stopped("the response (HTTP 202) names no operation to wait for", code="UnexpectedAnswer")
        return self.resource()


def in_flight(operation: Operation, clock: Clock, awaited: str, work: str) -> Waiting[t.Any]:
    """Return the answer of an operation once it is over, within the clock.

    awaited: what is waited for, in the words of an error. work: the kind of operation, alike for all that take about as long.
    """
    with clock.watch(work) as watch:
        if not watch.leads and not operation.over:
            yield from watch.pauses(operation.delay(), awaited, found=False)
        while not operation.step():
            yield from watch.pauses(operation.delay(), awaited)
    return operation.result()
