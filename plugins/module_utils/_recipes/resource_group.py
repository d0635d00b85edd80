# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a resource group."""

from __future__ import annotations

import typing as t

from .._identity import InSubscription
from .._options import STATE, TAGS, Spec
from .._resources.resource_group import ResourceGroup
from .._spelling import GROUP as SPELLING
from .._values import location, resource_group_name

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = InSubscription(provider=False, check=resource_group_name)


OPTIONS: Spec = {
    "location": {"type": "str"},
    "force_delete_nonempty": {"type": "bool", "default": False},
    **TAGS,
    **STATE,
}


def resources(task: Task) -> list[ResourceGroup]:
    """Map the options to the resource."""
    desired = None if task.absent else {"location": location(task["location"])}
    force = task["force_delete_nonempty"]
    return [ResourceGroup(IDENTITY.of(task), desired, force=force, spelling=SPELLING, **task.tagging)]
