# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of plugins, pages and READMEs, and the plays that run them; what their placeholders stand for is an argument."""

from __future__ import annotations

import ast
import dataclasses
import functools
import pathlib
import re
import typing as t

import yaml

from integration.emulation import TESTS, Json

ROOT = TESTS.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "roles").glob("*/README.md")))
_FENCED = re.compile(r"^( *)```ya?ml\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"/subscriptions/(?:\.\.\.|[0-9a-f-]{36})((?:/[\w.-]+)+)")


@dataclasses.dataclass(frozen=True)
class Example:
    """An example: its file and, in a page, its place among the page's blocks, and its YAML text."""

    name: str
    text: str

    @property
    def host(self) -> str:
        """Return the name of a host of its own, so that no example sees what another has registered."""
        return re.sub(r"\W+", "_", self.name).strip("_")


def examples_in(file: pathlib.Path) -> str:
    """Return the EXAMPLES of a plugin, from its Python or its YAML; empty without."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".yml":
        return t.cast(str, yaml.safe_load(text)["EXAMPLES"])
    assigned = [node for node in ast.parse(text).body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES"]
    return t.cast(str, ast.literal_eval(assigned[0].value)) if assigned else ""


def of_modules() -> list[Example]:
    """Return the EXAMPLES of every module, filter and test."""
    files = sorted((ROOT / "plugins" / "modules").glob("*.py"))
    found = [Example(file.stem, examples_in(file)) for file in files if examples_in(file)]
    for kind in ("filter", "test"):
        found += [Example(f"{kind} {file.stem}", examples_in(file)) for file in sorted((ROOT / "plugins" / kind).glob("*.yml"))]
    return found


def of_pages() -> list[Example]:
    """Return every block of YAML of the pages."""
    found = []
    for page in PAGES:
        blocks = _FENCED.findall(page.read_text(encoding="utf-8"))
        for number, (indentation, text) in enumerate(blocks, 1):
            plain = re.sub(rf"^{indentation}", "", text, flags=re.MULTILINE)
            found.append(Example(f"{page.relative_to(ROOT)} {number}", plain))
    return found


@dataclasses.dataclass(frozen=True)
class Placeholders:
    """What stands for something of the reader's own: ids that exist, texts in their order, and where an unknown id leads."""

    existing: t.Sequence[str]
    subscription: str
    texts: t.Mapping[str, str]

    def resolved(self, text: str) -> str:
        """Return a text without placeholders: ids first, then texts."""
        text = _ID.sub(lambda match: self._id(match[1]), text)
        for placeholder, value in self.texts.items():
            text = text.replace(placeholder, value)
        return text

    def _id(self, tail: str) -> str:
        """Return the first id that ends with the tail, or with as much of its beginning as leads anywhere."""
        parts = tail.split("/")
        for length in range(len(parts), 2, -1):
            known, rest = "/".join(parts[:length]).lower(), "/".join(["", *parts[length:]]).rstrip("/")
            for each in self.existing:
                if each.lower().endswith(known):
                    return each + rest
        return f"/subscriptions/{self.subscription}{tail}"


@functools.cache
def _roles() -> dict[str, dict[str, Json]]:
    """Return the options of each role."""
    files = sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
    specs = {file.parent.parent.name: yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"] for file in files}
    return {name: spec.get("options") or {} for name, spec in specs.items()}


def role_of(variables: t.Iterable[str]) -> str | None:
    """Return the role that knows all of these variables."""
    return next((role for role, options in _roles().items() if set(variables) <= set(options)), None)


def plays_of(content: t.Any, completed: Json) -> list[Json]:
    """
    Return the plays that run an example: plays as they are, a list of tasks, variables of a role, or keywords of a play.
    completed are the variables that a part of them leaves out.
    """
    if isinstance(content, list):
        return content if all("hosts" in each for each in content) else [{"tasks": content}]
    role = role_of(content)
    if role:
        return [{"vars": {**completed, **content}, "roles": [f"privatelink.azure.{role}"]}]
    return [{**content, "tasks": [{"name": "Read with these keywords", "privatelink.azure.keyvault_connections_info": {}}]}]


def wrapped(play: Json, example: Example, before: Json, *, check: bool) -> Json:
    """Return a play of an example on its host, that begins with a task named after it, and goes on after a failure."""
    first = {**before, "name": example.name, "check_mode": False}
    own = {**play, "name": example.name, "hosts": example.host, "gather_facts": False, "ignore_errors": True, "check_mode": check}
    return {**own, "pre_tasks": [first, *play.get("pre_tasks", [])]}
