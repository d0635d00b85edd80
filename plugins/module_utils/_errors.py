# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as values: every failure of this collection is a Problem with named fields."""

from __future__ import annotations

import re
import typing as t
import unicodedata

from ._masking import unspoken

# A lock that another operation holds: waited out, never a failure by itself. Also found inside operations that answered HTTP 200.
_LOCKS = frozenset(
    {
        "RetryableError",
        "RetryableErrorDueToAnotherOperation",
        "ReferencedResourceNotProvisioned",
        "AnotherOperationInProgress",
        "CanceledAndSupersededDueToAnotherOperation",
        "ConflictError",
    }
)
_THROTTLES = frozenset({"TooManyRequests", "SubscriptionRequestsThrottled", "ResourceRequestsThrottled"})
# A deletion refused because of what is nested in the resource or uses it; Azure goes on saying so for a while after that is gone.
_IN_USE = frozenset({"CannotDeleteResource", "InUseSubnetCannotBeDeleted", "InUsePrefixCannotBeDeleted", "NicInUse"})
# The request went out and the connection broke: whether it was carried out shows only when the resource is read again.
ANSWER_LOST = "AnswerLost"
# ARM's caches lag behind a resource that was just made, for seconds; after that it is not there.
_LAGS = frozenset({"InvalidPrivateLinkServiceId"})


# Longest echo of a value, longest quotation that a message keeps whole (the longest ids of Azure are shorter), and longest messages.
_ECHO = 100
_QUOTATION = 400
_MESSAGE = 8000
_OPTION_MESSAGE = 2000


def printable(text: str) -> str:
    """Return a text on one line; what cannot be printed, such as a line break, is shown as its escape sequence."""
    return re.sub(r"[^\x20-\x7e]+", lambda found: "".join(map(_printable_sign, found[0])), text)


def _printable_sign(sign: str) -> str:
    if sign.isprintable():
        return sign
    return " " if unicodedata.category(sign) == "Zs" else sign.encode("unicode_escape").decode("ascii")


def echoed(value: t.Any, longest: int = _ECHO) -> str:
    """Return a value as a message may repeat it: printable, and shortened."""
    text = unspoken(str(value))
    return printable(text) if len(text) <= longest else f"{printable(text[:longest])}..."


def _bounded(text: str, longest: int) -> str:
    """Return a text without its middle where it is too long: the beginning names the matter, the end says what to do."""
    text = unspoken(text) if len(text) > longest else text
    return text if len(text) <= longest else f"{text[: longest // 2]} ... {text[-longest // 2 :]}"


class Problem(Exception):
    """A failure in one sentence, with the fields that a playbook can branch on.

    Fields: code (Azure's or our own error code), status (HTTP status), request_id (Azure's, for a support
    ticket), resource_id, hint (what to do next), option (the module option to correct). Unknown ones are None.
    in_flight: a write was under way, which Azure may have carried out, or may still.
    """

    in_flight: bool = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        resource_id: str | None = None,
        hint: str | None = None,
        option: str | None = None,
    ) -> None:
        message = printable(re.sub(r"\s*[\r\n\t]+\s*", " ", _bounded(message, _MESSAGE)))
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.request_id = request_id
        self.resource_id = resource_id
        self.hint = hint
        self.option = option

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes that say what happened, outermost first."""
        return (self.code,) if self.code else ()

    @property
    def of_a_read(self) -> bool:
        """Return whether it answers a request that changes nothing."""
        return False

    def fields(self) -> dict[str, t.Any]:
        """Return the fields of a failed task's result."""
        fields = {
            "code": self.code,
            "status": self.status,
            "request_id": self.request_id,
            "resource_id": self.resource_id,
            "hint": self.hint,
        }
        return {**fields, "option": self.option} if self.option else fields


class OptionError(Problem):
    """An option whose value cannot be right; raised before anything is written."""

    def __init__(self, option: str, message: str, *, hint: str | None = None, resource_id: str | None = None) -> None:
        short = printable(re.sub(rf"'([^']{{{_QUOTATION},}})'", lambda found: f"'{echoed(found[1])}'", message))
        shown_id = None if resource_id is None else echoed(resource_id, _QUOTATION)
        super().__init__(
            f"{option}: {_bounded(short, _OPTION_MESSAGE)}", code="InvalidOption", option=option, hint=hint, resource_id=shown_id
        )


