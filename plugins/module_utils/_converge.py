# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring resources to their desired state: read, plan, check, write, wait. Alone knows check mode, order, concurrency and failures."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from . import _writing as writing
from ._azure.clock import Waiting
from ._azure.world import World
from ._documents.compare import Document
from ._documents.ids import ResourceId
from ._documents.limits import Claim, refuse_together
from ._errors import Problem, WaitTimeout, internal
from ._groups import Groups, held_back
from ._kept import NotKept, carried_out
from ._order import Pauses, in_order
from ._pacing import Write, pacing_of
from ._preflight import refuse_beforehand
from ._reporter import Reporter, Tally
from ._resources.gate import Gate
from ._resources.resource import Known, Observed, Plan, Resource, Step

_Steps = dict[Resource, Step]
SKIPPED = writing.SKIPPED
_TIMED_OUT = "TaskTimeoutError"  # Ansible's own, of the keyword timeout; it is no Exception
_METHODS = {"create": ("PUT",), "update": ("PUT",), "replace": ("DELETE", "PUT"), "delete": ("DELETE",)}  # the requests of a plan
_LAST_LOOKS_SECONDS = 1.0  # for all last reads together, when the task is interrupted


@dataclasses.dataclass
class Outcome:
    """What happened, or would happen, to one resource.

    observed: the state of the resource afterwards. plan: the part that was carried out, in check mode what would be. changed:
    whether anything was written. error: why it is not as requested; the code of a resource that was not begun
    because of another one is Skipped. not_kept: what Azure took and did not keep.
    lost: what was deleted in order to be made again, and was not. remarks: what to warn of that is no failure.
    """

    resource: Resource
    observed: Observed
    plan: Plan
    changed: bool
    facts: Document = dataclasses.field(default_factory=dict)
    error: Problem | None = None
    not_kept: list[NotKept] = dataclasses.field(default_factory=list)
    lost: Document = dataclasses.field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def id(self) -> ResourceId:
        """Return where the resource is, or would be."""
        return self.observed.id

    @property
    def label(self) -> str:
        """Return how messages call the resource."""
        return self.resource.label_of(self.observed.id)

    @property
    def document(self) -> Document:
        """Return the document of the resource, empty if it is absent."""
        return self.observed.document or {}

    @property
    def skipped(self) -> bool:
        """Return whether the resource was left alone because of another one's failure."""
        return self.error is not None and self.error.code == SKIPPED


def converge(resources: t.Sequence[Resource], world: World, check: bool, groups: Groups | None = None) -> list[Outcome]:
    """Bring resources to their desired state, or with check return what would be done.

    Everything is read, planned and checked before the first write; what fails there is raised, for nothing has happened yet. With groups it
    is part of the outcomes instead, and holds back its group; what does not fit all together is raised all the same. From the first
    write on failures are part of the outcomes: one resource's failure skips what needs it, and nothing else.
    """
    steps: _Steps = {}

    def prepare(resource: Resource) -> Pauses:
        known = _known_in(resource, steps)
        preparing = _prepare(resource, world, check, known)
        steps[resource] = yield from (preparing if groups is None else _isolated(resource, known, preparing))

    in_order(_order(resources, removals_last=False), prepare, now=world.clock.now, sleep=world.clock.nap)
    current = {} if groups is None else held_back(resources, steps, groups)
    refuse_together(claim for resource in resources if resource not in current for claim in steps[resource].claims)
    tally = _tally({resource: step for resource, step in steps.items() if resource not in current}, world, check, groups or {})
    run = _Run(world, check, steps, _order(resources, removals_last=True), current, tally)
    return run.outcomes_of(resources)


def _tally(steps: _Steps, world: World, check: bool, groups: Groups) -> Tally:
    """Report the planned writes, and return the counter of their progress."""
    reporter, changing = world.clock.reporter, [resource for resource, step in steps.items() if step.plan.changed]
    reporter.planned(
        pacing_of(Write(method, str(steps[each].observed.id)) for each in changing for method in _METHODS[steps[each].plan.action])
    )
    tally = Tally(Reporter() if check else reporter, groups, changing)
    tally.start()
    return tally


def _known_in(resource: Resource, steps: t.Mapping[Resource, Step]) -> dict[Resource, Step]:
    """Return what is known of what a resource needs or comes after, as far as it is part of the run."""
    return {other: steps[other] for other in (*resource.needs, *resource.after) if other in steps}


