# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as values: every failure of this collection is a Problem with named fields."""

from __future__ import annotations

import typing as t

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
# ARM's caches lag behind a resource that was just made.
_LAGS = frozenset({"InvalidPrivateLinkServiceId"})


class Problem(Exception):
    """A failure told in one sentence, with the fields that a playbook can branch on.

    Fields: code (Azure's or our own error code), status (HTTP status), request_id (Azure's, for a support
    ticket), resource_id, hint (what to do next), option (the module option to correct). Unknown ones are None.
    """

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
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.request_id = request_id
        self.resource_id = resource_id
        self.hint = hint
        self.option = option

    def fields(self) -> dict[str, t.Any]:
        """Return the fields of a failed task's result."""
        told = {"code": self.code, "status": self.status, "request_id": self.request_id, "resource_id": self.resource_id, "hint": self.hint}
        return {**told, "option": self.option} if self.option else told


class OptionError(Problem):
    """An option whose value cannot be right; raised before anything is written."""

    def __init__(self, option: str, message: str, *, hint: str | None = None, resource_id: str | None = None) -> None:
        super().__init__(f"{option}: {message}", code="InvalidOption", option=option, hint=hint, resource_id=resource_id)


class ArmError(Problem):
    """An answer of Azure that is not a success.

    retry_after: seconds that Azure asked to wait, where it did. details: codes found deeper in the answer, outermost first.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, details: tuple[str, ...] = (), **fields: t.Any) -> None:
        super().__init__(message, **fields)
        self.retry_after = retry_after
        self.details = details

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the error's own code followed by those of its details."""
        return ((self.code,) if self.code else ()) + self.details


class WaitTimeout(Problem):
    """A bounded wait that ran out."""


def is_missing(error: Problem) -> bool:
    """Tell whether an answer says that a resource or its parent is not there; an unknown subscription is a mistake instead."""
    return error.status == 404 and error.code not in ("SubscriptionNotFound", "InvalidSubscriptionId", "InvalidResourceType", "InvalidResourceNamespace")


def is_conflict(error: ArmError) -> bool:
    """Tell whether another writer was faster (If-Match, If-None-Match): read again and decide anew."""
    return error.status == 412 or "PreconditionFailed" in error.codes


def is_passing(error: ArmError) -> bool:
    """Tell whether an error goes away by itself: a lock, a throttle, a lagging cache, a gateway's trouble."""
    if "deleted state" in error.message:  # the same code as a lock: a soft-deleted vault holds the name
        return False
    return bool((_LOCKS | _THROTTLES | _LAGS | {ANSWER_LOST}).intersection(error.codes)) or error.status in (429, 502, 503, 504)


def may_be_done(error: ArmError) -> bool:
    """Tell whether a write may have been carried out although its answer says otherwise, or never came."""
    return ANSWER_LOST in error.codes or error.status in (500, 502, 503, 504)


def is_in_use(error: ArmError) -> bool:
    """Tell whether a deletion was refused because of nested or using resources, which may be gone already."""
    return bool(_IN_USE.intersection(error.codes))
