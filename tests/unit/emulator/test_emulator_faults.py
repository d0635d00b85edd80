# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: each kind, who meets it, and chances that follow the seed."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulator.client import Client


def another(arm: Client) -> Client:
    """A second client with a connection of its own, signed in."""
    client = Client(arm.facts)
    assert client.token
    return client


def test_two_writers_meet(arm: Client) -> None:
    """Both have read before the first of them writes, whoever is slower."""
    vault = arm.vault()
    arm.control("POST", "faults", {"match": {"method": "PUT", "path_regex": "vaults/kv-one$"}, "gather": 2})

    def write(client: Client, delay: float) -> tuple[dict[str, Any], int]:
        read = client.get(vault)
        time.sleep(delay)
        return read["tags"], client.call("PUT", vault, {**read, "tags": {**read["tags"], str(delay): "was here"}}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = [each.result() for each in [pool.submit(write, another(arm), delay) for delay in (0.0, 0.4)]]
    assert answers == [({}, 200), ({}, 200)]
    assert len(arm.get(vault)["tags"]) == 1  # the one wrote over what the other had written
    assert arm.call("PUT", vault, arm.get(vault)).status_code == 200  # nobody is held any more
    assert [each["met"] for each in arm.control("GET", "faults")["faults"]] == [1]


def test_who_waits_alone_goes_on(arm: Client) -> None:
    arm.control("POST", "faults", {"match": {"path_regex": "resourceGroups/rg$"}, "gather": 3, "timeout": 0.3})
    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client: client.call("GET", arm.rg).status_code, [another(arm), another(arm)]))
    assert answers == [200, 200]
    assert time.perf_counter() - begun >= 0.3
    begun = time.perf_counter()
    arm.get(arm.rg)
    assert time.perf_counter() - begun < 0.3


def test_who_waits_is_let_go_with_the_fault(arm: Client) -> None:
    arm.control("POST", "faults", {"match": {"path_regex": "resourceGroups/rg$"}, "gather": 2})
    with ThreadPoolExecutor(1) as pool:
        begun = time.perf_counter()
        current = pool.submit(another(arm).get, arm.rg)
        time.sleep(0.2)
        assert not current.done()
        arm.control("DELETE", "faults")
        assert current.result(timeout=5)["name"] == "rg"
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("status", [409, 429, 500, 502, 503, 504])
def test_answers_that_fail(arm: Client, status: int) -> None:
    arm.control(
        "POST",
        "faults",
        {"match": {"path_regex": "resourceGroups/rg$", "count": 2, "after": 1}, "status": status, "headers": {"Retry-After": 7}},
    )
    answers = [arm.call("GET", arm.rg) for _unused in range(4)]
    assert [each.status_code for each in answers] == [200, status, status, 200]
    assert answers[1].headers["retry-after"] == "7"
    assert answers[1].json()["error"].keys() == {"code", "message"}


def test_answers_of_ones_own_choice(arm: Client) -> None:
    body = {"error": {"code": "AnotherOperationInProgress", "message": "Another operation is in progress.", "details": []}}
    arm.control("POST", "faults", [{"match": {}, "status": 429, "body": body}, {"match": {}, "status": 503, "code": "Odd", "message": "m"}])
    assert arm.call("GET", arm.rg).json() == body
    assert arm.call("GET", arm.rg).json() == {"error": {"code": "Odd", "message": "m"}}


def test_reset_connections_change_nothing(arm: Client) -> None:
    arm.control("POST", "faults", {"match": {"method": "PUT"}, "reset": True})
    group = f"{arm.subscription}/resourceGroups/other"
    with pytest.raises((OSError, http.client.HTTPException)):
        arm.call("PUT", group, {"location": "westeurope"})
    assert arm.call("GET", group).status_code == 404


def test_operations_that_fail(arm: Client) -> None:
    """Each provider reports it its own way, and what existed stays."""
    match = {"method": "PUT", "path_regex": "privateDnsZones/", "count": 1}
    arm.control("POST", "faults", {"match": match, "lro_error": {"code": "Odd", "message": "m"}})
    zone = f"{arm.rg}/providers/Microsoft.Network/privateDnsZones/z.example"
    assert arm.failed("PUT", zone, {"location": "global"}) == {"code": "Odd", "message": "m"}
    assert arm.call("GET", zone).status_code == 404
    arm.zone("z.example")


def test_chances_follow_the_seed(arm: Client) -> None:
    runs = []
    for seed in (7, 7, 8):
        arm.control("DELETE", "faults")
        arm.control("PUT", "settings", {"seed": seed})
        arm.control("POST", "faults", {"match": {"path_regex": "resourceGroups/rg$", "count": 0, "probability": 0.5}, "status": 503})
        runs.append([arm.call("GET", arm.rg).status_code for _unused in range(24)])
    assert runs[0] == runs[1] != runs[2]
    assert {200, 503} == set(runs[0])


@pytest.mark.parametrize("fault", [{}, {"gather": 0}, {"gather": "two"}])
def test_what_is_no_fault(arm: Client, fault: dict[str, Any]) -> None:
    assert arm.connection.request("POST", "/_emulator/faults", str(fault).replace("'", '"').encode()).status_code == 400
    assert arm.control("GET", "faults") == {"faults": []}
