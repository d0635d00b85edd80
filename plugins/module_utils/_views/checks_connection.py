# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a vault's private endpoints and their connections."""

from __future__ import annotations

import typing as t

from .._documents.compare import at
from .._documents.ids import ResourceId, same_id
from .._documents.states import REFUSED
from . import check_fixes as fixes
from .checked import Answer
from .examined import Examined, Route
from .private_path import Reason
from .private_path_reading import network_of


def judged(examined: Examined, check: str, *, fix: t.Iterable[fixes.Task] = (), hint: str = "", more: str = "") -> Answer:
    """Return the answer of a check that private_path judges.

    hint: instead of the first reason's own, which speaks of a closing. more: what is to be said beside it.
    """
    reasons = examined.reasons.get(check, [])
    if not reasons:
        return Answer()
    unread = all(reason.unread for reason in reasons)
    ids = tuple(dict.fromkeys(each for reason in reasons for each in reason.resource_ids))
    own = "Use credentials that may read it." if unread else f"{hint or reasons[0].hint}{more}"
    return Answer("unknown" if unread else "failed", sentence(examined, reasons), own, ids, "" if unread else fixes.tasks_text(fix))


def sentence(examined: Examined, reasons: t.Iterable[Reason]) -> str:
    """Return reasons as one sentence that names the vault."""
    return f"Key vault '{examined.name}': {'; '.join(reason.message for reason in reasons)}."


def endpoint_exists(examined: Examined) -> Answer:
    """Check that there is an endpoint."""
    hint = "" if len(examined.wanted.subnet_ids) == 1 else f"Create a private endpoint. {_SUBNET}"
    return judged(examined, "endpoint_exists", fix=[_new_endpoint(examined)], hint=hint)


_SUBNET = f"Set the variable {fixes.SUBNET}, which the task in fix uses, to the ID of a subnet, or pass subnet_ids."


def _new_endpoint(examined: Examined) -> fixes.Task:
    """Return the task that creates an endpoint: in the only subnet where it may be, else in one that a variable names."""
    subnets = examined.wanted.subnet_ids
    return fixes.new_endpoint(examined, subnets[0] if len(subnets) == 1 else "")


def endpoint_provisioned(examined: Examined) -> Answer:
    """Check that Azure is done with the endpoints."""
    routes = _at_fault(examined, "endpoint_provisioned")
    return judged(examined, "endpoint_provisioned", fix=[fixes.again(each, examined.id) for each in routes])


def connection_approved(examined: Examined) -> Answer:
    """Check both sides of each connection."""
    return judged(examined, "connection_approved", fix=[_approval(examined, each) for each in _at_fault(examined, "connection_approved")])


def _approval(examined: Examined, route: Route) -> fixes.Task:
    """Return what connects an endpoint: its owner's decision, or a new connection where that one is lost."""
    side = route.endpoint.connection
    if not side.get("removed") and route.path.vault_state in ("Pending", "Rejected"):
        return fixes.decided(side)
    zones = list(route.endpoint.dns.zone_ids) if route.by_group else None
    return fixes.again(route, examined.id, recreate=True, private_dns_zone_ids=zones)


def _at_fault(examined: Examined, check: str) -> list[Route]:
    named = {each for reason in examined.reasons.get(check, []) for each in reason.resource_ids}
    return [route for route in examined.routes if route.endpoint.id in named]


def connections_in_use(examined: Examined) -> Answer:
    """Check that no connection is left over, or waits for a decision, beside those in use."""
    if not examined.others:
        return Answer()
    names = ", ".join(f"'{str(side['endpoint_id'] or side['id']).rpartition('/')[2]}' ({side['state']})" for side in examined.others)
    refused = [side for side in examined.others if side["state"] in REFUSED]
    waiting = [side for side in examined.others if side not in refused]
    hints = ["Remove connections that are of no use."] if refused else []
    if waiting:
        variables = " and ".join(map(fixes.decision, waiting))
        hints.append(f"Decide on the requests: set {variables}, which the tasks in fix use, to Approved or Rejected.")
    hint = " ".join(hints)
    ids = tuple(str(side["id"]) for side in examined.others)
    fix = fixes.tasks_text([*map(fixes.removed, refused), *map(fixes.undecided, waiting)])
    return Answer("failed", f"Key vault '{examined.name}' has connections that are not in use: {names}.", hint, ids, fix)


def endpoint_network(examined: Examined) -> Answer:
    """Check that an endpoint is where it is meant to be."""
    subnets, networks = examined.wanted.subnet_ids, examined.wanted.endpoint_network_ids
    if not subnets and not networks:
        return Answer("skipped", "No network is named in subnet_ids or endpoint_network_ids.")
    found = []
    for route in examined.readable:
        subnet, network = str(at(route.endpoint.document, "properties.subnet.id")), network_of(route.endpoint.document or {})
        if any(same_id(subnet, each) for each in subnets) or any(same_id(network, each) for each in networks):
            return Answer()
        found.append(subnet)
    if not found:
        return Answer("skipped", "No private endpoint of the vault can be read.")
    meant = ", ".join(_place(each) for each in (*subnets, *networks))
    there = ", ".join(_place(each) for each in found)
    message = f"Key vault '{examined.name}' has its private endpoint in {there}, not in {meant}."
    hint = "Create a private endpoint in the network that uses the vault, or correct subnet_ids and endpoint_network_ids."
    hint = hint if len(subnets) == 1 else f"{hint} {_SUBNET}"
    ids = tuple(route.endpoint.id for route in examined.readable)
    return Answer("failed", message, hint, ids, fixes.tasks_text([_new_endpoint(examined)]))


def _place(resource_id: str) -> str:
    parsed = ResourceId.parse(resource_id)
    return f"'{'/'.join(parsed.names)}'" if parsed else f"'{resource_id}'"
