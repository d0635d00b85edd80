# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure CLI around the job: what people do with it beside a private vault, before it and after it."""

from __future__ import annotations

import pytest

from clients.processes import AzureCli
from integration.emulation import Emulation

ON_VAULT = "--resource-group around --resource around-vault --resource-type Microsoft.KeyVault/vaults"
LOCK = f"--name keep {ON_VAULT}"
RULE = "--resource-group around --nsg-name around-rules"
ROUTE = "--resource-group around --route-table-name around-routes"
SECRET = "--vault-name around-vault --name db"
KEPT = "/providers/Microsoft.Resources/tags/default"


@pytest.fixture(scope="module", autouse=True)
def signed_in(az: AzureCli, emulation: Emulation) -> AzureCli:
    """Azure CLI, signed in, with a group and a vault; vaults are reached from the internet."""
    az.register_cloud()
    az.login()
    az.environment_of_all["HTTPS_PROXY"] = emulation.control("POST", "proxy")["url"]
    az.environment_of_all["NO_PROXY"] = "127.0.0.1"
    az("account set --subscription {subscription}")
    az("provider register -n Microsoft.KeyVault")
    az("provider register -n Microsoft.Storage")
    az("group create -n around -l westeurope --tags env=test")
    az.names["vault"] = az("keyvault create -n around-vault -g around -l westeurope")["id"]
    return az


def test_lock_of_a_resource(az: AzureCli) -> None:
    """By name and type it sends ``//`` where a resource has no parent: the lock protects it all the same."""
    lock = az(f"lock create --lock-type CanNotDelete --notes mine {LOCK}")
    assert lock["id"].lower() == f"{az.names['vault']}/providers/Microsoft.Authorization/locks/keep".lower()
    assert [each["name"] for each in az(f"lock list {ON_VAULT}")] == ["keep"]
    assert "ScopeLocked" in az.refused("keyvault delete -n around-vault -g around")
    az(f"lock delete {LOCK}")
    assert az("lock list -g around") == []


def test_resource(az: AzureCli, emulation: Emulation) -> None:
    named = "--resource-group around --name around-vault --resource-type Microsoft.KeyVault/vaults"
    assert az(f"resource show {named}")["id"] == az.names["vault"]
    az("resource tag --tags env=prod owner=us --ids {vault}")
    assert emulation.resource(az.names["vault"])["tags"] == {"env": "prod", "owner": "us"}
    assert [each["name"] for each in az("resource list --tag env=prod")] == ["around-vault"]
    assert [each["name"] for each in az("resource list -g around --resource-type Microsoft.KeyVault/vaults")] == ["around-vault"]
    az("keyvault create -n around-gone -g around -l westeurope")
    az("resource delete --resource-group around --name around-gone --resource-type Microsoft.KeyVault/vaults")
    assert "ResourceNotFound" in az.refused("keyvault show -n around-gone -g around")


def test_tags(az: AzureCli, emulation: Emulation) -> None:
    """As a document of their own: of a resource, of a group, of the subscription."""
    assert az("tag create --resource-id {vault} --tags a=1 b=2")["properties"]["tags"] == {"a": "1", "b": "2"}
    merged = az("tag update --resource-id {vault} --operation Merge --tags B=3 c=4")
    assert merged["id"] == az.names["vault"] + KEPT
    assert az("tag list --resource-id {vault}")["properties"]["tags"] == {"a": "1", "b": "3", "c": "4"}
    az("tag update --resource-id {vault} --operation Delete --tags a=1 c=other")
    assert emulation.resource(az.names["vault"])["tags"] == {"b": "3", "c": "4"}
    group = emulation.id("around")
    assert az(f"tag list --resource-id {group}")["properties"]["tags"] == {"env": "test"}
    az("tag create --resource-id /subscriptions/{subscription} --tags cost=7")
    assert az("tag list --resource-id /subscriptions/{subscription}")["properties"]["tags"] == {"cost": "7"}


