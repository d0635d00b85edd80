# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a private endpoint: connections, address configurations, the interface, names, and keeping both sides alike."""

from __future__ import annotations

import uuid

from emulator import ids
from emulator.core import Emulator
from emulator.errors import Json, network_error
from emulator.operations import Operation, effect
from emulator.providers import addresses, targets
from emulator.providers.common import new_etag
from emulator.store import Record
from emulator.wire import Call

LISTS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
AUTOMATIC = {"status": "Approved", "description": "Auto Approved", "actionsRequired": "None"}
MANUAL = {"status": "Pending", "description": "Awaiting Approval", "actionsRequired": "None"}
"""What the network provider says before it has heard from the target."""


def connection(endpoint: str, kind: str, sent: Json, before: list[Json]) -> Json:
    """A connection of a PUT's body as its answer shows it; the state of one that is known survives."""
    known = next((each for each in before if each["name"] == sent["name"]), None)
    state = dict(AUTOMATIC if kind == LISTS[0] else MANUAL)
    if known:
        old = known["properties"]["privateLinkServiceConnectionState"]
        state = {**old, "description": "Auto Approved"} if old["status"] == "Approved" and kind == LISTS[0] else old
    properties: Json = {"provisioningState": "Succeeded", "privateLinkServiceId": sent["properties"]["privateLinkServiceId"]}
    if sent["properties"].get("groupIds"):
        properties["groupIds"] = sent["properties"]["groupIds"]
    if sent["properties"].get("requestMessage"):
        properties["requestMessage"] = sent["properties"]["requestMessage"]  # unrecorded: whether it is echoed
    properties["privateLinkServiceConnectionState"] = state
    return {
        "name": sent["name"],
        "id": f"{endpoint}/{kind}/{sent['name']}",
        "properties": properties,
        "type": f"Microsoft.Network/privateEndpoints/{kind}",
    }


def ip_configuration(endpoint: str, sent: Json) -> Json:
    properties = sent.get("properties") or {}
    kept = {name: properties[name] for name in ("groupId", "memberName", "privateIPAddress") if properties.get(name) is not None}
    return {
        "name": sent.get("name", ""),
        "id": f"{endpoint}/ipConfigurations/{sent.get('name', '')}",
        "type": "Microsoft.Network/privateEndpoints/ipConfigurations",
        "properties": {"provisioningState": "Succeeded", **kept},
    }


def wanted_addresses(properties: Json) -> list[tuple[str, str, str]]:
    """The static addresses that an endpoint asks for."""
    found = [each.get("properties") or {} for each in properties.get("ipConfigurations") or []]
    return sorted((str(each.get("groupId", "")), str(each.get("memberName", "")), str(each.get("privateIPAddress", ""))) for each in found)


def _members(document: Json) -> list[tuple[str, str]]:
    """The groups and members that an endpoint needs an address for; a private link service needs one without names."""
    found: list[tuple[str, str]] = []
    for each in [*document["properties"][LISTS[0]], *document["properties"][LISTS[1]]]:
        kind = targets.kind_of(each["properties"]["privateLinkServiceId"])
        for group in each["properties"].get("groupIds", []):
            known = kind.groups.get(group.lower()) if kind else None
            found += [(group, member) for member in (known.members if known else (group,))]
    return found or [("", "")]


def interface(call: Call, document: Json, subnet: Record, before: Json) -> Record:
    """The endpoint's interface with an address for each member: the one asked for, the one it has, else the first free one."""
    emulator, endpoint = call.emulator, document["id"]
    known = before.get("networkInterfaces", [])
    name = document["properties"]["customNetworkInterfaceName"] or f"{document['name']}.nic.{uuid.uuid4()}"
    nic_id = known[0]["id"] if known else f"{endpoint.rsplit('/', 2)[0]}/networkInterfaces/{name}"
    existing = emulator.store.get(nic_id)
    if existing and not known:
        raise network_error(
            400,
            "NetworkInterfaceNameInUse",
            f"Network interface {nic_id} exists already and cannot be used by private endpoint {endpoint}.",
        )
    allocator = addresses.Allocator(emulator, subnet, without=nic_id)
    old = {_key(each): each for each in existing.properties["ipConfigurations"]} if existing else {}
    static = [each["properties"] for each in document["properties"]["ipConfigurations"]]
    configurations: list[Json] = []
    for group, member in _members(document):
        wanted = _take(static, group, member)
        configurations.append(_configuration(nic_id, subnet, allocator, group, member, wanted, old.get((group, member))))
    for extra in static:
        configurations.append(_configuration(nic_id, subnet, allocator, extra.get("groupId", ""), extra.get("memberName", ""), extra, None))
    for number, each in enumerate(configurations):
        each["properties"]["primary"] = number == 0
    return emulator.store.put(nic_id, _interface(nic_id, endpoint, document, configurations, existing))


