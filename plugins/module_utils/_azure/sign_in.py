# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a sign-in failed: what Microsoft Entra ID, the host's managed identity or the Azure CLI said, as one cause, one code and one hint.

azure-identity and msal report less than they receive: of an answer that is no token they keep the name of
what they missed in it. So the last answer is kept here, whatever kind of credential asked.
"""

from __future__ import annotations

import json
import re
import typing as t

from .._errors import SignInFailed
from .._hints import HINTS
from .translate import first_sentence, one_line

_CODE = re.compile(r"\bAADSTS\d+")
# Entra ID's own trouble. Source: Microsoft Entra authentication and authorization error codes; "transient", "throttled", "try again".
_TRANSIENT = frozenset(f"AADSTS{number}" for number in (90006, 90012, 90024, 90025, 90033, 90055, 50196, 500572, 7000110))
_LOGIN_COMMAND = re.compile(r"""az login(?:\s+--?[a-z][\w-]*(?:[ =]+(?:"[^"\n]*"|'[^'\n]*'|[^\s`"'-][^\s`"']*))?)*""")
_MISSED = (
    AttributeError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)  # what msal ends with where an answer lacks something, or holds no number for one
_LONGEST_CAUSE = 100_000
_NO_JSON_OF_AZ = "Run 'az account get-access-token' as the user that runs this task, and correct what it prints beside the token."
_LATER = "The credentials are not the cause; run again later."
NO_ANSWER = "A proxy or its sign-in page may have answered instead; check HTTPS_PROXY and NO_PROXY. If there is no proxy, run again later."
_ADVICE = {
    "cli": "Sign in again with 'az login' as the user that runs this task, then run again.",
    "msi": HINTS["CredentialUnavailable"],
    "oidc_token": "Check client_id, tenant and oidc_token (AZURE_CLIENT_ID, AZURE_TENANT, AZURE_FEDERATED_TOKEN).",
    "oidc_token_file_path": "Check client_id, tenant and oidc_token_file_path (AZURE_CLIENT_ID, AZURE_TENANT, AZURE_FEDERATED_TOKEN_FILE).",
    "password": "Check ad_user, password and tenant (AZURE_AD_USER, AZURE_PASSWORD, AZURE_TENANT).",
    "x509_certificate_path": "Check client_id, tenant and the certificate (AZURE_CLIENT_ID, AZURE_TENANT, AZURE_X509_CERTIFICATE_PATH).",
}


class LastAnswer:
    """The answer that decided a sign-in: the hook that azure-identity's pipeline calls with each.

    msal looks around after a refusal, so it is the last one that was no success, where the same address did not do better afterwards.
    """

    def __init__(self) -> None:
        self._answers: dict[str, t.Any] = {}

    def __call__(self, response: t.Any) -> None:
        """Keep an answer."""
        address = str(response.http_response.request.url).partition("?")[0]
        self._answers.pop(address, None)
        self._answers[address] = response.http_response

    def forget(self) -> None:
        """Begin a new sign-in."""
        self._answers.clear()

    @property
    def _response(self) -> t.Any:
        newest_first = list(reversed(self._answers.values()))
        bad = (each for each in newest_first if each.status_code >= 400 or not isinstance(_json(each), dict))
        return next(bad, newest_first[0] if newest_first else None)

    @property
    def status(self) -> int | None:
        """Return the HTTP status, None without an answer."""
        return None if self._response is None else int(self._response.status_code)

    @property
    def host(self) -> str:
        """Return who answered."""
        return "" if self._response is None else str(self._response.request.url).partition("://")[2].partition("/")[0].rpartition("@")[2]

    @property
    def body(self) -> t.Any:
        """Return the JSON that came, None where it was none."""
        return _json(self._response)

    @property
    def shape(self) -> str:
        """Return what came instead of a token. Never its words: they may hold one."""
        try:
            text = self._response.text().strip()
        except Exception:  # as above
            text = ""
        if not text:
            return "an empty body"
        if text.startswith("<"):
            return "a web page"
        if isinstance(self.body, dict) and self.body.get("access_token"):
            return "an incomplete token"
        return "JSON without a token" if self.body is not None else "incomplete JSON" if text[0] in "{[" else "text that is not JSON"


def _json(response: t.Any) -> t.Any:
    try:
        return json.loads(response.text())
    except Exception:  # the text may not be text either; whatever it is, there is no JSON
        return None


def explained(error: Exception, source: str, last: LastAnswer) -> SignInFailed:
    """Return why a sign-in failed. source: that of the account. last: the answer that azure-identity got last."""
    raw = _said_by(error)
    if source == "cli" and (isinstance(error, _MISSED) or raw.startswith("Unexpected output")):
        return SignInFailed("the Azure CLI did not print a token as JSON alone", code="UnexpectedAnswer", hint=_NO_JSON_OF_AZ)
    unavailable = type(error).__name__ == "CredentialUnavailableError"  # azure-identity's: this host has no such identity
    body = last.body if isinstance(last.body, dict) else {}
    described = one_line(str(body.get("error_description") or body.get("error") or "")).partition(" Trace ID")[0].rstrip(".")
    found = _CODE.search(raw) or _CODE.search(described)
    code = found[0] if found else None
    who, status = f"the managed identity endpoint ({last.host})" if source == "msi" else f"Microsoft Entra ID ({last.host})", last.status
    if status is not None and (status in (408, 429) or status >= 500 or code in _TRANSIENT):
        said = f": {first_sentence(described)}" if described else ""
        return SignInFailed(f"{who} answered HTTP {status}{said}", code=code or "SignInUnavailable", status=status, hint=_LATER)
    if code in _TRANSIENT:  # the Azure CLI asked
        return SignInFailed(first_sentence(_cause(error)), code=code, hint=_LATER)
    if status is not None and not code and _is_no_answer(error, last, body) and (source != "msi" or status < 400):
        return SignInFailed(f"{who} answered HTTP {status} with {last.shape}", code="UnexpectedAnswer", status=status, hint=NO_ANSWER)
    cause = _cause(error)
    if source == "msi" and status is not None and status >= 400:
        reason = described or one_line(str(body.get("message") or ""))  # the latter is App Service's
        cause = f"the managed identity endpoint refused with HTTP {status}" + (f": {first_sentence(reason)}" if reason else "")
    elif described and source != "msi":
        cause = described
    if code in HINTS or (code and source == "cli"):  # which tell what to do better than Entra ID's further sentences, which guess
        cause = first_sentence(cause)
    hint = (
        _cli_hint(raw, unavailable)
        if source == "cli"
        else HINTS.get(code or "") or (HINTS["CredentialUnavailable"] if unavailable else _ADVICE.get(source))
    )
    return SignInFailed(cause, code=code or ("CredentialUnavailable" if unavailable else "AuthenticationFailed"), status=status, hint=hint)


def _said_by(error: Exception) -> str:
    """Return the words of an error, not without end: they may hold all that the Azure CLI printed."""
    return str(getattr(error, "message", None) or error)[:_LONGEST_CAUSE]


def _cause(error: Exception) -> str:
    """Return what was said, or what went wrong here where nothing was said."""
    said = one_line(_login_cause(error)) or f"no reason was given ({type(error).__name__})"
    return first_sentence(said) if said.startswith("Unable to get authority configuration") else said


def _login_cause(error: Exception) -> str:
    """Return what Entra ID says, without its trace ids and the SDK's guesses."""
    return " ".join(_said_by(error).split()).partition(" Trace ID")[0].rpartition("Authentication failed: ")[2]


def _is_no_answer(error: Exception, last: LastAnswer, body: dict[str, t.Any]) -> bool:
    """Return whether the last answer is neither a token nor a refusal in Entra ID's form; managed identities refuse differently."""
    if "error" in body:
        return False
    if not isinstance(last.body, dict) or 300 <= (last.status or 0) < 400:  # nobody follows a redirect with credentials
        return True
    said = one_line(_login_cause(error))
    missed = isinstance(error, _MISSED) or isinstance(error.__cause__, _MISSED) or said in ("", "None")
    return (last.status or 0) >= 400 or missed or "AuthenticationRecord" in said or said.startswith("Unexpected response")


def _cli_hint(raw: str, unavailable: bool) -> str:
    """Return the Azure CLI's own advice, as it gives it: with tenant and scope."""
    command = max((found[0].rstrip(".,") for found in _LOGIN_COMMAND.finditer(raw)), key=len, default="")
    if "--" in command:
        return f"Sign in again as the user that runs this task, as the Azure CLI says: {command}"
    return HINTS["CredentialUnavailable"] if unavailable else _ADVICE["cli"]
