# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who writes the DNS records of many private endpoints, from lists of records; a zone group is read only where records leave a doubt."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.endpoint import connection_of, state_of
from .._documents.ids import ResourceId, subscription_scope
from .._documents.zone_records import creator_of, group_is_proven
from .._errors import ArmError
from .._resources.private_dns_a_record import addresses_of as recorded_addresses

if t.TYPE_CHECKING:
    from .._azure.world import World

ZONE_GROUP = "zone_group"
A_RECORD = "a_record"
NONE = "none"
UNKNOWN = "unknown"
_AT_ONCE = 8  # requests

Seen = tuple[Document, t.Sequence[str]]
"""An endpoint's document and its addresses."""


@dataclasses.dataclass(frozen=True)
class Link:
    """A link of a zone: the virtual network, and how names are registered and resolved in it."""

    zone_id: str
    network_id: str
    registration_enabled: bool
    resolution_policy: str | None


@dataclasses.dataclass(frozen=True)
class Dns:
    """Who writes the record of an endpoint, into which zones, and the links of these zones.

    mode: zone_group, a_record (a record that no zone group wrote), none (no record in any zone that was read), or unknown where the
    endpoint or its zone group cannot be read. group: the name of the zone group, None where records alone tell that there is one.
    """

    mode: str = UNKNOWN
    zone_ids: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    group: str | None = None

    @property
    def network_ids(self) -> list[str]:
        """Return the virtual networks that the zones are linked to."""
        return list({link.network_id.casefold(): link.network_id for link in self.links}.values())


class Zones:
    """The private DNS zones of vaults that are known, with their records and links, each read once and when it is first asked for.

    zones: named by the user. subscriptions: whose zones with the name of the cloud's zone of vaults are found.
    """

    def __init__(self, world: World, zones: t.Iterable[ResourceId], subscriptions: t.Iterable[str]) -> None:
        self._world = world
        self._zones = {str(zone).casefold(): zone for zone in zones}
        self._records: dict[str, list[Document]] = {}
        self._links: dict[str, tuple[Link, ...]] = {}
        for subscription in subscriptions:
            for document in self._listed(kinds.ZONE, subscription_scope(subscription)):
                if str(document["name"]).casefold() == world.cloud.vault_zone:
                    self.add(document["id"])

    def add(self, zone_id: str) -> bool:
        """Add a zone; return whether it is new."""
        zone = ResourceId.parse(zone_id)
        if zone is None or not zone.is_type(kinds.ZONE.type) or str(zone).casefold() in self._zones:
            return False
        self._zones[str(zone).casefold()] = zone
        return True

    def records(self) -> dict[str, list[Document]]:
        """Return the A record sets of every zone by its id, none where they cannot be read."""
        for key, zone in self._zones.items():
            if key not in self._records:
                self._records[key] = self._listed(kinds.A_RECORD, zone)
        return {str(zone): self._records[key] for key, zone in self._zones.items()}

    def links(self, zone_ids: t.Iterable[str]) -> tuple[Link, ...]:
        """Return the links of zones."""
        found: list[Link] = []
        for zone_id in zone_ids:
            key, zone = zone_id.rstrip("/").casefold(), ResourceId.parse(zone_id)
            if key not in self._links:
                self._links[key] = tuple(_link(zone_id, link) for link in (self._listed(kinds.ZONE_LINK, zone) if zone else []))
            found += self._links[key]
        return tuple(found)

    def _listed(self, kind: kinds.Kind, scope: ResourceId) -> list[Document]:
        try:
            return self._world.list(kind, scope)
        except ArmError as error:
            if error.status not in (401, 403, 404):
                raise
            return []


def _link(zone_id: str, link: Document) -> Link:
    network, policy = str(at(link, "properties.virtualNetwork.id")), at(link, "properties.resolutionPolicy")
    return Link(zone_id, network, bool(at(link, "properties.registrationEnabled")), policy)


