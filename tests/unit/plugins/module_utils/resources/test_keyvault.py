# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for key vaults, from documents as Azure answers them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.firewall import ip_rules, network_rules
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    SUBNET,
    TENANT,
    VAULT,
    ReadOnlyArm,
    check_of,
    facts_of,
    parsed,
    plan_of,
    predicted_of,
    replan,
    settled_of,
    vault,
)

CLOSED = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
OPEN = {**CLOSED, "defaultAction": "Allow"}


def resource_with(
    location: str | None = "westeurope", tags: dict[str, str] | None = None, append_tags: bool = True, **properties: t.Any
) -> KeyVault:
    """Return a vault that shall have these properties."""
    return KeyVault(parsed(VAULT), {"location": location, "properties": properties}, tenant=TENANT, tags=tags, append_tags=append_tags)


def changed(resource: KeyVault, actual: Document) -> tuple[Document, Document]:
    """Return before and after of an update."""
    plan = plan_of(resource, actual)
    assert plan.action == "update"
    return plan.before, plan.after


def test_a_new_vault_is_born_closed() -> None:
    plan = plan_of(resource_with(enablePurgeProtection=True), None)
    assert plan.action == "create"
    assert plan.body == {
        "location": "westeurope",
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "enablePurgeProtection": True,
            "publicNetworkAccess": "Disabled",
            "networkAcls": CLOSED,
        },
    }


def test_a_new_vault_may_be_asked_to_be_open() -> None:
    properties = plan_of(
        resource_with(publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Allow"}, enableRbacAuthorization=False), None
    ).body["properties"]
    assert properties["publicNetworkAccess"] == "Enabled"
    assert properties["networkAcls"] == OPEN
    assert properties["enableRbacAuthorization"] is False


@pytest.mark.parametrize(
    "properties", [{}, {"networkAcls": {"defaultAction": "Allow"}}, {"networkAcls": {**OPEN}}, {"publicNetworkAccess": "Enabled"}]
)
def test_what_azure_leaves_out_is_already_so(properties: dict[str, t.Any]) -> None:
    assert plan_of(resource_with(**properties), vault()).action == "none"


@pytest.mark.parametrize(
    "properties",
    [
        {"enableRbacAuthorization": False},
        {"enablePurgeProtection": False},
        {"enabledForDiskEncryption": False, "enabledForTemplateDeployment": False},
        {"softDeleteRetentionInDays": 90},
        {"tenantId": TENANT.upper()},
        {"networkAcls": {"ipRules": [], "virtualNetworkRules": []}},
    ],
)
def test_defaults_that_are_absent_are_already_so(properties: dict[str, t.Any]) -> None:
    assert plan_of(resource_with(**properties), vault()).action == "none"


def test_a_vault_that_was_just_made_needs_nothing_more() -> None:
    resource = resource_with(enabledForDeployment=True)
    assert replan(resource, plan_of(resource, None).body, vaultUri="x").action == "none"


def test_a_vault_of_older_apis_has_neither_public_access_nor_rules() -> None:
    actual = vault()
    del actual["properties"]["publicNetworkAccess"]
    assert plan_of(resource_with(publicNetworkAccess="Enabled"), actual).action == "none"
    assert changed(resource_with(publicNetworkAccess="Disabled"), actual)[0] == {"properties": {"publicNetworkAccess": "Enabled"}}


def test_closing_a_vault_shows_only_what_changes() -> None:
    before, after = changed(resource_with(networkAcls={"defaultAction": "Deny"}), vault())
    assert before == {"properties": {"networkAcls": {"defaultAction": "Allow"}}}
    assert after == {"properties": {"networkAcls": {"defaultAction": "Deny"}}}


def test_every_write_carries_all_that_the_vault_has() -> None:
    policies = [{"tenantId": TENANT, "objectId": "o", "permissions": {"secrets": ["get"]}}]
    rules = {**CLOSED, "ipRules": [{"value": "203.0.113.0/24"}]}
    actual = vault(accessPolicies=policies, networkAcls=rules, privateEndpointConnections=[{"id": "x"}], hsmPoolResourceId="h")
    body = plan_of(resource_with(enabledForDeployment=True), {**actual, "tags": {"env": "test"}}).body
    assert body == {
        "location": "westeurope",
        "tags": {"env": "test"},
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": TENANT,
            "accessPolicies": policies,
            "enabledForDeployment": True,
            "enableSoftDelete": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": rules,
        },
    }


