# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effect of a plan: compare what was requested with what Azure stores after the write. Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import dataclasses
import typing as t

from ._documents.compare import Document, difference
from ._resources.resource import Known, Observed, Plan, Resource

_Keys = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class NotKept:
    """A value that Azure accepted and did not store. keys: its place in the document; requested and kept are None for an unset value."""

    keys: _Keys
    requested: t.Any
    kept: t.Any

    @property
    def path(self) -> str:
        """Return the dotted path on the wire."""
        return ".".join(self.keys)


def carried_out(resource: Resource, plan: Plan, observed: Observed, known: Known) -> tuple[Plan, list[NotKept]]:
    """Return the part of a plan that the stored document shows as carried out, and what Azure did not keep.

    The measure is the next run's own: what it would plan again, and it may refuse as that would. A
    plan of which nothing was carried out has the action none.
    """
    left = _left(resource, plan, observed, known)
    if not left:
        return plan, []
    missing = [NotKept(keys, requested, kept) for keys, (kept, requested) in left.items()]
    before, after = dict(_leaves(plan.before)), dict(_leaves(plan.after))
    for keys, (kept, _asked) in left.items():
        was = before.get(keys)
        if kept == was:
            before.pop(keys, None)
            after.pop(keys, None)
        elif kept is None:
            after.pop(keys, None)
        else:
            after[keys] = kept
    changed = plan.action != "update" or bool(_reported(before) or _reported(after))
    return dataclasses.replace(plan, action=plan.action if changed else "none", before=_nested(before), after=_nested(after)), missing


def _left(resource: Resource, plan: Plan, observed: Observed, known: Known) -> dict[_Keys, tuple[t.Any, t.Any]]:
    """Return what another run would still change, as (actual, requested) by place; for a new resource also what was sent unasked."""
    again = resource.plan(observed, known)
    found = _pairs(again.before, again.after) if again.action in ("update", "replace") else {}
    if plan.action == "create" and resource.defaults_hold(observed):
        found = {**_pairs(*difference(resource.canonical(observed), plan.after, resource.rules())), **found}
    return {keys: pair for keys, pair in found.items() if ".".join(keys) not in resource.unreturned}


def _pairs(before: Document, after: Document) -> dict[_Keys, tuple[t.Any, t.Any]]:
    """Join two sides of a difference by place. An empty mapping marks a place, not a value."""
    was, requested = dict(_leaves(before)), dict(_leaves(after))
    places = [
        keys
        for keys in {**requested, **was}
        if not any(len(other) > len(keys) and other[: len(keys)] == keys for other in (*requested, *was))
    ]
    return {keys: (was.get(keys), requested.get(keys)) for keys in places}


def _leaves(document: Document, above: _Keys = ()) -> t.Iterator[tuple[_Keys, t.Any]]:
    for key, value in document.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _nested(leaves: t.Mapping[_Keys, t.Any]) -> Document:
    document: Document = {}
    for keys, value in leaves.items():
        inner = document
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
        inner[keys[-1]] = value
    return document


def _reported(leaves: t.Mapping[_Keys, t.Any]) -> list[_Keys]:
    """Return the places that hold a value; an empty mapping is none."""
    return [keys for keys, value in leaves.items() if value != {}]
