# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What converge tells of a run that failed on the way, or of which Azure did not keep everything."""

from __future__ import annotations

import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest

from ansible_collections.privatelink.azure.plugins.module_utils import _writing as writing
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Waiting
from ansible_collections.privatelink.azure.plugins.module_utils._converge import Outcome, converge
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Observed, Plan, Resource
from ansible_collections.privatelink.azure.tests.unit.plugins.module_utils.test_converge import LOCK, Cloud, Thing, wanted

FORBIDDEN = ArmError("Could not write: forbidden", code="AuthorizationFailed", status=403)
LOST = ArmError("Could not write: no response", code="ConnectionFailed", details=("AnswerLost",))


def outcomes(cloud: Cloud, *resources: Resource, check: bool = False) -> list[Outcome]:
    """Converge in that cloud."""
    return converge(resources, t.cast(t.Any, cloud), check)


def reported(outcome: Outcome) -> tuple[str, bool, str | None]:
    """Return action, changed and the error's code."""
    return outcome.plan.action, outcome.changed, outcome.error and outcome.error.code


class Kept(Thing):
    """A thing of which Azure keeps something else than what is sent."""

    def __init__(
        self, name: str, desired: Document | None, keeps: t.Callable[[Document], Document], *needs: Resource, **keywords: t.Any
    ) -> None:
        super().__init__(name, desired, *needs, **keywords)
        self._keeps = keeps

    def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Put what is kept of the body."""
        yield from super().write(world, observed, plan)
        world.documents[self.id.name] = self._keeps(plan.body)
        return observed.with_document(None)


class TimedOut(Thing):
    """A thing whose write is interrupted by Ansible's own time-out of a task, after Azure took it."""

    def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Put, then be interrupted."""
        yield from super().write(world, observed, plan)
        raise type("TaskTimeoutError", (BaseException,), {"timeout": 3})


# --- failures ---


def test_a_failure_skips_what_needs_it_and_nothing_else() -> None:
    cloud = Cloud()
    cloud.errors["write b"] = [FORBIDDEN]
    a, b = Thing("a", wanted()), Thing("b", wanted())
    found = outcomes(cloud, a, b, Thing("c", wanted(), b), Thing("d", wanted(), a), Thing("e", wanted()))
    assert [reported(outcome) for outcome in found] == [
        ("create", True, None),
        ("none", False, "AuthorizationFailed"),
        ("none", False, "Skipped"),
        ("create", True, None),
        ("create", True, None),
    ]
    assert found[2].skipped and "thing 'b' of resource group 'rg' failed" in str(found[2].error)
    assert set(cloud.documents) == {"a", "d", "e"}


def test_what_is_as_asked_for_is_no_failure_because_its_need_failed() -> None:
    cloud = Cloud(b=wanted())
    cloud.errors["write a"] = [FORBIDDEN]
    a = Thing("a", wanted())
    assert [reported(outcome) for outcome in outcomes(cloud, a, Thing("b", wanted(), a))] == [
        ("none", False, "AuthorizationFailed"),
        ("none", False, None),
    ]


def test_a_need_stays_where_what_needs_it_could_not_be_removed() -> None:
    cloud = Cloud(a=wanted(), b=wanted())
    cloud.errors["delete b"] = [FORBIDDEN]
    a = Thing("a", None)
    assert [reported(outcome) for outcome in outcomes(cloud, a, Thing("b", None, a))] == [
        ("none", False, "Skipped"),
        ("none", False, "AuthorizationFailed"),
    ]
    assert cloud.writes == ["delete b"]


@pytest.mark.parametrize("stored", [True, False])
def test_a_lost_answer_is_told_by_what_stands(stored: bool) -> None:
    cloud = Cloud(seconds=1, a=wanted(1))

    class Lossy(Thing):
        """Its answers are lost, for good."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Put or not, and answer nothing."""
            if stored:
                yield from super().write(world, observed, plan)
            raise LOST

    if not stored:
        cloud.errors["read a"] = []
    (outcome,) = outcomes(cloud, Lossy("a", wanted(2)))
    assert (outcome.changed, outcome.error is None) == (stored, stored)
    assert outcome.document["properties"]["value"] == (2 if stored else 1)


