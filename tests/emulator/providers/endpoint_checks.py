# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network provider refuses in a private endpoint's PUT, and while something else is going on."""

from __future__ import annotations

from emulator import access, ids
from emulator.core import Emulator
from emulator.errors import ArmError, Json, linked_invalid, network_error
from emulator.providers import targets
from emulator.providers.common import normalized
from emulator.providers.subnet_parts import missing_reference, region_of
from emulator.store import Record
from emulator.wire import Call

ENDPOINTS = "Microsoft.Network/privateEndpoints"
RETRY_SECONDS = 14
LISTS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")


def retryable(code: str, message: str) -> ArmError:
    """The network provider's 429 for locks, which is no quota (recorded: hist_pe_delete_429)."""
    text, detail, headers = "A retryable error occurred.", {"code": code, "message": message}, {"Retry-After": str(RETRY_SECONDS)}
    inner = f"{code}: {message}"  # unrecorded: its text, which is the provider's own trace

    return network_error(429, "RetryableError", text, details=[detail], inner=inner, headers=headers)


def check_idle(call: Call, record: Record) -> None:
    """429 while an operation on the endpoint itself is running (recorded: hist_pe_delete_429)."""
    for running in call.emulator.operations.running(record.id):
        if ids.same(running.target, record.id):
            verb = "DeletePrivateEndpointOperation" if record.state == "Deleting" else "PutPrivateEndpointOperation"
            verb = "PutPrivateLinkServiceProxyOperation" if running.effect == "endpoint.notified" else verb
            message = (
                f"Operation {verb} ({running.token}) is updating resource {record.id}. The call can be retried in {RETRY_SECONDS} seconds."
            )
            raise retryable("RetryableErrorDueToAnotherOperation", message)


def subnet(call: Call, properties: Json, location: str) -> Record:
    """The subnet: it exists, in the endpoint's region, is not being changed, and the caller may join it."""
    reference = (properties.get("subnet") or {}).get("id")
    parsed = ids.parse(reference)
    if reference and parsed is None:
        raise linked_invalid(reference, "properties.subnet.id")
    if parsed is None:
        raise network_error(400, "MissingSubnet", f"Private endpoint {call.id} must have a subnet.")
    if parsed.subscription.lower() not in call.emulator.subscriptions or parsed.type != "microsoft.network/virtualnetworks/subnets":
        raise missing_reference(parsed.text, call.id)
    access.require_linked(call, "Microsoft.Network/virtualNetworks/subnets/join/action", parsed.text)
    if parsed.subscription.lower() != call.subscription.lower():
        # documented: an endpoint is in the region and the subscription of its network; unrecorded: the code for another subscription
        raise missing_reference(parsed.text, call.id)
    record = call.emulator.store.get(parsed.text)
    if record is None or region_of(call.emulator, parsed.text) != location:
        raise missing_reference(parsed.text, call.id)
    # unrecorded: what ARM says of a subnet with a delegation, which the portal does not offer; here it is taken
    if record.state in ("Updating", "Deleting"):
        # second-hand: code and text (terraform-provider-azurerm#30197, #17649)
        raise retryable(
            "ReferencedResourceNotProvisioned",
            f"Cannot proceed with operation because resource {record.id} used by resource "
            f"{call.id} is not in Succeeded state. Resource is in "
            f"{record.state} state "
            "and the last operation that updated/is updating the resource is PutSubnetOperation.",
        )
    return record


def connections(call: Call, sent: list[Json], *, manual: bool) -> list[Json]:
    """The connections of one list, each with a name, a target and its properties."""
    for each in sent:
        properties = each.get("properties") or {}
        target = str(properties.get("privateLinkServiceId") or "")
        if target.startswith("/") and ids.parse(target) is None or not target:
            raise linked_invalid(target, "properties.privateLinkServiceConnections[0].properties.privateLinkServiceId")
        longest = call.emulator.settings.limits["request_message"]
        if len(properties.get("requestMessage") or "") > longest:
            # unrecorded: the code; the limit is the specification's
            raise network_error(
                400,
                "PrivateEndpointRequestMessageTooLong",
                f"The request message of connection {each['name']} exceeds {longest} characters.",
            )
        _check_target(call, each, target, manual=manual)
    return sent


