# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the SDK's errors to our own: one sentence with Azure's code, status and request id."""

from __future__ import annotations

import re
import typing as t

from .._documents import operations
from .._documents.compare import Document
from .._errors import ANSWER_LOST, ArmError, Problem, SignInFailed, Stopped, WaitTimeout
from .._hints import HINTS, PROXY_SIGN_IN, hint_for
from .._masking import unspoken
from . import sdk
from .answers import json_of, requested_pause

# How urllib3 names a connection, and how it did before its version 2.
_HOST = re.compile(r"HTTPS?Connection(?:Pool)?\(host='([^']*)', port=(\d+)\): ?")
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
_SENTENCES = re.compile(r"\. (?=[A-Z])")
_Kind = t.TypeVar("_Kind", bound=BaseException)
_LONGEST_REASON = 4000  # a refusal by Azure Policy quotes the policies


def reason(error: BaseException) -> str:
    """Return the cause of a failed connection in words, without the Python around them."""
    said = ": ".join(part.strip().rstrip(".") for part in _messages_of(getattr(error, "inner_exception", None) or error) if part.strip())
    return _OBJECT.sub("", _HOST.sub(r"\1:\2: ", " ".join(said.split()))) or type(error).__name__


# What fails in the same way at every attempt, by the words of the libraries, and what to do.
_UNFIXABLE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.IGNORECASE), hint)
    for words, hint in (
        (
            "certificate[ _]verify[ _]failed",
            "Trust the certificate authority of the server or proxy with REQUESTS_CA_BUNDLE; check the address and this host's clock.",
        ),
        (
            "tls ca certificate bundle|pem lib|no certificate or crl found",
            "Correct REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE): it names a file of PEM certificates.",
        ),
        ("tunnel connection failed: 407", PROXY_SIGN_IN),
        (
            "tunnel connection failed: 4",
            "The proxy refuses this host; let its owner allow it, or name the host in NO_PROXY.",
        ),
        (
            "no connection adapters|in header value",
            "Correct the variables that describe this host's identity (IDENTITY_ENDPOINT, IDENTITY_HEADER, MSI_ENDPOINT, MSI_SECRET).",
        ),
        (
            "failed to parse|unsupported scheme|dependencies for socks|check proxy url",
            "Correct HTTPS_PROXY, such as http://proxy.example:3128; a proxy of the kind socks5 needs the Python package PySocks.",
        ),
    )
)


def unfixable(error: BaseException) -> Stopped | None:
    """Return why no attempt can reach the server, None where another one may: a certificate, a proxy, the trusted certificates."""
    if lost_connection(error) is None:
        return None
    said = reason(error)
    hint = next((hint for words, hint in _UNFIXABLE if words.search(said)), None)
    return Stopped(f"no response from Azure ({one_line(said)})", code="ConnectionFailed", hint=hint) if hint else None


def _messages_of(error: BaseException) -> t.Iterator[str]:
    """Return what an error and the one inside it say, outermost first; requests and urllib3 keep the inner one among their arguments."""
    last = getattr(error, "reason", None)
    if isinstance(last, BaseException):  # of retries that ended, whose own words repeat it
        yield from _messages_of(last)
        return
    inner = next((item for item in error.args if isinstance(item, BaseException)), None)
    if inner is None:
        yield str(error)
        return
    yield from (item for item in error.args if isinstance(item, str))
    yield from _messages_of(inner)


def translate(error: t.Any, doing: str, resource_id: str | None = None) -> Problem:
    """Return any error of a call of the SDK as a value with Azure's code, status and request id."""
    stopped = within(error, Stopped)
    if stopped is not None:
        return _ended(stopped, doing, resource_id)
    if isinstance(error, sdk.NO_JSON) and (getattr(error, "status_code", None) or 200) < 400:  # a gateway's error may be no JSON either
        said = "nested too deeply to be read" if within(error, RecursionError) else "not JSON"
        message = f"Could not {doing}: the response is {said}, so it did not come from Azure"
        return ArmError(message, code="UnexpectedAnswer", resource_id=resource_id)
    if isinstance(error, sdk.HttpResponseError) and error.response is not None:
        return answered(error.response, f"Could not {doing}", resource_id, getattr(getattr(error, "error", None), "code", None))
    if not isinstance(error, sdk.AzureError):  # the SDK met a document that is none of Azure's
        said = f"{type(error).__name__}: {one_line(str(error))}"
        return ArmError(f"Could not {doing}: the response is not one of Azure ({said})", code="UnexpectedAnswer", resource_id=resource_id)
    return _unanswered(error, doing, resource_id)


