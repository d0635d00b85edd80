# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource groups."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document, at
from .._documents.ids import GROUP_TYPE, ResourceId
from .._errors import OptionError, Problem
from .resource import Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

_INTERFACE = "microsoft.network/networkinterfaces"


class ResourceGroup(Resource):
    """A resource group. Source: REST reference, Resources - Resource Groups."""

    type = GROUP_TYPE
    title = "resource group"
    key = "resource_group"
    operations = "resource.resource_groups"
    put_verb = "create_or_update"
    fixed: t.ClassVar[dict[str, str]] = {"location": "location"}

    def __init__(self, resource_id: ResourceId, desired: Document | None, *, force: bool = False, **keywords: t.Any) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.force = force
        self._interfaces: set[str] = set()

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        return f"{self.title} '{self.id.name}'"

    @classmethod
    def arguments_for(cls, resource_id: ResourceId) -> tuple[str, ...]:
        """Return the name alone: a group is in no group."""
        return (resource_id.name,)

    def plan(self, actual: Document | None) -> Plan:
        """Name what is missing to create a group."""
        if actual is None and self.desired is not None and not self.desired.get("location"):
            raise OptionError("location", f"required to create {self.label}; set it to its region.")
        return super().plan(actual)

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Refuse to delete a group that still holds resources, unless told to."""
        if plan.action == "delete" and not self.force:
            self._refuse_nonempty(arm)

    def delete(self, arm: Arm, plan: Plan) -> None:
        """Delete the group. Where much went before it, somebody may have put something into it since the check."""
        if self.leaving and not self.force:
            self._refuse_nonempty(arm)
        super().delete(arm, plan)

    def _refuse_nonempty(self, arm: Arm) -> None:
        listed = arm.list(
            self.id.subscription, "resource.resources.list_by_resource_group", self.id.name, doing=f"list the resources of {self.label}"
        )
        self._interfaces = self._interfaces or self._going_interfaces(arm, listed)
        held = [each for each in listed if not self.is_leaving(each["id"]) and each["id"].casefold() not in self._interfaces]
        if held:
            raise Problem(
                f"{self.label} still contains {len(held)} resources, for example {held[0]['id']}",
                code="ResourceGroupNotEmpty",
                resource_id=str(self.id),
                hint="Delete them first, or set force_delete_nonempty: true to delete the group with all its resources.",
            )

    def _going_interfaces(self, arm: Arm, listed: list[Document]) -> set[str]:
        """Return the network interfaces of the endpoints that go in the same run: Azure removes them with these."""
        if not self.leaving or not any(str(each.get("type")).casefold() == _INTERFACE for each in listed):
            return set()
        doing = f"list the private endpoints of {self.label}"
        endpoints = arm.list(self.id.subscription, "network.private_endpoints.list", self.id.name, doing=doing)
        going = (endpoint for endpoint in endpoints if self.is_leaving(endpoint["id"]))
        return {str(nic["id"]).casefold() for endpoint in going for nic in at(endpoint, "properties.networkInterfaces") or []}
