# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of many private vaults cost: python tests/benchmark/checks.py [--sizes 1,40,400] [--delay 0.08]

Like fleet.py: real ansible-playbook processes against the emulator, and a Markdown table of seconds of the processor, seconds by the clock,
memory and requests. The vaults are closed, each with an endpoint and a DNS zone group; one run writes no file, the next JUnit and SARIF.
Asserts nothing. Run it with .venv/bin/python, with nothing else to keep the machine busy.
"""

from __future__ import annotations

import argparse
import pathlib
import tempfile

from fleet import Fleet, row
from run import install

from integration.emulation import Emulation
from integration.estate import Estate
from integration.running import task


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1,40,400")
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        directory = pathlib.Path(place)
        install(directory)
        emulation = Emulation(directory / "emulator")
        try:
            print("| what | vaults | run | CPU s | wall s | MiB | requests | writes |")
            print("| --- | --: | --- | --: | --: | --: | --: | --: |")
            for size in map(int, options.sizes.split(",")):
                measure(Fleet(directory, emulation), size, options.delay)
        finally:
            emulation.stop()


def measure(fleet: Fleet, size: int, delay: float) -> None:
    """Measure one size."""
    fleet.emulation.reset()
    fleet.emulation.control("PUT", "settings", {"page_size": 100})
    Estate(fleet.emulation).many(size)
    if delay:
        fleet.emulation.fault("GET|PUT|POST|DELETE", ".*", count=1_000_000, delay=delay)
    files = {"junit": str(fleet.directory / "checks.xml"), "sarif": str(fleet.directory / "checks.sarif")}
    for run, written in (("verdicts", {}), ("with JUnit and SARIF", files)):
        took = fleet.run([task("keyvault_private_link_check", fail_on="none", **written)])
        row("keyvault_private_link_check", size, run, took)


if __name__ == "__main__":
    main()
