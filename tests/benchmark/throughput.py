# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the emulator is: PYTHONPATH=tests python tests/benchmark/throughput.py [--requests 4000]

Starts one, fills it with a network and 50 vaults with an endpoint each, and asks: for one resource, for a list of
all vaults, and writes tags. Prints how soon it was ready, and requests a second: by the clock, and of the
server's processor time, which hardly depends on what else the machine does. Asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from emulator.client import Client, run

VAULTS = 50
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(name: str, pid: int, count: int, ask: Callable[[int], object]) -> None:
    began, used = time.perf_counter(), processor_seconds(pid)
    for number in range(count):
        ask(number)
    seconds, processor = time.perf_counter() - began, max(processor_seconds(pid) - used, 1 / TICKS)
    print(f"{name:28} {count / seconds:8.0f} requests/s by the clock {count / processor:8.0f} requests/s of processor time")


def filled(client: Client) -> list[str]:
    subnet = client.ready().network(prefix="10.0.0.0/24")[1]
    vaults = [client.vault(f"kv-{number}") for number in range(VAULTS)]
    for number, vault in enumerate(vaults):
        client.endpoint(subnet, vault, f"pe-{number}")
    return vaults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000, help="of each kind but lists, of which a tenth (default: %(default)s)")
    count = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for text in ("ready, keys and certificates made", "ready, second start"):
            began = time.perf_counter()
            assert run(directory, "start", "--timing", "none").returncode == 0
            seconds, pid = time.perf_counter() - began, json.loads((directory / "emulator.json").read_text())["pid"]
            print(f"{text}: {seconds:.2f} s by the clock, {processor_seconds(pid):.2f} s of the server's processor time")
            if text.endswith("made"):
                run(directory, "stop")
        try:
            facts = json.loads((directory / "emulator.json").read_text())
            client = Client(facts)
            vaults = filled(client)
            collection = vaults[0].rsplit("/", 1)[0]
            measure("GET a vault", facts["pid"], count, lambda number: client.call("GET", vaults[number % VAULTS]))
            measure(
                "PATCH a vault's tags",
                facts["pid"],
                count,
                lambda number: client.call("PATCH", vaults[number % VAULTS], {"tags": {"n": str(number)}}),
            )
            measure(f"GET a list of {VAULTS} vaults", facts["pid"], count // 10, lambda _number: client.call("GET", collection))
        finally:
            run(directory, "stop")


if __name__ == "__main__":
    main()
