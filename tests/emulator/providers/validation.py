# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARM's preflight: whether resources would be taken, asked without writing them.

unrecorded: all of it. Request and refusal are as azapi and its documentation have them, the success as the
specification has it. Of what Azure checks here only Azure Policy is: the providers' own checks are not known.
"""

from __future__ import annotations

from typing import Any

from emulator import access, ids, policies
from emulator.errors import ArmError, Json, invalid_content
from emulator.wire import Call, Reply, route

_REQUIRED = ("provider", "type", "scope", "resources")


def _validate(call: Call) -> Reply:
    body = call.document()
    missing = [name for name in _REQUIRED if not body.get(name)]
    if missing:
        raise invalid_content(f"Required property '{missing[0]}' not found in JSON.")
    call.actions.append("Microsoft.Resources/subscriptions/resourceGroups/read")
    access.require(call.principal, "Microsoft.Resources/subscriptions/resourceGroups/read", body["scope"])
    resources = [_id(body, each) for each in body["resources"]]
    refused = [error for each in resources if (error := policies.denial(call.emulator.settings.rules, each))]
    if refused:
        message = "Resource validation failed, see details for more information."
        raise ArmError(400, "ResourceValidationFailed", message, details=refused)
    return Reply(200, {"properties": {"validatedResources": resources}})


def _id(body: Json, resource: Any) -> str:
    """The id of a resource; the name of a nested one is its whole path, as in a template."""
    if not isinstance(resource, dict) or not resource.get("name") or not resource.get("apiVersion"):
        raise invalid_content("Required property 'name' or 'apiVersion' not found in JSON.")
    kinds, names = str(body["type"]).split("/"), str(resource["name"]).split("/")
    if len(kinds) != len(names) or ids.parse(body["scope"] + "/providers/a/b/c") is None:
        raise invalid_content("The name of the resource does not fit its type.")
    return f"{body['scope']}/providers/{body['provider']}/" + "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True))


ROUTES = [route("POST", "/providers/Microsoft.Resources/validateResources", _validate, "")]
