# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a private endpoint to its resources: one mapping for vaults and for any other target."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.address_space import subnet_range
from .._documents.compare import Document
from .._documents.ids import ENDPOINT, SUBNET, ZONE, ResourceId
from .._documents.limits import ENDPOINTS_PER_VAULT, VAULTS_PER_SUBSCRIPTION, Limits
from .._errors import OptionError
from .._identity import Level, Nested
from .._options import STATE, TAGS, Spec
from .._resources.private_dns_zone_group import PrivateDnsZoneGroup
from .._resources.private_endpoint import PrivateEndpoint
from .._resources.resource import Resource
from .._spelling import ENDPOINT as ENDPOINT_SPELLING
from .._spelling import ZONE_GROUP, Spelling
from .._values import endpoint_zone, ipv4, limit, location, network_name, plain_name, resource_id

if t.TYPE_CHECKING:
    from .._module import Task

_ASG = "Microsoft.Network/applicationSecurityGroups"
_ZONES_PER_GROUP = 5
_MESSAGE_LENGTH = 140

IDENTITY = Nested((Level(ENDPOINT, "name", "id"),))
OPTIONS: Spec = {
    "subnet_id": {"type": "str"},
    "subnet_address_prefixes": {"type": "list", "elements": "str"},
    "location": {"type": "str"},
    "connection_name": {"type": "str"},
    "manual_request": {"type": "bool"},
    "request_message": {"type": "str"},
    "private_ip_address": {"type": "str"},
    "network_interface_name": {"type": "str", "aliases": ["custom_network_interface_name"]},
    "application_security_group_ids": {"type": "list", "elements": "str"},
    "private_dns_zone_ids": {"type": "list", "elements": "str"},
    "allow_other_zone": {"type": "bool", "default": False},
    "private_dns_zone_group_name": {"type": "str", "default": "default"},
    "replace_records": {"type": "bool", "default": False},
    "allow_replace": {"type": "bool", "default": False},
    "recreate": {"type": "bool", "default": False},
    "adopt": {"type": "bool", "default": True},
    "vaults_with_endpoints_limit": {"type": "int", "default": VAULTS_PER_SUBSCRIPTION},
    "endpoints_per_vault_limit": {"type": "int", "default": ENDPOINTS_PER_VAULT},
    "endpoints_per_network_limit": {"type": "int"},
    **TAGS,
    **STATE,
}


@dataclasses.dataclass(frozen=True)
class Target:
    """What an endpoint leads to.

    option: the option that named it; id: its id or alias; groups: its group ids; member: of a static address.
    groups_option: what messages call its group ids.
    kinds: its type, or the types that it may have, where its DNS zone is known: VAULT and HSM.
    """

    option: str
    id: str | None
    groups: list[str] | None
    member: str = "default"
    kinds: tuple[str, ...] = ()
    groups_option: str = ENDPOINT_SPELLING["properties.connection.groupIds"]


def endpoint_resources(task: Task, target: Target) -> list[Resource]:
    """Return the endpoint and its DNS zone group, as far as the options ask for one or the endpoint may be recreated."""
    endpoint_id = IDENTITY.of(task)
    if task.absent:
        return [PrivateEndpoint(endpoint_id, None)]
    _check_subscription(task["subnet_id"], endpoint_id)
    endpoint = PrivateEndpoint(
        endpoint_id,
        {"location": location(task["location"]), "properties": _properties(task, target)},
        member=target.member,
        recreate=task["recreate"],
        adopt=task["adopt"],
        limited=_limits(task),
        planned_prefixes=[subnet_range(item, "subnet_address_prefixes") for item in task["subnet_address_prefixes"] or []],
        allow_replace=task["allow_replace"],
        spelling=_spelling(target),
        **task.tagging,
    )
    zones = task["private_dns_zone_ids"]
    if zones is None and not task["allow_replace"] and not task["recreate"]:
        return [endpoint]
    group = endpoint_id.child(
        "privateDnsZoneGroups", network_name(task["private_dns_zone_group_name"], "DNS zone group", "private_dns_zone_group_name")
    )
    keywords = {"replace_records": task["replace_records"], "spelling": ZONE_GROUP}
    return [endpoint, PrivateDnsZoneGroup(group, _zones(task, target), needs=[endpoint], **keywords)]


def _check_subscription(subnet_id: str | None, endpoint: ResourceId) -> None:
    """Refuse a subnet in another subscription than the endpoint. Source: Azure Private Link, What is a private endpoint?, properties."""
    there = resource_id(subnet_id, "subnet_id", SUBNET).subscription if subnet_id else endpoint.subscription
    if there.casefold() != endpoint.subscription.casefold():
        raise OptionError(
            "subnet_id",
            f"is in subscription {there}, but private endpoint '{endpoint.name}' in {endpoint.subscription}; Azure allows an endpoint only "
            f"in the subscription of its network, so set subscription_id to {there}, and resource_group to a group there.",
        )


def _spelling(target: Target) -> Spelling:
    named = {"properties.connection.privateLinkServiceId": target.option, "properties.connection.groupIds": target.groups_option}
    return {**ENDPOINT_SPELLING, **named}


def _limits(task: Task) -> Limits:
    for option in ("vaults_with_endpoints_limit", "endpoints_per_vault_limit", "endpoints_per_network_limit"):
        limit(task[option], option)
    return Limits(task["vaults_with_endpoints_limit"], task["endpoints_per_vault_limit"], task["endpoints_per_network_limit"])


def _zones(task: Task, target: Target) -> Document | None:
    """Return the zones to ask a group for: none means no group, unset means the group that exists."""
    zones: list[str] | None = task["private_dns_zone_ids"]
    if zones is None:
        return {}
    if len(zones) > _ZONES_PER_GROUP:
        raise OptionError(
            "private_dns_zone_ids", f"{len(zones)} zones are more than the {_ZONES_PER_GROUP} that a DNS zone group can have; pass fewer."
        )
    ids = [resource_id(item, "private_dns_zone_ids", ZONE) for item in zones]
    for zone in ids:
        endpoint_zone(zone.name, task.world.cloud, "private_dns_zone_ids", target.kinds, any_zone=task["allow_other_zone"])
    return {"properties": {"zoneIds": [str(zone) for zone in ids]}} if ids else None


def _properties(task: Task, target: Target) -> Document:
    message, address, groups = task["request_message"], task["private_ip_address"], task["application_security_group_ids"]
    interface = task["network_interface_name"]
    if message and not task["manual_request"]:
        raise OptionError("request_message", "is only used with manual_request: true; set it, or leave the message out.")
    if message and len(message) > _MESSAGE_LENGTH:
        raise OptionError(
            "request_message", f"has {len(message)} characters, more than the {_MESSAGE_LENGTH} that Azure allows; shorten it."
        )
    connection = {
        "name": task["connection_name"] and plain_name(task["connection_name"], "connection", "connection_name"),
        "privateLinkServiceId": target.id,
        "groupIds": target.groups,
        "manual": task["manual_request"],
        "requestMessage": message,
    }
    return {
        "subnet": {"id": str(resource_id(task["subnet_id"], "subnet_id", SUBNET))} if task["subnet_id"] else None,
        "connection": connection,
        "privateIPAddress": ipv4(address, "private_ip_address") if address else None,
        "customNetworkInterfaceName": interface and network_name(interface, "network interface", "network_interface_name"),
        "applicationSecurityGroups": None
        if groups is None
        else [{"id": str(resource_id(item, "application_security_group_ids", _ASG))} for item in groups],
    }
