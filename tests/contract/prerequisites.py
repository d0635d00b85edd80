# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording takes for granted: resources that answered before anything in it made them.

They are made through ARM like any other, from what the recording shows of them, so that the emulator's own answers are compared.
What the emulator does not serve (network security groups of a VM, public addresses, ...) is only noted down as being there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from contract import helpers
from contract.arm import Arm, served
from contract.recordings import ASYNC, GUID, Exchange, Json, Recording, path_of, type_of
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
_ID = re.compile(r"^/subscriptions/[^/]+/resourcegroups/[^/]+(/providers/[^/]+(/[^/]+/[^/]+)+)?$", re.IGNORECASE)
_SERVER_MADE = frozenset({"id", "name", "type", "etag", "systemData"})
_SERVICES = [{"service": "Microsoft.KeyVault"}]
_ELSEWHERE = ("microsoft.keyvault/locations", "microsoft.network/networkinterfaces", "microsoft.network/privatednszones/soa")
_STATE = frozenset({"provisioningState", "resourceGuid", "privateEndpointConnections", "vaultUri", "hsmUri", "privateEndpoints", "purpose", "subnets"})
_USED = frozenset({"microsoft.network/virtualnetworks", "microsoft.network/virtualnetworks/subnets", "microsoft.network/networkinterfaces"})
"""Types whose ipConfigurations are what others have there, not what somebody asked for."""
SUBNET_TYPE = "microsoft.network/virtualnetworks/subnets"


def version_of(kind: str) -> str:
    return next((version for prefix, version in VERSIONS if kind.startswith(prefix)), "2022-09-01")


def assumed(recording: Recording) -> dict[str, Json]:
    """The resources that were there from the start, by id as first spelled, with what is known of them."""
    made: set[str] = set()
    gone: set[str] = {each.lower() for each in _found_deleted(recording)}
    found: dict[str, tuple[str, Json]] = {}
    missed = refused(recording)
    for exchange in recording.exchanges:
        for resource, body in (*_shown(exchange), *_listed(exchange), *([(exchange.path, {})] if exchange.label in missed else [])):
            key = resource.lower()
            if key not in gone and not _inside(key, made) and endpoint_of(body).lower() not in made:
                first = found.setdefault(key, (resource, {}))
                if not first[1]:
                    found[key] = (first[0], body)
        _note(exchange, made, gone, found)
    for resource in [each for each, _unused in found.values()]:
        group, _unused, below = resource.partition("/providers/")
        if below and _ID.match(group):
            found.setdefault(group.lower(), (group, {}))
    listed = {each["id"].lower(): each for exchange in recording.exchanges for each in _list(_body(exchange), "value") if "id" in each}
    return {resource: body or listed.get(resource.lower(), {}) for resource, body in found.values()}


def endpoint_of(connection: Json) -> str:
    """The endpoint that a connection belongs to; empty for anything else."""
    return str(_of(_of(connection, "properties"), "privateEndpoint").get("id") or "")


def refused(recording: Recording) -> set[str]:
    """Writes that failed because of what is there: at once, or as their operation's polls say."""
    failed = {each.path.lower() for each in recording.exchanges if each.error_code == "PreconditionFailed" and each.method == "GET"}
    return {
        each.label
        for each in recording.exchanges
        if each.method in ("PUT", "PATCH") and (each.status == 412 or path_of(each.headers.get(ASYNC, "")).lower() in failed) and _ID.match(each.path)
    }


def _listed(exchange: Exchange) -> Iterator[tuple[str, Json]]:
    """What a list in a group shows, and the connections that a target shows."""
    if exchange.method != "GET" or exchange.status != 200 or "/resourcegroups/" not in exchange.path.lower():
        return
    entries = _list(_body(exchange), "value")
    for each in [*entries, *(one for owner in [_body(exchange), *entries] for one in _list(_of(owner, "properties"), "privateEndpointConnections"))]:
        resource = str(each.get("id", ""))
        if _ID.match(resource) and served("PUT", resource) and not type_of(resource).endswith("/soa"):
            yield resource, each


def _inside(key: str, made: set[str]) -> bool:
    """Whether a resource was made by the recording, or belongs to one that was (a group does not make what is in it)."""
    return any(key == each or (key.startswith(f"{each}/") and "/providers/" in each) for each in made)


