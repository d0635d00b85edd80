# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which exchanges of a recording the emulator is measured by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract import helpers
from contract.arm import Answer, served
from contract.assumptions import assumed
from contract.recordings import Exchange, Recording, type_of
from emulator import ids
from emulator.providers import targets

TROUBLE = frozenset({500, 502, 503, 504})


class Scope:
    """What is outside: services that are not served, what hangs on them, and Azure's own passing trouble."""

    def __init__(self, recording: Recording) -> None:
        self._skipped: dict[str, str] = {}
        self._assumed = assumed(recording)
        made = {each.path.lower() for each in recording.exchanges if each.method == "PUT" and each.status < 300}
        self._own = {each for each in made | {each.lower() for each in self._assumed} if served("PUT", each)}
        self._has_endpoints = any(type_of(each) == "microsoft.network/privateendpoints" for each in made)

    def outside(self, exchange: Exchange) -> str:
        """Why an exchange is not compared; empty where it is."""
        if not served(exchange.method, exchange.path):
            return f"not served: {_service(exchange)}"
        if exchange.status in TROUBLE:
            return f"Azure's own passing trouble ({exchange.status}); the emulator has it on demand, as a fault"
        if exchange.type.startswith("microsoft.network/privateendpoints"):
            for target in _targets(
                exchange.sent if exchange.method == "PUT" else exchange.body if "/resourcegroups/" in exchange.path.lower() else None
            ):
                if target.startswith("/") and targets.kind_of(target) is None:
                    return f"leads to a service that is not served: {type_of(target)}"
        if exchange.type == "microsoft.network/networkinterfaces" and not self._has_endpoints:
            return "an interface of a service that is not served"
        users = (
            [each.rstrip(".") for each in re.findall(r"/subscriptions/[^\s,'\")]+", str(exchange.body))]
            if exchange.status in (400, 409)
            else []
        )
        if any("/providers/" in each and not self._is_known(each) for each in users):
            return "refused because of something that is not served or not in the recording"
        low = exchange.path.lower() + "/"
        return next(
            (f"hangs on {kind}, which is not served" for resource, kind in self._skipped.items() if low.startswith(resource + "/")), ""
        )

    def skipped(self, exchange: Exchange) -> None:
        """Remember what a skipped write would have made."""
        if exchange.method == "PUT" and exchange.status < 300:
            reason = next((type_of(each) for each in _targets(exchange.sent)), exchange.type)
            self._skipped[exchange.path.lower()] = reason

    def own(self, exchange: Exchange, answer: Answer) -> tuple[Any, Any]:
        """Both bodies without what lies outside the recording: a subscription's lists hold other people's things."""
        body, got = self._without_skipped(exchange.body, answer.body), answer.body
        if exchange.type.startswith("microsoft.network/virtualnetworks"):
            body = self._without_strangers(body)
        if not isinstance(body, dict) or not isinstance(body.get("value"), list) or not isinstance(got, dict) or exchange.method != "GET":
            return body, got
        mine = [
            each
            for each in got.get("value", [])
            if not (isinstance(each, dict) and ids.name_of(str(each.get("id", ""))).startswith(helpers.OWN))
        ]
        got = {**got, "value": mine}
        there = {str(each.get("id", "")).lower() for each in got.get("value", []) if isinstance(each, dict)}
        wanted = [each for each in body["value"] if self._is_own(each, there)]
        if "/resourcegroups/" in exchange.path.lower() or not ("nextLink" in body or _trimmed(body["value"])):
            return {**body, "value": wanted}, got
        # one page of many, or cut by the recorder: only what both have
        shown = {str(each.get("id", "")).lower() for each in wanted if isinstance(each, dict)}
        kept = [each for each in got.get("value", []) if str(each.get("id", "")).lower() in shown]
        return {"value": wanted}, {**{name: each for name, each in got.items() if name != "nextLink"}, "value": kept}

    def _is_own(self, entry: Any, there: set[str]) -> bool:
        if not isinstance(entry, dict) or not str(entry.get("id", "")).startswith("/subscriptions/"):
            return not _trimmed([entry])
        return entry["id"].lower() in there or self._is_known(entry["id"])

    def _is_known(self, resource: str) -> bool:
        low = resource.lower()
        return any(low == each or (low.startswith(each + "/") and "/providers/" in each) for each in self._own)

    def _without_skipped(self, body: Any, got: Any) -> Any:
        """
        A body without the entries of lists that a skipped write made; a list that the emulator does
        not have, goes where nothing else is in it.
        """
        if isinstance(body, dict):
            there = got if isinstance(got, dict) else {}
            found = {name: self._without_skipped(each, there.get(name)) for name, each in body.items()}
            return {name: each for name, each in found.items() if each != [] or body[name] == [] or name in there}
        if not isinstance(body, list):
            return body
        kept = [each for each in body if not (isinstance(each, dict) and self._is_skipped(str(each.get("id", ""))))]
        others = got if isinstance(got, list) and len(got) == len(kept) else [None] * len(kept)
        return [self._without_skipped(*each) for each in zip(kept, others, strict=True)]

    def _is_skipped(self, resource: str) -> bool:
        low = resource.lower() + "/"
        return any(low.startswith(each + "/") for each in self._skipped if "/providers/" in each)

    def _without_strangers(self, body: Any) -> Any:
        """A network without the endpoints and interfaces of others in it."""
        if isinstance(body, list):
            return [self._without_strangers(each) for each in body]
        if not isinstance(body, dict):
            return body
        found = {name: self._without_strangers(each) for name, each in body.items()}
        endpoints = [each for each in found.get("privateEndpoints", []) if self._is_known(each["id"])]
        if "privateEndpoints" in found and not endpoints:
            return {name: each for name, each in found.items() if name not in ("privateEndpoints", "ipConfigurations", "purpose")}
        return found


def _trimmed(entries: list[Any]) -> bool:
    return any(isinstance(each, str) and each.startswith("<trimmed") for each in entries)


def _service(exchange: Exchange) -> str:
    kind = exchange.type
    if kind.startswith("microsoft."):
        return re.sub(r"/locations/operation\w*$", "", kind)
    return f"{exchange.method} {kind}"


def _targets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "privateLinkServiceId" and isinstance(each, str):
                yield each
            else:
                yield from _targets(each)
    elif isinstance(value, list):
        for each in value:
            yield from _targets(each)
