# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which a vault's owner decides on pending connections. Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import typing as t

from .._errors import OptionError
from .compare import Document, ascii_lower
from .ids import ResourceId

CONDITIONS = ("subscriptions", "resource_groups", "endpoint_names", "descriptions")


def checked(rules: t.Sequence[t.Mapping[str, t.Any]]) -> list[t.Mapping[str, t.Any]]:
    """Return the rules. One without any condition would decide on everybody, so it is refused."""
    for number, rule in enumerate(rules, 1):
        if all(rule.get(condition) is None for condition in CONDITIONS):
            name = rule.get("name") or f"number {number}"
            raise OptionError(
                "rules",
                f"rule {name} has no condition and would match every request; set {', '.join(CONDITIONS[:-1])} or descriptions.",
            )
    return list(rules)


def rule_for(connection: Document, rules: t.Sequence[t.Mapping[str, t.Any]]) -> t.Mapping[str, t.Any] | None:
    """Return the first rule whose conditions all hold for a connection (as connections.connections_of returns it), or None."""
    return next((rule for rule in rules if _holds(connection, rule)), None)


def _holds(connection: Document, rule: t.Mapping[str, t.Any]) -> bool:
    endpoint = ResourceId.parse(connection.get("endpoint_id") or "")
    if endpoint is None:
        return False
    side = connection.get("endpoint") or {}
    words = side.get("request_message") or connection.get("description") or ""
    facts = {
        "subscriptions": endpoint.subscription,
        "resource_groups": str(endpoint.resource_group),
        "endpoint_names": endpoint.name,
        "descriptions": words,
    }
    return all(_matches(facts[condition], rule[condition]) for condition in CONDITIONS if rule.get(condition) is not None)


def _matches(value: str, patterns: t.Sequence[str]) -> bool:
    """
    Return whether a value fits one of the patterns. An empty list matches nothing, and
    blanks around a pattern are those of a comma list.
    """
    return any(fits(value, pattern.strip()) for pattern in patterns)


def fits(value: str, pattern: str) -> bool:
    """Return whether a value fits a pattern as a whole: * stands for any text, ? for one character, everything else for itself.

    Case is ignored in ASCII alone.
    """
    text, signs = ascii_lower(value), ascii_lower(pattern)
    at = sign = 0
    star, resumed = -1, 0
    while at < len(text):
        if sign < len(signs) and signs[sign] == "*":
            star, resumed, sign = sign, at, sign + 1
        elif sign < len(signs) and signs[sign] in ("?", text[at]):
            at, sign = at + 1, sign + 1
        elif star >= 0:  # the last * takes one character more
            resumed += 1
            at, sign = resumed, star + 1
        else:
            return False
    return not signs[sign:].strip("*")
