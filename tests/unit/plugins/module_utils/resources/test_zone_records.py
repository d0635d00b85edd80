# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of an endpoint are part of its DNS zone group: read, compared, shown, and written again."""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._azure.snapshot import Snapshot
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import UNKNOWN, Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import subscription_scope
from ansible_collections.privatelink.azure.plugins.module_utils._documents.zone_records import (
    compared,
    group_is_proven,
    lost,
    of_others,
    summary,
)
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Plan
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    ZONE,
    ReadOnlyArm,
    check_of,
    endpoint,
    facts_of,
    interface,
    observe,
    parsed,
    plan_of,
    record_set,
    zone_group,
)

OURS = {"creator": "created by private endpoint payments-endpoint with resource guid b0000000-0000-4000-8000-000000000002"}
THEIRS = {"creator": "created by private endpoint other-endpoint with resource guid b0000000-0000-4000-8000-000000000003"}


def current(*zones: str, written: bool = True) -> Document:
    """Return a group whose records Azure says it wrote."""
    group = zone_group(*((f"config-{number}", zone) for number, zone in enumerate(zones or (ZONE,))))
    record = {
        "recordType": "A",
        "recordSetName": "payments-vault",
        "fqdn": "payments-vault.privatelink.vaultcore.azure.net",
        "ipAddresses": ["10.1.0.4"],
    }
    for config in group["properties"]["privateDnsZoneConfigs"] if written else []:
        config["properties"]["recordSets"] = [record]
    return group


def resource_with(*zones: str, replace: bool = False) -> PrivateDnsZoneGroup:
    """Return a group that shall have these zones."""
    return PrivateDnsZoneGroup(
        parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {"properties": {"zoneIds": list(zones or (ZONE,))}}, replace_records=replace
    )


def planned(
    group: Document, *documents: Document, resource: PrivateDnsZoneGroup | None = None, errors: dict[str, Exception] | None = None
) -> Plan:
    """Read, plan and check a group beside what zones hold."""
    resource = resource or resource_with()
    arm = t.cast(t.Any, ReadOnlyArm(group, *documents, errors=errors))
    found = observe(resource, arm)
    plan = plan_of(resource, found)
    if plan.changed:
        check_of(resource, arm, found, plan, False)
    return plan


def test_records_that_are_there_need_nothing() -> None:
    assert planned(current(), record_set("10.1.0.4", metadata=OURS)).action == "none"
    assert planned(current(), record_set("10.1.0.4", "10.7.0.9")).action == "none"


@pytest.mark.parametrize("there", [(), ("10.1.0.99",)])
def test_a_record_that_was_removed_or_changed_is_written_again(there: tuple[str, ...]) -> None:
    documents = [record_set(*there, metadata=OURS)] if there else []
    plan = planned(current(), *documents)
    assert plan.action == "update"
    name = "payments-vault.privatelink.vaultcore.azure.net"
    assert plan.before == {"properties": {"records": [{"fqdn": name, "ipAddresses": list(there)}]}}
    assert plan.after == {"properties": {"records": [{"fqdn": name, "ipAddresses": ["10.1.0.4"]}]}}
    assert plan.body == {"properties": {"privateDnsZoneConfigs": [{"name": "config-0", "properties": {"privateDnsZoneId": ZONE}}]}}


def test_an_approved_endpoint_without_any_record_gets_one() -> None:
    assert planned(current(written=False), endpoint(), interface()).action == "update"
    assert planned(current(written=False), endpoint(), interface(), record_set("10.1.0.4")).action == "none"
    assert planned(current(written=False), endpoint(manual=True, status="Pending"), interface()).action == "none"
    other = f"{ZONE.rpartition('/')[0]}/privatelink.other.net"
    assert planned(current(other, written=False), endpoint(), interface(), resource=resource_with(other)).action == "none"


def test_addresses_of_others_are_not_overwritten_unasked() -> None:
    with pytest.raises(Problem) as refused:
        planned(current(), record_set("10.7.0.9", metadata=THEIRS))
    assert refused.value.code == "RecordOfOthers"
    assert "10.7.0.9" in refused.value.message
    assert planned(current(), record_set("10.7.0.9", metadata=THEIRS), resource=resource_with(replace=True)).action == "update"


def test_a_zone_that_may_not_be_read_is_believed_and_told() -> None:
    errors: dict[str, Exception] = {"privatedns.record_sets.get": ArmError("no", status=403, code="AuthorizationFailed")}
    assert planned(current(), errors=errors).action == "none"
    resource = resource_with()
    dns = facts_of(resource, t.cast(t.Any, ReadOnlyArm(current(), errors=errors)), current(), True)["dns"]
    assert (dns["ready"], dns["unreadable_zone_ids"], dns["records"][0]["addresses"]) == (True, [ZONE], None)


