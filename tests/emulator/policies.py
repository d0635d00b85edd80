# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure Policy's Deny and Modify, and what a service drops of a write: which writes are refused, and which are stored as something else.

A rule is ``{"path": regular expression, searched without case, "effect": "deny" or "modify", "name": of
the assignment, "overlay": document}``. Modify lays its overlay over the body of a write before the
provider sees it, and the answer is as if that had been sent; null drops a property.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from emulator.errors import ArmError, Json

if TYPE_CHECKING:
    from emulator.wire import Call

EFFECTS = ("deny", "modify")
DENIED = "RequestDisallowedByPolicy"


def overlay(document: Any, wanted: Any) -> Any:
    """A document with another laid over it; null removes a key (RFC 7396)."""
    if not isinstance(wanted, dict):
        return copy.deepcopy(wanted)
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in wanted.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = overlay(result.get(name), value)
    return result


def _met(rules: Iterable[Json], path: str, effect: str) -> list[Json]:
    return [rule for rule in rules if rule["effect"] == effect and re.search(rule["path"], path, re.IGNORECASE)]


def denial(rules: Iterable[Json], resource: str) -> Json | None:
    """The error with which a write of a resource is refused, None where it is not. Second-hand: its text, shortened."""
    met = _met(rules, resource, "deny")
    if not met:
        return None
    name = resource.rpartition("/")[2]
    identifiers = ",".join(f'{{"policyAssignment":{{"name":"{rule.get("name", "deny")}"}}}}' for rule in met)
    message = f"Resource '{name}' was disallowed by policy. Policy identifiers: '[{identifiers}]'."
    info = [{"type": "PolicyViolation", "info": {"policyAssignmentName": rule.get("name", "deny")}} for rule in met]
    return {"code": DENIED, "target": name, "message": message, "additionalInfo": info}


def apply(rules: Iterable[Json], call: Call) -> None:
    """Refuse a write or change its body, as the rules have it."""
    if call.method not in ("PUT", "PATCH"):
        return
    refused = denial(rules, call.id)
    if refused:
        extra = {"target": refused["target"], "additionalInfo": refused["additionalInfo"]}
        raise ArmError(403, DENIED, refused["message"], extra=extra)
    for rule in _met(rules, call.id, "modify"):
        call.body = overlay(call.body, rule.get("overlay") or {})