@contextlib.contextmanager
def _located(found: ResourceId) -> t.Iterator[None]:
    """Add the id of the resource to a problem that has none."""
    try:
        yield
    except Problem as problem:
        problem.resource_id = problem.resource_id or str(found)
        raise


def _order(resources: t.Sequence[Resource], *, removals_last: bool) -> dict[Resource, list[Resource]]:
    """Return what each resource comes after, its needs among it; with removals_last a need that goes comes after what needs it."""
    after: dict[Resource, list[Resource]] = {resource: [] for resource in resources}
    for resource in resources:
        for need in resource.needs:
            if need in after:
                first, then = (resource, need) if removals_last and need.is_removal else (need, resource)
                after[then].append(first)
        after[resource] += [other for other in resource.after if other in after]
    return after


def _prepare(resource: Resource, world: World, check: bool, known: Known) -> Waiting[Step]:
    with _located(resource.id):
        observed = resource.read(world, known)
    with _located(observed.id):
        return (yield from _planned(resource, observed, world, check, known))


def _isolated(resource: Resource, known: Known, preparing: Waiting[Step]) -> Waiting[Step]:
    """Return a refusal as what is known of a resource, and so of what needs it."""
    refused = next((need for need in resource.needs if need in known and known[need].problem), None)
    try:
        if refused:
            preparing.close()
            raise skipped(resource.label, f"{refused.label_of(known[refused].observed.id)} failed", resource.id)
        return (yield from preparing)
    except Problem as problem:
        return Step(resource.found(None), Plan("none"), problem=problem)


def skipped(label: str, why: str, found: ResourceId) -> Problem:
    """Return the error of a resource that was not begun."""
    said = f"{label[:1].upper()}{label[1:]}"
    hint = "Run again after the cause is fixed."
    return Problem(f"{said} was skipped, because {why}", code=SKIPPED, resource_id=str(found), hint=hint)


def _planned(resource: Resource, observed: Observed, world: World, check: bool, known: Known) -> Waiting[Step]:
    if not check:
        observed = yield from writing.wait_until_steady(resource, observed, world, known)
    renewed = any(step.plan.action == "replace" for step in known.values())
    plan = resource.renewal(observed, known) if renewed else resource.plan(observed, known)
    return Step(observed, plan, claims=_claims(resource, observed, plan, world, check))


def _claims(resource: Resource, observed: Observed, plan: Plan, world: World, check: bool) -> tuple[Claim, ...]:
    """Refuse a plan that cannot work; return its claims on limits."""
    claims = resource.check(world, observed, plan, check) if plan.changed else None
    if plan.action == "replace":
        refuse_beforehand(resource, observed, plan, world)
    return tuple(claims or ())


