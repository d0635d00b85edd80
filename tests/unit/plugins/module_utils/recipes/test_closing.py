# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vault with public access is closed only where its private path is proven, whatever is missing, wrong, unreadable or unknown."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import driven
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clouds import DEFAULT
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._module import Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.closing import OPTIONS, Refusal, closing
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Plan
from ansible_collections.privatelink.azure.plugins.module_utils._writing import wait_until_steady
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    VAULT,
    ZONE,
    ReadOnlyArm,
    connection,
    endpoint,
    interface,
    link,
    network,
    observe,
    plan_of,
    record_set,
    vault,
    zone_group,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import Time

HOST = "payments-vault.vault.azure.net"
PROVEN: Document = {
    "id": f"https://{HOST}/healthstatus",
    "proven": True,
    "msg": f"'{HOST}' leads to 10.1.0.4.",
    "ip_addresses": ["10.1.0.4"],
    "changed": False,
}
FAILED: Document = {
    **PROVEN,
    "proven": False,
    "code": "ZoneNotSeen",
    "msg": "The name leads to a public address.",
    "hint": "Link the zone.",
    "ip_addresses": ["20.1.1.1"],
}
GROUPS, LINKS = "network.private_dns_zone_groups.list", "privatedns.virtual_network_links.list"
OTHER_ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/second"
OTHER_ZONE = ZONE.replace("vaultcore", "vault")


@dataclasses.dataclass(frozen=True)
class World:
    """What Azure holds. None: there is none."""

    gates: Document = dataclasses.field(default_factory=dict)
    vault_side: str | None = "Approved"
    vault_provisioning: str = "Succeeded"
    endpoint_side: str | None = "Approved"
    endpoint_provisioning: str = "Succeeded"
    target: str = VAULT
    address: str | None = "10.1.0.4"
    group: str | None = ZONE
    record: tuple[str, ...] | None = ("10.1.0.4",)
    link: str | None = "Completed"
    servers: tuple[str, ...] | None = ()
    forbidden: frozenset[str] = frozenset()
    no_vault: bool = False
    time: Time = dataclasses.field(default_factory=Time)

    def arm(self) -> ReadOnlyArm:
        """Return it as an ARM that can be asked."""
        documents: list[Document] = []
        own = [connection(self.vault_side)] if self.vault_side else []
        for one in own:
            one["properties"]["provisioningState"] = self.vault_provisioning
        if not self.no_vault:
            documents.append(vault(privateEndpointConnections=own, **self.gates))
        if self.endpoint_side:
            made = endpoint(status=self.endpoint_side, provisioningState=self.endpoint_provisioning)
            made["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] = self.target
            nic = interface()
            nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] = self.address
            documents += [made, nic]
        if self.record is not None:
            documents.append(record_set(*self.record))
        if self.servers is not None:
            documents.append(network(dhcpOptions={"dnsServers": list(self.servers)}))
        if self.record is not None or self.link:
            documents.append({"id": ZONE, "name": ZONE.rpartition("/")[2], "properties": {}})
        lists = {
            GROUPS: [zone_group(("default", self.group))] if self.group and self.endpoint_side else [],
            LINKS: [link(virtualNetworkLinkState=self.link)] if self.link else [],
        }
        errors: dict[str, Exception] = {name: ArmError("no", status=403, code="AuthorizationFailed") for name in self.forbidden}
        arm = ReadOnlyArm(*documents, lists=lists, errors=errors)
        t.cast(t.Any, arm).clock = self.time.clock
        return arm


def plan(world: World, *, check: bool = False, **options: t.Any) -> Plan:
    """Return the plan of the module for a world."""
    given = {name: option.get("default") for name, option in OPTIONS.items()}
    context = Task({**given, "vault_id": VAULT, "endpoint_id": ENDPOINT, **options}, t.cast(t.Any, world.arm()), check)
    resource = closing(context)
    return plan_of(resource, observe(resource, context.arm))


def refused(world: World, **options: t.Any) -> list[str]:
    """Return the words of the reasons of a refusal."""
    with pytest.raises(Refusal) as caught:
        plan(world, **options)
    fields = caught.value.fields()
    assert fields["code"] == "PrivatePathNotProven" and fields["hint"] and "was not changed" in caught.value.message
    assert all(reason["message"] and reason["hint"] for reason in fields["reasons"])
    return [reason["id"] for reason in fields["reasons"]]


# --- one thing is wrong ---

