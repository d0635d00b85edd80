# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Order, check mode, waits and retries of converge, on resources that are kept in a mapping."""

from __future__ import annotations

import collections
import contextlib
import copy
import signal
import threading
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock, Waiting
from ansible_collections.privatelink.azure.plugins.module_utils._azure.kinds import Kind
from ansible_collections.privatelink.azure.plugins.module_utils._converge import Outcome, converge
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document, at
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._documents.limits import Claim
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem, WaitTimeout
from ansible_collections.privatelink.azure.plugins.module_utils._reporter import Reporter
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Known, Observed, Plan, Resource
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import Time

LOCK = ArmError("locked", code="AnotherOperationInProgress", status=409)
CONFLICT = ArmError("changed meanwhile", code="PreconditionFailed", status=412)
THROTTLE = ArmError("too many", code="TooManyRequests", status=429, retry_after=17.0)


class Cloud:
    """What there is, what was done to it, and what goes wrong next. Stands where Arm stands, for its clock alone."""

    def __init__(self, seconds: float = 1800, **documents: Document) -> None:
        self.time = Time(seconds)
        self.clock = self.time.clock
        self.documents = documents
        self.done: list[str] = []
        self.errors: dict[str, list[Exception]] = collections.defaultdict(list)
        # States that a resource shows one after the other, each for one look, before the one it has.
        self.states: dict[str, list[str]] = collections.defaultdict(list)

    @property
    def live(self) -> Cloud:
        """Return itself: nothing is remembered here."""
        return self

    def log(self, verb: str, name: str) -> None:
        """Remember what is done, and fail where that was requested."""
        self.done.append(f"{verb} {name}")
        if self.errors[f"{verb} {name}"]:
            raise self.errors[f"{verb} {name}"].pop(0)

    @property
    def writes(self) -> list[str]:
        """Return what was done beside reading."""
        return [line for line in self.done if not line.startswith("read ")]


