# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vaults that others made come under care: what is exported is what is there, and a run on it changes nothing."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

from integration.emulation import Emulation, Json, reported
from integration.estate import GROUP, Estate
from integration.running import Controller, Run, play_of, task

FLEET = {"defaults": "{{ private_vaults_defaults }}", "vaults": "{{ private_vaults_vaults }}"}


@pytest.fixture(scope="module")
def estate(emulation: Emulation) -> Estate:
    emulation.reset()
    made = Estate(emulation)
    made.mixed()
    closed: Json = {"publicNetworkAccess": "Disabled", "enablePurgeProtection": True, "softDeleteRetentionInDays": 30}
    half = made.vault("estate-half-closed", tags={"team": "a"}, **closed)
    static = [{"name": "static", "properties": {"privateIPAddress": "10.8.1.9", "groupId": "vault", "memberName": "default"}}]
    made.endpoint("half-one", half, zone=made.zone, customNetworkInterfaceName="half-nic", ipConfigurations=static)
    made.endpoint("half-two", half)
    return made


@pytest.fixture
def file(controller: Controller) -> t.Iterator[pathlib.Path]:
    found = controller.directory / "exported.yml"
    yield found
    found.unlink(missing_ok=True)


def export(controller: Controller, file: pathlib.Path, *arguments: str) -> Run:
    """Run the playbook."""
    return controller.run("privatelink.azure.export", "-e", f"export_dest={file}", *arguments).succeeded()


def test_the_file_says_what_is_there(controller: Controller, estate: Estate, file: pathlib.Path) -> None:
    run = export(controller, file)
    assert run.changed == ["privatelink.azure.export : Export the key vaults"] and not run.writes
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert found["private_vaults_defaults"] == {
        "subscription_id": estate.subscription,
        "sku": "standard",
        "enable_rbac_authorization": True,
        "subnet_id": estate.subnet,
        "zone_id": estate.zone,
        "link": True,
    }
    vaults = found["private_vaults_vaults"]
    assert list(vaults) == ["estate-bare", "estate-closed", "estate-half-closed", "estate-other", "estate-pending", "estate-record"]
    assert vaults["estate-bare"] == {
        "resource_group": GROUP,
        "location": "northeurope",
        "purge_protection": False,
        "public_network_access": "Enabled",
        "endpoints": {},
    }
    assert vaults["estate-closed"]["endpoints"] == {"closed-endpoint": {"dns": "zone_group"}}
    assert vaults["estate-record"]["endpoints"] == {"record-endpoint": {"dns": "a_record"}}
    pending = {"dns": "none", "manual_request": True, "request_message": "Ticket 4711"}
    assert vaults["estate-pending"]["endpoints"] == {"pending-endpoint": pending}
    assert (vaults["estate-half-closed"]["close"], vaults["estate-half-closed"]["purge_protection"]) == (False, True)
    one = {"dns": "zone_group", "private_ip_address": "10.8.1.9", "network_interface_name": "half-nic"}
    assert vaults["estate-half-closed"]["endpoints"] == {"half-one": one, "half-two": {"dns": "none"}}


def test_the_second_export_leaves_the_file(controller: Controller, estate: Estate, file: pathlib.Path) -> None:
    assert export(controller, file, "--check", "--diff").changed and not file.exists()
    export(controller, file)
    before = file.stat().st_mtime_ns
    again = export(controller, file, "--diff")
    assert not again.changed and file.stat().st_mtime_ns == before


def run_on(controller: Controller, file: pathlib.Path, *arguments: str) -> Run:
    """Run the module on the file."""
    return controller.run([play_of(task("private_vaults", "run", **FLEET))], "-e", f"@{file}", "--diff", *arguments).succeeded()


def test_a_run_on_it_changes_nothing(controller: Controller, estate: Estate, file: pathlib.Path) -> None:
    export(controller, file)
    for arguments in (["--check"], []):
        done = run_on(controller, file, *arguments).task("run")
        assert not done.changed and not done.writes, f"{done.result.get('diff')} {reported(done.writes)}"
        assert (done["changed_vaults"], done["failed_vaults"]) == ([], [])


