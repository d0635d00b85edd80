# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections of all vaults of a subscription or resource group as their owner sees them, from one list."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId, group_scope, subscription_scope
from .connections import vault_side

if t.TYPE_CHECKING:
    from .._azure.world import World


def vaults_with_connections(world: World, subscription: str, group: str | None, states: t.Collection[str]) -> list[Document]:
    """
    Return the vaults that have connections in one of the states, each with these; see the module keyvault_connections_info for their keys.
    """
    scope = group_scope(subscription, group) if group else subscription_scope(subscription)
    place = f"resource group '{group}'" if group else f"subscription {subscription}"
    listed = world.list(kinds.VAULT, scope, doing=f"list the key vaults of {place}")
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
