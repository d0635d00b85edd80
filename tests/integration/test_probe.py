# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Proof from inside: a host in a network tries the vault's name, TLS and health page, and public access closes only if all of it is private.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from integration import inside, ssh
from integration.emulation import Emulation, Json
from integration.landscape import GROUP, VAULT, ZONE_NAME, Landscape
from integration.running import Controller, Done, Run, is_sentence, task

ADDRESS = "10.1.1.7"
HOST = "live-vault.vault.azure.net"
CLOSED = "Disable public network access"
PROBE = "Probe the vault from inside the network"
_REASON = inside.why_not()
pytestmark = [pytest.mark.long, pytest.mark.skipif(_REASON is not None, reason=_REASON or "")]


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


@pytest.fixture
def machine(azure: Emulation, landscape: Landscape, tmp_path: pathlib.Path) -> t.Iterator[inside.Machine]:
    """A host in the network of the landscape, where the endpoint of the vault will have its address."""
    made = inside.Machine(azure, tmp_path, landscape.network, [ADDRESS])
    yield made
    made.close()


@pytest.fixture
def outsider(azure: Emulation, tmp_path: pathlib.Path) -> t.Iterator[inside.Machine]:
    """A host whose DNS is the internet's."""
    made = inside.Machine(azure, tmp_path, "", [ADDRESS])
    yield made
    made.close()


@pytest.fixture
def live(controller: Controller, landscape: Landscape, azure: Emulation) -> Json:
    """A vault that everybody uses over the internet, its endpoint at an address that is known beforehand, and how to cut it over."""
    vault = azure.id(GROUP, VAULT, "live-vault")
    acls = {"default_action": "Allow", "bypass": "None", "ip_rules": ["203.0.113.0/24"]}
    controller.tasks(
        task(
            "keyvault", resource_group=GROUP, name="live-vault", location="westeurope", public_network_access="Enabled", network_acls=acls
        ),
        task(
            "keyvault_private_endpoint",
            resource_group=GROUP,
            name="live-vault-endpoint",
            vault_id=vault,
            subnet_id=landscape.others,
            private_ip_address=ADDRESS,
        ),
    ).succeeded()
    return {
        "existing_vault_id": vault,
        "existing_subnet_id": landscape.others,
        "existing_zone_id": landscape.zone,
        "existing_probe_host": "inside",
    }


def cut_over(controller: Controller, machine: inside.Machine, **variables: t.Any) -> Run:
    return controller.run(
        "privatelink.azure.existing_vault", "-i", str(machine.inventory), "-e", json.dumps({"existing_probe_timeout": 4, **variables})
    )


def probe(controller: Controller, machine: inside.Machine, **options: t.Any) -> Done:
    """Return what the host finds."""
    requested = task("keyvault_probe_info", "probe", host=HOST, **options, keywords={"delegate_to": "inside"})
    return controller.tasks(requested, arguments=["-i", str(machine.inventory)]).succeeded().task("probe")


def test_what_a_host_inside_finds_on_the_way(
    controller: Controller, landscape: Landscape, azure: Emulation, live: Json, machine: inside.Machine
) -> None:
    """Each state between nothing approved and proven, in the order in which a cut-over passes through them."""
    endpoint = azure.id(GROUP, "Microsoft.Network/privateEndpoints", "live-vault-endpoint")
    decide = {"resource_group": GROUP, "vault_name": "live-vault", "endpoint_id": endpoint}
    link = {"resource_group": GROUP, "name": "net", "virtual_network_id": landscape.network}
    record = {"resource_group": GROUP, "name": "live-vault"}

    controller.tasks(task("endpoint_connection_approval", **decide, status="Rejected")).succeeded()
    found = probe(controller, machine)
    assert found["code"] == "NothingApproved" and found["aliases"] and not any("privatelink" in name for name in found["aliases"]), (
        found.shown
    )
    controller.tasks(task("endpoint_connection_approval", **decide)).succeeded()
    found = probe(controller, machine)
    assert found["code"] == "ZoneNotSeen" and f"live-vault.{ZONE_NAME}" in found["aliases"], found.shown
    controller.tasks(task("private_dns_zone_link", **link)).succeeded()
    assert probe(controller, machine)["code"] == "NameNotFound"  # the zone is linked and lacks the record
    controller.tasks(task("private_dns_a_record", **record, ipv4_addresses=["10.1.1.99"])).succeeded()
    assert probe(controller, machine, private_ip_addresses=[ADDRESS])["code"] == "WrongAddress"
    assert probe(controller, machine)["code"] == "NotReachable"
    controller.tasks(task("private_dns_a_record", **record, ipv4_addresses=[ADDRESS], mode="replace")).succeeded()
    found = probe(controller, machine, private_ip_addresses=[ADDRESS])
    assert found["proven"] and found["ip_addresses"] == [ADDRESS] and "conn_type=PrivateLink" in found["network_info"], found.shown
    assert is_sentence(found["msg"]) and found["code"] is None
    # the same for many at once, and the DNS server of the network, asked by its address
    asked = task(
        "keyvault_probe_info", "probe", vaults=[HOST, "no-such-vault"], dns_servers=["127.0.0.1"], keywords={"delegate_to": "inside"}
    )
    many = controller.tasks(asked, arguments=["-i", str(machine.inventory)]).succeeded().task("probe")
    assert [(each["proven"], each["code"]) for each in many["results"]] == [(True, None), (False, "NameNotFound")], many.shown
    (server,) = many["results"][0]["dns_servers"]
    assert server["private"] and server["ip_addresses"] == [ADDRESS] and f"live-vault.{ZONE_NAME}" in server["aliases"], many.shown
    assert many["proven"] is False and "no-such-vault" in many["msg"] and is_sentence(many["msg"])
    # another vault's name must not pass for this one's, and a host that trusts nobody must not pass at all
    stranger = controller.tasks(
        task("keyvault_probe_info", "probe", host=HOST, keywords={"delegate_to": "inside"}),
        arguments=["-i", str(machine.inventory)],
        env={"SSL_CERT_FILE": "/dev/null"},
    ).succeeded()
    assert stranger.task("probe")["code"] == "NotTheVault", stranger.task("probe").shown


