# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registrations of resource providers."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._documents.states import spelled
from .resource import Known, Observed, Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.clock import Waiting
    from .._azure.world import World


class ResourceProvider(Resource):
    """A resource provider's registration in a subscription. Source: REST reference, Resources - Providers.

    The provider itself always exists; present means registered, absent means not registered.
    """

    kind = kinds.PROVIDER
    key = "resource_provider"

    def __init__(self, subscription: str, namespace: str, registered: bool, **keywords: t.Any) -> None:
        wish = {"registrationState": "Registered"} if registered else None
        super().__init__(ResourceId(subscription, None, namespace, ()), wish, **keywords)

    def provisioning_state(self, document: Document | None) -> str:
        """Return the state of the registration."""
        return str(spelled((document or {}).get("registrationState")) or "NotRegistered")

    def settled(self, observed: Observed) -> bool:
        """Return whether no registration is in progress."""
        return self.provisioning_state(observed.document) not in ("Registering", "Unregistering")

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Compare whether it is registered; Registering counts as registered."""
        state = self.provisioning_state(observed.document)
        registered = state in ("Registered", "Registering")
        if registered == (self.desired is not None):
            return Plan("none")
        after = "Registered" if self.desired is not None else "Unregistered"
        action: t.Literal["update", "delete"] = "update" if self.desired is not None else "delete"
        return Plan(action, {"registrationState": state}, {"registrationState": after}, {"registrationState": after})

    def write(self, world: World, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Request the registration."""
        return observed.with_document((yield from world.put(self.kind, self.id, None, doing=f"register {self.label}")))

    def delete(self, world: World, observed: Observed, plan: Plan) -> Waiting[None]:
        """Request the unregistration."""
        yield from world.delete(self.kind, self.id, doing=f"unregister {self.label}")

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the state of the registration."""
        return {"registration_state": self.provisioning_state(observed.document)}
