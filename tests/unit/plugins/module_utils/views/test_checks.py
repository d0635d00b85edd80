# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A healthy vault has no finding, and each single fault has exactly one, named by the check that it is about."""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils._azure import kinds
from ansible_collections.privatelink.azure.plugins.module_utils._azure.snapshot import Snapshot
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import subscription_scope
from ansible_collections.privatelink.azure.plugins.module_utils._documents.limits import Limits
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.plugins.module_utils._views import check_catalogue
from ansible_collections.privatelink.azure.plugins.module_utils._views.checks import FUNCTIONS, Checked, Wanted, check_vaults
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate import estate_of
from ansible_collections.privatelink.azure.tests.unit.plugins import documents as made
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, NETWORK, SUBNET, VAULT, ZONE, parsed
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import (
    INTERFACE,
    LINK,
    LOCK,
    RECORD,
    SETTING,
    SUBSCRIPTION,
    Documents,
    another,
    fleet,
    healthy,
    linked_zone,
    second_endpoint,
)

Change = t.Callable[[Documents], object]


def check(world: Documents, wanted: Wanted | None = None) -> list[Checked]:
    """Check every vault of the subscription."""
    live, asked = t.cast(t.Any, world), wanted or Wanted()
    return check_vaults(live, estate_of(live, [subscription_scope(SUBSCRIPTION)], asked.zone_ids), asked)


def only(world: Documents, wanted: Wanted | None = None) -> Checked:
    (found,) = check(world, wanted)
    return found


def names(checked: Checked) -> list[str]:
    return list(checked.findings)


def drop(world: Documents, *ids: str) -> None:
    for each in ids:
        for known in [known for known in world.documents if known == each or known.startswith(f"{each}/")]:
            del world.documents[known]


def state(world: Documents, status: str, provisioning: str = "Succeeded", *, vault: bool = True, endpoint: bool = True) -> None:
    """Set the state of the connection on both sides, or one."""
    if vault:
        (connection,) = world[VAULT]["privateEndpointConnections"]
        connection["properties"]["privateLinkServiceConnectionState"]["status"] = status
        connection["properties"]["provisioningState"] = provisioning
    if endpoint:
        (connection,) = world[ENDPOINT]["privateLinkServiceConnections"]
        connection["properties"]["privateLinkServiceConnectionState"]["status"] = status


def addresses(world: Documents, *values: str) -> None:
    world[RECORD]["aRecords"] = [{"ipv4Address": value} for value in values]


def disconnect(world: Documents) -> None:
    """The owner removed the connection: the vault lists none any more."""
    world[VAULT]["privateEndpointConnections"] = []
    state(world, "Disconnected", vault=False)


def bare(world: Documents) -> None:
    world[VAULT]["privateEndpointConnections"] = []
    drop(world, ENDPOINT, INTERFACE, RECORD)


def left_over(world: Documents, status: str) -> None:
    connection = second_endpoint(world)
    connection["properties"]["privateLinkServiceConnectionState"]["status"] = status


def elsewhere(world: Documents) -> None:
    """The endpoint is in another network, which is linked too."""
    other = f"{NETWORK}-other"
    world[ENDPOINT]["subnet"] = {"id": f"{other}/subnets/endpoints"}
    world.add({**made.network(), "id": other, "name": "net-other"})
    world.add({**made.link(), "id": f"{LINK}-other"}, virtualNetwork={"id": other})


def moved_zone(world: Documents) -> None:
    """The network is linked to a second zone of the same name instead, which has no record."""
    drop(world, LINK)
    linked_zone(world, "privatelink.vaultcore.azure.net", group="other")


def misnamed_zone(world: Documents) -> None:
    drop(world, ZONE)
    linked_zone(world, "privatelink.vault.azure.net")


def counter(name: str, value: int) -> Change:
    return lambda world: world[ZONE].update({name: value})


def vault(**properties: t.Any) -> Change:
    return lambda world: world[VAULT].update(properties)


