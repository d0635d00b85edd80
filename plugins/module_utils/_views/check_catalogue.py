# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check of a key vault's private path, one row each: what reports, documentation and messages call it."""

from __future__ import annotations

import dataclasses
import typing as t

Severity = t.Literal["error", "warning"]

# Sections of Azure's guide "Integrate Key Vault with Azure Private Link".
_CREATE = "Create a new Key Vault"
_FIREWALL = "Turn on Key Vault Firewall"
_ZONE = "Add a Private DNS Zone"
_CONNECTIONS = "How to manage a private endpoint connection to Key Vault"
_VALIDATION = "Validate that the private link connection works"
_LIMITS = "Limitations and Design Considerations"
_APPROVED, _ZONE_NAME, _LINK, _RECORD, _ADDRESS, _FORWARDERS = (
    f"Troubleshooting Guide, item {number}: {what}"
    for number, what in (
        (1, "the private endpoint is approved"),
        (2, "the private DNS zone exists"),
        (3, "the zone is linked to the virtual network"),
        (4, "the zone has an A record for the key vault"),
        (5, "the A record has the correct IP address"),
        (6, "DNS servers of your own forward both suffixes"),
    )
)
# Built-in policies of Azure. Source: Azure/azure-policy, built-in-policies, Key Vault.
_USE_PRIVATE_LINK = "a6abeaec-4d90-4a02-805f-6b26c4d3fbe9"
_CONFIGURE_ENDPOINTS = "9d4fad1f-5189-4a42-b29e-cf7929c6b6df"
_CONFIGURE_ZONES = "ac673a9a-f77d-4846-b2d8-a57f8e1c01d4"
_DISABLE_PUBLIC_ACCESS = "405c5871-3e91-4644-8a63-58e19d68ff5b"
_FIREWALL_OR_DISABLED = "55615ac9-af46-4a59-874e-391cc3dfb490"
_CONFIGURE_FIREWALL = "ac673a9a-f77d-4846-b2d8-a57f8e1c01dc"
_DELETION_PROTECTION = "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53"
_RBAC = "12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5"
_RESOURCE_LOGS = "cf820ca0-f99e-4f3e-84fb-66e913812d21"


@dataclasses.dataclass(frozen=True)
class Check:
    """A check. id: never changes. title: what is true where it passes. guide: the section of Azure's guide, empty where it has none.

    severity: error where the vault is not reachable privately, or is publicly; warning for what may hurt later.
    policies: the built-in policies of Azure that look at the same, by id.
    """

    id: str
    title: str
    severity: Severity
    guide: str = ""
    policies: tuple[str, ...] = ()


CHECKS: tuple[Check, ...] = (
    Check("endpoint_exists", "The vault has a private endpoint that exists", "error", _APPROVED, (_USE_PRIVATE_LINK, _CONFIGURE_ENDPOINTS)),
    Check("endpoint_provisioned", "The private endpoint is provisioned and has an address", "error", _APPROVED),
    Check("connection_approved", "The connection is approved on both sides", "error", _APPROVED, (_USE_PRIVATE_LINK,)),
    Check("connections_in_use", "Every connection of the vault is in use", "warning", _CONNECTIONS),
    Check("endpoint_network", "A private endpoint is in the network that is meant", "error", _APPROVED),
    Check("zone_exists", "The private DNS zone exists under the name of the cloud", "error", _ZONE_NAME, (_CONFIGURE_ZONES,)),
    Check("zone_linked", "The zone is linked to every network that must resolve the vault's name", "error", _LINK),
    Check("zone_not_shadowed", "No other zone of a network hides the vault's record", "error", _LINK),
    Check("registration_off", "No link of the zone registers the names of virtual machines", "warning", _ZONE),
    Check("record_exists", "The zone has a record under the vault's simple name", "error", _RECORD, (_CONFIGURE_ZONES,)),
    Check("record_address", "The record has the address of the endpoint's network interface", "error", _ADDRESS),
    Check("record_alone", "The record has no address of others", "error", _ADDRESS),
    Check("forwarders", "Names are resolved by Azure's DNS, or a probe proves the DNS servers' forwarders", "warning", _FORWARDERS),
    Check("probe", "A host inside the network reaches the vault at its private address", "error", _VALIDATION),
    Check(
        "public_network_access",
        "Public network access is disabled, or secured by a perimeter",
        "error",
        _FIREWALL,
        (_DISABLE_PUBLIC_ACCESS, _FIREWALL_OR_DISABLED),
    ),
    Check("firewall", "The firewall behind public network access denies by default", "warning", _FIREWALL, (_CONFIGURE_FIREWALL,)),
    Check("soft_delete", "Soft delete is enabled", "warning", _CREATE, (_DELETION_PROTECTION,)),
    Check("purge_protection", "Purge protection is enabled", "warning", _CREATE, (_DELETION_PROTECTION,)),
    Check("azure_rbac", "Azure RBAC decides who may use the vault", "warning", _CREATE, (_RBAC,)),
    Check("vault_limit", "The vault has room for more private endpoints", "warning", _LIMITS),
    Check("subscription_limit", "The subscription has room for more vaults with private endpoints", "warning", _LIMITS),
    Check("zone_limits", "The zone has room for more records and links", "warning", _LIMITS),
    Check("management_lock", "A lock protects the vault from deletion", "warning"),
    Check("diagnostic_setting", "A diagnostic setting keeps the vault's logs", "warning", "", (_RESOURCE_LOGS,)),
)
BY_ID: t.Mapping[str, Check] = {check.id: check for check in CHECKS}
