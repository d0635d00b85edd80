# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make resources so: read, plan, check, write, wait. The only place that knows check mode, order, concurrency and failures."""

from __future__ import annotations

import dataclasses
import typing as t

from . import _writing as writing
from ._azure.arm import Arm
from ._documents.compare import Document
from ._errors import Problem, internal
from ._kept import NotKept, carried_out
from ._order import in_order
from ._preflight import refuse_beforehand
from ._resources.resource import Plan, Resource

_Planned = dict[Resource, tuple["Document | None", Plan]]
SKIPPED = "Skipped"
_TIMED_OUT = "TaskTimeoutError"  # Ansible's own, of the keyword timeout; it is no Exception


@dataclasses.dataclass
class Outcome:
    """What happened, or would happen, to one resource.

    plan: what was done of it, in check mode what would be. document: how the resource stands then, empty where it is absent. changed: whether
    anything was written. error: why it is not as asked for; the code of a resource that was not begun because of another one is Skipped.
    not_kept: what Azure took and did not keep. lost: what was deleted in order to be made again, and was not.
    """

    resource: Resource
    plan: Plan
    document: Document
    changed: bool
    facts: Document = dataclasses.field(default_factory=dict)
    error: Problem | None = None
    not_kept: list[NotKept] = dataclasses.field(default_factory=list)
    lost: Document = dataclasses.field(default_factory=dict)

    @property
    def skipped(self) -> bool:
        """Tell whether the resource was left alone because of another one's failure."""
        return self.error is not None and self.error.code == SKIPPED


def converge(resources: t.Sequence[Resource], arm: Arm, check: bool) -> list[Outcome]:
    """Bring resources to their desired state, or with check tell what would be done.

    Everything is read, planned and checked before the first write; what fails there is raised, for nothing has happened yet. From the first
    write on failures are part of the outcomes: one resource's failure skips what needs it, and nothing else.
    """
    planned: _Planned = {}

    def prepare(resource: Resource) -> None:
        planned[resource] = _located(resource, _prepare, arm, check, planned)

    in_order(_order(resources, removals_last=False), prepare)
    run = _Run(arm, check, planned, _order(resources, removals_last=True))
    return run.outcomes_of(resources)


_Answer = t.TypeVar("_Answer")


def _located(resource: Resource, work: t.Callable[..., _Answer], *args: t.Any) -> _Answer:
    """Do something to a resource; a problem tells which one it was."""
    try:
        return work(resource, *args)
    except Problem as problem:
        problem.resource_id = problem.resource_id or str(resource.id)
        raise


def _order(resources: t.Sequence[Resource], *, removals_last: bool) -> dict[Resource, list[Resource]]:
    """Return what each resource comes after: its needs; with removals_last a need that goes comes after what needs it."""
    after: dict[Resource, list[Resource]] = {resource: [] for resource in resources}
    for resource in resources:
        for need in resource.needs:
            if need in after:
                first, then = (resource, need) if removals_last and need.goes else (need, resource)
                after[then].append(first)
    return after


def _prepare(resource: Resource, arm: Arm, check: bool, planned: _Planned) -> tuple[Document | None, Plan]:
    actual = resource.read(arm)
    if not check:
        actual = writing.wait_until_steady(resource, actual, arm)
    renewed = any(planned[need][1].action == "replace" for need in resource.needs if need in planned)
    plan = resource.renewal(actual) if renewed else resource.plan(actual)
    return actual, _checked(resource, actual, plan, arm, check)


def _checked(resource: Resource, actual: Document | None, plan: Plan, arm: Arm, check: bool) -> Plan:
    if plan.changed:
        resource.check(arm, actual, plan, check)
    if plan.action == "replace":
        refuse_beforehand(resource, plan, arm)
    return plan


