# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vaults with their endpoints and DNS come from a few lists; only a doubt costs a request of its own."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import group_scope, subscription_scope
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate import Vault, estate_of, vault_facts
from ansible_collections.privatelink.azure.tests.unit.plugins import documents as made
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, NETWORK, VAULT, ZONE, ReadOnlyArm, parsed

SUBSCRIPTION = GROUP.split("/")[2]
GUID = "b0000000-0000-4000-8000-000000000002"
VAULTS, ENDPOINTS, INTERFACES = (
    "keyvault.vaults.list_by_subscription",
    "network.private_endpoints.list_by_subscription",
    "network.network_interfaces.list_all",
)
GROUPS, ZONES, RECORDS, LINKS = (
    "network.private_dns_zone_groups.list",
    "privatedns.private_zones.list",
    "privatedns.record_sets.list_by_type",
    "privatedns.virtual_network_links.list",
)
HUB = ZONE.replace("/payments/", "/hub/").replace("00aa", "00bb")


def connection(number: str = "", status: str = "Approved") -> Document:
    """Return how the vault lists its endpoint."""
    return {
        "id": f"{VAULT}{number}/privateEndpointConnections/payments-endpoint_1",
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpoint": {"id": f"{ENDPOINT}{number}"},
            "privateLinkServiceConnectionState": {"status": status, "description": "Pays.", "actionsRequired": "None"},
        },
    }


def numbered(document: Document, number: str) -> Document:
    """Return a document of the vault or endpoint of that number."""
    text = json.dumps(document)
    for name in ("payments-vault", "payments-endpoint"):
        for end in ('"', ".", "/"):
            text = text.replace(f"{name}{end}", f"{name}{number}{end}")
    return t.cast(Document, json.loads(text.replace(GUID, guid(number))))


def guid(number: str) -> str:
    """Return the resource GUID of the endpoint of that number."""
    return f"{GUID[: -len(number)]}{number}" if number else GUID


def record(*addresses: str, creator: bool = True, number: str = "", zone: str = ZONE) -> Document:
    metadata = {"creator": f"created by private endpoint payments-endpoint{number} with resource guid {guid(number)}"} if creator else {}
    return {
        "id": f"{zone}/A/payments-vault{number}",
        "name": f"payments-vault{number}",
        "properties": {"metadata": metadata, "aRecords": [{"ipv4Address": address} for address in addresses]},
    }


def fake_arm(*, records: t.Sequence[Document] = (), endpoints: t.Sequence[Document] | None = None, **errors: Exception) -> ReadOnlyArm:
    lists = {
        VAULTS: [made.vault(privateEndpointConnections=[connection()])],
        ENDPOINTS: [made.endpoint(customDnsConfigs=[])] if endpoints is None else list(endpoints),
        INTERFACES: [made.interface()],
        ZONES: [{"id": ZONE, "name": "privatelink.vaultcore.azure.net"}, {"id": f"{ZONE}.example", "name": "other.example"}],
        RECORDS: list(records),
        LINKS: [made.link()],
    }
    return ReadOnlyArm(lists=lists, errors={name.replace("__", "."): error for name, error in errors.items()})


def only(arm: ReadOnlyArm) -> Vault:
    (vault,) = estate_of(Live(t.cast(t.Any, arm)), [subscription_scope(SUBSCRIPTION)])
    return vault


def test_a_zone_group_is_known_from_the_record_that_it_wrote() -> None:
    arm = fake_arm(records=[record("10.1.0.4")])
    facts = vault_facts(only(arm))
    assert GROUPS not in arm.requested
    assert (facts["dns"], facts["zone_ids"], facts["linked_network_ids"]) == ("zone_group", [ZONE], [NETWORK])
    assert facts["private_ip_addresses"] == ["10.1.0.4"]
    assert (facts["connection_state"], facts["connection_states"]) == ("Approved", ["Approved"])
    assert (facts["public_network_access"], facts["default_action"]) == ("Enabled", "Allow")
    (endpoint,) = facts["endpoints"]
    assert (endpoint["subnet_id"], endpoint["location"], endpoint["error"]) == (made.SUBNET, "westeurope", None)


