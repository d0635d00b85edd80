# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network interfaces of private endpoints: only they always show the addresses."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId

if t.TYPE_CHECKING:
    from .._azure.world import World


def read_interface(world: World, interface_id: str) -> Document | None:
    """Return a network interface by its id."""
    nic = ResourceId.parse(interface_id)
    return world.get(kinds.INTERFACE, nic) if nic else None


def interface_of(world: World, endpoint: Document | None) -> Document | None:
    """Return the network interface of an endpoint, None if there is none yet."""
    interfaces = at(endpoint, "properties.networkInterfaces") or []
    return read_interface(world, interfaces[0]["id"]) if interfaces else None


def planned_interface(endpoint: ResourceId, document: Document) -> str | None:
    """Return the id of the interface that an endpoint is going to have, None where Azure names it."""
    name = at(document, "properties.customNetworkInterfaceName")
    return str(ResourceId(endpoint.subscription, endpoint.resource_group, kinds.INTERFACE.type, (name,))) if name else None
