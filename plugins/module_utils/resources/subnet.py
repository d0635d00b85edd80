# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subnets."""

from __future__ import annotations

import typing as t

from ..compare import Document, at
from ..errors import OptionError, Problem
from ..ids import ResourceId
from ..options import SUBNET
from ..resource import Plan, Resource, below

if t.TYPE_CHECKING:
    from ..arm import Arm


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

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """A subnet with private endpoints that stay does not go."""
        if plan.action == "delete":
            refuse_used(arm, self, [actual or {}])


def refuse_used(arm: Arm, resource: Resource, subnets: t.Sequence[Document]) -> None:
    """Refuse to remove subnets, or the network that they are in, while there are private endpoints in them that stay: Azure would only after a while."""
    listed = [str(item.get("id")) for subnet in subnets for item in at(subnet, "properties.privateEndpoints") or []]
    for endpoint in (ResourceId.parse(each) for each in listed if not resource.is_leaving(each)):
        doing = f"look for private endpoints in {resource.label}"
        # The subnet may go on naming an endpoint that was just removed.
        if endpoint and arm.find(endpoint.subscription, "network.private_endpoints.get", str(endpoint.resource_group), endpoint.name, doing=doing):
            raise Problem(
                f"{resource.label} is still used by private endpoint {endpoint}",
                code="SubnetInUse",
                resource_id=str(resource.id),
                hint="Remove the private endpoint too, or keep the subnet.",
            )
