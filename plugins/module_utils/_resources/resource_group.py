# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource groups."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId
from .._errors import Problem
from .resource import Known, Observed, Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.clock import Waiting
    from .._azure.world import World

_INTERFACE = "microsoft.network/networkinterfaces"


@dataclasses.dataclass(frozen=True)
class ObservedGroup(Observed):
    """
    contents: of a group that is to go, what is in it. interfaces: ids, in lower case, of the
    network interfaces that go with endpoints of the run.
    """

    contents: tuple[Document, ...] = ()
    interfaces: frozenset[str] = frozenset()


class ResourceGroup(Resource):
    """A resource group. Source: REST reference, Resources - Resource Groups."""

    kind = kinds.GROUP
    key = "resource_group"
    observation = ObservedGroup
    fixed = ("location",)

    def __init__(self, resource_id: ResourceId, desired: Document | None, *, force: bool = False, **keywords: t.Any) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.force = force

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        return f"{self.title} '{found.name}'"

    def read(self, world: World, known: Known) -> Observed:
        """Read the group, and its resources if it is only deleted when empty."""
        found = self.fetch(world, self.id)
        if found is None or self.desired is not None or self.force:
            return self.found(found)
        contents = self._listed(world)
        return self.found(found, contents=tuple(contents), interfaces=self._going_interfaces(world, contents))

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the group alone."""
        return first.with_document(self.fetch(world, self.id))

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse to create a group without a region."""
        if observed.document is None and self.desired is not None and not (self.desired.get("location") or self.born.get("location")):
            raise self.refusal("location", f"required to create {self.label}; set it to its region.")
        return super().plan(observed, known)

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse to delete a group that still holds resources, unless that is requested."""
        seen = t.cast(ObservedGroup, observed)
        if plan.action == "delete" and not self.force:
            self._refuse_nonempty(seen.contents, seen.interfaces)

    def delete(self, world: World, observed: Observed, plan: Plan) -> Waiting[None]:
        """Delete the group. After many deletions, another client may have created something in it since the check."""
        if self.leaving and not self.force:
            contents = self._listed(world)
            self._refuse_nonempty(contents, t.cast(ObservedGroup, observed).interfaces or self._going_interfaces(world, contents))
        yield from super().delete(world, observed, plan)

    def _listed(self, world: World) -> list[Document]:
        return world.list(kinds.RESOURCE, self.id, doing=f"list the resources of {self.label}")

    def _refuse_nonempty(self, listed: t.Sequence[Document], interfaces: t.Collection[str]) -> None:
        current = [each for each in listed if not self.is_leaving(each["id"]) and each["id"].casefold() not in interfaces]
        if current:
            raise Problem(
                f"{self.label} still contains {len(current)} resources, for example {current[0]['id']}",
                code="ResourceGroupNotEmpty",
                resource_id=str(self.id),
                hint=f"Delete them first, or set {self.switch_of('force')} to delete the group with all its resources.",
            )

    def _going_interfaces(self, world: World, listed: list[Document]) -> frozenset[str]:
        """Return the network interfaces of the endpoints that go in the same run: Azure removes them with these."""
        if not self.leaving or not any(str(each.get("type")).casefold() == _INTERFACE for each in listed):
            return frozenset()
        endpoints = world.list(kinds.ENDPOINT, self.id, doing=f"list the private endpoints of {self.label}")
        going = (endpoint for endpoint in endpoints if self.is_leaving(endpoint["id"]))
        return frozenset(str(nic["id"]).casefold() for endpoint in going for nic in at(endpoint, "properties.networkInterfaces") or [])
