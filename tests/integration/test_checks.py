# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide's troubleshooting section looks for is broken, one thing for each vault: one check names it, and its fix mends it."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from emulator.client import Client
from integration.checked import ZONE_NAME, Place
from integration.emulation import Emulation, Json, reported
from integration.estate import Estate
from integration.running import Controller, Run, is_sentence, play_of, task

Break = t.Callable[[Place], object]


def without_zone(place: Place) -> None:
    place.do("DELETE", place.link)
    place.do("DELETE", place.zone)


def second_zone(place: Place) -> None:
    """The network is linked to another zone of the same name instead."""
    place.do("DELETE", place.link)
    place.other_zone(ZONE_NAME, "hub")


# name of the place: what the guide's troubleshooting section, by item, or another part is about; the check; how it is broken; its making
FAULTS: dict[str, tuple[str, Break, Json]] = {
    # 1. the endpoint is approved, and provisioned
    "pending": ("connection_approved", lambda place: None, {"manual": True}),
    "rejected": ("connection_approved", Place.reject, {}),
    "removed": ("connection_approved", Place.remove, {}),
    "failed": (
        "endpoint_provisioned",
        lambda place: place.emulation.overlay(place.endpoint, {"properties": {"provisioningState": "Failed"}}),
        {},
    ),
    # 2. the zone exists, with the exact name
    "zone": ("zone_exists", without_zone, {}),
    # 3. the zone is linked to the network
    "link": ("zone_linked", lambda place: place.do("DELETE", place.link), {}),
    "link-by-hand": ("zone_linked", lambda place: place.do("DELETE", place.link), {"by_group": False}),
    "second-zone": ("zone_not_shadowed", second_zone, {}),
    "public-zone": ("zone_not_shadowed", lambda place: place.other_zone("vault.azure.net"), {}),
    "zone-above": ("zone_not_shadowed", lambda place: place.other_zone("azure.net"), {}),
    # 4. the zone has the record
    "record": ("record_exists", lambda place: place.do("DELETE", place.record), {}),
    "record-by-hand": ("record_exists", lambda place: place.do("DELETE", place.record), {"by_group": False}),
    # 5. the record has the right address
    "address": ("record_address", lambda place: place.addresses("10.7.0.99"), {}),
    "address-by-hand": ("record_address", lambda place: place.addresses("10.7.0.99"), {"by_group": False}),
    "foreign": ("record_alone", lambda place: place.addresses(place.address, "10.7.0.99"), {"by_group": False}),
    # what the rest of the guide is about
    "registering": ("registration_off", lambda place: place.join(place.zone, registrationEnabled=True), {}),
    "public": ("public_network_access", lambda place: place.change(publicNetworkAccess="Enabled"), {}),
    "public-by-hand": ("public_network_access", lambda place: place.change(publicNetworkAccess="Enabled"), {"by_group": False}),
    "firewall": ("firewall", lambda place: place.change(networkAcls={"defaultAction": "Allow", "bypass": "None"}), {}),
    "unsafe": ("soft_delete", Place.unprotect, {}),
    "policies": ("azure_rbac", lambda place: place.change(enableRbacAuthorization=False), {}),
    "unlocked": (
        "management_lock",
        lambda place: place.do("DELETE", place.locked),
        {},
    ),
}


# Made and broken like the others; the servers are mended from inside, see test_forwarders.py.
BARE, SERVERS = "bare", "servers"


class Story:
    """All places healthy, then each broken, then each mended by what its check returned: results by the name of the place."""

    def __init__(self, controller: Controller, emulation: Emulation) -> None:
        emulation.reset()
        self.controller = controller
        subscription = f"/subscriptions/{emulation.facts['subscription']}"
        Client(emulation.facts).call("POST", f"{subscription}/providers/Microsoft.KeyVault/register", version="2024-11-01")
        self.places = {name: Place(emulation, name, **making) for name, (_check, _broken, making) in FAULTS.items()}
        self.places[SERVERS] = Place(emulation, SERVERS)
        bare = Place(emulation, BARE, endpoint=False)
        self.sound = [place for name, place in self.places.items() if name != "pending"]
        self.healthy = self.run(self.check(vault_ids=[place.vault for place in self.sound], fail_on="warning"))
        for name, (_check, broken, _making) in FAULTS.items():
            broken(self.places[name])
        self.places[SERVERS].serve_dns()
        self.places[BARE] = bare
        alone = self.check(vault_ids=[bare.vault], subnet_ids=[bare.subnet], skip_checks=["diagnostic_setting"])
        self.broken = self.run(self.check(), alone)
        self.fixes = {name: verdict["fix"] for name in self.places for verdict in self.found(self.broken, name)}
        file = controller.directory / "fixes.yml"
        file.write_text("".join(fix for name, fix in self.fixes.items() if name != SERVERS), encoding="utf-8")
        self.mended = self.run({"ansible.builtin.include_tasks": str(file)}, self.check())

    def check(self, **options: t.Any) -> Json:
        return task("keyvault_private_link_check", "check", **{"fail_on": "none", **options})

    def run(self, *tasks: Json) -> Run:
        return self.controller.run([play_of(*tasks)]).succeeded()

    def found(self, run: Run, name: str) -> list[Json]:
        """Return the findings of a place; those of the last check that is about it."""
        checks = [done for done in run.tasks if done.action.endswith("keyvault_private_link_check")]
        verdicts = [vault["verdicts"] for done in checks for vault in done["vaults"] if vault["id"] == self.places[name].vault]
        return [each for each in verdicts[-1] if each["status"] in ("failed", "unknown")]


