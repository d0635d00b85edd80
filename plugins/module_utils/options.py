# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups of options that modules share, and the checks of single values. A group's documentation is the doc fragment of its name."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from .clouds import Cloud
from .compare import UNKNOWN
from .errors import OptionError
from .ids import ResourceId

Spec = dict[str, dict[str, t.Any]]

# Option names and choices follow azure.azcollection; see auth.py for the environment variables.
AUTH: Spec = {
    "auth_source": {"type": "str", "choices": ["auto", "cli", "credential_file", "env", "msi"]},
    "profile": {"type": "str"},
    "subscription_id": {"type": "str"},
    "client_id": {"type": "str"},
    "secret": {"type": "str", "no_log": True},
    "tenant": {"type": "str"},
    "auxiliary_tenant_ids": {"type": "list", "elements": "str"},
    "ad_user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "x509_certificate_path": {"type": "path"},
    "thumbprint": {"type": "str"},
    "oidc_token": {"type": "str", "no_log": True},
    "oidc_token_file_path": {"type": "path", "no_log": False},
    "cloud_environment": {"type": "str"},
    "adfs_authority_url": {"type": "str"},
    "cert_validation_mode": {"type": "str", "choices": ["ignore", "validate"]},
    "disable_instance_discovery": {"type": "bool"},
}
WAIT: Spec = {"wait_timeout": {"type": "int", "default": 1800}}
STATE: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
TAGS: Spec = {"tags": {"type": "dict"}, "append_tags": {"type": "bool", "default": True}}

VAULT = "Microsoft.KeyVault/vaults"
HSM = "Microsoft.KeyVault/managedHSMs"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
NETWORK = "Microsoft.Network/virtualNetworks"
ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE = "Microsoft.Network/privateDnsZones"

_VAULT_NAME = re.compile(r"^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\Z")
_DOMAIN = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})+\Z", re.IGNORECASE)
_RECORD = re.compile(r"^(?:@|\*|(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)\Z", re.IGNORECASE)
_GROUP_NAME = re.compile(r"^[\w().-]{0,89}[\w()-]\Z")
_EXTENSION_NAME = re.compile(r"^[^<>%&:\\?/#\s](?:[^<>%&:\\?/#\t\r\n]{0,258}[^<>%&:\\?/#\s])?\Z")
_GUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_NETWORK_NAME = re.compile(r"^[a-zA-Z0-9](?:[\w.-]{0,78}\w)?\Z", re.ASCII)


def wait_timeout(seconds: int) -> int:
    """Return the bound of a task's waits in seconds."""
    if seconds < 1:
        raise OptionError("wait_timeout", f"{seconds} is not a number of seconds to wait; use 1 or more.")
    return seconds


def vault_name(value: str, option: str = "name") -> str:
    """Return a vault's name. Rule: 3-24 letters, digits and hyphens, a letter first, no hyphen last, no two hyphens together."""
    if not _VAULT_NAME.match(value):
        raise OptionError(
            option,
            f"'{value}' cannot be the name of a key vault; use 3 to 24 letters, digits and hyphens that begin with a letter, "
            "end with a letter or digit and hold no two hyphens in a row.",
        )
    return value


def resource_group_name(value: str, option: str = "resource_group") -> str:
    """Return a resource group's name. Rule: 1-90 letters, digits, underscores, hyphens, periods and parentheses, no period last."""
    if not _GROUP_NAME.match(value):
        raise OptionError(
            option, f"'{value}' cannot be the name of a resource group; use 1 to 90 letters, digits, '_', '-', '.', '(' and ')', not ending with '.'."
        )
    return value


def network_name(value: str, what: str, option: str = "name") -> str:
    """Return the name of a Microsoft.Network resource. Rule: 1-80 letters, digits, '_', '.', '-'; begins and ends as Azure wants."""
    if not _NETWORK_NAME.match(value):
        raise OptionError(option, f"'{value}' cannot be the name of a {what}; use 1 to 80 letters, digits, '_', '.' and '-', beginning with a letter or digit.")
    return value


def resource_id(value: str, option: str, *types: str) -> ResourceId:
    """Return the parts of an id that must name a resource of one of the types."""
    found = ResourceId.parse(value.strip())
    wanted = " or ".join(types)
    if found is None or not found.resource_group or found.of:
        example = ResourceId("...", "...", types[0], ("NAME",) * types[0].count("/"))
        raise OptionError(option, f"'{value}' is not a resource id; pass the id of a {wanted}, like {example}.")
    if not any(found.is_type(kind) for kind in types):
        raise OptionError(option, f"'{value}' is the id of a {found.type}; pass the id of a {wanted}.", resource_id=value)
    return found


