# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write one resource: attempts, waits, and the current state when it failed on the way."""

from __future__ import annotations

import dataclasses

from ._azure.clock import Clock, Pace, Waiting
from ._azure.world import World
from ._documents import operations
from ._documents.compare import Document, at, merge
from ._documents.ids import same_id
from ._errors import ArmError, Problem, WaitTimeout, is_conflict, is_in_use, is_lag, is_passing, may_be_done
from ._hints import hint_of
from ._kept import carried_out
from ._resources.resource import Known, Observed, Plan, Resource
from ._views.locks import with_locks

_LINGER_SECONDS = 60.0  # how long Azure may call something used whose last user was just deleted
_LAG_SECONDS = 30.0  # how long what was just made may be unknown
SKIPPED = "Skipped"
_LOOK = "Check the activity log of the resource for the reason."
_LAST_LOOK_SECONDS = 1.5  # for reading the current state, when the time is up: the task ends soon after wait_timeout


@dataclasses.dataclass
class Progress:
    """
    How far a write came. observed, plan and known: what it began with; sent: the plan of the last
    attempt; deleted: whether a deletion went through.
    """

    observed: Observed
    plan: Plan
    known: Known = dataclasses.field(default_factory=dict)
    sent: Plan | None = None
    deleted: bool = False

    @property
    def actual(self) -> Document | None:
        """Return the document that the write began with."""
        return self.observed.document

    @property
    def begun(self) -> bool:
        """Return whether a write was sent to Azure."""
        return self.sent is not None


def wait_until_steady(resource: Resource, observed: Observed, world: World, known: Known) -> Waiting[Observed]:
    """Wait for another client's operation on the resource to end before it is compared."""
    pace, first, label = Pace(), observed, resource.label_of(observed.id)
    with world.clock.reporter.waiting(f"another operation on {label} to end", detail=True):
        while observed.document is not None and not resource.settled(observed):
            state = resource.provisioning_state(observed.document)
            yield world.clock.pause(pace.step(), f"Azure to finish the operation '{state}' on {label}")
            observed = resource.read_again(world.live, first, known)
    return observed


def apply(resource: Resource, progress: Progress, world: World) -> Waiting[tuple[Observed, Plan, bool]]:
    """Write until the resource is as planned; return the current state, the plan that was carried out and whether anything was written.

    An attempt that met a lock, a throttle or another writer is planned again from what exists now.
    """
    pace = Pace(first=1.0, slowest=30.0)
    plan, observed = progress.plan, progress.observed
    attempted: Plan | None = None
    begun = world.clock.elapsed()
    while plan.changed:
        progress.sent = plan
        try:
            written = yield from _write(resource, observed, plan, progress, world)
            gone = plan.action == "delete"
            stands = observed.with_document(None) if gone else (yield from _wait_until_done(resource, written, progress, world))
            return stands, progress.plan if progress.deleted else plan, True
        except ArmError as error:
            spent = world.clock.elapsed() - begun
            lingering = (plan.action == "delete" and is_in_use(error) and spent < _LINGER_SECONDS) or (
                is_lag(error) and spent < _LAG_SECONDS
            )
            if not (is_conflict(error) or is_passing(error) or lingering):
                raise with_locks(error, world) from None
            pause = 0.1 if is_conflict(error) else error.retry_after or pace.step()
            if world.clock.remaining() <= (pause if error.retry_after else 0.0):
                raise _out_of_time(error, world.clock) from None  # the obstacle tells more than the end of the wait
            yield world.clock.pause(pause, "the obstacle to clear")
            attempted, obstacle = attempted or (plan if may_be_done(error) else None), error
        observed = yield from _after(obstacle, resource, progress, world)
        plan = _plan_again(resource, progress, observed)
    done = progress.plan if progress.deleted else attempted or plan
    stands = observed.with_document(None) if resource.desired is None else observed
    return stands, done, progress.deleted or attempted is not None


