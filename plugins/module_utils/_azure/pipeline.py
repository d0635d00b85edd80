# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How requests go out: the SDK's pipeline of policies."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from .._errors import Stopped, is_throttle, is_throttle_of_a_provider
from . import sdk
from .clock import Clock, no_time_for
from .throttle import Gate, RequestKey
from .translate import answered, one_line

USER_AGENT = "privatelink.azure"
_VERSION = re.compile(r"([?&]api-version=)[^&#]*")
_LONGEST_ADDRESS = 200
_SHORTEST_PAUSE = 0.1  # in seconds; what is shorter is no reason to give up


class _Redirects(sdk.RedirectPolicy):
    """The SDK's policy, which fails in its own words where the location is no address."""

    def increment(self, settings: t.Any, response: t.Any, redirect_location: str) -> bool:
        """Set the next address."""
        try:
            return bool(super().increment(settings, response, redirect_location))
        except ValueError as error:
            raise Stopped(f"the response redirects to an invalid address ({one_line(str(error))})", code="UntrustedAddress") from error


class _Decoding(sdk.DecodePolicy):
    """The SDK's policy, which loses the answer where its text cannot be decoded or its JSON is nested more deeply than Python reads."""

    def on_response(self, request: t.Any, response: t.Any) -> None:
        """Decode the body."""
        try:
            super().on_response(request, response)
        except (RecursionError, UnicodeError) as error:
            raise sdk.DecodeError(message="the body is not JSON", response=response.http_response, error=error) from error


class Challenge(sdk.ChallengePolicy):
    """The SDK's policy for tokens, which fails in Python's words where Azure's answer asks for claims that are no text."""

    def on_challenge(self, request: t.Any, response: t.Any) -> bool:
        """Return whether there is another token now; without one the answer itself is the error."""
        try:
            return bool(super().on_challenge(request, response))
        except (RecursionError, ValueError):
            return False


class TrustedAddresses(sdk.RequestPolicy):
    """Refuses every request to an address that a link, a header or a redirect named and that may
    not be given a token, before one is fetched.

    trusts: returns whether an address is one of the cloud's Resource Manager. owner: who that is, for the message.
    """

    def __init__(self, trusts: t.Callable[[str], bool], owner: str) -> None:
        super().__init__()
        self._trusts = trusts
        self._owner = owner

    def on_request(self, request: t.Any) -> None:
        """Check the address of every attempt and every redirect."""
        url = str(request.http_request.url)
        if not self._trusts(url):
            where = one_line(url.partition("?")[0])[:_LONGEST_ADDRESS]
            raise Stopped(
                f"the response points to '{where}', which does not belong to {self._owner}; nothing was sent there", code="UntrustedAddress"
            )


class ApiVersion(sdk.RequestPolicy):
    """Ask for the api-version that an operation is called with, and not for the one that the installed client knows.

    Pages of a list are requests of the operation too. Polls are not: the address of an operation
    under way is Azure's own, and goes out as it came.
    """

    OPTION = "wire_version"

    def on_request(self, request: t.Any) -> None:
        """Put the version into the address."""
        version = request.context.options.pop(self.OPTION, None)
        if version:
            request.http_request.url = _VERSION.sub(rf"\g<1>{version}", request.http_request.url)


class Throttle(sdk.RequestPolicy):
    """Holds each attempt of a request until Azure's limits have room for it, within the task's time, and learns from the answers.

    who: whose requests these are, for the limits that a principal has. clock: returns the clock of the task that runs now.
    """

    def __init__(self, gate: Gate, who: str, clock: t.Callable[[], Clock]) -> None:
        super().__init__()
        self._gate = gate
        self._who = who
        self._clock = clock

    def on_request(self, request: t.Any) -> None:
        """Wait until it may go."""
        key, clock = self._key(request), self._clock()
        if self._gate.is_admitted(key):
            return
        while True:
            wait, answer = self._gate.enter(key, clock.now())
            left = clock.remaining()
            if not wait or left <= 0:  # the transport says that the time is up
                return
            if wait >= max(left, _SHORTEST_PAUSE):
                raise no_time_for(round(wait, 1), clock, answer)
            with clock.reporter.waiting("Azure's rate limits to allow another request", detail=True):
                clock.nap(wait + self._gate.spread())

    def on_response(self, request: t.Any, response: t.Any) -> None:
        """Learn the remaining requests, and how long none are allowed."""
        key, now, answer = self._key(request), self._clock().now(), response.http_response
        self._gate.learn(key, answer.headers, now)
        if answer.status_code != 429:
            return
        error = answered(answer, "send a request", None, None)
        if is_throttle(error):
            self._gate.block(key, error.retry_after or 0.0, now, answer, by_provider=is_throttle_of_a_provider(error))

    def _key(self, request: t.Any) -> RequestKey:
        return RequestKey(self._who, request.http_request.method, urllib.parse.urlsplit(str(request.http_request.url)).path)


def policies(addresses: TrustedAddresses, further: t.Sequence[t.Any] = ()) -> list[t.Any]:
    """Return the SDK's own pipeline without one policy, which registers resource providers unasked and waits for that without bound.

    addresses: where requests may go. further: policies that hold requests or add tokens, once that is known.
    """
    return [
        ApiVersion(),
        sdk.policies.RequestIdPolicy(),
        sdk.policies.HeadersPolicy(),
        sdk.policies.UserAgentPolicy(base_user_agent=USER_AGENT),
        sdk.policies.ProxyPolicy(),
        _Decoding(),
        _Redirects(),
        sdk.policies.RetryPolicy(),
        addresses,
        *further,
        sdk.policies.CustomHookPolicy(),
        sdk.policies.NetworkTraceLoggingPolicy(),
        sdk.policies.DistributedTracingPolicy(),
        sdk.policies.SensitiveHeaderCleanupPolicy(),
        sdk.ARMHttpLoggingPolicy(),
    ]
