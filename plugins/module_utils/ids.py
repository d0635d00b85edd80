# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure resource ids as values.

azure.mgmt.core.tools reads any string leniently; here an id is refused unless it is whole, because options take ids from users.
"""

from __future__ import annotations

import dataclasses
import re

_ID = re.compile(
    r"^/subscriptions/(?P<subscription>[^/\s]+)"
    r"(?:/resourceGroups/(?P<group>[^/\s]+))?"
    r"(?:/providers/(?P<provider>[^/\s]+)(?P<path>(?:/[^/\s]+/[^/\s]+)*))?/?\Z",
    re.IGNORECASE,
)
GROUP_TYPE = "Microsoft.Resources/resourceGroups"


@dataclasses.dataclass(frozen=True)
class ResourceId:
    """The parts of an id: /subscriptions/S/resourceGroups/G/providers/NAMESPACE/type/name[/type/name...]."""

    subscription: str
    resource_group: str | None
    type: str
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> ResourceId | None:
        """Return the parts of text, or None where it is no resource id."""
        found = _ID.match(text)
        if not found:
            return None
        if not found["provider"]:
            return cls(found["subscription"], found["group"], GROUP_TYPE, (found["group"],)) if found["group"] else None
        parts = (found["path"] or "").split("/")[1:]
        return cls(found["subscription"], found["group"], "/".join([found["provider"], *parts[::2]]), tuple(parts[1::2]))

    def __str__(self) -> str:
        group = f"/resourceGroups/{self.resource_group}" if self.resource_group else ""
        if self.type == GROUP_TYPE:
            return f"/subscriptions/{self.subscription}{group}"
        provider, *types = self.type.split("/")
        path = "".join(f"/{kind}/{name}" for kind, name in zip(types, self.names, strict=True))
        return f"/subscriptions/{self.subscription}{group}/providers/{provider}{path}"

    @property
    def name(self) -> str:
        """Return the resource's own name, the last of the id."""
        return self.names[-1] if self.names else self.type

    @property
    def parent(self) -> ResourceId:
        """Return the id of the resource that this one is nested in."""
        return ResourceId(self.subscription, self.resource_group, self.type.rpartition("/")[0], self.names[:-1])

    def child(self, kind: str, name: str) -> ResourceId:
        """Return the id of a resource nested in this one."""
        return ResourceId(self.subscription, self.resource_group, f"{self.type}/{kind}", (*self.names, name))

    def named(self, name: str) -> ResourceId:
        """Return the id of a sibling."""
        return dataclasses.replace(self, names=(*self.names[:-1], name))

    def is_type(self, kind: str) -> bool:
        """Tell whether the resource is of that type; Azure writes types in any case."""
        return self.type.casefold() == kind.casefold()


def same_id(one: str | None, other: str | None) -> bool:
    """Tell whether two ids name one resource: without case, without a trailing slash."""
    return (one or "").rstrip("/").casefold() == (other or "").rstrip("/").casefold()
