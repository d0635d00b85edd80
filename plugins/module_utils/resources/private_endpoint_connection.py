# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private endpoint connections as the vault's owner sees them."""

from __future__ import annotations

import typing as t

from ..compare import Document, at, is_word
from ..errors import Problem
from ..ids import ResourceId, same_id
from ..options import VAULT
from ..resource import Plan, Resource, below
from ..states import spelled
from .key_vault import KeyVault

if t.TYPE_CHECKING:
    from ..arm import Arm

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

    def __init__(self, vault: ResourceId, desired: Document | None, *, endpoint_id: str | None, name: str | None, **keywords: t.Any) -> None:
        super().__init__(vault.child("privateEndpointConnections", name or "(unnamed)"), desired, **keywords)
        self.endpoint_id = endpoint_id
        self.name = name
        self._others: list[str] = []

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        which = f"'{self.name}'" if self.name else f"of '{self.endpoint_id}'"
        return f"{self.title} {which} of key vault '{self.id.parent.name}'"

    def read(self, arm: Arm) -> Document | None:
        """Find the connection in the vault, which lists them all."""
        connections = at(KeyVault.look(arm, self.id.parent), "properties.privateEndpointConnections") or []
        self._others = [str(at(item, "properties.privateEndpoint.id")) for item in connections]
        found = next((item for item in connections if self._is_meant(item)), None)
        self.id = (ResourceId.parse(found["id"]) if found else None) or self.id
        return found

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
        if actual is not None and not is_word(at(actual, "properties.privateLinkServiceConnectionState.status"), state["status"]):
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
        return arm.call(self.id.subscription, f"{self.operations}.{self.put_verb}", *self.arguments, plan.body, doing=f"{verb} {self.label}")

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return which connection it is and how it stands."""
        return {
            "connection_name": self.id.name if exists else self.name,
            "connection_state": spelled(at(document, "properties.privateLinkServiceConnectionState.status")),
            "endpoint_id": at(document, "properties.privateEndpoint.id") or self.endpoint_id,
        }
