# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a management lock."""

from __future__ import annotations

import typing as t

from .._documents.ids import LOCK
from .._errors import OptionError
from .._identity import OnScope
from .._options import STATE, Spec
from .._resources.management_lock import ManagementLock
from .._values import emptied

if t.TYPE_CHECKING:
    from .._module import Task

_LEVELS = {"can_not_delete": "CanNotDelete", "read_only": "ReadOnly"}


IDENTITY = OnScope(LOCK, "managed_resource_id", group="resource_group")


RULES = {"required_if": [("state", "present", ["level"])]}
OPTIONS: Spec = {
    "level": {"type": "str", "choices": ["CanNotDelete", "ReadOnly", "can_not_delete", "read_only"]},
    "notes": {"type": "str"},
    **STATE,
}


def resources(task: Task) -> list[ManagementLock]:
    """Map the options to the resource."""
    if len(task["notes"] or "") > 512:
        raise OptionError("notes", f"{len(task['notes'])} characters are more than the 512 that Azure allows; shorten it.")
    place, name = IDENTITY.of(task)
    desired = None if task.absent else {"properties": {"level": _LEVELS.get(task["level"], task["level"]), "notes": emptied(task["notes"])}}
    return [ManagementLock(place.extension(ManagementLock.type, str(name)), desired)]
