# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints that are deleted and created again, and endpoints of others that are used instead of one's own."""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document, at
from ansible_collections.privatelink.azure.plugins.module_utils._documents.limits import Limits
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Plan, Step
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    VAULT,
    ZONE,
    ReadOnlyArm,
    check_of,
    connection,
    endpoint,
    facts_of,
    interface,
    network,
    observe,
    parsed,
    plan_of,
    subnet,
    vault,
    zone_group,
)

ASG = {"id": f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/asg"}
OTHERS = f"{NETWORK}/subnets/others"


def rich(manual: bool = True, **properties: t.Any) -> Document:
    """Return an endpoint that was made with everything one can ask for."""
    member = {"groupId": "vault", "memberName": "default", "privateIPAddress": "10.1.0.9", "provisioningState": "Succeeded"}
    address = {"name": "static", "id": f"{ENDPOINT}/ipConfigurations/static", "etag": "x", "type": "x", "properties": member}
    more = {
        "ipConfigurations": [address],
        "applicationSecurityGroups": [ASG],
        "customNetworkInterfaceName": "nic",
        "billingSku": "Fixed",
        **properties,
    }
    return {**endpoint(manual=manual, **more), "tags": {"team": "payments"}}


def replacement(actual: Document, desired: Document, *documents: Document, recreate: bool = False) -> Plan:
    """Read, plan and check an endpoint that may be replaced."""
    resource = PrivateEndpoint(parsed(ENDPOINT), desired, allow_replace=not recreate, recreate=recreate)
    both = network(subnets=[subnet(), {**subnet(addressPrefix="10.1.1.0/24"), "id": OTHERS, "name": "others"}])
    arm = t.cast(t.Any, ReadOnlyArm(actual, both, vault(), interface(), *documents))
    before = copy.deepcopy(actual)
    found = observe(resource, arm)
    plan = plan_of(resource, found)
    assert plan.action == "replace"
    check_of(resource, arm, found, plan, False)
    assert actual == before
    assert plan.keeps
    return plan


def made(plan: Plan) -> Document:
    """Return what the body of a replacement asks for, in short."""
    properties = plan.body["properties"]
    (slot,) = [name for name in properties if name.endswith("rivateLinkServiceConnections")]
    ((requested,),) = [properties[slot]]
    return {
        "manual": slot.startswith("manual"),
        "connection": requested["name"],
        "message": requested["properties"].get("requestMessage"),
        "target": requested["properties"]["privateLinkServiceId"],
        "groups": requested["properties"]["groupIds"],
        "nic": properties.get("customNetworkInterfaceName"),
        "asgs": properties.get("applicationSecurityGroups", []),
        "address": at((properties.get("ipConfigurations") or [{}])[0], "properties.privateIPAddress"),
        "subnet": properties["subnet"]["id"],
        "tags": plan.body.get("tags"),
        "location": plan.body["location"],
        "sku": properties.get("billingSku"),
    }


WHOLE = {
    "manual": True,
    "connection": "payments-endpoint",
    "message": "Payments needs it.",
    "target": VAULT,
    "groups": ["vault"],
    "nic": "nic",
    "asgs": [ASG],
    "address": "10.1.0.9",
    "subnet": SUBNET,
    "tags": {"team": "payments"},
    "location": "westeurope",
    "sku": "Fixed",
}
# One option that Azure cannot change in place, and what differs in the new endpoint.
CHANGES: list[tuple[Document, Document]] = [
    ({"privateIPAddress": "10.1.0.20"}, {"address": "10.1.0.20"}),
    ({"customNetworkInterfaceName": "nic2"}, {"nic": "nic2"}),
    ({"connection": {"name": "other"}}, {"connection": "other"}),
    ({"connection": {"manual": False}}, {"manual": False, "message": None}),
    ({"connection": {"privateLinkServiceId": f"{VAULT}2"}}, {"target": f"{VAULT}2"}),
    ({"subnet": {"id": OTHERS}}, {"subnet": OTHERS, "address": None}),
    ({"subnet": {"id": OTHERS}, "privateIPAddress": "10.1.1.20"}, {"subnet": OTHERS, "address": "10.1.1.20"}),
]


@pytest.mark.parametrize(("properties", "differs"), CHANGES)
def test_a_replacement_keeps_what_was_not_mentioned(properties: Document, differs: Document) -> None:
    others = {**vault(), "id": f"{VAULT}2", "name": "payments-vault2"}
    plan = replacement(rich(), {"properties": {"connection": {"name": None}, **properties}}, others)
    assert made(plan) == {**WHOLE, **differs}
    assert plan.after["deletedAndCreatedAgain"] is True
    assert (
        plan.before["properties"].items()
        >= {"customNetworkInterfaceName": "nic", "resourceGuid": rich()["properties"]["resourceGuid"]}.items()
    )
    assert plan.before["tags"] == {"team": "payments"}


@given(st.sets(st.sampled_from(["privateIPAddress", "customNetworkInterfaceName", "name", "tags", "asgs"]), min_size=1), st.booleans())
def test_a_replacement_changes_what_was_mentioned_alone(mentioned: set[str], manual: bool) -> None:
    requested: Document = {"properties": {"connection": {"name": "other" if "name" in mentioned else None}}}
    if "privateIPAddress" in mentioned:
        requested["properties"]["privateIPAddress"] = "10.1.0.20"
    if "customNetworkInterfaceName" in mentioned or not mentioned & {"privateIPAddress", "name"}:
        requested["properties"]["customNetworkInterfaceName"] = "nic2"
    if "asgs" in mentioned:
        requested["properties"]["applicationSecurityGroups"] = []
    found = made(replacement(rich(manual), requested))
    wanted = {
        **WHOLE,
        "manual": manual,
        "message": WHOLE["message"] if manual else None,
        "address": "10.1.0.20" if "privateIPAddress" in mentioned else "10.1.0.9",
        "nic": "nic2" if "customNetworkInterfaceName" in requested["properties"] else "nic",
        "connection": "other" if "name" in mentioned else "payments-endpoint",
        "asgs": [] if "asgs" in mentioned else [ASG],
    }
    assert found == wanted


def test_recreation_and_replacement_are_one() -> None:
    gone = rich()
    gone["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]["status"] = "Rejected"
    recreated = replacement(gone, {"properties": {"connection": {"name": None}}}, recreate=True)
    assert made(recreated) == WHOLE
    assert (recreated.before["connectionState"], recreated.after["connectionState"]) == ("Rejected", "Pending")


def test_an_address_of_several_members_stays_with_its_member() -> None:
    actual = rich(manual=False)
    second = copy.deepcopy(actual["properties"]["ipConfigurations"][0])
    second["name"], second["properties"]["memberName"], second["properties"]["privateIPAddress"] = "second", "other", "10.1.0.10"
    actual["properties"]["ipConfigurations"].append(second)
    plan = replacement(actual, {"properties": {"connection": {"name": None}, "customNetworkInterfaceName": "nic2"}})
    reported = [
        (item["name"], item["properties"]["memberName"], item["properties"]["privateIPAddress"])
        for item in plan.body["properties"]["ipConfigurations"]
    ]
    assert reported == [("static", "default", "10.1.0.9"), ("second", "other", "10.1.0.10")]


def test_a_replacement_that_azure_would_refuse_leaves_the_old_one_alone() -> None:
    elsewhere: Document = {"properties": {"connection": {"name": None}, "subnet": {"id": f"{NETWORK}/subnets/none"}}}
    with pytest.raises(OptionError, match="subnet 'none' was not found"):
        replacement(rich(), elsewhere)
    with pytest.raises(OptionError, match="key vault 'payments-vault2' was not found"):
        replacement(rich(), {"properties": {"connection": {"privateLinkServiceId": f"{VAULT}2"}}})
    with pytest.raises(OptionError, match="is outside the subnet 'endpoints'"):
        replacement(rich(), {"properties": {"connection": {"name": None}, "privateIPAddress": "10.9.0.4"}})


# --- endpoints of others ---


def theirs(name: str = "theirs", **properties: t.Any) -> Document:
    """Return another team's endpoint of the same vault in the same subnet."""
    status = properties.pop("status", "Approved")
    return {
        **endpoint(status=status, **properties),
        "id": ENDPOINT.replace("payments-endpoint", name),
        "name": name,
        "tags": {"Team": "ledger"},
    }


def own(*listed: Document, **keywords: t.Any) -> tuple[PrivateEndpoint, t.Any]:
    """Return an endpoint that is requested beside these, and where it is read."""
    properties = keywords.pop("properties", {})
    desired = {"properties": {"subnet": {"id": SUBNET}, "connection": {"privateLinkServiceId": VAULT, "groupIds": ["vault"]}, **properties}}
    arm = ReadOnlyArm(*listed, network(), vault(), lists={"network.private_endpoints.list": list(listed)})
    return PrivateEndpoint(parsed(ENDPOINT), desired, **keywords), t.cast(t.Any, arm)


def test_an_adopted_endpoint_is_told_and_keeps_its_tags() -> None:
    resource, arm = own(theirs(), tags={"team": "payments", "cost": "1"})
    found = observe(resource, arm)
    plan = plan_of(resource, found)
    assert plan.body["tags"] == {"Team": "ledger", "cost": "1"}
    facts = facts_of(resource, arm, found, True)
    assert facts["adopted"] is True
    assert "'theirs'" in facts["adoption"]
    assert "adopt: false" in facts["adoption"]
    assert len(plan.remarks) == 1
    quiet, arm = own(theirs())
    unchanged = plan_of(quiet, observe(quiet, arm))
    assert (unchanged.action, unchanged.remarks) == ("none", ())
    untagged, arm = own(theirs(), tags={}, append_tags=False)
    assert plan_of(untagged, observe(untagged, arm)).action == "none"


def test_adoption_can_be_refused() -> None:
    resource, arm = own(theirs(), adopt=False)
    found = observe(resource, arm)
    assert found.document is None
    plan = plan_of(resource, found)
    assert (plan.action, found.id.name) == ("create", "payments-endpoint")


@pytest.mark.parametrize("allow_replace", [True, False])
def test_what_was_adopted_is_never_deleted(allow_replace: bool) -> None:
    resource, arm = own(theirs(), allow_replace=allow_replace, properties={"privateIPAddress": "10.1.0.30"})
    with pytest.raises(Problem) as refused:
        plan_of(resource, observe(resource, arm))
    assert refused.value.code == "CannotChangeInPlace"
    assert "name to 'theirs'" in str(refused.value.hint)
    assert "allow_replace" not in str(refused.value.hint)
    dead, arm = own(theirs(status="Rejected"), recreate=True)
    with pytest.raises(Problem) as refused:
        plan_of(dead, observe(dead, arm))
    assert refused.value.code == "ConnectionRejected"
    assert "adopt: false" in str(refused.value.hint)


def test_of_several_endpoints_the_living_one_is_meant_else_they_are_named() -> None:
    resource, arm = own(theirs("dead", status="Disconnected"), theirs("alive"), theirs("failed", provisioningState="Failed"))
    assert (observe(resource, arm).document or {})["name"] == "alive"
    several, arm = own(theirs("one"), theirs("two"), theirs("dead", status="Rejected"))
    with pytest.raises(Problem) as refused:
        observe(several, arm)
    assert refused.value.code == "AmbiguousRelation"
    assert "'one', 'two'" in refused.value.message
    assert "dead" not in refused.value.message


def test_another_part_of_the_same_target_is_another_endpoint() -> None:
    file = theirs("file")
    file["properties"]["privateLinkServiceConnections"][0]["properties"]["groupIds"] = ["file"]
    resource, arm = own(file)
    assert observe(resource, arm).document is None


def test_without_a_target_nothing_is_related() -> None:
    alias = theirs()
    alias["properties"]["privateLinkServiceConnections"][0]["properties"].pop("privateLinkServiceId")
    arm = ReadOnlyArm(alias, lists={"network.private_endpoints.list": [alias]})
    resource = PrivateEndpoint(parsed(ENDPOINT), {"properties": {"subnet": {"id": SUBNET}, "connection": {"name": None}}})
    assert observe(resource, t.cast(t.Any, arm)).document is None


def test_what_was_adopted_and_went_makes_way_for_ones_own() -> None:
    resource, arm = own(theirs())
    replan = resource.read_again(Live(t.cast(t.Any, ReadOnlyArm(network()))), observe(resource, arm), {})
    assert (replan.document, replan.adopted, replan.id.name) == (None, False, "payments-endpoint")


def test_zones_of_an_adopted_endpoint_stay() -> None:
    resource, arm = own(theirs())
    known = {resource: Step(observe(resource, arm), Plan("none"))}
    current = zone_group(("mine", ZONE))
    group = PrivateDnsZoneGroup(
        parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {"properties": {"zoneIds": [f"{ZONE}2"]}}, needs=[resource]
    )
    zones = [item["properties"]["privateDnsZoneId"] for item in plan_of(group, current, known).body["properties"]["privateDnsZoneConfigs"]]
    assert zones == [ZONE, f"{ZONE}2"]
    without = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), None, needs=[resource])
    assert plan_of(without, current, known).action == "none"


# --- limits that a user knows better ---


@pytest.mark.parametrize(
    ("limited", "refused"), [(None, True), (Limits(endpoints_per_vault=65), False), (Limits(endpoints_per_vault=0), False)]
)
def test_the_limit_of_a_vault(limited: Limits | None, refused: bool) -> None:
    resource, _arm = own(limited=limited)
    arm = t.cast(t.Any, ReadOnlyArm(network(), vault(privateEndpointConnections=[connection()] * 64)))
    plan = plan_of(resource, observe(resource, arm))
    if not refused:
        check_of(resource, arm, None, plan, False)
        return
    with pytest.raises(Problem, match="64 private endpoint connections of 64"):
        check_of(resource, arm, None, plan, False)
