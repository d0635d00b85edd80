# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long-running operations that are driven from outside, one thread for all of them."""

from __future__ import annotations

import heapq
import threading
import typing as t

import pytest
import requests

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Watch
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, WaitTimeout
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import ARM, SUBSCRIPTION, Answer, Time, Wire, arm_on

ENDPOINT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe"
STATUS = f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/operations/1?api-version=2024-05-01"
PE: dict[str, t.Any] = {"id": ENDPOINT, "name": "pe", "location": "westeurope", "properties": {"provisioningState": "Updating"}}
DONE: dict[str, t.Any] = {**PE, "properties": {"provisioningState": "Succeeded"}}
BEGUN = Answer(201, PE, {"Azure-AsyncOperation": STATUS, "Retry-After": "10"})
WORKING = Answer(200, {"status": "InProgress"}, {"Retry-After": "20"})
SILENT = Answer(200, {"status": "InProgress"})
ENDED = (Answer(200, {"status": "Succeeded"}), Answer(200, DONE))
WRITE = ("network.private_endpoints.begin_create_or_update", "rg", "pe", {"location": "westeurope"})


def test_it_yields_azures_pauses_and_returns_the_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    time, before = Time(), threading.active_count()
    work = arm_on(monkeypatch, Wire(BEGUN, WORKING, SILENT, SILENT, *ENDED), time).calling(SUBSCRIPTION, *WRITE, doing="create it")
    pauses = [next(work) for _number in range(3)]
    assert pauses[0] == 20 and 0.1 <= pauses[1] < pauses[2] < 1
    assert time.slept == [] and threading.active_count() == before
    with pytest.raises(StopIteration) as ended:
        next(work)
    assert ended.value.value == DONE


class Many(Wire):
    """Begins every operation that is requested; each ends so many seconds later."""

    def __init__(self, time: Time, seconds: float) -> None:
        super().__init__()
        self._time = time
        self._seconds = seconds
        self._ends: list[float] = []
        self.looks: list[float] = []

    def send(self, request: requests.PreparedRequest, *settings: t.Any, **more: t.Any) -> requests.Response:
        """Return the answer that fits."""
        place = str(request.url).partition("?")[0]
        if request.method == "PUT":
            self._ends.append(self._time.now + self._seconds)
            header = {"Azure-AsyncOperation": STATUS.replace("/operations/1", f"/operations/{len(self._ends) - 1}")}
            self._answers = [Answer(201, PE, header)]
        elif "/operations/" in place:
            self.looks.append(self._time.now)
            self._answers = [ENDED[0] if self._time.now >= self._ends[int(place.rpartition("/")[2])] else SILENT]
        else:
            self._answers = [ENDED[1]]
        return super().send(request, *settings, **more)


def finished(time: Time, begun: t.Iterable[t.Iterator[float]]) -> list[float]:
    """Drive work to its end as a scheduler does, in this thread, a tenth of a second between their beginnings; return when each ended."""
    due = [(number * 0.1, number, work) for number, work in enumerate(begun)]
    ends = []
    while due:
        heapq.heapify(due)
        moment, number, work = heapq.heappop(due)
        time.now = max(time.now, moment)
        try:
            due.append((time.now + next(work), number, work))
        except StopIteration:
            ends.append(time.now)
    return ends


