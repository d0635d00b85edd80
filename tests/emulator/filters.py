# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``$filter`` of lists, as ARM reads it: ``eq``, ``ne``, ``and``, ``or``, ``not``, brackets, and a few functions.

Nothing is swallowed: what is no filter gets ARM's 400, and what ARM may know and is not served gets the emulator's own refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.errors import ArmError, not_served

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]
TAG, TAG_VALUE = "tagname", "tagvalue"
_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_$][\w./$]*)|(?P<sign>[(),]))")


def parsed(text: str, known: frozenset[str], functions: frozenset[str] = frozenset()) -> Test:
    """A test of facts by name in small letters; ``known``: the names, ``functions``: of this list, without an argument or with one text.

    :raises ArmError: 400 where the text is no filter, 501 where it asks for what is not served.
    """
    return _Parser(text, known, functions).parse()


class _Parser:
    """Recursive descent: or, and, not, then a comparison, a function or brackets."""

    def __init__(self, text: str, known: frozenset[str], functions: frozenset[str]) -> None:
        self._text, self._known, self._functions = text, known, functions
        self._tokens: list[tuple[str, str]] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._invalid()
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            place = found.end()

    def parse(self) -> Test:
        test = self._any()
        if self._tokens:
            raise self._invalid()
        return test

    def _invalid(self) -> ArmError:
        return ArmError(400, "InvalidFilterInQueryString", f"Invalid $filter '{self._text}' specified in the query string.")

    def _next(self, kind: str = "", value: str = "") -> str:
        if not self._tokens or (kind and self._tokens[0][0] != kind) or (value and self._tokens[0][1].lower() != value):
            raise self._invalid()
        return self._tokens.pop(0)[1]

    def _follows(self, value: str) -> bool:
        if self._tokens and self._tokens[0][0] != "text" and self._tokens[0][1].lower() == value:
            self._tokens.pop(0)
            return True
        return False

    def _any(self) -> Test:
        tests = [self._all()]
        while self._follows("or"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._follows("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)

    def _one(self) -> Test:
        if self._follows("not"):
            test = self._one()
            return lambda facts: not test(facts)
        if self._follows("("):
            test = self._any()
            self._next("sign", ")")
            return test
        word = self._next("word")
        return self._called(word) if self._follows("(") else self._compared(word)

    def _called(self, word: str) -> Test:
        name = word.lower()
        if self._follows(")"):
            if name not in self._functions:
                raise not_served(f"the function '{word}()' in $filter")
            return lambda facts: bool(facts.get(name))
        first = self._tokens[0][0] if self._tokens else ""
        left = self._next()
        if first == "text" and self._follows(")"):
            if name not in self._functions:
                raise not_served(f"the function '{word}' in $filter")
            return lambda facts: facts.get(name) == _value(left)
        self._next("sign", ",")
        field, text = (self._next("word"), left) if first == "text" else (left, self._next("text"))
        self._next("sign", ")")
        kinds: dict[str, Callable[[str, str], bool]] = {"startswith": str.startswith, "substringof": lambda value, part: part in value}
        if name not in kinds or (name == "substringof") != (first == "text"):
            raise not_served(f"the function '{word}' in $filter")
        test, wanted = kinds[name], _value(text)
        return self._each(field, lambda value: test(value, wanted))

    def _compared(self, field: str) -> Test:
        operator = self._next("word").lower()
        if operator not in ("eq", "ne"):
            raise self._invalid() if operator not in ("gt", "ge", "lt", "le") else not_served(f"'{operator}' in $filter")
        wanted = _value(self._next("text"))
        if field.lower() == TAG and operator == "eq" and [each.lower() for _kind, each in self._tokens[:2]] == ["and", TAG_VALUE]:
            return self._tagged(wanted)
        return self._each(field, (lambda value: value == wanted) if operator == "eq" else (lambda value: value != wanted))

    def _tagged(self, name: str) -> Test:
        """``tagName eq 'a' and tagValue eq 'b'``: of one and the same tag."""
        self._next("word", "and")
        self._next("word", TAG_VALUE)
        self._next("word", "eq")
        value = _value(self._next("text"))
        self._check(TAG)
        return lambda facts: any(key == name and each == value for key, each in facts[TAG].items())

    def _each(self, field: str, test: Callable[[str], bool]) -> Test:
        name = self._check(field)
        if name == TAG:
            return lambda facts: any(map(test, facts[TAG]))
        return lambda facts: test(str(facts.get(name) or ""))

    def _check(self, field: str) -> str:
        if field.lower() not in self._known:
            raise not_served(f"'{field}' in $filter")
        return field.lower()


def _value(text: str) -> str:
    """A text without its quotes, in small letters: ARM compares without case."""
    return text[1:-1].replace("''", "'").lower()


def tags(document: Mapping[str, Any]) -> dict[str, str]:
    """A document's tags as a filter compares them."""
    return {name.lower(): str(value).lower() for name, value in (document.get("tags") or {}).items()}
