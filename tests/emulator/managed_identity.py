# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed identities: the instance metadata service of a virtual machine, and the endpoint of App Service and its like.

Both speak plain HTTP, as in Azure, where they are reached from the host alone; here they listen on loopback, and only when asked for.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from emulator.access import Principal
from emulator.wire import Reply

if TYPE_CHECKING:
    from emulator.core import Emulator

IMDS_PATH = "/metadata/identity/oauth2/token"
APP_SERVICE_PATH = "/msi/token"
LIFETIME = 86399
KINDS = ("", "system", "user")


def answer(emulator: Emulator, path: str, query: Mapping[str, str], headers: Mapping[str, str], secret: str) -> Reply:
    """What the host's door to managed identities says; ``secret`` is App Service's X-IDENTITY-HEADER."""
    if path == IMDS_PATH:
        return _imds(emulator, query, headers)
    return _app_service(emulator, query, headers, secret) if path == APP_SERVICE_PATH else Reply(404)


def _imds(emulator: Emulator, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
    """Errors are those of "How to use managed identities on an Azure VM to acquire an access token"."""
    if headers.get("Metadata", "").lower() != "true" or "X-Forwarded-For" in headers:
        return _refused("invalid_request", "Required metadata header not specified")
    if not query.get("api-version"):
        return _refused("invalid_request", "Required query variable 'api-version' is missing")
    if not query.get("resource"):
        return _refused("bad_request_102", "Required audience parameter not specified")
    found = _identity(emulator, query)
    if found is None:
        return _refused("invalid_request", "Identity not found")
    if not query["resource"].startswith(("https://", "api://")):
        text = f"AADSTS500011: The resource principal named {query['resource']} was not found in the tenant named {found.tenant}."
        return _refused("invalid_resource", text)
    now = int(emulator.clock.now())
    body = {
        "access_token": emulator.tokens.access_token(found, query["resource"], lifetime=LIFETIME),
        "client_id": found.client_id,
        "expires_in": str(LIFETIME),
        "expires_on": str(now + LIFETIME),
        "ext_expires_in": str(LIFETIME),
        "not_before": str(now),
        "resource": query["resource"],
        "token_type": "Bearer",
    }
    return Reply(200, body)


def _refused(error: str, text: str) -> Reply:
    return Reply(400, {"error": error, "error_description": text})


def _app_service(emulator: Emulator, query: Mapping[str, str], headers: Mapping[str, str], secret: str) -> Reply:
    if not hmac.compare_digest(headers.get("X-IDENTITY-HEADER", "").encode(), secret.encode()):
        return _failed(401, "Unauthorized")
    if query.get("api-version") != "2019-08-01" or not query.get("resource"):
        return _failed(400, "Required query parameters 'api-version' (2019-08-01) and 'resource' are missing or not supported.")
    found = _identity(emulator, query)
    if found is None:
        return _failed(400, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.")
    body = {
        "access_token": emulator.tokens.access_token(found, query["resource"], lifetime=LIFETIME),
        "client_id": found.client_id,
        "expires_on": str(int(emulator.clock.now()) + LIFETIME),
        "resource": query["resource"],
        "token_type": "Bearer",
    }
    return Reply(200, body)


def _failed(status: int, text: str) -> Reply:
    return Reply(status, {"statusCode": status, "message": text, "correlationId": str(uuid.uuid4())})


def _identity(emulator: Emulator, query: Mapping[str, str]) -> Principal | None:
    """The identity that is named; without a name the host's own one, or the only user-assigned one."""
    managed = [each for each in emulator.principals if each.managed]
    for parameter, attribute in (("client_id", "client_id"), ("object_id", "object_id"), ("principal_id", "object_id")):
        if query.get(parameter):
            return next((each for each in managed if getattr(each, attribute).lower() == query[parameter].lower()), None)
    if query.get("msi_res_id") or query.get("mi_res_id"):
        return None
    system = next((each for each in managed if each.managed == "system"), None)
    return system or (managed[0] if len(managed) == 1 else None)
