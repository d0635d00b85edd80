# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vaults as inventory hosts: ansible-inventory and plays in processes of their own."""

from __future__ import annotations

import json
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.estate import GROUP, Estate
from integration.running import Controller

PLUGIN = "privatelink.azure.keyvaults"
NAMES = ["estate-bare", "estate-closed", "estate-other", "estate-pending", "estate-record"]


@pytest.fixture(scope="module")
def estate(emulation: Emulation) -> Estate:
    emulation.reset()
    made = Estate(emulation)
    made.mixed()
    return made


def _plain(found: Json) -> t.Any:
    """Return a text that Ansible must not render as what it is."""
    return found["__ansible_unsafe"] if list(found) == ["__ansible_unsafe"] else found


class Inventory:
    """One inventory file, and what Ansible reads from it."""

    def __init__(self, controller: Controller, emulation: Emulation) -> None:
        self.file = controller.directory / "test.keyvaults.yml"
        self._controller, self._emulation = controller, emulation
        self.errors = ""
        self.requests: list[str] = []

    def read(self, env: dict[str, str] | None = None, **options: t.Any) -> Json:
        """Return what ansible-inventory --list prints."""
        self.file.write_text(json.dumps({"plugin": PLUGIN, **options}), encoding="utf-8")
        before = len(self._emulation.requests())
        done = self._controller.command(
            "ansible-inventory", "-i", str(self.file), "--list", env={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **(env or {})}
        )
        self.errors = done.stderr
        self.requests = [f"{each['method']} {each['path']}" for each in self._emulation.requests()[before:]]
        return t.cast(Json, json.loads(done.stdout, object_hook=_plain)) if done.returncode == 0 else {}

    def hosts(self, **options: t.Any) -> list[str]:
        """Return the names of the hosts."""
        return sorted(self.read(**options)["_meta"]["hostvars"])

    def refused(self, **options: t.Any) -> str:
        """Return the error of options that are wrong."""
        assert self.read(**options) == {}, options
        assert "Traceback" not in self.errors, self.errors
        return " ".join(self.errors.split())


@pytest.fixture
def inventory(controller: Controller, emulation: Emulation, estate: Estate) -> Inventory:
    return Inventory(controller, emulation)


def test_every_vault_is_a_host(inventory: Inventory, estate: Estate) -> None:
    found = inventory.read()
    assert not inventory.errors, inventory.errors
    hosts = found["_meta"]["hostvars"]
    assert sorted(hosts) == NAMES
    closed = hosts["estate-closed"]
    assert (closed["dns"], closed["zone_ids"], closed["linked_network_ids"]) == ("zone_group", [estate.zone], [estate.network])
    assert (closed["public_network_access"], closed["default_action"], closed["connection_state"]) == ("Disabled", "Deny", "Approved")
    assert (closed["keyvault_tags"], closed["location"], closed["resource_group"]) == (
        {"Environment": "prod", "Template": "{{ 1 + 1 }}"},
        "westeurope",
        GROUP,
    )
    assert (closed["ansible_connection"], closed["ansible_python_interpreter"]) == ("local", "{{ ansible_playbook_python }}")
    assert closed["endpoints"][0]["subnet_id"] == estate.subnet
    assert closed["private_ip_addresses"] == [estate.address(closed["endpoints"][0]["id"])]
    assert {name: (hosts[name]["dns"], hosts[name]["connection_state"]) for name in NAMES if name != "estate-closed"} == {
        "estate-bare": ("none", None),
        "estate-other": ("none", None),
        "estate-pending": ("none", "Pending"),
        "estate-record": ("a_record", "Approved"),
    }


def test_groups_are_constructed(inventory: Inventory) -> None:
    keyed = [
        {"key": "location", "prefix": "region"},
        {"key": "connection_state | default('none', true) | lower", "prefix": "connection"},
        {"key": "dns", "prefix": "dns"},
        {"key": "keyvault_tags.Environment | default('none')", "prefix": "environment"},
    ]
    found = inventory.read(
        keyed_groups=keyed, groups={"open": "public_network_access == 'Enabled'"}, compose={"status_vault_id": "keyvault_id"}, strict=True
    )
    groups = {name: sorted(group.get("hosts", [])) for name, group in found.items() if name != "_meta"}
    assert groups["region_northeurope"] == ["estate-bare"]
    assert groups["connection_pending"] == ["estate-pending"]
    assert groups["dns_a_record"] == ["estate-record"]
    assert groups["environment_prod"] == ["estate-closed", "estate-pending"]
    assert groups["open"] == [name for name in NAMES if name != "estate-closed"]
    assert all(host["status_vault_id"] == host["keyvault_id"] for host in found["_meta"]["hostvars"].values())


def test_filters_and_hostnames(inventory: Inventory) -> None:
    """Every filter alone is tried in tests/unit/plugins/test_keyvaults_inventory.py; here Ansible hands them over from a file."""
    options = {
        "exclude_resource_groups": ["Estate-other"],
        "exclude_tags": {"owner": None},
        "include_filters": ["connection_state == 'Pending'", "location == 'northeurope'"],
        "hostnames": ["keyvault_tags.Owner", "keyvault_name ~ '.' ~ location"],
    }
    assert inventory.hosts(**options) == ["estate-bare.northeurope", "estate-pending.westeurope"]
    assert inventory.hosts(include_resource_groups=["estate-OTHER"]) == ["estate-other"]