def _after(obstacle: ArmError, resource: Resource, progress: Progress, world: World) -> Waiting[Observed]:
    """Read a resource again after an obstacle, which tells more than that the time ended meanwhile."""
    try:
        again = resource.read_again(world.live, progress.observed, progress.known)
        return (yield from wait_until_steady(resource, again, world, progress.known))
    except Problem as late:
        if late.code != "WaitTimeout" or world.clock.remaining() > 0:
            raise
        raise _out_of_time(obstacle, world.clock) from None


def _out_of_time(error: ArmError, clock: Clock) -> ArmError:
    """Add to an error that the time to wait is over."""
    left, said = clock.remaining(), error.message.rstrip(".")
    if left > 0:
        error.message = (
            f"{said}; timed out: Azure requires a pause of {error.retry_after:g} seconds, "
            f"but {left:.3g} of {clock.seconds:g} seconds are left"
        )
    else:
        error.message = f"{said}; timed out after {clock.seconds:g} seconds"
    return error


def _plan_again(resource: Resource, progress: Progress, observed: Observed) -> Plan:
    """Plan again. A resource that was deleted to be recreated is created as planned, with the settings kept from the deleted one."""
    if observed.document is None and progress.plan.keeps:
        return dataclasses.replace(progress.plan, action="create")
    return resource.plan(observed, progress.known)


def _write(resource: Resource, observed: Observed, plan: Plan, progress: Progress, world: World) -> Waiting[Observed]:
    if plan.action in ("delete", "replace"):
        yield from resource.delete(world, observed, plan)
        progress.deleted = True
    return observed if plan.action == "delete" else (yield from resource.write(world, observed, plan))


def _wait_until_done(resource: Resource, written: Observed, progress: Progress, world: World) -> Waiting[Observed]:
    """Wait until Azure has finished the write; return the resource afterwards."""
    pace = Pace()

    def read() -> Observed:
        return resource.read_again(world.live, progress.observed, progress.known)

    stands = written if written.document and same_id(written.document.get("id"), str(written.id)) else read()
    try:
        with world.clock.watch(f"{progress.plan.action} {resource.type}") as watch:
            while stands.document is None or not resource.settled(stands):
                yield from watch.pauses(pace.step(), f"Azure to finish its work on {resource.label_of(written.id)}")
                stands = read()
    except WaitTimeout as late:
        late.in_flight = True
        raise
    if resource.provisioning_state(stands.document) in operations.BAD_ENDS:
        ended, code = operations.end_of_operation(stands.document)
        label = resource.label_of(stands.id)
        raise Problem(f"Could not write {label}: {ended}", code=code, resource_id=str(stands.id), hint=operations.AGAIN)
    return stands


# --- after a failure ---


def read_after_failure(resource: Resource, progress: Progress, world: World) -> tuple[bool, Observed]:
    """Return whether the state of a resource can be read after a failure, and the state."""
    world.clock.allow(_LAST_LOOK_SECONDS)
    try:
        return True, resource.read_again(world.live, progress.observed, progress.known)
    except Exception:  # pylint: disable=broad-except  # a second failure must not hide the first
        return False, progress.observed.with_document(None)


def describe_leftover(resource: Resource, observed: Observed, problem: Problem) -> None:
    """Add to an error what Azure left of a resource that could not be created, and the next step."""
    state = resource.provisioning_state(observed.document)
    if observed.document is None or state not in operations.BAD_ENDS:
        return
    hint = hint_of(problem, of_a_write=True)
    problem.message = f"{problem.message.rstrip('.')}; Azure left {resource.label_of(observed.id)} behind as '{state}'"
    if resource.replaceable:
        then = f"Then delete the failed {resource.title} (state: absent), or run again with {resource.switch_of('allow_replace')}."
    else:
        then = "Then run again: the failed resource is written again."
    problem.hint = (hint if hint == operations.AGAIN and not resource.replaceable else f"{hint} {then}") if hint else f"{_LOOK} {then}"


def lost(progress: Progress, known: bool, document: Document | None) -> Document:
    """Return the resource that was deleted, by itself or with what it is nested in, to be recreated, and does not exist; else nothing."""
    nested = progress.plan.action == "create" and progress.plan.keeps
    gone = document is None if known else progress.deleted or nested
    return progress.actual or {} if gone and (nested or progress.plan.action == "replace") else {}


