# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS on the network: UDP and TCP, a port for each view (the internet, and every virtual network)."""

from __future__ import annotations

import asyncio
from typing import Any

from dnslib import AAAA, CLASS, CNAME, MX, PTR, QTYPE, RCODE, RD, RR, SOA, SRV, TXT, A, DNSError, DNSRecord

from emulator.dns import Answer, Found, Resolver
from emulator.errors import Json

HOST = "127.0.0.1"
UDP_LIMIT = 1232


class DnsServer:
    """Answers for one emulator. The first port is the internet's view; networks get theirs on demand."""

    def __init__(self, emulator: Any) -> None:
        self._emulator = emulator
        self._resolver = Resolver(emulator)
        self._views: dict[str, int] = {}
        self._transports: list[asyncio.BaseTransport] = []
        self._servers: list[asyncio.Server] = []

    @property
    def public_port(self) -> int:
        return self._views[""]

    async def start(self, port: int) -> None:
        await self._open("", port)

    def stop(self) -> None:
        for transport in self._transports:
            transport.close()
        for server in self._servers:
            server.close()

    async def described(self) -> Json:
        """The ports, after every network that exists has one."""
        networks = {}
        for record in self._emulator.store.all_of_type("microsoft.network/virtualnetworks"):
            key = record.id.lower()
            if key not in self._views:
                await self._open(key, 0)
            networks[key] = {"host": HOST, "port": self._views[key]}
        return {"public": {"host": HOST, "port": self.public_port}, "networks": networks}

    def reply(self, data: bytes, network: str, limit: int) -> bytes | None:
        """The packed answer to a packed question; None for what is no question."""
        try:
            question = DNSRecord.parse(data)
        except DNSError:
            return None
        self._emulator.settle()
        answer = question.reply(ra=1, aa=0)
        name, kind = str(question.q.qname), QTYPE[question.q.qtype]
        found = self._resolver.resolve(name, str(kind), network)
        _fill(answer, found)
        packed = bytes(answer.pack())
        if len(packed) > limit:
            return bytes(answer.truncate().pack())
        return packed

    async def _open(self, network: str, port: int) -> None:
        """Listen on one port number with both UDP and TCP."""
        loop = asyncio.get_running_loop()
        for _unused in range(20):
            server = await asyncio.start_server(lambda reader, writer: self._serve(reader, writer, network), HOST, port)
            number = server.sockets[0].getsockname()[1]
            try:
                transport, _protocol = await loop.create_datagram_endpoint(lambda: _Udp(self, network), local_addr=(HOST, number))
            except OSError:
                server.close()
                if port:
                    raise
                continue
            self._servers.append(server)
            self._transports.append(transport)
            self._views[network] = number
            return
        raise OSError("There is no port that is free for both UDP and TCP.")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, network: str) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                packed = self.reply(await reader.readexactly(size), network, 65535)
                if packed is None:
                    break
                writer.write(len(packed).to_bytes(2, "big") + packed)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer, network: str) -> None:
        self._server = server
        self._network = network
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.DatagramTransport):
            self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        packed = self._server.reply(data, self._network, UDP_LIMIT)
        if packed is not None and self._transport:
            self._transport.sendto(packed, addr)


def _fill(answer: Any, found: Answer) -> None:
    answer.header.rcode = getattr(RCODE, found.rcode)
    for each in found.records:
        answer.add_answer(_record(each))
    if found.authority:
        answer.add_auth(_record(found.authority))


def _record(found: Found) -> Any:
    return RR(found.name, getattr(QTYPE, found.type), CLASS.IN, found.ttl, _data(found.type, found.value))


def _data(kind: str, value: Any) -> RD:
    """The wire form of a value: text, or a tuple in the record type's own order."""
    if kind in ("A", "AAAA", "CNAME", "PTR"):
        return {"A": A, "AAAA": AAAA, "CNAME": CNAME, "PTR": PTR}[kind](value)
    if kind == "MX":
        return MX(value[1], value[0])
    if kind == "TXT":
        return TXT([each.encode() for each in value])
    if kind == "SRV":
        return SRV(*value)
    return SOA(value[0], value[1], tuple(value[2:]))
