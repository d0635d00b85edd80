# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task costs: PYTHONPATH=tests python tests/benchmark/run.py [--rounds 3] [--tasks 20]

Builds and installs the collection, starts the emulator (answers at once), runs real ansible-playbook processes, and prints a Markdown
table. Asserts nothing. Needs the tools of tests/run.sh: run it with .venv/bin/python. Nothing else should keep the machine busy meanwhile.

A task's cost is the time of a playbook with 1 + N equal tasks less that of a playbook with one, divided by N; the
shortest of all rounds counts. From it the time is taken that the emulator spent on the task's requests (its log),
so all that client, TLS and network cost is the task's own. The processor's time counts ansible-playbook with all
its processes; unlike the clock's it hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import compileall
import dataclasses
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t
from importlib import metadata

from integration.emulation import Emulation, Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, play_of, task

TESTS = pathlib.Path(__file__).resolve().parent.parent
HERE = TESTS / "benchmark"


PROCESS = {"ANSIBLE_PRIVATELINK_DIRECT": "0"}
PROCESSES = 4  # tasks of a playbook that starts a process for each
ROLLOUT = {
    "private_vault_name": "bench-vault",
    "private_vault_resource_group": "bench",
    "private_vault_location": "westeurope",
    "private_vault_network_name": "bench-net",
    "private_vault_network_address_prefixes": ["10.2.0.0/16"],
    "private_vault_subnet_name": "endpoints",
    "private_vault_subnet_address_prefixes": ["10.2.0.0/24"],
}


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one task: milliseconds by the clock and of the processor, its requests, and the milliseconds that the server spent on them.

    token: the part of the server that is no resource of ARM: token, its discovery, description of the cloud.
    """

    total: float
    processor: float
    requests: float = 0.0
    served: float = 0.0
    token: float = 0.0

    @property
    def beyond(self) -> float:
        """Return what the task costs beyond its round trips."""
        return self.total - self.served


@dataclasses.dataclass(frozen=True)
class Took:
    """Of one playbook: seconds by the clock and of the processor, and its requests."""

    clock: float
    processor: float
    requests: list[Json]


class Bench:
    """Runs playbooks on a landscape of resources, and measures."""

    def __init__(self, directory: pathlib.Path, rounds: int) -> None:
        self.directory = directory
        self.rounds = rounds
        self.emulation = Emulation(directory / "emulator")
        self.controller = Controller(directory, self.emulation, str(directory / "collections"))
        self._quiet = {
            "ANSIBLE_CALLBACKS_ENABLED": None,
            "ANSIBLE_CALLBACK_PLUGINS": None,
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "plugins" / "action"),
            "ANSIBLE_PRIVATELINK_DIRECT": "1",
        }

    def make(self) -> Landscape:
        """Make what the tasks look at, one link and one record more than the landscape has."""
        landscape = Landscape(self.controller, self.emulation)
        self.run(*tasks_of(landscape).values())
        return landscape

    def run(self, *tasks: Json, env: t.Mapping[str, str | None] | None = None) -> Took:
        """Run a playbook with these tasks."""
        return self._timed([play_of(*tasks)], env=env)

    def rollout(self, env: t.Mapping[str, str | None] | None = None) -> Took:
        """Run a whole rollout."""
        arguments = [word for name, value in ROLLOUT.items() for word in ("--extra-vars", f'{{"{name}": {value!r}}}'.replace("'", '"'))]
        return self._timed("privatelink.azure.rollout", *arguments, env=env)

    def _timed(self, playbook: t.Any, *arguments: str, env: t.Mapping[str, str | None] | None = None) -> Took:
        before, began = processor_time(), time.monotonic()
        started = self.controller.start(playbook, *arguments, env={**self._quiet, **(env or {})})
        started.process.wait(timeout=600)
        clock, processor = time.monotonic() - began, processor_time() - before
        done = started.wait()
        if done.rc:
            raise SystemExit(done.output)
        return Took(clock, processor, done.requests)

    def cost(self, found: Json, more: int, env: t.Mapping[str, str | None] | None = None, *, loop: bool = False) -> Cost:
        """Return what one more such task, or one more item of its loop, costs."""
        one, many = [], []
        for _round in range(self.rounds):
            one.append(self.run(*repeated(found, 1, loop), env=env))
            many.append(self.run(*repeated(found, 1 + more, loop), env=env))
        count = 1 + more
        return Cost(
            (min(took.clock for took in many) - min(took.clock for took in one)) / more * 1000,
            (min(took.processor for took in many) - min(took.processor for took in one)) / more * 1000,
            min(len(took.requests) for took in many) / count,
            min(served(took.requests) for took in many) / count,
            min(served(request for request in took.requests if not is_arm(request)) for took in many) / count,
        )

    def loads(self, *tasks: Json, env: t.Mapping[str, str | None] | None = None) -> int:
        """Return how many processes load the SDK in a playbook of these tasks."""
        file = self.directory / "imports"
        file.unlink(missing_ok=True)
        self.run(*tasks, env={**(env or {}), "PYTHONPATH": str(HERE / "plugins" / "site"), "BENCHMARK_IMPORTS": str(file)})
        return len(set(file.read_text(encoding="utf-8").split())) if file.exists() else 0


def processor_time() -> float:
    """Return the processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def repeated(found: Json, count: int, loop: bool) -> list[Json]:
    """Return a task that many times: as tasks, or as items of one task's loop."""
    return [{**found, "loop": list(range(count)), "loop_control": {"label": "item"}}] if loop else [found] * count


def served(requests: t.Iterable[Json]) -> float:
    """Return the milliseconds that the server spent on requests."""
    return sum(float(request["duration_ms"]) for request in requests)


