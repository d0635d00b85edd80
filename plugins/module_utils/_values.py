# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check of a single value that a user gives, with the rule or limit of Azure that it stands for."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t
import unicodedata

from ._azure.clouds import Cloud, resembles_vault_zone
from ._documents.compare import UNKNOWN
from ._documents.ids import (
    A_RECORD,
    DIAGNOSTIC_SETTING,
    ENDPOINT,
    GROUP_TYPE,
    HSM,
    LOCK,
    NETWORK,
    ROLE_ASSIGNMENT,
    SUBNET,
    VAULT,
    VAULT_CONNECTION,
    ZONE,
    ZONE_LINK,
    ResourceId,
    is_namespace,
    is_segment,
)
from ._errors import OptionError, echoed

# What is on any resource, resource group or subscription.
_EXTENSIONS = (LOCK, ROLE_ASSIGNMENT, DIAGNOSTIC_SETTING)


_LONGEST_WAIT = 365 * 86400


_VAULT_NAME = re.compile(r"^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\Z")


_DOMAIN = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})+\Z", re.IGNORECASE)


_RECORD = re.compile(r"^(?:@|\*|(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)\Z", re.IGNORECASE)


_LOCATION = re.compile(r"^[a-zA-Z0-9(][a-zA-Z0-9 ()-]{0,63}\Z")


_EXTENSION_NAME = re.compile(r"^[^<>%&:\\?/#\s](?:[^<>%&:\\?/#\t\r\n]{0,258}[^<>%&:\\?/#\s])?\Z")


_GUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


_NETWORK_NAME = re.compile(r"^[a-zA-Z0-9](?:[\w.-]{0,78}\w)?\Z", re.ASCII)


def emptied(value: str | None) -> str | None:
    """Return an empty text for the word none, which takes away what exists; a blank text never arrives here, it says nothing."""
    return "" if value is not None and value.strip().casefold() == "none" else value


def wait_timeout(seconds: int, option: str = "wait_timeout") -> int:
    """Return the bound of waits in seconds."""
    if not 1 <= seconds <= _LONGEST_WAIT:
        raise OptionError(option, f"{seconds} is not a valid number of seconds; use 1 or more, up to {_LONGEST_WAIT} (a year).")
    return seconds


def vault_name(value: str, option: str = "name", what: str = "key vault") -> str:
    """Return a vault's name. Rule: 3-24 letters, digits and hyphens, a letter first, no hyphen last, no two hyphens together."""
    if not _VAULT_NAME.match(value):
        raise OptionError(
            option,
            f"'{value}' is not a valid name of a {what}; use 3 to 24 letters, digits and hyphens that start with a letter, "
            "end with a letter or digit and contain no two hyphens in a row.",
        )
    return value


def _is_word(sign: str) -> bool:
    """
    Tell what .NET calls a character of a word, which Azure's rule of resource groups is written in:
    also combining marks, which Python's \\w leaves out.
    """
    category = unicodedata.category(sign)
    return category[0] == "L" or category in ("Mn", "Nd", "Pc")


def resource_group_name(value: str, option: str = "resource_group") -> str:
    """Return a resource group's name. Rule: 1-90 letters, digits, underscores, hyphens, periods and parentheses, no period last."""
    if not 0 < len(value) <= 90 or value.endswith(".") or not all(sign in "-.()" or _is_word(sign) for sign in value):
        raise OptionError(
            option,
            f"'{value}' is not a valid name of a resource group; use 1 to 90 letters, "
            "digits, '_', '-', '.', '(' and ')', not ending with '.'.",
        )
    return value


def network_name(value: str, what: str, option: str = "name") -> str:
    """Return the name of a Microsoft.Network resource. Rule: 1-80 letters, digits, '_', '.', '-'; begins and ends as Azure wants."""
    if not _NETWORK_NAME.match(value):
        raise OptionError(
            option,
            f"'{value}' is not a valid name of a {what}; use 1 to 80 letters, digits, '_', '.' and '-', starting with a letter or digit.",
        )
    return value


def location(value: str | None, option: str = "location") -> str | None:
    """Return a region's name as the user wrote it, such as westeurope or West Europe."""
    if value is not None and not _LOCATION.match(value.strip()):
        raise OptionError(option, f"'{value}' is not a valid region; pass one like westeurope.")
    return value


def name_of(kind: str, value: str, option: str, parent: ResourceId | None = None) -> str:
    """Return the name of a resource of a type, checked by that type's rule. parent: the resource that it is nested in."""
    known = kind.casefold()
    if known == A_RECORD.casefold():
        return record_name(value, parent.name if parent else "", option)
    if known in _NETWORK_TITLES:
        return network_name(value, _NETWORK_TITLES[known], option)
    return _NAMES[known](value, option) if known in _NAMES else plain_name(value, kind, option)


def plain_name(value: str, what: str, option: str) -> str:
    """Return a name that becomes part of an id, of a type without a rule here."""
    if not is_segment(value):
        raise OptionError(option, f"'{value}' is not a valid name of a {what}; use 1 to 260 characters without spaces, < > % & \\ ? / #.")
    return value


