# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWX project in extensions/awx has everything of every playbook, and its surveys say what the argument_specs say."""

from __future__ import annotations

import fnmatch
import pathlib
import re
import typing as t

import awx_project
import generated
import pytest
import role_readmes
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from ansible_collections.privatelink.azure.plugins.module_utils import _texts as texts

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROJECT = ROOT / "extensions" / "awx"
PLAYBOOKS = sorted(file.stem for file in (ROOT / "playbooks").glob("*.yml"))
SURVEYS = sorted(file.stem for file in (PROJECT / "config" / "surveys").glob("*.yml"))
TYPES = {
    "bool": {"multiplechoice"},
    "int": {"integer"},
    "float": {"float"},
    "list": {"textarea", "multiselect"},
    "dict": {"textarea"},
    "raw": {"textarea"},
    "str": {"text", "textarea", "password", "multiplechoice"},
}
FIELDS = {"variable", "question_name", "question_description", "required", "type", "default", "choices", "max", "min"}
PYTHON_TYPES = {"integer": int, "float": float}

Json = dict[str, t.Any]


class _Loader(yaml.SafeLoader):
    """Reads Ansible's !unsafe, too."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def _read(*parts: str) -> t.Any:
    return _Loader(ROOT.joinpath(*parts).read_text(encoding="utf-8")).get_single_data()


def _config(name: str) -> t.Any:
    return _read("extensions", "awx", "config", f"{name}.yml")


def _options() -> dict[str, Json]:
    """Return the variables of every role that a playbook runs, with the types that validate_variables knows."""
    found: dict[str, Json] = {}
    for name in PLAYBOOKS:
        role = _read("playbooks", f"{name}.yml")[0]["roles"][0]["role"].rpartition(".")[2]
        documented = _read("roles", role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]
        types = _read("roles", role, "tasks", "main.yml")
        known = next((task[role_readmes.MODULE] or {} for task in types if role_readmes.MODULE in task), {}).get("types") or {}
        found |= {variable: {**option, **known.get(variable, {}), "playbook": name} for variable, option in documented.items()}
    return found


OPTIONS = _options()


def test_the_files_of_the_project_are_what_the_tool_writes() -> None:
    assert not generated.stale(awx_project.files()), "Run tests/tools/awx_project.py and commit what it writes."


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_has_a_wrapper_that_awx_lists_a_template_and_a_survey(name: str) -> None:
    wrapper = PROJECT / f"{name}.yml"
    assert wrapper.exists() and name in SURVEYS, "Run tests/tools/awx_project.py and commit what it writes."
    assert yaml.safe_load(wrapper.read_text("utf-8"))[-1]["ansible.builtin.import_playbook"] == f"privatelink.azure.{name}"
    # by such a line AWX knows a playbook; it does not know import_playbook by its full name in every version
    assert re.search(r"^\s*-?\s*hosts:", wrapper.read_text("utf-8"), re.MULTILINE)
    templates = [each for each in _config("job_templates")["awx_job_templates"] if each["playbook"] == name]
    assert templates, f"{name} has no template in config/job_templates.yml"
    asked = {question["variable"] for question in _config(f"surveys/{name}")["spec"]}
    required = {variable for variable, option in OPTIONS.items() if option["playbook"] == name and option.get("required")}
    assert required <= asked
    assert all(OPTIONS[variable]["playbook"] == name for variable in asked)


def test_there_is_no_survey_of_a_playbook_that_went() -> None:
    assert set(SURVEYS) == {*PLAYBOOKS, *_config("questions")["awx_questions"]}


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_asks_what_the_argument_specs_say_in_the_form_that_awx_takes(name: str) -> None:
    survey = _config(f"surveys/{name}")
    assert {key: type(value) for key, value in survey.items()} == {"name": str, "description": str, "spec": list}
    variables = [question["variable"] for question in survey["spec"]]
    assert variables and len(variables) == len(set(variables))
    for question in survey["spec"]:
        option = OPTIONS[question["variable"]]
        assert set(question) <= FIELDS
        assert question["question_name"] and question["question_description"].endswith("."), question
        assert question["type"] in TYPES[option.get("type", "str")], question
        assert question["required"] is bool(option.get("required")), question
        if question["type"] in ("multiplechoice", "multiselect"):
            assert question["choices"] == (["true", "false"] if option.get("type") == "bool" else option["choices"])
            assert question["default"] in ("", *question["choices"])
        else:
            assert "choices" not in option, question
        default = question.get("default", "")
        assert default == "" or isinstance(default, PYTHON_TYPES.get(question["type"], str)), question
        if question.get("max") and isinstance(default, str):
            assert len(default) <= question["max"]


@pytest.mark.parametrize("name", SURVEYS)
def test_the_default_of_a_question_is_read_as_the_default_of_the_variable(name: str) -> None:
    for question in _config(f"surveys/{name}")["spec"]:
        option = OPTIONS[question["variable"]]
        read = texts.read({"it": option}, {"it": question.get("default")}).get("it")
        if option.get("type") == "bool" and read is not None:
            read = {"true": True, "false": False}[read]
        wanted = option.get("default")
        assert read == (wanted or None if isinstance(wanted, list) else wanted), question


def test_the_tarball_has_the_project() -> None:
    ignored = _read("galaxy.yml")["build_ignore"]
    assert not any(fnmatch.fnmatch(name, pattern) for name in ("extensions", "extensions/awx") for pattern in ignored)


def test_the_version_of_the_collection_is_that_of_galaxy() -> None:
    version = _read("galaxy.yml")["version"]
    ours = {"name": "privatelink.azure", "version": version}
    assert _read("extensions", "awx", "collections", "requirements.yml")["collections"] == [ours]
    both = _read("extensions", "awx", "execution-environment-azcollection.yml")["dependencies"]["galaxy"]["collections"]
    # the one whose modules tests/clients runs, beside ours
    tested = re.search(r"azure\.azcollection (\d+\.\d+\.\d+)", (ROOT / "tests/requirements/azcollection.in").read_text("utf-8"))
    assert tested and both == [ours, {"name": "azure.azcollection", "version": tested[1]}]


def test_the_pins_of_azcollection_fit_the_requirements_of_this_collection() -> None:
    lines = (ROOT / "tests/requirements/azcollection.in").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if re.fullmatch(r"[\w-]+==[\w.]+", line))
    ours = [Requirement(line) for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if line and line[0] != "#"]
    # what azure.azcollection does not need is free
    shared = [requirement for requirement in ours if requirement.name in pins]
    assert {requirement.name for requirement in ours if requirement.name.startswith("azure-")} <= {each.name for each in shared}
    for requirement in shared:
        assert requirement.specifier.contains(Version(pins[requirement.name]), prereleases=True), requirement


def _rows(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the table below a heading of the page on AWX."""
    section = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_page_lists_every_job_template_with_its_playbook_and_credential() -> None:
    config = _config("job_templates")
    made = [*config["awx_job_templates"], *config["awx_vault_job_templates"]]
    wanted = [[each["name"], f"`{each['playbook']}`", "owner" if each.get("owner") else "consumer"] for each in made]
    assert sorted(row[:3] for row in _rows("Job templates")) == sorted(wanted)


def test_the_page_lists_every_workflow_with_its_nodes_in_their_order() -> None:
    shown = [[name, re.findall(r"(?:^|→)\s*(\w+)", nodes)] for name, nodes in _rows("Workflows")]
    assert shown == [[each["name"], [node["identifier"] for node in each["nodes"]]] for each in _config("workflows")["awx_workflows"]]


def test_the_nodes_of_a_workflow_name_what_there_is() -> None:
    templates = {each["name"]: each for each in _config("job_templates")["awx_job_templates"]}
    assert len({each["name"] for each in _config("workflows")["awx_workflows"]} | set(templates)) == len(templates) + 2
    for workflow in _config("workflows")["awx_workflows"]:
        nodes = {node["identifier"]: node for node in workflow["nodes"]}
        assert len(nodes) == len(workflow["nodes"])
        reached = {workflow["nodes"][0]["identifier"]} | {name for node in nodes.values() for name in node.get("success", [])}
        assert reached == set(nodes)
        for node in nodes.values():
            assert ("approval" in node and node["timeout"] > 0) or node["template"] in templates
        assert {"request", "await_approval"} <= {templates[node["template"]]["playbook"] for node in nodes.values() if "template" in node}
