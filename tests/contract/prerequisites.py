# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making what a recording takes for granted, see assumptions.py.

They are made through ARM like any other, from what the recording shows of them, so that the emulator's own answers are compared.
What the emulator does not serve (network security groups of a VM, public addresses, ...) is only noted down as being there.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from contract import helpers
from contract.arm import Arm, served
from contract.assumptions import STATE, assumed, body_of, deleted_vault, endpoint_of, found_deleted, objects, part, recovered
from contract.recordings import ASYNC, GUID, Json, Recording, type_of
from emulator import ids

VERSIONS = (
    ("microsoft.network/privatedns", "2024-06-01"),
    ("microsoft.network/", "2024-03-01"),
    ("microsoft.keyvault/", "2023-07-01"),
    ("microsoft.storage/", "2023-05-01"),
    ("resourcegroups", "2022-09-01"),
)
ORDER = (
    *("resourcegroups", "networksecuritygroups", "routetables", "applicationsecuritygroups", "virtualnetworks", "subnets"),
    *("vaults", "managedhsms", "storageaccounts", "privatelinkservices", "privatednszones", "virtualnetworklinks", "privateendpoints"),
)
_SERVER_MADE = frozenset({"id", "name", "type", "etag", "systemData"})
_SERVICES = [{"service": "Microsoft.KeyVault"}]
_ELSEWHERE = (
    *("microsoft.keyvault/locations", "microsoft.network/networkinterfaces", "microsoft.network/privatednszones/soa"),
    "microsoft.compute/virtualmachines",  # of which recordings show too little to make them
)
_USED = frozenset({"microsoft.network/virtualnetworks", "microsoft.network/virtualnetworks/subnets", "microsoft.network/networkinterfaces"})
"""Types whose ipConfigurations are what others have there, not what somebody asked for."""
SUBNET_TYPE = "microsoft.network/virtualnetworks/subnets"
GROUP_TYPE = "microsoft.network/privateendpoints/privatednszonegroups"


def version_of(kind: str) -> str:
    return next((version for prefix, version in VERSIONS if kind.startswith(prefix)), "2022-09-01")


def make(arm: Arm, recording: Recording, rename: Any, names: dict[str, str]) -> list[str]:
    """Make what a recording assumes; returns what could not be made. ``names``: the recording's guids beside the emulator's."""
    wanted = helpers.completed(assumed(recording), recording)
    alone = sum(type_of(each) == SUBNET_TYPE for each in wanted) == 1
    found = {resource: _placed(recording, resource, body or _around(resource, wanted), alone=alone) for resource, body in wanted.items()}
    problems = []
    _register(arm, recording)
    _delete(arm, recording, rename)
    for resource in sorted(found, key=_rank):
        body = rename(found[resource])
        kind = type_of(resource)
        if kind.startswith(_ELSEWHERE) or "/privateendpointconnections" in kind:
            continue
        if not served("PUT", resource):
            arm.control("PUT", "resource", {"id": resource, "properties": {}, **body}, id=resource)
            continue
        if arm.call("GET", resource, {"api-version": version_of(kind)}).status == 200:
            continue
        request = rename(request_for(resource, body, found))
        if "tenantId" in request.get("properties", {}):
            request["properties"]["tenantId"] = arm.emulation.facts["tenant"]
        answer = arm.call("PUT", resource, {"api-version": version_of(kind)}, request)
        arm.advance(900)
        if answer.status >= 300:
            problems.append(f"{resource}: {answer.status} {answer.body}")
    for resource, body in found.items():
        if type_of(resource).endswith("/privateendpointconnections") and endpoint_of(body):
            _decide(arm, resource, body, names)
    _begin(arm, recording, found)
    _disconnect(arm, recording, found)
    return problems


def _decide(arm: Arm, resource: str, body: Json, names: dict[str, str]) -> None:
    """Find the connection that the endpoint has made, which may have another name, and bring it into the recorded state."""
    collection, version = resource.rsplit("/", 1)[0], {"api-version": version_of(type_of(resource))}
    listed = arm.call("GET", collection, version).body
    mine = (each for each in objects(listed if isinstance(listed, dict) else {}, "value") if ids.same(endpoint_of(each), endpoint_of(body)))
    there = next(mine, None)
    if there is None:
        return
    names.update(zip(GUID.findall(resource.rsplit("/", 1)[1]), GUID.findall(there["id"].rsplit("/", 1)[1]), strict=False))
    state, now = (part(part(each, "properties"), "privateLinkServiceConnectionState") for each in (body, there))
    if state.get("status") not in ("Approved", "Rejected") or (state.get("status") == now.get("status") and "etag" not in body):
        return
    if type_of(resource).startswith("microsoft.storage/") and state.get("description") == now.get("description"):
        return
    wanted = {name: state[name] for name in ("status", "description", "actionsRequired") if name in state}
    arm.call("PUT", there["id"], version, {"properties": {"privateLinkServiceConnectionState": wanted}})
    if part(body, "properties").get("provisioningState") != "Updating":
        arm.advance(900)


