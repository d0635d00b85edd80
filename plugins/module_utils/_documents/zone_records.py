# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records that a DNS zone group keeps, as the zones really hold them. Pure functions: no Azure, no Ansible.

A record is a mapping: zoneId, name, fqdn, expected (the endpoint's addresses), addresses (what the zone holds, None where
it may not be read), foreign (other addresses), creator (what the record says of who wrote it) and state.
"""

from __future__ import annotations

import re
import typing as t

from .compare import Document, at
from .endpoint import connection_of, state_of
from .ids import ResourceId, same_id
from .states import spelled

WRITTEN = "written"
MISSING = "missing"
CHANGED = "changed"
UNREADABLE = "unreadable"


def compared(zone_id: str, name: str, expected: t.Sequence[str], found: Document | None, *, readable: bool = True) -> Document:
    """Return a record: what a zone group has to keep, and what the zone holds. A zone that may not be read is believed."""
    current = [item["ipv4Address"] for item in at(found, "properties.aRecords") or []] if readable else None
    state = UNREADABLE if current is None else MISSING if not current else WRITTEN if set(expected) <= set(current) else CHANGED
    return {
        "zoneId": zone_id,
        "name": name,
        "fqdn": f"{name}.{zone_id.rstrip('/').rpartition('/')[2]}",
        "expected": list(expected),
        "addresses": current,
        "foreign": [address for address in current or [] if address not in expected],
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
    """
    Return addresses of a changed record that are not known to be this endpoint's own: its group
    wrote no such record, or someone wrote a new one.
    """
    own = f"private endpoint {endpoint} ".casefold() in f"{record['creator']} ".casefold()
    return [] if own else list(record["foreign"])


def rendered_records(records: t.Iterable[Document]) -> list[Document]:
    """Return records as a diff shows them before and after: the two sides have the same places."""
    return [{"fqdn": item["fqdn"], "ipAddresses": item["addresses"] or []} for item in records]


def summary(records: t.Sequence[Document]) -> Document:
    """Return the state of an endpoint's DNS as a result tells it.

    ready: whether zones hold all records, and at least one; those that may not be read count as Azure's word has it.
    """
    compared_records = [
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
        "ready": bool(compared_records) and all(item["state"] in (WRITTEN, UNREADABLE) for item in compared_records),
        "records": compared_records,
        "foreign_addresses": sorted({address for item in compared_records for address in item["foreign_addresses"]}),
        "unreadable_zone_ids": [item["zone_id"] for item in compared_records if item["state"] == UNREADABLE],
    }


_CREATOR = re.compile(r"private endpoint (?P<name>\S+) with resource guid (?P<guid>[0-9a-f-]{36})", re.IGNORECASE)


def creator_of(record: Document | None) -> tuple[str, str] | None:
    """
    Return name and resource GUID, in lower case, of the private endpoint whose zone group wrote a record set, None where no group did.
    """
    found = _CREATOR.search(str(at(record, "properties.metadata.creator") or ""))
    return (found["name"], found["guid"].casefold()) if found else None


def by_creator(records: t.Iterable[Document]) -> dict[str, list[Document]]:
    """Return record sets by the resource GUID, in lower case, of the private endpoint whose zone group wrote them."""
    found: dict[str, list[Document]] = {}
    for record in records:
        creator = creator_of(record)
        if creator:
            found.setdefault(creator[1], []).append(record)
    return found


def group_is_proven(endpoint: Document, addresses: t.Sequence[str], zone_ids: t.Collection[str], records: t.Iterable[Document]) -> bool:
    """Return whether it is beyond doubt, without a look at an endpoint's zone group, that the group
    writes into these zones and that all is written.

    addresses: of the endpoint. records: the A record sets of these zones, and of any others that the group
    may write into. Azure leaves customDnsConfigs empty where an endpoint has a group, and says in a record
    who wrote it. Source: Private Endpoint's page on DNS, and recorded answers.
    """
    properties, guid = endpoint.get("properties", {}), str(at(endpoint, "properties.resourceGuid") or "").casefold()
    target = ResourceId.parse(str(connection_of(endpoint).get("privateLinkServiceId")))
    settled = spelled(properties.get("provisioningState")) == "Succeeded" and state_of(endpoint).get("status") == "Approved"
    if not (settled and guid and target and addresses and zone_ids) or properties.get("customDnsConfigs") != []:
        return False
    own = [record for record in records if (creator_of(record) or ("", ""))[1] == guid]
    written = {str(record["id"]).casefold(): {item["ipv4Address"] for item in at(record, "properties.aRecords") or []} for record in own}
    due = {f"{zone}/A/{target.name}".casefold() for zone in zone_ids}
    return written.keys() == due and all(set(addresses) <= current for current in written.values())
