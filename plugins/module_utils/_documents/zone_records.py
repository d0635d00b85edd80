# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records that a DNS zone group keeps, as the zones really hold them. Pure functions: no Azure, no Ansible.

A record is a mapping: zoneId, name, fqdn, expected (the endpoint's addresses), addresses (what the zone holds, None where it may not be read),
foreign (other addresses), creator (what the record says of who wrote it) and state.
"""

from __future__ import annotations

import typing as t

from .compare import Document, at
from .ids import same_id

WRITTEN = "written"
MISSING = "missing"
CHANGED = "changed"
UNREADABLE = "unreadable"


def compared(zone_id: str, name: str, expected: t.Sequence[str], found: Document | None, *, readable: bool = True) -> Document:
    """Return a record: what a zone group has to keep, and what the zone holds. A zone that may not be read is believed."""
    held = [item["ipv4Address"] for item in at(found, "properties.aRecords") or []] if readable else None
    state = UNREADABLE if held is None else MISSING if not held else WRITTEN if set(expected) <= set(held) else CHANGED
    return {
        "zoneId": zone_id,
        "name": name,
        "fqdn": f"{name}.{zone_id.rstrip('/').rpartition('/')[2]}",
        "expected": list(expected),
        "addresses": held,
        "foreign": [address for address in held or [] if address not in expected],
        "creator": str(at(found, "properties.metadata.creator") or ""),
        "state": state,
    }


def lost(records: t.Iterable[Document], zone_ids: t.Iterable[str] | None) -> list[Document]:
    """Return the records of these zones, None for all, that the zones do not hold as they should."""
    zones = None if zone_ids is None else list(zone_ids)
    return [
        item
        for item in records
        if item["state"] in (MISSING, CHANGED) and (zones is None or any(same_id(item["zoneId"], zone) for zone in zones))
    ]


def of_others(record: Document, endpoint: str) -> list[str]:
    """Return addresses of a changed record that are not known to be this endpoint's own: its group wrote no such record, or someone wrote a new one."""
    own = f"private endpoint {endpoint} ".casefold() in f"{record['creator']} ".casefold()
    return [] if own else list(record["foreign"])


def shown(records: t.Iterable[Document]) -> list[Document]:
    """Return records as a diff shows them before and after: the two sides have the same places."""
    return [{"fqdn": item["fqdn"], "ipAddresses": item["addresses"] or []} for item in records]


def summary(records: t.Sequence[Document]) -> Document:
    """Return the state of an endpoint's DNS as a result tells it.

    ready: whether zones hold all records, and at least one; those that may not be read count as Azure's word has it.
    """
    told = [
        {
            "fqdn": item["fqdn"],
            "zone_id": item["zoneId"],
            "expected_addresses": item["expected"],
            "addresses": item["addresses"],
            "foreign_addresses": item["foreign"],
            "state": item["state"],
        }
        for item in records
    ]
    return {
        "ready": bool(told) and all(item["state"] in (WRITTEN, UNREADABLE) for item in told),
        "records": told,
        "foreign_addresses": sorted({address for item in told for address in item["foreign_addresses"]}),
        "unreadable_zone_ids": [item["zone_id"] for item in told if item["state"] == UNREADABLE],
    }
