# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet of private vaults costs: python tests/benchmark/fleet.py [--write docs] [--sizes 1,5,20] [--delay 0.08] [--throttled]

Builds and installs the collection, starts the emulator, and runs real ansible-playbook processes with one task for all vaults: from
nothing, and again with nothing to do. Prints a Markdown table: seconds of the processor of ansible-playbook with all its processes, seconds
by the clock, the largest process in memory, and requests to Resource Manager. Asserts nothing. Run it with .venv/bin/python, with nothing
else to keep the machine busy.

--write: measure all that the page docs/performance.md shows, which takes about 40 minutes, and write it with its plot.
--delay: seconds that each answer takes. --throttled: Azure's quotas refuse, and operations take as long as they do there.
--templated: each vault's settings are Jinja.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import functools
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time
import typing as t

import peers
import report
from run import install, is_arm

from clients.peer import Peer
from clients.processes import AzureCli
from emulator.settings import REAL_SECONDS
from integration.emulation import Emulation, Json
from integration.running import Controller, play_of, task

DEFAULTS: Json = {
    "resource_group": "fleet",
    "location": "westeurope",
    "network_name": "fleet-net",
    "network_address_prefixes": ["10.0.0.0/16"],
    "subnet_address_prefixes": ["10.0.0.0/20"],
}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """Under which conditions to measure, and for how many vaults. peers: names of others, each with its own numbers of vaults."""

    title: str
    sizes: t.Sequence[int]
    peers: t.Mapping[str, t.Sequence[int]] = dataclasses.field(default_factory=dict)
    delay: float = 0.0
    throttled: bool = False
    templated: bool = False

    def begin(self, emulation: Emulation) -> None:
        """Empty the emulator, and let it answer under these conditions."""
        emulation.reset()
        timing = "real" if self.throttled else "none"
        emulation.control("PUT", "settings", {"page_size": 100, "throttling": self.throttled, "timing": timing})
        if self.delay:
            emulation.fault("", ".*", count=0, delay=self.delay)


# A small run takes two or three seconds, of which machines vary by a third.
ROUNDS = 3
MANY = 20

PAGE = (
    Scenario("Azure answers at once", (1, 5, 20, 100, 400), {"mitogen": (1, 5, 20), "az": (1, 5), "azcollection": (1, 2)}),
    Scenario("Each answer takes 80 ms", (1, 20, 400), {"mitogen": (5,)}, delay=0.08),
    Scenario("Azure's quotas refuse, and operations take as long as they do there", (400,), throttled=True),
    Scenario("Each vault's settings are Jinja", (20, 100, 400), templated=True),
)


@dataclasses.dataclass(frozen=True)
class Took:
    """What one run of ansible-playbook cost: seconds of the processor and by the clock, MiB, and its requests."""

    processor: float
    clock: float
    memory: float
    requests: list[Json]

    @property
    def asked(self) -> list[Json]:
        """Return the requests to Resource Manager."""
        return [request for request in self.requests if is_arm(request)]


class Fleet:
    """Runs playbooks for fleets of any size."""

    def __init__(self, directory: pathlib.Path, emulation: Emulation) -> None:
        self.directory = directory
        self.emulation = emulation
        self.controller = Controller(directory, emulation, str(directory / "collections"))

    def run(self, tasks: list[Json], **play: t.Any) -> Took:
        """Run a playbook of tasks of this collection."""
        quiet = {"ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_TASK_TIMEOUT", "PYTHONDONTWRITEBYTECODE"}
        environment = {name: value for name, value in self.controller.environment.items() if name not in quiet}
        program = str(pathlib.Path(sys.executable).parent / "ansible-playbook")
        return self.timed([program, self.playbook(tasks, **play)], environment)

    def playbook(self, tasks: list[Json], **play: t.Any) -> str:
        """Write a playbook of tasks; return its path."""
        file = self.directory / "play.json"
        file.write_text(json.dumps([play_of(*tasks, **play)]), encoding="utf-8")
        return str(file)

    def timed(self, command: list[str], environment: t.Mapping[str, str]) -> Took:
        """Run a command to its end, with all its processes."""
        with (self.directory / "output").open("w+", encoding="utf-8") as output:
            began, wall = time.time(), time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=self.directory)
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            clock = time.monotonic() - wall
            if process.returncode:
                output.seek(0)
                raise SystemExit(output.read())
        return Took(used.ru_utime + used.ru_stime, clock, used.ru_maxrss / 1024, self.emulation.requests(began))


def vaults_task(size: int, *, templated: bool) -> Json:
    """Return the task for a fleet."""
    settings = {"tags": {"team": "{{ owner }}", "name": "{{ prefix }}-{{ owner }}"}, "sku": "{{ sku }}"} if templated else {}
    return task("private_vaults", defaults=DEFAULTS, vaults={f"fleet-vault-{number:03}": settings for number in range(size)})


def kinds(requests: t.Iterable[Json]) -> str:
    """Return the number of requests by method and type."""
    counted: collections.Counter[str] = collections.Counter()
    for request in requests:
        words = request["path"].split("?")[0].rstrip("/").split("/")
        kind = words[-1] if len(words) % 2 == 0 else words[-2]
        counted[f"{request['method']} {kind}"] += 1
    return ", ".join(f"{count} {name}" for name, count in counted.most_common(8))


