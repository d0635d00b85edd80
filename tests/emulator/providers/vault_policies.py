# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access policies of a vault: what an entry may be, and what add, replace and remove make of those that are there.

second-hand: that each of the three concerns nobody but those whom it names (terraform-provider-azurerm changes one policy with replace, and
removes one by sending what it grants).
"""

from __future__ import annotations

import uuid

from emulator.errors import Json, bad_request

KINDS = ("add", "replace", "remove")
MOST = 1024
_MANAGED = "all get list delete backup restore recover purge"
GRANTS = {
    "keys": f"{_MANAGED} encrypt decrypt wrapKey unwrapKey sign verify create update import release rotate getrotationpolicy "
    "setrotationpolicy",
    "secrets": f"{_MANAGED} set",
    "certificates": f"{_MANAGED} create import update managecontacts getissuers listissuers setissuers deleteissuers manageissuers",
    "storage": f"{_MANAGED} set update regeneratekey setsas listsas getsas deletesas",
}
"""The permissions that the specification knows, by what they are for."""
_KNOWN = {kind: frozenset(each.lower() for each in names.split()) for kind, names in GRANTS.items()}


def check(policies: list[Json]) -> None:
    """Refuse entries that Key Vault refuses; second-hand: the texts (azure-cli#18430, az-204#142)."""
    for number, each in enumerate(policies):
        for name, label in (("objectId", "ObjectId"), ("tenantId", "TenantId")):
            try:
                uuid.UUID(str(each.get(name)))
            except ValueError:
                text = f"Invalid value found at accessPolicies[{number}].{label}: {each.get(name) or ''}"
                raise bad_request("BadRequest", text) from None
        granted = each.get("permissions") or {}
        if any(str(grant).lower() not in _KNOWN[kind] for kind in GRANTS for grant in granted.get(kind) or []):
            raise bad_request("BadRequest", "An invalid value was provided for 'accessPolicies'.")
    if len(policies) > MOST:  # unrecorded: the text; the number is the specification's
        raise bad_request("BadRequest", f"A vault can have at most {MOST} access policies.")


def changed(kind: str, before: list[Json], sent: list[Json]) -> list[Json]:
    """The policies after an update; holders that it does not name keep theirs, in their order."""
    kept = {_holder(each): each for each in before}
    for each in sent:
        holder = _holder(each)
        mine = kept.get(holder)
        if kind == "remove":
            if mine:
                kept[holder] = _less(mine, each)
        elif kind == "add" and mine:
            kept[holder] = _more(mine, each)
        else:
            kept[holder] = each
    return [each for each in kept.values() if kind != "remove" or _grants(each)]


def _holder(policy: Json) -> tuple[str, str]:
    """Whom a policy is for: an object, or an application on behalf of it."""
    return str(policy.get("objectId")).lower(), str(policy.get("applicationId") or "").lower()


def _lists(policy: Json) -> dict[str, list[str]]:
    return {kind: list(grants or []) for kind, grants in (policy.get("permissions") or {}).items()}


def _grants(policy: Json) -> bool:
    return any(_lists(policy).values())


def _more(policy: Json, sent: Json) -> Json:
    """A policy with what another one grants beside."""
    found = _lists(policy)
    for kind, grants in _lists(sent).items():
        known = {each.lower() for each in found.setdefault(kind, [])}
        found[kind] += [each for each in grants if each.lower() not in known]
    return {**policy, "permissions": found}


def _less(policy: Json, sent: Json) -> Json:
    """A policy without what another one grants."""
    gone = {kind: {each.lower() for each in grants} for kind, grants in _lists(sent).items()}
    found = {kind: [each for each in grants if each.lower() not in gone.get(kind, set())] for kind, grants in _lists(policy).items()}
    return {**policy, "permissions": found}
