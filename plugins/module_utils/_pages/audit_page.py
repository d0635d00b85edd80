# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of an audit: one HTML file that loads nothing, works without its script, and is the same for the same audit."""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t

from .._documents.compare import Document
from .._errors import Problem
from .._views.audit import FAILED, PRIVATE, STATES, UNKNOWN, WARNING
from . import audit_template as template
from . import words
from .audit_rows import checks_of, rows_of
from .audit_script import SCRIPT
from .audit_style import STYLE
from .topology import drawing_of

_TEMPLATES = {
    "macros": template.MACROS,
    "page": template.PAGE,
    "marks": template.MARKS,
    "changes": template.CHANGES,
    "topology": template.TOPOLOGY,
    "vaults": template.VAULTS,
    "checks": template.CHECKS,
}
_COLUMNS = ("State", "Key vault", "Private endpoint", "Private IP address", "DNS", "Public access", "Checks")
_CHANGES = (("worse", "Worse"), ("better", "Better"), ("new", "New"), ("gone", "Gone"))
_NO_LONGER = {"failed": "No longer failed", "unknown": "Could not be read before"}
_TIME = re.compile(r'<meta name="audit-time" content="(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)">')
# What no HTML document may hold, and half a character.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def page_of(audit: Document) -> str:
    """Return the page of an audit as audit.py makes it, with its comparison."""
    try:
        import jinja2  # Ansible brings it to the controller; a module process may run elsewhere
    except ImportError as error:
        hint = "Run the task on the controller, with hosts: localhost or delegate_to: localhost, or install Jinja2 there."
        raise Problem(
            "The page needs the Python package Jinja2 on the host that the task runs on", code="MissingPackage", hint=hint
        ) from error

    def speakable(value: t.Any) -> t.Any:
        return _UNSPEAKABLE.sub("\ufffd", value) if isinstance(value, str) and not hasattr(value, "__html__") else value

    environment = jinja2.Environment(
        loader=jinja2.DictLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=speakable,
    )
    return str(environment.get_template("page").render(style=STYLE, script=SCRIPT, policy=_policy(), **_model(audit)))


def time_of_page(page: str) -> str | None:
    """Return the time that a page says it was made at, None where it says none."""
    found = _TIME.search(page)
    return found[1] if found else None


def spoken_time(time: str) -> str:
    """Return a time as the page shows it: 2026-11-27 04:36 UTC."""
    return f"{time[:10]} {time[11:16]} UTC"


def _policy() -> str:
    """Return the page's content security policy: its own style and script, known by their hashes, and nothing else."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (STYLE, SCRIPT)]
    return f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"


def _model(audit: Document) -> dict[str, t.Any]:
    """Return what the templates show, each value as plain data."""
    vaults = audit["vaults"]
    states = [str(vault["state"]) for vault in vaults]
    subscriptions = {str(vault["subscription_id"]).casefold() for vault in vaults}
    about = words.counted(len(vaults), "key vault")
    return {
        "audit": audit,
        "about": f"{about} in {words.counted(len(subscriptions), 'subscription')}" if vaults else about,
        "about_vaults": about,
        "time_words": spoken_time(audit["time"]),
        "headline": _headline(states),
        "bar": _bar(states),
        "cards": _cards(audit["summary"], states),
        "legend": [(state, words.STATE_WORDS[state], words.STATE_MEANINGS[state]) for state in STATES],
        "state_choices": [(state, words.STATE_WORDS[state], states.count(state)) for state in STATES if state in states],
        "columns": _COLUMNS,
        "rows": rows_of(audit),
        "several_subscriptions": len(subscriptions) > 1,
        "checks": checks_of(vaults),
        "drawing": drawing_of(audit) if vaults else None,
        "drawing_words": _drawing_words(audit, states),
        "comparison": _comparison(audit) if audit["comparison"] else None,
    }


def _headline(states: t.Sequence[str]) -> words.Said:
    private, total = sum(state in (PRIVATE, WARNING) for state in states), len(states)
    if not total:
        return words.Said(UNKNOWN, "No key vault was found: nothing is proven.")
    if private == total:
        all_ = "The vault is private" if total == 1 else f"All {total:,} vaults are private"
        warned = states.count(WARNING)
        return words.Said(words.worst(states), f"{all_}{f', {warned:,} with warnings' if warned and total > 1 else ''}.")
    failed, unknown = states.count(FAILED), states.count(UNKNOWN)
    if total == 1:
        return words.Said(words.worst(states), "The vault is not private." if failed else "It is not proven that the vault is private.")
    first = failed or unknown
    said = f"{first:,} of {total:,} vaults {_are(first)} not {'private' if failed else 'proven to be private'}"
    more = f", {unknown:,} {_are(unknown)} not proven" if failed and unknown else ""
    return words.Said(words.worst(states), f"{said}{more}; {private:,} {_are(private)} private.")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _bar(states: t.Sequence[str]) -> list[dict[str, t.Any]]:
    parts, x = [], 0.0
    for state in STATES:
        width = round(1000 * states.count(state) / len(states), 2) if states else 0
        if width:
            parts.append({"state": state, "x": round(x, 2), "width": width})
        x += width
    return parts


def _cards(summary: Document, states: t.Sequence[str]) -> list[dict[str, t.Any]]:
    unknown = states.count(UNKNOWN)
    cards = [
        (PRIVATE, summary["private"], "private"),
        (FAILED, states.count(FAILED), "not private"),
        *([(UNKNOWN, unknown, "not proven: could not be read")] if unknown else []),
        (FAILED, summary["errors"], "errors found"),
        (WARNING, summary["warnings"], "warnings found"),
    ]
    return [{"state": state, "number": number, "what": what} for state, number, what in cards]


def _drawing_words(audit: Document, states: t.Sequence[str]) -> str:
    said = ", ".join(f"{states.count(state):,} {words.STATE_WORDS[state].casefold()}" for state in STATES if state in states)
    return f"Private DNS zones, networks with subnets and private endpoints, and key vaults: {said}."


def _comparison(audit: Document) -> dict[str, t.Any]:
    anchors = {str(vault["id"]).casefold(): f"vault-{number}" for number, vault in enumerate(audit["vaults"], 1)}
    comparison = audit["comparison"]
    lists = [
        {"words": title, "vaults": [_change(each, anchors) for each in comparison[name]]} for name, title in _CHANGES if comparison[name]
    ]
    return {"since": spoken_time(comparison["time"]), "lists": lists}


def _change(vault: Document, anchors: t.Mapping[str, str]) -> dict[str, t.Any]:
    before, now = (words.STATE_WORDS.get(str(vault[side])) for side in ("before", "now"))
    states = f"was {before}, now {now}" if before and now and before != now else f"was {before}" if not now else str(now)
    words_of = words.STATUS_WORDS.get
    broken = [f"{words_of(each['status'], each['status']).capitalize()} now: {each['title']}" for each in vault["broken"]]
    fixed = [f"{_NO_LONGER.get(each['status'], each['status'])}: {each['title']}" for each in vault["fixed"]]
    return {
        "name": vault["name"],
        "now": vault["now"] if vault["now"] in STATES else None,
        "anchor": anchors.get(str(vault["id"]).casefold()),
        "states": states,
        "broken": broken,
        "fixed": fixed,
    }
