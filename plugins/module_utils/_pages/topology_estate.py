# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a drawing of an audit is of: networks with subnets and endpoints, zones with links, and what the verdicts say of each."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._views.audit import FAILED, PRIVATE, STATES, UNKNOWN, WARNING
from . import words

ZONE_TYPE = "/privatednszones/"
NOWHERE = ""  # the key of the network of endpoints that could not be read


@dataclasses.dataclass(frozen=True)
class Connected:
    """An endpoint with the vault that it leads to. state: of its connection, or of a check that names it."""

    endpoint: Document
    vault: Document
    state: str

    @property
    def connection(self) -> str:
        """Return the state of its connection: that of the endpoint, where it is not as it should be."""
        own = words.connection(self.endpoint).state
        return own if own == PRIVATE else words.worst((own, self.state))


@dataclasses.dataclass
class Subnet:
    """A subnet with its endpoints. own_state: what checks say that name the subnet itself."""

    name: str
    title: str
    own_state: str = PRIVATE
    endpoints: list[Connected] = dataclasses.field(default_factory=list)

    @classmethod
    def of_several(cls, subnets: t.Sequence[Subnet]) -> Subnet:
        """Return several subnets as one."""
        endpoints = [each for subnet in subnets for each in subnet.endpoints]
        names = ", ".join(subnet.name for subnet in subnets)
        return cls(f"and {len(subnets):,} more", names, words.worst(subnet.own_state for subnet in subnets), endpoints)

    @property
    def state(self) -> str:
        """Return what needs attention most in it."""
        return words.worst(
            (self.own_state, *(each.state for each in self.endpoints), *(str(each.vault["state"]) for each in self.endpoints))
        )

    def vaults(self) -> t.Iterable[Document]:
        """Return the vaults that its endpoints lead to, those first that need attention."""
        found = {str(each.vault["id"]).casefold(): each.vault for each in self.endpoints}
        return sorted(found.values(), key=lambda vault: (STATES.index(vault["state"]), str(vault["name"]).casefold()))

    def connections(self) -> tuple[str, str]:
        """Return the worst state of its connections, and how many of each kind are not approved, in words."""
        kinds = [kind for each in self.endpoints if (kind := words.connection_in_short(each.endpoint))]
        label = ", ".join(f"{kinds.count(kind):,} {kind}" for kind in sorted(set(kinds)))
        return words.worst(each.connection for each in self.endpoints), label


@dataclasses.dataclass
class Network:
    """A virtual network with its subnets. key: its id in lower case."""

    key: str
    name: str
    title: str
    own_state: str
    subnets: list[Subnet]

    @property
    def state(self) -> str:
        """Return what needs attention most in it."""
        return words.worst((self.own_state, *(subnet.state for subnet in self.subnets)))


@dataclasses.dataclass(frozen=True)
class Link:
    """A link of a zone to a network, by the network's id in lower case. exists: whether there is one, or a check misses it."""

    key: str
    state: str
    title: str
    exists: bool


@dataclasses.dataclass(frozen=True)
class Zone:
    """A private DNS zone. state: what checks say that name it."""

    id: str
    name: str
    group: str
    state: str
    links: tuple[Link, ...]


