# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of a record set of a private DNS zone: names, and values that no record has.

unrecorded: the texts. Labels, numbers of 16 bits and the length of a text are those of DNS and of Azure's page on its limits.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from emulator.errors import ArmError, Json

_LABEL = re.compile(r"^[a-z0-9_-]{1,63}$", re.IGNORECASE)
_LONGEST_NAME = 253
_LONGEST_TEXT = 1024
_NUMBERS = ("preference", "priority", "weight", "port")


def refusal(status: int, code: str, message: str) -> ArmError:
    """An error of record sets, which has no wrapper (wire facts 7)."""
    return ArmError(status, code, message, wrapped=False)


def name(kind: str, relative: str, zone: str) -> None:
    """Refuse a name that is none: labels of DNS, of which the first may be ``*``, or ``@``, which alone a SOA has."""
    labels = relative.split(".")
    first, rest = labels[0], labels[1:]
    fits = relative == "@" or ((first == "*" or _LABEL.match(first)) and all(map(_LABEL.match, rest)))
    if not fits or len(f"{relative}.{zone}") > _LONGEST_NAME:
        raise refusal(400, "BadRequest", f"The record set name '{relative}' is invalid.")
    if kind == "SOA" and relative != "@":
        raise refusal(400, "BadRequest", "The only record set of type SOA is '@'.")


def records(kind: str, key: str, sent: Json, keys: frozenset[str]) -> None:
    """Refuse records of another type than the set's (``key`` has its own), and values that no record of it has."""
    others = [each for each in sorted(keys) if each != key and sent.get(each)]
    if others:
        raise refusal(400, "BadRequest", f"A record set of type {kind} cannot have {', '.join(others)}.")
    entries = sent.get(key) or []
    for each in entries if isinstance(entries, list) else [entries]:
        _record(kind, each)
    if kind in ("A", "AAAA"):
        _addresses(kind, entries)


def _record(kind: str, entry: Json) -> None:
    for field in _NUMBERS:
        value: Any = entry.get(field)
        if value is not None and not 0 <= value <= 65535:
            raise refusal(400, "BadRequest", f"The value '{value}' of {field} is not valid; it is between 0 and 65535.")
    if kind == "TXT" and sum(map(len, entry.get("value") or [])) > _LONGEST_TEXT:
        raise refusal(400, "BadRequest", f"A record of type TXT can have at most {_LONGEST_TEXT} characters.")


def _addresses(kind: str, entries: list[Json]) -> None:
    field, family = ("ipv4Address", ipaddress.IPv4Address) if kind == "A" else ("ipv6Address", ipaddress.IPv6Address)
    seen = set()
    for each in entries:
        value = each.get(field) or ""
        try:
            seen.add(family(value))
        except ValueError:
            text = f"The value '{value}' is not a valid {'IPv4' if kind == 'A' else 'IPv6'} address."
            raise refusal(400, "BadRequest", text) from None
    if len(seen) != len(entries):
        raise refusal(400, "BadRequest", "The record set has the same address more than once.")
