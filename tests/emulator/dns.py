# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who sees which answer: the public CNAME chain of a vault, and private DNS zones linked to a virtual network.

The chain (private link diagnostics page): without an approved connection a vault's name leads to the region's
front end; with one it leads over ``<vault>.privatelink.vaultcore.azure.net``, which a linked private zone answers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.store import Record

if TYPE_CHECKING:
    from emulator.core import Emulator

AZURE_DNS = "168.63.129.16"
MAX_CHAIN = 12
REGIONS = {
    "eastus": "eus",
    "eastus2": "eus2",
    "westus": "wus",
    "westus2": "wus2",
    "westus3": "wus3",
    "centralus": "cus",
    "northcentralus": "ncus",
    "southcentralus": "scus",
    "westcentralus": "wcus",
    "northeurope": "neu",
    "westeurope": "weu",
    "uksouth": "uks",
    "ukwest": "ukw",
    "francecentral": "frc",
    "germanywestcentral": "gwc",
    "swedencentral": "sdc",
    "switzerlandnorth": "szn",
    "norwayeast": "noe",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One record of an answer: ``value`` is text, or a tuple in the type's own order."""

    name: str
    type: str
    ttl: int
    value: Any


@dataclass(slots=True)
class Answer:
    """``rcode`` is NOERROR, NXDOMAIN or SERVFAIL."""

    rcode: str = "NOERROR"
    records: list[Found] = field(default_factory=list)
    authority: Found | None = None


class Resolver:
    """Answers questions from an emulator's state."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def resolve(self, name: str, kind: str, network: str) -> Answer:
        """The answer as the internet (``network`` empty) or as a virtual network sees it, aliases followed."""
        answer, current = Answer(), name.rstrip(".").lower()
        linked = self._linked_zones(network) if network else []
        for _unused in range(MAX_CHAIN):
            step = self._step(current, kind, linked)
            answer.rcode, answer.authority = step.rcode, step.authority
            answer.records += step.records
            alias = next((each for each in step.records if each.type == "CNAME"), None)
            if alias is None or kind == "CNAME":
                return answer
            current = str(alias.value).rstrip(".").lower()
        return Answer("SERVFAIL")

    def _linked_zones(self, network: str) -> list[tuple[Record, Record]]:
        """The zones that a network consults, longest name first, with their links; none where it has DNS servers of its own."""
        record = self._emulator.store.get(network)
        servers = (record.properties.get("dhcpOptions") or {}).get("dnsServers") or [] if record else []
        if record is None or (servers and AZURE_DNS not in servers):
            return []
        found = []
        for link in self._emulator.store.referring("virtualNetwork", "microsoft.network/privatednszones/virtualnetworklinks", network):
            properties = link.properties
            zone = self._emulator.store.get(link.id.rsplit("/", 2)[0])
            if (
                zone
                and properties["virtualNetwork"]["id"].lower() == network.lower()
                and properties.get("provisioningState") == "Succeeded"
            ):
                found.append((zone, link))
        return sorted(found, key=lambda pair: len(pair[0].name), reverse=True)

    def _step(self, name: str, kind: str, linked: list[tuple[Record, Record]]) -> Answer:
        for zone, link in linked:
            zone_name = zone.name.lower()
            if name == zone_name or name.endswith("." + zone_name):
                answer = self._in_zone(zone, name, kind)
                if (
                    answer.rcode == "NXDOMAIN"
                    and link.properties.get("resolutionPolicy") == "NxDomainRedirect"
                    and kind in ("A", "AAAA", "CNAME")
                ):
                    return self._public(name, kind)
                return answer
        return self._public(name, kind)

    def _in_zone(self, zone: Record, name: str, kind: str) -> Answer:
        """What a private zone says: records of the name, else of a wildcard, else that there is no such name."""
        zone_name = zone.name.lower()
        relative = "@" if name == zone_name else name[: -len(zone_name) - 1]
        candidates = [relative, *("*." + rest if rest else "*" for rest in _parents(relative))]
        authority = self._authority(zone)
        for candidate in candidates:
            sets = [each for each in self._sets(zone) if each.name.lower() == candidate]
            if sets:
                wanted = [each for each in sets if each.id.split("/")[-2] in (kind, "CNAME")]
                records = [found for each in wanted for found in _records(each, name)]
                return Answer(records=records, authority=None if records else authority)
        return Answer("NXDOMAIN", authority=authority)

    def _sets(self, zone: Record) -> list[Record]:
        kinds = ("A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT")
        return [each for kind in kinds for each in self._emulator.store.children(f"{zone.id}/{kind}")]

    def _authority(self, zone: Record) -> Found | None:
        record = self._emulator.store.get(f"{zone.id}/SOA/@")
        return _records(record, zone.name)[0] if record else None

    def _public(self, name: str, kind: str) -> Answer:
        """What the internet knows: vaults, their aliases, and the regions' front ends."""
        for suffix, (resource_type, privatelink, front) in self._emulator.cloud.suffixes().items():
            if name.endswith("." + suffix) and "." not in name[: -len(suffix) - 1]:
                return self._vault(name, resource_type, name[: -len(suffix) - 1], privatelink, front)
            if name.endswith("." + privatelink):
                vault = self._find(resource_type, name[: -len(privatelink) - 1])
                return (
                    Answer(records=[Found(name, "CNAME", 60, _front(vault, front))]) if vault and self._approved(vault) else _missing(front)
                )
            if name.endswith("." + front) and name.startswith("data-prod-"):
                return _front_end(name, kind, front)
        return _missing(name.partition(".")[2] or ".")

    def _vault(self, name: str, resource_type: str, vault_name: str, privatelink: str, front: str) -> Answer:
        vault = self._find(resource_type, vault_name)
        if vault is None:
            return _missing(name.partition(".")[2])
        target = f"{vault.name.lower()}.{privatelink}" if self._approved(vault) else _front(vault, front)
        return Answer(records=[Found(name, "CNAME", 60, target)])

    def _find(self, resource_type: str, name: str) -> Record | None:
        records = self._emulator.store.referring("name", resource_type, name)
        return next((each for each in records if each.state != "RegisteringDns"), None)

    def _approved(self, vault: Record) -> bool:
        """Whether a connection is approved: only then the name has its ``privatelink`` alias."""
        connections = self._emulator.store.children(f"{vault.id}/privateEndpointConnections")
        return any(each.properties["privateLinkServiceConnectionState"]["status"] == "Approved" for each in connections)


def _parents(relative: str) -> list[str]:
    """What stands right of each dot: of ``a.b.c`` it is ``b.c``, ``c`` and the zone itself."""
    if relative == "@":
        return []
    labels = relative.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) + 1)]