def acls(**properties: t.Any) -> Change:
    return lambda world: world[VAULT]["networkAcls"].update(properties)


def endpoint(**properties: t.Any) -> Change:
    return lambda world: world[ENDPOINT].update(properties)


def link(**properties: t.Any) -> Change:
    return lambda world: world[LINK].update(properties)


def many_connections(world: Documents) -> None:
    """As many more connections as a vault is nearly full with, each to an endpoint that works."""
    for number in range(60):
        connection = made.connection("Approved")
        connection["id"] += str(number)
        world[VAULT]["privateEndpointConnections"] = [*world[VAULT]["privateEndpointConnections"], connection]


def many_vaults(world: Documents) -> None:
    for number in range(359):
        other = another(world, "Microsoft.KeyVault/vaults", f"other-{number}", group="others")
        world[other]["privateEndpointConnections"] = [made.connection("Approved")]


CHANGES: list[tuple[str, str, Change]] = [
    ("no endpoint at all", "endpoint_exists", bare),
    ("the endpoint was deleted", "endpoint_exists", lambda world: drop(world, ENDPOINT)),
    ("the endpoint is still being made", "endpoint_provisioned", lambda world: state(world, "Approved", "Creating")),
    ("the endpoint failed", "endpoint_provisioned", endpoint(provisioningState="Failed")),
    ("the interface has no address", "endpoint_provisioned", lambda world: (drop(world, INTERFACE), endpoint(customDnsConfigs=[])(world))),
    ("pending", "connection_approved", lambda world: state(world, "Pending")),
    ("rejected", "connection_approved", lambda world: state(world, "Rejected")),
    ("rejected, and only the vault knows", "connection_approved", lambda world: state(world, "Rejected", endpoint=False)),
    ("disconnected, and only the endpoint knows", "connection_approved", lambda world: state(world, "Disconnected", vault=False)),
    ("removed by the owner", "connection_approved", disconnect),
    (
        "the endpoint leads to another vault",
        "connection_approved",
        lambda world: world[ENDPOINT]["privateLinkServiceConnections"][0]["properties"].update(privateLinkServiceId=f"{VAULT}-2"),
    ),
    ("a second request is pending", "connections_in_use", lambda world: left_over(world, "Pending")),
    ("a second connection is rejected", "connections_in_use", lambda world: left_over(world, "Rejected")),
    ("the endpoint is in another network", "endpoint_network", elsewhere),
    ("the endpoint is in another subnet", "endpoint_network", endpoint(subnet={"id": f"{NETWORK}/subnets/other"})),
    ("the zone is gone", "zone_exists", lambda world: drop(world, ZONE)),
    ("the zone has another name", "zone_exists", misnamed_zone),
    ("the zone is not linked", "zone_linked", lambda world: drop(world, LINK)),
    ("the zone is linked to another network", "zone_linked", link(virtualNetwork={"id": f"{NETWORK}-2"})),
    ("the link is not done", "zone_linked", link(virtualNetworkLinkState="InProgress")),
    ("the link failed", "zone_linked", link(provisioningState="Failed")),
    ("a second zone of the same name is linked instead", "zone_not_shadowed", moved_zone),
    ("a zone for the public suffix", "zone_not_shadowed", lambda world: linked_zone(world, "vault.azure.net")),
    ("a zone above the public suffix", "zone_not_shadowed", lambda world: linked_zone(world, "azure.net")),
    ("a zone for this vault alone", "zone_not_shadowed", lambda world: linked_zone(world, "payments-vault.vault.azure.net")),
    ("registration is on", "registration_off", link(registrationEnabled=True)),
    ("no record", "record_exists", lambda world: drop(world, RECORD)),
    ("a record without an address", "record_exists", addresses),
    ("another vault's record only", "record_exists", lambda world: world.documents.update({f"{RECORD}-2": renamed(world)})),
    ("another address", "record_address", lambda world: addresses(world, "10.1.0.9")),
    ("a second address of somebody else", "record_alone", lambda world: addresses(world, "10.1.0.4", "10.1.0.9")),
    ("a second endpoint that is in no record", "record_address", second_endpoint),
    ("DNS servers of the network's own", "forwarders", lambda world: world[NETWORK].update(dhcpOptions={"dnsServers": ["10.1.0.53"]})),
    ("public access", "public_network_access", vault(publicNetworkAccess="Enabled")),
    ("public access that the vault does not mention", "public_network_access", lambda world: world[VAULT].pop("publicNetworkAccess")),
    ("an unknown word for public access", "public_network_access", vault(publicNetworkAccess="Perhaps")),
    ("the firewall allows", "firewall", acls(defaultAction="Allow")),
    ("the vault has no firewall", "firewall", lambda world: world[VAULT].pop("networkAcls")),
    ("no soft delete", "soft_delete", vault(enableSoftDelete=False)),
    ("neither soft delete nor purge protection", "soft_delete", vault(enableSoftDelete=False, enablePurgeProtection=None)),
    ("no purge protection", "purge_protection", lambda world: world[VAULT].pop("enablePurgeProtection")),
    ("access policies", "azure_rbac", vault(enableRbacAuthorization=False)),
    ("neither RBAC nor access policies", "azure_rbac", vault(enableRbacAuthorization=None)),
    ("many connections", "vault_limit", many_connections),
    ("many records", "zone_limits", counter("numberOfRecordSets", 22500)),
    ("many links", "zone_limits", counter("numberOfVirtualNetworkLinks", 900)),
    ("no lock", "management_lock", lambda world: drop(world, LOCK)),
    ("no diagnostic setting", "diagnostic_setting", lambda world: drop(world, SETTING)),
    ("a diagnostic setting that is off", "diagnostic_setting", lambda world: world[SETTING]["logs"][0].update(enabled=False)),
]


