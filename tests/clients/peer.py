# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure.azcollection in ansible-playbook processes of its own environment."""

from __future__ import annotations

import itertools
import json
import pathlib
import subprocess
import time

from clients.processes import CACHE, base_environment, count
from integration.emulation import Emulation, Json
from integration.running import HERE, Run, Started, play_of

SECONDS_PER_TASK = 60
"""Each imports the whole SDK: five seconds of work, on a machine that may have other work too."""


class Peer:
    """A host with Ansible, azure.azcollection and credentials for an emulator."""

    def __init__(self, directory: pathlib.Path, emulation: Emulation) -> None:
        environment = CACHE / "azcollection"
        self.program = environment / "bin" / "ansible-playbook"
        self._directory, self._emulation, self._numbers = directory, emulation, itertools.count(1)
        (directory / "ansible.cfg").touch()
        self.environment = {
            **base_environment(directory / "home", self.program),
            **emulation.trust,
            **emulation.credentials,
            # it knows a cloud by its URL only where Azure CLI's core has read it from here
            "ARM_CLOUD_METADATA_URL": f"{emulation.facts['url']}/metadata/endpoints?api-version=2019-05-01",
            "AZURE_DISABLE_INSTANCE_DISCOVERY": "true",
            "ANSIBLE_HOME": str(directory / "ansible"),
            "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
            "ANSIBLE_LOCAL_TEMP": str(directory / "ansible" / "tmp"),
            "ANSIBLE_REMOTE_TMP": str(directory / "remote"),
            "ANSIBLE_COLLECTIONS_PATH": str(environment / "collections"),
            "ANSIBLE_PYTHON_INTERPRETER": str(environment / "bin" / "python"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PIPELINING": "true",
        }

    def run(self, *tasks: Json) -> Run:
        """Run tasks, each whether or not those before it failed: what became of them is for the test to say."""
        number = next(self._numbers)
        record, playbook = self._directory / f"run-{number}.jsonl", self._directory / f"run-{number}.json"
        playbook.write_text(json.dumps([play_of(*tasks, ignore_errors=True)], indent=1), encoding="utf-8")
        process = subprocess.Popen(
            [str(self.program), str(playbook)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._directory,
            env={**self.environment, "INTEGRATION_RECORD": str(record)},
        )
        run = Started(process, record, self._emulation, time.time()).wait(60 + SECONDS_PER_TASK * len(tasks))
        assert run.rc == 0, run.output
        assert len(run.tasks) == len(tasks), run.output
        count("tasks of azure.azcollection", len(tasks))
        return run

    def works(self, *tasks: Json) -> dict[str, bool]:
        """Run tasks that have to succeed; return which of them changed something."""
        run = self.run(*tasks)
        failed = [f"{done.name}: {done.shown}" for done in run.tasks if done.status != "ok"]
        assert not failed, "\n".join(failed)
        return {done.name: done.changed for done in run.tasks}


def task(module: str, label: str = "", /, **options: object) -> Json:
    """Return a task of azure.azcollection: task("subnet", ...) is azure_rm_subnet, and is called that way unless it has a name."""
    return {"name": label or module, f"azure.azcollection.azure_rm_{module}": options}
