#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Write what extensions/awx has of every playbook: the wrapper that AWX can choose, and the survey of its variables.

The surveys come from the roles' meta/argument_specs.yml and their validate_variables tasks. config/questions.yml names
the variables that a survey asks for where that is not every one. Without arguments all files are written; with --check
those that differ are named.
"""

from __future__ import annotations

import pathlib
import sys
import typing as t

import generated
import role_readmes
import yaml
from generated import ROOT

PROJECT = ROOT / "extensions" / "awx"
COLLECTION = "privatelink.azure"
LICENSE = (
    "---\n# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)\n"
    "# SPDX-License-Identifier: GPL-3.0-or-later\n\n"
)
SHORT_TEXT, LONG_TEXT = 1024, 4 * 1024 * 1024
_SPELLED = {"dns": "DNS", "id": "ID", "ids": "IDs", "ip": "IP", "rbac": "RBAC", "sku": "SKU", "ttl": "TTL"}
_WRAPPER = """\
# Written by tests/tools/awx_project.py. The playbook of the collection, as AWX can choose it.
- name: Check where the job runs
  hosts: localhost,all
  gather_facts: false
  tasks:
    - name: Check localhost
      ansible.builtin.import_tasks: tasks/localhost.yml

- name: {title}
  ansible.builtin.import_playbook: {collection}.{name}
"""

Json = dict[str, t.Any]


class _Indented(yaml.SafeDumper):
    """Writes YAML as this repository does: the items of a list are indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists too."""
        return super().increase_indent(flow, False)


def playbooks() -> dict[str, Json]:
    """Return the play of every playbook of the collection, by the playbook's name."""
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))[0] for file in sorted((ROOT / "playbooks").glob("*.yml"))}


def role_of(play: Json) -> str:
    """Return the name of the role that a playbook runs."""
    return str(play["roles"][0]["role"]).removeprefix(f"{COLLECTION}.")


def variables(role: str) -> dict[str, Json]:
    """Return the variables of a role with their true types, as its validate_variables task knows them."""
    directory = ROOT / "roles" / role
    types = role_readmes.types_of(directory)
    options = role_readmes.specification(directory).get("options") or {}
    return {name: {**option, **types.get(name, {})} for name, option in options.items()}


def question(name: str, option: Json, prefix: str) -> Json:
    """Return the question of a survey that asks for a variable. prefix: what the variables of its role begin with."""
    kind, default = option.get("type", "str"), option.get("default")
    choices = ["true", "false"] if kind == "bool" else option.get("choices")
    asked: Json = {
        "variable": name,
        "question_name": _title(name.removeprefix(prefix)),
        "question_description": _words(option),
        "required": bool(option.get("required")),
    }
    if choices:
        return {**asked, "type": "multiplechoice", "choices": [str(choice) for choice in choices], "default": _text(default)}
    if kind in ("int", "float"):
        return {**asked, "type": "integer" if kind == "int" else "float", **({} if default is None else {"default": default})}
    if kind in ("list", "dict", "raw"):
        return {**asked, "type": "textarea", "max": LONG_TEXT, "default": _text(default)}
    return {**asked, "type": "password" if option.get("no_log") else "text", "max": SHORT_TEXT, "default": _text(default)}


def _text(default: t.Any) -> str:
    """Return a default as somebody types it: a list by lines."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return "\n".join(map(str, default)) if isinstance(default, list) else str(default)


def _title(name: str) -> str:
    words = [_SPELLED.get(word, word) for word in name.split("_")]
    return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])


def _words(option: Json) -> str:
    described = option.get("description", "")
    words = str(role_readmes.markdown(" ".join(described) if isinstance(described, list) else described)).replace("`", "")
    if option.get("type") == "dict" or option.get("elements") == "dict" or option.get("type") == "raw":
        return f"{words} YAML or JSON."
    return f"{words} One on each line, or separated by commas." if option.get("type") == "list" else words


def surveys() -> dict[str, Json]:
    """Return every survey by its name: one for each playbook, and those of workflows in config/questions.yml."""
    asked: dict[str, list[str]] = yaml.safe_load((PROJECT / "config" / "questions.yml").read_text(encoding="utf-8"))["awx_questions"]
    found = {}
    everything: dict[str, tuple[Json, str]] = {}
    for play in playbooks().values():
        role = role_of(play)
        everything |= {name: (option, f"{role}_") for name, option in variables(role).items()}
    for name, play in playbooks().items():
        found[name] = asked.get(name) or list(variables(role_of(play)))
    found |= {name: names for name, names in asked.items() if name not in found}
    return {
        name: {"name": "", "description": "", "spec": [question(each, *everything[each]) for each in names]}
        for name, names in found.items()
    }


def files() -> dict[pathlib.Path, str]:
    """Return every file that this tool writes, with its text."""
    made = {
        PROJECT / f"{name}.yml": LICENSE + _WRAPPER.format(title=play["name"], collection=COLLECTION, name=name)
        for name, play in playbooks().items()
    }
    for name, survey in surveys().items():
        text = yaml.dump(survey, Dumper=_Indented, sort_keys=False, width=100, allow_unicode=True)
        made[PROJECT / "config" / "surveys" / f"{name}.yml"] = f"{LICENSE}# Written by tests/tools/awx_project.py.\n{text}"
    return made


if __name__ == "__main__":
    sys.exit(generated.main(files(), sys.argv[1:]))