class _Run:
    """The second half of a converge: carry out what is planned."""

    def __init__(
        self,
        world: World,
        check: bool,
        steps: _Steps,
        after: dict[Resource, list[Resource]],
        current: dict[Resource, Resource],
        tally: Tally,
    ) -> None:
        self._held = current
        self._world = world
        self._check = check
        self._steps = steps
        self._after = after
        self._tally = tally
        self._outcomes: dict[Resource, Outcome] = {}
        self._ended: Problem | None = None

    def outcomes_of(self, resources: t.Sequence[Resource]) -> list[Outcome]:
        """Carry out all plans, and return the outcome of each resource."""
        try:
            in_order(self._after, self._counted, self._lane, self._halt, now=self._world.clock.now, sleep=self._world.clock.nap)
        except BaseException:
            if not self._ended:
                raise
        for resource in resources:
            if resource not in self._outcomes:  # not begun when the time was up
                self._outcomes[resource] = self._left_alone(resource, None)
        return [self._outcomes[resource] for resource in resources]

    def _lane(self, resource: Resource) -> str:
        """Return the lane of the resource that was found: one write at a time."""
        return resource.kind.lane(self._steps[resource].observed.id)

    def _halt(self, error: BaseException) -> None:
        """End running work at its next wait, and remember why if the task is interrupted or timed out."""
        seconds = getattr(error, "timeout", None)
        if type(error).__name__ == _TIMED_OUT:
            self._ended = Problem(
                f"The task timed out{f' after {seconds} seconds' if seconds else ''}, because of its keyword timeout",
                code="TaskTimeout",
                hint="Run again to continue; increase the task's timeout, or leave it out, because wait_timeout already limits a task.",
            )
        elif isinstance(error, KeyboardInterrupt):
            self._ended = Problem("The task was interrupted", code="TaskInterrupted", hint="Run again to continue.")
        self._world.clock.end_within(0, last=_LAST_LOOKS_SECONDS)

    def _cut_short(self, progress: writing.Progress, label: str) -> Problem:
        """Return the end of the task as the error of one resource, with the operation that Azure continues."""
        ended = t.cast(Problem, self._ended)
        still = f"; Azure may still {progress.sent.action} {label}" if progress.sent else ""
        return Problem(f"{ended.message}{still}", code=ended.code, hint=ended.hint)

    def _counted(self, resource: Resource) -> Pauses:
        self._tally.began(resource)
        yield from self._do(resource)
        outcome = self._outcomes[resource]
        self._tally.ended(resource, changed=outcome.changed, failed=outcome.error is not None)

    def _do(self, resource: Resource) -> Pauses:
        step = self._steps[resource]
        if step.problem:
            self._outcomes[resource] = Outcome(resource, step.observed, step.plan, False, error=step.problem)
            return
        before = (other for other in self._after[resource] if other not in resource.after)
        cause = self._held.get(resource) or next((other for other in before if self._outcomes[other].error), None)
        if cause or self._ended:
            self._outcomes[resource] = self._left_alone(resource, cause)
            return
        progress = writing.Progress(step.observed, step.plan, self._known(resource))
        try:
            self._outcomes[resource] = yield from self._settled(resource, progress)
        except GeneratorExit:
            raise
        except BaseException as error:
            self._outcomes[resource] = self._failed(resource, progress, self._as_problem(error, resource, progress))

    def _as_problem(self, error: BaseException, resource: Resource, progress: writing.Progress) -> Problem:
        """Return the exception that ended the work on a resource as a problem; raise what does not belong to the task."""
        label = resource.label_of(progress.observed.id)
        if not isinstance(error, Exception):
            self._halt(error)
            if not self._ended:
                raise error
            return self._cut_short(progress, label)
        if self._ended and isinstance(error, WaitTimeout):
            return self._cut_short(progress, label)
        return error if isinstance(error, Problem) else internal(error, f"the work on {label}")

    def _known(self, resource: Resource) -> Known:
        """Return what is known of the needs: their outcomes, where they are done."""
        known = _known_in(resource, self._steps)
        done = {other: self._outcomes[other] for other in known if other in self._outcomes}
        ended = {other: Step(each.observed, each.plan, each.facts, problem=each.error, done=True) for other, each in done.items()}
        return {**known, **ended}

    def _settled(self, resource: Resource, progress: writing.Progress) -> Waiting[Outcome]:
        """Carry out a plan, made again first if this run has written the same resource before, or what the plan waits for."""
        if isinstance(resource, Gate) and not self._check:
            diagnose = yield from resource.diagnose(self._world.live, progress.known)
            return Outcome(resource, diagnose, Plan("none"), False, self._facts(resource, diagnose, True))
        yield from self._catch_up(resource, progress)
        observed, plan = progress.observed, progress.plan
        if self._check:
            exists = observed.document is not None and plan.action != "replace"
            stands = observed.with_document(resource.predicted(observed, plan))
            return Outcome(resource, stands, plan, plan.changed, self._facts(resource, stands, exists), remarks=plan.remarks)
        with self._world.clock.reporter.waiting(f"Azure to {plan.action} {resource.label_of(observed.id)}"):
            stands, done, changed = yield from writing.apply(resource, progress, self._world)
        missing: list[NotKept] = []
        if changed and done.action not in ("none", "delete"):
            stands, done, missing = yield from self._compared(resource, done, stands, progress)
        facts, remarks = self._facts(resource, stands, True), tuple(dict.fromkeys([*plan.remarks, *done.remarks]))
        return Outcome(resource, stands, done, changed and done.changed, facts, not_kept=missing, remarks=remarks)

    def _catch_up(self, resource: Resource, progress: writing.Progress) -> Waiting[None]:
        """Plan again where this run has written the same resource before, or what the plan waits for, or where it rests on a proof."""
        own, ended = str(progress.observed.id).casefold(), list(self._outcomes.values())  # a copy: other threads end theirs meanwhile
        earlier = [outcome for outcome in ended if outcome.changed and str(outcome.id).casefold() == own]
        waited = not self._check and any(step.done and step.plan.changed for step in progress.known.values())
        proving = resource.proves and not self._check and (waited or progress.plan.changed)
        anew = proving or (waited and resource.is_provisional(progress.plan))
        if not earlier and not anew:
            return
        if self._check:
            progress.observed = progress.observed.with_document(earlier[-1].document or None)
        else:
            read = resource.read(self._world.live if proving else self._world, progress.known) if anew else None
            again = read or resource.read_again(self._world, progress.observed, progress.known)
            progress.observed = yield from writing.wait_until_steady(resource, again, self._world, progress.known)
        progress.plan = resource.plan(progress.observed, progress.known)
        _claims(resource, progress.observed, progress.plan, self._world, self._check)

    def _compared(
        self, resource: Resource, plan: Plan, stands: Observed, progress: writing.Progress
    ) -> Waiting[tuple[Observed, Plan, list[NotKept]]]:
        """
        Compare what is stored with what was requested. The answer to a write may be older than that, so what seems missing is read again.
        """
        try:
            done, missing = carried_out(resource, plan, stands, progress.known)
            if missing:
                again = resource.read_again(self._world.live, progress.observed, progress.known)
                again = yield from writing.wait_until_steady(resource, again, self._world, progress.known)
                stands = again if again.document else stands
                done, missing = carried_out(resource, plan, stands, progress.known)
        except Problem as problem:
            if problem.status:  # of the read itself
                raise
            return stands, plan, []  # the current state cannot become what was requested: the next run tells that better
        return stands, done, missing

    def _facts(self, resource: Resource, observed: Observed, exists: bool) -> Document:
        return resource.facts(self._world, observed, exists) if resource.desired is not None else {}

    def _failed(self, resource: Resource, progress: writing.Progress, problem: Problem) -> Outcome:
        """Return the current state after a failure, and what of the plan was carried out until then."""
        problem.resource_id = problem.resource_id or str(progress.observed.id)
        remarks = progress.plan.remarks
        if not progress.begun and self._deleted_around(resource):
            progress.sent = progress.plan  # its old one is gone, although nothing was sent
        if not progress.begun:
            facts = self._known_facts(resource, progress.observed)
            return Outcome(resource, progress.observed, Plan("none"), False, facts, error=problem, remarks=remarks)
        known, observed = writing.read_after_failure(resource, progress, self._world)
        lost = writing.lost(progress, known, observed.document)
        if lost:
            writing.describe_loss(resource, progress.observed.with_document(lost), problem)
        if progress.actual is None:
            writing.describe_leftover(resource, observed, problem)
        done = writing.done_so_far(resource, progress, known, observed, problem)
        stands = observed if known else progress.observed.with_document(None if done.changed else progress.actual)
        facts = self._known_facts(resource, stands)
        return Outcome(resource, stands, done, done.changed, facts, error=problem, lost=lost, remarks=remarks)

    def _known_facts(self, resource: Resource, observed: Observed) -> Document:
        """Return the facts of the resources that did not fail, as far as they are available."""
        try:
            return self._facts(resource, observed, True) if observed.document else {}
        except Problem:
            return {}

    def _deleted_around(self, resource: Resource) -> Outcome | None:
        """Return the need that this run deleted, to make it again, with all that is nested in it."""
        own = f"{self._steps[resource].observed.id}".casefold()
        ended = (self._outcomes[need] for need in resource.needs if need in self._outcomes)
        return next(
            (each for each in ended if own.startswith(f"{each.id}/".casefold()) and (each.lost or each.plan.action == "replace")), None
        )

    def _left_alone(self, resource: Resource, cause: Resource | None) -> Outcome:
        """Return the outcome of a resource that was not begun; it is gone all the same where what it is nested in was deleted."""
        observed, plan = self._steps[resource].observed, self._steps[resource].plan
        before = self._steps[cause].observed if cause else observed
        ended = "the task was interrupted before" if self._ended and self._ended.code == "TaskInterrupted" else "the task timed out before"
        label = resource.label_of(observed.id)
        error = skipped(label, f"{cause.label_of(before.id)} failed" if cause else ended, observed.id)
        holder = self._deleted_around(resource)
        if holder and observed.document:
            error = writing.deleted_with(resource, observed, holder.label)
            gone = Plan("delete", before=resource.remains(observed))
            return Outcome(resource, observed.with_document(None), gone, True, error=error, lost=observed.document, remarks=plan.remarks)
        facts = self._known_facts(resource, observed)
        if not plan.changed:  # it is as requested, whatever became of the others
            return Outcome(resource, observed, plan, False, facts, remarks=plan.remarks)
        return Outcome(resource, observed, Plan("none"), False, facts, error=error, remarks=plan.remarks)