def _check_target(call: Call, connection: Json, target: str, *, manual: bool) -> None:
    """Rights over the target, and its group ids."""
    parsed, kind = ids.parse(target), targets.kind_of(target)
    if parsed and not manual:
        access.require_linked(
            call, kind.action if kind else f"{parsed.namespace}/{'/'.join(parsed.types)}/PrivateEndpointConnectionsApproval/action", target
        )
    if kind is None or not kind.groups:
        return
    groups = connection["properties"].get("groupIds") or []
    if not groups:
        text = f"Private link service connection {connection['name']} is missing required parameter 'group Id'."
        raise network_error(400, "MissingParameterOnPrivateLinkServiceConnection", f"Call to {kind.type} failed. Error message: {text}")
    for group in groups:
        if group.lower() not in kind.groups:
            # unrecorded: a group id that the target does not have
            raise network_error(
                400,
                "InvalidGroupId",
                f"Call to {kind.type} failed. Error message: The groupId '{group}' is not valid; valid: {', '.join(kind.groups)}.",
            )


def check_connections(call: Call, found: dict[str, list[Json]], existing: Record | None) -> None:
    """There is one, names differ, and static addresses name the members that the target has."""
    every = [each for connections_ in found.values() for each in connections_]
    if not every:
        raise network_error(
            400, "PrivateEndpointMustHaveConnection", f"Private endpoint {call.id} must have at least one private link service connection."
        )
    names = [each["name"].lower() for each in every]
    if len(set(names)) != len(names):
        detail = {
            "code": "DuplicateResourceName",
            "message": f"Resource {call.id} has two child resources with the same name ({names[0]}).",
        }
        raise network_error(400, "InvalidRequestFormat", "Cannot parse the request.", details=[detail])
    static = [
        {name: value for name, value in (each.get("properties") or {}).items() if value is not None}
        for each in call.properties().get("ipConfigurations") or []
    ]
    for each in every:
        kind = targets.kind_of(each["properties"]["privateLinkServiceId"])
        for group in each["properties"].get("groupIds") or []:
            known = kind.groups.get(group.lower()) if kind else None
            if static and known:
                _check_members(call, static, group, known.members)


def _check_members(call: Call, static: list[Json], group: str, members: tuple[str, ...]) -> None:
    named = {str(each.get("memberName", "")).lower() for each in static if each.get("groupId", group).lower() == group.lower()}
    missing = [each for each in members if each.lower() not in named]
    if missing and "" not in named:
        has = ", ".join(
            ", ".join(f"{name[0].upper()}{name[1:]}: {each.get(name, '')}" for name in ("privateIPAddress", "groupId", "memberName"))
            for each in static
        )
        wants = ", ".join(f"GroupId: {group}, MemberName: {each}" for each in missing)
        raise network_error(
            400,
            "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
            f"Private Endpoint {call.name} contains static ipconfigurations: [{has}] and its "
            "missing these membernames/groupids requested by Private "
            "Link service "
            f"[{wants}]. Private Endpoint needs to be reconfigured with missing memberNames.",
        )


def check_groups(call: Call, references: list[Json]) -> None:
    for each in references:
        access.require_linked(call, "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action", str(each.get("id")))
        found = call.emulator.store.get(each.get("id"))
        if found is None:
            raise missing_reference(str(each.get("id")), call.id)
        if normalized(found.document["location"]) != normalized(call.document()["location"]):
            raise missing_reference(found.id, call.id)


def check_unchanged(existing: Record, wanted: Record, found: dict[str, list[Json]]) -> None:
    """An endpoint keeps its subnet and targets; other tools delete and create it again for these."""
    if not ids.same(existing.properties["subnet"]["id"], wanted.id):
        # unrecorded: code and text
        raise network_error(400, "PrivateEndpointSubnetCannotBeChanged", f"The subnet of private endpoint {existing.id} cannot be changed.")
    before = {name: each for name in found for each in existing.properties[name]}
    after = {name: each for name in found for each in found[name]}
    same = before.keys() == after.keys() and all(
        ids.same(before[name]["properties"]["privateLinkServiceId"], after[name]["properties"]["privateLinkServiceId"])
        and before[name]["name"] == after[name]["name"]
        and [each.lower() for each in before[name]["properties"].get("groupIds", [])]
        == [each.lower() for each in after[name]["properties"].get("groupIds") or []]
        for name in before
    )
    if not same:
        # unrecorded: code and text
        raise network_error(
            400,
            "PrivateEndpointPrivateLinkServiceConnectionsCannotBeChanged",
            f"The private link service connections of private endpoint {existing.id} cannot be changed.",
        )