def _key(configuration: Json) -> tuple[str, str]:
    link = configuration["properties"].get("privateLinkConnectionProperties", {})
    return str(link.get("groupId", "")), str(link.get("requiredMemberName", ""))


def _take(static: list[Json], group: str, member: str) -> Json | None:
    """The static configuration meant for a member, taken out of the list; one without names fits any."""
    for each in static:
        if each.get("memberName", member).lower() == member.lower() and each.get("groupId", group).lower() == group.lower():
            static.remove(each)
            return each
    return None


def _configuration(
    nic: str, subnet: Record, allocator: addresses.Allocator, group: str, member: str, static: Json | None, known: Json | None
) -> Json:
    name = known["name"] if known else f"privateEndpointIpConfig.{uuid.uuid4()}"
    own_id = f"{nic}/ipConfigurations/{name}"
    if static and static.get("privateIPAddress"):
        address = allocator.static(static["privateIPAddress"], own_id)
    elif known and allocator.is_free(known["properties"]["privateIPAddress"]):
        address = allocator.static(known["properties"]["privateIPAddress"], own_id)
    else:
        address = allocator.dynamic(own_id)
    properties: Json = {
        "provisioningState": "Succeeded",
        "privateIPAddress": address,
        "privateIPAllocationMethod": "Static" if static else "Dynamic",
        "subnet": {"id": subnet.id},
        "primary": False,
        "privateIPAddressVersion": "IPv4",
    }
    if group:
        properties["privateLinkConnectionProperties"] = {"groupId": group, "requiredMemberName": member, "fqdns": []}
    return {"name": name, "id": own_id, "type": "Microsoft.Network/networkInterfaces/ipConfigurations", "properties": properties}


def _interface(nic: str, endpoint: str, document: Json, configurations: list[Json], existing: Record | None) -> Json:
    etag = new_etag()
    return {
        "name": ids.name_of(nic),
        "id": nic,
        "etag": etag,
        "type": "Microsoft.Network/networkInterfaces",
        "location": document["location"],
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": existing.properties["resourceGuid"] if existing else str(uuid.uuid4()),
            "ipConfigurations": [{**each, "etag": etag} for each in configurations],
            "dnsSettings": {"dnsServers": [], "appliedDnsServers": [], "internalDomainNameSuffix": "emulator.internal.cloudapp.net"},
            "macAddress": "",
            "vnetEncryptionSupported": False,
            "enableIPForwarding": False,
            "disableTcpStateTracking": False,
            "hostedWorkloads": [],
            "tapConfigurations": [],
            "nicType": "Standard",
            "privateEndpoint": {"id": endpoint},
        },
    }


def address_of(emulator: Emulator, endpoint: Record, group: str, members: tuple[str, ...]) -> list[str]:
    """The addresses of a group's members; an address for another member leads nowhere (recorded: IPC#28)."""
    found = []
    for reference in endpoint.properties.get("networkInterfaces", []):
        nic = emulator.store.get(reference["id"])
        for each in nic.properties["ipConfigurations"] if nic else []:
            own_group, member = _key(each)
            if own_group.lower() == group.lower() and member.lower() in ("", *members):
                found.append(each["properties"]["privateIPAddress"])
    return found


def connections_of(endpoint: Record) -> list[Json]:
    return [*endpoint.properties.get(LISTS[0], []), *endpoint.properties.get(LISTS[1], [])]


def refresh(emulator: Emulator, endpoint: Record) -> None:
    """Bring an endpoint's view of its connections, its names and its zone groups' records up to what its targets say."""
    from emulator.providers import zone_group

    for each in connections_of(endpoint):
        _refresh_state(emulator, endpoint, each)
    names = _names(emulator, endpoint)
    _name_interface(emulator, endpoint, names)
    has_group = bool(emulator.store.children(f"{endpoint.id}/privateDnsZoneGroups"))
    # unrecorded: a zone group takes the names over, and this list empties
    endpoint.properties["customDnsConfigs"] = [] if has_group else [{"fqdn": fqdn, "ipAddresses": found} for fqdn, found in names if found]
    endpoint.document["etag"] = new_etag()
    if has_group:
        zone_group.write_records(emulator, endpoint)