def _records(record: Record, name: str) -> list[Found]:
    kind, properties = record.id.split("/")[-2], record.properties
    ttl = int(properties.get("ttl", 3600))
    values: dict[str, Any] = {
        "A": lambda: [each["ipv4Address"] for each in properties.get("aRecords", [])],
        "AAAA": lambda: [each["ipv6Address"] for each in properties.get("aaaaRecords", [])],
        "CNAME": lambda: [properties["cnameRecord"]["cname"]] if properties.get("cnameRecord") else [],
        "MX": lambda: [(each["preference"], each["exchange"]) for each in properties.get("mxRecords", [])],
        "PTR": lambda: [each["ptrdname"] for each in properties.get("ptrRecords", [])],
        "TXT": lambda: [each["value"] for each in properties.get("txtRecords", [])],
        "SRV": lambda: [(each["priority"], each["weight"], each["port"], each["target"]) for each in properties.get("srvRecords", [])],
        "SOA": lambda: [_soa(properties["soaRecord"])],
    }
    return [Found(name, kind, ttl, value) for value in values[kind]()]


def _soa(soa: dict[str, Any]) -> tuple[Any, ...]:
    return (soa["host"], soa["email"], soa["serialNumber"], soa["refreshTime"], soa["retryTime"], soa["expireTime"], soa["minimumTtl"])


def _front(vault: Record, front: str) -> str:
    region = str(vault.document.get("location", "")).lower().replace(" ", "")
    return f"data-prod-{REGIONS.get(region, region)}.{front}"


def _front_end(name: str, kind: str, front: str) -> Answer:
    host = name[: -len(front) - 1]
    if not host.endswith("-region"):
        return Answer(records=[Found(name, "CNAME", 60, f"{host}-region.{front}")])
    return Answer(records=[Found(name, "A", 60, public_address(name))] if kind == "A" else [])


def public_address(name: str) -> str:
    """An address of the documentation range (RFC 5737) that stands for a public one: the same for the same name."""
    return f"203.0.113.{hashlib.sha256(name.encode()).digest()[0] % 254 + 1}"


def _missing(zone: str) -> Answer:
    return Answer(
        "NXDOMAIN", authority=Found(zone, "SOA", 300, ("ns1.azure-dns.example", "hostmaster.azure-dns.example", 1, 3600, 300, 2419200, 60))
    )