def test_a_write_whose_end_nobody_saw_counts_where_azure_has_it() -> None:
    cloud = Cloud(seconds=30, a=wanted(1))
    cloud.states["a"] = ["Succeeded", *["Updating"] * 300]
    (outcome,) = outcomes(cloud, Thing("a", wanted(2)))
    assert reported(outcome) == ("update", True, "WaitTimeout")
    assert outcome.plan.after["properties"] == {"value": 2, "provisioningState": "Updating"}


def test_an_operation_that_failed_after_azure_took_it_is_a_change() -> None:
    cloud = Cloud()
    cloud.states["a"] = ["Failed", "Failed"]
    (outcome,) = outcomes(cloud, Thing("a", wanted()))
    assert reported(outcome) == ("create", True, "ProvisioningFailed")
    assert outcome.document["properties"]["provisioningState"] == "Failed"
    assert outcome.plan.after == {"location": "here", "properties": {"value": 1, "provisioningState": "Failed"}}


@pytest.mark.parametrize("status", [403, 500])
def test_what_cannot_be_seen_afterwards_is_told_by_the_answer(status: int) -> None:
    cloud = Cloud(a=wanted(1))

    class Blind(Thing):
        """Not readable any more once it was written."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Fail, and every look after that."""
            yield from ()
            world.errors[f"read {self.id.name}"] = [ArmError("no", status=403)] * 9
            raise ArmError("Could not write", code="Odd", status=status)

    (outcome,) = outcomes(cloud, Blind("a", wanted(2)))
    assert reported(outcome) == (("none", False, "Odd") if status == 403 else ("update", True, "Odd"))


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("status", [None, 202, 403])
def test_what_azure_may_still_do_is_a_change(status: int | None, exists: bool, readable: bool) -> None:
    """Whatever is seen afterwards: an operation that was begun shows in its own time."""
    cloud = Cloud(**({"a": wanted(1)} if exists else {}))

    class Unknown(Thing):
        """Its write is answered with something that tells nothing."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Fail, and do not show whether it was done."""
            yield from ()
            if not readable:
                world.errors[f"read {self.id.name}"] = [ArmError("no", status=403)] * 9
            error = ArmError("Could not write", code="Odd", status=status)
            error.in_flight = True
            raise error

    (outcome,) = outcomes(cloud, Unknown("a", wanted(2)))
    assert reported(outcome) == ("update" if exists else "create", True, "Odd")
    assert outcome.plan.after["properties"]["value"] == 2


def test_a_resource_that_was_written_and_does_not_appear_is_a_change() -> None:
    cloud = Cloud(seconds=20)

    class Lost(Thing):
        """Its writes are answered with success, and nothing of them is seen."""

        def write(self, world: t.Any, observed: Observed, plan: Plan) -> Waiting[Observed]:
            """Answer with a document of something else."""
            yield from ()
            return observed.with_document({"id": f"{self.id}-of-others", "name": "x"})

    (outcome,) = outcomes(cloud, Lost("a", wanted()))
    assert reported(outcome) == ("create", True, "WaitTimeout")


def test_an_error_that_nobody_foresaw_does_not_hide_what_was_written() -> None:
    cloud = Cloud()
    cloud.errors["write b"] = [KeyError("id")]
    a = Thing("a", wanted())
    first, second = outcomes(cloud, a, Thing("b", wanted(), a))
    assert (first.changed, second.error and second.error.code) == (True, "InternalError")


def test_the_time_out_of_a_task_ends_it_with_what_was_done() -> None:
    cloud = Cloud()
    a = TimedOut("a", wanted())
    found = outcomes(cloud, a, Thing("b", wanted(), a))
    assert [reported(outcome) for outcome in found] == [("create", True, "TaskTimeout"), ("none", False, "Skipped")]
    assert "timed out after 3 seconds" in str(found[0].error)
    assert cloud.writes == ["write a"]


def test_the_time_out_of_a_task_among_many_waits_for_those_under_way() -> None:
    cloud = Cloud()
    a = TimedOut("a", wanted())
    found = outcomes(cloud, a, *(Thing(f"thing{number}", wanted()) for number in range(20)), Thing("b", wanted(), a))
    assert len(found) == 22
    assert all(outcome.changed == (outcome.resource.id.name in cloud.documents) for outcome in found)
    assert all(outcome.changed or outcome.error for outcome in found)


