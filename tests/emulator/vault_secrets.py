# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Secrets of a vault, by its data plane (documented: Key Vault REST 7.x), for callers that its doors let in.

Kept in ``Emulator.vault_secrets`` by the vault's name, which is unique in all of Azure: ``{name: {"versions": [...], "deleted": ...}}``,
the newest version last. They outlive the vault's soft deletion, and go with its purge.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulator import access
from emulator.errors import ArmError, Json, not_served
from emulator.store import Record
from emulator.wire import Reply

if TYPE_CHECKING:
    from emulator.core import Emulator

DAY = 86400
PAGE = 25
LONGEST = 25_600
_NAME = re.compile(r"^[0-9A-Za-z-]{1,127}$")
_VERSION = re.compile(r"^\d+\.\d+(-preview\.\d+)?$|^\d{4}-\d{2}-\d{2}(-preview)?$")


@dataclass(slots=True)
class Ask:
    """A request that has passed the vault's doors. ``base``: the vault's URL; ``caller``: how errors name who asks."""

    emulator: Emulator
    vault: Record
    method: str
    parts: list[str]
    query: Mapping[str, str]
    body: Any
    claims: Json
    base: str

    @property
    def kept(self) -> Json:
        found: Json = self.emulator.vault_secrets.setdefault(self.vault.name.lower(), {})
        return found

    @property
    def name(self) -> str:
        return self.parts[1]

    @property
    def caller(self) -> str:
        return f"appid={self.claims['appid']};oid={self.claims['oid']};iss={self.claims['iss']}"


def answer(ask: Ask) -> Reply:
    """What the vault answers, which is also an error's status and body."""
    try:
        handler, action, permission = _found(ask)
        _require(ask, action, permission)
        if not _VERSION.match(ask.query.get("api-version", "")):
            raise _bad("api-version must be specified" if "api-version" not in ask.query else "Invalid api-version")
        if len(ask.parts) > 1 and not _NAME.match(ask.name):
            raise _bad(f"The request URI contains an invalid name: {ask.name}")
        _expire(ask)
        return handler(ask)
    except ArmError as problem:
        return Reply(problem.status, problem.body)


_Handler = Callable[[Ask], Reply]


def _found(ask: Ask) -> tuple[_Handler, str, str]:
    """The handler, the data action that it takes, and the permission of an access policy."""
    low = [each.lower() for each in ask.parts]
    if low[2:] == ["versions"]:
        key: tuple[str, str, int] = (ask.method, f"{low[0]}/versions", 3)
    elif low[2:] == ["recover"]:
        key = (ask.method, f"{low[0]}/recover", 3)
    else:
        key = (ask.method, low[0] if low else "", len(low))
    found = _HANDLERS.get(key)
    if found is None:
        raise not_served(f"{ask.method} /{'/'.join(ask.parts)} of a vault")
    return found


def _require(ask: Ask, action: str, permission: str) -> None:
    """Refuse whom no role, or no access policy, lets do this; which of the two counts is the vault's setting."""
    principal = next(
        (each for each in ask.emulator.principals if each.object_id == ask.claims["oid"] and each.tenant == ask.claims["tid"]), None
    )
    place = f"{ask.vault.id}/secrets/{ask.name}" if len(ask.parts) > 1 else ask.vault.id
    if ask.vault.properties.get("enableRbacAuthorization"):
        needed = f"Microsoft.KeyVault/vaults/secrets/{action}"
        if principal is None or not access.with_granted(principal, ask.emulator.store).may(needed, place, data=True):
            raise _by_role(ask, needed, place)
        return
    policies = ask.vault.properties.get("accessPolicies") or []
    granted = [each["permissions"].get("secrets") or [] for each in policies if each["objectId"].lower() == ask.claims["oid"].lower()]
    if not any(each.lower() in (permission, "all") for mine in granted for each in mine):
        message = (
            f"The user, group or application '{ask.caller}' does not have secrets {permission} permission on key vault "
            f"'{ask.vault.name};location={ask.vault.document['location']}'. For help resolving this issue, please see "
            "https://go.microsoft.com/fwlink/?linkid=2125287"
        )
        raise _forbidden("AccessDenied", message)


def _by_role(ask: Ask, action: str, place: str) -> ArmError:
    message = (
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed "
        f"recently, please observe propagation time.\r\nCaller: {ask.caller}\r\nAction: '{action}'\r\nResource: '{place}'\r\n"
        "Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n"
        f"Vault: {ask.vault.name};location={ask.vault.document['location']}\r\n"
    )
    return _forbidden("ForbiddenByRbac", message)


def _forbidden(inner: str, message: str) -> ArmError:
    return ArmError(403, "Forbidden", message, extra={"innererror": {"code": inner}})


