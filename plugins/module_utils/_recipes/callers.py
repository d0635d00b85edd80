# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to the question who would be locked out of a vault."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document
from .._errors import OptionError
from .._identity import ABOUT_VAULT
from .._options import Spec
from .._views.callers import Accepted, Callers
from .._views.callers_reading import read_callers
from .._views.locked_out import CallersQuestion
from .._views.private_path_reading import gates_of

if t.TYPE_CHECKING:
    from .._module import Task
    from .settings import Settings

OPTIONS: Spec = {"days": {"type": "int", "default": 30}}
LONGEST = 730  # days that a workspace keeps records for queries. Source: Azure Monitor's page on retention.


def callers_question(
    days: int | None, accepted: t.Sequence[str] | None, options: t.Sequence[str] = ("callers_days", "accepted_callers")
) -> CallersQuestion:
    """Return what is asked about callers. options: how the user calls the two."""
    if days:
        _check_days(days, options[0], "pass 0 not to ask, or")
    try:
        return CallersQuestion(days or 0, Accepted.of(accepted or ()))
    except ValueError as error:
        raise OptionError(
            options[1],
            f"'{error}' is neither an address or range like 203.0.113.0/24 nor a user principal name, object id or application id.",
        ) from None


def _check_days(days: int, option: str, advice: str) -> None:
    if not 1 <= days <= LONGEST:
        raise OptionError(option, f"{days} is not a number of days; {advice} 1 to {LONGEST}.")


def question_of_settings(settings: Settings) -> CallersQuestion:
    """Return what is asked about the callers of a vault of a run."""
    days, accepted = "callers_days", "accepted_callers"
    return callers_question(settings[days], settings[accepted], (settings.option(days), settings.option(accepted)))


def read(task: Task) -> Document:
    """Return who called a vault."""
    vault, days = ABOUT_VAULT.of(task), int(task["days"])
    _check_days(days, "days", "pass")
    document = task.world.get(kinds.VAULT, vault)
    if document is None:
        gone = Callers(days, reason=f"key vault '{vault.name}' was not found", hint="Correct the vault's id.")
        return {"id": str(vault), "exists": False, **gone.result("None")}
    return {"id": str(vault), "exists": True, **read_callers(task.world, vault, days).result(gates_of(document).bypass)}
