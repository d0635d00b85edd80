# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas: ARM's buckets refill all the time; those of the providers begin anew when their time is over."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client

NETWORK = "providers/Microsoft.Network"


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def throttled(arm: Client, scale: float = 1.0) -> None:
    """Let quotas refuse; that also fills them."""
    arm.control("PUT", "settings", {"throttling": True, "throttle_scale": scale})


def left(answer: Any, kind: str) -> int:
    return int(answer.headers[f"x-ms-ratelimit-remaining-subscription-{kind}"])


@pytest.mark.parametrize(
    ("method", "path", "kind", "size"),
    [
        ("GET", "resourceGroups", "reads", 250),
        ("PUT", "resourceGroups/rg", "writes", 200),
        ("DELETE", "resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-none", "deletes", 200),
    ],
)
def test_arms_buckets(arm: Client, method: str, path: str, kind: str, size: int) -> None:
    throttled(arm)
    body = {"location": "westeurope"} if method == "PUT" else None
    first = arm.call(method, f"{arm.subscription}/{path}", body)
    assert left(first, kind) == size - 1
    assert left(first, f"global-{kind}") == 15 * size - 1
    throttled(arm, 5.0 / size)
    answers = [arm.call(method, f"{arm.subscription}/{path}", body) for _unused in range(8)]
    refused = next(each for each in answers if each.status_code == 429)
    assert code(refused) == "SubscriptionRequestsThrottled"
    assert left(refused, kind) == 0
    arm.control("PUT", "clock", {"advance": int(refused.headers["retry-after"])})
    assert arm.call(method, f"{arm.subscription}/{path}", body).status_code < 300


def asked(arm: Client, count: int, method: str, path: str, body: Any = None) -> list[Any]:
    """The answers to so many requests, between which ARM's own bucket fills again, in far less than a minute."""
    found = []
    for number in range(count):
        if number % 150 == 149:
            arm.control("PUT", "clock", {"advance": 5})
        found.append(arm.call(method, path.format(number), body))
    return found


ZONE = f"{NETWORK}/privateDnsZones/a.example"
LINK = {"location": "global", "properties": {"registrationEnabled": False}}


@pytest.mark.parametrize(
    ("method", "path", "body", "most"),
    [
        ("PUT", f"{NETWORK}/privateDnsZones/z{{}}.example", {"location": "global"}, 40),
        ("GET", f"{NETWORK}/privateDnsZones", None, 100),
        ("GET", ZONE, None, 200),
        ("PUT", ZONE + "/A/r{}", {"properties": {"ttl": 60, "aRecords": []}}, 60),
        ("PUT", ZONE + "/A/r", {"properties": {"ttl": 60, "aRecords": []}}, 60),
        ("DELETE", ZONE + "/A/r{}", None, 60),
        ("GET", ZONE + "/A", None, 100),
        ("GET", ZONE + "/A/r", None, 200),
        ("DELETE", ZONE + "/virtualNetworkLinks/l{}", None, 60),
        ("GET", ZONE + "/virtualNetworkLinks", None, 100),
    ],
)
def test_private_dns_by_minute_and_zone(arm: Client, method: str, path: str, body: Any, most: int) -> None:
    for name in ("a.example", "b.example"):
        arm.zone(name)
        arm.do("PUT", f"{arm.rg}/{NETWORK}/privateDnsZones/{name}/A/r", {"properties": {"ttl": 60, "aRecords": []}})
    throttled(arm)
    answers = asked(arm, most + 1, method, f"{arm.rg}/{path}", body)
    assert [each.status_code for each in answers[:-1]] == [answers[0].status_code] * most
    assert answers[0].status_code < 300
    refused = answers[-1]
    assert (refused.status_code, code(refused)) == (429, "ResourceRequestsThrottled")
    assert refused.headers["x-ms-failure-cause"] == "gateway"
    assert f"the limit of '{most}' for time interval '00:01:00'" in refused.json()["error"]["message"]
    if "a.example/" in path:
        arm.control("PUT", "clock", {"advance": 1})
        assert arm.call(method, f"{arm.rg}/{path}".replace("a.example", "b.example").format(0), body).status_code < 300
    arm.control("PUT", "clock", {"advance": int(refused.headers["retry-after"])})
    assert arm.call(method, f"{arm.rg}/{path}".format(0), body).status_code < 300


def test_what_private_dns_shows(arm: Client) -> None:
    zone = arm.zone()
    throttled(arm)
    assert left(arm.call("GET", zone), "resource-requests") == 499
    assert left(arm.call("PUT", zone, {"location": "global"}), "resource-requests") == 799


def test_the_network_provider_by_region_in_five_minutes(arm: Client) -> None:
    here, there = arm.network()[0], arm.network("far", location="northeurope")[0]
    throttled(arm, 0.01)  # ten writes
    answers = []
    for _unused in range(11):
        arm.control("PUT", "clock", {"advance": 20})
        answers.append(arm.call("PATCH", here, {"tags": {}}))
    assert [each.status_code for each in answers] == [200] * 10 + [429]
    assert "for time interval '00:05:00'" in answers[-1].json()["error"]["message"]
    arm.control("PUT", "clock", {"advance": 20})
    assert arm.call("PATCH", there, {"tags": {}}).status_code == 200
    arm.control("PUT", "clock", {"advance": int(answers[-1].headers["retry-after"]) - 20})
    assert arm.call("PATCH", here, {"tags": {}}).status_code == 200
