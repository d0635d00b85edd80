# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A network with a DNS server of its own: what the check says, what its fix finds from inside, and which forwarders make it private."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml

from emulator.client import Client
from integration import inside
from integration.checked import Place
from integration.emulation import Emulation, Json
from integration.name_server import NameServer
from integration.running import Controller, Run, is_sentence, play_of, task

SERVER = "10.7.9.9"
NAME, ALIAS = "vault.azure.net", "vaultcore.azure.net"
PROBE, HOST = "probe_check_own_check_own_net_own", "probe_host_in_check_own_net_own"
_REASON = inside.why_not()
pytestmark = [pytest.mark.long, pytest.mark.skipif(_REASON is not None, reason=_REASON or "")]


class Network:
    """A private vault whose network asks a server of its own; a hub network, where that server stands, asks Azure's and sees the zone."""

    def __init__(self, controller: Controller, emulation: Emulation, directory: pathlib.Path) -> None:
        emulation.reset()
        self.controller, self.emulation, self.directory = controller, emulation, directory
        subscription = f"/subscriptions/{emulation.facts['subscription']}"
        Client(emulation.facts).call("POST", f"{subscription}/providers/Microsoft.KeyVault/register", version="2024-11-01")
        self.place = Place(emulation, "own")
        self.hub = self.place.network.replace("net-own", "hub")
        space = {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}
        self.place.do("PUT", self.hub, {"location": "westeurope", "properties": space})
        link = {"virtualNetwork": {"id": self.hub}, "registrationEnabled": False}
        self.place.do("PUT", f"{self.place.zone}/virtualNetworkLinks/hub", {"location": "global", "properties": link})
        self.place.serve_dns()

    def check(self, **options: t.Any) -> Json:
        return task(
            "keyvault_private_link_check", "check", id=self.place.vault, skip_checks=["diagnostic_setting"], fail_on="none", **options
        )

    def asked_again(self, machine: inside.Machine, fix: str) -> Run:
        """Run the pasted fix with the host that it asks for, and check with what it registers."""
        file = self.directory / "fix.yml"
        file.write_text(fix, encoding="utf-8")
        tasks = ({"ansible.builtin.include_tasks": str(file)}, self.check(proofs=[f"{{{{ {PROBE} }}}}"]))
        given = ("-i", str(machine.inventory), "-e", json.dumps({HOST: "inside"}))
        return self.controller.run([play_of(*tasks)], *given).succeeded()


def findings(run: Run) -> dict[str, Json]:
    (done,) = [each for each in run.tasks if each.action.endswith("keyvault_private_link_check")]
    return {each["check"]: each for each in done["vaults"][0]["verdicts"] if each["status"] in ("failed", "unknown")}


@pytest.mark.parametrize("follows", [True, False], ids=["follows aliases itself", "hands on answers"])
def test_forwarders_of_both_suffixes_heal_it(controller: Controller, emulation: Emulation, tmp_path: pathlib.Path, follows: bool) -> None:
    network = Network(controller, emulation, tmp_path)
    place = network.place
    (verdict,) = findings(controller.tasks(network.check()).succeeded()).values()
    assert verdict["check"] == "forwarders" and SERVER in verdict["message"] and is_sentence(verdict["message"])
    assert f"both {NAME} and {ALIAS} to 168.63.129.16" in verdict["hint"] and HOST in verdict["hint"]
    (fix,) = yaml.safe_load(verdict["fix"])
    assert fix["privatelink.azure.keyvault_probe_info"]["dns_servers"] == [SERVER] and fix["register"] == PROBE
    with NameServer(emulation, SERVER, follows=follows) as server:
        machine = inside.Machine(emulation, tmp_path, place.network, [place.address], name_server=server)
        try:
            # which one of them is not enough depends on the server
            for suffixes in ((), (NAME,) if follows else (ALIAS,)):
                server.forward(network.hub, *suffixes)
                broken = findings(network.asked_again(machine, verdict["fix"]))
                assert set(broken) == {"forwarders", "probe"}, broken
                assert "resolves to the public address" in broken["probe"]["message"] and is_sentence(broken["probe"]["message"])
            server.forward(network.hub, NAME, ALIAS)
            assert not findings(network.asked_again(machine, verdict["fix"]))
        finally:
            machine.close()
