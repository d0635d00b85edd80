# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a role assignment."""

from __future__ import annotations

import typing as t

from .._documents.ids import ROLE_ASSIGNMENT
from .._errors import OptionError
from .._identity import OnScope
from .._options import STATE, Spec
from .._resources.role_assignment import RoleAssignment
from .._spelling import ROLE_ASSIGNMENT as SPELLING
from .._values import emptied, guid

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = OnScope(ROLE_ASSIGNMENT, "scope", needs_name=False)


OPTIONS: Spec = {
    "role_definition_id": {"type": "str", "aliases": ["role_definition_id_or_name", "role"]},
    "assignee_object_id": {"type": "str", "aliases": ["principal_id"]},
    "principal_type": {"type": "str", "choices": ["User", "Group", "ServicePrincipal", "ForeignGroup"]},
    "description": {"type": "str"},
    "condition": {"type": "str"},
    **STATE,
}


def resources(task: Task) -> list[RoleAssignment]:
    """Map the options to the resource."""
    place, name = IDENTITY.of(task)
    principal = guid(task["assignee_object_id"], "assignee_object_id", "an object ID") if task["assignee_object_id"] else None
    role = (task["role_definition_id"] or "").strip() or None
    for option, value in (("role_definition_id", role), ("assignee_object_id", principal)):
        if value is None and not (task.absent and name):
            raise OptionError(option, "required to find the role assignment; set it, or with state: absent set name.")
    properties = {
        "principalId": principal,
        "principalType": task["principal_type"],
        "description": emptied(task["description"]),
        "condition": emptied(task["condition"]),
        "conditionVersion": "2.0" if emptied(task["condition"]) else emptied(task["condition"]),
    }
    desired = None if task.absent else {"properties": properties}
    return [RoleAssignment(place, desired, role=role, principal=principal, name=name, spelling=SPELLING)]
