# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of how a vault's name resolves: zone, links, record, other zones, DNS servers, and what a probe from inside found."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document, at
from .._documents.ids import ZONE, ResourceId
from . import check_fixes as fixes
from .checked import Answer
from .checks_connection import judged
from .evidence import AZURE_DNS, named
from .examined import Examined, Route

_PROOFS = "Pass the result of keyvault_probe_info from a host inside the network as proofs"


def zone_exists(examined: Examined) -> Answer:
    """Check that the zone with the name of the cloud exists."""
    wanted = examined.around.vault_zone
    if "zone_exists" in examined.reasons:
        return judged(examined, "zone_exists", fix=_whole_dns(examined))
    lost = [route for route in examined.readable if route.evidence.dns == "a_record" and not route.evidence.zones]
    if not lost or examined.proven(lost):
        return Answer()
    if examined.around.unlisted:
        where = ", ".join(examined.around.unlisted)
        message = f"Key vault '{examined.name}': no private DNS zone '{wanted}' is known, and those of {where} may not be listed."
        return Answer("unknown", message, "Use credentials that may list the zones, or pass the zone as zone_ids.")
    message = f"Key vault '{examined.name}': there is no private DNS zone '{wanted}'; {_similar(examined)}."
    hint = "Create the zone, its link and the record; pass a zone of another subscription as zone_ids."
    return Answer("failed", message, hint, (), fixes.tasks_text(_whole_dns(examined)))


def _similar(examined: Examined) -> str:
    """Say which zones there are instead."""
    others = [zone_id for zone_id in examined.around.similar_zone_ids if not named(zone_id, examined.around.vault_zone)]
    return f"others have similar names: {', '.join(others)}" if others else "none of the subscriptions in question has one"


def _zone_for(examined: Examined, route: Route) -> str:
    """Return the zone that should exist: the one that is named, else one in the vault's resource group."""
    ids = [*(route.endpoint.dns.zone_ids if route.by_group else ()), *(zone.id for zone in route.evidence.zones), *examined.around.zone_ids]
    known = next((each for each in ids if named(each, examined.around.vault_zone)), None)
    vault = examined.vault.id
    return known or str(ResourceId(vault.subscription, vault.resource_group, ZONE, (examined.around.vault_zone,)))


def _whole_dns(examined: Examined) -> list[fixes.Task]:
    """Return what makes the DNS of a vault without a zone: zone, records, links."""
    places = {id(route): _zone_for(examined, route) for route in examined.readable}
    tasks = [fixes.zone(zone) for zone in dict.fromkeys(places.values())]
    tasks += [fixes.record(examined, route, places[id(route)]) for route in examined.readable]
    links = {(places[id(route)], network.id): None for route in examined.readable for network in route.evidence.networks if network.exists}
    return tasks + [fixes.link(zone, network) for zone, network in links]


def zone_linked(examined: Examined) -> Answer:
    """Check that every network that must resolve the name is linked to the zone."""
    named_ids = {each for reason in examined.reasons.get("zone_linked", []) for each in reason.resource_ids}
    missing = {
        (fixes.zone_of(examined, route.evidence.zones, network.id), network.id): None
        for route in examined.routes
        for network in route.evidence.networks
        if network.exists and network.id in named_ids and route.evidence.zones
    }
    more = fixes.which_zone(examined, (zone for zone, _network in missing))
    return judged(examined, "zone_linked", fix=[fixes.link(zone, network) for zone, network in missing], more=more)


def zone_not_shadowed(examined: Examined) -> Answer:
    """Check that no other zone answers for the vault."""
    tasks: dict[str, fixes.Task] = {}
    more = ""
    for route in examined.routes:
        for shadow in (shadow for shadow in route.evidence.shadows if not shadow.error):
            tasks[shadow.link_id] = fixes.unlink(shadow.link_id)
            if named(shadow.zone_id, examined.around.vault_zone) and route.evidence.zones:
                zone = fixes.zone_of(examined, route.evidence.zones, shadow.network_id)
                tasks[f"{shadow.link_id} instead"] = fixes.link(zone, shadow.network_id)
                more = more or fixes.which_zone(examined, [zone])
    found = tasks or "zone_not_shadowed" in examined.reasons
    if found or not examined.around.unlisted or examined.proven(examined.routes) or zone_exists(examined).found:
        return judged(examined, "zone_not_shadowed", fix=tasks.values(), more=more)
    where = ", ".join(examined.around.unlisted)
    message = f"Key vault '{examined.name}': the private DNS zones of {where} may not be listed, and one of them could hide the record."
    return Answer("unknown", message, f"Use credentials that may list the zones. {_PROOFS} to prove that none does.")


def registration_off(examined: Examined) -> Answer:
    """Check that machines do not write their names into the zone."""
    on = [link for zone in examined.zones for link in examined.around.links(zone.id) if at(link, "properties.registrationEnabled")]
    if not on:
        return Answer()
    names = ", ".join(f"'{link['name']}'" for link in on)
    message = f"Registration of virtual machines is enabled in links of the zone of key vault '{examined.name}': {names}."
    hint = "Turn it off: a machine named like a vault would take its record."
    return Answer("failed", message, hint, tuple(str(link["id"]) for link in on), fixes.tasks_text(map(fixes.without_registration, on)))


def record_exists(examined: Examined) -> Answer:
    """Check that the record is there."""
    return _judged_record(examined, "record_exists")


