# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Every variable of every role: a blank text counts as left out, texts are lists and mappings, and
what is wrong is told with the variable's name.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml

from integration.emulation import Emulation, Json, reported
from integration.running import Controller, Done, is_sentence, play_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What a rollout cannot do without; all else is optional.
NEEDED: Json = {
    "private_vault_name": "payments-vault",
    "private_vault_resource_group": "payments",
    "private_vault_location": "westeurope",
    "private_vault_network_address_prefixes": ["10.1.0.0/16"],
    "private_vault_subnet_address_prefixes": ["10.1.0.0/24"],
}
FAR = "/subscriptions/{subscription}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks"
# Variables that are no texts, as people write them in YAML.
NATIVE: Json = {
    "private_vault_purge_protection": False,
    "private_vault_soft_delete_retention_in_days": 30,
    "private_vault_linked_network_ids": [f"{FAR}/one", f"{FAR}/two"],
    "private_vault_providers": ["Microsoft.KeyVault", "Microsoft.Network"],
    "private_vault_endpoints": [
        {"name": "hub", "dns": "none", "manual_request": False},
        {"name": "spoke", "private_ip_address": "10.1.0.9"},
    ],
    "private_vault_manual_request": True,
    "private_vault_registration_enabled": False,
    "private_vault_record_ttl": 60,
    "private_vault_role_assignments": [
        {"role_definition_id": "Key Vault Reader", "assignee_object_id": "a0000000-0000-4000-8000-0000000000f1", "principal_type": "Group"},
        {"role_definition_id": "Key Vault Reader", "assignee_object_id": "a0000000-0000-4000-8000-0000000000f2"},
    ],
    "private_vault_diagnostic_settings": [
        {
            "name": "all",
            "storage_account": "/subscriptions/{subscription}/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs",
        }
    ],
    "private_vault_lock": {"level": "CanNotDelete", "notes": "Ask first."},
    "private_vault_tags": {"team": "payments", "cost_center": "4711", "empty": ""},
}
pytestmark = pytest.mark.long

UNKNOWN = "{0}: role privatelink.azure.{1} has no such variable; use {2}."
WRONG: dict[str, tuple[str, Json, str]] = {
    "misspelled": (
        "private_vault",
        {"private_vault_zoneid": "x"},
        UNKNOWN.format("private_vault_zoneid", "private_vault", "private_vault_zone_id"),
    ),
    "misspelled step": (
        "network",
        {"network_adress_prefixes": "x"},
        UNKNOWN.format("network_adress_prefixes", "network", "network_address_prefixes"),
    ),
    "choice": (
        "private_vault",
        {"private_vault_dns": "hosts_file"},
        "private_vault_dns: 'hosts_file' is not one of zone_group, a_record, policy or none; use one of them.",
    ),
    "lock": (
        "private_vault",
        {"private_vault_lock": "CanNotDelete"},
        "private_vault_lock: 'CanNotDelete' cannot be read as a mapping; pass it as JSON or YAML, like "
        '{"level": "CanNotDelete", "name": "..."}.',
    ),
    "required": ("private_vault", {"private_vault_location": " "}, "private_vault_location: is required."),
    "id for a later step": (
        "dns",
        {"dns_resource_group": "hub", "dns_virtual_network_ids": ["payments-network"]},
        "dns_virtual_network_ids: 'payments-network' is not a resource id; pass the id of a Microsoft.Network/virtualNetworks, "
        "like /subscriptions/.../resourceGroups/.../providers/Microsoft.Network/virtualNetworks/NAME.",
    ),
}


OPTIONS = yaml.safe_load((ROOT / "roles" / "private_vault" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"][
    "main"
]["options"]


def as_text(value: t.Any, number: int) -> str:
    """Return a value as a survey hands it out, in turns as JSON, YAML, or with commas."""
    if isinstance(value, bool):
        return ("yes" if value else "no") if number % 2 else str(value)
    if isinstance(value, list) and isinstance(value[0], str):
        return (", ".join(value), json.dumps(value), "\n".join(value))[number % 3]
    if isinstance(value, (list, dict)):
        return (json.dumps(value), yaml.safe_dump(value))[number % 2]
    return f" {value} "


def ways_of(emulation: Emulation) -> dict[str, Json]:
    """Return the variables of the same rollouts, in texts and in values."""
    native = json.loads(
        json.dumps(NATIVE).replace("{subscription}", emulation.id("hub", "Microsoft.Network/virtualNetworks", "one").split("/")[2])
    )
    return {
        "plain": NEEDED,
        "blank": {**{name: "" for name in OPTIONS if name not in NEEDED}, **NEEDED},
        "native": {**NEEDED, **native},
        "text": {
            **{
                name: value if isinstance(value, str) else as_text(value, number)
                for number, (name, value) in enumerate({**NEEDED, **native}.items())
            },
            "private_vault_sku": " ",
            "private_vault_endpoints": "hub: {dns: none, manual_request: 'no'}\nspoke:\n  private_ip_address: 10.1.0.9\n",
        },
    }


def rehearsed(controller: Controller, *variables: Json) -> list[list[Done]]:
    """Return the tasks of one rollout in check mode after another, in one run."""
    begin = {"name": "Begin", "ansible.builtin.debug": {"msg": "begin"}}
    role = {"name": "Roll out", "ansible.builtin.include_role": {"name": "privatelink.azure.private_vault"}}
    run = controller.run([play_of(*(task for given in variables for task in (begin, {**role, "vars": given})))], "--check").succeeded()
    assert not run.writes, reported(run.writes)
    starts = [number for number, task in enumerate(run.tasks) if task.name == "Begin"]
    return [run.tasks[start:end] for start, end in zip(starts, [*starts[1:], len(run.tasks)], strict=True)]


def results(tasks: list[Done]) -> list[tuple[str, t.Any]]:
    """Return what tasks did, without what differs by nature."""
    drop = ("invocation", "validate_args_context", "argument_spec_data")
    found = [(task.name, {key: value for key, value in task.result.items() if key not in drop}) for task in tasks]
    for _name, result in found:
        result.get("variables", {}).pop("endpoints", None)  # read by the module, whose result shows them
    return found


@pytest.mark.parametrize(("texts", "values"), [("blank", "plain"), ("text", "native")])
def test_texts_do_what_values_do(texts: str, values: str, controller: Controller, azure: Emulation) -> None:
    ways = ways_of(azure)
    one, other = rehearsed(controller, ways[texts], ways[values])
    assert [done.changed for done in other if done.action == "privatelink.azure.private_vaults" and done.status != "skipped"] == [True]
    for text, value in zip(results(one), results(other), strict=True):
        assert text == value


def test_what_is_wrong_is_one_sentence_before_anything_is_asked(controller: Controller, azure: Emulation) -> None:
    """Every variable of every role is tried in the unit tests; here a few go through Ansible."""
    needed = {**NEEDED, "network_name": "n", "network_resource_group": "g", "network_subnet_name": "s"}
    tasks = [
        {
            "name": label,
            "block": [
                {
                    "name": f"Include {label}",
                    "ansible.builtin.include_role": {"name": f"privatelink.azure.{role}"},
                    "vars": {**needed, **given},
                }
            ],
            "rescue": [{"name": f"Refused {label}", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
        }
        for label, (role, given, _message) in WRONG.items()
    ]
    run = controller.run([play_of(*tasks)], "--check")
    assert "Traceback" not in run.output and not run.requests, reported(run.requests)
    for label, (_role, _given, expected) in WRONG.items():
        message = run.task(f"Refused {label}")["msg"].removeprefix("Action failed: ")
        assert message == expected and is_sentence(message), (label, message)