@st.composite
def runs(draw: st.DrawFn) -> tuple[dict[str, tuple[bool, bool, bool, list[str]]]]:
    """Return what there is: by name whether it exists, shall exist, cannot be written, and what it needs."""
    names = "abcdef"[: draw(st.integers(1, 6))]
    return (
        {
            name: (*draw(st.tuples(*[st.booleans()] * 3)), draw(st.lists(st.sampled_from(names[:at] or "_"), max_size=2)))
            for at, name in enumerate(names)
        },
    )


@hypothesis.given(runs())
@hypothesis.settings(max_examples=150, deadline=None)
def test_changed_is_what_is_another_thing_afterwards(run: tuple[dict[str, tuple[bool, bool, bool, list[str]]]]) -> None:
    """Whatever is there, is wanted and fails: outcomes say what became of each, and only what comes after a failure is skipped."""
    cloud, things = Cloud(), {}
    for name, (exists, stays, fails, needs) in run[0].items():
        if exists:
            cloud.documents[name] = wanted(1)
        if fails:
            cloud.errors[f"write {name}"], cloud.errors[f"delete {name}"] = [FORBIDDEN], [FORBIDDEN]
        things[name] = Thing(name, wanted(2) if stays else None, *(things[need] for need in dict.fromkeys(needs) if need in things))
    before = {name: str(cloud.documents.get(name)) for name in things}
    found = {outcome.resource.id.name: outcome for outcome in outcomes(cloud, *things.values())}
    for name, outcome in found.items():
        assert outcome.changed == (str(cloud.documents.get(name)) != before[name])
        as_asked = cloud.documents.get(name) == (wanted(2) if run[0][name][1] else None)
        assert as_asked == (outcome.error is None)
        around = [other for other, thing in things.items() if thing in things[name].needs or things[name] in thing.needs]
        assert not outcome.skipped or any(found[other].error for other in around)
        assert outcome.skipped or not outcome.error or run[0][name][2]


# --- replacements ---


def test_a_replacement_that_is_refused_after_the_deletion_tells_what_is_lost() -> None:
    current = {"location": "here", "properties": {"value": 1, "theirs": 2}, "tags": {"owner": "x"}}
    cloud = Cloud(a=current)
    cloud.errors["write a"] = [FORBIDDEN]
    (outcome,) = outcomes(cloud, Thing("a", {"location": "there"}, allow_replace=True))
    assert reported(outcome) == ("delete", True, "AuthorizationFailed")
    assert outcome.document == {}
    assert (outcome.lost["tags"], outcome.lost["properties"]["theirs"]) == ({"owner": "x"}, 2)
    assert outcome.error and "was deleted to be replaced and does not exist now" in outcome.error.message
    assert "location" in str(outcome.error.hint)


@pytest.mark.parametrize(
    ("current", "options"),
    [({**wanted(), "tags": {"a": "b"}}, " (location, tags, value)"), ({"properties": {"value": False}}, "")],
)
def test_what_went_with_its_parent_is_told_with_what_brings_it_back(current: Document, options: str) -> None:
    thing = Thing("a", {}, spelling={"properties.value": "value", "name": "name", "properties.other": "other"})
    told = writing.deleted_with(thing, thing.found(current), "thing 'b'")
    assert told.code == "Skipped" and told.message == "Thing 'a' of resource group 'rg' was deleted with thing 'b' and not recreated"
    said = f"To create thing 'a' of resource group 'rg' again, the options must include all its settings{options}, which 'lost' contains."
    assert told.hint == said


def test_a_replacement_whose_deletion_is_refused_lost_nothing() -> None:
    cloud = Cloud(a=wanted())
    cloud.errors["delete a"] = [FORBIDDEN]
    (outcome,) = outcomes(cloud, Thing("a", {"location": "there"}, allow_replace=True))
    assert (reported(outcome), outcome.lost) == (("none", False, "AuthorizationFailed"), {})


