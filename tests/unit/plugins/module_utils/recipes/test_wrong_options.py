# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module's options cannot mean is refused by the option's name, before anything is asked of Azure."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, NETWORK, SUBNET, VAULT, ZONE
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import healthy
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import looked

STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs"
HUB: Document = {"namespace": "hub", "policy": "send"}
ALIAS = "rates.11111111-1111-1111-1111-111111111111.westeurope.azure.privatelinkservice"
PERSON = "a0000000-0000-4000-8000-0000000000f1"
LOGS: Document = {"resource": VAULT, "name": "audit", "storage_account": STORAGE}
REACHED: Document = {"id": ENDPOINT, "target_id": VAULT, "subnet_id": SUBNET}

WRONG: list[tuple[str, Document, str, str]] = [
    ("diagnostic_setting", {"resource": VAULT, "name": "audit"}, "log_analytics", "no destination is set"),
    ("diagnostic_setting", LOGS, "logs", "nothing is enabled"),
    ("diagnostic_setting", {**LOGS, "logs": [{"category": "AuditEvent", "enabled": False}]}, "logs", "nothing is enabled"),
    ("diagnostic_setting", {**LOGS, "logs": [{"category": "a", "category_group": "b"}]}, "logs", "either category or category_group"),
    ("diagnostic_setting", {**LOGS, "storage_account": VAULT}, "storage_account", "Microsoft.Storage/storageAccounts"),
    ("diagnostic_setting", {**LOGS, "log_analytics": "mine"}, "log_analytics", "'mine' is not a resource id"),
    ("diagnostic_setting", {**LOGS, "event_hub": {**HUB, "namespace": "a/b"}}, "event_hub.namespace", "a/b"),
    ("diagnostic_setting", {**LOGS, "event_hub": {**HUB, "subscription_id": "mine"}}, "event_hub.subscription_id", "mine"),
    ("keyvault", {"id": VAULT, "purge": True}, "purge", "only valid with state: absent"),
    ("keyvault", {"id": VAULT, "soft_delete_retention_in_days": 3}, "soft_delete_retention_in_days", "3 is outside the 7 to 90 days"),
    ("keyvault", {"id": VAULT, "network_acls": {"ip_rules": ["10.1.0.0/33"]}}, "network_acls.ip_rules", "10.1.0.0/33"),
    (
        "keyvault",
        {"id": VAULT, "network_acls": {"virtual_network_rules": [{"id": NETWORK}]}},
        "network_acls.virtual_network_rules.id",
        "subnets",
    ),
    ("keyvault", {"name": "1-vault", "resource_group": "payments"}, "name", "1-vault"),
    ("keyvault", {"name": "payments-vault", "resource_group": "payments."}, "resource_group", "payments."),
    ("keyvault", {"id": VAULT, "tags": {"a" * 600: "b"}}, "tags", "512"),
    ("keyvault_callers_info", {"vault_id": VAULT, "days": 0}, "days", "pass 1 to 730"),
    ("keyvault_private_endpoint", {"id": ENDPOINT, "vault_id": VAULT, "private_ip_address": "10.1.0"}, "private_ip_address", "10.1.0"),
    ("keyvault_public_network_access", {"vault_id": ENDPOINT}, "vault_id", "Microsoft.KeyVault/vaults"),
    ("management_lock", {"managed_resource_id": VAULT, "name": "a/b", "level": "ReadOnly"}, "name", "a/b"),
    ("private_dns_a_record", {"zone_id": ZONE, "name": "payments", "ipv4_addresses": []}, "ipv4_addresses", "is empty"),
    ("private_dns_a_record", {"zone_id": ZONE, "name": "payments", "ipv4_addresses": ["10.1"]}, "ipv4_addresses", "10.1"),
    ("private_dns_a_record", {"zone_id": ZONE, "name": "payments", "ipv4_addresses": ["10.1.0.4"], "ttl": 0}, "ttl", "use 1 to 2147483647"),
    ("private_dns_zone", {"name": "privatelink.vaultcore.azure.cn", "resource_group": "payments"}, "name", "privatelink.vaultcore.azure"),
    ("private_dns_zone_link", {"zone_id": ZONE, "virtual_network_id": SUBNET}, "virtual_network_id", "virtualNetworks"),
    (
        "private_dns_zone_link",
        {
            "zone_id": ZONE.replace("privatelink.vaultcore.azure.net", "example.com"),
            "virtual_network_id": NETWORK,
            "resolution_policy": "Default",
            "allow_other_zone": True,
        },
        "resolution_policy",
        "only private link zones support it",
    ),
    ("private_endpoint", {**REACHED, "target_id": GROUP}, "target_id", "is not the id of a resource"),
    ("private_endpoint", {**REACHED, "target_id": STORAGE}, "group_ids", "required for a Microsoft.Storage/storageAccounts"),
    ("private_endpoint", {"id": ENDPOINT, "subnet_id": SUBNET, "target_alias": ALIAS}, "target_alias", "set manual_request: true"),
    ("private_endpoint", {**REACHED, "request_message": "Ticket 4711"}, "request_message", "only used with manual_request: true"),
    ("private_endpoint", {**REACHED, "manual_request": True, "request_message": "x" * 141}, "request_message", "has 141 characters"),
    ("private_endpoint", {**REACHED, "private_dns_zone_ids": [ZONE] * 6}, "private_dns_zone_ids", "6 zones are more than the 5"),
    ("private_endpoint", {**REACHED, "private_dns_zone_ids": [VAULT]}, "private_dns_zone_ids", "privateDnsZones"),
    (
        "private_endpoint",
        {**REACHED, "application_security_group_ids": [VAULT]},
        "application_security_group_ids",
        "applicationSecurityGroups",
    ),
    ("private_endpoint", {**REACHED, "vaults_with_endpoints_limit": -1}, "vaults_with_endpoints_limit", "-1"),
    ("private_endpoint", {**REACHED, "subnet_address_prefixes": ["10.1.0.0/33"]}, "subnet_address_prefixes", "10.1.0.0/33"),
    ("private_endpoint", {**REACHED, "connection_name": "a/b"}, "connection_name", "a/b"),
    ("private_endpoint_info", {"id": ENDPOINT, "wait": True, "wait_delay": 0}, "wait_delay", "use 1 or more"),
    ("resource_group", {"name": "payments."}, "name", "payments."),
    ("resource_provider", {"name": "Key Vault"}, "name", "Key Vault"),
    ("resource_provider_info", {"name": "Key Vault"}, "name", "Key Vault"),
    ("role_assignment", {"scope": VAULT, "assignee_object_id": PERSON}, "role_definition_id", "required to find the role assignment"),
    ("role_assignment", {"scope": VAULT, "role_definition_id": "Reader"}, "assignee_object_id", "required to find the role assignment"),
    (
        "role_assignment",
        {"scope": VAULT, "role_definition_id": "Reader", "assignee_object_id": "ada"},
        "assignee_object_id",
        "an object ID",
    ),
    (
        "subnet",
        {"virtual_network_id": NETWORK, "name": "endpoints", "address_prefixes": ["10.1.0.0/33"]},
        "address_prefixes",
        "10.1.0.0/33",
    ),
    ("virtual_network", {"id": NETWORK, "address_prefixes": ["10.1.0.4"]}, "address_prefixes", "10.1.0.4"),
    ("virtual_network", {"id": NETWORK, "dns_servers": ["dns.example.com"]}, "dns_servers", "dns.example.com"),
]


@pytest.mark.parametrize(("module", "options", "option", "words"), WRONG, ids=[f"{each[0]}-{each[2]}-{n}" for n, each in enumerate(WRONG)])
def test_it_is_refused_by_the_name_of_the_option(
    monkeypatch: pytest.MonkeyPatch, module: str, options: Document, option: str, words: str
) -> None:
    world: t.Any = healthy()
    result = looked(monkeypatch, world, module, **options)
    assert (result["failed"], result["changed"], result.get("option")) == (True, False, option), result["msg"]
    assert result["msg"].startswith(f"{option}: ") and words in result["msg"], result["msg"]
    assert world.requested == []
