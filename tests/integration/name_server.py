# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A DNS server of a network's own, as people run them beside Azure's: it asks the internet, and what its conditional forwarders say."""

from __future__ import annotations

import contextlib
import socket
import threading
import types
import typing as t

from dnslib import QTYPE, RR, DNSRecord

from integration.emulation import Emulation

_LONGEST_CHAIN = 12


class NameServer:
    """Serves on a port of this host until it is closed, as a machine inside the network reaches it at an address.

    follows: it takes only the records of the name it asked for from an answer, and asks for an alias itself, as BIND, Unbound and Windows
    do; else it hands on the whole answer of whom it asked, as dnsmasq does. forwarders: where names that end so are asked, by suffix.
    """

    def __init__(self, emulation: Emulation, address: str, *, follows: bool) -> None:
        self.address, self.follows = address, follows
        self.forwarders: dict[str, tuple[str, int]] = {}
        self._emulation = emulation
        self._internet = self._view("")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.served_at: tuple[str, int] = self._socket.getsockname()

    def __enter__(self) -> NameServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: types.TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def forward(self, network: str, *suffixes: str) -> None:
        """Forward names that end so, and no others, to Azure's DNS of a network."""
        self.forwarders = dict.fromkeys(suffixes, self._view(network))

    def _view(self, network: str) -> tuple[str, int]:
        views = self._emulation.control("GET", "dns")
        view = views["networks"][network.lower()] if network else views["public"]
        return view["host"], view["port"]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                question, asker = self._socket.recvfrom(4096)
                if not asker:
                    return
                self._socket.sendto(self.answer(question), asker)

    def answer(self, question: bytes) -> bytes:
        """Return the packed answer to a packed question."""
        asked = DNSRecord.parse(question)
        name = str(asked.q.qname).rstrip(".").lower()
        if not self.follows:
            return self._ask(name, question)
        answer = asked.reply(ra=1, aa=0)
        for _number in range(_LONGEST_CHAIN):
            following = DNSRecord.question(name, QTYPE[asked.q.qtype])
            found = DNSRecord.parse(self._ask(name, bytes(following.pack())))
            answer.header.rcode = found.header.rcode
            own: list[t.Any] = [each for each in found.rr if str(each.rname).rstrip(".").lower() == name]
            answer.add_answer(*(RR(each.rname, each.rtype, each.rclass, each.ttl, each.rdata) for each in own))
            alias = next((str(each.rdata) for each in own if each.rtype == QTYPE.CNAME), None)
            if alias is None:
                break
            name = alias.rstrip(".").lower()
        return bytes(answer.pack())

    def _ask(self, name: str, question: bytes) -> bytes:
        fitting = [suffix for suffix in self.forwarders if f".{name}".endswith(f".{suffix}")]
        server = self.forwarders[max(fitting, key=len)] if fitting else self._internet
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
            there.settimeout(5)
            there.sendto(question, server)
            return there.recv(65535)
