# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How options spell what a resource reports: for each type, dotted paths of its ARM document and keywords of its class.

A mapping passes one of these tables, or its own, as the keyword spelling of the resources that it makes. A resource names paths and
keywords alone; Resource.option_of turns them into the user's words.
"""

from __future__ import annotations

import typing as t

Spelling = t.Mapping[str, str]


GROUP: Spelling = {"location": "location", "force": "force_delete_nonempty"}
NETWORK: Spelling = {"location": "location", "properties.addressSpace.addressPrefixes": "address_prefixes"}
SUBNET: Spelling = {"properties.addressPrefixes": "address_prefixes"}
VAULT: Spelling = {
    "location": "location",
    "leave_perimeter": "leave_perimeter",
    "recover": "recover",
    "purge": "purge",
    "properties.tenantId": "vault_tenant",
    "properties.softDeleteRetentionInDays": "soft_delete_retention_in_days",
    "properties.enablePurgeProtection": "enable_purge_protection",
    "properties.publicNetworkAccess": "public_network_access",
}
VAULT_CONNECTION: Spelling = {"properties.privateEndpoint.id": "endpoint_id", "name": "connection_name"}
ENDPOINT: Spelling = {
    "name": "name",
    "location": "location",
    "adopt": "adopt",
    "allow_replace": "allow_replace",
    "properties.subnet.id": "subnet_id",
    "properties.connection.privateLinkServiceId": "vault_id",
    "properties.connection.groupIds": "the group",
    "properties.connection.manual": "manual_request",
    "properties.connection.name": "connection_name",
    "properties.customNetworkInterfaceName": "network_interface_name",
    "properties.privateIPAddress": "private_ip_address",
    "properties.applicationSecurityGroups": "application_security_group_ids",
}
ZONE_GROUP: Spelling = {
    "name": "private_dns_zone_group_name",
    "replace_records": "replace_records",
    "properties.zoneIds": "private_dns_zone_ids",
}
ZONE: Spelling = {"tags": "tags"}
ZONE_LINK: Spelling = {
    "name": "name",
    "tags": "tags",
    "allow_replace": "allow_replace",
    "properties.virtualNetwork.id": "virtual_network_id",
    "properties.registrationEnabled": "registration_enabled",
    "properties.resolutionPolicy": "resolution_policy",
}
A_RECORD: Spelling = {"mode": "mode"}
ROLE_ASSIGNMENT: Spelling = {
    "properties.roleDefinitionId": "role_definition_id",
    "properties.principalId": "assignee_object_id",
    "properties.principalType": "principal_type",
}


def within(option: str, spelling: Spelling) -> Spelling:
    """Return a spelling for options that are part of another one, such as vaults[payments-vault].endpoints.hub."""
    return {what: f"{option}.{name}" for what, name in spelling.items()}
