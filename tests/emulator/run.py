# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's process: starts it, waits for a signal, stops it."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from emulator.server import Server


async def run(directory: Path, *, host: str, port: int, dns_port: int, timing: str, state: Path | None) -> None:
    server = Server(directory, host=host, port=port, dns_port=dns_port, timing=timing)
    if state:
        await server.control.answer("PUT", "state", {}, json.loads(state.read_text()))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await server.start()
    print(f"{server.url} dns {server.dns.public_port}", flush=True)
    await ended.wait()
    await server.stop()