def test_no_write_carries_a_default_that_nobody_asked_for() -> None:
    properties = plan_of(resource_with(enabledForDeployment=True), vault()).body["properties"]
    assert set(properties) == {"sku", "tenantId", "accessPolicies", "enabledForDeployment", "enableSoftDelete", "publicNetworkAccess"}


def test_subnet_rules_come_back_in_lower_case() -> None:
    acls = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": SUBNET}]}
    current = {**CLOSED, "virtualNetworkRules": [{"id": SUBNET.lower(), "ignoreMissingVnetServiceEndpoint": False}]}
    assert plan_of(resource_with(networkAcls=acls), vault(networkAcls=current)).action == "none"
    assert plan_of(resource_with(networkAcls={"virtualNetworkRules": []}), vault(networkAcls=current)).action == "update"


def test_ip_rules_with_and_without_a_length_are_the_same() -> None:
    current = {**CLOSED, "ipRules": [{"value": "203.0.113.7"}, {"value": "198.51.100.0/24"}]}
    requested = {"ipRules": [{"value": "198.51.100.0/24"}, {"value": "203.0.113.7/32"}]}
    assert plan_of(resource_with(networkAcls=requested), vault(networkAcls=current)).action == "none"


def test_ip_rules_are_the_whole_list() -> None:
    current = {**CLOSED, "ipRules": [{"value": "203.0.113.7/32"}, {"value": "198.51.100.0/24"}]}
    before, after = changed(resource_with(networkAcls={"ipRules": [{"value": "198.51.100.0/24"}]}), vault(networkAcls=current))
    assert before == {"properties": {"networkAcls": {"ipRules": current["ipRules"]}}}
    assert after == {"properties": {"networkAcls": {"ipRules": [{"value": "198.51.100.0/24"}]}}}


def test_tags_join_or_replace() -> None:
    actual = {**vault(), "tags": {"Env": "test", "team": "payments"}}
    assert plan_of(resource_with(tags={"env": "test"}), actual).action == "none"
    assert plan_of(resource_with(tags={}), actual).action == "none"
    plan = plan_of(resource_with(tags={"ENV": "live", "new": "1"}), actual)
    assert (plan.before, plan.after) == ({"tags": {"Env": "test"}}, {"tags": {"Env": "live", "new": "1"}})
    assert plan.body["tags"] == {"Env": "live", "team": "payments", "new": "1"}
    plan = plan_of(resource_with(tags={"env": "test"}, append_tags=False), actual)
    assert plan.action == "update"
    assert plan.before == {"tags": {"team": "payments"}}
    assert plan.body["tags"] == {"Env": "test"}
    assert plan_of(resource_with(tags={}, append_tags=False), actual).body["tags"] == {}
    assert plan_of(resource_with(tags={}, append_tags=False), vault()).action == "none"


def test_check_mode_shows_the_tags_that_will_be() -> None:
    actual = {**vault(), "tags": {"env": "test", "team": "payments"}}
    resource = resource_with(tags={"env": "live"}, append_tags=False)
    assert predicted_of(resource, actual, plan_of(resource, actual))["tags"] == {"env": "live"}


@pytest.mark.parametrize(
    ("resource", "option"),
    [
        (resource_with("northeurope"), "location"),
        (resource_with(tenantId="b0000000-0000-4000-8000-000000000001"), "properties.tenantId"),
        (resource_with(softDeleteRetentionInDays=7), "properties.softDeleteRetentionInDays"),
    ],
)
def test_what_azure_cannot_change_is_named(resource: KeyVault, option: str) -> None:
    with pytest.raises(Problem) as caught:
        plan_of(resource, vault())
    assert caught.value.code == "CannotChangeInPlace"
    assert caught.value.resource_id == VAULT
    assert f"{option} is " in caught.value.message


def test_purge_protection_is_never_taken_away() -> None:
    with pytest.raises(Problem, match="has purge protection, which cannot be turned off"):
        plan_of(resource_with(enablePurgeProtection=False), vault(enablePurgeProtection=True))
    assert "enablePurgeProtection" not in plan_of(resource_with(enablePurgeProtection=False), None).body["properties"]


@pytest.mark.parametrize("region", ["West Europe", "WESTEUROPE", None])
def test_a_region_is_the_same_in_any_spelling(region: str | None) -> None:
    assert plan_of(resource_with(region), vault()).action == "none"


