# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Role assignments."""

from __future__ import annotations

import typing as t
import uuid

from .._documents.compare import Document, at
from .._documents.ids import ResourceId, same_id
from .._documents.relations import the_one
from .._errors import OptionError
from .._values import is_guid
from .extension import ExtensionResource, collection

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

_ROLES = "Microsoft.Authorization/roleDefinitions"


class RoleAssignment(ExtensionResource):
    """What a principal may do at a scope. Source: REST reference, Authorization - Role Assignments.

    Azure takes one assignment of a role to a principal at a scope, whatever its name, so an existing one is used. A new one is named after the three,
    so that its id is known beforehand and stays the same.
    """

    type = "Microsoft.Authorization/roleAssignments"
    title = "role assignment"
    key = "role_assignment"
    api_version = "2022-04-01"
    read_only = ("properties.createdOn", "properties.updatedOn", "properties.createdBy", "properties.updatedBy", "properties.scope")
    caseless = ("properties.principalType",)
    # The first two differ only where an assignment was found by its name.
    fixed: t.ClassVar[dict[str, str]] = {
        "properties.roleDefinitionId": "role_definition_id",
        "properties.principalId": "assignee_object_id",
        "properties.principalType": "principal_type",
    }

    def __init__(self, scope: ResourceId, desired: Document | None, *, role: str | None, principal: str | None, name: str | None) -> None:
        """Take a role by its name, or by its definition's id or GUID; role and principal may be None where name is given, to remove by it."""
        super().__init__(scope.extension(self.type, name or "(unnamed)"), desired)
        self.role = role
        self.principal = principal
        self.name = name
        self._role_id: str | None = None

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        which = f"'{self.id.name}'" if self.principal is None else f"of '{self.role}' to '{self.principal}'"
        return f"{self.title} {which} on '{self.id.scope}'"

    def read(self, arm: Arm) -> Document | None:
        """Find the assignment by its name, else by role and principal."""
        scope = self.id.scope
        self._role_id = self._definition(arm, self.role) if self.role else None
        if self.name:
            named = super().read(arm)
            if named or not (self._role_id and self.principal):
                return named
        doing, where = f"list role assignments on '{scope}'", f"principalId eq '{self.principal}'"
        listed = arm.list_at(collection(scope, self.type), self.api_version, doing=doing, where=where)
        meant = [item for item in listed if self._is_meant(item, scope)]
        own, what = self.name or self._derived(scope), f"assignment of '{self.role}' to '{self.principal}' on '{scope}'"
        found = the_one(meant, what, name=own, hint="Pass the name of one of them.")
        self.id = scope.extension(self.type, found["name"] if found else own)
        return found

    def _is_meant(self, assignment: Document, scope: ResourceId) -> bool:
        """The filter finds assignments above and below the scope too."""
        held = {name: str(at(assignment, f"properties.{name}")) for name in ("scope", "principalId", "roleDefinitionId")}
        same_role = _guid(held["roleDefinitionId"]) == _guid(self._role_id)
        return same_role and same_id(held["scope"], str(scope)) and same_id(held["principalId"], self.principal)

    def _derived(self, scope: ResourceId) -> str:
        """Return the name of a new assignment."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}/{_guid(self._role_id)}/{self.principal}".lower()))

    def _definition(self, arm: Arm, role: str) -> str:
        """Return the id of a role's definition; names of roles are unique in a tenant."""
        home = f"/subscriptions/{self.id.subscription}/providers/{_ROLES}"
        if is_guid(_guid(role)):
            return f"{home}/{_guid(role)}"
        found = arm.list_at(
            home, self.api_version, doing=f"look up role '{role}'", where=f"roleName eq '{role.replace(chr(39), chr(39) * 2)}'"
        )
        if not found:
            raise OptionError(
                "role_definition_id",
                f"there is no role '{role}' in subscription {self.id.subscription}; pass the name of a role as `az role definition list` shows it, "
                "or the id or GUID of its definition.",
            )
        one = the_one(found, f"role '{role}'", hint="Pass the id or GUID of the role's definition as role_definition_id.")
        return f"{home}/{one['name'] if one else ''}"

    def wanted(self, actual: Document | None) -> Document:
        """Return the wish with the role that was looked up."""
        wish = super().wanted(actual)
        wish["properties"] = {"roleDefinitionId": self._role_id, **wish["properties"]}
        return wish

    def canonical(self, actual: Document) -> Document:
        """Roles are defined for a whole tenant, so their ids compare by the GUID at their end."""
        if _guid(at(actual, "properties.roleDefinitionId")) != _guid(self._role_id):
            return actual
        return {**actual, "properties": {**actual["properties"], "roleDefinitionId": self._role_id}}


def _guid(definition: str | None) -> str:
    return (definition or "").strip().rstrip("/").rpartition("/")[2].lower()
