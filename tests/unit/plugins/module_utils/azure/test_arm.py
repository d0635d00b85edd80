# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls, long-running operations and errors of Azure Resource Manager, through the SDK's own clients and error objects."""

from __future__ import annotations

import json
import typing as t

import pytest
import requests
from azure.mgmt.network import models
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ProxyError

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Pace
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import (
    ArmError,
    OptionError,
    Problem,
    WaitTimeout,
    is_conflict,
    is_missing,
    is_passing,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import ARM, SUBSCRIPTION, Answer, Time, Wire, arm_on

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
NAMED: Document = {"name": "pe", "location": "westeurope", "properties": {}}
OPERATION = f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/operations/1?api-version=2024-05-01&s=sig"
LOCKED = {
    "error": {
        "code": "RetryableError",
        "message": "A retryable error occurred.",
        "details": [
            {"code": "RetryableErrorDueToAnotherOperation", "message": "…", "details": [{"code": "Innermost"}, "text"]},
            {"message": "no code"},
        ],
        "innerError": "…",
    }
}


def failed(monkeypatch: pytest.MonkeyPatch, *answers: Answer, operation: str = "network.private_endpoints.get") -> ArmError:
    """Return the error of a call that is answered so."""
    arm = arm_on(monkeypatch, Wire(*answers), Time())
    names = ("rg", "z", "A", "r") if "record_sets" in operation else ("rg", "pe")
    with pytest.raises(ArmError) as caught:
        arm.call(SUBSCRIPTION, operation, *names, doing="read it")
    return caught.value


# --- error bodies ---


def test_a_wrapped_error(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "The client\r\n has no right."}}
    error = failed(monkeypatch, Answer(403, body, {"x-ms-request-id": "r1", "x-ms-correlation-request-id": "c1"}))
    assert error.message == "Could not read it: The client has no right"
    assert error.fields() == {"code": "AuthorizationFailed", "status": 403, "request_id": "r1", "resource_id": None, "hint": None}
    assert error.codes == ("AuthorizationFailed",)


def test_the_gateway_names_only_the_correlation(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failed(monkeypatch, Answer(404, {"error": {"code": "ResourceNotFound", "message": "x"}}, {"x-ms-correlation-request-id": "c1"}))
    assert error.request_id == "c1"
    assert is_missing(error)


def test_an_error_of_a_record_set_has_no_wrapper(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"code": "PreconditionFailed", "message": "The Record set R has been modified (etag mismatch)."}
    error = failed(monkeypatch, Answer(412, body), operation="privatedns.record_sets.get")
    assert (error.code, error.status) == ("PreconditionFailed", 412)
    assert error.message == "Could not read it: The Record set R has been modified (etag mismatch)"
    assert is_conflict(error)
    assert not is_passing(error)


def test_codes_of_details_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failed(monkeypatch, Answer(400, LOCKED))
    assert error.codes == ("RetryableError", "RetryableErrorDueToAnotherOperation", "Innermost")
    assert is_passing(error)


def test_a_page_of_a_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failed(monkeypatch, Answer(503, "<html><body>Service Unavailable</body></html>"))
    assert error.status == 503
    assert "<html>" not in error.message
    assert is_passing(error)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ({"Message": "An error has occurred."}, "Http400", "An error has occurred"),
        ({}, "Http400", "Azure answered HTTP 400 without a reason"),
        ([], "Http400", "Azure answered HTTP 400 without a reason"),
        (None, "Http400", "Azure answered HTTP 400 without a reason"),
        ({"error": {"code": "\x1b[31mRed\n", "message": "Said"}}, "[31mRed", "Said"),
        ({"error": "text"}, "Http400", "Azure answered HTTP 400 without a reason"),
        ({"error": {"code": None, "message": None}}, "Http400", "Azure answered HTTP 400 without a reason"),
        ({"error": {"code": "C", "message": "m", "details": None}}, "C", "m"),
    ],
)
def test_odd_bodies(monkeypatch: pytest.MonkeyPatch, body: t.Any, code: str, said: str) -> None:
    error = failed(monkeypatch, Answer(400, body))
    assert (error.code, error.message) == (code, f"Could not read it: {said}")