def renamed(world: Documents) -> Document:
    """Take the vault's record away; return it under the name of another vault."""
    return {**world.documents.pop(RECORD), "id": f"{RECORD}-2", "name": "payments-vault-2"}


MEANT = Wanted(subnet_ids=(SUBNET,))


@pytest.mark.parametrize("by_group", [False, True], ids=["a_record", "zone_group"])
def test_a_healthy_vault_has_no_finding(by_group: bool) -> None:
    found = only(healthy(by_group=by_group), MEANT)
    assert not found.findings and found.private
    skipped = {name for name, answer in found.answers.items() if answer.status == "skipped"}
    assert skipped == {"probe"}
    assert list(found.answers) == list(check_catalogue.BY_ID) == list(FUNCTIONS)


def test_a_link_is_named_by_the_state_that_is_wrong() -> None:
    """A link that worked, and whose last write failed, is Completed and Failed."""
    world = healthy(by_group=True)
    link(provisioningState="Failed")(world)
    assert "is Failed, not Completed" in only(world, MEANT).findings["zone_linked"].message


@pytest.mark.parametrize("by_group", [False, True], ids=["a_record", "zone_group"])
@pytest.mark.parametrize(("expected", "change"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_each_fault_is_named_by_one_check(expected: str, change: Change, by_group: bool) -> None:
    world = healthy(by_group=by_group)
    change(world)
    found = only(world, MEANT)
    assert names(found) == [expected], {name: answer.message for name, answer in found.findings.items()}
    answer = found.findings[expected]
    assert answer.status == "failed" and any(name in answer.message for name in ("payments-vault", ZONE)) and answer.hint
    assert answer.message.endswith(".") and "\n" not in answer.message
    assert found.private == (check_catalogue.BY_ID[expected].severity == "warning")
    # what no task can choose: which of many connections or records is of no use, and who owns a record that two writers share
    chosen = expected in ("vault_limit", "zone_limits") or (
        by_group and expected == "record_address" and len(world[VAULT]["privateEndpointConnections"]) > 1
    )
    assert bool(answer.fix) != chosen and ("no task can" in answer.hint) == chosen, answer.hint
    for task in yaml.safe_load(answer.fix or "[]"):
        (module,) = [key for key in task if key not in ("name", "delegate_to", "register")]
        assert module.startswith("privatelink.azure.") and all(task[module].values()) or task[module].get("registration_enabled") is False
    for variable in re.findall(r"\{\{ (\w+) \}\}", answer.fix):
        assert variable in answer.hint


def test_there_are_enough_changes() -> None:
    assert len(CHANGES) >= 30 and {each[1] for each in CHANGES} == set(FUNCTIONS) - {"probe", "subscription_limit"}


def test_many_vaults_of_a_subscription_are_near_its_limit() -> None:
    world = healthy()
    many_vaults(world)
    found = next(each for each in check(world, Wanted(checks=("subscription_limit",))) if each.id == VAULT)
    assert not found.findings["subscription_limit"].fix and "no task can" in found.findings["subscription_limit"].hint
    assert names(found) == ["subscription_limit"] and "360 key vaults" in found.findings["subscription_limit"].message
    raised = Wanted(checks=("subscription_limit",), limits=Limits(vaults_per_subscription=1000))
    assert not any(each.findings for each in check(world, raised))


# --- what is no fault ---


def test_public_names_and_a_perimeter_are_no_fault() -> None:
    world = healthy()
    world[VAULT].update(publicNetworkAccess="SecuredByPerimeter", networkAcls={"defaultAction": "Allow", "bypass": "AzureServices"})
    found = only(world)
    assert not found.findings and found.answers["firewall"].status == "skipped"
    assert found.gates == {
        "public_network_access": "SecuredByPerimeter",
        "default_action": "Allow",
        "bypass": "AzureServices",
        "perimeter": True,
    }


def test_a_zone_with_the_vaults_own_address_is_no_shadow() -> None:
    world = healthy()
    zone = linked_zone(world, "vault.azure.net")
    world.add({**made.record_set("10.1.0.4"), "id": f"{zone}/A/payments-vault"})
    linked_zone(world, "other.example")
    linked_zone(world, "azure.net")  # which vault.azure.net is a longer name than
    linked_zone(world, "vaultcore.azure.net")  # as the vault's own zone is
    linked_zone(world, "ledger-vault.vault.azure.net")
    assert not only(world).findings


def test_two_endpoints_whose_addresses_are_both_in_the_record() -> None:
    world = healthy()
    second_endpoint(world)
    addresses(world, "10.1.0.4", "10.1.0.5")
    assert not only(world).findings


def fix_of(world: Documents) -> list[Document]:
    return yaml.safe_load(only(world).findings["record_address"].fix or "[]") or []


def test_a_fix_keeps_the_addresses_of_the_vaults_other_endpoints() -> None:
    world = healthy()
    second_endpoint(world)
    (task,) = fix_of(world)
    assert task["privatelink.azure.private_dns_a_record"]["ipv4_addresses"] == ["10.1.0.4", "10.1.0.5"]


def test_there_is_no_fix_for_a_record_that_a_group_and_another_writer_share() -> None:
    world = healthy(by_group=True)
    second_endpoint(world)
    assert fix_of(world) == []


def test_a_fix_tells_a_group_to_overwrite_a_wrong_address() -> None:
    world = healthy(by_group=True)
    addresses(world, "10.1.0.9")
    (task,) = fix_of(world)
    assert task["privatelink.azure.keyvault_private_endpoint"]["replace_records"] is True


@pytest.mark.parametrize("first", [True, False])
def test_a_fix_uses_the_zone_that_fits_of_several_with_the_record(first: bool) -> None:
    """Two zones have the record, and a spoke is linked to neither: only links to other networks of the vault may tell which is meant."""
    world = healthy()
    group = "a-first" if first else "z-last"  # zones are listed by their ids
    second = another(world, kinds.ZONE.type, "privatelink.vaultcore.azure.net", group=group)
    world.add({**made.record_set("10.1.0.4"), "id": f"{second}/A/payments-vault"})
    spoke = world.add({**made.network(), "id": f"{NETWORK}-spoke", "name": "net-spoke"})
    wanted = Wanted(virtual_network_ids=(spoke,))

    def linked() -> tuple[str, str]:
        answer = only(world, wanted).findings["zone_linked"]
        return yaml.safe_load(answer.fix)[0]["privatelink.azure.private_dns_zone_link"]["zone_id"], answer.hint

    assert linked()[0] == ZONE
    world.add(
        {**made.link(), "id": f"{second}/virtualNetworkLinks/else"}, virtualNetwork={"id": spoke}, virtualNetworkLinkState="InProgress"
    )
    assert linked()[0] == second
    drop(world, LINK, f"{second}/virtualNetworkLinks/else")
    zone, hint = linked()
    assert zone == "{{ zone_id_of_payments_vault }}" and "zone_id_of_payments_vault" in hint and ZONE in hint and second in hint


def test_a_lock_of_the_group_protects_the_vault() -> None:
    world = healthy()
    drop(world, LOCK)
    world.add({"id": f"{GROUP}/providers/Microsoft.Authorization/locks/all", "name": "all", "properties": {"level": "ReadOnly"}})
    assert not only(world).findings


# --- other networks, zones elsewhere, proofs ---


def test_networks_that_must_resolve_the_name_are_linked() -> None:
    world = healthy()
    spoke = world.add({**made.network(), "id": f"{NETWORK}-spoke", "name": "net-spoke"})
    found = only(world, Wanted(virtual_network_ids=(spoke, f"{NETWORK}-none")))
    answer = found.findings["zone_linked"]
    assert names(found) == ["zone_linked"] and "'net-spoke' is not linked" in answer.message and "-none' was not found" in answer.message
    (task,) = yaml.safe_load(answer.fix)
    assert task["privatelink.azure.private_dns_zone_link"] == {"zone_id": ZONE, "virtual_network_id": spoke}


def test_a_zone_of_another_subscription_is_passed() -> None:
    world = healthy()
    hub = ZONE.replace("00aa", "00bb").replace("/payments/", "/hub/")
    for known in [ZONE, LINK, RECORD]:
        document = world.documents.pop(known)
        world.add({**document, "id": known.replace(ZONE, hub)})
    assert names(only(world)) == ["zone_exists"]
    assert not only(world, Wanted(zone_ids=(parsed(hub),))).findings


def proof(host: str = "payments-vault.vault.azure.net", address: str = "10.1.0.4", **more: t.Any) -> Document:
    return {"proven": True, "id": f"https://{host}", "ip_addresses": [address], "msg": "Reached.", **more}


def test_a_probe_proves_what_the_control_plane_cannot() -> None:
    world = healthy()
    world[NETWORK]["dhcpOptions"] = {"dnsServers": ["10.1.0.53"]}
    found = only(world, Wanted(proofs=({"results": [proof(), proof("other.vault.azure.net")]},)))
    assert not found.findings and found.answers["probe"].status == "passed"
    drop(world, ZONE)
    assert not only(world, Wanted(proofs=(proof(),))).findings


def own_servers(world: Documents, *others: str) -> list[str]:
    """Give the network DNS servers of its own, and others of such a kind beside it, which are linked; return the ids of all."""
    for name in others:
        network = world.add({**made.network(), "id": f"{NETWORK}-{name}", "name": f"net-{name}"})
        world.add({**made.link(), "id": f"{LINK}-{name}"}, virtualNetwork={"id": network})
    every = [NETWORK, *(f"{NETWORK}-{name}" for name in others)]
    for network in every:
        world[network]["dhcpOptions"] = {"dnsServers": ["10.1.0.53"]}
    return every


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ([""], {"net", "net-spoke"}),  # it may have been asked in either
        (["net"], {"net-spoke"}),
        (["net-spoke"], {"net"}),
        (["net-else"], {"net", "net-spoke"}),
        (["net", ""], set()),  # only one is left that it can be about
        (["net", "net-spoke"], set()),
        (["NET", "net-spoke"], set()),
    ],
)
def test_a_proof_speaks_for_the_network_that_it_names(named: list[str], left: set[str]) -> None:
    world = healthy()
    _own, spoke = own_servers(world, "spoke")
    place = NETWORK.removesuffix("net")
    proofs = tuple(proof(virtual_network_id=f"{place}{each}") if each else proof() for each in named)
    found = only(world, Wanted(virtual_network_ids=(spoke,), proofs=proofs))
    assert found.answers["probe"].status == "passed" and set(found.findings) == ({"forwarders"} if left else set())
    if left:
        tasks = yaml.safe_load(found.findings["forwarders"].fix)
        networks = [task["privatelink.azure.keyvault_probe_info"]["virtual_network_id"].rpartition("/")[2] for task in tasks]
        assert set(networks) == left and len({task["register"] for task in tasks}) == len({task["delegate_to"] for task in tasks}) == len(
            left
        )
        assert all(f"'{each}'" in found.findings["forwarders"].message for each in left)