def _refresh_state(emulator: Emulator, endpoint: Record, each: Json) -> None:
    known = each["name"] in endpoint.hidden.get("connections", {})
    there = targets.find(emulator, endpoint, each["name"])
    if there:
        state = there.properties["privateLinkServiceConnectionState"]
        each["properties"]["privateLinkServiceConnectionState"] = {
            "status": state["status"],
            "description": state.get("description", ""),
            "actionsRequired": state.get("actionsRequired", "None"),
        }
    elif known:
        each["properties"]["privateLinkServiceConnectionState"] = {
            "status": "Disconnected",
            "description": "Deleted state",
            "actionsRequired": "None",
        }


def _names(emulator: Emulator, endpoint: Record) -> list[tuple[str, list[str]]]:
    """The public names that lead to this endpoint, and where: while pending a vault shows another name, storage none."""
    found = []
    for each in connections_of(endpoint):
        properties = each["properties"]
        kind, name = targets.kind_of(properties["privateLinkServiceId"]), ids.name_of(properties["privateLinkServiceId"]).lower()
        status = properties["privateLinkServiceConnectionState"]["status"]
        for group_id in properties.get("groupIds", []):
            group = kind.groups.get(group_id.lower()) if kind else None
            template = (group.pending if status == "Pending" else group.fqdn) if group else ""
            if template:
                found.append(
                    (
                        emulator.cloud.localized(template.format(name=name)),
                        address_of(emulator, endpoint, group_id, group.members if group else ()),
                    )
                )
    return found


def _name_interface(emulator: Emulator, endpoint: Record, names: list[tuple[str, list[str]]]) -> None:
    for reference in endpoint.properties.get("networkInterfaces", []):
        nic = emulator.store.get(reference["id"])
        for each in nic.properties["ipConfigurations"] if nic else []:
            link = each["properties"].get("privateLinkConnectionProperties")
            if link:
                link["fqdns"] = [fqdn for fqdn, found in names if each["properties"]["privateIPAddress"] in found]


def disconnect(emulator: Emulator, connection: Record, *, target_gone: bool) -> None:
    """The target's side is gone: the endpoint becomes informative.

    unrecorded for vaults. The state is that of the recorded storage account; there, where the target itself was gone,
    the endpoint was Failed too.
    """
    endpoint = emulator.store.get(connection.hidden.get("endpoint"))
    emulator.store.delete(connection.id)
    if endpoint is None:
        return
    if target_gone:
        endpoint.properties["provisioningState"] = "Failed"
        for each in connections_of(endpoint):
            if each["name"] == connection.hidden.get("connection"):
                each["properties"]["provisioningState"] = "Failed"
    refresh(emulator, endpoint)
    if not target_gone:
        # the network provider is busy with the endpoint for a while (recorded: a deletion right then is refused with 429)
        seconds = emulator.settings.seconds("endpoint.notify")
        emulator.operations.begin(str(uuid.uuid4()), "change", endpoint.id, "endpoint.notified", seconds=seconds)


@effect("endpoint.notified")
def _notified(emulator: Emulator, operation: Operation) -> Json | None:
    return None


def apply_policy(emulator: Emulator, endpoint: Record) -> None:
    """Where an Azure Policy creates zone groups, one appears some minutes later."""
    policy = emulator.settings.policy
    if policy is None or emulator.store.children(f"{endpoint.id}/privateDnsZoneGroups"):
        return
    arguments = {"group_name": policy.get("group_name", "deployedByPolicy"), "zones": policy.get("zones", {})}
    seconds = emulator.settings.seconds("policy.zone_group")
    emulator.operations.begin(str(uuid.uuid4()), "change", endpoint.id + "/policy", "policy.zone_group", arguments, seconds=seconds)


@effect("policy.zone_group")
def _policy_group(emulator: Emulator, operation: Operation) -> Json | None:
    from emulator.providers import zone_group

    endpoint = emulator.store.get(operation.target.rsplit("/", 1)[0])
    if endpoint is None or emulator.store.children(f"{endpoint.id}/privateDnsZoneGroups"):
        return None
    groups = {group.lower() for each in connections_of(endpoint) for group in each["properties"].get("groupIds", [])}
    zones = [zone for group, zone in operation.arguments["zones"].items() if group.lower() in groups]
    if zones:
        zone_group.deploy(emulator, endpoint, operation.arguments["group_name"], zones)
    return None