def _note(exchange: Exchange, made: set[str], gone: set[str], found: dict[str, tuple[str, Json]]) -> None:
    """What a write made; what was missing when it was first asked for."""
    key = exchange.path.lower()
    if not _ID.match(exchange.path) or key in found:
        return
    if exchange.method == "PUT" and exchange.status < 300:
        made.add(key)
        made.update(f"{key}/subnets/{each['name'].lower()}" for each in _list(_of(exchange.sent, "properties"), "subnets") if "name" in each)
    elif (exchange.method, exchange.status) in (("GET", 404), ("DELETE", 200), ("DELETE", 202)):
        gone.add(key)


def _shown(exchange: Exchange) -> Iterator[tuple[str, Json]]:
    """Resources that an exchange proves to exist, with what it shows of them."""
    path, body = exchange.path, _body(exchange)
    if "/locations/" in path.lower():
        return
    if exchange.status < 400 and "/providers/" in path and "/resourcegroups/" in path.lower():
        yield path.split("/providers/")[0], {}
        yield from ((each, {}) for each in _parents(path))
    if exchange.status >= 400 or not _ID.match(path):
        if exchange.status == 404 and exchange.error_code not in ("ResourceGroupNotFound",) and "/providers/" in path:
            yield path.split("/providers/")[0], {}
        return
    if exchange.method in ("GET", "PATCH", "POST") and exchange.status < 300 and (body or exchange.method != "GET"):
        yield path, body
    elif exchange.method == "DELETE" and exchange.status in (200, 202):
        yield path, {}
    elif exchange.method == "PUT" and (_updates(exchange, body) or _recovers(exchange)):
        yield path, body
    if exchange.method in ("PUT", "PATCH") and exchange.status < 300:
        yield from ((each, {}) for each in _references(exchange.sent) if each.lower() != path.lower() and not each.lower().startswith(f"{path.lower()}/"))


def _updates(exchange: Exchange, body: Json) -> bool:
    """Whether a PUT changed what was there: most types tell by 200, vaults by their state, any by its condition."""
    if exchange.status != 200:
        return exchange.status < 300 and "if-match" in exchange.sent_headers
    state = _of(body, "properties").get("provisioningState")
    if exchange.type == "microsoft.keyvault/vaults":
        return state == "Succeeded" and _of(exchange.sent, "properties").get("createMode") != "recover"
    return bool(exchange.type not in ("microsoft.storage/storageaccounts", "microsoft.keyvault/managedhsms"))


def _body(exchange: Exchange) -> Json:
    return exchange.body if isinstance(exchange.body, dict) else {}


def _recovers(exchange: Exchange) -> bool:
    return exchange.type == "microsoft.keyvault/vaults" and _of(exchange.sent, "properties").get("createMode") == "recover"


def _parents(path: str) -> Iterator[str]:
    scope, _unused, below = path.partition("/providers/")
    parts = below.split("/")
    for count in range(3, len(parts), 2):
        if _ID.match(parent := f"{scope}/providers/" + "/".join(parts[:count])):
            yield parent


