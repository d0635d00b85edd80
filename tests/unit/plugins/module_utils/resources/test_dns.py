# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for private DNS zones, links and record sets, from documents as Azure answers them."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_a_record import (
    Mode,
    PrivateDnsARecordSet,
    addresses_of,
)
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone import PrivateDnsZone
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_link import PrivateDnsZoneLink
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    NETWORK,
    ZONE,
    ReadOnlyArm,
    arguments_of,
    facts_of,
    link,
    observe,
    parsed,
    plan_of,
    record_set,
    replan,
    settled_of,
)

GUID = "c65f9574-0000-4000-8000-000000000001"
OTHER_NETWORK = f"{NETWORK}2"


# --- zones ---


def zone(tags: dict[str, str] | None = None) -> PrivateDnsZone:
    """Return a zone that shall be there."""
    return PrivateDnsZone(parsed(ZONE), {"location": "global"}, tags=tags)


def test_a_new_zone() -> None:
    plan = plan_of(zone({"env": "test"}), None)
    assert (plan.action, plan.body) == ("create", {"location": "global", "tags": {"env": "test"}})
    assert zone().conditions(plan) == {"If-None-Match": "*"}


@pytest.mark.parametrize("name", ["Cost Center", "org:owner", "1stage", "(note)", "größe", "a#b", "a@b", "hidden-link:/x"])
def test_names_of_tags_that_azure_dns_drops_are_refused(name: str) -> None:
    for make in (zone, lambda tags: PrivateDnsZoneLink(parsed(f"{ZONE}/virtualNetworkLinks/net"), {}, tags=tags)):
        with pytest.raises(OptionError, match="Azure drops it") as caught:
            make({name: "x", "plain": "ok"})
        assert caught.value.option == "tags" and f"'{name}'" in caught.value.message
        make({"cost-center": "4711", "org.owner": "a:b", "Stage_1": "größe"})


def test_a_zone_is_written_without_its_counters_and_only_in_the_state_that_was_read() -> None:
    counters = {
        "maxNumberOfRecordSets": 25000,
        "numberOfRecordSets": 1,
        "numberOfVirtualNetworkLinksWithRegistration": 0,
        "provisioningState": "Succeeded",
    }
    actual = {"id": ZONE, "name": "z", "type": "t", "etag": GUID, "location": "global", "properties": counters}
    assert plan_of(zone(), actual).action == "none"
    assert plan_of(zone({}), actual).action == "none"
    resource = zone({"env": "test"})
    plan = plan_of(resource, actual)
    assert plan.body == {"location": "global", "tags": {"env": "test"}, "properties": {}}
    assert resource.conditions(plan) == {"If-Match": GUID}


# --- links ---


def joined(
    network: str | None = NETWORK, tags: dict[str, str] | None = None, allow_replace: bool = False, **properties: t.Any
) -> PrivateDnsZoneLink:
    """Return a link that shall have these properties."""
    requested = {
        "virtualNetwork": {"id": network} if network else None,
        "registrationEnabled": None,
        "resolutionPolicy": None,
        **properties,
    }
    link_id = parsed(f"{ZONE}/virtualNetworkLinks/net")
    return PrivateDnsZoneLink(link_id, {"location": "global", "properties": requested}, tags=tags, allow_replace=allow_replace)


def test_a_new_link_registers_nothing() -> None:
    resource = joined()
    body = plan_of(resource, None).body
    assert body == {"location": "global", "properties": {"registrationEnabled": False, "virtualNetwork": {"id": NETWORK}}}
    assert replan(resource, body, resolutionPolicy="Default", virtualNetworkLinkState="Completed").action == "none"
    with pytest.raises(OptionError) as caught:
        plan_of(joined(None), None)
    assert caught.value.option == "properties.virtualNetwork.id"


@pytest.mark.parametrize(
    "resource",
    [joined(), joined(None), joined(str(parsed(NETWORK.upper()))), joined(registrationEnabled=False, resolutionPolicy="Default")],
)
def test_a_link_that_is_already_so(resource: PrivateDnsZoneLink) -> None:
    assert plan_of(resource, link()).action == "none"
    assert plan_of(resource, link()).changed is False


def test_a_link_outside_private_link_zones_has_no_policy() -> None:
    actual = link()
    del actual["properties"]["resolutionPolicy"]
    assert plan_of(joined(), actual).action == "none"


