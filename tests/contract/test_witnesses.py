# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the replay that the recordings at hand do not need have a witness: a made-up exchange that differs as the rule says.

So no rule stays that explains nothing: it is needed by the recordings, or its witness shows that the emulator still differs there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract import known
from contract.replay import DIFFERENCES
from contract.test_replay_tool import ENDPOINT, GROUP, SUBSCRIPTION, VAULT, ZONE, busy, exchange, group, replayed
from integration.emulation import Emulation

NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/shopaccount"
HSM = f"{GROUP}/providers/Microsoft.KeyVault/managedHSMs/shop-hsm"
TYPES = f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/availablePrivateEndpointTypes"
UNTIL_2021 = "Can not perform requested operation on nested resource. Parent resource 'shop.example' not found."
STANDARD = {"location": "westeurope", "sku": {"name": "Standard_B1", "family": "B"}}


def refused(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def _endpoint() -> dict[str, Any]:
    """An approved endpoint with the name of a vault as it was shown until 2021."""
    state = {"status": "Approved", "description": "", "actionsRequired": "None"}
    properties = {"privateLinkServiceId": VAULT, "groupIds": ["vault"], "provisioningState": "Succeeded"}
    connection = {"name": "front", "properties": {**properties, "privateLinkServiceConnectionState": state}}
    names = [{"fqdn": "shop-vault.vaultcore.azure.net", "ipAddresses": ["10.0.0.4"]}]
    subnet = {"id": f"{NETWORK}/subnets/front"}
    shown = {"provisioningState": "Succeeded", "subnet": subnet, "privateLinkServiceConnections": [connection], "customDnsConfigs": names}
    return {"id": ENDPOINT, "name": "door", "location": "westeurope", "properties": shown}


_ALONE: dict[str, str] = {
    "types-of-targets": exchange("GET", TYPES, 200, {"value": [{"name": "Microsoft.KeyVault.vaults"}]}),
    "html": exchange("GET", GROUP, 404, "<!DOCTYPE html><html></html>"),
    "storage-takes-time": exchange("PUT", ACCOUNT, 202, None, request_body={"location": "westeurope", "sku": {"name": "Standard_LRS"}}),
    "nested-text-of-2021": exchange(
        "PUT",
        f"{ZONE}/A/www",
        404,
        refused(
            "ParentResourceNotFound", "Can not perform requested operation on nested resource. Parent resource 'shop.example' not found."
        ),
        request_body={"properties": {"ttl": 60, "aRecords": []}},
    ),
    "unproven-version": exchange(
        "GET",
        NETWORK,
        200,
        {"id": NETWORK, "name": "net", "location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
    ),
    "hsm-takes-time": exchange(
        "PUT", HSM, 202, None, request_body={"location": "westeurope", "sku": {"name": "Standard_B1", "family": "B"}}
    ),
    "hsm-life": exchange("GET", HSM, 200, {"id": HSM, "location": "westeurope", "properties": {"statusMessage": "It is ready."}}),
    "vaultcore-names-of-2021": exchange("GET", ENDPOINT, 200, _endpoint()),
    "gateway-404-of-2020": exchange(
        "GET",
        VAULT,
        404,
        refused("ResourceNotFound", "The Resource 'Microsoft.KeyVault/vaults/shop-vault' under resource group 'shop' was not found."),
    ),
}


WITNESSES = {
    **{rule: [exchange("GET", GROUP, 200, group()), line] for rule, line in _ALONE.items()},
    "html": [_ALONE["html"]],
    "inner-error": busy(),
}
"""What is recorded for each rule; but where it says otherwise, their group is there."""


@pytest.mark.parametrize("rule", WITNESSES)
def test_a_rule_beyond_the_recordings_is_still_needed(rule: str, tmp_path: Path, emulation: Emulation) -> None:
    report = replayed(tmp_path, emulation, {"witness.jsonl": WITNESSES[rule]})
    assert report.rules.used[rule], "\n".join(report.lines(verbose=True))


def test_every_witness_is_for_a_rule() -> None:
    assert set(WITNESSES) <= {rule.name for rule in known.load(DIFFERENCES).rules}
