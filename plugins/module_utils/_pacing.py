# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long Azure's rate limits make planned writes take. Pure: the rules are those of the throttle."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ._azure.throttle import Bucket, Key, Limit, RequestKey, Window, limit_for

# How results name a rule of the throttle, and what it counts.
_RULES = {
    "writes": ("resource_manager_writes", "writes in subscription '{}'"),
    "deletes": ("resource_manager_deletes", "deletions in subscription '{}'"),
    "network writes": ("network_writes", "writes to Microsoft.Network in subscription '{}'"),
    "zones": ("private_dns_zones", "writes of private DNS zones in subscription '{}'"),
    "zone records": ("private_dns_records", "writes of records in zone '{}'"),
    "zone links": ("private_dns_links", "writes of virtual network links of zone '{}'"),
}
_BY_AZURE = "; with dns: zone_group Azure writes the records itself, without that limit"


class Write(t.NamedTuple):
    """A request that changes something. method: PUT, PATCH, POST or DELETE; path: of its address, which is the id of the resource."""

    method: str
    path: str


@dataclasses.dataclass(frozen=True)
class Pacing:
    """What is planned, and how long it takes.

    writes: the number of requests. seconds: how long Azure's rate limits make them take; the operations themselves
    may take longer. limited_by: the name of the limit that makes it so, None where none does. message: all of it, in words.
    """

    writes: int
    seconds: float
    limited_by: str | None
    message: str

    def result(self) -> dict[str, t.Any]:
        """Return it as a result shows it."""
        return {"writes": self.writes, "seconds": round(self.seconds), "limited_by": self.limited_by, "message": f"{self.message}."}


def pacing_of(writes: t.Iterable[Write]) -> Pacing:
    """Return how long Azure's rate limits make these writes take, where nothing else uses up what they allow."""
    counts: collections.Counter[Key] = collections.Counter()
    puts: collections.Counter[Key] = collections.Counter()
    number = 0
    for write in writes:
        keys = RequestKey("", write.method, write.path).limits
        counts.update(keys)
        puts.update(keys if write.method == "PUT" else ())
        number += 1
    planned = f"{number:,} {'write' if number == 1 else 'writes'} planned"
    slowest = max(counts, key=lambda key: limit_for(key).seconds_for(counts[key]), default=None)
    limit = limit_for(slowest) if slowest else Limit()
    seconds = limit.seconds_for(counts[slowest]) if slowest else 0.0
    if slowest is None or seconds <= 0:
        return Pacing(number, 0.0, None, planned)
    name, counted = _RULES[slowest[0]]
    where = slowest[-1].rpartition("/")[2]
    instead = _BY_AZURE if slowest[0] == "zone records" and puts[slowest] else ""
    reason = f"{counts[slowest]:,} {counted.format(where)} take {about(seconds)}, because Azure accepts {_rate(limit)}{instead}"
    return Pacing(number, seconds, name, f"{planned}; {reason}")


def _rate(limit: Limit) -> str:
    if isinstance(limit, Bucket):
        return f"{limit.capacity:g} at once and {limit.rate:g} a second"
    if isinstance(limit, Window):
        return f"{limit.most:,} {'a minute' if limit.seconds == 60 else f'in {limit.seconds / 60:g} minutes'}"
    raise TypeError("a limit without a rate takes no time")


def about(seconds: float) -> str:
    """Return a duration as precisely as an estimate is: about 40 s, about 4 min, about 1 h 20 min."""
    if seconds < 90:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} min"
    hours, rest = divmod(10 * round(minutes / 10), 60)
    return f"about {hours} h" + (f" {rest} min" if rest else "")
