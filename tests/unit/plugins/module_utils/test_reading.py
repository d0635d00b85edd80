# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is only read: both sides of connections, DNS of endpoints, orphans, limits."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents import limits
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.states import next_step
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem, WaitTimeout
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import connections_of, decided_endpoint, endpoint_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.endpoint_dns import dns_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.orphans import orphans_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.vault_connections import vaults_with_connections
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    SUBNET,
    VAULT,
    ZONE,
    ReadOnlyArm,
    connection,
    endpoint,
    interface,
    network,
    parsed,
    record_set,
    subnet,
    vault,
    zone_group,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import SUBSCRIPTION, Time


def of(fake: ReadOnlyArm, time: Time | None = None) -> Live:
    """Return a stand-in with the task's subscription and a clock."""
    arm = t.cast(t.Any, fake)
    arm.subscription_id, arm.clock = SUBSCRIPTION, (time or Time(30)).clock
    return Live(arm)


# --- connections ---


def test_both_sides_of_a_connection() -> None:
    current = vault(privateEndpointConnections=[connection("Approved", description="yes")])
    found = connections_of(of(ReadOnlyArm(current, endpoint(), interface())), parsed(VAULT))
    assert (found["id"], found["exists"], found["public_network_access"]) == (VAULT, True, "Enabled")
    (reported,) = found["connections"]
    side = reported.pop("endpoint")
    assert reported == {
        "id": f"{VAULT}/privateEndpointConnections/payments-endpoint",
        "name": "payments-endpoint",
        "state": "Approved",
        "description": "yes",
        "actions_required": "None",
        "provisioning_state": "Succeeded",
        "endpoint_id": ENDPOINT,
        "endpoint_error": None,
        "next_step": "none",
        "hint": None,
    }
    assert side == {
        "name": "payments-endpoint",
        "location": "westeurope",
        "state": "Approved",
        "description": "",
        "request_message": None,
        "manual": False,
        "provisioning_state": "Succeeded",
        "subnet_id": SUBNET,
        "network_interface_id": interface()["id"],
        "private_ip_address": "10.1.0.4",
        "private_ip_addresses": ["10.1.0.4"],
        "dns_names": ["payments-vault.vault.azure.net"],
    }


def test_a_request_has_its_message_and_maybe_no_interface_yet() -> None:
    current = vault(privateEndpointConnections=[connection()])
    fake = ReadOnlyArm(current, endpoint(manual=True, status="Pending", networkInterfaces=[], customDnsConfigs=[]))
    (reported,) = connections_of(of(fake), parsed(VAULT))["connections"]
    side = reported["endpoint"]
    assert (side["manual"], side["request_message"], side["private_ip_address"]) == (True, "Payments needs it.", None)
    assert (side["network_interface_id"], reported["description"]) == (None, "")


def test_a_vault_without_connections_and_no_vault() -> None:
    assert connections_of(of(ReadOnlyArm(vault())), parsed(VAULT))["connections"] == []
    assert connections_of(of(ReadOnlyArm()), parsed(VAULT)) == {"id": VAULT, "exists": False, "connections": []}


@pytest.mark.parametrize(
    ("error", "code"),
    [(None, "NotFound"), (ArmError("x", status=403, code="AuthorizationFailed"), "AuthorizationFailed"), (ArmError("x", status=401), None)],
)
def test_an_endpoint_that_cannot_be_seen_says_why(error: ArmError | None, code: str | None) -> None:
    fake = ReadOnlyArm(vault(privateEndpointConnections=[connection()]), errors={"network.private_endpoints.get": error} if error else {})
    (reported,) = connections_of(of(fake), parsed(VAULT))["connections"]
    assert (reported["endpoint"], reported["endpoint_error"]) == ({}, code)


def test_trouble_is_not_hidden_as_an_endpoint_that_cannot_be_seen() -> None:
    fake = ReadOnlyArm(
        vault(privateEndpointConnections=[connection()]), errors={"network.private_endpoints.get": ArmError("x", status=500)}
    )
    with pytest.raises(ArmError):
        connections_of(of(fake), parsed(VAULT))


