# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private DNS zones."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId, same_id
from .._errors import OptionError, Problem
from .resource import Known, Observed, Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.world import World

_SHOWN = 100  # names in a diff
# Source: Azure Resource Manager, tag-resources, limitations: DNS takes no spaces, no digit first, no special
# and no Unicode characters. Which are special it does not say; these three are in wide use.
_TAG_NAME = re.compile(r"[A-Za-z_.-][A-Za-z0-9_.-]*")


@dataclasses.dataclass(frozen=True)
class ObservedZone(Observed):
    """Of a zone that is to go, its links and the names of its records, each with its type before it."""

    links: tuple[Document, ...] = ()
    records: tuple[str, ...] = ()


class PrivateDnsZone(Resource):
    """A private DNS zone. Source: REST reference, Private DNS - Private Zones."""

    kind = kinds.ZONE
    key = "private_dns_zone"
    observation = ObservedZone
    read_only = (
        "properties.maxNumberOfRecordSets",
        "properties.maxNumberOfVirtualNetworkLinks",
        "properties.maxNumberOfVirtualNetworkLinksWithRegistration",
        "properties.numberOfRecordSets",
        "properties.numberOfVirtualNetworkLinks",
        "properties.numberOfVirtualNetworkLinksWithRegistration",
        "properties.internalId",
    )
    etag_in = "header"

    def __init__(self, resource_id: ResourceId, desired: Document | None, **keywords: t.Any) -> None:
        super().__init__(resource_id, desired, **keywords)
        refuse_tag_names(self.tags, self.option_of("tags"))

    def read(self, world: World, known: Known) -> Observed:
        """Read the zone, and for a removal also its record sets and links."""
        found = self.fetch(world, self.id)
        if found is None or self.desired is not None:
            return self.found(found)
        doing = f"list the contents of {self.label}"
        links = world.list(kinds.ZONE_LINK, self.id, doing=doing)
        sets = world.list(kinds.RECORD, self.id, doing=doing)
        named = [(each["name"], str(each.get("type", "")).rpartition("/")[2]) for each in sets]
        return self.found(found, links=tuple(links), records=tuple(f"{kind} {name}" for name, kind in named if kind != "SOA"))

    def remains(self, observed: Observed) -> Document:
        """Name the records that go with the zone."""
        records = t.cast(ObservedZone, observed).records
        more = [f"and {len(records) - _SHOWN} more"] if len(records) > _SHOWN else []
        return {**super().remains(observed), **({"recordSets": [*records[:_SHOWN], *more]} if records else {})}

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse to delete a zone with a link that stays, before anything is written: Azure deletes no linked zone."""
        if plan.action != "delete":
            return
        links = t.cast(ObservedZone, observed).links
        current = [
            str(at(link, "properties.virtualNetwork.id")) for link in links if not self._is_removed_with(link) and self._exists(world, link)
        ]
        if current:
            raise Problem(
                f"{self.label} is still linked to {', '.join(current)}",
                code="ZoneIsLinked",
                resource_id=str(self.id),
                hint="Delete these virtual network links first, if they are no longer needed.",
            )

    def _is_removed_with(self, link: Document) -> bool:
        networks = (each.network for each in self.leaving if same_id(str(each.id.parent), str(self.id)))
        return self.is_leaving(link["id"]) or any(
            network and same_id(network, at(link, "properties.virtualNetwork.id")) for network in networks
        )

    def _exists(self, world: World, link: Document) -> bool:
        """Lists may lag behind a removal."""
        place = self.id.child("virtualNetworkLinks", link["name"])
        return world.get(kinds.ZONE_LINK, place, doing=f"read virtual network link '{link['name']}' of {self.label}") is not None


def refuse_tag_names(tags: t.Mapping[str, str] | None, option: str) -> None:
    """Refuse names of tags that Azure's private DNS takes and drops without a word."""
    wrong = [name for name in tags or {} if not _TAG_NAME.fullmatch(name)]
    if wrong:
        names = ", ".join(f"'{name}'" for name in wrong)
        raise OptionError(
            option,
            f"{names} is not a valid name of a tag of a private DNS zone or link, Azure drops it; "
            "use letters, digits, '-', '_' and '.', not starting with a digit.",
        )