def test_rules_of_a_security_group(az: AzureCli) -> None:
    az("network nsg create -g around -n around-rules -l westeurope")
    rule = az(f"network nsg rule create {RULE} -n https --priority 100 --access Allow --protocol Tcp --destination-port-ranges 443")
    assert (rule["provisioningState"], rule["priority"]) == ("Succeeded", 100)
    assert "SecurityRuleConflict" in az.refused(f"network nsg rule create {RULE} -n other --priority 100")
    names = [each["name"] for each in az(f"network nsg rule list {RULE} --include-default")]
    assert names[0] == "https" and "DenyAllInBound" in names
    az(f"network nsg rule update {RULE} -n https --priority 200")
    assert az(f"network nsg rule show {RULE} -n https")["priority"] == 200
    az(f"network nsg rule delete {RULE} -n https")
    assert az("network nsg show -g around -n around-rules")["securityRules"] == []


def test_routes(az: AzureCli) -> None:
    az("network route-table create -g around -n around-routes -l westeurope")
    hop = "--address-prefix 10.0.0.0/8 --next-hop-type VirtualAppliance --next-hop-ip-address 10.9.0.4"
    assert az(f"network route-table route create {ROUTE} -n firewall {hop}")["provisioningState"] == "Succeeded"
    assert [each["name"] for each in az(f"network route-table route list {ROUTE}")] == ["firewall"]
    (shown,) = az("network route-table show -g around -n around-routes")["routes"]
    assert (shown["nextHopIpAddress"], shown["id"].rpartition("/")[2]) == ("10.9.0.4", "firewall")
    az(f"network route-table route delete {ROUTE} -n firewall")


def test_storage_account(az: AzureCli) -> None:
    assert az("storage account check-name -n aroundstore")["nameAvailable"] is True
    account = az("storage account create -n aroundstore -g around -l westeurope --sku Standard_ZRS --min-tls-version TLS1_2")
    assert (account["sku"]["name"], account["provisioningState"], account["minimumTlsVersion"]) == ("Standard_ZRS", "Succeeded", "TLS1_2")
    taken = az("storage account check-name -n aroundstore")
    assert (taken["nameAvailable"], taken["reason"]) == (False, "AlreadyExists")


def test_name_of_an_hsm(az: AzureCli) -> None:
    """Names of vaults are no longer checked by this command."""
    assert az("keyvault check-name -n around-free")["nameAvailable"] is True
    assert az("keyvault check-name -n 1-around")["reason"] == "AccountNameInvalid"


def test_diagnostic_categories(az: AzureCli) -> None:
    listed = az("monitor diagnostic-settings categories list --resource {vault}")["value"]
    assert {each["name"]: each["categoryType"] for each in listed} == {
        "AuditEvent": "Logs",
        "AzurePolicyEvaluationDetails": "Logs",
        "AllMetrics": "Metrics",
    }


def test_role_by_the_name_of_who_gets_it(az: AzureCli, emulation: Emulation) -> None:
    """az asks Microsoft Graph who an application is, or a user; without the right to, it says what to do instead."""
    emulation.principal(client_id="b0000000-0000-4000-8000-0000000000c2", object_id="b0000000-0000-4000-8000-0000000000d2", name="app")
    emulation.principal(
        client_id="", object_id="b0000000-0000-4000-8000-0000000000d3", name="Ada", username="ada@emulator.onmicrosoft.example"
    )
    create = "role assignment create --scope {{vault}} --role '{}' --assignee {}".format
    app = az(create("Key Vault Reader", "b0000000-0000-4000-8000-0000000000c2"))
    assert (app["principalId"], app["principalType"]) == ("b0000000-0000-4000-8000-0000000000d2", "ServicePrincipal")
    user = az(create("Reader", "ada@emulator.onmicrosoft.example"))
    assert (user["principalId"], user["principalType"]) == ("b0000000-0000-4000-8000-0000000000d3", "User")
    listed = az("role assignment list --scope {vault}")
    assert {each["principalName"] for each in listed} == {"b0000000-0000-4000-8000-0000000000c2", "ada@emulator.onmicrosoft.example"}
    assert "Cannot find user or service principal" in az.refused(create("Reader", "nobody@emulator.onmicrosoft.example"))


