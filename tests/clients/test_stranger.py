# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The emulator as a stranger finds it: a clone, and its README. Every file and command of the README is taken from it and run,
in an environment that has nothing of this repository; a role that the README does not know is tested with molecule.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap
import typing as t

import pytest

from clients.processes import CACHE, ROOT, base_environment, count

EMULATOR = ROOT / "tests" / "emulator"
SECONDS = 600
"""Most of it is PyPI's time, at the first run."""

AZ, PEER = CACHE / "azure-cli" / "bin" / "az", CACHE / "azcollection" / "bin" / "ansible-playbook"
_BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)

ROLE = {
    "tasks/main.yml": """
        - name: Have a resource group
          azure.azcollection.azure_rm_resourcegroup:
            name: theirs
            location: westeurope
        - name: Have a virtual network
          azure.azcollection.azure_rm_virtualnetwork:
            resource_group: theirs
            name: their-network
            address_prefixes: 10.7.0.0/16
        - name: Have a private zone
          azure.azcollection.azure_rm_privatednszone:
            resource_group: theirs
            name: privatelink.vaultcore.azure.net
    """,
    "meta/main.yml": """
        galaxy_info:
          author: somebody
          namespace: somebody
          role_name: their_role
          description: Has a network and a zone.
          license: MIT
          min_ansible_version: "2.16"
        dependencies: []
    """,
}


class Stranger:
    """A directory with a clone in it, an environment that the README makes there, and the README."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "tests/emulator"]
        files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        for each in filter(None, files):
            (directory / "privatelink" / each).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / each, directory / "privatelink" / each)
        self._sections = re.split(r"^## ", (directory / "privatelink/tests/emulator/README.md").read_text(encoding="utf-8"), flags=re.M)[1:]

    def blocks(self, title: str) -> list[tuple[str, str]]:
        """Return the blocks of a section as (file name, or empty for commands, and text)."""
        (section,) = (each for each in self._sections if each.splitlines()[0] == title)
        found = [(match["file"] or "", match["kind"], match["text"]) for match in _BLOCK.finditer(section)]
        assert all((kind == "sh") is not bool(file) for file, kind, _text in found), f"'{title}' has a block that is no file and no command"
        return [(file, text) for file, _kind, text in found]

    def follow(self, title: str, directory: pathlib.Path | None = None, *, blocks: slice = slice(None)) -> str:
        """Write the files of a section and run its commands, in the clone's parent or another directory; return what they printed."""
        place, printed = directory or self.directory, ""
        for file, text in self.blocks(title)[blocks]:
            if file:
                (place / file).parent.mkdir(parents=True, exist_ok=True)
                (place / file).write_text(text, encoding="utf-8")
            else:
                printed += self._run(text, place)
        return printed

    def _run(self, commands: str, place: pathlib.Path) -> str:
        activate = self.directory / "venv" / "bin" / "activate"
        begun = f". {activate}\n" if activate.exists() else ""
        done = subprocess.run(
            ["bash", "-c", f"set -eu\n{begun}{commands}"],
            cwd=place,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        count("commands of the emulator's README", len(commands.strip().splitlines()))
        assert done.returncode == 0, f"{commands}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout + done.stderr

    def _environment(self) -> dict[str, str]:
        """Nothing of this repository, but for versions that are pinned; az and ansible-playbook come last on the path."""
        home = base_environment(self.directory / "home", pathlib.Path(sys.executable))
        paths = [pathlib.Path(os.path.realpath(sys.executable)).parent, "/usr/local/bin", "/usr/bin", "/bin", AZ.parent, PEER.parent]
        return {
            **home,
            "PATH": os.pathsep.join(map(str, paths)),
            "PIP_CACHE_DIR": str(ROOT / ".cache" / "pip"),
            "PIP_CONSTRAINT": str(ROOT / "tests" / "requirements" / "tools.txt"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(PEER.parent.parent / "collections"),
            "ANSIBLE_NOCOLOR": "true",
        }

    def stop(self) -> None:
        """End what a section that failed may have left."""
        program = self.directory / "venv" / "bin" / "azure-emulator"
        for each in self.directory.rglob("emulator.json"):
            subprocess.run([str(program), "stop", "--directory", str(each.parent)], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Stranger]:
    """Somebody who has followed "Install"."""
    found = Stranger(tmp_path_factory.mktemp("stranger"))
    assert "azure-emulator 0" in found.follow("Install")
    yield found
    found.stop()


def need(program: pathlib.Path) -> None:
    """Skip where a client is not installed."""
    if not program.exists():
        pytest.skip(f"there is no {program}; tests/clients/run.sh installs it")


def test_install_has_nothing_of_the_repository(stranger: Stranger) -> None:
    found = stranger._run("cd / && python -c 'import emulator.cli; print(emulator.__file__)'", stranger.directory)
    assert found.startswith(str(stranger.directory / "venv"))


def test_start_look_stop(stranger: Stranger) -> None:
    printed = stranger.follow("Start, look, stop")
    assert "export AZURE_TENANT=" in printed and '"resourceManager"' in printed


def test_azure_cli(stranger: Stranger) -> None:
    need(AZ)
    assert '"vaultUri": "https://my-vault.vault.azure.net/"' in stranger.follow("Azure CLI")


def test_vaults_by_name(stranger: Stranger) -> None:
    need(AZ)
    printed = stranger.follow("Data plane endpoints of vaults")
    assert '"value": "something"' in printed and "closed to the internet" in printed


def test_azcollection(stranger: Stranger) -> None:
    need(PEER)
    assert "ok=2    changed=2" in stranger.follow("azure.azcollection")


def test_pytest(stranger: Stranger) -> None:
    assert "1 passed" in stranger.follow("pytest")


def test_state(stranger: Stranger) -> None:
    stranger.follow("Keep a state, and begin with it")
    assert '"version": 1' in (stranger.directory / "state.json").read_text(encoding="utf-8")


def test_role_with_molecule(stranger: Stranger) -> None:
    """A role of theirs, which the README has never seen; azure.azcollection's Python packages are lent to the environment."""
    need(PEER)
    role = stranger.directory / "their_role"
    for file, text in ROLE.items():
        (role / file).parent.mkdir(parents=True, exist_ok=True)
        (role / file).write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    stranger.follow("A role with molecule", role, blocks=slice(0, 3))
    (packages,) = (stranger.directory / "venv" / "lib").glob("python*/site-packages")
    (lent,) = (PEER.parent.parent / "lib").glob("python*/site-packages")
    (packages / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    printed = stranger.follow("A role with molecule", role, blocks=slice(3, None))
    assert re.search(r"ok=3 +changed=3 ", printed) and re.search(r"ok=3 +changed=0 ", printed), printed
