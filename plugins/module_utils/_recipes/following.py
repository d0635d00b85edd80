# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources of one run that take from each other what only Azure knows: the id of an adopted endpoint, its address, its connection."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._azure.clock import Pace
from .._documents.compare import UNKNOWN, Document, at
from .._documents.endpoint import addresses_of, connection_of, state_of, static_addresses
from .._documents.ids import ResourceId
from .._documents.states import spelled
from .._errors import ArmError, Problem, WaitTimeout
from .._resources.endpoint_connection_approval import ObservedConnection, PrivateEndpointConnection
from .._resources.gate import Gate
from .._resources.keyvault import KeyVault
from .._resources.management_lock import ManagementLock
from .._resources.network_interface import interface_of
from .._resources.private_dns_a_record import PrivateDnsARecordSet
from .._resources.private_dns_zone_link import PrivateDnsZoneLink
from .._resources.private_endpoint import PrivateEndpoint
from .._resources.resource import Known, Observed, Plan, Resource, Step
from .._resources.resource_group import ResourceGroup
from .._resources.resource_provider import ResourceProvider
from .._resources.role_assignment import RoleAssignment
from .._views.endpoint_dns import state_of_dns, what_is_missing
from .._views.private_path_reading import gates_of
from .closing import ClosedKeyVault, ObservedAccess

if t.TYPE_CHECKING:
    from .._azure.clock import Clock, Waiting
    from .._azure.world import World
    from .._views.private_path_reading import Question

APPROVED = "Approved"


def place_of(resource: Resource, known: Known) -> ResourceId:
    """Return where a resource of the run is, which is elsewhere than asked for where another one was adopted."""
    return known[resource].observed.id if resource in known else resource.id


def connection_state(endpoint: Step | None, approval: Step | None) -> str | None:
    """Return the state of an endpoint's connection as it is, or will be once what is planned is done."""
    if approval and not approval.problem and (approval.pending or approval.observed.document):
        document = approval.observed.document
        asked = APPROVED if approval.pending else at(document, "properties.privateLinkServiceConnectionState.status")
        return spelled(asked)
    if endpoint is None:
        return None
    if endpoint.pending and endpoint.plan.action in ("create", "replace"):
        return "Pending" if connection_of(endpoint.plan.body).get("manual") else APPROVED
    return state_of(endpoint.observed.document).get("status")


class EndpointApproval(PrivateEndpointConnection):
    """The owner's approval of the connection that an endpoint of the run requests."""

    def __init__(self, vault: ResourceId, desired: Document, *, endpoint: PrivateEndpoint, **keywords: t.Any) -> None:
        super().__init__(vault, desired, endpoint_id=str(endpoint.id), name=None, **keywords)
        self.endpoint = endpoint

    def read(self, world: World, known: Known) -> Observed:
        """Find the connection of the endpoint; while that is not made, there is none."""
        step = known.get(self.endpoint)
        if step and step.pending and step.plan.action in ("create", "replace"):
            return ObservedConnection(self.id)
        here = self.having(endpoint_id=str(place_of(self.endpoint, known)))
        return super(EndpointApproval, here).read(world, known)

    def is_provisional(self, plan: Plan) -> bool:
        """The connection comes with the endpoint."""
        return True

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Wait for the endpoint to be made before a missing connection is an error."""
        made = t.cast(ObservedConnection, observed).others or observed.document
        super().check(world, observed, plan, rehearsal or not made)


@dataclasses.dataclass(frozen=True)
class ObservedRecord(Observed):
    """addresses: of the endpoint, UNKNOWN while only Azure can know. approved: whether its connection is, or will be."""

    addresses: tuple[str, ...] = ()
    approved: bool = False


class EndpointRecord(PrivateDnsARecordSet):
    """The A record of an endpoint of the run, left alone before the approval: nothing listens on the address until then."""

    observation = ObservedRecord

    def __init__(
        self, resource_id: ResourceId, desired: Document, *, endpoint: PrivateEndpoint, approval: EndpointApproval | None, **keywords: t.Any
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.endpoint = endpoint
        self.approval = approval

    def read(self, world: World, known: Known) -> Observed:
        """Read the record, and the address that belongs into it."""
        endpoint, approval = known.get(self.endpoint), known.get(self.approval) if self.approval else None
        approved = connection_state(endpoint, approval) == APPROVED
        addresses = self._addresses(world, endpoint) if approved and endpoint else []
        return self.found(self.fetch(world, self.id), addresses=tuple(addresses), approved=approved)

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the record; the endpoint stays what it was."""
        return first.with_document(self.fetch(world, self.id))

    @staticmethod
    def _addresses(world: World, endpoint: Step) -> list[str]:
        if endpoint.done and endpoint.facts.get("private_ip_addresses"):
            return list(endpoint.facts["private_ip_addresses"])
        if endpoint.pending and endpoint.plan.action in ("create", "replace"):
            return static_addresses(endpoint.plan.body) or [UNKNOWN]
        return addresses_of(interface_of(world, endpoint.observed.document))

    def meant(self, observed: Observed) -> t.Sequence[str]:
        """Return the addresses of the endpoint."""
        return t.cast(ObservedRecord, observed).addresses

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Plan nothing before the approval."""
        return super().plan(observed, known) if t.cast(ObservedRecord, observed).approved else Plan("none")

    def is_provisional(self, plan: Plan) -> bool:
        """The address comes with the endpoint, and the state of the connection with its approval."""
        return True


class EndpointLock(ManagementLock):
    """A lock on an endpoint of the run."""

    def __init__(self, resource_id: ResourceId, desired: Document | None, *, endpoint: PrivateEndpoint, **keywords: t.Any) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.endpoint = endpoint

    def read(self, world: World, known: Known) -> Observed:
        """Look on the endpoint that is used."""
        place = place_of(self.endpoint, known).extension(self.type, self.id.name)
        return Observed(place, self.fetch(world, place))

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Look where it was."""
        return first.with_document(self.fetch(world, first.id))