@pytest.mark.skipif(ssh.why_not() is not None, reason=ssh.why_not() or "")
def test_a_host_inside_that_is_reached_over_ssh(
    controller: Controller, landscape: Landscape, azure: Emulation, live: Json, tmp_path: pathlib.Path
) -> None:
    """As any machine is: a login, a copied module, the machine's own resolver. What it needs is Python alone."""
    machine = inside.Machine(azure, tmp_path, landscape.network, [ADDRESS], over_ssh=True)
    try:
        found = probe(controller, machine)
        assert found["code"] == "ZoneNotSeen" and f"live-vault.{ZONE_NAME}" in found["aliases"], found.shown
        controller.tasks(
            task("private_dns_zone_link", resource_group=GROUP, name="net", virtual_network_id=landscape.network),
            task("private_dns_a_record", resource_group=GROUP, name="live-vault", ipv4_addresses=[ADDRESS]),
        ).succeeded()
        found = probe(controller, machine, private_ip_addresses=[ADDRESS])
        assert found["proven"] and found["ip_addresses"] == [ADDRESS], found.shown
        assert not [request for request in found.requests if "Microsoft" in request["path"]], "a probe asks nothing of Resource Manager"
    finally:
        machine.close()
    assert not list(tmp_path.glob("ssh-*"))


def test_a_virtual_machine_proves_without_a_login(
    controller: Controller, landscape: Landscape, azure: Emulation, live: Json, machine: inside.Machine
) -> None:
    """The controller has rights on the machine, and no way into its network."""
    machine_id = inside.virtual_machine(azure, GROUP, landscape.others)
    machine.runs_commands(azure, landscape.network)
    vaults = [{"vault": live["existing_vault_id"], "private_ip_addresses": [ADDRESS]}, "no-such-vault"]

    def probed(*arguments: str) -> Done:
        asked = task("keyvault_vm_probe_info", "probe", vm_id=machine_id, vaults=vaults)
        return controller.tasks(asked, arguments=arguments).succeeded().task("probe")

    planned = probed("--check", "--diff")
    assert planned["virtual_network_id"].lower() == landscape.network.lower()
    assert not planned.writes and planned["code"] == "NotProbed" and f"'{HOST}'" in planned["script"], planned.shown
    assert planned["diff"]["after"] == planned["script"] and "app" in planned["diff"]["after_header"]
    found = probed()
    assert [(each["code"], each["asked_with"]) for each in found["results"]] == [("ZoneNotSeen", "python3"), ("NameNotFound", "python3")]
    assert "On virtual machine 'app'" in found["results"][0]["msg"] and not found.changed and "diff" not in found.result
    controller.tasks(
        task("private_dns_zone_link", resource_group=GROUP, name="net", virtual_network_id=landscape.network),
        task("private_dns_a_record", resource_group=GROUP, name="live-vault", ipv4_addresses=[ADDRESS]),
    ).succeeded()
    found = probed()
    own = found["results"][0]
    assert own["proven"] and own["ip_addresses"] == [ADDRESS] and "conn_type=PrivateLink" in own["network_info"], found.shown
    assert [request["path"].rpartition("/")[2] for request in found.writes] == ["runCommand"]
    # what the machine found is a proof for closing, as what a host found is
    close = task("keyvault_public_network_access", "close", vault_id=live["existing_vault_id"], dns="none", proof="{{ probe }}")
    asked = task("keyvault_vm_probe_info", vm_id=machine_id, vaults=vaults, keywords={"register": "probe"})
    assert controller.tasks(asked, close).succeeded().task("close").changed
    assert azure.resource(live["existing_vault_id"])["properties"]["publicNetworkAccess"] == "Disabled"


