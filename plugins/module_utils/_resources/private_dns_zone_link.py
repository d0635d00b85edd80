# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links between private DNS zones and virtual networks."""

from __future__ import annotations

import typing as t
import uuid

from .._azure import kinds
from .._documents.compare import Document, at, is_word, prune
from .._documents.ids import ResourceId, same_id
from .._documents.limits import Claim, zone_claim
from .._documents.operations import BAD_ENDS
from .._documents.relations import the_one
from .private_dns_zone import refuse_tag_names
from .resource import Known, Observed, Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.world import World


class PrivateDnsZoneLink(Resource):
    """A virtual network link of a private DNS zone. Source: REST reference, Private DNS - Virtual Network Links.

    A zone takes one link for each network, whatever its name, so an existing link of the network is the one that is meant.

    network: the id of the virtual network, by default the desired one. named: whether the user chose the link's name; otherwise a new link
    takes another name where the link of another network bears this one.
    """

    kind = kinds.ZONE_LINK
    key = "private_dns_zone_link"
    read_only = ("properties.virtualNetworkLinkState",)
    etag_in = "header"
    caseless = below("properties", "resolutionPolicy")
    # Registration is off and the policy is Default unless set (wire: zones that are no private link zones show no policy).
    absent: t.ClassVar[dict[str, t.Any]] = {"properties.registrationEnabled": False, "properties.resolutionPolicy": "Default"}
    fixed = ("properties.virtualNetwork.id",)
    replaceable = True
    validated_as = "2024-06-01"

    def __init__(
        self, resource_id: ResourceId, desired: Document | None, *, network: str | None = None, named: bool = True, **keywords: t.Any
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        refuse_tag_names(self.tags, self.option_of("tags"))
        self.network = network or at(self.desired, "properties.virtualNetwork.id")
        self.named = named

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        return f"{self.title} '{found.name}' of zone '{found.parent.name}'"

    def defaults(self, observed: Observed) -> Document:
        """Registration is off unless asked for: a private link zone holds the records of endpoints, not of machines."""
        return {"properties": {"registrationEnabled": False}}

    def read(self, world: World, known: Known) -> Observed:
        """Find the link by its network, where that is given, else by its name."""
        found = self.fetch(world, self.id)
        if self.network is None or (found and _leads_to(found, self.network)):
            return self.found(found)
        zone = self.id.parent
        links = world.list(self.kind, zone, doing=f"list the links of zone '{zone.name}'")
        own = the_one(
            [link for link in links if _leads_to(link, self.network or "")],
            f"link of zone '{zone.name}' to '{self.network}'",
            alive=lambda link: self.provisioning_state(link) not in BAD_ENDS,
            name=self.id.name,
            hint="Pass the name of one of them, and delete the others.",
        )
        if own:
            return Observed(ResourceId.parse(own["id"]) or self.id, own, adopted=self.named)
        if self.desired is None:  # the link of another network bears the name
            return self.found(None)
        if found and not self.named:
            return Observed(self.id.named(f"{self.id.name}-{uuid.uuid5(uuid.NAMESPACE_URL, self.network.casefold()).hex[:8]}"))
        return self.found(found)

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the link at the place where it was found; otherwise find it again."""
        found = self.fetch(world, first.id)
        leads = found is not None and (self.network is None or _leads_to(found, self.network))
        return first.with_document(found) if leads else self.read(world, known)

    def kept_when_replaced(self, observed: Observed) -> Document:
        """Return all that a client may write of the link; only the network is another one."""
        return t.cast(Document, prune(self.body(observed.document or {})))

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse to create a link without a network."""
        if observed.document is None and self.desired is not None and not at(self.desired, "properties.virtualNetwork.id"):
            raise self.refusal("properties.virtualNetwork.id", f"required to create {self.label}; set it.")
        return super().plan(observed, known)

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> t.Sequence[Claim]:
        """Refuse a zone that has reached its limit."""
        if plan.action != "create":
            return ()
        zone = world.get(kinds.ZONE, self.id.parent)
        return [zone_claim(zone, str(self.id), "numberOfVirtualNetworkLinks", "maxNumberOfVirtualNetworkLinks", "virtual network links")]

    def settled(self, observed: Observed) -> bool:
        """Return whether Azure has finished; with registration enabled, the link is still in progress after its operation."""
        return super().settled(observed) and not is_word(at(observed.document, "properties.virtualNetworkLinkState"), "InProgress")

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return whether the link of the network bears another name than the user chose."""
        return {"adopted": observed.adopted}


def _leads_to(link: Document, network: str) -> bool:
    return same_id(at(link, "properties.virtualNetwork.id"), network)
