# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module as Ansible runs it in a process of its own: its file is the program, its options are read, its result is JSON."""

from __future__ import annotations

import json
import pathlib
import runpy
import typing as t

import pytest
import yaml
from ansible.module_utils import basic

from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import module_of

ROOT = pathlib.Path(__file__).resolve().parents[3]
# validate_variables has an action plugin alone
MODULES = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py") if "MODULE" in file.read_text(encoding="utf-8"))


class Process:
    """Runs a module's file as a program, with options that Ansible would hand to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def run(self, module: str, /, **options: t.Any) -> dict[str, t.Any]:
        """Return the result that it prints, with its exit code as rc."""
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode())
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(module_of(module).__file__), run_name="__main__")
        return {**json.loads(self._capsys.readouterr().out.strip().splitlines()[-1]), "rc": ended.value.code}


def needed(name: str) -> dict[str, t.Any]:
    """Return values for the options without which a module refuses a task."""
    spec = module_of(name).MODULE.spec
    options = spec["argument_spec"]
    names = [option for option in options if options[option].get("required")]
    for group in spec.get("required_one_of") or ():
        names += [] if set(names) & set(group) else [next((option for option in group if option == "id"), group[0])]
    for option, value, needs in (rule[:3] for rule in spec.get("required_if") or ()):
        names += needs if options[option].get("default") == value else []
    return {each: [] if options[each].get("elements") == "dict" else options[each].get("choices", ["x"])[0] for each in names}


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Process:
    return Process(monkeypatch, capsys)


@pytest.mark.parametrize("name", MODULES)
def test_an_unknown_option_is_refused_with_those_that_are_documented(process: Process, name: str) -> None:
    result = process.run(name, **needed(name), no_such_option="x")
    assert (result["rc"], result["failed"]) == (1, True) and "no_such_option" in result["msg"], result["msg"]
    supported = {each.strip(" .") for each in result["msg"].partition("Supported parameters include: ")[2].replace("(", ",").split(",")}
    documented = yaml.safe_load(module_of(name).DOCUMENTATION).get("options") or {}
    assert [option for option in documented if option not in supported] == []


def test_a_text_that_says_nothing_is_no_value(process: Process) -> None:
    """What a survey leaves blank is read before Ansible checks types: an empty text is no integer, and no state."""
    result = process.run(
        "keyvault", name="payments-vault", resource_group="payments", state="", soft_delete_retention_in_days="", id="nonsense"
    )
    assert result["rc"] == 1 and "mutually exclusive" in result["msg"] and "id" in result["msg"], result["msg"]


def test_a_text_that_cannot_be_read_is_refused_without_a_secret(process: Process) -> None:
    result = process.run("keyvault", id="x", tags="{no mapping", secret="s3cr3t-value", _ansible_no_log=False)
    assert (result["rc"], result["failed"], result["option"]) == (1, True, "tags") and result["msg"].startswith("tags: ")
    assert "s3cr3t-value" not in json.dumps(result)


def test_what_is_no_number_is_named_in_ansibles_words(process: Process) -> None:
    result = process.run("keyvault_connections_info", vault_id="x", wait_timeout="soon")
    assert result["rc"] == 1 and "wait_timeout" in result["msg"] and "int" in result["msg"], result["msg"]


def test_a_process_warns_of_certificates_that_nobody_checks(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _self, warning, **_more: warnings.append(warning))
    for name in ("AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_TENANT", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.setenv(name, "11111111-1111-1111-1111-111111111111")
    result = process.run("keyvault", id="nonsense", cert_validation_mode="ignore")
    assert (result["rc"], result["option"]) == (1, "id") and "warnings" not in result
    assert [warning.partition(":")[0] for warning in warnings] == ["cert_validation_mode"]
