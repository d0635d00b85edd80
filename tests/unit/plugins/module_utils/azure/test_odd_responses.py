# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Responses that Azure does not give to a request, and refusals that nobody wrote down: told as what they are, with a next step."""

from __future__ import annotations

import base64
import datetime
import json
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure import answers, kinds
from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import driven
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._entry import failure
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, Problem, WaitTimeout
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import ARM, SUBSCRIPTION, Answer, Time, Wire, arm_on

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
MACHINE = t.cast(ResourceId, ResourceId.parse(f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm"))
LOCK = (f"{GROUP}/providers/Microsoft.Authorization/locks/l", "2020-05-01")
JSON = {"Content-Type": "application/json"}
CALLS: dict[str, t.Callable[[Arm], t.Any]] = {
    "get": lambda arm: arm.call(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="do it"),
    "list": lambda arm: arm.list(SUBSCRIPTION, "network.private_endpoints.list", "rg", doing="do it"),
    "list of any type": lambda arm: arm.list_at("/subscriptions", "2022-12-01", doing="do it"),
    "run": lambda arm: driven(arm.act(kinds.VIRTUAL_MACHINE, MACHINE, "runCommand", {}, doing="do it"), arm.clock),
    "ask": lambda arm: arm.ask("/x", "1", {"query": "q"}, doing="do it"),
}
WRITES: dict[str, t.Callable[[Arm], t.Any]] = {
    "endpoint": lambda arm: arm.call(SUBSCRIPTION, "network.private_endpoints.begin_create_or_update", "rg", "pe", {}, doing="do it"),
    "vault": lambda arm: arm.call(SUBSCRIPTION, "keyvault.vaults.begin_create_or_update", "rg", "v", {}, doing="do it"),
    "group": lambda arm: arm.call(SUBSCRIPTION, "resource.resource_groups.create_or_update", "rg", {}, doing="do it"),
    "record": lambda arm: arm.call(SUBSCRIPTION, "privatedns.record_sets.create_or_update", "rg", "z", "A", "r", {}, doing="do it"),
    "lock": lambda arm: arm.call(SUBSCRIPTION, "resource.resources.begin_create_or_update_by_id", *LOCK, {}, doing="do it"),
}
DELETIONS: dict[str, t.Callable[[Arm], t.Any]] = {
    "endpoint": lambda arm: arm.call(SUBSCRIPTION, "network.private_endpoints.begin_delete", "rg", "pe", doing="do it"),
    "group": lambda arm: arm.call(SUBSCRIPTION, "resource.resource_groups.begin_delete", "rg", doing="do it"),
    "lock": lambda arm: arm.call(SUBSCRIPTION, "resource.resources.begin_delete_by_id", *LOCK, doing="do it"),
}
UNKNOWN = "; Azure may have completed it, or may still complete it"
ODD = {
    "204": Answer(204),
    "201 with a page": Answer(201, "<html>Welcome</html>"),
    "202 without an operation": Answer(202),
    "206 with a part": Answer(206, {"value": 5}),
    "304": Answer(304),
    "too deep": Answer(200, "[" * 20_000, JSON),
    "half of a sign": Answer(200, '{"id": 1}', {"Content-Type": "application/json; charset=utf-16"}),
    "broken gzip": Answer(200, {"value": []}, {**JSON, "Content-Encoding": "gzip"}),
}


def raised(monkeypatch: pytest.MonkeyPatch, call: t.Callable[[Arm], t.Any], *answers: Answer) -> Problem:
    """Return how a call ended."""
    time = Time(60)
    with pytest.raises(Problem) as caught:
        call(arm_on(monkeypatch, Wire(*answers), time))
    assert time.now < 30, "nothing of this gets better by itself"
    return caught.value


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("call", ["get", "list", "list of any type"])
def test_a_read_tells_that_something_else_answers(monkeypatch: pytest.MonkeyPatch, call: str, name: str) -> None:
    error = raised(monkeypatch, CALLS[call], ODD[name])
    assert error.code == "UnexpectedAnswer", error.message
    assert not error.in_flight
    assert not [word for word in ("ended the operation", "Error", "Errno") if word in error.message], error.message
    assert "HTTPS_PROXY" in failure(error)["hint"]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("call", WRITES)
def test_a_write_tells_that_it_may_have_been_done(monkeypatch: pytest.MonkeyPatch, call: str, name: str) -> None:
    error = raised(monkeypatch, WRITES[call], ODD[name])
    assert error.code == "UnexpectedAnswer", error.message
    assert error.in_flight
    assert error.message.endswith(UNKNOWN), error.message
    assert "ended the operation" not in error.message


@pytest.mark.parametrize("call", DELETIONS)
def test_what_is_not_there_is_deleted(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Not every client of the SDK knows 204, which Resource Manager gives where there is nothing to delete."""
    assert DELETIONS[call](arm_on(monkeypatch, Wire(Answer(204)), Time())) is None


OPERATION = {"Azure-AsyncOperation": f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/x/operations/1"}
BEGUN = Answer(201, {"id": f"{GROUP}/x", "name": "x", "location": "x", "properties": {"provisioningState": "Updating"}}, OPERATION)


@pytest.mark.parametrize(
    ("poll", "open_"),
    [
        (Answer(403, {"error": {"code": "Odd", "message": "No."}}), True),
        (Answer(404, {"error": {"code": "ResourceNotFound", "message": "No operation."}}), True),
        (Answer(200, "<html>", JSON), True),
        (Answer(204), True),
        (Answer(200, {"status": "Failed", "error": {"code": "Odd", "message": "No."}}), False),
        (Answer(200, {"status": "Canceled"}), False),
    ],
)
def test_a_write_that_was_taken_is_open_until_it_ended(monkeypatch: pytest.MonkeyPatch, poll: Answer, open_: bool) -> None:
    error = raised(monkeypatch, WRITES["endpoint"], BEGUN, poll)
    assert (error.in_flight, UNKNOWN in error.message) == (open_, open_), error.message
    assert ("ended the operation" in error.message) != open_


@pytest.mark.parametrize("begun", [True, False])
def test_a_time_out_tells_whether_the_write_was_taken(monkeypatch: pytest.MonkeyPatch, begun: bool) -> None:
    answers_ = (BEGUN, Answer(200, {"status": "InProgress"})) if begun else (Answer(503, {}, {"Retry-After": "90"}),)
    with pytest.raises(WaitTimeout) as caught:
        WRITES["endpoint"](arm_on(monkeypatch, Wire(*answers_), Time(60)))
    assert caught.value.in_flight == begun


def test_a_refusal_at_the_door_is_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    error = raised(monkeypatch, WRITES["endpoint"], Answer(403, {"error": {"code": "Odd", "message": "No."}}))
    assert not error.in_flight
    assert error.message == "Could not do it: No"


WORDS = {
    400: "message names",
    401: "cloud_environment and tenant",
    403: "role",
    405: "type and state",
    407: "HTTPS_PROXY",
    409: "current state",
    413: "HTTPS_PROXY",
    415: "HTTPS_PROXY",
    423: "lock",
    451: "message names",
    501: "run again later",
}


@pytest.mark.parametrize("status", WORDS)
@pytest.mark.parametrize("body", [{"error": {"code": "NobodyKnows", "message": "No."}}, "<html>No</html>", "[" * 20_000])
def test_every_refusal_names_a_next_step(monkeypatch: pytest.MonkeyPatch, status: int, body: t.Any) -> None:
    for call in ("get", "list", "list of any type", "run"):
        error = raised(monkeypatch, CALLS[call], Answer(status, body, JSON))
        assert isinstance(error, ArmError)
        assert error.status == status, call
        assert WORDS[status] in failure(error)["hint"] or call != "run", (call, failure(error)["hint"])
        assert failure(error)["hint"]


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "[" * 20_000])
def test_a_question_is_answered_by_the_status_alone(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    error = raised(monkeypatch, CALLS["ask"], Answer(407, body, JSON))
    assert (error.code, error.status) == ("Http407", 407)


_CLAIMS = (b'{"a":', b"[" * 20_000, b"5")


@pytest.mark.parametrize("body", [[], [1], "text", None])
def test_what_is_no_result_is_no_empty_one(monkeypatch: pytest.MonkeyPatch, body: t.Any) -> None:
    error = raised(monkeypatch, CALLS["ask"], Answer(200, json.dumps(body), JSON))
    assert error.code == "UnexpectedAnswer"
    assert CALLS["ask"](arm_on(monkeypatch, Wire(Answer(204)), Time())) == (204, {})


@pytest.mark.parametrize("claims", ["/////w", "%%%", "aGVs", "", *(base64.b64encode(each).decode() for each in _CLAIMS)])
def test_claims_that_nobody_can_read_are_not_asked_for(monkeypatch: pytest.MonkeyPatch, claims: str) -> None:
    asked = {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{claims}"'}
    error = raised(monkeypatch, CALLS["get"], Answer(401, {"error": {"code": "Odd", "message": "Sign in again."}}, asked))
    assert (error.code, error.status, error.message) == ("Odd", 401, "Could not do it: Sign in again")


# --- clocks ---

_AT = "Fri, 27 Nov 2026 12:00:00 GMT"
_MINUTE_LATER = "Fri, 27 Nov 2026 12:01:00 GMT"
NOW = datetime.datetime(2026, 11, 27, 15, 0, 0, tzinfo=datetime.timezone.utc)


class _Late(datetime.datetime):
    """The clock of a host that is three hours fast."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _Late:
        """Return a moment that is wrong."""
        return cls.fromtimestamp(NOW.timestamp(), tz)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": _MINUTE_LATER, "Date": _AT}, 60.0),
        ({"Retry-After": _AT, "Date": _MINUTE_LATER}, 0.0),
        ({"Retry-After": _MINUTE_LATER, "Date": "nonsense"}, 0.0),
        ({"Retry-After": "Fri, 27 Nov 2026 15:00:05 GMT"}, 5.0),
        ({"Retry-After": "nonsense", "Date": _AT}, None),
    ],
)
def test_a_date_is_read_by_the_clock_of_the_server(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], seconds: float | None) -> None:
    monkeypatch.setattr(answers.datetime, "datetime", _Late)
    assert answers.requested_pause(headers) == seconds
