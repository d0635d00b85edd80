# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What someone chose is exported, what Azure chose is not, and what cannot be described is named with the reason."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import vault_side
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate import Endpoint, Vault
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate_dns import Dns, Link
from ansible_collections.privatelink.azure.plugins.module_utils._views.export import Export
from ansible_collections.privatelink.azure.tests.unit.plugins import documents as made
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    VAULT,
    ZONE,
    ReadOnlyArm,
    parsed,
)

SUBSCRIPTION = GROUP.split("/")[2]
LINKED = Dns("zone_group", (ZONE,), (Link(ZONE, NETWORK, False, "Default"),))
SIDE = vault_side({"id": f"{VAULT}/privateEndpointConnections/one", "properties": {"privateEndpoint": {"id": ENDPOINT}}})
GROUPS = "resource.resource_groups.list"
DENY = {"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}


def endpoint(document: Document | None = None, dns: Dns = LINKED, **changes: t.Any) -> Endpoint:
    return dataclasses.replace(Endpoint(ENDPOINT, SIDE, document or made.endpoint(), None, ("10.1.0.4",), dns), **changes)


def vault(*endpoints: Endpoint, name: str = "payments-vault", tags: Document | None = None, **properties: t.Any) -> Vault:
    document = {**made.vault(**properties), "tags": tags or {}}
    document |= {"id": VAULT.replace("payments-vault", name), "name": name}
    return Vault(parsed(document["id"]), document, (), endpoints)


def exported(*vaults: Vault, groups: t.Sequence[Document] = ()) -> Export:
    return Export(Live(t.cast(t.Any, ReadOnlyArm(lists={GROUPS: list(groups)}))), vaults)


def only(found: Vault) -> tuple[Document, Document]:
    """Return the settings of a vault, and those of its endpoint."""
    export = exported(found)
    assert export.not_exported == []
    settings = export.variables()["private_vaults_vaults"][found.id.name]
    return settings, settings["endpoints"].get("payments-endpoint", {})


def test_one_vault_says_everything_itself() -> None:
    export = exported(vault(endpoint(), publicNetworkAccess="Disabled", enablePurgeProtection=True, **DENY))
    assert export.not_exported == []
    assert export.variables() == {
        "private_vaults_defaults": {},
        "private_vaults_vaults": {
            "payments-vault": {
                "subscription_id": SUBSCRIPTION,
                "resource_group": "payments",
                "location": "westeurope",
                "sku": "standard",
                "purge_protection": True,
                "public_network_access": "Disabled",
                "endpoints": {"payments-endpoint": {"subnet_id": SUBNET, "dns": "zone_group", "zone_id": ZONE, "link": True}},
            }
        },
    }


def test_purge_protection_is_never_left_out() -> None:
    """By default it would be turned on, and nobody could turn it off again."""
    assert only(vault(endpoint()))[0]["purge_protection"] is False


def test_a_closed_vault_with_an_open_default_action_is_not_closed_again() -> None:
    assert only(vault(endpoint(), publicNetworkAccess="Disabled"))[0]["close"] is False
    assert "close" not in only(vault(endpoint(), publicNetworkAccess="Disabled", **DENY))[0]
    assert "close" not in only(vault(endpoint(), publicNetworkAccess="Enabled"))[0]


def test_what_somebody_chose() -> None:
    asg = f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/web"
    document = made.endpoint(
        manual=True,
        ipConfigurations=[{"name": "static", "properties": {"privateIPAddress": "10.1.0.9", "groupId": "vault", "memberName": "default"}}],
        customNetworkInterfaceName="payments-nic",
        applicationSecurityGroups=[{"id": asg}],
    )
    settings, own = only(vault(endpoint(document), enabledForDeployment=True, enableRbacAuthorization=False, softDeleteRetentionInDays=7))
    assert (settings["enabled_for_deployment"], settings["enable_rbac_authorization"]) == (True, False)
    assert settings["soft_delete_retention_in_days"] == 7
    assert (own["private_ip_address"], own["network_interface_name"]) == ("10.1.0.9", "payments-nic")
    assert (own["manual_request"], own["request_message"]) == (True, "Payments needs it.")
    assert own["application_security_group_ids"] == [asg]
    assert not set(own) & {"resource_group", "connection_name"}


def test_how_the_own_network_is_linked() -> None:
    links = (Link(ZONE, f"{NETWORK}-other", False, None), Link(ZONE, NETWORK.upper(), True, "NxDomainRedirect"))
    own = only(vault(endpoint(dns=Dns("a_record", (ZONE,), links))))[1]
    assert (own["dns"], own["link"], own["registration_enabled"], own["resolution_policy"]) == ("a_record", True, True, "NxDomainRedirect")
    assert "link" not in only(vault(endpoint(dns=Dns("a_record", (ZONE,), links[:1]))))[1]
    assert only(vault(endpoint(dns=Dns("none"))))[1]["dns"] == "none"


def test_what_cannot_be_described_is_named() -> None:
    lost = made.endpoint(status="Disconnected")
    export = exported(
        vault(
            endpoint(lost),
            dataclasses.replace(endpoint(), document=None, error="AuthorizationFailed"),
        )
    )
    assert export.variables()["private_vaults_vaults"]["payments-vault"]["endpoints"] == {}
    assert [item["id"] for item in export.not_exported] == [ENDPOINT, ENDPOINT]
    reasons = [item["reason"] for item in export.not_exported]
    assert "Disconnected" in reasons[0] and "AuthorizationFailed" in reasons[1]


def test_dns_that_cannot_be_described_is_left_alone() -> None:
    for dns in (Dns("unknown"), Dns("zone_group", (ZONE.replace("privatelink.", "other."),)), Dns("zone_group", (ZONE, f"{ZONE}.two"))):
        export = exported(vault(endpoint(dns=dns)))
        assert export.variables()["private_vaults_vaults"]["payments-vault"]["endpoints"]["payments-endpoint"]["dns"] == "none"
        assert len(export.not_exported) == 1 and "dns is none" in export.not_exported[0]["reason"]


def test_what_vaults_share_are_defaults() -> None:
    two = endpoint({**made.endpoint(), "id": f"{ENDPOINT}-2", "name": "two"}, id=f"{ENDPOINT}-2", dns=Dns("none"))
    export = exported(vault(endpoint()), vault(two, name="ledger-vault", enablePurgeProtection=True), vault(name="empty-vault"))
    variables = export.variables()
    assert variables["private_vaults_defaults"] == {
        "subscription_id": SUBSCRIPTION,
        "resource_group": "payments",
        "location": "westeurope",
        "sku": "standard",
        "public_network_access": "Enabled",
        "subnet_id": SUBNET,
        "zone_id": ZONE,
        "link": True,
    }
    assert variables["private_vaults_vaults"] == {
        "empty-vault": {"purge_protection": False, "endpoints": {}},
        "ledger-vault": {"purge_protection": True, "endpoints": {"two": {"dns": "none", "connection_name": "payments-endpoint"}}},
        "payments-vault": {"purge_protection": False, "endpoints": {"payments-endpoint": {"dns": "zone_group"}}},
    }


def test_tags_are_those_of_the_vault_and_all_its_endpoints() -> None:
    tagged = endpoint({**made.endpoint(), "tags": {"team": "a", "stage": "prod"}})
    groups = [{"name": "Payments", "tags": {"stage": "prod"}}]
    first = vault(tagged, tags={"team": "a", "stage": "prod", "cost": "1"})
    second = vault(name="ledger-vault", tags={"team": "b", "stage": "prod"})
    variables = exported(first, second, groups=groups).variables()
    assert variables["private_vaults_defaults"]["tags"] == {"stage": "prod"}
    assert [each.get("tags") for each in variables["private_vaults_vaults"].values()] == [{"team": "b"}, {"team": "a"}]


def test_tags_that_the_resource_group_lacks_are_left_out() -> None:
    """What vaults share gets the tags that they share, so the group would be changed."""
    variables = exported(vault(tags={"stage": "prod"}), vault(name="ledger-vault", tags={"stage": "prod", "team": "b"})).variables()
    assert "tags" not in variables["private_vaults_defaults"]
    assert [each.get("tags") for each in variables["private_vaults_vaults"].values()] == [{"team": "b"}, None]