_REFUSED = NewConnectionError(HTTPSConnection("10.0.0.1", 3128), "Failed to establish a new connection: [Errno 111] Connection refused")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (requests.exceptions.ConnectionError("<urllib3.HTTPSConnection object at 0x7f00>: Connection refused"), "Connection refused"),
        (_REFUSED, "10.0.0.1:3128: Failed to establish a new connection: [Errno 111] Connection refused"),
        (
            requests.exceptions.ProxyError(ProxyError("Unable to connect to proxy", _REFUSED)),
            "Unable to connect to proxy: 10.0.0.1:3128: Failed to establish a new connection: [Errno 111] Connection refused",
        ),
        (
            requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", OSError(104, "Connection reset by peer"))),
            "Connection aborted: [Errno 104] Connection reset by peer",
        ),
        (requests.exceptions.ConnectionError(MaxRetryError(HTTPSConnectionPool("10.0.0.1"), "/", OSError("no route"))), "no route"),
        (requests.exceptions.ConnectionError(), "ServiceRequestError"),
    ],
    ids=["older urllib3", "refused", "proxy", "reset", "gave up", "silent"],
)
def test_a_broken_connection_is_told_in_words(monkeypatch: pytest.MonkeyPatch, broken: Exception, said: str) -> None:
    error = failed(monkeypatch, Answer(broken=broken))
    assert error.code == "ConnectionFailed"
    assert error.message == f"Could not read it: no response from Azure ({said})"


@pytest.mark.parametrize(
    ("status", "code", "missing"),
    [
        (404, "NotFound", True),
        (404, "ResourceNotFound", True),
        (404, "ResourceGroupNotFound", True),
        (404, "ParentResourceNotFound", True),
        (404, "SubscriptionNotFound", False),
        (404, "InvalidResourceType", False),
        (403, "AuthorizationFailed", False),
        (None, None, False),
    ],
)
def test_what_counts_as_missing(status: int | None, code: str | None, missing: bool) -> None:
    assert is_missing(Problem("x", status=status, code=code)) == missing


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (ArmError("x", code="AnotherOperationInProgress", status=409), True),
        (ArmError("x", code="ConflictError", status=409), True),
        (ArmError("exists already in deleted state.", code="ConflictError", status=409), False),
        (ArmError("x", code="Canceled", details=("CanceledAndSupersededDueToAnotherOperation",)), True),
        (ArmError("x", code="ReferencedResourceNotProvisioned", status=400), True),
        (ArmError("x", code="InvalidPrivateLinkServiceId"), False),
        (ArmError("x", code="SubscriptionRequestsThrottled", status=429), True),
        (ArmError("x", status=504), True),
        (ArmError("x", status=500), False),
        (ArmError("x", code="Conflict", status=409), False),
        (ArmError("x", code="BadRequest", status=400), False),
    ],
)
def test_what_passes_by_itself(error: ArmError, passing: bool) -> None:
    assert is_passing(error) == passing
    assert not is_conflict(error)


def test_a_precondition_in_an_operation_is_a_conflict_too() -> None:
    assert is_conflict(ArmError("x", code="Failed", details=("PreconditionFailed",)))


# --- calls ---


