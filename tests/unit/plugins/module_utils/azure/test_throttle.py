# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate before Azure, in simulated time and in the pipeline."""

from __future__ import annotations

import collections
import heapq
import threading
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._azure.throttle import Gate, RequestKey
from ansible_collections.privatelink.azure.plugins.module_utils._azure.transport import CONNECTIONS
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, WaitTimeout, is_throttle
from ansible_collections.privatelink.azure.plugins.module_utils._order import MOST_WORKERS
from ansible_collections.privatelink.azure.plugins.module_utils._pacing import Write, pacing_of
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import SUBSCRIPTION, Answer, Time, Wire, arm_on

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv"
ENDPOINT = f"{GROUP}/Microsoft.Network/privateEndpoints/pe"
RECORD = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net/A/"
PE: dict[str, t.Any] = {"id": ENDPOINT, "name": "pe", "location": "westeurope", "properties": {}}


def ask(method: str, path: str, who: str = "me") -> RequestKey:
    """Return a request."""
    return RequestKey(who, method, path)


def sent(requests: t.Sequence[RequestKey], workers: int = 16, gate: Gate | None = None) -> list[float]:
    """Return when each request goes where so many workers ask for one after another, which takes no time of their own."""
    gate, queue, times = gate or Gate(lambda: 0.5), collections.deque(requests), []
    due: list[tuple[float, int, RequestKey | None]] = [(0.0, number, None) for number in range(workers)]
    while due:
        now, worker, request = heapq.heappop(due)
        if request is None and not queue:
            continue
        request = request or queue.popleft()
        wait, _answer = gate.enter(request, now)
        if not wait:
            times.append(now)
        heapq.heappush(due, (now + wait + (gate.spread() if wait else 0), worker, request if wait else None))
    return times


def most_in(times: list[float], seconds: float) -> int:
    """Return the most requests that went in any stretch of so many seconds."""
    return max(sum(1 for each in times if begin <= each < begin + seconds) for begin in times)


def test_a_fleet_never_sends_more_than_the_bucket_holds() -> None:
    times = sent([ask("PUT", f"{VAULT}{number}") for number in range(400) for _write in range(3)])
    assert len(times) == 1200
    for number, moment in enumerate(times):
        assert number + 1 <= 200 + 10 * moment + 1e-6
    assert times[-1] < 110, "the bucket's refill is used"


def test_writes_at_the_network_keep_to_its_window() -> None:
    times = sent([ask("PUT", f"{ENDPOINT}{number}") for number in range(1300)])
    assert most_in(times, 300) == 1000
    assert times[999] < 90 and 300 <= times[1000] < 305


@pytest.mark.parametrize(("path", "count"), [(VAULT, 1200), (ENDPOINT, 1300), (RECORD, 400), (RECORD, 61), (RECORD, 60)])
def test_an_estimate_is_what_the_gate_takes(path: str, count: int) -> None:
    times = sent([ask("PUT", f"{path}{number}") for number in range(count)], gate=Gate(lambda: 0.0))
    assert times[-1] == pytest.approx(pacing_of(Write("PUT", f"{path}{number}") for number in range(count)).seconds, abs=1.0, rel=0.05)


def test_records_keep_to_the_minute_of_their_zone_alone() -> None:
    gate = Gate(lambda: 0.0)
    times = sent([ask("PUT", f"{RECORD}vault{number}") for number in range(150)], gate=gate)
    assert most_in(times, 60) == 60 and 120 <= times[-1] < 121
    other = RECORD.replace("privatelink.vaultcore", "other")
    assert gate.enter(ask("PUT", f"{other}a"), 0.0)[0] == 0
    assert gate.enter(ask("GET", f"{RECORD}vault1"), 0.0)[0] == 0


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("PUT", f"{GROUP}/Microsoft.Network/privateDnsZones/{{}}.example", 40),
        ("GET", f"{GROUP}/Microsoft.Network/privateDnsZones/z.example/A/{{}}", 200),
        ("GET", f"{GROUP}/Microsoft.Network/privateDnsZones/z.example/virtualNetworkLinks/{{}}", 100),
    ],
)
def test_private_dns_keeps_to_its_minute(method: str, path: str, most: int) -> None:
    gate = Gate(lambda: 0.0)
    waits = [gate.reserve(RequestKey("me", method, path.format(number)), 0.0)[0] for number in range(most + 1)]
    assert waits[most - 1] < 20 and waits[most] >= 60


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_requests_of_a_small_task_never_wait(method: str) -> None:
    assert sent([ask(method, path) for path in (VAULT, ENDPOINT, f"{RECORD}a") for _number in range(20)]) == [0.0] * 60


