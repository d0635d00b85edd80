# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Keep secrets out of results, whatever Ansible itself does about them: until 2.21 it removed them, from 2.22 on it masks only what it prints.
"""

from __future__ import annotations

import base64
import json
import re
import typing as t
import urllib.parse

# Ansible's own words, which users know: for a value that is a secret, and for a secret within a text.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"
# What this process learned in addition to its options: tokens that it was given, assertions that it read.
_KNOWN: dict[str, None] = {}
# A JSON Web Token, or the beginning of one: base64 of '{"', and a second part.
_JWT = r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}|\beyJ[\w-]{60,}"


def remember(*secrets: str) -> None:
    """Take note of secrets where they come to be, whatever the other side gave for one; masked() takes them out of every result."""
    _KNOWN.update(dict.fromkeys(secret for secret in secrets if secret and isinstance(secret, str)))


def masked(value: t.Any, secrets: t.Iterable[str] = ()) -> t.Any:
    """
    Return a result, or any part of one, whose texts hold none of these secrets, nor of those known, nor a token. The keys of mappings stay.
    """
    known = {form for secret in (*secrets, *_KNOWN) if secret for form in _forms(secret)}
    longest_first = sorted(known, key=len, reverse=True)
    return _masked(value, re.compile("|".join([*map(re.escape, longest_first), _JWT])))


def _forms(secret: str) -> tuple[str, ...]:
    """Return a secret in each way in which the other side may repeat it: as it is, in an address or form, in JSON, in base64."""
    coded = base64.b64encode(secret.encode("utf-8", "replace")).decode().rstrip("=")
    quoted = (urllib.parse.quote(secret, safe="", errors="replace"), urllib.parse.quote_plus(secret, errors="replace"))
    return (secret, *quoted, json.dumps(secret)[1:-1], *((coded,) if len(secret) > 5 else ()))


def _masked(value: t.Any, secrets: re.Pattern[str]) -> t.Any:
    if isinstance(value, str):
        text = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")  # half a sign cannot be printed
        return WHOLE if secrets.fullmatch(text) else secrets.sub(PART, text) if secrets.search(text) else text
    if isinstance(value, dict):
        return {key: _masked(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(item, secrets) for item in value]
    return value
