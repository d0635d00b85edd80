# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What failures carry, and behaviours that azure.azcollection is known to get wrong."""

from __future__ import annotations

import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import ENDPOINT, GROUP, NETWORK, VAULT, Landscape
from integration.running import Controller, Done, Run, task

READER, STRANGER, REQUESTER = (f"a0000000-0000-4000-8000-0000000000e{number}" for number in (1, 2, 3))
SECRET = "errors-secret~3"
IGNORE = {"ignore_errors": True}
ELSEWHERE = "a0000000-0000-4000-8000-0000000000ab"


def endpoint(landscape: Landscape, name: str, **options: t.Any) -> Json:
    return {"resource_group": GROUP, "name": name, "vault_id": landscape.vault, "subnet_id": landscape.others, **options}


@pytest.fixture(scope="module")
def failures(controller: Controller, landscape: Landscape) -> Run:
    """Every failure once, one after the other."""
    azure = landscape.use().emulation
    azure.principal(client_id=READER, object_id="reader", secret=SECRET, assignments=[{"role": "Reader", "scope": "/"}])
    azure.principal(client_id=STRANGER, object_id="stranger", secret=SECRET, assignments=[])
    network = [{"role": "Network Contributor", "scope": "/"}, {"role": "Reader", "scope": "/"}]
    azure.principal(client_id=REQUESTER, object_id="requester", secret=SECRET, assignments=network)
    reader, stranger, requester = ({"client_id": client, "secret": SECRET} for client in (READER, STRANGER, REQUESTER))
    azure.fault(
        "PUT", "/virtualNetworks/doomed$", lro_error={"code": "InternalServerError", "message": "An error occurred.", "details": []}
    )
    azure.fault("PUT", "/virtualNetworks/garbled$", status=400, body="<html><body>Bad Request</body></html>")
    azure.fault(
        "PUT",
        "/virtualNetworks/locked$",
        status=409,
        code="ScopeLocked",
        message="The scope cannot perform write operation because it is locked.",
    )
    azure.fault(
        "PUT",
        "/virtualNetworks/forbidden$",
        status=403,
        code="RequestDisallowedByPolicy",
        message="Resource 'forbidden' was disallowed by policy.",
    )
    net = {"location": "westeurope", "address_prefixes": ["10.9.0.0/16"]}
    read = {"resource_group": GROUP, "vault_name": "shop-vault"}
    decide = {**read, "endpoint_id": landscape.endpoint}
    return controller.tasks(
        task("keyvault", "403 on write", resource_group=GROUP, name="shop-vault", tags={"a": "b"}, **reader, keywords=IGNORE),
        task("keyvault_private_endpoint_info", "403 on read", **read, **stranger, keywords=IGNORE),
        task("endpoint_connection_approval", "403 on decision", **decide, status="Rejected", **reader, keywords=IGNORE),
        task("endpoint_connection_approval", "403 on removal", **decide, state="absent", **reader, keywords=IGNORE),
        task("keyvault_private_endpoint", "403 on the linked vault", **endpoint(landscape, "linked"), **requester, keywords=IGNORE),
        task("virtual_network", "404 of the group", resource_group="nowhere", name="net", **net, keywords=IGNORE),
        task(
            "subnet",
            "404 of the network",
            resource_group=GROUP,
            virtual_network_name="none",
            name="a",
            address_prefixes=["10.9.0.0/24"],
            keywords=IGNORE,
        ),
        task(
            "private_dns_a_record",
            "404 of the zone",
            resource_group=GROUP,
            zone_name="corp.example",
            name="a",
            ipv4_addresses=["10.1.0.4"],
            keywords=IGNORE,
        ),
        task("resource_group", "group elsewhere", name=GROUP, location="westeurope", subscription_id=ELSEWHERE),
        task(
            "keyvault",
            "409 of the provider",
            resource_group=GROUP,
            name="vault-there",
            location="westeurope",
            subscription_id=ELSEWHERE,
            keywords=IGNORE,
        ),
        task(
            "keyvault",
            "409 of the name",
            resource_group=GROUP,
            name="shop-vault",
            location="westeurope",
            subscription_id=ELSEWHERE,
            keywords=IGNORE,
        ),
        task("virtual_network", "failed operation", resource_group=GROUP, name="doomed", **net, keywords=IGNORE),
        task("virtual_network", "answer that is no JSON", resource_group=GROUP, name="garbled", **net, keywords=IGNORE),
        task("virtual_network", "lock of the owner", resource_group=GROUP, name="locked", **net, keywords=IGNORE),
        task("virtual_network", "policy", resource_group=GROUP, name="forbidden", **net, keywords=IGNORE),
        task(
            "subnet",
            "subnet in use",
            resource_group=GROUP,
            virtual_network_name="shop-net",
            name="endpoints",
            state="absent",
            wait_timeout=2,
            keywords=IGNORE,
        ),
        task("virtual_network", "network elsewhere", resource_group=GROUP, name="shop-net", location="northeurope", keywords=IGNORE),
        task("keyvault", "vault elsewhere", resource_group=GROUP, name="shop-vault", location="northeurope", keywords=IGNORE),
    )


