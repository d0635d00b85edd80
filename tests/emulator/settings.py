# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user can set: tenants and subscriptions, timing, limits, throttling, policy."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from emulator.clouds import LOCAL, PROFILES
from emulator.errors import Json, bad_request
from emulator.policies import EFFECTS

TENANT = "a0000000-0000-4000-8000-000000000001"
CLIENT = "a0000000-0000-4000-8000-0000000000c1"
OBJECT = "a0000000-0000-4000-8000-0000000000d1"
SECRET = "emulator-secret"
SUBSCRIPTIONS = ("a0000000-0000-4000-8000-0000000000aa", "a0000000-0000-4000-8000-0000000000ab")

REAL_SECONDS: dict[str, float] = {
    "vault.create": 31,
    "vault.purge": 6,
    "connection.put": 35,
    "connection.delete": 31,
    "endpoint.create": 33,
    "endpoint.update": 20,
    "endpoint.delete": 21,
    "endpoint.notify": 14,
    "zone_group.put": 11,
    "zone_group.delete": 12,
    "network.put": 4,
    "network.delete": 10,
    "zone.put": 21,
    "zone.delete": 31,
    "link.put": 61,
    "link.delete": 61,
    "link.registration": 60,
    "group.delete": 60,
    "provider.register": 20,
    "policy.zone_group": 600,
}
"""How long the real Azure takes (medians of recordings and reports)."""

TIMINGS = ("none", "fast", "real")
FAST_HINT_MS = 200

LIMITS: dict[str, int] = {
    "endpoints_per_vault": 64,
    "vaults_with_endpoints_per_subscription": 400,
    "endpoints_per_network": 1000,
    "endpoints_per_large_network": 5000,
    "endpoints_per_subscription": 64000,
    "zones_per_subscription": 1000,
    "record_sets_per_zone": 25000,
    "records_per_set": 20,
    "links_per_zone": 1000,
    "registration_links_per_zone": 100,
    "zones_per_group": 5,
    "request_message": 140,
}


@dataclass(slots=True)
class Settings:
    """Settings that the control API shows and changes.

    ``durations``: seconds by operation, over those of the timing. ``page_size``: entries per page of a list (0: all in one).
    ``policy``: ``{"group_name", "zones": {group id: zone id}}`` of an Azure Policy that gives new endpoints a zone group.
    ``rules``: of Azure Policy's Deny and Modify, and of what a service drops (see ``policies.py``).
    ``cloud``: which cloud is played (see ``clouds.py``).
    ``throttling``: whether quotas refuse; ``throttle_scale``: their size as a part of Azure's. ``seed``: of the faults' chances.
    """

    timing: str = "fast"
    durations: dict[str, float] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    page_size: int = 0
    throttling: bool = False
    throttle_scale: float = 1.0
    policy: Json | None = None
    rules: list[Json] = field(default_factory=list)
    seed: int = 0
    cloud: str = LOCAL.name

    def seconds(self, operation: str) -> float:
        """How long an operation takes under this timing."""
        if operation in self.durations:
            return self.durations[operation]
        real = REAL_SECONDS[operation]
        return {"none": 0.0, "fast": min(real / 10, 0.8), "real": real}[self.timing]

    def hint(self, seconds: float) -> dict[str, str]:
        """The header that tells a client when to look again."""
        if self.timing == "none" or not seconds:
            return {}
        if self.timing == "fast":
            return {"x-ms-retry-after-ms": str(FAST_HINT_MS)}
        return {"Retry-After": str(int(seconds))}

    def fast_hint(self) -> dict[str, str]:
        """A hint where Azure sends none (so that a client's 30 seconds of patience do not spoil the fast timing)."""
        return self.hint(1) if self.timing == "fast" else {}

    def change(self, wanted: Json) -> None:
        """Set what is named; unknown names and timings are refused."""
        known = {each.name for each in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise bad_request("UnknownSetting", f"There is no setting '{name}'; there are: {', '.join(sorted(known))}.")
            if name == "timing" and value not in TIMINGS:
                raise bad_request("UnknownTiming", f"timing is one of {', '.join(TIMINGS)}, not '{value}'.")
            if name == "cloud" and value not in PROFILES:
                raise bad_request("UnknownCloud", f"cloud is one of {', '.join(PROFILES)}, not '{value}'.")
            if name == "rules" and not all(rule.get("path") and rule.get("effect") in EFFECTS for rule in value):
                raise bad_request("InvalidRule", f"A rule has a path, and as its effect one of {', '.join(EFFECTS)}.")
            setattr(self, name, {**LIMITS, **value} if name == "limits" else value)

    def dump(self) -> dict[str, Any]:
        return asdict(self)