class Topology:
    """An audit's vaults by network and subnet. lonely: those that no endpoint leads to. anchors: those of vaults, by id in lower case."""

    def __init__(self, audit: Document) -> None:
        self.anchors = {str(vault["id"]).casefold(): f"vault-{number}" for number, vault in enumerate(audit["vaults"], 1)}
        self._said: dict[str, str] = {}
        self._together: dict[tuple[str, str], str] = {}  # of a zone and a network that one verdict names
        self._spelled: dict[str, str] = {}
        for vault in audit["vaults"]:
            for verdict in vault["verdicts"]:
                self._hear(verdict)
        self.lonely = _by_state([vault for vault in audit["vaults"] if not vault["endpoints"]])
        self.networks = self._networks(audit)
        self.zones = [self._zone(zone) for zone in audit["zones"]]

    def _hear(self, verdict: Document) -> None:
        state = _state(verdict)
        if state == PRIVATE:
            return
        named = {str(each).rstrip("/").casefold(): str(each).rstrip("/") for each in verdict["resource_ids"]}
        self._spelled |= named
        for key in named:
            self._said[key] = words.worst((state, self._said.get(key, PRIVATE)))
        networks = [key for key in named if "/virtualnetworks/" in key and "/subnets/" not in key]
        for zone in (key for key in named if ZONE_TYPE in key and key.count("/") == 8):
            for network in networks:
                pair = (zone, network)
                self._together[pair] = words.worst((state, self._together.get(pair, PRIVATE)))

    def _of(self, resource_id: str | None) -> str:
        """Return what the checks say of a resource."""
        return self._said.get(str(resource_id or "").rstrip("/").casefold(), PRIVATE)

    def _networks(self, audit: Document) -> list[Network]:
        found: dict[str, dict[str, Subnet]] = {}
        ids: dict[str, str] = {}
        for vault in audit["vaults"]:
            for endpoint in vault["endpoints"]:
                subnet_id = str(endpoint["subnet_id"] or "")
                network_id = words.network_of(subnet_id) or NOWHERE
                key = network_id.casefold()
                ids.setdefault(key, network_id)
                subnets = found.setdefault(key, {})
                name = words.name_of(subnet_id) or "not known"
                subnet = subnets.setdefault(subnet_id.casefold(), Subnet(name, subnet_id or name, self._of(subnet_id)))
                state = words.worst((words.connection(endpoint).state, self._of(endpoint["id"])))
                subnet.endpoints.append(Connected(endpoint, vault, state))
        for _zone, network in self._together:  # those that should resolve a name and hold no endpoint
            ids.setdefault(network, self._spelled[network])
            found.setdefault(network, {})
        networks = [self._network(key, ids[key], list(subnets.values())) for key, subnets in found.items()]
        return sorted(networks, key=lambda each: (STATES.index(each.state), each.name.casefold(), each.key))

    def _network(self, key: str, network_id: str, subnets: list[Subnet]) -> Network:
        for subnet in subnets:
            subnet.endpoints.sort(key=_order)
        subnets.sort(key=lambda each: (STATES.index(each.state), each.name.casefold(), each.title))
        if key == NOWHERE:
            return Network(key, "Endpoints that could not be read", "their network is not known", UNKNOWN, subnets)
        return Network(key, words.name_of(network_id), network_id, self._of(network_id), subnets)

    def _zone(self, zone: Document) -> Zone:
        key, parsed = str(zone["id"]).casefold(), ResourceId.parse(zone["id"])
        links = {str(each["network_id"]).rstrip("/").casefold(): each for each in zone["links"]}
        missing = {network: state for (named, network), state in self._together.items() if named == key and network not in links}
        drawn = [Link(network, self._together.get((key, network), PRIVATE), _link_words(each), True) for network, each in links.items()]
        drawn += [Link(network, state, f"{words.name_of(network)} is not linked to the zone", False) for network, state in missing.items()]
        inner = [state for named, state in self._said.items() if named == key or named.startswith(f"{key}/")]
        group = str(parsed.resource_group) if parsed else ""
        return Zone(str(zone["id"]), words.name_of(zone["id"]), group, words.worst(inner), tuple(sorted(drawn, key=lambda each: each.key)))


def _link_words(link: Document) -> str:
    registration = "on" if link["registration_enabled"] else "off"
    policy = f", resolution policy {link['resolution_policy']}" if link["resolution_policy"] else ""
    return f"Virtual network link to {words.name_of(link['network_id'])}: registration {registration}{policy}"


def _state(verdict: Document) -> str:
    """Return how bad a verdict is."""
    if verdict["status"] == "failed":
        return FAILED if verdict["severity"] == "error" else WARNING
    return UNKNOWN if verdict["status"] == "unknown" and verdict["severity"] == "error" else PRIVATE


def _by_state(vaults: t.Iterable[Document]) -> list[Document]:
    return sorted(vaults, key=lambda vault: (STATES.index(vault["state"]), str(vault["name"]).casefold(), str(vault["id"]).casefold()))


def _order(each: Connected) -> tuple[int, str, str]:
    rank = STATES.index(words.worst((each.state, str(each.vault["state"]))))
    return rank, str(each.vault["name"]).casefold(), str(each.endpoint["id"]).casefold()
