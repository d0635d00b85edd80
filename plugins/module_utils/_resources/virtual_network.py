# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual networks."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .resource import Known, Observed, Plan, Resource, below
from .subnet import Subnet, refuse_used

if t.TYPE_CHECKING:
    from .._azure.world import World

_ALLOCATED = "ipamPoolPrefixAllocations.allocatedAddressPrefixes"
_PEERING = (
    "provisioningState",
    "resourceGuid",
    "remoteVirtualNetworkEncryption",
    "remoteBgpCommunities.regionalCommunity",
    *(
        f"{space}.{_ALLOCATED}"
        for space in ("localAddressSpace", "localVirtualNetworkAddressSpace", "remoteAddressSpace", "remoteVirtualNetworkAddressSpace")
    ),
)


class VirtualNetwork(Resource):
    """A virtual network. Source: REST reference, Virtual Network - Virtual Networks.

    A write carries the subnets and peerings that were read: Azure removes what a PUT leaves out.
    """

    kind = kinds.NETWORK
    key = "virtual_network"
    ordered = ("properties.dhcpOptions.dnsServers",)
    read_only = below(
        "properties",
        "resourceGuid",
        "flowLogs",
        "defaultPublicNatGateway",
        "bgpCommunities.regionalCommunity",
        *below("subnets", "etag", "type", "properties.provisioningState", *Subnet.read_only),
        *below("virtualNetworkPeerings", "etag", "type", *below("properties", *_PEERING)),
        *(f"{space}.{_ALLOCATED}" for space in ("addressSpace", "summarizedGatewayPrefixes")),
    )
    references = below("properties.subnets", *Subnet.references)
    etag_in = "body"
    fixed = ("location",)

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse to create a network without a region or address ranges."""
        if observed.document is None and self.desired is not None:
            for path in ("location", "properties.addressSpace.addressPrefixes"):
                if at(self.desired, path) in (None, ""):
                    raise self.refusal(path, f"required to create {self.label}; set it.")
        return super().plan(observed, known)

    def remains(self, observed: Observed) -> Document:
        """Return the network with the names of what is deleted with it."""
        nested = {
            part: [item["name"] for item in at(observed.document, f"properties.{part}") or []]
            for part in ("subnets", "virtualNetworkPeerings")
        }
        whole = super().remains(observed)
        own = {name: value for name, value in whole.pop("properties", {}).items() if name not in nested}
        return {**whole, **({"properties": own} if own else {}), **{part: names for part, names in nested.items() if names}}

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse to delete a network with private endpoints that stay."""
        if plan.action == "delete":
            refuse_used(world, self, at(observed.document, "properties.subnets") or [])
