# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of everything that exists, by resource id without regard to case.

A record is a document (Azure's own JSON) and ``hidden``: what only the emulator knows (who made it, from which
endpoint a record set came, ...). Both are plain JSON, so that the whole store saves and loads.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator import ids
from emulator.errors import Json


@dataclass(slots=True)
class Record:
    """One resource. ``id`` has the casing that it was created with."""

    id: str
    document: Json
    hidden: Json = field(default_factory=dict)

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


class Store:
    """Records with two indexes: by collection (``.../subnets``) and by subscription and type."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._collections: dict[str, dict[str, None]] = {}
        self._types: dict[tuple[str, str], dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, resource_id: str) -> bool:
        return resource_id.lower() in self._records

    def get(self, resource_id: object) -> Record | None:
        return self._records.get(resource_id.lower()) if isinstance(resource_id, str) else None

    def put(self, resource_id: str, document: Json, hidden: Json | None = None) -> Record:
        """Store a document; the id of a record that exists already keeps its casing."""
        key = resource_id.lower()
        existing = self._records.get(key)
        if existing:
            existing.document = document
            if hidden is not None:
                existing.hidden = hidden
            return existing
        record = self._records[key] = Record(resource_id, document, hidden or {})
        self._collections.setdefault(key.rsplit("/", 1)[0], {})[key] = None
        self._types.setdefault(self._type_key(key), {})[key] = None
        return record

    def delete(self, resource_id: str) -> Record | None:
        """Remove a record and everything below it."""
        key = resource_id.lower()
        for below in [each.id for each in self.below(resource_id)]:
            self._remove(below.lower())
        return self._remove(key)

    def children(self, collection: str) -> list[Record]:
        """The records of a collection such as ``<network>/subnets``, oldest first."""
        return [self._records[key] for key in self._collections.get(collection.lower(), {})]

    def of_type(self, subscription: str, resource_type: str) -> list[Record]:
        keys = self._types.get((subscription.lower(), resource_type.lower()), {})
        return [self._records[key] for key in keys]

    def all_of_type(self, resource_type: str) -> Iterator[Record]:
        """The records of a type in every subscription."""
        wanted = resource_type.lower()
        for (_unused, kind), keys in list(self._types.items()):
            if kind == wanted:
                yield from [self._records[key] for key in keys]

    def below(self, scope: str) -> list[Record]:
        prefix = scope.lower().rstrip("/") + "/"
        return [record for key, record in self._records.items() if key.startswith(prefix)]

    def clear(self) -> None:
        self._records.clear()
        self._collections.clear()
        self._types.clear()

    def dump(self) -> list[Json]:
        return [
            {"id": record.id, "document": copy.deepcopy(record.document), "hidden": copy.deepcopy(record.hidden)}
            for record in self._records.values()
        ]

    def load(self, entries: list[Any]) -> None:
        self.clear()
        for entry in entries:
            self.put(entry["id"], copy.deepcopy(entry["document"]), copy.deepcopy(entry.get("hidden") or {}))

    def _remove(self, key: str) -> Record | None:
        record = self._records.pop(key, None)
        if record:
            del self._collections[key.rsplit("/", 1)[0]][key]
            del self._types[self._type_key(key)][key]
        return record

    @staticmethod
    def _type_key(key: str) -> tuple[str, str]:
        parsed = ids.parse(key)
        if parsed:
            return parsed.subscription, parsed.type
        parts = key.split("/")
        return (parts[2] if len(parts) > 2 else ""), (parts[3] if len(parts) > 3 else "subscriptions")
