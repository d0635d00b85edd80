# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a virtual network link."""

from __future__ import annotations

import typing as t

from .._documents.ids import NETWORK, ZONE_LINK, ResourceId
from .._errors import OptionError
from .._identity import CHECKED_ZONE_LEVEL, Level, Nested
from .._options import STATE, TAGS, Spec
from .._resources.private_dns_zone_link import PrivateDnsZoneLink
from .._spelling import ZONE_LINK as SPELLING
from .._values import resource_id

if t.TYPE_CHECKING:
    from .._module import Task


def _network(task: Task) -> ResourceId | None:
    return resource_id(task["virtual_network_id"], "virtual_network_id", NETWORK) if task["virtual_network_id"] else None


def _name_of_network(task: Task) -> str | None:
    network = _network(task)
    return network.name if network else None


IDENTITY = Nested((CHECKED_ZONE_LEVEL, Level(ZONE_LINK, "name", "id", default=_name_of_network)))


RULES = {"required_one_of": [("id", "name", "virtual_network_id")]}
OPTIONS: Spec = {
    "allow_other_zone": {"type": "bool", "default": False},
    "virtual_network_id": {"type": "str"},
    "registration_enabled": {"type": "bool"},
    "resolution_policy": {"type": "str", "choices": ["Default", "NxDomainRedirect"]},
    "allow_replace": {"type": "bool", "default": False},
    **TAGS,
    **STATE,
}


def resources(task: Task) -> list[PrivateDnsZoneLink]:
    """Map the options to the resource."""
    link = IDENTITY.of(task)
    zone = link.parent.name
    if task["resolution_policy"] and not zone.casefold().startswith("privatelink."):
        raise OptionError("resolution_policy", f"only private link zones support it, and '{zone}' is not one; leave it out.")
    network = _network(task)
    properties = {
        "virtualNetwork": {"id": str(network)} if network else None,
        "registrationEnabled": task["registration_enabled"],
        "resolutionPolicy": task["resolution_policy"],
    }
    desired = None if task.absent else {"location": "global", "properties": properties}
    keywords = {
        "network": str(network) if network else None,
        "named": bool(task["name"] or task["id"]),
        "allow_replace": task["allow_replace"],
        "spelling": SPELLING,
        **task.tagging,
    }
    return [PrivateDnsZoneLink(link, desired, **keywords)]
