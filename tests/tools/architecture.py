#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Draw docs/architecture.svg from the floors of module_utils, and write the same as the table of docs/architecture.md.

The floors are those that tests/unit/plugins/test_architecture.py enforces; what a file is for is the first sentence of its docstring.
With --check, only say whether either differs.
"""

from __future__ import annotations

import ast
import html
import sys
import textwrap

import generated
from generated import ROOT

PAGE, PICTURE = ROOT / "docs" / "architecture.md", ROOT / "docs" / "architecture.svg"
UTILS = ROOT / "plugins" / "module_utils"
RULES = ROOT / "tests" / "unit" / "plugins" / "test_architecture.py"
BEGIN, END = "<!-- floors: begin -->\n", "<!-- floors: end -->\n"
# An __init__.py of module_utils has to be empty, so what a folder is for is said here.
FOLDERS = {
    "_azure": "The wire: clients, sign-in, polling, throttle, errors, the table of kinds, the world.",
    "_documents": "Pure functions over ARM documents: ids, comparison, limits, states.",
    "_pages": "An audit as an HTML page.",
    "_recipes": "From options to Resources: one file for each module, and the recipes that combine them.",
    "_resources": "One file for each Azure type: what is wanted of it, and the plan that leads to it.",
    "_views": "What can be seen of several resources together: connections, DNS, checks, orphans.",
}
WIDTH, _LEFT, _NAME, _LINE, _CHARACTER = 860, 20, 130, 18, 6.9
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1b1f24; }
  .name { font-weight: 600; }
  .sheet { fill: #ffffff; }
  .box { fill: #f4f6f8; stroke: #57606a; }
  .folder { fill: #dbeafe; stroke: #1d4ed8; }
  .line { stroke: #57606a; stroke-width: 1.5; fill: none; }
  .head { fill: #57606a; }
  @media screen and (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .sheet { fill: #14181d; }
    .box { fill: #20262d; stroke: #9aa4af; }
    .folder { fill: #172a4d; stroke: #7aa2f7; }
    .line { stroke: #9aa4af; }
    .head { fill: #9aa4af; }
  }
"""


def floors() -> list[str]:
    """Return the floors from the top down."""
    for node in ast.parse(RULES.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLOORS":
            return [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)][::-1]
    raise LookupError(f"no FLOORS in {RULES}")


def purpose(floor: str) -> str:
    """Return what a floor is for, in one sentence."""
    if floor in FOLDERS:
        return FOLDERS[floor]
    said = ast.get_docstring(ast.parse((UTILS / f"{floor}.py").read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).partition(". ")[0].rstrip(".") + "."


def title(floor: str) -> str:
    """Return how a floor is written: a folder with a slash, a file with its ending."""
    return f"{floor}/" if floor in FOLDERS else f"{floor}.py"


def table() -> str:
    """Return the table of floors: the text twin of the picture."""
    rows = [f"| `{title(floor)}` | {purpose(floor)} |" for floor in floors()]
    return "\n".join(["", "| floor | what it is for |", "| --- | --- |", *rows, "", ""])


def text(x: float, y: float, words: str, role: str = "words") -> str:
    """Return a line of text, its baseline at y."""
    return f'<text class="{role}" x="{x}" y="{y}">{html.escape(words)}</text>'


def box(y: float, height: float, role: str = "box") -> str:
    """Return a box over the whole width."""
    return f'<rect class="{role}" x="{_LEFT}" y="{y}" width="{WIDTH - 2 * _LEFT}" height="{height}" rx="4"/>'


def row(y: float, name: str, words: str, role: str = "box") -> tuple[list[str], float]:
    """Return the elements of a row that begins at y, and where it ends."""
    lines = textwrap.wrap(words, int((WIDTH - 2 * _LEFT - _NAME - 30) / _CHARACTER))
    height = 8 + _LINE * len(lines)
    said = [text(_LEFT + _NAME + 20, y + _LINE * (number + 1), line) for number, line in enumerate(lines)]
    return [box(y, height, role), text(_LEFT + 10, y + _LINE, name, "name"), *said], y + height


def arrow(y: float, words: str) -> list[str]:
    """Return an arrow downwards from y, 30 high, with words beside it."""
    x = _LEFT + 60
    path = f"M{x} {y + 3} V{y + 26} M{x - 5} {y + 20} L{x} {y + 26} L{x + 5} {y + 20}"
    return [f'<path class="line" d="{path}"/>', text(x + 20, y + 20, words, "head")]


def stack() -> list[tuple[str, str, str]]:
    """Return all rows from the top down: name, words, class. A row without a name is an arrow."""
    counts = {kind: len(list((ROOT / folder).glob(found))) for kind, (folder, found) in _COUNTED.items()}
    return [
        ("playbooks", f"{counts['playbooks']} playbooks: hosts, and one role each.", "box"),
        ("", "runs", ""),
        ("roles", f"{counts['roles']} roles: variables with argument_specs, in the order of a rollout.", "box"),
        ("", "pass values to", ""),
        ("modules, action", f"{counts['modules']} modules: documentation and options; an action file of three lines runs each.", "box"),
        ("", "map options: the floors of plugins/module_utils; each imports only what is below it", ""),
        *((title(floor), purpose(floor), "folder" if floor in FOLDERS else "box") for floor in floors()),
        ("", "only _azure/sdk.py and _azure/auth.py import", ""),
        ("Azure SDK", "azure-identity and the management clients, which talk to Azure Resource Manager.", "box"),
    ]


_COUNTED = {"playbooks": ("playbooks", "*.yml"), "roles": ("roles", "*/meta/main.yml"), "modules": ("plugins/modules", "*.py")}


def picture() -> str:
    """Return the picture."""
    drawn: list[str] = []
    y = 20.0
    for name, words, role in stack():
        if name:
            elements, y = row(y, name, words, role)
            y += 2
        else:
            elements, y = arrow(y, words), y + 32
        drawn += elements
    head = [
        "<!-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
        "     SPDX-License-Identifier: GPL-3.0-or-later. Drawn by tests/tools/architecture.py -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 18:.0f}" role="img" aria-labelledby="title">',
        '<title id="title">The layers of privatelink.azure, from playbooks down to the Azure SDK</title>',
        f"<style>{_STYLE}</style>",
        '<rect class="sheet" width="100%" height="100%" rx="8"/>',
    ]
    return "\n".join([*head, *drawn, "</svg>", ""])


def page() -> str:
    """Return the page with the table as it should be."""
    said = PAGE.read_text(encoding="utf-8")
    return said[: said.index(BEGIN) + len(BEGIN)] + table() + said[said.index(END) :]


if __name__ == "__main__":
    sys.exit(generated.main({PICTURE: picture(), PAGE: page()}, sys.argv[1:]))