class EndpointRole(RoleAssignment):
    """A role on an endpoint of the run."""

    def __init__(self, scope: ResourceId, desired: Document | None, *, endpoint: PrivateEndpoint, **keywords: t.Any) -> None:
        super().__init__(scope, desired, **keywords)
        self.endpoint = endpoint

    def read(self, world: World, known: Known) -> Observed:
        """Look on the endpoint that is used."""
        here = self.having(id=place_of(self.endpoint, known).extension(self.type, self.id.name))
        return super(EndpointRole, here).read(world, known)


class PolicyDns(Gate):
    """The DNS zone group that Azure Policy makes for an endpoint, some minutes after it. seconds: how long to wait for its records."""

    kind = kinds.ZONE_GROUP
    key = "private_dns_zone_group"

    def __init__(self, resource_id: ResourceId, *, endpoint: PrivateEndpoint, approval: EndpointApproval | None, seconds: int) -> None:
        super().__init__(resource_id, {}, needs=[endpoint, *([approval] if approval else [])])
        self.endpoint = endpoint
        self.approval = approval
        self.seconds = seconds

    def diagnose(self, world: World, known: Known) -> Waiting[Observed]:
        """Wait for the records, as long as the connection is approved."""
        endpoint, approval = known.get(self.endpoint), known.get(self.approval) if self.approval else None
        if connection_state(endpoint, approval) != APPROVED:
            return self.found(None)
        place, pace, clock = place_of(self.endpoint, known), Pace(first=1.0, slowest=15.0), world.clock
        awaited = f"a DNS zone group of private endpoint '{place.name}' to write its records"
        last = clock.elapsed() + self.seconds
        with clock.reporter.waiting(awaited):
            while True:
                found = state_of_dns(world, place)
                if found["ready"]:
                    return Observed(place.child("privateDnsZoneGroups", str(found["zone_group_name"])), {"zoneIds": found["zone_ids"]})
                try:
                    if clock.elapsed() >= last:
                        raise WaitTimeout(f"Timed out after {self.seconds} seconds waiting for {awaited}", code="WaitTimeout")
                    yield clock.pause(min(pace.step(), max(0.0, last - clock.elapsed())), awaited)
                except WaitTimeout as end:
                    end.resource_id, end.hint = str(place), what_is_missing(found)
                    raise

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the zones that the group writes into."""
        return {"zone_ids": (observed.document or {}).get("zoneIds", [])}


class SharedLink(PrivateDnsZoneLink):
    """A link that many vaults share, made once their records are there: a linked network does not resolve a vault without its record.

    records: each record or zone group in the zone, with the vault that it is for; None where that is not of the run, and so exists.
    """

    def __init__(
        self, resource_id: ResourceId, desired: Document | None, *, records: t.Mapping[Resource, Resource | None], **keywords: t.Any
    ) -> None:
        after = [*records, *{vault: None for vault in records.values() if vault}]
        super().__init__(resource_id, desired, after=after, **keywords)
        self.records = dict(records)

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Leave a network unlinked that would lose sight of a vault in use."""
        missing = [] if observed.document else [each for each, vault in self.records.items() if _is_missed(known.get(each), vault, known)]
        if not missing:
            return super().plan(observed, known)
        network = ResourceId.parse(str(self.network))
        names = ", ".join(f"'{each.id.names[-2 if each.type == kinds.ZONE_GROUP.type else -1]}'" for each in missing[:3])
        remark = (
            f"Virtual network '{network.name if network else self.network}' was not linked to zone '{self.id.parent.name}', because the "
            f"record for {names} is not written yet, and a linked network resolves names only from the zone."
        )
        return Plan("none", remarks=(remark,))

    def is_provisional(self, plan: Plan) -> bool:
        """Some record may not have come about."""
        return True


