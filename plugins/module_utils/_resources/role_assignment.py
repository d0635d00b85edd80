# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Role assignments."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId, same_id, subscription_scope
from .._documents.relations import the_one
from .._values import is_guid
from .extension import ExtensionResource
from .resource import Known, Observed

if t.TYPE_CHECKING:
    from .._azure.world import World


@dataclasses.dataclass(frozen=True)
class ObservedAssignment(Observed):
    """role_id: the id of the role's definition, None where no role was named."""

    role_id: str | None = None


class RoleAssignment(ExtensionResource):
    """What a principal may do at a scope. Source: REST reference, Authorization - Role Assignments.

    Azure takes one assignment of a role to a principal at a scope, whatever its name, so an existing one is used.
    A new one is named after the three, so that its id is known beforehand and stays the same.
    """

    kind = kinds.ROLE_ASSIGNMENT
    key = "role_assignment"
    observation = ObservedAssignment
    read_only = ("properties.createdOn", "properties.updatedOn", "properties.createdBy", "properties.updatedBy", "properties.scope")
    caseless = ("properties.principalType",)
    # The first two differ only where an assignment was found by its name.
    fixed = ("properties.roleDefinitionId", "properties.principalId", "properties.principalType")

    def __init__(
        self,
        scope: ResourceId,
        desired: Document | None,
        *,
        role: str | None,
        principal: str | None,
        name: str | None,
        **keywords: t.Any,
    ) -> None:
        """
        Take a role by its name, or by its definition's id or GUID; role and principal may be None where name is given, to remove by it.
        """
        super().__init__(scope.extension(self.type, name or "(unnamed)"), desired, **keywords)
        self.role = role
        self.principal = principal
        self.name = name

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        which = f"'{found.name}'" if self.principal is None else f"of '{self.role}' to '{self.principal}'"
        return f"{self.title} {which} on '{found.scope}'"

    def read(self, world: World, known: Known) -> Observed:
        """Find the assignment by its name, else by role and principal."""
        scope = self.id.scope
        role_id = self._definition(world, self.role) if self.role else None
        if self.name:
            named = self.fetch(world, self.id)
            if named or not (role_id and self.principal):
                return self.found(named, role_id=role_id)
        doing, where = f"list role assignments on '{scope}'", f"principalId eq '{self.principal}'"
        listed = world.list(self.kind, scope, doing=doing, where=where)
        meant = [item for item in listed if self._is_meant(item, scope, role_id)]
        own, what = self.name or self._derived(scope, role_id), f"assignment of '{self.role}' to '{self.principal}' on '{scope}'"
        found = the_one(meant, what, name=own, hint="Pass the name of one of them.")
        return ObservedAssignment(scope.extension(self.type, found["name"] if found else own), found, role_id=role_id)

    def _is_meant(self, assignment: Document, scope: ResourceId, role_id: str | None) -> bool:
        """The filter finds assignments above and below the scope too."""
        current = {name: str(at(assignment, f"properties.{name}")) for name in ("scope", "principalId", "roleDefinitionId")}
        same_role = _guid(current["roleDefinitionId"]) == _guid(role_id)
        return same_role and same_id(current["scope"], str(scope)) and same_id(current["principalId"], self.principal)

    def _derived(self, scope: ResourceId, role_id: str | None) -> str:
        """Return the name of a new assignment."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}/{_guid(role_id)}/{self.principal}".lower()))

    def _definition(self, world: World, role: str) -> str:
        """Return the id of a role's definition; names of roles are unique in a tenant."""
        home = subscription_scope(self.id.subscription)
        definitions = kinds.ROLE_DEFINITION.collection(home)
        if is_guid(_guid(role)):
            return f"{definitions}/{_guid(role)}"
        where = f"roleName eq '{role.replace(chr(39), chr(39) * 2)}'"
        found = world.list(kinds.ROLE_DEFINITION, home, doing=f"look up role '{role}'", where=where)
        if not found:
            raise self.refusal(
                "properties.roleDefinitionId",
                f"role '{role}' was not found in subscription {self.id.subscription}; pass the "
                "name of a role as `az role definition list` shows it, "
                "or the id or GUID of its definition.",
            )
        hint = f"Pass the id or GUID of the role's definition as {self.option_of('properties.roleDefinitionId')}."
        one = the_one(found, f"role '{role}'", hint=hint)
        return f"{definitions}/{one['name'] if one else ''}"

    def wanted(self, observed: Observed) -> Document:
        """Return the desired document with the role that was looked up; a type that Azure does not tell of a principal is no other one."""
        desired = super().wanted(observed)
        if observed.document is not None and not at(observed.document, "properties.principalType"):
            desired["properties"].pop("principalType", None)
        desired["properties"] = {"roleDefinitionId": t.cast(ObservedAssignment, observed).role_id, **desired["properties"]}
        return desired

    def canonical(self, observed: Observed) -> Document:
        """Roles are defined for a whole tenant, so their ids compare by the GUID at their end."""
        actual, role_id = observed.document or {}, t.cast(ObservedAssignment, observed).role_id
        if _guid(at(actual, "properties.roleDefinitionId")) != _guid(role_id):
            return actual
        return {**actual, "properties": {**actual["properties"], "roleDefinitionId": role_id}}


def _guid(definition: str | None) -> str:
    return (definition or "").strip().rstrip("/").rpartition("/")[2].lower()
