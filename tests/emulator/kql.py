# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small part of the Kusto query language, computed: union, where, project, extend, summarize, count, and the functions below.

Anything else is refused with Kusto's own kind of error, a syntax error or a semantic error, never skipped. Source: Kusto's reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Value = Callable[[Row], Any]
_TOKEN = re.compile(
    r"""\s*(?:(?P<span>\d+(?:ms|[dhms])\b)|(?P<number>\d+(?:\.\d+)?)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<name>[A-Za-z_]\w*)|(?P<sign>=~|==|!=|<=|>=|[|(),.\[\]=<>]))"""
)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class KqlError(Exception):
    """A query that is not served. ``kind``: SyntaxError or SemanticError; ``code``: Kusto's own."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.code = kind, code


def semantic(message: str) -> KqlError:
    return KqlError("SemanticError", "SEM0100", message)


def unserved(what: str) -> KqlError:
    return KqlError("SyntaxError", "SYN0002", f"Query could not be parsed at '{what}': it is not served by this emulator.")


@dataclass(slots=True)
class Table:
    """Rows and the names and types of their columns."""

    columns: dict[str, str]
    rows: list[Row]


def run(query: str, tables: Mapping[str, Table], now: float, moment: Callable[[float], str]) -> Table:
    """The result of a query. Times are texts in one format, ``moment`` writes it, so they compare as texts."""
    reader = _Reader(_tokens(query), tables, now, moment)
    result = reader.pipeline()
    reader.end()
    return result


def _tokens(query: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = query.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise unserved(text[position : position + 20].strip())
        found.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        position = match.end()
    return found


class _Reader:
    def __init__(
        self, tokens: list[tuple[str, str]], tables: Mapping[str, Table], now: float, moment: Callable[[float], str], at: int = 0
    ) -> None:
        self.tokens, self.tables, self.now, self.moment, self.at = tokens, tables, now, moment, at
        self.columns: dict[str, str] = {}

    # reading

    def peek(self, *words: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][1] in words and self.tokens[self.at][0] != "text"

    def take(self, kind: str = "") -> str:
        if self.at >= len(self.tokens) or (kind and self.tokens[self.at][0] != kind):
            raise unserved(self.tokens[self.at][1] if self.at < len(self.tokens) else "the end")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def skip(self, word: str) -> None:
        if not self.peek(word):
            raise unserved(self.tokens[self.at][1] if self.at < len(self.tokens) else "the end")
        self.at += 1

    def found(self, word: str) -> bool:
        if self.peek(word):
            self.at += 1
            return True
        return False

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise unserved(self.tokens[self.at][1])

    # tables

    def pipeline(self) -> Table:
        table = self.union() if self.found("union") else self.source()
        while self.found("|"):
            self.columns = table.columns
            table = self.operator(self.take("name"), table)
        return table

    def source(self) -> Table:
        name = self.take("name")
        if name not in self.tables:
            after = self.tokens[self.at + 1][1] if self.peek("|") and self.at + 1 < len(self.tokens) else ""
            where = f"'{after}' operator: " if after else ""
            raise semantic(f"{where}Failed to resolve table or column expression named '{name}'")
        return self.tables[name]

    def union(self) -> Table:
        """All sources in one; with isfuzzy those that do not exist are left out, as long as one does."""
        fuzzy = False
        if self.found("isfuzzy"):
            self.skip("=")
            fuzzy = self.take("name") == "true"
        parts: list[Table] = []
        missing: list[KqlError] = []
        while True:
            try:
                parts.append(self.part())
            except KqlError as problem:
                if not fuzzy or problem.kind != "SemanticError" or "table or column" not in str(problem):
                    raise
                missing.append(problem)
                self.leave()
            if not self.found(","):
                break
        if not parts:
            raise missing[0]
        columns = {name: kind for part in parts for name, kind in part.columns.items()}
        if any(part.columns.get(name, kind) != kind for part in parts for name, kind in columns.items()):
            raise unserved("union of columns of one name and two types")
        return Table(columns, [row for part in parts for row in part.rows])

    def part(self) -> Table:
        if not self.peek("("):
            return self.source()
        self.skip("(")
        table = self.pipeline()
        self.skip(")")
        return table

    def leave(self) -> None:
        """Go on after the part in parentheses whose table does not exist."""
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.take(), 0)

    def operator(self, name: str, table: Table) -> Table:
        if name == "where":
            kept, _kind = self.either()
            return Table(table.columns, [row for row in table.rows if kept(row)])
        if name in ("project", "extend"):
            return self.project(table, kept=name == "extend")
        if name == "summarize":
            return self.summarize(table)
        if name == "count":
            return Table({"Count": "long"}, [{"Count": len(table.rows)}])
        raise unserved(name)

    def assignments(self) -> dict[str, tuple[Value, str]]:
        found: dict[str, tuple[Value, str]] = {}
        while True:
            name = self.take("name")
            if self.found("="):
                found[name] = self.value()
            else:
                found[name] = self.column(name)
            if not self.found(","):
                return found

    def project(self, table: Table, *, kept: bool) -> Table:
        new = self.assignments()
        columns = {**(table.columns if kept else {}), **{name: kind for name, (_value, kind) in new.items()}}
        made = [{**(row if kept else {}), **{name: value(row) for name, (value, _kind) in new.items()}} for row in table.rows]
        return Table(columns, made)

    def summarize(self, table: Table) -> Table:
        totals: dict[str, tuple[str, Value | None, str]] = {}
        while not self.peek("by"):
            name = self.take("name")
            self.skip("=")
            totals[name] = self.aggregate()
            if not self.found(","):
                break
        self.skip("by")
        keys = self.assignments()
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in table.rows:
            groups.setdefault(tuple(value(row) for value, _kind in keys.values()), []).append(row)
        columns = {**{name: kind for name, (_v, kind) in keys.items()}, **{name: kind for name, (_f, _v, kind) in totals.items()}}
        made = [
            {**dict(zip(keys, key, strict=True)), **{name: _total(function, value, rows) for name, (function, value, _k) in totals.items()}}
            for key, rows in groups.items()
        ]
        return Table(columns, made)

    def aggregate(self) -> tuple[str, Value | None, str]:
        function = self.take("name")
        self.skip("(")
        if function == "count":
            self.skip(")")
            return function, None, "long"
        if function not in ("min", "max"):
            raise unserved(function)
        value, kind = self.value()
        self.skip(")")
        return function, value, kind

    # values

    def either(self) -> tuple[Value, str]:
        left = self.both()
        while self.found("or"):
            left = (_or(left[0], self.both()[0]), "bool")
        return left

    def both(self) -> tuple[Value, str]:
        left = self.comparison()
        while self.found("and"):
            left = (_and(left[0], self.comparison()[0]), "bool")
        return left

    def comparison(self) -> tuple[Value, str]:
        left, _kind = self.value()
        if not self.peek("==", "!=", "=~", "<", ">", "<=", ">="):
            return left, _kind
        sign = self.take()
        right, _kind = self.value()
        return _compared(sign, left, right), "bool"

    def value(self) -> tuple[Value, str]:
        if self.at < len(self.tokens) and self.tokens[self.at][0] != "name":
            return self.literal()
        name = self.take("name")
        if self.peek("("):
            return self.function(name)
        found = self.column(name)
        while self.peek(".", "["):
            found = (_member(found[0], self.member()), "dynamic")
        return found

    def literal(self) -> tuple[Value, str]:
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            text = json.loads(word if word[0] == '"' else json.dumps(word[1:-1]))
            return lambda _row: text, "string"
        if kind == "number":
            number = float(word) if "." in word else int(word)
            return lambda _row: number, "real" if "." in word else "int"
        if word == "(":
            inner = self.either()
            self.skip(")")
            return inner
        raise unserved(word)

    def column(self, name: str) -> tuple[Value, str]:
        if name not in self.columns:
            raise semantic(f"Failed to resolve scalar expression named '{name}'")
        kind = self.columns[name]
        empty = "" if kind == "string" else None  # a text is never null
        return (lambda row: row.get(name, empty)), kind

    def member(self) -> str:
        if self.found("."):
            return self.take("name")
        self.skip("[")
        name = self.take("text")[1:-1]
        self.skip("]")
        return name

    def function(self, name: str) -> tuple[Value, str]:
        self.skip("(")
        if name == "ago":
            span = self.take("span")
            self.skip(")")
            match = re.fullmatch(r"(\d+)(\w+)", span)
            seconds = int(match[1]) * _SECONDS[match[2]] if match else 0.0
            then = self.moment(self.now - seconds)
            return lambda _row: then, "datetime"
        if name == "column_ifexists":
            wanted = self.take("text")[1:-1]
            self.skip(",")
            default = self.value()
            self.skip(")")
            return self.column(wanted) if wanted in self.columns else default
        arguments = [self.value()]
        while self.found(","):
            arguments.append(self.value())
        self.skip(")")
        values = [value for value, _kind in arguments]
        if name == "tostring" and len(values) == 1:
            return (lambda row: _text(values[0](row))), "string"
        if name == "toint" and len(values) == 1:
            return (lambda row: _int(values[0](row))), "int"
        if name == "coalesce" and len({kind for _value, kind in arguments}) == 1:
            return (lambda row: next((found for each in values if (found := each(row)) not in (None, "")), "")), arguments[0][1]
        raise semantic(f"Unknown function: '{name}'.")


def _total(function: str, value: Value | None, rows: Sequence[Row]) -> Any:
    if value is None:
        return len(rows)
    found = [each for each in map(value, rows) if each is not None]
    return (min if function == "min" else max)(found, default=None)


def _or(left: Value, right: Value) -> Value:
    return lambda row: bool(left(row)) or bool(right(row))


def _and(left: Value, right: Value) -> Value:
    return lambda row: bool(left(row)) and bool(right(row))


def _member(value: Value, name: str) -> Value:
    def found(row: Row) -> Any:
        whole = value(row)
        return whole.get(name) if isinstance(whole, dict) else None

    return found


def _compared(sign: str, left: Value, right: Value) -> Value:
    def holds(row: Row) -> bool:
        one, other = left(row), right(row)
        if sign == "=~":
            return str(one or "").lower() == str(other or "").lower()
        if sign in ("==", "!="):
            return (one == other) is (sign == "==")
        if one is None or other is None:
            return False
        return bool({"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[sign])

    return holds


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _int(value: Any) -> int | None:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None
