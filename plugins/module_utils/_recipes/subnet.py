# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a subnet."""

from __future__ import annotations

import typing as t

from .._documents.address_space import subnet_range
from .._documents.ids import NETWORK, SUBNET
from .._identity import Level, Nested
from .._options import STATE, Spec
from .._resources.subnet import Subnet
from .._spelling import SUBNET as SPELLING
from .._values import namespace_of, resource_id

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = Nested((Level(NETWORK, "virtual_network_name", "virtual_network_id"), Level(SUBNET, "name", "id")))


OPTIONS: Spec = {
    "address_prefixes": {"type": "list", "elements": "str"},
    "private_endpoint_network_policies": {
        "type": "str",
        "choices": ["Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"],
    },
    "network_security_group_id": {"type": "str"},
    "route_table_id": {"type": "str"},
    "service_endpoints": {"type": "list", "elements": "str"},
    "default_outbound_access": {"type": "bool"},
    **STATE,
}


def resources(task: Task) -> list[Subnet]:
    """Map the options to the resource."""
    prefixes, services = task["address_prefixes"], task["service_endpoints"]
    properties = {
        "addressPrefixes": None if prefixes is None else [subnet_range(item, "address_prefixes") for item in prefixes],
        "privateEndpointNetworkPolicies": task["private_endpoint_network_policies"],
        "networkSecurityGroup": _reference(task, "network_security_group_id", "Microsoft.Network/networkSecurityGroups"),
        "routeTable": _reference(task, "route_table_id", "Microsoft.Network/routeTables"),
        "serviceEndpoints": None if services is None else [{"service": namespace_of(each, "service_endpoints")} for each in services],
        "defaultOutboundAccess": task["default_outbound_access"],
    }
    desired = None if task.absent else {"properties": properties}
    return [Subnet(IDENTITY.of(task), desired, spelling=SPELLING)]


def _reference(task: Task, option: str, kind: str) -> dict[str, str] | None:
    return {"id": str(resource_id(task[option], option, kind))} if task[option] else None
