# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Microsoft Graph, as far as clients ask it who somebody is (documented: Microsoft Graph 1.0): users, service principals, objects by id.

Who may read the directory is ``Principal.directory_reader``; the others get Graph's 403.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator import tokens
from emulator.access import Principal
from emulator.errors import ArmError, Json, not_served
from emulator.wire import Reply

if TYPE_CHECKING:
    from emulator.core import Emulator

MOST_IDS = 1000
_VERSIONS = ("v1.0", "beta")
_EQUALS = re.compile(r"^(?P<name>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'$", re.IGNORECASE)
_ANY = re.compile(r"^(?P<name>\w+)/any\((?P<each>\w+):\s*(?P=each)\s+eq\s+'(?P<value>(?:[^']|'')*)'\)$", re.IGNORECASE)
_KEY = re.compile(r"^(?P<kind>\w+)\((?:(?P<name>\w+)=)?'(?P<value>[^']*)'\)$")


def is_graph(parts: list[str]) -> bool:
    """Whether a path is one of Graph."""
    return bool(parts) and parts[0].lower() in _VERSIONS


@dataclass(slots=True)
class Ask:
    """A question of somebody who may ask it. ``parts``: the path behind the version."""

    emulator: Emulator
    principal: Principal
    method: str
    parts: list[str]
    query: Mapping[str, str]
    body: Any
    base: str

    @property
    def everybody(self) -> list[Principal]:
        return [each for each in self.emulator.principals if each.tenant == self.principal.tenant]


def answer(emulator: Emulator, method: str, parts: list[str], query: Mapping[str, str], token: str | None, data: bytes, base: str) -> Reply:
    """What Graph answers to the bearer of a token; ``parts``: the path's segments, from the version on."""
    try:
        principal, delegated = _caller(emulator, token, base)
        ask = Ask(emulator, principal, method, _keyed(parts[1:]), query, _parsed(data), base)
        if ask.parts[:1] == ["me"]:
            return _me(ask, delegated=delegated)
        if not principal.directory_reader:
            raise ArmError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        return _handler(ask)(ask)
    except ArmError as problem:
        return Reply(problem.status, {"error": {**problem.error, "innerError": {"date": emulator.clock.text().removesuffix("Z")}}})


def _caller(emulator: Emulator, token: str | None, base: str) -> tuple[Principal, bool]:
    """Who asks, and whether as a user who is signed in."""
    if token is None:
        raise ArmError(401, "InvalidAuthenticationToken", "Access token is empty.")
    audiences = (base, f"{base}/", "https://graph.microsoft.com", "https://graph.microsoft.com/")
    try:
        claims = emulator.tokens.verify(token, audiences)
    except tokens.TokenError as problem:
        raise ArmError(401, "InvalidAuthenticationToken", f"Access token validation failure. {problem}") from None
    found = next((each for each in emulator.principals if each.object_id == claims["oid"] and each.tenant == claims["tid"]), None)
    if found is None:
        raise ArmError(401, "Authorization_IdentityNotFound", "The identity of the calling application could not be established.")
    return found, claims.get("idtyp") == "user"


def _keyed(parts: list[str]) -> list[str]:
    """``users('x')`` and ``servicePrincipals(appId='x')`` as a kind and what its key is."""
    found = _KEY.match(parts[0]) if parts else None
    if not found:
        return parts
    key = f"{found['name']}={found['value']}" if found["name"] else found["value"]
    return [found["kind"], key, *parts[1:]]


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data.strip() else None
    except ValueError:
        raise ArmError(400, "BadRequest", "Unable to read JSON request payload.") from None


def _handler(ask: Ask) -> Callable[[Ask], Reply]:
    kind = ask.parts[0].lower() if ask.parts else ""
    if ask.method == "GET" and kind in _SHOWN and len(ask.parts) <= 2:
        return _one if len(ask.parts) == 2 else _list
    if (ask.method, [each.lower() for each in ask.parts]) == ("POST", ["directoryobjects", "getbyids"]):
        return _by_ids
    raise not_served(f"{ask.method} /{'/'.join(ask.parts)} of Microsoft Graph")


