# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which a vault's owner decides on pending connections. Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import fnmatch
import typing as t

from .compare import Document
from .errors import OptionError
from .ids import ResourceId

CONDITIONS = ("subscriptions", "resource_groups", "endpoint_names", "descriptions")


def checked(rules: t.Sequence[t.Mapping[str, t.Any]]) -> list[t.Mapping[str, t.Any]]:
    """Return the rules. One without any condition would decide on everybody, so it is refused."""
    for number, rule in enumerate(rules, 1):
        if all(rule.get(condition) is None for condition in CONDITIONS):
            name = rule.get("name") or f"number {number}"
            raise OptionError("rules", f"rule {name} has no condition and would decide on every request; give it {', '.join(CONDITIONS[:-1])} or descriptions.")
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
    """Compare with shell patterns (* and ?), without case as Azure compares names. A list that came out empty matches nobody,
    and blanks around a pattern are those of a comma list."""
    return any(fnmatch.fnmatchcase(value.casefold(), pattern.strip().casefold()) for pattern in patterns)
