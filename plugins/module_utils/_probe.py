# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a vault's name leads to its private endpoint from the host that this runs on: DNS, TLS and the vault's own word.

Only the standard library, and the host's own resolver, because what matters is what programs on that host get.
Source: Azure's page "Diagnose private links configuration issues on Azure Key Vault", sections 5 to 7.
"""

from __future__ import annotations

import dataclasses
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import typing as t

from ._documents.compare import Document
from ._errors import echoed

if t.TYPE_CHECKING:
    from ._azure.clock import Clock

PORT = 443
PATH = "/healthstatus"
NETWORK_INFO = "x-ms-keyvault-network-info"
_ALIAS = ".privatelink."
_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_CONNECT_SECONDS = 10.0
_PAUSE_SECONDS = 2.0
_LEAST_SECONDS = 0.5
_LONGEST_MESSAGE = 2000
_LONGEST_INFO = 500
THIS_HOST = "this host"
_APPROVE = "Ask the owner of the vault to approve the connection, for example with privatelink.azure.approve."


@dataclasses.dataclass(frozen=True)
class Answer:
    """The addresses of a name and the aliases on the way, as reported by the host's resolver."""

    addresses: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Fault:
    """Why there is no proof: a word to branch on, what was found (without a full stop), and what to do."""

    code: str
    msg: str
    hint: str

    @property
    def shown(self) -> Document:
        """Return the fault as results show it."""
        return {"code": self.code, "msg": f"{echoed(self.msg, _LONGEST_MESSAGE)}.", "hint": self.hint}


_Found = t.TypeVar("_Found")
Lookup = t.Callable[[str], Answer]
Ask = t.Callable[[str, str, float], tuple[int, t.Mapping[str, str]]]


def resolve_host(host: str) -> Answer:
    """Ask the host's resolver; raise OSError without an address. Aliases are only known if the resolver reports them."""
    canonical, others, addresses = socket.gethostbyname_ex(host)
    names = dict.fromkeys(name.rstrip(".").casefold() for name in (*others, canonical))
    return Answer(tuple(addresses), tuple(name for name in names if name != host.casefold()))


def ask(host: str, address: str, seconds: float) -> tuple[int, t.Mapping[str, str]]:
    """Return status and headers of the vault's health page at an address, TLS verified for the vault's own name. No proxy is used."""
    context = ssl.create_default_context()
    with socket.create_connection((address, PORT), timeout=seconds) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
        connection = http.client.HTTPConnection(host, timeout=seconds)
        connection.sock = secure
        connection.request("GET", PATH, headers={"Connection": "close", "User-Agent": "privatelink.azure"})
        answer = connection.getresponse()  # whose body says nothing more
        headers: dict[str, str] = {}
        for name, value in answer.getheaders():  # what is said twice stays said twice
            headers[name.casefold()] = f"{headers[name.casefold()]};{value}" if name.casefold() in headers else value
        return answer.status, headers


def probe(
    host: str,
    expected: t.Sequence[str],
    clock: Clock,
    *,
    wait: bool,
    lookup: Lookup = resolve_host,
    asking: Ask = ask,
    place: str = THIS_HOST,
) -> Document:
    """Return proven, code, msg, hint, ip_addresses, aliases and network_info. With wait, tries again until it is proven or the time is up.

    place: where the questions are asked, in the words of a message.
    """
    while True:
        found = _attempt(host, expected, lambda: allowed(clock), lookup, asking, place)
        if found["proven"] or not wait or clock.remaining() <= _PAUSE_SECONDS:
            return found
        clock.wait(_PAUSE_SECONDS, f"'{host}' to resolve to its private endpoint")


def allowed(clock: Clock) -> float:
    """Return the seconds that one step may take."""
    return max(_LEAST_SECONDS, min(_CONNECT_SECONDS, clock.remaining()))


def _within(seconds: float, work: t.Callable[..., _Found], *args: t.Any) -> _Found:
    """
    Do something in a thread that is left behind after so many seconds: resolvers and servers that send byte by byte know no total timeout.
    """
    found: list[_Found] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(work(*args))
        except Exception as error:  # pylint: disable=broad-except  # handed to the one who waits
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError(f"timed out after {seconds:.3g} seconds")
    return found[0]


def _attempt(host: str, expected: t.Sequence[str], seconds: t.Callable[[], float], lookup: Lookup, asking: Ask, place: str) -> Document:
    """Resolve the name and contact its addresses once. seconds: returns the time that the next step may take."""
    answer, info = Answer((), ()), ""
    try:
        answer = _within(seconds(), lookup, host)
        fault = diagnose(host, answer, expected, place)
        for address in answer.addresses if fault is None else ():
            fault, info = _contact(host, address, seconds(), asking, place)
            if fault:
                break
    except (OSError, UnicodeError) as error:  # of the resolver: every other one is judged where it comes up
        fault = Fault(
            "NameNotFound",
            f"'{host}' does not resolve on {place} ({getattr(error, 'strerror', None) or error})",
            "Check the vault's name; if the network is linked to a private DNS zone, the vault's A record is missing in the zone.",
        )
    proven = {"code": None, "msg": f"'{host}' resolves to {', '.join(answer.addresses)}, and answers there.", "hint": None}
    return {
        "proven": fault is None,
        **(fault.shown if fault else proven),
        "ip_addresses": list(answer.addresses),
        "aliases": list(answer.aliases),
        "network_info": echoed(info, _LONGEST_INFO) or None,
    }


