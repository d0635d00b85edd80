# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way out: every request of the SDK, of azure-identity and of our own goes through this transport, which holds the task's bound."""

from __future__ import annotations

import concurrent.futures
import math
import threading
import typing as t

from .._errors import Stopped
from . import sdk
from .answers import PAUSES, requested_pause
from .clock import Clock, no_time_for
from .translate import reason, unfixable

CONNECT_SECONDS, READ_SECONDS = 20.0, 120.0
_LONGEST = 7 * 86400.0  # what threads and sockets can wait for has a limit
_CHUNK = 64 * 1024
_LOOK_SECONDS = 0.2  # how often a wait for an answer looks whether the task was ended meanwhile
CONNECTIONS = 32  # kept open to one host: as many as there are workers at most
_LARGEST_BODY = 128 * 1024 * 1024  # a page of a list has some megabytes at most


class BoundedTransport(sdk.Transport):
    """The SDK's transport on our clock: no request, no retry and no pause outlives it.

    clock: returns the clock of the task that runs now. A request runs in a thread of its own, which is left behind when the time is up:
    looking up a name, connecting, and a body that comes byte by byte know no total timeout.
    """

    def __init__(self, clock: t.Callable[[], Clock], **settings: t.Any) -> None:
        super().__init__(**settings)
        self._clock = clock
        self._seen = threading.local()  # the last answer of this thread and what it answered
        self._opening = threading.Lock()

    def open(self) -> None:
        """Open the session, once for all threads, with as many connections as work side by side."""
        with self._opening:
            new = self.session is None
            super().open()
            for adapter in self.session.adapters.values() if new else ():
                adapter.init_poolmanager(CONNECTIONS, CONNECTIONS)

    def send(self, request: t.Any, **settings: t.Any) -> t.Any:
        """Send a request and return its answer, read to the end."""
        self._begin(request)
        left = min(self._clock().for_a_request(), _LONGEST)
        if left <= 0:
            raise self._late(request)
        settings.pop("stream", None)  # the body is read here, where its time is known
        for name, ours in (("connection_timeout", self.connection_config.timeout), ("read_timeout", self.connection_config.read_timeout)):
            settings[name] = min(settings.get(name) or ours, left)
        self.open()
        answer, given_up = concurrent.futures.Future[t.Any](), threading.Event()
        threading.Thread(target=self._fulfil, args=(answer, given_up, request, settings), daemon=True).start()
        with self._clock().reporter.waiting(f"a response from {_host(request.url)}", detail=True):
            in_time = self._answered_within(left, answer)
        if not in_time:
            given_up.set()
            raise self._late(request, sent=True)
        try:
            response = answer.result()
        except sdk.AzureError as error:
            hopeless = unfixable(error)
            if hopeless is not None:
                raise hopeless from error
            if self._clock().remaining() <= 0:  # both timeouts end at once
                raise self._late(request, sent=True) from error
            self._seen.answer, self._seen.trouble = None, reason(error)
            raise
        self._seen.answer = response if response.status_code >= 400 else None
        return response

    def _answered_within(self, seconds: float, answer: concurrent.futures.Future[t.Any]) -> bool:
        """Wait for an answer; the time may end earlier than it was to, when the task is ended from outside."""
        until = self._clock().now() + seconds
        while not answer.done() and (left := min(until - self._clock().now(), self._clock().for_a_request())) > 0:
            concurrent.futures.wait([answer], timeout=min(left, _LOOK_SECONDS))
        return answer.done()

    def _begin(self, request: t.Any) -> None:
        """Forget the outcome of another request: only attempts of the same request explain why there is no further one."""
        if getattr(self._seen, "request", None) != (request.method, request.url):
            self._seen.request, self._seen.answer, self._seen.trouble = (request.method, request.url), None, ""

    def _fulfil(
        self, answer: concurrent.futures.Future[t.Any], given_up: threading.Event, request: t.Any, settings: dict[str, t.Any]
    ) -> None:
        try:
            response = super().send(request, stream=True, **settings)
            _read_body(response, given_up)
            _normalise_pauses(response.headers)
            answer.set_result(response)
        except BaseException as error:  # handed to the one who waits
            outside = isinstance(error, (OSError, UnicodeError))  # of requests itself, which the SDK does not expect
            answer.set_exception(sdk.ServiceRequestError(error, error=error) if outside else error)

    def sleep(self, duration: float) -> None:
        """Wait before a retry, but not for a requested pause that is longer than the time left."""
        clock, last = self._clock(), getattr(self._seen, "answer", None)
        left = clock.remaining()
        pause = requested_pause(last.headers) if last is not None else None
        if pause and pause >= left:
            raise no_time_for(pause, clock, last)
        with clock.reporter.waiting("another attempt of a request", detail=True):
            clock.nap(duration)
        if clock.remaining() <= 0:
            known: str = getattr(self._seen, "trouble", "") if last is None else ""
            trouble = f" without a response from Azure ({known})" if known else ""
            raise Stopped(f"timed out after {clock.seconds:g} seconds{trouble}", code="WaitTimeout", answer=last)

    def _late(self, request: t.Any, sent: bool = False) -> Stopped:
        """Return the timeout error; an earlier answer to the same request explains why there was no further attempt."""
        last = self._seen.answer
        where = f" without a response from {_host(request.url)}" if sent and last is None else ""
        writing = sent and request.method not in ("GET", "HEAD")
        return Stopped(f"timed out after {self._clock().seconds:g} seconds{where}", code="WaitTimeout", answer=last, in_flight=writing)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _read_body(response: t.Any, given_up: threading.Event) -> None:
    """Read a body to its end, into the response of requests, where both generations of the SDK's responses look for it."""
    raw, size, chunks = response.internal_response, 0, []
    try:
        for chunk in raw.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if given_up.is_set() or size > _LARGEST_BODY:
                raw.close()
                raise Stopped(
                    f"the response of {_host(response.request.url)} does not end ({size >> 20} MB were read)", code="UnexpectedAnswer"
                )
    except sdk.NotDecoded as error:  # another attempt would be answered so, too
        raise Stopped(
            f"the response of {_host(response.request.url)} is compressed in a way that cannot be read", code="UnexpectedAnswer"
        ) from error
    except OSError as error:  # what requests raises
        raise sdk.ServiceResponseError(error, error=error) from error
    raw._content = b"".join(chunks)
    if hasattr(response, "read"):  # of the newer generation, which keeps a copy
        response.read()


def _normalise_pauses(headers: t.MutableMapping[str, str]) -> None:
    """
    Leave at most one header that asks for a pause, a whole number: the SDK reads several of them, and fails on what is no such number.
    """
    seconds = requested_pause(headers)
    for name in PAUSES:
        headers.pop(name, None)
    if seconds is not None and seconds == int(seconds):
        headers["Retry-After"] = str(int(seconds))
    elif seconds is not None:
        headers["retry-after-ms"] = str(math.ceil(seconds * 1000))
