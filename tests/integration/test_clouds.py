# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Every cloud by its name, and one by its metadata: endpoints, audiences, suffixes and zones follow, and a zone of another cloud is refused.
"""

from __future__ import annotations

import typing as t

import pytest

from integration.emulation import TESTS, Emulation, reported
from integration.proxy import Proxy
from integration.running import Controller, Run

pytestmark = pytest.mark.long

NAME = "payments-vault"
NETWORK = (
    "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/payments/providers/Microsoft.Network/virtualNetworks/payments-net"
)
# name: where Resource Manager is, suffix of vaults, zone of vaults
CLOUDS = {
    "AzureCloud": ("management.azure.com", "vault.azure.net", "privatelink.vaultcore.azure.net"),
    "AzureUSGovernment": ("management.usgovcloudapi.net", "vault.usgovcloudapi.net", "privatelink.vaultcore.usgovcloudapi.net"),
    "AzureChinaCloud": ("management.chinacloudapi.cn", "vault.azure.cn", "privatelink.vaultcore.azure.cn"),
}


@pytest.fixture
def azure(emulation: Emulation) -> t.Iterator[Emulation]:
    emulation.reset()
    yield emulation
    emulation.reset()


@pytest.fixture
def proxy(azure: Emulation) -> t.Iterator[Proxy]:
    made = Proxy(int(azure.facts["url"].rpartition(":")[2]))
    yield made
    made.close()


def roll_out(controller: Controller, env: t.Mapping[str, str | None], *arguments: str) -> Run:
    return controller.run(
        "privatelink.azure.rollout", "-e", f"@{TESTS / 'demo' / 'vars.yml'}", "-e", "private_vault_dns=a_record", *arguments, env=env
    )


def check(run: Run, azure: Emulation, suffix: str, zone: str) -> None:
    """The vault has the cloud's name and zone, and inside it leads to the private address."""
    result = run.succeeded().task("Set private_vault_result")["ansible_facts"]["private_vault_result"]
    assert (result["vault_host"], result["zone"]) == (f"{NAME}.{suffix}", zone)
    assert result["vault_uri"] == f"https://{NAME}.{suffix}/"
    assert result["private_ip_address"] in azure.lookup(f"{NAME}.{suffix}", NETWORK)
    assert f"{NAME}.{zone}" in azure.lookup(f"{NAME}.{suffix}")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cloud_by_its_name(cloud: str, controller: Controller, azure: Emulation, proxy: Proxy) -> None:
    """The hosts are those of the collection's own table; the emulator accepts tokens for the cloud's audiences only."""
    host, suffix, zone = CLOUDS[cloud]
    azure.control("PUT", "settings", {"cloud": cloud})
    env = {"AZURE_CLOUD_ENVIRONMENT": cloud, "HTTPS_PROXY": proxy.url}
    other = next(zones for name, (_host, _suffix, zones) in CLOUDS.items() if name != cloud)
    refused = roll_out(controller, env, "-e", f"private_vault_zone_name={other}")
    assert refused.rc == 2 and not refused.writes, reported(refused.writes)
    (failed,) = [done for done in refused.tasks if done.status == "failed"]
    assert failed["option"] == "private_vault_zone_name" and cloud in failed["msg"] and f"use '{zone}'" in failed["msg"]
    check(roll_out(controller, env), azure, suffix, zone)
    assert host in proxy.hosts and not {hosts for name, (hosts, *_rest) in CLOUDS.items() if name != cloud} & proxy.hosts
    assert not roll_out(controller, env).succeeded().writes


def test_a_cloud_by_its_metadata(controller: Controller, azure: Emulation) -> None:
    """What the metadata of a private cloud tells counts, not the table."""
    azure.control("PUT", "settings", {"cloud": "AzureUSGovernment"})
    _host, suffix, zone = CLOUDS["AzureUSGovernment"]
    check(
        roll_out(controller, {"AZURE_CLOUD_ENVIRONMENT": f"{azure.facts['url']}/metadata/endpoints?api-version=2022-09-01"}),
        azure,
        suffix,
        zone,
    )


def test_a_token_of_another_cloud_is_refused(controller: Controller, azure: Emulation, proxy: Proxy) -> None:
    """The check of the check: a cloud whose audience the emulator does not play gets 401, told in one sentence."""
    azure.control("PUT", "settings", {"cloud": "AzureUSGovernment"})
    run = roll_out(controller, {"AZURE_CLOUD_ENVIRONMENT": "AzureChinaCloud", "HTTPS_PROXY": proxy.url})
    (failed,) = [done for done in run.tasks if done.status == "failed"]
    assert run.rc == 2 and failed["status"] == 401 and failed["code"].startswith("InvalidAuthenticationToken"), failed.shown
