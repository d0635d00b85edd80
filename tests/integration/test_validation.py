# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook validate: checks, a host inside over ssh, a virtual machine, a host outside, and how it ends."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from integration import inside, ssh
from integration.emulation import Emulation
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Run, task

ADDRESS, UNHEARD = "10.1.0.4", "10.1.0.5"
_REASON = inside.why_not() or ssh.why_not()
pytestmark = pytest.mark.long


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def resolved(controller: Controller, landscape: Landscape) -> None:
    """Let the network resolve shop-vault to its endpoint."""
    controller.tasks(
        task("private_dns_zone_link", resource_group=GROUP, name="net", virtual_network_id=landscape.network),
        task("private_dns_a_record", resource_group=GROUP, name="shop-vault", ipv4_addresses=[ADDRESS]),
    ).succeeded()


def validate(controller: Controller, landscape: Landscape, *arguments: str, **variables: t.Any) -> Run:
    given = {
        "validation_vault_ids": [landscape.vault],
        "validation_skip_checks": ["forwarders"],
        "validation_probe_timeout": 6,
        **variables,
    }
    return controller.run("privatelink.azure.validate", *arguments, "-e", json.dumps(given))


def verdict(run: Run) -> t.Any:
    return run.task("Set validation_result")["ansible_facts"]["validation_result"]


def test_checks_alone_decide_where_no_host_is_named(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    failed = validate(controller, landscape)
    assert failed.rc == 2 and "1 of 1 key vaults are not proven to be private: shop-vault" in failed.output.replace("\n", " ")
    assert not failed.writes and verdict(failed)["vaults"][0]["problems"]
    resolved(controller, landscape)
    azure.overlay(landscape.vault, {"properties": {"publicNetworkAccess": "Disabled"}})
    done = validate(controller, landscape).succeeded()
    (stats,) = [one.result["ansible_stats"]["data"] for one in done.tasks if "ansible_stats" in one.result]
    assert stats == {"privatelink_private": True, "privatelink_not_private": []} and not done.writes


@pytest.mark.skipif(_REASON is not None, reason=_REASON or "")
def test_every_side_is_asked(controller: Controller, landscape: Landscape, azure: Emulation, tmp_path: pathlib.Path) -> None:
    resolved(controller, landscape)
    within = inside.Machine(azure, tmp_path, landscape.network, [ADDRESS], host="app", over_ssh=True)
    without = inside.Machine(azure, tmp_path, "", [ADDRESS], host="laptop")
    try:
        with within.inventory.open("a", encoding="utf-8") as inventory:
            inventory.write(f"\n[all]\napp probe_virtual_network_id={landscape.network}\n")
        hosts = ("-i", str(within.inventory), "-i", str(without.inventory))
        done = validate(controller, landscape, *hosts, validation_inside_hosts=["app"], validation_outside_hosts=["laptop"]).succeeded()
        assert verdict(done)["vaults"][0]["inside"] == [{"from": "app", "private": True}]
        (probed,) = done.task("Probe the vaults from hosts inside")["results"]
        assert probed["results"][0]["virtual_network_id"] == landscape.network
        assert verdict(done)["vaults"][0]["outside"] == [{"from": "laptop", "kept_out": True}]
        swapped = validate(controller, landscape, *hosts, validation_inside_hosts=["laptop"], validation_outside_hosts=["app"])
        problems = " ".join(verdict(swapped)["vaults"][0]["problems"])
        assert swapped.rc == 2 and "From laptop: " in problems and "From app, which should be outside" in problems
    finally:
        within.close()
        without.close()
    gone = validate(controller, landscape, *hosts, validation_inside_hosts=["app"])
    assert gone.rc == 2 and "app could not probe" in gone.output.replace("\n", " ")


@pytest.mark.skipif(inside.why_not() is not None, reason=inside.why_not() or "")
def test_a_virtual_machine_proves_one_vault_and_not_the_other(
    controller: Controller, landscape: Landscape, azure: Emulation, tmp_path: pathlib.Path
) -> None:
    """Azure says of both that they are private; from the machine one of them does not answer. Its script is shown before it runs."""
    resolved(controller, landscape)
    decide = {"vault_id": landscape.other_vault, "endpoint_id": landscape.request}
    controller.tasks(
        task("endpoint_connection_approval", **decide),
        task("private_dns_a_record", resource_group=GROUP, name="shop-till", ipv4_addresses=[UNHEARD]),
    ).succeeded()
    for vault in (landscape.vault, landscape.other_vault):
        azure.overlay(vault, {"properties": {"publicNetworkAccess": "Disabled"}})
    machine = inside.Machine(azure, tmp_path, landscape.network, [ADDRESS])
    try:
        machine.runs_commands(azure, landscape.network)
        given = {"validation_vm_ids": [inside.virtual_machine(azure, GROUP, landscape.others)]}
        planned = validate(controller, landscape, "--check", **given).succeeded()
        assert shown_script(planned, "shop-vault") and not planned.writes
        done = validate(controller, landscape, **given).succeeded()
        assert verdict(done)["vaults"][0]["inside"] == [{"from": "app", "private": True}] and not verdict(done)["vaults"][0]["problems"]
        assert shown_script(done, "shop-vault") and [each["path"].rpartition("/")[2] for each in done.writes] == ["runCommand"]
        both = validate(controller, landscape, **given, validation_vault_ids=[landscape.vault, landscape.other_vault])
    finally:
        machine.close()
    assert both.rc == 2 and "1 of 2 key vaults are not proven to be private: shop-till" in both.output.replace("\n", " ")
    found = {each["name"]: each for each in verdict(both)["vaults"]}
    assert found["shop-vault"]["private"] and found["shop-vault"]["inside"] == [{"from": "app", "private": True}]
    (problem,) = found["shop-till"]["problems"]
    assert problem.startswith("From app: ") and UNHEARD in problem and found["shop-till"]["inside"] == [{"from": "app", "private": False}]


def shown_script(run: Run, vault: str) -> bool:
    """Return whether the output has the script for a vault, before anything ran on a machine."""
    return f"{vault}.vault.azure.net" in run.stdout.partition("Show what the virtual machines will run")[2].partition("TASK [")[0]
