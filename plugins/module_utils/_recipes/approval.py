# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner's decisions on the connections of a vault: those named by their endpoints' ids, and undecided ones that a rule names."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.approval_rules import checked, rule_for
from .._documents.compare import Document
from .._documents.ids import ENDPOINT, ResourceId
from .._errors import OptionError, Problem
from .._resources.endpoint_connection_approval import PrivateEndpointConnection
from .._spelling import VAULT_CONNECTION as SPELLING
from .._values import resource_id
from .._views.connections import connections_of, is_undecided, lags

if t.TYPE_CHECKING:
    from .._azure.world import World
    from .._converge import Outcome


class Decision(PrivateEndpointConnection):
    """A connection that is decided on. rule: what the rule is called that decides, None where the endpoint was named."""

    def __init__(
        self,
        vault: ResourceId,
        desired: Document,
        *,
        endpoint_id: str | None = None,
        name: str | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(vault, desired, endpoint_id=endpoint_id, name=name, spelling=SPELLING)
        self.rule = rule


@dataclasses.dataclass(frozen=True)
class Named:
    """Endpoints that are named, with the reasons of the two decisions."""

    approve: t.Sequence[str] = ()
    reject: t.Sequence[str] = ()
    approve_description: str | None = None
    reject_description: str | None = None

    def decisions(self) -> list[tuple[str, str, str | None]]:
        """Return endpoint id, status and reason of each, every endpoint once; an endpoint with two decisions is refused."""
        approve = _ids(self.approve, "approve_endpoint_ids")
        reject = _ids(self.reject, "reject_endpoint_ids")
        both = [approve[key] for key in approve if key in reject]
        if both:
            raise OptionError(
                "reject_endpoint_ids", f"'{both[0]}' is also in approve_endpoint_ids; remove it from one of them.", resource_id=both[0]
            )
        approvals = [(endpoint, "Approved", self.approve_description) for endpoint in approve.values()]
        return approvals + [(endpoint, "Rejected", self.reject_description) for endpoint in reject.values()]


def _ids(values: t.Sequence[str], option: str) -> dict[str, str]:
    found = (str(resource_id(value, option, ENDPOINT)) for value in values)
    return {each.casefold(): each for each in found}


def pending_of(world: World, vault: ResourceId, *, rehearsal: bool) -> list[Document]:
    """Return the connections of a vault that are undecided: pending, or decided by an operation that failed."""
    return t.cast("list[Document]", _connections(world, vault, rehearsal=rehearsal)["connections"])


def _connections(world: World, vault: ResourceId, *, rehearsal: bool) -> Document:
    """Return what is connected. A vault that does not exist is an error, but in a rehearsal an earlier task may make it."""
    found = connections_of(world, vault, only=is_undecided)
    if not found["exists"] and not rehearsal:
        raise Problem(
            f"Key vault '{vault.name}' was not found in resource group '{vault.resource_group}'",
            code="ResourceNotFound",
            resource_id=found["id"],
            hint="Correct vault_id, or vault_name, resource_group or subscription_id.",
        )
    return found


def decisions_of(
    world: World, vault: ResourceId, named: Named, rules: t.Sequence[t.Mapping[str, t.Any]], *, rehearsal: bool
) -> list[Decision]:
    """Return the decisions to take. What is named is not for the rules.

    Rules decide on what is undecided, and take a decision of their own again that never reached the endpoint. Another decision that stands
    is not touched.
    """
    rules = checked(rules)
    taken = [Decision(vault, _decided(status, reason), endpoint_id=endpoint) for endpoint, status, reason in named.decisions()]
    known = {str(decision.endpoint_id).casefold() for decision in taken}
    found = _connections(world, vault, rehearsal=rehearsal)
    for connection in [*found["connections"], *found.get("others", [])]:
        rule = rule_for(connection, rules)
        if rule is None or str(connection["endpoint_id"]).casefold() in known:
            continue
        undecided = is_undecided(connection)
        if undecided or (rule["status"] == connection["state"] and lags(world, connection)):
            reason = rule.get("description") if undecided else None
            called = rule.get("name") or str(rules.index(rule) + 1)
            taken.append(Decision(vault, _decided(rule["status"], reason), name=connection["name"], rule=called))
    return taken


def _decided(status: str, reason: str | None) -> Document:
    return {"properties": {"privateLinkServiceConnectionState": {"status": status, "description": reason}}}


def reported(outcomes: t.Sequence[Outcome], pending: t.Sequence[Document]) -> Document:
    """
    Return decided, approved, rejected and pending; pending is what the vault lists after the
    decisions, or in a rehearsal still before them.
    """
    decided = [
        {
            "name": outcome.facts["connection_name"] or outcome.id.name,
            "endpoint_id": outcome.facts["endpoint_id"],
            "status": outcome.facts["connection_state"],
            "rule": t.cast(Decision, outcome.resource).rule,
        }
        for outcome in outcomes
        if not outcome.error
    ]
    known = {str(decision["endpoint_id"]).casefold() for decision in decided}
    return {
        "decided": decided,
        "approved": [decision["endpoint_id"] for decision in decided if decision["status"] == "Approved"],
        "rejected": [decision["endpoint_id"] for decision in decided if decision["status"] == "Rejected"],
        "pending": [item for item in pending if str(item["endpoint_id"]).casefold() not in known],
    }