class ArmError(Problem):
    """An answer of Azure that is not a success.

    retry_after: seconds that Azure asked to wait, where it did. details: codes found deeper in the answer, outermost first.
    method: the HTTP method of the request, where an answer came. ended: it says that an operation has ended, badly.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        details: tuple[str, ...] = (),
        method: str | None = None,
        ended: bool = False,
        **fields: t.Any,
    ) -> None:
        super().__init__(message, **fields)
        self.retry_after = retry_after
        self.details = details
        self.method = method
        self.ended = ended

    @property
    def of_a_read(self) -> bool:
        """Return whether it answers a request that changes nothing."""
        return self.method in ("GET", "HEAD")

    @property
    def word(self) -> str:
        """Return the error in a word: its code, or its status where it has none."""
        return str(self.code or f"HTTP {self.status}")

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the error's own code followed by those of its details."""
        return ((self.code,) if self.code else ()) + self.details


class WaitTimeout(Problem):
    """A bounded wait that ran out."""


class Stopped(Problem):
    """A request that this collection did not send, or whose answer it did not take: message is the
    reason, without what the request was for.

    answer: the last HTTP answer to the same request, where it is the cause.
    """

    def __init__(self, message: str, *, answer: t.Any = None, in_flight: bool = False, **fields: t.Any) -> None:
        super().__init__(message, **fields)
        self.answer = answer
        self.in_flight = in_flight


class SignInFailed(Stopped):
    """There is no token: message is what the one who gives them said, without what the token was for."""


def internal(error: Exception, what: str) -> Problem:
    """Return an unexpected error as a Problem with the error as its cause. what: the work that it ended."""
    problem = Problem(
        f"An internal error ended {what} ({echoed(f'{type(error).__name__}: {error}')})",
        code="InternalError",
        hint="Please report it to the collection's issue tracker with the traceback in exception of the task's result.",
    )
    problem.__cause__ = error
    return problem


def is_missing(error: Problem) -> bool:
    """Return whether an answer says that a resource or its parent is not there; an unknown subscription is a mistake instead."""
    return error.status == 404 and error.code not in (
        "SubscriptionNotFound",
        "InvalidSubscriptionId",
        "InvalidResourceType",
        "InvalidResourceNamespace",
    )


def is_conflict(error: ArmError) -> bool:
    """Return whether another writer was faster (If-Match, If-None-Match): read again and decide again."""
    return error.status == 412 or "PreconditionFailed" in error.codes


def is_passing(error: ArmError) -> bool:
    """Return whether an error is transient: a lock, a throttle, a gateway error."""
    if "deleted state" in error.message:  # the same code as a lock: a soft-deleted vault holds the name
        return False
    return bool((_LOCKS | _THROTTLES | {ANSWER_LOST}).intersection(error.codes)) or error.status in (429, 502, 503, 504)


def is_throttle(error: ArmError) -> bool:
    """
    Return whether Azure refused a request because of how many there were; a lock that answers with the same status says nothing of that.
    """
    return error.status == 429 and not _LOCKS.intersection(error.codes)


def is_throttle_of_a_provider(error: ArmError) -> bool:
    """Return whether a resource provider's own limit is reached, not one of Resource Manager."""
    return "ResourceRequestsThrottled" in error.codes


def is_lag(error: ArmError) -> bool:
    """Return whether an error may come from a cache that does not know yet what was just made: worth some seconds, and no more."""
    return bool(_LAGS.intersection(error.codes))


def may_be_done(error: ArmError) -> bool:
    """Return whether a write may have been carried out although its answer says otherwise, or never came."""
    return ANSWER_LOST in error.codes or error.status in (500, 502, 503, 504)


def is_in_use(error: ArmError) -> bool:
    """Return whether a deletion was refused because of nested or using resources, which may be gone already."""
    return bool(_IN_USE.intersection(error.codes))
