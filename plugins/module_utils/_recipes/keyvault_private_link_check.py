# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to the verdicts on vaults, to the files that pipelines read, and to whether the task fails."""

from __future__ import annotations

import collections
import typing as t

from .._azure.snapshot import Snapshot
from .._documents.compare import Document
from .._documents.ids import VAULT
from .._errors import Problem
from .._files import kept_text, require_writable
from .._identity import Level, Nested
from .._options import Spec
from .._views.check_catalogue import BY_ID
from .._views.check_junit import junit_text
from .._views.check_sarif import sarif_text
from .._views.checks import Checked, check_vaults, summary
from . import checking, vault_scope

if t.TYPE_CHECKING:
    from .._module import Task

_ONE = Nested((Level(VAULT, "name", "id"),))
OPTIONS: Spec = {
    **_ONE.options,
    **vault_scope.OPTIONS,
    **checking.OPTIONS,
    "fail_on": {"type": "str", "choices": ["error", "warning", "none"], "default": "error"},
    "junit": {"type": "path"},
    "sarif": {"type": "path"},
}
_WAYS = ("subscription_ids", "resource_groups", "vault_ids")
RULES = {
    "mutually_exclusive": [("id", "name"), ("id", "resource_group"), *((one, way) for one in ("id", "name") for way in _WAYS)],
    "required_by": {"name": "resource_group", "resource_group": "name"},
}


def read(task: Task) -> Document:
    """Return the verdicts, and write the files that are asked for."""
    require_writable({option: task[option] for option in ("junit", "sarif")}, check_mode=task.check_mode)
    wanted = checking.wanted(task)
    world = Snapshot(task.world)
    vault = _ONE.of(task) if task["id"] or task["name"] else None
    estate = vault_scope.vaults_of(task, world, vault)
    checked = check_vaults(world, estate, wanted)
    return {"summary": summary(checked), "vaults": [each.rendered() for each in checked], **_written(task, checked)}


def failure(task: Task, result: Document) -> Problem | None:
    """Return why the task fails for what it found: findings as severe as fail_on says."""
    severities = {"error": ("error",), "warning": ("error", "warning"), "none": ()}[task["fail_on"]]
    failed: collections.Counter[str] = collections.Counter()
    vaults = 0
    for vault in result["vaults"]:
        found = [each["check"] for each in vault["verdicts"] if each["status"] in ("failed", "unknown") and each["severity"] in severities]
        failed.update(found)
        vaults += bool(found)
    if not vaults:
        return None
    named = ", ".join(f"{check} ({count})" for check, count in sorted(failed.items(), key=lambda each: list(BY_ID).index(each[0])))
    what = f"{vaults} of {len(result['vaults'])} key vaults did not pass: {named}"
    hint = "Each verdict in vaults has message, hint and fix, which is a list of tasks."
    return Problem(what, code="ChecksFailed", hint=hint)


def _written(task: Task, checked: t.Sequence[Checked]) -> Document:
    """Write the files whose content differs, except in check mode; return their paths, changed and diff."""
    found: Document = {"changed": False, "diff": []}
    texts = {
        "junit": lambda: junit_text(checked, warnings_fail=task["fail_on"] == "warning"),
        "sarif": lambda: sarif_text(checked),
    }
    for option, text in texts.items():
        if task[option]:
            diff = kept_text(str(task[option]), text(), option, check_mode=task.check_mode)
            found[option] = str(task[option])
            found["changed"] = found["changed"] or diff is not None
            found["diff"] += [diff] if diff else []
    return found
