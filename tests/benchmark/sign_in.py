# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a play of ten tasks asks of who signs in: PYTHONPATH=tests python tests/benchmark/sign_in.py

Builds and installs the collection, starts the emulator, reaches it through a proxy under the names of the public cloud's hosts, runs a
play of ten tasks for each kind of credential, in Ansible's worker and as module processes, and prints a Markdown table of requests.
These are counts, so it does not matter what else the machine does. tests/integration/test_sign_in.py asserts them.
"""

from __future__ import annotations

import itertools
import pathlib
import tempfile
import typing as t

from integration.emulation import Emulation
from integration.installing import installed
from integration.proxy import Proxy
from integration.running import Controller
from integration.signing_in import AzureCli, play, requested, ways

TESTS = pathlib.Path(__file__).resolve().parent.parent


QUESTIONS = ("token", "tenant metadata", "kind of user", "instance discovery", "cloud metadata")
PATHS = {"in Ansible's worker": "1", "module processes": "0"}


def rows(directory: pathlib.Path, emulation: Emulation) -> t.Iterator[list[str]]:
    """Measure, and return the cells of one line of the table after another."""
    (directory / "collections").mkdir()
    controller = Controller(directory / "controller", emulation, installed(directory / "collections"))
    proxy = Proxy(int(emulation.facts["url"].rpartition(":")[2]))
    cli = AzureCli(emulation, directory, controller.environment["PATH"])
    named = {**ways(emulation, directory), "Azure CLI": cli.environment}
    described = {"secret, cloud by its address": {**named["secret"], "AZURE_CLOUD_ENVIRONMENT": emulation.facts["url"]}}
    for cloud, environments in (("AzureCloud", named), ("AzureLocal", described)):
        emulation.control("PUT", "settings", {"cloud": cloud})
        for (kind, environment), path in itertools.product(environments.items(), PATHS):
            before = cli.calls
            env = {**environment, "HTTPS_PROXY": proxy.url, "ANSIBLE_PRIVATELINK_DIRECT": PATHS[path]}
            counts = requested(controller.tasks(*play(), env=env).succeeded())
            other = {name: number for name, number in counts.items() if name not in QUESTIONS}
            if other:
                raise ValueError(f"requests that no column counts: {other}")
            yield [kind, path, *(str(counts.get(name, 0)) for name in QUESTIONS), str(sum(counts.values())), str(cli.calls - before)]
    proxy.close()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "emulator").mkdir()
        emulation = Emulation(directory / "emulator")
        try:
            print("| " + " | ".join(["credential", "tasks run", *QUESTIONS, "all requests", "runs of `az`"]) + " |")
            print("| --- | --- |" + " --: |" * (len(QUESTIONS) + 2))
            for cells in rows(directory, emulation):
                print("| " + " | ".join(cells) + " |", flush=True)
        finally:
            emulation.stop()


if __name__ == "__main__":
    main()
