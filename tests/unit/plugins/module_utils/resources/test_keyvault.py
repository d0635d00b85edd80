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
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import SUBNET, TENANT, VAULT, Shelf, again, parsed, vault

CLOSED = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
OPEN = {**CLOSED, "defaultAction": "Allow"}


def wish(
    location: str | None = "westeurope", tags: dict[str, str] | None = None, append_tags: bool = True, **properties: t.Any
) -> KeyVault:
    """Return a vault that shall have these properties."""
    return KeyVault(parsed(VAULT), {"location": location, "properties": properties}, tenant=TENANT, tags=tags, append_tags=append_tags)


def changed(resource: KeyVault, actual: Document) -> tuple[Document, Document]:
    """Return before and after of an update."""
    plan = resource.plan(actual)
    assert plan.action == "update"
    return plan.before, plan.after


def test_a_new_vault_is_born_closed() -> None:
    plan = wish(enablePurgeProtection=True).plan(None)
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
    properties = (
        wish(publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Allow"}, enableRbacAuthorization=False)
        .plan(None)
        .body["properties"]
    )
    assert properties["publicNetworkAccess"] == "Enabled"
    assert properties["networkAcls"] == OPEN
    assert properties["enableRbacAuthorization"] is False


@pytest.mark.parametrize(
    "properties", [{}, {"networkAcls": {"defaultAction": "Allow"}}, {"networkAcls": {**OPEN}}, {"publicNetworkAccess": "Enabled"}]
)
def test_what_azure_leaves_out_is_already_so(properties: dict[str, t.Any]) -> None:
    assert wish(**properties).plan(vault()).action == "none"


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
    assert wish(**properties).plan(vault()).action == "none"


def test_a_vault_that_was_just_made_needs_nothing_more() -> None:
    resource = wish(enabledForDeployment=True)
    assert again(resource, resource.plan(None).body, vaultUri="x").action == "none"


def test_a_vault_of_older_apis_has_neither_public_access_nor_rules() -> None:
    actual = vault()
    del actual["properties"]["publicNetworkAccess"]
    assert wish(publicNetworkAccess="Enabled").plan(actual).action == "none"
    assert changed(wish(publicNetworkAccess="Disabled"), actual)[0] == {"properties": {"publicNetworkAccess": "Enabled"}}


def test_closing_a_vault_shows_only_what_changes() -> None:
    before, after = changed(wish(networkAcls={"defaultAction": "Deny"}), vault())
    assert before == {"properties": {"networkAcls": {"defaultAction": "Allow"}}}
    assert after == {"properties": {"networkAcls": {"defaultAction": "Deny"}}}


def test_every_write_carries_all_that_the_vault_has() -> None:
    policies = [{"tenantId": TENANT, "objectId": "o", "permissions": {"secrets": ["get"]}}]
    rules = {**CLOSED, "ipRules": [{"value": "203.0.113.0/24"}]}
    actual = vault(accessPolicies=policies, networkAcls=rules, privateEndpointConnections=[{"id": "x"}], hsmPoolResourceId="h")
    body = wish(enabledForDeployment=True).plan({**actual, "tags": {"env": "test"}}).body
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
    properties = wish(enabledForDeployment=True).plan(vault()).body["properties"]
    assert set(properties) == {"sku", "tenantId", "accessPolicies", "enabledForDeployment", "enableSoftDelete", "publicNetworkAccess"}


def test_subnet_rules_come_back_in_lower_case() -> None:
    acls = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": SUBNET}]}
    held = {**CLOSED, "virtualNetworkRules": [{"id": SUBNET.lower(), "ignoreMissingVnetServiceEndpoint": False}]}
    assert wish(networkAcls=acls).plan(vault(networkAcls=held)).action == "none"
    assert wish(networkAcls={"virtualNetworkRules": []}).plan(vault(networkAcls=held)).action == "update"


def test_ip_rules_with_and_without_a_length_are_the_same() -> None:
    held = {**CLOSED, "ipRules": [{"value": "203.0.113.7"}, {"value": "198.51.100.0/24"}]}
    asked = {"ipRules": [{"value": "198.51.100.0/24"}, {"value": "203.0.113.7/32"}]}
    assert wish(networkAcls=asked).plan(vault(networkAcls=held)).action == "none"


def test_ip_rules_are_the_whole_list() -> None:
    held = {**CLOSED, "ipRules": [{"value": "203.0.113.7/32"}, {"value": "198.51.100.0/24"}]}
    before, after = changed(wish(networkAcls={"ipRules": [{"value": "198.51.100.0/24"}]}), vault(networkAcls=held))
    assert before == {"properties": {"networkAcls": {"ipRules": held["ipRules"]}}}
    assert after == {"properties": {"networkAcls": {"ipRules": [{"value": "198.51.100.0/24"}]}}}


def test_tags_join_or_replace() -> None:
    actual = {**vault(), "tags": {"Env": "test", "team": "payments"}}
    assert wish(tags={"env": "test"}).plan(actual).action == "none"
    assert wish(tags={}).plan(actual).action == "none"
    plan = wish(tags={"ENV": "live", "new": "1"}).plan(actual)
    assert (plan.before, plan.after) == ({"tags": {"Env": "test"}}, {"tags": {"Env": "live", "new": "1"}})
    assert plan.body["tags"] == {"Env": "live", "team": "payments", "new": "1"}
    plan = wish(tags={"env": "test"}, append_tags=False).plan(actual)
    assert plan.action == "update"
    assert plan.before == {"tags": {"team": "payments"}}
    assert plan.body["tags"] == {"Env": "test"}
    assert wish(tags={}, append_tags=False).plan(actual).body["tags"] == {}
    assert wish(tags={}, append_tags=False).plan(vault()).action == "none"


def test_check_mode_shows_the_tags_that_will_be() -> None:
    actual = {**vault(), "tags": {"env": "test", "team": "payments"}}
    resource = wish(tags={"env": "live"}, append_tags=False)
    assert resource.predicted(actual, resource.plan(actual))["tags"] == {"env": "live"}


@pytest.mark.parametrize(
    ("resource", "option"),
    [
        (wish("northeurope"), "location"),
        (wish(tenantId="b0000000-0000-4000-8000-000000000001"), "vault_tenant"),
        (wish(softDeleteRetentionInDays=7), "soft_delete_retention_in_days"),
    ],
)
def test_what_azure_cannot_change_is_named(resource: KeyVault, option: str) -> None:
    with pytest.raises(Problem) as caught:
        resource.plan(vault())
    assert caught.value.code == "CannotChangeInPlace"
    assert caught.value.resource_id == VAULT
    assert f"{option} is " in caught.value.message


def test_purge_protection_is_never_taken_away() -> None:
    with pytest.raises(Problem, match="has purge protection, which cannot be turned off"):
        wish(enablePurgeProtection=False).plan(vault(enablePurgeProtection=True))
    assert "enablePurgeProtection" not in wish(enablePurgeProtection=False).plan(None).body["properties"]


@pytest.mark.parametrize("region", ["West Europe", "WESTEUROPE", None])
def test_a_region_is_the_same_in_any_spelling(region: str | None) -> None:
    assert wish(region).plan(vault()).action == "none"


def test_a_new_vault_needs_a_region_and_a_tenant() -> None:
    with pytest.raises(OptionError) as caught:
        wish(None).plan(None)
    assert caught.value.option == "location"
    with pytest.raises(OptionError) as caught:
        KeyVault(parsed(VAULT), {"location": "westeurope"}).plan(None)
    assert caught.value.option == "vault_tenant"


def test_a_failed_vault_is_written_anew() -> None:
    before, after = changed(wish(), vault(provisioningState="Failed"))
    assert (before, after) == ({"properties": {"provisioningState": "Failed"}}, {"properties": {"provisioningState": "Succeeded"}})
    assert not wish().settled(vault(provisioningState="RegisteringDns"))


def test_a_vault_that_shall_go() -> None:
    gone = KeyVault(parsed(VAULT), None)
    assert gone.plan(None).action == "none"
    plan = gone.plan(vault())
    assert (plan.action, plan.before, plan.after, plan.body) == ("delete", {"id": VAULT, "deletion": "soft"}, {}, {})
    assert KeyVault(parsed(VAULT), None, purge=True).plan(vault()).before["deletion"] == "purged for good"


# --- a deleted vault that holds the name ---

DELETED = (
    "/subscriptions/a0000000-0000-4000-8000-0000000000aa/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/payments-vault"
)


class Bin(Shelf):
    """A shelf that also knows deleted vaults, which are asked for by name and region."""

    def find(self, subscription: str, operation: str, *args: str, doing: str) -> Document | None:
        """Return the deleted vault."""
        if operation == "keyvault.vaults.get_deleted" and not self._errors:
            assert args == ("payments-vault", "westeurope")
            return {"id": DELETED}
        return super().find(subscription, operation, *args, doing=doing)


def test_a_deleted_vault_is_told_before_the_first_write() -> None:
    resource = wish("West Europe")
    with pytest.raises(Problem) as caught:
        resource.check(t.cast(t.Any, Bin()), None, resource.plan(None), False)
    assert caught.value.code == "VaultSoftDeleted"
    assert "recover: true" in str(caught.value.hint)


def test_a_deleted_vault_passes_where_it_shall_be_recovered() -> None:
    resource = KeyVault(parsed(VAULT), {"location": "westeurope"}, tenant=TENANT, recover=True)
    resource.check(t.cast(t.Any, Bin()), None, resource.plan(None), False)


def test_who_may_not_see_deleted_vaults_goes_on() -> None:
    refused = Bin(errors={"keyvault.vaults.get_deleted": ArmError("no", status=403, code="AuthorizationFailed")})
    resource = wish()
    resource.check(t.cast(t.Any, refused), None, resource.plan(None), False)
    broken = Bin(errors={"keyvault.vaults.get_deleted": ArmError("no", status=500)})
    with pytest.raises(ArmError):
        resource.check(t.cast(t.Any, broken), None, resource.plan(None), False)


def test_the_address_of_a_vault_is_known_before_it_exists() -> None:
    arm = t.cast(t.Any, Shelf())
    assert wish().facts(arm, {}, False)["vault_uri"] == "https://payments-vault.vault.azure.net/"
    assert wish().facts(arm, vault(vaultUri="https://other/"), True)["vault_uri"] == "https://other/"


# --- what others stored ---


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.swapcase])
def test_words_of_azure_in_another_case_are_no_drift(spelling: t.Callable[[str], str]) -> None:
    acls = {**CLOSED, "defaultAction": spelling("Deny"), "bypass": spelling("AzureServices")}
    sku = {"family": spelling("A"), "name": spelling("standard")}
    actual = vault(publicNetworkAccess=spelling("Disabled"), networkAcls=acls, sku=sku)
    asked = {
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"},
        "sku": {"family": "A", "name": "standard"},
    }
    assert wish(**asked).plan(actual).action == "none"
    body = wish(**asked, enabledForDeployment=True).plan(actual).body["properties"]
    assert (body["publicNetworkAccess"], body["networkAcls"]["defaultAction"], body["sku"]) == (spelling("Disabled"), spelling("Deny"), sku)
    assert wish(publicNetworkAccess="Enabled").plan(actual).body["properties"]["publicNetworkAccess"] == "Enabled"
    assert wish().facts(t.cast(t.Any, Shelf()), actual, True)["public_network_access"] == "Disabled"


