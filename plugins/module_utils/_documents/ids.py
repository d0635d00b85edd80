# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure resource ids as values.

azure.mgmt.core.tools reads any string leniently; here an id is refused unless it is whole and Azure could have given it, because options
take ids from users, and what an id names is written to and deleted.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"
VAULT = "Microsoft.KeyVault/vaults"
VAULT_CONNECTION = f"{VAULT}/privateEndpointConnections"
HSM = "Microsoft.KeyVault/managedHSMs"
NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE = "Microsoft.Network/privateDnsZones"
ZONE_LINK = f"{ZONE}/virtualNetworkLinks"
A_RECORD = f"{ZONE}/A"
VIRTUAL_MACHINE = "Microsoft.Compute/virtualMachines"
LOCK = "Microsoft.Authorization/locks"
ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
DIAGNOSTIC_SETTING = "Microsoft.Insights/diagnosticSettings"

# Limits and characters: "Naming rules and restrictions for Azure resources". No type allows these characters, a control character, a
# dot segment or more than 260 characters in a name; only some types of extension resources allow spaces inside it.
_LONGEST_ID = 2048
_LONGEST_NAME = 260
_NEVER = frozenset("<>%&\\?#")
_SPACED = frozenset({LOCK.casefold(), DIAGNOSTIC_SETTING.casefold()})
_NAMESPACE = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*\Z", re.IGNORECASE | re.ASCII)
_KIND = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9_-])?\Z", re.IGNORECASE | re.ASCII)


def is_segment(text: str, *, spaces: bool = False) -> bool:
    """Return whether a text can be a name in an id, of any type; spaces: also with spaces inside."""
    if not 0 < len(text) <= _LONGEST_NAME or text in (".", "..") or "/" in text or _NEVER.intersection(text):
        return False
    return text.isprintable() and (" " not in text or (spaces and text == text.strip()))


def is_namespace(text: str) -> bool:
    """Return whether a text can be the namespace of a resource provider."""
    return _is_word(_NAMESPACE, text)


def _is_word(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= _LONGEST_NAME and bool(pattern.match(text))


@dataclasses.dataclass(frozen=True)
class ResourceId:
    """The parts of an id: /subscriptions/S/resourceGroups/G/providers/NAMESPACE/type/name[/type/name...].

    of: for an extension resource, such as a lock of a vault, the resource that it is on; its id follows that one's:
    ID/providers/NAMESPACE/type/name. None where it is on a group or subscription, whose ids read like that anyway.
    """

    subscription: str
    resource_group: str | None
    type: str
    names: tuple[str, ...]
    of: ResourceId | None = None

    @classmethod
    def parse(cls, text: str) -> ResourceId | None:
        """Return the parts of the id of a resource, a resource group or a resource provider, or None where text is none of these."""
        found = cls.parse_scope(text)
        return None if found is None or found.type == SUBSCRIPTION_TYPE else found

    @classmethod
    def parse_scope(cls, text: str) -> ResourceId | None:
        """Return the parts of the id of a resource, a group or a subscription, or None where text is none of these."""
        if len(text) > _LONGEST_ID:
            return None
        segments = text.removesuffix("/").split("/")
        if len(segments) < 3 or segments[0] or segments[1].casefold() != "subscriptions" or not is_segment(segments[2]):
            return None
        subscription, rest = segments[2], segments[3:]
        if not rest or rest[0].casefold() != "resourcegroups":
            return cls(subscription, None, SUBSCRIPTION_TYPE, (subscription,))._beneath(rest)
        if len(rest) < 2 or not is_segment(rest[1]):
            return None
        return cls(subscription, rest[1], GROUP_TYPE, (rest[1],))._beneath(rest[2:])

    def _beneath(self, segments: t.Sequence[str]) -> ResourceId | None:
        """
        Return what further segments of an id name on this resource, group or subscription: providers/NAMESPACE/type/name..., and again.
        """
        if not segments:
            return self
        end = next((index for index in range(2, len(segments), 2) if segments[index].casefold() == "providers"), len(segments))
        kinds, names = segments[2:end:2], segments[3:end:2]
        if segments[0].casefold() != "providers" or len(segments) < 2 or not is_namespace(segments[1]) or len(kinds) != len(names):
            return None
        found = self.extension("/".join([segments[1], *kinds]), *names)
        if not names:  # a resource provider, which only a subscription has
            return found if self.type == SUBSCRIPTION_TYPE and end == len(segments) else None
        spaces = found.type.casefold() in _SPACED
        if found.is_type(GROUP_TYPE) or found.is_type(SUBSCRIPTION_TYPE):  # whose ids have a form of their own
            return None
        if not all(_is_word(_KIND, kind) for kind in kinds) or not all(is_segment(name, spaces=spaces) for name in names):
            return None
        return found._beneath(segments[end:])

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
        return ResourceId(
            self.subscription, self.resource_group, kind, names, None if self.type in (GROUP_TYPE, SUBSCRIPTION_TYPE) else self
        )

    def child(self, kind: str, name: str) -> ResourceId:
        """Return the id of a resource nested in this one."""
        return dataclasses.replace(self, type=f"{self.type}/{kind}", names=(*self.names, name))

    def named(self, name: str) -> ResourceId:
        """Return the id of a sibling."""
        return dataclasses.replace(self, names=(*self.names[:-1], name))

    def is_type(self, kind: str) -> bool:
        """Return whether the resource is of that type; Azure writes types in any case."""
        return self.type.casefold() == kind.casefold()


def subscription_scope(subscription: str) -> ResourceId:
    """Return the id of a subscription."""
    return ResourceId(subscription, None, SUBSCRIPTION_TYPE, (subscription,))


def group_scope(subscription: str, group: str) -> ResourceId:
    """Return the id of a resource group."""
    return ResourceId(subscription, group, GROUP_TYPE, (group,))


def same_id(one: str | None, other: str | None) -> bool:
    """Return whether two ids name one resource: without case, without a trailing slash."""
    return (one or "").rstrip("/").casefold() == (other or "").rstrip("/").casefold()