def test_what_an_existing_link_has_stays() -> None:
    resource = joined(resolutionPolicy="NxDomainRedirect")
    plan = plan_of(resource, {**link(registrationEnabled=True), "tags": {"env": "test"}})
    assert plan.action == "update"
    assert (plan.before, plan.after) == (
        {"properties": {"resolutionPolicy": "Default"}},
        {"properties": {"resolutionPolicy": "NxDomainRedirect"}},
    )
    assert plan.body == {
        "location": "global",
        "tags": {"env": "test"},
        "properties": {"registrationEnabled": True, "resolutionPolicy": "NxDomainRedirect", "virtualNetwork": {"id": NETWORK}},
    }
    assert resource.conditions(plan) == {"If-Match": '"4103677f-0000-0100-0000-671056210000"'}


def test_a_link_never_changes_its_network() -> None:
    with pytest.raises(Problem, match="properties.virtualNetwork.id is "):
        plan_of(joined(OTHER_NETWORK), link())


def test_a_link_to_another_network_is_a_new_one_with_the_same_settings() -> None:
    resource = joined(OTHER_NETWORK, allow_replace=True)
    plan = plan_of(resource, {**link(registrationEnabled=True, resolutionPolicy="NxDomainRedirect"), "tags": {"env": "test"}})
    assert plan.action == "replace"
    assert resource.conditions(plan) == {}
    assert plan.body == {
        "location": "global",
        "tags": {"env": "test"},
        "properties": {"registrationEnabled": True, "resolutionPolicy": "NxDomainRedirect", "virtualNetwork": {"id": OTHER_NETWORK}},
    }


@pytest.mark.parametrize(("states", "name", "meant"), [("SF", "a", "a"), ("FS", "a", "b"), ("SS", "b", "b"), ("SS", "net", None)])
def test_of_several_links_of_a_network_the_one_that_is_alive_or_named_is_meant(states: str, name: str, meant: str | None) -> None:
    words = {"S": "Succeeded", "F": "Failed"}
    links = [
        {**link(provisioningState=words[state]), "id": f"{ZONE}/virtualNetworkLinks/{each}", "name": each}
        for each, state in zip("ab", states, strict=True)
    ]
    resource = PrivateDnsZoneLink(parsed(f"{ZONE}/virtualNetworkLinks/{name}"), None, network=NETWORK)
    arm = ReadOnlyArm(lists={"privatedns.virtual_network_links.list": links})
    if meant:
        assert (observe(resource, t.cast(t.Any, arm)).document or {})["name"] == meant
        return
    with pytest.raises(Problem, match="'a', 'b'") as caught:
        observe(resource, t.cast(t.Any, arm))
    assert caught.value.code == "AmbiguousRelation"


def test_a_link_is_adopted_by_its_network() -> None:
    theirs = {**link(virtualNetwork={"id": NETWORK.upper()}), "id": f"{ZONE}/virtualNetworkLinks/theirs"}
    other = {**link(virtualNetwork={"id": OTHER_NETWORK}), "id": f"{ZONE}/virtualNetworkLinks/other"}
    arm = ReadOnlyArm(lists={"privatedns.virtual_network_links.list": [other, theirs]})
    resource = joined()
    found = observe(resource, t.cast(t.Any, arm))
    assert (found.document, found.id.name, found.adopted) == (theirs, "theirs", True)
    assert plan_of(resource, theirs).action == "none"


@pytest.mark.parametrize(("named", "name"), [(True, "net"), (False, "net-")])
def test_a_name_that_the_link_of_another_network_bears(named: bool, name: str) -> None:
    """What the user named is compared with what bears the name; otherwise the new link makes way."""
    other = {**link(virtualNetwork={"id": OTHER_NETWORK}), "id": f"{ZONE}/virtualNetworkLinks/net"}
    arm = t.cast(t.Any, ReadOnlyArm(other, lists={"privatedns.virtual_network_links.list": [other]}))
    names = set()
    for network in (NETWORK, NETWORK.upper()):
        resource = PrivateDnsZoneLink(parsed(other["id"]), {"properties": {"virtualNetwork": {"id": network}}}, named=named)
        found = observe(resource, arm)
        assert found.document == (other if named else None)
        assert found.id.name.startswith(name)
        names.add(found.id.name)
    assert len(names) == 1