def row(who: str, size: int, run: str, took: Took) -> report.Row:
    """Return a line of the table, and print it."""
    writes = sum(request["method"] not in ("GET", "HEAD") for request in took.asked)
    found = report.Row(who, size, run, took.processor, took.clock, took.memory, len(took.asked), writes)
    print(report.line(found.cells()), flush=True)
    return found


def measure_peer(fleet: Fleet, scenario: Scenario, key: str, size: int) -> t.Iterator[report.Row]:
    """Measure azure.azcollection, stock or under Mitogen, or Azure CLI."""
    scenario.begin(fleet.emulation)
    if key == "az":
        yield row("the guide's az commands", size, "first", az_commands(fleet, size))
        return
    name = {"azcollection": "azure.azcollection", "mitogen": "azure.azcollection, mitogen_linear"}[key]
    peer = Peer(fleet.directory / "peer", fleet.emulation)
    playbook = fleet.playbook(peers.tasks(fleet.emulation, size))
    quiet = {"ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CALLBACK_PLUGINS"}
    own = {variable: value for variable, value in peer.environment.items() if variable not in quiet}
    environment = {**own, **(peers.mitogen(fleet.directory) if key == "mitogen" else {})}
    rounds = ROUNDS if key == "mitogen" else 1  # the stock collection takes minutes
    for run, took in medians(fleet, scenario, rounds, lambda: fleet.timed([str(peer.program), playbook], environment)):
        yield row(name, size, run, took)


def medians(fleet: Fleet, scenario: Scenario, rounds: int, run: t.Callable[[], Took]) -> t.Iterator[tuple[str, Took]]:
    """Run from nothing and again with nothing to do, several times; yield of each the one with the median of the processor's seconds."""
    names = ("first", "no change")
    taken: dict[str, list[Took]] = {name: [] for name in names}
    for _round in range(rounds):
        scenario.begin(fleet.emulation)
        for name in names:
            taken[name].append(run())
    for name in names:
        yield name, sorted(taken[name], key=lambda took: took.processor)[rounds // 2]


def az_commands(fleet: Fleet, size: int) -> Took:
    """Run the guide's commands, one after the other."""
    az = AzureCli(fleet.directory / f"az-{size}", fleet.emulation)
    az.register_cloud()
    az.login()
    script = fleet.directory / "guide.sh"
    words = [shlex.join(word.format(**az.names) for word in shlex.split(command)) for command in peers.guide(size)]
    script.write_text("\n".join(["set -e", *(f"{az.program} {line} > /dev/null" for line in words)]), encoding="utf-8")
    environment = {variable: value for variable, value in az.environment.items() if value is not None}
    return fleet.timed(["bash", str(script)], environment)


def measure(fleet: Fleet, scenario: Scenario, *, show_kinds: bool = False) -> report.Section:
    """Measure every size, and the others; print a table while it goes on."""
    scenario.begin(fleet.emulation)
    nothing = [task("resource_group", name="none", state="absent")]
    empty, one = (dict(medians(fleet, scenario, ROUNDS, functools.partial(fleet.run, tasks)))["no change"] for tasks in ([], nothing))
    print(f"\n{scenario.title}. An empty play: {empty.processor:.2f} CPU s; one task of this collection: {one.processor:.2f} CPU s.\n")
    print(report.head())
    rows = []
    variables = {"vars": {"owner": "platform", "prefix": "fleet", "sku": "standard"}} if scenario.templated else {}
    for size in scenario.sizes:
        tasks = [vaults_task(size, templated=scenario.templated)]
        rounds = ROUNDS if size <= MANY else 1
        for run, took in medians(fleet, scenario, rounds, functools.partial(fleet.run, tasks, **variables)):
            rows.append(row(report.OURS, size, run, took))
            if show_kinds:
                print(f"<!-- {kinds(took.asked)} -->")
    rows += [each for key, sizes in scenario.peers.items() for size in sizes for each in measure_peer(fleet, scenario, key, size)]
    around = sum(REAL_SECONDS[each] for each in ("provider.register", "zone_group.put", "link.put")) if scenario.throttled else 0.0
    return report.Section(scenario.title, empty.processor, one.processor, one.clock, tuple(rows), around)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=pathlib.Path, metavar="DIRECTORY", help="measure all of the page, and write it there")
    parser.add_argument("--sizes", default="1,5,20")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--throttled", action="store_true")
    parser.add_argument("--templated", action="store_true")
    parser.add_argument("--kinds", action="store_true", help="print what was asked")
    parser.add_argument("--peers", default="", help="also measure: azcollection, mitogen, az; needs what tests/clients/run.sh installs")
    parser.add_argument("--peer-sizes", default="1,5")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        directory = pathlib.Path(place)
        (directory / "peer").mkdir()
        install(directory)
        emulation = Emulation(directory / "emulator")
        try:
            fleet = Fleet(directory, emulation)
            sections: list[report.Section] = []
            for scenario in PAGE if options.write else [asked(options)]:
                sections.append(measure(fleet, scenario, show_kinds=options.kinds))
                if options.write:
                    report.write(sections, options.write)  # each time, so that what is interrupted shows what it has
        finally:
            emulation.stop()


def asked(options: argparse.Namespace) -> Scenario:
    """Return the conditions that the command line names."""
    sizes = [int(size) for size in options.sizes.split(",")]
    others = {name: [int(size) for size in options.peer_sizes.split(",")] for name in options.peers.split(",") if name}
    conditions = {name: getattr(options, name) for name in ("delay", "throttled", "templated")}
    return Scenario("As asked", sizes, others, **conditions)


if __name__ == "__main__":
    main()
