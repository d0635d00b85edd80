# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registrations of resource providers."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId, is_namespace
from .._documents.states import spelled
from .._errors import OptionError
from .resource import Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.arm import Arm


class ResourceProvider(Resource):
    """A resource provider's registration in a subscription. Source: REST reference, Resources - Providers.

    The provider itself always exists; present means registered, absent means not registered.
    """

    type = "Microsoft.Resources/providers"
    title = "resource provider"
    key = "resource_provider"
    operations = "resource.providers"

    def __init__(self, subscription: str, namespace: str, registered: bool) -> None:
        super().__init__(ResourceId(subscription, None, namespace, ()), {"registrationState": "Registered"} if registered else None)

    @classmethod
    def arguments_for(cls, resource_id: ResourceId) -> tuple[str, ...]:
        """Return the namespace."""
        return (resource_id.type,)

    def provisioning_state(self, document: Document | None) -> str:
        """Return the state of the registration."""
        return str(spelled((document or {}).get("registrationState")) or "NotRegistered")

    def settled(self, document: Document) -> bool:
        """Tell whether no registration is under way."""
        return self.provisioning_state(document) not in ("Registering", "Unregistering")

    def plan(self, actual: Document | None) -> Plan:
        """Compare registered or not; Registering is on its way to what was asked for."""
        state = self.provisioning_state(actual)
        registered = state in ("Registered", "Registering")
        if registered == (self.desired is not None):
            return Plan("none")
        after = "Registered" if self.desired is not None else "Unregistered"
        action: t.Literal["update", "delete"] = "update" if self.desired is not None else "delete"
        return Plan(action, {"registrationState": state}, {"registrationState": after}, {"registrationState": after})

    def write(self, arm: Arm, plan: Plan) -> Document | None:
        """Ask for the registration."""
        return arm.call(self.id.subscription, f"{self.operations}.register", self.id.type, doing=f"register {self.label}")

    def delete(self, arm: Arm, plan: Plan) -> None:
        """Ask for the end of the registration."""
        arm.call(self.id.subscription, f"{self.operations}.unregister", self.id.type, doing=f"unregister {self.label}")

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return the state of the registration."""
        return {"registration_state": self.provisioning_state(document)}


def namespace_of(value: str, option: str = "name") -> str:
    """Return the namespace of a resource provider, such as Microsoft.KeyVault."""
    if not is_namespace(value) or "." not in value:
        raise OptionError(option, f"'{value}' is not a valid resource provider namespace; pass one like Microsoft.KeyVault.")
    return value
