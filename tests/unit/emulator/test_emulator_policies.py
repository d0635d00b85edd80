# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure Policy that refuses or changes writes, ARM's preflight, and what a caller may do."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client

ZONE = "providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"


def rules(arm: Client, *wanted: dict[str, Any]) -> None:
    arm.control("PUT", "settings", {"rules": list(wanted)})


def question(arm: Client, **changed: Any) -> dict[str, Any]:
    resource = {"name": "net", "apiVersion": "2025-07-01", "location": "westeurope"}
    return {
        "provider": "Microsoft.Network",
        "type": "virtualNetworks",
        "location": "westeurope",
        "scope": arm.rg,
        "resources": [resource],
        **changed,
    }


def requested(arm: Client, body: dict[str, Any], token: str = "") -> Any:
    return arm.call("POST", "/providers/Microsoft.Resources/validateResources", body, version="2020-10-01", token=token)


def test_modify_changes_what_is_stored_and_null_drops(arm: Client) -> None:
    rules(arm, {"path": "/privateDnsZones/", "effect": "modify", "overlay": {"tags": {"Cost Center": None, "policy": "on"}}})
    path = f"{arm.rg}/{ZONE}"
    assert arm.call("PUT", path, {"location": "global", "tags": {"Cost Center": "1", "plain": "2"}}).status_code == 202
    assert arm.get(path)["tags"] == {"plain": "2", "policy": "on"}


def test_deny_refuses_a_write_and_the_preflight_knows(arm: Client) -> None:
    rules(arm, {"path": "/virtualNetworks/net$", "effect": "deny", "name": "no-networks"})
    written = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/virtualNetworks/net", {"location": "westeurope"})
    assert (written.status_code, written.json()["error"]["code"]) == (403, "RequestDisallowedByPolicy")
    found = requested(arm, question(arm)).json()["error"]
    assert (found["code"], found["details"][0]["code"]) == ("ResourceValidationFailed", "RequestDisallowedByPolicy")
    assert "no-networks" in found["details"][0]["message"]
    rules(arm)
    assert requested(arm, question(arm)).json() == {
        "properties": {"validatedResources": [f"{arm.rg}/providers/Microsoft.Network/virtualNetworks/net"]}
    }


def test_the_preflight_is_no_write(arm: Client) -> None:
    arm.control("PUT", "read-only", {"enabled": True})
    assert requested(arm, question(arm)).status_code == 200


@pytest.mark.parametrize("changed", [{"scope": ""}, {"resources": [{"name": "net"}]}, {"type": "virtualNetworks/subnets"}])
def test_a_question_without_its_parts_is_refused(arm: Client, changed: dict[str, Any]) -> None:
    assert requested(arm, question(arm, **changed)).status_code == 400


def test_a_rule_has_a_path_and_a_known_effect(arm: Client) -> None:
    for wrong in ({"effect": "deny"}, {"path": "x", "effect": "audit"}):
        with pytest.raises(AssertionError):
            rules(arm, wrong)


def test_permissions_are_those_of_the_scope_and_above(arm: Client) -> None:
    reader = {"tenant": arm.facts["tenant"], "client_id": "c0000000-0000-4000-8000-000000000021", "object_id": "reader", "secret": "s"}
    arm.control(
        "POST", "principals", {**reader, "assignments": [{"role": "Reader", "scope": arm.rg}, {"role": "Owner", "scope": f"{arm.rg}x"}]}
    )
    token = arm.sign_in(client_id=reader["client_id"], client_secret="s")
    path = f"{arm.rg}/providers/Microsoft.Authorization/permissions"
    found = arm.call("GET", path, version="2022-04-01", token=token).json()["value"]
    assert found == [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]
    assert arm.call("GET", path.replace("/rg/", "/rg2/"), version="2022-04-01", token=token).status_code == 403


def test_an_operation_may_fail_without_a_reason(arm: Client) -> None:
    arm.control("POST", "faults", {"match": {"method": "PUT", "path_regex": "/virtualNetworks/net$"}, "lro_error": {}})
    path = f"{arm.rg}/providers/Microsoft.Network/virtualNetworks/net"
    answer = arm.call("PUT", path, {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}})
    assert arm.get(answer.headers["azure-asyncoperation"]) == {"status": "Failed"}
    assert arm.get(path)["properties"]["provisioningState"] == "Failed"