def host_name(value: str, option: str) -> str:
    """Return the host's name of what a user may give: a name or an https address."""
    name = value.strip().removeprefix("https://").rstrip("/").rstrip(".").casefold()
    if not _DOMAIN.match(name):
        raise OptionError(option, f"'{value}' is not the name of a host; pass one like payments-vault.vault.azure.net, or the vault's URI.")
    return name


def scope(value: str, option: str) -> ResourceId:
    """Return the parts of the id of what an extension resource is on: a resource, a resource group or a subscription."""
    found = ResourceId.parse_scope(value.strip())
    if found is None or not found.names:
        raise OptionError(option, f"'{value}' is not the id of a resource, resource group or subscription; pass one like /subscriptions/.../resourceGroups/RG.")
    return found


def extension_name(value: str, what: str, option: str = "name") -> str:
    """Return the name of a lock or diagnostic setting. Rule: 1-260 characters, none of < > % & : \\ ? / #, no space first or last."""
    if not _EXTENSION_NAME.match(value):
        raise OptionError(option, f"'{value}' cannot be the name of a {what}; use 1 to 260 characters without < > % & : \\ ? / #.")
    return value


def is_guid(value: str) -> bool:
    """Tell whether a text is a GUID."""
    return bool(_GUID.match(value))


def guid(value: str, option: str, what: str) -> str:
    """Return a GUID as Azure writes it, in lower case."""
    if not is_guid(value.strip()):
        raise OptionError(option, f"'{value}' is not {what}; pass a GUID like 00000000-0000-0000-0000-000000000000.")
    return value.strip().lower()


def ipv4(value: str, option: str, *, unknown_allowed: bool = False) -> str:
    """Return an IPv4 address in its usual writing. In check mode a plan may hand on an address that only Azure can know."""
    if unknown_allowed and value == UNKNOWN:
        return value
    try:
        return str(ipaddress.IPv4Address(value.strip()))
    except ValueError:
        raise OptionError(option, f"'{value}' is not an IPv4 address; pass one like 10.0.0.4.") from None


def cidr(value: str, option: str) -> str:
    """Return a network in CIDR notation, host bits refused as Azure refuses them."""
    try:
        return str(ipaddress.ip_network(value.strip() if "/" in value else ""))
    except ValueError:
        raise OptionError(option, f"'{value}' is not a network in CIDR notation; pass one like 10.0.0.0/24, its host bits zero.") from None


def zone_name(value: str | None, cloud: Cloud, option: str, *, any_zone: bool) -> str:
    """Return a zone's name, by default that of key vaults. Without any_zone only the cloud's zones of vaults and managed HSMs pass."""
    if value is None:
        return cloud.vault_zone
    name = value.strip().rstrip(".")
    known = (cloud.vault_zone, cloud.hsm_zone)
    if name.casefold() in known:
        return name
    if not any_zone:
        raise OptionError(
            option,
            f"'{value}' is not the private link zone of key vaults in {cloud.name}; use '{cloud.vault_zone}', for managed HSMs '{cloud.hsm_zone}', "
            "or set allow_other_zone: true for a zone that serves something else.",
        )
    if not _DOMAIN.match(name):
        raise OptionError(option, f"'{value}' cannot be the name of a private DNS zone; use two or more labels of letters, digits and hyphens.")
    return name


def record_name(value: str, zone: str) -> str:
    """Return the name of a record set, relative to its zone; the zone's own name at its end is a mistake that resolves nothing."""
    name = value.strip().rstrip(".")
    whole = name.casefold().endswith(zone.casefold()) or ("." in name and zone.casefold().startswith("privatelink.vaultcore."))
    if not _RECORD.match(name) or whole:
        simple = name.partition(".")[0] or "NAME"
        raise OptionError("name", f"'{value}' is not a name relative to zone '{zone}'; for a vault use its simple name, here '{simple}'.")
    return name


def tags(value: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    """Return tags as Azure takes them: values are strings. Limits: 50 tags, names up to 512, values up to 256 characters."""
    if value is None:
        return None
    if len(value) > 50:
        raise OptionError("tags", f"{len(value)} tags are more than the 50 that Azure allows on a resource; pass fewer.")
    if len({str(name).casefold() for name in value}) < len(value):
        raise OptionError("tags", "two names differ only in case, and Azure's names of tags ignore case; keep one of them.")
    clean = {str(name): "" if item is None else str(item) for name, item in value.items()}
    for name, item in clean.items():
        if not name or len(name) > 512 or re.search(r"[<>%&\\?/]", name):
            raise OptionError("tags", f"'{name}' cannot be the name of a tag; use 1 to 512 characters without < > % & \\ ? /.")
        if len(item) > 256:
            raise OptionError("tags", f"the value of '{name}' is longer than the 256 characters that Azure allows; shorten it.")
    return clean