def subscription(value: str, option: str = "subscription_id") -> str:
    """Return a subscription's id."""
    if not is_guid(value.strip()):
        raise OptionError(option, f"'{value}' is not the ID of a subscription; pass a GUID like 00000000-0000-0000-0000-000000000000.")
    return value.strip()


def resource_id(value: str, option: str, *types: str) -> ResourceId:
    """
    Return the parts of an id that must name a resource of one of the types, its names checked by
    their types' rules; types are written as Azure does.
    """
    found = ResourceId.parse(value.strip())
    wanted = " or ".join(types)
    example = ResourceId("...", "...", types[0], ("NAME",) * types[0].count("/"))
    if found is not None and not any(found.is_type(kind) for kind in types):
        raise OptionError(
            option, f"'{value}' is the id of a {found.type}; pass the id of a {wanted}, like {example}.", resource_id=str(found)
        )
    if found is None or (not any(found.is_type(kind) for kind in _EXTENSIONS) and (found.of or not found.resource_group)):
        raise OptionError(option, f"'{value}' is not a resource id; pass the id of a {wanted}, like {example}.")
    return checked(found, option)


def provider_id(value: str, option: str) -> ResourceId:
    """Return the parts of the id of a resource provider in a subscription."""
    found = ResourceId.parse(value.strip())
    wanted = "pass the id of a resource provider, like /subscriptions/.../providers/Microsoft.KeyVault"
    if found is None:
        raise OptionError(option, f"'{value}' is not a resource id; {wanted}.")
    if found.names:
        raise OptionError(option, f"'{value}' is the id of a {found.type}; {wanted}.", resource_id=str(found))
    return checked(found, option)


def checked(found: ResourceId, option: str) -> ResourceId:
    """Refuse an id that holds a name that its type does not allow."""
    subscription(found.subscription, option)
    if found.resource_group:
        resource_group_name(found.resource_group, option)
    if found.of:
        checked(found.of, option)
    provider, *kinds = found.type.split("/")
    for count in range(1, len(found.names) + 1 if kinds and found.type != GROUP_TYPE else 0):
        parent = dataclasses.replace(found, type="/".join([provider, *kinds[: count - 1]]), names=found.names[: count - 1])
        name_of("/".join([provider, *kinds[:count]]), found.names[count - 1], option, parent)
    return found


def host_name(value: str, option: str) -> str:
    """Return the host's name of what a user may give: a name or an https address."""
    name = value.strip().removeprefix("https://").rstrip("/").rstrip(".").casefold()
    if not _DOMAIN.match(name):
        raise OptionError(option, f"'{value}' is not a valid host name; pass one like payments-vault.vault.azure.net, or the vault's URI.")
    return name


def scope(value: str, option: str) -> ResourceId:
    """Return the parts of the id of what an extension resource is on: a resource, a resource group or a subscription."""
    found = ResourceId.parse_scope(value.strip())
    if found is None or not found.names:
        raise OptionError(
            option,
            f"'{value}' is not the id of a resource, resource group or subscription; pass one like /subscriptions/.../resourceGroups/RG.",
        )
    return checked(found, option)


def extension_name(value: str, what: str, option: str = "name") -> str:
    """Return the name of a lock or diagnostic setting. Rule: 1-260 characters, none of < > % & : \\ ? / #, no space first or last."""
    if not _EXTENSION_NAME.match(value) or not is_segment(value, spaces=True):
        raise OptionError(option, f"'{value}' is not a valid name of a {what}; use 1 to 260 characters without < > % & : \\ ? / #.")
    return value


def is_guid(value: str) -> bool:
    """Return whether a text is a GUID."""
    return bool(_GUID.match(value))


def guid(value: str, option: str, what: str) -> str:
    """Return a GUID as Azure writes it, in lower case."""
    if not is_guid(value.strip()):
        raise OptionError(option, f"'{value}' is not {what}; pass a GUID like 00000000-0000-0000-0000-000000000000.")
    return value.strip().lower()


def ipv4(value: str, option: str, *, unknown_allowed: bool = False) -> str:
    """Return an IPv4 address in its usual writing. In check mode a plan may pass on an address that only Azure can know."""
    if unknown_allowed and value == UNKNOWN:
        return value
    try:
        return str(ipaddress.IPv4Address(value.strip()))
    except ValueError:
        raise OptionError(option, f"'{value}' is not an IPv4 address; pass one like 10.0.0.4.") from None


def limit(value: int | None, option: str) -> None:
    """Refuse a limit that cannot be one; 0 and None skip the check."""
    if (value or 0) < 0:
        raise OptionError(option, f"{value} is not a valid limit; use the number that Azure allows, or 0 to skip this check.")


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
            f"'{value}' is not the private link zone of key vaults in {cloud.name}; use "
            f"'{cloud.vault_zone}', for managed HSMs '{cloud.hsm_zone}', "
            "or set allow_other_zone: true for a zone of another service.",
        )
    return domain(name, option)


def given_zone(name: str, cloud: Cloud, option: str, *, any_zone: bool) -> None:
    """
    Refuse a zone in which no vault's name is looked up although it looks like one; a zone of
    another kind, such as corp.example, is the user's own.
    """
    zone_name(name, cloud, option, any_zone=any_zone or not resembles_vault_zone(name, cloud))


