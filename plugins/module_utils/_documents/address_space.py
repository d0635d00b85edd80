# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ranges of networks and subnets. Pure functions: no Azure, no Ansible.

Source: Azure Virtual Network, frequently asked questions: which ranges a network cannot have, and how small and large subnets can be.
"""

from __future__ import annotations

import ipaddress

from .._errors import OptionError

_NEVER = {
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "168.63.129.16/32": "Azure's own DNS",
    "224.0.0.0/4": "multicast",
    "255.255.255.255/32": "broadcast",
}
_SMALLEST, _LARGEST = 29, 2  # prefix lengths of IPv4 subnets
_IPV6 = 64  # the only one of IPv6 subnets


def network_range(value: str, option: str) -> str:
    """Return a range of a virtual network in CIDR notation, one that Azure takes."""
    network = _network(value, option)
    for reserved, what in _NEVER.items():
        if isinstance(network, ipaddress.IPv4Network) and network.subnet_of(ipaddress.IPv4Network(reserved)):
            raise OptionError(
                option, f"'{value}' lies in {reserved} ({what}), which no virtual network can have; pass another range, like 10.0.0.0/24."
            )
    return str(network)


def subnet_range(value: str, option: str) -> str:
    """Return a range of a subnet in CIDR notation, of a size that Azure takes."""
    length = _network(value, option).prefixlen
    if ":" in value and length != _IPV6:
        raise OptionError(option, f"'{value}' is not a /{_IPV6}, and Azure takes no other range of IPv6 for a subnet; pass a /{_IPV6}.")
    if ":" not in value and not _LARGEST <= length <= _SMALLEST:
        raise OptionError(
            option, f"'{value}' is too {'small' if length > _SMALLEST else 'large'} for a subnet; use /{_LARGEST} to /{_SMALLEST}."
        )
    return network_range(value, option)


def _network(value: str, option: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(value.strip() if "/" in value else "")
    except ValueError:
        raise OptionError(option, f"'{value}' is not a network in CIDR notation; pass one like 10.0.0.0/24, without host bits.") from None
