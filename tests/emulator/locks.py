# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management locks and what they forbid: a lock holds for its scope and all below it.

From Azure's documentation (lock-resources): CanNotDelete refuses deletions, also of what holds something locked;
ReadOnly writes and actions, too. Locks themselves can always be changed and removed, as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator import ids
from emulator.errors import ArmError
from emulator.store import Record, Store
from emulator.wire import Call

TYPE = "Microsoft.Authorization/locks"
_VERBS = {"PUT": "write", "PATCH": "write", "POST": "write", "DELETE": "delete"}


def on(store: Store, scope: str, *, above: bool = True, below: bool = True) -> list[Record]:
    """The locks on a scope, and those above and below it."""
    if not below:
        places = list(_above(scope)) if above else [scope]
        return [lock for place in places for lock in store.collection(f"{place}/providers/{TYPE}")]
    return [lock for lock in store.typed(scope.split("/")[2], TYPE) if _reaches(ids.scope_of(lock.id), scope, above=above)]


def _above(scope: str) -> Iterator[str]:
    """A scope and every scope that it is in, outermost first."""
    parts = scope.split("/")
    yield from ("/".join(parts[:end]) for end in range(3, len(parts) + 1, 2))


def _reaches(place: str, scope: str, *, above: bool) -> bool:
    return ids.is_below(place, scope) or (above and ids.is_below(scope, place))


def refusal(store: Store, scope: str, verb: str) -> str:
    """
    Why a scope may not be written or deleted; empty where it may. Second-hand: the text (terraform-provider-azurerm#17478, with one scope).
    """
    deleting = verb == "delete"
    current = [each for each in on(store, scope, below=deleting) if deleting or each.properties["level"] == "ReadOnly"]
    if not current:
        return ""
    scopes = ",".join(dict.fromkeys(f"'{ids.scope_of(each.id)}'" for each in current))
    return (
        f"The scope '{scope}' cannot perform {verb} operation because following scope(s) "
        f"are locked: {scopes}. Please remove the lock and try again."
    )


def require(store: Store, call: Call) -> None:
    """Refuse what a lock forbids."""
    verb = _VERBS.get(call.method)
    if verb is None or call.route.type == TYPE:
        return
    scope = call.id.rpartition("/")[0] if call.method == "POST" else call.id
    message = refusal(store, scope, verb)
    if message:
        raise ArmError(409, "ScopeLocked", message)
