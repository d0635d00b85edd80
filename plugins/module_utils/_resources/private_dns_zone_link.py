# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links between private DNS zones and virtual networks."""

from __future__ import annotations

import typing as t
import uuid

from .._documents.compare import Document, at, is_word, prune
from .._documents.ids import ZONE, ResourceId, same_id
from .._documents.limits import refuse_full_zone
from .._documents.operations import BAD_ENDS
from .._documents.relations import the_one
from .._errors import OptionError
from .private_dns_zone import PrivateDnsZone, refuse_tag_names
from .resource import Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.arm import Arm


class PrivateDnsZoneLink(Resource):
    """A virtual network link of a private DNS zone. Source: REST reference, Private DNS - Virtual Network Links.

    A zone takes one link for each network, whatever its name, so an existing link of the network is the one that is meant.

    network: the id of the virtual network, by default the desired one. named: whether the user chose the link's name; otherwise a new link
    takes another name where the link of another network bears this one.
    """

    type = f"{ZONE}/virtualNetworkLinks"
    title = "virtual network link"
    key = "private_dns_zone_link"
    operations = "privatedns.virtual_network_links"
    read_only = ("properties.virtualNetworkLinkState",)
    etag_in = "header"
    caseless = below("properties", "resolutionPolicy")
    # Registration is off and the policy is Default unless set (wire: zones that are no private link zones show no policy).
    absent: t.ClassVar[dict[str, t.Any]] = {"properties.registrationEnabled": False, "properties.resolutionPolicy": "Default"}
    fixed: t.ClassVar[dict[str, str]] = {"properties.virtualNetwork.id": "virtual_network_id"}
    replaceable = True
    validated_as = "2024-06-01"

    def __init__(
        self, resource_id: ResourceId, desired: Document | None, *, network: str | None = None, named: bool = True, **keywords: t.Any
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        refuse_tag_names(self.tags)
        self.network = network or at(self.desired, "properties.virtualNetwork.id")
        self.named = named

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        return f"{self.title} '{self.id.name}' of zone '{self.id.parent.name}'"

    def defaults(self) -> Document:
        """Registration is off unless asked for: a private link zone holds the records of endpoints, not of machines."""
        return {"properties": {"registrationEnabled": False}}

    def read(self, arm: Arm) -> Document | None:
        """Find the link by its network, where that is given, else by its name."""
        found = super().read(arm)
        if self.network is None or (found and _leads_to(found, self.network)):
            return found
        links = arm.list(
            self.id.subscription, f"{self.operations}.list", *self.arguments[:-1], doing=f"list the links of zone '{self.id.parent.name}'"
        )
        own = the_one(
            [link for link in links if _leads_to(link, self.network or "")],
            f"link of zone '{self.id.parent.name}' to '{self.network}'",
            alive=lambda link: self.provisioning_state(link) not in BAD_ENDS,
            name=self.id.name,
            hint="Pass the name of one of them, and delete the others.",
        )
        if own:
            self.id, self.adopted = ResourceId.parse(own["id"]) or self.id, self.named
            return own
        if self.desired is None:  # the link of another network bears the name
            return None
        if found and not self.named:
            self.id = self.id.named(f"{self.id.name}-{uuid.uuid5(uuid.NAMESPACE_URL, self.network.casefold()).hex[:8]}")
            return None
        return found

    def kept_when_replaced(self, actual: Document) -> Document:
        """Return tags and settings; only the network is another one."""
        properties = {name: at(actual, f"properties.{name}") for name in ("registrationEnabled", "resolutionPolicy")}
        return t.cast(Document, prune({**super().kept_when_replaced(actual), "properties": properties}))

    def plan(self, actual: Document | None) -> Plan:
        """Name what is missing to create a link."""
        if actual is None and self.desired is not None and not at(self.desired, "properties.virtualNetwork.id"):
            raise OptionError("virtual_network_id", f"required to create {self.label}; set it.")
        return super().plan(actual)

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Refuse a zone that is full."""
        if plan.action == "create":
            refuse_full_zone(
                PrivateDnsZone.look(arm, self.id.parent),
                "numberOfVirtualNetworkLinks",
                "maxNumberOfVirtualNetworkLinks",
                "virtual network links",
            )

    def settled(self, document: Document) -> bool:
        """With registration on, the link goes on working after its operation has ended."""
        return super().settled(document) and not is_word(at(document, "properties.virtualNetworkLinkState"), "InProgress")

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return whether the link of the network bears another name than the user chose."""
        return {"adopted": self.adopted}


def _leads_to(link: Document, network: str) -> bool:
    return same_id(at(link, "properties.virtualNetwork.id"), network)
