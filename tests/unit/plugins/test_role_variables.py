# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable of every role: blank is left out, texts are lists and mappings, and what is wrong is told with the variable's name."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils import _variables as variables
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODULE = "privatelink.azure.validate_variables"
Options = dict[str, dict[str, t.Any]]


def validating(role: str) -> dict[str, t.Any] | None:
    """Return the arguments of a role's validate_variables task, None where it has none."""
    for file in sorted((ROOT / "roles" / role / "tasks").glob("*.yml")):
        for task in yaml.safe_load(file.read_text(encoding="utf-8")) or []:
            if MODULE in task:
                return dict(task[MODULE] or {})
    return None


def documented(role: str) -> Options:
    """Return what a role's argument_specs say."""
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return dict(specs["argument_specs"]["main"].get("options") or {})


ROLES = [file.parent.parent.name for file in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))]
ARGUMENTS = {role: validating(role) for role in ROLES}
SPECS = {
    role: {name: {**option, **((ARGUMENTS[role] or {}).get("types") or {}).get(name, {})} for name, option in documented(role).items()}
    for role in ROLES
    if ARGUMENTS[role] is not None
}


def sample(option: t.Mapping[str, t.Any], number: int = 1) -> t.Any:
    """Return a value of a variable's true type."""
    kind = option.get("type", "str")
    if kind == "list":
        return [sample({**option, "type": option.get("elements", "str"), "elements": None}, item) for item in (1, 2)]
    if kind == "dict":
        return {name: sample(part, number) for name, part in option["options"].items()} if option.get("options") else {"a": "b", "c": ""}
    if option.get("resource_types"):
        resource = option["resource_types"][0]
        names = (f"name{number}",) * resource.count("/")
        names = ("privatelink.vaultcore.azure.net", *names[1:]) if "privateDnsZones" in resource else names
        return str(ResourceId("00000000-0000-4000-8000-000000000000", "group", resource, names))
    return option["choices"][0] if option.get("choices") else {"bool": True, "int": number + 1}.get(kind, f"text-{number}")


def needed(spec: Options) -> dict[str, t.Any]:
    """Return values of the variables that a role cannot do without."""
    return {name: sample(option) for name, option in spec.items() if option.get("required")}


@pytest.mark.parametrize("role", ROLES)
def test_ansible_itself_lets_every_text_of_a_survey_pass(role: str) -> None:
    for name, option in documented(role).items():
        plain = option.get("type", "str") in ("str", "path") or (option.get("type"), option.get("elements")) == ("list", "str")
        assert plain or option["type"] == "raw", f"{name}: a text is refused before the role can read it"
        assert not option.get("choices"), f"{name}: a blank text is refused before the role can take it as unset"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_its_variables_before_it_does_anything(role: str) -> None:
    """Only the result of an earlier run may be cleared before that."""
    directory = ROOT / "roles" / role / "tasks"
    tasks = yaml.safe_load((directory / "main.yml").read_text(encoding="utf-8"))
    if "ansible.builtin.import_tasks" in tasks[0]:
        tasks = yaml.safe_load((directory / tasks[0]["ansible.builtin.import_tasks"]).read_text(encoding="utf-8"))
    first = tasks[1] if "ansible.builtin.set_fact" in tasks[0] else tasks[0]
    assert MODULE in first and first.get("tags") == ["always"] and first["register"].startswith("__") and "when" not in first, first


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_run_twice(role: str) -> None:
    assert yaml.safe_load((ROOT / "roles" / role / "meta" / "main.yml").read_text(encoding="utf-8"))["allow_duplicates"] is True


@pytest.mark.parametrize("role", SPECS)
def test_blank_and_none_are_left_out(role: str) -> None:
    spec = SPECS[role]
    expected = variables.checked(spec, needed(spec))
    for name, option in spec.items():
        for blank in ("", "  ", None):
            if not option.get("required"):
                assert variables.checked(spec, {**needed(spec), name: blank}) == expected, name
                continue
            with pytest.raises(OptionError, match=f"^{name}: is required"):
                variables.checked(spec, {**needed(spec), name: blank})


@pytest.mark.parametrize("role", SPECS)
def test_texts_are_the_values(role: str) -> None:
    spec = SPECS[role]
    for name, option in spec.items():
        value = sample(option)
        expected = variables.checked(spec, {**needed(spec), name: value})
        texts = [json.dumps(value) if isinstance(value, (list, dict)) else str(value)]
        if isinstance(value, (list, dict)):
            texts += [yaml.safe_dump(value), yaml.safe_dump(value, default_flow_style=True)]
        if isinstance(value, list) and isinstance(value[0], str):
            texts += [", ".join(value), "\n".join(value)]
        if isinstance(value, bool):
            texts += ["true", "yes", "1", "True"]
        for text in texts:
            assert variables.checked(spec, {**needed(spec), name: text}) == expected, (name, text)


@pytest.mark.parametrize("role", SPECS)
def test_what_is_wrong_is_told_with_the_variable(role: str) -> None:
    spec = SPECS[role]
    wrong = {"bool": "maybe", "int": "many", "dict": "[a", "list": "[a", "str": "a\x1bb"}
    for name, option in spec.items():
        values = [wrong.get(option.get("type", "str"), "a\x1bb"), *(["no-such-word"] if option.get("choices") else [])]
        for value in values:
            with pytest.raises(OptionError) as failure:
                variables.checked(spec, {**needed(spec), name: value})
            message = failure.value.message
            assert message.startswith(name) and message.isprintable() and message.endswith(".") and "\n" not in message, message


def typos(name: str) -> t.Iterator[str]:
    """Yield misspellings of a name: two letters in the other order, an underscore too few, a letter doubled."""
    head, _underscore, last = name.rpartition("_")
    if len(last) > 4 and last[2] != last[3]:
        yield f"{head}_{last[:2]}{last[3]}{last[2]}{last[4:]}"
    if len(last) > 4:
        yield f"{head}_{last[:2]}{last[2:3]}{last[2:]}"
    yield f"{head}{last}"


@pytest.mark.parametrize("role", SPECS)
def test_a_misspelled_variable_is_refused_with_the_nearest_name(role: str) -> None:
    arguments, spec = ARGUMENTS[role] or {}, SPECS[role]
    given = arguments.get("prefixes") or arguments.get("prefix") or f"{role}_"
    prefixes = [given] if isinstance(given, str) else given
    for name in spec:
        for typo in typos(name):
            if not typo.startswith(tuple(prefixes)) or typo in spec:
                continue
            with pytest.raises(OptionError) as failure:
                variables.refuse_unknown([typo], spec, role, prefixes=prefixes, results=[], near=bool(arguments.get("only_near_misses")))
            assert failure.value.message.startswith(typo) and "; use " in failure.value.message, failure.value.message


def test_statistics_of_a_second_run_replace_those_of_the_first() -> None:
    """Ansible adds what it finds there otherwise: texts are glued together, and null and null end the whole run."""
    for file in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if line.strip() == "ansible.builtin.set_stats:":
                assert lines[number + 1].strip() == "aggregate: false", f"{file}:{number + 1}"