def _disconnect(arm: Arm, recording: Recording, found: dict[str, Json]) -> None:
    """Where an endpoint is refused because its connection went, and that is not in the recording, let one go."""
    for number, exchange in enumerate(recording.exchanges):
        before = recording.exchanges[:number]
        reported = any(
            each.method == "DELETE" and each.type.endswith("/privateendpointconnections") and served("DELETE", each.path) for each in before
        )
        busy = exchange.status == 429 and "PutPrivateLinkServiceProxyOperation" in str(exchange.body)
        if reported or not busy or not any(ids.same(exchange.path, each) for each in found):
            continue
        endpoint = arm.call("GET", exchange.path, {"api-version": version_of(exchange.type)}).body
        for each in objects(part(endpoint, "properties"), "privateLinkServiceConnections"):
            target = str(part(each, "properties").get("privateLinkServiceId"))
            arm.call("DELETE", f"{target}/privateEndpointConnections/{each['name']}", {"api-version": version_of(type_of(target))})
            arm.advance(31)  # a vault needs that long; then the endpoint is busy for a while
        return


def _begin(arm: Arm, recording: Recording, found: dict[str, Json]) -> None:
    """Begin what the recording finds going on: registrations of names and of providers, deletions of groups."""
    links = {each: body for each, body in found.items() if part(body, "properties").get("virtualNetworkLinkState") == "InProgress"}
    for enabled, seconds in ((False, 900), (True, 62)) if links else ():
        for link, body in links.items():
            properties = {"registrationEnabled": enabled, "virtualNetwork": part(body["properties"], "virtualNetwork")}
            arm.call("PUT", link, {"api-version": version_of(type_of(link))}, {"location": "global", "properties": properties})
        arm.advance(seconds)  # the operation takes a minute, the registration another
    for resource, body in found.items():
        if type_of(resource) == "resourcegroups" and part(body, "properties").get("provisioningState") == "Deleting":
            arm.call("DELETE", resource, {"api-version": version_of("resourcegroups")})
    seen: set[str] = set()
    for exchange in recording.exchanges:
        state, path = body_of(exchange).get("registrationState"), re.sub(r"/(un)?register$", "", exchange.path)
        if state and path.lower() not in seen and exchange.method == "GET" and state in ("Registering", "Unregistering"):
            arm.call("POST", f"{path}/{'register' if state == 'Registering' else 'unregister'}", {"api-version": "2022-09-01"})
        seen.update([path.lower()] if state else [])


def _around(resource: str, others: dict[str, Json]) -> Json:
    """A subnet that is known only by the addresses that endpoints ask for in it."""
    if type_of(resource) == SUBNET_TYPE:
        for each in others.values():
            properties = part(each, "properties")
            wanted = [part(one, "properties").get("privateIPAddress") for one in objects(properties, "ipConfigurations")]
            if wanted and wanted[0] and ids.same(part(properties, "subnet").get("id"), resource):
                return {"properties": {"addressPrefix": f"{str(wanted[0]).rsplit('.', 1)[0]}.0/24", "serviceEndpoints": _SERVICES}}
    return {}


def _placed(recording: Recording, resource: str, body: Json, *, alone: bool) -> Json:
    """A body with the region that the URLs of the resource's operations name, where it says none itself."""
    if type_of(resource) == SUBNET_TYPE and not body and alone:
        # where the recording shows addresses, they are in this subnet
        seen = str([(each.sent, each.body) for each in recording.exchanges])
        address = re.search(r"'(?:privateIPAddress|ipAddresses)': \[?'(\d+\.\d+\.\d+)\.\d+'", seen)
        return {"properties": {"addressPrefix": f"{address[1]}.0/24", "serviceEndpoints": _SERVICES}} if address else body
    for exchange in recording.exchanges:
        deleted, shown = deleted_vault(exchange)
        if deleted and not body.get("location") and ids.same(f"vaults/{ids.name_of(deleted)}", "/".join(resource.rsplit("/", 2)[1:])):
            body = {**body, "location": shown["location"]}
        if (
            not body.get("location")
            and isinstance(exchange.sent, dict)
            and type_of(resource) in ("resourcegroups", "microsoft.network/virtualnetworks")
        ):
            body = {
                **body,
                **({"location": exchange.sent["location"]} if exchange.sent.get("location", "global").lower() != "global" else {}),
            }
        region = re.search(r"/locations/([^/]+)/operations/", exchange.headers.get(ASYNC, ""))
        if region and not body.get("location") and (exchange.path.lower() + "/").startswith(resource.lower() + "/"):
            return {**body, "location": region[1]}
    return body