def test_a_connection_whose_endpoint_has_no_id() -> None:
    current = connection()
    current["properties"]["privateEndpoint"] = {}
    (reported,) = connections_of(of(ReadOnlyArm(vault(privateEndpointConnections=[current]))), parsed(VAULT))["connections"]
    assert (reported["endpoint_id"], reported["endpoint_error"]) == (None, "NotFound")


@pytest.mark.parametrize(
    ("state", "provisioning", "gone", "step"),
    [
        ("Pending", "Succeeded", False, "decide"),
        ("Approved", "Succeeded", False, "none"),
        ("Approved", None, False, "none"),
        ("Approved", "Updating", False, "wait"),
        ("Approved", "Failed", False, "repair"),
        ("Rejected", "Succeeded", False, "approve_or_recreate"),
        ("Disconnected", "Failed", False, "recreate_or_remove"),
        ("Disconnected", "Failed", True, "remove"),
        (None, "Updating", False, "wait"),
    ],
)
def test_every_state_has_a_next_step(state: str | None, provisioning: str | None, gone: bool, step: str) -> None:
    reported = next_step(state, provisioning, gone=gone)
    assert reported["next_step"] == step
    assert reported["hint"] is None if step == "none" else reported["hint"][0].isupper() and reported["hint"].endswith(".")


def test_what_only_the_endpoint_knows_of() -> None:
    """Removed connections are told where they are requested; endpoints that lead elsewhere, or are still on their way, are not."""
    lists = {"network.private_endpoints.list_by_subscription": [endpoint(status="Disconnected")]}
    (reported,) = connections_of(of(ReadOnlyArm(vault(), interface(), lists=lists)), parsed(VAULT), lost=True)["connections"]
    assert (reported["id"], reported["state"], reported["next_step"], reported["endpoint"]["private_ip_address"]) == (
        None,
        "Disconnected",
        "recreate_or_remove",
        "10.1.0.4",
    )
    assert connections_of(of(ReadOnlyArm(vault(), interface(), lists=lists)), parsed(VAULT))["connections"] == []
    (gone,) = connections_of(of(ReadOnlyArm(interface(), lists=lists)), parsed(VAULT), lost=True)["connections"]
    assert gone["next_step"] == "remove"
    coming = {"network.private_endpoints.list_by_subscription": [endpoint()]}
    assert connections_of(of(ReadOnlyArm(vault(), lists=coming)), parsed(VAULT), lost=True)["connections"] == []
    assert connections_of(of(ReadOnlyArm(vault(), lists=lists)), parsed(f"{VAULT}2"), lost=True)["connections"] == []
    hidden = ReadOnlyArm(vault(), errors={"network.private_endpoints.list_by_subscription": ArmError("no", status=403)})
    assert connections_of(of(hidden), parsed(VAULT), lost=True)["connections"] == []


def test_an_endpoint_alone() -> None:
    found = endpoint_of(of(ReadOnlyArm(endpoint(manual=True, status="Pending"), interface())), parsed(ENDPOINT))
    assert (found["exists"], found["state"], found["next_step"], found["manual"]) == (True, "Pending", "decide", True)
    assert (found["target_id"], found["group_ids"], found["private_ip_address"]) == (VAULT, ["vault"], "10.1.0.4")
    assert endpoint_of(of(ReadOnlyArm()), parsed(ENDPOINT)) == {"id": ENDPOINT, "exists": False}


def test_a_decision_is_waited_for_within_the_bound() -> None:
    """It returns as soon as there is a decision; when the time is up, with what there is."""
    requested, time = endpoint(manual=True, status="Pending"), Time(10)
    arm = of(ReadOnlyArm(requested, interface()), time)
    assert decided_endpoint(arm, parsed(ENDPOINT), 4.0)["state"] == "Pending"
    assert time.slept == [4.0, 4.0, 2.0]
    requested["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]["status"] = (
        "Rejected"
    )
    assert decided_endpoint(arm, parsed(ENDPOINT), 4.0)["state"] == "Rejected"
    assert decided_endpoint(of(ReadOnlyArm()), parsed(ENDPOINT), 4.0)["exists"] is False
    assert len(time.slept) == 3


