# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent for a plan: operations, bodies, conditions; recovery and purge of vaults, recreation of endpoints."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.limits import Limits
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ANSWER_LOST, ArmError, OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.endpoint_connection_approval import PrivateEndpointConnection
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_a_record import PrivateDnsARecordSet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Plan, Resource
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_provider import ResourceProvider
from ansible_collections.privatelink.azure.plugins.module_utils._resources.subnet import Subnet
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    NETWORK,
    SUBNET,
    TENANT,
    VAULT,
    ZONE,
    RecordingArm,
    connection,
    done,
    endpoint,
    interface,
    network,
    parsed,
    plan_of,
    record_set,
    subnet,
    vault,
    zone_group,
)

DELETED = "keyvault.vaults.get_deleted"


def applied(resource: Resource, arm: RecordingArm, rehearsal: bool = False) -> Plan:
    """Read, plan, check and write, once."""
    world = Live(t.cast(t.Any, arm))
    observed = resource.read(world, {})
    plan = resource.plan(observed, {})
    resource.check(world, observed, plan, rehearsal)
    if plan.action in ("delete", "replace"):
        done(resource.delete(world, observed, plan))
    if plan.action not in ("delete", "none"):
        done(resource.write(world, observed, plan))
    return plan


def test_a_network_write_names_its_state_in_the_body() -> None:
    arm = RecordingArm(subnet())
    applied(Subnet(parsed(SUBNET), {"properties": {"privateEndpointNetworkPolicies": "Enabled"}}), arm)
    ((operation, args, headers),) = arm.calls
    assert (operation, args[:3], headers) == ("network.subnets.begin_create_or_update", ("payments", "net", "endpoints"), {})
    assert args[3]["etag"] == 'W/"1"'


def test_a_new_one_names_none() -> None:
    arm = RecordingArm()
    applied(Subnet(parsed(SUBNET), {"properties": {"addressPrefixes": ["10.1.0.0/24"]}}), arm)
    assert "etag" not in arm.calls[0][1][3]


def test_a_dns_write_names_its_state_in_a_header() -> None:
    for current, header in (([record_set("10.1.0.9")], {"If-Match": "c65f9574-0000-4000-8000-000000000001"}), ([], {"If-None-Match": "*"})):
        arm = RecordingArm(*current)
        applied(PrivateDnsARecordSet(parsed(f"{ZONE}/A/payments-vault"), {}, addresses=["10.1.0.4"]), arm)
        ((operation, args, headers),) = arm.calls
        assert (operation, args[:4]) == (
            "privatedns.record_sets.create_or_update",
            ("payments", "privatelink.vaultcore.azure.net", "A", "payments-vault"),
        )
        assert headers == header
        assert "etag" not in args[4]


def test_a_full_zone_is_told_before_the_write() -> None:
    counters = {"numberOfRecordSets": 25000, "maxNumberOfRecordSets": 25000}
    arm = RecordingArm({"id": ZONE, "name": "z", "properties": counters})
    with pytest.raises(Problem, match="25000 record sets"):
        applied(PrivateDnsARecordSet(parsed(f"{ZONE}/A/payments-vault"), {}, addresses=["10.1.0.4"]), arm)
    assert arm.calls == []


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_decision_is_put_on_the_connection(status: str) -> None:
    arm = RecordingArm(vault(privateEndpointConnections=[connection()]))
    desired = {"properties": {"privateLinkServiceConnectionState": {"status": status}}}
    applied(PrivateEndpointConnection(parsed(VAULT), desired, endpoint_id=ENDPOINT, name=None), arm)
    ((operation, args, _headers),) = arm.calls
    assert (operation, args[:3]) == ("keyvault.private_endpoint_connections.put", ("payments", "payments-vault", "payments-endpoint"))
    assert args[3]["properties"]["privateLinkServiceConnectionState"]["status"] == status


@pytest.mark.parametrize(("registered", "verb"), [(True, "register"), (False, "unregister")])
def test_a_provider_is_registered_by_name(registered: bool, verb: str) -> None:
    resource = ResourceProvider("s", "Microsoft.KeyVault", registered)
    plan = plan_of(resource, {"registrationState": "NotRegistered" if registered else "Registered"})
    arm = RecordingArm()
    write: t.Any = resource.write if registered else resource.delete
    done(write(Live(t.cast(t.Any, arm)), resource.found(None), plan))
    assert arm.calls == [(f"resource.providers.{verb}", ("Microsoft.KeyVault",), {})]