def _is_missed(record: Step | None, vault: Resource | None, known: Known) -> bool:
    """Return whether the record of a vault that existed before the run is not there and not on its way."""
    if record is None or record.pending or record.observed.document:
        return False
    owner = known.get(vault) if vault else None
    return owner is None or (owner.observed.document is not None and owner.plan.action != "create")


class VaultClosing(ClosedKeyVault):
    """The closing of a vault of the run, whose private paths are those that the run makes.

    vault: the resource that makes the vault, None where it is not of the run. paths: what has to work. states: of the connections. A vault
    without public access needs no proof, so nothing is read for it.
    """

    proves: t.ClassVar[bool] = True

    def __init__(
        self,
        place: ResourceId,
        clock: Clock,
        *,
        vault: Resource | None,
        paths: t.Callable[[Known], list[Question]],
        states: t.Callable[[Known], list[str | None]],
        accept_unproven_dns: bool,
        rehearsal: bool,
        **keywords: t.Any,
    ) -> None:
        super().__init__(place, [], clock, accept_unproven_dns=accept_unproven_dns, rehearsal=rehearsal, **keywords)
        self.vault = vault
        self.paths = paths
        self.states = states

    def read(self, world: World, known: Known) -> Observed:
        """Read the vault; what the run makes is known."""
        made = known.get(self.vault) if self.vault else None
        if made and made.plan.action == "create" and made.observed.document:
            return self.found(made.observed.document)
        return super().read(world, known)

    def _with_verdict(self, world: World, observed: Observed, known: Known) -> Observed:
        gates = gates_of(observed.document) if observed.document else None
        if gates and gates.closed:
            seen = t.cast(ObservedAccess, observed)
            return dataclasses.replace(seen, before=seen.before or gates)
        return super()._with_verdict(world, observed, known)

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Plan nothing while an owner has not decided yet: that is no failure, and the vault stays as it is."""
        return Plan("none") if "Pending" in self.states(known) else super().plan(observed, known)

    def asked(self, known: Known) -> t.Sequence[Question]:
        """Return what the endpoints of the run are to prove."""
        return self.paths(known)

    def is_rehearsed(self, known: Known) -> bool:
        """Return whether something is still to be made."""
        return self.rehearsal or any(step.pending for step in known.values())

    def is_provisional(self, plan: Plan) -> bool:
        """What is made in the run has to prove itself."""
        return True


class SecuredVault(KeyVault):
    """A vault that a network security perimeter secures. An open one is closed with a proof first, so that the stricter setting locks
    none out; a new vault is created closed."""

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Plan nothing for a vault that is not there, or still open."""
        closed = observed.document is not None and gates_of(observed.document).closed
        return super().plan(observed, known) if closed else Plan("none")

    def is_provisional(self, plan: Plan) -> bool:
        """The vault may be closed in the run."""
        return True


class RequiredProvider(ResourceProvider):
    """A resource provider that has to be registered already: this run does not register it."""

    def read(self, world: World, known: Known) -> Observed:
        """Read the registration; who may not read it learns of a missing one from Azure, later."""
        try:
            return super().read(world, known)
        except ArmError as error:
            if error.status not in (401, 403, 404):
                raise
            return self.found({"registrationState": "Registered"})

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse what is not registered."""
        if super().plan(observed, known).changed:
            raise Problem(
                f"Resource provider {self.id.type} is not registered in subscription {self.id.subscription}",
                code="MissingSubscriptionRegistration",
                resource_id=str(self.id),
                hint="Register it with privatelink.azure.resource_provider, or ask an administrator of the subscription.",
            )
        return Plan("none")


class RequiredGroup(ResourceGroup):
    """A resource group that has to exist already: this run does not make it."""

    def read(self, world: World, known: Known) -> Observed:
        """Read the group; who may not read it learns of a missing one from Azure, later."""
        try:
            return super().read(world, known)
        except ArmError as error:
            if error.status not in (401, 403):
                raise
            return self.found({"id": str(self.id), "name": self.id.name})

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse a group that is not there."""
        if observed.document is None:
            raise self.refusal(
                "id",
                f"resource group '{self.id.name}' was not found in subscription {self.id.subscription}; create it first, or name another.",
                resource_id=str(self.id),
            )
        return Plan("none")