def test_a_replacement_that_meets_a_lock_keeps_what_it_was_to_keep() -> None:
    cloud = Cloud(a={**wanted(), "tags": {"owner": "x"}})
    cloud.errors["write a"] = [LOCK]
    (outcome,) = outcomes(cloud, Thing("a", {"location": "there"}, allow_replace=True))
    assert reported(outcome) == ("replace", True, None)
    assert cloud.documents["a"] == {"tags": {"owner": "x"}, "location": "there"}


# --- what Azure does not keep ---


def without(name: str) -> t.Callable[[Document], Document]:
    """Return what drops a tag."""
    return lambda body: {**body, "tags": {key: value for key, value in body.get("tags", {}).items() if key != name}}


def test_a_dropped_tag_is_told_and_changes_nothing_the_next_time() -> None:
    cloud = Cloud()

    def thing() -> Thing:
        return Kept("a", wanted(), without("Cost.Center"), tags={"Cost.Center": "1", "plain": "2"})

    (first,) = outcomes(cloud, thing())
    assert (first.changed, first.plan.after["tags"]) == (True, {"plain": "2"})
    assert [(item.keys, item.requested, item.kept) for item in first.not_kept] == [(("tags", "Cost.Center"), "1", None)]
    (second,) = outcomes(cloud, thing())
    assert (second.changed, second.plan.action, [item.path for item in second.not_kept]) == (False, "none", ["tags.Cost.Center"])
    (rehearsed,) = outcomes(cloud, thing(), check=True)
    assert (rehearsed.changed, rehearsed.not_kept) == (True, [])


def test_a_tag_that_a_policy_adds_again_is_told_and_changes_nothing() -> None:
    cloud = Cloud(a={**wanted(), "tags": {"policy": "on", "mine": "1"}})
    kept = Kept("a", wanted(), lambda body: {**body, "tags": {**body["tags"], "policy": "on"}}, tags={"mine": "1"}, append_tags=False)
    (outcome,) = outcomes(cloud, kept)
    assert (outcome.changed, [(item.path, item.requested, item.kept) for item in outcome.not_kept]) == (
        False,
        [("tags.policy", None, "on")],
    )


def test_what_was_kept_in_part_is_changed_in_part() -> None:
    cloud = Cloud(a={**wanted(1), "tags": {}})
    kept = Kept("a", wanted(5), lambda body: {**body, "properties": {**body["properties"], "value": 1}}, tags={"new": "1"})
    (outcome,) = outcomes(cloud, kept)
    assert (outcome.changed, outcome.plan.before, outcome.plan.after) == (True, {"tags": {}}, {"tags": {"new": "1"}})
    assert [(item.path, item.requested, item.kept) for item in outcome.not_kept] == [("properties.value", 5, 1)]


def test_what_became_a_third_value_is_shown_as_that() -> None:
    cloud = Cloud(a=wanted(1))
    (outcome,) = outcomes(cloud, Kept("a", wanted(5), lambda body: {**body, "properties": {"value": 3}}))
    assert (outcome.changed, outcome.plan.before, outcome.plan.after) == (True, {"properties": {"value": 1}}, {"properties": {"value": 3}})


def test_what_is_kept_is_not_told() -> None:
    cloud = Cloud(a=wanted(1))
    (outcome,) = outcomes(cloud, Thing("a", wanted(2)))
    assert (outcome.changed, outcome.not_kept) == (True, [])


# --- two of one id ---


def test_a_second_writer_of_one_resource_plans_anew() -> None:
    cloud = Cloud(a={"properties": {"one": 1, "two": 1}})
    first, second = Thing("a", {"properties": {"one": 2}}), Thing("a", {"properties": {"two": 2}})
    found = outcomes(cloud, first, second)
    assert cloud.documents["a"]["properties"] == {"one": 2, "two": 2}
    assert [reported(outcome) for outcome in found] == [("update", True, None), ("update", True, None)]


def test_a_second_writer_who_wants_the_same_writes_nothing() -> None:
    cloud = Cloud()
    found = outcomes(cloud, Thing("a", wanted()), Thing("a", wanted()))
    assert [reported(outcome) for outcome in found] == [("create", True, None), ("none", False, None)]
    assert cloud.writes == ["write a"]
    cloud = Cloud()
    assert [outcome.changed for outcome in outcomes(cloud, Thing("a", wanted()), Thing("a", wanted()), check=True)] == [True, False]
