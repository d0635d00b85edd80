# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of an audit's tables: one for each vault, the accessible twin of the drawing, and one for each check."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._views.audit import FAILED, PRIVATE, STATES, UNKNOWN, WARNING
from . import words


def rows_of(audit: Document) -> list[dict[str, t.Any]]:
    """Return a row for each vault, those first that need attention."""
    rows = [_row(vault, f"vault-{number}", audit["zones"]) for number, vault in enumerate(audit["vaults"], 1)]
    return sorted(rows, key=lambda row: (row["rank"], str(row["vault"]["name"]).casefold(), str(row["vault"]["id"]).casefold()))


def checks_of(vaults: t.Iterable[Document]) -> list[dict[str, t.Any]]:
    """Return a row for each check, in the order of the verdicts, with the number of vaults of each status."""
    found: dict[str, dict[str, t.Any]] = {}
    for verdict in (each for vault in vaults for each in vault["verdicts"]):
        row = found.setdefault(
            verdict["check"],
            {"id": verdict["check"], "title": verdict["title"], "severity": verdict["severity"], **dict.fromkeys(words.STATUS_WORDS, 0)},
        )
        row[verdict["status"]] += 1
    return list(found.values())


def _row(vault: Document, anchor: str, zones: t.Sequence[Document]) -> dict[str, t.Any]:
    links = {str(zone["id"]).casefold(): len(zone["links"]) for zone in zones}
    endpoints = [_endpoint(each, links) for each in vault["endpoints"]]
    findings = [_finding(each) for each in vault["verdicts"] if each["status"] in ("failed", "unknown")]
    findings.sort(key=lambda each: STATES.index(each["state"]))
    gate, gate_words = words.gates(vault)
    weight = sum(1000 if each["state"] in (FAILED, UNKNOWN) else 1 for each in findings)
    return {
        "vault": vault,
        "anchor": anchor,
        "state": vault["state"],
        "state_words": words.STATE_WORDS[vault["state"]],
        "rank": STATES.index(vault["state"]),
        "endpoints": endpoints,
        "endpoint_key": endpoints[0]["name"] if endpoints else "",
        "address_key": " ".join(address for each in endpoints for address in each["addresses"]),
        "orphaned": vault["orphaned_connections"],
        "gate": gate,
        "gate_words": gate_words,
        "findings": findings,
        "weight": weight,
        "checks": " ".join(each["check"] for each in findings),
        "rest": _rest(vault),
        "tags": " ".join(f"{name}={value}" for name, value in vault["tags"].items()),
    }


def _endpoint(endpoint: Document, links: t.Mapping[str, int]) -> dict[str, t.Any]:
    network = words.network_of(endpoint["subnet_id"])
    return {
        "name": endpoint["name"] or endpoint["id"],
        "connection": words.connection(endpoint),
        "place": f"in {words.name_of(network)} / {words.name_of(endpoint['subnet_id'])}" if network else "",
        "addresses": endpoint["private_ip_addresses"],
        "dns": words.dns(endpoint),
        "zones": [_zone(zone, links.get(zone.casefold(), 0)) for zone in endpoint["zone_ids"]],
    }


def _zone(zone: str, links: int) -> dict[str, t.Any]:
    parsed = ResourceId.parse(zone)
    place = f"{parsed.resource_group}, " if parsed and parsed.resource_group else ""
    return {"id": zone, "name": words.name_of(zone), "words": f"{place}{words.counted(links, 'linked network')}"}


def _finding(verdict: Document) -> dict[str, t.Any]:
    unknown = verdict["status"] == "unknown"
    error = verdict["severity"] == "error"
    return {**verdict, "state": UNKNOWN if unknown else FAILED if error else WARNING, "word": _word(unknown, error)}


def _word(unknown: bool, error: bool) -> str:
    return "Could not be read" if unknown else "Error" if error else "Warning"


def _rest(vault: Document) -> str:
    """Return how many checks a vault passed, and how many do not apply."""
    statuses = [each["status"] for each in vault["verdicts"]]
    passed, skipped = statuses.count("passed"), statuses.count("skipped")
    all_ = vault["state"] == PRIVATE and passed and passed + skipped == len(statuses)
    said = f"{'All ' if all_ else ''}{words.counted(passed, 'check')} passed"
    return f"{said}, {skipped:,} {'does' if skipped == 1 else 'do'} not apply" if skipped else said