def test_a_new_vault_needs_a_region_and_a_tenant() -> None:
    with pytest.raises(OptionError) as caught:
        plan_of(resource_with(None), None)
    assert caught.value.option == "location"
    with pytest.raises(OptionError) as caught:
        plan_of(KeyVault(parsed(VAULT), {"location": "westeurope"}), None)
    assert caught.value.option == "properties.tenantId"


def test_a_failed_vault_is_written_anew() -> None:
    before, after = changed(resource_with(), vault(provisioningState="Failed"))
    assert (before, after) == ({"properties": {"provisioningState": "Failed"}}, {"properties": {"provisioningState": "Succeeded"}})
    assert not settled_of(resource_with(), vault(provisioningState="RegisteringDns"))


def test_a_vault_that_shall_go() -> None:
    gone = KeyVault(parsed(VAULT), None)
    assert plan_of(gone, None).action == "none"
    plan = plan_of(gone, vault())
    assert (plan.action, plan.after, plan.body) == ("delete", {}, {})
    assert (plan.before["id"], plan.before["deletion"], plan.before["location"]) == (VAULT, "soft", "westeurope")
    assert plan.before["properties"]["sku"] == {"family": "A", "name": "standard"} and "vaultUri" not in plan.before["properties"]
    assert plan_of(KeyVault(parsed(VAULT), None, purge=True), vault()).before["deletion"] == "purged for good"


# --- a deleted vault that holds the name ---

DELETED = (
    "/subscriptions/a0000000-0000-4000-8000-0000000000aa/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/payments-vault"
)


class Bin(ReadOnlyArm):
    """A read-only ARM that also knows deleted vaults, which are read by name and region."""

    def find(self, subscription: str, operation: str, *args: str, doing: str) -> Document | None:
        """Return the deleted vault."""
        if operation == "keyvault.vaults.get_deleted" and not self._errors:
            assert args == ("payments-vault", "westeurope")
            return {"id": DELETED}
        return super().find(subscription, operation, *args, doing=doing)


def test_a_deleted_vault_is_told_before_the_first_write() -> None:
    resource = resource_with("West Europe")
    with pytest.raises(Problem) as caught:
        check_of(resource, t.cast(t.Any, Bin()), None, plan_of(resource, None), False)
    assert caught.value.code == "VaultSoftDeleted"
    assert "recover: true" in str(caught.value.hint)


def test_a_deleted_vault_passes_where_it_shall_be_recovered() -> None:
    resource = KeyVault(parsed(VAULT), {"location": "westeurope"}, tenant=TENANT, recover=True)
    check_of(resource, t.cast(t.Any, Bin()), None, plan_of(resource, None), False)


def test_who_may_not_see_deleted_vaults_goes_on() -> None:
    refused = Bin(errors={"keyvault.vaults.get_deleted": ArmError("no", status=403, code="AuthorizationFailed")})
    resource = resource_with()
    check_of(resource, t.cast(t.Any, refused), None, plan_of(resource, None), False)
    broken = Bin(errors={"keyvault.vaults.get_deleted": ArmError("no", status=500)})
    with pytest.raises(ArmError):
        check_of(resource, t.cast(t.Any, broken), None, plan_of(resource, None), False)


def test_the_address_of_a_vault_is_known_before_it_exists() -> None:
    arm = t.cast(t.Any, ReadOnlyArm())
    assert facts_of(resource_with(), arm, {}, False)["vault_uri"] == "https://payments-vault.vault.azure.net/"
    assert facts_of(resource_with(), arm, vault(vaultUri="https://other/"), True)["vault_uri"] == "https://other/"


# --- what others stored ---


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.swapcase])
def test_words_of_azure_in_another_case_are_no_drift(spelling: t.Callable[[str], str]) -> None:
    acls = {**CLOSED, "defaultAction": spelling("Deny"), "bypass": spelling("AzureServices")}
    sku = {"family": spelling("A"), "name": spelling("standard")}
    actual = vault(publicNetworkAccess=spelling("Disabled"), networkAcls=acls, sku=sku)
    requested = {
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"},
        "sku": {"family": "A", "name": "standard"},
    }
    assert plan_of(resource_with(**requested), actual).action == "none"
    body = plan_of(resource_with(**requested, enabledForDeployment=True), actual).body["properties"]
    assert (body["publicNetworkAccess"], body["networkAcls"]["defaultAction"], body["sku"]) == (spelling("Disabled"), spelling("Deny"), sku)
    assert plan_of(resource_with(publicNetworkAccess="Enabled"), actual).body["properties"]["publicNetworkAccess"] == "Enabled"
    assert facts_of(resource_with(), t.cast(t.Any, ReadOnlyArm()), actual, True)["public_network_access"] == "Disabled"


