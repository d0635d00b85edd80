# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a package for others: its metadata agree with what is tested here, and its pytest plugin works."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib
from packaging.requirements import Requirement

import emulator
from emulator import environment
from emulator.client import Client, run

FOLDER = Path(emulator.__file__).parent
PROJECT = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]


def test_dependencies_are_those_that_are_tested() -> None:
    """The same packages as in emulator.in, at bounds that its pins fulfil."""
    lines = (FOLDER.parent / "requirements" / "emulator.in").read_text().splitlines()
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", "\n".join(lines), re.M))
    bounds = {each.name: each.specifier for each in map(Requirement, PROJECT["dependencies"])}
    assert bounds.keys() == pins.keys()
    assert all(bounds[name].contains(version) for name, version in pins.items())


def test_every_module_is_in_the_wheel() -> None:
    include = tomllib.loads((FOLDER / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    folders = {str(each.parent.relative_to(FOLDER)) for each in FOLDER.rglob("*.py")}
    assert {str(Path(each).parent) for each in include} == folders


def test_entry_points_lead_somewhere() -> None:
    for target in (*PROJECT["scripts"].values(), *PROJECT["entry-points"]["pytest11"].values()):
        module, _unused, name = target.partition(":")
        assert hasattr(importlib.import_module(module), name or "azure_emulator")


@pytest.mark.parametrize("client", ["", *environment.CLIENTS])
def test_env_prints_what_the_fixture_gives(arm: Client, client: str) -> None:
    directory = Path(arm.facts["ca"]).parent
    printed = run(directory, "env", *(["--client", client] if client else [])).stdout
    script = f"export ARM_CLOUD_METADATA_URL=stale\n{printed}\n{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    for name, value in environment.variables(arm.facts, client).items():
        assert json.loads(shell.stdout).get(name) == value


def test_the_fixture_in_a_session_of_its_own(tmp_path: Path) -> None:
    """With a fault set and everything emptied; its process ends with the session."""
    (tmp_path / "test_it.py").write_text(
        """
def test_it(azure_emulator):
    azure_emulator.control("POST", "faults", [{"match": {"method": "GET"}, "status": 429}])
    azure_emulator.reset()
    assert azure_emulator.control("GET", "faults") == {"faults": []}
    assert azure_emulator.environment("az")["AZURE_CLIENT_ID"] == azure_emulator.client_id
    (azure_emulator.directory.parents[1] / "pid").write_text(str(azure_emulator.control("GET", "health")["pid"]))
"""
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "emulator.pytest_plugin", "--basetemp", str(tmp_path / "temp"), "test_it.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(FOLDER.parent)}, capture_output=True, text=True, check=False
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    pid = (tmp_path / "pid").read_text()
    assert not Path(f"/proc/{pid}").exists() or Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1].split()[0] == "Z"
