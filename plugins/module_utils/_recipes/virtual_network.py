# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a virtual network."""

from __future__ import annotations

import typing as t

from .._documents.address_space import network_range
from .._documents.ids import NETWORK
from .._errors import OptionError
from .._identity import Level, Nested
from .._options import STATE, TAGS, Spec
from .._resources.virtual_network import VirtualNetwork
from .._spelling import NETWORK as SPELLING
from .._values import ipv4, location

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = Nested((Level(NETWORK, "name", "id"),))


OPTIONS: Spec = {
    "location": {"type": "str"},
    "address_prefixes": {"type": "list", "elements": "str"},
    "dns_servers": {"type": "list", "elements": "str"},
    **TAGS,
    **STATE,
}


def resources(task: Task) -> list[VirtualNetwork]:
    """Map the options to the resource."""
    prefixes, servers = task["address_prefixes"], task["dns_servers"]
    if prefixes == []:
        raise OptionError("address_prefixes", "a virtual network has at least one address range; pass one, or leave the option out.")
    properties = {
        "addressSpace": None if prefixes is None else {"addressPrefixes": [network_range(item, "address_prefixes") for item in prefixes]},
        "dhcpOptions": None if servers is None else {"dnsServers": [ipv4(item, "dns_servers") for item in servers]},
    }
    desired = None if task.absent else {"location": location(task["location"]), "properties": properties}
    return [VirtualNetwork(IDENTITY.of(task), desired, spelling=SPELLING, **task.tagging)]