def test_a_read_hands_on_the_wires_own_json(monkeypatch: pytest.MonkeyPatch) -> None:
    body: Document = {"id": ENDPOINT, **NAMED, "properties": {"somethingNew": {"nobodyKnows": 1}, "subnet": {"id": "s"}}}
    wire = Wire(Answer(200, body))
    assert arm_on(monkeypatch, wire, Time()).call(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it") == body
    assert wire.reported == [f"GET {ENDPOINT}"]
    assert wire.requests[0].headers["Authorization"] == "Bearer token"
    assert str(wire.requests[0].headers["User-Agent"]).startswith("privatelink.azure")


def test_what_is_missing_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(404, {"error": {"code": "ResourceGroupNotFound", "message": "x"}})), Time())
    assert arm.find(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it") is None
    assert arm.list(SUBSCRIPTION, "network.private_endpoints.list", "rg", doing="list them") == []


def test_an_unknown_subscription_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(404, {"error": {"code": "SubscriptionNotFound", "message": "x"}})), Time())
    with pytest.raises(ArmError):
        arm.find(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it")
    with pytest.raises(ArmError):
        arm.list(SUBSCRIPTION, "network.private_endpoints.list", "rg", doing="list them")


def test_pages_of_a_list_are_followed_and_keep_the_wires_names(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {
        "id": ENDPOINT,
        **NAMED,
        "properties": {"subnet": {"id": "s"}, "provisioningState": "Succeeded", "customNetworkInterfaceName": ""},
    }
    page = f"{ARM}{GROUP}/providers/Microsoft.Network/privateEndpoints?api-version=2024-05-01&$skiptoken=x"
    wire = Wire(Answer(200, {"value": [first], "nextLink": page}), Answer(200, {"value": []}))
    listed = arm_on(monkeypatch, wire, Time()).list(SUBSCRIPTION, "network.private_endpoints.list", "rg", doing="list them")
    assert len(wire.requests) == 2
    assert [(item["id"], item["properties"]["subnet"]["id"], item["properties"]["provisioningState"]) for item in listed] == [
        (ENDPOINT, "s", "Succeeded")
    ]


def test_a_list_builds_no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"value": [{"id": ENDPOINT, **NAMED, "properties": {"subnet": {"id": "s"}}}]}
    arm = arm_on(monkeypatch, Wire(Answer(200, listed)), Time())
    if not hasattr(arm._client("network", SUBSCRIPTION), "send_request"):
        pytest.skip("this generation of azure-mgmt-network builds models whatever one does")
    built: list[t.Any] = []
    monkeypatch.setattr(models.PrivateEndpoint, "__new__", lambda kind, *_arguments, **_keywords: built.append(kind))
    assert arm.list(SUBSCRIPTION, "network.private_endpoints.list", "rg", doing="list them") == listed["value"]
    assert built == []


@pytest.mark.parametrize("operation", ["list", "get", "begin_create_or_update"])
def test_a_page_of_a_proxy_is_no_answer(monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(200, "<html>Sign in first</html>")), Time())
    arguments: tuple[t.Any, ...] = ("rg", "pe", {"location": "x"})[: {"list": 1, "get": 2}.get(operation, 3)]
    with pytest.raises(ArmError) as caught:
        (arm.list if operation == "list" else arm.call)(SUBSCRIPTION, f"network.private_endpoints.{operation}", *arguments, doing="do it")
    said = "Could not do it: the response is not JSON, so it did not come from Azure"
    unknown = "; Azure may have completed it, or may still complete it" if operation.startswith("begin") else ""
    assert (caught.value.code, caught.value.message) == ("UnexpectedAnswer", said + unknown)


