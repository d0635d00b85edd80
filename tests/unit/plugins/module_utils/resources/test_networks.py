# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for virtual networks and subnets, from documents as Azure answers them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.subnet import Subnet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.virtual_network import VirtualNetwork
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    GROUP,
    NETWORK,
    SUBNET,
    arguments_of,
    network,
    parsed,
    plan_of,
    replan,
    subnet,
)


def net(
    location: str | None = "westeurope", tags: dict[str, str] | None = None, append_tags: bool = True, **properties: t.Any
) -> VirtualNetwork:
    """Return a network that shall have these properties."""
    return VirtualNetwork(parsed(NETWORK), {"location": location, "properties": properties}, tags=tags, append_tags=append_tags)


def part(**properties: t.Any) -> Subnet:
    """Return a subnet that shall have these properties."""
    return Subnet(parsed(SUBNET), {"properties": properties})


# --- networks ---


def test_a_new_network() -> None:
    resource = net(addressSpace={"addressPrefixes": ["10.1.0.0/16"]}, tags={"env": "test"})
    plan = plan_of(resource, None)
    assert plan.action == "create"
    assert plan.body == {
        "location": "westeurope",
        "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}},
        "tags": {"env": "test"},
    }
    assert replan(resource, plan.body, subnets=[]).action == "none"


