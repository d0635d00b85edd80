# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be set for each private vault and each of its endpoints, and how defaults lie under it."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._documents.compare import Document
from .._documents.ids import VAULT as VAULT_TYPE
from .._errors import OptionError, Problem
from .._options import Spec
from .._values import network_name, resource_id, vault_name

_STR: dict[str, t.Any] = {"type": "str"}
_BOOL: dict[str, t.Any] = {"type": "bool"}
_INT: dict[str, t.Any] = {"type": "int"}
_LIST: dict[str, t.Any] = {"type": "list", "elements": "str"}
STATE: dict[str, t.Any] = {"type": "str", "choices": ["present", "absent"]}
ROLES: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "role_definition_id": {"type": "str", "required": True},
        "assignee_object_id": {"type": "str", "required": True},
        "principal_type": {"type": "str", "choices": ["User", "Group", "ServicePrincipal", "ForeignGroup"]},
        "description": _STR,
        "condition": _STR,
    },
}
LOCK: dict[str, t.Any] = {
    "type": "dict",
    "options": {"level": {"type": "str", "required": True, "choices": ["CanNotDelete", "ReadOnly"]}, "name": _STR, "notes": _STR},
}
DIAGNOSTICS: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "log_analytics": _STR,
        "log_analytics_destination_type": {"type": "str", "choices": ["AzureDiagnostics", "Dedicated"]},
        "storage_account": _STR,
        "event_hub": {"type": "dict"},
        "marketplace_partner": _STR,
        "logs": {"type": "list", "elements": "dict"},
        "metrics": {"type": "list", "elements": "dict"},
    },
}
# What an endpoint may have of its own; set for a vault, it holds for all its endpoints.
NETWORK: Spec = {
    "subnet_id": _STR,
    "network_name": _STR,
    "network_location": _STR,
    "network_address_prefixes": _LIST,
    "network_dns_servers": _LIST,
    "subnet_name": _STR,
    "subnet_address_prefixes": _LIST,
    "network_policies": {"type": "str", "choices": ["Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"]},
    "subnet_network_security_group_id": _STR,
    "subnet_route_table_id": _STR,
    "subnet_service_endpoints": _LIST,
    "subnet_default_outbound_access": _BOOL,
}
DNS: Spec = {
    "dns": {"type": "str", "choices": ["zone_group", "a_record", "policy", "none"]},
    "zone_id": _STR,
    "zone_name": _STR,
    "zone_resource_group": _STR,
    "zone_subscription_id": _STR,
    "zone_group_name": _STR,
    "link": _BOOL,
    "linked_network_ids": _LIST,
    "registration_enabled": _BOOL,
    "resolution_policy": {"type": "str", "choices": ["Default", "NxDomainRedirect"]},
    "record_mode": {"type": "str", "choices": ["add", "replace"]},
    "record_ttl": _INT,
    "policy_timeout": _INT,
}
CONNECTION: Spec = {
    "connection_name": _STR,
    "private_ip_address": _STR,
    "network_interface_name": _STR,
    "application_security_group_ids": _LIST,
    "manual_request": _BOOL,
    "request_message": _STR,
    "approve": _BOOL,
    "approval_description": _STR,
    "adopt": _BOOL,
    "allow_replace": _BOOL,
    "recreate": _BOOL,
}
_OF_ENDPOINT: Spec = {**NETWORK, **DNS, **CONNECTION}
ENDPOINT: Spec = {"name": _STR, "state": STATE, "resource_group": _STR, **_OF_ENDPOINT, "role_assignments": ROLES, "lock": LOCK}
_OF_VAULT: Spec = {
    "state": STATE,
    "subscription_id": _STR,
    "resource_group": _STR,
    "resource_group_location": _STR,
    "location": _STR,
    "providers": _LIST,
    "sku": {"type": "str", "choices": ["standard", "premium"]},
    "purge_protection": _BOOL,
    "enable_rbac_authorization": _BOOL,
    "enabled_for_deployment": _BOOL,
    "enabled_for_disk_encryption": _BOOL,
    "enabled_for_template_deployment": _BOOL,
    "soft_delete_retention_in_days": _INT,
    "recover": _BOOL,
    "purge": _BOOL,
    "public_network_access": {"type": "str", "choices": ["Disabled", "SecuredByPerimeter", "Enabled"]},
    "close": _BOOL,
    "accept_unproven_dns": _BOOL,
    "callers_days": _INT,
    "accepted_callers": _LIST,
    "endpoint_name": _STR,
    "endpoint_resource_group": _STR,
    **_OF_ENDPOINT,
    "vaults_with_endpoints_limit": _INT,
    "endpoints_per_vault_limit": _INT,
    "endpoints_per_network_limit": _INT,
    "role_assignments": ROLES,
    "endpoint_role_assignments": ROLES,
    "diagnostic_settings": DIAGNOSTICS,
    "lock": LOCK,
    "endpoint_lock": LOCK,
    "tags": {"type": "dict"},
}
DEFAULTS: Spec = _OF_VAULT
VAULT: Spec = {"name": _STR, "id": _STR, **_OF_VAULT, "endpoints": {"type": "list", "elements": "dict", "options": ENDPOINT}}
# What holds where neither a vault nor the defaults say anything; other settings are left to Azure, or kept.
_UNSET: Document = {
    "state": "present",
    "providers": ["Microsoft.KeyVault", "Microsoft.Network"],
    "purge_protection": True,
    "public_network_access": "Disabled",
    "subnet_name": "endpoints",
    "network_policies": "Disabled",
    "dns": "zone_group",
    "linked_network_ids": [],
    "registration_enabled": False,
    "record_mode": "add",
    "policy_timeout": 1800,
    "adopt": True,
    "role_assignments": [],
    "endpoint_role_assignments": [],
    "diagnostic_settings": [],
}
# Where an endpoint of its own takes a setting of the vault's endpoint from.
_ENDPOINTS_OWN = {"resource_group": "endpoint_resource_group", "role_assignments": "endpoint_role_assignments", "lock": "endpoint_lock"}
# The resource group of the network and the zone is that of the vault.
_VAULTS_OWN = {"network_group": "resource_group"}

