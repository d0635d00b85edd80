# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small resources of Microsoft.Network: interfaces, application security groups, security groups, route tables."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from emulator import ids
from emulator.errors import Json, network_error, resource_not_found
from emulator.providers import lro, rule_checks
from emulator.providers.common import check_if_match, check_network_name, collection, listed, location_of, new_etag, normalized, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, Route, route

NIC = "Microsoft.Network/networkInterfaces"


def _existing(call: Call) -> Record:
    record = call.emulator.store.get(call.id)
    if record is None:
        raise resource_not_found(f"{call.route.type}/{call.name}", call.group)
    return record


def _get(call: Call) -> Reply:
    record = _existing(call)
    return Reply(200, _shown(call, record), {"ETag": record.document["etag"]})


def _list(call: Call) -> Reply:
    records = collection(call)
    return listed(call, records, lambda record: _shown(call, record))


def _shown(call: Call, record: Record) -> Json:
    """A security group or route table also shows the subnets that use it; a security group has rules of its own."""
    if call.route.type not in ("Microsoft.Network/networkSecurityGroups", "Microsoft.Network/routeTables"):
        return record.document
    users, rules = _users(call, record), (rules_of if call.route.type.endswith("SecurityGroups") else routes_of)(record)
    return {
        **record.document,
        "properties": {**record.properties, **rules, **({"subnets": [{"id": each.id} for each in users]} if users else {})},
    }


def _users(call: Call, record: Record) -> list[Record]:
    key = "networkSecurityGroup" if "securitygroups" in record.id.lower() else "routeTable"
    return call.emulator.store.referring(key, "microsoft.network/virtualnetworks/subnets", record.id)


def _put(properties: Callable[[Json], Json]) -> Callable[[Call], Reply]:
    """A handler that stores a simple resource."""

    def handler(call: Call) -> Reply:
        name, existing = check_network_name(call, ""), call.emulator.store.get(call.id)
        check_if_match(call, existing)
        location = normalized(location_of(call))
        before = existing.properties if existing else {}
        guid = (
            {}
            if call.route.type.endswith("/applicationSecurityGroups")
            else {"resourceGuid": before.get("resourceGuid", str(uuid.uuid4()))}
        )
        document: Json = {
            "name": name,
            "id": call.id,
            "etag": new_etag(),
            "type": call.route.type,
            "location": location,
            **tags_of(call.document()),
        }
        document["properties"] = {"provisioningState": "Updating", **guid, **properties(call.properties())}
        rule_checks.together(call.route.type, call.id, document["properties"])
        record = call.emulator.store.put(call.id, document)
        operation = lro.begin_network(call, record.id, "network.provisioned", "network.put", location, hint=3)
        return lro.network_put(call, operation, _shown(call, record), created=existing is None)

    return handler


def _patch(call: Call) -> Reply:
    record = _existing(call)
    record.document = {**record.document, **tags_of(call.document()), "etag": new_etag()}
    return Reply(200, _shown(call, record))


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    _check_unused(call, record)
    operation = lro.begin_network(call, record.id, "network.deleted", "network.delete", record.document["location"])
    return lro.network_delete(call, operation)


def _check_unused(call: Call, record: Record) -> None:
    endpoint = (record.properties.get("privateEndpoint") or {}).get("id")
    if endpoint:
        raise network_error(
            400,
            "NicInUse",
            f"Network Interface {record.id} is used by existing resource {endpoint}. In order "
            "to delete the network interface, it must be dissociated "
            "from the resource. To learn more, see aka.ms/deletenic.",
        )
    users = _users(call, record) if call.route.type.endswith(("networkSecurityGroups", "routeTables")) else []
    if users and call.route.type.endswith("networkSecurityGroups"):
        raise network_error(
            400,
            "InUseNetworkSecurityGroupCannotBeDeleted",
            f"Network security group {record.id} cannot be deleted because it is in use by the "
            f"following resources: {', '.join(each.id for each in users)}. "
            "In order to delete the Network security group, remove the association with the "
            "resource(s). To learn how to do this, see aka.ms/deletensg.",
        )
    if users:
        raise network_error(
            400,
            "InUseRouteTableCannotBeDeleted",
            f"Route table {record.name} is in use and cannot be deleted. It is used by: {', '.join(each.id for each in users)}.",
        )
    endpoints = call.emulator.store.all_of_type("microsoft.network/privateendpoints")
    if any(ids.same(each["id"], record.id) for endpoint in endpoints for each in endpoint.properties.get("applicationSecurityGroups", [])):
        raise network_error(
            400, "ApplicationSecurityGroupInUse", f"Application security group {record.id} is in use and cannot be deleted."
        )


