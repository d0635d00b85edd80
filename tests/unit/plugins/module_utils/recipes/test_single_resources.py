# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules of one resource, run by their action plugins against an emulator: what others did meanwhile, what waits, what must not go."""

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import acted
from integration.emulation import Emulation, is_write
from integration.estate import GROUP, Estate

ALIAS = "rates.11111111-1111-1111-1111-111111111111.westeurope.azure.privatelinkservice"


@pytest.fixture
def estate(emulated: Emulation) -> Estate:
    return Estate(emulated)


@pytest.fixture
def vault(estate: Estate) -> str:
    return estate.vault("estate-vault")


def done(module: str, /, **options: object) -> Document:
    """Return the result of a task that does not fail."""
    result = acted(module, **options)
    assert "failed" not in result, result["msg"]
    return result


def test_a_decision_that_the_requester_did_not_see_is_made_again(estate: Estate, vault: str) -> None:
    endpoint = estate.endpoint("asked", vault, manual=True)
    decision = {"vault_id": vault, "endpoint_id": endpoint, "status": "Approved", "description": "Granted"}
    assert done("endpoint_connection_approval", **decision)["changed"]
    assert not done("endpoint_connection_approval", **decision)["changed"]
    document = estate.emulation.resource(endpoint)
    (connection,) = document["properties"]["manualPrivateLinkServiceConnections"]
    connection["properties"]["privateLinkServiceConnectionState"]["status"] = "Pending"
    estate.emulation.overlay(endpoint, {"properties": {"manualPrivateLinkServiceConnections": [connection]}})
    assert done("private_endpoint_info", id=endpoint)["state"] == "Pending"
    assert done("endpoint_connection_approval", **decision)["changed"]
    assert done("private_endpoint_info", id=endpoint)["state"] == "Approved"


def test_who_waits_for_a_decision_gets_the_state_when_the_time_is_up(estate: Estate, vault: str) -> None:
    endpoint = estate.endpoint("asked", vault, manual=True)
    waited = done("private_endpoint_info", id=endpoint, wait=True, wait_delay=1, wait_timeout=1)
    assert (waited["exists"], waited["state"], waited["next_step"]) == (True, "Pending", "decide")
    assert done("private_endpoint_info", id=endpoint, wait=True, check=True)["state"] == "Pending", "check mode does not wait"
    assert done("private_endpoint_info", id=f"{endpoint}x", wait=True)["exists"] is False


def test_a_service_of_a_partner_is_asked_for_by_its_alias(estate: Estate) -> None:
    wanted = {"resource_group": GROUP, "name": "partner-rates", "subnet_id": estate.subnet, "target_alias": f" {ALIAS} "}
    result = done("private_endpoint", **wanted, manual_request=True, request_message="Ticket 4711", check=True)
    connection = result["diff"]["after"]["connection"]
    assert (connection["private_link_service_id"], connection["request_message"]) == (ALIAS, "Ticket 4711")
    assert result["changed"] and not [each for each in estate.emulation.resources() if "partner-rates" in each]


def test_an_event_hub_is_named_by_its_parts(estate: Estate, vault: str) -> None:
    hub = {"namespace": "audit-hub", "policy": "send", "hub": "vaults"}
    result = done("diagnostic_setting", resource=vault, name="audit", event_hub=hub, logs=[{"category": "AuditEvent"}], check=True)
    rule = f"{estate.group}/providers/Microsoft.EventHub/namespaces/audit-hub/authorizationRules/send"
    after = result["diff"]["after"]
    assert (after["event_hub_authorization_rule_id"], after["event_hub_name"]) == (rule, "vaults")


def test_a_group_with_something_in_it_stays_unless_it_is_forced(estate: Estate, vault: str) -> None:
    refused = acted("resource_group", name=GROUP, state="absent")
    assert refused["code"] == "ResourceGroupNotEmpty" and "still contains" in refused["msg"] and "force" in refused["hint"]
    assert estate.group.lower() in estate.emulation.resources()
    assert done("resource_group", name=GROUP, state="absent", force_delete_nonempty=True)["changed"]
    assert estate.group.lower() not in estate.emulation.resources()


def test_a_group_goes_with_the_interfaces_of_its_endpoints(estate: Estate, vault: str) -> None:
    endpoint = estate.endpoint("going", vault, zone=estate.zone)
    ids = [estate.group, estate.zone, f"{estate.zone}/virtualNetworkLinks/estate", estate.network, vault]
    refused = acted("decommission", ids=ids)
    assert refused["failed"] and "going" in refused["msg"], refused["msg"]
    assert not [each for each in estate.emulation.requests() if is_write(each) and each["method"] == "DELETE"]
    assert done("decommission", ids=[*ids, endpoint])["changed"]
    assert estate.group.lower() not in estate.emulation.resources()


def test_a_new_group_needs_its_region(emulated: Emulation) -> None:
    refused = acted("resource_group", name="new-group")
    assert refused["option"] == "location" and "set it to its region" in refused["msg"]
    assert done("resource_group", name="new-group", location="West Europe")["resource_group"]["location"] == "westeurope"
