# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles pass on every option of the modules that they wrap, and leave nothing to what a caller's variables happen to be called."""

from __future__ import annotations

import importlib
import pathlib
import re
import types
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clouds import DEFAULT
from ansible_collections.privatelink.azure.plugins.module_utils._module import Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes import private_vault, shared
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.private_vaults import Fleet
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.settings import VAULT as SETTINGS
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import NETWORK, SUBNET, VAULT, ZONE
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import Time

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
STEPS = {
    "approval": ["endpoint_connection_approval"],
    "dns": ["private_dns_zone", "private_dns_zone_link"],
    "endpoint": ["keyvault_private_endpoint"],
    "network": ["subnet", "virtual_network"],
    "record": ["private_dns_a_record"],
    "resource_group": ["resource_group", "resource_provider"],
    "vault": ["keyvault"],
}
# What says which resource a task is about, in the ways that modules offer; a role needs one of them.
_IDENTITY = {"id", "name", "resource_group", "vault_id", "vault_name", "zone_id", "zone_name", "virtual_network_id", "virtual_network_name"}
# How private vaults call the options of the modules that they stand for, where they do not call them the same.
SPELLED: dict[str, t.Mapping[str, str]] = {
    "endpoint_connection_approval": {"description": "approval_description"},
    "keyvault": private_vault._VAULT_OPTIONS,
    "keyvault_private_endpoint": private_vault._ENDPOINT_OPTIONS,
    "private_dns_a_record": {"ttl": "record_ttl", "mode": "record_mode"},
    "private_dns_zone": shared._ZONE_OPTIONS,
    "private_dns_zone_link": shared._LINK_OPTIONS,
    "resource_group": {"location": "resource_group_location"},
    "resource_provider": {"name": "providers"},
    "subnet": shared._SUBNET_OPTIONS,
    "virtual_network": shared._NETWORK_OPTIONS,
}
# What private_vault decides by itself, and what belongs to removal.
_DECIDED = {
    "append_tags",
    "location",
    "mode",
    "network_acls",  # a vault's firewall is closed with its public access
    "purge",
    "state",
    "status",
    "vault_tenant",
    "force_delete_nonempty",
    "allow_other_zone",
    "metadata",
    "leave_perimeter",
}
_DECIDED_OF = {
    "endpoint_connection_approval": {"endpoint_id"},
    "private_dns_a_record": {"ipv4_addresses"},
    "private_dns_zone_link": {"allow_replace"},  # its links have names that no other network's link has
}


def tasks_of(role: str) -> list[dict[str, t.Any]]:
    """Return every task of a role."""
    files = sorted((ROOT / "roles" / role / "tasks").glob("*.yml"))
    return [task for file in files for task in flat(yaml.safe_load(file.read_text(encoding="utf-8")))]


