# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections of all vaults of a subscription or resource group as their owner sees them, from one list."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document, at
from .._documents.ids import ResourceId
from .connections import vault_side

if t.TYPE_CHECKING:
    from .._azure.arm import Arm


def vaults_with_connections(arm: Arm, subscription: str, group: str | None, states: t.Collection[str]) -> list[Document]:
    """Return the vaults that have connections in one of the states, each with these; see the module keyvault_connections_info for their keys."""
    operation, where = ("list_by_resource_group", (group,)) if group else ("list_by_subscription", ())
    place = f"resource group '{group}'" if group else f"subscription {subscription}"
    listed = arm.list(subscription, f"keyvault.vaults.{operation}", *where, doing=f"list the key vaults of {place}")
    found = [_vault(document, {state.casefold() for state in states}) for document in listed]
    return [vault for vault in found if vault["connections"]]


def _vault(document: Document, states: set[str]) -> Document:
    parsed = ResourceId.parse(document["id"])
    connections = [vault_side(connection) for connection in at(document, "properties.privateEndpointConnections") or []]
    return {
        "id": document["id"],
        "name": document["name"],
        "resource_group": parsed.resource_group if parsed else None,
        "public_network_access": at(document, "properties.publicNetworkAccess") or "Enabled",
        "connections": [connection for connection in connections if str(connection["state"]).casefold() in states],
    }
