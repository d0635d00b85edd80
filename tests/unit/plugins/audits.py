# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audits of made-up estates of any size, healthy and broken, for tests of the page and for eyes that look at it.

As a script it writes pages: python -m ansible_collections.privatelink.azure.tests.unit.plugins.audits DIRECTORY
"""

from __future__ import annotations

import pathlib
import sys
import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._pages.audit_page import page_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.audit import audit_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.audit_comparison import comparison_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.check_catalogue import CHECKS
from ansible_collections.privatelink.azure.plugins.module_utils._views.checked import Answer, Checked, summary
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate import Endpoint, Vault
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate_dns import Dns, Link

TIME = "2026-11-27T04:36:17Z"
SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a"
HUB = "00000000-0000-0000-0000-00000000000b"
ZONE = f"/subscriptions/{HUB}/resourceGroups/hub-dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
_TEAMS = ("payments", "ledger", "web", "identity", "batch", "reporting", "mobile", "search")
_STAGES = ("prod", "test", "dev")
_FIX = """\
- name: Approve the connection of {name}
  privatelink.azure.endpoint_connection_approval:
    vault_id: {vault}
    endpoint_id: {endpoint}
    status: Approved
"""
# What goes wrong, in turn: the connection's state, the check that fails, what it says.
BREAKS: tuple[tuple[str, str, str], ...] = (
    ("Pending", "connection_approved", "The connection of private endpoint '{endpoint}' waits for approval."),
    ("Approved", "public_network_access", "Key vault '{vault}' is reachable from all public networks."),
    ("Disconnected", "connection_approved", "The connection of private endpoint '{endpoint}' is Disconnected."),
    ("Approved", "zone_linked", "Zone 'privatelink.vaultcore.azure.net' is not linked to virtual network '{network}'."),
    ("Approved", "record_address", "The record of '{vault}' has the address 10.9.9.9, and the network interface 10.1.0.4."),
    ("none", "endpoint_exists", "Key vault '{vault}' has no private endpoint."),
    ("Approved", "purge_protection", "Key vault '{vault}' has no purge protection."),
    ("Rejected", "connection_approved", "The connection of private endpoint '{endpoint}' was Rejected by the vault's owner."),
    ("unreadable", "endpoint_exists", "Private endpoint '{endpoint}' cannot be read with these credentials."),
    ("Approved", "management_lock", "Key vault '{vault}' has no lock."),
)


def estate(count: int, broken: int = 0, *, name: str = "kv-{team}-{number:03}", tags: dict[str, str] | None = None) -> Document:
    """Return the audit of vaults, of which some are broken, each in another way and spread over all networks."""
    step = max(1, count // broken) if broken else 0
    breaks = {min(count - 1, each * step + step // 2): BREAKS[each % len(BREAKS)] for each in range(broken)}
    unlinked = {_network_of(number) for number, (_state, check, _text) in breaks.items() if check == "zone_linked"}
    made = [_vault(number, breaks.get(number), unlinked, name, tags or {}) for number in range(count)]
    checked = [each for _vault_, each in made]
    return audit_of(
        [vault for vault, _checked in made],
        [each.rendered() for each in checked],
        summary(checked),
        title="Key vaults behind Private Link",
        time=TIME,
    )


def compared(count: int, before: int, now: int) -> Document:
    """Return an audit with its comparison: other vaults are broken than before, the first two were not there, and one is gone."""
    earlier, audit = estate(count + 1, before), estate(count, now)
    return {**audit, "comparison": comparison_of({**earlier, "time": "2026-11-20T04:30:02Z", "vaults": earlier["vaults"][2:]}, audit)}


def _network_of(number: int) -> str:
    team = _TEAMS[number // 9 % len(_TEAMS)]
    round_ = number // (9 * len(_TEAMS))
    name = f"vnet-{team}-{_STAGES[round_ % 3]}" + (f"-{round_}" if round_ > 2 else "")
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{team}/providers/Microsoft.Network/virtualNetworks/{name}"


def _vault(number: int, broken: tuple[str, str, str] | None, unlinked: set[str], name: str, tags: dict[str, str]) -> tuple[Vault, Checked]:
    state, check, text = broken or ("Approved", "", "")
    team = _TEAMS[number // 9 % len(_TEAMS)]
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{team}"
    vault_name = name.format(team=team, number=number)
    vault_id = f"{group}/providers/Microsoft.KeyVault/vaults/{vault_name}"
    network = _network_of(number)
    subnet = f"{network}/subnets/{'endpoints' if number % 9 < 6 else 'endpoints-2'}"
    endpoint_id = f"{group}/providers/Microsoft.Network/privateEndpoints/pe-{vault_name}"
    side = {
        "id": f"{vault_id}/privateEndpointConnections/c",
        "endpoint_id": endpoint_id,
        "state": "Approved" if state == "unreadable" else state,
    }
    links = () if network in unlinked else (Link(ZONE, network, False, None),)
    dns = Dns("zone_group", (ZONE,), links, "default")
    document = _endpoint_document(endpoint_id, subnet, vault_id, str(side["state"]))
    address = f"10.{number // 200 + 1}.{number // 9 % 22}.{number % 200 + 4}"
    if state == "unreadable":
        endpoints: tuple[Endpoint, ...] = (Endpoint(endpoint_id, side, None, "AuthorizationFailed", (), Dns()),)
    elif state == "none":
        endpoints = ()
    else:
        endpoints = (Endpoint(endpoint_id, side, document, None, (address,), dns),)
    open_ = check == "public_network_access"
    gates = {
        "public_network_access": "Enabled" if open_ else "Disabled",
        "default_action": "Allow" if open_ else "Deny",
        "bypass": "AzureServices",
        "perimeter": False,
    }
    vault: Document = {
        "id": vault_id,
        "name": vault_name,
        "location": "westeurope" if number % 3 else "northeurope",
        "tags": {"team": team, **tags},
        "properties": {
            "vaultUri": f"https://{vault_name}.vault.azure.net/",
            "sku": {"name": "standard"},
            "enableRbacAuthorization": True,
            "publicNetworkAccess": "Enabled" if open_ else "Disabled",
            "networkAcls": {"defaultAction": "Allow" if open_ else "Deny"},
        },
    }
    parsed = ResourceId.parse(vault_id)
    assert parsed
    answers = {each.id: Answer() for each in CHECKS}
    answers["probe"] = Answer("skipped", "No probe was made.")
    if check:
        said = text.format(vault=vault_name, endpoint=endpoint_id.rpartition("/")[2], network=network.rpartition("/")[2])
        named = {"connection_approved": (endpoint_id,), "zone_linked": (ZONE, network), "record_address": (f"{ZONE}/A/{vault_name}",)}
        fix = _FIX.format(name=vault_name, vault=vault_id, endpoint=endpoint_id) if check == "connection_approved" else ""
        status: t.Literal["failed", "unknown"] = "unknown" if state == "unreadable" else "failed"
        answers[check] = Answer(status, said, "Do what the fix says, and check again.", named.get(check, (vault_id,)), fix)
    sides = () if state == "none" else (side,)
    return Vault(parsed, vault, sides, endpoints), Checked(vault_id, vault_name, str(vault["location"]), answers, gates)


def _endpoint_document(endpoint: str, subnet: str, vault: str, state: str) -> Document:
    connection = {
        "name": "connection",
        "properties": {"privateLinkServiceId": vault, "groupIds": ["vault"], "privateLinkServiceConnectionState": {"status": state}},
    }
    return {
        "id": endpoint,
        "name": endpoint.rpartition("/")[2],
        "location": "westeurope",
        "properties": {"subnet": {"id": subnet}, "privateLinkServiceConnections": [connection]},
    }


def main(directory: pathlib.Path) -> None:
    """Write pages of healthy and broken estates."""
    directory.mkdir(parents=True, exist_ok=True)
    audits = {f"{count}-healthy": estate(count) for count in (1, 40, 400)}
    audits |= {f"{count}-broken": estate(count, number) for count, number in ((1, 1), (40, 10), (400, 14))}
    audits |= {"0": estate(0), "40-compared": compared(40, 7, 10)}
    for name, audit in audits.items():
        (directory / f"{name}.html").write_text(page_of(audit), encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
