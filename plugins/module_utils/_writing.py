# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write one resource: attempts, waits, and what stands when it failed on the way."""

from __future__ import annotations

import dataclasses

from ._azure.arm import Arm
from ._azure.clock import Clock, Pace
from ._documents import operations
from ._documents.compare import Document, at, merge
from ._documents.ids import same_id
from ._errors import ArmError, Problem, is_conflict, is_in_use, is_lag, is_passing, may_be_done
from ._hints import hint_for
from ._kept import carried_out
from ._resources.resource import Plan, Resource
from ._views.locks import with_locks

_LINGER_SECONDS = 60.0  # how long Azure may call something used whose last user was just deleted
_LAG_SECONDS = 30.0  # how long what was just made may be unknown
_LAST_LOOK_SECONDS = 1.5  # for the look at what stands, when the time is up: the task ends soon after wait_timeout


@dataclasses.dataclass
class Progress:
    """How far a write came. actual and plan: what it began with; sent: the plan of the last attempt; deleted: whether a deletion went through."""

    actual: Document | None
    plan: Plan
    sent: Plan | None = None
    deleted: bool = False

    @property
    def begun(self) -> bool:
        """Tell whether Azure was asked to write anything."""
        return self.sent is not None


def wait_until_steady(resource: Resource, actual: Document | None, arm: Arm) -> Document | None:
    """Wait for another client's operation on the resource to end before it is compared."""
    pace = Pace()
    while actual is not None and not resource.settled(actual):
        arm.clock.wait(pace.step(), f"Azure to finish the operation '{resource.provisioning_state(actual)}' on {resource.label}")
        actual = resource.read(arm)
    return actual


def apply(resource: Resource, progress: Progress, arm: Arm) -> tuple[Document, Plan, bool]:
    """Write until it is so; return the document, the plan that was carried out and whether anything was written.

    An attempt that met a lock, a throttle or another writer is planned again from what is there now.
    """
    pace = Pace(first=1.0, slowest=30.0)
    plan, actual = progress.plan, progress.actual
    attempted: Plan | None = None
    begun = arm.clock.elapsed()
    while plan.changed:
        progress.sent = plan
        try:
            written = _write(resource, plan, progress, arm)
            document = {} if plan.action == "delete" else _wait_until_done(resource, written, arm)
            return document, progress.plan if progress.deleted else plan, True
        except ArmError as error:
            spent = arm.clock.elapsed() - begun
            lingering = (plan.action == "delete" and is_in_use(error) and spent < _LINGER_SECONDS) or (
                is_lag(error) and spent < _LAG_SECONDS
            )
            if not (is_conflict(error) or is_passing(error) or lingering):
                raise with_locks(error, arm) from None
            pause = 0.1 if is_conflict(error) else error.retry_after or pace.step()
            if arm.clock.remaining() <= (pause if error.retry_after else 0.0):
                raise _out_of_time(error, arm.clock) from None  # the obstacle tells more than the end of the wait
            arm.clock.wait(pause, "the obstacle to clear")
            attempted = attempted or (plan if may_be_done(error) else None)
        actual = wait_until_steady(resource, resource.read(arm), arm)
        plan = _again(resource, progress, actual)
    done = progress.plan if progress.deleted else attempted or plan
    return ({} if resource.desired is None else actual or {}), done, progress.deleted or attempted is not None


def _out_of_time(error: ArmError, clock: Clock) -> ArmError:
    """Add to an obstacle that it is not waited for any longer."""
    left, said = clock.remaining(), error.message.rstrip(".")
    if left > 0:
        error.message = f"{said}; timed out: Azure requires a pause of {error.retry_after:g} seconds, but {left:.3g} of {clock.seconds:g} seconds are left"
    else:
        error.message = f"{said}; timed out after {clock.seconds:g} seconds"
    return error


def _again(resource: Resource, progress: Progress, actual: Document | None) -> Plan:
    """Plan again. What was deleted to be made again is made as it was to be: with all that it keeps of the one that is gone."""
    if actual is None and progress.deleted and progress.plan.action == "replace":
        return dataclasses.replace(progress.plan, action="create")
    return resource.plan(actual)


def _write(resource: Resource, plan: Plan, progress: Progress, arm: Arm) -> Document | None:
    if plan.action in ("delete", "replace"):
        resource.delete(arm, plan)
        progress.deleted = True
    return None if plan.action == "delete" else resource.write(arm, plan)


