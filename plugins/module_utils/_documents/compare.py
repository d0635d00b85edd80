# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare and combine ARM documents (the JSON of the REST reference). Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import copy
import dataclasses
import ipaddress
import re
import typing as t

Document = dict[str, t.Any]

# What only Azure can know, in a plan.
UNKNOWN = "(known after apply)"

# The property that tells the items of a list apart, first found first taken.
_IDENTITIES = ("name", "id", "value", "ipv4Address", "service")
_NOTHING: tuple[t.Any, ...] = (None, False, "", [], {})
_NO_MATCH: t.Any = object()
_IPV6_RANGE = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*/\d{1,3}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Rules:
    """How the properties of a resource type compare, by dotted path; a list on the way means each of its items.

    ordered: lists whose order means something. caseless: words that Azure reads in any case, such as the values of enumerations and names.
    absent: what Azure means where it leaves a property out; any other missing property equals an empty or false one.
    """

    ordered: t.Collection[str] = ()
    caseless: t.Collection[str] = ()
    absent: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


PLAIN = Rules()


def ascii_lower(text: str) -> str:
    """Return a text without capitals of ASCII: other alphabets have letters that only look the same to some, as strasse and straße."""
    return re.sub("[A-Z]+", lambda found: found[0].lower(), text)


def prune(value: t.Any) -> t.Any:
    """Drop what was left unset (None), so that what the user did not mention is left alone; empty lists stay, they ask for emptiness."""
    if isinstance(value, dict):
        kept = {key: prune(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and not (item == {} and value[key] != {})}
    if isinstance(value, list):
        return [prune(item) for item in value]
    return value


def location(name: str) -> str:
    """Return a region's name as Azure stores it: 'West Europe' is 'westeurope'."""
    return name.replace(" ", "").casefold()


def is_word(value: t.Any, *words: str) -> bool:
    """Return whether a value of Azure is one of these words, which it may spell in any case."""
    return isinstance(value, str) and value.casefold() in [word.casefold() for word in words]


def _network(text: str) -> t.Any:
    """Return a range of IPv6, which has many spellings; a text that is none is itself."""
    try:
        return ipaddress.IPv6Network(text)
    except ValueError:
        return text


def _same_scalar(actual: t.Any, desired: t.Any, path: str, rules: Rules) -> bool:
    if isinstance(actual, str) and isinstance(desired, str):
        if path == "location":
            return location(actual) == location(desired)
        if path in rules.caseless:
            return is_word(actual, desired)
        if desired.startswith("/subscriptions/") or _UUID.fullmatch(desired):
            return actual.rstrip("/").casefold() == desired.rstrip("/").casefold()
        if _IPV6_RANGE.fullmatch(actual) and _IPV6_RANGE.fullmatch(desired):
            return bool(_network(actual) == _network(desired))
    return bool(actual == desired) and isinstance(actual, bool) == isinstance(desired, bool)


def _partner(actual: list[t.Any], item: t.Any, path: str, rules: Rules) -> t.Any:
    """Return the item of actual that means the same thing as item, or _NO_MATCH, which covers nothing."""
    if not isinstance(item, dict):
        return next((other for other in actual if _same_scalar(other, item, path, rules)), _NO_MATCH)
    for identity in _IDENTITIES:
        if identity in item:
            here = _join(path, identity)
            same = (other for other in actual if isinstance(other, dict) and _same_scalar(other.get(identity), item[identity], here, rules))
            return next(same, _NO_MATCH)
    return next((other for other in actual if covers(other, item, rules, path)), _NO_MATCH)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _users_own(path: str) -> bool:
    """Return whether a property is named by the user: there an empty value is a value, not a default."""
    return any(part in ("tags", "metadata") for part in path.split(".")[:-1])


def covers(actual: t.Any, desired: t.Any, rules: Rules = PLAIN, path: str = "") -> bool:
    """Return whether actual already holds everything that desired asks for.

    Lists compare without order and repetitions, except where the rules say otherwise; a missing property equals Azure's own default, which
    is in the rules or else an empty or false value, because Azure leaves out what is at its default.
    """
    if actual is None and path in rules.absent:
        actual = rules.absent[path]
    elif actual is None and desired in _NOTHING:
        return not _users_own(path)
    if isinstance(desired, dict):
        current = {} if actual is None else actual
        return isinstance(current, dict) and all(covers(current.get(key), item, rules, _join(path, key)) for key, item in desired.items())
    if isinstance(desired, list):
        if not isinstance(actual, list):
            return False
        if path in rules.ordered and len(actual) != len(desired):
            return False
        partners = actual if path in rules.ordered else [_partner(actual, item, path, rules) for item in desired]
        return all(one in partners for one in actual) and all(
            covers(one, item, rules, path) for one, item in zip(partners, desired, strict=True)
        )
    return _same_scalar(actual, desired, path, rules)


def merge(actual: t.Any, desired: t.Any, rules: Rules = PLAIN, path: str = "") -> t.Any:
    """Lay desired over actual: mappings join key by key, items of lists join their namesakes, everything else is replaced.

    What is the same in another spelling (ids, regions, words of Azure) keeps the spelling that it has.
    """
    if isinstance(actual, dict) and isinstance(desired, dict):
        return {**actual, **{key: merge(actual.get(key), item, rules, _join(path, key)) for key, item in desired.items()}}
    if isinstance(actual, list) and isinstance(desired, list):
        return [merge(_partner(actual, item, path, rules), item, rules, path) for item in desired]
    return actual if isinstance(actual, str) and _same_scalar(actual, desired, path, rules) else desired


def _shadow(actual: t.Any, desired: t.Any) -> t.Any:
    """Keep only the part of actual that desired speaks of."""
    if isinstance(actual, dict) and isinstance(desired, dict):
        return {key: _shadow(actual[key], item) for key, item in desired.items() if key in actual}
    if isinstance(actual, list) and isinstance(desired, list):
        pattern = next((item for item in desired if isinstance(item, dict)), None)
        return [_shadow(item, pattern) if pattern else item for item in actual]
    return actual


def difference(actual: t.Any, desired: t.Any, rules: Rules = PLAIN, path: str = "") -> tuple[Document, Document]:
    """
    Return (before, after): the smallest two documents that show where actual fails to cover desired. A default of Azure is shown as held.
    """
    before: Document = {}
    after: Document = {}
    for key, item in desired.items():
        here = _join(path, key)
        there = (actual or {}).get(key)
        if covers(there, item, rules, here):
            continue
        if isinstance(item, dict) and isinstance(there, dict):
            before[key], after[key] = difference(there, item, rules, here)
            continue
        there = rules.absent.get(here) if there is None else there
        after[key] = item
        if there is not None:
            before[key] = _shadow(there, item)
    return before, after


def paths(document: Document, prefix: str = "") -> list[str]:
    """Return the dotted paths of a document's leaves."""
    found: list[str] = []
    for key, item in document.items():
        here = _join(prefix, key)
        found.extend(paths(item, here) if isinstance(item, dict) and item else [here])
    return found


def at(document: t.Any, path: str) -> t.Any:
    """Return the value at a dotted path, or None."""
    for key in path.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def stripped(document: Document, paths: t.Iterable[str], references: t.Iterable[str] = ()) -> Document:
    """Return a copy without what stands at dotted paths, and with the id alone of each resource at a path of references.

    A list on the way, or at the end, means each of its items. What has no id is no reference and stays.
    """
    clean = copy.deepcopy(document)
    for path in references:
        for container, leaf in _places(clean, path):
            there = container[leaf]
            container[leaf] = [_reference(item) for item in there] if isinstance(there, list) else _reference(there)
    for path in paths:
        for container, leaf in _places(clean, path):
            del container[leaf]
    return clean


def _places(value: t.Any, path: str) -> t.Iterator[tuple[Document, str]]:
    """Yield the mappings that hold the last key of a dotted path, and that key."""
    if isinstance(value, list):
        for item in value:
            yield from _places(item, path)
    elif isinstance(value, dict):
        key, _dot, rest = path.partition(".")
        if key in value and rest:
            yield from _places(value[key], rest)
        elif key in value:
            yield value, key


def _reference(value: t.Any) -> t.Any:
    return {"id": value["id"]} if isinstance(value, dict) and "id" in value else value


def overlay_tags(actual: t.Mapping[str, str] | None, wanted: t.Mapping[str, str] | None, append: bool) -> dict[str, str] | None:
    """Return the tags to be: None where the user said nothing. Names of tags ignore case and keep the spelling that Azure has."""
    if wanted is None:
        return None
    current = dict(actual or {})
    spelling = {name.casefold(): name for name in current}
    named = {spelling.get(name.casefold(), name): value for name, value in wanted.items()}
    return {**current, **named} if append else named
