# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a role: unknown names and wrong values are refused in one sentence that names the variable."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils import _variables as variables
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem

KNOWN = ("vault_name", "vault_location", "vault_tags", "vault_zone_id", "vault_zone_name", "vault_network_acls")
SPEC: dict[str, t.Any] = {
    "vault_name": {"type": "str", "required": True},
    "vault_days": {"type": "int"},
    "vault_open": {"type": "bool", "default": False},
    "vault_dns": {"type": "str", "choices": ["zone_group", "none"], "default": "none"},
    "vault_ids": {"type": "list", "elements": "str", "default": []},
    "vault_tags": {"type": "dict"},
    "vault_any": {"type": "raw"},
    "vault_lock": {"type": "dict", "options": {"level": {"choices": ["CanNotDelete", "ReadOnly"], "required": True}, "name": {}}},
    "vault_roles": {
        "type": "list",
        "elements": "dict",
        "options": {"role": {"required": True}, "active": {"type": "bool", "default": True}},
    },
}


def refused(*names: str, near: bool = False, results: t.Sequence[str] = ()) -> OptionError | None:
    """Return the refusal of names, None if there is none."""
    try:
        variables.refuse_unknown(names, KNOWN, "privatelink.azure.vault", prefixes=["vault_"], results=results, near=near)
    except OptionError as error:
        assert error.message.isprintable() and error.message.endswith(".")
        return error
    return None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("vault_zoneid", "vault_zone_id"),
        ("vault_loaction", "vault_location"),
        ("vault_tag", "vault_tags"),
        ("vault_Name", "vault_name"),
        ("Vault_name", "vault_name"),
        ("VAULT_ZONE_ID", "vault_zone_id"),
        ("vault_zone_nam", "vault_zone_name"),
    ],
)
@pytest.mark.parametrize("near", [False, True])
def test_a_misspelling_is_refused_with_the_name_that_was_meant(name: str, meant: str, near: bool) -> None:
    error = refused("hostvars", name, "vault_name", near=near)
    assert error and error.option == name and error.message == f"{name}: role privatelink.azure.vault has no such variable; use {meant}."


@pytest.mark.parametrize(
    "name", ["vault_password", "vault_names", "vault_locations", "vault_name2", "vault_name_2", "vault_id", "vault_port"]
)
def test_what_others_call_so_is_left_alone_where_the_prefix_is_everybodys(name: str) -> None:
    assert refused(name, near=True) is None
    assert refused(name) is not None


def test_several_are_named_at_once() -> None:
    error = refused("vault_zoneid", "vault_loaction")
    assert (
        error
        and "vault_loaction: " in error.message
        and "vault_zoneid" in error.message
        and "vault_location and vault_zone_id" in error.message
    )
    error = refused("vault_qqqqqqq")
    assert error and "ansible-doc -t role privatelink.azure.vault" in error.message


def test_results_and_names_of_others_are_no_business_of_the_role() -> None:
    assert (
        refused(
            "vault_result", "vault_zone_result", "__vault_zoneid", "vaultname", "other", *KNOWN, results=["vault_result", "vault_*_result"]
        )
        is None
    )