def endpoint_zone(name: str, cloud: Cloud, option: str, kinds: t.Collection[str], *, any_zone: bool) -> None:
    """
    Refuse a zone that does not serve an endpoint's target: Azure writes no record into it, and says nothing. kinds: what the target may be.
    """
    serving = {VAULT: ("key vaults", cloud.vault_zone), HSM: ("managed HSMs", cloud.hsm_zone)}
    wanted = [serving[kind] for kind in serving if kind in kinds]
    if not wanted or any_zone or name.casefold() in {zone for _title, zone in wanted}:
        return
    titles, zones = (" or ".join(each) for each in zip(*((title, f"'{zone}'") for title, zone in wanted), strict=True))
    raise OptionError(
        option,
        f"'{name}' is not the private link zone of {titles} in {cloud.name}, so Azure would write no record into it; use the zone {zones}, "
        "or set allow_other_zone: true.",
    )


def domain(value: str, option: str) -> str:
    """Return the name of any private DNS zone."""
    name = value.strip().rstrip(".")
    if not _DOMAIN.match(name):
        raise OptionError(
            option, f"'{value}' is not a valid name of a private DNS zone; use two or more labels of letters, digits and hyphens."
        )
    return name


def record_name(value: str, zone: str, option: str = "name") -> str:
    """Return the name of a record set, relative to its zone; the zone's own name at its end is a mistake that resolves nothing."""
    name = value.strip().rstrip(".")
    if any(len(label) > 63 for label in name.split(".")):
        raise OptionError(option, f"'{echoed(value)}' has a label of more than the 63 characters that DNS allows; shorten it.")
    whole = name.casefold().endswith(zone.casefold()) or ("." in name and zone.casefold().startswith("privatelink.vaultcore."))
    if not _RECORD.match(name) or whole:
        simple = name.partition(".")[0] or "NAME"
        raise OptionError(option, f"'{value}' is not a name relative to zone '{zone}'; for a vault use its name, here '{simple}'.")
    return name


def tags(value: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    """Return tags as Azure takes them: values are strings. Limits: 50 tags, names up to 512, values up to 256 characters."""
    if value is None:
        return None
    if len(value) > 50:
        raise OptionError("tags", f"{len(value)} tags are more than the 50 that Azure allows on a resource; pass fewer.")
    if len({str(name).casefold() for name in value}) < len(value):
        raise OptionError("tags", "two names differ only in case, and tag names ignore case; keep one of them.")
    nested = next((name for name, item in value.items() if isinstance(item, (list, tuple, t.Mapping))), None)
    if nested is not None:
        raise OptionError("tags", f"the value of '{echoed(nested)}' is a list or mapping, and Azure keeps only texts; pass a text.")
    clean = {str(name): "" if item is None else str(item) for name, item in value.items()}
    for name, item in clean.items():
        if not name.strip() or len(name) > 512 or re.search(r"[<>%&\\?/\r\n\t]", name):
            raise OptionError(
                "tags", f"'{echoed(name)}' is not a valid name of a tag; use 1 to 512 characters without < > % & \\ ? / or line breaks."
            )
        if len(item) > 256:
            raise OptionError("tags", f"the value of '{name}' is longer than the 256 characters that Azure allows; shorten it.")
    return clean


def _hsm_name(value: str, option: str) -> str:
    return vault_name(value, option, "managed HSM")


def _connection_name(value: str, option: str) -> str:
    return plain_name(value, "private endpoint connection", option)


def _lock_name(value: str, option: str) -> str:
    return extension_name(value, "management lock", option)


def _setting_name(value: str, option: str) -> str:
    return extension_name(value, "diagnostic setting", option)


def _assignment_name(value: str, option: str) -> str:
    return guid(value, option, "the name of a role assignment")


# The rules of names by type, in lower case, as Azure writes types in any.
_NETWORK_TITLES = {
    NETWORK.casefold(): "virtual network",
    SUBNET.casefold(): "subnet",
    ENDPOINT.casefold(): "private endpoint",
    f"{ENDPOINT}/privateDnsZoneGroups".casefold(): "DNS zone group",
    ZONE_LINK.casefold(): "virtual network link",
}


_NAMES: dict[str, t.Callable[[str, str], str]] = {
    GROUP_TYPE.casefold(): resource_group_name,
    VAULT.casefold(): vault_name,
    HSM.casefold(): _hsm_name,
    VAULT_CONNECTION.casefold(): _connection_name,
    ZONE.casefold(): domain,
    LOCK.casefold(): _lock_name,
    DIAGNOSTIC_SETTING.casefold(): _setting_name,
    ROLE_ASSIGNMENT.casefold(): _assignment_name,
}


def namespace_of(value: str, option: str = "name") -> str:
    """Return the namespace of a resource provider, such as Microsoft.KeyVault."""
    if not is_namespace(value) or "." not in value:
        raise OptionError(option, f"'{value}' is not a valid resource provider namespace; pass one like Microsoft.KeyVault.")
    return value