def _delete(arm: Arm, recording: Recording, rename: Any) -> None:
    """Make and delete the vaults that the recording finds deleted."""
    for vault, shown in found_deleted(recording).items():
        location = {"location": shown.get("location")}
        arm.call("PUT", vault.split("/providers/")[0], {"api-version": version_of("resourcegroups")}, location)
        own: Json = {"enablePurgeProtection": True} if shown.get("purgeProtectionEnabled") else {}
        own = {"sku": {"family": "A", "name": "standard"}, "accessPolicies": [], **own, **rename(recovered(recording, vault))}
        own["tenantId"] = arm.emulation.facts["tenant"]
        version = {"api-version": version_of("microsoft.keyvault/")}
        arm.call("PUT", vault, version, {**location, "tags": shown.get("tags") or {}, "properties": own})
        arm.advance(600)
        arm.call("DELETE", vault, version)


def _register(arm: Arm, recording: Recording) -> None:
    """Bring providers into the state in which the recording finds them."""
    seen: set[str] = set()
    for exchange in recording.exchanges:
        state = exchange.body.get("registrationState") if isinstance(exchange.body, dict) else None
        path = re.sub(r"/(un)?register$", "", exchange.path)
        if state and path.lower() not in seen:
            seen.add(path.lower())
            verbs = {"Registered": ["register"], "Unregistering": ["register"], "Unregistered": ["register", "unregister"]}.get(state, [])
            for verb in verbs if exchange.method == "GET" else []:
                arm.call("POST", f"{path}/{verb}", {"api-version": "2022-09-01"})
                arm.advance(600)


def _rank(resource: str) -> tuple[int, int, str]:
    kind = type_of(resource).rsplit("/", 1)[-1]
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), resource.count("/"), resource)


def request_for(resource: str, body: Json, others: dict[str, Json]) -> Json:
    """The request that makes a resource look as it was recorded."""
    kind = type_of(resource)
    wanted: Json = {name: value for name, value in body.items() if name not in _SERVER_MADE}
    used = {"ipConfigurations"} if kind in _USED else set()
    properties: Json = {name: value for name, value in part(body, "properties").items() if name not in STATE | used}
    if not kind.startswith("microsoft.network/privatednszones/") and kind not in (SUBNET_TYPE, GROUP_TYPE):
        wanted.setdefault("location", "global" if kind.startswith("microsoft.network/privatednszones") else _location(others))
    properties.update(_needed(kind, resource, body, others, properties))
    if part(body, "properties").get("provisioningState") == "Updating" and kind in ("microsoft.network/virtualnetworks", SUBNET_TYPE):
        # shown by the update itself: what there was before is not known, only that it was something else
        other = "Enabled" if properties.get("privateLinkServiceNetworkPolicies") == "Disabled" else "Disabled"
        properties.update({"privateLinkServiceNetworkPolicies": other} if kind == SUBNET_TYPE else {"flowTimeoutInMinutes": 29})
    if kind != "resourcegroups":
        wanted["properties"] = properties
    return wanted


def _location(others: dict[str, Json]) -> str:
    known = [str(each["location"]) for each in others.values() if each.get("location") not in (None, "global")]
    return known[0] if known else "westus"


def _needed(kind: str, resource: str, body: Json, others: dict[str, Json], properties: Json) -> Json:
    """What a type cannot be made without."""
    if kind == "microsoft.network/virtualnetworks":
        subnets = [{**each, "properties": _plain(each)} for each in objects(part(body, "properties"), "subnets")]
        space = properties.get("addressSpace") or {"addressPrefixes": _spaces(resource, others)}
        return {"addressSpace": space, **({"subnets": subnets} if subnets else {})}
    if kind == SUBNET_TYPE and not {"addressPrefix", "addressPrefixes"} & properties.keys():
        siblings = sorted(each.lower() for each in others if each.lower().startswith(f"{resource.lower().rsplit('/', 1)[0]}/"))
        return {"addressPrefix": f"10.0.{siblings.index(resource.lower()) % 255}.0/24", "serviceEndpoints": _SERVICES}
    if kind == "microsoft.keyvault/vaults":
        return {
            "tenantId": "",
            "sku": properties.get("sku", {"family": "A", "name": "standard"}),
            "accessPolicies": properties.get("accessPolicies", []),
        }
    if kind == "microsoft.network/privatelinkservices" and not properties:
        front = f"{resource.split('/providers/', maxsplit=1)[0]}/providers/Microsoft.Network/loadBalancers/lb/frontendIPConfigurations/fe"
        return {
            "loadBalancerFrontendIpConfigurations": [{"id": front}],
            "visibility": {"subscriptions": ["*"]},
            "autoApproval": {"subscriptions": ["*"]},
        }
    return {}


def _spaces(network: str, others: dict[str, Json]) -> list[str]:
    """Room for private addresses, and for the subnets that the recording shows."""
    prefixes = [
        str(part(each, "properties").get("addressPrefix", ""))
        for name, each in others.items()
        if name.lower().startswith(f"{network.lower()}/subnets/")
    ]
    private = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    shown = [ipaddress.ip_network(each) for each in prefixes if each]
    return [*private, *sorted({str(each) for each in shown if each.version == 4 and not each.is_private})]


def _plain(subnet: Json) -> Json:
    return {name: value for name, value in part(subnet, "properties").items() if name not in STATE | {"ipConfigurations"}}