# --- vaults that were deleted ---


class Bin(RecordingArm):
    """A recording ARM with a deleted vault, which is read by name and region; once recovered, the vault exists again."""

    deleted: t.ClassVar[Document] = {"id": "/subscriptions/s/deleted", "properties": {"vaultId": VAULT, "location": "westeurope"}}

    def find(self, subscription: str, operation: str, *args: str, doing: str) -> Document | None:
        """Return the deleted vault, or the recovered one."""
        if operation == DELETED and operation not in self._errors:
            assert args == ("payments-vault", "westeurope")
            return self.deleted
        if operation == "keyvault.vaults.get" and any(
            call[1][2]["properties"].get("createMode") for call in self.calls if len(call[1]) > 2
        ):
            return vault(enableRbacAuthorization=True)
        return super().find(subscription, operation, *args, doing=doing)


def resource_with(**keywords: t.Any) -> KeyVault:
    """Return a vault that shall be there."""
    return KeyVault(parsed(VAULT), {"location": "West Europe", "properties": {}}, tenant=TENANT, **keywords)


def test_a_recovered_vault_gets_what_is_asked_for_beside() -> None:
    arm = Bin()
    resource = KeyVault(
        parsed(VAULT), {"location": "westeurope", "properties": {"enabledForDeployment": True}}, tenant=TENANT, recover=True
    )
    applied(resource, arm)
    first, second = (call[1][2] for call in arm.calls)
    assert first == {
        "location": "westeurope",
        "properties": {"createMode": "recover", "tenantId": TENANT, "sku": {"family": "A", "name": "standard"}},
    }
    assert second["properties"]["enabledForDeployment"] is True
    assert second["properties"]["publicNetworkAccess"] == "Enabled"  # what the vault had stays


@pytest.mark.parametrize(
    ("status", "code", "carried_out"), [(None, ANSWER_LOST, True), (503, "x", True), (503, "x", False), (409, "Conflict", True)]
)
def test_a_recovery_whose_answer_was_lost_is_not_sent_again(status: int | None, code: str, carried_out: bool) -> None:
    """Sent to the vault that is back it would take away the firewall; whether it is back is looked up."""

    class Lossy(Bin):
        """Recovers, or not, and answers an error."""

        def call(self, *args: t.Any, **keywords: t.Any) -> Document | None:
            """Remember what is carried out, and fail the first time."""
            first = not self.calls
            assert keywords["once"] is first
            if carried_out:
                super().call(*args, **keywords)
            if first:
                raise ArmError("It broke.", code=code, status=status, details=(code,))
            return None

    arm = Lossy()
    resource = KeyVault(parsed(VAULT), {"location": "westeurope", "properties": {}}, tenant=TENANT, recover=True)
    if carried_out and code != "Conflict":
        applied(resource, arm)
        assert len(arm.calls) == 1
    else:
        with pytest.raises(ArmError):
            applied(resource, arm)


def test_a_recovered_vault_that_is_as_asked_for_is_left_so() -> None:
    arm = Bin()
    applied(resource_with(recover=True), arm)
    assert len(arm.calls) == 1


def test_a_new_vault_is_one_write() -> None:
    arm = RecordingArm()
    applied(resource_with(recover=True), arm)
    ((operation, args, _headers),) = arm.calls
    assert operation == "keyvault.vaults.begin_create_or_update"
    assert "createMode" not in args[2]["properties"]


PURGED = "keyvault.vaults.begin_purge_deleted"


def test_a_vault_is_purged_only_when_told_to() -> None:
    arm = RecordingArm(vault())
    applied(KeyVault(parsed(VAULT), None), arm)
    assert [call[0] for call in arm.calls] == ["keyvault.vaults.delete"]
    arm = RecordingArm(vault())
    applied(KeyVault(parsed(VAULT), None, purge=True), arm)
    assert [(call[0], call[1]) for call in arm.calls] == [
        ("keyvault.vaults.delete", ("payments", "payments-vault")),
        (PURGED, ("payments-vault", "westeurope")),
    ]


