#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the reference of the playbooks, from their comments and the argument_specs of their roles: playbook_reference.py FILE.md"""

from __future__ import annotations

import pathlib
import re
import sys

import role_readmes
import yaml

_HEAD = "# Playbooks\n\nRun them as `ansible-playbook privatelink.azure.NAME -e @vars.yml`. The variables are those of the role.\n"


def section_of(playbook: pathlib.Path) -> str:
    """Return the section of one playbook: its comment, its role, and the role's variables."""
    text = playbook.read_text(encoding="utf-8")
    (play,) = yaml.safe_load(text)
    role = play["roles"][0]["role"].rpartition(".")[2]
    comment = [line.strip() for line in re.findall(r"^#(.*)$", text, re.MULTILINE)]
    words = " ".join(line for line in comment if line and not line.startswith(("The variables are", "GNU ", "SPDX-")))
    table = role_readmes.table_of(role_readmes.ROOT / "roles" / role)
    return f"\n## {playbook.stem}\n\n{play['name']}. {words}\n\nRole: [{role}]({role}_role.rst).\n\n{table}"


def main(arguments: list[str]) -> int:
    """Write the page."""
    playbooks = sorted((role_readmes.ROOT / "playbooks").glob("*.yml"))
    pathlib.Path(arguments[0]).write_text(_HEAD + "".join(map(section_of, playbooks)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
