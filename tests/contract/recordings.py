# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded exchanges: JSON Lines, one exchange each, in folders by area.

A line has source, n, method, path, query, request_headers, request_body, status, response_headers, response_body; header names in lower
case. Only method, path (or url) and status are needed. Lines that are no exchange are noted down, not an error: folders come from many
hands.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Json = dict[str, Any]
ASYNC = "azure-asyncoperation"
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
UNSETTLED = frozenset(
    {
        "Updating",
        "Creating",
        "RegisteringDns",
        "Deleting",
        "InProgress",
        "Registering",
        "Unregistering",
        "NotStarted",
        "Accepted",
        "Running",
    }
)
STATES = ("status", "registrationState", "provisioningState", "virtualNetworkLinkState")
BUSY = frozenset({"RetryableError", "ReferencedResourceNotProvisioned", "AnotherOperationInProgress", "ConflictError"})


@dataclass(slots=True)
class Exchange:
    """One recorded request with its answer."""

    file: str
    n: int
    method: str
    path: str
    query: dict[str, str]
    sent_headers: dict[str, str]
    sent: Any
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def label(self) -> str:
        return f"{self.file}#{self.n}"

    @property
    def type(self) -> str:
        """``microsoft.network/virtualnetworks/subnets``, ``resourcegroups`` and the like, in lower case."""
        return type_of(self.path)

    @property
    def error_code(self) -> str:
        body = self.body if isinstance(self.body, dict) else {}
        error = body.get("error") if isinstance(body.get("error"), dict) else body
        return str((error or {}).get("code", "")) if self.status >= 400 or "error" in body else ""

    @property
    def unsettled(self) -> bool:
        """Whether the answer shows that something was still going on at the time: the emulator's clock must not move before it."""
        return self.error_code in BUSY or self.status == 429 or (self.method == "GET" and (self.status == 202 or goes_on(self.body)))


def goes_on(body: Any) -> bool:
    """Whether a body shows a state that passes by itself."""
    if isinstance(body, list):
        return any(goes_on(each) for each in body)
    if not isinstance(body, dict):
        return False
    return any(body.get(name) in UNSETTLED for name in STATES) or any(
        goes_on(each) for each in body.values() if isinstance(each, dict | list)
    )


def type_of(path: str) -> str:
    """The type of resource (or collection) that a path names."""
    low = path.strip("/").lower().split("/")
    if "providers" in low and low.index("providers") < len(low) - 1:
        start = len(low) - low[::-1].index("providers")
        return "/".join((low[start], *low[start + 1 :: 2]))
    return "/".join(low[2::2]) or "subscriptions"


@dataclass(slots=True)
class Recording:
    """The exchanges of one file, in order."""

    file: str
    exchanges: list[Exchange]
    versions: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    @property
    def has_hints(self) -> bool:
        """Whether the recorder kept Retry-After; most strip it from every answer."""
        return any("retry-after" in each.headers for each in self.exchanges)

    def version(self, exchange: Exchange) -> str:
        """The api-version that was really asked for: recorded URLs were rewritten, the operation's URL tells the truth."""
        given = exchange.query.get("api-version", "")
        if not exchange.type.startswith("microsoft.network/") or exchange.type.startswith("microsoft.network/privatedns"):
            return given
        return self._told(exchange, given) or given

    def is_proven(self, exchange: Exchange) -> bool:
        """Whether an operation's URL tells the api-version; where none does, the URL may have been rewritten."""
        return bool(self._told(exchange, exchange.query.get("api-version", "")))

    def _told(self, exchange: Exchange, given: str) -> str | None:
        return self.versions.get(_label(exchange, given)) or self.versions.get(f"{exchange.type} {given}")


def _label(exchange: Exchange, given: str) -> str:
    return f"{exchange.path.lower()} {given}"


def _versions(exchanges: list[Exchange]) -> dict[str, str]:
    """The true api-versions by path and by type, each with the version that the URL claims."""
    found: dict[str, str] = {}
    for each in exchanges:
        reported = version_in(each.headers.get(ASYNC, ""))
        if reported and each.type.startswith("microsoft.network/") and "/locations/" not in each.path:
            given = each.query.get("api-version", "")
            found.setdefault(_label(each, given), reported)
            found.setdefault(f"{each.type} {given}", reported)
    return found


def version_in(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query)).get("api-version", "")


def path_of(url: str) -> str:
    return unquote(urlsplit(url).path)


def load(folder: Path) -> Iterator[Recording]:
    """Every recording below a folder (or the one file), by name."""
    top = folder if folder.is_dir() else folder.parent
    for file in sorted(folder.rglob("*.jsonl")) if folder.is_dir() else [folder]:
        name = str(file.relative_to(top).with_suffix(""))
        exchanges: list[Exchange] = []
        unread: list[str] = []
        for number, text in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if text.strip():
                try:
                    exchanges.append(_exchange(name, number, json.loads(text)))
                except (ValueError, KeyError, TypeError, AttributeError) as problem:
                    unread.append(f"line {number} is no exchange: {type(problem).__name__} {problem}")
        yield Recording(name, exchanges, _versions(exchanges), unread)


def _exchange(file: str, number: int, line: Json) -> Exchange:
    url = urlsplit(line.get("path") or line["url"])
    query = {**dict(parse_qsl(url.query, keep_blank_values=True)), **_texts(line.get("query"))}
    return Exchange(
        file,
        int(line.get("n", number)),
        str(line["method"]).upper(),
        unquote(url.path),
        query,
        {name.lower(): value for name, value in _texts(line.get("request_headers")).items()},
        _body(line.get("request_body")),
        int(line["status"]),
        {name.lower(): value for name, value in _texts(line.get("response_headers")).items()},
        _body(line.get("response_body")),
    )


def _texts(value: Any) -> dict[str, str]:
    """An object of texts; of a list in it, the first entry."""
    firsts = {name: each[0] if isinstance(each, list) and each else each for name, each in (value or {}).items()}
    return {name: str(each) for name, each in firsts.items() if each is not None and each != []}


def _body(value: Any) -> Any:
    """A body; one that was kept as a text is read, as JSON or as Python writes its values; nothing at all is None."""
    if isinstance(value, str):
        found = _read(value)
        value = found if isinstance(found, dict | list) else value
    return None if value == "" else value


def _read(text: str) -> Any:
    """What a text says; None where it is neither JSON nor a value as Python writes it, such as the bytes of a JSON document."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    return _read(found) if isinstance(found, str) and found != text else found
