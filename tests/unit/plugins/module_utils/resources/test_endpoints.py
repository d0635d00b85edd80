# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for private endpoints and their zone groups, from documents as Azure answers them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import UNKNOWN, Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.endpoint import check_address, dns_names_of
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Plan
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    VAULT,
    ZONE,
    ReadOnlyArm,
    arguments_of,
    check_of,
    endpoint,
    facts_of,
    interface,
    network,
    observe,
    parsed,
    plan_of,
    predicted_of,
    record_set,
    replan,
    settled_of,
    subnet,
    vault,
    zone_group,
)

OTHER_ZONE = ZONE.replace("vaultcore", "managedhsm")


def resource_with(
    *, location: str | None = None, allow_replace: bool = False, connection: Document | None = None, **properties: t.Any
) -> PrivateEndpoint:
    """Return an endpoint of the vault that shall have these properties."""
    whole = {
        "name": None,
        "privateLinkServiceId": VAULT,
        "groupIds": ["vault"],
        "manual": None,
        "requestMessage": None,
        **(connection or {}),
    }
    desired = {"location": location, "properties": {"subnet": {"id": SUBNET}, "connection": whole, **properties}}
    return PrivateEndpoint(parsed(ENDPOINT), desired, allow_replace=allow_replace)


def new(resource: PrivateEndpoint, *, rehearsal: bool = False, net: Document | None = None) -> Document:
    """Read an endpoint that does not exist, plan it, check the plan, and return the body."""
    arm = t.cast(t.Any, ReadOnlyArm(net or network(), vault()))
    actual = observe(resource, arm)
    assert actual.document is None
    plan = plan_of(resource, actual)
    assert plan.action == "create"
    check_of(resource, arm, actual, plan, rehearsal)
    return plan.body


# --- new endpoints ---


def test_a_new_endpoint_is_where_its_network_is() -> None:
    resource = resource_with()
    body = new(resource)
    connection = {"name": "payments-endpoint", "properties": {"privateLinkServiceId": VAULT, "groupIds": ["vault"]}}
    assert body == {"location": "westeurope", "properties": {"subnet": {"id": SUBNET}, "privateLinkServiceConnections": [connection]}}
    assert replan(resource, body, manualPrivateLinkServiceConnections=[]).action == "none"


def test_a_manual_request_carries_its_message() -> None:
    resource = resource_with(connection={"manual": True, "requestMessage": "Payments needs it.", "name": "ask"})
    body = new(resource)
    requested = {"privateLinkServiceId": VAULT, "groupIds": ["vault"], "requestMessage": "Payments needs it."}
    assert body["properties"]["manualPrivateLinkServiceConnections"] == [{"name": "ask", "properties": requested}]
    assert "privateLinkServiceConnections" not in body["properties"]
    assert replan(resource, body, privateLinkServiceConnections=[]).action == "none"


def test_a_static_address_names_the_member_of_a_vault() -> None:
    resource = resource_with(privateIPAddress="10.1.0.9")
    body = new(resource)
    member = {"groupId": "vault", "memberName": "default", "privateIPAddress": "10.1.0.9"}
    assert body["properties"]["ipConfigurations"] == [{"name": "payments-endpoint-default", "properties": member}]
    assert "privateIPAddress" not in body["properties"]
    assert replan(resource, body).action == "none"


def test_a_rehearsal_from_nothing_knows_no_region() -> None:
    resource = resource_with()
    arm = t.cast(t.Any, ReadOnlyArm())
    plan = plan_of(resource, observe(resource, arm))
    check_of(resource, arm, None, plan, True)
    assert plan.body["location"] == UNKNOWN
    with pytest.raises(OptionError, match="the virtual network of .* does not exist"):
        check_of(resource, arm, None, plan, False)


