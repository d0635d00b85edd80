# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to an A record set."""

from __future__ import annotations

import typing as t

from .._documents.ids import A_RECORD
from .._errors import OptionError
from .._identity import CHECKED_ZONE_LEVEL, Level, Nested
from .._options import STATE, Spec
from .._resources.private_dns_a_record import PrivateDnsARecordSet
from .._spelling import A_RECORD as SPELLING
from .._values import ipv4

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = Nested((CHECKED_ZONE_LEVEL, Level(A_RECORD, "name", "id")))


RULES = {"required_if": [("state", "present", ("ipv4_addresses",))]}
OPTIONS: Spec = {
    "allow_other_zone": {"type": "bool", "default": False},
    "ipv4_addresses": {"type": "list", "elements": "str"},
    "mode": {"type": "str", "choices": ["add", "replace"], "default": "add"},
    "ttl": {"type": "int"},
    "metadata": {"type": "dict"},
    **STATE,
}


def resources(task: Task) -> list[PrivateDnsARecordSet]:
    """Map the options to the resource."""
    record_set = IDENTITY.of(task)
    given = task["ipv4_addresses"] or []
    addresses = [ipv4(item, "ipv4_addresses", unknown_allowed=task.check_mode) for item in given]
    if task.absent:
        return [PrivateDnsARecordSet(record_set, {} if addresses else None, addresses=addresses, mode="remove", spelling=SPELLING)]
    if not addresses:
        raise OptionError(
            "ipv4_addresses", "is empty, and a record set without an address does not resolve; pass the private address of the endpoint."
        )
    properties = {
        "ttl": time_to_live(task["ttl"]),
        "metadata": task["metadata"] and {key: str(value) for key, value in task["metadata"].items()},
    }
    return [PrivateDnsARecordSet(record_set, {"properties": properties}, addresses=addresses, mode=task["mode"], spelling=SPELLING)]


def time_to_live(value: int | None, option: str = "ttl") -> int | None:
    """Return a checked number of seconds."""
    if value is not None and not 1 <= value <= 2147483647:
        raise OptionError(option, f"{value} is not a valid time to live; use 1 to 2147483647 seconds.")
    return value