def test_what_azure_says_is_left_holds_and_never_more() -> None:
    gate = Gate(lambda: 0.0)
    gate.learn(ask("PUT", VAULT), {"x-ms-ratelimit-remaining-subscription-writes": "2"}, 0.0)
    gate.learn(ask("PUT", VAULT), {"x-ms-ratelimit-remaining-subscription-writes": "1199"}, 0.0)  # the answer to an earlier one
    assert [gate.enter(ask("PUT", VAULT), 0.0)[0] for _number in range(3)] == [0.0, 0.0, pytest.approx(0.1)]
    assert gate.enter(ask("DELETE", VAULT), 0.0)[0] == 0
    for odd in ("", "many", "-1", "1.5"):
        gate.learn(ask("DELETE", VAULT), {"x-ms-ratelimit-remaining-subscription-deletes": odd}, 0.0)
    assert gate.enter(ask("DELETE", VAULT), 0.0)[0] == 0


def test_a_pause_holds_back_all_of_its_bucket_and_nothing_else() -> None:
    gate, answer = Gate(lambda: 0.0), object()
    gate.block(ask("PUT", VAULT), 17, 100.0, answer, by_provider=False)
    assert gate.enter(ask("PUT", ENDPOINT), 100.0) == (17.0, answer)
    assert gate.enter(ask("PUT", ENDPOINT), 116.0) == (1.0, answer)
    assert gate.enter(ask("PUT", ENDPOINT), 117.0) == (0.0, None)
    other = VAULT.replace(SUBSCRIPTION, "b0000000-0000-4000-8000-0000000000aa")
    assert [gate.enter(each, 100.0)[0] for each in (ask("GET", VAULT), ask("PUT", other), ask("PUT", VAULT, "you"))] == [0, 0, 0]


def test_a_providers_pause_holds_back_what_the_provider_counts() -> None:
    gate = Gate(lambda: 0.0)
    gate.block(ask("PUT", ENDPOINT), 17, 0.0, "a", by_provider=True)
    assert gate.enter(ask("DELETE", f"{GROUP}/Microsoft.network/virtualNetworks/n", "you"), 0.0)[0] == 17
    assert gate.enter(ask("PUT", VAULT), 0.0)[0] == 0
    gate.block(ask("PUT", f"{RECORD}a"), 17, 0.0, "a", by_provider=True)
    assert gate.enter(ask("PUT", f"{RECORD}b".replace("privateDnsZones", "privatednszones")), 0.0)[0] == 17
    assert gate.enter(ask("PUT", RECORD.replace("/A/", "/virtualNetworkLinks/l")), 0.0)[0] == 0


def test_those_who_wait_come_back_one_after_another() -> None:
    gate = Gate()
    assert len({round(gate.spread(), 6) for _number in range(20)}) > 15


@pytest.mark.parametrize(
    ("code", "details", "throttled"),
    [
        ("SubscriptionRequestsThrottled", (), True),
        ("TooManyRequests", (), True),
        ("RetryableError", ("RetryableErrorDueToAnotherOperation",), False),
        ("AnotherOperationInProgress", (), False),
    ],
)
def test_a_lock_is_told_apart(code: str, details: tuple[str, ...], throttled: bool) -> None:
    assert is_throttle(ArmError("x", code=code, status=429, details=details)) is throttled


# --- in the pipeline ---


