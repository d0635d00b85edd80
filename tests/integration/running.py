# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real ansible-playbook processes, and what became of their tasks."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import os
import pathlib
import subprocess
import sys
import time
import typing as t

from integration.emulation import Emulation, Json, is_write
from integration.preloaded import Preloaded

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 240
_PASSED_ON = ("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_PRIVATELINK_DIRECT", "LANG", "LC_ALL", "TMPDIR")
_COMPLAINTS = ("[WARNING]", "[DEPRECATION WARNING]", "[ERROR]: Task failed: ansible", "Traceback (most recent call last)")


@dataclasses.dataclass(frozen=True)
class Done:
    """A finished task: its result, the requests that it sent, and how long it took."""

    name: str
    action: str
    status: str
    result: Json
    requests: list[Json]
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def failed(self) -> bool:
        """Return whether the module failed, also where the play expected it to."""
        return self.status in ("failed", "unreachable") or bool(self.result.get("failed_when_result") is False and "msg" in self.result)

    @property
    def writes(self) -> list[Json]:
        return [request for request in self.requests if is_write(request)]

    @property
    def shown(self) -> str:
        """Return the result without what is the same everywhere, for messages."""
        return json.dumps({key: value for key, value in self.result.items() if key not in ("invocation", "exception")}, indent=1)

    def __getitem__(self, key: str) -> t.Any:
        return self.result[key]


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished ansible-playbook process."""

    rc: int
    stdout: str
    stderr: str
    tasks: list[Done]
    requests: list[Json]

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def writes(self) -> list[Json]:
        return [request for request in self.requests if is_write(request)]

    @property
    def complaints(self) -> list[str]:
        """Return lines of the output that no run may print: warnings, deprecations, tracebacks."""
        return [line for line in self.output.splitlines() if any(word in line for word in _COMPLAINTS)]

    @property
    def changed(self) -> list[str]:
        return [task.name for task in self.tasks if task.changed]

    def task(self, name: str) -> Done:
        """Return the one task of that name, of a role's tasks without the role's name."""
        found = [task for task in self.tasks if name in (task.name, task.name.rpartition(" : ")[2])]
        assert len(found) == 1, f"{len(found)} tasks are called '{name}' among {[task.name for task in self.tasks]}\n{self.output}"
        return found[0]

    def succeeded(self) -> Run:
        """Return itself; a run that failed, or complained, shows its output."""
        failed = [f"{task.name}: {task.shown}" for task in self.tasks if task.status in ("failed", "unreachable")]
        assert self.rc == 0, "\n".join(failed) or self.output
        assert not self.complaints, "\n".join(self.complaints)
        return self


class Controller:
    """A host with Ansible, this collection, and credentials for an emulator; everything that it keeps is below directory."""

    def __init__(self, directory: pathlib.Path, emulation: Emulation, collections: str, preloaded: Preloaded | None = None) -> None:
        self.directory = directory
        self._preloaded = preloaded
        self.home = directory / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        (directory / "ansible.cfg").touch()
        self._emulation = emulation
        self._numbers = itertools.count(1)
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._base = {
            **passed_on,
            "PATH": os.pathsep.join([str(pathlib.Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.home),
            "ANSIBLE_HOME": str(directory / "ansible"),
            "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
            "ANSIBLE_LOCAL_TEMP": str(directory / "ansible" / "tmp"),
            "ANSIBLE_REMOTE_TMP": str(directory / "remote"),
            "ANSIBLE_ASYNC_DIR": str(directory / "async"),
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            # a task that waits for what never comes fails, rather than the whole run
            "ANSIBLE_TASK_TIMEOUT": "60",
            "ANSIBLE_NOCOLOR": "true",
            "NO_COLOR": "1",
        }

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a run that says nothing else."""
        return {**self._base, **self._emulation.trust, **self._emulation.credentials}

    def start(
        self,
        playbook: str | pathlib.Path | list[Json],
        *arguments: str,
        env: t.Mapping[str, str | None] | None = None,
        own_group: bool = False,
    ) -> Started:
        """Start a playbook: a file, a name such as privatelink.azure.rollout, or plays. In env None removes a variable.

        own_group: in a process group of its own, as a shell starts it, so that it can be interrupted and killed.
        """
        command, given, record = self._line(playbook, arguments, env)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.directory,
            env=given,
            start_new_session=own_group,
        )
        return Started(process, record, self._emulation, time.time())

    def run(self, playbook: str | pathlib.Path | list[Json], *arguments: str, env: t.Mapping[str, str | None] | None = None) -> Run:
        """Run a playbook to its end, in a process that need not load the SDK, where that is the same thing."""
        if self._preloaded is None or not self._preloaded.can_run(env or {}):
            return self.start(playbook, *arguments, env=env).wait()
        command, given, record = self._line(playbook, arguments, env)
        began = time.time()
        done = self._preloaded.run(command, self.directory, given, TIMEOUT)
        return _recorded(done.returncode, done.stdout, done.stderr, record, self._emulation.requests(began))

    def _line(
        self, playbook: str | pathlib.Path | list[Json], arguments: t.Sequence[str], env: t.Mapping[str, str | None] | None
    ) -> tuple[list[str], dict[str, str], pathlib.Path]:
        """Return the command that runs a playbook, its environment, and the file that its tasks will be recorded in."""
        number = next(self._numbers)
        record = self.directory / f"run-{number}.jsonl"
        if isinstance(playbook, list):
            file = self.directory / f"run-{number}.json"
            file.write_text(json.dumps(playbook, indent=1), encoding="utf-8")
            playbook = file
        given = {**self.environment, "INTEGRATION_RECORD": str(record), **(env or {})}
        command = [str(pathlib.Path(sys.executable).parent / "ansible-playbook"), str(playbook), *arguments]
        return command, {name: value for name, value in given.items() if value is not None}, record

    def command(self, name: str, *arguments: str, env: t.Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run another of Ansible's commands, such as ansible-inventory, to its end."""
        return subprocess.run(
            [str(pathlib.Path(sys.executable).parent / name), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.directory,
            env={**self.environment, **(env or {})},
            timeout=TIMEOUT,
            check=False,
        )

    def tasks(self, *tasks: Json, arguments: t.Sequence[str] = (), env: t.Mapping[str, str | None] | None = None, **play: t.Any) -> Run:
        """Run tasks on localhost."""
        return self.run([play_of(*tasks, **play)], *arguments, env=env)


@dataclasses.dataclass(frozen=True)
class Started:
    """An ansible-playbook process under way."""

    process: subprocess.Popen[str]
    record: pathlib.Path
    emulation: Emulation
    began: float

    def wait(self, timeout: float = TIMEOUT) -> Run:
        """Wait for the end, or end it after so many seconds, and gather what was recorded."""
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
        return _recorded(self.process.returncode, stdout, stderr, self.record, self.emulation.requests(self.began))


def _recorded(code: int, stdout: str, stderr: str, record: pathlib.Path, requests: list[Json]) -> Run:
    """Return a finished run with the tasks of its record."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    recorded = [json.loads(line) for line in lines]
    ends = [*(line["began"] for line in recorded[1:]), float("inf")]
    tasks = [_done(line, end, requests) for line, end in zip(recorded, ends, strict=bool(recorded))] if recorded else []
    return Run(code, stdout, stderr, tasks, requests)


def _done(line: Json, end: float, requests: list[Json]) -> Done:
    sent = [request for request in requests if line["began"] <= request["time"] < end]
    return Done(line["name"], line["action"], line["status"], line["result"], sent, line["ended"] - line["began"])


def play_of(*tasks: Json, **play: t.Any) -> Json:
    """Return a play of tasks on localhost."""
    return {"name": "Test", "hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **play}


def task(module: str, label: str = "", /, *, keywords: t.Any = None, **options: t.Any) -> Json:
    """Return a task of this collection's module; keywords are the task's own, such as register or ignore_errors."""
    return {"name": label or module, f"privatelink.azure.{module}": options, **(keywords or {})}


@functools.cache
def is_sentence(text: str) -> bool:
    """Return whether a message is one sentence on one line."""
    inner = text.rstrip(".")
    return (
        text.endswith(".")
        and "\n" not in text
        and not any(word[:1].isupper() and before.endswith(".") for before, word in itertools.pairwise(inner.split()))
    )
