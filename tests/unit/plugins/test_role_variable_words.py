# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A refusal inside of a role names the role's variable."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.plugin_utils._role_variables import in_words_of_the_role
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import action


def role(name: str, collection: str | None = "privatelink.azure") -> t.Any:
    """Return a role as a task knows it."""
    return types.SimpleNamespace(_role_collection=collection, get_role_path=lambda: f"/roles/{name}")


@pytest.mark.parametrize(
    ("name", "option", "variables", "called"),
    [
        ("private_vault", "vaults[kv].subnet_id", ["private_vault_subnet_id"], "private_vault_subnet_id"),
        ("private_vault", "vaults[0].endpoints[1].name", ["private_vault_endpoints", "private_vaults"], "private_vault_endpoints[1].name"),
        ("private_vault", "vaults[kv].lock.level", ["private_vault_lock"], "private_vault_lock.level"),
        ("private_vault", "wait_timeout", ["private_vault_wait_timeout"], "private_vault_wait_timeout"),
        ("private_vault", "vaults[kv].subnet_id", [], "vaults[kv].subnet_id"),
        ("private_vault", "cloud_environment", ["cloud_environment"], "cloud_environment"),
        ("private_vaults", "vaults[kv].subnet_id", ["private_vaults"], "private_vaults[kv].subnet_id"),
        ("private_vaults", "vaults", ["private_vaults"], "private_vaults"),
        ("export", "dest", ["export_dest"], "export_dest"),
        ("existing_vault", "vault_id", ["existing_vault_id"], "existing_vault_id"),
        ("await_approval", "zone_id", ["await_zone_id"], "await_zone_id"),
    ],
)
def test_the_variable_is_named(name: str, option: str, variables: list[str], called: str) -> None:
    result = {"failed": True, "msg": f"{option}: is {option}.", "option": option, "errors": [{"msg": f"{option}: no.", "option": option}]}
    found = in_words_of_the_role(result, role(name), dict.fromkeys(variables, "x"))
    assert (found["msg"], found["option"]) == (f"{called}: is {option}.", called)
    assert found["errors"] == [{"msg": f"{called}: no.", "option": called}]


def test_others_are_left_alone() -> None:
    refused = {"failed": True, "msg": "dest: no.", "option": "dest"}
    variables = {"export_dest": "x"}
    for where in (None, role("export", "other.collection"), role("export", None)):
        assert in_words_of_the_role(refused, where, variables) == refused
    for result in ({"changed": False, "option": "dest"}, {"failed": True, "msg": "Azure said no."}, {**refused, "msg": "another: no."}):
        assert in_words_of_the_role(result, role("export"), variables) == result


def test_a_task_of_a_role_says_so() -> None:
    task = action("export", args={"dest": ["x"]}, _role=role("export"))
    assert task.run(task_vars={"export_dest": ["x"]})["msg"].startswith("export_dest: '['x']' is a list; pass ")