def _references(value: Any) -> Iterator[str]:
    """Ids of other resources in a request."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in ("id", "privateLinkServiceId", "privateDnsZoneId") and isinstance(each, str) and _ID.match(each):
                yield from (parent for parent in _parents(each) if parent.lower() != each.lower())
                yield each
            else:
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _of(value: Any, name: str) -> Json:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _list(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


# Making them


def make(arm: Arm, recording: Recording, rename: Any, names: dict[str, str]) -> list[str]:
    """Make what a recording assumes; returns what could not be made. ``names``: the recording's guids beside the emulator's."""
    wanted = helpers.completed(assumed(recording), recording)
    alone = sum(type_of(each) == SUBNET_TYPE for each in wanted) == 1
    found = {resource: _placed(recording, resource, body, alone=alone) for resource, body in wanted.items()}
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
    return problems


def _decide(arm: Arm, resource: str, body: Json, names: dict[str, str]) -> None:
    """Find the connection that the endpoint has made, which may have another name, and bring it into the recorded state."""
    collection, version = resource.rsplit("/", 1)[0], {"api-version": version_of(type_of(resource))}
    listed = arm.call("GET", collection, version).body
    mine = (each for each in _list(listed if isinstance(listed, dict) else {}, "value") if ids.same(endpoint_of(each), endpoint_of(body)))
    there = next(mine, None)
    if there is None:
        return
    names.update(zip(GUID.findall(resource.rsplit("/", 1)[1]), GUID.findall(there["id"].rsplit("/", 1)[1]), strict=False))
    state, now = (_of(_of(each, "properties"), "privateLinkServiceConnectionState") for each in (body, there))
    if state.get("status") not in ("Approved", "Rejected") or (state.get("status") == now.get("status") and "etag" not in body):
        return
    if type_of(resource).startswith("microsoft.storage/") and state.get("description") == now.get("description"):
        return
    wanted = {name: state[name] for name in ("status", "description", "actionsRequired") if name in state}
    arm.call("PUT", there["id"], version, {"properties": {"privateLinkServiceConnectionState": wanted}})
    if _of(body, "properties").get("provisioningState") != "Updating":
        arm.advance(900)


def _begin(arm: Arm, recording: Recording, found: dict[str, Json]) -> None:
    """Begin what the recording finds going on: registrations of names and of providers, deletions of groups."""
    links = {each: body for each, body in found.items() if _of(body, "properties").get("virtualNetworkLinkState") == "InProgress"}
    for enabled, seconds in ((False, 900), (True, 62)) if links else ():
        for link, body in links.items():
            properties = {"registrationEnabled": enabled, "virtualNetwork": _of(body["properties"], "virtualNetwork")}
            arm.call("PUT", link, {"api-version": version_of(type_of(link))}, {"location": "global", "properties": properties})
        arm.advance(seconds)  # the operation takes a minute, the registration another
    for resource, body in found.items():
        if type_of(resource) == "resourcegroups" and _of(body, "properties").get("provisioningState") == "Deleting":
            arm.call("DELETE", resource, {"api-version": version_of("resourcegroups")})
    seen: set[str] = set()
    for exchange in recording.exchanges:
        state, path = _body(exchange).get("registrationState"), re.sub(r"/(un)?register$", "", exchange.path)
        if state and path.lower() not in seen and exchange.method == "GET" and state in ("Registering", "Unregistering"):
            arm.call("POST", f"{path}/{'register' if state == 'Registering' else 'unregister'}", {"api-version": "2022-09-01"})
        seen.update([path.lower()] if state else [])


def _placed(recording: Recording, resource: str, body: Json, *, alone: bool) -> Json:
    """A body with the region that the URLs of the resource's operations name, where it says none itself."""
    if type_of(resource) == SUBNET_TYPE and not body and alone:
        # where the recording shows addresses, they are in this subnet
        seen = str([(each.sent, each.body) for each in recording.exchanges])
        address = re.search(r"'(?:privateIPAddress|ipAddresses)': \[?'(\d+\.\d+\.\d+)\.\d+'", seen)
        return {"properties": {"addressPrefix": f"{address[1]}.0/24", "serviceEndpoints": _SERVICES}} if address else body
    for exchange in recording.exchanges:
        deleted, shown = _deleted_vault(exchange)
        if deleted and not body.get("location") and type_of(resource) == "microsoft.keyvault/vaults" and ids.name_of(deleted).lower() == ids.name_of(resource).lower():
            body = {**body, "location": shown["location"]}
        if not body.get("location") and isinstance(exchange.sent, dict) and type_of(resource) in ("resourcegroups", "microsoft.network/virtualnetworks"):
            body = {**body, **({"location": exchange.sent["location"]} if exchange.sent.get("location", "global").lower() != "global" else {})}
        region = re.search(r"/locations/([^/]+)/operations/", exchange.headers.get(ASYNC, ""))
        if region and not body.get("location") and (exchange.path.lower() + "/").startswith(resource.lower() + "/"):
            return {**body, "location": region[1]}
    return body


def _delete(arm: Arm, recording: Recording, rename: Any) -> None:
    """Make and delete the vaults that the recording finds deleted."""
    for vault, shown in _found_deleted(recording).items():
        location = {"location": shown.get("location")}
        arm.call("PUT", vault.split("/providers/")[0], {"api-version": version_of("resourcegroups")}, location)
        own: Json = {"enablePurgeProtection": True} if shown.get("purgeProtectionEnabled") else {}
        own = {"sku": {"family": "A", "name": "standard"}, "accessPolicies": [], **own, **rename(_recovered(recording, vault))}
        own["tenantId"] = arm.emulation.facts["tenant"]
        version = {"api-version": version_of("microsoft.keyvault/")}
        arm.call("PUT", vault, version, {**location, "tags": shown.get("tags") or {}, "properties": own})
        arm.advance(600)
        arm.call("DELETE", vault, version)