def test_a_vault_that_was_deleted_already_is_purged_where_it_was() -> None:
    arm = Bin()
    applied(KeyVault(parsed(VAULT), None, purge=True, region="westeurope"), arm)
    assert [call[0] for call in arm.calls] == [PURGED]
    assert applied(KeyVault(parsed(VAULT), None), Bin()).action == "none"


def test_a_deleted_vault_is_found_without_its_region() -> None:
    """By its own id in the list of the subscription; where that may not be read, location is requested."""
    listing = "keyvault.vaults.list_deleted"
    other = {"id": "y", "properties": {"vaultId": VAULT.replace("payments/", "other/"), "location": "northeurope"}}
    arm = Bin(lists={listing: [other, Bin.deleted]})
    applied(KeyVault(parsed(VAULT), None, purge=True), arm)
    assert [call[:2] for call in arm.calls] == [(PURGED, ("payments-vault", "westeurope"))]
    assert applied(KeyVault(parsed(VAULT), None, purge=True), Bin(lists={listing: [other]})).action == "none"
    with pytest.raises(OptionError) as caught:
        applied(KeyVault(parsed(VAULT), None, purge=True), Bin(errors={listing: ArmError("no", status=403)}))
    assert caught.value.option == "location"


def test_a_deleted_vault_of_another_group_is_never_purged() -> None:
    elsewhere = parsed(VAULT.replace("payments/", "other/"))
    arm = Bin()
    assert applied(KeyVault(elsewhere, None, purge=True, region="westeurope"), arm).action == "none"
    assert not arm.calls


def test_a_protected_vault_is_not_purged() -> None:
    with pytest.raises(Problem) as caught:
        applied(KeyVault(parsed(VAULT), None, purge=True), RecordingArm(vault(enablePurgeProtection=True)))
    assert caught.value.code == "VaultPurgeProtected"
    assert applied(KeyVault(parsed(VAULT), None), RecordingArm(vault(enablePurgeProtection=True))).action == "delete"

    class Protected(Bin):
        """Holds a protected vault."""

        deleted: t.ClassVar[Document] = {
            "id": "x",
            "properties": {"vaultId": VAULT, "purgeProtectionEnabled": True, "scheduledPurgeDate": "2027-01-01"},
        }

    with pytest.raises(Problem, match="has purge protection") as caught:
        applied(KeyVault(parsed(VAULT), None, purge=True, region="westeurope"), Protected())
    assert "2027-01-01" in str(caught.value.hint)


# --- endpoints whose owner said no ---


def replaced(status: str, **keywords: t.Any) -> tuple[Plan, RecordingArm]:
    """Apply an endpoint that may be recreated."""
    target = {"privateLinkServiceId": VAULT, "groupIds": ["vault"], **keywords.pop("target", {})}
    desired = {"properties": {"subnet": {"id": SUBNET}, "connection": target}}
    arm = RecordingArm(endpoint(status=status, manual=bool(target.get("manual"))), interface(), network(), vault())
    return applied(PrivateEndpoint(parsed(ENDPOINT), desired, recreate=True, **keywords), arm), arm


@pytest.mark.parametrize("status", ["Rejected", "Disconnected"])
def test_a_refused_endpoint_is_recreated_with_its_name_and_address(status: str) -> None:
    plan, arm = replaced(status)
    assert (plan.action, plan.before["connectionState"], plan.after["connectionState"]) == ("replace", status, "Approved")
    assert plan.after["deletedAndCreatedAgain"] is True
    assert plan.before["properties"]["customDnsConfigs"]
    assert [call[0] for call in arm.calls] == [
        "network.private_endpoints.begin_delete",
        "network.private_endpoints.begin_create_or_update",
    ]
    body = arm.calls[1][1][2]
    assert "etag" not in body
    assert body["location"] == "westeurope"
    assert body["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.1.0.4"
    assert body["properties"]["privateLinkServiceConnections"] == [
        {"name": "payments-endpoint", "properties": {"privateLinkServiceId": VAULT, "groupIds": ["vault"]}}
    ]


def test_a_refused_request_is_made_again_with_its_message() -> None:
    plan, arm = replaced("Rejected", target={"manual": True, "requestMessage": "Please."})
    assert plan.after["connectionState"] == "Pending"
    (requested,) = arm.calls[1][1][2]["properties"]["manualPrivateLinkServiceConnections"]
    assert requested["properties"]["requestMessage"] == "Please."


def test_an_endpoint_in_order_is_not_recreated() -> None:
    plan, arm = replaced("Approved")
    assert (plan.action, arm.calls) == ("none", [])


@pytest.mark.parametrize(
    ("zones", "sent"),
    [(None, [ZONE]), ([f"{ZONE}2"], [f"{ZONE}2"]), ([], None)],
)
def test_a_new_endpoint_gets_its_zone_group_back(zones: list[str] | None, sent: list[str] | None) -> None:
    desired: Document | None = {} if zones is None else {"properties": {"zoneIds": zones}} if zones else None
    group = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), desired)
    plan = group.renewal(group.found(zone_group(("mine", ZONE))), {})
    if sent is None:
        assert plan.action == "none"
        return
    assert plan.action == "create"
    assert [item["properties"]["privateDnsZoneId"] for item in plan.body["properties"]["privateDnsZoneConfigs"]] == sent
    assert (plan.body["properties"]["privateDnsZoneConfigs"][0]["name"] == "mine") == (zones is None)
    assert plan.keeps  # an attempt that failed is planned again with it


