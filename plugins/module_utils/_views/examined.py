# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One vault as the checks look at it: evidence made of lists, and what private_path says of it, the same as when a vault is closed."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._azure import kinds
from .._documents.compare import Document
from .._documents.endpoint import connection_of, state_of
from .._documents.ids import ResourceId, same_id, subscription_scope
from .._documents.vault_address import vault_host
from .estate import Endpoint, Vault, private_addresses
from .estate_dns import ZONE_GROUP, Dns
from .evidence import Evidence, Gates, Path, Zone, named
from .private_path import Reason, in_question_of, judge, unproven
from .private_path_reading import best_of, gates_of, network_of, with_endpoint
from .proof import Fault, items_of, probed_host, proof_fault, spoken_for
from .surroundings import Surroundings, list_of

if t.TYPE_CHECKING:
    from .._azure.world import World
    from .checked import Wanted


@dataclasses.dataclass(frozen=True)
class Route:
    """A private endpoint that has to work: as it was read, and the evidence about it."""

    endpoint: Endpoint
    evidence: Evidence

    @property
    def path(self) -> Path:
        """Return the endpoint from both sides."""
        return self.evidence.paths[0]

    @property
    def by_group(self) -> bool:
        """Return whether a DNS zone group writes the record."""
        return self.endpoint.dns.mode == ZONE_GROUP


@dataclasses.dataclass(frozen=True)
class Examined:
    """A vault with its routes. others: connections that are not approved beside those that are.

    alone: whether only this vault is asked about. few: whether what must be read from each vault alone is read.
    """

    vault: Vault
    around: Surroundings
    wanted: Wanted
    routes: tuple[Route, ...]
    others: tuple[Document, ...]
    alone: bool = False
    few: bool = False

    @property
    def world(self) -> World:
        """Return where more can be read."""
        return self.around.world

    @property
    def id(self) -> str:
        """Return the vault's id as Azure writes it."""
        return str(self.vault.document["id"])

    @property
    def name(self) -> str:
        """Return the vault's name."""
        return str(self.vault.document["name"])

    @functools.cached_property
    def host(self) -> str:
        """Return the name of the vault's data plane."""
        return _host(self.vault, self.world)

    @functools.cached_property
    def gates(self) -> Gates:
        """Return how public access is set."""
        return gates_of(self.vault.document)

    @property
    def readable(self) -> list[Route]:
        """Return the routes whose endpoint exists and could be read."""
        return [route for route in self.routes if route.path.exists and not route.path.error]

    @property
    def addresses(self) -> list[str]:
        """Return the addresses of the routes."""
        return list(dict.fromkeys(address for route in self.routes for address in route.path.addresses))

    @functools.cached_property
    def zones(self) -> list[Zone]:
        """Return the zones that have the vault's record, or should."""
        return list({zone.id.casefold(): zone for route in self.routes for zone in route.evidence.zones}.values())

    @functools.cached_property
    def reasons(self) -> dict[str, list[Reason]]:
        """Return what speaks against the private path, by check, each once."""
        found: dict[str, dict[str, Reason]] = {}
        for reason in self._judged:
            if reason.kind != "unknown":
                found.setdefault(reason.check, {}).setdefault(reason.message, reason)
        for reason in self._left(reason for reason in self._judged if reason.kind == "unknown"):
            found.setdefault(reason.check, {}).setdefault(reason.message, reason)
        return {check: list(reasons.values()) for check, reasons in found.items()}

    @functools.cached_property
    def _judged(self) -> list[Reason]:
        """Return what speaks against the private path without regard to proofs."""
        asked = [route.evidence for route in self.routes] or [_nothing(self)]
        return [reason for evidence in asked for reason in judge(evidence).reasons]

    def _left(self, reasons: t.Iterable[Reason]) -> tuple[Reason, ...]:
        """Return the reasons of kind unknown that no proof clears: a probe tells what the control plane cannot, also to a closing."""
        if self.proof is None or self.proof_fault is not None:
            return tuple(reasons)
        return unproven(tuple(reasons), spoken_for(self.proof, self.host), in_question_of(self._judged))

    @functools.cached_property
    def proof(self) -> Document | None:
        """Return the proofs that are about this vault, as one result; None where none is."""
        items = [item for proof in self.wanted.proofs for item in items_of(proof)]
        own = [item for item in items if probed_host(item) == self.host or (self.alone and not item.get("id"))]
        return {"results": own} if own else None

    @functools.cached_property
    def proof_fault(self) -> Fault | None:
        """Return why the proofs do not prove the private path, None where they do or there are none."""
        return proof_fault(self.proof, self.host, self.addresses) if self.proof is not None else None

    def proven(self, routes: t.Iterable[Route]) -> bool:
        """Return whether probes from inside prove that all networks of routes resolve the vault's name to its private address."""
        networks = tuple(dict.fromkeys(network.id for route in routes for network in route.evidence.networks))
        return self.proof is not None and not self._left([Reason("networks", "", "", "unknown", network_ids=networks)])


