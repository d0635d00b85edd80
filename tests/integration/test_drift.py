# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others made is adopted by relation; what drifted is repaired in place, or named where Azure cannot."""

from __future__ import annotations

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import ENDPOINT, GROUP, Landscape
from integration.running import Controller, task


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def test_what_others_made_is_adopted_by_relation(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Endpoint, zone group and link under other names are used, and nothing is written."""
    controller.tasks(
        task(
            "keyvault_private_endpoint",
            resource_group=GROUP,
            name="shop-endpoint",
            private_dns_zone_ids=[landscape.zone],
            private_dns_zone_group_name="byPortal",
        ),
        task("private_dns_zone_link", resource_group=GROUP, name="by-portal", virtual_network_id=landscape.network),
    ).succeeded()
    ours = {
        "resource_group": GROUP,
        "name": "ours",
        "vault_id": landscape.vault,
        "subnet_id": landscape.subnet,
        "private_dns_zone_ids": [landscape.zone.upper()],
    }
    run = controller.tasks(
        task("keyvault_private_endpoint", "endpoint", **ours),
        task("private_dns_zone_link", "link", resource_group=GROUP, name="ours", virtual_network_id=landscape.network),
        task("endpoint_connection_approval", "connection", resource_group=GROUP, vault_name="shop-vault", endpoint_id=landscape.endpoint),
    ).succeeded()
    assert not run.writes
    assert run.task("endpoint")["id"] == landscape.endpoint and run.task("endpoint")["private_dns_zone_group"]["name"] == "byPortal"
    assert run.task("link")["id"].endswith("/by-portal")


def test_drift_is_repaired_in_place(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Everything that Azure lets change, of every type, in one run; the next run finds nothing."""
    link = f"{landscape.zone}/virtualNetworkLinks/net"
    acls = {"default_action": "Deny", "bypass": "AzureServices", "ip_rules": ["203.0.113.0/24"]}
    steps = (
        task(
            "keyvault",
            "vault",
            resource_group=GROUP,
            name="shop-vault",
            public_network_access="Disabled",
            network_acls=acls,
            tags={"owner": "shop"},
        ),
        task(
            "keyvault_private_endpoint",
            "endpoint",
            resource_group=GROUP,
            name="shop-endpoint",
            vault_id=landscape.vault,
            subnet_id=landscape.subnet,
            private_dns_zone_ids=[landscape.zone],
            tags={"owner": "shop"},
        ),
        task(
            "private_dns_zone_link",
            "link",
            resource_group=GROUP,
            name="net",
            virtual_network_id=landscape.network,
            registration_enabled=False,
            resolution_policy="NxDomainRedirect",
        ),
        task(
            "subnet",
            "subnet",
            resource_group=GROUP,
            virtual_network_name="shop-net",
            name="endpoints",
            private_endpoint_network_policies="Disabled",
        ),
        task("private_dns_a_record", "record", resource_group=GROUP, name="by-hand", ipv4_addresses=["10.1.0.4"], ttl=300, mode="replace"),
    )
    controller.tasks(*steps).succeeded()
    azure.overlay(
        landscape.vault,
        {
            "tags": {"owner": None},
            "properties": {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow", "ipRules": []}},
        },
    )
    azure.overlay(landscape.endpoint, {"tags": {"owner": "somebody"}})
    azure.control("DELETE", "resource", id=f"{landscape.endpoint}/privateDnsZoneGroups/default")
    azure.overlay(link, {"properties": {"registrationEnabled": True, "resolutionPolicy": "Default"}})
    azure.overlay(landscape.subnet, {"properties": {"privateEndpointNetworkPolicies": "Enabled"}})
    azure.overlay(f"{landscape.zone}/A/by-hand", {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": "10.1.0.66"}]}})
    names = ["vault", "endpoint", "link", "subnet", "record"]
    planned = controller.tasks(*steps, arguments=["--check", "--diff"]).succeeded()
    assert planned.changed == names and not planned.writes
    repaired = controller.tasks(*steps, arguments=["--diff"]).succeeded()
    assert repaired.changed == names
    assert [planned.task(name)["diff"] for name in names] == [repaired.task(name)["diff"] for name in names]
    assert repaired.task("vault")["diff"]["before"]["public_network_access"] == "Enabled"
    assert not controller.tasks(*steps).succeeded().changed


def test_what_others_stored_is_read_as_azure_means_it(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Words in another case, a vault of before soft delete, a perimeter, a range written as a list, a property that is missing."""
    azure.overlay(
        landscape.vault,
        {
            "properties": {
                "publicNetworkAccess": "disabled",
                "enableSoftDelete": False,
                "networkAcls": {"defaultAction": "deny", "bypass": "azureservices", "ipRules": [], "virtualNetworkRules": []},
            }
        },
    )
    azure.overlay(landscape.other_vault, {"properties": {"publicNetworkAccess": "SecuredByPerimeter"}})
    azure.overlay(landscape.subnet, {"properties": {"addressPrefix": None, "addressPrefixes": ["10.1.0.0/24"]}})
    vault, other_vault = {"resource_group": GROUP, "name": "shop-vault"}, {"resource_group": GROUP, "name": "shop-till"}
    subnet = {"resource_group": GROUP, "virtual_network_name": "shop-net", "name": "endpoints"}
    run = controller.tasks(
        task(
            "keyvault",
            "words",
            **vault,
            public_network_access="Disabled",
            network_acls={"default_action": "Deny", "bypass": "AzureServices"},
        ),
        task("keyvault", "protect", **vault, enable_purge_protection=True, network_acls={"ip_rules": ["203.0.113.7", "203.0.113.7/32"]}),
        task("keyvault", "perimeter", **other_vault, public_network_access="SecuredByPerimeter"),
        task("keyvault", "close", **other_vault, public_network_access="Disabled"),
        task("keyvault", "open", **other_vault, public_network_access="Enabled", keywords={"ignore_errors": True}),
        task("keyvault", "leave", **other_vault, public_network_access="Disabled", leave_perimeter=True),
        task("subnet", "form", **subnet, private_endpoint_network_policies="NetworkSecurityGroupEnabled"),
        task("subnet", "outbound", **subnet, default_outbound_access=False),
    )
    assert run.rc == 0, run.output
    assert run.changed == ["protect", "leave", "form", "outbound"]
    assert run.task("protect")["keyvault"]["network_acls"]["ip_rules"] == [{"value": "203.0.113.7/32"}]
    assert run.task("words")["public_network_access"] == "Disabled"
    assert run.task("close")["keyvault"]["public_network_access"] == "SecuredByPerimeter" and "leave_perimeter" in run.output
    assert run.task("open")["code"] == "SecuredByPerimeter"
    assert azure.resource(landscape.subnet)["properties"]["addressPrefixes"] == ["10.1.0.0/24"]


@pytest.mark.long
def test_records_that_a_zone_lost_are_written_again(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """
    The zone group says that all is well: a record was removed, changed, and the whole zone was
    recreated. Each is shown in check mode, and healed.
    """
    step = task(
        "keyvault_private_endpoint",
        "endpoint",
        resource_group=GROUP,
        name="shop-endpoint",
        vault_id=landscape.vault,
        subnet_id=landscape.subnet,
        private_dns_zone_ids=[landscape.zone],
    )
    record = f"{landscape.zone}/A/shop-vault"
    first = controller.tasks(step).succeeded().task("endpoint")
    assert first["dns"]["ready"] is True and first["dns"]["records"][0]["addresses"] == [first["private_ip_address"]]
    for damage in ("removed", "changed", "zone recreated"):
        if damage == "changed":
            azure.overlay(record, {"properties": {"aRecords": [{"ipv4Address": "10.1.0.99"}]}})
        else:
            azure.control("DELETE", "resource", id=record)
        if damage == "zone recreated":
            document = azure.resource(landscape.zone)
            azure.control("DELETE", "resource", id=landscape.zone)
            azure.control("PUT", "resource", document, id=landscape.zone)
        planned = controller.tasks(step, arguments=["--check", "--diff"]).succeeded().task("endpoint")
        assert planned.changed and not planned.writes and planned["dns"]["ready"] is False
        healed = controller.tasks(step, arguments=["--diff"]).succeeded().task("endpoint")
        assert healed["diff"] == planned["diff"], damage
        assert healed["diff"]["after"]["private_dns_zone_group"]["records"][0]["ip_addresses"] == [first["private_ip_address"]]
        assert healed["dns"]["ready"] is True
        assert azure.resource(record)["properties"]["aRecords"] == [{"ipv4Address": first["private_ip_address"]}]
    assert not controller.tasks(step).succeeded().changed


def test_what_azure_cannot_change_is_named_and_replaced_on_request(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Every such property of an endpoint; allow_replace keeps tags and zone group of what it replaces."""
    plain = {"resource_group": GROUP, "name": "shop-endpoint"}
    fixed: dict[str, Json] = {
        "subnet_id": {"subnet_id": landscape.others},
        "target_id": {"target_id": landscape.other_vault},
        "private_ip_address": {"private_ip_address": "10.1.0.99"},
        "network_interface_name": {"network_interface_name": "another"},
        "connection_name": {"connection_name": "another"},
        "manual_request": {"manual_request": True},
    }
    moved = {**plain, "target_id": landscape.vault, "subnet_id": landscape.others, "allow_replace": True}
    run = controller.tasks(
        task("private_endpoint", "prepare", **plain, tags={"owner": "shop"}, private_dns_zone_ids=[landscape.zone]),
        *(task("private_endpoint", option, **plain, **options, keywords={"ignore_errors": True}) for option, options in fixed.items()),
        task("private_endpoint", "replace", **moved),
        task("private_endpoint", "replace again", **moved),
    )
    assert run.rc == 0, run.output
    for option in fixed:
        done = run.task(option)
        assert done["code"] == "CannotChangeInPlace" and option in done["msg"] and "allow_replace: true" in done["hint"], done.shown
        assert not done.writes
    assert run.task("replace")["private_ip_address"].startswith("10.1.1.") and run.task("replace")["private_endpoint"]["tags"] == {
        "owner": "shop"
    }
    record = azure.resource(f"{landscape.zone}/A/shop-vault")["properties"]["aRecords"]
    assert record == [{"ipv4Address": run.task("replace")["private_ip_address"]}]
    assert not run.task("replace again").changed
    assert run.task("replace")["id"] == azure.id(GROUP, ENDPOINT, "shop-endpoint")