def test_a_vault_of_before_soft_delete_is_never_told_again_that_it_has_none() -> None:
    old = vault(enableSoftDelete=False, enablePurgeProtection=False)
    properties = plan_of(resource_with(publicNetworkAccess="Disabled"), old).body["properties"]
    assert not {"enableSoftDelete", "enablePurgeProtection"} & properties.keys()
    protected = plan_of(resource_with(enablePurgeProtection=True), old)
    assert protected.after == {"properties": {"enablePurgeProtection": True, "enableSoftDelete": True}}
    assert (protected.body["properties"]["enableSoftDelete"], protected.body["properties"]["enablePurgeProtection"]) == (True, True)


def test_rules_that_stay_keep_place_and_spelling() -> None:
    current = {
        **CLOSED,
        "ipRules": [{"value": "203.0.113.7"}, {"value": "203.0.113.7/32"}, {"value": "198.51.100.0/24"}, {"value": "192.0.2.1/32"}],
    }
    requested = ip_rules(["198.51.100.0/24", "8.8.8.8", "203.0.113.7", "203.0.113.7/32"])
    body = plan_of(resource_with(networkAcls={"ipRules": requested}), vault(networkAcls=current)).body["properties"]["networkAcls"]
    assert [rule["value"] for rule in body["ipRules"]] == ["203.0.113.7", "198.51.100.0/24", "8.8.8.8/32"]
    same = ip_rules(["192.0.2.1", "198.51.100.0/24", "203.0.113.7/32"])
    assert plan_of(resource_with(networkAcls={"ipRules": same}), vault(networkAcls=current)).action == "none"
    untouched = plan_of(resource_with(networkAcls={"defaultAction": "Allow"}), vault(networkAcls=current)).body["properties"]["networkAcls"]
    assert untouched["ipRules"] == current["ipRules"]


def test_subnet_rules_that_stay_keep_place_and_spelling() -> None:
    current = {**CLOSED, "virtualNetworkRules": [{"id": SUBNET.lower()}, {"id": f"{SUBNET}-b".lower()}]}
    requested = network_rules([{"id": f"{SUBNET}-c"}, {"id": SUBNET}, {"id": SUBNET.upper()}])
    body = plan_of(resource_with(networkAcls={"virtualNetworkRules": requested}), vault(networkAcls=current)).body["properties"][
        "networkAcls"
    ]
    assert [rule["id"] for rule in body["virtualNetworkRules"]] == [SUBNET.lower(), f"{SUBNET}-c"]


# --- a network security perimeter ---


def test_a_perimeter_can_be_asked_for_and_is_shown() -> None:
    plan = plan_of(resource_with(publicNetworkAccess="SecuredByPerimeter"), vault(publicNetworkAccess="Disabled"))
    assert plan.after == {"properties": {"publicNetworkAccess": "SecuredByPerimeter"}}
    assert (
        plan_of(resource_with(publicNetworkAccess="SecuredByPerimeter"), vault(publicNetworkAccess="securedbyperimeter")).action == "none"
    )


@pytest.mark.parametrize("spelling", ["SecuredByPerimeter", "securedByPerimeter"])
def test_a_perimeter_is_never_weakened_unasked(spelling: str) -> None:
    current = vault(publicNetworkAccess=spelling)
    closing = resource_with(publicNetworkAccess="Disabled")
    plan = plan_of(closing, current)
    assert plan.action == "none"
    assert "leave_perimeter: true" in plan.remarks[0]
    with_more = plan_of(resource_with(publicNetworkAccess="Disabled", enabledForDeployment=True), current)
    assert with_more.body["properties"]["publicNetworkAccess"] == spelling
    with pytest.raises(Problem) as refused:
        plan_of(resource_with(publicNetworkAccess="Enabled"), current)
    assert refused.value.code == "SecuredByPerimeter"
    for word in ("Disabled", "Enabled"):
        requested = {"location": "westeurope", "properties": {"publicNetworkAccess": word}}
        plan = plan_of(KeyVault(parsed(VAULT), requested, tenant=TENANT, leave_perimeter=True), current)
        assert plan.after == {"properties": {"publicNetworkAccess": word}}