def _host(vault: Vault, world: World) -> str:
    return vault_host(vault.document, vault.id.name, world.cloud.vault_suffix)


def _nothing(examined: Examined) -> Evidence:
    """Return the evidence of a vault without endpoints."""
    return Evidence(examined.id, "", examined.around.vault_zone, "none", examined.gates)


# --- from an estate ---


def examine(world: World, estate: t.Sequence[Vault], wanted: Wanted, *, few: bool) -> list[Examined]:
    """Return vaults as the checks look at them. few: whether what must be read from each vault alone is read."""
    removed = _removed(world, estate)
    endpoints = {vault.id: (*_best(vault.endpoints), *removed.get(str(vault.id).casefold(), ())) for vault in estate}
    every = [endpoint for listed in endpoints.values() for endpoint in listed]
    networks = [*wanted.virtual_network_ids, *(network for each in every if each.document and (network := network_of(each.document)))]
    grouped = [found for each in every for zone in each.dns.zone_ids if (found := ResourceId.parse(zone))]
    ids = [*wanted.zone_ids, *grouped, *(vault.id for vault in estate), *(found for each in every if (found := ResourceId.parse(each.id)))]
    parsed = [found for each in networks if (found := ResourceId.parse(each))]
    around = Surroundings(
        world,
        hosts=[_host(vault, world) for vault in estate],
        subscriptions={each.subscription.casefold(): each.subscription for each in (*ids, *parsed)}.values(),
        zone_ids=[*(str(zone) for zone in wanted.zone_ids), *(zone for each in every for zone in each.dns.zone_ids)],
        network_ids=networks,
    )
    return [_examined(vault, endpoints[vault.id], around, wanted, alone=len(estate) == 1, few=few) for vault in estate]


def _best(endpoints: t.Iterable[Endpoint]) -> list[Endpoint]:
    """Return each endpoint once, with the connection that counts."""
    found: dict[str, list[tuple[Path, Endpoint]]] = {}
    for endpoint in endpoints:
        found.setdefault(endpoint.id.rstrip("/").casefold(), []).append((_path(endpoint), endpoint))
    chosen = [(best_of([path for path, _endpoint in same]), same) for same in found.values()]
    return [next(endpoint for path, endpoint in same if path == best) for best, same in chosen]


def _removed(world: World, vaults: t.Sequence[Vault]) -> dict[str, list[Endpoint]]:
    """Return the endpoints that lead to a vault which does not list them any more, by the vault's id in lower case."""
    known = {str(vault.id).casefold(): {each.id.rstrip("/").casefold() for each in vault.endpoints} for vault in vaults}
    lost: list[tuple[str, Document]] = []
    for subscription in sorted({vault.id.subscription for vault in vaults}):
        for document in list_of(world, kinds.ENDPOINT, subscription_scope(subscription)).documents:
            target = str(connection_of(document).get("privateLinkServiceId") or "").rstrip("/").casefold()
            if target in known and str(document["id"]).casefold() not in known[target]:
                lost.append((target, document))
    addresses = private_addresses(world, {str(document["id"]): document for _target, document in lost})
    found: dict[str, list[Endpoint]] = {}
    for target, document in lost:
        endpoint = str(document["id"])
        side = {"id": endpoint, "state": state_of(document).get("status"), "endpoint_id": endpoint, "removed": True}
        found.setdefault(target, []).append(Endpoint(endpoint, side, document, None, addresses[endpoint], Dns()))
    return found