@pytest.fixture(scope="module")
def story(controller: Controller, emulation: Emulation) -> Story:
    return Story(controller, emulation)


def test_healthy_vaults_have_no_finding(story: Story) -> None:
    (done,) = story.healthy.tasks
    count = len(story.sound)
    assert done["summary"] == {"vaults": count, "private": count, "failed": 0, "errors": 0, "warnings": 0} and not done.writes


@pytest.mark.parametrize("name", [*FAULTS, BARE, SERVERS])
def test_one_check_names_the_fault_and_its_fix_mends_it(story: Story, name: str) -> None:
    expected = {BARE: "endpoint_exists", SERVERS: "forwarders"}.get(name) or FAULTS[name][0]
    assert [verdict["check"] for verdict in story.found(story.broken, name)] == [expected], story.found(story.broken, name)
    (verdict,) = story.found(story.broken, name)
    assert is_sentence(verdict["message"]) and verdict["hint"] and verdict["fix"]
    assert verdict["guide"] or expected == "management_lock"
    left = story.found(story.mended, name)
    assert bool(left) == (name == SERVERS), left


def test_forwarders_of_both_suffixes_are_asked_for(story: Story) -> None:
    (verdict,) = story.found(story.broken, SERVERS)
    assert "both vault.azure.net and vaultcore.azure.net" in verdict["hint"] and "10.7.9.9" in verdict["message"]


def test_fixes_are_tasks_with_ids(story: Story) -> None:
    for name, fix in story.fixes.items():
        assert "subscriptions" in fix and ("{{" in fix) == (name == SERVERS)
        for each in yaml.safe_load(fix):
            assert list(each)[0] == "name" and list(each)[1].startswith("privatelink.azure.")


def test_soft_delete_is_turned_on_with_purge_protection(story: Story) -> None:
    place = story.places["unsafe"]
    vault = place.client.get(place.vault)["properties"]
    assert vault["enableSoftDelete"] is True and vault["enablePurgeProtection"] is True


def test_a_task_that_fails_names_vaults_and_checks(story: Story, controller: Controller) -> None:
    place = story.places[SERVERS]
    run = controller.run([play_of(story.check(id=place.vault, fail_on="warning"))])
    (done,) = run.tasks
    assert run.rc == 2 and done["code"] == "ChecksFailed" and done["summary"]["vaults"] == 1
    assert done["msg"].startswith("1 of 1 key vaults did not pass: forwarders (1), diagnostic_setting (1).")


def test_fixes_take_what_nothing_in_azure_tells_from_variables(controller: Controller, emulation: Emulation) -> None:
    """A vault without logs and without an endpoint: workspace and subnet are the user's to name."""
    emulation.reset()
    for provider in ("KeyVault", "Insights"):
        path = f"/subscriptions/{emulation.facts['subscription']}/providers/Microsoft.{provider}/register"
        Client(emulation.facts).call("POST", path, version="2024-11-01")
    place = Place(emulation, "named", endpoint=False)
    workspace = f"{place.group}/providers/Microsoft.OperationalInsights/workspaces/central"
    emulation.control("PUT", "resource", {"id": workspace, "name": "central", "location": "westeurope", "properties": {}}, id=workspace)

    def check() -> dict[str, Json]:
        (done,) = controller.tasks(task("keyvault_private_link_check", id=place.vault, fail_on="none")).succeeded().tasks
        return {each["check"]: each for each in done["vaults"][0]["verdicts"] if each["status"] == "failed"}

    found = check()
    assert list(found) == ["endpoint_exists", "diagnostic_setting"]
    variables = {"private_endpoint_subnet_id": place.subnet, "log_analytics_workspace_id": workspace}
    assert all(name in each["hint"] for name, each in zip(variables, found.values(), strict=True))
    file = controller.directory / "named.yml"
    file.write_text("".join(each["fix"] for each in found.values()), encoding="utf-8")
    controller.run([play_of({"ansible.builtin.include_tasks": str(file)})], "-e", json.dumps(variables)).succeeded()
    assert not check()


def test_a_fleet_costs_a_few_lists(controller: Controller, emulation: Emulation) -> None:
    emulation.reset()
    Estate(emulation).many(60)
    run = controller.run([play_of(task("keyvault_private_link_check", fail_on="none"))]).succeeded()
    (done,) = run.tasks
    assert done["summary"]["vaults"] == done["summary"]["private"] == 60
    asked = [request for request in done.requests if request["path"].startswith("/subscriptions/")]
    assert len(asked) <= 12 and not done.writes, reported(asked)