def test_facts_tell_what_the_zones_hold() -> None:
    resource = resource_with()
    arm = t.cast(t.Any, ReadOnlyArm(current(), record_set("10.1.0.4", "10.7.0.9")))
    dns = facts_of(resource, arm, current(), True)["dns"]
    assert dns["ready"] is True
    assert dns["foreign_addresses"] == ["10.7.0.9"]
    assert dns["records"][0]["addresses"] == ["10.1.0.4", "10.7.0.9"]
    assert facts_of(resource, t.cast(t.Any, ReadOnlyArm(current())), current(), True)["dns"]["ready"] is False
    assert facts_of(resource, t.cast(t.Any, ReadOnlyArm()), {}, False)["dns"]["ready"] == UNKNOWN


def test_zones_that_nobody_asked_about_are_not_healed() -> None:
    both = current(ZONE, f"{ZONE}2")
    nothing_asked = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {})
    assert planned(both, resource=nothing_asked).action == "none"
    before = copy.deepcopy(both)
    plan = planned(both, record_set("10.1.0.4"), resource=resource_with(ZONE, f"{ZONE}2"))
    assert [item["fqdn"].endswith("net2") for item in plan.after["properties"]["records"]] == [True]
    assert both == before


_addresses = st.lists(st.sampled_from(["10.1.0.4", "10.1.0.5", "10.7.0.9"]), unique=True, max_size=3)


@given(_addresses.filter(bool), _addresses, st.booleans())
def test_a_record_is_written_exactly_where_the_zone_holds_all_of_it(expected: list[str], there: list[str], readable: bool) -> None:
    record = compared(ZONE, "payments-vault", expected, record_set(*there) if there else None, readable=readable)
    healthy = not readable or set(expected) <= set(there)
    assert (lost([record], None) == []) == healthy
    assert summary([record])["ready"] == healthy
    assert set(record["foreign"]) == (set(there) - set(expected) if readable else set())
    assert set(of_others(record, "payments-endpoint")) == set(record["foreign"])


SERVED = endpoint(customDnsConfigs=[])
OWN = record_set("10.1.0.4", metadata=OURS)
ELSEWHERE = {**OWN, "id": OWN["id"].replace(ZONE, f"{ZONE}2")}


@pytest.mark.parametrize(
    ("found", "addresses", "zones", "records", "reported"),
    [
        (SERVED, ["10.1.0.4"], [ZONE.upper()], [OWN, record_set("10.7.0.9", metadata=THEIRS)], True),
        (SERVED, ["10.1.0.4"], [ZONE, f"{ZONE}2"], [OWN, ELSEWHERE], True),
        (SERVED, ["10.1.0.4"], [ZONE], [OWN, ELSEWHERE], False),  # the group has one more zone
        (SERVED, ["10.1.0.4"], [ZONE, f"{ZONE}2"], [OWN], False),
        (SERVED, ["10.1.0.5"], [ZONE], [OWN], False),
        (SERVED, [], [ZONE], [OWN], False),
        (SERVED, ["10.1.0.4"], [], [], False),
        (SERVED, ["10.1.0.4"], [ZONE], [record_set("10.1.0.4")], False),  # written by hand
        (SERVED, ["10.1.0.4"], [ZONE], [record_set("10.1.0.4", metadata=THEIRS)], False),
        (endpoint(), ["10.1.0.4"], [ZONE], [OWN], False),  # the endpoint says that it has no group
        (endpoint(customDnsConfigs=None), ["10.1.0.4"], [ZONE], [OWN], False),
        (endpoint(customDnsConfigs=[], provisioningState="Updating"), ["10.1.0.4"], [ZONE], [OWN], False),
        (endpoint(customDnsConfigs=[], status="Rejected"), ["10.1.0.4"], [ZONE], [OWN], False),
    ],
)
def test_a_group_is_told_by_its_records_or_has_to_be_read(
    found: Document, addresses: list[str], zones: list[str], records: list[Document], reported: bool
) -> None:
    before = copy.deepcopy((found, records))
    assert group_is_proven(found, addresses, zones, records) == reported
    assert before == (found, records)


def test_beside_a_snapshot_a_group_is_read_only_where_there_is_doubt() -> None:
    """One list of each kind, whatever the number of endpoints; a record of someone else is a doubt."""
    for record, action, reads in ((OWN, "none", 0), (record_set("10.7.0.9", metadata=OURS), "update", 1)):
        lists = {
            "network.private_endpoints.list_by_subscription": [SERVED],
            "network.network_interfaces.list_all": [interface()],
            "privatedns.record_sets.list_by_type": [record],
        }
        arm = ReadOnlyArm(current(), record, lists=lists)
        world = Snapshot(Live(t.cast(t.Any, arm)), [subscription_scope(parsed(ENDPOINT).subscription), parsed(ZONE)])
        for _endpoint in range(5):
            observed = resource_with().read(world, {})
            assert resource_with().plan(observed, {}).action == action
        assert resource_with().facts(world, observed, True)["dns"]["ready"] == (action == "none")
        assert sorted(each for each in arm.requested if ".list" in each) == sorted(lists)
        assert arm.requested.count("network.private_dns_zone_groups.get") == reads