def flat(tasks: list[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    """Yield tasks and those in their blocks."""
    for task in tasks:
        yield task
        for inner in ("block", "rescue", "always"):
            yield from flat(task.get(inner, []))


def handed_on(role: str, module: str) -> set[str]:
    """Return the options that a role hands to a module, in any of its tasks."""
    return {option for task in tasks_of(role) for option in task.get(f"privatelink.azure.{module}", {})}


def own_options(module: str) -> set[str]:
    """Return a module's options but those of credentials, which come from the caller's environment or module_defaults."""
    file = importlib.import_module(f"ansible_collections.privatelink.azure.plugins.modules.{module}")
    return set(file.MODULE.options) | set(options.WAIT)


@pytest.mark.parametrize(("role", "module"), [(role, module) for role, modules in STEPS.items() for module in modules])
def test_every_option_of_a_module_is_reachable_from_its_role(role: str, module: str) -> None:
    assert own_options(module) - handed_on(role, module) <= _IDENTITY


@pytest.mark.parametrize("module", sorted({module for modules in STEPS.values() for module in modules}))
def test_every_option_that_concerns_a_private_vault_is_one_of_its_settings(module: str) -> None:
    options_of_its_own = {SPELLED[module].get(option, option) for option in own_options(module)}
    assert options_of_its_own - SETTINGS.keys() - {"wait_timeout"} <= _IDENTITY | _DECIDED | _DECIDED_OF.get(module, set())


NAMED = {"name": "payments-vault", "resource_group": "payments", "location": "westeurope"}
MADE = {**NAMED, "network_address_prefixes": ["10.1.0.0/16"], "subnet_address_prefixes": ["10.1.0.0/24"]}
# Each setting has an effect on one of these.
WAYS: list[dict[str, t.Any]] = [
    MADE,
    {**MADE, "dns": "a_record", "manual_request": True, "approve": True},
    {**MADE, "manual_request": True},
    {**MADE, "dns": "policy"},
    {**MADE, "endpoints": [{"name": "hub"}, {"name": "spoke"}]},
    {**MADE, "state": "absent"},
]
SAMPLES: dict[str, t.Any] = {
    "id": VAULT,
    "subscription_id": "a0000000-0000-4000-8000-0000000000ff",
    "zone_subscription_id": "a0000000-0000-4000-8000-0000000000ff",
    "subnet_id": SUBNET,
    "zone_id": ZONE.replace("/payments/", "/hub/"),
    "providers": ["Microsoft.Insights"],
    "purge_protection": False,
    "adopt": False,
    "close": False,
    "accepted_callers": ["203.0.113.0/24"],
    "link": False,
    "soft_delete_retention_in_days": 7,
    "network_address_prefixes": ["10.2.0.0/16"],
    "subnet_address_prefixes": ["10.1.1.0/24"],
    "network_dns_servers": ["10.1.0.9"],
    "subnet_network_security_group_id": NETWORK.replace("virtualNetworks", "networkSecurityGroups"),
    "subnet_route_table_id": NETWORK.replace("virtualNetworks", "routeTables"),
    "subnet_service_endpoints": ["Microsoft.Storage"],
    "application_security_group_ids": [NETWORK.replace("virtualNetworks", "applicationSecurityGroups")],
    "linked_network_ids": [NETWORK + "2"],
    "private_ip_address": "10.1.0.9",
    "zone_name": "PrivateLink.vaultcore.azure.net",
    "endpoints": [{"name": "hub"}],
    "lock": {"level": "CanNotDelete"},
    "role_assignments": [{"role_definition_id": "Key Vault Reader", "assignee_object_id": "a0000000-0000-4000-8000-0000000000f1"}],
    "diagnostic_settings": [{"name": "all", "log_analytics": NETWORK.replace("Network/virtualNetworks", "OperationalInsights/workspaces")}],
    "tags": {"team": "payments"},
}
SAMPLES |= {"endpoint_lock": SAMPLES["lock"], "endpoint_role_assignments": SAMPLES["role_assignments"]}


def sample(setting: str) -> t.Any:
    """Return a value of a setting that is not its default."""
    option = SETTINGS[setting]
    kinds = {"bool": True, "int": 77, "str": f"a-{setting.replace('_', '-')}"[:24].rstrip("-")}
    return SAMPLES.get(setting, option["choices"][-1] if option.get("choices") else kinds.get(option["type"]))


def made(settings: dict[str, t.Any]) -> list[t.Any]:
    """Return everything that the resources of a private vault hold, but what they need, which is held by the others."""
    here = {"subscription_id": "a0000000-0000-4000-8000-0000000000aa", "tenant_id": "a0000000-0000-4000-8000-000000000001"}
    nowhere = types.SimpleNamespace(cloud=DEFAULT, clock=Time().clock, **here)
    fleet = Fleet(Task({"vaults": [settings]}, t.cast(t.Any, nowhere), check_mode=False))
    return [(type(each).__name__, {name: held(value) for name, value in vars(each).items()}) for each in fleet.resources]


def held(value: t.Any) -> t.Any:
    """Return a value in a form that compares by what it says."""
    if isinstance(value, Resource):
        return str(value.id)
    if isinstance(value, (list, tuple)):
        return [held(each) for each in value]
    return {str(held(name)): held(each) for name, each in value.items()} if isinstance(value, dict) else re.sub(" at 0x.*", "", repr(value))


@pytest.mark.parametrize("setting", sorted(SETTINGS.keys() - {"name"}))
def test_every_setting_of_a_private_vault_has_an_effect(setting: str) -> None:
    ways = [way for way in WAYS if setting != "request_message" or way.get("manual_request")]  # otherwise refused
    assert any(made({**way, setting: sample(setting)}) != made(way) for way in ways)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_names_nothing_that_a_caller_could_own(role: str) -> None:
    """Loop variables and what tasks register are the role's own; documented results, which end in _result, are the one exception."""
    for task in tasks_of(role):
        assert "module_defaults" not in task, task["name"]
        if "loop" in task:
            assert task["loop_control"]["loop_var"].startswith("__"), task["name"]
        assert re.fullmatch(rf"__\w+|{role}(_\w+)?_result", task.get("register", "__x")), task["name"]
        for name in task.get("ansible.builtin.set_fact", {}):
            assert name == "cacheable" or re.fullmatch(rf"{role}(_\w+)?_result", name), task["name"]


def texts_of(value: t.Any) -> t.Iterator[str]:
    """Yield every text in a value, but names of tasks and where tasks put their results."""
    if isinstance(value, dict):
        yield from (text for key, item in value.items() if key not in ("name", "register") for text in texts_of(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts_of(item))
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_none_of_the_results_that_it_publishes(role: str) -> None:
    """An extra variable of that name would win, and with delegate_facts the fact is another host's."""
    files = [ROOT / "roles" / role / "vars" / "main.yml"]
    held = [tasks_of(role), *(yaml.safe_load(file.read_text(encoding="utf-8")) for file in files if file.exists())]
    assert not [text for value in held for text in texts_of(value) if re.search(rf"(?<![\w.]){role}_(\w+_)?result\b", text)]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_run_more_than_once(role: str) -> None:
    assert yaml.safe_load((ROOT / "roles" / role / "meta" / "main.yml").read_text(encoding="utf-8"))["allow_duplicates"] is True
