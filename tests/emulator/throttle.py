# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Azure's quotas leave, and its refusals: ARM's token buckets, Microsoft.Network's window, private DNS by minute and zone.

The counts are in the headers always; they refuse only when the settings say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.errors import ArmError
from emulator.operations import Clock
from emulator.settings import Settings

if TYPE_CHECKING:
    from emulator.wire import Call

KINDS = {"GET": "reads", "HEAD": "reads", "PUT": "writes", "PATCH": "writes", "POST": "writes", "DELETE": "deletes"}
BUCKETS = {"reads": (250, 25.0), "writes": (200, 10.0), "deletes": (200, 10.0)}
"""ARM: tokens in a full bucket, tokens that come back in a second; per subscription, principal and kind."""

GLOBAL_FACTOR = 15
"""All principals of a subscription together have 15 times as much."""

NETWORK_SECONDS = 300
NETWORK = {"reads": 10_000, "writes": 1_000}
"""Microsoft.Network without private DNS: requests of a subscription in five minutes and a region; deletions are writes."""

MINUTE = 60
ZONES = {"get": 200, "list": 100, "list of all": 60, "write": 40}
"""Private DNS zones in a minute: reads of one zone, lists of a group, lists of a subscription, writes of a subscription."""

IN_ZONE = {
    "virtualnetworklinks": {"get": 100, "list": 100, "write": 60},  # unrecorded: the list of a zone's links
    "": {"get": 200, "list": 100, "create": 60, "update": 60, "delete": 60},
}
"""Links and record sets of one zone in a minute (second-hand: Azure's page on the limits of DNS, 2024-10)."""

SHOWN_SECONDS = 300
SHOWN = {"reads": 500, "writes": 800}
"""What the header of private DNS counts down from (recorded: 499 after a GET in 2023, 799 after a PUT in 2025); it refuses nothing.
unrecorded: the seconds."""


@dataclass(slots=True)
class _Bucket:
    level: float
    moment: float


@dataclass(slots=True)
class _Window:
    begun: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a time that begins with the first one; ``key`` says what is counted together."""

    key: tuple[str, ...]
    most: int
    seconds: int


class Throttle:
    """What is left for whom."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._windows: dict[tuple[str, ...], _Window] = {}

    def clear(self) -> None:
        self._buckets.clear()
        self._windows.clear()

    def take(self, call: Call, settings: Settings) -> dict[str, str]:
        """Count a request; the headers that say what remains, or Azure's 429."""
        subscription = call.parameters.get("subscription", "").lower()
        kind = KINDS[call.method]
        capacity, refill = BUCKETS[kind]
        scale = settings.throttle_scale
        scope = "subscription" if subscription else "tenant"
        key = (scope, subscription, call.principal.object_id, kind)
        left, wait = self._draw(key, capacity * scale, refill * scale, settings.throttling)
        if wait:
            raise _refused_by_arm(call, subscription, wait)
        headers = {f"x-ms-ratelimit-remaining-{scope}-{kind}": str(left)}
        if not subscription:
            return headers
        everyone, _unused = self._draw(
            ("global", subscription, kind), capacity * GLOBAL_FACTOR * scale, refill * GLOBAL_FACTOR * scale, False
        )
        headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = str(everyone)
        return {**headers, **self._provider(call, subscription, settings)}

    def _provider(self, call: Call, subscription: str, settings: Settings) -> dict[str, str]:
        """The provider's own limits; private DNS shows a count of its own (wire facts 11)."""
        for limit in limits(call):
            _left, wait = self._count(limit, settings.throttle_scale, settings.throttling)
            if wait:
                raise _refused_by_provider(call, wait, limit)
        if not call.route.type.lower().startswith("microsoft.network/privatedns"):
            return {}
        kind = "reads" if KINDS[call.method] == "reads" else "writes"
        left, _unused = self._count(Limit(("shown", subscription, kind), SHOWN[kind], SHOWN_SECONDS), settings.throttle_scale, False)
        return {"x-ms-ratelimit-remaining-subscription-resource-requests": str(left)}

    def _draw(self, key: tuple[str, ...], capacity: float, refill: float, enforced: bool) -> tuple[int, float]:
        """Take one token: what is left, and how long to wait where none was (0: taken)."""
        now = self._clock.now()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(capacity, now)
        level = min(capacity, bucket.level + max(0.0, now - bucket.moment) * refill)
        bucket.moment = now
        if level < 1:
            bucket.level = level
            return 0, (1 - level) / refill if enforced else 0.0
        bucket.level = level - 1
        return int(bucket.level), 0.0

    def _count(self, limit: Limit, scale: float, enforced: bool) -> tuple[int, float]:
        """Count a request in its window: what is left, and how long until the next window where nothing is (0: counted)."""
        now, most = self._clock.now(), int(limit.most * scale)
        window = self._windows.get(limit.key)
        if window is None or now >= window.begun + limit.seconds:
            window = self._windows[limit.key] = _Window(now)
        if window.count >= most and enforced:
            return 0, window.begun + limit.seconds - now
        window.count += 1
        return max(0, most - window.count), 0.0


