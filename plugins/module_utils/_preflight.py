# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask Azure before a resource is deleted and recreated: after the deletion, a refusal comes too late."""

from __future__ import annotations

import fnmatch
import re
import typing as t

from ._azure.world import World
from ._documents.compare import UNKNOWN, Document
from ._documents.ids import ResourceId
from ._errors import ArmError, Problem
from ._resources.resource import Observed, Plan, Resource

_VALIDATE = "/providers/Microsoft.Resources/validateResources"
_VALIDATE_VERSION = "2020-10-01"
_PERMISSIONS_VERSION = "2022-04-01"
_REFUSED = "ResourceValidationFailed"
# What may be said of the new resource only because the old one is still there.
_OLD_ONES = re.compile("Already|Allocated|InUse|Exists|Conflict|Full", re.IGNORECASE)


def refuse_beforehand(resource: Resource, observed: Observed, plan: Plan, world: World) -> None:
    """Refuse a replacement that Azure would refuse once the old resource is gone: for want of a right, by a policy or by a static check.

    What cannot be asked, or not with these credentials, the write itself will tell.
    """
    if resource.validated_as is None:
        return
    _require_right(resource, observed.id, world)
    if UNKNOWN in str(plan.body):
        return
    question = _question(resource, observed.id, plan.body, resource.validated_as)
    try:
        status, answer = world.ask(_VALIDATE, _VALIDATE_VERSION, question, doing=f"validate the new {resource.label_of(observed.id)}")
    except ArmError:
        return
    error = answer.get("error")
    causes = [cause for cause in _causes(error) if not _OLD_ONES.search(str(cause.get("code")))]
    if status != 400 or not isinstance(error, dict) or error.get("code") != _REFUSED or not causes:
        return
    said = "; ".join(" ".join(str(cause.get("message")).split()).rstrip(".") for cause in causes)
    raise ArmError(
        f"Azure would reject the replacement of {resource.label_of(observed.id)}, so it was not deleted: {said}",
        code=str(causes[0].get("code")),
        status=status,
        resource_id=str(observed.id),
    )


def _question(resource: Resource, found: ResourceId, body: Document, version: str) -> Document:
    """Return the question of the operation validateResources, as ARM's own deployments put it to a provider."""
    provider, _slash, kind = resource.type.partition("/")
    whole = {"name": "/".join(found.names), "apiVersion": version, **body}
    return {
        "provider": provider,
        "type": kind,
        **({"location": body["location"]} if "location" in body else {}),
        "scope": str(found.scope),
        "resources": [whole],
        "performPreflightWithoutRbacWriteCheck": True,
    }


def _causes(error: t.Any) -> list[Document]:
    """Return the innermost errors."""
    if not isinstance(error, dict):
        return []
    details = error.get("details")
    inner = [cause for detail in (details if isinstance(details, list) else []) for cause in _causes(detail)]
    return inner or [error]


def _require_right(resource: Resource, found: ResourceId, world: World) -> None:
    """Refuse if these credentials may not create the resource in its group: a permission on the resource itself is deleted with it."""
    action, scope = f"{resource.type}/write", _around(found)
    try:
        doing = f"list the permissions of these credentials on '{scope}'"
        status, answer = world.ask(f"{scope}/providers/Microsoft.Authorization/permissions", _PERMISSIONS_VERSION, doing=doing)
    except ArmError:
        return
    permissions = answer.get("value") if status == 200 and not answer.get("nextLink") else None
    if isinstance(permissions, list) and permissions and not any(_allows(each, action) for each in permissions):
        raise Problem(
            f"These credentials may not create {resource.label_of(found)} again, so it was not deleted: "
            f"they have no permission to perform '{action}' on '{scope}'",
            code="AuthorizationFailed",
            resource_id=str(found),
            hint="Grant them a role with this action on that scope; a role on the resource itself is deleted with the resource.",
        )


def _around(resource_id: ResourceId) -> ResourceId:
    """Return what a resource is nested in, or its group."""
    return resource_id.parent if len(resource_id.names) > 1 else resource_id.scope


def _allows(permission: t.Any, action: str) -> bool:
    """Return whether a permission allows an action; one that is not understood may."""
    if not isinstance(permission, dict) or not isinstance(permission.get("actions"), list):
        return True
    return _matches(permission["actions"], action) and not _matches(permission.get("notActions"), action)


def _matches(patterns: t.Any, action: str) -> bool:
    return isinstance(patterns, list) and any(fnmatch.fnmatchcase(action.casefold(), str(pattern).casefold()) for pattern in patterns)
