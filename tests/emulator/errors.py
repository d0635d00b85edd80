# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure's error answers. Each dialect has its own shape: the gateway's, the network provider's, private DNS record sets'."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
NOT_FOUND_HELP = "For more details please go to https://aka.ms/ARMResourceNotFoundFix"


DEPTH = 64
"""How deep a body may be nested (unrecorded: the number, which is the reader's that Azure uses)."""


def read_json(data: bytes | str) -> Any:
    """A JSON text; a ValueError says what is wrong, also where it is nested deeper than anything that follows can bear."""
    try:
        found = json.loads(data)
    except RecursionError:
        raise ValueError(f"The reader's MaxDepth of {DEPTH} has been exceeded.") from None
    level, depth = [found], 0
    while level:
        if depth > DEPTH:
            raise ValueError(f"The reader's MaxDepth of {DEPTH} has been exceeded.")
        inner = (outer.values() if isinstance(outer, dict) else outer for outer in level if isinstance(outer, dict | list))
        level = list(itertools.chain.from_iterable(inner))
        depth += 1
    return found


class ArmError(Exception):
    """An error answer: ``{"error": {"code", "message"[, "details", ...]}}``; without the wrapper when ``wrapped`` is false."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[Json] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        wrapped: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.wrapped = wrapped
        self.error: Json = {"code": code, "message": message}
        if details is not None:
            self.error["details"] = details
        self.error.update(extra or {})

    @property
    def body(self) -> Json:
        return {"error": self.error} if self.wrapped else self.error


def network_error(
    status: int, code: str, message: str, *, details: list[Json] | None = None, inner: str = "", headers: Mapping[str, str] | None = None
) -> ArmError:
    """An error of Microsoft.Network: always with ``details``, also when empty (wire facts 10); ``inner``: its innerError."""
    return ArmError(status, code, message, details=details or [], extra={"innerError": inner} if inner else None, headers=headers)


def resource_not_found(type_and_name: str, group: str) -> ArmError:
    """The gateway's 404, such as for ``Microsoft.KeyVault/vaults/v``."""
    return ArmError(
        404, "ResourceNotFound", f"The Resource '{type_and_name}' under resource group '{group}' was not found. {NOT_FOUND_HELP}"
    )


def network_not_found(resource_id: str) -> ArmError:
    """The network provider's own 404 (wire facts 2 and 10)."""
    return network_error(404, "NotFound", f"Resource {resource_id} not found.")


def group_not_found(group: str) -> ArmError:
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def linked_invalid(value: object, path: str) -> ArmError:
    """The gateway's refusal of what is no id where a resource refers to another one."""
    return ArmError(
        400,
        "LinkedInvalidPropertyId",
        f"Property id '{value}' at path '{path}' is invalid. Expect fully qualified resource "
        f"Id that start with '/subscriptions/{{subscriptionId}}' or "
        "'/providers/{resourceProviderNamespace}/'.",
    )


def parent_not_found(verb: str, nested_type: str, parent_id: str) -> ArmError:
    """A write below a parent that is missing (wire facts 8)."""
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform '{verb}' on resource(s) of type '{nested_type}', because the parent resource '{parent_id}' could not be found.",
    )


def bad_request(code: str, message: str) -> ArmError:
    return ArmError(400, code, message)


NOT_SERVED = "EmulatorNotServed"


def not_served(what: str) -> ArmError:
    """The emulator's own refusal, never Azure's: 501, which no client asks again, and a code that Azure does not have."""
    message = f"The emulator does not serve {what}; Azure may. What it serves is listed in docs/emulator.md."
    return ArmError(501, NOT_SERVED, message)


def invalid_content(message: str) -> ArmError:
    return ArmError(400, "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{message}'.")
