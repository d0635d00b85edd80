# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual networks and subnets (wire facts 10). A network's etag is also its subnets' etag."""

from __future__ import annotations

import ipaddress
import uuid

from emulator import ids
from emulator.core import Emulator
from emulator.errors import Json, network_error, network_not_found, parent_not_found, resource_not_found
from emulator.operations import Operation, effect
from emulator.providers import addresses, lro, subnet_parts
from emulator.providers.common import check_if_match, check_network_name, collection, listed, location_of, new_etag, normalized, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Network/virtualNetworks"
SENT = ("addressSpace", "dhcpOptions", "encryption", "flowTimeoutInMinutes", "bgpCommunities", "ddosProtectionPlan", "enableVmProtection")


def _put(call: Call) -> Reply:
    name = check_network_name(call, "virtualNetworks")
    body, properties = call.document(), call.properties()
    existing = call.emulator.store.get(call.id)
    check_if_match(call, existing)
    _check_idle(call, existing)
    location = normalized(location_of(call))
    space = _space(call, properties)
    document: Json = {"name": name, "id": call.id, "etag": new_etag(), "type": TYPE, "location": location}
    if body.get("extendedLocation"):
        document["extendedLocation"] = body["extendedLocation"]
    document |= tags_of(body)
    if existing:
        document |= {"name": existing.name, "id": existing.id}
    document["properties"] = _properties(properties, existing)
    wanted = properties.get("subnets")
    subnets = _subnets(call, document["id"], space, wanted) if wanted is not None else None
    changed = existing is None or not _equal(existing.document, document)
    record = call.emulator.store.put(call.id, document)
    if subnets is not None and _replace_subnets(call, record, subnets):
        changed = True
    return _put_reply(call, record, changed=changed, created=existing is None)


def _put_reply(call: Call, record: Record, *, changed: bool, created: bool) -> Reply:
    if not changed:
        operation = call.emulator.operations.finished(lro.new_token(), lro.NETWORK, record.id)
        operation.facts = {"location": record.document["location"]}
        return lro.network_put(call, operation, rendered(call, record), created=False)
    for each in (record, *call.emulator.store.children(f"{record.id}/subnets")):
        each.properties["provisioningState"] = "Updating"
    operation = lro.begin_network(call, record.id, "network.provisioned", "network.put", record.document["location"], hint=3)
    return lro.network_put(call, operation, rendered(call, record), created=created)


def _check_idle(call: Call, network: Record | None) -> None:
    """A network and its subnets change one at a time (second-hand: azapi#503, pulumi-azure-native#1024)."""
    for running in call.emulator.operations.running(network.id) if network else []:
        url = lro.network_headers(call, running)["Azure-AsyncOperation"].partition("&")[0]
        message = f"Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: {url}."
        raise network_error(409, "AnotherOperationInProgress", message)


def _space(call: Call, properties: Json) -> list[addresses.Prefix]:
    prefixes = (properties.get("addressSpace") or {}).get("addressPrefixes") or []
    if not prefixes:
        raise network_error(
            400, "MissingAddressSpace", f"Address space of virtual network {call.id} must have at least one address prefix."
        )
    return [addresses.parse_prefix(each, call.id) for each in prefixes]


def _properties(sent: Json, existing: Record | None) -> Json:
    before = existing.properties if existing else {}
    found: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": before.get("resourceGuid", str(uuid.uuid4())),
        **{name: sent[name] for name in SENT if sent.get(name) is not None},
        "privateEndpointVNetPolicies": sent.get("privateEndpointVNetPolicies") or before.get("privateEndpointVNetPolicies", "Disabled"),
        "virtualNetworkPeerings": sent.get("virtualNetworkPeerings") or before.get("virtualNetworkPeerings", []),
        "enableDdosProtection": bool(sent.get("enableDdosProtection", False)),
    }
    if "dhcpOptions" in found:
        found["dhcpOptions"] = {"dnsServers": [], **found["dhcpOptions"]}
    return found


def _equal(left: Json, right: Json) -> bool:
    return {**left, "etag": ""} == {**right, "etag": ""}


