# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what private_path judges: the vault, its endpoints, the record, the links and the networks. What is not readable is reported so."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.endpoint import addresses_of, connection_of, state_of
from .._documents.ids import ZONE, ResourceId, same_id
from .._documents.public_access import public_access_of
from .._documents.states import spelled
from .._documents.vault_address import vault_host
from .._errors import ArmError
from .._resources.network_interface import interface_of
from .._resources.private_dns_a_record import addresses_of as recorded_addresses
from .._resources.private_dns_zone_group import group_by_records
from .evidence import Dns, Evidence, Gates, Link, Network, Path, Zone

if t.TYPE_CHECKING:
    from .._azure.world import World


@dataclasses.dataclass(frozen=True)
class Question:
    """Which private path has to work. endpoint None: every approved endpoint of the vault; networks None: the endpoints' own.

    without: endpoints that the run deletes, which prove nothing.
    """

    vault: ResourceId
    dns: Dns
    endpoint: ResourceId | None = None
    zone: ResourceId | None = None
    networks: tuple[ResourceId, ...] | None = None
    proof: Document | None = None
    without: tuple[ResourceId, ...] = ()


def read_evidence(world: World, question: Question, vault: Document | None) -> Evidence:
    """Return what there is; vault is the vault's document, read just before."""
    known = Evidence(
        vault_id=str(question.vault),
        host=vault_host(vault, question.vault.name, world.cloud.vault_suffix),
        vault_zone=world.cloud.vault_zone,
        dns=question.dns,
        gates=gates_of(vault) if vault else None,
        zone_id=str(question.zone) if question.zone else None,
        proof=question.proof,
    )
    if vault is None:
        return known
    listed = [_listed(item) for item in at(vault, "properties.privateEndpointConnections") or []]
    chosen = _chosen_endpoints(question, listed)
    read = [_path(world, question, endpoint, [item for item in listed if same_id(item.endpoint_id, endpoint)]) for endpoint in chosen]
    paths = tuple(path for path, _network in read)
    own = [network for _path, network in read if network]
    networks = [str(network) for network in question.networks] if question.networks is not None else list(dict.fromkeys(own))
    zones = tuple(_zone(world, zone, known.record) for zone in _zones(question, paths, known.vault_zone))
    known = dataclasses.replace(known, paths=paths, zones=zones, networks=tuple(_network(world, network) for network in networks))
    return dataclasses.replace(known, others=_others(world, listed, chosen)) if known.foreign_addresses else known


def gates_of(vault: Document) -> Gates:
    """Return the gates of a vault; what Azure leaves out is at its default."""
    acls = at(vault, "properties.networkAcls") or {}
    return Gates(
        public_network_access=public_access_of(vault),
        default_action=str(spelled(acls.get("defaultAction") or "Allow")),
        bypass=str(spelled(acls.get("bypass") or "AzureServices")),
        ip_rules=tuple(str(rule.get("value")) for rule in acls.get("ipRules") or []),
        subnet_ids=tuple(str(rule.get("id")) for rule in acls.get("virtualNetworkRules") or []),
    )


def _listed(connection: Document) -> Path:
    """Return a connection as the vault lists it."""
    state = spelled(at(connection, "properties.privateLinkServiceConnectionState.status"))
    endpoint = str(at(connection, "properties.privateEndpoint.id") or "")
    return Path(endpoint, vault_state=state, vault_provisioning=spelled(at(connection, "properties.provisioningState")))


def _chosen_endpoints(question: Question, listed: t.Sequence[Path]) -> list[str]:
    if question.endpoint:
        return [str(question.endpoint)]
    gone = {str(each).casefold() for each in question.without}
    approved = [item.endpoint_id for item in listed if item.vault_state == "Approved" and item.endpoint_id.casefold() not in {"", *gone}]
    return list({endpoint.casefold(): endpoint for endpoint in approved}.values())


def _path(world: World, question: Question, endpoint_id: str, listed: t.Sequence[Path]) -> tuple[Path, str | None]:
    """
    Return an endpoint from both sides, and its virtual network. Of several connections of one endpoint the best counts, as Azure routes.
    """
    path = dataclasses.replace(best_of(listed), endpoint_id=endpoint_id) if listed else Path(endpoint_id)
    endpoint = ResourceId.parse(endpoint_id)
    if endpoint is None:
        return dataclasses.replace(path, exists=False), None
    try:
        document = world.get(kinds.ENDPOINT, endpoint)
        interface = interface_of(world, document)
    except ArmError as error:
        return dataclasses.replace(path, error=_unreadable(error)), None
    if document is None:
        return dataclasses.replace(path, exists=False), None
    groups, group_error = _group(world, endpoint, question.zone) if question.dns in ("zone_group", "policy") else (None, None)
    read = dataclasses.replace(with_endpoint(path, document, addresses_of(interface)), group_zone_ids=groups, group_error=group_error)
    return read, network_of(document)