def describe_loss(resource: Resource, gone: Observed, problem: Problem) -> None:
    """Add to an error that the resource is deleted, and the next step."""
    problem.message = f"{problem.message.rstrip('.')}; {resource.label_of(gone.id)} was deleted to be replaced and does not exist now"
    again = f"Then run again to create it: the options must include all its settings{_settings(resource, gone)}"
    problem.hint = f"{problem.hint or 'Fix the cause.'} {again}, and the result's 'lost' contains its previous state."


def deleted_with(resource: Resource, gone: Observed, holder: str) -> Problem:
    """Return the error of a resource that was deleted with what it is nested in and not begun again, with what brings it back."""
    label = resource.label_of(gone.id)
    message = f"{label[:1].upper()}{label[1:]} was deleted with {holder} and not recreated"
    hint = f"To create {label} again, the options must include all its settings{_settings(resource, gone)}, which 'lost' contains."
    return Problem(message, code=SKIPPED, resource_id=str(gone.id), hint=hint)


def _settings(resource: Resource, gone: Observed) -> str:
    """Return the options that set what a resource had, in brackets after a space; nothing where no option is known."""
    current = resource.canonical(gone)
    settings = dict.fromkeys((*resource.fixed, "tags", *(path for path in resource.spelling if path.startswith("properties."))))
    was_set = (path for path in settings if at(current, path) not in (None, False, "", [], {}))
    options = dict.fromkeys(option for option in map(resource.option_of, was_set) if " " not in option)
    return f" ({', '.join(options)})" if options else ""


def done_so_far(resource: Resource, progress: Progress, known: bool, observed: Observed, problem: Problem) -> Plan:
    """Return the part of the plan that was carried out before a failure, with the action none where nothing was.

    What Azure may carry out later, or has without showing it yet, counts as done: nobody can rely on it not to be.
    """
    done = _done_as_seen(resource, progress, known, observed, problem)
    return progress.sent or progress.plan if problem.in_flight and not done.changed else done


def _done_as_seen(resource: Resource, progress: Progress, known: bool, observed: Observed, problem: Problem) -> Plan:
    """Return the part of the plan that was carried out according to the current state, or to the answer where that is not known."""
    sent, document = progress.sent or progress.plan, observed.document
    if lost(progress, known, document):
        return dataclasses.replace(
            progress.plan, action="delete", before={**resource.remains(progress.observed), **progress.plan.before}, after={}
        )
    if not known:
        return progress.plan if progress.deleted else Plan("none") if _refused(problem) else sent
    if sent.action == "delete":
        stays = document is not None and same_id(document.get("id"), (progress.actual or {}).get("id"))
        if stays:
            return _with_state(resource, progress.actual, document, Plan("none"))
        return dataclasses.replace(sent, before={**sent.before, **resource.left_by_deletion()}) if document else sent
    if document is None or progress.deleted:
        return progress.plan if progress.deleted else Plan("none")
    return _done_of(resource, sent, progress, observed, problem)


def _done_of(resource: Resource, sent: Plan, progress: Progress, observed: Observed, problem: Problem) -> Plan:
    """Return the part of a plan that is carried out according to the current state."""
    try:
        done, _missing = carried_out(resource, sent, observed, progress.known)
    except Problem:
        done = sent if sent.action == "create" or not _refused(problem) else Plan("none")
    if done.action == "create":
        return done
    return _with_state(resource, progress.actual, observed.document, Plan("none") if sent.action == "replace" else done)


def _with_state(resource: Resource, actual: Document | None, document: Document | None, plan: Plan) -> Plan:
    """Add to what was carried out that the state of the resource is another one now."""
    was, now = resource.provisioning_state(actual), resource.provisioning_state(document)
    if was == now:
        return plan
    before, after = ({"properties": {"provisioningState": state}} for state in (was, now))
    return dataclasses.replace(plan, action="update", before=merge(plan.before, before), after=merge(plan.after, after))


def _refused(problem: Problem) -> bool:
    """Return whether Azure refused the request, so that nothing was started."""
    return isinstance(problem, ArmError) and problem.status is not None and 400 <= problem.status < 500