def test_all_vaults_in_one_request() -> None:
    """Vaults without such a connection are left out, and no endpoint is read."""
    listed = [
        vault(privateEndpointConnections=[connection("pending"), connection("Approved")]),
        vault(privateEndpointConnections=[connection("Rejected")]),
    ]
    fake = ReadOnlyArm(lists={"keyvault.vaults.list_by_subscription": listed, "keyvault.vaults.list_by_resource_group": listed[1:]})
    (found,) = vaults_with_connections(of(fake), SUBSCRIPTION, None, ["Pending"])
    assert (found["id"], found["resource_group"], [each["state"] for each in found["connections"]]) == (VAULT, "payments", ["Pending"])
    assert vaults_with_connections(of(fake), SUBSCRIPTION, "payments", ["Pending"]) == []
    assert len(vaults_with_connections(of(fake), SUBSCRIPTION, "payments", ["Rejected"])) == 1
    assert set(fake.requested) == {"keyvault.vaults.list_by_subscription", "keyvault.vaults.list_by_resource_group"}


# --- DNS of an endpoint ---


def written(*addresses: str) -> Document:
    """Return a zone group that says it wrote a record."""
    group = copy.deepcopy(zone_group(("zone", ZONE)))
    record = {
        "recordType": "A",
        "recordSetName": "payments-vault",
        "fqdn": "payments-vault.privatelink.vaultcore.azure.net",
        "ipAddresses": list(addresses),
    }
    group["properties"]["privateDnsZoneConfigs"][0]["properties"]["recordSets"] = [record]
    return group


@pytest.mark.parametrize(
    ("groups", "current", "ready"),
    [
        ([written("10.1.0.4")], [record_set("10.1.0.4", "10.1.0.9")], True),
        ([written("10.1.0.4")], [record_set("10.1.0.9")], False),
        ([written("10.1.0.4")], [], False),
        ([written()], [record_set("10.1.0.4")], False),
        ([zone_group(("zone", ZONE))], [], False),
        ([], [], False),
    ],
)
def test_dns_is_ready_when_the_zone_holds_what_the_group_says(groups: list[Document], current: list[Document], ready: bool) -> None:
    arm = of(ReadOnlyArm(endpoint(), *current, lists={"network.private_dns_zone_groups.list": groups}))
    found = dns_of(arm, parsed(ENDPOINT), wait=False)
    assert found["ready"] == ready
    assert found["zone_group_name"] == ("default" if groups else None)
    assert found["zone_ids"] == ([ZONE] if groups else [])
    if ready:
        assert dns_of(arm, parsed(ENDPOINT), wait=True) == found
        return
    with pytest.raises(WaitTimeout, match="payments-endpoint"):
        dns_of(arm, parsed(ENDPOINT), wait=True)


def test_of_several_zone_groups_the_one_that_writes_is_meant() -> None:
    idle = {**zone_group(("zone", ZONE)), "id": f"{ENDPOINT}/privateDnsZoneGroups/another", "name": "another"}
    for groups in ([idle, written("10.1.0.4")], [written("10.1.0.4"), idle]):
        arm = of(ReadOnlyArm(endpoint(), record_set("10.1.0.4"), lists={"network.private_dns_zone_groups.list": groups}))
        assert dns_of(arm, parsed(ENDPOINT), wait=False)["zone_group_name"] == "default"
    both = [written("10.1.0.4"), {**written("10.1.0.4"), "name": "another"}]
    with pytest.raises(Problem, match="more than one DNS zone group of private endpoint 'payments-endpoint': 'default', 'another'"):
        dns_of(
            of(ReadOnlyArm(endpoint(), record_set("10.1.0.4"), lists={"network.private_dns_zone_groups.list": both})),
            parsed(ENDPOINT),
            wait=False,
        )


def test_dns_of_an_endpoint_that_is_not_there() -> None:
    with pytest.raises(OptionError) as caught:
        dns_of(of(ReadOnlyArm()), parsed(ENDPOINT), wait=True)
    assert caught.value.option == "name"


# --- orphans ---


def left(
    endpoints: list[Document], vaults: list[Document], records: list[Document] | None = None, interfaces: list[Document] | None = None
) -> Document:
    """Return what is left over of these."""
    lists = {
        "network.private_endpoints.list_by_subscription": endpoints,
        "keyvault.vaults.list_by_subscription": vaults,
        "privatedns.record_sets.list_by_type": records or [],
        "network.network_interfaces.list_all": interfaces or [],
    }
    return orphans_of(of(ReadOnlyArm(lists=lists)), parsed(ZONE) if records is not None else None)


