# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private endpoint connections as the vault's owner sees them."""

from __future__ import annotations

import typing as t

from .._azure.clock import Pace
from .._documents.compare import Document, at, is_word, merge
from .._documents.endpoint import state_of
from .._documents.ids import VAULT, ResourceId, same_id
from .._documents.operations import BAD_ENDS
from .._documents.relations import the_one
from .._documents.states import REFUSED, spelled
from .._errors import ArmError, Problem
from .keyvault import KeyVault
from .private_endpoint import PrivateEndpoint
from .resource import Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

_NOTIFIED_SECONDS = 90.0  # recorded: a decision takes a vault 35 seconds, and 14 more until its endpoint sees it
_VERBS = {"Approved": "approve", "Rejected": "reject"}


class PrivateEndpointConnection(Resource):
    """A connection of a vault. Source: REST reference, Key Vault - Private Endpoint Connections.

    It comes to be with the endpoint; the owner only decides on it. It is found by the endpoint's id, or by its own name.
    """

    type = f"{VAULT}/privateEndpointConnections"
    title = "private endpoint connection"
    key = "private_endpoint_connection"
    operations = "keyvault.private_endpoint_connections"
    put_verb = "put"
    caseless = below("properties.privateLinkServiceConnectionState", "status", "actionsRequired")

    def __init__(
        self, vault: ResourceId, desired: Document | None, *, endpoint_id: str | None, name: str | None, **keywords: t.Any
    ) -> None:
        super().__init__(vault.child("privateEndpointConnections", name or "(unnamed)"), desired, **keywords)
        self.endpoint_id = endpoint_id
        self.name = name
        self._others: list[str] = []
        self._other_side: Document | None = None

    @property
    def lane(self) -> str:
        """A vault takes one write at a time."""
        return str(self.id.parent).casefold()

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        which = f"'{self.name}'" if self.name else f"of '{self.endpoint_id}'"
        return f"{self.title} {which} of key vault '{self.id.parent.name}'"

    def read(self, arm: Arm) -> Document | None:
        """Find the connection in the vault, which lists them all."""
        connections = at(KeyVault.look(arm, self.id.parent), "properties.privateEndpointConnections") or []
        self._others = [str(at(item, "properties.privateEndpoint.id")) for item in connections]
        found = the_one(
            [item for item in connections if self._is_meant(item)],
            f"connection of '{self.endpoint_id or self.name}' on key vault '{self.id.parent.name}'",
            alive=lambda item: spelled(_status(item)) not in REFUSED,
            name=self.name,
            hint="Set connection_name to one of them.",
        )
        self.id = (ResourceId.parse(found["id"]) if found else None) or self.id
        stands = found is not None and self.desired is not None and is_word(_status(found), _status(self.desired) or "")
        self._other_side = self._read_other_side(arm, at(found, "properties.privateEndpoint.id")) if stands else None
        return found

    def _read_other_side(self, arm: Arm, endpoint_id: str | None) -> Document | None:
        """Return the endpoint of a decision that seems to stand: an operation that failed may have left it behind. Another tenant's is not readable."""
        endpoint = ResourceId.parse(endpoint_id or "")
        try:
            return PrivateEndpoint.look(arm, endpoint) if endpoint else None
        except ArmError as error:
            if error.status not in (401, 403):
                raise
            return None

    def settled(self, document: Document) -> bool:
        """Tell whether both sides are done, as far as the endpoint's is known."""
        return super().settled(document) and (self._other_side is None or super().settled(self._other_side))

    def plan(self, actual: Document | None) -> Plan:
        """A decision that stands here and has not reached the endpoint is taken again."""
        plan = super().plan(actual)
        if plan.changed or actual is None or not self._lags(actual) or not super().settled(self._other_side or {}):
            return plan
        there, here = spelled(state_of(self._other_side).get("status")), spelled(_status(actual))
        before, after = ({"properties": {"privateEndpoint": {"connectionState": state}}} for state in (there, here))
        return Plan("update", before, after, self.body(merge(actual, self.wanted(actual))), actual.get("etag"))

    def _is_meant(self, connection: Document) -> bool:
        if self.endpoint_id:
            return same_id(at(connection, "properties.privateEndpoint.id"), self.endpoint_id)
        return same_id(connection["id"].rpartition("/")[2], self.name)

    def body(self, document: Document) -> Document:
        """Send the decision alone. The endpoint it is about is Azure's to name; an empty one in its place is what Azure CLI sends."""
        decision = {"actionsRequired": "None", **at(document, "properties.privateLinkServiceConnectionState")}
        return {"properties": {"privateEndpoint": {}, "privateLinkServiceConnectionState": decision}}

    def wanted(self, actual: Document | None) -> Document:
        """A new decision does not inherit the words of the old one."""
        wish = super().wanted(actual)
        state = wish["properties"]["privateLinkServiceConnectionState"]
        if actual is not None and not is_word(_status(actual), state["status"]):
            state.setdefault("description", "")
        return wish

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Nobody can decide on a connection that was not requested."""
        if actual is not None or plan.action != "create" or rehearsal:
            return
        there = f"it has connections of {', '.join(self._others)}" if self._others else "it has none"
        raise Problem(
            f"There is no {self.label}; {there}",
            code="ConnectionNotFound",
            resource_id=str(self.id.parent),
            hint="Create the private endpoint first, and pass its id as endpoint_id or its connection's name as connection_name.",
        )

    def write(self, arm: Arm, plan: Plan) -> Document | None:
        """Decide, and name the decision in errors."""
        verb = _VERBS[str(spelled(plan.body["properties"]["privateLinkServiceConnectionState"]["status"]))]
        healing = self._other_side is not None
        written = arm.call(
            self.id.subscription, f"{self.operations}.{self.put_verb}", *self.arguments, plan.body, doing=f"{verb} {self.label}"
        )
        return self._seen_by_both(arm) if healing else written

    def _seen_by_both(self, arm: Arm) -> Document | None:
        """Wait until the endpoint has the decision, too, as long as that may take; Azure tells it once the vault is done."""
        pace = Pace()
        last = arm.clock.elapsed() + min(_NOTIFIED_SECONDS, arm.clock.remaining())
        while True:
            found = self.read(arm)
            ended = found is None or self.provisioning_state(found) in BAD_ENDS
            if ended or (self.settled(found or {}) and not self._lags(found)) or arm.clock.elapsed() >= last:
                return found
            arm.clock.wait(pace.step(), f"the endpoint to see the decision on {self.label}")

    def _lags(self, document: Document | None) -> bool:
        """Tell whether the endpoint's side is known and another one."""
        there = state_of(self._other_side).get("status") if self._other_side else None
        return there is not None and not is_word(there, _status(document) or "")

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return which connection it is and how it stands."""
        return {
            "connection_name": self.id.name if exists else self.name,
            "connection_state": spelled(_status(document)),
            "endpoint_id": at(document, "properties.privateEndpoint.id") or self.endpoint_id,
        }


def _status(document: Document | None) -> str | None:
    return t.cast("str | None", at(document, "properties.privateLinkServiceConnectionState.status"))