def test_a_vault_of_before_soft_delete_is_never_told_again_that_it_has_none() -> None:
    old = vault(enableSoftDelete=False, enablePurgeProtection=False)
    properties = wish(publicNetworkAccess="Disabled").plan(old).body["properties"]
    assert not {"enableSoftDelete", "enablePurgeProtection"} & properties.keys()
    protected = wish(enablePurgeProtection=True).plan(old)
    assert protected.after == {"properties": {"enablePurgeProtection": True, "enableSoftDelete": True}}
    assert (protected.body["properties"]["enableSoftDelete"], protected.body["properties"]["enablePurgeProtection"]) == (True, True)


def test_rules_that_stay_keep_place_and_spelling() -> None:
    held = {
        **CLOSED,
        "ipRules": [{"value": "203.0.113.7"}, {"value": "203.0.113.7/32"}, {"value": "198.51.100.0/24"}, {"value": "192.0.2.1/32"}],
    }
    asked = ip_rules(["198.51.100.0/24", "8.8.8.8", "203.0.113.7", "203.0.113.7/32"])
    body = wish(networkAcls={"ipRules": asked}).plan(vault(networkAcls=held)).body["properties"]["networkAcls"]
    assert [rule["value"] for rule in body["ipRules"]] == ["203.0.113.7", "198.51.100.0/24", "8.8.8.8/32"]
    same = ip_rules(["192.0.2.1", "198.51.100.0/24", "203.0.113.7/32"])
    assert wish(networkAcls={"ipRules": same}).plan(vault(networkAcls=held)).action == "none"
    untouched = wish(networkAcls={"defaultAction": "Allow"}).plan(vault(networkAcls=held)).body["properties"]["networkAcls"]
    assert untouched["ipRules"] == held["ipRules"]


