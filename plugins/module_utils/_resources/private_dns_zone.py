# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private DNS zones."""

from __future__ import annotations

import re
import typing as t

from .._documents.compare import Document, at
from .._documents.ids import ZONE, ResourceId, same_id
from .._errors import OptionError, Problem
from .resource import Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

_SHOWN = 100  # names in a diff
# Source: Azure Resource Manager, tag-resources, limitations: DNS takes no spaces, no digit first, no special and no Unicode characters. Which are
# special it does not say; these three are in wide use.
_TAG_NAME = re.compile(r"[A-Za-z_.-][A-Za-z0-9_.-]*")


class PrivateDnsZone(Resource):
    """A private DNS zone. Source: REST reference, Private DNS - Private Zones."""

    type = ZONE
    title = "private DNS zone"
    key = "private_dns_zone"
    operations = "privatedns.private_zones"
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
        refuse_tag_names(self.tags)
        self._links: list[Document] = []
        self._records: list[str] = []

    def read(self, arm: Arm) -> Document | None:
        """Read the zone; of one that goes, all that goes with it."""
        found = super().read(arm)
        if found and self.desired is None:
            doing = f"list the contents of {self.label}"
            self._links = arm.list(self.id.subscription, "privatedns.virtual_network_links.list", *self.arguments, doing=doing)
            sets = arm.list(self.id.subscription, "privatedns.record_sets.list", *self.arguments, doing=doing)
            kinds = [(each["name"], str(each.get("type", "")).rpartition("/")[2]) for each in sets]
            self._records = [f"{kind} {name}" for name, kind in kinds if kind != "SOA"]
        return found

    def remains(self, actual: Document | None) -> Document:
        """Name the records that go with the zone."""
        more = [f"and {len(self._records) - _SHOWN} more"] if len(self._records) > _SHOWN else []
        return {**super().remains(actual), **({"recordSets": [*self._records[:_SHOWN], *more]} if self._records else {})}

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Azure deletes no zone that has links, so a link that stays is named before anything is written."""
        if plan.action != "delete":
            return
        held = [
            str(at(link, "properties.virtualNetwork.id")) for link in self._links if not self._goes_too(link) and self._is_there(arm, link)
        ]
        if held:
            raise Problem(
                f"{self.label} is still linked to {', '.join(held)}",
                code="ZoneIsLinked",
                resource_id=str(self.id),
                hint="Delete these virtual network links first, if they are no longer needed.",
            )

    def _goes_too(self, link: Document) -> bool:
        networks = (getattr(each, "network", None) for each in self.leaving if same_id(str(each.id.parent), str(self.id)))
        return self.is_leaving(link["id"]) or any(
            network and same_id(network, at(link, "properties.virtualNetwork.id")) for network in networks
        )

    def _is_there(self, arm: Arm, link: Document) -> bool:
        """Lists may lag behind a removal."""
        doing = f"read virtual network link '{link['name']}' of {self.label}"
        return (
            arm.find(self.id.subscription, "privatedns.virtual_network_links.get", *self.arguments, link["name"], doing=doing) is not None
        )


def refuse_tag_names(tags: t.Mapping[str, str] | None) -> None:
    """Refuse names of tags that Azure's private DNS takes and drops without a word."""
    wrong = [name for name in tags or {} if not _TAG_NAME.fullmatch(name)]
    if wrong:
        names = ", ".join(f"'{name}'" for name in wrong)
        raise OptionError(
            "tags",
            f"{names} cannot be the name of a tag of a private DNS zone or link: Azure drops it; use letters, digits, '-', '_' and '.', with no digit first.",
        )
