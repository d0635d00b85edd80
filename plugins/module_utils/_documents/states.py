# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The four states of a connection, and what follows from each. Source: the guide's table of provisioning states."""

from __future__ import annotations

from .compare import Document

REJECTED = "Ask the owner of the target to approve it, or set recreate: true to delete this endpoint and request the connection again."
DISCONNECTED = (
    "The owner removed the connection; set recreate: true to delete and recreate this endpoint with the same address and name, "
    "or delete it with state: absent."
)
# What a task says that meets an endpoint which is of no use.
REFUSED = {"Rejected": REJECTED, "Disconnected": DISCONNECTED}
_GONE = "The target of the endpoint no longer exists; delete the endpoint with state: absent, or restore the target and set recreate: true."
# The words of Azure that this collection branches on, in the spelling that results and playbooks use.
_WORDS = (
    *("Approved", "Pending", "Rejected", "Disconnected"),
    *("Succeeded", "Failed", "Canceled", "Creating", "Updating", "Deleting", "RegisteringDns", "InProgress", "Completed"),
    *("Registered", "Registering", "NotRegistered", "Unregistered", "Unregistering"),
    *("Enabled", "Disabled", "SecuredByPerimeter", "Allow", "Deny", "AzureServices", "None"),
    *("ReadOnly", "CanNotDelete", "Basic", "Default", "NxDomainRedirect"),
)
_STEPS: dict[str, tuple[str, str]] = {
    "Pending": ("decide", "The owner of the target must approve or reject the request, for example with privatelink.azure.approve."),
    "Rejected": ("approve_or_recreate", REJECTED),
    "Disconnected": ("recreate_or_remove", DISCONNECTED),
}


def spelled(word: str | None) -> str | None:
    """Return a word of Azure in its usual spelling, whatever its case was when it was stored; an unknown word as it is."""
    return next((known for known in _WORDS if word is not None and known.casefold() == str(word).casefold()), word)


def next_step(state: str | None, provisioning_state: str | None = "Succeeded", *, gone: bool = False) -> Document:
    """Return next_step, a word to branch on, and hint, a sentence for people. gone: the target of the endpoint does not exist."""
    state, provisioning_state = spelled(state), spelled(provisioning_state)
    if gone:
        return {"next_step": "remove", "hint": _GONE}
    if state in _STEPS:
        step, hint = _STEPS[state]
        return {"next_step": step, "hint": hint}
    if provisioning_state in ("Failed", "Canceled"):
        return {"next_step": "repair", "hint": "Run the endpoint task again: a failed endpoint is written again."}
    if state != "Approved" or provisioning_state not in ("Succeeded", None):
        return {"next_step": "wait", "hint": "Azure is still working; check again later."}
    return {"next_step": "none", "hint": None}
