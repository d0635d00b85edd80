# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subnets."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId
from .._errors import Problem
from .resource import Known, Observed, Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.world import World


class Subnet(Resource):
    """A subnet of a virtual network. Source: REST reference, Virtual Network - Subnets."""

    kind = kinds.SUBNET
    key = "subnet"
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
    caseless = below("properties", "privateEndpointNetworkPolicies", "serviceEndpoints.service")
    # Source: the OpenAPI document's default of the policies since 2023-09-01, and its "Set this property to false to disable default
    # outbound connectivity": a subnet that was made before there was the property, or without it, has outbound access.
    absent: t.ClassVar[dict[str, t.Any]] = {
        "properties.privateEndpointNetworkPolicies": "Disabled",
        "properties.defaultOutboundAccess": True,
    }
    references = below("properties", "networkSecurityGroup", "routeTable", "natGateway", "serviceEndpointPolicies")
    etag_in = "body"

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        return f"{self.title} '{found.name}' of virtual network '{found.parent.name}'"

    def canonical(self, observed: Observed) -> Document:
        """Azure keeps one range as addressPrefix, or as a list of one, and several as a list; compare them all as a list."""
        actual = observed.document or {}
        properties = dict(actual.get("properties", {}))
        single = properties.get("addressPrefix")
        if single and not properties.get("addressPrefixes"):
            properties["addressPrefixes"] = [single]
        return {**actual, "properties": properties}

    def body(self, document: Document) -> Document:
        """Send one range in the form that it was read in; Azure refuses a body that has both forms."""
        clean = super().body(document)
        properties: dict[str, t.Any] = clean.setdefault("properties", {})
        prefixes = properties.get("addressPrefixes") or []
        if properties.get("addressPrefix") and len(prefixes) == 1:
            properties["addressPrefix"] = prefixes[0]
            del properties["addressPrefixes"]
        elif prefixes:
            properties.pop("addressPrefix", None)
        return clean

    def wanted(self, observed: Observed) -> Document:
        """Write the one range of a new subnet as Azure keeps it."""
        desired = super().wanted(observed)
        prefixes = at(desired, "properties.addressPrefixes") or []
        if observed.document is None and len(prefixes) == 1:
            desired["properties"]["addressPrefix"] = desired["properties"].pop("addressPrefixes")[0]
        return desired

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse to create a subnet without address ranges."""
        if observed.document is None and self.desired is not None and not self.desired.get("properties", {}).get("addressPrefixes"):
            raise self.refusal("properties.addressPrefixes", f"required to create {self.label}; set it.")
        return super().plan(observed, known)

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse to delete a subnet with private endpoints that stay."""
        if plan.action == "delete":
            refuse_used(world, self, [observed.document or {}])


def refuse_used(world: World, resource: Resource, subnets: t.Sequence[Document]) -> None:
    """
    Refuse to remove subnets, or the network that they are in, while there are private endpoints in
    them that stay: Azure would only after a while.
    """
    listed = [str(item.get("id")) for subnet in subnets for item in at(subnet, "properties.privateEndpoints") or []]
    for endpoint in (ResourceId.parse(each) for each in listed if not resource.is_leaving(each)):
        doing = f"look for private endpoints in {resource.label}"
        # The subnet may go on naming an endpoint that was just removed.
        if endpoint and world.get(kinds.ENDPOINT, endpoint, doing=doing):
            raise Problem(
                f"{resource.label} is still used by private endpoint {endpoint}",
                code="SubnetInUse",
                resource_id=str(resource.id),
                hint="Delete the private endpoint too, or keep the subnet.",
            )
