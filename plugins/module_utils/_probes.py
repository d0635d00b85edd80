# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private paths of many vaults from one host, some at a time and within one limit of time, and what named DNS servers say of each."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from ._dns_servers import Question, ask_server, compare
from ._documents.compare import Document
from ._probe import PATH, Ask, Fault, Lookup, allowed, ask, probe, resolve_host

if t.TYPE_CHECKING:
    from ._azure.clock import Clock

AT_ONCE = 16
_PAUSE_SECONDS = 2.0


@dataclasses.dataclass(frozen=True)
class Target:
    """A vault to probe. named: how the task named it; expected: the addresses that its name may lead to, any private one where empty."""

    named: str
    host: str
    expected: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the address that is requested of the vault."""
        return f"https://{self.host}{PATH}"

    def shown(self, found: Document) -> Document:
        """Return what was found of it, as results show it."""
        return {"vault": self.named, "host": self.host, "id": self.id, **found}


@dataclasses.dataclass(frozen=True)
class Asking:
    """How questions are asked; tests replace it. servers: the addresses of DNS servers to ask, too."""

    servers: tuple[str, ...] = ()
    lookup: Lookup = resolve_host
    contact: Ask = ask
    question: Question = ask_server


def unproven(fault: Fault) -> Document:
    """Return the result of a vault of which nothing was found out."""
    return {"proven": False, **fault.shown, "ip_addresses": [], "aliases": [], "network_info": None}


def probe_all(targets: t.Sequence[Target], clock: Clock, asking: Asking, *, wait: bool) -> list[Document]:
    """Return a result for each vault, in their order. With wait, those that are not proven are tried again until the time is up."""
    results: dict[int, Document] = {}
    left = list(range(len(targets)))
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(AT_ONCE, max(1, len(targets)))) as workers:
        while left:
            for number, result in workers.map(lambda number: (number, _once(targets[number], clock, asking)), left):
                if result["code"] != "NotProbed" or number not in results:
                    results[number] = result
            left = [number for number in left if not results[number]["proven"]]
            if not wait or not left or clock.remaining() <= _PAUSE_SECONDS:
                break
            clock.wait(_PAUSE_SECONDS, f"{len(left)} vaults to resolve to their private endpoints")
    return [targets[number].shown(results[number]) for number in sorted(results)]


def _once(target: Target, clock: Clock, asking: Asking) -> Document:
    if clock.remaining() <= 0:
        what = f"'{target.host}' was not probed within the {clock.seconds:g} seconds of wait_timeout"
        found = unproven(Fault("NotProbed", what, "Increase wait_timeout, or probe fewer vaults in one task."))
        return {**found, **({"dns_servers": []} if asking.servers else {})}
    found = probe(target.host, target.expected, clock, wait=False, lookup=asking.lookup, asking=asking.contact)
    return _with_servers(target, found, clock, asking) if asking.servers else found


def _with_servers(target: Target, found: Document, clock: Clock, asking: Asking) -> Document:
    """Return a result with what each named server answers; one that leads elsewhere takes the proof away."""
    servers, first = [], None
    for server in asking.servers:
        answer, fault = compare(target.host, server, target.expected, found["ip_addresses"], allowed(clock), asking.question)
        first = first or fault
        servers.append(
            {
                "server": server,
                "private": fault is None,
                **(fault.shown if fault else {"code": None, "msg": f"{server} answers {', '.join(answer.addresses)}.", "hint": None}),
                "ip_addresses": list(answer.addresses),
                "aliases": list(answer.aliases),
            }
        )
    worse = {"proven": False, **first.shown} if found["proven"] and first else {}
    return {**found, **worse, "dns_servers": servers}


def summary(results: t.Sequence[Document], place: str) -> Document:
    """Return whether all of them are proven, with one sentence, and the first problem's code and hint."""
    wrong = [result for result in results if not result["proven"]]
    if not wrong:
        return {"proven": True, "code": None, "msg": f"All {len(results)} vaults are reached over their private endpoints.", "hint": None}
    names = ", ".join(result["host"].partition(".")[0] for result in wrong[:10]) + (", ..." if len(wrong) > 10 else "")
    msg = f"{len(wrong)} of {len(results)} vaults are not proven to be private from {place} ({names}): {wrong[0]['msg']}"
    return {"proven": False, "code": wrong[0]["code"], "msg": msg, "hint": wrong[0]["hint"]}