def _user(principal: Principal) -> Json:
    nothing = dict.fromkeys(("givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname"))
    own = {"id": principal.object_id, "displayName": principal.name, "userPrincipalName": principal.username}
    return {**own, **nothing, "businessPhones": []}


def _application(principal: Principal) -> Json:
    return {
        "id": principal.object_id,
        "accountEnabled": True,
        "appDisplayName": principal.name,
        "appId": principal.client_id,
        "appOwnerOrganizationId": principal.tenant,
        "displayName": principal.name,
        "servicePrincipalNames": [principal.client_id],
        "servicePrincipalType": "ManagedIdentity" if principal.managed else "Application",
    }


_SHOWN: dict[str, tuple[Callable[[Principal], Json], bool]] = {"users": (_user, True), "serviceprincipals": (_application, False)}
"""How a collection shows its members, and whether they are users."""


def _members(ask: Ask) -> list[Json]:
    show, users = _SHOWN[ask.parts[0].lower()]
    return [show(each) for each in ask.everybody if bool(each.username) == users]


def _list(ask: Ask) -> Reply:
    """All, or those of a ``$filter`` with one ``eq``; any other query is not served."""
    for name in ask.query:
        if name.lower() != "$filter":
            raise not_served(f"the query parameter '{name}' of Microsoft Graph")
    found, text = _members(ask), ask.query.get("$filter", "").strip()
    if text:
        test = _EQUALS.match(text) or _ANY.match(text)
        if test is None:
            raise not_served(f"the $filter '{text}' of Microsoft Graph")
        found = [each for each in found if _has(each, test["name"], test["value"].replace("''", "'"), several="any(" in text)]
    return Reply(200, {"@odata.context": f"{ask.base}/v1.0/$metadata#{ask.parts[0]}", "value": found})


def _has(shown: Json, name: str, value: str, *, several: bool) -> bool:
    held = next((each for key, each in shown.items() if key.lower() == name.lower()), None)
    if several != isinstance(held, list):
        raise ArmError(400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter clause specified for property '{name}'.")
    texts = held if isinstance(held, list) else [held]
    return value.lower() in [str(each).lower() for each in texts]


def _one(ask: Ask) -> Reply:
    """By object id, a user also by name, an application by ``appId=``."""
    name, _unused, value = ask.parts[1].rpartition("=")
    keys = ("appId",) if name.lower() == "appid" else ("id", "userPrincipalName")
    for each in _members(ask):
        if value.lower() in [str(each.get(key)).lower() for key in keys]:
            return Reply(200, {"@odata.context": f"{ask.base}/v1.0/$metadata#{ask.parts[0]}/$entity", **each})
    message = f"Resource '{value}' does not exist or one of its queried reference-property objects are not present."
    raise ArmError(404, "Request_ResourceNotFound", message)


def _by_ids(ask: Ask) -> Reply:
    """The objects of these ids that there are, of the types that were asked for."""
    sent = ask.body if isinstance(ask.body, dict) else {}
    wanted, types = sent.get("ids"), [str(each).lower() for each in sent.get("types") or []]
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST_IDS:
        raise ArmError(400, "Request_BadRequest", f"Invalid value specified for property 'ids': between 1 and {MOST_IDS} are allowed.")
    low = {str(each).lower() for each in wanted}
    found = []
    for each in ask.everybody:
        kind, show = ("user", _user) if each.username else ("servicePrincipal", _application)
        if each.object_id.lower() in low and (not types or kind.lower() in types or "directoryobject" in types):
            found.append({"@odata.type": f"#microsoft.graph.{kind}", **show(each)})
    return Reply(200, {"@odata.context": f"{ask.base}/v1.0/$metadata#directoryObjects", "value": found})


def _me(ask: Ask, *, delegated: bool) -> Reply:
    if ask.method != "GET" or len(ask.parts) > 1:
        raise not_served(f"{ask.method} /{'/'.join(ask.parts)} of Microsoft Graph")
    if not delegated:
        raise ArmError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
    return Reply(200, {"@odata.context": f"{ask.base}/v1.0/$metadata#users/$entity", **_user(ask.principal)})