def record_address(examined: Examined) -> Answer:
    """Check that the record has the address of the interface."""
    return _judged_record(examined, "record_address")


_CONTENDED = (
    "A DNS zone group and another writer would overwrite each other's addresses in this record, so no task can fix it: give one of the "
    "private endpoints a zone of its own."
)


def _judged_record(examined: Examined, check: str) -> Answer:
    tasks = _records(examined, check)
    return judged(examined, check, fix=tasks, hint="" if tasks else _CONTENDED)


def _records(examined: Examined, check: str) -> list[fixes.Task]:
    """Return what writes the records at fault."""
    ids = {each.casefold() for reason in examined.reasons.get(check, []) for each in reason.resource_ids}
    tasks: dict[str, fixes.Task] = {}
    for route in examined.readable:
        own = f"/A/{route.evidence.record}".casefold()
        zones = [zone.id for zone in route.evidence.zones if f"{zone.id}{own}".casefold() in ids]
        zones = [zone for zone in zones if not _is_contended(examined, route, zone)]
        for zone in zones:
            tasks.setdefault(f"{zone} {route.endpoint.id if route.by_group else ''}", fixes.record(examined, route, zone))
        if route.endpoint.id.casefold() in ids:
            place = _zone_for(examined, route)
            tasks.setdefault(place, fixes.record(examined, route, place))
    return list(tasks.values())


def _is_contended(examined: Examined, route: Route, zone_id: str) -> bool:
    """Return whether a DNS zone group and another writer would overwrite each other's addresses in one record; only another zone helps."""
    sharing = [each for each in examined.routes if any(zone.id == zone_id for zone in each.evidence.zones)]
    return len(sharing) > 1 and any(each.by_group for each in (route, *sharing))


def record_alone(examined: Examined) -> Answer:
    """Check that nobody else's address is in the record."""
    foreign = {zone.id: [each for each in zone.addresses or () if each not in _own(examined)] for zone in examined.zones}
    tasks = [fixes.without(examined, zone, addresses) for zone, addresses in foreign.items() if addresses]
    return judged(examined, "record_alone", fix=tasks)


def _own(examined: Examined) -> set[str]:
    return {address for route in examined.routes for address in (*route.path.addresses, *route.evidence.others)}


def forwarders(examined: Examined) -> Answer:
    """Check that Azure's DNS answers, or that a probe proves what servers of the networks' own answer."""
    every = {network.id: network for route in examined.routes for network in route.evidence.networks}
    named_ids = {each for reason in examined.reasons.get("forwarders", []) for each in reason.resource_ids}
    asked = [network for network in every.values() if network.id in named_ids and not network.error]
    hosts = " and ".join(map(fixes.host_in, asked))
    hint = (
        f"Let these servers forward {_suffixes(examined)} to {AZURE_DNS} if they are in a virtual network that is linked to the zone, else "
        f"to an Azure DNS resolver in one. To prove it, set {hosts} to a host inside, run fix, and pass what it registers as proofs."
    )
    return judged(examined, "forwarders", fix=[fixes.probe(examined, network) for network in asked], hint=hint)


def _suffixes(examined: Examined) -> str:
    """Return both suffixes that a DNS server must forward: of the name, and of the alias that it leads to."""
    alias = examined.around.vault_zone.removeprefix("privatelink.")
    return f"both {examined.world.cloud.vault_suffix} and {alias}"


def probe(examined: Examined) -> Answer:
    """Check what a host inside the network found."""
    if examined.proof is None:
        about = "is about this vault" if examined.wanted.proofs else "of keyvault_probe_info is given"
        return Answer("skipped", f"No result {about} in proofs.")
    fault = examined.proof_fault
    if fault is None:
        return Answer()
    hint = f"{fault.hint} To ask again, set {fixes.HOST} to a host inside, run fix, and pass what it registers as proofs."
    fix = fixes.tasks_text([fixes.probe(examined)])
    return Answer("failed", f"Key vault '{examined.name}': {fault.message}.", hint, (examined.id,), fix)


def zone_limits(examined: Examined) -> Answer:
    """Check that the zones have room."""
    full = [(zone.id, text) for zone in examined.zones for text in _near(examined.around.zone_documents.get(zone.id.casefold()))]
    if not full:
        unread = [zone.id for zone in examined.zones if zone.exists and zone.id.casefold() not in examined.around.zone_documents]
        return Answer("skipped", f"Not readable: {', '.join(unread)}.") if unread else Answer()
    message = f"{'; '.join(text for _zone, text in full)}."
    hint = (
        "Delete records and links that are not used any more, or use a second zone for other networks; no task can choose them, but "
        "private_link_orphans_info lists the records without a private endpoint."
    )
    return Answer("failed", message, hint, tuple(dict.fromkeys(zone for zone, _text in full)))


def _near(zone: Document | None) -> t.Iterator[str]:
    for count, most, what in (
        ("numberOfRecordSets", "maxNumberOfRecordSets", "record sets"),
        ("numberOfVirtualNetworkLinks", "maxNumberOfVirtualNetworkLinks", "virtual network links"),
    ):
        used, limit = at(zone, f"properties.{count}"), at(zone, f"properties.{most}")
        if zone and isinstance(used, int) and isinstance(limit, int) and limit and used * 10 >= limit * 9:
            yield f"Private DNS zone '{zone['id']}' has {used} {what} of {limit}"
