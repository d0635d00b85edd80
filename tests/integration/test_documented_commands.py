# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each command of README, CONTRIBUTING and the page of releases: run here, run by continuous integration, or named with why it is not."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from integration.emulation import TESTS, Emulation
from integration.running import Controller

pytestmark = pytest.mark.long

ROOT = TESTS.parent
PAGES = ("README.md", "CONTRIBUTING.md", "docs/releasing.md")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if (ROOT / ".ci" / "run").exists() else []
REQUIREMENTS = "~/.ansible/collections/ansible_collections/privatelink/azure/requirements.txt"
# What cannot be run by a test, and why.
NOT_RUN = {
    "az login": "needs a person; tests/clients signs Azure CLI in to the emulator",
    "export AZURE_SUBSCRIPTION_ID=...": "a value of the reader's own",
    "ansible-galaxy collection install privatelink.azure": "needs Galaxy; the step build installs the tarball instead",
    f"pipx runpip ansible-core install -r {REQUIREMENTS}": "pipx is not among the tools of the tests; pip and uv are",
    "make gates": "takes half an hour; continuous integration runs its static gates, and sanity on the newest ansible-core",
    "make release-check": "before a release",
    "make release-check VERSION=1.0.0": "before a release",
    "make sbom": "before a release",
    "make test-matrix": "takes hours",
    "make lint": "its steps are those of make test and make test-long, which continuous integration runs",
    "make test-unit": "a step of make test",
    "make test-module MODULE=keyvault": "a part of a step of make test",
    "make build": "a step of each of the others",
}


def commands() -> list[str]:
    """Return the commands of all pages: lines of blocks of shell, and what stands first in the rows of a table."""
    found: dict[str, None] = {}
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in re.findall(r"^ *```shell\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            found |= dict.fromkeys(re.sub(r"\s+#.*", "", line).strip() for line in block.splitlines() if line.strip())
        found |= dict.fromkeys(re.findall(r"^\| `(make [^`]+)` \|", text, re.MULTILINE))
    return list(found)


COMMANDS = commands()
PLAYBOOKS = [command for command in COMMANDS if command.startswith("ansible-playbook ")]
REHEARSED = [command for command in COMMANDS if command.startswith("antsibull-changelog ")]
INSTALLED = [command for command in COMMANDS if command.startswith(("pip install", "uv tool install"))]
RUN_HERE = {*PLAYBOOKS, *REHEARSED, *INSTALLED, "make playground"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in RUN_HERE])
def test_a_command_is_run_by_continuous_integration_or_it_is_said_why_not(command: str) -> None:
    if command in NOT_RUN:
        pytest.skip(f"{command}: {NOT_RUN[command]}")
    plain = re.sub(r" VERSION=\S+", "", command)
    target = plain.removeprefix("make ")
    own = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert plain in CI or (own and any(line.strip().lstrip("@") in CI for line in own[1].splitlines())), f".ci/run does not run {command}"


def test_no_reason_is_left_of_a_command_that_is_gone() -> None:
    assert [command for command in NOT_RUN if command not in COMMANDS] == []


def test_the_playbooks_of_readme_run_with_its_variables(controller: Controller, azure: Emulation) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (variables,) = re.findall(r"```yaml\n# vars\.yml\n(.*?)```", text, re.DOTALL)
    (controller.directory / "vars.yml").write_text(variables, encoding="utf-8")
    for command in PLAYBOOKS:
        _name, playbook, *arguments = command.split()
        run = controller.run(playbook, *arguments).succeeded()
        assert bool(run.writes) is ("--check" not in arguments)


@pytest.mark.parametrize("command", REHEARSED)
def test_what_makes_a_changelog_is_in_the_rehearsal_of_a_release(command: str) -> None:
    assert command in (ROOT / "tests" / "tools" / "release_check.sh").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", INSTALLED)
def test_the_packages_install(command: str, collections: str, tmp_path: pathlib.Path) -> None:
    """With pip, into an environment that has them already; with uv, into a new one."""
    given = pathlib.Path(collections) / "ansible_collections" / "privatelink" / "azure" / "requirements.txt"
    words = command.replace(REQUIREMENTS, str(given)).split()
    if words[0] == "pip":
        words = [sys.executable, "-m", *words, "--dry-run"]
    else:
        words[0] = str(pathlib.Path(sys.executable).with_name("uv"))
    env = {**os.environ, "UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, env=env)
    assert done.returncode == 0, done.stderr
    if words[1] == "tool":
        interpreter = tmp_path / "tools" / "ansible-core" / "bin" / "python"
        subprocess.run([str(interpreter), "-c", "import azure.mgmt.network, azure.identity"], check=True, timeout=120)


@pytest.fixture
def checkout(tmp_path: pathlib.Path) -> pathlib.Path:
    """A checkout of its own, whose environment is that of the tests; skipped where that is another one than the demonstration takes."""
    lock = ROOT / "tests" / "requirements" / "tools.txt"
    stamp = f"tools.txt {hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    mark = pathlib.Path(sys.prefix) / "lock"
    if not mark.exists() or mark.read_text(encoding="utf-8").strip() != stamp:
        pytest.skip("make playground runs in .venv, which these tests do not run in")
    ignored = shutil.ignore_patterns(".cache", ".venv", ".git", "output", "__pycache__")
    made = pathlib.Path(shutil.copytree(ROOT, tmp_path / "checkout", ignore=ignored))
    (made / ".venv").symlink_to(sys.prefix)
    return made


def lines_until(process: subprocess.Popen[str], word: str) -> t.Iterator[str]:
    """Return what a process prints, up to the line that holds a word."""
    assert process.stdout
    for line in process.stdout:
        yield line
        if word in line:
            return


def test_the_playground_runs_what_it_suggests_until_it_is_interrupted(checkout: pathlib.Path) -> None:
    process = subprocess.Popen(
        ["make", "playground"], cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        shown = "".join(lines_until(process, "Ctrl-C"))
        (entered,) = re.findall(r"^  (\. .*/playground\.sh)$", shown, re.MULTILINE)
        suggested = re.findall(r"^  ((?:ansible|PYTHONPATH).*)$", shown, re.MULTILINE)
        assert len(suggested) >= 5
        for command in suggested:
            done = subprocess.run(["bash", "-c", f"{entered}\n{command}"], capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
    deadline = time.monotonic() + 10
    while (checkout / ".cache" / "demo" / "emulator" / "emulator.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not (checkout / ".cache" / "demo" / "emulator" / "emulator.json").exists()