def _bad(message: str) -> ArmError:
    return ArmError(400, "BadParameter", message)


def _expire(ask: Ask) -> None:
    """Deleted secrets whose retention is over are gone."""
    now = ask.emulator.clock.now()
    for name, entry in list(ask.kept.items()):
        if entry["deleted"] and entry["deleted"]["scheduledPurgeDate"] <= now:
            del ask.kept[name]


# What a secret looks like


def _attributes(ask: Ask, version: Json) -> Json:
    """With the vault's recovery level, which does not depend on the secret."""
    days = ask.vault.properties.get("softDeleteRetentionInDays", 90)
    level = "Recoverable" if days == 90 else "CustomizedRecoverable"
    if not ask.vault.properties.get("enablePurgeProtection"):
        level += "+Purgeable"
    return {**version["attributes"], "recoveryLevel": level, "recoverableDays": days}


def _item(ask: Ask, name: str, version: Json, *, of_version: bool = False) -> Json:
    """An entry of a list: without the value, and of a secret without its version."""
    place = f"{ask.base}/secrets/{name}"
    more = {key: version[key] for key in ("contentType", "tags") if version.get(key) is not None}
    return {"id": f"{place}/{version['version']}" if of_version else place, "attributes": _attributes(ask, version), **more}


def _bundle(ask: Ask, name: str, version: Json, *, value: bool = True) -> Json:
    return {**({"value": version["value"]} if value else {}), **_item(ask, name, version, of_version=True)}


def _deleted_parts(ask: Ask, name: str, entry: Json) -> Json:
    return {"recoveryId": f"{ask.base}/deletedsecrets/{name}", **entry["deleted"]}


# Secrets


def _entry(ask: Ask) -> tuple[str, Json]:
    """The secret that the path names, with its name as it was made."""
    for name, entry in ask.kept.items():
        if name.lower() == ask.name.lower() and not entry["deleted"]:
            return name, entry
    raise _missing(ask)


def _missing(ask: Ask) -> ArmError:
    asked = "/".join(ask.parts[1:])
    return ArmError(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {asked} was not found in this key vault. If you recently deleted this secret you may be able to recover "
        "it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
    )


def _version(ask: Ask) -> tuple[str, Json]:
    name, entry = _entry(ask)
    versions: list[Json] = entry["versions"]
    wanted = ask.parts[2].lower() if len(ask.parts) > 2 else versions[-1]["version"]
    found = next((each for each in versions if each["version"] == wanted), None)
    if found is None:
        raise _missing(ask)
    return name, found


def _get(ask: Ask) -> Reply:
    name, version = _version(ask)
    if not version["attributes"]["enabled"]:
        raise _forbidden("SecretDisabled", "Operation get is not allowed on a disabled secret.")
    return Reply(200, _bundle(ask, name, version))


def _document(ask: Ask) -> Json:
    if not isinstance(ask.body, dict):
        raise _bad("The request body is missing, or it is no JSON object.")  # unrecorded: the text
    return ask.body


def _changes(sent: Json, now: int) -> Json:
    """The attributes that were sent; unrecorded: which other types are refused, and how."""
    attributes = sent.get("attributes") or {}
    for name, kind in (("enabled", bool), ("nbf", int), ("exp", int)):
        if attributes.get(name) is not None and not isinstance(attributes[name], kind):
            raise _bad(f"Property {name} has invalid value")
    return {**{name: attributes[name] for name in ("enabled", "nbf", "exp") if attributes.get(name) is not None}, "updated": now}


def _set(ask: Ask) -> Reply:
    """A new version, which is the secret's current one."""
    sent, now = _document(ask), int(ask.emulator.clock.now())
    if not isinstance(sent.get("value"), str):
        raise _bad("Property value has invalid value")  # unrecorded: the text
    if len(sent["value"].encode()) > LONGEST:
        raise _bad(f"Secret value exceeds the maximum size of {LONGEST} bytes.")  # unrecorded: the text
    name = next((each for each in ask.kept if each.lower() == ask.name.lower()), ask.name)
    entry = ask.kept.setdefault(name, {"versions": [], "deleted": None})
    if entry["deleted"]:
        message = (
            f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret "
            "can only be recovered or purged."
        )
        raise ArmError(409, "Conflict", message, extra={"innererror": {"code": "ObjectIsDeletedButRecoverable"}})
    version: Json = {"version": uuid.uuid4().hex, "value": sent["value"], "contentType": sent.get("contentType"), "tags": sent.get("tags")}
    version["attributes"] = {"enabled": True, "created": now, **_changes(sent, now)}
    entry["versions"].append(version)
    return Reply(200, _bundle(ask, name, version))


