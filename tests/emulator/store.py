# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of everything that exists, by resource id without regard to case.

A record is a document (Azure's own JSON) and ``hidden``: what only the emulator knows (who made it, from which
endpoint a record set came, ...). Both are plain JSON, so that the whole store saves and loads.

No answer may cost more the more there is elsewhere: besides its id, a record is found by its collection, type, group and name, by what it
refers to, and by its place in the order in which things were made.
"""

from __future__ import annotations

import bisect
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator import ids
from emulator.errors import Json


@dataclass(slots=True)
class Record:
    """One resource. ``id`` has the casing that it was created with; ``number`` is its place in the order of creation."""

    id: str
    document: Json
    hidden: Json = field(default_factory=dict)
    number: int = 0
    created: float = 0.0
    changed: float = 0.0

    @property
    def properties(self) -> Json:
        found: Json = self.document.setdefault("properties", {})
        return found

    @property
    def name(self) -> str:
        return ids.name_of(self.id)

    @property
    def state(self) -> str:
        return str(self.document.get("properties", {}).get("provisioningState", ""))


class Listing:
    """Records in the order in which they were made. A page begins anywhere at no cost, whatever has been deleted meanwhile."""

    __slots__ = ("_dead", "_numbers", "_records")

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._records: list[Record | None] = []
        self._dead = 0

    def __len__(self) -> int:
        return len(self._records) - self._dead

    def __iter__(self) -> Iterator[Record]:
        return self.after(0)

    def after(self, number: int) -> Iterator[Record]:
        """The records that were made after the one with a number."""
        for place in range(bisect.bisect_right(self._numbers, number), len(self._records)):
            found = self._records[place] if place < len(self._records) else None
            if found is not None:
                yield found

    def add(self, record: Record) -> None:
        self._numbers.append(record.number)
        self._records.append(record)

    def remove(self, record: Record) -> None:
        self._records[bisect.bisect_left(self._numbers, record.number)] = None
        self._dead += 1
        if self._dead > 16 and self._dead * 2 > len(self._records):
            kept = [each for each in self._records if each is not None]
            self._records[:], self._numbers[:], self._dead = kept, [each.number for each in kept], 0


_EMPTY = Listing()
Key = tuple[str, str]


def _references(record: Record) -> Iterator[Key]:
    """What a record is found by beside its place: what it refers to, by the property and the id; and its name, by its type."""
    parsed, properties = ids.parse(record.id), record.document.get("properties") or {}
    if parsed is None:
        return
    yield f"name of {parsed.type}", parsed.name.lower()
    for name in ("subnet", "networkSecurityGroup", "routeTable", "virtualNetwork"):
        target = (properties.get(name) or {}).get("id") if isinstance(properties.get(name), dict) else None
        if isinstance(target, str):
            yield f"{name} of {parsed.type}", target.lower()
            if name == "subnet":
                yield f"network of {parsed.type}", target.lower().rsplit("/", 2)[0]
    if parsed.type == "microsoft.network/networkinterfaces":
        for each in properties.get("ipConfigurations") or []:
            subnet = (each["properties"].get("subnet") or {}).get("id", "")
            yield "address in", subnet.lower()
            yield "address", f"{subnet.lower()} {each['properties'].get('privateIPAddress')}"
    if parsed.type == "microsoft.network/privateendpoints":
        lists = (properties.get(name) or [] for name in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"))
        for each in itertools.chain.from_iterable(lists):
            yield f"target of {parsed.type}", str(each["properties"].get("privateLinkServiceId")).lower()


def _owner(collection: str) -> str:
    """What a collection is in: a resource, a group, a subscription."""
    above = collection.rpartition("/")[0]
    scope, _unused, namespace = above.rpartition("/providers/")
    return above if not scope or "/" in namespace else scope


class Store:
    """Records with their indexes. ``clock`` says when a record is made and changed."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._records: dict[str, Record] = {}
        self._collections: dict[str, Listing] = {}
        self._types: dict[Key, Listing] = {}
        self._scopes: dict[str, Listing] = {}
        self._found: dict[Key, dict[str, Record]] = {}
        self._keys: dict[str, tuple[Key, ...]] = {}
        self._below: dict[str, tuple[str, ...]] = {}
        self._last = 0
        self._lost: Counter[Key] = Counter()
        self.marks: dict[str, tuple[int, int]] = {}
        """Where the last search for a free address ended, by subnet and prefix, and how many interfaces had left by then."""

    def __len__(self) -> int:
        return len(self._records)

    @property
    def newest(self) -> int:
        """The number of the record that was made last."""
        return self._last

    def __contains__(self, resource_id: str) -> bool:
        return resource_id.lower() in self._records

    def get(self, resource_id: object) -> Record | None:
        return self._records.get(resource_id.lower()) if isinstance(resource_id, str) else None

    def put(self, resource_id: str, document: Json, hidden: Json | None = None) -> Record:
        """Store a document; the id of a record that exists already keeps its casing."""
        key, now = resource_id.lower(), self._clock()
        record = self._records.get(key)
        if record:
            record.document, record.changed = document, now
            if hidden is not None:
                record.hidden = hidden
        else:
            self._last += 1
            record = self._records[key] = Record(resource_id, document, hidden or {}, self._last, now, now)
            for listing in self._listings(key, create=True):
                listing.add(record)
            collection = key.rsplit("/", 1)[0]
            owner = _owner(collection)
            if collection not in self._below.get(owner, ()):
                self._below[owner] = (*self._below.get(owner, ()), collection)
        self._index(key, record)
        return record

    def delete(self, resource_id: str) -> Record | None:
        """Remove a record and everything below it."""
        key = resource_id.lower()
        for below in [each.id for each in self.below(resource_id)]:
            self._remove(below.lower())
        return self._remove(key)

    def children(self, collection: str) -> list[Record]:
        """The records of a collection such as ``<network>/subnets``, oldest first."""
        return list(self.collection(collection))

    def collection(self, collection: str) -> Listing:
        return self._collections.get(collection.lower(), _EMPTY)

    def of_type(self, subscription: str, resource_type: str) -> list[Record]:
        return list(self.typed(subscription, resource_type))

    def typed(self, subscription: str, resource_type: str) -> Listing:
        """The records of a type in a subscription."""
        return self._types.get((subscription.lower(), resource_type.lower()), _EMPTY)

    def all_of_type(self, resource_type: str) -> Iterator[Record]:
        """The records of a type in every subscription."""
        wanted = resource_type.lower()
        for (_unused, kind), found in list(self._types.items()):
            if kind == wanted:
                yield from list(found)

    def top_level(self, scope: str) -> Listing:
        """The resources of a subscription or group that are in no other resource, as ARM lists them."""
        return self._scopes.get(scope.lower().rstrip("/"), _EMPTY)

    def referring(self, by: str, resource_type: str, target: str) -> list[Record]:
        """The records of a type that refer to a resource by a property, or whose ``name`` is the target, oldest first."""
        return list(self._found.get((f"{by} of {resource_type.lower()}", target.lower()), {}).values())

    def count_referring(self, by: str, resource_type: str, target: str) -> int:
        return len(self._found.get((f"{by} of {resource_type.lower()}", target.lower()), ()))

    def interfaces_in(self, subnet: str) -> list[Record]:
        """The network interfaces with an address in a subnet."""
        return list(self._found.get(("address in", subnet.lower()), {}).values())

    def interface_at(self, subnet: str, address: str) -> Record | None:
        """The network interface that has an address of a subnet."""
        return next(iter(self._found.get(("address", f"{subnet.lower()} {address}"), {}).values()), None)

    def gone_from(self, subnet: str) -> int:
        """How many interfaces have left a subnet: while it is the same, no address has become free."""
        return self._lost["address in", subnet.lower()]

    def below(self, scope: str) -> list[Record]:
        """Everything in a group or below a resource."""
        prefix = scope.lower().rstrip("/") + "/"
        if "/providers/" not in prefix:
            return [record for key, record in self._records.items() if key.startswith(prefix)]
        found: list[Record] = []
        pending = [prefix]
        while pending:
            start = pending.pop()
            for name in self._below.get(start.rstrip("/"), ()):
                children = self.children(name)
                found += children
                pending += [f"{each.id.lower()}/" for each in children]
        return found

    def clear(self) -> None:
        indexes = (self._collections, self._types, self._scopes, self._found, self._keys, self._below, self._lost, self.marks)
        for each in (self._records, *indexes):
            each.clear()

    def dump(self) -> list[Json]:
        """Every record as it is: to be written out before anything changes it."""
        names = ("id", "document", "hidden", "created", "changed")
        return [{name: getattr(record, name) for name in names} for record in self._records.values()]

    def load(self, entries: list[Any]) -> None:
        """Take over records that were dumped; they are this store's own from then on."""
        self.clear()
        for entry in entries:
            record = self.put(entry["id"], entry["document"], entry.get("hidden") or {})
            record.created, record.changed = (entry.get(name, getattr(record, name)) for name in ("created", "changed"))

    def _index(self, key: str, record: Record) -> None:
        wanted = tuple(dict.fromkeys(_references(record)))
        before = self._keys.get(key, ())
        if wanted != before:
            self._forget(key, before)
            for each in wanted:
                self._found.setdefault(each, {})[key] = record
            self._keys[key] = wanted

    def _listings(self, key: str, *, create: bool = False) -> list[Listing]:
        """The listings that a record is in."""
        parsed = ids.parse(key)
        kept: list[tuple[dict[Any, Listing], Any]] = [
            (self._collections, key.rsplit("/", 1)[0]),
            (self._types, self._type_key(key, parsed)),
        ]
        if parsed and len(parsed.types) == 1 and parsed.group and parsed.type not in ids.EXTENSIONS:
            top = f"/subscriptions/{parsed.subscription}"
            kept += [(self._scopes, top), (self._scopes, f"{top}/resourcegroups/{parsed.group}")]
        if create:
            return [index.setdefault(name, Listing()) for index, name in kept]
        return [index[name] for index, name in kept if name in index]

    def _remove(self, key: str) -> Record | None:
        record = self._records.pop(key, None)
        if record:
            for listing in self._listings(key):
                listing.remove(record)
            self._forget(key, self._keys.pop(key, ()))
        return record

    def _forget(self, key: str, references: tuple[Key, ...]) -> None:
        for each in references:
            self._found[each].pop(key, None)
            if each[0] == "address in":
                self._lost[each] += 1
            if not self._found[each]:
                del self._found[each]

    @staticmethod
    def _type_key(key: str, parsed: ids.ResourceId | None) -> Key:
        if parsed:
            return parsed.subscription, parsed.type
        parts = key.split("/")
        return (parts[2] if len(parts) > 2 else ""), (parts[3] if len(parts) > 3 else "subscriptions")
