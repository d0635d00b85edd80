# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the DNS of a private endpoint is complete, whatever created it: the zone group and the records that it wrote."""

from __future__ import annotations

from .._azure import kinds
from .._azure.clock import Pace
from .._azure.world import World
from .._documents.compare import Document, at
from .._documents.endpoint import addresses_of
from .._documents.ids import ResourceId
from .._documents.relations import the_one
from .._errors import OptionError, WaitTimeout
from .._resources.network_interface import interface_of
from .._resources.private_dns_a_record import recorded


def dns_of(world: World, endpoint: ResourceId, *, wait: bool) -> Document:
    """
    Return exists, ready, addresses, zone group and records of an endpoint; with wait not before they are there, within the task's bound.
    """
    awaited, pace = f"a DNS zone group of private endpoint '{endpoint.name}' to write its records", Pace(first=1.0, slowest=15.0)
    with world.clock.reporter.waiting(awaited):
        while True:
            found = state_of_dns(world, endpoint)
            if found["ready"] or not wait:
                return found
            if not found["exists"]:
                missing = (
                    f"private endpoint '{endpoint.name}' was not found in resource group '{endpoint.resource_group}'; create it first."
                )
                raise OptionError("name", missing, resource_id=str(endpoint))
            try:
                world.clock.wait(pace.step(), awaited)
            except WaitTimeout as end:
                end.resource_id, end.hint = str(endpoint), what_is_missing(found)
                raise


def what_is_missing(found: Document) -> str:
    """Say how far the DNS came until the time was up."""
    unwritten = next((record for record in found["records"] if not record["written"]), None)
    if unwritten:
        return (
            f"The zone group exists, but its zone does not contain the record '{unwritten['fqdn']}'; "
            "run the task of the endpoint with private_dns_zone_ids, which writes it again."
        )
    if found["zone_group_name"]:
        return (
            f"The zone group '{found['zone_group_name']}' exists, but does not write a "
            "record; check that its zone matches the endpoint's target."
        )
    return (
        "There is no zone group. Azure Policy creates one about ten minutes after the endpoint, and none for manual requests; check its "
        "assignment and start a remediation task, increase wait_timeout, or let this collection manage DNS with private_dns_zone_ids."
    )


def state_of_dns(world: World, endpoint: ResourceId) -> Document:
    """Return exists, ready, addresses, zone group and records of an endpoint as they are now."""
    doing = f"read the DNS zone groups of private endpoint '{endpoint.name}'"
    found = world.get(kinds.ENDPOINT, endpoint)
    if found is None:
        return {"exists": False, "ready": False, "private_ip_addresses": [], "zone_group_name": None, "zone_ids": [], "records": []}
    groups = world.list(kinds.ZONE_GROUP, endpoint, doing=doing)
    configs: list[Document] = [config for group in groups for config in at(group, "properties.privateDnsZoneConfigs") or []]
    group = the_one(
        groups,
        f"DNS zone group of private endpoint '{endpoint.name}'",
        alive=lambda each: any(at(config, "properties.recordSets") for config in at(each, "properties.privateDnsZoneConfigs") or []),
        hint="Delete all but one of them; Azure supports one for a private endpoint.",
    )
    records = [_record(world, config, record) for config in configs for record in at(config, "properties.recordSets") or []]
    return {
        "exists": True,
        "ready": bool(records) and all(record["written"] for record in records),
        "private_ip_addresses": addresses_of(interface_of(world, found)),
        "zone_group_name": group["name"] if group else None,
        "zone_ids": [at(config, "properties.privateDnsZoneId") for config in configs],
        "records": records,
    }


def _record(world: World, config: Document, record: Document) -> Document:
    """Compare what the group says it wrote with what the zone holds; a zone that cannot be read is believed."""
    zone = ResourceId.parse(str(at(config, "properties.privateDnsZoneId")))
    name, addresses = record["recordSetName"], record.get("ipAddresses") or []
    there = recorded(world, zone, name) if zone else []
    there = addresses if there is None else there
    return {"fqdn": record.get("fqdn"), "ip_addresses": addresses, "written": bool(addresses) and set(addresses) <= set(there)}
