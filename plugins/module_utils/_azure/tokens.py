# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: within the task's bound, known as secrets from the moment they come, sent to nothing but the cloud's Resource Manager."""

from __future__ import annotations

import json
import subprocess
import typing as t

from .._errors import Problem, SignInFailed, Stopped
from .._masking import remember
from . import sdk
from .clock import Clock
from .sign_in import NO_ANSWER, LastAnswer, explained
from .translate import lost_connection, within

_LONGEST_TOKEN = 32 * 1024  # characters; servers refuse headers that are longer


class Credential:
    """A credential of azure-identity as the SDK's policies use it.

    clock: returns the clock of the task that runs now. source: which kind of credential. last: what the credential tells of each answer.
    """

    def __init__(self, credential: t.Any, clock: t.Callable[[], Clock], source: str = "secret", last: LastAnswer | None = None) -> None:
        self._credential = credential
        self._clock = clock
        self._source = source
        self._last = last or LastAnswer()

    def get_token(self, *scopes: str, **options: t.Any) -> t.Any:
        """Return a token; raise one of our errors, the error of a broken connection, or ValueError for claims that are no JSON."""
        if options.get("claims"):
            json.loads(options["claims"])
        self._last.forget()
        try:
            token = self._credential.get_token(*scopes, **options)
        except Problem:
            raise
        except Exception as error:
            explained = self._explained(error)
            if explained is error:  # which keeps its own cause
                raise
            raise explained from error
        if not isinstance(token.token, str) or not token.token.strip() or not token.token.isprintable():
            raise SignInFailed("the answer to the sign-in holds no token", code="UnexpectedAnswer", hint=NO_ANSWER)
        if len(token.token) > _LONGEST_TOKEN:
            said = f"the answer to the sign-in holds a token of {len(token.token)} characters, which no request can carry"
            raise SignInFailed(said, code="UnexpectedAnswer", hint=NO_ANSWER)
        remember(token.token)
        return token

    def _explained(self, error: Exception) -> Exception:
        """Return why there is no token, as one of our errors; a connection that broke is the SDK's."""
        ours = within(error, Problem)
        if ours is not None:
            return ours
        late = within(error, subprocess.TimeoutExpired)  # of the Azure CLI, which has no transport that would say so
        if late or self._clock().remaining() <= 0:
            seconds = late.timeout if late else self._clock().seconds
            return Stopped(f"timed out after {seconds:g} seconds waiting for a token", code="WaitTimeout")
        if type(error).__name__ != "CredentialUnavailableError" and isinstance(error, sdk.AzureError) and lost_connection(error):
            return error
        return explained(error, self._source, self._last)


class AuxiliaryTokens(sdk.AuxiliaryPolicy):
    """The SDK's policy, for writes alone: only they link resources, so a run that changes nothing does not sign in elsewhere."""

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
            except SignInFailed as error:
                error.message = f"auxiliary tenant '{tenant}' refused: {error.message}"
                raise
        return tokens
