# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vault's properties may be, and what Key Vault makes of them (wire facts 5)."""

from __future__ import annotations

import copy
import ipaddress
import re
import uuid

from emulator import ids
from emulator.errors import ArmError, Json, bad_request
from emulator.providers import vault_policies
from emulator.store import Record
from emulator.wire import Call

_NAME = re.compile(r"^(?=.{3,24}$)[A-Za-z](-?[A-Za-z0-9])*$")
RBAC_DEFAULT_SINCE = "2026-02-01"
"""From this api-version on a vault is born with RBAC unless told otherwise."""

OPTIONAL = (
    "enabledForDiskEncryption",
    "enabledForTemplateDeployment",
    "enableRbacAuthorization",
    "enablePurgeProtection",
    "softDeleteRetentionInDays",
)
"""Properties that are absent unless set."""

FOREVER = ("enableRbacAuthorization", "enablePurgeProtection", "softDeleteRetentionInDays")
"""Properties that an update without them leaves as they are."""


PUBLIC_ACCESS = ("Enabled", "Disabled", "SecuredByPerimeter")
"""What the public address of a vault may be."""


def check_name(name: str) -> None:
    if not _NAME.match(name):
        raise bad_request(
            "VaultNameNotValid",
            f"The vault name '{name}' is invalid. A vault's name must be between 3-24 "
            "alphanumeric characters. The name must begin with a letter, end "
            "with a letter "
            "or digit, and not contain consecutive hyphens. Follow this link for more "
            "information: https://go.microsoft.com/fwlink/?linkid=2147742",
        )


def as_sent(properties: Json) -> Json:
    """A vault's properties in the form of a request (for PATCH)."""
    return {name: value for name, value in copy.deepcopy(properties).items() if name not in ("vaultUri", "provisioningState")}


def check_sent(call: Call, sent: Json, existing: Record | None) -> None:
    """Refuse what Key Vault refuses. unrecorded: the texts of required properties."""
    _check_required(sent)
    before = existing.properties if existing else {}
    if sent.get("enablePurgeProtection") is False:
        raise bad_request(
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. '
            "Enabling the purge protection for a vault is an irreversible action.",
        )
    if sent.get("enableSoftDelete") is False:
        raise bad_request(
            "BadRequest",
            'The property "enableSoftDelete" can be set to false only for creating new '
            "vault. Enabling the 'soft delete' functionality is an "
            "irreversible action.",
        )
    days = sent.get("softDeleteRetentionInDays")
    if days is not None and not (isinstance(days, int) and 7 <= days <= 90):
        raise bad_request("BadRequest", 'The property "softDeleteRetentionInDays" must be between 7 and 90.')
    if days is not None and "softDeleteRetentionInDays" in before and before["softDeleteRetentionInDays"] != days:
        raise bad_request("BadRequest", 'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.')
    access = sent.get("publicNetworkAccess")
    if access and str(access).lower() not in [each.lower() for each in PUBLIC_ACCESS]:
        # unrecorded: the specification has a plain string, its text and Key Vault's pages name these values
        raise bad_request(
            "BadRequest", f"Value found at properties.publicNetworkAccess: {access} is not valid; it is one of {', '.join(PUBLIC_ACCESS)}."
        )
    vault_policies.check(sent.get("accessPolicies") or [])
    _check_network_acls(call, sent.get("networkAcls") or {})


def _check_required(sent: Json) -> None:
    try:
        uuid.UUID(str(sent.get("tenantId")))
    except ValueError:
        raise bad_request("BadRequest", "The tenantId of the vault is missing or not a valid GUID.") from None
    sku = sent.get("sku") or {}
    if str(sku.get("name", "")).lower() not in ("standard", "premium") or sku.get("family") != "A":
        raise bad_request("BadRequest", "The sku of the vault is missing or not valid: its family is A, its name standard or premium.")


def _check_network_acls(call: Call, acls: Json) -> None:
    for name, allowed in (("defaultAction", ("Allow", "Deny")), ("bypass", ("None", "AzureServices"))):
        value = acls.get(name)
        if value is not None and str(value).lower() not in [each.lower() for each in allowed]:
            raise bad_request(
                "BadRequest", f"Value found at properties.networkAcls.{name}: {value} is not valid; it is one of {', '.join(allowed)}."
            )
    for number, rule in enumerate(acls.get("ipRules") or []):
        _check_ip_rule(number, str(rule.get("value", "")))
    for rule in acls.get("virtualNetworkRules") or []:
        _check_network_rule(call, rule)


