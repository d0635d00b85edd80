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

ADDRESS = "10.1.0.4"
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
        hosts = ("-i", str(within.inventory), "-i", str(without.inventory))
        done = validate(controller, landscape, *hosts, validation_inside_hosts=["app"], validation_outside_hosts=["laptop"]).succeeded()
        assert verdict(done)["vaults"][0]["inside"] == [{"from": "app", "private": True}]
        assert verdict(done)["vaults"][0]["outside"] == [{"from": "laptop", "kept_out": True}]
        swapped = validate(controller, landscape, *hosts, validation_inside_hosts=["laptop"], validation_outside_hosts=["app"])
        problems = " ".join(verdict(swapped)["vaults"][0]["problems"])
        assert swapped.rc == 2 and "From laptop: " in problems and "From app, which should be outside" in problems
    finally:
        within.close()
        without.close()
    gone = validate(controller, landscape, *hosts, validation_inside_hosts=["app"])
    assert gone.rc == 2 and "app could not probe" in gone.output.replace("\n", " ")
