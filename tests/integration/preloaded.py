# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that have loaded Ansible and the SDK, and fork for each run: most of a short run is loading them.

A fork becomes ansible-playbook: it has the environment, the directory and the output of the run, and loads the collection itself. Ansible
reads the environment and its configuration while it loads, so there is a process for each set of what it reads there. Tests that are marked
new_interpreter, what is interrupted or killed, and modules in processes of their own start as for a user; with
INTEGRATION_NEW_INTERPRETERS=1 all do.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pathlib
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import typing as t

# What ansible-playbook, the SDK and the collection import of others. What is missing, the run misses too.
PACKAGES = (
    "jinja2",
    "yaml",
    "cryptography.hazmat.primitives.ciphers.algorithms",
    "requests",
    "azure.core.pipeline.transport",
    "azure.core.polling.base_polling",
    "azure.core.rest",
    "azure.identity",
    "azure.mgmt.core.polling.arm_polling",
    "azure.mgmt.core.policies",
    "azure.mgmt.keyvault",
    "azure.mgmt.network",
    "azure.mgmt.privatedns",
    "azure.mgmt.resource.resources",
    "ansible.cli.playbook",
)
SWITCH = "INTEGRATION_NEW_INTERPRETERS"
NUMBER = struct.Struct("q")
# Variables that the interpreter and the packages read when they are loaded: a run that is given one starts anew.
READ_WHILE_LOADING = ("PYTHON", "OPENSSL", "CRYPTOGRAPHY")
# Variables that Ansible reads while it is loaded; those of this collection it does not.
READ_BY_ANSIBLE = ("ANSIBLE_", "COLUMNS", "HOME", "LANG", "LC_", "NO_COLOR", "PATH", "TMPDIR", "XDG_")
READ_BY_COLLECTION = "ANSIBLE_PRIVATELINK_"
# so many are kept, those that were asked last
KEPT = 3

Environment: t.TypeAlias = "frozenset[tuple[str, str]]"


class Preloaded:
    """The processes that fork, each started with the first run that needs it; one run at a time.

    asked_for: whether the test that runs may use them.
    """

    asked_for = True

    def __init__(self, directory: pathlib.Path) -> None:
        self._off = bool(os.environ.get(SWITCH))
        self._directory = directory
        self._waiting: dict[tuple[pathlib.Path, Environment], _Waiting] = {}

    def can_run(self, env: t.Mapping[str, str | None]) -> bool:
        """Tell whether a run with these variables is the same in a fork."""
        return self.asked_for and not self._off and not any(name.startswith(READ_WHILE_LOADING) for name in env)

    def run(
        self, command: t.Sequence[str], cwd: pathlib.Path, env: t.Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that is written in Python to its end, or kill it after so many seconds; its input is empty."""
        outputs = [self._directory / name for name in ("stdout", "stderr")]
        request = {"command": list(command), "cwd": str(cwd), "env": dict(env), "outputs": [str(path) for path in outputs]}
        code = self._process(cwd, env).run(request, timeout)
        return subprocess.CompletedProcess(list(command), code, *(path.read_text(encoding="utf-8") for path in outputs))

    def stop(self) -> None:
        """End the processes."""
        while self._waiting:
            self._waiting.popitem()[1].stop()

    def _process(self, cwd: pathlib.Path, env: t.Mapping[str, str]) -> _Waiting:
        """Return the process that has loaded Ansible in this directory and environment, the last of those that are kept."""
        read = {name: value for name, value in env.items() if name.startswith(READ_BY_ANSIBLE) and not name.startswith(READ_BY_COLLECTION)}
        key = (cwd, frozenset(read.items()))
        waiting = self._waiting.pop(key) if key in self._waiting else _Waiting(cwd, read)
        self._waiting[key] = waiting
        if len(self._waiting) > KEPT:
            self._waiting.pop(next(iter(self._waiting))).stop()
        return waiting


class _Waiting:
    """A process that waits for what to become."""

    def __init__(self, cwd: pathlib.Path, env: dict[str, str]) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                # as for a script, which finds no module beside this file
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=cwd,
                env=env,
            )

    def run(self, request: dict[str, t.Any], timeout: float) -> int:
        """Fork for a request, and return the exit code."""
        self._channel.sendall(json.dumps(request).encode() + b"\n")
        pid = _number(self._channel)
        if not select.select([self._channel], [], [], timeout)[0]:
            os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(_number(self._channel))

    def stop(self) -> None:
        """End the process, which ends when nobody can ask it any more."""
        self._channel.close()
        self._process.wait(30)


def _number(channel: socket.socket) -> int:
    """Return the next number that the process says."""
    said = channel.recv(NUMBER.size, socket.MSG_WAITALL)
    if len(said) < NUMBER.size:
        raise RuntimeError("the process that runs ansible-playbook ended")
    return int(NUMBER.unpack(said)[0])


def _load() -> None:
    gc.disable()  # nothing that is loaded becomes garbage
    for name in PACKAGES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    gc.enable()


def _next_request(channel: socket.socket) -> dict[str, t.Any] | None:
    """Fork for each request, and return it in the fork; return None when nobody asks any more."""
    with channel, channel.makefile("r", encoding="utf-8") as asked:
        while line := asked.readline():
            pid = os.fork()
            if pid == 0:
                return t.cast("dict[str, t.Any]", json.loads(line))
            channel.sendall(NUMBER.pack(pid))
            channel.sendall(NUMBER.pack(os.waitpid(pid, 0)[1]))
    return None


def _become(command: list[str], cwd: str, env: dict[str, str], outputs: list[str]) -> None:
    """Be the process of a command: its script runs here, to the end of the interpreter."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, path in enumerate(outputs, start=1):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.argv = command
    sys.path.insert(0, str(pathlib.Path(command[0]).parent))
    runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    _load()
    _request = _next_request(socket.socket(fileno=int(sys.argv[1])))
    if _request is not None:
        _become(**_request)
