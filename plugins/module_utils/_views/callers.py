# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who called a vault, how each came in, and who would be locked out without public access. Pure: judged from rows of the audit log.

What the log does not say clearly counts against closing: a caller is private only where its record says so.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from .._documents.audit_log import Row
from .._documents.compare import Document

Way = t.Literal["public", "unknown", "service_endpoint", "trusted_service", "private_endpoint"]
_ORDER: tuple[Way, ...] = ("public", "unknown", "service_endpoint", "trusted_service", "private_endpoint")
# A GUID, or a user principal name as Microsoft Entra ID takes it. Anything else, such as 10.0.0.1-9, would silently accept nobody.
_NAME = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w.!#$%&'*+^`~-]+(?:#ext#)?@[\w-]+(?:\.[\w-]+)+)\Z", re.ASCII)
# Azure Resource Manager's own requests, and what Key Vault does by itself: none of these passes the vault's firewall.
_NOT_CALLS = ("authentication", "getprivatelinkresources")


@dataclasses.dataclass(frozen=True)
class Caller:
    """One address and identity, with one way in. name: user principal name. first, last: UTC, ISO 8601."""

    address: str
    object_id: str
    application_id: str
    name: str
    way: Way
    requests: int
    first: str
    last: str
    operations: tuple[str, ...]

    @property
    def identity(self) -> str:
        """Return the identity by the clearest name that the log has."""
        return self.name or self.application_id or self.object_id

    @property
    def label(self) -> str:
        """Return how messages call it."""
        who = f"user {self.name}" if self.name else f"application {self.application_id}" if self.application_id else "an unknown identity"
        how = {"service_endpoint": " over a service endpoint", "unknown": " in an unknown way"}.get(self.way, "")
        return f"{self.address or 'an unknown address'}{how} ({who}, {self.requests} requests, last {self.last[:10]})"

    def rendered(self) -> Document:
        """Return the caller as a result shows it."""
        return {
            "address": self.address,
            "identity": self.identity,
            "object_id": self.object_id,
            "application_id": self.application_id,
            "kind": self.way,
            "requests": self.requests,
            "first_seen": self.first,
            "last_seen": self.last,
            "operations": list(self.operations),
        }


@dataclasses.dataclass(frozen=True)
class Callers:
    """What the log says of the last days. reason, hint: why it is not known; empty where it is. since: time of the first record."""

    days: int
    callers: tuple[Caller, ...] = ()
    reason: str = ""
    hint: str = ""
    workspace_id: str | None = None
    since: str | None = None
    task: Document | None = None

    @property
    def known(self) -> bool:
        """Return whether the log could be read, and holds records of the vault."""
        return not self.reason

    def losing(self, bypass: str) -> list[Caller]:
        """Return who is locked out when public access closes. bypass: the firewall's exception, AzureServices or None."""
        kept = {"private_endpoint", *(["trusted_service"] if bypass.casefold() == "azureservices" else [])}
        return [each for each in self.callers if each.way not in kept]

    def result(self, bypass: str) -> Document:
        """Return it as a result shows it."""
        return {
            "known": self.known,
            "reason": f"{self.reason[:1].upper()}{self.reason[1:]}. {self.hint}" if self.reason else "",
            "days": self.days,
            "workspace_id": self.workspace_id,
            "recorded_since": self.since,
            "callers": [each.rendered() for each in self.callers],
            "public_callers": [each.rendered() for each in self.losing(bypass)],
            "task": self.task,
        }


def callers_of(rows: t.Iterable[Row]) -> tuple[Caller, ...]:
    """Return who was let in, those without a private way first, then by the number of requests."""
    groups: dict[tuple[str, str, str, str, Way], list[Row]] = {}
    for row in rows:
        if _was_let_in(row):
            groups.setdefault((row.address, row.object_id, row.application_id, row.name, way_of(row)), []).append(row)
    found = [
        Caller(
            *key,
            requests=sum(row.requests for row in group),
            first=min(row.first for row in group),
            last=max(row.last for row in group),
            operations=tuple(sorted({row.operation for row in group})),
        )
        for key, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda each: (_ORDER.index(each.way), -each.requests, each.address, each.identity)))


def _was_let_in(row: Row) -> bool:
    """Return whether a record is of a request for secrets, keys or certificates that was not refused.

    A client begins without a token and is answered 401; who is answered 403 has no access to lose. Requests about the vault itself go
    to Resource Manager. Source: Key Vault's page on logging, operation names.
    """
    low = row.operation.casefold()
    own = low.startswith("vault") or low in _NOT_CALLS or "privateendpointconnection" in low or low.endswith("eventgridnotification")
    return not own and row.status not in (401, 403)


def way_of(row: Row) -> Way:
    """Return how a request came in.

    The reference of the table names three types of address: public IP, subnet, private connection; it does not give their spelling, so
    they are told by these words. TrustedService is empty unless the principal is one; SubnetId is of a known subnet.
    """
    how = row.how.casefold().replace(" ", "")
    if row.endpoint or (how.startswith("private") and how != "privateip"):
        return "private_endpoint"
    if row.trusted.casefold() not in ("", "false", "none") or how.startswith("trusted"):
        return "trusted_service"
    if row.subnet or how.startswith(("subnet", "virtualnetwork", "vnet")):
        return "service_endpoint"
    return "public" if how.startswith("public") or _is_public(row.address) else "unknown"


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip()).is_global
    except ValueError:
        return False


@dataclasses.dataclass(frozen=True)
class Accepted:
    """Callers that may lose access: addresses and ranges, and names: user principal names, object ids, application ids in small letters."""

    ranges: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: t.Iterable[str]) -> Accepted:
        """Return what is accepted; ValueError with the text that is neither a range nor a name."""
        ranges, names = [], set()
        for text in texts:
            try:
                ranges.append(ipaddress.ip_network(text.strip()))
            except ValueError:
                word = text.strip().casefold()
                if not _NAME.match(word):
                    raise ValueError(text) from None
                names.add(word)
        return cls(tuple(ranges), frozenset(names))

    def has(self, caller: Caller) -> bool:
        """Return whether a caller is accepted."""
        if self.names & {each.casefold() for each in (caller.name, caller.object_id, caller.application_id) if each}:
            return True
        try:
            address = ipaddress.ip_address(caller.address.strip())
        except ValueError:
            return False
        return any(address in each for each in self.ranges if each.version == address.version)
