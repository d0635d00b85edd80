# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A world that lists a kind once for each scope that was announced, and answers from these lists: many vaults cost a list, not one read each.
"""

from __future__ import annotations

import functools
import threading
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId, group_scope, subscription_scope
from .._errors import ArmError
from .kinds import ENDPOINT, VAULT_CONNECTION, ZONE, ZONE_GROUP, ExtensionKind, Kind
from .world import Made, Onward, World

if t.TYPE_CHECKING:
    from .clock import Waiting


class _Answer:
    """One request that is sent once, for whichever thread needs it first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known = False
        self.value: t.Any = None

    def ask(self, question: t.Callable[[], t.Any]) -> t.Any:
        """Return the answer."""
        with self.lock:
            if not self.known:
                self.value, self.known = question(), True
            return self.value


class Snapshot(Onward):
    """Answers from lists, and asks each single question once; what was written in this run it asks of another world.

    Nodes may use it side by side.

    announced: subscriptions, resource groups, zones, networks and other resources in which it pays to list all of a kind.
    """

    def __init__(self, live: World, announced: t.Iterable[ResourceId] = ()) -> None:
        super().__init__(live)
        self._live = live
        self._announced = {_key(scope): scope for scope in announced}
        self._lists: dict[tuple[Kind, str], _Answer] = {}  # documents by id, None where these credentials may not list
        self._gets: dict[tuple[Kind, str], _Answer] = {}
        self._filtered: dict[tuple[Kind, str, str], _Answer] = {}
        self._made: dict[t.Hashable, _Answer] = {}
        self._missing: set[str] = set()
        self._sent: dict[str, Document] = {}
        self._written: dict[str, ResourceId] = {}  # with all that is nested in it
        self._touched: dict[str, ResourceId] = {}  # without
        self._changed: dict[str, set[str]] = {}  # both, by type
        self._lock = threading.Lock()

    @property
    def live(self) -> World:
        """Return the other world."""
        return self._live

    def once(self, key: t.Hashable, make: t.Callable[[], Made]) -> Made:
        """Return what is made of documents that were read, made once until something is written."""
        return t.cast(Made, self._answer(self._made, key).ask(make))

    def get(self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None) -> Document | None:
        """Return the document of a resource, None where it, or what it is nested in, does not exist."""
        if self._is_stale(resource_id):
            return self._live.get(kind, resource_id, doing=doing)
        if self._has_no_place(resource_id):
            return None
        listed = self._listed(kind, resource_id)
        if listed is not None:
            found = listed.get(_key(resource_id))
        else:
            answer = self._answer(self._gets, (kind, _key(resource_id)))
            found = t.cast("Document | None", answer.ask(lambda: self._live.get(kind, resource_id, doing=doing)))
        if found is None:
            self._missing.add(_key(resource_id))
        # Azure makes things by itself, such as the network interface of an endpoint: once something
        # was written, that a thing was not there before is no proof.
        return self._live.get(kind, resource_id, doing=doing) if found is None and self._written else found

    def list(self, kind: Kind, scope: ResourceId, *, doing: str | None = None, where: str | None = None) -> list[Document]:
        """Return all of a kind in a scope, listed again if something in it was written."""
        inside = f"{_key(scope)}/"
        with self._lock:
            stale = any(place.startswith(inside) for place in self._changed.get(kind.type.casefold(), ()))
        if stale:
            return self._live.list(kind, scope, doing=doing, where=where)
        if self._has_no_place(scope, itself=True):
            return []
        if where or isinstance(kind, ExtensionKind) or kind.get is None:
            answer = self._answer(self._filtered, (kind, inside, where or ""))
            return t.cast("list[Document]", answer.ask(lambda: self._live.list(kind, scope, doing=doing, where=where)))
        listed = self._listed_in(kind, [scope, *_around(scope)])
        if listed is None:
            listed = self._answer(self._lists, (kind, _key(scope))).ask(lambda: _by_id(self._live.list(kind, scope, doing=doing)))
        if listed is None:  # these credentials may not list it; the caller, who wants a list, gets the error
            return self._live.list(kind, scope, doing=doing)
        return [document for place, document in listed.items() if place.startswith(inside)]

    def shows(self, kind: Kind, scope: ResourceId) -> bool:
        """Return whether all resources of a kind in a scope are known, so that reading one costs no request."""
        return self._listed_in(kind, [scope, *_around(scope)]) is not None

    def put(
        self,
        kind: Kind,
        resource_id: ResourceId,
        body: Document | None,
        *,
        doing: str | None = None,
        headers: t.Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Waiting[Document | None]:
        """Write a resource, and forget it with all that changes with it, also what others read of it while the operation is in flight."""
        self.forget(kind, resource_id, body)
        try:
            return (yield from self._live.put(kind, resource_id, body, doing=doing, headers=headers, once=once))
        finally:
            self.forget(kind, resource_id, body)

    def delete(
        self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None, headers: t.Mapping[str, str] | None = None
    ) -> Waiting[None]:
        """Delete a resource, and forget it with all that changes with it, also what others read of it while the operation is in flight."""
        self.forget(kind, resource_id)
        try:
            yield from self._live.delete(kind, resource_id, doing=doing, headers=headers)
        finally:
            self.forget(kind, resource_id)

    def forget(self, kind: Kind, resource_id: ResourceId, body: Document | None = None) -> None:
        """Ask again, from now on, for a resource and what is nested in it, for what it is nested
        in, and for whatever it or its new body refers to.

        Azure writes the other side too: an endpoint shows in its vault, its subnet and its network interface, a
        link in its network. What an endpoint or its zone group changes in a zone is the record with the name of its target.
        """
        with self._lock:
            documents = self._documents(resource_id)
            touched = {*_referred(body), *(found for document in documents for found in _referred(document))}
            written = {resource_id}
            if kind in (ENDPOINT, ZONE_GROUP):
                endpoint = resource_id if kind is ENDPOINT else resource_id.parent
                targets = {*touched, *(found for document in self._documents(endpoint) for found in _referred(document))}
                zones = [each for each in (*touched, *self._announced.values()) if each.is_type(ZONE.type)]
                written |= {
                    zone.child("A", target.name.casefold()) for zone in zones for target in targets if not target.is_type(ZONE.type)
                }
            if kind is VAULT_CONNECTION:  # a decision shows on the endpoint's side, too
                touched |= {found for document in self._documents(resource_id.parent) for found in _referred(document)}
            touched |= {ancestor for one in (*written, *touched) for ancestor in _ancestors(one)}
            self._written.update({_key(each): each for each in written})
            self._touched.update({_key(each): each for each in touched})
            for one in (*written, *touched):
                self._changed.setdefault(one.type.casefold(), set()).add(_key(one))
            if body is not None:
                self._sent[_key(resource_id)] = body
            self._made = {}

    def _documents(self, resource_id: ResourceId) -> tuple[Document, ...]:
        """Return what is known of a resource: what lists show of it, and what was sent."""
        place = _key(resource_id)
        listed = [entry.value.get(place) for entry in self._lists.values() if entry.value]
        read = [entry.value for (_kind, where), entry in self._gets.items() if where == place]
        return tuple(each for each in (*listed, *read, self._sent.get(place)) if each)

    def _is_stale(self, resource_id: ResourceId) -> bool:
        """Return whether a resource may be another one than the lists show."""
        with self._lock:
            if _key(resource_id) in self._touched:
                return True
            return any(_key(each) in self._written for each in (resource_id, *_ancestors(resource_id)))

    def _has_no_place(self, resource_id: ResourceId, *, itself: bool = False) -> bool:
        """Return whether what a resource is nested in, or its resource group, was found missing, and nothing was written since."""
        if self._written or not self._missing:
            return False
        own = [resource_id] if itself else []
        return any(_key(each) in self._missing for each in (*own, *_ancestors(resource_id), *_group_of(resource_id)))

    def _listed(self, kind: Kind, resource_id: ResourceId) -> dict[str, Document] | None:
        """Return the list that shows a resource if it is there, None where no scope was announced that has one."""
        return self._listed_in(kind, [*_ancestors(resource_id)[:1], *_around(resource_id)])

    def _listed_in(self, kind: Kind, scopes: t.Iterable[ResourceId]) -> dict[str, Document] | None:
        """Return the first list of a kind that one of these scopes has, by id in lower case."""
        # Lists of extensions show what is above and below a scope, too. What is of many kinds is listed to see what exists now.
        if isinstance(kind, ExtensionKind) or kind.get is None:
            return None
        for scope in scopes:
            is_listed = (kind, _key(scope)) in self._lists
            if is_listed or (_key(scope) in self._announced and kind.listed_in(scope)):
                answer = self._answer(self._lists, (kind, _key(scope)))
                found = t.cast("dict[str, Document] | None", answer.ask(functools.partial(self._all, kind, scope)))
                if found is not None:
                    return found
        return None

    def _all(self, kind: Kind, scope: ResourceId) -> dict[str, Document] | None:
        """Return all of a kind in a scope, None where these credentials may not list it."""
        try:
            return _by_id(self._live.list(kind, scope))
        except ArmError as error:
            if error.status not in (401, 403):
                raise
            return None

    def _answer(self, answers: dict[t.Any, _Answer], key: t.Hashable) -> _Answer:
        with self._lock:
            return answers.setdefault(key, _Answer())


def _by_id(documents: t.Iterable[Document]) -> dict[str, Document]:
    return {str(each["id"]).casefold(): each for each in documents}


def _key(resource_id: ResourceId) -> str:
    return str(resource_id).casefold()


def _around(resource_id: ResourceId) -> list[ResourceId]:
    """Return the resource group and the subscription that hold a resource, nearest first."""
    return [*_group_of(resource_id), subscription_scope(resource_id.subscription)]


def _group_of(resource_id: ResourceId) -> list[ResourceId]:
    """Return the resource group that holds a resource, nothing for what is in none."""
    return [group_scope(resource_id.subscription, resource_id.resource_group)] if resource_id.resource_group else []


def _ancestors(resource_id: ResourceId) -> list[ResourceId]:
    """
    Return what a resource is nested in, nearest first; nothing for a resource that is in a group alone, and for what is on another one.
    """
    ancestors = []
    while resource_id.of is None and len(resource_id.names) > 1:
        resource_id = resource_id.parent
        ancestors.append(resource_id)
    return ancestors


def _referred(value: t.Any) -> t.Iterator[ResourceId]:
    """Yield every resource whose id occurs in a document."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _referred(item)
    elif isinstance(value, str) and value[:1] == "/":
        found = ResourceId.parse(value)
        if found is not None and found.names:
            yield found