def within(error: BaseException | None, kind: type[_Kind]) -> _Kind | None:
    """Return the error of a kind that an error is, or came from; azure-identity puts its own around ours."""
    for _depth in range(10):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _ended(stopped: Stopped, doing: str, resource_id: str | None) -> Problem:
    """Return why a request was not sent, or its answer not taken; where there was an answer before, that is the cause."""
    if isinstance(stopped, SignInFailed):
        return ArmError(
            f"Could not sign in to Azure to {doing}: {stopped.message}", code=stopped.code, status=stopped.status, hint=stopped.hint
        )
    message = f"Could not {doing}: {stopped.message}"
    if stopped.answer is not None:
        status = stopped.answer.status_code
        last = answered(stopped.answer, f"{message}; the last response was HTTP {status}", resource_id, None)
        hint = hint_for(last.codes, last.message, status=status) or HINTS["WaitTimeout"]
        late = WaitTimeout(last.message, code=last.code, status=status, request_id=last.request_id, resource_id=resource_id, hint=hint)
    elif stopped.code == "WaitTimeout":
        late = WaitTimeout(
            f"{message}, and Azure may still complete it" if stopped.in_flight else message, code=stopped.code, resource_id=resource_id
        )
    else:
        return ArmError(message, code=stopped.code, resource_id=resource_id, hint=stopped.hint)
    late.in_flight = stopped.in_flight
    return late


def _unanswered(error: t.Any, doing: str, resource_id: str | None) -> ArmError:
    lost = lost_connection(error)
    if lost is not None:
        details = (ANSWER_LOST,) if isinstance(lost, sdk.ServiceResponseError) else ()
        message = f"Could not {doing}: no response from Azure ({reason(lost)})"
        return ArmError(message, code="ConnectionFailed", resource_id=resource_id, details=details)
    return ArmError(f"Could not {doing}: {one_line(str(error.message or error))}", code=type(error).__name__, resource_id=resource_id)


def lost_connection(error: BaseException) -> BaseException | None:
    """Return the broken connection that an error is, or that azure-identity wrapped up in one."""
    return next(
        (cause for cause in (error, error.__cause__) if isinstance(cause, (sdk.ServiceRequestError, sdk.ServiceResponseError))), None
    )


def first_sentence(text: str) -> str:
    """Return the first sentence of what Entra ID says: the others guess."""
    return _SENTENCES.split(text)[0].rstrip(".")


def answered(response: t.Any, doing: str, resource_id: str | None, code: t.Any) -> ArmError:
    """
    Return an HTTP answer that is no success as an error. doing: how the message begins. code: the
    one that the SDK found, where the body has none.
    """
    body = json_of(response)
    answer: Document = body if isinstance(body, dict) else {}
    inner: Document = answer["error"] if isinstance(answer.get("error"), dict) else answer  # record sets answer without the wrapper
    if response.status_code < 400 and not operations.tells_an_end(body):
        return _unexpected(response, doing, resource_id)
    ended = operations.end_of_operation(body) if response.status_code < 400 else None  # what answered was an operation
    inner = operations.reason_in(body) if ended else inner
    found = (_code(inner), ended[1] if ended else None, one_line(code) if isinstance(code, str) else None)
    said = ended[0] if ended else _text(inner, "message") or _text(inner, "Message") or _text(inner, "error_description")
    said = said or f"Azure answered HTTP {response.status_code} without a reason"
    known, headers, details = (
        next((one for one in found if one), f"Http{response.status_code}"),
        response.headers,
        tuple(_detail_codes(inner)),
    )
    return ArmError(
        f"{doing}: {one_line(said)}",
        code=known,
        status=response.status_code,
        request_id=_request_id(headers),
        resource_id=resource_id,
        retry_after=requested_pause(headers),
        details=details,
        hint=hint_for((known, *details), said) or operations.AGAIN if ended else None,
        method=getattr(response.request, "method", None),
        ended=ended is not None,
    )


def _request_id(headers: t.Mapping[str, str]) -> str | None:
    """Return what Azure's support finds a request by."""
    return headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id")


def _unexpected(response: t.Any, doing: str, resource_id: str | None) -> ArmError:
    """Return an answer of success that Azure does not give to such a request, and that tells of no failure either."""
    method, empty = getattr(response.request, "method", None), "" if response.body() else " without a body"
    return ArmError(
        f"{doing}: the response (HTTP {response.status_code}{empty}) is not one of Azure",
        code="UnexpectedAnswer",
        status=response.status_code,
        request_id=_request_id(response.headers),
        resource_id=resource_id,
        method=method,
    )


def of_a_write(problem: Problem, error: BaseException, *, accepted: bool) -> Problem:
    """Return the problem of a write, which says so where Azure may have carried it out all the same.

    accepted: a first answer took the request. What Azure refused, or said to have ended, is told by that; so is what was not sent.
    """
    unknown = problem.code in ("UnexpectedAnswer", "UntrustedAddress") and within(error, SignInFailed) is None
    ended = isinstance(problem, ArmError) and problem.ended
    if not problem.in_flight and not ended and (accepted or unknown):
        problem.in_flight = True
        problem.message = f"{problem.message.rstrip('.')}; Azure may have completed it, or may still complete it"
    return problem


def _text(document: t.Any, name: str) -> str | None:
    """Return what a body says under a name, where it is text."""
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, str) else None


def _code(document: t.Any) -> str | None:
    """Return the code of a body, printable: it is repeated in messages and results."""
    found = _text(document, "code")
    return one_line(found) if found else None


def _detail_codes(inner: Document) -> t.Iterator[str]:
    details = inner.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict):
            code = _code(detail)
            yield from (code,) if code else ()
            yield from _detail_codes(detail)


def one_line(text: str) -> str:
    """Return text from elsewhere as a part of a sentence: on one line, printable, and not without end."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in unspoken(text)).split()).rstrip(".")
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]} …"
