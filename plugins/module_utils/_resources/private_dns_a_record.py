# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A record sets of private DNS zones."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId
from .._documents.limits import Claim, zone_claim
from .._errors import ArmError, Problem
from .resource import Known, Observed, Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.world import World

Mode = t.Literal["add", "replace", "remove"]
_LIMIT = 20  # records in one set, a fixed limit of private DNS
DEFAULT_TTL = 3600


class PrivateDnsARecordSet(Resource):
    """An A record set, which several writers may share. Source: REST reference, Private DNS - Record Sets.

    mode: add keeps the addresses that others wrote, replace leaves only the given ones, remove takes the given ones away.
    Every write names the state it was made from (If-Match), so that no writer undoes another.
    """

    kind = kinds.A_RECORD
    key = "private_dns_a_record"
    read_only = ("properties.fqdn", "properties.isAutoRegistered")
    etag_in = "header"

    def __init__(
        self, resource_id: ResourceId, desired: Document | None, *, addresses: t.Sequence[str] = (), mode: Mode = "add", **keywords: t.Any
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.addresses = list(dict.fromkeys(addresses))
        self.mode = mode

    @property
    def is_removal(self) -> bool:
        """Addresses that are taken away go as whole sets do."""
        return self.mode == "remove" or super().is_removal

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        return f"{self.title} '{found.name}' of zone '{found.parent.name}'"

    def meant(self, observed: Observed) -> t.Sequence[str]:
        """Return the addresses to write or to remove."""
        return self.addresses

    def defaults(self, observed: Observed) -> Document:
        """Return the guide's time to live, one hour."""
        return {"properties": {"ttl": DEFAULT_TTL}}

    def wanted(self, observed: Observed) -> Document:
        """Return the set with the desired addresses."""
        desired = super().wanted(observed)
        current, meant = addresses_of(observed.document), self.meant(observed)
        chosen = {
            "add": [*current, *(address for address in meant if address not in current)],
            "replace": list(meant),
            "remove": [address for address in current if address not in meant],
        }[self.mode]
        desired.setdefault("properties", {})["aRecords"] = [{"ipv4Address": address} for address in chosen]
        return desired

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Delete a set that loses its last address; refuse to change a set that Azure registered for a virtual machine."""
        actual = observed.document
        if at(actual, "properties.isAutoRegistered"):
            raise Problem(
                f"{self.label} was registered by Azure for a virtual machine",
                code="AutoRegisteredRecordSet",
                resource_id=str(self.id),
                hint="Choose another name, or disable registration on the link.",
            )
        if self.mode == "remove" and self.desired is not None:
            if actual is None or not set(addresses_of(actual)) & set(self.meant(observed)):
                return Plan("none")
            if not at(self.wanted(observed), "properties.aRecords"):
                return Plan("delete", before=self.remains(observed), etag=actual.get("etag"))
        creator = at(actual, "properties.metadata.creator")
        if self.mode == "add" and creator and self.desired is not None and set(self.meant(observed)) - set(addresses_of(actual)):
            raise Problem(
                f"{self.label} is managed by a DNS zone group, which overwrites and deletes the whole record ({creator})",
                code="RecordOfZoneGroup",
                resource_id=str(self.id),
                hint=(
                    "Use a separate zone for this network, write the addresses of all endpoints as "
                    f"records and delete that zone group, or set {self.option_of('mode')}: replace."
                ),
            )
        plan = super().plan(observed, known)
        count = len(at(plan.body, "properties.aRecords") or [])
        if count > max(_LIMIT, len(addresses_of(actual))):  # Azure allows more where there are more
            raise Problem(
                f"{self.label} would hold {count} addresses, and Azure allows {_LIMIT}",
                code="TooManyRecords",
                resource_id=str(self.id),
                hint=f"Remove addresses that are no longer used, or set {self.option_of('mode')}: replace.",
            )
        return plan

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> t.Sequence[Claim]:
        """Refuse a zone that has reached its limit."""
        if plan.action != "create":
            return ()
        zone = world.get(kinds.ZONE, self.id.parent)
        return [zone_claim(zone, str(self.id), "numberOfRecordSets", "maxNumberOfRecordSets", "record sets")]

    def settled(self, observed: Observed) -> bool:
        """Return True: a record set is written without a long-running operation."""
        return True

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the addresses and the whole name."""
        zone, name = self.id.names
        return {"ipv4_addresses": addresses_of(observed.document), "fqdn": f"{name}.{zone}"}


def find_record(world: World, zone: ResourceId, name: str) -> tuple[Document | None, bool]:
    """Return a zone's record, None if there is none, and whether these credentials may read the zone."""
    try:
        return world.get(kinds.A_RECORD, zone.child("A", name)), True
    except ArmError as error:
        if error.status not in (401, 403):  # 401: it is another tenant's
            raise
        return None, False


def recorded(world: World, zone: ResourceId, name: str) -> list[str] | None:
    """Return the addresses of a zone's record, None where these credentials may not read the zone."""
    found, readable = find_record(world, zone, name)
    return addresses_of(found) if readable else None


def addresses_of(document: Document | None) -> list[str]:
    """Return the IPv4 addresses of a record set."""
    return [record["ipv4Address"] for record in at(document, "properties.aRecords") or []]
