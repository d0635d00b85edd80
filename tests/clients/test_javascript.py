# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure's SDK for JavaScript from npm, used directly: another language's reading of the same documents."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from clients.processes import CACHE, TIMEOUT, base_environment, count
from emulator import environment
from integration.emulation import Emulation

HERE = pathlib.Path(__file__).with_name("javascript")
PACKAGES = CACHE / "javascript"
"""Where run.sh has npm install what package-lock.json says."""


def test_tutorial(emulation: Emulation, tmp_path: pathlib.Path) -> None:
    node = shutil.which("node", path=os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"]))
    if node is None:
        pytest.skip("there is no node; the SDK for JavaScript needs version 20 or later")
    if not (PACKAGES / "node_modules").is_dir():
        pytest.skip(f"the SDK for JavaScript is not installed in {PACKAGES}; tests/clients/run.sh does that where there are node and npm")
    for each in ("package.json", "tutorial.js"):
        shutil.copy(HERE / each, tmp_path)
    (tmp_path / "node_modules").symlink_to(PACKAGES / "node_modules")
    found = {name: value for name, value in environment.variables(emulation.facts, "sdk").items() if value is not None}
    done = subprocess.run(
        [node, "tutorial.js"],
        cwd=tmp_path,
        env={**base_environment(tmp_path / "home", pathlib.Path(node)), **found},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    asked = emulation.requests()
    assert done.returncode == 0, done.stdout + done.stderr + str([(each["method"], each["path"], each["status"]) for each in asked[-8:]])
    count("requests of the SDK for JavaScript", len([each for each in asked if "azsdk-js" in each["user_agent"]]))
    assert json.loads(done.stdout) == {
        "vault": "https://js-vault.vault.azure.net/",
        "firewall": "Deny",
        "subnets": ["Succeeded"],
        "link": "Completed",
        "status": ["Approved", "Pending"],
        "decided": "Approved",
        "records": [["js-vault", "10.1.0.4"]],
        "left": 0,
        "deleted": ["js-vault"],
    }
