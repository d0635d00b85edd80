# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make resources so: read, plan, check, write, wait. The only place that knows check mode, order, concurrency and retries."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import graphlib
import typing as t

from .arm import Arm
from .clock import Pace
from .compare import Document
from .errors import ArmError, Problem, WaitTimeout, is_conflict, is_in_use, is_passing, may_be_done
from .resource import Plan, Resource
from .scope_locks import with_locks

_Planned = dict[Resource, tuple["Document | None", Plan]]
_LINGER_SECONDS = 60.0  # how long Azure may call something used whose last user was just deleted
_WORKERS = 8  # one subscription's throttle is reached long before more would help


@dataclasses.dataclass
class Outcome:
    """What happened, or would happen, to one resource. document is empty where the resource is absent."""

    resource: Resource
    plan: Plan
    document: Document
    changed: bool
    facts: Document = dataclasses.field(default_factory=dict)


def converge(resources: t.Sequence[Resource], arm: Arm, check: bool) -> list[Outcome]:
    """Bring resources to their desired state, or with check tell what would be done.

    Everything is read, planned and checked before the first write. Both run in the order of the resources' needs, side by side where
    nothing forbids it: reading may find that a resource bears another name, which those that need it must know.
    """
    planned: _Planned = {}
    for ready in _order(resources, removals_last=False):
        planned.update(zip(ready, _each(lambda resource: _located(resource, _prepare, arm, check, planned), ready), strict=True))
    outcomes: dict[Resource, Outcome] = {}
    for ready in _order(resources, removals_last=True):
        outcomes.update(zip(ready, _each(lambda resource: _located(resource, _settle, *planned[resource], arm, check), ready), strict=True))
    return [outcomes[resource] for resource in resources]


_Item = t.TypeVar("_Item")
_Answer = t.TypeVar("_Answer")


def _each(work: t.Callable[[_Item], _Answer], items: t.Sequence[_Item]) -> list[_Answer]:
    """Do the same to every item, side by side if there are several."""
    if len(items) < 2:
        return [work(item) for item in items]
    with concurrent.futures.ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        return list(pool.map(work, items))


def _located(resource: Resource, work: t.Callable[..., _Answer], *args: t.Any) -> _Answer:
    """Do something to a resource; a problem tells which one it was."""
    try:
        return work(resource, *args)
    except Problem as problem:
        problem.resource_id = problem.resource_id or str(resource.id)
        raise


def _order(resources: t.Sequence[Resource], *, removals_last: bool) -> t.Iterator[tuple[Resource, ...]]:
    """Yield resources in groups that may be treated together: needs first; with removals_last a need that goes comes after what needs it."""
    graph: dict[Resource, set[Resource]] = {resource: set() for resource in resources}
    for resource in resources:
        for need in resource.needs:
            if need in graph:
                first, then = (resource, need) if removals_last and need.goes else (need, resource)
                graph[then].add(first)
    sorter = graphlib.TopologicalSorter(graph)
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        yield ready
        sorter.done(*ready)


def _prepare(resource: Resource, arm: Arm, check: bool, planned: _Planned) -> tuple[Document | None, Plan]:
    actual = resource.read(arm)
    if not check:
        actual = _wait_until_steady(resource, actual, arm)
    renewed = any(planned[need][1].action == "replace" for need in resource.needs if need in planned)
    plan = resource.renewal(actual) if renewed else resource.plan(actual)
    if plan.changed:
        resource.check(arm, actual, plan, check)
    return actual, plan


def _wait_until_steady(resource: Resource, actual: Document | None, arm: Arm) -> Document | None:
    """Let somebody else's operation on the resource end before it is compared."""
    pace = Pace()
    while actual is not None and not resource.settled(actual):
        arm.clock.wait(pace.step(), f"Azure to end the operation '{resource.provisioning_state(actual)}' on {resource.label}")
        actual = resource.read(arm)
    return actual


def _settle(resource: Resource, actual: Document | None, plan: Plan, arm: Arm, check: bool) -> Outcome:
    changed = plan.changed
    if check:
        document = resource.predicted(actual, plan)
    else:
        document, changed = _apply(resource, actual, plan, arm)
    exists = not check or (actual is not None and plan.action != "replace")
    facts = resource.facts(arm, document, exists) if resource.desired is not None else {}
    return Outcome(resource, plan, document, changed, facts)


def _apply(resource: Resource, actual: Document | None, plan: Plan, arm: Arm) -> tuple[Document, bool]:
    """Write until it is so. An attempt that met a lock, a throttle or another writer is planned anew from what is there now."""
    pace = Pace(first=1.0, slowest=30.0)
    attempted = False
    begun = arm.clock.elapsed()
    while plan.changed:
        try:
            written = _write(resource, plan, arm)
            return ({} if plan.action == "delete" else _wait_until_done(resource, written, arm)), True
        except ArmError as error:
            lingering = plan.action == "delete" and is_in_use(error) and arm.clock.elapsed() - begun < _LINGER_SECONDS
            if not (is_conflict(error) or is_passing(error) or lingering):
                raise with_locks(error, arm) from None
            try:
                arm.clock.wait(0.1 if is_conflict(error) else error.retry_after or pace.step(), "an obstacle to go away")
            except WaitTimeout:
                raise error from None  # the obstacle tells more than the end of the wait
            attempted = attempted or may_be_done(error)
        actual = resource.read(arm)
        actual = _wait_until_steady(resource, actual, arm)
        plan = resource.plan(actual)
    return ({} if resource.desired is None else actual or {}), attempted


def _write(resource: Resource, plan: Plan, arm: Arm) -> Document | None:
    if plan.action in ("delete", "replace"):
        resource.delete(arm, plan)
    return None if plan.action == "delete" else resource.write(arm, plan)


def _wait_until_done(resource: Resource, written: Document | None, arm: Arm) -> Document:
    """Wait until Azure is done with what was written; return the resource as it is then."""
    pace = Pace()
    document = written if written and written.get("id") else resource.read(arm)
    while document is None or not resource.settled(document):
        arm.clock.wait(pace.step(), f"Azure to end its work on {resource.label}")
        document = resource.read(arm)
    state = resource.provisioning_state(document)
    if state in ("Failed", "Canceled"):
        raise Problem(
            f"Azure ended the work on {resource.label} as '{state}'",
            code=f"Provisioning{state}",
            resource_id=str(resource.id),
            hint="Look at the resource's activity log for the reason, then run again: a failed resource is written anew.",
        )
    return document
