# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network interfaces of private endpoints, which alone always tell the addresses."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document, at
from .._documents.ids import ResourceId

if t.TYPE_CHECKING:
    from .._azure.arm import Arm


def read_interface(arm: Arm, interface_id: str) -> Document | None:
    """Return a network interface by its id."""
    nic = ResourceId.parse(interface_id)
    if nic is None:
        return None
    return arm.find(
        nic.subscription, "network.network_interfaces.get", str(nic.resource_group), nic.name, doing=f"read network interface '{nic.name}'"
    )


def interface_of(arm: Arm, endpoint: Document | None) -> Document | None:
    """Return the network interface of an endpoint, None where there is none yet."""
    interfaces = at(endpoint, "properties.networkInterfaces") or []
    return read_interface(arm, interfaces[0]["id"]) if interfaces else None


def planned_interface(endpoint: ResourceId, document: Document) -> str | None:
    """Return the id of the interface that an endpoint is going to have, None where Azure names it."""
    name = at(document, "properties.customNetworkInterfaceName")
    return str(ResourceId(endpoint.subscription, endpoint.resource_group, "Microsoft.Network/networkInterfaces", (name,))) if name else None
