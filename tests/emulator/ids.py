# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource ids: parsing, and names in them. Ids compare without case and keep the case they came with."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ID = re.compile(
    r"^/subscriptions/([^/]+)(?:/resourceGroups/([^/]+))?(?:/providers/.+)?/providers/([^/]+)((?:/[^/]+/[^/]+)+)$", re.IGNORECASE
)
EXTENSIONS = frozenset(
    {"microsoft.authorization/locks", "microsoft.authorization/roleassignments", "microsoft.insights/diagnosticsettings"}
)
"""Types that are on a resource, group or subscription; their ids follow its id."""


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A resource id taken apart: ``types`` and ``names`` run in parallel, outermost first; of an extension they are its own."""

    text: str
    subscription: str
    group: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        """The full type in lower case, such as ``microsoft.network/virtualnetworks/subnets``."""
        return "/".join((self.namespace, *self.types)).lower()

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def parent(self) -> str:
        """The id without its last type and name (of a top-level resource: its scope with the provider)."""
        return self.text.rsplit("/", 2)[0]


def parse(text: object) -> ResourceId | None:
    """The parts of a resource id; None where the text is not one."""
    found = _ID.match(text) if isinstance(text, str) else None
    if not found or not isinstance(text, str):
        return None
    parts = found[4].split("/")[1:]
    return ResourceId(text, found[1], found[2] or "", found[3], tuple(parts[::2]), tuple(parts[1::2]))


def name_of(resource_id: str) -> str:
    return resource_id.rsplit("/", 1)[-1]


def scope_of(resource_id: str) -> str:
    """What an extension resource is on: its id up to the last provider."""
    return resource_id[: resource_id.lower().rindex("/providers/")]


def same(left: object, right: object) -> bool:
    """Whether two ids name one resource."""
    return isinstance(left, str) and isinstance(right, str) and left.rstrip("/").lower() == right.rstrip("/").lower()


def is_below(resource_id: str, scope: str) -> bool:
    """Whether an id is the scope itself or something under it."""
    low, top = resource_id.lower(), scope.lower().rstrip("/")
    return low == top or low.startswith(top + "/")