def read(arm: Arm) -> t.Any:
    """Read an endpoint."""
    return arm.call(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it")


def refusal(code: str, seconds: str) -> Answer:
    """Return a refusal with a pause."""
    return Answer(429, {"error": {"code": code, "message": "Please try again."}}, {"Retry-After": seconds, "x-ms-request-id": "r1"})


def test_a_pause_that_azure_asked_another_one_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    later = Time(60)
    wire = Wire(refusal("SubscriptionRequestsThrottled", "40"), Answer(200, PE))
    first = arm_on(monkeypatch, wire, Time(10))
    with pytest.raises(WaitTimeout):  # it has no time for the pause
        read(first)
    second = arm_on(monkeypatch, wire, later)
    assert read(second)["name"] == "pe"
    assert len(wire.requests) == 2 and 40 <= later.now <= 42


def test_a_pause_without_time_for_it_is_told_with_azures_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(refusal("SubscriptionRequestsThrottled", "40"))
    with pytest.raises(WaitTimeout):
        read(arm_on(monkeypatch, wire, Time(10)))
    with pytest.raises(WaitTimeout) as caught:
        read(arm_on(monkeypatch, wire, Time(20)))
    assert len(wire.requests) == 1
    assert caught.value.message == (
        "Could not read it: timed out: Azure requires a pause of 40 seconds, but 20 of the 20 seconds of wait_timeout remain; "
        "the last response was HTTP 429: Please try again"
    )
    assert (caught.value.code, caught.value.status, caught.value.request_id) == ("SubscriptionRequestsThrottled", 429, "r1")
    assert "throttles" in (caught.value.hint or "")


def test_a_lock_holds_nobody_back(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(refusal("RetryableError", "40"), Answer(200, PE))
    with pytest.raises(WaitTimeout):
        read(arm_on(monkeypatch, wire, Time(10)))
    other = Time(20)
    assert read(arm_on(monkeypatch, wire, other))["name"] == "pe"
    assert other.now == 0


def test_what_is_left_is_learned_from_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    passing = Time(60)
    arm = arm_on(monkeypatch, Wire(Answer(200, PE, {"x-ms-ratelimit-remaining-subscription-reads": "1"})), passing)
    for _number in range(3):
        read(arm)
    assert 0 < sum(passing.slept) < 3


def test_an_end_from_outside_ends_a_wait() -> None:
    clock = Clock(60)
    threading.Timer(0.05, clock.end_within, [0, 0.1]).start()
    begun = time.monotonic()
    clock.wait(50, "something")
    assert time.monotonic() - begun < 5
    clock.allow(30)
    assert clock.remaining() <= 0.1


def test_connections_are_kept_for_every_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = arm_on(monkeypatch, Wire(Answer(200, PE)), Time())
    arm._transport.open()
    adapter: t.Any = arm._transport.session.adapters["https://"]
    assert adapter.poolmanager.connection_pool_kw["maxsize"] == CONNECTIONS >= MOST_WORKERS


def test_writes_reserve_their_turn_without_asking_again() -> None:
    gate = Gate(lambda: 0.5)
    turns = [gate.reserve(ask("PUT", f"{VAULT}{number}"), 0.0)[0] for number in range(400)]
    assert turns[:200] == [0.0] * 200
    assert turns == sorted(turns)
    assert turns[-1] == pytest.approx(20.0)
    assert gate.enter(ask("PUT", f"{VAULT}-next"), 0.0)[0] > 20


def test_records_reserve_their_minute() -> None:
    gate = Gate(lambda: 0.5)
    turns = [gate.reserve(ask("PUT", f"{RECORD}kv{number}"), 0.0)[0] for number in range(180)]
    assert [turns.count(minute * 60.0) for minute in range(3)] == [60, 60, 60]


def test_a_reserved_write_is_sent_and_counted_once() -> None:
    gate, other = Gate(lambda: 0.5), ask("PUT", f"{VAULT}-other")
    request = ask("PUT", VAULT)
    gate.admit(request)
    assert not gate.is_admitted(ask("GET", VAULT))
    assert gate.is_admitted(request)
    assert not gate.is_admitted(request)
    assert gate.enter(other, 0.0)[0] == 0


def test_polls_of_hundreds_of_operations_are_spread() -> None:
    passing = Time()
    due = [passing.clock.poll_pause(1.0, "something") for _operation in range(300)]
    assert min(due) == 1.0
    assert max(collections.Counter(int(seconds) for seconds in due).values()) <= 15
    assert max(due) <= 21
