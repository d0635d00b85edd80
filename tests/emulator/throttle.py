# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARM's token buckets and their headers; they refuse only when the settings say so."""

from __future__ import annotations

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

WINDOW = 300.0
RESOURCE_LIMITS = {
    ("microsoft.network/privatednszones", "reads"): 500,
    ("microsoft.network/privatednszones", "writes"): 12_000,
    ("microsoft.network/privatednszones", "deletes"): 12_000,
    ("microsoft.network", "reads"): 10_000,
    ("microsoft.network", "writes"): 1_000,
    ("microsoft.network", "deletes"): 1_000,
}
"""Requests in five minutes at a provider."""


@dataclass(slots=True)
class _Bucket:
    level: float
    moment: float


class Throttle:
    """What is left for whom."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def clear(self) -> None:
        self._buckets.clear()

    def take(self, call: Call, settings: Settings) -> dict[str, str]:
        """Count a request; the headers that say what remains, or Azure's 429."""
        subscription = call.parameters.get("subscription", "").lower()
        kind = KINDS[call.method]
        capacity, refill = BUCKETS[kind]
        scale = settings.throttle_scale
        enforced = settings.throttling
        scope = "subscription" if subscription else "tenant"
        left, wait = self._draw((scope, subscription, call.principal.object_id, kind), capacity * scale, refill * scale, enforced)
        if wait:
            raise _too_many(subscription, call, wait, "SubscriptionRequestsThrottled")
        headers = {f"x-ms-ratelimit-remaining-{scope}-{kind}": str(left)}
        if subscription:
            everyone, _unused = self._draw(
                ("global", subscription, kind), capacity * GLOBAL_FACTOR * scale, refill * GLOBAL_FACTOR * scale, False
            )
            headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = str(everyone)
        return headers if not subscription else {**headers, **self._provider(call, subscription, kind, settings)}

    def _provider(self, call: Call, subscription: str, kind: str, settings: Settings) -> dict[str, str]:
        """The provider's own limit; private DNS shows what is left of it (wire facts 11)."""
        low = call.route.type.lower()
        private_dns = low.startswith("microsoft.network/privatedns")
        name = "microsoft.network/privatednszones" if private_dns else call.route.namespace.lower()
        limit = RESOURCE_LIMITS.get((name, kind))
        if limit is None:
            return {}
        key = ("provider", subscription, name, "writes" if kind == "deletes" else kind)
        left, wait = self._draw(key, limit * settings.throttle_scale, limit * settings.throttle_scale / WINDOW, settings.throttling)
        if wait:
            raise _too_many(subscription, call, wait, "ResourceRequestsThrottled", limit)
        return {"x-ms-ratelimit-remaining-subscription-resource-requests": str(left)} if private_dns else {}

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


def _too_many(subscription: str, call: Call, wait: float, code: str, limit: int = 0) -> ArmError:
    seconds = max(1, int(wait) + 1)
    if code == "ResourceRequestsThrottled":
        message = (
            f"Number of requests for action '{call.route.action}' exceeded the limit of '{limit}' for time interval '00:05:00'. "
            f"Please try again after '{seconds}' seconds."
        )
    else:
        message = (
            f"Number of requests for subscription '{subscription}' and operation '{call.route.action}' exceeded the backend storage limit. "
            f"Please try again after '{seconds}' seconds."
        )
    kind = KINDS[call.method]
    headers = {"Retry-After": str(seconds), f"x-ms-ratelimit-remaining-subscription-{kind}": "0"}
    return ArmError(429, code, message, headers=headers)