def _security_group(sent: Json) -> Json:
    return {"securityRules": sent.get("securityRules") or []}


_OWN_RULES = (
    ("AllowVnetInBound", "Allow inbound traffic from all VMs in VNET", "VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Inbound"),
    (
        "AllowAzureLoadBalancerInBound",
        "Allow inbound traffic from azure load balancer",
        "AzureLoadBalancer",
        "*",
        "Allow",
        65001,
        "Inbound",
    ),
    ("DenyAllInBound", "Deny all inbound traffic", "*", "*", "Deny", 65500, "Inbound"),
    (
        "AllowVnetOutBound",
        "Allow outbound traffic from all VMs to all VMs in VNET",
        "VirtualNetwork",
        "VirtualNetwork",
        "Allow",
        65000,
        "Outbound",
    ),
    ("AllowInternetOutBound", "Allow outbound traffic from all VMs to Internet", "*", "Internet", "Allow", 65001, "Outbound"),
    ("DenyAllOutBound", "Deny all outbound traffic", "*", "*", "Deny", 65500, "Outbound"),
)
_MANY: Json = {each: [] for each in ("sourcePortRanges", "destinationPortRanges", "sourceAddressPrefixes", "destinationAddressPrefixes")}


def routes_of(record: Record) -> Json:
    """The routes of a route table as they are shown."""
    shown = []
    for each in record.properties["routes"]:
        properties = {"provisioningState": record.state, "hasBgpOverride": False, **(each.get("properties") or {})}
        place = {"name": each.get("name", ""), "id": f"{record.id}/routes/{each.get('name', '')}", "etag": record.document["etag"]}
        shown.append({**place, "type": "Microsoft.Network/routeTables/routes", "properties": properties})
    return {"routes": shown}


def rules_of(record: Record) -> Json:
    """The rules of a security group: those that were sent, and those that every group has (recorded)."""
    own = [
        (
            name,
            {"description": text, "protocol": "*", "sourcePortRange": "*", "destinationPortRange": "*", "sourceAddressPrefix": source}
            | {"destinationAddressPrefix": destination, "access": access, "priority": priority, "direction": direction},
        )
        for name, text, source, destination, access, priority, direction in _OWN_RULES
    ]
    sent = [(each.get("name", ""), each.get("properties") or {}) for each in record.properties["securityRules"]]
    return {
        kind: [_rule(record, kind, *each) for each in rules] for kind, rules in (("securityRules", sent), ("defaultSecurityRules", own))
    }


def _rule(record: Record, kind: str, name: str, properties: Json) -> Json:
    return {
        "name": name,
        "id": f"{record.id}/{kind}/{name}",
        "etag": record.document["etag"],
        "type": f"Microsoft.Network/networkSecurityGroups/{kind}",
        "properties": {"provisioningState": record.state, **_MANY, **properties},
    }


def _route_table(sent: Json) -> Json:
    return {"disableBgpRoutePropagation": bool(sent.get("disableBgpRoutePropagation", False)), "routes": sent.get("routes") or []}


def _application_group(_sent: Json) -> Json:
    """Nothing of its own, not even a resourceGuid (recorded in 2024)."""
    return {}


def _routes(kind: str, name: str, put: Callable[[Call], Reply] | None) -> list[Route]:
    everywhere = f"/subscriptions/{{subscription}}/providers/{kind}"
    group = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{kind}"
    one = f"{group}/{{{name}}}"
    found = [
        route("GET", everywhere, _list),
        route("GET", group, _list),
        route("GET", one, _get),
        route("DELETE", one, _delete),
        route("PATCH", one, _patch),
    ]
    return [*found, route("PUT", one, put)] if put else found


ROUTES = [
    *_routes(NIC, "interface", None),
    *_routes("Microsoft.Network/applicationSecurityGroups", "security", _put(_application_group)),
    *_routes("Microsoft.Network/networkSecurityGroups", "security", _put(_security_group)),
    *_routes("Microsoft.Network/routeTables", "table", _put(_route_table)),
]
