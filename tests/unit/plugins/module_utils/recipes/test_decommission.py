# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal by id: which ids are taken, and in which order what they name goes."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Waiting
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._converge import converge
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.decommission import TYPES, Removals
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Observed, Resource
from ansible_collections.privatelink.azure.plugins.modules import decommission
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    VAULT,
    ZONE,
    RecordingArm,
    observe,
    plan_of,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import Time

ROOT = pathlib.Path(__file__).resolve().parents[5]
LOCK = "providers/Microsoft.Authorization/locks/keep"
ROLE = "providers/Microsoft.Authorization/roleAssignments/a0000000-0000-4000-8000-000000000009"
RECORD = f"{ZONE}/A/payments-vault"
LINK = f"{ZONE}/virtualNetworkLinks/net"
CONNECTION = f"{VAULT}/privateEndpointConnections/payments-endpoint"
ZONE_GROUP = f"{ENDPOINT}/privateDnsZoneGroups/default"
# One id of every type, each after what has to go before it.
EVERY = (
    f"{GROUP}/{LOCK}",
    f"{VAULT}/{LOCK}",
    f"{VAULT}/{ROLE}",
    f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit",
    RECORD,
    ZONE_GROUP,
    ENDPOINT,
    CONNECTION,
    LINK,
    ZONE,
    SUBNET,
    NETWORK,
    VAULT,
    GROUP,
)


def removals(**keywords: t.Any) -> Removals:
    """Return nothing to remove yet, where nothing exists."""
    return Removals(Live(t.cast(t.Any, RecordingArm())), **keywords)


def named(*ids: str) -> list[Resource]:
    """Return what is to go for ids."""
    gathered = removals()
    for each in ids:
        gathered.add(each)
    return gathered.resources()


def refusal(value: str) -> OptionError:
    """Return how an id is refused."""
    with pytest.raises(OptionError) as caught:
        removals().add(value)
    assert caught.value.option == "ids"
    return caught.value


# --- which ids ---


def test_every_type_has_an_example_here() -> None:
    assert {resource.id.type for resource in named(*EVERY)} == set(TYPES)


def test_role_and_documentation_name_the_same_types() -> None:
    (validate,) = (
        task
        for task in yaml.safe_load((ROOT / "roles/decommission/tasks/main.yml").read_text())
        if "privatelink.azure.validate_variables" in task
    )
    assert validate["privatelink.azure.validate_variables"]["types"]["decommission_ids"]["resource_types"] == list(TYPES)
    documented = yaml.safe_load(decommission.DOCUMENTATION)["options"]["ids"]["description"]
    assert [kind for kind in TYPES if f"C({kind})" not in " ".join(documented)] == []


@pytest.mark.parametrize(
    "value",
    [
        f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg",
        f"{GROUP}/providers/Microsoft.KeyVault/managedHSMs/hsm",
        f"{VAULT}/secrets/key",
        f"{ZONE}/CNAME/payments",
        f"{SUBNET}/more/parts",
    ],
)
def test_another_type_is_refused_with_the_types_there_are(value: str) -> None:
    reported = refusal(value).message
    assert "which is not supported here" in reported
    assert all(kind in reported for kind in TYPES)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "payments-vault",
        "https://payments-vault.vault.azure.net/",
        "/subscriptions/a0000000-0000-4000-8000-0000000000aa",
        f"{VAULT}/privateEndpointConnections",
        f"{GROUP}/providers/Microsoft.KeyVault",
        f"{VAULT}\n{VAULT}",
        f"{VAULT},{ENDPOINT}",
    ],
)
def test_what_is_not_the_id_of_a_resource_is_refused(value: str) -> None:
    refusal(value)


@pytest.mark.parametrize(
    "value",
    [
        VAULT.replace("payments-vault", "pay--ments"),
        VAULT.replace("payments-vault", "v" * 25),
        VAULT.replace("/payments/", "/payments./"),
        ENDPOINT.replace("payments-endpoint", "-endpoint"),
        SUBNET.replace("endpoints", "e" * 81),
        ZONE.replace("privatelink.vaultcore.azure.net", "azure"),
        f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/reader",
        VAULT.replace("/resourceGroups/payments", ""),
        f"{NETWORK}/providers/Microsoft.KeyVault/vaults/payments-vault",
    ],
)
def test_an_id_that_its_type_cannot_have_is_refused(value: str) -> None:
    """Azure would only say that there is no such thing, and the removal would seem done."""
    refusal(value)


@given(some.sampled_from(EVERY), some.sampled_from([str.upper, str.lower, str.swapcase]), some.sampled_from(["", "/", " "]))
def test_case_and_ends_of_an_id_do_not_count(value: str, spelled: t.Callable[[str], str], end: str) -> None:
    (resource,) = named(spelled(value) + end, value)
    assert str(resource.id).casefold() == value.casefold()
    assert resource.id.type in TYPES
    assert resource.is_removal