class Thing(Resource):
    """A resource in the cloud above."""

    kind = Kind("Test/things", "thing", "test.things")
    key = "thing"
    fixed: t.ClassVar[dict[str, str]] = {"location": "location"}
    replaceable = True

    def __init__(self, name: str, desired: Document | None, *needs: Resource, refused: bool = False, **keywords: t.Any) -> None:
        super().__init__(ResourceId("s", "rg", self.type, (name,)), desired, needs=needs, **keywords)
        self._refused = refused

    def read(self, world: t.Any, known: Known) -> Observed:
        """Return the document, in passing states first."""
        world.log("read", self.id.name)
        found = world.documents.get(self.id.name)
        if found is None:
            return self.found(None)
        state = world.states[self.id.name].pop(0) if world.states[self.id.name] else "Succeeded"
        return self.found({**found, "id": str(self.id), "properties": {**found.get("properties", {}), "provisioningState": state}})

    def check(self, world: t.Any, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """Refuse where that was requested."""
        world.done.append(f"{'read rehearse' if rehearsal else 'read check'} {self.id.name}")
        if self._refused:
            raise OptionError("name", "is refused")

    def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Put the body."""
        yield from ()
        world.log("write", self.id.name)
        world.documents[self.id.name] = plan.body
        return observed.with_document(None)

    def delete(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[None]:
        """Take the document away."""
        yield from ()
        world.log("delete", self.id.name)
        del world.documents[self.id.name]

    def facts(self, world: t.Any, observed: Observed, exists: bool) -> Document:
        """Return what facts were asked about."""
        return {"exists": exists}


def run(cloud: Cloud, *resources: Resource, check: bool = False) -> list[Outcome]:
    """Converge in that cloud; a failure of the writes is raised."""
    outcomes = converge(resources, t.cast(t.Any, cloud), check)
    for outcome in outcomes:
        if outcome.error:
            raise outcome.error
    return outcomes


def wanted(value: int = 1) -> Document:
    """Return a document with a value."""
    return {"location": "here", "properties": {"value": value}}


# --- the plain way ---


def test_what_is_missing_is_made_and_then_left_alone() -> None:
    cloud = Cloud()
    (first,) = run(cloud, Thing("a", wanted()))
    assert (first.plan.action, first.changed, first.facts) == ("create", True, {"exists": True})
    assert first.document["properties"] == {"value": 1, "provisioningState": "Succeeded"}
    (second,) = run(cloud, Thing("a", wanted()))
    assert (second.plan.action, second.changed) == ("none", False)
    assert cloud.writes == ["write a"]


def test_a_property_of_somebody_else_survives() -> None:
    cloud = Cloud(a={"location": "here", "properties": {"value": 1, "theirs": 2}, "tags": {"t": "1"}})
    (outcome,) = run(cloud, Thing("a", wanted(3)))
    assert (outcome.plan.before, outcome.plan.after) == ({"properties": {"value": 1}}, {"properties": {"value": 3}})
    assert cloud.documents["a"] == {"location": "here", "properties": {"value": 3, "theirs": 2}, "tags": {"t": "1"}}


class Closing(Thing):
    """A thing that is written only while its path is there."""

    proves = True

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse without the path."""
        if at(observed.document, "properties.path") != "there":
            raise Problem("the path is not there")
        return super().plan(observed, known)


class Lists(Cloud):
    """A cloud as lists showed it at the beginning of a run; what is there now is another one."""

    def __init__(self, now: Cloud, **documents: Document) -> None:
        super().__init__(**documents)
        self.now = now

    @property
    def live(self) -> Cloud:
        """Return the cloud as it is now."""
        return self.now


@pytest.mark.parametrize(("now", "written"), [("there", True), ("gone", False)])
def test_what_a_proof_rests_on_is_read_again_right_before_the_write(now: str, written: bool) -> None:
    def thing(path: str) -> Document:
        return {"location": "here", "properties": {"value": 0, "path": path}}

    lists = Lists(Cloud(a=thing(now)), a=thing("there"))
    (outcome,) = converge([Closing("a", wanted(1))], t.cast(t.Any, lists), False)
    assert (outcome.error is None) is written and bool(lists.writes) is written
    assert not converge([Closing("a", wanted(1))], t.cast(t.Any, Lists(Cloud(), a=thing("there"))), True)[0].error  # check mode


def test_what_shall_go_goes_once() -> None:
    cloud = Cloud(a=wanted())
    (outcome,) = run(cloud, Thing("a", None))
    assert (outcome.plan.action, outcome.changed, outcome.document, outcome.facts) == ("delete", True, {}, {})
    (outcome,) = run(cloud, Thing("a", None))
    assert (outcome.changed, outcome.document) == (False, {})
    assert cloud.writes == ["delete a"]


def test_a_replacement_deletes_first() -> None:
    cloud = Cloud(a=wanted())
    elsewhere = {"location": "there", "properties": {"value": 1}}
    with pytest.raises(Problem, match="location is 'here', requested 'there'"):
        run(cloud, Thing("a", elsewhere))
    (outcome,) = run(cloud, Thing("a", elsewhere, allow_replace=True))
    assert (outcome.plan.action, outcome.changed) == ("replace", True)
    assert cloud.writes == ["delete a", "write a"]
    assert cloud.documents["a"]["location"] == "there"


# --- check mode ---


@pytest.mark.parametrize(
    ("current", "desired", "action", "exists"),
    [
        (None, wanted(), "create", False),
        (wanted(), wanted(2), "update", True),
        (wanted(), wanted(), "none", True),
        (wanted(), {"location": "there"}, "replace", False),
    ],
)
def test_a_rehearsal_writes_nothing_and_tells_what_would_be(current: Document | None, desired: Document, action: str, exists: bool) -> None:
    cloud = Cloud(**t.cast(t.Any, {"a": current} if current else {}))
    (outcome,) = run(cloud, Thing("a", desired, allow_replace=True), check=True)
    assert (outcome.plan.action, outcome.changed) == (action, action != "none")
    assert outcome.document["location"] == desired["location"]
    assert outcome.document["id"] == "/subscriptions/s/resourceGroups/rg/providers/Test/things/a"
    assert outcome.facts == {"exists": exists}
    assert cloud.writes == []


def test_a_rehearsal_of_a_removal() -> None:
    cloud = Cloud(a=wanted())
    (outcome,) = run(cloud, Thing("a", None), check=True)
    assert (outcome.changed, outcome.document, outcome.facts, cloud.writes) == (True, {}, {}, [])


def test_a_rehearsal_does_not_wait_for_others() -> None:
    cloud = Cloud(a=wanted())
    cloud.states["a"] = ["Updating"] * 5
    run(cloud, Thing("a", wanted(2)), check=True)
    assert cloud.time.slept == []


# --- order ---


def test_needs_are_written_first_and_removed_last() -> None:
    cloud = Cloud()
    first = Thing("first", wanted())
    second = Thing("second", wanted(), first)
    outcomes = run(cloud, Thing("third", wanted(), second, first), first, second)
    assert cloud.writes == ["write first", "write second", "write third"]
    assert [outcome.resource.id.name for outcome in outcomes] == ["third", "first", "second"]
    gone = Thing("first", None)
    run(cloud, gone, Thing("second", None, gone))
    assert cloud.writes[3:] == ["delete second", "delete first"]


def test_needs_are_read_first_for_they_may_be_found_under_another_name() -> None:
    for desired in (wanted(), None):
        cloud = Cloud()
        first = Thing("first", desired)
        run(cloud, Thing("second", desired, first), first, check=True)
        assert [line for line in cloud.done if "rehearse" not in line] == ["read first", "read second"]


def test_a_need_that_is_not_part_of_the_run_is_taken_as_given() -> None:
    cloud = Cloud()
    run(cloud, Thing("a", wanted(), Thing("elsewhere", wanted())))
    assert cloud.writes == ["write a"]


def test_nothing_is_written_before_everything_is_checked() -> None:
    cloud = Cloud()
    first = Thing("first", wanted())
    with pytest.raises(OptionError):
        run(cloud, first, Thing("second", wanted(), first, refused=True))
    assert cloud.writes == []


def test_what_needs_nothing_is_not_checked() -> None:
    run(Cloud(a=wanted()), Thing("a", wanted(), refused=True))


def test_many_resources_go_side_by_side() -> None:
    cloud = Cloud()
    outcomes = run(cloud, *(Thing(f"thing{number}", wanted()) for number in range(20)))
    assert all(outcome.changed for outcome in outcomes)
    assert sorted(cloud.writes) == sorted(f"write thing{number}" for number in range(20))


# --- waits and retries ---


def test_somebody_elses_operation_ends_before_it_is_compared() -> None:
    cloud = Cloud(a=wanted())
    cloud.states["a"] = ["Updating", "Updating"]
    (outcome,) = run(cloud, Thing("a", wanted()))
    assert not outcome.changed
    assert len(cloud.time.slept) == 2


def test_a_write_is_done_when_azure_says_so() -> None:
    cloud = Cloud()
    cloud.states["a"] = ["Updating", "Updating", "Updating"]
    (outcome,) = run(cloud, Thing("a", wanted()))
    assert outcome.document["properties"]["provisioningState"] == "Succeeded"
    assert len(cloud.time.slept) == 3


def test_a_write_that_is_never_done_ends_with_the_bound() -> None:
    cloud = Cloud(seconds=30)
    cloud.states["a"] = ["Updating"] * 100
    with pytest.raises(WaitTimeout) as caught:
        run(cloud, Thing("a", wanted()))
    assert "thing 'a' of resource group 'rg'" in caught.value.message
    assert caught.value.resource_id == "/subscriptions/s/resourceGroups/rg/providers/Test/things/a"


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
def test_a_write_that_fails_afterwards_is_a_failure(state: str) -> None:
    cloud = Cloud()
    cloud.states["a"] = [state]
    with pytest.raises(Problem) as caught:
        run(cloud, Thing("a", wanted()))
    assert caught.value.code == f"Provisioning{state}"


def test_a_failed_resource_is_written_anew() -> None:
    cloud = Cloud(a=wanted())
    cloud.states["a"] = ["Failed"]
    (outcome,) = run(cloud, Thing("a", wanted()))
    assert outcome.changed
    assert outcome.plan.after == {"properties": {"provisioningState": "Succeeded"}}
    assert cloud.writes == ["write a"]


def test_an_obstacle_tells_more_than_that_the_time_ended_while_it_was_looked_at_again() -> None:
    cloud = Cloud(seconds=30)
    cloud.errors["write a"] = [LOCK] * 5

    class Late(Thing):
        def read_again(self, world: t.Any, first: t.Any, known: t.Any) -> t.Any:
            cloud.time.now += 60
            raise ArmError("Could not read thing 'a': timed out after 30 seconds", code="WaitTimeout")

    with pytest.raises(ArmError) as caught:
        run(cloud, Late("a", wanted()))
    assert caught.value.code == LOCK.code and "timed out after 30 seconds" in caught.value.message


def test_a_lock_is_waited_out_and_planned_anew() -> None:
    cloud = Cloud()
    cloud.errors["write a"] = [LOCK, LOCK]
    (outcome,) = run(cloud, Thing("a", wanted()))
    assert outcome.changed
    assert cloud.writes == ["write a"] * 3
    assert cloud.time.slept == sorted(cloud.time.slept)
    assert len(cloud.time.slept) == 2


def test_a_throttle_is_waited_out_as_long_as_azure_asks() -> None:
    cloud = Cloud()
    cloud.errors["write a"] = [THROTTLE]
    run(cloud, Thing("a", wanted()))
    assert cloud.time.slept == [17.0]


def test_a_lock_that_outlasts_the_bound_names_itself() -> None:
    cloud = Cloud(seconds=5)
    cloud.errors["write a"] = [LOCK] * 100
    with pytest.raises(ArmError, match="locked"):
        run(cloud, Thing("a", wanted()))


def test_another_writer_who_was_faster_is_not_undone() -> None:
    cloud = Cloud(a={"location": "here", "properties": {"value": 1}})
    theirs = {"location": "here", "properties": {"value": 1, "theirs": 2}}

    class Late(Thing):
        """Someone else writes just before the first write."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Fail once, because the state is another one."""
            if world.documents["a"] != theirs:
                world.documents["a"] = theirs
                raise CONFLICT
            return (yield from super().write(world, observed, plan))

    (outcome,) = run(cloud, Late("a", wanted(3)))
    assert outcome.changed
    assert cloud.documents["a"]["properties"] == {"value": 3, "theirs": 2}
    assert sum(cloud.time.slept) < 1


def test_another_writer_who_did_the_same_leaves_nothing_to_do() -> None:
    cloud = Cloud(a=wanted(1))

    class Late(Thing):
        """Someone else writes the very same."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Fail, because it is so already."""
            yield from ()
            world.documents["a"] = plan.body
            raise CONFLICT

    (outcome,) = run(cloud, Late("a", wanted(2)))
    assert not outcome.changed
    assert outcome.document["properties"]["value"] == 2


def test_a_write_that_went_through_although_it_seemed_to_fail_counts() -> None:
    cloud = Cloud()

    class Lost(Thing):
        """The answer gets lost."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Write, then fail as a gateway does."""
            yield from super().write(world, observed, plan)
            raise ArmError("gateway", status=504)

    (outcome,) = run(cloud, Lost("a", wanted()))
    assert outcome.changed
    assert cloud.writes == ["write a"]


def test_a_removal_that_met_a_lock_is_tried_again() -> None:
    cloud = Cloud(a=wanted())
    cloud.errors["delete a"] = [LOCK]
    (outcome,) = run(cloud, Thing("a", None))
    assert (outcome.changed, cloud.writes) == (True, ["delete a"] * 2)


def test_what_was_in_use_until_just_now_is_tried_again_for_a_while() -> None:
    in_use = ArmError("in use", code="InUseSubnetCannotBeDeleted", status=400)
    cloud = Cloud(a=wanted())
    cloud.errors["delete a"] = [in_use, in_use]
    (outcome,) = run(cloud, Thing("a", None))
    assert (outcome.changed, cloud.writes) == (True, ["delete a"] * 3)
    cloud = Cloud(a=wanted())
    cloud.errors["delete a"] = [in_use] * 100
    with pytest.raises(ArmError, match="in use"):
        run(cloud, Thing("a", None))
    assert 30 < cloud.time.now < 120
    cloud = Cloud()
    cloud.errors["write a"] = [in_use]
    with pytest.raises(ArmError, match="in use"):
        run(cloud, Thing("a", wanted()))


def test_what_is_nested_in_a_replacement_is_made_again() -> None:
    cloud = Cloud(outer=wanted(), inner=wanted())
    outer = Thing("outer", {"location": "there"}, allow_replace=True)
    outcomes = run(cloud, outer, Thing("inner", wanted(), outer))
    assert [outcome.plan.action for outcome in outcomes] == ["replace", "create"]
    assert cloud.writes == ["delete outer", "write outer", "write inner"]


def test_a_real_error_is_told_at_once_with_its_resource() -> None:
    cloud = Cloud()
    cloud.errors["write a"] = [ArmError("forbidden", code="AuthorizationFailed", status=403)]
    with pytest.raises(ArmError) as caught:
        run(cloud, Thing("a", wanted()))
    assert caught.value.resource_id == "/subscriptions/s/resourceGroups/rg/providers/Test/things/a"
    assert (cloud.writes, cloud.time.slept) == (["write a"], [])


def test_an_error_of_one_does_not_hide_in_the_crowd() -> None:
    cloud = Cloud()
    cloud.errors["read b"] = [ArmError("forbidden", code="AuthorizationFailed", status=403)]
    with pytest.raises(ArmError) as caught:
        run(cloud, Thing("a", wanted()), Thing("b", wanted()), Thing("c", wanted()))
    assert str(caught.value.resource_id).endswith("/b")
    assert cloud.writes == []


# --- what does not exist, and what is left behind ---

LAG = ArmError("Private link service id X is invalid or was not found", code="InvalidPrivateLinkServiceId", status=200)


class Dangling(Thing):
    """What it leads to is unknown for some attempts: each leaves a failed resource behind."""

    def __init__(self, name: str, desired: Document | None, unknown: int = 1000) -> None:
        super().__init__(name, desired)
        self.attempts: list[int] = []
        self.unknown = unknown

    def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Put, and fail."""
        yield from super().write(world, observed, plan)
        self.attempts.append(1)
        if len(self.attempts) <= self.unknown:
            world.states[self.id.name] = ["Failed"] * 9
            raise copy.copy(LAG)
        world.states[self.id.name] = []
        return observed.with_document(None)


def test_what_was_just_made_may_be_unknown_for_seconds() -> None:
    cloud, thing = Cloud(), Dangling("a", wanted(), unknown=3)
    (outcome,) = run(cloud, thing)
    assert (outcome.changed, len(thing.attempts)) == (True, 4)
    assert cloud.time.now < 30


class Staying(Dangling):
    """What it leads to is unknown, and nothing of it can be replaced."""

    replaceable = False


def test_the_hint_names_no_option_that_there_is_not() -> None:
    (outcome,) = converge([Staying("a", wanted())], t.cast(t.Any, Cloud()), check=False)
    hint = str(t.cast(Problem, outcome.error).hint)
    assert "allow_replace" not in hint and hint.endswith("Then run again: the failed resource is written again."), hint


def test_what_is_not_there_is_told_after_seconds_with_what_is_left_behind() -> None:
    cloud, thing = Cloud(), Dangling("a", wanted())
    (outcome,) = converge([thing], t.cast(t.Any, cloud), check=False)
    assert 30 <= cloud.time.now < 65
    assert len(thing.attempts) > 2
    error = t.cast(Problem, outcome.error)
    assert error.code == "InvalidPrivateLinkServiceId"
    assert (
        error.message
        == "Private link service id X is invalid or was not found; Azure left thing 'a' of resource group 'rg' behind as 'Failed'"
    )
    assert error.hint is not None and error.hint.startswith("Check the target's id, with its subscription,")
    assert error.hint.endswith("Then delete the failed thing (state: absent), or run again with allow_replace: true.")


@pytest.mark.parametrize(
    ("requested", "said"),
    [(None, "timed out after 20 seconds"), (60.0, "timed out: Azure requires a pause of 60 seconds, but 20 of 20 seconds are left")],
)
def test_an_obstacle_that_outlasts_the_task_is_its_cause(requested: float | None, said: str) -> None:
    cloud = Cloud(20)
    cloud.errors["write a"] = [
        ArmError("too many", code="TooManyRequests", status=429, request_id="r1", retry_after=requested) for _number in range(99)
    ]
    (outcome,) = converge([Thing("a", wanted())], t.cast(t.Any, cloud), check=False)
    error = t.cast(Problem, outcome.error)
    assert (error.code, error.status, error.request_id) == ("TooManyRequests", 429, "r1")
    assert error.message == f"too many; {said}"
    assert cloud.time.now <= (22 if requested is None else 2)


# --- many at once ---


class Slow(Thing):
    """A thing whose operation takes its time at Azure."""

    def __init__(self, name: str, desired: Document | None, *needs: Resource, seconds: float = 5.0) -> None:
        super().__init__(name, desired, *needs)
        self._seconds = seconds

    def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Put the body, and have Azure work on it."""
        begun = yield from super().write(world, observed, plan)
        world.flying = getattr(world, "flying", 0) + 1
        world.most = max(getattr(world, "most", 0), world.flying)
        ends = world.clock.elapsed() + self._seconds
        while world.clock.elapsed() < ends:
            yield world.clock.pause(ends - world.clock.elapsed(), f"Azure to create {self.label}")
        world.flying -= 1
        return begun


def test_four_hundred_operations_are_in_flight_at_once_on_few_threads() -> None:
    cloud: t.Any = Cloud()
    cloud.clock = Clock(60)
    things = [Slow(f"t{number}", wanted(), seconds=0.6) for number in range(400)]
    before, most = threading.active_count(), [0]
    watched = cloud.log

    def log(verb: str, name: str) -> None:
        most[0] = max(most[0], threading.active_count() - before)
        watched(verb, name)

    cloud.log = log
    outcomes = run(cloud, *things)
    assert all(outcome.changed for outcome in outcomes)
    assert cloud.most > 300
    assert 1 < most[0] <= 32


def test_a_failure_skips_what_needs_it_while_others_are_in_flight() -> None:
    cloud = Cloud()
    cloud.errors["write b"] = [ArmError("no", code="Odd", status=400)]
    a, b = Slow("a", wanted()), Slow("b", wanted())
    outcomes = converge([a, b, Slow("after a", wanted(), a), Slow("after b", wanted(), b)], t.cast(t.Any, cloud), False)
    assert [outcome.error and outcome.error.code for outcome in outcomes] == [None, "Odd", None, "Skipped"]
    assert cloud.time.now >= 10


@pytest.mark.parametrize("signal_of", ["TaskTimeoutError", "KeyboardInterrupt"])
@pytest.mark.parametrize("count", [1, 40])
def test_an_end_from_outside_comes_within_two_seconds_and_tells_what_azure_goes_on_with(signal_of: str, count: int) -> None:
    cloud: t.Any = Cloud()
    cloud.clock = Clock(600)
    error = KeyboardInterrupt if signal_of == "KeyboardInterrupt" else type(signal_of, (BaseException,), {"timeout": 3})

    def interrupt(*_arguments: t.Any) -> None:
        raise error

    things = [Slow(f"t{number}", wanted(), seconds=300) for number in range(count)]
    last = Slow("last", wanted(), *things)
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    begun = time.monotonic()
    try:
        *those, skipped, waiting = converge([*things, last, Slow("t0", wanted(), seconds=300)], cloud, False)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begun < 2.5
    why = "was interrupted" if signal_of == "KeyboardInterrupt" else "timed out after 3 seconds, because of its keyword timeout"
    assert [outcome.error and outcome.error.message for outcome in those] == [
        f"The task {why}; Azure may still create thing 't{number}' of resource group 'rg'" for number in range(count)
    ]
    assert {outcome.error and outcome.error.code for outcome in those} == {
        "TaskInterrupted" if error is KeyboardInterrupt else "TaskTimeout"
    }
    assert all(outcome.changed for outcome in those)
    assert not skipped.changed and skipped.error and skipped.error.code == "Skipped"
    before_it = "the task was interrupted before" if error is KeyboardInterrupt else "the task timed out before"
    assert waiting.error and waiting.error.message == f"Thing 't0' of resource group 'rg' was skipped, because {before_it}"


class Claiming(Thing):
    """A thing that takes up a part of a place with three free ones."""

    def check(self, world: t.Any, observed: Observed, plan: Plan, rehearsal: bool) -> list[Claim]:
        """Claim a part."""

        def refuse(requested: int) -> None:
            if requested > 3:
                raise Problem(f"3 are free and {requested} are asked for", code="LimitReached")

        return [Claim("the place", str(self.id), refuse)]


@pytest.mark.parametrize("check", [False, True])
def test_what_does_not_fit_together_is_refused_before_the_first_write(check: bool) -> None:
    cloud = Cloud(t0=wanted(), t1=wanted())
    with pytest.raises(Problem) as caught:
        run(cloud, *[Claiming(f"t{number}", wanted()) for number in range(12)], check=check)
    assert caught.value.message == "3 are free and 10 are asked for"
    assert cloud.writes == []
    assert len(run(cloud, *[Claiming(f"t{number}", wanted()) for number in range(5)], check=check)) == 5


# --- what progress is told ---


class Recorded(Reporter):
    """Remembers what converge tells."""

    def __init__(self) -> None:
        self.lines: list[t.Any] = []

    def started(self, groups: t.Collection[str], changes: int) -> None:
        self.lines.append((sorted(groups), changes))

    def finished(self, group: str, *, changed: bool, failed: bool) -> None:
        self.lines.append((group, changed, failed))

    @contextlib.contextmanager
    def waiting(self, awaited: str, *, detail: bool = False) -> t.Iterator[None]:
        if not detail:
            self.lines.append(awaited)
        yield


def told_of(cloud: Cloud, *, check: bool = False) -> Recorded:
    """Converge three things of two groups that share a fourth; the second thing, which the third no longer needs, cannot be deleted."""
    cloud.clock.reporter = reported = Recorded()
    shared = Thing("shared", wanted())
    one, two = Thing("one", wanted(), shared), Thing("two", None)
    three = Thing("three", wanted(2), two)
    cloud.errors["delete two"] = [Problem("Azure said no")]
    converge([shared, one, two, three], t.cast(t.Any, cloud), check, {one: "a", two: "b", three: "b"})
    return reported


def test_progress_is_told_of_what_is_planned_and_of_each_group_that_is_done() -> None:
    reported = told_of(Cloud(one=wanted(), two=wanted(), three=wanted()))
    assert reported.pacing and reported.pacing.result() == {"writes": 3, "seconds": 0, "limited_by": None, "message": "3 writes planned."}
    assert reported.lines[0] == (["a", "b"], 3)
    for awaited in ("Azure to create thing 'shared' of resource group 'rg'", "Azure to delete thing 'two' of resource group 'rg'"):
        assert awaited in reported.lines
    assert [line for line in reported.lines[1:] if isinstance(line, tuple)] in (
        [("a", False, False), ("b", True, True)],
        [("b", True, True), ("a", False, False)],
    )


def test_check_mode_plans_and_has_no_progress() -> None:
    reported = told_of(Cloud(one=wanted(), two=wanted(), three=wanted()), check=True)
    assert reported.pacing and reported.pacing.writes == 3
    assert not [line for line in reported.lines if isinstance(line, tuple)]


def test_a_replacement_is_two_writes() -> None:
    cloud = Cloud(a={"location": "here"})
    cloud.clock.reporter = reported = Recorded()
    converge([Thing("a", {"location": "there"}, allow_replace=True)], t.cast(t.Any, cloud), True)
    assert reported.pacing and reported.pacing.writes == 2
