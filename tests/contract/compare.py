# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two JSON documents: keys, types, and values as far as they do not vary from one run to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

VARYING = (
    (re.compile(r"https://(?:management\.azure\.com|127\.0\.0\.1)(?::\d+)?"), "<arm>"),
    (re.compile(r"([?&](?:t|c|s|h)=)[^&\s]+"), r"\1<signed>"),
    (re.compile(r"[?&]\$skiptoken=[^&\s]+", re.IGNORECASE), "<next>"),
    (re.compile(r"&kv-operation=[^&\s]+"), "<kv-operation>"),
    (re.compile(r"(privateDnsOperation(?:Statuses|Results)/|operationresults/)[^/?\s]+", re.IGNORECASE), r"\1<operation>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE), "<guid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?"), "<time>"),
    (re.compile(r"\b[0-9a-fA-F]{32}\b"), "<hex>"),
    (re.compile(r"\b(?:[0-9A-F]{2}-){5}[0-9A-F]{2}\b"), "<mac>"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """``kind``: status, header, missing, extra, type, value or length; ``path``: ``properties.subnets[].id``."""

    kind: str
    path: str
    wanted: Any
    got: Any

    def __str__(self) -> str:
        shown = {"missing": f"has {_short(self.wanted)}, the emulator nothing", "extra": f"has nothing, the emulator {_short(self.got)}"}
        return f"{self.path or 'body'} ({self.kind}): Azure " + shown.get(
            self.kind, f"{_short(self.wanted)}, the emulator {_short(self.got)}"
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:157]}..."


def settled(text: str) -> str:
    """A text with everything that varies replaced by what it is."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    kinds: dict[type, str] = {str: "string", dict: "object", list: "array"}
    return kinds.get(type(value), "null")


def differences(wanted: Any, got: Any, path: str = "", *, values: bool = True) -> Iterator[Difference]:
    """What differs between Azure's document and the emulator's; without ``values`` only keys and types count."""
    if kind_of(wanted) != kind_of(got):
        yield Difference("type", path, wanted, got)
    elif isinstance(wanted, dict):
        yield from _objects(wanted, got, path, values)
    elif isinstance(wanted, list):
        yield from _lists(wanted, got, path, values)
    elif values and not _same(wanted, got):
        yield Difference("value", path, wanted, got)


def _objects(wanted: dict[str, Any], got: dict[str, Any], path: str, values: bool) -> Iterator[Difference]:
    for name, value in wanted.items():
        inner = f"{path}.{name}".lstrip(".")
        if name not in got:
            yield Difference("missing", inner, value, None)
        else:
            yield from differences(value, got[name], inner, values=values)
    for name in got.keys() - wanted.keys():
        yield Difference("extra", f"{path}.{name}".lstrip("."), None, got[name])


def _lists(wanted: list[Any], got: list[Any], path: str, values: bool) -> Iterator[Difference]:
    inner = f"{path}[]"
    if not values:
        for left, right in zip(wanted[:1], got[:1], strict=False):
            yield from differences(left, right, inner, values=values)
        return
    if len(wanted) != len(got):
        yield Difference("length", inner, wanted, got)
    for left, right in pairs(wanted, got):
        yield from differences(left, right, inner, values=values)


def pairs(wanted: list[Any], got: list[Any]) -> list[tuple[Any, Any]]:
    """Items that belong together: by id or name where they have one, else by place."""
    for key in ("id", "name"):
        if all(isinstance(each, dict) and isinstance(each.get(key), str) for each in [*wanted, *got]):
            named = {settled(each[key]).lower(): each for each in got}
            if len(named) == len(got):
                return [(each, named[settled(each[key]).lower()]) for each in wanted if settled(each[key]).lower() in named]
    return list(zip(wanted, got, strict=False))


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) and isinstance(got, str):
        return wanted == got or settled(wanted) == settled(got)
    return bool(wanted == got)


def twins(wanted: Any, got: Any) -> Iterator[tuple[str, str]]:
    """Texts at the same place of both documents that differ: what the one called so, the other calls so."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for name in wanted.keys() & got.keys():
            yield from twins(wanted[name], got[name])
    elif isinstance(wanted, list) and isinstance(got, list):
        for left, right in pairs(wanted, got):
            yield from twins(left, right)
    elif isinstance(wanted, str) and isinstance(got, str) and wanted != got and settled(wanted) == settled(got):
        yield wanted, got
