# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of an export to the variables of private vaults, and to the file that holds them."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.yaml_text import yaml_text
from .._files import kept_text, require_writable
from .._options import Spec
from .._views.export import Export
from . import vault_scope

if t.TYPE_CHECKING:
    from .._module import Task

OPTIONS: Spec = {**vault_scope.OPTIONS, "dest": {"type": "path"}}
_HEAD = """---
# Key vaults with their private endpoints, exported from Azure by privatelink.azure.export.
# ansible-playbook privatelink.azure.fleet -e @FILE changes nothing until something here is changed.
"""


def read(task: Task) -> Document:
    """Return the variables, and write them into the file where one is named."""
    require_writable({"dest": task["dest"]}, check_mode=task.check_mode)
    export = Export(task.world, vault_scope.vaults_of(task))
    variables = export.variables()
    found: Document = {"variables": variables, "vaults": list(variables["private_vaults_vaults"]), "not_exported": export.not_exported}
    return {**found, **_written(task, _HEAD + yaml_text(variables))} if task["dest"] else found


def _written(task: Task, text: str) -> Document:
    """Write the file where its content differs, except in check mode; return dest, changed and diff."""
    dest = str(task["dest"])
    diff = kept_text(dest, text, "dest", check_mode=task.check_mode)
    return {"dest": dest, "changed": diff is not None, "diff": diff or {"before": {}, "after": {}}}
