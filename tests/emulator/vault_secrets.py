# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of a vault (documented: Key Vault REST 7.x)."""

from __future__ import annotations

import uuid

from emulator.errors import Json
from emulator.vault_objects import (
    Ask,
    Entry,
    Key,
    attributes,
    bad,
    changes,
    check_not_deleted,
    delete,
    deleted_of,
    deleted_parts,
    document,
    entry_of,
    forbidden,
    page,
    purge,
    version_of,
)
from emulator.wire import Reply

LONGEST = 25_600


def _item(ask: Ask, name: str, version: Json, *, of_version: bool = False) -> Json:
    """An entry of a list: without the value, and of a secret without its version."""
    place = f"{ask.base}/secrets/{name}"
    more = {key: version[key] for key in ("contentType", "tags") if version.get(key) is not None}
    return {"id": f"{place}/{version['version']}" if of_version else place, "attributes": attributes(ask, version), **more}


def _bundle(ask: Ask, name: str, version: Json, *, value: bool = True) -> Json:
    return {**({"value": version["value"]} if value else {}), **_item(ask, name, version, of_version=True)}


# Secrets


def _get(ask: Ask) -> Reply:
    name, version = version_of(ask)
    if not version["attributes"]["enabled"]:
        raise forbidden("SecretDisabled", "Operation get is not allowed on a disabled secret.")
    return Reply(200, _bundle(ask, name, version))


def _set(ask: Ask) -> Reply:
    """A new version, which is the secret's current one."""
    sent, now = document(ask), int(ask.emulator.clock.now())
    if not isinstance(sent.get("value"), str):
        raise bad("Property value has invalid value")  # unrecorded: the text
    if len(sent["value"].encode()) > LONGEST:
        raise bad(f"Secret value exceeds the maximum size of {LONGEST} bytes.")  # unrecorded: the text
    name = next((each for each in ask.kept if each.lower() == ask.name.lower()), ask.name)
    entry = ask.kept.setdefault(name, {"versions": [], "deleted": None})
    check_not_deleted(ask, name, entry)
    version: Json = {"version": uuid.uuid4().hex, "value": sent["value"], "contentType": sent.get("contentType"), "tags": sent.get("tags")}
    version["attributes"] = {"enabled": True, "created": now, **changes(sent, now)}
    entry["versions"].append(version)
    return Reply(200, _bundle(ask, name, version))


def _update(ask: Ask) -> Reply:
    """Attributes, tags and content type of a version; the value stays and is not answered."""
    sent, (name, version) = document(ask), version_of(ask)
    version["attributes"] |= changes(sent, int(ask.emulator.clock.now()))
    version |= {key: sent[key] for key in ("contentType", "tags") if sent.get(key) is not None}
    return Reply(200, _bundle(ask, name, version, value=False))


def _list(ask: Ask) -> Reply:
    found = [(name, entry["versions"][-1]) for name, entry in ask.kept.items() if not entry["deleted"]]
    return page(ask, [_item(ask, name, version) for name, version in found])


def _versions(ask: Ask) -> Reply:
    name, entry = entry_of(ask)
    return page(ask, [_item(ask, name, each, of_version=True) for each in entry["versions"]])


def _delete(ask: Ask) -> Reply:
    name, entry = delete(ask)
    return Reply(200, {**deleted_parts(ask, name, entry), **_bundle(ask, name, entry["versions"][-1], value=False)})


# Deleted secrets


def _deleted_get(ask: Ask) -> Reply:
    name, entry = deleted_of(ask)
    return Reply(200, {**deleted_parts(ask, name, entry), **_bundle(ask, name, entry["versions"][-1], value=False)})


def _deleted_list(ask: Ask) -> Reply:
    found = [(name, entry) for name, entry in ask.kept.items() if entry["deleted"]]
    return page(ask, [{**deleted_parts(ask, name, entry), **_item(ask, name, entry["versions"][-1])} for name, entry in found])


def _recover(ask: Ask) -> Reply:
    name, entry = deleted_of(ask)
    entry["deleted"] = None
    return Reply(200, _item(ask, name, entry["versions"][-1], of_version=True))


_READ, _LIST = ("getSecret/action", "get"), ("readMetadata/action", "list")
HANDLERS: dict[Key, Entry] = {
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
    ("DELETE", "deletedsecrets", 2): (purge, "purge/action", "purge"),
    ("POST", "deletedsecrets/recover", 3): (_recover, "recover/action", "recover"),
}
