# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals in a role of this collection name the variable that its user wrote, not the option that the role hands it to."""

from __future__ import annotations

import os
import re
import typing as t

COLLECTION = "privatelink.azure"
_ENTRY = re.compile(r"\Avaults\[[^\]]*\]\.")  # which a role for one vault makes


def in_words_of_the_role(result: dict[str, t.Any], role: t.Any, task_vars: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a task's result in which refused options, also those of errors, are called as the role's user calls them.

    role: of Ansible, None where the task is in none. task_vars: the variables of the task; an option that none of them sets keeps its name.
    """
    if role is None or not result.get("failed") or getattr(role, "_role_collection", None) != COLLECTION:
        return result
    name = os.path.basename(role.get_role_path())
    errors = [_respelled(error, name, task_vars) for error in result.get("errors") or []]
    return {**_respelled(result, name, task_vars), **({"errors": errors} if errors else {})}


def _respelled(fields: dict[str, t.Any], role: str, task_vars: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    option, message = fields.get("option"), fields.get("msg")
    if not isinstance(option, str) or not isinstance(message, str) or not message.startswith(f"{option}:"):
        return fields
    variable = _variable(option, role, task_vars)
    return {**fields, "option": variable, "msg": f"{variable}{message.removeprefix(option)}"}


def _variable(option: str, role: str, task_vars: t.Mapping[str, t.Any]) -> str:
    """Return the variable of a role that sets an option: it has the role's name before it, or that name's first word."""
    prefixes = (f"{role}_", f"{role.partition('_')[0]}_")
    for own in (_ENTRY.sub("", option), option):
        name = re.split(r"[.\[]", own, maxsplit=1)[0]
        found = next((prefix for prefix in prefixes if f"{prefix}{name}" in task_vars), None)
        if found:
            return f"{found}{own}"
    return option
