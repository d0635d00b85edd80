# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both ends of the Azure SDK for Python, used directly."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

from clients.processes import CACHE, TIMEOUT, base_environment, count
from integration.emulation import Emulation

ENDS = {"newest": pathlib.Path(sys.executable), "oldest": CACHE / "ends" / "oldest" / "bin" / "python"}
SCRIPT = pathlib.Path(__file__).with_name("sdk_tutorial.py")


@pytest.mark.parametrize("timing", ["none", "fast"])
@pytest.mark.parametrize("end", ENDS)
def test_tutorial(end: str, timing: str, emulation: Emulation, tmp_path: pathlib.Path) -> None:
    python = ENDS[end]
    if not python.exists():
        pytest.skip(f"there is no {python}; tests/clients/run.sh makes it")
    emulation.reset()
    emulation.control("PUT", "settings", {"timing": timing})
    command = [str(python), str(SCRIPT), str(emulation.directory / "emulator.json")]
    environment = base_environment(tmp_path, python)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    count(f"SDK operations ({end} releases)", answer["operations"])
    assert answer["done"] == {
        "vault": "https://sdk-vault.vault.azure.net/",
        "firewall": "Deny",
        "policies": "Disabled",
        "link": "Succeeded",
        "status": ["Approved", "Pending"],
        "address": "10.1.0.4",
        "records": ["@", "sdk-vault"],
        "group ids": ["vault"],
        "Approved": ["Approved", "Approved"],
        "Rejected": ["Rejected", "Rejected"],
        "removed": [None, "Disconnected"],
        "deleted": ["sdk-vault"],
        "group": [404, "ResourceGroupNotFound"],
    }
