# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What named DNS servers answer, asked over real sockets of loopback, and what that means."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import typing as t

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils import _dns_servers as dns_servers
from ansible_collections.privatelink.azure.plugins.module_utils._dns_servers import Refused, ask_server, compare, followed
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._probe import Answer

HOST = "payments-vault.vault.azure.net"
ALIAS = "payments-vault.privatelink.vaultcore.azure.net"
SERVER = "10.0.0.4"
_CHAIN = [(f"{HOST}.", "CNAME", f"{ALIAS}."), (f"{ALIAS}.", "A", "10.1.0.4"), ("other.example.", "A", "10.9.9.9")]


class Server:
    """A DNS server on loopback that gives one answer. long: what does not fit a datagram, and is only told over TCP."""

    def __init__(self, records: t.Sequence[tuple[str, str, str]], rcode: str = "NOERROR", *, long: bool = False) -> None:
        self._records, self._rcode, self._long = records, rcode, long
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self.over_tcp = 0
        for serve in (self._datagrams, self._connections):
            threading.Thread(target=serve, daemon=True).start()

    def close(self) -> None:
        for one in (self._udp, self._tcp):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _answer(self, question: bytes, truncated: bool) -> bytes:
        response = dns.message.make_response(dns.message.from_wire(question))
        response.set_rcode(dns.rcode.from_text(self._rcode))
        if truncated:
            response.flags |= dns.flags.TC
        else:
            response.answer += [dns.rrset.from_text(name, 60, "IN", kind, value) for name, kind, value in self._records]
        return response.to_wire()

    def _datagrams(self) -> None:
        with contextlib.suppress(OSError, dns.exception.DNSException):
            while True:
                question, asker = self._udp.recvfrom(4096)
                self._udp.sendto(self._answer(question, self._long), asker)

    def _connections(self) -> None:
        with contextlib.suppress(OSError, struct.error):
            while True:
                here, _asker = self._tcp.accept()
                with here:
                    length = struct.unpack("!H", here.recv(2))[0]
                    answer = self._answer(here.recv(length), truncated=False)
                    self.over_tcp += 1
                    here.sendall(struct.pack("!H", len(answer)) + answer)


@contextlib.contextmanager
def serving(*arguments: t.Any, **keywords: t.Any) -> t.Iterator[Server]:
    server = Server(*arguments, **keywords)
    try:
        yield server
    finally:
        server.close()


@pytest.mark.parametrize("long", [False, True])
def test_a_server_is_asked(long: bool) -> None:
    with serving(_CHAIN, long=long) as server:
        assert ask_server(HOST, "127.0.0.1", 5, server.port) == Answer(("10.1.0.4",), (ALIAS,))
        assert server.over_tcp == int(long)


def test_an_error_of_a_server_is_its_answer() -> None:
    with serving([], "NXDOMAIN") as server, pytest.raises(Refused) as refused:
        ask_server(HOST, "127.0.0.1", 5, server.port)
    assert refused.value.rcode == "NXDOMAIN"


def test_nobody_there() -> None:
    with serving([]) as server:
        port = server.port
    with pytest.raises(dns_servers.FAILURES):
        ask_server(HOST, "127.0.0.1", 0.2, port)


PRIVATE = Answer(("10.1.0.4",), (ALIAS,))


@pytest.mark.parametrize(
    ("code", "answer", "expected", "here"),
    [
        (None, PRIVATE, ["10.1.0.4"], []),
        (None, PRIVATE, [], ["10.1.0.4"]),
        (None, PRIVATE, [], []),
        (None, Answer(("20.1.0.4",), ()), ["20.1.0.4"], ["10.1.0.4"]),
        ("WrongAddress", PRIVATE, ["10.1.0.9"], []),
        ("WrongAddress", PRIVATE, [], ["10.7.0.4"]),
        ("ZoneNotSeen", Answer(("52.1.2.3",), (ALIAS,)), [], ["10.1.0.4"]),
        ("NothingApproved", Answer(("52.1.2.3",), ("data.vaultcore.azure.net",)), [], []),
        ("NameNotFound", Answer((), (ALIAS,)), [], []),
        ("NameNotFound", Refused("NXDOMAIN"), [], []),
        ("ServerFailed", Refused("SERVFAIL"), [], []),
        ("ServerFailed", Refused("REFUSED"), [], []),
        ("ServerNotReachable", TimeoutError("timed out"), [], []),
    ],
)
def test_what_an_answer_means(code: str | None, answer: Answer | Exception, expected: list[str], here: list[str]) -> None:
    def asking(_host: str, server: str, seconds: float) -> Answer:
        assert server == SERVER and seconds <= dns_servers.LONGEST_SECONDS
        if isinstance(answer, Exception):
            raise answer
        return answer

    _answer, fault = compare(HOST, SERVER, expected, here, 60, asking)
    assert (fault.code if fault else None) == code
    if fault:
        assert SERVER in fault.msg and fault.hint.endswith(".") and not fault.msg.endswith(".")


def test_both_suffixes_are_to_be_forwarded() -> None:
    """Azure's page names the second one: the first leads to an alias in it, which a server that forwards only the first asks publicly."""
    _answer, fault = compare(HOST, SERVER, [], [], 1, lambda *_: Answer(("52.1.2.3",), (ALIAS,)))
    assert fault and "vault.azure.net" in fault.hint and "vaultcore.azure.net" in fault.hint and "168.63.129.16" in fault.hint


names = st.sampled_from(["a", "b", "c", "d"])


@given(st.dictionaries(names, names), st.dictionaries(names, st.lists(st.just("10.0.0.1"), max_size=2)))
def test_any_chain_of_aliases_ends(aliases: dict[str, str], addresses: dict[str, list[str]]) -> None:
    answer = followed("A", aliases, addresses)
    last = answer.aliases[-1] if answer.aliases else "a"
    assert list(answer.addresses) == addresses.get(last, []) and len(answer.aliases) <= 16


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    dns_servers.require_package()
    monkeypatch.setattr(dns_servers, "IMPORT_ERROR", "Traceback\nModuleNotFoundError: No module named 'dns'")
    with pytest.raises(Problem, match="dns_servers needs the Python package dnspython") as refused:
        dns_servers.require_package()
    assert refused.value.code == "MissingPackage" and "pip install dnspython" in str(refused.value.hint)
