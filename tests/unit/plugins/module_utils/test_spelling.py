# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources report paths of documents and keywords of their class; the mapping that made them spells these as options."""

from __future__ import annotations

import ast
import importlib
import pathlib
import re
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils import _spelling as spelling
from ansible_collections.privatelink.azure.plugins.module_utils import _values as values
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, SUBNET, endpoint, parsed, plan_of

HOME = pathlib.Path(values.__file__).parent / "_resources"
MODULES = pathlib.Path(values.__file__).parent.parent / "modules"
TABLES = {
    "keyvault": spelling.VAULT,
    "private_endpoint": spelling.ENDPOINT,
    "private_dns_zone_group": spelling.ZONE_GROUP,
    "private_dns_zone": spelling.ZONE,
    "private_dns_zone_link": spelling.ZONE_LINK,
    "private_dns_a_record": spelling.A_RECORD,
    "resource_group": spelling.GROUP,
    "virtual_network": spelling.NETWORK,
    "subnet": spelling.SUBNET,
    "role_assignment": spelling.ROLE_ASSIGNMENT,
    "endpoint_connection_approval": spelling.VAULT_CONNECTION,
}


def options_of(spec: t.Mapping[str, t.Any]) -> set[str]:
    """Return the names of options at any depth."""
    return set(spec) | {inner for option in spec.values() for inner in options_of(option.get("options") or {})}


def module(name: str) -> Module:
    found: Module = importlib.import_module(f"ansible_collections.privatelink.azure.plugins.modules.{name}").MODULE
    return found


ALL_OPTIONS = {
    option
    for file in MODULES.glob("*.py")
    if file.stem not in ("__init__", "validate_variables")
    for option in options_of(module(file.stem).spec["argument_spec"])
}


def reported(tree: ast.AST) -> set[str]:
    """Return the literal paths and keywords that a file reports: in calls of refusal, option_of and switch_of, and in fixed."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("refusal", "option_of", "switch_of"):
            found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "fixed":
            found |= set(ast.literal_eval(node.value))
    return t.cast("set[str]", found)


@pytest.mark.parametrize("name", sorted(file.stem for file in HOME.glob("*.py")))
def test_everything_that_a_resource_reports_has_an_option(name: str) -> None:
    paths = reported(ast.parse((HOME / f"{name}.py").read_text(encoding="utf-8")))
    generic = {"allow_replace", "name"}  # of the base class; only types that can be replaced or adopted report them
    assert paths <= (generic if name == "resource" else TABLES.get(name, {}).keys()), paths


@pytest.mark.parametrize("name", sorted(file.stem for file in HOME.glob("*.py")))
def test_no_resource_names_an_option(name: str) -> None:
    """Texts of errors and hints come from the paths; only results, whose fields are named alike, may use such words."""
    tree = ast.parse((HOME / f"{name}.py").read_text(encoding="utf-8"))
    raised = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    hints = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "hint"]
    for node in (*raised, *hints):
        skipped = {id(call.args[0]) for call in ast.walk(node) if isinstance(call, ast.Call) and reported(call)}
        texts = [
            each for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in skipped
        ]
        for text in texts:
            assert not {word for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text.value) if word in ALL_OPTIONS}, text.value


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"private_dns_zone_group"}))
def test_the_options_of_a_table_are_those_of_its_module(name: str) -> None:
    found = "keyvault_private_endpoint" if name == "private_endpoint" else name
    assert set(TABLES[name].values()) - {"the group"} <= options_of(module(found).spec["argument_spec"])


def test_a_module_says_its_option_and_a_resource_alone_the_path() -> None:
    def refused(**keywords: t.Any) -> Problem:
        resource = PrivateEndpoint(parsed(ENDPOINT), {"properties": {"subnet": {"id": f"{SUBNET}2"}}}, **keywords)
        with pytest.raises(Problem) as caught:
            plan_of(resource, endpoint())
        return caught.value

    assert "in place: properties.subnet.id is " in refused().message
    assert "in place: subnet_id is " in refused(spelling=spelling.ENDPOINT).message


def test_options_within_another_option_are_spelled_with_it() -> None:
    nested = spelling.within("vaults[payments-vault].endpoints.hub", spelling.ENDPOINT)
    resource: Resource = PrivateEndpoint(parsed(ENDPOINT), {"properties": {}}, spelling=nested)
    with pytest.raises(OptionError) as caught:
        plan_of(resource, None)
    assert caught.value.option == "vaults[payments-vault].endpoints.hub.subnet_id"
    assert caught.value.message.startswith("vaults[payments-vault].endpoints.hub.subnet_id: required to create ")
