# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task returns for one private vault: what was made, how it is reached, and what proves that it is private."""

from __future__ import annotations

import typing as t
import urllib.parse

from .._azure import kinds
from .._converge import SKIPPED, Outcome
from .._documents.compare import Document
from .._documents.public_access import public_access_of
from .._documents.vault_address import vault_uri
from .._errors import Problem
from .._hints import hint_of
from .._resources.keyvault import KeyVault
from .._resources.resource import Resource
from .._resources.step import Step
from .._views.evidence import Gates
from .._views.findings import Findings, findings_of
from .._views.private_path import Reason, Verdict
from .._views.private_path_reading import gates_of
from .closing import ObservedAccess
from .following import APPROVED, connection_state
from .private_vault import EndpointPlan, VaultPlan

if t.TYPE_CHECKING:
    from .._azure.world import World
    from .._module import Task


class VaultResult:
    """The outcomes of one vault's resources, put together. world: where the proof is read."""

    def __init__(
        self,
        task: Task,
        plan: VaultPlan,
        outcomes: t.Mapping[Resource, Outcome],
        world: World,
        spelled: t.Callable[[Resource, Problem], Problem],
    ) -> None:
        self._task = task
        self._plan = plan
        self._world = world
        self._spelled = spelled
        self._outcomes = outcomes
        self._own = [outcomes[each] for each in plan.resources if each in outcomes]
        self._steps = {each.resource: _step(each) for each in self._own}
        self._document = self._vault()

    def document(self) -> Document:
        """Return the result."""
        plan, error = self._plan, self._error()
        endpoints = {each.settings["name"]: self._endpoint(each) for each in plan.endpoints}
        first: Document = next(iter(endpoints.values()), {})
        uri = self._uri()
        return {
            "changed": any(each.changed for each in self._own),
            "vault_id": str(plan.id),
            "vault_uri": uri,
            "vault_host": urllib.parse.urlsplit(uri).hostname or "",
            "endpoints": endpoints,
            **{name: first.get(name) for name in ("private_ip_address", "connection_state")},
            "endpoint_id": first.get("id"),
            "zone_id": first.get("zone_id"),
            **{name: _together(endpoints.values(), name) for name in ("linked_network_ids", "resolving_network_ids")},
            **self._access(),
            "error": error,
        }

    def _vault(self) -> Document | None:
        """Return the vault as it is after the run, or would be; None where there is none, or these credentials may not read it.

        What was written is not hidden by a read that fails afterwards: then it is the last document of the run.
        """
        own = [each for each in self._own if isinstance(each.resource, KeyVault) and each.document]
        last = own[-1].document if own else None
        if self._plan.settings.absent or (last and self._task.check_mode):
            return last
        try:
            return self._world.get(kinds.VAULT, self._plan.id)
        except Problem:
            return last

    def _uri(self) -> str:
        return vault_uri(self._document, self._plan.id.name, self._world.cloud.vault_suffix)

    def _endpoint(self, plan: EndpointPlan) -> Document:
        outcome = self._outcomes[plan.endpoint]
        facts, policy = outcome.facts, self._outcomes.get(plan.record) if plan.record else None
        zones = policy.facts.get("zone_ids") or [] if policy else []
        zone = str(plan.zone_id) if plan.zone_id else next(iter(zones), "")
        return {
            "id": str(outcome.id),
            "private_ip_address": facts.get("private_ip_address"),
            "private_ip_addresses": facts.get("private_ip_addresses", []),
            "connection_state": self._state(plan),
            "network_id": str(plan.network),
            "resolving_network_ids": [str(each) for each in plan.networks],
            "linked_network_ids": [str(each) for each in plan.links] if plan.zone else [],
            "zone_id": zone,
            "adopted": facts.get("adopted", False),
            "changed": outcome.changed,
        }

    def _state(self, plan: EndpointPlan) -> str | None:
        outcome = self._outcomes[plan.endpoint]
        approval = self._steps.get(plan.approval) if plan.approval else None
        step = self._steps.get(plan.endpoint)
        if self._task.check_mode and outcome.plan.action in ("create", "replace"):
            return t.cast("str | None", outcome.facts.get("connection_state")) if not plan.approval else APPROVED
        return connection_state(step, approval)

    def _access(self) -> Document:
        """Return how public access is and what proves the private path, read after the run."""
        closing = self._outcomes.get(self._plan.closing) if self._plan.closing else None
        if self._plan.settings.absent:
            nothing: Document = dict.fromkeys(("public_network_access", "before", "loses_access"))
            return {**nothing, "proven": False, "proof": "", "reasons": [], "accepted": [], "foreign_addresses": [], "callers": None}
        states = {self._state(each) for each in self._plan.endpoints}
        gates = gates_of(self._document) if self._document else None
        found = self._findings() if states <= {APPROVED} and (self._document or self._task.check_mode) else Findings()
        shown = public_access_of(self._document) if self._document else "not read" if self._plan.settings["id"] else None
        seen = closing.observed if closing and isinstance(closing.observed, ObservedAccess) else ObservedAccess(self._plan.id)
        details = found.result(seen.before or gates, gates or Gates("Disabled", "Deny"), rehearsal=self._task.check_mode)
        if waits := states - {APPROVED}:
            details.update(proven=False, proof=f"the connection is {next(iter(waits))}")
        details.pop("private_ip_addresses", None)
        refused = closing.error.fields() if closing and closing.error and closing.error.code != SKIPPED else {}
        callers = seen.findings.callers if seen.findings else None
        details["callers"] = refused.get("callers") or (callers.result() if callers else None)
        reasons = refused.get("reasons") or [reason.rendered() for reason in found.verdict.reasons]
        return {**details, "public_network_access": shown, "reasons": reasons}

    def _findings(self) -> Findings:
        try:
            accept = bool(self._plan.settings["accept_unproven_dns"])
            return findings_of(self._world, self._plan.paths(self._steps), self._document, accept_unproven_dns=accept)
        except Problem as problem:
            return _unread(problem)

    def _error(self) -> Document | None:
        """Return the first cause of the vault's failure; what was skipped because of it is listed beside it."""
        failed = [each for each in self._own if each.error]
        if not failed:
            return None
        causes = [each for each in failed if each.error and each.error.code != SKIPPED]
        cause = (causes or failed)[0]
        problem = self._spelled(cause.resource, t.cast(Problem, cause.error))
        if cause.error and cause.error.code == SKIPPED:
            problem = self._shared_cause(problem)
        problem.hint = hint_of(problem)
        message = problem.message.rstrip(".")
        return {
            **problem.fields(),
            "cause": message,
            "msg": f"{message}." + (f" {problem.hint}" if problem.hint else ""),
            "skipped": [each.label for each in failed if each is not cause and each.error and each.error.code == SKIPPED],
        }

    def _shared_cause(self, problem: Problem) -> Problem:
        """Return why a resource failed that this vault shares with others."""
        queue, seen = list(self._plan.resources), set(self._plan.resources)
        first: Outcome | None = None
        while queue and first is None:
            for need in queue.pop(0).needs:
                if need in self._outcomes and need not in seen:
                    seen.add(need)
                    queue.append(need)
                    error = self._outcomes[need].error
                    first = self._outcomes[need] if error and error.code != SKIPPED else first
        return self._spelled(first.resource, t.cast(Problem, first.error)) if first else problem


def _together(endpoints: t.Iterable[Document], name: str) -> list[str]:
    """Return what lists of several endpoints hold, each item once."""
    return list(dict.fromkeys(each for endpoint in endpoints for each in endpoint[name]))


def _step(outcome: Outcome) -> Step:
    return Step(outcome.observed, outcome.plan, outcome.facts, problem=outcome.error, done=True)


def _unread(problem: Problem) -> Findings:
    reason = Reason("unread", f"the private path could not be read: {problem.message.rstrip('.')}", "Run again to check it.")
    return Findings((), Verdict((reason,)))
