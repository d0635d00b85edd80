# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure says of a long-running operation that ended badly, in whatever shape. Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import typing as t

from .compare import Document, at

BAD_ENDS = ("Failed", "Canceled", "Cancelled")
AGAIN = "Check the activity log of the resource for the reason, then run again: what failed is repeated."
# Where answers hold the state of an operation, or of the resource that it works on, and where they hold its reason.
_STATES = ("status", "properties.provisioningState", "properties.status", "provisioningState")
_REASONS = ("error", "properties.error", "properties.provisioningError", "properties.statusMessage", "statusMessage")


def state_in(body: t.Any) -> str:
    """Return the state in which an operation ended, 'Failed' where its answer does not say."""
    return next(iter(_bad_ends_in(body)), "Failed")


def tells_an_end(body: t.Any) -> bool:
    """Return whether an answer of success is that of a failed operation: it says that it ended badly, or why."""
    return bool(_bad_ends_in(body)) or bool(reason_in(body))


def _bad_ends_in(body: t.Any) -> list[str]:
    said = [at(body, path) for path in _STATES]
    return [state for state in said if isinstance(state, str) and state.casefold() in [bad.casefold() for bad in BAD_ENDS]]


def reason_in(body: t.Any) -> Document:
    """Return code, message and details of the error in an operation's answer or in a resource, as far as it has them."""
    for path in _REASONS:
        found = at(body, path)
        while isinstance(found, dict) and isinstance(found.get("error"), dict):
            found = found["error"]
        if isinstance(found, str) and found.strip():
            return {"message": found}
        if isinstance(found, dict) and (found.get("code") or found.get("message") or found.get("Message")):
            return found
    return body if isinstance(body, dict) and (body.get("code") or body.get("message")) else {}


def end_of_operation(body: t.Any) -> tuple[str, str]:
    """Return the text for a failed operation, and its code, also if Azure returns none."""
    state, reason = state_in(body), reason_in(body)
    said = next((reason[name] for name in ("message", "Message") if isinstance(reason.get(name), str) and reason[name].strip()), "")
    because = f": {' '.join(said.split()).rstrip('.')}" if said else "" if reason.get("code") else " and gave no reason"
    return f"Azure ended the operation as '{state}'{because}", f"Provisioning{state}"