WRONG: dict[str, tuple[World, list[str]]] = {
    "no vault": (World(no_vault=True), ["vault"]),
    "no connection": (World(vault_side=None), ["connection"]),
    "pending": (World(vault_side="Pending", endpoint_side="Pending"), ["connection", "connection"]),
    "rejected on one side": (World(endpoint_side="Rejected"), ["connection"]),
    "failed on one side": (World(vault_provisioning="Failed"), ["connection"]),
    "being updated": (World(endpoint_provisioning="Updating"), ["connection"]),
    "no endpoint": (World(endpoint_side=None), ["endpoint"]),
    "endpoint of another vault": (World(target=VAULT.replace("payments-vault", "other-vault")), ["connection"]),
    "endpoint not readable": (World(forbidden=frozenset({"network.private_endpoints.get"})), ["endpoint"]),
    "interface not readable": (World(forbidden=frozenset({"network.network_interfaces.get"})), ["endpoint"]),
    "no address": (World(address=None), ["address"]),
    "no zone group": (World(group=None), ["zone_group"]),
    "zone group of another zone": (World(group=OTHER_ZONE), ["zone_name"]),
    "no record": (World(record=None), ["record"]),
    "record of another": (World(record=("10.1.0.99",)), ["record"]),
    "record of another beside ours": (World(record=("10.1.0.4", "10.1.0.99")), ["foreign_addresses"]),
    "no link": (World(link=None), ["link"]),
    "link under way": (World(link="InProgress"), ["link"]),
    "no network": (World(servers=None), ["network"]),
    "own DNS servers": (World(servers=("10.1.200.4",)), ["dns_servers"]),
    "own DNS servers beside Azure's": (World(servers=("168.63.129.16", "10.1.200.4")), ["dns_servers"]),
    "network not readable": (World(forbidden=frozenset({"network.virtual_networks.get"})), ["dns_servers"]),
    "zone not readable": (World(forbidden=frozenset({"privatedns.record_sets.get"})), ["zone"]),
    "links not readable": (World(forbidden=frozenset({LINKS})), ["zone"]),
    "zone group not readable": (World(forbidden=frozenset({GROUPS})), ["zone_group", "zone"]),
}
UNKNOWN = {"own DNS servers", "own DNS servers beside Azure's", "network not readable", "zone not readable", "links not readable"}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_is_wrong_refuses(name: str) -> None:
    world, reasons = WRONG[name]
    assert set(refused(world)) <= set(reasons) and refused(world)


@pytest.mark.parametrize("name", WRONG)
def test_only_what_cannot_be_known_is_accepted_or_probed(name: str) -> None:
    world, _reasons = WRONG[name]
    for options in ({"accept_unproven_dns": True}, {"proof": PROVEN}):
        if name in UNKNOWN:
            assert plan(world, **options).action == "update"
        elif name != "zone group not readable":
            assert refused(world, **options)


