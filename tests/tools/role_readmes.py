#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Write the tables of variables in the README of every role, from the role's meta/argument_specs.yml.

Where that says raw, or leaves choices out so that a survey's blank text passes, the role's validate_variables
task knows the type. Without arguments all tables are written; with --check those that differ are named.
"""

from __future__ import annotations

import pathlib
import re
import sys
import typing as t

import generated
import yaml
from generated import ROOT

MODULE = "privatelink.azure.validate_variables"
HEAD = "| variable | type | default | description |\n| --- | --- | --- | --- |\n"
_TABLE = re.compile(r"^\| variable \|.*\n(?:\|.*\n?)+", re.MULTILINE)
_LICENSE = (
    "<!--\nGNU General Public License v3.0+ (see LICENSE or "
    "https://www.gnu.org/licenses/gpl-3.0.txt)\nSPDX-License-Identifier: "
    "GPL-3.0-or-later\n-->\n"
)


def roles() -> list[pathlib.Path]:
    """Return the directories of the roles that say what their variables are."""
    return sorted(file.parent.parent for file in (ROOT / "roles").glob("*/meta/argument_specs.yml"))


def types_of(role: pathlib.Path) -> dict[str, t.Any]:
    """Return the types that the role's validate_variables tasks know."""
    types: dict[str, t.Any] = {}
    for file in sorted((role / "tasks").glob("*.yml")):
        for task in yaml.safe_load(file.read_text(encoding="utf-8")) or []:
            types |= (task.get(MODULE) or {}).get("types") or {}
    return types


def table_of(role: pathlib.Path) -> str:
    """Return the table of a role's variables."""
    options = specification(role).get("options") or {}
    types = types_of(role)
    merged = {name: {**option, **types.get(name, {})} for name, option in options.items()}
    rows = [
        f"| `{name}` | {type_of(option)} | {default_of(option)} | {words_of(option, options[name])} |\n" for name, option in merged.items()
    ]
    return HEAD + "".join(rows)


def specification(role: pathlib.Path) -> dict[str, t.Any]:
    """Return the main entry point of a role's argument_specs."""
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    return t.cast("dict[str, t.Any]", specs["main"])


def type_of(option: t.Mapping[str, t.Any]) -> str:
    """Return a type in a word or two."""
    kind = option.get("type", "str")
    return f"list of {option.get('elements', 'str')}" if kind == "list" else "any" if kind == "raw" else str(kind)


def default_of(option: t.Mapping[str, t.Any]) -> str:
    """Return a default as YAML writes it."""
    if option.get("required"):
        return "required"
    if option.get("default") is None:
        return ""
    return f"`{yaml.safe_dump(option['default'], default_flow_style=True, width=1000).removesuffix(chr(10)).removesuffix('...').strip()}`"


def words_of(option: t.Mapping[str, t.Any], written: t.Mapping[str, t.Any]) -> str:
    """Return the description in Markdown, with choices and suboptions where it does not name them itself."""
    description = written.get("description", "")
    text = markdown(" ".join(description) if isinstance(description, list) else description)
    choices = [f"`{choice}`" for choice in option.get("choices", [])]
    if choices and "One of " not in text:
        text += f" One of {', '.join(choices)}."
    inner = option.get("options") or {}
    if inner:
        names = [f"`{name}` (required)" if part.get("required") else f"`{name}`" for name, part in inner.items()]
        text += f" {'Each has' if option.get('type') == 'list' else 'It has'} {', '.join(names)}."
    return text.replace("|", "\\|")


def markdown(text: str) -> str:
    """Return Ansible's markup as Markdown."""
    text = re.sub(r"O\(([^()=]+)=([^()]*)\)", r"`\1: \2`", text)
    text = re.sub(r"M\(([^()]+)\)", r"`\1`", text)
    return re.sub(r"[OVCE]\(((?:[^()\\]|\\.|\([^()]*\))+)\)", lambda found: f"`{found[1].replace(chr(92), '')}`", text)


def readme_of(role: pathlib.Path) -> str:
    """Return a role's README as it should be: what exists, with the table of today."""
    file, table = role / "README.md", table_of(role)
    if not file.exists():
        spec = specification(role)
        description = spec.get("description", spec["short_description"])
        words = markdown(" ".join(description) if isinstance(description, list) else description)
        return f"{_LICENSE}\n# Role privatelink.azure.{role.name}\n\n{words}\n\n{table}"
    text = file.read_text(encoding="utf-8")
    if _TABLE.search(text):
        return _TABLE.sub(lambda _found: table, text, count=1)
    return f"{text.rstrip()}\n\n{table}"


if __name__ == "__main__":
    sys.exit(generated.main({role / "README.md": readme_of(role) for role in roles()}, sys.argv[1:]))
