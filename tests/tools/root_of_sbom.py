# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the collection as a Python project, which is how cyclonedx-py is told what the bill of materials belongs to."""

from __future__ import annotations

import json
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> None:
    """Print a pyproject.toml from galaxy.yml and requirements.txt."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    project = {
        "name": f"{galaxy['namespace']}.{galaxy['name']}",
        "version": galaxy["version"],
        "description": galaxy["description"],
        "dependencies": ["ansible-core", *(line for line in lines if line and not line.startswith("#"))],
    }
    print("[project]")
    for key, value in project.items():
        print(f"{key} = {json.dumps(value)}")
    print(f"urls = {{Repository = {json.dumps(galaxy['repository'])}}}")


if __name__ == "__main__":
    main()
