# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What azure.azcollection 3.21.0 gets wrong about private vaults: the emulator has to show it as Azure would, not to hide it."""

from __future__ import annotations

import pytest

from clients.peer import Peer, task
from integration.emulation import Emulation, Json
from integration.landscape import ENDPOINT, GROUP, SUBNET, ZONE, ZONE_NAME, Landscape
from integration.running import Controller

IN_GROUP = {"resource_group": GROUP}
NAMED = {"zone_name": ZONE_NAME, **IN_GROUP}


@pytest.fixture(scope="module")
def prepared(controller: Controller, emulation: Emulation) -> Landscape:
    """The landscape of the integration tests, made once by this collection."""
    return Landscape(controller, emulation)


@pytest.fixture
def landscape(prepared: Landscape) -> Landscape:
    """The landscape as it was made."""
    return prepared.use()


def vault(emulation: Emulation, name: str = "", /, **options: object) -> Json:
    """Return the task that looks after shop-vault."""
    sku = {"family": "A", "name": "standard"}
    whole = {"vault_name": "shop-vault", "location": "westeurope", "vault_tenant": emulation.facts["tenant"], "sku": sku}
    return task("keyvault", name, **IN_GROUP, **whole, public_network_access="Enabled", **options)


def test_firewall_rules_are_not_compared(peer: Peer, emulation: Emulation, landscape: Landscape) -> None:
    """Rules that exist are written permanently, and rules that are to go stay."""
    rules: Json = {"default_action": "Deny", "ip_rules": [{"value": "203.0.113.7"}]}
    none: Json = {"default_action": "Deny", "ip_rules": []}
    first, again = (vault(emulation, name, network_acls=rules) for name in ("first", "again"))
    assert peer.works(first, again, vault(emulation, "take away", network_acls=none)) == {"first": True, "again": True, "take away": False}
    assert emulation.resource(landscape.vault)["properties"]["networkAcls"]["ipRules"] == [{"value": "203.0.113.7/32"}]


def test_firewall_is_lost_with_tags(peer: Peer, emulation: Emulation, landscape: Landscape) -> None:
    """A change of tags sends the whole vault without its firewall, and a PUT replaces."""
    acls = {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [], "virtualNetworkRules": []}
    emulation.overlay(landscape.vault, {"properties": {"publicNetworkAccess": "Enabled", "networkAcls": acls}})
    run = peer.run(vault(emulation, tags={"owner": "shop"}))
    (write,) = run.writes
    assert "networkAcls" not in write["request_body"]["properties"]
    assert emulation.resource(landscape.vault)["properties"].get("networkAcls", {}).get("defaultAction") != "Deny"


def test_endpoint_sees_tags_only(peer: Peer, emulation: Emulation, landscape: Landscape) -> None:
    """Another subnet and another vault are no change; tags alone are a PUT without subnet and connections, which Azure refuses."""
    connection = [{"name": "shop-endpoint", "private_link_service_id": landscape.other_vault, "group_ids": ["vault"]}]
    other = task(
        "privateendpoint",
        "other",
        **IN_GROUP,
        name="shop-endpoint",
        subnet={"id": landscape.others},
        private_link_service_connections=connection,
    )
    run = peer.run(other, task("privateendpoint", "tags", **IN_GROUP, name="shop-endpoint", tags={"owner": "shop"}))
    assert (run.task("other").status, run.task("other").changed) == ("ok", False)
    assert run.task("tags").status == "failed"
    (write,) = run.task("tags").writes
    assert (write["status"], set(write["request_body"]) - {"properties"}) == (400, {"location", "tags"})
    assert emulation.resource(emulation.id(GROUP, ENDPOINT, "shop-endpoint"))["properties"]["subnet"]["id"] == landscape.subnet


def test_subnet_policies_flip_back(peer: Peer, emulation: Emulation, landscape: Landscape) -> None:
    """A task that does not speak of them enables them."""
    subnet = task("subnet", **IN_GROUP, virtual_network_name="shop-net", name="endpoints", address_prefix_cidr="10.1.0.0/24")
    emulation.overlay(landscape.subnet, {"properties": {"privateEndpointNetworkPolicies": "Disabled"}})
    assert peer.works(subnet) == {"subnet": True}
    assert (
        emulation.resource(emulation.id(GROUP, SUBNET, "shop-net", "endpoints"))["properties"]["privateEndpointNetworkPolicies"]
        == "Enabled"
    )


def test_zone_tags_are_erased(peer: Peer, emulation: Emulation, landscape: Landscape) -> None:
    """Although append_tags is the default."""
    emulation.overlay(landscape.zone, {"tags": {"owner": "shop"}})
    assert peer.works(task("privatednszone", **IN_GROUP, name=ZONE_NAME, tags={"purpose": "test"})) == {"privatednszone": True}
    assert emulation.resource(emulation.id(GROUP, ZONE, ZONE_NAME))["tags"] == {"purpose": "test"}


def test_zone_group_by_name_and_id_is_never_done(peer: Peer, landscape: Landscape) -> None:
    config = {"name": "vault", "private_dns_zone": ZONE_NAME, "private_dns_zone_id": landscape.zone}
    options: Json = {**IN_GROUP, "name": "default", "private_endpoint": "shop-endpoint", "private_dns_zone_configs": [config]}
    groups = [task("privateendpointdnszonegroup", name, **options) for name in ("first", "again")]
    assert peer.works(*groups) == {"first": True, "again": True}


def test_refusals_look_like_nothing(peer: Peer, emulation: Emulation, landscape: Landscape) -> None:
    """Who may not list vaults is told that there are none."""
    emulation.fault("GET", r"/resources$", count=9, status=403, code="AuthorizationFailed", message="No.")
    emulation.fault("GET", r"Microsoft\.KeyVault/vaults$", count=9, status=403, code="AuthorizationFailed", message="No.")
    (listed,) = peer.run(task("keyvault_info", **IN_GROUP)).tasks
    assert (listed.status, listed["keyvaults"]) == ("ok", [])
    assert 403 in [request["status"] for request in listed.requests]


def test_absent_needs_the_parent(peer: Peer, landscape: Landscape) -> None:
    """Deleting what is gone together with its group or zone fails."""
    gone: Json = {"resource_group": "gone", "state": "absent"}
    run = peer.run(
        task("privateendpoint", **gone, name="any"),
        task("virtualnetwork", **gone, name="any"),
        task("privatednszone", **gone, name="any.example"),
        task("privatednszonelink", **IN_GROUP, state="absent", name="any", zone_name="gone.example"),
        task("privatednsrecordset", **IN_GROUP, state="absent", relative_name="any", zone_name="gone.example", record_type="A"),
    )
    assert [done.status for done in run.tasks] == ["failed"] * 5
