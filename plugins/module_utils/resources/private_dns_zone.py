# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private DNS zones."""

from __future__ import annotations

from ..options import ZONE
from ..resource import Resource


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