def test_a_proof_of_one_network_does_not_stand_for_zones_that_may_not_be_listed() -> None:
    world = healthy()
    world.errors[kinds.ZONE] = refused()
    spoke = world.add({**made.network(), "id": f"{NETWORK}-spoke", "name": "net-spoke"})
    world.add({**made.link(), "id": f"{LINK}-spoke"}, virtualNetwork={"id": spoke})
    for named, status in (({"virtual_network_id": NETWORK}, "unknown"), ({}, "unknown")):
        wanted = Wanted(zone_ids=(parsed(ZONE),), virtual_network_ids=(spoke,), proofs=(proof(**named),))
        assert only(world, wanted).answers["zone_not_shadowed"].status == status
    both = tuple(proof(virtual_network_id=each) for each in (NETWORK, spoke))
    assert not only(world, Wanted(zone_ids=(parsed(ZONE),), virtual_network_ids=(spoke,), proofs=both)).findings


def test_a_zone_whose_records_may_not_be_read_could_hide_the_vault() -> None:
    world = healthy()
    linked_zone(world, "vault.azure.net")
    world.errors[kinds.RECORD] = refused()
    found = only(world)
    answer = found.findings["zone_not_shadowed"]
    assert (
        names(found) == ["zone_not_shadowed"] and answer.status == "unknown" and not answer.fix and "AuthorizationFailed" in answer.message
    )
    assert not only(world, Wanted(proofs=(proof(),))).findings