def _check_ip_rule(number: int, text: str) -> None:
    place = f"Value found at properties.networkAcls.ipRules[{number}].value: {text}"
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError:
        raise bad_request("BadRequest", f"{place} is not a valid IPv4 address or range in CIDR notation.") from None
    for first, last in (("10.0.0.0", "10.255.255.255"), ("172.16.0.0", "172.31.255.255"), ("192.168.0.0", "192.168.255.255")):
        if ipaddress.IPv4Address(first) <= network.network_address <= ipaddress.IPv4Address(last):
            raise bad_request("BadRequest", f"{place} belongs to forbidden range {first}-{last} (private IP addresses)")


def _check_network_rule(call: Call, rule: Json) -> None:
    subnet = call.emulator.store.get(rule.get("id"))
    parsed = ids.parse(rule.get("id"))
    if parsed is None or parsed.type != "microsoft.network/virtualnetworks/subnets":
        raise bad_request("BadRequest", f"The id '{rule.get('id')}' of a virtual network rule is not that of a subnet.")
    if rule.get("ignoreMissingVnetServiceEndpoint"):
        return
    services = [str(each.get("service", "")).lower() for each in subnet.properties.get("serviceEndpoints", [])] if subnet else []
    if subnet is None or not {"microsoft.keyvault", "microsoft.keyvault.global"} & set(services):
        network = parsed.text.rsplit("/", 2)[0]
        raise ArmError(
            400,
            "SubnetsHaveNoServiceEndpointsConfigured",
            "Operation on Virtual Network could not be performed. StatusCode: 400 "
            "(BadRequest). Error Code: SubnetsHaveNoServiceEndpointsConfigured. "
            "Error Message: "
            f"Subnets {parsed.name} of virtual network {network} do not have ServiceEndpoints for Microsoft.KeyVault resources configured. "
            "Add Microsoft.KeyVault to subnet's ServiceEndpoints collection before trying "
            "to ACL Microsoft.KeyVault resources to these subnets..",
        )


def created(sent: Json, api_version: str) -> Json:
    """The properties of a new vault."""
    found = _common(sent)
    found |= {name: sent[name] for name in OPTIONAL if sent.get(name) is not None}
    if api_version >= RBAC_DEFAULT_SINCE and "enableRbacAuthorization" not in sent:
        found["enableRbacAuthorization"] = True
    return found


def updated(sent: Json, before: Json) -> Json:
    """The properties after a PUT: replaced, but for what stays forever."""
    found = _common(sent)
    found |= {name: before[name] for name in FOREVER if name in before}
    found |= {name: sent[name] for name in OPTIONAL if sent.get(name) is not None}
    return found


def _common(sent: Json) -> Json:
    found: Json = {"sku": {"family": "A", "name": str(sent["sku"]["name"]).lower()}, "tenantId": sent["tenantId"]}
    acls = network_acls(sent.get("networkAcls"))
    if acls:
        found["networkAcls"] = acls
    found["accessPolicies"] = sent.get("accessPolicies") or []
    found["enabledForDeployment"] = bool(sent.get("enabledForDeployment", False))
    found["enableSoftDelete"] = True
    access = str(sent.get("publicNetworkAccess") or "Enabled")
    found["publicNetworkAccess"] = next(each for each in PUBLIC_ACCESS if each.lower() == access.lower())
    return found


def network_acls(sent: Json | None) -> Json | None:
    """Rules with their defaults; None where they are the default ones, which Key Vault drops."""
    if not sent:
        return None
    found = {
        "bypass": sent.get("bypass") or "AzureServices",
        "defaultAction": sent.get("defaultAction") or "Allow",
        # unrecorded: a bare address gets its /32
        "ipRules": [{"value": each["value"] if "/" in each["value"] else f"{each['value']}/32"} for each in sent.get("ipRules") or []],
        "virtualNetworkRules": [{**each, "id": str(each["id"]).lower()} for each in sent.get("virtualNetworkRules") or []],
    }
    if found == {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}:
        return None
    return found
