# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS zone groups of private endpoints."""

from __future__ import annotations

import copy
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at, merge
from .._documents.endpoint import addresses_of, connection_of, state_of
from .._documents.ids import HSM, VAULT, ResourceId, group_scope, same_id
from .._documents.operations import BAD_ENDS
from .._documents.relations import the_one
from .._documents.zone_records import by_creator, compared, group_is_proven, lost, of_others, rendered_records, summary
from .._errors import Problem
from .network_interface import interface_of
from .private_dns_a_record import find_record, recorded
from .private_endpoint import PrivateEndpoint
from .resource import Known, Observed, Plan, Resource, below, or_unknown

if t.TYPE_CHECKING:
    from .._azure.world import World


class PrivateDnsZoneGroup(Resource):
    """The zone group of an endpoint: Azure writes the endpoint's records into its zones. Source: REST reference, Private Dns Zone Groups.

    An endpoint takes one group, whatever its name, so an existing one is adopted. What is asked for is "zoneIds", the ids of the zones;
    body() turns them into named configurations and keeps the names that exist. The records are part of the group: read() adds what the
    zones hold as "zoneRecords" (see documents/zone_records.py), and a record that was removed or
    changed is a reason to write the group again.

    reads_back: whether facts() tells what the zones hold; a run that reads whole zones afterwards need not look for each record.
    """

    kind = kinds.ZONE_GROUP
    key = "private_dns_zone_group"
    read_only = (
        *below("properties.privateDnsZoneConfigs", "id", "etag", "type", "properties.provisioningState", "properties.recordSets"),
        "properties.zoneRecords",
    )

    def __init__(
        self,
        resource_id: ResourceId,
        desired: Document | None,
        *,
        replace_records: bool = False,
        reads_back: bool = True,
        **keywords: t.Any,
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.replace_records = replace_records
        self.reads_back = reads_back

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        return f"{self.title} '{found.name}' of private endpoint '{found.parent.name}'"

    def read(self, world: World, known: Known) -> Observed:
        """Find the group by its name, else take the only one of the endpoint, whose own name may have been found just now."""
        place = self._place(known)
        endpoint = known.get(self.needs[0]) if self.needs else None
        if endpoint and endpoint.pending and endpoint.plan.action == "create":
            return Observed(place)
        zones = [zone for zone in map(ResourceId.parse, at(self.desired, "properties.zoneIds") or []) if zone]
        known_group = group_by_records(world, place, zones)
        if known_group:
            return Observed(place, known_group)
        named = self.fetch(world, place)
        return self._beside_records(world, Observed(place, named) if named else self._only_one(world, place))

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the group at the place where it was found; otherwise find it again."""
        found = self.fetch(world, first.id) if same_id(str(first.id.parent), str(self._place(known).parent)) else None
        return self._beside_records(world, first.with_document(found)) if found else self.read(world, known)

    def _place(self, known: Known) -> ResourceId:
        """Return the id under the requested name, of the endpoint that is used."""
        if not self.needs:
            return self.id
        endpoint = self.needs[0]
        where = known[endpoint].observed.id if endpoint in known else endpoint.id
        return where.child("privateDnsZoneGroups", self.id.name)

    def _only_one(self, world: World, place: ResourceId) -> Observed:
        endpoint = place.parent
        groups = world.list(self.kind, endpoint, doing=f"list the DNS zone groups of '{endpoint.name}'")
        found = the_one(
            groups,
            f"DNS zone group of private endpoint '{endpoint.name}'",
            alive=lambda group: self.provisioning_state(group) not in BAD_ENDS,
            name=place.name,
            hint=f"Set {self.option_of('name')} to one of them, and delete the others.",
        )
        return Observed((ResourceId.parse(found["id"]) if found else None) or place, found)

    def _beside_records(self, world: World, observed: Observed) -> Observed:
        requested = observed.document is not None and bool(self.desired)
        return observed.with_document(self._with_records(world, observed)) if requested else observed

    # --- the records ---

    def _with_records(self, world: World, observed: Observed) -> Document:
        """Add to a group what its zones hold."""
        group = observed.document or {}
        configs = at(group, "properties.privateDnsZoneConfigs") or []
        incomplete = any(not at(config, "properties.recordSets") for config in configs)
        target, addresses = self._due(world, observed.id.parent) if incomplete else (None, [])
        records = [record for config in configs for record in self._records(world, config, target, addresses)]
        return {**group, "properties": {**group["properties"], "zoneRecords": records}}

    def _records(self, world: World, config: Document, target: ResourceId | None, addresses: list[str]) -> t.Iterator[Document]:
        """
        Yield the records of a zone: those that Azure says it keeps, else the one of an approved endpoint, where the zone is its target's.
        """
        zone_id = str(at(config, "properties.privateDnsZoneId"))
        zone = ResourceId.parse(zone_id)
        if zone is None:
            return
        kept = [
            (item["recordSetName"], item.get("ipAddresses") or [])
            for item in at(config, "properties.recordSets") or []
            if item.get("recordType") == "A"
        ]
        if target and addresses and not kept:
            served = world.cloud.vault_zone if target.is_type(VAULT) else world.cloud.hsm_zone
            kept = [(target.name.casefold(), addresses)] if zone.name.casefold() == served else []
        for name, expected in kept:
            if not expected:  # Azure does not know yet
                continue
            found, readable = find_record(world, zone, name)
            yield compared(zone_id, name, expected, found, readable=readable)

    def _due(self, world: World, endpoint: ResourceId) -> tuple[ResourceId | None, list[str]]:
        """Return the vault or HSM that an approved endpoint leads to and the endpoint's addresses: only such a one has records."""
        found = world.get(kinds.ENDPOINT, endpoint)
        target = ResourceId.parse(str(connection_of(found).get("privateLinkServiceId")))
        if state_of(found).get("status") != "Approved" or target is None or not (target.is_type(VAULT) or target.is_type(HSM)):
            return None, []
        return target, addresses_of(interface_of(world, found))

    def _lost(self, actual: Document | None) -> list[Document]:
        return lost(at(actual, "properties.zoneRecords") or [], at(self.desired, "properties.zoneIds") or [])

    def _healing(self, observed: Observed, plan: Plan) -> Plan:
        """Add to the plan for a group what its zones have lost: to write the group again writes the records."""
        actual = observed.document
        gone = self._lost(actual) if plan.action in ("none", "update") else []
        if not gone or actual is None:
            return plan
        before, after = (
            {"properties": {"records": rendered_records(side)}}
            for side in (gone, [{**item, "addresses": item["expected"]} for item in gone])
        )
        body = plan.body if plan.changed else self.body(self.canonical(observed))
        return Plan("update", merge(plan.before, before), merge(plan.after, after), body, actual.get("etag"))

    # --- the step ---

    def plan(self, observed: Observed, known: Known) -> Plan:
        """A group without zones to ask for is left as it is; one whose records are gone is written again."""
        if observed.document is not None and self._is_of_others(known):
            return self._healing(observed, self._addition(observed))
        if self.desired == {}:
            return self._repetition(observed)
        return self._healing(observed, super().plan(observed, known))

    def _repetition(self, observed: Observed) -> Plan:
        """Return the step that writes a group again as it is, where it failed: it may have, when its endpoint was replaced."""
        state = self.provisioning_state(observed.document)
        if observed.document is None or state not in BAD_ENDS:
            return Plan("none")
        before, after = ({"properties": {"provisioningState": each}} for each in (state, "Succeeded"))
        return Plan("update", before, after, self.body(self.canonical(observed)), observed.document.get("etag"))

    def _is_of_others(self, known: Known) -> bool:
        """Return whether the endpoint is one of others, whose zones stay."""
        return bool(self.needs and self.needs[0] in known and known[self.needs[0]].observed.adopted)

    def _addition(self, observed: Observed) -> Plan:
        """Return the step that adds zones to the group of an adopted endpoint and removes none."""
        current = at(self.canonical(observed), "properties.zoneIds")
        added = [zone for zone in at(self.desired, "properties.zoneIds") or [] if not any(same_id(zone, other) for other in current)]
        if not added:
            return Plan("none")
        both = PrivateDnsZoneGroup(observed.id, {"properties": {"zoneIds": [*current, *added]}}, replace_records=self.replace_records)
        return both.plan(observed, {})

    def renewal(self, observed: Observed, known: Known) -> Plan:
        """A new endpoint gets the group of the old one back, unless other zones, or none, are requested."""
        actual = observed.document
        if self.desired is None or (actual is None and not self.desired):
            return Plan("none")
        current = self.canonical(observed)["properties"] if actual else {}
        zones = {"zoneIds": current.get("zoneIds", [])}
        body = self.body({"properties": {**current, **zones, **self.desired.get("properties", {})}})
        after = {"properties": {**zones, **self.desired.get("properties", {})}}
        return Plan("create", {"properties": zones} if actual else {}, after, body, keeps=True)

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse to take over a record that holds addresses of others: Azure would put the endpoint's own address in their place."""
        if self.replace_records or plan.action == "delete":
            return
        for record in self._lost(observed.document):
            self._refuse_others(observed, ResourceId.parse(record["zoneId"]), record["name"], of_others(record, observed.id.parent.name))
        current = self.canonical(observed)["properties"]["zoneIds"] if observed.document else []
        added = [zone for zone in at(self.desired, "properties.zoneIds") or [] if not any(same_id(zone, other) for other in current)]
        name, own = self._record_of(world, observed.id.parent) if added else ("", [])
        for zone in map(ResourceId.parse, added if name else []):
            if zone:
                self._refuse_others(observed, zone, name, [address for address in recorded(world, zone, name) or [] if address not in own])

    def _refuse_others(self, observed: Observed, zone: ResourceId | None, name: str, others: list[str]) -> None:
        if zone and others:
            raise Problem(
                f"The zone group of private endpoint '{observed.id.parent.name}' would overwrite record '{name}' in zone '{zone.name}', "
                f"which also holds {', '.join(others)}",
                code="RecordOfOthers",
                resource_id=str(zone.child("A", name)),
                hint="Use a separate zone for each network, write the record with private_dns_a_record, which keeps other addresses, "
                f"or set {self.switch_of('replace_records')}.",
            )

    def _record_of(self, world: World, endpoint: ResourceId) -> tuple[str, list[str]]:
        """
        Return the name of the record that Azure writes for a vault's endpoint, empty for other
        targets, and the addresses that the endpoint has.
        """
        desired = self.needs[0].desired if self.needs and isinstance(self.needs[0], PrivateEndpoint) else None
        found = world.get(kinds.ENDPOINT, endpoint)
        wanted = at(desired, "properties.connection.privateLinkServiceId")
        target = ResourceId.parse(str(wanted or connection_of(found).get("privateLinkServiceId")))
        if target is None or not (target.is_type(VAULT) or target.is_type(HSM)):
            return "", []
        return target.name.casefold(), [
            *addresses_of(interface_of(world, found)),
            *filter(None, [at(desired, "properties.privateIPAddress")]),
        ]

    def canonical(self, observed: Observed) -> Document:
        """Show the zones as wanted() does."""
        current = copy.deepcopy(observed.document or {})
        current["properties"]["zoneIds"] = [
            at(item, "properties.privateDnsZoneId") for item in at(observed.document, "properties.privateDnsZoneConfigs") or []
        ]
        return current

    def body(self, document: Document) -> Document:
        """Return Azure's form. A configuration's zone cannot be changed in place, so a new zone never takes an old one's name."""
        clean = super().body(document)
        properties = clean.setdefault("properties", {})
        current = properties.pop("privateDnsZoneConfigs", [])
        properties["privateDnsZoneConfigs"] = configurations(properties.pop("zoneIds", []), current)
        return clean

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the state of the endpoint's DNS: what the zones hold, read again where the group was just written."""
        if not self.reads_back:
            return {}
        document = observed.document or {}
        fresh = exists and bool(document) and "zoneRecords" not in document.get("properties", {})
        records = at(self._with_records(world, observed) if fresh else document, "properties.zoneRecords") or []
        dns = summary(records)
        return {"dns": {**dns, "ready": or_unknown(dns["ready"], exists)}}


def group_by_records(world: World, place: ResourceId, zones: t.Sequence[ResourceId]) -> Document | None:
    """Return a group at a place that writes into these zones, as the endpoint and the zones' records show it beyond doubt.

    None where it has to be read, and where that would cost no more than to look for the records.
    """
    around = group_scope(place.subscription, str(place.resource_group))
    at_hand = [(kinds.ENDPOINT, around), (kinds.INTERFACE, around), *((kinds.A_RECORD, zone) for zone in zones)]
    if not zones or not all(world.shows(kind, scope) for kind, scope in at_hand):
        return None
    endpoint = world.get(kinds.ENDPOINT, place.parent)
    addresses = addresses_of(interface_of(world, endpoint))
    key = ("records by creator", *(str(zone).casefold() for zone in zones))
    written = world.once(key, lambda: by_creator(record for zone in zones for record in world.list(kinds.A_RECORD, zone)))
    own = written.get(str(at(endpoint, "properties.resourceGuid") or "").casefold(), [])
    if endpoint is None or not group_is_proven(endpoint, addresses, [str(zone) for zone in zones], own):
        return None
    target = ResourceId.parse(str(connection_of(endpoint).get("privateLinkServiceId")))
    name = target.name.casefold() if target else ""
    found = [(str(zone), next(each for each in own if same_id(each["id"], str(zone.child("A", name))))) for zone in zones]
    configs = configurations([str(zone) for zone in zones])
    content = {"privateDnsZoneConfigs": configs, "zoneRecords": [compared(zone, name, addresses, record) for zone, record in found]}
    return {
        "id": str(place),
        "name": place.name,
        "type": kinds.ZONE_GROUP.type,
        "properties": {"provisioningState": "Succeeded", **content},
    }


def configurations(zone_ids: t.Iterable[str], current: t.Sequence[Document] = ()) -> list[Document]:
    """Return the configurations of a group that writes into these zones; zones that it has already keep theirs."""
    taken, configs = {item["name"] for item in current}, []
    for zone_id in zone_ids:
        kept = next((item for item in current if same_id(at(item, "properties.privateDnsZoneId"), zone_id)), None)
        name = kept["name"] if kept else _free_name(zone_id, taken)
        taken.add(name)
        configs.append(kept or {"name": name, "properties": {"privateDnsZoneId": zone_id}})
    return configs


def _free_name(zone_id: str, taken: set[str]) -> str:
    """Name a configuration as the portal does: the zone's name with hyphens."""
    name = zone_id.rstrip("/").rpartition("/")[2].replace(".", "-")
    number = 1
    while name in taken:
        number += 1
        name = f"{name.rpartition('--')[0] or name}--{number}"
    return name
