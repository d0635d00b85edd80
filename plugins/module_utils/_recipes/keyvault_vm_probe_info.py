# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a probe on a virtual machine to the script that runs there, and to its results."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.ids import VIRTUAL_MACHINE
from .._documents.probe_scripts import AT_ONCE
from .._options import Spec
from .._values import resource_id
from .._views.vm_probe import Probing, machine_of
from .probe_targets import targets

if t.TYPE_CHECKING:
    from .._module import Task

OPTIONS: Spec = {
    "vm_id": {"type": "str", "required": True},
    "vaults": {"type": "list", "elements": "raw", "required": True},
}


def read(task: Task) -> Document:
    """Probe the vaults, in check mode only show what would run."""
    vm_id = resource_id(task["vm_id"], "vm_id", VIRTUAL_MACHINE)
    vaults = targets(task["vaults"], task.world.cloud)
    machine = machine_of(task.world, vm_id)
    script = machine.script(vaults[:AT_ONCE])
    header = f"{machine.command} on {machine.label}"
    shown = {
        "id": str(vm_id),
        "os_type": machine.os_type,
        "virtual_network_id": machine.network_id,
        "script": script,
        "diff": {"before_header": header, "after_header": header, "before": "", "after": script},
    }
    if task.check_mode:
        msg = f"In check mode nothing runs on {machine.label}, so no vault was probed."
        return {**shown, "proven": False, "code": "NotProbed", "msg": msg, "hint": None, "results": [], "commands": 0, "truncated": False}
    return {**shown, **Probing(task.world, machine, vaults).report()}
