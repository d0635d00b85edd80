# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What named DNS servers answer for a vault's name, asked one by one, beside the resolver of the host. Needs the package dnspython."""

from __future__ import annotations

import traceback
import typing as t

from ._packages import missing_optional
from ._probe import Answer, Fault, diagnose

try:
    import dns.exception
    import dns.message
    import dns.query
    import dns.rcode
    import dns.rdatatype
except ImportError:
    IMPORT_ERROR: str | None = traceback.format_exc()
    FAILURES: tuple[type[Exception], ...] = (OSError,)
else:
    IMPORT_ERROR = None
    FAILURES = (OSError, EOFError, dns.exception.DNSException)

LONGEST_SECONDS = 5.0
_LONGEST_CHAIN = 16
_FORWARD = (
    "Let {server} forward both vault.azure.net and vaultcore.azure.net (in other clouds their like) to Azure's DNS: to 168.63.129.16 from "
    "a network that the private DNS zone is linked to, else to the inbound endpoint of a DNS Private Resolver there."
)


class Refused(Exception):
    """The server answers, but not with addresses: rcode is its reason."""

    def __init__(self, rcode: str) -> None:
        super().__init__(rcode)
        self.rcode = rcode


Question = t.Callable[[str, str, float], Answer]


def require_package() -> None:
    """Raise a Problem where this Python lacks the package."""
    if IMPORT_ERROR:
        raise missing_optional("dns", "dns_servers", IMPORT_ERROR)


def ask_server(host: str, server: str, seconds: float, port: int = 53) -> Answer:
    """Ask a server for the addresses of a name, over UDP, and over TCP where the answer is too long; raise Refused or one of FAILURES."""
    question = dns.message.make_query(host, dns.rdatatype.A)
    response, _over_tcp = dns.query.udp_with_fallback(question, server, timeout=seconds, port=port)
    if response.rcode() != dns.rcode.NOERROR:
        raise Refused(dns.rcode.to_text(response.rcode()))
    aliases: dict[str, str] = {}
    addresses: dict[str, list[str]] = {}
    for records in response.answer:
        name = _named(records.name)
        for record in records:
            if records.rdtype == dns.rdatatype.CNAME:
                aliases[name] = _named(record.target)
            elif records.rdtype == dns.rdatatype.A:
                addresses.setdefault(name, []).append(str(record.address))
    return followed(host, aliases, addresses)


def _named(name: t.Any) -> str:
    return str(name).rstrip(".").casefold()


def followed(host: str, aliases: t.Mapping[str, str], addresses: t.Mapping[str, t.Sequence[str]]) -> Answer:
    """Return what a name leads to through the aliases of an answer; records of other names in it say nothing."""
    name = host.casefold()
    chain: list[str] = []
    while name in aliases and len(chain) < _LONGEST_CHAIN:
        name = aliases[name]
        chain.append(name)
    return Answer(tuple(addresses.get(name, ())), tuple(chain))


def compare(
    host: str, server: str, expected: t.Sequence[str], here: t.Sequence[str], seconds: float, asking: Question = ask_server
) -> tuple[Answer, Fault | None]:
    """Return a server's answer and what is wrong with it, None where it leads clients of that server to the private endpoint.

    expected: addresses of the endpoint; here: what the name resolves to on this host, compared where no address is expected.
    """
    forward = _FORWARD.format(server=server)
    try:
        answer = asking(host, server, min(seconds, LONGEST_SECONDS))
    except Refused as error:
        missing = error.rcode in ("NXDOMAIN", "NOERROR")
        return Answer((), ()), Fault(
            "NameNotFound" if missing else "ServerFailed", f"DNS server {server} answers {error.rcode} for '{host}'", forward
        )
    except FAILURES as error:
        what = f"DNS server {server} does not answer for '{host}' ({type(error).__name__}: {error})"
        return Answer((), ()), Fault("ServerNotReachable", what, f"Check the address, and that UDP and TCP port 53 of {server} are open.")
    if not answer.addresses:
        return answer, Fault("NameNotFound", f"DNS server {server} has no address for '{host}'", forward)
    fault = diagnose(host, answer, expected, f"DNS server {server}", forward)
    if fault is None and not expected and here and not set(here) & set(answer.addresses):
        what = f"DNS server {server} resolves '{host}' to {', '.join(answer.addresses)}, but this host to {', '.join(here)}"
        fault = Fault("WrongAddress", what, "Check which of the two is the private endpoint, and correct the A record or the forwarder.")
    return answer, fault