def dns_of_endpoints(world: World, zones: Zones, endpoints: t.Sequence[Seen]) -> dict[str, Dns]:
    """Return the DNS of endpoints, by id in lower case."""
    found: dict[str, Dns] = {}
    open_ = list(endpoints)
    while open_:
        doubtful = []
        by_name = _by_name(zones.records())
        for document, addresses in open_:
            known = _known(document, addresses, by_name)
            if known is None:
                doubtful.append((document, addresses))
            else:
                found[_key(document)] = known
        # Usually all zone groups write into one zone, in a subscription that was not named: the first that are read show which, and its
        # records tell the rest. An approved connection is the likeliest to have one.
        doubtful.sort(key=lambda seen: state_of(seen[0]).get("status") != "Approved")
        first, open_ = doubtful[:_AT_ONCE], doubtful[_AT_ONCE:]
        if not _read(world, zones, first, by_name, found):
            _read(world, zones, open_, by_name, found)
            break
    return {key: dataclasses.replace(dns, links=zones.links(dns.zone_ids)) for key, dns in found.items()}


Records = dict[str, list[tuple[str, Document]]]
"""Record sets with the ids of their zones, by name in lower case."""


def _by_name(records: t.Mapping[str, t.Sequence[Document]]) -> Records:
    found: Records = {}
    for zone, listed in records.items():
        for record in listed:
            found.setdefault(str(record["name"]).casefold(), []).append((zone, record))
    return found


def _key(document: Document) -> str:
    return str(document["id"]).casefold()


def _known(document: Document, addresses: t.Sequence[str], by_name: Records) -> Dns | None:
    """Return the DNS of an endpoint where its document and the records leave no doubt, else None."""
    if at(document, "properties.customDnsConfigs"):  # Azure empties it where a zone group writes the records
        return _without_group(document, addresses, by_name)
    records = _records_of(document, by_name)
    guid = str(at(document, "properties.resourceGuid") or "").casefold()
    own = [zone for zone, record in records if (creator_of(record) or ("", ""))[1] == guid]
    if group_is_proven(document, addresses, own, [record for _zone, record in records]):
        return Dns(ZONE_GROUP, tuple(own))
    return None


def _records_of(document: Document, by_name: Records) -> list[tuple[str, Document]]:
    """Return the record sets that have the name of an endpoint's target."""
    target = ResourceId.parse(str(connection_of(document).get("privateLinkServiceId")))
    return by_name.get(target.name.casefold(), []) if target else []


def _without_group(document: Document, addresses: t.Sequence[str], by_name: Records) -> Dns:
    """Return the DNS of an endpoint that has no zone group: the records that hold its address."""
    held = [zone for zone, record in _records_of(document, by_name) if set(addresses) & set(recorded_addresses(record))]
    return Dns(A_RECORD, tuple(held)) if held else Dns(NONE)


def _read(world: World, zones: Zones, endpoints: t.Sequence[Seen], by_name: Records, found: dict[str, Dns]) -> bool:
    """Read the zone groups of endpoints in parallel; return whether they name a new zone."""
    if not endpoints:
        return False
    with concurrent.futures.ThreadPoolExecutor(min(_AT_ONCE, len(endpoints))) as pool:
        groups = list(pool.map(lambda seen: _groups(world, seen[0]), endpoints))
    new = False
    for (document, addresses), group in zip(endpoints, groups, strict=True):
        configs = [config for each in group or [] for config in at(each, "properties.privateDnsZoneConfigs") or []]
        zone_ids = tuple(str(at(config, "properties.privateDnsZoneId")) for config in configs)
        for zone in zone_ids:
            new = zones.add(zone) or new
        if group:
            found[_key(document)] = Dns(ZONE_GROUP, zone_ids, group=group[0]["name"])
        else:
            found[_key(document)] = Dns() if group is None else _without_group(document, addresses, by_name)
    return new


def _groups(world: World, document: Document) -> list[Document] | None:
    """Return the zone groups of an endpoint, None where these credentials may not read them."""
    endpoint = ResourceId.parse(document["id"])
    try:
        return world.list(kinds.ZONE_GROUP, endpoint) if endpoint else []
    except ArmError as error:
        if error.status not in (401, 403):
            raise
        return None