def diagnose(host: str, answer: Answer, expected: t.Sequence[str], place: str = THIS_HOST, link: str | None = None) -> Fault | None:
    """Return what is wrong with the addresses of a name; next to an expected address, others have to be private too.

    link: what to do so that the name leads to the private address there.
    """
    link = link or (
        f"Link the private DNS zone to the network of {place}, and check that it contains the vault's A record; "
        "custom DNS servers must forward to 168.63.129.16."
    )
    public = [address for address in answer.addresses if address not in expected and not is_private(address)]
    if public:
        return _outside(host, answer, public[0], place, link)
    if expected and not set(expected) & set(answer.addresses):
        return Fault(
            "WrongAddress",
            f"On {place} '{host}' resolves to {', '.join(answer.addresses)}, but its private endpoint has {', '.join(expected)}",
            f"Correct the A record in the zone that the network of {place} is linked to; an old "
            "answer may be cached until the record's time to live ends.",
        )
    return None


def _outside(host: str, answer: Answer, address: str, place: str, link: str) -> Fault:
    """Return the fault of a public address. The aliases distinguish its two causes; without them both are possible."""
    where = f"On {place} '{host}' resolves to the public address {address}"
    alias = next((name for name in answer.aliases if _ALIAS in f"{name}."), None)
    if alias:
        return Fault(
            "ZoneNotSeen", f"{where} through '{alias}': a connection is approved, but the private DNS zone is not used there", link
        )
    if answer.aliases:
        return Fault("NothingApproved", f"{where} without a private link alias, so no connection of the vault is approved", _APPROVE)
    return Fault("PublicAddress", f"{where}, and the resolver there does not return the aliases", f"{link} {_APPROVE}")


def _contact(host: str, address: str, seconds: float, asking: Ask, place: str) -> tuple[Fault | None, str]:
    """Ask the vault at an address who it sees; return what is wrong, and the vault's words."""
    try:
        status, headers = _within(seconds, asking, host, address, seconds)
    except ssl.SSLCertVerificationError as error:
        what = f"The server at {address} has no valid certificate for '{host}' ({getattr(error, 'verify_message', None) or error})"
        return Fault(
            "NotTheVault",
            what,
            f"Check whether another host has this address, and whether {place} trusts the certificate authority of Azure.",
        ), ""
    except (OSError, http.client.HTTPException) as error:
        what = f"'{host}' does not answer at {address}, port {PORT} ({type(error).__name__}: {getattr(error, 'strerror', None) or error})"
        return Fault(
            "NotReachable", what, f"Check routes, firewalls and security groups between {place} and the private endpoint's subnet."
        ), ""
    info = headers.get(NETWORK_INFO, "")
    if not info:
        what = (
            f"The server at {address} that answered for '{host}' with status {status} is not "
            f"a key vault: it does not send the header {NETWORK_INFO}"
        )
        return Fault(
            "NotTheVault", what, "Check what answers instead of the vault: a proxy, a firewall with TLS inspection, or an attacker."
        ), ""
    if status != 200:
        return Fault(
            "NotHealthy", f"'{host}' answers at {address} with status {status}", "Check the health of the vault's region, and try again."
        ), info
    if not came_privately(info):
        what = f"'{host}' answers at {address}, but the vault saw the connection arrive over its public endpoint ({info.rstrip(';')})"
        return Fault(
            "NotPrivate",
            what,
            f"Check what routes the connection over the internet between {place} and the private endpoint, such as a proxy.",
        ), info
    return None, info


def came_privately(info: str) -> bool:
    """Read the vault's header: conn_type says how the caller came; where it is missing, addr is private on a private way.

    Words that contradict each other prove nothing.
    """
    fields = [tuple(part.strip().split("=", 1)) for part in re.split("[;,]", info) if "=" in part]
    kinds = [value.strip().casefold() for name, value in fields if name.strip().casefold() == "conn_type" and value.strip()]
    if kinds:
        return set(kinds) == {"privatelink"}
    addresses = [value.strip() for name, value in fields if name.strip().casefold() == "addr"]
    return bool(addresses) and all(map(is_private, addresses))


def is_private(address: str) -> bool:
    """Return whether an address is of a range that is never used on the internet (RFC 1122, 1918, 6598, 4193)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ipaddress.ip_network(network) for network in _PRIVATE if ipaddress.ip_network(network).version == mapped.version)
