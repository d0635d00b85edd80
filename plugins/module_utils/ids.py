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
    r"(?:/providers/(?P<provider>[^/\s]+)(?P<path>(?:/(?!providers/)[^/\s]+/[^/\s]+)*))?/?\Z",
    re.IGNORECASE,
)
_SUBSCRIPTION = re.compile(r"^/subscriptions/(?P<subscription>[^/\s]+)/?\Z", re.IGNORECASE)
_EXTENDED = re.compile(r"^(?P<of>/subscriptions/.*/providers/.*)(?P<own>/providers/[^/\s]+(?:/[^/\s]+/[^/\s]+)+/?)\Z", re.IGNORECASE)
GROUP_TYPE = "Microsoft.Resources/resourceGroups"
SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"


@dataclasses.dataclass(frozen=True)
class ResourceId:
    """The parts of an id: /subscriptions/S/resourceGroups/G/providers/NAMESPACE/type/name[/type/name...].

    of: for an extension resource, such as a lock of a vault, the resource that it is on; its id follows that one's: ID/providers/NAMESPACE/type/name.
    None where it is on a group or subscription, whose ids read like that anyway.
    """

    subscription: str
    resource_group: str | None
    type: str
    names: tuple[str, ...]
    of: ResourceId | None = None

    @classmethod
    def parse(cls, text: str) -> ResourceId | None:
        """Return the parts of text, or None where it is no resource id."""
        extended = _EXTENDED.match(text)
        if extended:
            of, own = cls.parse(extended["of"]), _ID.match("/subscriptions/of" + extended["own"])
            parts = own["path"].split("/")[1:] if own else []
            return of.extension("/".join([own["provider"], *parts[::2]]), *parts[1::2]) if of and of.names and own else None
        found = _ID.match(text)
        if not found:
            return None
        if not found["provider"]:
            return cls(found["subscription"], found["group"], GROUP_TYPE, (found["group"],)) if found["group"] else None
        parts = (found["path"] or "").split("/")[1:]
        return cls(found["subscription"], found["group"], "/".join([found["provider"], *parts[::2]]), tuple(parts[1::2]))

    @classmethod
    def parse_scope(cls, text: str) -> ResourceId | None:
        """Return the parts of the id of a resource, a group or a subscription, or None where text is none of these."""
        found = _SUBSCRIPTION.match(text)
        return cls(found["subscription"], None, SUBSCRIPTION_TYPE, (found["subscription"],)) if found else cls.parse(text)

    def __str__(self) -> str:
        group = f"/resourceGroups/{self.resource_group}" if self.resource_group else ""
        if self.type in (GROUP_TYPE, SUBSCRIPTION_TYPE):
            return f"/subscriptions/{self.subscription}{group}"
        provider, *types = self.type.split("/")
        path = "".join(f"/{kind}/{name}" for kind, name in zip(types, self.names, strict=True))
        return f"{self.of or f'/subscriptions/{self.subscription}{group}'}/providers/{provider}{path}"

    @property
    def name(self) -> str:
        """Return the resource's own name, the last of the id."""
        return self.names[-1] if self.names else self.type

    @property
    def parent(self) -> ResourceId:
        """Return the id of the resource that this one is nested in."""
        return dataclasses.replace(self, type=self.type.rpartition("/")[0], names=self.names[:-1])

    @property
    def scope(self) -> ResourceId:
        """Return the id of the resource, group or subscription that this one is on."""
        if self.of:
            return self.of
        kind, name = (GROUP_TYPE, self.resource_group) if self.resource_group else (SUBSCRIPTION_TYPE, self.subscription)
        return ResourceId(self.subscription, self.resource_group, kind, (name,))

    def extension(self, kind: str, *names: str) -> ResourceId:
        """Return the id of an extension resource on this resource, group or subscription."""
        return ResourceId(self.subscription, self.resource_group, kind, names, None if self.type in (GROUP_TYPE, SUBSCRIPTION_TYPE) else self)

    def child(self, kind: str, name: str) -> ResourceId:
        """Return the id of a resource nested in this one."""
        return dataclasses.replace(self, type=f"{self.type}/{kind}", names=(*self.names, name))

    def named(self, name: str) -> ResourceId:
        """Return the id of a sibling."""
        return dataclasses.replace(self, names=(*self.names[:-1], name))

    def is_type(self, kind: str) -> bool:
        """Tell whether the resource is of that type; Azure writes types in any case."""
        return self.type.casefold() == kind.casefold()


def same_id(one: str | None, other: str | None) -> bool:
    """Tell whether two ids name one resource: without case, without a trailing slash."""
    return (one or "").rstrip("/").casefold() == (other or "").rstrip("/").casefold()