def _found_deleted(recording: Recording) -> dict[str, Json]:
    """The vaults that the recording reads as deleted or brings back before it has deleted (or made) them itself."""
    found: dict[str, Json] = {}
    own: set[str] = set()
    for exchange in (each for each in recording.exchanges if each.status < 400):
        vault, shown = _deleted_vault(exchange)
        name = vault.lower().rsplit("/", 1)[-1]
        if name and name not in own:
            found.setdefault(vault, shown)
        if name or (exchange.type == "microsoft.keyvault/vaults" and exchange.method in ("DELETE", "PUT")):
            own.add(name or exchange.path.lower().rsplit("/", 1)[-1])
    return found


def _deleted_vault(exchange: Exchange) -> tuple[str, Json]:
    """The id of a vault that an exchange finds deleted, with what it shows of it; empty where it is about something else."""
    parts = exchange.path.split("/")
    if len(parts) > 8 and parts[7].lower() == "deletedvaults":
        shown = _of(_body(exchange), "properties")
        vault = shown.get("vaultId") or f"/subscriptions/{parts[2]}/resourceGroups/contract/providers/Microsoft.KeyVault/vaults/{parts[8]}"
        return str(vault), {"location": parts[6], **shown}
    if _recovers(exchange):
        return exchange.path, {"location": exchange.sent.get("location"), "tags": _body(exchange).get("tags")}
    return "", {}


def _recovered(recording: Recording, vault: str) -> Json:
    """What a deleted vault was, where the recording brings it back."""
    for exchange in recording.exchanges:
        if _recovers(exchange) and exchange.status == 200 and ids.same(exchange.path, vault):
            shown = _of(_body(exchange), "properties")
            return {each: shown[each] for each in shown if each not in _STATE | {"tenantId", "enableSoftDelete"}}
    return {}


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
    properties: Json = {name: value for name, value in _of(body, "properties").items() if name not in _STATE | used}
    if not kind.startswith("microsoft.network/privatednszones/") and kind != SUBNET_TYPE:
        wanted.setdefault("location", "global" if kind.startswith("microsoft.network/privatednszones") else _location(others))
    properties.update(_needed(kind, resource, body, others, properties))
    if _of(body, "properties").get("provisioningState") == "Updating" and kind in ("microsoft.network/virtualnetworks", SUBNET_TYPE):
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
        subnets = [{**each, "properties": _plain(each)} for each in _list(_of(body, "properties"), "subnets")]
        space = properties.get("addressSpace") or {"addressPrefixes": _spaces(resource, others)}
        return {"addressSpace": space, **({"subnets": subnets} if subnets else {})}
    if kind == SUBNET_TYPE and not {"addressPrefix", "addressPrefixes"} & properties.keys():
        siblings = sorted(each.lower() for each in others if each.lower().startswith(f"{resource.lower().rsplit('/', 1)[0]}/"))
        return {"addressPrefix": f"10.0.{siblings.index(resource.lower()) % 255}.0/24", "serviceEndpoints": _SERVICES}
    if kind == "microsoft.keyvault/vaults":
        return {"tenantId": "", "sku": properties.get("sku", {"family": "A", "name": "standard"}), "accessPolicies": properties.get("accessPolicies", [])}
    if kind == "microsoft.network/privatelinkservices" and not properties:
        front = f"{resource.split('/providers/', maxsplit=1)[0]}/providers/Microsoft.Network/loadBalancers/lb/frontendIPConfigurations/fe"
        return {"loadBalancerFrontendIpConfigurations": [{"id": front}], "visibility": {"subscriptions": ["*"]}, "autoApproval": {"subscriptions": ["*"]}}
    return {}


def _spaces(network: str, others: dict[str, Json]) -> list[str]:
    """Room for private addresses, and for the subnets that the recording shows."""
    prefixes = [str(_of(each, "properties").get("addressPrefix", "")) for name, each in others.items() if name.lower().startswith(f"{network.lower()}/subnets/")]
    private = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    shown = [ipaddress.ip_network(each) for each in prefixes if each]
    return [*private, *sorted({str(each) for each in shown if each.version == 4 and not each.is_private})]


def _plain(subnet: Json) -> Json:
    return {name: value for name, value in _of(subnet, "properties").items() if name not in _STATE | {"ipConfigurations"}}
