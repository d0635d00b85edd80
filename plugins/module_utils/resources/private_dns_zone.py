# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private DNS zones."""

from __future__ import annotations

import typing as t

from ..compare import Document
from ..ids import ResourceId
from ..options import ZONE
from ..resource import Resource

if t.TYPE_CHECKING:
    from ..arm import Arm


class PrivateDnsZone(Resource):
    """A private DNS zone. Source: REST reference, Private DNS - Private Zones."""

    type = ZONE
    title = "private DNS zone"
    key = "private_dns_zone"
    operations = "privatedns.private_zones"
    read_only = (
        "properties.maxNumberOfRecordSets",
        "properties.maxNumberOfVirtualNetworkLinks",
        "properties.maxNumberOfVirtualNetworkLinksWithRegistration",
        "properties.numberOfRecordSets",
        "properties.numberOfVirtualNetworkLinks",
        "properties.numberOfVirtualNetworkLinksWithRegistration",
        "properties.internalId",
    )
    etag_in = "header"


def read_zone(arm: Arm, nested: ResourceId) -> Document | None:
    """Return the zone that a record set or link is in."""
    group, name = str(nested.resource_group), nested.names[0]
    return arm.find(nested.subscription, f"{PrivateDnsZone.operations}.get", group, name, doing=f"read zone '{name}'")
