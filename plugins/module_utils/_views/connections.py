# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both sides of the private endpoint connections of a vault in one answer, and the endpoint's side alone."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._azure.world import World
from .._documents.compare import Document, at
from .._documents.endpoint import addresses_of, connection_of, dns_names_of, state_of
from .._documents.ids import ResourceId, same_id, subscription_scope
from .._documents.operations import BAD_ENDS
from .._documents.states import next_step, spelled
from .._errors import ArmError
from .._resources.network_interface import interface_of


def connections_of(world: World, vault: ResourceId, *, lost: bool = False, only: t.Callable[[Document], bool] | None = None) -> Document:
    """Return id, exists, vault_uri, public_network_access and connections of a vault; see the
    module keyvault_private_endpoint_info for their keys.

    lost: also endpoints of the subscription that lead to the vault and that it does not list any more; they are Disconnected.
    only: the connections, as the vault's side alone reports them, whose endpoints are read. The others are returned so, as others.
    """
    try:
        document = world.get(kinds.VAULT, vault)
    except ArmError as error:
        error.resource_id = str(vault)
        raise
    sides = [vault_side(connection) for connection in at(document, "properties.privateEndpointConnections") or []]
    connections = [_both_sides(world, side) for side in sides if only is None or only(side)]
    if lost:
        connections += _lost(world, vault, {str(item["endpoint_id"]).casefold() for item in connections}, gone=document is None)
    if document is None:
        return {"id": str(vault), "exists": False, "connections": connections}
    return {
        "id": document["id"],
        "exists": True,
        "vault_uri": at(document, "properties.vaultUri"),
        "public_network_access": spelled(at(document, "properties.publicNetworkAccess")) or "Enabled",
        "connections": connections,
        **({"others": [side for side in sides if not only(side)]} if only else {}),
    }


def _lost(world: World, vault: ResourceId, known: set[str], *, gone: bool) -> list[Document]:
    """Return connections that only endpoints know of. Who may not list endpoints sees none."""
    try:
        whole = subscription_scope(vault.subscription)
        endpoints = world.list(kinds.ENDPOINT, whole, doing="list the private endpoints of the subscription")
    except ArmError as error:
        if error.status not in (401, 403):
            raise
        return []
    found = []
    for endpoint in endpoints:
        leads = same_id(connection_of(endpoint).get("privateLinkServiceId"), str(vault)) and endpoint["id"].casefold() not in known
        if leads and (gone or state_of(endpoint).get("status") == "Disconnected"):
            rendered = _rendered(endpoint, interface_of(world, endpoint))
            side = {
                "id": None,
                "name": connection_of(endpoint).get("name"),
                "state": "Disconnected",
                "description": rendered["description"],
            }
            side |= {
                "actions_required": "None",
                "provisioning_state": None,
                "endpoint_id": endpoint["id"],
                "endpoint": rendered,
                "endpoint_error": None,
            }
            found.append({**side, **next_step("Disconnected", gone=gone)})
    return found


def endpoint_of(world: World, endpoint: ResourceId) -> Document:
    """Return the state of a private endpoint, as its own side reports it; see the module private_endpoint_info for the keys."""
    document = world.get(kinds.ENDPOINT, endpoint)
    if document is None:
        return {"id": str(endpoint), "exists": False}
    rendered, connection = _rendered(document, interface_of(world, document)), connection_of(document)
    actions = state_of(document).get("actionsRequired", "None")
    reached = {
        "target_id": connection.get("privateLinkServiceId"),
        "group_ids": connection.get("groupIds") or [],
        "actions_required": actions,
    }
    return {"id": document["id"], "exists": True, **rendered, **reached, **next_step(rendered["state"], rendered["provisioning_state"])}


def decided_endpoint(world: World, endpoint: ResourceId, delay: float) -> Document:
    """
    Return the state of a private endpoint once its owner has decided and Azure is done, or when the
    task's time is up; delay: seconds between two reads.
    """
    awaited = f"a decision on private endpoint '{endpoint.name}'"
    with world.clock.reporter.waiting(awaited):
        while True:
            found = endpoint_of(world, endpoint)
            undecided = found["exists"] and (found["state"] == "Pending" or found["next_step"] == "wait")
            if not undecided or world.clock.remaining() <= 0:
                return found
            world.clock.wait(delay, awaited)


def is_undecided(side: Document) -> bool:
    """Return whether a connection, seen from the vault, still needs a decision; a failed decision counts as none."""
    return side["state"] == "Pending" or (side["state"] in ("Approved", "Rejected") and side["provisioning_state"] in BAD_ENDS)


def lags(world: World, side: Document) -> bool:
    """Return whether the endpoint, where it can be read, has another state than the vault's side of its connection."""
    endpoint, document = ResourceId.parse(side["endpoint_id"] or ""), None
    try:
        document = world.get(kinds.ENDPOINT, endpoint) if endpoint else None
    except ArmError as error:
        if error.status not in (401, 403):
            raise
    there = spelled(state_of(document).get("status")) if document else None
    return there is not None and there != side["state"]


def _state(connection: Document) -> Document:
    return dict(at(connection, "properties.privateLinkServiceConnectionState") or {})


def vault_side(connection: Document) -> Document:
    """
    Return the state of a connection, as the vault reports it. Until the owner decides, the description is the requester's message.
    """
    state, provisioning = _state(connection), at(connection, "properties.provisioningState")
    return {
        "id": connection["id"],
        "name": connection["id"].rpartition("/")[2],
        "state": spelled(state.get("status")),
        "description": state.get("description", ""),
        "actions_required": state.get("actionsRequired", "None"),
        "provisioning_state": spelled(provisioning),
        "endpoint_id": at(connection, "properties.privateEndpoint.id"),
        **next_step(state.get("status"), provisioning),
    }


def _both_sides(world: World, side: Document) -> Document:
    endpoint, error = _endpoint_side(world, side["endpoint_id"])
    return {**side, "endpoint": endpoint, "endpoint_error": error}


def _endpoint_side(world: World, endpoint_id: str | None) -> tuple[Document, str | None]:
    """Return the endpoint's side, or why there is none: another tenant's endpoint is the usual reason."""
    endpoint = ResourceId.parse(endpoint_id or "")
    if endpoint is None:
        return {}, "NotFound"
    try:
        document = world.get(kinds.ENDPOINT, endpoint)
        interface = interface_of(world, document)
    except ArmError as error:
        if error.status not in (401, 403, 404):
            raise
        return {}, error.code
    return (_rendered(document, interface), None) if document else ({}, "NotFound")


def _rendered(document: Document, interface: Document | None) -> Document:
    connection, state = connection_of(document), state_of(document)
    addresses = addresses_of(interface)
    interfaces: list[t.Any] = at(document, "properties.networkInterfaces") or []
    return {
        "name": document["name"],
        "location": document["location"],
        "state": state.get("status"),
        "description": state.get("description", ""),
        "request_message": connection.get("requestMessage"),
        "manual": connection.get("manual"),
        "provisioning_state": spelled(at(document, "properties.provisioningState")),
        "subnet_id": at(document, "properties.subnet.id"),
        "network_interface_id": interfaces[0]["id"] if interfaces else None,
        "private_ip_address": addresses[0] if addresses else None,
        "private_ip_addresses": addresses,
        "dns_names": dns_names_of(document, interface),
    }
