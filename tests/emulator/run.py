# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's process: starts it, waits for a signal, stops it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from emulator.control import ControlError
from emulator.server import Server


async def _load(server: Server, state: Path) -> None:
    """Begin with a saved state, or end with a sentence."""
    try:
        await server.control.answer("PUT", "state", {}, json.loads(state.read_text()))
    except (ControlError, OSError, ValueError, KeyError, TypeError) as problem:
        sys.exit(f"The state of {state} was not loaded: {problem}")


async def run(directory: Path, *, host: str, port: int, dns_port: int, timing: str, state: Path | None) -> None:
    server = Server(directory, host=host, port=port, dns_port=dns_port, timing=timing)
    if state:
        await _load(server, state)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await server.start()
    print(f"{server.url} dns {server.dns.public_port}", flush=True)
    await ended.wait()
    await server.stop()
