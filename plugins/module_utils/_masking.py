# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Keep secrets out of results, whatever Ansible itself does about them: until 2.21 it removed them, from 2.22 on it masks only what it prints.
"""

from __future__ import annotations

import base64
import functools
import html
import json
import re
import typing as t
import urllib.parse

# Ansible's own words, which users know: for a value that is a secret, and for a secret within a text.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"
# What this process learned in addition to its options: tokens that it was given, assertions that it read.
_KNOWN: dict[str, None] = {}
_MOST, _LONGEST_UNKNOWN = 1_000_000, 10_000  # characters of one text: no message is as long, nor a token that nobody gave us
_SHORT, LONG = 5, 12  # characters: up to the one, text holds a secret's base64 by chance; from the other on, no name is one
_KEYS = ("IDENTITY_HEADER", "MSI_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD")
# A JSON Web Token, or the beginning of one: base64 of '{"', and a second part.
_JWT = r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}|\beyJ[\w-]{60,}"
# What the other side names a secret itself, with its name: as JSON, in a form, as a header, as the signature of an address.
_NAMED = (
    r"(?i:\b(?:access|refresh|id)_?token|\bclient_?secret|\bclient_?assertion|\bsig)"
    r"(?:\\?[\"'])?(?:\s*[:=]\s*|%3[Dd])(?:\\?[\"'])?[\w.~+/%=-]{16,}"
    r"|(?i:(?<=\bbearer )|(?<=\bbasic ))[\w.~+/-]{16,}=*"
)


def remember(*secrets: str) -> None:
    """Take note of secrets where they come to be, whatever the other side gave for one; masked() takes them out of every result."""
    _KNOWN.update(dict.fromkeys(secret for secret in secrets if secret and isinstance(secret, str)))


def masked(value: t.Any, secrets: t.Iterable[str] = ()) -> t.Any:
    """
    Return a result, or any part of one, whose texts hold none of these secrets, nor of those known, nor a token. Of the keys of mappings
    only those change that hold a long secret or a token: no field of a result does.
    """
    known = tuple(dict.fromkeys(secret for secret in (*secrets, *_KNOWN) if secret))
    return _masked(value, _pattern(known), _pattern(tuple(secret for secret in known if len(secret) >= LONG)))


@functools.lru_cache(maxsize=64)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any form of these secrets, the longest first, or a token."""
    forms = {form for secret in secrets for form in _forms(secret)}
    return re.compile("|".join([*map(re.escape, sorted(forms, key=len, reverse=True)), _JWT, _NAMED]))


def _forms(secret: str) -> t.Iterator[str]:
    """
    Yield a secret in each way in which the other side may repeat it: as it is, in an address or form, in HTML, in JSON, in base64, in hex.
    """
    data = secret.encode("utf-8", "replace")
    plain = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    page = html.escape(secret)
    quoted = (urllib.parse.quote(secret, safe="", errors="replace"), urllib.parse.quote_plus(secret, errors="replace"))
    once = (*quoted, *(re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), each) for each in quoted))
    twice = (each.replace("%", "%25") for each in once)
    yield from (*plain, page, page.replace("&#x27;", "&#39;"), page.replace("&quot;", "&#34;"), *once, *twice)
    if len(secret) > _SHORT:
        yield from _in_base64(data, 0)
    if len(data) >= LONG:  # as in the header of basic authentication, after a name that shifts it
        yield from (*_in_base64(data, 1), *_in_base64(data, 2), data.hex(), data.hex().upper())


def _in_base64(data: bytes, shift: int) -> t.Iterator[str]:
    """Yield those signs of bytes in base64 that are the same whatever stands around them. shift: how many bytes of a group come before."""
    for end in (len(data) - (len(data) + shift) % 3, *(() if shift else (len(data),))):
        coded = base64.b64encode(bytes(shift) + data[:end]).decode().rstrip("=")[(0, 2, 3)[shift] :]
        yield from (coded, coded.replace("+", "-").replace("/", "_"))


def secrets_in(environ: t.Mapping[str, str]) -> list[str]:
    """Return what the environment holds that is sent to others and is no option: users and passwords of proxies, keys of an identity."""
    found = [environ.get(name, "") for name in _KEYS]
    for name, value in environ.items():
        user, at, _host = value.rpartition("@")
        if name.casefold().endswith("_proxy") and at:
            user = user.partition("://")[2] or user
            password = user.partition(":")[2]
            found += [password, urllib.parse.unquote(password), urllib.parse.unquote(user)]
    return list(dict.fromkeys(secret for secret in found if len(secret) > _SHORT))


def unspoken(text: str) -> str:
    """Return a text without the secrets that are known, before it is shortened: half of one is no longer found."""
    if len(text) <= _MOST:
        return _pattern(tuple(_KNOWN)).sub(PART, text)
    cut = _pattern(tuple(_KNOWN)).sub(PART, text[:_MOST])  # whose end may be half of a secret, in its longest form
    return cut[: max(0, len(cut) - 6 * max([_LONGEST_UNKNOWN, *map(len, _KNOWN)]))]


def _masked(value: t.Any, secrets: re.Pattern[str], long: re.Pattern[str]) -> t.Any:
    if isinstance(value, str):
        text = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")  # half a sign cannot be printed
        return WHOLE if secrets.fullmatch(text) else secrets.sub(PART, text) if secrets.search(text) else text
    if isinstance(value, dict):
        return {long.sub(PART, key) if isinstance(key, str) else key: _masked(item, secrets, long) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(item, secrets, long) for item in value]
    return value
