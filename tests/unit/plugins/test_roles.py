# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles pass on every option of the modules that they wrap, and leave nothing to what a caller's variables happen to be called."""

from __future__ import annotations

import importlib
import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.settings import VAULT

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
_DECIDED_OF = {"private_dns_zone_link": {"allow_replace"}}  # its links have names that no other network's link has
# How the settings of a private vault are called that are a module's options under other names.
_SETTING_OF = {
    "endpoint_connection_approval": {"description": "approval_description", "endpoint_id": "approve"},
    "keyvault": {"enable_purge_protection": "purge_protection"},
    "keyvault_private_endpoint": {
        "private_dns_zone_group_name": "zone_group_name",
        "private_dns_zone_ids": "zone_id",
        "replace_records": "record_mode",
    },
    "private_dns_a_record": {"ipv4_addresses": "private_ip_address", "ttl": "record_ttl"},
    "private_dns_zone_link": {"virtual_network_id": "linked_network_ids"},
    "resource_provider": {"name": "providers"},
    "subnet": {
        "address_prefixes": "subnet_address_prefixes",
        "default_outbound_access": "subnet_default_outbound_access",
        "network_security_group_id": "subnet_network_security_group_id",
        "private_endpoint_network_policies": "network_policies",
        "route_table_id": "subnet_route_table_id",
        "service_endpoints": "subnet_service_endpoints",
    },
    "virtual_network": {"address_prefixes": "network_address_prefixes", "dns_servers": "network_dns_servers"},
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
def test_every_option_that_concerns_a_private_vault_is_a_setting_of_private_vaults(module: str) -> None:
    settings = {_SETTING_OF.get(module, {}).get(option, option): option for option in own_options(module) - set(options.WAIT)}
    left = {option for setting, option in settings.items() if setting not in VAULT}
    assert left <= _IDENTITY | _DECIDED | _DECIDED_OF.get(module, set())


def test_every_setting_of_a_private_vault_is_a_variable_of_its_role() -> None:
    """But for those of a removal; what else the role has is its own: the probe, and how long it may take."""
    specs = yaml.safe_load((ROOT / "roles" / "private_vault" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    variables = {name.removeprefix("private_vault_") for name in specs["argument_specs"]["main"]["options"]}
    own = {"probe_host", "probe_timeout", "wait_timeout"}
    assert variables - own == set(VAULT) - {"state", "purge"}
    assert own <= variables


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


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_run_more_than_once(role: str) -> None:
    assert yaml.safe_load((ROOT / "roles" / role / "meta" / "main.yml").read_text(encoding="utf-8"))["allow_duplicates"] is True