def _subnets(call: Call, network: str, space: list[addresses.Prefix], wanted: list[Json]) -> list[tuple[str, Json]]:
    """Ids and properties of the subnets of a network's body, checked together."""
    found = [(f"{network}/subnets/{each.get('name', '')}", subnet_parts.properties(call, each, network)) for each in wanted]
    subnet_parts.check_prefixes(network, space, found)
    return found


def _replace_subnets(call: Call, network: Record, wanted: list[tuple[str, Json]]) -> bool:
    """Make the subnets those of the body; whether anything changed."""
    store, changed = call.emulator.store, False
    kept = {subnet_id.lower() for subnet_id, _unused in wanted}
    for subnet in store.children(f"{network.id}/subnets"):
        if subnet.id.lower() not in kept:
            subnet_parts.check_unused(call.emulator, subnet)
            store.delete(subnet.id)
            changed = True
    for subnet_id, properties in wanted:
        existing = store.get(subnet_id)
        if existing is None or not subnet_parts.same(existing, properties):
            properties["provisioningState"] = "Updating"
            store.put(subnet_id, subnet_parts.document(existing.id if existing else subnet_id, properties))
            changed = True
    return changed


@effect("network.provisioned")
def _provisioned(emulator: Emulator, operation: Operation) -> Json | None:
    """A network (with its subnets) or any simple resource of the provider becomes Succeeded under a new etag."""
    record = emulator.store.get(operation.target)
    if record is None:
        return None
    record.document["etag"] = new_etag()
    for each in (record, *emulator.store.children(f"{record.id}/subnets")):
        if each.state == "Updating":
            each.properties["provisioningState"] = "Succeeded"
            subnet_parts.settle_service_endpoints(each)
    return None


def network_of(call: Call) -> Record:
    """The network that a path names, else the gateway's 404, also for its subnets; a write below says that the parent is missing."""
    network = f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['network']}"
    record = call.emulator.store.get(network)
    if record is None and call.method == "PUT":
        raise parent_not_found("write", call.route.type.partition("/")[2], network)
    if record is None:
        raise resource_not_found(f"{TYPE}/{call.parameters['network']}", call.group)
    return record


def rendered(call: Call, record: Record) -> Json:
    """A network as an api-version shows it, with its subnets."""
    version, properties = call.api_version, dict(record.properties)
    if version < "2024-03-01":
        properties.pop("privateEndpointVNetPolicies", None)
    if not properties.get("enableVmProtection"):
        properties.pop("enableVmProtection", None)
    subnets = call.emulator.store.children(f"{record.id}/subnets")
    properties["subnets"] = [subnet_parts.rendered(call, each, record) for each in subnets]
    return {**record.document, "properties": properties}


def _get(call: Call) -> Reply:
    record = network_of(call)
    return Reply(200, rendered(call, record), {"ETag": record.document["etag"]})


def _list(call: Call) -> Reply:
    return listed(call, collection(call, TYPE), lambda record: rendered(call, record))


def _patch(call: Call) -> Reply:
    record = network_of(call)
    record.document = {**record.document, **tags_of(call.document()), "etag": new_etag()}
    return Reply(200, rendered(call, record))


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    _check_idle(call, record)
    for subnet in call.emulator.store.children(f"{record.id}/subnets"):
        subnet_parts.check_unused(call.emulator, subnet)
    record.properties["provisioningState"] = "Deleting"
    operation = lro.begin_network(call, record.id, "network.deleted", "network.delete", record.document["location"])
    return lro.network_delete(call, operation)


@effect("network.deleted")
def _deleted(emulator: Emulator, operation: Operation) -> Json | None:
    record = emulator.store.delete(operation.target)
    parent = emulator.store.get(record.id.rsplit("/", 2)[0]) if record else None
    if parent and "etag" in parent.document:
        parent.document["etag"] = new_etag()
    return None


# Subnets