def is_arm(request: Json) -> bool:
    """Return whether a request is one of Azure Resource Manager's resources, rather than for a token or a description of the cloud."""
    return bool(request["path"].lower().startswith(("/subscriptions/", "/providers/")))


def tasks_of(landscape: Landscape) -> dict[str, Json]:
    """Return a task of each kind that finds everything as it shall be."""
    group = {"resource_group": GROUP}
    return {
        "resource_group": task("resource_group", name=GROUP, location="westeurope"),
        "keyvault": task("keyvault", **group, name="shop-vault", location="westeurope", public_network_access="Disabled"),
        "virtual_network": task("virtual_network", **group, name="shop-net", location="westeurope", address_prefixes=["10.1.0.0/16"]),
        "subnet": task("subnet", **group, virtual_network_name="shop-net", name="endpoints", address_prefixes=["10.1.0.0/24"]),
        "private_dns_zone": task("private_dns_zone", **group),
        "private_dns_zone_link": task("private_dns_zone_link", **group, name="bench", virtual_network_id=landscape.network),
        "private_dns_a_record": task("private_dns_a_record", **group, name="shop-vault", ipv4_addresses=["10.1.0.4"]),
        "keyvault_private_endpoint": task(
            "keyvault_private_endpoint", **group, name="shop-endpoint", vault_id=landscape.vault, subnet_id=landscape.subnet
        ),
        "keyvault_private_endpoint_info": task("keyvault_private_endpoint_info", **group, vault_name="shop-vault"),
        "endpoint_connection_approval": task(
            "endpoint_connection_approval", **group, vault_name="shop-vault", endpoint_id=landscape.endpoint
        ),
    }


def install(directory: pathlib.Path) -> None:
    """Build the collection's tarball from the checkout, install it below directory, and compile it."""
    script = 'root=$1; . "$root/tests/tools/lib.sh"; copy_checkout "$2/checkout" && install_collection "$2/checkout" "$2"'
    environment = {
        **os.environ,
        "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_HOME": str(directory / "ansible"),
    }
    subprocess.run(
        ["bash", "-c", script, "install", str(TESTS.parent), str(directory)], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    compileall.compile_dir(directory / "collections", quiet=2)


def line(*cells: str) -> None:
    """Print a row of the table."""
    print("| " + " | ".join(cells) + " |", flush=True)


def row(name: str, cost: Cost) -> None:
    """Print what a task costs."""
    line(name, f"{cost.total:.0f}", f"{cost.processor:.0f}", f"{cost.requests:.1f}", f"{cost.served:.0f}", f"{cost.beyond:.0f}")


def run_row(name: str, took: Took, loads: str = "") -> None:
    """Print what a playbook costs."""
    line(name, f"{took.clock:.2f}", f"{took.processor:.2f}", str(len(took.requests)), loads)


def measure(bench: Bench, more: int) -> None:
    """Print the tables."""
    tasks = tasks_of(bench.make())
    line("No-change task, direct execution", "ms", "ms of the processor", "requests", "ms in the server", "ms beyond")
    line("---", "--:", "--:", "--:", "--:", "--:")
    empty = bench.cost({"name": "empty", "empty": {}}, more)
    row("(an empty action task)", empty)
    costs: dict[str, Cost] = {}
    for name, found in tasks.items():
        costs[name] = bench.cost(found, more)
        row(name, costs[name])
    empty_item = bench.cost({"name": "empty", "empty": {}}, more, loop=True)
    row("(an empty item of a loop)", empty_item)
    item = bench.cost(tasks["keyvault"], more, loop=True)
    row("keyvault, an item of a loop", item)
    process = bench.cost(tasks["keyvault"], PROCESSES, PROCESS)
    row("keyvault, as an ordinary module process", process)
    print()
    line("Playbook run", "seconds", "seconds of the processor", "requests", "processes that load the SDK")
    line("---", "--:", "--:", "--:", "--:")
    everything = list(tasks.values())
    loads = bench.loads(*everything)
    run_row("one keyvault task", bench.run(tasks["keyvault"]), str(bench.loads(tasks["keyvault"])))
    run_row(f"{len(everything)} different tasks", bench.run(*everything), str(loads))
    run_row("the same, as ordinary module processes", bench.run(*everything, env=PROCESS), str(bench.loads(*everything, env=PROCESS)))
    run_row("rollout from nothing", bench.rollout())
    run_row("rollout again", bench.rollout())
    run_row("rollout again, as ordinary module processes", bench.rollout(PROCESS))
    print()
    worst = max(costs, key=lambda name: costs[name].beyond)
    separate, together = costs["keyvault"].beyond - empty.beyond, item.beyond - empty_item.beyond
    signing = sum(cost.token for cost in costs.values()) / len(costs)
    dearest = f"{worst}, {costs[worst].beyond:.0f} ms ({costs[worst].processor:.0f} of the processor)"
    print(f"- A no-change task costs at most 60 ms beyond its round trips: the dearest, {dearest}.")
    print(f"- The SDK is loaded once in a playbook run: {loads} in one of {len(everything)} tasks.")
    print(
        f"- Token, connection and clients of a task: {separate - together:.0f} ms and "
        f"{signing:.0f} ms in the server; a loop's items share them."
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each playbook runs; the shortest time counts")
    parser.add_argument("--tasks", type=int, default=20, help="how many tasks more the longer playbook has")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="benchmark-"))
    try:
        install(directory)
        bench = Bench(directory, given.rounds)
        try:
            versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("ansible-core", "azure-core", "azure-mgmt-network"))
            print(
                f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores, {given.rounds} rounds of {given.tasks} tasks.\n"
            )
            measure(bench, given.tasks)
        finally:
            bench.emulation.stop()
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
