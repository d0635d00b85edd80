# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as values: every failure of this collection is a Problem with named fields."""

from __future__ import annotations

import typing as t


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
