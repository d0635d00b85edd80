# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording takes for granted: resources that were there, or deleted, before its first exchange."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract.arm import served
from contract.recordings import ASYNC, Exchange, Json, Recording, path_of, type_of
from emulator import ids

_ID = re.compile(r"^/subscriptions/[^/]+/resourcegroups/[^/]+(/providers/[^/]+(/[^/]+/[^/]+)+)?$", re.IGNORECASE)
STATE = frozenset(
    {"provisioningState", "resourceGuid", "privateEndpointConnections", "vaultUri", "hsmUri", "privateEndpoints", "purpose", "subnets"}
)
"""Properties that nobody asks for."""


def assumed(recording: Recording) -> dict[str, Json]:
    """The resources that were there from the start, by id as first spelled, with what is known of them."""
    made: set[str] = set()
    gone: set[str] = {each.lower() for each in found_deleted(recording)}
    found: dict[str, tuple[str, Json]] = {}
    missed = refused(recording)
    for exchange in recording.exchanges:
        for resource, body in (*_shown(exchange), *_listed(exchange), *([(exchange.path, {})] if exchange.label in missed else [])):
            key = resource.lower()
            if key not in gone and not _inside(key, made) and endpoint_of(body).lower() not in made:
                first = found.setdefault(key, (resource, {}))
                if not first[1]:
                    found[key] = (first[0], body)
        _note(exchange, made, gone, found)
    for resource in [each for each, _unused in found.values()]:
        group, _unused, below = resource.partition("/providers/")
        if below and _ID.match(group):
            found.setdefault(group.lower(), (group, {}))
    listed = {
        each["id"].lower(): each
        for exchange in recording.exchanges
        for each in objects(body_of(exchange), "value")
        if isinstance(each.get("id"), str)
    }
    return {resource: body or listed.get(resource.lower(), {}) for resource, body in found.values()}


def endpoint_of(connection: Json) -> str:
    """The endpoint that a connection belongs to; empty for anything else."""
    return str(part(part(connection, "properties"), "privateEndpoint").get("id") or "")


def refused(recording: Recording) -> set[str]:
    """Writes that failed because of what exists: at once, or as their operation's polls say."""
    failed = {each.path.lower() for each in recording.exchanges if each.error_code == "PreconditionFailed" and each.method == "GET"}
    return {
        each.label
        for each in recording.exchanges
        if each.method in ("PUT", "PATCH")
        and (each.status == 412 or path_of(each.headers.get(ASYNC, "")).lower() in failed)
        and _ID.match(each.path)
    }


def _listed(exchange: Exchange) -> Iterator[tuple[str, Json]]:
    """What a list in a group shows, and the connections that a target shows."""
    if exchange.method != "GET" or exchange.status != 200 or "/resourcegroups/" not in exchange.path.lower():
        return
    entries = objects(body_of(exchange), "value")
    for each in [
        *entries,
        *(one for owner in [body_of(exchange), *entries] for one in objects(part(owner, "properties"), "privateEndpointConnections")),
    ]:
        resource = str(each.get("id", ""))
        if _ID.match(resource) and served("PUT", resource) and not type_of(resource).endswith("/soa"):
            yield resource, each


def _inside(key: str, made: set[str]) -> bool:
    """Whether a resource was made by the recording, or belongs to one that was (a group does not make what is in it)."""
    return any(key == each or (key.startswith(f"{each}/") and "/providers/" in each) for each in made)


def _note(exchange: Exchange, made: set[str], gone: set[str], found: dict[str, tuple[str, Json]]) -> None:
    """What a write made; what was missing when it was first asked for."""
    key = exchange.path.lower()
    if not _ID.match(exchange.path) or key in found:
        return
    if exchange.method == "PUT" and exchange.status < 300:
        made.add(key)
        made.update(
            f"{key}/subnets/{each['name'].lower()}" for each in objects(part(exchange.sent, "properties"), "subnets") if "name" in each
        )
    elif (exchange.method, exchange.status) in (("GET", 404), ("DELETE", 200), ("DELETE", 202)):
        gone.add(key)


