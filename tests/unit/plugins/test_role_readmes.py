# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of variables in the roles' READMEs are made from their argument_specs, by tests/tools/role_readmes.py."""

from __future__ import annotations

import pathlib

import pytest
import role_readmes
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.release import __version__ as VERSION

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLES = list(role_readmes.roles())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_table_says_what_the_argument_specs_say(role: pathlib.Path) -> None:
    file = role / "README.md"
    assert file.exists() and file.read_text(encoding="utf-8") == role_readmes.readme_of(role), (
        "Run tests/tools/role_readmes.py and commit what it writes."
    )


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_type_that_a_role_knows_is_of_a_documented_variable(role: pathlib.Path) -> None:
    options = role_readmes.specification(role).get("options") or {}
    assert set(role_readmes.types_of(role)) <= set(options)
    for name, option in options.items():
        described = option.get("description")
        assert described, name
        if role_readmes.types_of(role).get(name, {}).get("choices"):
            assert not option.get("choices"), f"{name}: Ansible would refuse a blank text before the role can take it as unset"


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_ansible_itself_takes_a_blank_answer_of_a_survey(role: pathlib.Path) -> None:
    """As a blank text or, from AWX with ansible-core 2.19 and later, as null; what is required the role itself says."""
    options = role_readmes.specification(role).get("options") or {}
    newer = tuple(int(part) for part in VERSION.split(".")[:2]) >= (2, 19)
    for blank in (None, "", " ") if newer else ("", " "):
        checked = ArgumentSpecValidator(options).validate(dict.fromkeys(options, blank))
        assert not checked.error_messages


def test_markup_becomes_markdown() -> None:
    option = yaml.safe_load(
        "{type: list, elements: dict, default: [], options: {name: {required: true}, level: {}}, "
        "description: [Is V(a), 'with O(b=c).', See M(x.y).]}"
    )
    assert role_readmes.words_of(option, option) == "Is `a` with `b: c`. See `x.y`. Each has `name` (required), `level`."
    assert (
        role_readmes.type_of(option),
        role_readmes.default_of(option),
        role_readmes.default_of({"required": True}),
        role_readmes.default_of({"default": "a"}),
    ) == (
        "list of dict",
        "`[]`",
        "required",
        "`a`",
    )