def test_an_endpoint_whose_vault_is_there_is_no_orphan() -> None:
    assert left([endpoint()], [{**vault(), "id": VAULT.upper()}]) == {"endpoints": [], "records": [], "removal": {"ids": [], "records": []}}


def test_endpoints_without_a_vault_or_a_connection() -> None:
    (gone,) = left([endpoint()], [])["endpoints"]
    assert (gone["id"], gone["resource_group"], gone["target_id"], gone["reason"]) == (
        ENDPOINT,
        "payments",
        VAULT,
        "the vault does not exist",
    )
    (cut,) = left([endpoint(status="Disconnected")], [vault()])["endpoints"]
    assert (cut["state"], cut["reason"]) == ("Disconnected", "the owner removed the connection")


def test_a_vault_of_another_subscription_and_another_service_are_not_judged() -> None:
    elsewhere, storage = copy.deepcopy(endpoint()), copy.deepcopy(endpoint())
    elsewhere["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] = VAULT.replace(SUBSCRIPTION, "other")
    target = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
    storage["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] = target
    assert left([elsewhere, storage], [])["endpoints"] == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (record_set("10.1.0.4"), None),
        (record_set("10.9.9.9", "10.1.0.4"), None),
        (record_set("10.9.9.9"), "no network interface of the subscription has its addresses"),
        (
            record_set(
                "10.9.9.9", metadata={"creator": "created by private endpoint pe with resource guid B0000000-0000-4000-8000-000000000002"}
            ),
            None,
        ),
        (
            record_set(
                "10.1.0.4", metadata={"creator": "created by private endpoint pe with resource guid c0000000-0000-4000-8000-000000000009"}
            ),
            "private endpoint 'pe', which wrote it, does not exist",
        ),
    ],
)
def test_records_that_lead_to_no_endpoint(record: Document, reason: str | None) -> None:
    found = left([endpoint()], [vault()], [record], [interface()])["records"]
    assert [item["reason"] for item in found] == ([reason] if reason else [])


# --- limits ---


def reached(check: t.Callable[..., None], *values: t.Any) -> str:
    """Return the message with which a limit is told."""
    with pytest.raises(Problem) as caught:
        check(*values)
    assert caught.value.code == "LimitReached"
    assert caught.value.resource_id
    assert caught.value.hint
    return caught.value.message


def hint(check: t.Callable[..., None], *values: t.Any) -> str:
    """Return the hint with which a limit is told."""
    with pytest.raises(Problem) as caught:
        check(*values)
    return str(caught.value.hint)


@pytest.mark.parametrize(
    ("prefix", "used", "free"), [("10.1.0.0/24", 0, 251), ("10.1.0.0/29", 3, 0), ("10.1.0.0/29", 2, 1), ("fd00::/64", 0, 0)]
)
def test_free_addresses(prefix: str, used: int, free: int) -> None:
    current = subnet(addressPrefix=prefix, ipConfigurations=[{"id": str(number)} for number in range(used)])
    assert limits.free_addresses(current) == free
    if free:
        limits.refuse_full_subnet(network(subnets=[current]), "ENDPOINTS")
    else:
        assert "'endpoints'" in reached(limits.refuse_full_subnet, network(subnets=[current]), "ENDPOINTS")


@pytest.mark.parametrize(("policy", "most"), [("Disabled", 1000), ("Basic", 5000)])
def test_endpoints_of_a_network(policy: str, most: int) -> None:
    def full(number: int) -> Document:
        return network(
            privateEndpointVNetPolicies=policy, subnets=[subnet(addressPrefix="10.0.0.0/8", privateEndpoints=[{"id": "x"}] * number)]
        )

    limits.refuse_full_network(full(most - 1))
    assert str(most) in reached(limits.refuse_full_network, full(most))
    limits.refuse_full_network(full(most), most + 1)
    limits.refuse_full_network(full(most), 0)
    assert "endpoints_per_network_limit" in hint(limits.refuse_full_network, full(5), 5)


