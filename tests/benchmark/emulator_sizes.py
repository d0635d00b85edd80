# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the emulator bears a fleet: PYTHONPATH=tests python tests/benchmark/emulator_sizes.py [--vaults 10,100,1000,5000] [--resources 20000]

Makes vaults with an endpoint and a zone group each (so five resources and a record), 250 to a subnet, and says at each size
what the next ones cost, and what reads and lists by page cost then: in seconds of the server's processor, which other processes on
the machine hardly change. With --resources a state of so many is loaded into another one, and its memory is measured. Asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from throughput import processor_seconds

from emulator.client import Client, run

SAMPLE = 50
PER_SUBNET = 250
PAGE = 200


class Fleet:
    """Vaults with their endpoints in one emulator."""

    def __init__(self, directory: Path) -> None:
        self.facts: dict[str, Any] = json.loads((directory / "emulator.json").read_text())
        self.client = Client(self.facts).ready()
        self.client.control(
            "PUT", "settings", {"limits": {"vaults_with_endpoints_per_subscription": 10**6, "endpoints_per_network": 10**6}}
        )
        self.zone = self.client.zone()
        self.subnets: list[str] = []
        self.count = 0

    def add(self) -> None:
        """One more vault that is reached through an endpoint and by a name."""
        number, client = self.count, self.client
        if number % PER_SUBNET == 0:
            self._network(number // PER_SUBNET)
        subnet, vault = self.subnets[-1], f"{client.rg}/providers/Microsoft.KeyVault/vaults/kv-{number}"
        own = {"tenantId": self.facts["tenant"], "sku": {"family": "A", "name": "standard"}}
        assert client.call("PUT", vault, {"location": "westeurope", "properties": own}).status_code == 200
        endpoint = f"{client.rg}/providers/Microsoft.Network/privateEndpoints/pe-{number}"
        assert client.call("PUT", endpoint, client.endpoint_body(subnet, vault)).status_code == 201
        config = {"name": "vault", "properties": {"privateDnsZoneId": self.zone}}
        group = client.call("PUT", f"{endpoint}/privateDnsZoneGroups/default", {"properties": {"privateDnsZoneConfigs": [config]}})
        assert group.status_code == 201
        self.count += 1

    def _network(self, number: int) -> None:
        network = f"{self.client.rg}/providers/Microsoft.Network/virtualNetworks/vnet"
        if number == 0:
            self.client.do("PUT", network, {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/8"]}}})
        subnet = f"{network}/subnets/snet-{number}"
        self.client.do("PUT", subnet, {"properties": {"addressPrefix": f"10.{number // 128}.{number % 128 * 2}.0/23"}})
        self.subnets.append(subnet)

    def pages(self, path: str) -> int:
        """Read a list to its end; how many pages it had."""
        self.client.control("PUT", "settings", {"page_size": PAGE})
        page, count = self.client.get(path), 1
        while "nextLink" in page:
            page, count = self.client.get(page["nextLink"]), count + 1
        self.client.control("PUT", "settings", {"page_size": 0})
        return count

    def cost(self, ask: Callable[[int], object], times: int) -> float:
        """Milliseconds of the server's processor for each."""
        before = processor_seconds(self.facts["pid"])
        for number in range(times):
            ask(number)
        return (processor_seconds(self.facts["pid"]) - before) * 1000 / times


def memory(pid: int) -> float:
    """What a process holds, in MiB (Linux)."""
    line = next(each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def row(fleet: Fleet) -> str:
    client, vault = fleet.client, f"{fleet.client.rg}/providers/Microsoft.KeyVault/vaults/kv-0"
    made = fleet.cost(lambda _number: fleet.add(), SAMPLE)
    read = fleet.cost(lambda _number: client.call("GET", vault), 300)
    subnet = fleet.cost(lambda _number: client.call("GET", fleet.subnets[0]), 30)
    patched = fleet.cost(lambda number: client.call("PATCH", vault, {"tags": {"n": str(number)}}), 100)
    listed = fleet.cost(lambda _number: fleet.pages(f"{client.subscription}/resources"), 1)
    found = len(client.get(f"{client.subscription}/resources")["value"])
    cells = (fleet.count, 1000 / made, 1000 / read, patched, subnet, listed / found * 1000, memory(fleet.facts["pid"]))
    return "| {:,} | {:.0f} | {:,.0f} | {:.1f} | {:.1f} | {:.0f} | {:.0f} |".format(*cells)


def sizes(directory: Path, wanted: list[int]) -> None:
    print("| vaults | made a CPU second | GET a CPU second | PATCH, ms | GET a full subnet, ms | /resources by page, µs each | MiB |")
    print("| --: | --: | --: | --: | --: | --: | --: |")
    fleet = Fleet(directory)
    for size in wanted:
        while fleet.count < size:
            fleet.add()
        print(row(fleet), flush=True)


def loaded(directory: Path, count: int) -> None:
    """What a state of so many resources takes, most of them networks' and vaults' own."""
    fleet = Fleet(directory)
    fleet.add()
    state = fleet.client.control("GET", "state")
    group = fleet.client.rg
    models = [each for each in state["resources"] if "/providers/" in each["id"]]
    number = 0
    while len(state["resources"]) < count:
        text = json.dumps(models[number % len(models)])
        more = text.replace(f"{group}/", f"{group}-{number}/")
        state["resources"].append(json.loads(more))
        number += 1
    empty = memory(fleet.facts["pid"])
    fleet.client.control("PUT", "state", state)
    shown = fleet.client.control("GET", "health")["resources"]
    print(f"{shown:,} resources: {memory(fleet.facts['pid']):.0f} MiB, before {empty:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vaults", default="10,100,1000,5000", help="sizes to measure at (default: %(default)s)")
    parser.add_argument("--resources", type=int, default=20_000, help="in the state that is loaded (default: %(default)s)")
    options = parser.parse_args()
    counts = [int(each) for each in options.vaults.split(",")]
    works: tuple[Callable[[Path], None], ...] = (lambda place: sizes(place, counts), lambda place: loaded(place, options.resources))
    for work in works:
        with tempfile.TemporaryDirectory() as name:
            assert run(Path(name), "start", "--timing", "none").returncode == 0
            try:
                work(Path(name))
            finally:
                run(Path(name), "stop")


if __name__ == "__main__":
    main()
