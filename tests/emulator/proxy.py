# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
A proxy on loopback (HTTP CONNECT), through which unchanged clients reach vaults by their own names, at port 443: HTTPS_PROXY.

Each stands for one place that a caller can be in, the internet or a virtual network. It asks the emulated DNS of that place first, so what
does not resolve there cannot be reached. It leads to this emulator alone, never to another host.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING

from emulator import data_plane, dns

if TYPE_CHECKING:
    from emulator.server import Server

_MOST = 64 * 1024


class Proxies:
    """The proxies that were asked for, by the id of their network (lower case; empty: the internet)."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: dict[str, asyncio.Server] = {}

    async def url(self, network: str) -> str:
        """Return the URL of a place's proxy, opened at the first call."""
        if network not in self._open:
            serve = functools.partial(self._serve, network)
            self._open[network] = await asyncio.start_server(serve, self._server.host, 0)
        return f"http://{self._server.host}:{self._open[network].sockets[0].getsockname()[1]}"

    def close(self) -> None:
        for each in self._open.values():
            each.close()

    async def _serve(self, network: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace").split()
            port, problem = await self._port(network, head[:2])
            if problem:
                writer.write(f"HTTP/1.1 {problem}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
            else:
                behind, before = await asyncio.open_connection(self._server.host, port)
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await asyncio.gather(_copy(reader, before), _copy(behind, writer))
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def _port(self, network: str, head: list[str]) -> tuple[int, str]:
        """The port that a host leads to in this place, or the status line of the refusal."""
        method, _unused, target = " ".join(head).partition(" ")
        host, _unused, port = target.lower().rpartition(":")
        if method != "CONNECT" or not host:
            return 0, "405 Only CONNECT is served"
        if (host, port) == (self._server.host, str(self._server.port)):
            return self._server.port, ""
        emulator = self._server.emulator
        if not data_plane.is_vault(emulator, host):
            return 0, "403 This proxy leads to emulated vaults alone"
        emulator.settle()
        found = dns.Resolver(emulator).resolve(host, "A", network)
        if found.rcode != "NOERROR" or not any(each.type == "A" for each in found.records):
            return 0, f"502 The name does not resolve here ({found.rcode})"
        return (await self._server.door(network) if network else self._server.port), ""


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends; the other direction may go on."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_MOST):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
