# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the zones that a network is linked to hides a vault from it: a table of zones and records, as Azure's DNS answers with them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._views.shadows import Names, Served

HOST, OWN = "v.vault.azure.net", "privatelink.vaultcore.azure.net"
ALIAS, ADDRESS, OTHER = f"v.{OWN}", "10.1.0.4", "10.9.9.9"
PLACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones"
_PROPERTIES: dict[str, t.Callable[[tuple[str, ...]], Document]] = {
    "A": lambda values: {"aRecords": [{"ipv4Address": each} for each in values]},
    "AAAA": lambda values: {"aaaaRecords": [{"ipv6Address": each} for each in values]},
    "CNAME": lambda values: {"cnameRecord": {"cname": values[0]}},
    "TXT": lambda values: {"txtRecords": [{"value": list(values)}]},
    "SOA": lambda values: {"soaRecord": {}},
}


def zone(name: str, *sets: tuple[str, ...], **more: t.Any) -> Served:
    """Return a linked zone. sets: of each record set its name, its type and its values."""
    place = f"{PLACE}/{name}"
    documents = [
        {"id": f"{place}/{kind}/{label}", "name": label, "properties": _PROPERTIES[kind](tuple(values))}
        for label, kind, *values in (("@", "SOA"), *sets)
    ]
    return Served(place, f"{place}/virtualNetworkLinks/net", sets=tuple(documents), **more)


def hidden(*zones: Served) -> list[str]:
    """Return the names of the zones that hide the vault from a network that is linked to all of these."""

    def serving(name: str) -> list[Served]:
        fitting = [each for each in zones if f".{name}".endswith(f".{each.name}")]
        return [each for each in fitting if len(each.name) == max(len(other.name) for other in fitting)]

    found = Names(HOST, ALIAS, OWN, frozenset({ADDRESS}), serving).hiding()
    return [f"{each.name}{f' ({each.error})' if each.error else ''}" for each in found]


MINE = zone(OWN, own=True)
PUBLIC = "vault.azure.net"

