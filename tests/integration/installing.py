# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as a user installs it, made from this checkout."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

from integration.emulation import TESTS


def installed(directory: pathlib.Path) -> str:
    """Build the collection from this checkout and install it into a directory; return that, for ANSIBLE_COLLECTIONS_PATH."""
    galaxy = str(pathlib.Path(sys.executable).parent / "ansible-galaxy")
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(directory), "ANSIBLE_HOME": str(directory / "home")}
    # Only what the collection is built from: galaxy.yml leaves out the rest, but not the local directories of every tool.
    checkout = directory / "checkout"
    shutil.copytree(TESTS.parent, checkout, ignore=shutil.ignore_patterns(".*", "tests", "extensions", "__pycache__"), symlinks=True)
    for command in (["build", "--output-path", str(directory), str(checkout)], ["install", "--offline"]):
        tarball = [str(file) for file in directory.glob("*.tar.gz")]
        subprocess.run(
            [galaxy, "collection", *command, *(tarball if command[0] == "install" else [])],
            check=True,
            env=environment,
            capture_output=True,
        )
    return str(directory)
