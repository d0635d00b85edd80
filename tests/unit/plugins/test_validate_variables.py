# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action validate_variables: a role's variables as a play has them, with templates, blanks and omitted values."""

from __future__ import annotations

import json
import pathlib
import types
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import action, trusted

OPTIONS: Document = {
    "shop_name": {"type": "str", "required": True},
    "shop_days": {"type": "int", "default": 7},
    "shop_open": {"type": "bool", "default": False},
    "shop_zone_name": {"type": "str"},
    "shop_zone_group": {"type": "str"},
    "shop_ids": {"type": "list", "elements": "str", "default": []},
    "shop_tags": {"type": "dict"},
}
DEFAULTS: Document = {
    "shop_days": 7,
    "shop_open": False,
    "shop_zone_name": "{{ shop_name }}-zone",
    "shop_zone_group": "{{ shop_zone_name }}",
}


class Role:
    """A role with these options and defaults, whose first task checks them."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory / "shop"
        (self.directory / "meta").mkdir(parents=True)
        self.file = self.directory / "meta" / "argument_specs.yml"
        self.file.write_text(json.dumps({"argument_specs": {"main": {"options": OPTIONS}, "other": {"options": None}}}), encoding="utf-8")

    def checked(self, variables: Document, **args: t.Any) -> Document:
        """Return the result of the task in a play with these variables."""
        role = types.SimpleNamespace(
            get_role_path=lambda: str(self.directory), get_default_vars=lambda: trusted(DEFAULTS), get_name=lambda: "privatelink.azure.shop"
        )
        seen = trusted({**DEFAULTS, **variables})
        return t.cast(Document, action("validate_variables", args=trusted(args), variables=seen, _role=role).run(task_vars=seen))

    def found(self, variables: Document, **args: t.Any) -> Document:
        """Return the checked variables."""
        result = self.checked(variables, **args)
        assert "failed" not in result, result
        return t.cast(Document, result["variables"])

    def refused(self, variables: Document, **args: t.Any) -> Document:
        """Return the failure; what goes on in spite of it finds no variables."""
        result = self.checked(variables, **args)
        assert (result["failed"], result["changed"], result["variables"]) == (True, False, {})
        return result


@pytest.fixture
def role(tmp_path: pathlib.Path) -> Role:
    return Role(tmp_path)


def test_variables_are_what_their_texts_say_by_their_short_names(role: Role) -> None:
    given = {"shop_name": "till", "shop_days": " 30 ", "shop_open": "yes", "shop_ids": "a, b", "shop_tags": '{"team": ""}', "other": 1}
    assert role.found(given) == {
        "name": "till",
        "days": 30,
        "open": True,
        "zone_name": "till-zone",
        "zone_group": "till-zone",
        "ids": ["a", "b"],
        "tags": {"team": ""},
    }


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_what_is_blank_leaves_the_roles_default_and_what_refers_to_it(role: Role, blank: t.Any) -> None:
    left_out = role.found({"shop_name": "till"})
    assert role.found({"shop_name": "till", "shop_days": blank, "shop_zone_name": blank, "shop_tags": blank}) == left_out
    assert left_out["zone_group"] == "till-zone" and left_out["days"] == 7


def test_a_default_that_refers_to_a_blank_one_says_nothing_itself(role: Role) -> None:
    """shop_zone_name uses shop_name, which is blank: it is shop_name that is missing."""
    result = role.refused({"shop_name": "", "shop_zone_group": ""})
    assert (result["option"], result["code"]) == ("shop_name", "InvalidOption") and "is required" in result["msg"]


def test_what_is_omitted_is_left_out(role: Role) -> None:
    placeholder = "__omit_place_holder__0123"
    given = {"shop_name": "till", "shop_zone_name": placeholder, "shop_ids": ["a", placeholder], "shop_tags": {"a": placeholder, "b": "c"}}
    found = role.found(given)
    assert (found["zone_name"], found["ids"], found["tags"]) == ("till-zone", ["a"], {"b": "c"})


@pytest.mark.parametrize(
    ("variables", "option", "words"),
    [
        ({"shop_name": "{{ no_such }}"}, "shop_name", "its value uses 'no_such', which is not defined; define it, or correct the name."),
        ({"shop_name": "{{ 1 +"}, "shop_name", "its value is a template that cannot be rendered: "),
        ({"shop_name": "x", "shop_days": "week"}, "shop_days", "'week' is not a valid integer"),
        (
            {"shop_name": "x", "shop_zonename": "y"},
            "shop_zonename",
            "role privatelink.azure.shop has no such variable; use shop_zone_name.",
        ),
        ({}, "shop_zone_name", "its value uses 'shop_name', which is not defined"),
    ],
)
def test_what_is_wrong_is_named_by_the_variable(role: Role, variables: Document, option: str, words: str) -> None:
    result = role.refused(variables)
    assert result["option"] == option and result["msg"].startswith(f"{option}: ") and words in result["msg"], result["msg"]


def test_only_a_misspelling_is_refused_where_others_use_the_prefix(role: Role) -> None:
    others = {"shop_name": "till", "shop_colour_of_the_door": "red", "shop_result": {}, "shop_zone_result": {}}
    assert role.refused(others)["option"] == "shop_colour_of_the_door"
    assert role.found(others, only_near_misses=True)["name"] == "till"
    assert role.found({**others, "shop_colour_of_the_door": None}, results=["shop_colour_*"])["name"] == "till"
    assert role.refused({"shop_name": "till", "shop_opne": 1}, only_near_misses=True)["option"] == "shop_opne"


def test_a_playbook_says_more_about_a_type_and_names_other_prefixes(role: Role) -> None:
    types_of = {"shop_zone_name": {"type": "str", "choices": ["a", "b"]}, "extra_size": {"type": "int"}}
    assert role.found({"shop_name": "till", "shop_zone_name": "b", "extra_size": "3"}, types=types_of)["extra_size"] == 3
    assert "is not one of a or b" in role.refused({"shop_name": "till", "shop_zone_name": "c"}, types=types_of)["msg"]
    assert (
        role.found(
            {"shop_name": "till", "shop_zone_name": "a", "extra_size": "3", "shop_unknown": 1},
            types=types_of,
            prefix="extra_",
            entry_point="other",
        )["size"]
        == 3
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [({"no_such": 1}, "no_such"), ({"types": "nonsense"}, "types"), ({"only_near_misses": "perhaps"}, "only_near_misses")],
)
def test_its_own_options_are_checked(role: Role, args: Document, words: str) -> None:
    assert words in role.refused({"shop_name": "till"}, **args)["msg"]


def test_it_needs_a_role_with_a_specification(role: Role) -> None:
    outside = action("validate_variables").run(task_vars={})
    assert outside["failed"] and outside["msg"] == "validate_variables checks the variables of a role; use it in a task of a role."
    role.file.rename(role.file.with_suffix(".yaml"))
    assert role.found({"shop_name": "till"})["name"] == "till"
    role.file.with_suffix(".yaml").unlink()
    assert role.refused({})["msg"] == "Role privatelink.azure.shop has no meta/argument_specs.yml; write one."