def test_a_proven_path_closes_both_gates_in_one_write() -> None:
    found = plan(World())
    assert found.after == {"properties": {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny"}}}
    assert (
        plan(World(), dns="a_record", zone_id=ZONE).action
        == plan(World(), dns="policy").action
        == plan(World(), endpoint_id=None).action
        == "update"
    )
    assert plan(World(servers=("168.63.129.16",))).action == "update"


def test_names_that_azure_does_not_show_need_a_proof_or_a_word() -> None:
    for options in ({"dns": "none"}, {"virtual_network_ids": []}):
        assert refused(World(), **options) == [{"dns": "dns"}.get(next(iter(options)), "networks")]
        assert plan(World(), **options, proof=PROVEN).action == plan(World(), **options, accept_unproven_dns=True).action == "update"
    assert refused(World(), virtual_network_ids=[NETWORK, f"{NETWORK}-hub"]) == ["network"]
    assert refused(World(vault_side=None), dns="none", accept_unproven_dns=True) == ["connection"]


@pytest.mark.parametrize("proof", [
    {},
    {"skipped": True, "changed": False},
    {**PROVEN, "skipped": True},
    {**PROVEN, "failed": True},
    {"unreachable": True, "msg": "Failed to connect"},
    {**PROVEN, "unreachable": True},
    FAILED,
    {**PROVEN, "proven": "yes"},
    {**PROVEN, "proven": None},
    {**PROVEN, "id": "https://other-vault.vault.azure.net/healthstatus"},
    {**PROVEN, "ip_addresses": ["10.1.0.99"]},
    {**PROVEN, "ip_addresses": None},
    {"results": []},
    {"results": [PROVEN, FAILED]},
    {"results": [PROVEN, {"skipped": True}]},
    {"results": "no"},
    {"msg": "not ours", "rc": 0},
])  # fmt: skip
def test_what_is_no_proof_refuses_even_where_all_that_was_read_is_right(proof: Document) -> None:
    assert refused(World(), proof=proof) == ["probe"]
    assert "probe" in refused(World(), proof=proof, accept_unproven_dns=True)
    assert plan(World(), proof={"results": [PROVEN, PROVEN]}).action == "update"
    assert plan(World(), proof=proof, check=True).action == "update"  # nobody probes in a rehearsal


# --- Azure is at work ---

PASSING = {
    "endpoint learns of its approval": World(endpoint_side="Pending"),
    "connection is updated": World(vault_provisioning="Updating"),
    "link is made": World(link="InProgress"),
}


class Changing:
    """A world that is another one after ten seconds."""

    def __init__(self, world: World, later: World | None) -> None:
        self._world = world
        self._shelves = world.arm(), (later or world).arm()
        self.clock = world.time.clock

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._shelves[self._world.time.now > 10], name)


def converged(world: World, later: World | None = None) -> Document:
    """Converge a world, whose endpoint and link are another's after a while; return the reasons of the refusal, by their time."""
    arm, given = world.arm(), {name: option.get("default") for name, option in OPTIONS.items()}
    resource = closing(Task({**given, "vault_id": VAULT, "endpoint_id": ENDPOINT}, t.cast(t.Any, arm), False))
    world_now = Changing(world, later)
    waiting = wait_until_steady(resource, observe(resource, world_now), Live(t.cast(t.Any, world_now)), {})
    observed = driven(waiting, world.time.clock)
    try:
        return {"changed": plan_of(resource, observed).changed}
    except Refusal as refusal:
        return {"changed": False, "reasons": refusal.fields()["reasons"], "seconds": world.time.now}


@pytest.mark.parametrize("name", PASSING)
def test_what_azure_is_at_work_on_is_waited_for_a_little(name: str) -> None:
    assert converged(PASSING[name], World())["changed"]
    given_up = converged(dataclasses.replace(PASSING[name], time=Time()))
    assert not given_up["changed"] and len(given_up["reasons"]) == 1 and 25 < given_up["seconds"] < 60


def test_what_azure_is_not_at_work_on_is_told_at_once() -> None:
    for world in (
        World(record=None),
        World(endpoint_side="Pending", record=None),
        World(vault_provisioning="Failed"),
        World(vault_side="Pending", endpoint_side="Pending"),
    ):
        found = converged(world)
        assert not found["changed"] and found["seconds"] == 0


# --- gates ---


def test_a_perimeter_is_never_replaced() -> None:
    for value in ("SecuredByPerimeter", "securedbyperimeter"):
        assert plan(World(gates={"publicNetworkAccess": value})).action == "none"
        assert plan(World(gates={"publicNetworkAccess": value}, record=None), proof={}).action == "none"


def test_a_closed_vault_needs_no_proof() -> None:
    closed = {"publicNetworkAccess": "disabled", "networkAcls": {"defaultAction": "deny", "bypass": "None"}}
    assert plan(World(gates=closed, record=None, vault_side=None)).action == "none"
    # the second gate counts for nothing while the first is closed, so closing it locks out nobody
    half = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}}
    assert plan(World(gates=half, record=None)).after == {"properties": {"networkAcls": {"defaultAction": "Deny"}}}


def test_a_firewall_that_denies_is_still_an_open_gate() -> None:
    denies = {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7/32"}]}}
    assert refused(World(gates=denies, link=None)) == ["link"]
    with pytest.raises(Refusal) as caught:
        plan(World(gates=denies, link=None))
    reported = caught.value.fields()
    assert reported["loses_access"] == {
        "public_clients": False,
        "ip_rules": ["203.0.113.7/32"],
        "virtual_network_rules": [],
        "trusted_services": False,
    }
    assert reported["before"] == {"public_network_access": "Enabled", "network_acls": {"default_action": "Deny"}}


# --- several endpoints ---


def test_addresses_of_other_approved_endpoints_are_not_foreign() -> None:
    world = World(record=("10.1.0.4", "10.1.0.5"))
    arm = world.arm()
    second = {**connection("Approved"), "id": f"{VAULT}/privateEndpointConnections/second"}
    second["properties"]["privateEndpoint"] = {"id": OTHER_ENDPOINT}
    other, nic = endpoint(), interface()
    other["id"], other["name"] = OTHER_ENDPOINT, "second"
    other["properties"]["networkInterfaces"] = [{"id": f"{nic['id']}-second"}]
    nic["id"], nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] = f"{nic['id']}-second", "10.1.0.5"
    for document in (vault(privateEndpointConnections=[connection("Approved"), second]), other, nic):
        arm._documents[document["id"].casefold()] = document
    given = {name: option.get("default") for name, option in OPTIONS.items()}
    for options in ({"endpoint_id": ENDPOINT}, {}):
        resource = closing(Task({**given, "vault_id": VAULT, "dns": "a_record", "zone_id": ZONE, **options}, t.cast(t.Any, arm), False))
        assert plan_of(resource, observe(resource, t.cast(t.Any, arm))).action == "update"
    second["properties"]["privateLinkServiceConnectionState"]["status"] = "Rejected"
    resource = closing(Task({**given, "vault_id": VAULT, "endpoint_id": ENDPOINT}, t.cast(t.Any, arm), False))
    with pytest.raises(Refusal, match="also contains 10.1.0.5"):
        plan_of(resource, observe(resource, t.cast(t.Any, arm)))