def test_a_link_is_removed_by_its_network_too() -> None:
    theirs = {**link(virtualNetwork={"id": NETWORK}), "id": f"{ZONE}/virtualNetworkLinks/theirs"}
    arm = t.cast(t.Any, ReadOnlyArm(lists={"privatedns.virtual_network_links.list": [theirs]}))
    link_id = parsed(f"{ZONE}/virtualNetworkLinks/net")
    assert observe(PrivateDnsZoneLink(link_id, None, network=NETWORK.upper()), arm).document == theirs
    assert observe(PrivateDnsZoneLink(link_id, None, network=OTHER_NETWORK), arm).document is None
    assert observe(PrivateDnsZoneLink(link_id, None), arm).document is None


def test_a_link_with_registration_goes_on_working() -> None:
    assert not settled_of(joined(), link(registrationEnabled=True, virtualNetworkLinkState="InProgress"))
    assert not settled_of(joined(), link(provisioningState="Updating"))
    assert settled_of(joined(), link())


# --- record sets ---


def records(*addresses: str, mode: Mode = "add", absent: bool = False, **properties: t.Any) -> PrivateDnsARecordSet:
    """Return a record set that shall have, or with mode remove shall not have, these addresses."""
    desired = None if absent else {} if mode == "remove" else {"properties": {"ttl": None, "metadata": None, **properties}}
    return PrivateDnsARecordSet(parsed(f"{ZONE}/A/payments-vault"), desired, addresses=addresses, mode=mode)


def current(*addresses: str) -> list[dict[str, str]]:
    """Return addresses as Azure writes them."""
    return [{"ipv4Address": address} for address in addresses]


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_a_new_record_set(mode: Mode) -> None:
    resource = records("10.1.0.4", "10.1.0.4", mode=mode)
    plan = plan_of(resource, None)
    assert plan.body == {"properties": {"ttl": 3600, "aRecords": current("10.1.0.4")}}
    assert resource.conditions(plan) == {"If-None-Match": "*"}
    assert replan(resource, plan.body).action == "none"
    assert arguments_of(resource) == ("payments", "privatelink.vaultcore.azure.net", "A", "payments-vault")


@pytest.mark.parametrize(
    ("mode", "addresses", "there", "result"),
    [
        ("add", ["10.1.0.4"], ["10.1.0.4"], None),
        ("add", ["10.1.0.4"], ["10.1.0.9", "10.1.0.4"], None),
        ("add", ["10.1.0.4"], ["10.1.0.9"], ["10.1.0.9", "10.1.0.4"]),
        ("add", ["10.1.0.4"], [], ["10.1.0.4"]),
        ("replace", ["10.1.0.4"], ["10.1.0.4"], None),
        ("replace", ["10.1.0.4", "10.1.0.5"], ["10.1.0.5", "10.1.0.4"], None),
        ("replace", ["10.1.0.4"], ["10.1.0.9", "10.1.0.4"], ["10.1.0.4"]),
        ("remove", ["10.1.0.4"], ["10.1.0.9", "10.1.0.4"], ["10.1.0.9"]),
        ("remove", ["10.1.0.4"], ["10.1.0.9"], None),
        ("remove", ["10.1.0.4"], [], None),
    ],
)
def test_modes(mode: Mode, addresses: list[str], there: list[str], result: list[str] | None) -> None:
    resource = records(*addresses, mode=mode)
    plan = plan_of(resource, record_set(*there, metadata={"owner": "payments"}))
    if result is None:
        assert plan.action == "none"
        return
    assert plan.action == "update"
    assert plan.body == {"properties": {"ttl": 3600, "aRecords": current(*result), "metadata": {"owner": "payments"}}}
    assert resource.conditions(plan) == {"If-Match": GUID}
    assert (plan.before, plan.after) == ({"properties": {"aRecords": current(*there)}}, {"properties": {"aRecords": current(*result)}})


_addresses = st.lists(st.integers(1, 6).map("10.1.0.{}".format), unique=True)


@given(_addresses, _addresses, st.sampled_from(["add", "replace", "remove"]))
def test_no_writer_loses_an_address_that_nobody_took_away(there: list[str], named: list[str], mode: Mode) -> None:
    actual = record_set(*there)
    plan = plan_of(records(*named, mode=mode), actual)
    after = set() if plan.action == "delete" else set(addresses_of({**actual, **plan.body}))
    assert after == {"add": {*there, *named}, "replace": set(named), "remove": set(there) - set(named)}[mode]
    assert plan.changed == (after != set(there))