def test_a_record_that_no_group_wrote() -> None:
    arm = fake_arm(records=[record("10.1.0.4", creator=False)], endpoints=[made.endpoint()])
    assert vault_facts(only(arm))["dns"] == "a_record"
    assert GROUPS not in arm.requested


def test_an_endpoint_without_a_record() -> None:
    arm = fake_arm(records=[record("10.1.0.9", creator=False)], endpoints=[made.endpoint()])
    facts = vault_facts(only(arm))
    assert (facts["dns"], facts["zone_ids"], facts["linked_network_ids"]) == ("none", [], [])
    assert GROUPS not in arm.requested


def test_a_doubt_is_settled_by_the_zone_group() -> None:
    arm = fake_arm()
    arm._lists[GROUPS] = [made.zone_group(("config", HUB))]
    vault = only(arm)
    assert vault.endpoints[0].dns.group == "default"
    assert vault_facts(vault)["zone_ids"] == [HUB]
    assert arm.requested.count(GROUPS) == 1


def test_a_zone_of_another_subscription_is_read_once_for_all() -> None:
    """The records of the zone that the first groups name tell the rest."""
    numbers = [f"{number:03}" for number in range(100)]
    lists = {
        VAULTS: [numbered(made.vault(privateEndpointConnections=[connection()]), number) for number in numbers],
        ENDPOINTS: [numbered(made.endpoint(customDnsConfigs=[]), number) for number in numbers],
        INTERFACES: [numbered(made.interface(), number) for number in numbers],
        RECORDS: [record("10.1.0.4", number=number, zone=HUB) for number in numbers],
        GROUPS: [made.zone_group(("config", HUB))],
        LINKS: [made.link()],
    }
    arm = ReadOnlyArm(lists=lists)
    vaults = estate_of(Live(t.cast(t.Any, arm)), [subscription_scope(SUBSCRIPTION)])
    assert len(vaults) == 100 and {vault.endpoints[0].dns.mode for vault in vaults} == {"zone_group"}
    assert {vault.endpoints[0].dns.zone_ids for vault in vaults} == {(HUB,)}
    assert len(arm.requested) <= 15, arm.requested


def test_what_may_not_be_read_is_told_and_no_failure() -> None:
    refused = ArmError("No.", code="AuthorizationFailed", status=403)
    arm = fake_arm()
    arm._errors |= {ENDPOINTS: refused, "network.private_endpoints.list": refused, ZONES: refused}
    (endpoint,) = vault_facts(only(arm))["endpoints"]
    assert (endpoint["error"], endpoint["dns"], endpoint["state"]) == ("AuthorizationFailed", "unknown", "Approved")


def test_a_group_is_listed_where_the_subscription_may_not_be() -> None:
    arm = fake_arm(records=[record("10.1.0.4")])
    arm._errors[ENDPOINTS] = ArmError("No.", code="AuthorizationFailed", status=403)
    arm._lists["network.private_endpoints.list"] = [made.endpoint(customDnsConfigs=[])]
    assert vault_facts(only(arm))["endpoints"][0]["error"] is None


def test_an_endpoint_that_is_gone_is_not_found() -> None:
    assert vault_facts(only(fake_arm(endpoints=[])))["endpoints"][0]["error"] == "NotFound"


def test_a_vault_in_two_scopes_is_one() -> None:
    arm = fake_arm()
    arm._lists["keyvault.vaults.list_by_resource_group"] = arm._lists[VAULTS]
    assert len(estate_of(Live(t.cast(t.Any, arm)), [subscription_scope(SUBSCRIPTION), group_scope(SUBSCRIPTION, "payments")])) == 1


def test_a_vault_without_endpoints_asks_for_nothing_else() -> None:
    arm = fake_arm()
    arm._lists[VAULTS] = [made.vault()]
    facts = vault_facts(only(arm))
    assert (facts["dns"], facts["connection_state"], facts["endpoints"]) == ("none", None, [])
    assert arm.requested == [VAULTS]
    assert parsed(facts["keyvault_id"]).name == facts["keyvault_name"]
