# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a network that asks Azure's DNS resolves a vault's name, and which private DNS zone that it is linked to hides the vault. Pure.

Of the linked zones that a name ends with, the one with the longest name answers, alone: with the records of the name, else of a wildcard,
else that there is no such name. Only a link with the resolution policy NxDomainRedirect makes Azure ask the internet then. An alias is
followed in the same way; on the internet the vault's name is an alias of its private link name.
Sources: Azure's pages "What is an Azure Private DNS zone?", by which a child domain is a zone of its own without a delegation, and
"Fallback to internet for Azure Private DNS zones"; RFC 4592 for wildcards.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document, at

_LONGEST_CHAIN = 12


@dataclasses.dataclass(frozen=True)
class Served:
    """A zone that a network is linked to. own: it has the vault's record, or should. redirects: the link has NxDomainRedirect.

    sets: its record sets. error: why those of all types cannot be read, an error code of Azure; sets has what A records can be read then.
    """

    zone_id: str
    link_id: str
    own: bool = False
    redirects: bool = False
    sets: tuple[Document, ...] = ()
    error: str | None = None

    @property
    def name(self) -> str:
        """Return the name of the zone in lower case."""
        return self.zone_id.rstrip("/").rpartition("/")[2].casefold()


Serving = t.Callable[[str], t.Sequence[Served]]
"""From a name to the linked zones with the longest name that it ends with: one, because Azure links a network to one zone of a name."""


@dataclasses.dataclass(frozen=True)
class Names:
    """What is looked for. host, alias: the vault's name and its private link name. addresses: of its endpoints. zone: the cloud's zone."""

    host: str
    alias: str
    zone: str
    addresses: frozenset[str]
    serving: Serving

    def hiding(self) -> list[Served]:
        """Return the zones because of which the name does not lead to the vault's address, or to where its own zone has to answer."""
        return list({each.zone_id.casefold(): each for each in self._from(self.host, None, _LONGEST_CHAIN)}.values())

    def _from(self, name: str, blamed: Served | None, left: int) -> list[Served]:
        """Follow a name. blamed: the zone that led away from the vault's names."""
        if name in (self.host, self.alias):
            blamed = None
        found: list[Served] = []
        served = self.serving(name) if left else ()
        for zone in served:
            if name == self.alias and (zone.own or not f".{zone.name}".endswith(f".{self.zone}")):
                continue  # the vault's own zone, or a shorter name that gives way to it as soon as that is linked
            found += self._in(zone, name, blamed or dataclasses.replace(zone, error=None), left)
        return found if served else self._on_the_internet(name, blamed, left)

    def _on_the_internet(self, name: str, blamed: Served | None, left: int) -> list[Served]:
        if name == self.host:
            return self._from(self.alias, None, left - 1)
        return [blamed] if blamed else []

    def _in(self, zone: Served, name: str, blamed: Served, left: int) -> list[Served]:
        sets = _answer(zone, name)
        if zone.error and not sets:
            return [dataclasses.replace(blamed, error=zone.error)]
        if sets is None:
            return self._on_the_internet(name, blamed, left) if zone.redirects else [blamed]
        alias = next((str(at(each, "properties.cnameRecord.cname") or "") for each in sets if _type(each) == "CNAME"), "")
        if alias:
            return self._from(alias.rstrip(".").casefold(), blamed, left - 1)
        first = {address for each in sets for address in _addresses(each, "A", "aRecords", "ipv4Address")}
        second = {address for each in sets for address in _addresses(each, "AAAA", "aaaaRecords", "ipv6Address")}
        return [] if first and first | second <= self.addresses else [blamed]


def _answer(zone: Served, name: str) -> list[Document] | None:
    """Return the record sets that answer for a name, None where it does not exist. A wildcard counts below the closest name that exists."""
    relative = name[: -len(zone.name)].rstrip(".") or "@"
    there: dict[str, list[Document]] = {}
    for each in zone.sets:
        there.setdefault(str(each["name"]).casefold(), []).append(each)
    if relative in there or zone.error:
        return there.get(relative)
    if any(known.endswith(f".{relative}") for known in there):
        return []  # exists, because names below it do
    labels = relative.split(".")
    for start in range(1, len(labels) + 1):
        rest = ".".join(labels[start:])
        if not rest:
            return there.get("*")
        if f"*.{rest}" in there:
            return there[f"*.{rest}"]
        if rest in there or any(known.endswith(f".{rest}") for known in there):
            return None
    return None


def _type(record_set: Document) -> str:
    return str(record_set["id"]).rstrip("/").split("/")[-2].upper()


def _addresses(record_set: Document, kind: str, records: str, key: str) -> list[str]:
    return [str(each.get(key)) for each in at(record_set, f"properties.{records}") or []] if _type(record_set) == kind else []
