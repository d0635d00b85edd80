# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""validate_variables in a role of someone else, however the role comes into a play."""

from __future__ import annotations

import json
import typing as t

import pytest

from integration.emulation import Json
from integration.running import Controller, Done, Run, is_sentence, play_of

SPEC: Json = {
    "shelf_name": {"type": "str", "required": True},
    "shelf_ids": {"type": "list", "elements": "str"},
    "shelf_title": {"type": "str"},
    "shelf_mode": {"type": "raw", "default": "add"},
    "shelf_count": {"type": "raw"},
    "shelf_tags": {"type": "raw"},
    "shelf_lock": {"type": "raw", "options": {"level": {"type": "str", "required": True}}},
    "shelf_rules": {"type": "raw", "options": {"name": {"type": "str", "required": True}, "active": {"type": "bool"}}},
}
TYPES: Json = {
    "shelf_mode": {"type": "str", "choices": ["add", "replace"]},
    "shelf_count": {"type": "int"},
    "shelf_tags": {"type": "dict"},
    "shelf_lock": {"type": "dict"},
    "shelf_rules": {"type": "list", "elements": "dict"},
}
DEFAULTS = {"shelf_title": "{{ shelf_name }} by {{ shelf_mode }}", "shelf_mode": "add"}
# Variables of the caller that are nobody's business: undefined, recursive, and with similar names.
AROUND = {
    "nowhere": "{{ not_there.at_all }}",
    "circle": "{{ circle }}",
    "__shelf_x": "{{ not_there }}",
    "shelf_result": "{{ not_there }}",
    "shelfname": 1,
}

REFUSED: dict[str, tuple[Json, str]] = {
    "typo": ({"shelf_id": "x"}, "shelf_id: role shelf has no such variable; use shelf_ids."),
    "choice": ({"shelf_mode": "ad"}, "shelf_mode: 'ad' is not one of add or replace; use one of them."),
    "number": ({"shelf_count": "many"}, "shelf_count: 'many' is not a valid integer; pass one like 60."),
    "suboption": ({"shelf_lock": {"levl": "a"}}, "shelf_lock.levl: is not a valid option; use level."),
    "mapping": ({"shelf_tags": "[a"}, 'shelf_tags: \'[a\' cannot be read as a mapping; pass it as JSON or YAML, like {"name": "value"}.'),
    "required": ({"shelf_name": " "}, "shelf_name: is required."),
    "control": ({"shelf_title": "a\u001bb"}, "shelf_title: 'a\\x1bb' contains the control character U+001B; remove it."),
    "undefined": ({"shelf_count": "{{ nobody.knows }}"}, "nobody"),
}


@pytest.fixture(scope="module")
def run(controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every way into a play, and every refusal, in one run."""
    roles = tmp_path_factory.mktemp("roles")
    validate = {
        "name": "Validate the variables of {{ shelf_of | default('nobody') }}",
        "privatelink.azure.validate_variables": {"types": TYPES},
        "register": "__shelf",
        "tags": ["always"],
        "ignore_errors": True,
    }
    show = {
        "name": "Show {{ shelf_of | default('nobody') }}",
        "ansible.builtin.debug": {"msg": "{{ __shelf.variables }}"},
        "tags": ["always"],
    }
    spec = {"argument_specs": {"main": {"options": {**SPEC, "shelf_of": {"type": "str"}}}}}
    parts: dict[str, t.Any] = {
        "shelf": (spec, DEFAULTS, [validate, show], []),
        "needs_shelf": (None, {}, [], [{"role": "shelf", "shelf_name": "{{ needed }}"}]),
    }
    for name, (argument_specs, defaults, own_tasks, dependencies) in parts.items():
        meta = {"galaxy_info": {}, "dependencies": dependencies, "allow_duplicates": True}
        for file, content in {
            "meta/argument_specs": argument_specs,
            "defaults/main": defaults,
            "tasks/main": own_tasks,
            "meta/main": meta,
        }.items():
            if content:
                path = roles / name / f"{file}.yml"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(content), encoding="utf-8")
    named = {"shelf_name": "n"}
    included = {"ansible.builtin.include_role": {"name": "shelf"}}
    tasks: list[Json] = [
        {
            **included,
            "name": "Loop",
            "vars": {"shelf_of": "loop {{ item.n }}", "shelf_name": "{{ item.n }}", "shelf_ids": "a, {{ item.n }}"},
            "loop": [{"n": "x"}, {"n": "y"}],
        },
        {
            "name": "Import",
            "ansible.builtin.import_role": {"name": "shelf"},
            "vars": {**named, "shelf_of": "import", "shelf_mode": "", "shelf_count": "{{ omit }}"},
        },
        {**included, "name": "Blank", "vars": {**dict.fromkeys(SPEC, ""), **named, "shelf_of": "blank"}},
        {"name": "Need", "ansible.builtin.include_role": {"name": "needs_shelf"}, "vars": {"needed": "d", "shelf_of": "dependency"}},
        *(
            {**included, "name": f"Refuse {name}", "vars": {**named, **given, "shelf_of": name}, "ignore_errors": True}
            for name, (given, _words) in REFUSED.items()
        ),
    ]
    play = play_of(
        *tasks,
        roles=[{"role": "shelf", "shelf_of": "roles", "shelf_name": "r"}],
        vars={**AROUND, "shelf_tags": {"a": "", "b": "{{ omit }}", "c": "{{ 1 + 1 }}"}},
    )
    extra = json.dumps({"shelf_rules": "{name: a, active: 'yes'}"})
    return controller.run([play], "--extra-vars", extra, "--tags", "nothing,all", env={"ANSIBLE_ROLES_PATH": str(roles)})


def values(run: Run, of: str) -> t.Any:
    """Return the values of a way, without those that are the same in all."""
    found = run.task(f"Validate the variables of {of}")["variables"]
    assert found.pop("rules") == [{"name": "a", "active": True}]
    assert {name: str(value) for name, value in found.pop("tags").items()} == {"a": "", "c": "2"}
    assert found.pop("of") == of
    return found


def test_every_way_into_a_play(run: Run) -> None:
    assert "Traceback" not in run.output and "DEPRECATION" not in run.output
    plain: Json = {"name": "n", "ids": None, "title": "n by add", "mode": "add", "count": None, "lock": None}
    assert values(run, "roles") == {**plain, "name": "r", "title": "r by add"}
    for name in ("x", "y"):
        assert values(run, f"loop {name}") == {**plain, "name": name, "title": f"{name} by add", "ids": ["a", name]}
    assert values(run, "import") == plain
    assert values(run, "dependency") == {**plain, "name": "d", "title": "d by add"}


def test_blank_variables_are_as_if_left_out_and_defaults_see_it(run: Run) -> None:
    found: Done = run.task("Validate the variables of blank")
    assert found["variables"] == {
        "name": "n",
        "ids": None,
        "title": "n by add",
        "mode": "add",
        "count": None,
        "tags": None,
        "lock": None,
        "rules": [{"name": "a", "active": True}],
        "of": "blank",
    }


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "undefined"])
def test_what_is_wrong_is_one_sentence_that_names_the_variable(run: Run, name: str) -> None:
    done = run.task(f"Validate the variables of {name}")
    assert (done.failed, done.changed, done["msg"], done["variables"]) == (True, False, REFUSED[name][1], {}), done.shown
    assert is_sentence(done["msg"]) and done["code"] == "InvalidOption"


def test_an_undefined_value_is_told_before_the_role_does_anything(run: Run) -> None:
    """Ansible's own validation of argument_specs comes first, and says it in its own words."""
    assert "'nobody' is undefined" in run.output
