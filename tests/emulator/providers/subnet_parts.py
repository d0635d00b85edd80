# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets' own rules: defaults, prefixes, policies, what uses them, and how an api-version shows them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from emulator import ids
from emulator.core import Emulator
from emulator.errors import Json, network_error
from emulator.providers import addresses
from emulator.providers.common import normalized
from emulator.store import Record

if TYPE_CHECKING:
    from emulator.wire import Call

POLICIES = ("Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled")
SENT = (
    *(
        "natGateway",
        "serviceEndpointPolicies",
        "ipAllocations",
        "applicationGatewayIPConfigurations",
        "defaultOutboundAccess",
        "sharingScope",
    ),
    "ipamPoolPrefixAllocations",
)


def properties(call: Call, body: Json, network: str) -> Json:
    """The properties that a subnet has after a PUT of this body: all of it replaced, with Azure's defaults."""
    sent = body.get("properties") or {}
    subnet = f"{network}/subnets/{body.get('name') or call.name}"
    found: Json = {"provisioningState": "Succeeded"}
    if sent.get("addressPrefix"):
        found["addressPrefix"] = sent["addressPrefix"]
    elif sent.get("addressPrefixes"):
        found["addressPrefixes"] = sent["addressPrefixes"]
    found |= _references(call, subnet, sent)
    if sent.get("serviceEndpoints"):
        found["serviceEndpoints"] = [_service_endpoint(each) for each in sent["serviceEndpoints"]]
    found["delegations"] = [_delegation(subnet, each) for each in sent.get("delegations") or []]
    policy = sent.get("privateEndpointNetworkPolicies") or "Disabled"
    if policy not in POLICIES:
        raise network_error(
            400,
            "InvalidRequestFormat",
            "Cannot parse the request.",
            details=[{"code": "InvalidJson", "message": f"Error converting value \"{policy}\" to type 'PrivateEndpointNetworkPolicies'."}],
        )
    found["privateEndpointNetworkPolicies"] = policy
    found["privateLinkServiceNetworkPolicies"] = sent.get("privateLinkServiceNetworkPolicies") or "Enabled"
    found |= {name: sent[name] for name in SENT if sent.get(name) is not None}
    return found


def _references(call: Call, subnet: str, sent: Json) -> Json:
    """Security group and route table: only their ids are kept, and they have to exist."""
    found = {}
    for name in ("networkSecurityGroup", "routeTable"):
        reference = (sent.get(name) or {}).get("id")
        if not reference:
            continue
        if reference not in call.emulator.store:
            raise missing_reference(reference, subnet)
        found[name] = {"id": reference}
    return found


def missing_reference(reference: str, user: str) -> Exception:
    return network_error(
        400,
        "InvalidResourceReference",
        f"Resource {reference} referenced by resource {user} was not found. Please make sure that the referenced resource exists, "
        "and that both resources are in the same region.",
    )


def _service_endpoint(sent: Json) -> Json:
    found = {"provisioningState": "Updating", "service": sent.get("service"), "locations": sent.get("locations") or ["*"]}
    return {**found, **({"networkIdentifier": {"id": sent["networkIdentifier"]["id"]}} if sent.get("networkIdentifier") else {})}


def _delegation(subnet: str, sent: Json) -> Json:
    name = sent.get("name", "0")
    service = (sent.get("properties") or {}).get("serviceName")
    return {
        "name": name,
        "id": f"{subnet}/delegations/{name}",
        "properties": {
            "provisioningState": "Succeeded",
            "serviceName": service,
            "actions": ["Microsoft.Network/virtualNetworks/subnets/join/action"],
        },
        "type": "Microsoft.Network/virtualNetworks/subnets/delegations",
    }


def document(subnet: str, found: Json) -> Json:
    return {"name": ids.name_of(subnet), "id": subnet, "properties": found, "type": "Microsoft.Network/virtualNetworks/subnets"}


def same(existing: Record, wanted: Json) -> bool:
    """Whether a PUT changes nothing, whatever goes on at the moment; what failed is made again."""
    return existing.state != "Failed" and _settled(existing.properties) == _settled(wanted)


def _settled(found: Json) -> Json:
    services = [{**each, "provisioningState": ""} for each in found.get("serviceEndpoints", [])]
    return {**found, "provisioningState": "", "serviceEndpoints": services}


def settle_service_endpoints(record: Record) -> None:
    for each in record.properties.get("serviceEndpoints", []):
        each["provisioningState"] = "Succeeded"