def limits(call: Call) -> Iterator[Limit]:
    """The limits of the provider that a call counts for; asking for an operation is in none of them."""
    parts = call.route.type.lower().split("/")
    if parts[0] != "microsoft.network" or "{operation}" in call.route.template:
        return
    subscription = call.parameters["subscription"].lower()
    if parts[1] != "privatednszones":
        kind = "reads" if KINDS[call.method] == "reads" else "writes"
        yield Limit(("network", subscription, _region(call), kind), NETWORK[kind], NETWORK_SECONDS)
    elif len(parts) == 2:
        name = _zone_action(call)
        scope = call.id.lower() if name in ("get", "list") else subscription
        yield Limit(("zones", scope, name), ZONES[name], MINUTE)
    else:
        kind = "virtualnetworklinks" if parts[2] == "virtualnetworklinks" else ""
        zone = "/".join(call.id.lower().split("/")[:9])
        name = _action(call)
        name = name if name in IN_ZONE[kind] else "write"
        yield Limit(("in zone", zone, kind, name), IN_ZONE[kind][name], MINUTE)


def _zone_action(call: Call) -> str:
    if KINDS[call.method] != "reads":
        return "write"
    return "get" if "zone" in call.parameters else "list" if call.group else "list of all"


def _action(call: Call) -> str:
    """What a call does to one of a zone's own: get, list, create, update, delete."""
    if KINDS[call.method] == "reads":
        return "get" if call.parameters.keys() & {"name", "link"} else "list"
    if call.method == "DELETE":
        return "delete"
    return "update" if call.id in call.emulator.store else "create"


def _region(call: Call) -> str:
    """The region that a call is for: that of the resource or what it is in, or the one that is sent; a list is for none."""
    parts = call.id.split("/")
    record = call.emulator.store.get("/".join(parts[:9]))
    location = record.document.get("location") if record else call.body.get("location") if isinstance(call.body, dict) else ""
    return str(location or "").replace(" ", "").lower()


def _refused_by_arm(call: Call, subscription: str, wait: float) -> ArmError:
    seconds = max(1, int(wait) + 1)
    message = (
        f"Number of requests for subscription '{subscription}' and operation '{call.route.action}' exceeded the backend storage limit. "
        f"Please try again after '{seconds}' seconds."
    )
    headers = {"Retry-After": str(seconds), f"x-ms-ratelimit-remaining-subscription-{KINDS[call.method]}": "0"}
    return ArmError(429, "SubscriptionRequestsThrottled", message, headers=headers)


def _refused_by_provider(call: Call, wait: float, limit: Limit) -> ArmError:
    """second-hand: code, text and headers (terraform-provider-azurerm#9816)."""
    seconds = max(1, int(wait) + 1)
    interval = f"00:{limit.seconds // 60:02}:00"
    message = (
        f"Number of requests for action '{call.route.action}' exceeded the limit of '{limit.most}' for time interval '{interval}'. "
        f"Please try again after '{seconds}' seconds."
    )
    return ArmError(429, "ResourceRequestsThrottled", message, headers={"Retry-After": str(seconds), "x-ms-failure-cause": "gateway"})
