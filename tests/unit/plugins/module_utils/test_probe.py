# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's look at a vault's name means. The network itself is tested by tests/integration/test_probe.py."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._probe import NETWORK_INFO, Answer, came_privately, is_private, probe

HOST = "payments-vault.vault.azure.net"
ALIAS = "payments-vault.privatelink.vaultcore.azure.net"
FRONT = "data-prod-weu.vaultcore.azure.net"
INFO = "conn_type=PrivateLink;addr=10.1.0.9;act_addr_fam=InterNetwork;"
HEALTHY: tuple[int, dict[str, str]] = (200, {NETWORK_INFO: INFO})


def tried(
    addresses: t.Sequence[str], aliases: t.Sequence[str] = (ALIAS,), expected: t.Sequence[str] = ("10.1.0.4",), answer: t.Any = HEALTHY
) -> dict[str, t.Any]:
    """Return the proof where the resolver and the vault say this; an exception is raised instead."""

    def lookup(_host: str) -> Answer:
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return Answer(tuple(addresses), tuple(aliases))

    def asking(_host: str, _address: str, _seconds: float) -> t.Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return probe(HOST, expected, Clock(5), wait=False, lookup=lookup, asking=asking)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        (None, {"addresses": ["10.1.0.4"]}),
        (None, {"addresses": ["10.7.0.4", "10.1.0.4"]}),  # a second endpoint in the same zone, which answers privately too
        (None, {"addresses": ["10.9.0.4"], "expected": []}),
        (None, {"addresses": ["20.1.0.4"], "expected": ["20.1.0.4"]}),  # networks may have public ranges
        ("NameNotFound", {"addresses": []}),
        ("NothingApproved", {"addresses": ["52.1.2.3"], "aliases": [FRONT]}),
        ("ZoneNotSeen", {"addresses": ["52.1.2.3"], "aliases": [ALIAS, FRONT]}),
        ("ZoneNotSeen", {"addresses": ["52.1.2.3"], "aliases": [ALIAS], "expected": []}),
        ("PublicAddress", {"addresses": ["52.1.2.3"], "aliases": []}),
        ("ZoneNotSeen", {"addresses": ["10.1.0.4", "52.1.2.3"]}),
        ("WrongAddress", {"addresses": ["10.1.0.77"]}),
        ("NotReachable", {"addresses": ["10.1.0.4"], "answer": TimeoutError("timed out")}),
        ("NotReachable", {"addresses": ["10.1.0.4"], "answer": ssl.SSLError("handshake failure")}),
        ("NotTheVault", {"addresses": ["10.1.0.4"], "answer": ssl.SSLCertVerificationError("self-signed certificate")}),
        ("NotTheVault", {"addresses": ["10.1.0.4"], "answer": (200, {})}),
        ("NotHealthy", {"addresses": ["10.1.0.4"], "answer": (503, {NETWORK_INFO: INFO})}),
        ("NotPrivate", {"addresses": ["10.1.0.4"], "answer": (200, {NETWORK_INFO: "conn_type=Ipv4;addr=52.9.9.9;"})}),
    ],
)
def test_every_finding(code: str | None, given: dict[str, t.Any]) -> None:
    found = tried(**given)
    assert (found["proven"], found["code"]) == (code is None, code)
    assert found["msg"].endswith(".") and not found["msg"].endswith("..") and "\n" not in found["msg"]
    assert bool(found["hint"]) == bool(code)


@pytest.mark.parametrize(
    ("info", "privately"),
    [
        (INFO, True),
        ("conn_type=privatelink", True),
        ("addr=10.1.2.3;act_addr_fam=InterNetworkV6;", True),
        ("addr=::ffff:10.1.2.3;", True),
        ("addr=52.9.9.9;act_addr_fam=InterNetwork;", False),
        ("conn_type=Ipv4;addr=10.1.2.3;", False),  # a service endpoint is not a private link
        ("nonsense", False),
        ("conn_type=PrivateLink;conn_type=PrivateLink", True),
        ("conn_type=Public;addr=52.9.9.9;conn_type=PrivateLink", False),  # words that contradict each other prove nothing
        ("conn_type=PrivateLink, conn_type=Ipv4", False),  # a header that was sent twice, as clients join it
        ("Conn_Type=Ipv4;addr=10.1.2.3", False),
        ("addr=10.1.2.3;addr=52.9.9.9", False),
        ("conn_type=;addr=10.1.2.3", True),
    ],
)
def test_words_of_the_vault(info: str, privately: bool) -> None:
    assert came_privately(info) is privately


def test_documentation_ranges_are_no_private_ranges() -> None:
    assert not is_private("203.0.113.9") and not is_private("no address")


def test_waiting_tries_again_within_bounds() -> None:
    """The first look meets an old answer that was cached; without an end of it the last finding is returned when the time is up."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    looks: list[str] = []

    def lookup(host: str) -> Answer:
        looks.append(host)
        return Answer(("10.1.0.4",) if len(looks) > 2 else ("52.1.2.3",), (ALIAS,))

    clock = Clock(30, lambda: now[0], sleep)
    assert probe(HOST, ["10.1.0.4"], clock, wait=True, lookup=lookup, asking=lambda *_: HEALTHY)["proven"]
    assert len(looks) == 3
    vain = probe(HOST, ["10.1.0.5"], clock, wait=True, lookup=lookup, asking=lambda *_: HEALTHY)
    assert vain["code"] == "WrongAddress" and now[0] <= 30


@pytest.mark.parametrize("slow", ["resolver", "server"])
def test_who_does_not_answer_is_left(slow: str) -> None:
    """A resolver, or a server that sends byte by byte, may take its time; the task may not."""
    begun, over = time.monotonic(), threading.Event()
    lookup = (lambda _host: over.wait(9)) if slow == "resolver" else (lambda _host: Answer(("10.1.0.4",), ()))
    found = probe(HOST, ["10.1.0.4"], Clock(0.2), wait=False, lookup=t.cast(t.Any, lookup), asking=t.cast(t.Any, lambda *_: over.wait(9)))
    over.set()
    assert time.monotonic() - begun < 3
    assert found["code"] == ("NameNotFound" if slow == "resolver" else "NotReachable")
    assert "timed out after 0.5 seconds" in found["msg"]