def check_limits(call: Call, wanted: Record, found: dict[str, list[Json]]) -> None:
    """unrecorded: the codes; the numbers are the documented ones."""
    emulator, limits = call.emulator, call.emulator.settings.limits
    mine = emulator.store.typed(call.subscription, ENDPOINTS)
    if len(mine) >= limits["endpoints_per_subscription"]:
        raise _limit("PrivateEndpoints", limits["endpoints_per_subscription"], f"subscription {call.subscription}")
    network = wanted.id.rsplit("/", 2)[0]
    holder = emulator.store.get(network)
    large = holder is not None and holder.properties.get("privateEndpointVNetPolicies") == "Basic"
    most = limits["endpoints_per_large_network" if large else "endpoints_per_network"]
    if emulator.store.count_referring("network", ENDPOINTS, network) >= most:
        raise _limit("PrivateEndpointsPerVirtualNetwork", most, f"virtual network {network}")
    for each in (connection for connections_ in found.values() for connection in connections_):
        _check_vault_limits(emulator, each["properties"]["privateLinkServiceId"])


def _check_vault_limits(emulator: Emulator, target: str) -> None:
    parsed, limits = ids.parse(target), emulator.settings.limits
    if parsed is None or parsed.type != targets.VAULTS:
        return
    if len(emulator.store.collection(f"{target}/privateEndpointConnections")) >= limits["endpoints_per_vault"]:
        raise _limit("PrivateEndpointConnectionsPerVault", limits["endpoints_per_vault"], f"vault {parsed.name}")
    connections, most = (
        emulator.store.typed(parsed.subscription, f"{targets.VAULTS}/privateendpointconnections"),
        limits["vaults_with_endpoints_per_subscription"],
    )
    if len(connections) < most:
        return
    used = {each.id.lower().rsplit("/", 2)[0] for each in connections}
    if target.lower() not in used and len(used) >= most:
        raise _limit("VaultsWithPrivateEndpoints", most, f"subscription {parsed.subscription}")


def _limit(name: str, value: int, where: str) -> ArmError:
    return network_error(400, "ResourceCountExceedsLimitDueToTemplate", f"The limit of {value} for {name} is reached in {where}.")


def vault_conflict(emulator: Emulator, found: dict[str, list[Json]]) -> str:
    """The vault at which something is going on already: the endpoint's operation will fail there (azurerm#32095)."""
    wanted = {each["properties"]["privateLinkServiceId"].lower() for connections_ in found.values() for each in connections_}
    vaults = {each for each in wanted if (parsed := ids.parse(each)) and parsed.type == targets.VAULTS}
    if not vaults:
        return ""
    for vault in vaults:
        if busy(emulator, vault):
            return ids.name_of(vault)
        for other in emulator.store.referring("target", ENDPOINTS, vault):
            running = emulator.operations.running(other.id) if other.state == "Updating" else []
            if any(each.effect == "endpoint.provisioned" for each in running):
                return ids.name_of(vault)
    return ""


def busy(emulator: Emulator, vault: str, *, besides: str = "") -> bool:
    """Whether an operation on a vault or one of its connections is running (its registration in DNS does not count)."""
    found = emulator.operations.running(vault)
    return any(each.effect != "vault.registered" and not (besides and ids.same(each.target, besides)) for each in found)


def conflict(vault: str) -> Json:
    """What such an endpoint's operation ends with."""
    return {
        "code": "ConflictError",
        "message": f"Call to Microsoft.KeyVault/vaults failed. Error message: {conflict_text(vault)}",
        "details": [],
    }


def conflict_text(vault: str) -> str:
    """second-hand: code and text (terraform-provider-azurerm#32261, scylla-cluster-tests#13184)."""
    return (
        "A conflict occurred that prevented the operation from completing. The operation "
        f"failed because the Key Vault '{vault}' changed from the point the operation began. This can happen if parallel operations are "
        "being performed on the Key Vault. To prevent this error, serialize the operations so that only one operation is performed on the "
        "Key Vault at a time. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147741"
    )