def _update(ask: Ask) -> Reply:
    """Attributes, tags and content type of a version; the value stays and is not answered."""
    sent, (name, version) = _document(ask), _version(ask)
    version["attributes"] |= _changes(sent, int(ask.emulator.clock.now()))
    version |= {key: sent[key] for key in ("contentType", "tags") if sent.get(key) is not None}
    return Reply(200, _bundle(ask, name, version, value=False))


def _list(ask: Ask) -> Reply:
    found = [(name, entry["versions"][-1]) for name, entry in ask.kept.items() if not entry["deleted"]]
    return _page(ask, [_item(ask, name, version) for name, version in found])


def _versions(ask: Ask) -> Reply:
    name, entry = _entry(ask)
    return _page(ask, [_item(ask, name, each, of_version=True) for each in entry["versions"]])


def _page(ask: Ask, items: list[Json]) -> Reply:
    """Up to ``maxresults`` of the items, 25 where it is not told, in the order of their ids."""
    asked = ask.query.get("maxresults", str(PAGE))
    if not asked.isdigit() or not 1 <= int(asked) <= PAGE:
        raise _bad("The parameter maxresults must be a number between 1 and 25.")  # unrecorded: the text
    after = ask.query.get("$skiptoken", "")
    rest = sorted((each for each in items if each["id"] > after), key=lambda each: str(each["id"]))
    shown = rest[: int(asked)]
    link = None
    if len(rest) > len(shown):
        path = "/".join(ask.parts)
        link = f"{ask.base}/{path}?api-version={ask.query['api-version']}&$skiptoken={quote(shown[-1]['id'], safe='')}&maxresults={asked}"
    return Reply(200, {"value": shown, "nextLink": link})


def _delete(ask: Ask) -> Reply:
    name, entry = _entry(ask)
    now, days = int(ask.emulator.clock.now()), ask.vault.properties.get("softDeleteRetentionInDays", 90)
    entry["deleted"] = {"deletedDate": now, "scheduledPurgeDate": now + days * DAY}
    return Reply(200, {**_deleted_parts(ask, name, entry), **_bundle(ask, name, entry["versions"][-1], value=False)})


# Deleted secrets


def _deleted(ask: Ask) -> tuple[str, Json]:
    for name, entry in ask.kept.items():
        if name.lower() == ask.name.lower() and entry["deleted"]:
            return name, entry
    raise ArmError(404, "SecretNotFound", f"Deleted Secret not found: {ask.name}")


def _deleted_get(ask: Ask) -> Reply:
    name, entry = _deleted(ask)
    return Reply(200, {**_deleted_parts(ask, name, entry), **_bundle(ask, name, entry["versions"][-1], value=False)})


def _deleted_list(ask: Ask) -> Reply:
    found = [(name, entry) for name, entry in ask.kept.items() if entry["deleted"]]
    return _page(ask, [{**_deleted_parts(ask, name, entry), **_item(ask, name, entry["versions"][-1])} for name, entry in found])


def _recover(ask: Ask) -> Reply:
    name, entry = _deleted(ask)
    entry["deleted"] = None
    return Reply(200, _item(ask, name, entry["versions"][-1], of_version=True))


def _purge(ask: Ask) -> Reply:
    name, _unused = _deleted(ask)
    if ask.vault.properties.get("enablePurgeProtection"):  # unrecorded: the text and the inner code
        raise _forbidden("PurgeNotAllowed", 'Operation "purge" is not allowed because purge protection is enabled for this vault.')
    del ask.kept[name]
    return Reply(204)


_READ, _LIST = ("getSecret/action", "get"), ("readMetadata/action", "list")
_HANDLERS: dict[tuple[str, str, int], tuple[_Handler, str, str]] = {
    ("GET", "secrets", 1): (_list, *_LIST),
    ("GET", "secrets", 2): (_get, *_READ),
    ("GET", "secrets", 3): (_get, *_READ),
    ("GET", "secrets/versions", 3): (_versions, *_LIST),
    ("PUT", "secrets", 2): (_set, "setSecret/action", "set"),
    ("PATCH", "secrets", 2): (_update, "update/action", "set"),
    ("PATCH", "secrets", 3): (_update, "update/action", "set"),
    ("DELETE", "secrets", 2): (_delete, "delete", "delete"),
    ("GET", "deletedsecrets", 1): (_deleted_list, *_LIST),
    ("GET", "deletedsecrets", 2): (_deleted_get, "readMetadata/action", "get"),
    ("DELETE", "deletedsecrets", 2): (_purge, "purge/action", "purge"),
    ("POST", "deletedsecrets/recover", 3): (_recover, "recover/action", "recover"),
}
