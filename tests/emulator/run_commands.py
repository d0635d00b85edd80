# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that run command sends to virtual machines: they run in a network namespace that a test has registered for a virtual network."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from emulator.errors import Json

LONGEST_OUTPUT = 4096
LONGEST_SECONDS = 5400
"""Azure's own bounds: the last 4,096 bytes of output, 90 minutes."""
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")


@dataclass(slots=True)
class Command:
    """A script under way on a machine. ``began``: seconds since 1970; ``output`` once it has ended."""

    machine: str
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    output: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self.over.is_set()


class RunCommands:
    """Which network has a namespace, and what runs or ran there, by the token of its operation."""

    def __init__(self, ca: Path) -> None:
        self._ca = ca
        self.namespaces: dict[str, str] = {}
        self._commands: dict[str, Command] = {}

    def clear(self) -> None:
        """Forget everything; a script that runs ends by itself."""
        self.namespaces.clear()
        self._commands.clear()

    def register(self, network: str, namespace: str) -> Json:
        """Let scripts of the network's machines run in a namespace of this host, empty: nowhere."""
        if namespace and not _NAMESPACE.match(namespace):
            raise ValueError(f"{namespace!r} is not the name of a network namespace")
        self.namespaces.pop(network.lower(), None)
        if namespace:
            self.namespaces[network.lower()] = namespace
        return {"namespaces": self.namespaces}

    def get(self, token: str) -> Command | None:
        return self._commands.get(token)

    def is_busy(self, machine: str) -> bool:
        return any(each.running and each.machine == machine.lower() for each in self._commands.values())

    def begin(self, token: str, machine: str, network: str, script: str) -> None:
        """Run a script in the namespace of a network, beside whatever the emulator does: it may ask the emulator itself."""
        command = self._commands[token] = Command(machine.lower())
        threading.Thread(target=self._run, args=(command, self.namespaces[network.lower()], script), daemon=True).start()

    def _run(self, command: Command, namespace: str, script: str) -> None:
        # a real machine trusts Azure's authorities, this one the emulator's
        trusts = {"SSL_CERT_FILE": str(self._ca), "CURL_CA_BUNDLE": str(self._ca)}
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), **trusts}
        line = ["ip", "netns", "exec", namespace, "/bin/sh", "-s"]
        try:
            done = subprocess.run(line, input=script.encode(), capture_output=True, env=environment, timeout=LONGEST_SECONDS, check=False)
            command.output = _message(done.returncode, done.stdout, done.stderr)
        except (OSError, subprocess.TimeoutExpired) as problem:
            command.output = _message(1, b"", str(problem).encode())
        command.ended = time.time()
        command.over.set()


def _message(code: int, output: bytes, errors: bytes) -> str:
    """What the extension of Linux says; second-hand: the words for a script that fails."""
    ended = "Enable succeeded: " if code == 0 else f"Enable failed: failed to execute command: command terminated with exit status={code}"
    cut = (part[-LONGEST_OUTPUT:].decode(errors="replace") for part in (output, errors))
    return "{}\n[stdout]\n{}\n[stderr]\n{}".format(ended, *cut)