@pytest.mark.parametrize("answer", [Answer(204), Answer(202, {}), Answer(206, {"value": 5})])
def test_a_success_that_tells_no_end_is_no_failed_operation(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    error = failed(monkeypatch, answer)
    assert (error.code, error.status) == ("UnexpectedAnswer", answer.status), error.message
    assert "ended the operation" not in error.message


def test_a_gateways_error_that_is_no_json_keeps_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failed(monkeypatch, Answer(501, "<html>", {"Content-Type": "application/json"}))
    assert (error.status, error.code) == (501, "Http501")


def test_conditions_travel_as_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(Answer(200, {"id": "x", "name": "r"}))
    arm = arm_on(monkeypatch, wire, Time())
    for headers in ({"If-Match": "c65f9574"}, {"If-None-Match": "*"}):
        arm.call(
            SUBSCRIPTION,
            "privatedns.record_sets.create_or_update",
            "rg",
            "z",
            "A",
            "r",
            {"properties": {"ttl": 1}},
            doing="write it",
            headers=headers,
        )
        (name, value), *_more = headers.items()
        assert wire.requests[-1].headers[name] == value


# --- long-running operations ---


def put(monkeypatch: pytest.MonkeyPatch, time: Time, *polls: Answer) -> tuple[Document | None, Wire]:
    """Write an endpoint whose operation is polled with these answers; return what came of it."""
    started = Answer(
        201,
        {"id": ENDPOINT, **NAMED, "properties": {"provisioningState": "Updating"}},
        {"Azure-AsyncOperation": OPERATION, "Retry-After": "10"},
    )
    wire = Wire(started, *polls)
    arm = arm_on(monkeypatch, wire, time)
    return arm.call(
        SUBSCRIPTION,
        "network.private_endpoints.begin_create_or_update",
        "rg",
        "pe",
        {"location": "x"},
        doing="create private endpoint 'pe'",
    ), wire


def test_an_operation_is_polled_where_and_when_the_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    done = {"id": ENDPOINT, **NAMED, "properties": {"provisioningState": "Succeeded", "new": 1}}
    polls = (
        Answer(200, {"status": "InProgress"}, {"Retry-After": "20"}),
        Answer(200, {"status": "InProgress"}),
        Answer(200, {"status": "Succeeded"}),
    )
    document, wire = put(monkeypatch, time, *polls, Answer(200, done))
    assert document == done
    assert [str(request.url) for request in wire.requests[1:4]] == [OPERATION] * 3
    assert wire.reported[4] == f"GET {ENDPOINT}"
    assert time.slept[0] == 20.0  # the SDK looks once at once
    assert 0 < sum(time.slept[1:]) < 2


_OPERATIONS = {
    "network.virtual_networks.begin_create_or_update": ("rg", "net"),
    "network.private_endpoints.begin_create_or_update": ("rg", "pe"),
    "network.private_dns_zone_groups.begin_create_or_update": ("rg", "pe", "default"),
    "keyvault.vaults.begin_create_or_update": ("rg", "vault"),
    "privatedns.private_zones.begin_create_or_update": ("rg", "corp.example"),
    "privatedns.virtual_network_links.begin_create_or_update": ("rg", "corp.example", "link"),
}


@pytest.mark.parametrize("operation", _OPERATIONS)
@pytest.mark.parametrize(
    ("header", "value"), [("Retry-After", "2"), ("Retry-After", "0.2"), ("x-ms-retry-after-ms", "200"), ("retry-after-ms", "1500")]
)
def test_an_operation_may_begin_with_any_pause(monkeypatch: pytest.MonkeyPatch, operation: str, header: str, value: str) -> None:
    """Each client reads Retry-After of the first answer by itself, and takes whole numbers alone."""
    done = {"id": ENDPOINT, **NAMED, "properties": {"provisioningState": "Succeeded"}}
    begun = Answer(201, done, {"Azure-AsyncOperation": OPERATION, header: value})
    wire = Wire(begun, Answer(200, {"status": "InProgress"}, {header: value}), Answer(200, {"status": "Succeeded"}), Answer(200, done))
    time = Time()
    answer = arm_on(monkeypatch, wire, time).call(SUBSCRIPTION, operation, *_OPERATIONS[operation], {"location": "x"}, doing="create it")
    assert answer == done
    assert time.slept[0] == float(value) * (0.001 if header.endswith("ms") else 1)


def test_an_operation_that_fails_answers_http_200(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"status": "Failed", "error": {"code": "PreconditionFailed", "message": "The Zone X has been modified (etag mismatch)."}}
    with pytest.raises(ArmError) as caught:
        put(monkeypatch, Time(), Answer(200, body, {"x-ms-request-id": "r2"}))
    error = caught.value
    assert (error.code, error.status, error.request_id) == ("PreconditionFailed", 200, "r2")
    assert (
        error.message
        == "Could not create private endpoint 'pe': Azure ended the operation as 'Failed': The Zone X has been modified (etag mismatch)"
    )
    assert is_conflict(error)


def test_an_operation_that_was_superseded_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    details = [{"code": "CanceledAndSupersededDueToAnotherOperation", "message": "…"}]
    body = {"status": "Canceled", "error": {"code": "Canceled", "message": "Operation was canceled.", "details": details}}
    with pytest.raises(ArmError) as caught:
        put(monkeypatch, Time(), Answer(200, body))
    assert is_passing(caught.value)


def test_an_operation_is_awaited_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(25)
    with pytest.raises(WaitTimeout) as caught:
        put(monkeypatch, time, Answer(200, {"status": "InProgress"}, {"Retry-After": "10"}))
    assert sum(time.slept) == 25
    assert "25 seconds" in caught.value.message
    assert "create private endpoint 'pe'" in caught.value.message
    assert (caught.value.code, caught.value.hint is None) == ("WaitTimeout", False)


@pytest.mark.parametrize(
    ("header", "value", "seconds"), [("Retry-After", "7", 7.0), ("x-ms-retry-after-ms", "500", 0.5), ("retry-after-ms", "1500", 1.5)]
)
def test_every_way_to_ask_for_a_pause(monkeypatch: pytest.MonkeyPatch, header: str, value: str, seconds: float) -> None:
    time = Time()
    polls = (Answer(200, {"status": "InProgress"}, {header: value}), Answer(200, {"status": "Succeeded"}))
    put(monkeypatch, time, *polls, Answer(200, {"id": ENDPOINT, **NAMED}))
    assert time.slept == [seconds]


def test_a_pause_that_nobody_can_read_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    polls = (Answer(200, {"status": "InProgress"}, {"x-ms-retry-after-ms": "soon"}), Answer(200, {"status": "Succeeded"}))
    put(monkeypatch, time, *polls, Answer(200, {"id": ENDPOINT, **NAMED}))
    assert 0 < sum(time.slept) < 2


# --- throttles and waits ---


def test_the_sdks_own_retries_count_against_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(60)
    throttled = Answer(
        429,
        {"error": {"code": "ResourceRequestsThrottled", "message": "Please try again."}},
        {"Retry-After": "372", "x-ms-request-id": "r1"},
    )
    arm = arm_on(monkeypatch, Wire(throttled), time)
    with pytest.raises(WaitTimeout) as caught:
        arm.call(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it")
    assert time.now == 0  # it would not end in time
    assert caught.value.message == (
        "Could not read it: timed out: Azure requires a pause of 372 seconds, but 60 of the 60 seconds of wait_timeout remain; "
        "the last response was HTTP 429: Please try again"
    )
    assert (caught.value.code, caught.value.status, caught.value.request_id) == ("ResourceRequestsThrottled", 429, "r1")
    assert "throttles" in (caught.value.hint or "")


def test_a_throttle_that_ends_in_time_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(60)
    throttled = Answer(429, {"error": {"code": "ResourceRequestsThrottled", "message": "Please try again."}}, {"Retry-After": "6"})
    arm = arm_on(monkeypatch, Wire(throttled, throttled, Answer(200, {"id": ENDPOINT, **NAMED})), time)
    assert arm.call(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it") == {"id": ENDPOINT, **NAMED}
    assert time.slept == [6.0, 6.0]


def test_a_throttle_tells_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    throttled = Answer(429, {"error": {"code": "SubscriptionRequestsThrottled", "message": "Please try again."}}, {"Retry-After": "6"})
    error = failed(monkeypatch, throttled)
    assert (error.status, error.retry_after) == (429, 6.0)


def test_a_pace_starts_fast_and_slows_down() -> None:
    pace = Pace()
    steps = [pace.step() for _number in range(20)]
    assert steps[0] < 0.5
    assert steps == sorted(steps)
    assert steps[-1] == steps[-2] == 10.0


def test_a_clock_never_sleeps_beyond_its_end() -> None:
    time = Time(3)
    time.clock.wait(2, "something")
    time.clock.wait(2, "something")
    assert time.slept == [2, 1]
    assert time.clock.remaining() == 0
    with pytest.raises(WaitTimeout):
        time.clock.wait(0.1, "something")


# --- which cloud, which subscription ---


def test_an_unknown_cloud_is_refused_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(Answer(500))
    with pytest.raises(OptionError) as caught:
        arm_on(monkeypatch, wire, Time(), cloud_environment="AzureGermanCloud")
    assert caught.value.option == "cloud_environment"
    assert wire.requests == []


@pytest.mark.parametrize("answer", [Answer(404, "<html>no</html>"), Answer(200, "<html>login</html>"), Answer(200, {}), Answer(200, [])])
def test_an_address_that_describes_no_cloud(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    with pytest.raises(OptionError) as caught:
        arm_on(monkeypatch, Wire(answer), Time(), cloud_environment="https://arm.example")
    assert caught.value.option == "cloud_environment"
    assert "https://arm.example/metadata/endpoints" in caught.value.message


def test_a_cloud_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    reported = {
        "name": "Private",
        "resourceManager": "https://arm.example",
        "authentication": {"loginEndpoint": "https://login.example", "audiences": ["https://arm.example"]},
    }
    arm = arm_on(monkeypatch, Wire(Answer(200, reported), Answer(200, {"id": "x"})), Time(), cloud_environment="https://arm.example")
    assert (arm.cloud.name, arm.cloud.well_known) == ("Private", False)


# --- types without a client of their own ---

LOCKS = f"{GROUP}/providers/Microsoft.Authorization/locks"


def test_any_type_is_read_and_written_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both generations of the SDK: they take api-version and body in another order."""
    lock: Document = {"id": f"{LOCKS}/keep", "name": "keep", "properties": {"level": "ReadOnly", "nobody": {"knows": 1}}}
    wire = Wire(Answer(404, {"error": {"code": "LockNotFound", "message": "x"}}), Answer(201, lock), Answer(200, lock), Answer(200))
    arm, by_id = arm_on(monkeypatch, wire, Time()), (f"{LOCKS}/keep", "2020-05-01")
    assert arm.find(SUBSCRIPTION, "resource.resources.get_by_id", *by_id, doing="read it") is None
    assert (
        arm.call(
            SUBSCRIPTION, "resource.resources.begin_create_or_update_by_id", *by_id, {"properties": lock["properties"]}, doing="make it"
        )
        == lock
    )
    assert arm.find(SUBSCRIPTION, "resource.resources.get_by_id", *by_id, doing="read it") == lock
    assert arm.call(SUBSCRIPTION, "resource.resources.begin_delete_by_id", *by_id, doing="delete it") is None
    assert wire.reported == [f"{verb} {LOCKS}/keep" for verb in ("GET", "PUT", "GET", "DELETE")]
    assert all(str(request.url).endswith("?api-version=2020-05-01") for request in wire.requests)
    assert json.loads(wire.requests[1].body or "") == {"properties": lock["properties"]}
    assert wire.requests[1].headers["Content-Type"] == "application/json"


def test_any_collection_is_listed_to_its_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(
        Answer(200, {"value": [{"id": "/a", "name": "a"}], "nextLink": f"{ARM}{LOCKS}?page=2"}),
        Answer(200, {"value": [{"id": "/b", "name": "b"}], "nextLink": None}),
    )
    arm = arm_on(monkeypatch, wire, Time())
    assert arm.list_at(LOCKS, "2020-05-01", doing="list it", where="principalId eq 'x'") == [
        {"id": "/a", "name": "a"},
        {"id": "/b", "name": "b"},
    ]
    assert [str(request.url).removeprefix(ARM + LOCKS) for request in wire.requests] == [
        "?api-version=2020-05-01&$filter=principalId%20eq%20'x'",
        "?page=2",
    ]


def test_a_collection_in_nothing_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(404, {"error": {"code": "ResourceGroupNotFound", "message": "x"}})), Time())
    assert arm.list_at(LOCKS, "2020-05-01", doing="list it") == []


def test_a_collection_that_may_not_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})), Time())
    with pytest.raises(ArmError, match="Could not list it: No"):
        arm.list_at(LOCKS, "2020-05-01", doing="list it")


@pytest.mark.parametrize(
    ("subscriptions", "words"), [([], "no subscription"), ([{"subscriptionId": "a"}, {"subscriptionId": "b"}], "2 subscriptions")]
)
def test_a_subscription_must_be_named_where_there_is_not_just_one(
    monkeypatch: pytest.MonkeyPatch, subscriptions: list[t.Any], words: str
) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(200, {"value": subscriptions})), Time(), subscription_id="")
    with pytest.raises(OptionError) as caught:
        assert arm.subscription_id
    assert caught.value.option == "subscription_id"
    assert words in caught.value.message


def test_the_only_subscription_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(Answer(200, {"value": [{"subscriptionId": "only"}]}))
    arm = arm_on(monkeypatch, wire, Time(), subscription_id="")
    assert not wire.requests, "nothing is asked before something needs it"
    assert arm.subscription_id == arm.subscription_id == "only"
    assert len(wire.requests) == 1
