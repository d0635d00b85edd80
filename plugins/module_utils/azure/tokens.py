# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: within the task's bound, known as secrets from the moment they come, sent to the cloud's Resource Manager and to nobody else."""

from __future__ import annotations

import typing as t

from ..clock import Clock
from ..errors import Problem, Stopped
from ..masking import remember
from . import sdk
from .translate import login_cause, one_line, within


class Credential:
    """A credential of azure-identity as the SDK's policies use it.

    clock: returns the clock of the task that runs now.
    """

    def __init__(self, credential: t.Any, clock: t.Callable[[], Clock]) -> None:
        self._credential = credential
        self._clock = clock

    def get_token(self, *scopes: str, **options: t.Any) -> t.Any:
        """Return a token; whatever goes wrong is an error of the SDK, or one of ours."""
        try:
            token = self._credential.get_token(*scopes, **options)
        except Problem:
            raise
        except Exception as error:
            raise self._explained(error) from error
        remember(token.token)
        return token

    def _explained(self, error: Exception) -> Exception:
        """Return why there is no token, as an error of the SDK or one of ours."""
        ours = within(error, Problem)
        if ours is not None:
            return ours
        if self._clock().remaining() <= 0:  # the Azure CLI has no transport that would say so
            return Stopped(f"timed out after {self._clock().seconds:g} seconds waiting for a token", code="WaitTimeout")
        if isinstance(error, sdk.AzureError):
            return error
        said = f"{type(error).__name__}: {one_line(str(error))}"  # azure-identity and msal stumble over what is no token
        return Stopped(f"the sign-in was answered with something that is not a token ({said})", code="UnexpectedAnswer")


class AuxiliaryTokens(sdk.AuxiliaryPolicy):
    """The SDK's policy, for writes alone: only they link resources, so a run that changes nothing signs in nowhere else."""

    def __init__(self, credentials: dict[str, Credential], scope: str) -> None:
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
