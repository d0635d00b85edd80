# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: every request with its bodies, without secrets and tokens."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from emulator.errors import Json, read_json

KEPT = 100_000
KEPT_BYTES = 32 * 1024 * 1024
"""Of bodies; of older requests the log says that they are gone."""
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


class Journal:
    """The newest entries, oldest first."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._heavy: deque[tuple[Entry, int]] = deque()
        self._bytes = 0

    def weigh(self, entry: Entry) -> None:
        """Count the bodies of a request that is answered, and let the oldest go where there are too many."""
        size = len(entry.request) + len(entry.response)
        self._heavy.append((entry, size))
        self._bytes += size
        while self._bytes > KEPT_BYTES and len(self._heavy) > 1:
            oldest, freed = self._heavy.popleft()
            oldest.forget()
            self._bytes -= freed

    def begin(self, method: str, path: str, query: dict[str, str], time: float) -> Entry:
        entry = Entry(next(self._numbers), method, path, query, time)
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        self.entries.clear()
        self._heavy.clear()
        self._bytes = 0
        self._numbers = itertools.count(1)

    def shown(self) -> list[Json]:
        return [entry.shown() for entry in self.entries]


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