def test_a_new_endpoint_gets_all_of_its_zone_group_back() -> None:
    group = zone_group(("one", ZONE))
    group["properties"].update(newer={"a": 1}, provisioningState="Succeeded", zoneRecords=[])
    resource = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {})
    body = resource.renewal(resource.found(group), {}).body
    configs = [{"name": "one", "properties": {"privateDnsZoneId": ZONE}}]
    assert body == {"properties": {"newer": {"a": 1}, "privateDnsZoneConfigs": configs}}


@pytest.mark.parametrize(("state", "action"), [("Succeeded", "none"), ("Failed", "update"), ("Canceled", "update")])
def test_a_zone_group_that_nobody_asked_about_heals(state: str, action: str) -> None:
    group = zone_group(("one", ZONE))
    group["properties"]["provisioningState"] = state
    resource = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {})
    plan = plan_of(resource, group)
    assert plan.action == action
    if plan.changed:
        assert plan.body == {"properties": {"privateDnsZoneConfigs": [{"name": "one", "properties": {"privateDnsZoneId": ZONE}}]}}


def test_a_zone_group_that_nobody_asked_about_is_left_alone() -> None:
    group = PrivateDnsZoneGroup(parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {})
    assert plan_of(group, zone_group(("mine", ZONE))).action == "none"
    assert group.renewal(group.found(None), {}).action == "none"


# --- targets ---


def new(
    *documents: Document,
    errors: dict[str, Exception] | None = None,
    lists: dict[str, list[Document]] | None = None,
    rehearsal: bool = False,
) -> Plan:
    """Apply a new endpoint beside these documents."""
    desired = {
        "location": "westeurope",
        "properties": {"subnet": {"id": SUBNET}, "connection": {"privateLinkServiceId": VAULT, "groupIds": ["vault"]}},
    }
    resource = PrivateEndpoint(parsed(ENDPOINT), desired, limited=Limits(vaults_per_subscription=1))
    return applied(resource, RecordingArm(network(), *documents, errors=errors, lists=lists), rehearsal)


def test_a_target_that_is_missing_or_full() -> None:
    with pytest.raises(OptionError) as caught:
        new()
    assert caught.value.option == "properties.connection.privateLinkServiceId"
    assert new(rehearsal=True).action == "create"
    assert new(errors={"keyvault.vaults.get": ArmError("x", status=403)}).action == "create"
    with pytest.raises(ArmError):
        new(errors={"keyvault.vaults.get": ArmError("x", status=500)})
    with pytest.raises(Problem, match="64 private endpoint connections"):
        new(vault(privateEndpointConnections=[connection()] * 64))
    others = {"keyvault.vaults.list_by_subscription": [vault(privateEndpointConnections=[connection()])]}
    with pytest.raises(Problem, match="1 key vaults with private endpoints of 1"):
        new(vault(), lists=others)
    assert new(vault(privateEndpointConnections=[connection()]), lists=others).action == "create"


def test_the_network_of_a_subnet_is_its_parent() -> None:
    assert str(parsed(SUBNET).parent) == NETWORK