def test_subnet_rules_that_stay_keep_place_and_spelling() -> None:
    held = {**CLOSED, "virtualNetworkRules": [{"id": SUBNET.lower()}, {"id": f"{SUBNET}-b".lower()}]}
    asked = network_rules([{"id": f"{SUBNET}-c"}, {"id": SUBNET}, {"id": SUBNET.upper()}])
    body = wish(networkAcls={"virtualNetworkRules": asked}).plan(vault(networkAcls=held)).body["properties"]["networkAcls"]
    assert [rule["id"] for rule in body["virtualNetworkRules"]] == [SUBNET.lower(), f"{SUBNET}-c"]


# --- a network security perimeter ---


def test_a_perimeter_can_be_asked_for_and_is_shown() -> None:
    plan = wish(publicNetworkAccess="SecuredByPerimeter").plan(vault(publicNetworkAccess="Disabled"))
    assert plan.after == {"properties": {"publicNetworkAccess": "SecuredByPerimeter"}}
    assert wish(publicNetworkAccess="SecuredByPerimeter").plan(vault(publicNetworkAccess="securedbyperimeter")).action == "none"


@pytest.mark.parametrize("spelling", ["SecuredByPerimeter", "securedByPerimeter"])
def test_a_perimeter_is_never_weakened_unasked(spelling: str) -> None:
    held = vault(publicNetworkAccess=spelling)
    closing = wish(publicNetworkAccess="Disabled")
    assert closing.plan(held).action == "none"
    assert closing.remarks
    assert "leave_perimeter: true" in closing.remarks[0]
    with_more = wish(publicNetworkAccess="Disabled", enabledForDeployment=True).plan(held)
    assert with_more.body["properties"]["publicNetworkAccess"] == spelling
    with pytest.raises(Problem) as refused:
        wish(publicNetworkAccess="Enabled").plan(held)
    assert refused.value.code == "SecuredByPerimeter"
    for word in ("Disabled", "Enabled"):
        asked = {"location": "westeurope", "properties": {"publicNetworkAccess": word}}
        plan = KeyVault(parsed(VAULT), asked, tenant=TENANT, leave_perimeter=True).plan(held)
        assert plan.after == {"properties": {"publicNetworkAccess": word}}
