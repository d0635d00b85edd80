# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long-running operations that are driven from outside, one thread for all of them."""

from __future__ import annotations

import threading
import typing as t

import pytest
import requests

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
    """Begins every operation that is requested; the first read at each finds it at work, every later one its end."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._looks = 0

    def send(self, request: requests.PreparedRequest, *settings: t.Any, **more: t.Any) -> requests.Response:
        """Return the answer that fits."""
        if request.method == "PUT":
            self._answers = [BEGUN]
        else:
            self._looks += 1
            self._answers = [SILENT if self._looks <= self._count else ENDED["operations" not in str(request.url)]]
        return super().send(request, *settings, **more)


def test_many_are_in_flight_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    arm, threads = arm_on(monkeypatch, Many(50), Time()), threading.active_count()
    begun = [arm.calling(SUBSCRIPTION, *WRITE, doing="create it") for _number in range(50)]
    assert all(next(work) > 0 for work in begun)
    assert threading.active_count() <= threads + 1  # a request's own, which may not be over yet
    for work in begun:
        with pytest.raises(StopIteration):
            next(work)


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


def test_it_does_not_outlive_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WaitTimeout) as caught:
        arm_on(monkeypatch, Wire(BEGUN, WORKING), Time(30)).call(SUBSCRIPTION, *WRITE, doing="create it")
    assert caught.value.message == "Timed out after 30 seconds waiting for Azure to create it"