def _shown(exchange: Exchange) -> Iterator[tuple[str, Json]]:
    """Resources that an exchange proves to exist, with what it shows of them."""
    path, body = exchange.path, body_of(exchange)
    if "/locations/" in path.lower():
        return
    if exchange.status < 400 and "/providers/" in path and "/resourcegroups/" in path.lower():
        yield path.split("/providers/")[0], {}
        yield from ((each, {}) for each in _parents(path))
    if exchange.status >= 400 or not _ID.match(path):
        if exchange.status == 404 and exchange.error_code not in ("ResourceGroupNotFound",) and "/providers/" in path:
            yield path.split("/providers/")[0], {}
            yield from ((each, {}) for each in _parents(path) if _is_missing_itself(exchange))
        return
    if exchange.method in ("GET", "PATCH", "POST") and exchange.status < 300 and (body or exchange.method != "GET"):
        yield path, body
    elif exchange.method == "DELETE" and exchange.status in (200, 202):
        yield path, {}
    elif exchange.method == "PUT" and (_updates(exchange, body) or recovers(exchange)):
        yield path, body
    if exchange.method in ("PUT", "PATCH") and exchange.status < 300:
        yield from (
            (each, {})
            for each in _references(exchange.sent)
            if each.lower() != path.lower() and not each.lower().startswith(f"{path.lower()}/")
        )


def _is_missing_itself(exchange: Exchange) -> bool:
    """Whether a 404 is about the resource and not about what it is in: the provider names it."""
    text = str(exchange.body).lower()
    return exchange.error_code == "NotFound" and (f"resource {exchange.path.lower()} not found" in text or "the resource record" in text)


def _updates(exchange: Exchange, body: Json) -> bool:
    """Whether a PUT changed what existed: most types tell by 200, vaults by their state, any by its condition."""
    if exchange.status != 200:
        return exchange.status < 300 and "if-match" in exchange.sent_headers
    state = part(body, "properties").get("provisioningState")
    if exchange.type == "microsoft.keyvault/vaults":
        return state == "Succeeded" and part(exchange.sent, "properties").get("createMode") != "recover"
    return bool(exchange.type not in ("microsoft.storage/storageaccounts", "microsoft.keyvault/managedhsms"))


def body_of(exchange: Exchange) -> Json:
    return exchange.body if isinstance(exchange.body, dict) else {}


def recovers(exchange: Exchange) -> bool:
    return exchange.type == "microsoft.keyvault/vaults" and part(exchange.sent, "properties").get("createMode") == "recover"


def _parents(path: str) -> Iterator[str]:
    scope, _unused, below = path.partition("/providers/")
    parts = below.split("/")
    for count in range(3, len(parts), 2):
        if _ID.match(parent := f"{scope}/providers/" + "/".join(parts[:count])):
            yield parent


def _references(value: Any) -> Iterator[str]:
    """Ids of other resources in a request."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in ("id", "privateLinkServiceId", "privateDnsZoneId") and isinstance(each, str) and _ID.match(each):
                yield from (parent for parent in _parents(each) if parent.lower() != each.lower())
                yield each
            else:
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def part(value: Any, name: str) -> Json:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def objects(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def found_deleted(recording: Recording) -> dict[str, Json]:
    """The vaults that the recording reads as deleted or brings back before it has deleted (or made) them itself."""
    found: dict[str, Json] = {}
    own: set[str] = set()
    for exchange in (each for each in recording.exchanges if each.status < 400):
        vault, shown = deleted_vault(exchange)
        name = vault.lower().rsplit("/", 1)[-1]
        if name and name not in own:
            found.setdefault(vault, shown)
        if name or (exchange.type == "microsoft.keyvault/vaults" and exchange.method in ("DELETE", "PUT")):
            own.add(name or exchange.path.lower().rsplit("/", 1)[-1])
    return found


def deleted_vault(exchange: Exchange) -> tuple[str, Json]:
    """The id of a vault that an exchange finds deleted, with what it shows of it; empty where it is about something else."""
    parts = exchange.path.split("/")
    if len(parts) > 8 and parts[7].lower() == "deletedvaults":
        shown = part(body_of(exchange), "properties")
        vault = shown.get("vaultId") or f"/subscriptions/{parts[2]}/resourceGroups/contract/providers/Microsoft.KeyVault/vaults/{parts[8]}"
        return str(vault), {"location": parts[6], **shown}
    if recovers(exchange):
        return exchange.path, {"location": exchange.sent.get("location"), "tags": body_of(exchange).get("tags")}
    return "", {}


def recovered(recording: Recording, vault: str) -> Json:
    """What a deleted vault was, where the recording brings it back."""
    for exchange in recording.exchanges:
        if recovers(exchange) and exchange.status == 200 and ids.same(exchange.path, vault):
            shown = part(body_of(exchange), "properties")
            return {each: shown[each] for each in shown if each not in STATE | {"tenantId", "enableSoftDelete"}}
    return {}
