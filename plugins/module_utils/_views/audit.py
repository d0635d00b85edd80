# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit: what is known of many vaults and how they passed the checks, as one plain document that outlives the run."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .estate import Vault, vault_facts

KIND = "privatelink.azure.audit"
VERSION = 1
# The states of a vault, those first that need attention first.
FAILED, UNKNOWN, WARNING, PRIVATE = STATES = ("failed", "unknown", "warning", "private")
# What an audit shows of a vault; the connections are in the endpoints, and in orphaned_connections where they have none.
_FACTS = (
    *("subscription_id", "resource_group", "sku", "enable_rbac_authorization", "connection_state"),
    *("private_ip_addresses", "dns", "zone_ids", "linked_network_ids", "endpoints"),
)


def audit_of(vaults: t.Sequence[Vault], checked: t.Sequence[Document], summary: Document, *, title: str, time: str) -> Document:
    """Return the audit of vaults.

    checked: for each vault what the checks say, as Checked.rendered() of checks.py. summary: the counts of all.
    time: when it was made, in UTC, such as 2026-11-27T04:36:17Z.
    """
    return {
        "kind": KIND,
        "version": VERSION,
        "title": title,
        "time": time,
        "summary": {**summary, "states": _counted(checked)},
        "vaults": [_entry(vault, verdicts) for vault, verdicts in zip(vaults, checked, strict=True)],
        "zones": _zones(vaults),
        "comparison": None,
    }


def state_of(checked: Document) -> str:
    """Return the state of a vault: failed and unknown are not private, a warning is."""
    if checked["private"]:
        return WARNING if any(each["status"] == "failed" for each in checked["verdicts"]) else PRIVATE
    errors = {each["status"] for each in checked["verdicts"] if each["severity"] == "error"}
    return FAILED if "failed" in errors else UNKNOWN


def _counted(checked: t.Sequence[Document]) -> dict[str, int]:
    found = [state_of(each) for each in checked]
    return {state: found.count(state) for state in STATES}


def _entry(vault: Vault, checked: Document) -> Document:
    facts = vault_facts(vault)
    own = {name: facts[name] for name in _FACTS}
    tags, uri = facts["keyvault_tags"], facts["keyvault_uri"]
    orphaned = [each for each in vault.connections if not each["endpoint_id"]]
    named = {name: value for name, value in checked.items() if name != "verdicts"}
    return {
        **named,
        "state": state_of(checked),
        **own,
        "uri": uri,
        "tags": tags,
        "orphaned_connections": orphaned,
        "verdicts": checked["verdicts"],
    }


def _zones(vaults: t.Iterable[Vault]) -> list[Document]:
    """Return the zones that endpoints write into, by id, each with its links."""
    names: dict[str, str] = {}
    links: dict[str, dict[str, Document]] = {}
    for endpoint in (each for vault in vaults for each in vault.endpoints):
        for zone in endpoint.dns.zone_ids:
            names.setdefault(zone.casefold(), zone)
        for link in endpoint.dns.links:
            shown = {
                "network_id": link.network_id,
                "registration_enabled": link.registration_enabled,
                "resolution_policy": link.resolution_policy,
            }
            links.setdefault(link.zone_id.casefold(), {})[link.network_id.casefold()] = shown
    return [{"id": names[key], "links": [each for _name, each in sorted(links.get(key, {}).items())]} for key in sorted(names)]
