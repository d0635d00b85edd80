# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a private DNS zone."""

from __future__ import annotations

import typing as t

from .._documents.ids import ZONE
from .._identity import Level, Nested, vault_zone
from .._options import STATE, TAGS, Spec
from .._resources.private_dns_zone import PrivateDnsZone
from .._spelling import ZONE as SPELLING
from .._values import zone_name

if t.TYPE_CHECKING:
    from .._module import Task


def _of_vaults(task: Task, name: str, option: str) -> None:
    zone_name(name, task.world.cloud, option, any_zone=task["allow_other_zone"])


IDENTITY = Nested((Level(ZONE, "name", "id", default=vault_zone, check=_of_vaults),))


OPTIONS: Spec = {
    "allow_other_zone": {"type": "bool", "default": False},
    **TAGS,
    **STATE,
}


def resources(task: Task) -> list[PrivateDnsZone]:
    """Map the options to the resource."""
    return [PrivateDnsZone(IDENTITY.of(task), None if task.absent else {"location": "global"}, spelling=SPELLING, **task.tagging)]