def check_prefixes(network: str, space: list[addresses.Prefix], subnets: list[tuple[str, Json]]) -> None:
    """Each subnet inside the network, none over another; the last one is the one being written."""
    network_name = ids.name_of(network)
    seen: list[addresses.Prefix] = []
    for subnet, found in subnets:
        name, texts = ids.name_of(subnet), addresses.prefixes_of(found)
        if not texts:
            raise network_error(400, "NoAddressPrefixOrPoolProvided", f"No address prefix or pool has been provided for subnet {subnet}.")
        for prefix in (addresses.parse_prefix(each, subnet) for each in texts):
            if not addresses.inside(prefix, space):
                message = (
                    f"Subnet '{name}' is not valid because its IP address range is outside the "
                    f"IP address range of virtual network '{network_name}'."
                )
                raise network_error(400, "NetcfgSubnetRangeOutsideVnet", message)
            if prefix.version == 4 and prefix.prefixlen > 29:
                message = f"The prefix {prefix} of subnet '{name}' is not valid: the smallest supported IPv4 subnet is /29."
                raise network_error(400, "NetcfgInvalidSubnet", message)
            if any(prefix.version == other.version and prefix.overlaps(other) for other in seen):
                overlap = f"its IP address range overlaps with that of an existing subnet in virtual network '{network_name}'."
                message = f"Subnet '{name}' is not valid because {overlap}"
                raise network_error(400, "NetcfgSubnetRangesOverlap", message)
            seen.append(prefix)


def check_change(emulator: Emulator, existing: Record, wanted: Json) -> None:
    """A subnet in use keeps its prefixes."""
    if sorted(addresses.prefixes_of(existing.properties)) == sorted(addresses.prefixes_of(wanted)):
        return
    used = addresses.taken(emulator, existing.id)
    if used:
        message = f"Subnet {existing.name} is in use by {next(iter(used.values()))} and cannot be updated."
        raise network_error(
            400,
            "InUsePrefixCannotBeDeleted",
            f"IpPrefix {', '.join(addresses.prefixes_of(existing.properties))} on Subnet "
            f"{existing.name} has active allocations and cannot be deleted. "
            f"{message}",
        )


def check_unused(emulator: Emulator, subnet: Record) -> None:
    """InUseSubnetCannotBeDeleted while an interface has an address in it."""
    used = addresses.taken(emulator, subnet.id)
    if used:
        raise network_error(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {subnet.name} is in use by {next(iter(used.values()))} and cannot be "
            "deleted. In order to delete the subnet, delete all the "
            "resources within the subnet. See aka.ms/deletesubnet.",
        )


@functools.lru_cache(maxsize=65_536)
def upper(resource_id: str) -> str:
    """A back reference: group and names in capitals, types as they are (wire facts 10)."""
    parsed = ids.parse(resource_id)
    if parsed is None:
        return resource_id
    below = "".join(f"/{kind}/{name.upper()}" for kind, name in zip(parsed.types, parsed.names, strict=True))
    return f"/subscriptions/{parsed.subscription}/resourceGroups/{parsed.group.upper()}/providers/{parsed.namespace}{below}"


def rendered(call: Call, record: Record, network: Record) -> Json:
    """A subnet as an api-version shows it, with what is in it."""
    found = dict(record.properties)
    if call.api_version < "2023-09-01" and found["privateEndpointNetworkPolicies"] in POLICIES[2:]:
        found["privateEndpointNetworkPolicies"] = "Enabled"
    if "extendedLocation" in network.document:
        found.setdefault("defaultOutboundAccess", False)  # in edge zones (recorded)
    found["delegations"] = [{**each, "etag": network.document["etag"]} for each in found["delegations"]]
    endpoints = call.emulator.store.referring("subnet", "microsoft.network/privateendpoints", record.id)
    if endpoints:
        found["purpose"] = "PrivateEndpoints"
        found["privateEndpoints"] = [{"id": upper(each.id)} for each in endpoints]
        found["ipConfigurations"] = [{"id": upper(each)} for endpoint in endpoints for each in _configurations(call.emulator, endpoint)]
    return {
        "name": record.name,
        "id": record.id,
        "etag": network.document["etag"],
        "properties": found,
        "type": "Microsoft.Network/virtualNetworks/subnets",
    }


def _configurations(emulator: Emulator, endpoint: Record) -> list[str]:
    nics = [emulator.store.get(each["id"]) for each in endpoint.properties.get("networkInterfaces", [])]
    return [configuration["id"] for nic in nics if nic for configuration in nic.properties.get("ipConfigurations", [])]


def region_of(emulator: Emulator, subnet: str) -> str:
    """The region of a subnet's network; empty if there is none."""
    network = emulator.store.get(subnet.rsplit("/", 2)[0])
    return normalized(network.document["location"]) if network else ""
