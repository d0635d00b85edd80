# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How requests go out: the SDK's pipeline, its transport and its polling, on our clock."""

from __future__ import annotations

import re
import typing as t

from ..clock import Clock, Pace
from . import sdk
from .translate import login_cause, retry_after

USER_AGENT = "privatelink.azure"
_VERSION = re.compile(r"([?&]api-version=)[^&#]*")


class BoundedPolling(sdk.Polling):
    """The SDK's polling on our clock: the server's Retry-After if it sends one, else fast first; never beyond the bound."""

    def __init__(self, clock: Clock, awaited: str, **settings: t.Any) -> None:
        super().__init__(**settings)
        self._bound = clock
        self._pace = Pace()
        self._awaited = awaited

    def _delay(self) -> None:
        hinted = retry_after(self._pipeline_response.http_response.headers)
        self._bound.wait(hinted or self._pace.step(), self._awaited)


class BoundedTransport(sdk.Transport):
    """The SDK's transport, whose pauses between its own retries (throttles, gateways' trouble) count against the bound too."""

    def __init__(self, pause: t.Callable[[float], None], **settings: t.Any) -> None:
        super().__init__(**settings)
        self._pause = pause

    def sleep(self, duration: float) -> None:
        """Wait before a retry."""
        self._pause(duration)


class AuxiliaryTokens(sdk.AuxiliaryPolicy):
    """The SDK's policy, for writes alone: only they link resources, so a run that changes nothing signs in nowhere else."""

    def __init__(self, credentials: dict[str, t.Any], scope: str) -> None:
        super().__init__(list(credentials.values()), scope)
        self._credentials = credentials

    def on_request(self, request: t.Any) -> None:
        """Add the tokens to a request that may write."""
        if request.http_request.method not in ("GET", "HEAD"):
            super().on_request(request)

    def _get_auxiliary_tokens(self, *scopes: str, **keywords: t.Any) -> list[t.Any]:
        """Fetch the tokens, and say which tenant refuses one."""
        tokens = []
        for tenant, credential in self._credentials.items():
            try:
                tokens.append(credential.get_token(*scopes, **keywords))
            except sdk.ClientAuthenticationError as error:
                error.message = f"Authentication failed: auxiliary tenant '{tenant}' refused: {login_cause(error)}"
                raise
        return tokens


class ApiVersion(sdk.RequestPolicy):
    """Ask for the api-version that an operation is called with, and not for the one that the installed client knows.

    Pages of a list are requests of the operation too. Polls are not: the address of an operation under way is Azure's own, and goes out as it came.
    """

    OPTION = "wire_version"

    def on_request(self, request: t.Any) -> None:
        """Put the version into the address."""
        version = request.context.options.pop(self.OPTION, None)
        if version:
            request.http_request.url = _VERSION.sub(rf"\g<1>{version}", request.http_request.url)


def policies(authentication: list[t.Any]) -> list[t.Any]:
    """Return the SDK's own pipeline but for one policy: it registers resource providers unasked, and waits for that without bound."""
    return [
        ApiVersion(),
        sdk.policies.RequestIdPolicy(),
        sdk.policies.HeadersPolicy(),
        sdk.policies.UserAgentPolicy(base_user_agent=USER_AGENT),
        sdk.policies.ProxyPolicy(),
        sdk.policies.ContentDecodePolicy(),
        sdk.policies.RedirectPolicy(),
        sdk.policies.RetryPolicy(),
        *authentication,
        sdk.policies.CustomHookPolicy(),
        sdk.policies.NetworkTraceLoggingPolicy(),
        sdk.policies.DistributedTracingPolicy(),
        sdk.policies.SensitiveHeaderCleanupPolicy(),
        sdk.ARMHttpLoggingPolicy(),
    ]
