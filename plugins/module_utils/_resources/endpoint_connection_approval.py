# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private endpoint connections as the vault's owner sees them."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._azure.clock import Pace
from .._documents.compare import Document, at, is_word, merge
from .._documents.endpoint import state_of
from .._documents.ids import ResourceId, same_id
from .._documents.operations import BAD_ENDS
from .._documents.relations import the_one
from .._documents.states import REFUSED, spelled
from .._errors import ArmError, Problem
from .resource import Known, Observed, Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.clock import Waiting
    from .._azure.world import World

_NOTIFIED_SECONDS = 90.0  # recorded: a decision takes a vault 35 seconds, and 14 more until its endpoint sees it
_VERBS = {"Approved": "approve", "Rejected": "reject"}


@dataclasses.dataclass(frozen=True)
class ObservedConnection(Observed):
    """
    others: the endpoints of all connections of the vault. other_side: the endpoint of a decision that seems to stand, where it can be read.
    """

    others: tuple[str, ...] = ()
    other_side: Document | None = None


class PrivateEndpointConnection(Resource):
    """A connection of a vault. Source: REST reference, Key Vault - Private Endpoint Connections.

    It comes to be with the endpoint; the owner only decides on it. It is found by the endpoint's id, or by its own name.
    """

    kind = kinds.VAULT_CONNECTION
    key = "private_endpoint_connection"
    observation = ObservedConnection
    caseless = below("properties.privateLinkServiceConnectionState", "status", "actionsRequired")

    def __init__(
        self, vault: ResourceId, desired: Document | None, *, endpoint_id: str | None, name: str | None, **keywords: t.Any
    ) -> None:
        super().__init__(vault.child("privateEndpointConnections", name or "(unnamed)"), desired, **keywords)
        self.endpoint_id = endpoint_id
        self.name = name

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        which = f"'{self.name}'" if self.name else f"of '{self.endpoint_id}'"
        return f"{self.title} {which} of key vault '{found.parent.name}'"

    def read(self, world: World, known: Known) -> Observed:
        """Find the connection in the vault, which lists them all."""
        connections = at(world.get(kinds.VAULT, self.id.parent), "properties.privateEndpointConnections") or []
        found = the_one(
            [item for item in connections if self._is_meant(item)],
            f"connection of '{self.endpoint_id or self.name}' on key vault '{self.id.parent.name}'",
            alive=lambda item: spelled(_status(item)) not in REFUSED,
            name=self.name,
            hint=f"Set {self.option_of('name')} to one of them.",
        )
        stands = found is not None and self.desired is not None and is_word(_status(found), _status(self.desired) or "")
        return ObservedConnection(
            (ResourceId.parse(found["id"]) if found else None) or self.id,
            found,
            others=tuple(str(at(item, "properties.privateEndpoint.id")) for item in connections),
            other_side=self._read_other_side(world, at(found, "properties.privateEndpoint.id")) if stands else None,
        )

    def _read_other_side(self, world: World, endpoint_id: str | None) -> Document | None:
        """
        Return the endpoint of a decision that seems to stand: an operation that failed may have
        left it behind. Another tenant's is not readable.
        """
        endpoint = ResourceId.parse(endpoint_id or "")
        try:
            return world.get(kinds.ENDPOINT, endpoint) if endpoint else None
        except ArmError as error:
            if error.status not in (401, 403):
                raise
            return None

    def settled(self, observed: Observed) -> bool:
        """Return whether Azure has finished on both sides, if the endpoint's side is readable."""
        other_side = t.cast(ObservedConnection, observed).other_side
        return super().settled(observed) and (other_side is None or super().settled(observed.with_document(other_side)))

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Take a decision again that the vault shows and the endpoint does not."""
        plan, actual, other_side = super().plan(observed, known), observed.document, t.cast(ObservedConnection, observed).other_side
        if plan.changed or actual is None or not _lags(observed) or not super().settled(observed.with_document(other_side or {})):
            return plan
        there, here = spelled(state_of(other_side).get("status")), spelled(_status(actual))
        before, after = ({"properties": {"privateEndpoint": {"connectionState": state}}} for state in (there, here))
        return Plan("update", before, after, self.body(merge(actual, self.wanted(observed))), actual.get("etag"))

    def _is_meant(self, connection: Document) -> bool:
        if self.endpoint_id:
            return same_id(at(connection, "properties.privateEndpoint.id"), self.endpoint_id)
        return same_id(connection["id"].rpartition("/")[2], self.name)

    def body(self, document: Document) -> Document:
        """Send the decision alone. The endpoint it is about is Azure's to name; an empty one in its place is what Azure CLI sends."""
        decision = {"actionsRequired": "None", **at(document, "properties.privateLinkServiceConnectionState")}
        return {"properties": {"privateEndpoint": {}, "privateLinkServiceConnectionState": decision}}

    def wanted(self, observed: Observed) -> Document:
        """A new decision does not inherit the words of the old one."""
        actual, desired = observed.document, super().wanted(observed)
        state = desired["properties"]["privateLinkServiceConnectionState"]
        if actual is not None and not is_word(_status(actual), state["status"]):
            state.setdefault("description", "")
        return desired

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse to decide on a connection that was not requested."""
        if observed.document is not None or plan.action != "create" or rehearsal:
            return
        others = t.cast(ObservedConnection, observed).others
        there = f"the vault has connections of {', '.join(others)}" if others else "the vault has no connections"
        raise Problem(
            f"{self.label[:1].upper()}{self.label[1:]} was not found; {there}",
            code="ConnectionNotFound",
            resource_id=str(self.id.parent),
            hint="Create the private endpoint first, and pass "
            f"its id as {self.option_of('properties.privateEndpoint.id')} or its connection's name as {self.option_of('name')}.",
        )

    def write(self, world: World, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Send the decision, and name it in errors."""
        verb = _VERBS[str(spelled(plan.body["properties"]["privateLinkServiceConnectionState"]["status"]))]
        written = yield from world.put(self.kind, observed.id, plan.body, doing=f"{verb} {self.label}")
        healing = t.cast(ObservedConnection, observed).other_side is not None
        return (yield from self._seen_by_both(world)) if healing else observed.with_document(written)

    def _seen_by_both(self, world: World) -> Waiting[Observed]:
        """Wait, within bounds, until the endpoint shows the decision too; Azure passes it on after the vault is done."""
        pace = Pace()
        last = world.clock.elapsed() + min(_NOTIFIED_SECONDS, world.clock.remaining())
        while True:
            found = self.read(world, {})
            ended = found.document is None or self.provisioning_state(found.document) in BAD_ENDS
            if ended or (self.settled(found) and not _lags(found)) or world.clock.elapsed() >= last:
                return found
            yield world.clock.pause(pace.step(), f"the endpoint to see the decision on {self.label}")

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the connection's names and state."""
        document = observed.document or {}
        return {
            "connection_name": observed.id.name if exists else self.name,
            "connection_state": spelled(_status(document)),
            "endpoint_id": at(document, "properties.privateEndpoint.id") or self.endpoint_id,
        }


def _status(document: Document | None) -> str | None:
    return t.cast("str | None", at(document, "properties.privateLinkServiceConnectionState.status"))


def _lags(observed: Observed) -> bool:
    """Return whether the endpoint's side is known and another one."""
    other_side = t.cast(ObservedConnection, observed).other_side
    there = state_of(other_side).get("status") if other_side else None
    return there is not None and not is_word(there, _status(observed.document) or "")