WRONG: list[tuple[Json, str]] = [
    ({"subscription_ids": ["production"]}, "subscription_ids: 'production' is not the ID of a subscription"),
    ({"zone_ids": ["privatelink.vaultcore.azure.net"]}, "zone_ids: "),
    ({"include_resource_groups": ["a/b"]}, "include_resource_groups: 'a/b' is not a valid name of a resource group"),
    ({"exclude_filter": ["true"]}, "exclude_filter: is not a valid option; use exclude_filters."),
    ({"hostnames": ["location"]}, "the same name 'westeurope'"),
    ({"groups": {"some": "no_such_variable == 1"}, "strict": True}, "no_such_variable"),
    ({"auth_source": "credential_file"}, "client_id: no credentials were found"),
    ({"wait_timeout": -1}, "wait_timeout: "),
    ({"client_id": "00000000-0000-0000-0000-000000000009"}, "Could not sign in to Azure"),
]


def test_what_is_wrong_is_one_sentence(controller: Controller, estate: Estate) -> None:
    """Each in a file of its own, all in one process."""
    files = []
    for number, (options, _words) in enumerate(WRONG):
        files.append(controller.directory / f"wrong-{number}.keyvaults.yml")
        files[-1].write_text(json.dumps({"plugin": PLUGIN, **options}), encoding="utf-8")
    sources = [argument for file in files for argument in ("-i", str(file))]
    done = controller.command("ansible-inventory", *sources, "--list")
    said = " ".join(done.stderr.split())
    assert "Traceback" not in said and done.returncode == 0, said
    assert [words for _options, words in WRONG if words not in said] == [], said


def test_a_secret_comes_from_a_lookup_and_is_not_shown(inventory: Inventory, emulation: Emulation) -> None:
    secret = emulation.facts["secret"]
    env = {"AZURE_SECRET": "", "MY_SECRET": secret}
    assert inventory.read(env=env, secret="{{ lookup('ansible.builtin.env', 'MY_SECRET') }}")["_meta"]["hostvars"]
    assert secret not in inventory.refused(env={"AZURE_SECRET": ""}, secret=f"{secret}-wrong", client_id=emulation.facts["client_id"])


def test_the_cache_answers_the_second_time(inventory: Inventory, controller: Controller) -> None:
    cache: Json = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(controller.directory / "cache")}
    first = inventory.read(**cache)
    assert inventory.requests
    assert inventory.read(**cache) == first
    assert inventory.requests == []
    # What is applied to what was read needs no request either; another scope does.
    assert inventory.hosts(**cache, include_tags={"Environment": "test"}) == ["estate-record"]
    assert inventory.requests == []
    assert inventory.hosts(**cache, include_resource_groups=["estate-other"]) == ["estate-other"]
    assert inventory.requests


def test_a_prefix_and_hosts_of_their_own(inventory: Inventory) -> None:
    host = inventory.read(hostvars_prefix="azure_", local_connection=False)["_meta"]["hostvars"]["estate-bare"]
    assert host["azure_location"] == "northeurope" and "location" not in host and "ansible_connection" not in host


def test_several_subscriptions(inventory: Inventory, emulation: Emulation, estate: Estate) -> None:
    ids = emulation.facts["subscriptions"]
    other = Estate(emulation, subscription=next(each for each in ids if each != estate.subscription))
    other.endpoint("far-endpoint", other.vault("estate-far"), zone=estate.zone)
    found = inventory.read(subscription_ids=ids)["_meta"]["hostvars"]
    assert sorted(found) == sorted([*NAMES, "estate-far"])
    assert (found["estate-far"]["dns"], found["estate-far"]["zone_ids"]) == ("zone_group", [estate.zone])
    assert inventory.hosts() == NAMES


def test_a_role_runs_for_each_vault_with_forks(inventory: Inventory, controller: Controller, estate: Estate) -> None:
    inventory.read(include_filters=["endpoints"], compose={"status_vault_id": "keyvault_id"})
    role = {"name": "Show", "ansible.builtin.include_role": {"name": "privatelink.azure.status"}}
    play = {"name": "Every vault", "hosts": "all", "gather_facts": False, "tasks": [role]}
    play["tasks"] = [role, {"name": "Tags", "ansible.builtin.debug": {"var": "keyvault_tags"}}]
    run = controller.run([play], "-i", str(inventory.file), "--forks", "4").succeeded()
    shown = [task for task in run.tasks if task.name.endswith("Read both sides of every connection")]
    assert sorted(task["id"].rpartition("/")[2] for task in shown) == ["estate-closed", "estate-pending", "estate-record"]
    tags = [task["keyvault_tags"] for task in run.tasks if task.name == "Tags"]
    assert {"Environment": "prod", "Template": "{{ 1 + 1 }}"} in tags, "a tag is no template"


@pytest.mark.long
def test_four_hundred_vaults_are_some_tens_of_requests(inventory: Inventory, emulation: Emulation) -> None:
    emulation.reset()
    emulation.control("PUT", "settings", {"page_size": 100})
    Estate(emulation).many(400)
    found = inventory.read()["_meta"]["hostvars"]
    assert len(found) == 400 and {host["dns"] for host in found.values()} == {"zone_group"}
    assert len(inventory.requests) <= 40, inventory.requests