def test_the_playbook_fleet_changes_nothing(controller: Controller, estate: Estate, file: pathlib.Path) -> None:
    export(controller, file)
    run = controller.run("privatelink.azure.fleet", "-e", f"@{file}", "--diff").succeeded()
    assert not run.changed and not run.writes, f"{run.changed} {reported(run.writes)}"


def test_a_run_on_rare_vaults_changes_nothing(controller: Controller, emulation: Emulation, estate: Estate, file: pathlib.Path) -> None:
    """A perimeter, an approved request, a zone in a hub, names in another case, an endpoint in another group, tags."""
    made = emulation.control("GET", "state")
    try:
        estate.peculiar()
        run = export(controller, file)
        (left,) = run.task("Export the key vaults")["not_exported"]
        assert left["id"].endswith("/lost-endpoint") and "Rejected" in left["reason"]
        vaults = yaml.safe_load(file.read_text(encoding="utf-8"))["private_vaults_vaults"]
        hub = vaults["rare-perimeter"]["endpoints"]["perimeter-endpoint"]
        assert hub["zone_id"].split("/")[2] != estate.subscription
        assert (hub["registration_enabled"], hub["resolution_policy"]) == (True, "NxDomainRedirect")
        assert vaults["rare-request"]["endpoints"]["request-endpoint"]["connection_name"] == "ticket"
        shouted = vaults["rare-shouted"]
        assert (shouted["tags"], shouted["endpoints"]["Rare-Endpoint"]["resource_group"]) == ({"stage": "prod"}, "rare-group")
        done = run_on(controller, file).task("run")
        assert not done.changed and not done.writes, f"{done.result.get('diff')} {reported(done.writes)}"
    finally:
        emulation.reset()
        emulation.control("PUT", "state", made)


def test_what_changes_in_the_file_changes_in_azure(controller: Controller, estate: Estate, file: pathlib.Path) -> None:
    export(controller, file, "-e", "export_resource_groups=estate-other")
    variables: Json = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert list(variables["private_vaults_vaults"]) == ["estate-other"] and variables["private_vaults_defaults"] == {}
    variables["private_vaults_vaults"]["estate-other"]["enabled_for_deployment"] = True
    file.write_text(yaml.safe_dump(variables), encoding="utf-8")
    assert run_on(controller, file).task("run")["changed_vaults"] == ["estate-other"]
    assert not run_on(controller, file).task("run").changed
    export(controller, file, "-e", "export_resource_groups=estate-other")
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == variables


def test_endpoints_in_the_subscription_of_their_network_come_under_care(
    controller: Controller, emulation: Emulation, estate: Estate, file: pathlib.Path
) -> None:
    other = Estate(emulation, subscription=next(each for each in emulation.facts["subscriptions"] if each != estate.subscription))
    vault = estate.vault("estate-shared")
    other.endpoint("foreign-endpoint", vault, zone=other.zone)
    found = export(controller, file, "-e", f"export_vault_ids={vault}")
    assert found.task("Export the key vaults")["not_exported"] == []
    done = run_on(controller, file).task("run")
    assert not done.changed and not done.writes and not done["failed_vaults"]


def test_what_cannot_be_taken_over_is_named(controller: Controller, emulation: Emulation, estate: Estate) -> None:
    """An endpoint whose connection the owner rejected."""
    estate.peculiar()
    vault = f"{estate.group}/providers/Microsoft.KeyVault/vaults/rare-lost"
    run = controller.run("privatelink.azure.export", "-e", f"export_vault_ids={vault}").succeeded()
    (left,) = run.task("Export the key vaults")["not_exported"]
    assert left["id"].endswith("/lost-endpoint") and "Rejected" in left["reason"]
    assert left["reason"] in run.output


@pytest.mark.long
def test_four_hundred_vaults(controller: Controller, emulation: Emulation, file: pathlib.Path) -> None:
    emulation.reset()
    Estate(emulation).many(400)
    run = export(controller, file)
    assert len(run.requests) <= 40, reported(run.requests)
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert len(found["private_vaults_vaults"]) == 400
    assert found["private_vaults_vaults"]["estate-007"] == {"endpoints": {"endpoint-007": {}}}
    done = run_on(controller, file).task("run")
    assert not done.changed and not done.writes, reported(done.writes)