# --- rehearsals ---


@pytest.mark.parametrize("name", WRONG)
def test_a_rehearsal_refuses_only_what_no_task_can_mend(name: str) -> None:
    world, _reasons = WRONG[name]
    fixed = UNKNOWN | {"endpoint of another vault", "endpoint not readable", "interface not readable", "zone group not readable"}
    if name in fixed:
        assert refused(world, check=True)
    else:
        assert plan(world, check=True).action == ("none" if world.no_vault else "update")


def test_options_that_cannot_be_right() -> None:
    for options, option in (
        ({"dns": "a_record"}, "zone_id"),
        ({"zone_id": OTHER_ZONE}, "zone_id"),
        ({"endpoint_id": VAULT}, "endpoint_id"),
    ):
        with pytest.raises(OptionError) as caught:
            plan(World(), **options)
        assert caught.value.option == option
    assert DEFAULT.vault_zone == ZONE.rpartition("/")[2]


# --- whatever failed before ---


def works(world: World, zone: str | None) -> bool:
    """Tell, as a machine in the network would, whether the name leads to the private endpoint alone and someone answers there."""
    approved = all(
        side == ("Approved", "Succeeded")
        for side in ((world.vault_side, world.vault_provisioning), (world.endpoint_side, world.endpoint_provisioning))
    )
    if not approved or world.target != VAULT or zone != ZONE:
        return False
    resolved = (
        world.record
        if world.link == "Completed" and world.servers is not None and all(one == "168.63.129.16" for one in world.servers)
        else None
    )
    return bool(world.address) and resolved == (world.address,)


WORLDS = st.builds(
    World,
    vault_side=st.sampled_from(["Approved", "Approved", "Approved", "Pending", "Rejected", "Disconnected", None]),
    vault_provisioning=st.sampled_from(["Succeeded", "Succeeded", "Updating", "Failed"]),
    endpoint_side=st.sampled_from(["Approved", "Approved", "Approved", "Pending", "Rejected", None]),
    endpoint_provisioning=st.sampled_from(["Succeeded", "Succeeded", "Failed"]),
    target=st.sampled_from([VAULT, VAULT, VAULT, f"{VAULT}2"]),
    address=st.sampled_from(["10.1.0.4", "10.1.0.4", "10.1.0.4", None]),
    group=st.sampled_from([ZONE, ZONE, ZONE, OTHER_ZONE, None]),
    record=st.sampled_from([("10.1.0.4",), ("10.1.0.4",), ("10.1.0.4",), ("10.1.0.4", "10.1.0.99"), ("10.1.0.99",), (), None]),
    link=st.sampled_from(["Completed", "Completed", "Completed", "InProgress", None]),
    servers=st.sampled_from([(), (), ("168.63.129.16",), ("10.1.200.4",), None]),
    forbidden=st.frozensets(
        st.sampled_from(["network.private_endpoints.get", "network.network_interfaces.get", "privatedns.record_sets.get", LINKS, GROUPS]),
        max_size=1,
    )
    | st.just(frozenset()),
)
PROOFS = st.none() | st.sampled_from(
    [{}, FAILED, {"skipped": True}, {**PROVEN, "unreachable": True}, {**PROVEN, "ip_addresses": ["10.1.0.99"]}]
)
# How the names are said to be done; what stays of it in the world is another thing.
WAYS = st.sampled_from([("zone_group", ZONE), ("zone_group", None), ("a_record", ZONE), ("policy", None)])


@settings(max_examples=200)
@given(WORLDS, PROOFS, WAYS, st.sampled_from([None, [NETWORK], []]))
def test_without_a_proof_only_a_path_that_works_is_closed(
    world: World, proof: Document | None, way: tuple[t.Any, t.Any], networks: t.Any
) -> None:
    """
    Any subset of the steps may have failed or been skipped, and whatever was ignored: what was not read and right keeps the vault as it is.
    """
    dns, zone = way
    try:
        written = plan(world, dns=dns, zone_id=zone, proof=proof, virtual_network_ids=networks).changed
    except Refusal:
        written = False
    named = ZONE if dns == "a_record" else world.group
    readable = not world.forbidden & ({GROUPS, *world.forbidden} if dns != "a_record" else world.forbidden - {GROUPS})
    expected = works(world, named) and proof is None and networks != [] and readable
    assert written == expected