def test_many_are_in_flight_in_one_thread_and_few_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who began later than others of its kind is not asked about before the first of these has ended: Azure limits reads."""
    time = Time()
    wire, threads = Many(time, 30.0), threading.active_count()
    arm = arm_on(monkeypatch, wire, time)
    ends = finished(time, (arm.calling(SUBSCRIPTION, *WRITE, doing="create it") for _number in range(400)))
    assert threading.active_count() <= threads + 1  # a request's own, which may not be over yet
    assert len(wire.looks) < 400 * 2, "one look at each, and those at a few of them; twelve at each otherwise"
    assert max(ends) < 40 + 30 + 8, "begun within 40 seconds, and soon noticed"


def waited(time: Time, pauses: t.Iterable[float]) -> float:
    """Let pauses pass; return how long they were together."""
    begun = time.now
    for pause in pauses:
        time.now += pause
    return time.now - begun


def watches(time: Time) -> tuple[list[Watch], Watch]:
    """Begin five pieces of work that are asked about at their own pace, and one that is not."""
    *leaders, other = [time.clock.watch("create it") for _number in range(6)]
    assert all(each.leads for each in leaders) and not other.leads
    return leaders, other


def test_who_is_younger_than_one_that_was_found_at_work_is_not_asked_about() -> None:
    time = Time()
    leaders, other = watches(time)
    time.now = 20.0
    assert waited(time, leaders[0].pauses(0.25, "an operation")) == 0.25
    assert time.now + waited(time, other.pauses(1.0, "an operation", found=False)) == pytest.approx(22.0)


def test_how_long_it_takes_is_found_between_one_at_work_and_one_that_is_done() -> None:
    time = Time()
    leaders, other = watches(time)
    time.now = 20.0
    waited(time, leaders[0].pauses(20.0, "an operation"))
    with leaders[0]:
        assert time.now == 40.0
    late = time.clock.watch("create it"), time.clock.watch("create it"), time.clock.watch("create it")
    assert late[0].leads and not late[1].leads, "one place was free"
    assert waited(time, late[1].pauses(1.0, "an operation", found=False)) == pytest.approx(30.0), "halfway between 20 and 40"
    assert waited(time, other.pauses(0.25, "an operation")) == 0.25, "it is older than that took"


def test_what_failed_says_nothing_of_how_long_others_take() -> None:
    time = Time()
    with pytest.raises(ValueError, match="no"), time.clock.watch("create it") as watch:
        waited(time, watch.pauses(30.0, "an operation"))
        raise ValueError("no")
    _leaders, other = watches(time)
    assert waited(time, other.pauses(1.0, "an operation", found=False)) == pytest.approx(2.0)


def test_nothing_is_left_unasked_for_longer_than_a_minute() -> None:
    time = Time()
    leaders, other = watches(time)
    time.now = 1000.0
    waited(time, leaders[0].pauses(0.25, "an operation"))
    late = time.clock.watch("create it")
    assert waited(time, late.pauses(1.0, "an operation", found=False)) == pytest.approx(60.0)
    assert not other.leads


def test_an_operation_that_ends_at_once_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(Answer(200, DONE))
    assert arm_on(monkeypatch, wire, Time()).call(SUBSCRIPTION, *WRITE, doing="create it") == DONE
    assert len(wire.requests) == 1


def test_waiting_in_place_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    assert arm_on(monkeypatch, Wire(BEGUN, WORKING, *ENDED), time).call(SUBSCRIPTION, *WRITE, doing="create it") == DONE
    assert time.slept == [20.0]


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
def test_a_bad_end_is_azures_error(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    end = Answer(200, {"status": state, "error": {"code": "SubnetFull", "message": "No address is free."}})
    with pytest.raises(ArmError) as caught:
        arm_on(monkeypatch, Wire(BEGUN, WORKING, end), Time()).call(SUBSCRIPTION, *WRITE, doing="create it")
    assert caught.value.code == "SubnetFull" and "No address is free" in caught.value.message


@pytest.mark.parametrize(("state", "failed"), [("Failed", True), ("canceled", True), ("Succeeded", False), ("Deleted", False)])
def test_the_state_of_an_operation_at_its_location_counts(monkeypatch: pytest.MonkeyPatch, state: str, failed: bool) -> None:
    """A purge names a Location alone, which answers 200 with the state."""
    begun = Answer(202, None, {"Location": STATUS, "Retry-After": "5"})
    wire = Wire(begun, Answer(202, {"status": "NotStarted"}, {"Location": STATUS}), Answer(200, {"status": state}))
    arm = arm_on(monkeypatch, wire, Time())
    purge = ("keyvault.vaults.begin_purge_deleted", "vault", "westeurope")
    if not failed:
        assert arm.call(SUBSCRIPTION, *purge, doing="purge it") is None
        return
    with pytest.raises(ArmError) as caught:
        arm.call(SUBSCRIPTION, *purge, doing="purge it")
    assert str(caught.value.code).casefold() == f"Provisioning{state}".casefold() and "gave no reason" in caught.value.message


@pytest.mark.parametrize("status", [500, 503, 504])
def test_what_must_not_happen_twice_is_sent_once(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    wire = Wire(Answer(status, {"error": {"code": "Oops", "message": "It broke."}}), Answer(200, DONE))
    work = arm_on(monkeypatch, wire, Time()).calling(SUBSCRIPTION, *WRITE, doing="recover it", once=True)
    with pytest.raises(ArmError) as caught:
        next(work)
    assert caught.value.status == status and len(wire.requests) == 1


def test_it_does_not_outlive_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WaitTimeout) as caught:
        arm_on(monkeypatch, Wire(BEGUN, WORKING), Time(30)).call(SUBSCRIPTION, *WRITE, doing="create it")
    assert caught.value.message == "Timed out after 30 seconds waiting for Azure to create it"