@pytest.mark.parametrize("way", ["a_record", "zone_group"])
def test_public_access_closes_once_it_is_proven(
    way: str, controller: Controller, azure: Emulation, live: Json, machine: inside.Machine
) -> None:
    run = cut_over(controller, machine, **live, existing_dns=way).succeeded()
    assert run.task(PROBE)["proven"] and run.task(CLOSED).changed and run.task(f"{PROBE} again")["proven"]
    vault = azure.resource(live["existing_vault_id"])["properties"]
    assert vault["publicNetworkAccess"] == "Disabled"
    assert vault["networkAcls"] == {
        "defaultAction": "Deny",
        "bypass": "None",
        "ipRules": [{"value": "203.0.113.0/24"}],
        "virtualNetworkRules": [],
    }
    assert not cut_over(controller, machine, **live, existing_dns=way).succeeded().writes


def test_public_access_stays_where_dns_is_still_public(
    controller: Controller, azure: Emulation, live: Json, outsider: inside.Machine
) -> None:
    before = azure.resource(live["existing_vault_id"])["properties"]
    run = cut_over(controller, outsider, **live)
    after = azure.resource(live["existing_vault_id"])["properties"]
    assert run.rc == 2 and [after[gate] for gate in ("publicNetworkAccess", "networkAcls")] == [
        before[gate] for gate in ("publicNetworkAccess", "networkAcls")
    ]
    assert run.task(PROBE)["code"] == "ZoneNotSeen"
    said = run.task(CLOSED)["msg"]
    assert "public address 203.0.113." in said and "Link the private DNS zone" in said and "was not changed" in said


def test_public_access_stays_where_the_vault_sees_the_public_way(
    controller: Controller, landscape: Landscape, azure: Emulation, live: Json, tmp_path: pathlib.Path
) -> None:
    """The name leads to the private address, and what listens there takes the connection to the internet's side of the vault."""
    before = azure.resource(live["existing_vault_id"])["properties"]
    machine = inside.Machine(azure, tmp_path, landscape.network, [ADDRESS], door="public")
    try:
        run = cut_over(controller, machine, **live)
    finally:
        machine.close()
    after = azure.resource(live["existing_vault_id"])["properties"]
    assert run.rc == 2 and run.task(PROBE)["code"] == "NotPrivate" and "conn_type=Ipv4" in run.task(CLOSED)["msg"]
    assert [after[gate] for gate in ("publicNetworkAccess", "networkAcls")] == [
        before[gate] for gate in ("publicNetworkAccess", "networkAcls")
    ]


def test_rollout_and_await_report_the_proof(
    controller: Controller, landscape: Landscape, azure: Emulation, live: Json, machine: inside.Machine, outsider: inside.Machine
) -> None:
    """An open vault is closed only if it is proven; one that is closed is only told about."""
    given = {
        "private_vault_name": "live-vault",
        "private_vault_resource_group": GROUP,
        "private_vault_location": "westeurope",
        "private_vault_subnet_id": landscape.others,
        "private_vault_zone_id": landscape.zone,
        "private_vault_link": True,
        "private_vault_probe_host": "inside",
        "private_vault_probe_timeout": 4,
    }

    def roll_out(where: inside.Machine) -> Run:
        return controller.run("privatelink.azure.rollout", "-i", str(where.inventory), "-e", json.dumps(given))

    refused = roll_out(outsider)
    assert refused.rc == 2 and "was not changed" in refused.task("Disable public network access")["msg"]
    assert azure.resource(live["existing_vault_id"])["properties"]["publicNetworkAccess"] == "Enabled"
    closed = roll_out(machine).succeeded()
    assert closed.task("Set private_vault_result")["ansible_facts"]["private_vault_result"]["proven"] is True
    assert azure.resource(live["existing_vault_id"])["properties"]["publicNetworkAccess"] == "Disabled"
    reported = roll_out(outsider).succeeded()
    result = reported.task("Set private_vault_result")["ansible_facts"]["private_vault_result"]
    assert (
        result["proven"] is False
        and "Link the private DNS zone" in result["probe"]
        and result["probe"] in reported.stdout.replace("\n", "")
        and not reported.writes
    )
    endpoint = azure.id(GROUP, "Microsoft.Network/privateEndpoints", "live-vault-endpoint")
    awaiting = {
        "await_endpoint_id": endpoint,
        "await_vault_id": live["existing_vault_id"],
        "await_dns": "none",
        "await_probe_host": "inside",
    }
    done = controller.run("privatelink.azure.await_approval", "-i", str(machine.inventory), "-e", json.dumps(awaiting)).succeeded()
    (stats,) = [one.result["ansible_stats"]["data"] for one in done.tasks if "ansible_stats" in one.result]
    assert stats["privatelink_proven"] is True