def _path(endpoint: Endpoint) -> Path:
    """Return an endpoint from both sides."""
    side, gone = endpoint.connection, endpoint.error == "NotFound"
    path = Path(endpoint.id) if side.get("removed") else Path(endpoint.id, side.get("state"), side.get("provisioning_state"))
    if endpoint.document is None:
        return dataclasses.replace(path, exists=not gone, error=None if gone else endpoint.error)
    return with_endpoint(path, endpoint.document, endpoint.addresses)


def _examined(vault: Vault, endpoints: t.Sequence[Endpoint], around: Surroundings, wanted: Wanted, *, alone: bool, few: bool) -> Examined:
    approved = [endpoint for endpoint in endpoints if _path(endpoint).vault_state == "Approved"]
    chosen = approved or list(endpoints)
    sides = [*vault.connections, *(endpoint.connection for endpoint in endpoints if endpoint.connection.get("removed"))]
    others = tuple(side for side in sides if side.get("removed") or side["state"] != "Approved") if approved else ()
    routes = tuple(Route(endpoint, _evidence(vault, endpoint, chosen, around, wanted)) for endpoint in chosen)
    return Examined(vault, around, wanted, routes, others, alone, few)


def _evidence(vault: Vault, endpoint: Endpoint, chosen: t.Sequence[Endpoint], around: Surroundings, wanted: Wanted) -> Evidence:
    """Return what was read about one endpoint. Of the DNS of an endpoint that cannot be read nothing is known."""
    path, host = _path(endpoint), _host(vault, around.world)
    known = Evidence(str(vault.document["id"]), host, around.vault_zone, "none", gates_of(vault.document), (path,))
    if endpoint.document is None:
        return known
    own = network_of(endpoint.document)
    networks = list({each.rstrip("/").casefold(): each for each in (own, *wanted.virtual_network_ids) if each}.values())
    if endpoint.dns.mode == ZONE_GROUP:
        path = dataclasses.replace(path, group_zone_ids=endpoint.dns.zone_ids)
    zones = _zones(endpoint, known.record, networks, around)
    everything = {address for each in chosen for address in each.addresses}
    return dataclasses.replace(
        known,
        dns="zone_group" if endpoint.dns.mode == ZONE_GROUP else "a_record",
        paths=(path,),
        zones=zones,
        networks=tuple(around.network(network) for network in networks),
        others=tuple(everything - set(path.addresses)),
        shadows=around.shadows(networks, host, everything, zones),
    )


def _zones(endpoint: Endpoint, record: str, networks: t.Sequence[str], around: Surroundings) -> tuple[Zone, ...]:
    """Return the zones whose record matters: those that a zone group names or that hold the endpoint's address.

    Where there are none, the record should be in the zone that a network is linked to, else where one of this name is, else in any.
    """
    every = [around.zone(zone_id, record) for zone_id in around.zone_ids]
    grouped = [zone for zone in endpoint.dns.zone_ids if named(zone, around.vault_zone)] if endpoint.dns.mode == ZONE_GROUP else []
    held = [zone for zone in every if set(endpoint.addresses) & set(zone.addresses or ())]
    linked = {zone_id.casefold() for network in networks for zone_id, _link in around.linked(network)}
    chosen = [around.zone(zone, record) for zone in grouped] + held
    if not chosen and endpoint.dns.mode != ZONE_GROUP:
        there = [zone for zone in every if zone.exists]
        chosen = [zone for zone in there if zone.id.casefold() in linked] or [zone for zone in there if zone.addresses] or there
    return tuple({zone.id.casefold(): zone for zone in chosen}.values())


def in_vault(examined: Examined, zone_id: str) -> bool:
    """Return whether a zone is one of those that have the vault's record, or should."""
    return any(same_id(zone_id, zone.id) for zone in examined.zones)
