# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page of an audit says about values of Azure, in words that operators search for."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._views.audit import FAILED, PRIVATE, STATES, UNKNOWN, WARNING

STATE_WORDS = {FAILED: "Not private", UNKNOWN: "Not proven", WARNING: "Private, with warnings", PRIVATE: "Private"}
STATE_MEANINGS = {
    FAILED: "a check of severity error failed: the vault is not reachable privately, or is reachable publicly",
    UNKNOWN: "a check of severity error could not be read with these credentials",
    WARNING: "every check of severity error passed, and a warning may hurt later",
    PRIVATE: "every check passed",
}
STATUS_WORDS = {"failed": "failed", "unknown": "could not be read", "passed": "passed", "skipped": "does not apply"}
_DNS_IN_SHORT = {"zone_group": "DNS zone group", "a_record": "A record", "none": "no A record", "unknown": "DNS not read"}
_DNS = {
    "zone_group": "DNS zone group writes the A record",
    "a_record": "A record without a DNS zone group",
    "none": "No A record found",
    "unknown": "DNS could not be read",
}
_CONNECTION = {
    "Approved": (PRIVATE, "Approved"),
    "Pending": (WARNING, "Pending: waits for approval"),
    "Rejected": (FAILED, "Rejected by the owner of the vault"),
    "Disconnected": (FAILED, "Disconnected: recreate the private endpoint"),
}


@dataclasses.dataclass(frozen=True)
class Said:
    """A value with its state, in words."""

    state: str
    words: str


def worst(states: t.Iterable[str]) -> str:
    """Return the state that needs attention most, private where there is none."""
    return min(states, key=STATES.index, default=PRIVATE)


def name_of(resource_id: str | None) -> str:
    """Return the name of a resource, or the text as it is where that is no id."""
    parsed = ResourceId.parse(resource_id or "")
    return parsed.name if parsed else str(resource_id or "")


def network_of(subnet_id: str | None) -> str | None:
    """Return the id of the virtual network that a subnet is in."""
    text = subnet_id or ""
    place = text.casefold().rfind("/subnets/")
    return text[:place] if place > 0 else None


def connection(endpoint: Document) -> Said:
    """Return the state of an endpoint's connection."""
    state = str(endpoint.get("state") or "")
    found, words = _CONNECTION.get(state, (UNKNOWN, f"Connection state {state or 'not known'}"))
    if endpoint.get("error"):
        return Said(worst((found, UNKNOWN)), f"{words}; the endpoint itself could not be read ({endpoint['error']})")
    return Said(found, words)


def connection_in_short(endpoint: Document) -> str:
    """Return what is wrong with an endpoint's connection, in a word; empty where it is approved."""
    if endpoint.get("error"):
        return "not read"
    return "" if endpoint.get("state") == "Approved" else str(endpoint.get("state") or "not known")


def dns(endpoint: Document) -> Said:
    """Return who writes the record of an endpoint."""
    mode = str(endpoint.get("dns"))
    return Said({"none": WARNING, "unknown": UNKNOWN}.get(mode, PRIVATE), _DNS.get(mode, mode))


def dns_in_short(endpoint: Document) -> str:
    """Return who writes the record of an endpoint, in a few words."""
    return _DNS_IN_SHORT.get(str(endpoint.get("dns")), str(endpoint.get("dns")))


def gates(vault: Document) -> tuple[str, str]:
    """Return what a vault's public network access is, in one word and in a sentence."""
    found = vault["gates"]
    access, action = str(found.get("public_network_access")), str(found.get("default_action"))
    passing = "; trusted services bypass it" if found.get("bypass") == "AzureServices" else ""
    if found.get("perimeter"):
        return "Perimeter", f"network security perimeter ({access}); firewall {action}{passing}"
    if access == "Disabled":
        return "Closed", f"public network access Disabled; firewall {action}{passing}"
    if action == "Deny":
        return "Firewall", f"public network access {access}; firewall Deny: selected networks only{passing}"
    return "Open", f"public network access {access}; firewall {action}: reachable from all networks"


def counted(number: int, one: str, several: str | None = None) -> str:
    """Return a number with its noun: 1 vault, 2 vaults."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def shortened(text: str, width: int) -> str:
    """Return a text of at most width characters, without its middle where it is longer: names differ at both ends."""
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
