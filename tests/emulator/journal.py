# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: every request with its bodies, without secrets and tokens."""

from __future__ import annotations

import itertools
import json
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from emulator.errors import Json, read_json

KEPT = 100_000
KEPT_BYTES = 32 * 1024 * 1024
"""Of bodies; of older requests the log says that they are gone."""
PACKED, LOOSE_BYTES = 256, 2 * 1024 * 1024
"""How many answered requests, or how much of their bodies, lie about before they are packed."""
REDACTED = "REDACTED"
_SECRETS = frozenset(
    {
        "client_secret",
        "client_assertion",
        "assertion",
        "password",
        "refresh_token",
        "access_token",
        "id_token",
        "code",
        "client_info",
        "secret",
    }
)


@dataclass(slots=True)
class Entry:
    """One request as it was seen. Bodies are kept as they went over the wire and read when the log is."""

    n: int
    method: str
    path: str
    query: dict[str, str]
    time: float
    provider: str = ""
    status: int = 0
    duration_ms: float = 0.0
    request: bytes = b""
    response: bytes = b""
    request_id: str = ""
    client_request_id: str = ""
    principal: str = ""
    user_agent: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def _hidden(self) -> frozenset[str]:
        """The names whose texts are secret; a vault's own answers also have the value of a secret."""
        return _SECRETS | {"value"} if self.provider == "vault" else _SECRETS

    def forget(self) -> None:
        """Let the bodies go."""
        self.request = self.response = b""
        self.facts["bodies"] = "gone, the log keeps those of the newest requests"

    def shown(self) -> Json:
        return {
            "n": self.n,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "provider": self.provider,
            "time": self.time,
            "duration_ms": round(self.duration_ms, 3),
            "request_body": _body(self.request, self._hidden),
            "response_body": _body(self.response, self._hidden),
            "request_id": self.request_id,
            "client_request_id": self.client_request_id,
            "principal": self.principal,
            "user_agent": self.user_agent,
            **self.facts,
        }


_HEADS = tuple(name for name in Entry.__slots__ if name not in ("request", "response"))


class _Block:
    """Answered requests, packed into a tenth of what they take one by one. ``weight``: of their bodies, which may be let go."""

    __slots__ = ("_bodies", "_heads", "count", "newest", "weight")

    def __init__(self, entries: list[Entry]) -> None:
        self.count, self.newest = len(entries), max(each.n for each in entries)
        sizes = [(len(each.request), len(each.response)) for each in entries]
        self.weight = sum(map(sum, sizes))
        heads = [([getattr(each, name) for name in _HEADS], size) for each, size in zip(entries, sizes, strict=True)]
        self._heads = zlib.compress(json.dumps(heads).encode(), 1)
        self._bodies: bytes | None = zlib.compress(b"".join(part for each in entries for part in (each.request, each.response)), 1)

    def forget(self) -> None:
        self._bodies, self.weight = None, 0

    def entries(self) -> Iterator[Entry]:
        bodies = zlib.decompress(self._bodies) if self._bodies is not None else b""
        place = 0
        for values, (asked, answered) in json.loads(zlib.decompress(self._heads)):
            entry = Entry(**dict(zip(_HEADS, values, strict=True)))
            if self._bodies is None:
                entry.forget()
            else:
                middle, end = place + asked, place + asked + answered
                entry.request, entry.response, place = bodies[place:middle], bodies[middle:end], end
            yield entry


class Journal:
    """The newest entries, oldest first."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._loose: dict[int, Entry] = {}
        self._over: list[Entry] = []
        self._blocks: deque[_Block] = deque()
        self._weight = 0

    def begin(self, method: str, path: str, query: dict[str, str], time: float) -> Entry:
        entry = Entry(next(self._numbers), method, path, query, time)
        self._loose[entry.n] = entry
        return entry

    def end(self, entry: Entry) -> None:
        """A request is answered, and nothing is added to its entry; where many are, they are packed."""
        self._over.append(entry)
        self._weight += len(entry.request) + len(entry.response)
        if len(self._over) >= PACKED or self._weight > LOOSE_BYTES:
            self._pack()

    def _pack(self) -> None:
        """Pack what is over, and let the oldest go where there is too much."""
        over = [each for each in self._over if self._loose.get(each.n) is each]  # others are of before the log was emptied
        self._over, self._weight = [], 0
        for each in over:
            del self._loose[each.n]
        if over:
            self._blocks.append(_Block(over))
        weight, count = sum(each.weight for each in self._blocks), sum(each.count for each in self._blocks)
        for oldest in list(self._blocks)[:-1]:
            if weight > KEPT_BYTES:
                weight -= oldest.weight
                oldest.forget()
            if count > KEPT:
                count -= self._blocks.popleft().count

    def clear(self) -> None:
        self._loose.clear()
        self._over.clear()
        self._blocks.clear()
        self._weight = 0
        self._numbers = itertools.count(1)

    def shown(self, since: int = 0) -> list[Json]:
        """The requests after the one with a number."""
        packed = itertools.chain.from_iterable(each.entries() for each in self._blocks if each.newest > since)
        found = [entry for entry in itertools.chain(packed, self._loose.values()) if entry.n > since]
        return [entry.shown() for entry in sorted(found, key=lambda entry: entry.n)]


def _body(data: bytes, hidden: frozenset[str] = _SECRETS) -> Any:
    """A body for the log: JSON parsed, a form as an object, anything else as text; secrets replaced."""
    if not data:
        return None
    try:
        return _redacted(read_json(data), hidden)
    except ValueError:
        text = data.decode(errors="replace")
    if text.lstrip().startswith(("{", "[")):  # no JSON that can be read, so that nothing in it can be redacted
        return f"({len(data)} bytes that are no JSON)"
    if "=" in text and "<" not in text:
        return {name: REDACTED if name in hidden else value for name, value in parse_qsl(text)}
    return text


def _redacted(value: Any, hidden: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: REDACTED if name in hidden and isinstance(each, str) and name != "code" else _redacted(each, hidden)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_redacted(each, hidden) for each in value]
    return value
