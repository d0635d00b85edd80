# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is around many vaults: zones with their records and links, networks, locks. A list of each kind, read when it is first needed."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.ids import ResourceId, same_id, subscription_scope
from .._documents.limits import connections_of
from .._errors import ArmError
from .estate import listed
from .evidence import Network, Shadow, Zone, named
from .locks import scope_of
from .private_path_reading import zone_with
from .shadows import Names, Served

if t.TYPE_CHECKING:
    from .._azure.kinds import Kind
    from .._azure.world import World

Made = t.TypeVar("Made")


@dataclasses.dataclass(frozen=True)
class Listed:
    """What a list showed. error: why it could not be read, an error code of Azure. exists: whether what it is a list of is there."""

    documents: tuple[Document, ...] = ()
    error: str | None = None
    exists: bool = True


def list_of(world: World, kind: Kind, scope: ResourceId) -> Listed:
    """Return all of a kind in a scope; that these credentials may not list it is no failure."""
    try:
        return Listed(tuple(world.list(kind, scope)))
    except ArmError as error:
        if error.status == 404:
            return Listed(exists=False)
        if error.status not in (401, 403):
            raise
        return Listed(error=error.word)


class Surroundings:
    """The zones that answer for vaults, and the networks and locks around them.

    hosts: the names of the vaults, such as payments.vault.azure.net. subscriptions: where zones are looked for.
    zone_ids: zones that are named by users or by DNS zone groups, wherever they are.
    network_ids: networks that must resolve the names.
    """

    def __init__(
        self,
        world: World,
        *,
        hosts: t.Iterable[str],
        subscriptions: t.Iterable[str],
        zone_ids: t.Iterable[str],
        network_ids: t.Iterable[str],
    ) -> None:
        self.world = world
        self.vault_zone = world.cloud.vault_zone
        self._subscriptions = {each.casefold(): each for each in subscriptions}
        self._zone_ids = {each.rstrip("/").casefold(): each.rstrip("/") for each in zone_ids}
        self._network_ids = list(network_ids)
        names = [name for host in hosts for name in (host, f"{host.partition('.')[0]}.{self.vault_zone}")]
        self._answering = {name for host in names for name in _suffixes(host)}
        self._lists: dict[tuple[Kind, str], Listed] = {}
        self._once: dict[tuple[str, str], t.Any] = {}

    def listed(self, kind: Kind, scope: ResourceId) -> Listed:
        """Return all of a kind in a scope."""
        key = (kind, str(scope).casefold())
        if key not in self._lists:
            self._lists[key] = list_of(self.world, kind, scope)
        return self._lists[key]

    def locked(self, subscription: str) -> frozenset[str]:
        """Return the ids of what has a lock in a subscription, in lower case."""
        return self._made(
            ("locked", subscription), lambda: frozenset(scope_of(lock).casefold() for lock in self._all(kinds.LOCK, subscription))
        )

    def with_endpoints(self, subscription: str) -> int:
        """Return how many vaults of a subscription have private endpoint connections that count for its limit."""
        return self._made(
            ("vaults", subscription), lambda: sum(1 for vault in self._all(kinds.VAULT, subscription) if connections_of(vault))
        )

    def _all(self, kind: Kind, subscription: str) -> tuple[Document, ...]:
        return self.listed(kind, subscription_scope(subscription)).documents

    def _made(self, key: tuple[str, str], make: t.Callable[[], Made]) -> Made:
        """Return what is made of lists once for all vaults."""
        if key not in self._once:
            self._once[key] = make()
        return t.cast(Made, self._once[key])

    @functools.cached_property
    def unlisted(self) -> list[str]:
        """Return the subscriptions whose zones these credentials may not list."""
        return [each for each in self._subscriptions.values() if self.listed(kinds.ZONE, subscription_scope(each)).error]

    @functools.cached_property
    def zone_documents(self) -> dict[str, Document]:
        """Return the zones that answer for the vaults, or might, by id in lower case."""
        return {str(zone["id"]).casefold(): zone for zone in self._all_zones if str(zone["name"]).casefold() in self._answering}

    @functools.cached_property
    def _all_zones(self) -> list[Document]:
        return [zone for each in self._subscriptions.values() for zone in self.listed(kinds.ZONE, subscription_scope(each)).documents]

    @property
    def similar_zone_ids(self) -> list[str]:
        """Return the zones whose names are easily taken for that of the zone of vaults."""
        suffixes = (self.world.cloud.vault_suffix, self.vault_zone.removeprefix("privatelink."))
        names = {f"{prefix}{suffix}" for suffix in suffixes for prefix in ("", "privatelink.")} - {self.vault_zone}
        return [str(zone["id"]) for zone in self._all_zones if str(zone["name"]).casefold() in names]

    @functools.cached_property
    def zone_ids(self) -> list[str]:
        """Return the zones with the name of the cloud's zone of vaults."""
        found = {key: str(zone["id"]) for key, zone in self.zone_documents.items() if named(key, self.vault_zone)}
        return list({**{key: each for key, each in self._zone_ids.items() if named(each, self.vault_zone)}, **found}.values())

    def zone(self, zone_id: str, record: str) -> Zone:
        """Return a zone with a record."""
        parsed = ResourceId.parse(zone_id)
        if parsed is None:
            return Zone(zone_id, exists=False)
        records, links = (self.listed(kind, parsed) for kind in (kinds.A_RECORD, kinds.ZONE_LINK))
        if records.error or links.error:
            return Zone(zone_id, error=records.error or links.error)
        return zone_with(zone_id, records.exists and self._is_there(parsed), self.records(zone_id).get(record.casefold()), links.documents)

    def _is_there(self, zone: ResourceId) -> bool:
        """Return whether a zone exists: some providers answer with an empty list for what is in a zone that does not."""
        place = zone.subscription.casefold()
        if place not in self._subscriptions or self.listed(kinds.ZONE, subscription_scope(self._subscriptions[place])).error:
            return True
        return str(zone).casefold() in self.zone_documents

    def records(self, zone_id: str) -> dict[str, Document]:
        """Return the A record sets of a zone, by name in lower case."""
        zone = ResourceId.parse(zone_id)
        key = zone_id.casefold()
        if key not in self._records:
            found = self.listed(kinds.A_RECORD, zone).documents if zone else ()
            self._records[key] = {str(record["name"]).casefold(): record for record in found}
        return self._records[key]

    @functools.cached_property
    def _records(self) -> dict[str, dict[str, Document]]:
        return {}

    def links(self, zone_id: str) -> tuple[Document, ...]:
        """Return the links of a zone."""
        zone = ResourceId.parse(zone_id)
        return self.listed(kinds.ZONE_LINK, zone).documents if zone else ()

    @functools.cached_property
    def _links_by_network(self) -> dict[str, list[tuple[str, Document]]]:
        """Return the zones that answer for vaults, with their links, by the id of the network in lower case."""
        found: dict[str, list[tuple[str, Document]]] = {}
        others = [str(zone["id"]) for key, zone in self.zone_documents.items() if not named(key, self.vault_zone)]
        for zone_id in (*self.zone_ids, *others):
            for link in self.links(zone_id):
                found.setdefault(str(at(link, "properties.virtualNetwork.id")).rstrip("/").casefold(), []).append((zone_id, link))
        return found

    def linked(self, network_id: str) -> list[tuple[str, Document]]:
        """Return the zones that answer for vaults and that a network is linked to, each with the link."""
        return self._links_by_network.get(network_id.rstrip("/").casefold(), [])

    def shadows(self, network_ids: t.Iterable[str], host: str, addresses: t.Iterable[str], own: t.Sequence[Zone]) -> tuple[Shadow, ...]:
        """Return the zones of networks that hide a vault's record.

        host: the vault's name. addresses: of its endpoints. own: the zones that have the record, or should.
        """
        alias = f"{host.partition('.')[0]}.{self.vault_zone}"
        found = []
        for network_id in network_ids:
            names = Names(host, alias, self.vault_zone, frozenset(addresses), functools.partial(self._serving, network_id, own))
            found += [Shadow(each.zone_id, network_id, each.link_id, each.error) for each in names.hiding()]
        return tuple(found)

    def _serving(self, network_id: str, own: t.Sequence[Zone], name: str) -> list[Served]:
        """Return the zones with the longest name that answer a network for a name."""
        suffixes = _suffixes(name)
        linked = {zone_id.casefold(): (zone_id, link) for zone_id, link in self.linked(network_id)}
        if name not in self._answering:  # an alias that leads somewhere else
            for other in (str(zone["id"]) for zone in self._all_zones if str(zone["name"]).casefold() in suffixes):
                for link in self.links(other):
                    if same_id(at(link, "properties.virtualNetwork.id"), network_id):
                        linked.setdefault(other.casefold(), (other, link))
        for suffix in suffixes:
            served = [self._served(zone_id, link, own) for zone_id, link in linked.values() if named(zone_id, suffix)]
            if served:
                return served
        return []

    def _served(self, zone_id: str, link: Document, own: t.Sequence[Zone]) -> Served:
        policy = str(at(link, "properties.resolutionPolicy") or "")
        served = Served(zone_id, str(link["id"]), any(same_id(zone_id, each.id) for each in own), policy.casefold() == "nxdomainredirect")
        zone = ResourceId.parse(zone_id)
        if served.own or zone is None:
            return served
        every = self.listed(kinds.RECORD, zone)
        if not every.error:
            return dataclasses.replace(served, sets=every.documents)
        # who may read A records alone sees an A record, and cannot tell what else there is
        return dataclasses.replace(served, sets=self.listed(kinds.A_RECORD, zone).documents, error=every.error)

    @functools.cached_property
    def _networks(self) -> tuple[dict[str, Document], dict[str, str]]:
        parsed = [found for each in self._network_ids if (found := ResourceId.parse(each))]
        return listed(self.world, kinds.NETWORK, list({str(each).casefold(): each for each in parsed}.values()))

    def network_document(self, network_id: str) -> Document | None:
        """Return the document of a network, None where there is none or it cannot be read."""
        return self._networks[0].get(network_id.rstrip("/").casefold())

    def network(self, network_id: str) -> Network:
        """Return a network."""
        document = self.network_document(network_id)
        error = self._networks[1].get(network_id.rstrip("/").casefold())
        servers = tuple(at(document, "properties.dhcpOptions.dnsServers") or ())
        return Network(network_id, document is not None or bool(error), error, servers)


def _suffixes(name: str) -> list[str]:
    """Return a name and what it ends with, without the top-level domain."""
    words = name.casefold().split(".")
    return [".".join(words[index:]) for index in range(len(words) - 1)]