# --- in which order ---


class Order(RecordingArm):
    """Everything exists, and what goes is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Time().clock
        self.gone: list[str] = []

    @property
    def live(self) -> Order:
        """Return itself: nothing is remembered here."""
        return self


def record_order(monkeypatch: pytest.MonkeyPatch, resources: list[Resource]) -> list[str]:
    """Remove resources that are all there; return their ids in the order of removal."""
    gone: list[str] = []

    def read(resource: Resource, *_more: t.Any) -> Observed:
        return resource.found({"id": str(resource.id), "name": resource.id.name, "location": "westeurope", "properties": {}})

    def delete(resource: Resource, *_more: t.Any) -> Waiting[None]:
        yield from ()
        gone.append(str(resource.id))

    for kind in {type(resource) for resource in resources}:
        monkeypatch.setattr(kind, "read", read)
        monkeypatch.setattr(kind, "check", lambda *_arguments: None)
        monkeypatch.setattr(kind, "delete", delete)
    converge(resources, t.cast(t.Any, Order()), check=False)
    return gone


# What is in the first goes before the second, or uses it.
BEFORE = [
    *((f"{GROUP}/{LOCK}", other) for other in EVERY[2:]),
    *((f"{VAULT}/{LOCK}", other) for other in EVERY[2:]),
    *((one, VAULT) for one in (f"{VAULT}/{ROLE}", CONNECTION, ENDPOINT)),
    *((one, ZONE) for one in (RECORD, LINK, ZONE_GROUP, ENDPOINT)),
    *((one, GROUP) for one in EVERY[:-1]),
    (RECORD, ENDPOINT),
    (ZONE_GROUP, ENDPOINT),
    (ENDPOINT, SUBNET),
    (ENDPOINT, NETWORK),
    (SUBNET, NETWORK),
    (LINK, NETWORK),
]


@given(chosen=some.lists(some.sampled_from(EVERY), min_size=2, unique=True))
def test_the_order_of_the_list_does_not_matter(chosen: list[str]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        gone = record_order(monkeypatch, named(*chosen))
    assert sorted(gone) == sorted(chosen)
    for first, then in BEFORE:
        if first in gone and then in gone:
            assert gone.index(first) < gone.index(then), (first, then)


def test_what_has_nothing_to_do_with_each_other_does_not_wait() -> None:
    other = GROUP.replace("/payments", "/others")
    one, two = named(f"{other}/providers/Microsoft.Network/virtualNetworks/net/subnets/a", VAULT)
    assert not one.needs and not two.needs


# --- parts, and things named by what they connect ---


def test_a_whole_set_and_some_of_its_addresses() -> None:
    gathered = removals()
    gathered.add_addresses({"zone_id": ZONE, "name": "payments-vault", "ipv4_addresses": ["10.0.0.4"]})
    gathered.add_addresses({"id": RECORD.upper(), "ipv4_addresses": ["10.0.0.5"]})
    (record,) = gathered.resources()
    assert (record.desired, t.cast(t.Any, record).addresses, record.is_removal) == ({}, ["10.0.0.4", "10.0.0.5"], True)
    gathered.add(RECORD)
    (record,) = gathered.resources()
    assert record.desired is None
    gathered.add_addresses({"id": RECORD, "ipv4_addresses": ["10.0.0.5"]})
    (record,) = gathered.resources()
    assert record.desired is None


@pytest.mark.parametrize(
    ("add", "entry", "option"),
    [
        ("add_addresses", {"zone_id": ZONE, "name": "payments-vault"}, "records.ipv4_addresses"),
        ("add_addresses", {"zone_id": VAULT, "name": "payments-vault", "ipv4_addresses": ["10.0.0.4"]}, "records.zone_id"),
        ("add_addresses", {"zone_id": ZONE, "ipv4_addresses": ["10.0.0.4"]}, "records.name"),
        ("add_addresses", {"id": ZONE, "ipv4_addresses": ["10.0.0.4"]}, "records.id"),
        ("add_addresses", {"id": RECORD, "ipv4_addresses": ["10.0.0"]}, "records.ipv4_addresses"),
        ("add_addresses", {"id": RECORD, "endpoint_id": VAULT}, "records.endpoint_id"),
        ("add_link", {"zone_id": ZONE}, "links.virtual_network_id"),
        ("add_link", {"zone_id": ZONE, "virtual_network_id": SUBNET}, "links.virtual_network_id"),
        ("add_link", {"zone_id": NETWORK, "virtual_network_id": NETWORK}, "links.zone_id"),
        ("add_connection", {"vault_id": VAULT}, "connections.endpoint_id"),
        ("add_connection", {"vault_id": VAULT, "endpoint_id": ENDPOINT, "connection_name": "c"}, "connections.endpoint_id"),
        ("add_connection", {"vault_id": ENDPOINT, "endpoint_id": ENDPOINT}, "connections.vault_id"),
        ("add_connection", {"vault_id": VAULT, "endpoint_id": VAULT}, "connections.endpoint_id"),
        ("add_connection", {"vault_id": VAULT, "connection_name": "../x"}, "connections.connection_name"),
    ],
)
def test_entries_of_lists_are_checked(add: str, entry: dict[str, t.Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        getattr(removals(), add)(entry)
    assert caught.value.option == option


def test_a_zone_group_of_another_name_is_not_meant() -> None:
    """An endpoint has one, so other modules take it whatever its name; here it was not named."""
    other = {"id": f"{ENDPOINT}/privateDnsZoneGroups/other", "name": "other", "properties": {}}
    arm = RecordingArm(lists={"network.private_dns_zone_groups.list": [other]})
    gathered = Removals(Live(t.cast(t.Any, arm)))
    gathered.add(ZONE_GROUP)
    (group,) = gathered.resources()
    assert observe(group, arm).document is None


# --- what would go along, and what stays in the way ---


def problem(ids: list[str], arm: RecordingArm) -> str | None:
    """Return the code with which the removal is refused before the first write, if it is."""
    gathered = Removals(Live(t.cast(t.Any, arm)))
    for each in ids:
        gathered.add(each)
    arm.clock = Time().clock  # type: ignore[attr-defined]
    try:
        converge(gathered.resources(), gathered.world, check=False)
    except Problem as error:
        assert not arm.calls
        return error.code
    return None


def test_a_group_goes_only_when_all_in_it_goes() -> None:
    listed = [
        {"id": VAULT.upper(), "type": "Microsoft.KeyVault/vaults"},
        {"id": f"{LINK}", "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks"},
    ]
    group = {"id": GROUP, "name": "payments", "location": "westeurope"}
    lists = {"resource.resources.list_by_resource_group": listed}
    assert problem([GROUP], RecordingArm(group, lists=lists)) == "ResourceGroupNotEmpty"
    assert problem([GROUP, VAULT], RecordingArm(group, lists=lists)) == "ResourceGroupNotEmpty"
    assert problem([GROUP, VAULT, ZONE], RecordingArm(group, lists=lists)) is None


def test_a_zone_with_the_link_of_somebody_else_stays() -> None:
    zone = {"id": ZONE, "name": "privatelink.vaultcore.azure.net", "location": "global", "properties": {}}
    link = {"id": LINK, "name": "net", "properties": {"virtualNetwork": {"id": NETWORK}}}
    lists = {"privatedns.virtual_network_links.list": [link]}
    assert problem([ZONE], RecordingArm(zone, link, lists=lists)) == "ZoneIsLinked"
    assert problem([ZONE, GROUP], RecordingArm(zone, link, lists=lists)) == "ZoneIsLinked"
    assert problem([ZONE, LINK.upper()], RecordingArm(zone, link, lists=lists)) is None
    # a list that still shows what was removed a moment ago
    assert problem([ZONE], RecordingArm(zone, lists=lists)) is None


def test_a_network_with_an_endpoint_of_somebody_else_stays() -> None:
    endpoint: Document = {"id": ENDPOINT, "name": "payments-endpoint", "properties": {}}
    subnet: Document = {"id": SUBNET, "name": "endpoints", "properties": {"privateEndpoints": [{"id": ENDPOINT}]}}
    network: Document = {"id": NETWORK, "name": "net", "location": "westeurope", "properties": {"subnets": [subnet]}}
    assert problem([SUBNET], RecordingArm(subnet, endpoint)) == "SubnetInUse"
    assert problem([NETWORK], RecordingArm(network, subnet, endpoint)) == "SubnetInUse"
    assert problem([NETWORK, SUBNET], RecordingArm(network, subnet, endpoint)) == "SubnetInUse"
    assert problem([NETWORK, ENDPOINT], RecordingArm(network, subnet, endpoint)) is None
    assert problem([NETWORK], RecordingArm(network, subnet)) is None


def test_a_diff_names_what_goes_along() -> None:
    lists = {
        "privatedns.record_sets.list": [
            {"name": name, "type": f"Microsoft.Network/privateDnsZones/{kind}"} for name, kind in (("@", "SOA"), ("a", "A"))
        ]
    }
    arm = t.cast(t.Any, RecordingArm({"id": ZONE, "name": "z", "properties": {}}, lists=lists))
    zone, network = named(ZONE, NETWORK)
    assert plan_of(zone, observe(zone, arm)).before == {"id": ZONE, "recordSets": ["A a"]}
    document: Document = {"id": NETWORK, "properties": {"subnets": [{"name": "endpoints"}], "virtualNetworkPeerings": [{"name": "hub"}]}}
    assert plan_of(network, document).before == {"id": NETWORK, "subnets": ["endpoints"], "virtualNetworkPeerings": ["hub"]}