TABLE: list[tuple[str, tuple[Served, ...], list[str]]] = [
    ("no zone at all, which zone_linked says", (), []),
    ("the vault's own zone", (MINE,), []),
    ("a zone for something else", (MINE, zone("corp.example")), []),
    ("a zone for another vault", (MINE, zone("w.vault.azure.net")), []),
    # the longest name that the queried name ends with answers, and no other
    ("a zone above all, without the name", (MINE, zone("azure.net")), ["azure.net"]),
    ("a zone above all, with the name", (MINE, zone("azure.net", ("v.vault", "A", ADDRESS))), []),
    ("a zone above one that has the name", (MINE, zone("azure.net"), zone(PUBLIC, ("v", "A", ADDRESS))), []),
    ("a zone that has the name above one that has not", (MINE, zone("azure.net", ("v.vault", "A", ADDRESS)), zone(PUBLIC)), [PUBLIC]),
    ("a zone above the own one", (MINE, zone("vaultcore.azure.net")), []),
    ("a zone above the own one, which is not linked", (zone("vaultcore.azure.net"),), []),
    ("a zone for this name alone", (MINE, zone(HOST)), [HOST]),
    ("a zone for this name alone, with the address", (MINE, zone(HOST, ("@", "A", ADDRESS))), []),
    ("a zone for this alias alone", (MINE, zone(ALIAS)), [ALIAS]),
    ("a zone for this alias alone, with the address", (MINE, zone(ALIAS, ("@", "A", ADDRESS))), []),
    # what it answers
    ("no record", (MINE, zone(PUBLIC)), [PUBLIC]),
    ("the vault's address", (MINE, zone(PUBLIC, ("v", "A", ADDRESS))), []),
    ("another address", (MINE, zone(PUBLIC, ("v", "A", OTHER))), [PUBLIC]),
    ("another address, too", (MINE, zone(PUBLIC, ("v", "A", ADDRESS, OTHER))), [PUBLIC]),
    ("a record set without an address", (MINE, zone(PUBLIC, ("v", "A"))), [PUBLIC]),
    ("another type alone, so that there is no address", (MINE, zone(PUBLIC, ("v", "TXT", "x"))), [PUBLIC]),
    ("an IPv6 address alone", (MINE, zone(PUBLIC, ("v", "AAAA", "fd00::4"))), [PUBLIC]),
    ("an IPv6 address of others beside", (MINE, zone(PUBLIC, ("v", "A", ADDRESS), ("v", "AAAA", "fd00::9"))), [PUBLIC]),
    # aliases are followed
    ("an alias to the private link name", (MINE, zone(PUBLIC, ("v", "CNAME", ALIAS))), []),
    ("the same in other letters", (MINE, zone(PUBLIC, ("V", "CNAME", f"{ALIAS.upper()}."))), []),
    ("the same, and the own zone is not linked", (zone(PUBLIC, ("v", "CNAME", ALIAS)),), []),
    ("an alias to the internet", (MINE, zone(PUBLIC, ("v", "CNAME", "proxy.example."))), [PUBLIC]),
    ("an alias to a zone without the address", (MINE, zone(PUBLIC, ("v", "CNAME", "v.corp.example")), zone("corp.example")), [PUBLIC]),
    (
        "an alias to a zone with the address",
        (MINE, zone(PUBLIC, ("v", "CNAME", "v.corp.example")), zone("corp.example", ("v", "A", ADDRESS))),
        [],
    ),
    ("an alias to itself", (MINE, zone(PUBLIC, ("v", "CNAME", "x.vault.azure.net"), ("x", "CNAME", "x.vault.azure.net"))), [PUBLIC]),
    # wildcards count below the closest name that exists
    ("a wildcard with the address", (MINE, zone(PUBLIC, ("*", "A", ADDRESS))), []),
    ("a wildcard with another address", (MINE, zone(PUBLIC, ("*", "A", OTHER))), [PUBLIC]),
    ("a wildcard alias to the private link name", (MINE, zone(PUBLIC, ("*", "CNAME", ALIAS))), []),
    ("a wildcard beside the name itself", (MINE, zone(PUBLIC, ("*", "A", ADDRESS), ("v", "TXT", "x"))), [PUBLIC]),
    ("a wildcard beside names below the name", (MINE, zone(PUBLIC, ("*", "A", ADDRESS), ("x.v", "A", OTHER))), [PUBLIC]),
    ("a wildcard two labels above", (MINE, zone("azure.net", ("*", "A", ADDRESS))), []),
    ("a wildcard beyond a name that exists", (MINE, zone("azure.net", ("*", "A", ADDRESS), ("w.vault", "A", OTHER))), ["azure.net"]),
    ("a wildcard below that name", (MINE, zone("azure.net", ("*.vault", "A", ADDRESS), ("w.vault", "A", OTHER))), []),
    # another zone of the same name instead of the own one: Azure links a network to one of them only
    ("a second zone without the record", (zone(OWN),), [OWN]),
    ("a second zone with the record", (zone(OWN, ("v", "A", ADDRESS)),), []),
    ("a second zone with a wildcard", (zone(OWN, ("*", "A", ADDRESS)),), []),
    # the fallback to the internet
    ("a second zone that falls back, to the public address", (zone(OWN, redirects=True),), [OWN]),
    ("a zone of the name that falls back, to the alias", (MINE, zone(PUBLIC, redirects=True)), []),
    ("a zone that has the name and no address does not fall back", (MINE, zone(PUBLIC, ("v", "TXT", "x"), redirects=True)), [PUBLIC]),
    # what may not be read
    ("records that may not be read", (MINE, zone(PUBLIC, error="Forbidden")), [f"{PUBLIC} (Forbidden)"]),
    ("A records alone, with the address", (MINE, zone(PUBLIC, ("v", "A", ADDRESS), error="Forbidden")), []),
    ("A records alone, with another address", (MINE, zone(PUBLIC, ("v", "A", OTHER), error="Forbidden")), [PUBLIC]),
    (
        "A records alone, a wildcard: the name may be of another type",
        (MINE, zone(PUBLIC, ("*", "A", ADDRESS), error="No")),
        [f"{PUBLIC} (No)"],
    ),
]


@pytest.mark.parametrize(("zones", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_which_zone_hides_the_vault(zones: tuple[Served, ...], expected: list[str]) -> None:
    assert hidden(*zones) == hidden(*reversed(zones)) == expected