class _Run:
    """The second half of a converge: everything is planned, now it is done."""

    def __init__(self, arm: Arm, check: bool, planned: _Planned, after: dict[Resource, list[Resource]]) -> None:
        self._arm = arm
        self._check = check
        self._planned = planned
        self._after = after
        self._outcomes: dict[Resource, Outcome] = {}
        self._ended: Problem | None = None

    def outcomes_of(self, resources: t.Sequence[Resource]) -> list[Outcome]:
        """Do it, and return what became of each resource."""
        try:
            in_order(self._after, self._do, lambda resource: resource.lane, lambda _error: self._halt())
        except BaseException as interruption:
            if type(interruption).__name__ != _TIMED_OUT:
                raise
            self._end(interruption)
        for resource in resources:
            if resource not in self._outcomes:  # not begun when the time was up
                self._outcomes[resource] = self._left_alone(resource, None)
        return [self._outcomes[resource] for resource in resources]

    def _halt(self) -> None:
        """Let what is under way end at its next wait."""
        self._arm.clock.end_within(0)

    def _end(self, interruption: BaseException) -> None:
        seconds = getattr(interruption, "timeout", None)
        self._ended = Problem(
            f"The task timed out{f' after {seconds} seconds' if seconds else ''}, because of its keyword timeout",
            code="TaskTimeout",
            hint="Run again to continue; increase the task's timeout, or leave it out, because wait_timeout already limits a task.",
        )

    def _do(self, resource: Resource) -> None:
        cause = next((before for before in self._after[resource] if self._outcomes[before].error), None)
        if cause or self._ended:
            self._outcomes[resource] = self._left_alone(resource, cause)
            return
        actual, plan = self._planned[resource]
        progress = writing.Progress(actual, plan)
        try:
            self._outcomes[resource] = _located(resource, self._settled, progress)
        except Problem as problem:
            self._outcomes[resource] = self._failed(resource, progress, problem)
        except BaseException as interruption:
            if type(interruption).__name__ != _TIMED_OUT:
                if not isinstance(interruption, Exception):
                    raise
                self._outcomes[resource] = self._failed(resource, progress, internal(interruption, f"the work on {resource.label}"))
                return
            self._end(interruption)
            ended = t.cast(Problem, self._ended)
            self._outcomes[resource] = self._failed(resource, progress, Problem(ended.message, code=ended.code, hint=ended.hint))

    def _settled(self, resource: Resource, progress: writing.Progress) -> Outcome:
        """Do what is planned. Where this run wrote the same resource before, that is seen first."""
        own, ended = str(resource.id).casefold(), list(self._outcomes.items())  # a copy: other threads end theirs meanwhile
        earlier = [outcome for other, outcome in ended if outcome.changed and str(other.id).casefold() == own]
        if earlier:
            progress.actual = (
                (earlier[-1].document or None) if self._check else writing.wait_until_steady(resource, resource.read(self._arm), self._arm)
            )
            progress.plan = _checked(resource, progress.actual, resource.plan(progress.actual), self._arm, self._check)
        actual, plan = progress.actual, progress.plan
        if self._check:
            exists = actual is not None and plan.action != "replace"
            document = resource.predicted(actual, plan)
            return Outcome(resource, plan, document, plan.changed, self._facts(resource, document, exists))
        document, plan, changed = writing.apply(resource, progress, self._arm)
        missing: list[NotKept] = []
        if changed and plan.action not in ("none", "delete"):
            document, plan, missing = self._compared(resource, plan, document)
        return Outcome(resource, plan, document, changed and plan.changed, self._facts(resource, document, True), not_kept=missing)

    def _compared(self, resource: Resource, plan: Plan, document: Document) -> tuple[Document, Plan, list[NotKept]]:
        """Compare what is stored with what was asked for. The answer to a write may be older than that, so what seems missing is read again."""
        try:
            done, missing = carried_out(resource, plan, document)
            if missing:
                document = writing.wait_until_steady(resource, resource.read(self._arm), self._arm) or document
                done, missing = carried_out(resource, plan, document)
        except Problem as problem:
            if problem.status:  # of the look itself
                raise
            return document, plan, []  # what stands cannot become what was asked for: the next run tells that better
        return document, done, missing

    def _facts(self, resource: Resource, document: Document, exists: bool) -> Document:
        return resource.facts(self._arm, document, exists) if resource.desired is not None else {}

    def _failed(self, resource: Resource, progress: writing.Progress, problem: Problem) -> Outcome:
        """Tell what stands after a failure, and what of the plan was carried out until then."""
        problem.resource_id = problem.resource_id or str(resource.id)
        if not progress.begun:
            return Outcome(
                resource, Plan("none"), progress.actual or {}, False, self._known_facts(resource, progress.actual), error=problem
            )
        known, document = writing.look_again(resource, self._arm)
        lost = writing.lost(progress, known, document)
        if lost:
            writing.tell_loss(resource, lost, problem)
        if progress.actual is None:
            writing.tell_leftover(resource, document, problem)
        done = writing.done_so_far(resource, progress, known, document, problem)
        stands = document if known else progress.actual if not done.changed else None
        return Outcome(resource, done, stands or {}, done.changed, self._known_facts(resource, stands), error=problem, lost=lost)

    def _known_facts(self, resource: Resource, document: Document | None) -> Document:
        """Return the facts of the resources that did not fail, as far as they can be had."""
        try:
            return self._facts(resource, document, True) if document else {}
        except Problem:
            return {}

    def _left_alone(self, resource: Resource, cause: Resource | None) -> Outcome:
        """Return the outcome of a resource that was not begun; it is gone all the same where what it is nested in was deleted."""
        actual, plan = self._planned[resource]
        why = f"{cause.label} failed" if cause else "the task timed out before"
        message = f"{resource.label[:1].upper()}{resource.label[1:]} was skipped, because {why}"
        error = Problem(message, code=SKIPPED, resource_id=str(resource.id), hint="Run again after the cause is fixed.")
        if cause and actual and self._outcomes[cause].lost and str(resource.id).casefold().startswith(f"{cause.id}/".casefold()):
            error.message = f"{resource.label[:1].upper()}{resource.label[1:]} was deleted with {cause.label} and not recreated"
            return Outcome(resource, Plan("delete", before=resource.remains(actual)), {}, True, error=error, lost=actual)
        if not plan.changed:  # it is as asked for, whatever became of the others
            return Outcome(resource, plan, actual or {}, False, self._known_facts(resource, actual))
        return Outcome(resource, Plan("none"), actual or {}, False, self._known_facts(resource, actual), error=error)
