# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both sides of the private endpoint connections of a vault, in one answer."""

from __future__ import annotations

import typing as t

from .arm import Arm
from .compare import Document, at
from .errors import ArmError
from .ids import ResourceId
from .resources.private_endpoint import addresses_of, connection_of, dns_names_of, read_interface, state_of


def connections_of(arm: Arm, vault: ResourceId) -> Document:
    """Return id, exists, public_network_access and connections of a vault; see the module keyvault_private_endpoint_info for their keys."""
    doing = f"read key vault '{vault.name}'"
    try:
        document = arm.find(vault.subscription, "keyvault.vaults.get", str(vault.resource_group), vault.name, doing=doing)
    except ArmError as error:
        error.resource_id = str(vault)
        raise
    if document is None:
        return {"id": str(vault), "exists": False, "connections": []}
    listed = at(document, "properties.privateEndpointConnections") or []
    return {
        "id": document["id"],
        "exists": True,
        "public_network_access": at(document, "properties.publicNetworkAccess") or "Enabled",
        "connections": [_both_sides(arm, connection) for connection in listed],
    }


def _both_sides(arm: Arm, connection: Document) -> Document:
    state = at(connection, "properties.privateLinkServiceConnectionState") or {}
    endpoint_id = at(connection, "properties.privateEndpoint.id")
    endpoint, error = _endpoint_side(arm, endpoint_id)
    return {
        "id": connection["id"],
        "name": connection["id"].rpartition("/")[2],
        "state": state.get("status"),
        "description": state.get("description", ""),
        "actions_required": state.get("actionsRequired", "None"),
        "provisioning_state": at(connection, "properties.provisioningState"),
        "endpoint_id": endpoint_id,
        "endpoint": endpoint,
        "endpoint_error": error,
    }


def _endpoint_side(arm: Arm, endpoint_id: str | None) -> tuple[Document, str | None]:
    """Return the endpoint's side, or why there is none: another tenant's endpoint is the usual reason."""
    endpoint = ResourceId.parse(endpoint_id or "")
    if endpoint is None:
        return {}, "NotFound"
    try:
        doing = f"read private endpoint '{endpoint.name}'"
        document = arm.find(endpoint.subscription, "network.private_endpoints.get", str(endpoint.resource_group), endpoint.name, doing=doing)
        interfaces = at(document, "properties.networkInterfaces") or []
        interface = read_interface(arm, interfaces[0]["id"]) if interfaces else None
    except ArmError as error:
        if error.status not in (401, 403, 404):
            raise
        return {}, error.code
    return (_told(document, interface), None) if document else ({}, "NotFound")


def _told(document: Document, interface: Document | None) -> Document:
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
        "provisioning_state": at(document, "properties.provisioningState"),
        "subnet_id": at(document, "properties.subnet.id"),
        "network_interface_id": interfaces[0]["id"] if interfaces else None,
        "private_ip_address": addresses[0] if addresses else None,
        "dns_names": dns_names_of(document, interface),
    }
