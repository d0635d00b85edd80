# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
An update sends back all that was read but what Azure alone writes: it has refused bodies with such
properties, and takes away what is left out.
"""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_a_record import PrivateDnsARecordSet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone import PrivateDnsZone
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_link import PrivateDnsZoneLink
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_group import ResourceGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.subnet import Subnet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.virtual_network import VirtualNetwork
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    VAULT,
    ZONE,
    endpoint,
    link,
    network,
    parsed,
    plan_of,
    record_set,
    subnet,
    vault,
    zone_group,
)

ALWAYS = ("id", "name", "type", "etag", "systemData", "properties.provisioningState")
ACLS = {"bypass": "None", "defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}], "virtualNetworkRules": [{"id": SUBNET}]}


def other(kind: str) -> Document:
    """Return another resource, read with all that it has."""
    return {
        "id": f"{GROUP}/providers/Microsoft.Network/{kind}/other",
        "etag": 'W/"2"',
        "properties": {"provisioningState": "Succeeded", "flag": True},
    }


def full_subnet() -> Document:
    """Return a subnet with everything that may hang on it."""
    delegation = {
        "name": "d",
        "id": f"{SUBNET}/delegations/d",
        "etag": 'W/"1"',
        "properties": {"serviceName": "Microsoft.Web/serverFarms", "actions": ["x"]},
    }
    return subnet(
        networkSecurityGroup=other("networkSecurityGroups"),
        routeTable=other("routeTables"),
        natGateway=other("natGateways"),
        serviceEndpointPolicies=[other("serviceEndpointPolicies")],
        serviceEndpoints=[{"service": "Microsoft.KeyVault", "locations": ["*"], "provisioningState": "Succeeded"}],
        delegations=[delegation],
        defaultOutboundAccess=False,
    )


def listed_subnet() -> Document:
    """Return a subnet whose range came from an IPAM pool, which shows the one range as a list."""
    pool = {"pool": {"id": f"{GROUP}/providers/Microsoft.Network/networkManagers/nm/ipamPools/weu"}, "numberOfIpAddresses": "256"}
    found = full_subnet()
    del found["properties"]["addressPrefix"]
    allocations = [{**pool, "allocatedAddressPrefixes": ["10.1.0.0/24"]}]
    return {**found, "properties": {**found["properties"], "addressPrefixes": ["10.1.0.0/24"], "ipamPoolPrefixAllocations": allocations}}


def static_endpoint(manual: bool) -> Document:
    """Return an endpoint with a static address, security groups and a name for its network interface."""
    member = {"groupId": "vault", "memberName": "default", "privateIPAddress": "10.1.0.4", "provisioningState": "Succeeded"}
    address = {"name": "static", "id": f"{ENDPOINT}/ipConfigurations/static", "etag": 'W/"1"', "type": "x", "properties": member}
    return endpoint(
        manual=manual,
        ipConfigurations=[address],
        applicationSecurityGroups=[other("applicationSecurityGroups")],
        customNetworkInterfaceName="nic",
    )


def zone() -> Document:
    """Return a zone with its counters."""
    return {
        "id": ZONE,
        "name": ZONE.rpartition("/")[2],
        "location": "global",
        "tags": {"env": "test"},
        "properties": {"numberOfRecordSets": 1},
    }


RESOURCES: list[tuple[Resource, Document]] = [
    (VirtualNetwork(parsed(NETWORK), {}), network(subnets=[full_subnet(), subnet()])),
    (Subnet(parsed(SUBNET), {}), full_subnet()),
    (Subnet(parsed(SUBNET), {}), listed_subnet()),
    (PrivateEndpoint(parsed(ENDPOINT), {}), static_endpoint(manual=False)),
    (PrivateEndpoint(parsed(ENDPOINT), {}), static_endpoint(manual=True)),
    (PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {}), zone_group(("one", ZONE), ("two", f"{ZONE}2"))),
    (
        KeyVault(parsed(VAULT), {}),
        vault(
            networkAcls=ACLS,
            accessPolicies=[{"objectId": "o", "permissions": {"keys": ["get"]}}],
            enableRbacAuthorization=False,
            softDeleteRetentionInDays=7,
        ),
    ),
    (PrivateDnsZone(parsed(ZONE), {}), zone()),
    (PrivateDnsZoneLink(parsed(f"{ZONE}/virtualNetworkLinks/net"), {}), link()),
    (PrivateDnsARecordSet(parsed(f"{ZONE}/A/payments-vault"), {}), record_set("10.1.0.4", metadata={"etag": "theirs"})),
    (
        ResourceGroup(parsed(GROUP), {}),
        {"id": GROUP, "name": "payments", "type": "x", "location": "westeurope", "managedBy": "somebody", "properties": {}},
    ),
]

# Properties of a newer Azure; some bear a name that is read-only elsewhere.
_news = st.dictionaries(
    st.sampled_from(["newer", "etag", "type", "provisioningState", "resourceGuid", "networkInterfaces", "recordSets"]),
    st.booleans() | st.sampled_from(["x", [], {}, {"etag": "x"}, [{"type": "x", "id": "y"}]]),
    max_size=2,
)


def grown(draw: st.DrawFn, value: t.Any) -> t.Any:
    """Return a document with properties that nobody knows, at any depth."""
    if isinstance(value, list):
        return [grown(draw, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {**draw(_news), **{key: grown(draw, item) for key, item in value.items()}}


def declare(document: t.Any, path: str) -> None:
    """Have something stand at a path, in each item of the lists on its way."""
    if isinstance(document, list):
        for item in document:
            declare(item, path)
        return
    key, _dot, rest = path.partition(".")
    if rest:
        declare(document.setdefault(key, {}), rest)
    else:
        document.setdefault(key, "Azure's")


def writable(value: t.Any, resource: Resource, path: str = "") -> t.Any:
    """Return what a client may write of a document, distinguished key by key: the other way round than body() does it."""
    if isinstance(value, list):
        return [writable(item, resource, path) for item in value]
    if not isinstance(value, dict):
        return value
    if path in resource.references and "id" in value:
        return {"id": value["id"]}
    kept = {key: (item, f"{path}.{key}" if path else key) for key, item in value.items()}
    return {key: writable(item, resource, here) for key, (item, here) in kept.items() if here not in (*ALWAYS, *resource.read_only)}


@st.composite
def _read_back(draw: st.DrawFn, resource: Resource, document: Document) -> Document:
    whole: Document = grown(draw, copy.deepcopy(document))
    for path in draw(st.lists(st.sampled_from((*ALWAYS, *resource.read_only)), unique=True)):
        declare(whole, path)
    return whole


@pytest.mark.parametrize(("resource", "document"), RESOURCES, ids=[resource.title for resource, _document in RESOURCES])
@given(data=st.data())
def test_a_body_is_what_was_read_but_what_azure_alone_writes(resource: Resource, document: Document, data: st.DataObject) -> None:
    whole = data.draw(_read_back(resource, document))
    before = copy.deepcopy(whole)
    assert resource.body(resource.canonical(resource.found(whole))) == writable(whole, resource)
    assert whole == before


# A wish for one thing alone: what it is for, what was read, and the dotted path of what may differ in the body.
ONE_OPTION: list[tuple[Resource, Document, str]] = [
    (
        Subnet(parsed(SUBNET), {"properties": {"privateEndpointNetworkPolicies": "RouteTableEnabled"}}),
        full_subnet(),
        "privateEndpointNetworkPolicies",
    ),
    (
        Subnet(parsed(SUBNET), {"properties": {"privateEndpointNetworkPolicies": "RouteTableEnabled"}}),
        listed_subnet(),
        "privateEndpointNetworkPolicies",
    ),
    (Subnet(parsed(SUBNET), {"properties": {"addressPrefixes": ["10.1.0.0/25"]}}), full_subnet(), "addressPrefix"),
    (Subnet(parsed(SUBNET), {"properties": {"addressPrefixes": ["10.1.0.0/24", "10.1.1.0/24"]}}), listed_subnet(), "addressPrefixes"),
    (
        VirtualNetwork(parsed(NETWORK), {"properties": {"dhcpOptions": {"dnsServers": ["10.1.0.9"]}}}),
        network(subnets=[listed_subnet()]),
        "dhcpOptions",
    ),
    (KeyVault(parsed(VAULT), {"properties": {"enabledForDeployment": True}}), vault(networkAcls=ACLS), "enabledForDeployment"),
    (
        KeyVault(parsed(VAULT), {"properties": {"publicNetworkAccess": "Disabled"}}),
        vault(networkAcls=ACLS, newer={"a": None}),
        "publicNetworkAccess",
    ),
    (
        KeyVault(parsed(VAULT), {"properties": {"networkAcls": {"bypass": "AzureServices"}}}),
        vault(networkAcls={**ACLS, "ipRules": [{"value": "203.0.113.7"}, {"value": "203.0.113.7/32"}], "newer": True}),
        "networkAcls.bypass",
    ),
    (
        PrivateEndpoint(
            parsed(ENDPOINT), {"properties": {"connection": {"name": None}, "applicationSecurityGroups": [{"id": f"{GROUP}/x"}]}}
        ),
        static_endpoint(manual=True),
        "applicationSecurityGroups",
    ),
    (
        PrivateDnsZoneLink(parsed(f"{ZONE}/virtualNetworkLinks/net"), {"location": "global", "properties": {"registrationEnabled": True}}),
        link(),
        "registrationEnabled",
    ),
]


@pytest.mark.parametrize(
    ("resource", "document", "path"), ONE_OPTION, ids=[f"{resource.title} {path}" for resource, _document, path in ONE_OPTION]
)
def test_what_no_option_names_goes_back_as_it_came(resource: Resource, document: Document, path: str) -> None:
    before = copy.deepcopy(document)
    plan = plan_of(resource, document)
    assert plan.action == "update"
    sent, read = copy.deepcopy(plan.body), writable(document, resource)
    for whole in (sent, read):
        holder = whole["properties"]
        for key in path.split(".")[:-1]:
            holder = holder[key]
        holder.pop(path.rpartition(".")[2], None)
    assert sent == read
    assert document == before


def test_a_network_keeps_its_subnets_and_all_that_hangs_on_them() -> None:
    """A subnet that a write leaves out is deleted, a security group that it leaves out is detached."""
    resource = VirtualNetwork(parsed(NETWORK), {"properties": {"dhcpOptions": {"dnsServers": ["10.1.0.4"]}}})
    (kept,) = plan_of(resource, network(subnets=[full_subnet()])).body["properties"]["subnets"]
    assert kept == {
        "id": SUBNET,
        "name": "endpoints",
        "properties": {
            "addressPrefix": "10.1.0.0/24",
            "ipamPoolPrefixAllocations": [],
            "delegations": [{"name": "d", "id": f"{SUBNET}/delegations/d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            "networkSecurityGroup": {"id": other("networkSecurityGroups")["id"]},
            "routeTable": {"id": other("routeTables")["id"]},
            "natGateway": {"id": other("natGateways")["id"]},
            "serviceEndpointPolicies": [{"id": other("serviceEndpointPolicies")["id"]}],
            "serviceEndpoints": [{"service": "Microsoft.KeyVault", "locations": ["*"]}],
            "defaultOutboundAccess": False,
        },
    }


@pytest.mark.parametrize("manual", [False, True])
def test_an_endpoint_keeps_its_connections_and_addresses(manual: bool) -> None:
    resource = PrivateEndpoint(parsed(ENDPOINT), {}, tags={"env": "test"})
    plan = plan_of(resource, static_endpoint(manual))
    message = {"requestMessage": "Payments needs it."} if manual else {}
    kept = {
        "id": f"{ENDPOINT}/privateLinkServiceConnections/payments-endpoint",
        "name": "payments-endpoint",
        "properties": {"privateLinkServiceId": VAULT, "groupIds": ["vault"], **message},
    }
    assert plan.body == {
        "location": "westeurope",
        "tags": {"env": "test"},
        "properties": {
            "privateLinkServiceConnections": [] if manual else [kept],
            "manualPrivateLinkServiceConnections": [kept] if manual else [],
            "customNetworkInterfaceName": "nic",
            "subnet": {"id": SUBNET},
            "ipConfigurations": [
                {"name": "static", "properties": {"groupId": "vault", "memberName": "default", "privateIPAddress": "10.1.0.4"}}
            ],
            "applicationSecurityGroups": [{"id": other("applicationSecurityGroups")["id"]}],
        },
    }


def test_a_zone_group_keeps_the_configurations_of_others() -> None:
    group = zone_group(("one", ZONE))
    group["properties"]["privateDnsZoneConfigs"][0]["properties"]["newer"] = True
    resource = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {"properties": {"zoneIds": [ZONE, f"{ZONE}2"]}})
    first, second = plan_of(resource, group).body["properties"]["privateDnsZoneConfigs"]
    assert first == {"name": "one", "properties": {"privateDnsZoneId": ZONE, "newer": True}}
    assert second == {"name": "privatelink-vaultcore-azure-net2", "properties": {"privateDnsZoneId": f"{ZONE}2"}}