def _wait_until_done(resource: Resource, written: Document | None, arm: Arm) -> Document:
    """Wait until Azure is done with what was written; return the resource as it is then."""
    pace = Pace()
    document = written if written and written.get("id") else resource.read(arm)
    while document is None or not resource.settled(document):
        arm.clock.wait(pace.step(), f"Azure to finish its work on {resource.label}")
        document = resource.read(arm)
    if resource.provisioning_state(document) in operations.BAD_ENDS:
        ended, code = operations.told_end(document)
        raise Problem(f"Could not write {resource.label}: {ended}", code=code, resource_id=str(resource.id), hint=operations.AGAIN)
    return document


# --- after a failure ---


def look_again(resource: Resource, arm: Arm) -> tuple[bool, Document | None]:
    """Return whether it can be seen how a resource stands after a failure, and how."""
    arm.clock.allow(_LAST_LOOK_SECONDS)
    try:
        return True, resource.read(arm)
    except Exception:  # pylint: disable=broad-except  # a second failure must not hide the first
        return False, None


def tell_leftover(resource: Resource, document: Document | None, problem: Problem) -> None:
    """Say what Azure left behind of a resource that could not be made, and what to do about it."""
    state = resource.provisioning_state(document)
    if document is None or state not in operations.BAD_ENDS:
        return
    codes = problem.codes if isinstance(problem, ArmError) else (problem.code,) if problem.code else ()
    hint = problem.hint or hint_for(codes, problem.message)
    problem.message = f"{problem.message.rstrip('.')}; Azure left {resource.label} behind as '{state}'"
    if resource.fixed:
        then = f"Then delete the failed {resource.title} (state: absent), or run again with allow_replace: true."
    else:
        then = "Then run again: the failed resource is written again."
    problem.hint = f"{hint} {then}" if hint else f"Check the activity log of the resource for the reason. {then}"


def lost(progress: Progress, known: bool, document: Document | None) -> Document:
    """Return what was deleted in order to be made again and is not there, empty where nothing was."""
    gone = document is None if known else progress.deleted
    return progress.actual or {} if gone and progress.plan.action == "replace" else {}


def tell_loss(resource: Resource, gone: Document, problem: Problem) -> None:
    """Say in an error that the resource is deleted, and how to go on."""
    held = resource.canonical(gone)
    options = ", ".join(dict.fromkeys(resource.option_of(path) for path in resource.fixed if at(held, path) not in (None, "", [], {})))
    problem.message = f"{problem.message.rstrip('.')}; {resource.label} was deleted to be replaced and does not exist now"
    again = f"Then run again to create it: the options must include all its settings ({options}), and the result's 'lost' contains its previous state."
    problem.hint = f"{problem.hint or 'Fix the cause.'} {again}"


def done_so_far(resource: Resource, progress: Progress, known: bool, document: Document | None, problem: Problem) -> Plan:
    """Return the part of the plan that was carried out before a failure, with the action none where nothing was."""
    sent = progress.sent or progress.plan
    if lost(progress, known, document):
        return dataclasses.replace(
            progress.plan, action="delete", before={**resource.remains(progress.actual), **progress.plan.before}, after={}
        )
    if not known:
        return progress.plan if progress.deleted else Plan("none") if _refused(problem) else sent
    if sent.action == "delete":
        stays = document is not None and same_id(document.get("id"), (progress.actual or {}).get("id"))
        return _with_state(resource, progress.actual, document, Plan("none")) if stays else sent
    if document is None or progress.deleted:
        return progress.plan if progress.deleted else Plan("none")
    return _done_of(resource, sent, progress.actual, document, problem)


def _done_of(resource: Resource, sent: Plan, actual: Document | None, document: Document, problem: Problem) -> Plan:
    """Return the part of a plan that the document shows to be carried out."""
    try:
        done, _missing = carried_out(resource, sent, document)
    except Problem:
        done = sent if sent.action == "create" or not _refused(problem) else Plan("none")
    if done.action == "create":
        return done
    return _with_state(resource, actual, document, Plan("none") if sent.action == "replace" else done)


def _with_state(resource: Resource, actual: Document | None, document: Document | None, plan: Plan) -> Plan:
    """Add to what was carried out that the resource's state is another one now."""
    was, now = resource.provisioning_state(actual), resource.provisioning_state(document)
    if was == now:
        return plan
    before, after = ({"properties": {"provisioningState": state}} for state in (was, now))
    return dataclasses.replace(plan, action="update", before=merge(plan.before, before), after=merge(plan.after, after))


def _refused(problem: Problem) -> bool:
    """Tell whether Azure said no: it has not begun then."""
    return isinstance(problem, ArmError) and problem.status is not None and 400 <= problem.status < 500
