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
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, NETWORK, VAULT, ZONE, Shelf, parsed

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


def shelf(*, records: t.Sequence[Document] = (), endpoints: t.Sequence[Document] | None = None, **errors: Exception) -> Shelf:
    lists = {
        VAULTS: [made.vault(privateEndpointConnections=[connection()])],
        ENDPOINTS: [made.endpoint(customDnsConfigs=[])] if endpoints is None else list(endpoints),
        INTERFACES: [made.interface()],
        ZONES: [{"id": ZONE, "name": "privatelink.vaultcore.azure.net"}, {"id": f"{ZONE}.example", "name": "other.example"}],
        RECORDS: list(records),
        LINKS: [made.link()],
    }
    return Shelf(lists=lists, errors={name.replace("__", "."): error for name, error in errors.items()})


def only(desk: Shelf) -> Vault:
    (vault,) = estate_of(Live(t.cast(t.Any, desk)), [subscription_scope(SUBSCRIPTION)])
    return vault


def test_a_zone_group_is_known_from_the_record_that_it_wrote() -> None:
    desk = shelf(records=[record("10.1.0.4")])
    facts = vault_facts(only(desk))
    assert GROUPS not in desk.asked
    assert (facts["dns"], facts["zone_ids"], facts["linked_network_ids"]) == ("zone_group", [ZONE], [NETWORK])
    assert facts["private_ip_addresses"] == ["10.1.0.4"]
    assert (facts["connection_state"], facts["connection_states"]) == ("Approved", ["Approved"])
    assert (facts["public_network_access"], facts["default_action"]) == ("Enabled", "Allow")
    (endpoint,) = facts["endpoints"]
    assert (endpoint["subnet_id"], endpoint["location"], endpoint["error"]) == (made.SUBNET, "westeurope", None)


def test_a_record_that_no_group_wrote() -> None:
    desk = shelf(records=[record("10.1.0.4", creator=False)], endpoints=[made.endpoint()])
    assert vault_facts(only(desk))["dns"] == "a_record"
    assert GROUPS not in desk.asked


def test_an_endpoint_without_a_record() -> None:
    desk = shelf(records=[record("10.1.0.9", creator=False)], endpoints=[made.endpoint()])
    facts = vault_facts(only(desk))
    assert (facts["dns"], facts["zone_ids"], facts["linked_network_ids"]) == ("none", [], [])
    assert GROUPS not in desk.asked


def test_a_doubt_is_settled_by_the_zone_group() -> None:
    desk = shelf()
    desk._lists[GROUPS] = [made.zone_group(("config", HUB))]
    vault = only(desk)
    assert vault.endpoints[0].dns.group == "default"
    assert vault_facts(vault)["zone_ids"] == [HUB]
    assert desk.asked.count(GROUPS) == 1


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
    desk = Shelf(lists=lists)
    vaults = estate_of(Live(t.cast(t.Any, desk)), [subscription_scope(SUBSCRIPTION)])
    assert len(vaults) == 100 and {vault.endpoints[0].dns.mode for vault in vaults} == {"zone_group"}
    assert {vault.endpoints[0].dns.zone_ids for vault in vaults} == {(HUB,)}
    assert len(desk.asked) <= 15, desk.asked


def test_what_may_not_be_read_is_told_and_no_failure() -> None:
    refused = ArmError("No.", code="AuthorizationFailed", status=403)
    desk = shelf()
    desk._errors |= {ENDPOINTS: refused, "network.private_endpoints.list": refused, ZONES: refused}
    (endpoint,) = vault_facts(only(desk))["endpoints"]
    assert (endpoint["error"], endpoint["dns"], endpoint["state"]) == ("AuthorizationFailed", "unknown", "Approved")


def test_a_group_is_listed_where_the_subscription_may_not_be() -> None:
    desk = shelf(records=[record("10.1.0.4")])
    desk._errors[ENDPOINTS] = ArmError("No.", code="AuthorizationFailed", status=403)
    desk._lists["network.private_endpoints.list"] = [made.endpoint(customDnsConfigs=[])]
    assert vault_facts(only(desk))["endpoints"][0]["error"] is None


def test_an_endpoint_that_is_gone_is_not_found() -> None:
    assert vault_facts(only(shelf(endpoints=[])))["endpoints"][0]["error"] == "NotFound"


def test_a_vault_in_two_scopes_is_one() -> None:
    desk = shelf()
    desk._lists["keyvault.vaults.list_by_resource_group"] = desk._lists[VAULTS]
    assert len(estate_of(Live(t.cast(t.Any, desk)), [subscription_scope(SUBSCRIPTION), group_scope(SUBSCRIPTION, "payments")])) == 1


def test_a_vault_without_endpoints_asks_for_nothing_else() -> None:
    desk = shelf()
    desk._lists[VAULTS] = [made.vault()]
    facts = vault_facts(only(desk))
    assert (facts["dns"], facts["connection_state"], facts["endpoints"]) == ("none", None, [])
    assert desk.asked == [VAULTS]
    assert parsed(facts["keyvault_id"]).name == facts["keyvault_name"]