def test_the_last_address_takes_the_set_along() -> None:
    resource = records("10.1.0.4", mode="remove")
    plan = plan_of(resource, record_set("10.1.0.4"))
    assert (plan.action, resource.conditions(plan)) == ("delete", {"If-Match": GUID})
    assert plan_of(resource, None).action == "none"


def test_a_set_that_shall_go_altogether() -> None:
    resource = records(mode="remove", absent=True)
    plan = plan_of(resource, record_set("10.1.0.4", "10.1.0.9"))
    assert (plan.action, resource.conditions(plan)) == ("delete", {"If-Match": GUID})
    assert plan_of(resource, None).action == "none"


def test_an_existing_set_keeps_its_time_to_live_and_its_notes() -> None:
    actual = record_set("10.1.0.4", ttl=10, metadata={"creator": "zone group", "Owner": "x"})
    assert plan_of(records("10.1.0.4"), actual).action == "none"
    plan = plan_of(records("10.1.0.4", ttl=60, metadata={"Owner": "y"}), actual)
    assert plan.before == {"properties": {"ttl": 10, "metadata": {"Owner": "x"}}}
    assert plan.after == {"properties": {"ttl": 60, "metadata": {"Owner": "y"}}}
    assert plan.body["properties"] == {"ttl": 60, "metadata": {"creator": "zone group", "Owner": "y"}, "aRecords": current("10.1.0.4")}


@pytest.mark.parametrize(
    "resource",
    [records("10.1.0.4"), records("10.1.0.4", mode="replace"), records("10.1.0.4", mode="remove"), records(mode="remove", absent=True)],
)
def test_what_azure_registered_is_left_alone(resource: PrivateDnsARecordSet) -> None:
    with pytest.raises(Problem) as caught:
        plan_of(resource, record_set("10.1.0.4", isAutoRegistered=True))
    assert caught.value.code == "AutoRegisteredRecordSet"


@pytest.mark.parametrize(
    ("resource", "sent"),
    [
        (records("10.1.0.4", mode="remove"), 24),
        (records("10.1.0.4", ttl=60), 25),
        (records(*[f"10.1.1.{number}" for number in range(24)], mode="replace"), 24),
        (records("10.1.1.4"), None),
    ],
)
def test_a_set_whose_limit_was_raised_can_be_changed_and_reduced(resource: PrivateDnsARecordSet, sent: int | None) -> None:
    there = record_set(*[f"10.1.0.{number}" for number in range(4, 29)])
    if sent is None:
        with pytest.raises(Problem, match="would hold 26 addresses"):
            plan_of(resource, there)
    else:
        assert len(addresses_of(plan_of(resource, there).body)) == sent


def test_the_limit_of_a_set() -> None:
    there = [f"10.1.0.{number}" for number in range(4, 23)]
    assert len(addresses_of(plan_of(records("10.1.1.4"), record_set(*there)).body)) == 20
    with pytest.raises(Problem) as caught:
        plan_of(records("10.1.1.4", "10.1.1.5"), record_set(*there))
    assert caught.value.code == "TooManyRecords"


def test_facts_of_a_set() -> None:
    facts = facts_of(records("10.1.0.4"), t.cast(t.Any, None), record_set("10.1.0.4"), True)
    assert facts == {"ipv4_addresses": ["10.1.0.4"], "fqdn": "payments-vault.privatelink.vaultcore.azure.net"}
    assert settled_of(records("10.1.0.4"), {})


def test_a_record_of_a_zone_group_takes_no_addresses_of_others() -> None:
    current = record_set("10.1.0.4", metadata={"creator": "created by private endpoint pe with resource guid x"})

    def plan(mode: Mode, *addresses: str) -> str:
        return plan_of(
            PrivateDnsARecordSet(parsed(f"{ZONE}/A/payments-vault"), {"properties": {}}, addresses=addresses, mode=mode), current
        ).action

    with pytest.raises(Problem) as refused:
        plan("add", "10.7.0.4")
    assert refused.value.code == "RecordOfZoneGroup"
    assert "private endpoint pe" in refused.value.message
    assert plan("add", "10.1.0.4") == "none"
    assert plan("replace", "10.7.0.4") == "update"
    assert plan("remove", "10.1.0.4") == "delete"
