# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address prefixes of networks and subnets, and the private addresses taken in a subnet."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator

from emulator.core import Emulator
from emulator.errors import ArmError, Json, network_error
from emulator.store import Record

Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network
RESERVED = 4
"""Azure keeps the first four addresses of a subnet and its last one."""


def prefixes_of(properties: Json) -> list[str]:
    """The prefixes of a subnet, whichever of the two properties it has them in."""
    many = properties.get("addressPrefixes") or []
    one = properties.get("addressPrefix")
    return [str(each) for each in ([one] if one else many)]


def parse_prefix(text: object, resource: str) -> Prefix:
    """A prefix in CIDR notation without host bits, else InvalidAddressPrefixFormat."""
    if isinstance(text, str) and "/" in text:
        try:
            return ipaddress.ip_network(text)
        except ValueError:
            pass
    raise network_error(
        400,
        "InvalidAddressPrefixFormat",
        f"Address prefix {text} of resource {resource} is not formatted correctly. It "
        "should follow CIDR notation, for example 10.0.0.0/24.",
    )


def inside(prefix: Prefix, space: Iterable[Prefix]) -> bool:
    first, last = int(prefix.network_address), int(prefix.broadcast_address)
    return any(
        prefix.version == each.version and int(each.network_address) <= first and last <= int(each.broadcast_address) for each in space
    )


def taken(emulator: Emulator, subnet_id: str, *, without: str = "") -> dict[str, str]:
    """The addresses in use in a subnet and the ip configurations that have them; those of one interface left out."""
    found: dict[str, str] = {}
    wanted = subnet_id.lower()
    for nic in emulator.store.interfaces_in(subnet_id):
        if nic.id.lower() == without.lower():
            continue
        for configuration in nic.properties.get("ipConfigurations", []):
            properties = configuration["properties"]
            if (properties.get("subnet") or {}).get("id", "").lower() == wanted:
                found[properties["privateIPAddress"]] = configuration["id"]
    return found


class Allocator:
    """Gives out addresses of one subnet, the first free one where none is requested."""

    def __init__(self, emulator: Emulator, subnet: Record, *, without: str = "") -> None:
        self._emulator, self._subnet, self._without = emulator, subnet, without.lower()
        self._own: dict[str, str] = {}
        prefixes = [parse_prefix(each, subnet.id) for each in prefixes_of(subnet.properties)]
        self._prefixes = [each for each in prefixes if isinstance(each, ipaddress.IPv4Network)]

    def static(self, address: str, configuration: str) -> str:
        """An address asked for, which has to be free, in the subnet and not one of Azure's own."""
        try:
            wanted = ipaddress.ip_address(address)
        except ValueError:
            raise network_error(
                400, "InvalidIPAddressFormat", f"IP address {address} of resource {configuration} is not formatted correctly."
            ) from None
        home = next((each for each in self._prefixes if wanted in each), None)
        text = ", ".join(map(str, self._prefixes))
        if home is None:
            message = f"Private static IP address {address} does not belong to the range of subnet prefix {text}."
            raise network_error(400, "PrivateIPAddressNotInSubnet", message)
        place = int(wanted) - int(home.network_address)
        if place < RESERVED or wanted == home.broadcast_address:
            message = f"Private static IP address {address} falls within reserved IP range of subnet prefix {text}."
            raise network_error(400, "PrivateIPAddressInReservedRange", message)
        if not self.is_free(str(wanted)):
            raise network_error(
                400,
                "PrivateIPAddressIsAllocated",
                f"IP configuration {configuration} is using the private IP address {address} which is already allocated to resource "
                f"{self._user(str(wanted))}.",
            )
        self._own[str(wanted)] = configuration
        return str(wanted)

    def dynamic(self, configuration: str) -> str:
        for address in self._free():
            self._own[address] = configuration
            return address
        raise self._full()

    def free(self, wanted: int) -> list[str]:
        """The first free addresses."""
        return list(itertools.islice(self._free(), wanted))

    def is_free(self, address: str) -> bool:
        return address not in self._own and not self._user(address)

    def _user(self, address: str) -> str:
        """The configuration that has an address; of an interface that is left out, only what was given out here."""
        nic = self._emulator.store.interface_at(self._subnet.id, address)
        if nic is None or nic.id.lower() == self._without:
            return self._own.get(address, "")
        configurations = nic.properties["ipConfigurations"]
        return next(str(each["id"]) for each in configurations if each["properties"]["privateIPAddress"] == address)

    def _free(self) -> Iterator[str]:
        """The free addresses in order."""
        for prefix in self._prefixes:
            last = int(prefix.broadcast_address)
            for number in range(self._begin(prefix), last):
                address = str(ipaddress.IPv4Address(number))
                if self.is_free(address):
                    yield address

    def _begin(self, prefix: ipaddress.IPv4Network) -> int:
        """The first address that may be free: from the last search on, unless an interface has left the subnet since."""
        store, first = self._emulator.store, int(prefix.network_address) + RESERVED
        mark, gone = f"{self._subnet.id.lower()} {prefix}", store.gone_from(self._subnet.id)
        number, then = store.marks.get(mark, (first, gone))
        number = number if then == gone else first
        while store.interface_at(self._subnet.id, str(ipaddress.IPv4Address(number))):
            number += 1
        store.marks[mark] = (number, gone)
        return number

    def _full(self) -> ArmError:
        text = ", ".join(map(str, self._prefixes))
        return network_error(
            400, "SubnetIsFull", f"Subnet {self._subnet.name} with address prefix {text} does not have enough capacity for 1 IP addresses."
        )
