# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
What secrets and keys of a vault have in common, by its data plane (documented: Key Vault REST 7.x), for callers that its doors let in.

Kept in the emulator by the vault's name, which is unique in all of Azure: ``{name: {"versions": [...], "deleted": ...}}``, the newest
version last. They outlive the vault's soft deletion, and go with its purge.
"""

from __future__ import annotations

import re
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
    def kind(self) -> str:
        """``secrets`` or ``keys``; what is deleted is of the same kind."""
        return self.parts[0].lower().removeprefix("deleted")

    @property
    def label(self) -> str:
        """How texts name one of the kind."""
        return self.kind.removesuffix("s").capitalize()

    @property
    def kept(self) -> Json:
        every = self.emulator.vault_keys if self.kind == "keys" else self.emulator.vault_secrets
        found: Json = every.setdefault(self.vault.name.lower(), {})
        return found

    @property
    def name(self) -> str:
        return self.parts[1]

    @property
    def caller(self) -> str:
        return f"appid={self.claims['appid']};oid={self.claims['oid']};iss={self.claims['iss']}"


def answer(ask: Ask, handlers: Mapping[Key, Entry]) -> Reply:
    """What the vault answers, which is also an error's status and body."""
    try:
        handler, action, permission = _found(ask, handlers)
        _require(ask, action, permission)
        if not _VERSION.match(ask.query.get("api-version", "")):
            raise bad("api-version must be specified" if "api-version" not in ask.query else "Invalid api-version")
        if len(ask.parts) > 1 and not _NAME.match(ask.name):
            raise bad(f"The request URI contains an invalid name: {ask.name}")
        _expire(ask)
        return handler(ask)
    except ArmError as problem:
        return Reply(problem.status, problem.body)


Key = tuple[str, str, int]
"""A method, the first part of the path (with the verb that ends it), and how many parts there are."""
Entry = tuple[Callable[[Ask], Reply], str, str]
"""A handler, the data action that it takes, and the permission of an access policy."""
_VERBS = ("versions", "recover", "create")


def _found(ask: Ask, handlers: Mapping[Key, Entry]) -> Entry:
    low = [each.lower() for each in ask.parts]
    verb = f"/{low[2]}" if len(low) == 3 and low[2] in _VERBS else ""
    found = handlers.get((ask.method, f"{low[0]}{verb}" if low else "", len(low)))
    if found is None:
        raise not_served(f"{ask.method} /{'/'.join(ask.parts)} of a vault")
    return found


def _require(ask: Ask, action: str, permission: str) -> None:
    """Refuse whom no role, or no access policy, lets do this; which of the two counts is the vault's setting."""
    principal = next(
        (each for each in ask.emulator.principals if each.object_id == ask.claims["oid"] and each.tenant == ask.claims["tid"]), None
    )
    place = f"{ask.vault.id}/{ask.kind}/{ask.name}" if len(ask.parts) > 1 else ask.vault.id
    if ask.vault.properties.get("enableRbacAuthorization"):
        needed = f"Microsoft.KeyVault/vaults/{ask.kind}/{action}"
        if principal is None or not access.with_granted(principal, ask.emulator.store).may(needed, place, data=True):
            raise _by_role(ask, needed, place)
        return
    policies = ask.vault.properties.get("accessPolicies") or []
    granted = [each["permissions"].get(ask.kind) or [] for each in policies if each["objectId"].lower() == ask.claims["oid"].lower()]
    if not any(each.lower() in (permission, "all") for mine in granted for each in mine):
        message = (
            f"The user, group or application '{ask.caller}' does not have {ask.kind} {permission} permission on key vault "
            f"'{ask.vault.name};location={ask.vault.document['location']}'. For help resolving this issue, please see "
            "https://go.microsoft.com/fwlink/?linkid=2125287"
        )
        raise forbidden("AccessDenied", message)


def _by_role(ask: Ask, action: str, place: str) -> ArmError:
    message = (
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed "
        f"recently, please observe propagation time.\r\nCaller: {ask.caller}\r\nAction: '{action}'\r\nResource: '{place}'\r\n"
        "Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n"
        f"Vault: {ask.vault.name};location={ask.vault.document['location']}\r\n"
    )
    return forbidden("ForbiddenByRbac", message)


def forbidden(inner: str, message: str) -> ArmError:
    return ArmError(403, "Forbidden", message, extra={"innererror": {"code": inner}})


def bad(message: str) -> ArmError:
    return ArmError(400, "BadParameter", message)


def _expire(ask: Ask) -> None:
    """Deleted ones whose retention is over are gone."""
    now = ask.emulator.clock.now()
    for name, entry in list(ask.kept.items()):
        if entry["deleted"] and entry["deleted"]["scheduledPurgeDate"] <= now:
            del ask.kept[name]


