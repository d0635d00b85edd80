# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What assumed resources need in their turn: what they refer to, networks for endpoints and links, endpoints for connections."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from contract.recordings import Json, Recording, type_of

OWN = "contract-"
"""How the names of what only the tool wants begin."""
REFERENCES = frozenset(
    {"subnet", "virtualNetwork", "networkSecurityGroup", "routeTable", "applicationSecurityGroups", "virtualNetworkRules"}
)
ENDPOINT = "microsoft.network/privateendpoints"
GROUPS = {"microsoft.keyvault/vaults": "vault", "microsoft.keyvault/managedhsms": "managedhsm"}
TARGETS = {
    **{kind: [group] for kind, group in GROUPS.items()},
    "microsoft.storage/storageaccounts": ["blob"],
    "microsoft.network/privatelinkservices": [],
}
"""Types that endpoints are made for, and a group of each."""


def completed(found: dict[str, Json], recording: Recording) -> dict[str, Json]:
    """The resources with all that has to be there before them."""
    there = {each.lower() for each in found} | {
        each.path.lower() for each in recording.exchanges if each.method == "PUT" and each.status < 300
    }
    result = dict(found)

    def add(resource: str, body: Json) -> str:
        if resource.lower() not in there:
            there.add(resource.lower())
            result[resource] = body
        return resource

    leading = {each: target for target, body in found.items() if (each := _endpoint_of(target, body))}
    for endpoint, connection in leading.items():
        for each in _chain(endpoint):
            add(each, {})
        own = {name: each for name, each in result.get(endpoint, {}).items() if name != "properties"}
        if "subnet" not in (found.get(endpoint, {}).get("properties") or {}):
            result[endpoint] = {**own, **_leading(add, endpoint, connection, found[connection])}
    for resource, body in found.items():
        for each in _before(resource, body):
            add(each, {})
        if not _endpoint_of(resource, body) and resource not in leading:
            _unknown_part(add, result, resource, body, endpoints=_has_endpoints(recording))
    return result


def _before(resource: str, body: Json) -> list[str]:
    """What a resource refers to and what it is in, outermost first."""
    referred = [each for reference in _references(body.get("properties")) for each in _chain(reference)]
    return [*referred, *list(_chain(resource))[:-1]]


def _unknown_part(add: Any, result: dict[str, Json], resource: str, body: Json, *, endpoints: bool) -> None:
    """
    What endpoints, connections, interfaces and links cannot be without, where the recording does
    not show it (nor, with ``endpoints``, makes it).
    """
    kind, group, name = type_of(resource), resource.split("/providers/", maxsplit=1)[0], resource.rsplit("/", 1)[1]
    if kind == ENDPOINT and "subnet" not in (body.get("properties") or {}):
        result[resource] = {**body, **_endpoint(add, resource, _vault(add, resource), "connection")}
    elif kind.rsplit("/", 1)[0] in GROUPS and kind.endswith("/privateendpointconnections") and not endpoints:
        add(f"{group}/providers/Microsoft.Network/privateEndpoints/{OWN}{name}", _endpoint(add, resource, resource.rsplit("/", 2)[0], name))
    elif kind == "microsoft.network/networkinterfaces" and body and not endpoints:
        made = _endpoint(add, resource, _vault(add, resource), "connection")
        made["properties"]["customNetworkInterfaceName"] = name
        add(f"{group}/providers/Microsoft.Network/privateEndpoints/{OWN}{name}", made)
    elif kind == "microsoft.network/privatednszones/virtualnetworklinks" and "virtualNetwork" not in (body.get("properties") or {}):
        result[resource] = {**body, "properties": {"registrationEnabled": False, "virtualNetwork": {"id": _network(add, resource)}}}


def _endpoint_of(resource: str, body: Json) -> str:
    """The endpoint that a connection says it belongs to."""
    owner, _unused, below = type_of(resource).rpartition("/")
    found = ((body.get("properties") or {}).get("privateEndpoint") or {}).get("id")
    return str(found or "") if below == "privateendpointconnections" and owner in TARGETS else ""


def _leading(add: Any, endpoint: str, connection: str, body: Json) -> Json:
    """An endpoint that leads to a connection's owner, by itself or by a request."""
    owner, name = connection.rsplit("/", 2)[0], connection.rsplit("/", 1)[1]
    add(owner, {})
    named = name if type_of(owner) in GROUPS else "connection"
    made = _endpoint(add, endpoint, owner, named)
    if body["properties"].get("privateLinkServiceConnectionState", {}).get("status") == "Pending":
        made["properties"]["manualPrivateLinkServiceConnections"] = made["properties"].pop("privateLinkServiceConnections")
    return made


def _has_endpoints(recording: Recording) -> bool:
    return any(each.type == ENDPOINT and each.method == "PUT" and each.status < 300 for each in recording.exchanges)


def _network(add: Any, resource: str) -> str:
    return str(add(f"{resource.split('/providers/', maxsplit=1)[0]}/providers/Microsoft.Network/virtualNetworks/{OWN}net", {}))


def _vault(add: Any, resource: str) -> str:
    group = resource.split("/providers/", maxsplit=1)[0]
    return str(add(f"{group}/providers/Microsoft.KeyVault/vaults/{OWN}{zlib.crc32(group.encode()):08x}", {}))


def _endpoint(add: Any, resource: str, target: str, connection: str) -> Json:
    """An endpoint that leads to a target, in a network of its own."""
    subnet = add(f"{_network(add, resource)}/subnets/{OWN}subnet", {})
    groups = TARGETS[type_of(target)]
    linked = {"name": connection, "properties": {"privateLinkServiceId": target, **({"groupIds": groups} if groups else {})}}
    return {"properties": {"subnet": {"id": subnet}, "privateLinkServiceConnections": [linked]}}


def _references(value: Any) -> Iterator[str]:
    """Ids that a resource relies on: its subnet, its target, ...; not what merely uses it."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in REFERENCES:
                yield from _ids(each)
            elif name in ("privateLinkServiceId", "privateDnsZoneId"):
                yield from _ids({"id": each})
            elif name not in ("subnets", "ipConfigurations", "privateEndpointConnections"):
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _ids(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        found = each.get("id") if isinstance(each, dict) else None
        if isinstance(found, str) and found.lower().startswith("/subscriptions/") and "/providers/" in found:
            yield found


def _chain(resource: str) -> Iterator[str]:
    """A resource's group, its parents and the resource."""
    scope, _unused, below = resource.partition("/providers/")
    yield scope
    parts = below.split("/")
    for count in range(3, len(parts) + 1, 2):
        yield f"{scope}/providers/" + "/".join(parts[:count])
