# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual networks."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document, at
from .._documents.ids import NETWORK
from .._errors import OptionError
from .resource import Plan, Resource, below
from .subnet import Subnet, refuse_used

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

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

    type = NETWORK
    title = "virtual network"
    key = "virtual_network"
    operations = "network.virtual_networks"
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
    fixed: t.ClassVar[dict[str, str]] = {"location": "location"}

    def plan(self, actual: Document | None) -> Plan:
        """Name what is missing to create a network."""
        if actual is None and self.desired is not None:
            for option, missing in (
                ("location", not self.desired.get("location")),
                ("address_prefixes", "addressSpace" not in self.desired.get("properties", {})),
            ):
                if missing:
                    raise OptionError(option, f"required to create {self.label}; set it.")
        return super().plan(actual)

    def remains(self, actual: Document | None) -> Document:
        """Name what goes with the network."""
        held = {part: [item["name"] for item in at(actual, f"properties.{part}") or []] for part in ("subnets", "virtualNetworkPeerings")}
        return {**super().remains(actual), **{part: names for part, names in held.items() if names}}

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """A network with private endpoints that stay does not go."""
        if plan.action == "delete":
            refuse_used(arm, self, at(actual, "properties.subnets") or [])