@pytest.mark.parametrize("missing", ["properties.subnet.id", "properties.connection.privateLinkServiceId"])
def test_what_a_new_endpoint_needs(missing: str) -> None:
    properties: Document = {"subnet": None} if missing == "properties.subnet.id" else {}
    connection: Document = (
        {"privateLinkServiceId": None, "groupIds": None} if missing == "properties.connection.privateLinkServiceId" else {}
    )
    with pytest.raises(OptionError) as caught:
        plan_of(resource_with(connection=connection, **properties), None)
    assert caught.value.option == missing


@pytest.mark.parametrize(
    ("resource", "option"),
    [
        (resource_with(location="northeurope"), "location"),
        (resource_with(subnet={"id": f"{NETWORK}/subnets/other"}), "properties.subnet.id"),
        (resource_with(privateIPAddress="10.2.0.4"), "properties.privateIPAddress"),
        (resource_with(privateIPAddress="10.1.0.3"), "properties.privateIPAddress"),
        (resource_with(privateIPAddress="10.1.0.255"), "properties.privateIPAddress"),
    ],
)
def test_an_endpoint_that_cannot_be_there(resource: PrivateEndpoint, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        new(resource)
    assert caught.value.option == option


def test_a_subnet_that_is_only_planned_passes_in_a_rehearsal() -> None:
    assert new(resource_with(privateIPAddress="10.1.0.9"), rehearsal=True, net=network(subnets=[]))


@pytest.mark.parametrize("address", ["10.1.0.4", "10.1.0.254", "10.1.1.4"])
def test_addresses_that_a_subnet_gives(address: str) -> None:
    check_address(address, subnet(addressPrefix=None, addressPrefixes=["10.1.0.0/24", "10.1.1.0/24"]), "private_ip_address")


def test_who_may_not_read_the_network_names_the_region() -> None:
    hidden = ReadOnlyArm(errors={"network.virtual_networks.get": ArmError("no", status=403, code="AuthorizationFailed")})
    arm = t.cast(t.Any, hidden)
    resource = resource_with(location="westeurope")
    plan = plan_of(resource, observe(resource, arm))
    check_of(resource, arm, None, plan, False)
    assert plan.body["location"] == "westeurope"
    silent = resource_with()
    with pytest.raises(OptionError) as caught:
        check_of(silent, arm, None, plan_of(silent, observe(silent, arm)), False)
    assert caught.value.option == "location"
    with pytest.raises(ArmError):
        observe(resource_with(), t.cast(t.Any, ReadOnlyArm(errors={"network.virtual_networks.get": ArmError("no", status=500)})))


# --- endpoints that exist ---


@pytest.mark.parametrize(
    "resource",
    [
        resource_with(),
        resource_with(location="West Europe"),
        resource_with(connection={"name": "payments-endpoint", "manual": False, "privateLinkServiceId": str(parsed(VAULT.upper()))}),
        resource_with(subnet={"id": str(parsed(SUBNET.upper()))}),
        resource_with(applicationSecurityGroups=[]),
        PrivateEndpoint(parsed(ENDPOINT), {"properties": {"connection": {"name": None}}}),
    ],
)
def test_an_endpoint_that_is_already_so(resource: PrivateEndpoint) -> None:
    assert plan_of(resource, endpoint()).action == "none"


def test_a_pending_request_is_done_and_its_message_is_not_compared() -> None:
    resource = resource_with(connection={"manual": True, "requestMessage": "Other words."})
    assert plan_of(resource, endpoint(manual=True, status="Pending")).action == "none"
    assert settled_of(resource, endpoint(manual=True, status="Pending"))


def test_groups_are_written_into_the_endpoint_with_its_connection() -> None:
    group = {"id": f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/asg"}
    actual = endpoint()
    plan = plan_of(resource_with(applicationSecurityGroups=[group]), actual)
    assert plan.action == "update"
    assert plan.after == {"properties": {"applicationSecurityGroups": [group]}}
    (sent,), (current,) = plan.body["properties"]["privateLinkServiceConnections"], actual["properties"]["privateLinkServiceConnections"]
    assert (sent["name"], sent["properties"]) == (current["name"], {"privateLinkServiceId": VAULT, "groupIds": ["vault"]})
    assert plan.body["properties"]["ipConfigurations"] == []
    assert not {"connection", "privateIPAddress"} & plan.body["properties"].keys()
    assert plan.etag == 'W/"1"'


@pytest.mark.parametrize(
    ("resource", "option"),
    [
        (resource_with(location="northeurope"), "location"),
        (resource_with(subnet={"id": f"{NETWORK}/subnets/other"}), "properties.subnet.id"),
        (resource_with(connection={"manual": True}), "properties.connection.manual"),
        (resource_with(connection={"name": "other"}), "properties.connection.name"),
        (resource_with(connection={"privateLinkServiceId": f"{VAULT}2"}), "properties.connection.privateLinkServiceId"),
        (resource_with(privateIPAddress="10.1.0.9"), "properties.privateIPAddress"),
        (resource_with(customNetworkInterfaceName="nic1"), "properties.customNetworkInterfaceName"),
    ],
)
def test_what_azure_cannot_change_is_named(resource: PrivateEndpoint, option: str) -> None:
    with pytest.raises(Problem) as caught:
        plan_of(resource, endpoint())
    assert caught.value.code == "CannotChangeInPlace"
    assert f"{option} is " in caught.value.message
    assert "allow_replace: true" in str(caught.value.hint)


def replaced(resource: PrivateEndpoint, actual: Document) -> Plan:
    """Return the plan of a replacement, checked."""
    arm = t.cast(t.Any, ReadOnlyArm(actual, network()))
    found = observe(resource, arm)
    plan = plan_of(resource, found)
    assert plan.action == "replace"
    check_of(resource, arm, found, plan, False)
    return plan


def test_a_replacement_is_a_whole_new_endpoint() -> None:
    resource = resource_with(allow_replace=True, privateIPAddress="10.1.0.9")
    plan = replaced(resource, {**endpoint(), "tags": {"env": "test"}})
    assert plan.after["deletedAndCreatedAgain"] is True
    assert plan.before["properties"]["networkInterfaces"]
    assert (plan.body["location"], plan.body["tags"]) == ("westeurope", {"env": "test"})
    assert plan.body["properties"].keys() == {"subnet", "privateLinkServiceConnections", "ipConfigurations"}
    predicted = predicted_of(resource, endpoint(), plan)
    assert "networkInterfaces" not in predicted["properties"]


def test_a_replacement_asks_the_owner_again() -> None:
    group = {"id": f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/asg"}
    resource = resource_with(allow_replace=True, connection={"manual": True, "requestMessage": "Payments needs it."})
    properties = replaced(resource, endpoint(applicationSecurityGroups=[group])).body["properties"]
    assert properties["manualPrivateLinkServiceConnections"][0]["properties"]["requestMessage"] == "Payments needs it."
    assert properties["applicationSecurityGroups"] == [group]
    assert "privateLinkServiceConnections" not in properties


def test_a_replacement_that_cannot_work_leaves_the_old_one_alone() -> None:
    with pytest.raises(OptionError) as caught:
        replaced(resource_with(allow_replace=True, privateIPAddress="10.2.0.9"), endpoint())
    assert caught.value.option == "properties.privateIPAddress"


@pytest.mark.parametrize("status", ["Rejected", "Disconnected"])
def test_an_endpoint_whose_owner_said_no(status: str) -> None:
    with pytest.raises(Problem) as caught:
        plan_of(resource_with(), endpoint(status=status))
    assert caught.value.code == f"Connection{status}"
    assert caught.value.hint
    assert plan_of(PrivateEndpoint(parsed(ENDPOINT), None), endpoint(status=status)).action == "delete"


def test_an_endpoint_is_adopted_by_target_and_subnet() -> None:
    found = {**endpoint(), "id": f"{ENDPOINT}-old", "name": "payments-endpoint-old"}
    elsewhere = {**endpoint(subnet={"id": f"{NETWORK}/subnets/other"}), "id": f"{ENDPOINT}-elsewhere"}
    resource = resource_with()
    arm = ReadOnlyArm(lists={"network.private_endpoints.list": [elsewhere, found]})
    adopted = observe(resource, t.cast(t.Any, arm))
    assert (adopted.document, str(adopted.id), adopted.adopted) == (found, f"{ENDPOINT}-old", True)


# --- what a task returns ---


def test_the_interface_tells_the_address() -> None:
    facts = facts_of(resource_with(), t.cast(t.Any, ReadOnlyArm(interface())), endpoint(), True)
    assert facts == {
        "vault_uri": "https://payments-vault.vault.azure.net/",
        "private_ip_address": "10.1.0.4",
        "private_ip_addresses": ["10.1.0.4"],
        "network_interface_id": interface()["id"],
        "connection_state": "Approved",
        "connection_name": "payments-endpoint",
        "dns_names": ["payments-vault.vault.azure.net"],
        "adopted": False,
        "adoption": None,
    }


@pytest.mark.parametrize(
    ("connection", "properties", "state", "address"),
    [
        ({}, {}, "Approved", UNKNOWN),
        ({"manual": True}, {}, "Pending", UNKNOWN),
        ({}, {"privateIPAddress": "10.1.0.9"}, "Approved", "10.1.0.9"),
    ],
)
def test_a_plan_tells_what_is_known_already(connection: Document, properties: Document, state: str, address: str) -> None:
    resource = resource_with(connection=connection, **properties)
    document = predicted_of(resource, None, plan_of(resource, None))
    facts = facts_of(resource, t.cast(t.Any, ReadOnlyArm()), document, False)
    assert (facts["connection_state"], facts["private_ip_address"], facts["private_ip_addresses"]) == (state, address, [address])
    assert facts["network_interface_id"] == UNKNOWN
    assert facts["connection_name"] == "payments-endpoint"


def test_names_are_told_once() -> None:
    assert dns_names_of(endpoint(), interface()) == ["payments-vault.vault.azure.net"]
    assert dns_names_of(endpoint(customDnsConfigs=[]), None) == []


# --- zone groups ---


def group(*zones: str) -> PrivateDnsZoneGroup:
    """Return a zone group that shall have these zones."""
    return PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {"properties": {"zoneIds": list(zones)}})


def test_a_new_group_names_its_configurations_as_the_portal_does() -> None:
    resource = group(ZONE, OTHER_ZONE)
    body = plan_of(resource, None).body
    assert body["properties"] == {
        "privateDnsZoneConfigs": [
            {"name": "privatelink-vaultcore-azure-net", "properties": {"privateDnsZoneId": ZONE}},
            {"name": "privatelink-managedhsm-azure-net", "properties": {"privateDnsZoneId": OTHER_ZONE}},
        ]
    }
    assert replan(resource, body).action == "none"


def test_names_of_configurations_are_kept() -> None:
    current = zone_group(("mine", ZONE.upper()))
    assert plan_of(group(ZONE), current).action == "none"
    plan = plan_of(group(OTHER_ZONE, ZONE), current)
    assert plan.action == "update"
    names = [item["name"] for item in plan.body["properties"]["privateDnsZoneConfigs"]]
    assert names == ["privatelink-managedhsm-azure-net", "mine"]
    assert "zoneIds" not in plan.body["properties"]


def test_a_new_zone_never_takes_an_old_ones_name() -> None:
    current = zone_group(("privatelink-vaultcore-azure-net", OTHER_ZONE), ("privatelink-vaultcore-azure-net--2", f"{OTHER_ZONE}2"))
    names = [item["name"] for item in plan_of(group(ZONE, OTHER_ZONE), current).body["properties"]["privateDnsZoneConfigs"]]
    assert names == ["privatelink-vaultcore-azure-net--3", "privatelink-vaultcore-azure-net"]


def test_zones_said_twice_or_in_another_order_change_nothing() -> None:
    current = zone_group(("a", ZONE), ("b", OTHER_ZONE))
    assert plan_of(group(OTHER_ZONE, ZONE), current).action == "none"
    assert plan_of(group(OTHER_ZONE, ZONE, ZONE), current).action == "none"


def test_a_group_is_adopted_whatever_its_name() -> None:
    current = {**zone_group(("mine", ZONE)), "id": f"{ENDPOINT}/privateDnsZoneGroups/theirs"}
    resource = group(ZONE)
    observed = observe(resource, t.cast(t.Any, ReadOnlyArm(lists={"network.private_dns_zone_groups.list": [current]})))
    found = observed.document or {}
    assert (found["id"], found["properties"].pop("zoneRecords")) == (current["id"], [])
    assert found == current
    assert observed.id.name == "theirs"
    assert arguments_of(resource, observed) == ("payments", "payments-endpoint", "theirs")


def shared(*addresses: str, own: Document | None = None, replace: bool = False, errors: dict[str, Exception] | None = None) -> None:
    """Check a group that is to be made in a zone whose record has these addresses."""
    needed = resource_with(privateIPAddress="10.1.0.9")
    resource = PrivateDnsZoneGroup(
        parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {"properties": {"zoneIds": [ZONE]}}, replace_records=replace, needs=[needed]
    )
    arm = ReadOnlyArm(*(document for document in (own, interface()) if document), record_set(*addresses), errors=errors)
    check_of(resource, t.cast(t.Any, arm), None, plan_of(resource, None), False)


def test_a_group_takes_no_record_over_unasked() -> None:
    with pytest.raises(Problem) as refused:
        shared("10.1.0.9", "10.7.0.4")
    assert refused.value.code == "RecordOfOthers"
    assert "10.7.0.4" in refused.value.message
    assert "10.1.0.9" not in refused.value.message
    assert str(refused.value.resource_id).endswith("/A/payments-vault")
    with pytest.raises(Problem):
        shared("10.1.0.4")  # of whom, if there is no endpoint yet
    shared()
    shared("10.1.0.9")
    shared("10.1.0.4", own=endpoint())
    shared("10.7.0.4", replace=True)
    shared("10.7.0.4", errors={"privatedns.record_sets.get": ArmError("no", status=403)})


def test_a_group_that_has_the_zone_already_looks_at_no_record() -> None:
    resource, arm = group(ZONE, OTHER_ZONE), ReadOnlyArm(record_set("10.7.0.4"), endpoint(), interface())
    current = zone_group(("mine", ZONE))
    check_of(resource, t.cast(t.Any, arm), current, plan_of(resource, current), False)
    with pytest.raises(Problem):
        check_of(group(ZONE), t.cast(t.Any, arm), None, plan_of(group(ZONE), None), False)


def test_an_address_is_held_against_the_subnet_that_is_planned() -> None:
    """In a rehearsal neither network nor subnet may exist; an existing subnet counts for itself."""
    for address, fits in (("10.1.0.9", True), ("10.1.0.3", False), ("10.2.0.9", False)):
        desired = resource_with(privateIPAddress=address).desired
        resource = PrivateEndpoint(parsed(ENDPOINT), desired, planned_prefixes=["10.1.0.0/24"])
        plan = plan_of(resource, None)
        if fits:
            check_of(resource, t.cast(t.Any, ReadOnlyArm()), None, plan, True)
            continue
        with pytest.raises(OptionError) as refused:
            check_of(resource, t.cast(t.Any, ReadOnlyArm()), None, plan, True)
        assert refused.value.option == "properties.privateIPAddress"