def test_secrets(az: AzureCli, emulation: Emulation) -> None:
    """An owner has no right to them; with a role they live, are deleted, recovered and purged."""
    assert "ForbiddenByRbac" in az.refused(f"keyvault secret set {SECRET} --value one")
    az(f"role assignment create --scope {{vault}} --role 'Key Vault Secrets Officer' --assignee {emulation.facts['client_id']}")
    assert az(f"keyvault secret set {SECRET} --value one --tags a=b")["value"] == "one"
    assert az(f"keyvault secret set {SECRET} --value two")["value"] == "two"
    assert az(f"keyvault secret show {SECRET}")["value"] == "two"
    assert len(az(f"keyvault secret list-versions {SECRET}")) == 2
    az(f"keyvault secret delete {SECRET}")
    assert "ObjectIsDeletedButRecoverable" in az.refused(f"keyvault secret set {SECRET} --value three")
    assert [each["name"] for each in az("keyvault secret list-deleted --vault-name around-vault")] == ["db"]
    az(f"keyvault secret recover {SECRET}")
    assert [each["name"] for each in az("keyvault secret list --vault-name around-vault")] == ["db"]
    az(f"keyvault secret delete {SECRET}")
    az(f"keyvault secret purge {SECRET}")
    assert "SecretNotFound" in az.refused(f"keyvault secret show {SECRET}")


KEY = "--vault-name around-vault --name tde"


def test_keys(az: AzureCli, emulation: Emulation) -> None:
    """What is done with a key's document, by whoever has a role for keys."""
    assert "ForbiddenByRbac" in az.refused(f"keyvault key create {KEY} --kty EC")
    az(f"role assignment create --scope {{vault}} --role 'Key Vault Crypto Officer' --assignee {emulation.facts['client_id']}")
    made = az(f"keyvault key create {KEY} --kty EC --curve P-384 --tags a=b")
    assert (made["key"]["crv"], made["tags"]) == ("P-384", {"a": "b"})
    assert az(f"keyvault key show {KEY}")["key"]["kid"] == made["key"]["kid"]
    assert az(f"keyvault key set-attributes {KEY} --enabled false")["attributes"]["enabled"] is False
    assert len(az(f"keyvault key list-versions {KEY}")) == 1
    assert [each["name"] for each in az("keyvault key list --vault-name around-vault")] == ["tde"]
    az(f"keyvault key delete {KEY}")
    assert [each["name"] for each in az("keyvault key list-deleted --vault-name around-vault")] == ["tde"]
    az(f"keyvault key purge {KEY}")
    assert az("keyvault key list --vault-name around-vault") == []


def test_names_of_tags(az: AzureCli) -> None:
    az("tag create --name CostCenter")
    az("tag add-value --name CostCenter --value net")
    found = {each["tagName"]: [value["tagValue"] for value in each["values"]] for each in az("tag list")}
    assert found["CostCenter"] == ["net"]
    az("tag remove-value --name CostCenter --value net")
    az("tag delete --name CostCenter -y")
    assert "CostCenter" not in [each["tagName"] for each in az("tag list")]


def test_secrets_of_a_closed_vault(az: AzureCli) -> None:
    az("keyvault update -n around-vault -g around --default-action Deny")
    assert "ForbiddenByFirewall" in az.refused("keyvault secret list --vault-name around-vault")
    az("keyvault update -n around-vault -g around --public-network-access Disabled")
    assert "ForbiddenByConnection" in az.refused("keyvault secret list --vault-name around-vault")
