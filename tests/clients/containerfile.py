# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's Containerfile without a container engine: its instructions, and a virtual environment in the place of its image."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTEXT = ROOT / "tests" / "emulator"
UNTESTED = (
    "that the base image can be pulled, and has what the commands need",
    "the network of the host, the user namespace and the label of the volume (podman run --network, --userns, :Z)",
)
"""What only a container engine can show."""

Instruction = tuple[str, str]


def instructions(text: str) -> list[Instruction]:
    """Return a Containerfile's instructions with their arguments, lines that go on put together."""
    lines = text.replace("\\\n", " ").splitlines()
    return [(name.upper(), rest.strip()) for name, _space, rest in (line.partition(" ") for line in lines) if name and name[0] != "#"]


def of(kind: str, found: list[Instruction]) -> list[str]:
    """Return the arguments of the instructions of a kind."""
    return [rest for name, rest in found if name == kind]


def words(arguments: str) -> list[str]:
    """Return an ENTRYPOINT or CMD in its JSON form."""
    found = json.loads(arguments)
    assert isinstance(found, list)
    return [str(each) for each in found]


class Image:
    """What the instructions make: a folder for the files, a virtual environment for Python. ``directory`` is empty."""

    def __init__(self, directory: pathlib.Path, environment: t.Mapping[str, str]) -> None:
        self.files, self.programs = directory / "files", directory / "venv" / "bin"
        self.environment = {**environment, "PATH": os.pathsep.join((str(self.programs), "/usr/bin", "/bin"))}
        self.files.mkdir()
        subprocess.run([sys.executable, "-m", "venv", str(directory / "venv")], check=True, timeout=120)

    def copy(self, arguments: str) -> None:
        """COPY: from the folder of the Containerfile."""
        *sources, target = arguments.split()
        for source in sources:
            shutil.copytree(CONTEXT / source, self._place(target), ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)

    def run(self, command: str, targets: t.Iterable[str]) -> str:
        """RUN: by the shell, with the paths of this folder in the place of the image's; return what it printed."""
        for target in targets:
            command = command.replace(target, str(self._place(target)))
        line = ["sh", "-euc", command]
        done = subprocess.run(line, cwd=self.files, env=self.environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def _place(self, path: str) -> pathlib.Path:
        return self.files / path.lstrip("/")