def best_of(listed: t.Sequence[Path]) -> Path:
    """Return the connection of one endpoint that counts, of several that a vault lists."""
    return max(listed, key=lambda item: (item.vault_state == "Approved", item.vault_provisioning == "Succeeded"))


def with_endpoint(path: Path, document: Document, addresses: t.Iterable[str]) -> Path:
    """Return a connection with what its endpoint says of it."""
    return dataclasses.replace(
        path,
        endpoint_state=state_of(document).get("status"),
        endpoint_provisioning=spelled(at(document, "properties.provisioningState")),
        leads_to=connection_of(document).get("privateLinkServiceId"),
        addresses=tuple(addresses),
    )


def network_of(endpoint: Document) -> str | None:
    """Return the id of the virtual network that an endpoint is in."""
    subnet = ResourceId.parse(str(at(endpoint, "properties.subnet.id")))
    return str(subnet.parent) if subnet and "/" in subnet.type else None


def _group(world: World, endpoint: ResourceId, zone: ResourceId | None) -> tuple[tuple[str, ...] | None, str | None]:
    """Return the zones that the endpoint's DNS zone group writes into, or why they cannot be read."""
    if zone and group_by_records(world, endpoint.child("privateDnsZoneGroups", "default"), [zone]):
        return (str(zone),), None
    doing = f"list the DNS zone groups of private endpoint '{endpoint.name}'"
    try:
        groups = world.list(kinds.ZONE_GROUP, endpoint, doing=doing)
    except ArmError as error:
        return None, _unreadable(error)
    configs = [config for group in groups for config in at(group, "properties.privateDnsZoneConfigs") or []]
    return tuple(str(at(config, "properties.privateDnsZoneId")) for config in configs), None


def _zones(question: Question, paths: t.Sequence[Path], vault_zone: str) -> list[ResourceId]:
    """Return the zones whose record matters: the named one, or the vault zones that the zone groups write into."""
    if question.dns == "none":
        return []
    written = [zone for path in paths for zone in path.group_zone_ids or ()]
    found = [question.zone] if question.zone else [ResourceId.parse(zone) for zone in written]
    named = [zone for zone in found if zone and zone.is_type(ZONE) and (question.zone or zone.name.casefold() == vault_zone)]
    return list({str(zone).casefold(): zone for zone in named}.values())


def _zone(world: World, zone: ResourceId, record: str) -> Zone:
    try:
        found = world.get(kinds.A_RECORD, zone.child("A", record))
        links = world.list(kinds.ZONE_LINK, zone, doing=f"list the links of zone '{zone.name}'")
        exists = bool(found or links) or world.get(kinds.ZONE, zone) is not None
    except ArmError as error:
        return Zone(str(zone), error=_unreadable(error))
    return zone_with(str(zone), exists, found, links)


def zone_with(zone_id: str, exists: bool, record: Document | None, links: t.Iterable[Document]) -> Zone:
    """Return a zone with the vault's record set, None where there is none, and its links."""
    return Zone(zone_id, exists, None, tuple(recorded_addresses(record)) if record else None, tuple(map(_link, links)))


def _link(link: Document) -> Link:
    state, provisioning = (spelled(at(link, f"properties.{name}")) for name in ("virtualNetworkLinkState", "provisioningState"))
    return Link(str(at(link, "properties.virtualNetwork.id")), state, provisioning)


def _network(world: World, network_id: str) -> Network:
    network = ResourceId.parse(network_id)
    if network is None:
        return Network(network_id, exists=False)
    try:
        found = world.get(kinds.NETWORK, network)
    except ArmError as error:
        return Network(network_id, error=_unreadable(error))
    return Network(network_id, found is not None, None, tuple(at(found, "properties.dhcpOptions.dnsServers") or ()))


def _others(world: World, listed: t.Sequence[Path], chosen: t.Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of the vault's other endpoints that both sides approved; one that cannot be read has none."""
    found: list[str] = []
    for item in listed:
        endpoint = ResourceId.parse(item.endpoint_id)
        if endpoint is None or item.vault_state != "Approved" or any(same_id(item.endpoint_id, other) for other in chosen):
            continue
        try:
            document = world.get(kinds.ENDPOINT, endpoint)
            if state_of(document).get("status") == "Approved":
                found += addresses_of(interface_of(world, document))
        except ArmError as error:
            _unreadable(error)
    return tuple(found)


def _unreadable(error: ArmError) -> str:
    """Return the code of an answer that forbids reading (401: another tenant's resource); any other error is one of the task."""
    if error.status not in (401, 403):
        raise error
    return error.word