# Two ways to say one thing: what a vault says in the second way is not overruled by what lies under it in the first.
_INSTEAD_OF = {
    "subnet_id": ("network_name", "network_address_prefixes", "subnet_address_prefixes"),
    "zone_id": ("zone_name", "zone_resource_group", "zone_subscription_id"),
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is set for one vault or one endpoint.

    path: where a user would correct it, such as vaults[payments-vault]. called: how the user calls a setting that has another name here.
    """

    path: str
    values: t.Mapping[str, t.Any]
    called: t.Mapping[str, str] = dataclasses.field(default_factory=dict, kw_only=True)

    def __getitem__(self, name: str) -> t.Any:
        return self.values.get(name)

    @property
    def absent(self) -> bool:
        """Tell whether it should not exist."""
        return bool(self["state"] == "absent")

    def option(self, name: str) -> str:
        """Return how messages call a setting, or an item of it such as lock.level or role_assignments[0]."""
        first = re.split(r"[.[]", name, maxsplit=1)[0]
        return f"{self.path}.{self.called.get(first, first)}{name.removeprefix(first)}"

    def spelled(self, problem: Problem, spelling: t.Mapping[str, str]) -> Problem:
        """Return a problem with the option of a module spelled as the setting that it came from; spelling: where their names differ."""
        option = problem.option or ""
        if not option or option.startswith(self.path) or not problem.message.startswith(f"{option}:"):
            return problem
        name, dot, rest = option.partition(".")
        said = problem.message.removeprefix(f"{option}:").strip()
        return OptionError(self.option(f"{spelling.get(name, name)}{dot}{rest}"), said, hint=problem.hint, resource_id=problem.resource_id)


@dataclasses.dataclass(frozen=True)
class VaultSettings(Settings):
    """name: of the vault. endpoints: the settings of each of its endpoints."""

    name: str = ""
    endpoints: tuple[Settings, ...] = ()


def vaults_of(vaults: t.Iterable[t.Mapping[str, t.Any]], defaults: t.Mapping[str, t.Any] | None) -> list[VaultSettings]:
    """Return the settings of each vault and of its endpoints, laid over the defaults. A vault that is named twice is refused."""
    found: dict[str, VaultSettings] = {}
    for number, entry in enumerate(vaults):
        name = _name(entry, f"vaults[{number}]")
        if name.casefold() in found:
            raise OptionError("vaults", f"'{name}' is listed twice; names of key vaults are unique, so remove one of the two entries.")
        path = f"vaults[{name}]"
        values = _over(_over(_UNSET, defaults or {}), entry)
        found[name.casefold()] = VaultSettings(path, values, name=name, endpoints=tuple(_endpoints(path, name, values)))
    return list(found.values())


def _name(entry: t.Mapping[str, t.Any], path: str) -> str:
    given = resource_id(entry["id"], f"{path}.id", VAULT_TYPE) if entry.get("id") else None
    if given and entry.get("name") and given.name.casefold() != str(entry["name"]).casefold():
        raise OptionError(f"{path}.id", f"'{entry['id']}' is not the id of '{entry['name']}'; leave name out, or correct it.")
    name = entry.get("name") or (given.name if given else "")
    if not name:
        raise OptionError(path, "has neither a name nor an id; set one of them, or pass a mapping by name.")
    return vault_name(str(name), f"{path}.name")


def _over(under: t.Mapping[str, t.Any], entry: t.Mapping[str, t.Any]) -> Document:
    """Lay an entry over what holds without it. Tags join; whatever else it says stands for itself."""
    said = {name: value for name, value in entry.items() if value is not None}
    dropped = [name for name, others in _INSTEAD_OF.items() if name not in said and any(other in said for other in others)]
    merged = {**{name: value for name, value in under.items() if name not in dropped}, **said}
    if "tags" in said:
        merged["tags"] = {**(under.get("tags") or {}), **said["tags"]}
    return merged


def _endpoints(path: str, vault: str, values: Document) -> t.Iterator[Settings]:
    """Yield the settings of a vault's endpoints: those that it lists, else the one that its own settings describe."""
    under = {name: values[name] for name in (*_OF_ENDPOINT, "state") if name in values}
    under |= {"location": values.get("location"), "network_group": values.get("resource_group")}
    under |= {own: values[name] for own, name in _ENDPOINTS_OWN.items() if values.get(name) is not None}
    if values.get("endpoints") is None:
        name = values.get("endpoint_name") or f"{vault}-endpoint"
        name = network_name(name, "private endpoint", f"{path}.endpoint_name")
        yield Settings(path, {**under, "name": name}, called={**_VAULTS_OWN, **_ENDPOINTS_OWN, "name": "endpoint_name"})
        return
    names: set[str] = set()
    for number, entry in enumerate(values["endpoints"]):
        name = network_name(str(entry.get("name") or ""), "private endpoint", f"{path}.endpoints[{number}].name")
        if name.casefold() in names:
            raise OptionError(f"{path}.endpoints", f"'{name}' is listed twice; remove one of the two entries.")
        names.add(name.casefold())
        gone = {"state": "absent"} if values["state"] == "absent" else {}
        yield Settings(f"{path}.endpoints[{name}]", {**_over(under, entry), "name": name, **gone}, called=_VAULTS_OWN)