def _subnet_put(call: Call) -> Reply:
    network = network_of(call)
    check_network_name(call, "subnets")
    _check_idle(call, network)
    store = call.emulator.store
    existing = store.get(call.id)
    check_if_match(call, network if existing else None)
    properties = subnet_parts.properties(call, call.document(), network.id)
    space = [addresses.parse_prefix(each, network.id) for each in network.properties["addressSpace"]["addressPrefixes"]]
    others = [(each.id, each.properties) for each in store.children(f"{network.id}/subnets") if not ids.same(each.id, call.id)]
    subnet_parts.check_prefixes(network.id, space, [*others, (call.id, properties)])
    network.document["etag"] = new_etag()
    same = existing is not None and subnet_parts.same(existing, properties)
    if existing:
        subnet_parts.check_change(call.emulator, existing, properties)
    if not same:
        properties["provisioningState"] = "Updating"
        store.put(call.id, subnet_parts.document(existing.id if existing else call.id, properties))
    record = store.get(call.id) or network
    if same:
        operation = call.emulator.operations.finished(lro.new_token(), lro.NETWORK, record.id)
        operation.facts = {"location": network.document["location"]}
    else:
        operation = lro.begin_network(call, record.id, "subnet.provisioned", "network.put", network.document["location"], hint=3)
    return lro.network_put(call, operation, _subnet_rendered(call, record, network), created=existing is None)


@effect("subnet.provisioned")
def _subnet_provisioned(emulator: Emulator, operation: Operation) -> Json | None:
    record = emulator.store.get(operation.target)
    network = emulator.store.get(operation.target.rsplit("/", 2)[0])
    if record and network:
        record.properties["provisioningState"] = "Succeeded"
        subnet_parts.settle_service_endpoints(record)
        network.document["etag"] = new_etag()
    return None


def _subnet_rendered(call: Call, record: Record, network: Record) -> Json:
    return subnet_parts.rendered(call, record, network)


def _subnet_get(call: Call) -> Reply:
    network, record = network_of(call), call.emulator.store.get(call.id)
    if record is None:
        raise network_not_found(call.id)
    return Reply(200, _subnet_rendered(call, record, network), {"ETag": network.document["etag"]})


def _subnet_list(call: Call) -> Reply:
    network = network_of(call)
    records = call.emulator.store.children(f"{network.id}/subnets")
    return listed(call, records, lambda record: subnet_parts.rendered(call, record, network))


def _subnet_delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    network = network_of(call)
    _check_idle(call, network)
    subnet_parts.check_unused(call.emulator, record)
    record.properties["provisioningState"] = "Deleting"
    operation = lro.begin_network(call, record.id, "network.deleted", "network.delete", network.document["location"])
    return lro.network_delete(call, operation)


def _check_address(call: Call) -> Reply:
    """Whether an address of the network is free, and some that are (recorded: test_network_vnet)."""
    network, wanted = network_of(call), call.query.get("ipaddress", "")
    try:
        address = ipaddress.IPv4Address(wanted)
    except ValueError:
        text = f"The IP address '{wanted}' is missing or not valid."
        raise network_error(400, "InvalidIPAddressFormat", text) from None  # unrecorded: code and text
    for subnet in call.emulator.store.children(f"{network.id}/subnets"):
        allocator = addresses.Allocator(call.emulator, subnet)
        for text in addresses.prefixes_of(subnet.properties):
            prefix = ipaddress.ip_network(text)
            if address in prefix:
                place = int(address) - int(prefix.network_address)
                reserved = place < addresses.RESERVED or wanted == str(prefix.broadcast_address)
                if not reserved and allocator.is_free(wanted):
                    return Reply(200, {"available": True, "isPlatformReserved": False})
                return Reply(200, {"available": False, "availableIPAddresses": allocator.free(5), "isPlatformReserved": reserved})
    raise network_error(
        400,
        "PrivateIPAddressNotInAnySubnet",
        f"Private static IP address {wanted} does not belong to the range of any subnet in the virtual network {network.name}.",
    )


_S = "/subscriptions/{subscription}"
_N = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"
_ONE = _N + "/{network}"

ROUTES = [
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _N, _list),
    route("PUT", _ONE, _put),
    route("GET", _ONE, _get),
    route("PATCH", _ONE, _patch),
    route("DELETE", _ONE, _delete),
    route("GET", _ONE + "/CheckIPAddressAvailability", _check_address, f"{TYPE}/checkIpAddressAvailability/read", ("ipaddress",)),
    route("GET", _ONE + "/subnets", _subnet_list),
    route("PUT", _ONE + "/subnets/{subnet}", _subnet_put),
    route("GET", _ONE + "/subnets/{subnet}", _subnet_get),
    route("DELETE", _ONE + "/subnets/{subnet}", _subnet_delete),
]