@pytest.mark.parametrize(
    ("resource", "option"),
    [(net(None, addressSpace={"addressPrefixes": ["10.1.0.0/16"]}), "location"), (net(), "properties.addressSpace.addressPrefixes")],
)
def test_what_a_new_network_needs(resource: VirtualNetwork, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        plan_of(resource, None)
    assert caught.value.option == option


@pytest.mark.parametrize(
    "properties",
    [{}, {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}, {"dhcpOptions": {"dnsServers": []}}],
)
def test_a_network_that_is_already_so(properties: dict[str, t.Any]) -> None:
    assert plan_of(net("West Europe", **properties), network()).action == "none"
    assert plan_of(net(None, **properties), network()).action == "none"


@pytest.mark.parametrize("tags", [{}, None])
def test_a_network_without_tags_has_none(tags: dict[str, str] | None) -> None:
    assert plan_of(net(tags=tags, append_tags=False), network()).action == "none"


def test_a_write_carries_subnets_and_peerings() -> None:
    plan = plan_of(net(addressSpace={"addressPrefixes": ["10.2.0.0/16", "10.1.0.0/16"]}), network())
    assert plan.action == "update"
    assert plan.before == {"properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}}
    assert plan.after == {"properties": {"addressSpace": {"addressPrefixes": ["10.2.0.0/16", "10.1.0.0/16"]}}}
    assert plan.etag == 'W/"1"'
    properties = plan.body["properties"]
    assert [item["name"] for item in properties["subnets"]] == ["endpoints"]
    assert [item["name"] for item in properties["virtualNetworkPeerings"]] == ["hub"]
    assert properties["addressSpace"]["ipamPoolPrefixAllocations"] == []
    assert not {"resourceGuid", "provisioningState"} & properties.keys()
    assert not {"id", "name", "type", "etag"} & plan.body.keys()


def test_the_order_of_dns_servers_matters() -> None:
    actual = network(dhcpOptions={"dnsServers": ["10.0.0.4", "10.0.0.5"]})
    assert plan_of(net(dhcpOptions={"dnsServers": ["10.0.0.4", "10.0.0.5"]}), actual).action == "none"
    assert plan_of(net(dhcpOptions={"dnsServers": ["10.0.0.5", "10.0.0.4"]}), actual).action == "update"
    assert plan_of(net(dhcpOptions={"dnsServers": []}), actual).body["properties"]["dhcpOptions"] == {"dnsServers": []}


def test_the_order_of_ranges_does_not() -> None:
    actual = network(addressSpace={"addressPrefixes": ["10.1.0.0/16", "10.2.0.0/16"]})
    assert plan_of(net(addressSpace={"addressPrefixes": ["10.2.0.0/16", "10.1.0.0/16"]}), actual).action == "none"


def test_a_network_never_moves() -> None:
    with pytest.raises(Problem, match=r"location is 'westeurope', requested 'northeurope'") as caught:
        plan_of(net("northeurope"), network())
    assert caught.value.code == "CannotChangeInPlace"
    assert "allow_replace" not in str(caught.value.hint)


def test_a_network_that_shall_go() -> None:
    assert plan_of(VirtualNetwork(parsed(NETWORK), None), network()).action == "delete"
    assert plan_of(VirtualNetwork(parsed(NETWORK), None), None).action == "none"


# --- subnets ---


@pytest.mark.parametrize(
    ("prefixes", "sent"),
    [
        (["10.1.0.0/24"], {"addressPrefix": "10.1.0.0/24"}),
        (["10.1.0.0/24", "10.1.1.0/24"], {"addressPrefixes": ["10.1.0.0/24", "10.1.1.0/24"]}),
    ],
)
def test_a_new_subnet(prefixes: list[str], sent: dict[str, t.Any]) -> None:
    resource = part(addressPrefixes=prefixes, privateEndpointNetworkPolicies="Disabled")
    plan = plan_of(resource, None)
    assert plan.body == {"properties": {**sent, "privateEndpointNetworkPolicies": "Disabled"}}
    assert replan(resource, plan.body).action == "none"


def test_a_new_subnet_needs_a_range() -> None:
    absent: list[t.Any] = [None, []]
    for prefixes in absent:
        with pytest.raises(OptionError) as caught:
            plan_of(part(addressPrefixes=prefixes), None)
        assert caught.value.option == "properties.addressPrefixes"


@pytest.mark.parametrize(
    ("current", "requested"),
    [
        ({"addressPrefix": "10.1.0.0/24"}, ["10.1.0.0/24"]),
        ({"addressPrefix": None, "addressPrefixes": ["10.1.0.0/24"]}, ["10.1.0.0/24"]),
        ({"addressPrefix": None, "addressPrefixes": ["10.1.0.0/24", "10.1.1.0/24"]}, ["10.1.1.0/24", "10.1.0.0/24"]),
        ({"addressPrefix": "10.1.0.0/24", "addressPrefixes": ["10.1.0.0/24", "10.1.1.0/24"]}, ["10.1.1.0/24", "10.1.0.0/24"]),
    ],
)
def test_one_range_and_several_are_written_differently(current: dict[str, t.Any], requested: list[str]) -> None:
    assert plan_of(part(addressPrefixes=requested), subnet(**current)).action == "none"
    assert plan_of(part(), subnet(**current)).action == "none"


def test_a_subnet_that_grows() -> None:
    plan = plan_of(part(addressPrefixes=["10.1.0.0/24", "10.1.1.0/24"]), subnet())
    assert plan.before == {"properties": {"addressPrefixes": ["10.1.0.0/24"]}}
    assert plan.body["properties"]["addressPrefixes"] == ["10.1.0.0/24", "10.1.1.0/24"]
    assert "addressPrefix" not in plan.body["properties"]


def test_a_write_keeps_what_others_set_and_leaves_out_what_azure_sets() -> None:
    group = {"id": f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg"}
    actual = subnet(networkSecurityGroup=group, delegations=[{"name": "d"}], natGateway={"id": "nat"})
    plan = plan_of(part(privateEndpointNetworkPolicies="RouteTableEnabled"), actual)
    assert (plan.before, plan.after) == (
        {"properties": {"privateEndpointNetworkPolicies": "Disabled"}},
        {"properties": {"privateEndpointNetworkPolicies": "RouteTableEnabled"}},
    )
    assert plan.body == {
        "properties": {
            "addressPrefix": "10.1.0.0/24",
            "ipamPoolPrefixAllocations": [],
            "delegations": [{"name": "d"}],
            "privateEndpointNetworkPolicies": "RouteTableEnabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            "networkSecurityGroup": group,
            "natGateway": {"id": "nat"},
        }
    }
    assert plan.etag == 'W/"1"'


def test_ids_come_back_in_other_cases() -> None:
    group = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg"
    table = f"{GROUP}/providers/Microsoft.Network/routeTables/table"
    actual = subnet(networkSecurityGroup={"id": group.upper()}, routeTable={"id": table.lower()})
    assert plan_of(part(networkSecurityGroup={"id": group}, routeTable={"id": table}), actual).action == "none"
    assert plan_of(part(networkSecurityGroup={"id": f"{group}2"}), actual).action == "update"


def test_service_endpoints_are_the_whole_list() -> None:
    current = [{"service": "Microsoft.KeyVault", "locations": ["*"], "provisioningState": "Succeeded"}]
    assert plan_of(part(serviceEndpoints=[{"service": "Microsoft.KeyVault"}]), subnet(serviceEndpoints=current)).action == "none"
    assert plan_of(part(serviceEndpoints=[]), subnet()).action == "none"
    plan = plan_of(
        part(serviceEndpoints=[{"service": "Microsoft.Storage"}, {"service": "Microsoft.KeyVault"}]), subnet(serviceEndpoints=current)
    )
    assert plan.body["properties"]["serviceEndpoints"] == [
        {"service": "Microsoft.Storage"},
        {"service": "Microsoft.KeyVault", "locations": ["*"]},
    ]
    assert plan_of(part(serviceEndpoints=[]), subnet(serviceEndpoints=current)).body["properties"]["serviceEndpoints"] == []


def test_outbound_access_that_azure_does_not_mention_is_there() -> None:
    assert plan_of(part(defaultOutboundAccess=False), subnet(defaultOutboundAccess=False)).action == "none"
    assert plan_of(part(defaultOutboundAccess=True), subnet()).action == "none"
    plan = plan_of(part(defaultOutboundAccess=False), subnet())
    assert (plan.before, plan.after) == ({"properties": {"defaultOutboundAccess": True}}, {"properties": {"defaultOutboundAccess": False}})


def test_the_label_of_a_subnet_names_its_network() -> None:
    assert part().label == "subnet 'endpoints' of virtual network 'net'"
    assert arguments_of(part()) == ("payments", "net", "endpoints")