def test_a_probe_proves_what_may_not_be_read() -> None:
    world = healthy()
    world.errors[kinds.A_RECORD] = refused()
    assert names(only(world)) == ["zone_exists"]
    assert not only(world, Wanted(proofs=(proof(),))).findings


def test_a_probe_that_failed_is_a_finding() -> None:
    for wrong in (proof(proven=False, msg="ZoneNotSeen."), proof(address="20.0.0.1"), {"unreachable": True, "msg": "No route."}):
        found = only(healthy(), Wanted(proofs=(wrong,)))
        assert names(found) == ["probe"] and "{{ probe_host }}" in found.findings["probe"].fix
    others = only(healthy(), Wanted(proofs=(proof("other.vault.azure.net"),)))
    assert not others.findings and others.answers["probe"].status == "skipped"


# --- what cannot be read ---


def refused() -> ArmError:
    return ArmError("No.", code="AuthorizationFailed", status=403)


@pytest.mark.parametrize(
    ("kind", "unknown"),
    [
        (kinds.ENDPOINT, ["endpoint_provisioned"]),
        (kinds.NETWORK, ["forwarders"]),
        (kinds.A_RECORD, ["zone_exists"]),
        (kinds.ZONE_LINK, ["zone_exists"]),
        (kinds.ZONE, ["zone_exists"]),
        (kinds.LOCK, ["management_lock"]),
        (kinds.DIAGNOSTIC_SETTING, ["diagnostic_setting"]),
    ],
    ids=lambda value: getattr(value, "title", None),
)
def test_what_may_not_be_read_is_unknown(kind: kinds.Kind, unknown: list[str]) -> None:
    world = healthy()
    world.errors[kind] = refused()
    found = only(world)
    assert {name: answer.status for name, answer in found.findings.items()} == dict.fromkeys(unknown, "unknown")
    assert found.private == (check_catalogue.BY_ID[unknown[0]].severity == "warning")