def attributes(ask: Ask, version: Json) -> Json:
    """With the vault's recovery level, which does not depend on the version."""
    days = ask.vault.properties.get("softDeleteRetentionInDays", 90)
    level = "Recoverable" if days == 90 else "CustomizedRecoverable"
    if not ask.vault.properties.get("enablePurgeProtection"):
        level += "+Purgeable"
    return {**version["attributes"], "recoveryLevel": level, "recoverableDays": days}


def deleted_parts(ask: Ask, name: str, entry: Json) -> Json:
    return {"recoveryId": f"{ask.base}/deleted{ask.kind}/{name}", **entry["deleted"]}


def entry_of(ask: Ask) -> tuple[str, Json]:
    """What the path names, with its name as it was made."""
    for name, entry in ask.kept.items():
        if name.lower() == ask.name.lower() and not entry["deleted"]:
            return name, entry
    raise missing(ask)


def missing(ask: Ask) -> ArmError:
    asked, kind = "/".join(ask.parts[1:]), ask.label.lower()
    return ArmError(
        404,
        f"{ask.label}NotFound",
        f"A {kind} with (name/id) {asked} was not found in this key vault. If you recently deleted this {kind} you may be able to recover "
        "it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
    )


def version_of(ask: Ask) -> tuple[str, Json]:
    name, entry = entry_of(ask)
    versions: list[Json] = entry["versions"]
    wanted = ask.parts[2].lower() if len(ask.parts) > 2 else versions[-1]["version"]
    found = next((each for each in versions if each["version"] == wanted), None)
    if found is None:
        raise missing(ask)
    return name, found


def document(ask: Ask) -> Json:
    if not isinstance(ask.body, dict):
        raise bad("The request body is missing, or it is no JSON object.")  # unrecorded: the text
    return ask.body


def changes(sent: Json, now: int) -> Json:
    """The attributes that were sent; unrecorded: which other types are refused, and how."""
    attributes = sent.get("attributes") or {}
    for name, kind in (("enabled", bool), ("nbf", int), ("exp", int)):
        if attributes.get(name) is not None and not isinstance(attributes[name], kind):
            raise bad(f"Property {name} has invalid value")
    return {**{name: attributes[name] for name in ("enabled", "nbf", "exp") if attributes.get(name) is not None}, "updated": now}


def page(ask: Ask, items: list[Json], by: str = "id") -> Reply:
    """Up to ``maxresults`` of the items, 25 where it is not told, in the order of their ids."""
    asked = ask.query.get("maxresults", str(PAGE))
    if not asked.isdigit() or not 1 <= int(asked) <= PAGE:
        raise bad("The parameter maxresults must be a number between 1 and 25.")  # unrecorded: the text
    after = ask.query.get("$skiptoken", "")
    rest = sorted((each for each in items if each[by] > after), key=lambda each: str(each[by]))
    shown = rest[: int(asked)]
    link = None
    if len(rest) > len(shown):
        path = "/".join(ask.parts)
        link = f"{ask.base}/{path}?api-version={ask.query['api-version']}&$skiptoken={quote(shown[-1][by], safe='')}&maxresults={asked}"
    return Reply(200, {"value": shown, "nextLink": link})


def deleted_of(ask: Ask) -> tuple[str, Json]:
    for name, entry in ask.kept.items():
        if name.lower() == ask.name.lower() and entry["deleted"]:
            return name, entry
    raise ArmError(404, f"{ask.label}NotFound", f"Deleted {ask.label} not found: {ask.name}")


def check_not_deleted(ask: Ask, name: str, entry: Json) -> None:
    """Names of what is deleted stay taken."""
    if entry["deleted"]:
        message = (
            f"{ask.label} {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the "
            f"{ask.label.lower()} can only be recovered or purged."
        )
        raise ArmError(409, "Conflict", message, extra={"innererror": {"code": "ObjectIsDeletedButRecoverable"}})


def delete(ask: Ask) -> tuple[str, Json]:
    """Delete softly; return what was, with its name."""
    name, entry = entry_of(ask)
    now, days = int(ask.emulator.clock.now()), ask.vault.properties.get("softDeleteRetentionInDays", 90)
    entry["deleted"] = {"deletedDate": now, "scheduledPurgeDate": now + days * DAY}
    return name, entry


def purge(ask: Ask) -> Reply:
    name, _unused = deleted_of(ask)
    if ask.vault.properties.get("enablePurgeProtection"):  # unrecorded: the text and the inner code
        raise forbidden("PurgeNotAllowed", 'Operation "purge" is not allowed because purge protection is enabled for this vault.')
    del ask.kept[name]
    return Reply(204)
