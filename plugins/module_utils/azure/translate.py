# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the SDK's errors to our own: one sentence with Azure's code, status and request id."""

from __future__ import annotations

import re
import typing as t

from .. import operations
from ..compare import Document
from ..errors import ANSWER_LOST, ArmError, Problem
from ..hints import HINTS, hint_for
from . import sdk

# How urllib3 names a connection, and how it did before its version 2.
_HOST = re.compile(r"HTTPS?Connection(?:Pool)?\(host='([^']*)', port=(\d+)\): ?")
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
_SENTENCES = re.compile(r"\. (?=[A-Z])")


def retry_after(headers: t.Mapping[str, str]) -> float | None:
    """Return the pause that a server asks for in seconds, from either of the headers that Azure uses."""
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("Retry-After", 1.0)):
        try:
            return float(headers[name]) * unit
        except (KeyError, TypeError, ValueError):
            continue
    return None


def reason(error: BaseException) -> str:
    """Return the cause of a failed connection in words, without the Python around them."""
    said = ": ".join(part.strip().rstrip(".") for part in _told(getattr(error, "inner_exception", None) or error) if part.strip())
    return _OBJECT.sub("", _HOST.sub(r"\1:\2: ", " ".join(said.split()))) or type(error).__name__


def _told(error: BaseException) -> t.Iterator[str]:
    """Return what an error and the one inside it say, outermost first; requests and urllib3 keep the inner one among their arguments."""
    last = getattr(error, "reason", None)
    if isinstance(last, BaseException):  # of retries that ended, whose own words repeat it
        yield from _told(last)
        return
    inner = next((item for item in error.args if isinstance(item, BaseException)), None)
    if inner is None:
        yield str(error)
        return
    yield from (item for item in error.args if isinstance(item, str))
    yield from _told(inner)


def translate(error: t.Any, doing: str, resource_id: str | None) -> Problem:
    """Return any error of the SDK as a value with Azure's code, status and request id."""
    if isinstance(error, sdk.NO_JSON) and (getattr(error, "status_code", None) or 200) < 400:  # a gateway's error may be no JSON either
        return ArmError(f"Could not {doing}: what answered is not Azure, which would send JSON", code="UnexpectedAnswer", resource_id=resource_id)
    if isinstance(error, sdk.HttpResponseError) and error.response is not None and not _from_login(error):
        return _answered(error, doing, resource_id)
    unavailable = type(error).__name__ == "CredentialUnavailableError"  # azure-identity's: the host's own identities, not a cloud that is out of reach
    causes = () if unavailable else (error, error.__cause__)
    lost = next((cause for cause in causes if isinstance(cause, (sdk.ServiceRequestError, sdk.ServiceResponseError))), None)
    if lost is not None:
        details = (ANSWER_LOST,) if isinstance(lost, sdk.ServiceResponseError) else ()
        message = f"Could not {doing}: no answer came from Azure ({reason(lost)})"
        return ArmError(message, code="ConnectionFailed", resource_id=resource_id, details=details)
    text = " ".join(str(error.message or error).split())
    if isinstance(error, sdk.ClientAuthenticationError):
        kind = "CredentialUnavailable" if unavailable else "AuthenticationFailed"
        code = next((word.rstrip(":") for word in text.split() if word.startswith("AADSTS")), kind)
        cause = login_cause(error)
        if code in HINTS:  # which tells what to do better than Entra ID's further sentences, which guess
            cause = _SENTENCES.split(cause)[0]
        return ArmError(f"Could not sign in to Azure to {doing}: {cause}", code=code, status=getattr(error, "status_code", None))
    return ArmError(f"Could not {doing}: {text}", code=type(error).__name__, resource_id=resource_id)


def login_cause(error: t.Any) -> str:
    """Return what Entra ID or the host's identity endpoint says, without its trace ids and the SDK's guesses."""
    said = " ".join(str(error.message or error).split()).partition(" Trace ID")[0].rpartition("Authentication failed: ")[2]
    before, refused, reason = said.partition("Token request error: ")
    return f"the managed identity endpoint refused: {reason}" if refused else before


def _from_login(error: t.Any) -> bool:
    return isinstance(error, sdk.ClientAuthenticationError) and "AADSTS" in str(error.message)


def _answered(error: t.Any, doing: str, resource_id: str | None) -> ArmError:
    response = error.response
    try:
        body = response.json()
    except (ValueError, sdk.AzureError):
        body = None
    told: Document = body if isinstance(body, dict) else {}
    inner: Document = told["error"] if isinstance(told.get("error"), dict) else told  # record sets answer without the wrapper
    ended = operations.told_end(body) if response.status_code < 400 else None  # what answered was an operation
    inner = operations.reason_in(body) if ended else inner
    given = getattr(getattr(error, "error", None), "code", None) or f"Http{response.status_code}"
    code = inner.get("code") or (ended[1] if ended else given)
    said = ended[0] if ended else inner.get("message") or inner.get("Message") or f"Azure answered HTTP {response.status_code} without a reason"
    headers, details = response.headers, tuple(_detail_codes(inner))
    return ArmError(
        f"Could not {doing}: {_one_line(str(said))}",
        code=code,
        status=response.status_code,
        request_id=headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id"),
        resource_id=resource_id,
        retry_after=retry_after(headers),
        details=details,
        hint=hint_for((code, *details), str(said)) or operations.AGAIN if ended else None,
    )


def _detail_codes(inner: Document) -> t.Iterator[str]:
    for detail in inner.get("details") or []:
        if isinstance(detail, dict):
            if detail.get("code"):
                yield str(detail["code"])
            yield from _detail_codes(detail)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