def test_values_are_what_was_asked_for() -> None:
    values = {
        "vault_name": "x",
        "vault_days": " 90 ",
        "vault_open": "yes",
        "vault_dns": "",
        "vault_ids": "a, b",
        "vault_tags": '{"a": ""}',
        "vault_lock": "{level: ReadOnly, name: ''}",
        "vault_roles": "- role: reader\n- role: owner\n  active: 'no'\n",
    }
    assert variables.checked(SPEC, values) == {
        "vault_name": "x",
        "vault_days": 90,
        "vault_open": True,
        "vault_dns": "none",
        "vault_ids": ["a", "b"],
        "vault_tags": {"a": ""},
        "vault_any": None,
        "vault_lock": {"level": "ReadOnly", "name": None},
        "vault_roles": [{"role": "reader", "active": True}, {"role": "owner", "active": False}],
    }


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_what_is_blank_is_none_or_the_default(blank: t.Any) -> None:
    left_out = variables.checked(SPEC, {"vault_name": "x"})
    assert variables.checked(SPEC, {**dict.fromkeys(SPEC, blank), "vault_name": "x"}) == left_out
    assert left_out["vault_open"] is False and left_out["vault_ids"] == [] and left_out["vault_lock"] is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("vault_name", "", "is required"),
        ("vault_name", ["a"], "'['a']' is a list; pass a text"),
        ("vault_dns", ["none"], "'['none']' is a list; pass zone_group or none"),
        ("vault_days", "week", "'week' is not a valid integer"),
        ("vault_days", True, "not a valid integer"),
        ("vault_days", "1.5", "not a valid integer"),
        ("vault_days", "inf", "not a valid integer"),
        ("vault_days", {"a": 1}, "is a mapping; pass a whole number"),
        ("vault_open", "maybe", "'maybe' is not a valid boolean; use true or false"),
        ("vault_dns", "hosts_file", "'hosts_file' is not one of zone_group or none; use one of them"),
        ("vault_ids", "[a", "cannot be read as a list"),
        ("vault_ids", {"a": 1}, "is a mapping; pass a list"),
        ("vault_ids", [["a"]], "is a list; pass a text"),
        ("vault_tags", "prod", "cannot be read as a mapping"),
        ("vault_tags", ["a"], "is not a mapping"),
        ("vault_lock", {"name": "x"}, "level: is required; set it to CanNotDelete or ReadOnly"),
        ("vault_lock", {"levle": "ReadOnly"}, "levle: is not a valid option; use level"),
        ("vault_lock", {"level": "readonly"}, "'readonly' is not one of"),
        ("vault_roles", [{"role": "x"}, {"rol": "y"}], "vault_roles[1].rol: "),
        ("vault_roles", "reader", "cannot be read as a list of mappings"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_variable(name: str, value: t.Any, words: str) -> None:
    with pytest.raises(OptionError) as failure:
        variables.checked(SPEC, {"vault_name": "x", name: value})
    message = failure.value.message
    assert message.startswith(name) and words in message and message.isprintable() and message.endswith("."), message


def test_a_secret_is_not_repeated() -> None:
    for option in ({"choices": ["a"]}, {"type": "int"}, {"type": "bool"}, {"type": "dict"}):
        with pytest.raises(OptionError) as failure:
            variables.checked({"key": {**option, "no_log": True}}, {"key": "s3cret"})
        assert "s3cret" not in failure.value.message


@given(
    st.dictionaries(
        st.sampled_from(sorted(SPEC)),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
    )
)
def test_any_values_are_checked_or_refused_and_checking_again_changes_nothing(values: dict[str, t.Any]) -> None:
    try:
        once = variables.checked(SPEC, values)
    except Problem as problem:
        assert problem.message.isprintable() and problem.option and problem.option.startswith("vault_")
    else:
        assert variables.checked(SPEC, once) == once
        assert json.loads(json.dumps(once)) == once


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"on": "yes please"}, "on: 'yes please' is not a valid boolean; use true or false"),
        ({"wait": "30m"}, "wait: '30m' is not a valid integer; pass one like 60"),
        ({"days": 7.5}, "days: '7.5' is not a valid integer"),
        ({"name": {"a": 1}}, "name: '.*' is a mapping; pass a text"),
        ({"vaults": [{"on": "perhaps"}]}, r"vaults\[0\].on: 'perhaps' is not a valid boolean"),
        ({"vaults": [["shop"]]}, r"vaults\[0\]: "),
        ({"vaults": 5}, r"vaults\[0\]: "),
    ],
)
def test_an_option_of_another_type_is_refused_with_its_place(values: dict[str, t.Any], words: str) -> None:
    spec: t.Any = {
        "on": {"type": "bool"},
        "wait": {"type": "int", "default": 5, "aliases": ["days"]},
        "name": {"type": "str", "required": True},
        "vaults": {"type": "list", "elements": "dict", "options": {"on": {"type": "bool"}}},
    }
    with pytest.raises(OptionError, match=words):
        variables.typed(spec, values)
    assert variables.typed(spec, {"on": "no", "other": 1}) == {"on": "no", "other": 1}, "Ansible's part is left to it"


def test_two_spellings_of_one_id_are_one_resource() -> None:
    spec: dict[str, t.Any] = {"ids": {"type": "list", "elements": "str", "resource_types": ["Microsoft.KeyVault/vaults"]}}
    vault = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-1"
    found = variables.checked(spec, {"ids": [vault, f"{vault}/", vault.replace("kv-1", "kv-2"), vault.upper()]})
    assert found == {"ids": [vault, vault.replace("kv-1", "kv-2")]}
    with pytest.raises(OptionError, match=r"ids: '.*' is a mapping; pass the id of a Microsoft.KeyVault/vaults\.$"):
        variables.checked(spec, {"ids": [{"id": vault}]})
