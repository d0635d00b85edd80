# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which management lock forbids a write: Azure's refusal names only the locked scope."""

from __future__ import annotations

import re
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at, is_word
from .._documents.ids import ResourceId, same_id
from .._errors import ArmError

if t.TYPE_CHECKING:
    from .._azure.world import World

REFUSAL = "ScopeLocked"
_LOCKED = re.compile(r"following scope\(s\) are locked: ((?:'[^']+'[, ]*)+)")


def with_locks(error: ArmError, world: World) -> ArmError:
    """Return a refusal with the names of the locks behind it; any other error, and one whose locks may not be read, as it is."""
    match = _LOCKED.search(error.message) if REFUSAL in error.codes else None
    if not match:
        return error
    deleting = "cannot perform delete" in error.message
    try:
        found = [lock for scope in re.findall("'([^']+)'", match[1]) for lock in _locks_on(scope, world)]
    except ArmError:
        return error
    locks = [lock for lock in found if deleting or is_word(at(lock, "properties.level"), "ReadOnly")]
    if not locks:
        return error
    names = " and ".join(_described(lock) for lock in locks)
    ids = ", ".join(str(lock["id"]) for lock in locks)
    return ArmError(
        f"{error.message.partition(': ')[0]}: it is locked by management lock {names}",
        code=REFUSAL,
        status=error.status,
        request_id=error.request_id,
        resource_id=error.resource_id,
        details=error.details,
        hint=(
            "Remove it with privatelink.azure.management_lock and state: absent (for the "
            f"playbook decommission, name it in decommission_ids): {ids}"
        ),
    )


def _locks_on(scope: str, world: World) -> list[Document]:
    """Return the locks on exactly this scope; the list has those above and below it, too."""
    place = ResourceId.parse_scope(scope)
    if place is None:
        return []
    listed = world.list(kinds.LOCK, place, doing=f"list the locks on '{scope}'")
    return [lock for lock in listed if same_id(scope_of(lock), scope)]


def scope_of(lock: Document) -> str:
    """Return the id of what a lock is on. Names of locks may hold spaces, which ids of other resources never do."""
    return str(lock["id"])[: str(lock["id"]).lower().rindex("/providers/")]


def _described(lock: Document) -> str:
    notes = at(lock, "properties.notes")
    return f"'{lock['name']}' ({at(lock, 'properties.level')}{', ' + repr(notes) if notes else ''}) on '{scope_of(lock)}'"
