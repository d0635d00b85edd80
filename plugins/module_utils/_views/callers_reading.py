# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the Log Analytics workspaces to which a vault sends its audit log who called it. What cannot be known is said, with a next step."""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.audit_log import Row, has_no_table, query_of, rows_of
from .._documents.compare import Document, at
from .._documents.ids import ResourceId
from .._errors import ArmError, echoed
from .._hints import hint_for
from .callers import Callers, callers_of

if t.TYPE_CHECKING:
    from .._azure.world import World

# Of the query through Resource Manager, which takes the same token as everything else. Source: azure-rest-api-specs, operationalinsights.
_QUERY_VERSION = "2017-10-01"
_LONGEST_REASON = 500
_FIRST_TROUBLE = 500  # HTTP status
_FOR_LENGTH = (200, 202, 400, 408, 413, 429)  # HTTP statuses that a shorter question may change, beside those of 500 and more
_SENDS = "A diagnostic setting has to send the audit log to a Log Analytics workspace for as many days; the task in the result creates one."
_WAIT = "Records appear some minutes after the requests. Run again when the vault has sent its log for as many days."
_RIGHTS = (
    "Use credentials with the role Log Analytics Reader on the workspace, or with Microsoft.OperationalInsights/workspaces/query/read and "
    "Microsoft.OperationalInsights/workspaces/query/*/read."
)


def read_callers(world: World, vault: ResourceId, days: int) -> Callers:
    """Return who called the vault in the last days, as the first workspace knows that has records of it."""
    try:
        settings = world.list(kinds.DIAGNOSTIC_SETTING, vault, doing=f"list the diagnostic settings of key vault '{vault.name}'")
    except ArmError as error:
        if error.status not in (401, 403):
            raise
        hint = "Use credentials with Microsoft.Insights/diagnosticSettings/read on the vault, such as Monitoring Reader."
        return Callers(days, reason=f"the diagnostic settings of the vault are not readable ({error.code})", hint=hint)
    workspaces = _workspaces(settings)
    if not workspaces:
        reason = "no diagnostic setting of the vault sends its audit log to a Log Analytics workspace"
        return Callers(days, reason=reason, hint=_SENDS, task=_task(vault))
    answers = []
    for workspace in workspaces:
        answers.append(_asked(world, vault, workspace, days))
        if answers[-1].known:
            return answers[-1]
    return answers[0]


def _workspaces(settings: t.Iterable[Document]) -> list[ResourceId]:
    """Return the workspaces that get the audit log, each once."""
    found: dict[str, ResourceId] = {}
    for setting in settings:
        workspace = ResourceId.parse(str(at(setting, "properties.workspaceId") or ""))
        if workspace and any(_is_audit(entry) for entry in at(setting, "properties.logs") or []):
            found.setdefault(str(workspace).casefold(), workspace)
    return list(found.values())


def _is_audit(entry: Document) -> bool:
    names = str(entry.get("category") or "").casefold(), str(entry.get("categoryGroup") or "").casefold()
    return bool(entry.get("enabled")) and (names[0] == "auditevent" or names[1] in ("audit", "alllogs"))


def _asked(world: World, vault: ResourceId, workspace: ResourceId, days: int) -> Callers:
    """Return what one workspace knows."""
    where = f"Log Analytics workspace '{workspace.name}'"
    question = {"query": query_of(str(vault), days)}
    rows: list[Row] = []
    try:
        status, answer = world.ask(f"{workspace}/query", _QUERY_VERSION, question, doing=f"ask {where} for the callers of '{vault.name}'")
        trouble = _trouble(status, answer)
        rows = [] if trouble else rows_of(answer)
    except ArmError as error:
        said = error.message.partition(": ")[2] or error.message  # what it was asked for stands in the reason, too
        trouble = _trouble(error.status or 0, {"error": {"code": error.code, "message": said}})
    except ValueError as error:
        trouble = f"answered something else: {error}", "Run again."
    if not trouble and not rows:
        trouble = f"has no record of this vault in the last {days} days", _WAIT
    if trouble:
        return Callers(days, reason=f"{where} {trouble[0]}", hint=trouble[1], workspace_id=str(workspace))
    return Callers(days, callers_of(rows), workspace_id=str(workspace), since=min(row.first for row in rows))


def _trouble(status: int, answer: Document) -> tuple[str, str] | None:
    """Return why an answer holds no complete result, and what to do; None where it does.

    Source: Azure Monitor's pages on errors and the response format: 204 without any data, and an error beside incomplete tables.
    """
    code = echoed(at(answer, "error.code") or f"HTTP {status}")
    if status in (401, 403):
        return f"is not readable ({code})", _RIGHTS
    if status == 404:
        return f"was not found ({code})", "Correct the workspace of the vault's diagnostic setting."
    if status == 204 or (status == 400 and has_no_table(answer)) or (status == 200 and not answer):
        return "has no audit log of any key vault yet", _WAIT
    if status != 200 or at(answer, "error"):
        told = echoed(at(answer, "error.message") or "no reason given", _LONGEST_REASON).rstrip(".")
        for_length = status in _FOR_LENGTH or status >= _FIRST_TROUBLE
        refused = None if for_length else hint_for((code,), told, reading=True, status=status)
        return f"did not answer completely ({code}: {told})", refused or "Run again; if the error remains, ask for fewer days."
    return None


def _task(vault: ResourceId) -> Document:
    """Return the task that makes the vault send its audit log, ready to paste but for the workspace."""
    home = f"/subscriptions/{vault.subscription}/resourceGroups/GROUP"
    return {
        "name": f"Send the audit log of key vault '{vault.name}' to Log Analytics",
        "privatelink.azure.diagnostic_setting": {
            "resource": str(vault),
            "name": "audit",
            "log_analytics": f"{home}/providers/Microsoft.OperationalInsights/workspaces/NAME",
            "log_analytics_destination_type": "Dedicated",
            "logs": [{"category_group": "audit"}],
        },
    }