FAILURES: dict[str, tuple[str, int | None, str]] = {
    "403 on write": ("AuthorizationFailed", 403, "role"),
    "403 on read": ("AuthorizationFailed", 403, "role"),
    "403 on decision": ("AuthorizationFailed", 403, "role"),
    "403 on removal": ("AuthorizationFailed", 403, "role"),
    "403 on the linked vault": ("LinkedAuthorizationFailed", 403, "manual_request: true"),
    "404 of the group": ("ResourceGroupNotFound", 404, "resource group"),
    "404 of the network": ("ParentResourceNotFound", 404, "first"),
    "404 of the zone": ("ParentResourceNotFound", 404, "first"),
    "409 of the provider": ("MissingSubscriptionRegistration", 409, "privatelink.azure.resource_provider"),
    "failed operation": ("InternalServerError", 200, ""),
    "answer that is no JSON": ("Http400", 400, ""),
    "lock of the owner": ("ScopeLocked", 409, "remove the lock"),
    "policy": ("RequestDisallowedByPolicy", 403, "exemption"),
    "subnet in use": ("SubnetInUse", None, "endpoint"),
    "network elsewhere": ("CannotChangeInPlace", None, "Set the option to the current value"),
    "vault elsewhere": ("CannotChangeInPlace", None, "Set the option to the current value"),
}


@pytest.mark.parametrize("name", FAILURES, ids=lambda name: name.replace(" ", "-"))
def test_failure_carries_code_status_request_resource_and_hint(name: str, failures: Run) -> None:
    done, (code, status, hint) = failures.task(name), FAILURES[name]
    # a creation that failed inside its operation leaves the resource behind, and says so
    assert done.failed and done.changed == (name == "failed operation"), done.shown
    assert (done["code"], done["status"]) == (code, status), done.shown
    assert str(done["resource_id"]).startswith("/subscriptions/"), done.shown
    assert (done["request_id"] is not None) == (status is not None), done.shown
    assert "\n" not in done["msg"] and "Traceback" not in done["msg"]
    if hint:
        assert hint in done["hint"] and done["hint"] in done["msg"], done.shown


def test_request_id_is_the_one_that_azure_gave(failures: Run) -> None:
    done = failures.task("403 on write")
    assert done["request_id"] in [request["request_id"] for request in done.requests if request["status"] == 403]


