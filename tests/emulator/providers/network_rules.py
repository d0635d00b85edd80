# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Rules of security groups and routes of route tables as resources of their own (specification 2026-03-01).

They are kept in the document that they belong to, as they can be written there too. Nothing is filtered or routed by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emulator import ids
from emulator.errors import Json, network_not_found, resource_not_found
from emulator.operations import Operation
from emulator.providers import lro, rule_checks
from emulator.providers.common import check_if_match, check_network_name, new_etag, paged
from emulator.providers.network_parts import routes_of, rules_of
from emulator.store import Record
from emulator.wire import Call, Reply, Route, route


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of child: its parent's type and parameter, the parent's member that lists them, and how a new one is checked beside others."""

    parent: str
    parameter: str
    member: str
    check: Callable[[str, str, Json, list[Json]], None]


RULES = Kind(rule_checks.SECURITY, "security", "securityRules", rule_checks.rule)
ROUTES_OF_TABLES = Kind(rule_checks.TABLES, "table", "routes", rule_checks.route)


def _parent(call: Call, kind: Kind) -> Record:
    name = call.parameters[kind.parameter]
    found = call.emulator.store.get(f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{kind.parent}/{name}")
    if found is None:
        raise resource_not_found(f"{kind.parent}/{name}", call.group)
    return found


def _entries(record: Record, kind: Kind) -> list[Json]:
    found: list[Json] = record.properties[kind.member]
    return found


def _shown(record: Record, kind: Kind, entry: Json) -> Json:
    shown: list[Json] = (rules_of(record) if kind is RULES else routes_of(record))[kind.member]
    return next(each for each in shown if each["name"] == entry["name"])


def _one(record: Record, kind: Kind, name: str) -> Json | None:
    return next((each for each in _entries(record, kind) if ids.same(each["name"], name)), None)


def _put(kind: Kind) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        record, name = _parent(call, kind), check_network_name(call, kind.member)
        before = _one(record, kind, name)
        check_if_match(call, record if before else None)
        others = [each for each in _entries(record, kind) if each is not before]
        sent = {key: value for key, value in call.properties().items() if key != "provisioningState" and value is not None}
        kind.check(record.id, name, sent, others)
        entry: Json = {"name": before["name"] if before else name, "properties": sent}
        record.properties[kind.member] = [*others, entry]
        return lro.network_put(call, _begun(call, record), _shown(record, kind, entry), created=before is None)

    return handler


def _begun(call: Call, record: Record) -> Operation:
    """The operation of a child is that of its parent, which changes with it."""
    record.document["etag"] = new_etag()
    record.properties["provisioningState"] = "Updating"
    return lro.begin_network(call, record.id, "network.provisioned", "network.put", record.document["location"], hint=3)


def _get(kind: Kind) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        record = _parent(call, kind)
        entry = _one(record, kind, call.name)
        if entry is None:
            raise network_not_found(call.id)
        return Reply(200, _shown(record, kind, entry), {"ETag": record.document["etag"]})

    return handler


def _list(kind: Kind) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        record = _parent(call, kind)
        return paged(call, _entries(record, kind), lambda entry: _shown(record, kind, entry))

    return handler


def _delete(kind: Kind) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        record = _parent(call, kind)
        entry = _one(record, kind, call.name)
        if entry is None:
            return Reply(204)
        record.properties[kind.member] = [each for each in _entries(record, kind) if each is not entry]
        return lro.network_delete(call, _begun(call, record))

    return handler


def _default_list(call: Call) -> Reply:
    return paged(call, rules_of(_parent(call, RULES))["defaultSecurityRules"], lambda rule: rule)


def _default_get(call: Call) -> Reply:
    found = next((each for each in rules_of(_parent(call, RULES))["defaultSecurityRules"] if ids.same(each["name"], call.name)), None)
    if found is None:
        raise network_not_found(call.id)
    return Reply(200, found)


def _routes(kind: Kind) -> list[Route]:
    every = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{kind.parent}/{{{kind.parameter}}}/{kind.member}"
    one = f"{every}/{{child}}"
    return [
        route("GET", every, _list(kind)),
        route("GET", one, _get(kind)),
        route("PUT", one, _put(kind)),
        route("DELETE", one, _delete(kind)),
    ]


_DEFAULTS = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{rule_checks.SECURITY}/{{security}}/defaultSecurityRules"

ROUTES = [
    *_routes(RULES),
    *_routes(ROUTES_OF_TABLES),
    route("GET", _DEFAULTS, _default_list),
    route("GET", _DEFAULTS + "/{child}", _default_get),
]