def test_zones_that_may_not_be_listed_could_hide_the_record() -> None:
    world = healthy()
    world.errors[kinds.ZONE] = refused()
    found = only(world, Wanted(zone_ids=(parsed(ZONE),)))
    assert {name: answer.status for name, answer in found.findings.items()} == {"zone_not_shadowed": "unknown"} and not found.private
    assert SUBSCRIPTION in found.findings["zone_not_shadowed"].message
    assert found.answers["zone_limits"].status == "skipped" and ZONE in found.answers["zone_limits"].message


def test_checks_that_are_left_out_count_for_private() -> None:
    world = healthy()
    bare(world)
    for wanted in (Wanted(checks=("zone_linked",)), Wanted(skip_checks=("endpoint_exists",))):
        found = only(world, wanted)
        assert not found.private and not found.findings and "endpoint_exists" not in found.answers
    assert only(healthy(), Wanted(checks=("zone_linked",))).private


def test_without_an_endpoint_nothing_else_is_asked_of_it() -> None:
    world = healthy()
    bare(world)
    found = only(world, MEANT)
    skipped = [name for name, answer in found.answers.items() if answer.status == "skipped"]
    assert {"connection_approved", "zone_exists", "record_exists", "forwarders"} <= set(skipped)
    (task,) = yaml.safe_load(found.findings["endpoint_exists"].fix)
    assert task["privatelink.azure.keyvault_private_endpoint"]["subnet_id"] == SUBNET


