# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of an audit to its document, and to the page and the JSON that hold it."""

from __future__ import annotations

import datetime
import json
import os
import typing as t

from .._azure.snapshot import Snapshot
from .._documents.compare import Document
from .._errors import OptionError
from .._files import read_text, require_writable, write_text
from .._options import Spec
from .._pages.audit_page import page_of, time_of_page
from .._pages.words import STATE_WORDS
from .._views.audit import PRIVATE, WARNING, audit_of
from .._views.audit_comparison import comparison_of, readable
from .._views.checks import check_vaults, summary
from . import checking, vault_scope

if t.TYPE_CHECKING:
    from .._module import Task

OPTIONS: Spec = {
    **vault_scope.OPTIONS,
    **checking.OPTIONS,
    "title": {"type": "str", "default": "Key vaults behind Private Link"},
    "dest": {"type": "path"},
    "json_dest": {"type": "path"},
    "compare": {"type": "path"},
}


def read(task: Task) -> Document:
    """Return the audit, and write its page and its JSON where files are named.

    An audit that finds what the file says already keeps the file, with the time at which it was found first.
    """
    require_writable({option: task[option] for option in ("dest", "json_dest")}, check_mode=task.check_mode)
    earlier = _earlier(task)
    before = {option: read_text(str(task[option]), option) if task[option] else None for option in ("dest", "json_dest")}
    audit = _kept(_compared(_made(task), earlier, _is_same(task["compare"], task["json_dest"])), _parsed(before["json_dest"]))
    makers = {"json_dest": lambda: json.dumps(audit, indent=1) + "\n", "dest": lambda: _page(audit, before["dest"])}
    texts = {option: make() for option, make in makers.items() if task[option]}
    changed = [option for option, text in texts.items() if text != before[option]]
    for option in changed if not task.check_mode else []:
        write_text(str(task[option]), texts[option], option)
    return {**_result(task, audit), "changed": bool(changed), "diff": _diff(task, changed, before["json_dest"], audit)}


def _made(task: Task) -> Document:
    """Read the vaults and check them; the lists of both are read once."""
    wanted, world = checking.wanted(task), Snapshot(task.world)
    vaults = vault_scope.vaults_of(task, world)
    checked = check_vaults(world, vaults, wanted)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return audit_of(vaults, [each.rendered() for each in checked], summary(checked), title=str(task["title"]), time=now)


# --- an earlier audit ---


def _is_same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and os.path.realpath(str(one)) == os.path.realpath(str(other))


def _parsed(text: str | None) -> Document | None:
    """Return the audit that a file holds, None where it holds none."""
    try:
        found = _json(text or "null")
    except ValueError:
        return None
    return None if readable(found) else t.cast(Document, found)


def _json(text: str) -> t.Any:
    """Return what JSON holds; ValueError where a text is none, or nested deeper than any audit."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _earlier(task: Task) -> Document | None:
    """Return the audit to compare with. The file that this audit replaces may be missing: there is none before the first."""
    if not task["compare"]:
        return None
    path = str(task["compare"])
    text = read_text(path, "compare")
    if text is None:
        if _is_same(path, task["json_dest"]):
            return None
        raise OptionError("compare", f"'{path}' was not found; name the json_dest of an earlier audit.")
    try:
        reason = readable(found := _json(text))
    except ValueError:
        reason = "is no JSON"
    if reason:
        raise OptionError("compare", f"'{path}' {reason}; name the json_dest of an earlier audit.")
    return t.cast(Document, found)


def _compared(audit: Document, earlier: Document | None, replaced: bool) -> Document:
    """Return an audit with what changed. replaced: whether the earlier one is what the file holds that is written now.

    Then an audit that finds nothing else is the earlier one, with what had changed when that was made.
    """
    if earlier is None:
        return audit
    if replaced and {**audit, "time": earlier["time"], "comparison": earlier.get("comparison")} == earlier:
        return earlier
    return {**audit, "comparison": comparison_of(earlier, audit)}


def _kept(audit: Document, written: Document | None) -> Document:
    """Return the audit that is written already where only the time differs."""
    return written if written and {**audit, "time": written["time"]} == written else audit


def _page(audit: Document, before: str | None) -> str:
    """Return the page, which is the one that is there where only the time differs."""
    time = time_of_page(before or "")
    if time and before == (kept := page_of({**audit, "time": time})):
        return kept
    return page_of(audit)


# --- the result ---


def _result(task: Task, audit: Document) -> Document:
    """Return what a job keeps of an audit: the counts, the vaults that are not private, and the whole where no file has it."""
    found = {
        "time": audit["time"],
        "summary": audit["summary"],
        "not_private": [each["id"] for each in audit["vaults"] if each["state"] not in (PRIVATE, WARNING)],
        "comparison": audit["comparison"],
        **{option: str(task[option]) for option in ("dest", "json_dest") if task[option]},
    }
    return found if task["json_dest"] else {**found, "audit": audit}


def _diff(task: Task, changed: t.Sequence[str], before: str | None, audit: Document) -> Document:
    """Return what changes in the files, a line for each vault: a page is not read as text."""
    if not changed:
        return {"before": {}, "after": {}}
    header = ", ".join(str(task[option]) for option in changed)
    return {"before_header": header, "after_header": header, "before": _lines(_parsed(before)), "after": _lines(audit)}


def _lines(audit: Document | None) -> str:
    return "".join(f"{vault['id']}: {_spoken(vault)}\n" for vault in audit["vaults"]) if audit else ""


def _spoken(vault: Document) -> str:
    findings = [f"{each['check']} {each['status']}" for each in vault["verdicts"] if each["status"] in ("failed", "unknown")]
    return ", ".join((STATE_WORDS.get(str(vault["state"]), str(vault["state"])), *findings))
