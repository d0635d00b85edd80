# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subnets."""

from __future__ import annotations

import typing as t

from ..compare import Document
from ..errors import OptionError
from ..options import SUBNET
from ..resource import Plan, Resource, below


class Subnet(Resource):
    """A subnet of a virtual network. Source: REST reference, Virtual Network - Subnets."""

    type = SUBNET
    title = "subnet"
    key = "subnet"
    operations = "network.subnets"
    read_only = below(
        "properties",
        "purpose",
        "privateEndpoints",
        "ipConfigurations",
        "ipConfigurationProfiles",
        "resourceNavigationLinks",
        "serviceAssociationLinks",
        "ipamPoolPrefixAllocations.allocatedAddressPrefixes",
        "serviceEndpoints.provisioningState",
        *below("delegations", "etag", "properties.actions", "properties.provisioningState"),
        *below("applicationGatewayIPConfigurations", "etag", "type", "properties.provisioningState"),
    )
    references = below("properties", "networkSecurityGroup", "routeTable", "natGateway", "serviceEndpointPolicies")
    etag_in = "body"

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        return f"{self.title} '{self.id.name}' of virtual network '{self.id.parent.name}'"

    def canonical(self, actual: Document) -> Document:
        """Azure keeps one range as addressPrefix and several as addressPrefixes; compare them all as a list."""
        properties = dict(actual.get("properties", {}))
        single = properties.pop("addressPrefix", None)
        if single and not properties.get("addressPrefixes"):
            properties["addressPrefixes"] = [single]
        return {**actual, "properties": properties}

    def body(self, document: Document) -> Document:
        """Write one range as addressPrefix, as Azure keeps it."""
        clean = super().body(document)
        properties: dict[str, t.Any] = clean.setdefault("properties", {})
        prefixes = properties.get("addressPrefixes") or []
        if len(prefixes) == 1:
            del properties["addressPrefixes"]
            properties["addressPrefix"] = prefixes[0]
        return clean

    def plan(self, actual: Document | None) -> Plan:
        """Name what is missing to create a subnet."""
        if actual is None and self.desired is not None and not self.desired.get("properties", {}).get("addressPrefixes"):
            raise OptionError("address_prefixes", f"is needed to create {self.label}; set it.")
        return super().plan(actual)