def test_a_new_endpoint_is_made_in_the_subscription_of_its_subnet() -> None:
    world = healthy()
    bare(world)
    elsewhere = SUBNET.replace(SUBSCRIPTION, "b0000000-0000-4000-8000-0000000000bb")
    (task,) = yaml.safe_load(only(world, Wanted(subnet_ids=(elsewhere,))).findings["endpoint_exists"].fix)
    assert task["privatelink.azure.keyvault_private_endpoint"]["id"].startswith("/subscriptions/b0000000-0000-4000-8000-0000000000bb/")


def test_only_what_is_asked_for_is_answered() -> None:
    world = healthy()
    moved_zone(world)
    assert list(only(world, Wanted(checks=("firewall", "zone_not_shadowed"))).answers) == ["zone_not_shadowed", "firewall"]
    assert "zone_not_shadowed" not in only(world, Wanted(skip_checks=("zone_not_shadowed",))).answers
    assert (kinds.LOCK.type, f"/subscriptions/{SUBSCRIPTION}") not in world.requested[: len(world.requested) // 2]


def test_four_hundred_vaults_cost_a_few_lists() -> None:
    world = fleet(400)
    live = t.cast(t.Any, Snapshot(t.cast(t.Any, world)))
    found = check_vaults(live, estate_of(live, [subscription_scope(SUBSCRIPTION)]), Wanted(skip_checks=("subscription_limit",)))
    assert len(found) == 400 and not [each.name for each in found if each.findings]
    assert {each.answers["diagnostic_setting"].status for each in found} == {"skipped"}
    assert len(world.requested) <= 12, world.requested


def test_diagnostic_settings_of_many_vaults_are_read_where_they_are_asked_for() -> None:
    asked = Wanted(checks=("diagnostic_setting",))
    assert {each.answers["diagnostic_setting"].status for each in check(fleet(11), asked)} == {"passed"}
    assert {each.answers["diagnostic_setting"].status for each in check(fleet(10))} == {"passed"}
