# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a vault, without what is done with them (documented: Key Vault REST 7.x). Only the public half of a key is kept.

unrecorded: texts of refusals, and what is there beside what the documentation shows.
"""

from __future__ import annotations

import base64
import uuid

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulator.errors import Json, not_served
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
    page,
    purge,
    version_of,
)
from emulator.wire import Reply

_CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(), "P-256K": ec.SECP256K1()}
_SIZES = (2048, 3072, 4096)
_OPERATIONS = {"RSA": ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"], "EC": ["sign", "verify"]}
_KNOWN = frozenset([*_OPERATIONS["RSA"], "import", "export"])


def _number(value: int, size: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes(size, "big")).decode().rstrip("=")


def _material(sent: Json) -> Json:
    """A new key's public half."""
    kind = str(sent.get("kty") or "").upper()
    if kind == "RSA":
        size = sent.get("key_size") or _SIZES[0]
        if size not in _SIZES:
            raise bad(f"Invalid key size: {size}. Valid values are: {', '.join(map(str, _SIZES))}.")
        numbers = rsa.generate_private_key(65537, size).public_key().public_numbers()
        return {"kty": kind, "n": _number(numbers.n, size // 8), "e": _number(numbers.e, 3)}
    if kind == "EC":
        curve = _CURVES.get(sent.get("crv") or "P-256")
        if curve is None:
            raise bad(f"Invalid curve name: {sent['crv']}. Valid values are: {', '.join(_CURVES)}.")
        point, size = ec.generate_private_key(curve).public_key().public_numbers(), (curve.key_size + 7) // 8
        return {"kty": kind, "crv": sent.get("crv") or "P-256", "x": _number(point.x, size), "y": _number(point.y, size)}
    if kind in ("RSA-HSM", "EC-HSM", "OCT", "OCT-HSM"):
        raise not_served(f"keys of type '{sent['kty']}'")
    raise bad("Property kty has invalid value")


def _operations(sent: Json, kind: str) -> list[str]:
    asked = sent.get("key_ops") or _OPERATIONS[kind]
    if not isinstance(asked, list) or not _KNOWN.issuperset(map(str, asked)):
        raise bad("Property key_ops has invalid value")
    return asked


def _item(ask: Ask, name: str, version: Json, *, of_version: bool = False) -> Json:
    """An entry of a list: without the key."""
    place = f"{ask.base}/keys/{name}"
    tags = {"tags": version["tags"]} if version.get("tags") is not None else {}
    return {"kid": f"{place}/{version['version']}" if of_version else place, "attributes": attributes(ask, version), **tags}


def _bundle(ask: Ask, name: str, version: Json) -> Json:
    item = _item(ask, name, version, of_version=True)
    return {"key": {"kid": item.pop("kid"), **version["key"]}, **item}


def _create(ask: Ask) -> Reply:
    """A new version, which is the key's current one."""
    sent, now = document(ask), int(ask.emulator.clock.now())
    name = next((each for each in ask.kept if each.lower() == ask.name.lower()), ask.name)
    check_not_deleted(ask, name, ask.kept.get(name) or {"deleted": None})
    material = _material(sent)
    key = {"kty": material.pop("kty"), "key_ops": _operations(sent, str(sent["kty"]).upper()), **material}
    made: Json = {"enabled": True, "created": now, **changes(sent, now), "exportable": False}
    version: Json = {"version": uuid.uuid4().hex, "key": key, "tags": sent.get("tags"), "attributes": made}
    ask.kept.setdefault(name, {"versions": [], "deleted": None})["versions"].append(version)
    return Reply(200, _bundle(ask, name, version))


def _update(ask: Ask) -> Reply:
    """Attributes, operations and tags of a version."""
    sent, (name, version) = document(ask), version_of(ask)
    if sent.get("key_ops") is not None:
        version["key"]["key_ops"] = _operations(sent, version["key"]["kty"])
    version["attributes"] |= changes(sent, int(ask.emulator.clock.now()))
    if sent.get("tags") is not None:
        version["tags"] = sent["tags"]
    return Reply(200, _bundle(ask, name, version))


def _get(ask: Ask) -> Reply:
    return Reply(200, _bundle(ask, *version_of(ask)))


def _list(ask: Ask) -> Reply:
    found = [(name, entry["versions"][-1]) for name, entry in ask.kept.items() if not entry["deleted"]]
    return page(ask, [_item(ask, name, version) for name, version in found], "kid")


def _versions(ask: Ask) -> Reply:
    name, entry = entry_of(ask)
    return page(ask, [_item(ask, name, each, of_version=True) for each in entry["versions"]], "kid")


def _shown_deleted(ask: Ask, name: str, entry: Json) -> Json:
    return {**deleted_parts(ask, name, entry), **_bundle(ask, name, entry["versions"][-1])}


def _delete(ask: Ask) -> Reply:
    return Reply(200, _shown_deleted(ask, *delete(ask)))


def _deleted_get(ask: Ask) -> Reply:
    return Reply(200, _shown_deleted(ask, *deleted_of(ask)))


def _deleted_list(ask: Ask) -> Reply:
    found = [(name, entry) for name, entry in ask.kept.items() if entry["deleted"]]
    return page(ask, [{**deleted_parts(ask, name, each), **_item(ask, name, each["versions"][-1])} for name, each in found], "kid")


def _recover(ask: Ask) -> Reply:
    name, entry = deleted_of(ask)
    entry["deleted"] = None
    return Reply(200, _bundle(ask, name, entry["versions"][-1]))


HANDLERS: dict[Key, Entry] = {
    ("GET", "keys", 1): (_list, "read", "list"),
    ("GET", "keys", 2): (_get, "read", "get"),
    ("GET", "keys", 3): (_get, "read", "get"),
    ("GET", "keys/versions", 3): (_versions, "read", "list"),
    ("POST", "keys/create", 3): (_create, "create/action", "create"),
    ("PATCH", "keys", 2): (_update, "update/action", "update"),
    ("PATCH", "keys", 3): (_update, "update/action", "update"),
    ("DELETE", "keys", 2): (_delete, "delete", "delete"),
    ("GET", "deletedkeys", 1): (_deleted_list, "read", "list"),
    ("GET", "deletedkeys", 2): (_deleted_get, "read", "get"),
    ("DELETE", "deletedkeys", 2): (purge, "purge/action", "purge"),
    ("POST", "deletedkeys/recover", 3): (_recover, "recover/action", "recover"),
}