def test_endpoints_of_a_vault_and_vaults_of_a_subscription() -> None:
    limits.refuse_full_vault(vault(privateEndpointConnections=[connection()] * 63))
    assert "64 private endpoint connections of 64" in reached(
        limits.refuse_full_vault, vault(privateEndpointConnections=[connection()] * 64)
    )
    dead = [connection("Rejected"), connection("disconnected")]
    limits.refuse_full_vault(vault(privateEndpointConnections=[*[connection()] * 63, *dead]))
    limits.refuse_full_vault(vault(privateEndpointConnections=[connection()] * 64), 100)
    limits.refuse_full_vault(vault(privateEndpointConnections=[connection()] * 64), 0)
    assert "endpoints_per_vault_limit" in hint(limits.refuse_full_vault, vault(privateEndpointConnections=[connection()] * 64))
    limits.refuse_full_subscription([vault(privateEndpointConnections=dead)], 1, "s")
    limits.refuse_full_subscription([vault(privateEndpointConnections=[connection()])], 0, "s")
    joined, alone = vault(privateEndpointConnections=[connection()]), vault()
    limits.refuse_full_subscription([joined, joined, alone, alone], 3, "s")
    assert "3 key vaults" in reached(limits.refuse_full_subscription, [joined, joined, joined, alone], 3, "s")


def told_for(requested: int, check: t.Callable[..., None], *values: t.Any) -> str:
    """Return the message with which so many are refused, empty where there is room."""
    try:
        check(*values, requested=requested)
    except Problem as problem:
        return problem.message
    return ""


def test_limits_count_all_that_is_asked_for() -> None:
    small = network(subnets=[subnet(addressPrefix="10.1.0.0/28", ipConfigurations=[{"id": str(number)} for number in range(8)])])
    full = vault(privateEndpointConnections=[connection()] * 62)
    zone = {"id": ZONE, "name": "z", "properties": {"numberOfRecordSets": 995, "maxNumberOfRecordSets": 1000}}
    records = (zone, "numberOfRecordSets", "maxNumberOfRecordSets", "record sets")
    checks: list[tuple[t.Any, ...]] = [
        (limits.refuse_full_subnet, small, "endpoints"),
        (limits.refuse_full_network, small, 9),
        (limits.refuse_full_vault, full),
        (limits.refuse_full_subscription, [full], 4, "s"),
        (limits.refuse_full_zone, *records),
    ]
    reported = {requested: [told_for(requested, *each) for each in checks] for requested in (1, 10)}
    assert reported[1] == [""] * 5
    assert reported[10] == [
        "Subnet 'endpoints' has 3 free addresses, and this task asks for 10",
        f"Virtual network '{small['name']}' has 1 private endpoints of 9, and this task asks for 10",
        f"Key vault '{full['name']}' has 62 private endpoint connections of 64, and this task asks for 10",
        "Subscription 's' has 1 key vaults with private endpoints of 4, and this task asks for 10",
        "Private DNS zone 'z' has 995 record sets of 1000, and this task asks for 10",
    ]


def test_claims_of_a_run_are_counted_by_place_and_by_who_makes_them() -> None:
    counted: list[tuple[str, int]] = []

    def claim(place: str, by: str) -> limits.Claim:
        return limits.Claim(place, by, lambda requested: counted.append((place, requested)))

    claims = [claim(*each) for each in (("/a", "1"), ("/b", "1"), ("/a", "2"), ("/A", "2"), ("/a", "3"))]
    limits.refuse_together(claims)
    assert counted == [("/a", 3), ("/b", 1)]


@pytest.mark.parametrize(("current", "full"), [(999, False), (1000, True), (None, False)])
def test_a_zone_counts_itself(current: int | None, full: bool) -> None:
    zone = {"id": ZONE, "name": "z", "properties": {"numberOfVirtualNetworkLinks": current, "maxNumberOfVirtualNetworkLinks": 1000}}
    check = (zone, "numberOfVirtualNetworkLinks", "maxNumberOfVirtualNetworkLinks", "virtual network links")
    if full:
        assert "1000 virtual network links of 1000" in reached(limits.refuse_full_zone, *check)
        return
    limits.refuse_full_zone(*check)
    limits.refuse_full_zone(None, *check[1:])
