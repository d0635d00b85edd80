# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet of private vaults costs: python tests/benchmark/fleet.py [--sizes 1,5,20] [--delay 0.08] [--throttled] [--rounds 1]

Builds and installs the collection, starts the emulator, and runs real ansible-playbook processes with one task for all vaults: from
nothing, and again with nothing to do. Prints a Markdown table: seconds of the processor of ansible-playbook with all its processes, seconds
by the clock, the largest process in memory, and requests to Resource Manager. Asserts nothing. Run it with .venv/bin/python, with nothing
else to keep the machine busy.

--delay: seconds that each answer takes. --throttled: Azure's quotas refuse, and operations take as long as they do there.
--templated: each vault's settings are Jinja.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import typing as t

from run import install, is_arm

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
        """Run a playbook of tasks."""
        file = self.directory / "play.json"
        file.write_text(json.dumps([play_of(*tasks, **play)]), encoding="utf-8")
        quiet = {"ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_TASK_TIMEOUT", "PYTHONDONTWRITEBYTECODE"}
        environment = {name: value for name, value in self.controller.environment.items() if name not in quiet}
        with (self.directory / "output").open("w+", encoding="utf-8") as output:
            began, wall = time.time(), time.monotonic()
            command = [str(pathlib.Path(sys.executable).parent / "ansible-playbook"), str(file)]
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


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1,5,20")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--throttled", action="store_true")
    parser.add_argument("--templated", action="store_true")
    parser.add_argument("--kinds", action="store_true", help="print what was asked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        directory = pathlib.Path(place)
        install(directory)
        emulation = Emulation(directory / "emulator")
        try:
            fleet = Fleet(directory, emulation)
            empty, one = fleet.run([]), fleet.run([task("resource_group", name="none", state="absent")])
            print(f"An empty play: {empty.processor:.2f} CPU s; one task of this collection: {one.processor:.2f} CPU s.\n")
            print("| vaults | run | CPU s | wall s | MiB | requests | writes |")
            print("| --: | --- | --: | --: | --: | --: | --: |")
            for size in map(int, options.sizes.split(",")):
                emulation.reset()
                settings: Json = {"page_size": 100, "throttling": options.throttled, "timing": "real" if options.throttled else "none"}
                emulation.control("PUT", "settings", settings)
                if options.delay:
                    emulation.fault("GET|PUT|POST|DELETE", ".*", count=1_000_000, delay=options.delay)
                variables = {"vars": {"owner": "platform", "prefix": "fleet", "sku": "standard"}} if options.templated else {}
                for run in ("first", "no change"):
                    took = fleet.run([vaults_task(size, templated=options.templated)], **variables)
                    writes = sum(request["method"] not in ("GET", "HEAD") for request in took.asked)
                    asked = f"{len(took.asked)} | {writes}"
                    print(f"| {size} | {run} | {took.processor:.2f} | {took.clock:.1f} | {took.memory:.0f} | {asked} |", flush=True)
                    if options.kinds:
                        print(f"<!-- {kinds(took.asked)} -->")
        finally:
            emulation.stop()


if __name__ == "__main__":
    main()