# --- behaviours, each proven wrong in the peer; the long ones go ways that the files of modules go too ---


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def test_every_drift_of_an_endpoint_is_noticed(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """What Azure cannot change in place is named; other subnet, vault, address, interface, way of connecting, name of the connection."""
    plain = {"resource_group": GROUP, "name": "shop-endpoint"}
    drifts: dict[str, Json] = {
        "subnet_id": {"subnet_id": landscape.others},
        "vault_id": {"vault_id": landscape.other_vault},
        "private_ip_address": {"private_ip_address": "10.1.0.99"},
        "network_interface_name": {"network_interface_name": "another-nic"},
        "manual_request": {"manual_request": True},
        "connection_name": {"connection_name": "another"},
        "location": {"location": "northeurope"},
    }
    run = controller.tasks(
        *(task("keyvault_private_endpoint", option, **plain, **options, keywords=IGNORE) for option, options in drifts.items())
    )
    for option in drifts:
        done = run.task(option)
        assert done.failed and option in done["msg"] and not done.writes, done.shown
        assert done["code"] in ("CannotChangeInPlace", "InvalidOption")


@pytest.mark.long
def test_security_groups_of_an_endpoint_are_changed_in_place(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    group = azure.id(GROUP, "Microsoft.Network/applicationSecurityGroups", "clients")
    azure.control(
        "PUT",
        "resource",
        {"id": group, "name": "clients", "type": "Microsoft.Network/applicationSecurityGroups", "location": "westeurope"},
        id=group,
    )
    options = {"resource_group": GROUP, "name": "shop-endpoint", "application_security_group_ids": [group]}
    run = controller.tasks(
        task("keyvault_private_endpoint", "add", **options), task("keyvault_private_endpoint", "again", **options)
    ).succeeded()
    assert run.task("add").changed and not run.task("again").changed
    assert [item["id"] for item in azure.resource(landscape.endpoint)["properties"]["applicationSecurityGroups"]] == [group]


@pytest.mark.long
def test_tags_of_an_endpoint_change_without_losing_the_rest(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    run = controller.tasks(task("keyvault_private_endpoint", "tag", resource_group=GROUP, name="shop-endpoint", tags={"a": ""})).succeeded()
    (write,) = run.task("tag").writes
    assert write["request_body"]["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] == landscape.vault
    assert write["request_body"]["properties"]["subnet"]["id"] == landscape.subnet


@pytest.mark.long
def test_failed_endpoint_is_not_ok_but_written_anew(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    azure.overlay(landscape.endpoint, {"properties": {"provisioningState": "Failed"}})
    options = {"resource_group": GROUP, "name": "shop-endpoint", "vault_id": landscape.vault, "subnet_id": landscape.subnet}
    run = controller.tasks(
        task("keyvault_private_endpoint", "repair", **options), task("keyvault_private_endpoint", "again", **options), arguments=["--diff"]
    )
    run.succeeded()
    assert run.task("repair").changed and run.task("repair")["diff"]["before"] == {"provisioning_state": "Failed"}
    assert not run.task("again").changed


@pytest.mark.long
@pytest.mark.parametrize("state", ["Rejected", "Disconnected"])
def test_endpoint_without_a_connection_is_not_ok(state: str, controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    said = {"status": state, "description": "Nobody knows them", "actionsRequired": "None"}
    connection = azure.resource(landscape.endpoint)["properties"]["privateLinkServiceConnections"]
    connection[0]["properties"]["privateLinkServiceConnectionState"] = said
    azure.overlay(landscape.endpoint, {"properties": {"privateLinkServiceConnections": connection}})
    options = {"resource_group": GROUP, "name": "shop-endpoint", "vault_id": landscape.vault, "subnet_id": landscape.subnet}
    done = controller.tasks(task("keyvault_private_endpoint", "look", **options, keywords=IGNORE)).task("look")
    assert done.failed and done["code"] == f"Connection{state}", done.shown
    assert "Nobody knows them" in done["msg"] and "recreate: true" in done["hint"]


@pytest.mark.long
def test_pending_is_no_failure_and_approving_twice_is_one_write(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    request = {
        "resource_group": GROUP,
        "name": "shop-request",
        "vault_id": landscape.other_vault,
        "subnet_id": landscape.subnet,
        "manual_request": True,
    }
    approve = {"resource_group": GROUP, "vault_name": "shop-till", "endpoint_id": landscape.request}
    run = controller.tasks(
        task("keyvault_private_endpoint", "pending", **request),
        task("endpoint_connection_approval", "approve", **approve),
        task("endpoint_connection_approval", "approve again", **approve),
        task("keyvault_private_endpoint", "approved", **request),
    ).succeeded()
    assert run.task("pending")["connection_state"] == "Pending" and not run.task("pending").changed
    assert run.task("approve").changed and not run.task("approve again").changed and not run.task("approve again").writes
    assert run.task("approved")["connection_state"] == "Approved" and not run.task("approved").changed


@pytest.mark.long
def test_connection_without_actions_required_is_told(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    connections = azure.resource(landscape.vault)["properties"].get("privateEndpointConnections") or []
    for connection in connections:
        connection["properties"]["privateLinkServiceConnectionState"].pop("actionsRequired", None)
        azure.overlay(landscape.vault, {"properties": {"privateEndpointConnections": connections}})
    run = controller.tasks(task("keyvault_private_endpoint_info", "look", resource_group=GROUP, vault_name="shop-vault")).succeeded()
    assert [item["actions_required"] for item in run.task("look")["connections"]] == ["None"]


@pytest.mark.long
def test_order_and_letters_mean_nothing(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Zones of a zone group, ranges and service endpoints of a subnet, ids in other letters."""
    zones = [landscape.zone, azure.id("other-dns", "Microsoft.Network/privateDnsZones", "privatelink.vaultcore.azure.net")]
    table = azure.id(GROUP, "Microsoft.Network/networkSecurityGroups", "rules")
    azure.control(
        "PUT",
        "resource",
        {"id": table, "name": "rules", "type": "Microsoft.Network/networkSecurityGroups", "location": "westeurope"},
        id=table,
    )
    subnet = {
        "resource_group": GROUP,
        "virtual_network_name": "shop-net",
        "name": "others",
        "address_prefixes": ["10.1.1.0/24", "10.1.2.0/24"],
    }
    services = ["Microsoft.KeyVault", "Microsoft.Storage"]
    endpoint_options = {"resource_group": GROUP, "name": "shop-endpoint"}
    run = controller.tasks(
        task("resource_group", "group", name="other-dns", location="westeurope"),
        task("private_dns_zone", "zone", resource_group="other-dns"),
        task("keyvault_private_endpoint", "zones", **endpoint_options, private_dns_zone_ids=zones, keywords=IGNORE),
        task(
            "keyvault_private_endpoint",
            "zones again",
            **endpoint_options,
            private_dns_zone_ids=[zone.upper().replace("/SUBSCRIPTIONS", "/subscriptions") for zone in zones[:1]],
        ),
        task("keyvault_private_endpoint", "zones once more", **endpoint_options, private_dns_zone_ids=zones[:1]),
        task("subnet", "subnet", **subnet, service_endpoints=services, network_security_group_id=table),
        task(
            "subnet", "subnet again", **{**subnet, "address_prefixes": subnet["address_prefixes"][::-1]}, service_endpoints=services[::-1]
        ),
        task(
            "subnet",
            "subnet in other letters",
            **subnet,
            network_security_group_id=table.replace("networkSecurityGroups/rules", "NETWORKSECURITYGROUPS/RULES"),
        ),
    )
    for name in ("zones once more", "subnet again", "subnet in other letters"):
        assert not run.task(name).failed and not run.task(name).changed, f"{name}: {run.task(name).shown}"
    assert run.task("subnet").changed and run.rc == 0, run.output


def test_check_mode_fails_where_the_real_run_would(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    cases = [
        task("resource_group", "group that holds something", name=GROUP, state="absent", keywords=IGNORE),
        task("keyvault_private_endpoint", "address outside", **endpoint(landscape, "new", private_ip_address="10.5.0.4"), keywords=IGNORE),
        task(
            "keyvault_private_endpoint",
            "other vault",
            resource_group=GROUP,
            name="shop-endpoint",
            vault_id=landscape.other_vault,
            keywords=IGNORE,
        ),
        task("virtual_network", "other region", resource_group=GROUP, name="shop-net", location="eastus", keywords=IGNORE),
    ]
    rehearsed, real = controller.tasks(*cases, arguments=["--check"]), controller.tasks(*cases)
    for done in real.tasks:
        planned = rehearsed.task(done.name)
        assert planned.failed and planned["msg"] == done["msg"], f"{done.name}: {planned.shown}{done.shown}"
    assert not rehearsed.writes and not real.writes


@pytest.mark.long
def test_deleted_vault_is_told_although_nobody_may_look_for_it(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Without the right to see deleted vaults the write itself tells, and its answer is no lock to wait for."""
    azure.fault("GET", "/deletedVaults/", count=0, status=403, code="AuthorizationFailed", message="No authorization.")
    make = {"resource_group": GROUP, "name": "shop-gone", "location": "westeurope"}
    run = controller.tasks(
        task("keyvault", "make", **make),
        task("keyvault", "remove", resource_group=GROUP, name="shop-gone", state="absent"),
        task("keyvault", "make again", **make, keywords=IGNORE),
    )
    done: Done = run.task("make again")
    assert done.failed and "recover: true" in done["hint"], done.shown
    assert len(done.writes) == 1


def test_vault_of_another_tenant_holds_the_name(controller: Controller, landscape: Landscape, failures: Run) -> None:
    done = failures.task("409 of the name")
    assert done.failed and done["status"] == 409 and done["hint"], done.shown


def test_absent_is_quiet_wherever_a_parent_is_gone(controller: Controller, azure: Emulation) -> None:
    gone = {"resource_group": "nowhere", "state": "absent"}
    run = controller.tasks(
        task("keyvault", "vault", **gone, name="shop-gone"),
        task("virtual_network", "network", **gone, name="net"),
        task("subnet", "subnet", **gone, virtual_network_name="net", name="subnet"),
        task("private_dns_zone", "zone", **gone),
        task("private_dns_zone_link", "link", **gone, name="link"),
        task("private_dns_a_record", "record", **gone, name="vault"),
        task(
            "private_dns_a_record",
            "record of a zone that is gone",
            resource_group=GROUP,
            zone_name="corp.example",
            name="vault",
            state="absent",
        ),
        task("keyvault_private_endpoint", "endpoint", **gone, name="endpoint"),
        task("endpoint_connection_approval", "connection", **gone, vault_name="shop-gone", connection_name="endpoint"),
        task(
            "endpoint_connection_approval",
            "connection of a vault",
            resource_group=GROUP,
            vault_name="shop-vault",
            connection_name="never-there",
            state="absent",
        ),
    ).succeeded()
    assert not run.changed and not run.writes
    assert all(done["id"].startswith("/subscriptions/") for done in run.tasks)
    assert {NETWORK, VAULT, ENDPOINT} <= {"/".join(done["id"].split("/")[6:8]) for done in run.tasks}
