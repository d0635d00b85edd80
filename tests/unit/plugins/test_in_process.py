# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task in Ansible's own worker: its options, what module_defaults add to them, what it prints, and when a process is started instead."""

from __future__ import annotations

import gc
import types
import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.plugin_utils import _in_process as in_process
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import action, trusted

NAME = "privatelink.azure.keyvault"
PROCESS = {"changed": False, "ran": "as a module process"}


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    monkeypatch.delenv(in_process.ENVIRONMENT, raising=False)
    monkeypatch.delenv(in_process.PROGRESS_ENVIRONMENT, raising=False)
    monkeypatch.setattr(NormalAction, "run", lambda *_arguments, **_keywords: dict(PROCESS))
    yield
    gc.unfreeze()


@pytest.fixture
def performed(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """The options of each task that ran here, which return them as if they came from Azure."""
    seen: list[Document] = []

    def perform(_module: t.Any, params: t.Mapping[str, t.Any], *, check_mode: bool, diff_mode: bool, reporter: t.Any) -> Document:
        seen.append({name: value for name, value in params.items() if value is not None})
        reporter.will_write(1) if hasattr(reporter, "will_write") else None
        return {"changed": not check_mode, "diff_mode": diff_mode, "echo": params.get("secret")}

    monkeypatch.setattr(in_process, "perform", perform)
    return seen


def ran(variables: Document | None = None, **task: t.Any) -> Document:
    """Return the result of a task of the module keyvault."""
    return t.cast(Document, action("keyvault", variables=variables, **task).run(task_vars=trusted(variables or {})))


def test_a_plain_task_runs_here_and_never_shows_a_secret(performed: list[Document]) -> None:
    result = ran(args={"name": "payments-vault", "resource_group": "payments", "secret": "s3cr3t-value"}, diff=True)
    assert (result["changed"], result["diff_mode"]) == (True, True)
    assert performed[0]["secret"] == "s3cr3t-value" and "s3cr3t-value" not in str(result)
    assert result["invocation"]["module_args"]["name"] == "payments-vault"
    assert ran(args={"name": "payments-vault", "resource_group": "payments"}, check_mode=True)["changed"] is False


@pytest.mark.parametrize(
    ("variables", "environment", "task"),
    [
        ({"ansible_privatelink_direct": False}, None, {}),
        ({"ansible_privatelink_direct": "{{ 'no' }}"}, None, {}),
        ({}, "0", {}),
        ({}, None, {"async_val": 60}),
        ({}, None, {"environment": [{"AZURE_SECRET": "x"}]}),
    ],
)
def test_what_would_differ_runs_as_a_module_process(
    performed: list[Document], monkeypatch: pytest.MonkeyPatch, variables: Document, environment: str | None, task: Document
) -> None:
    if environment:
        monkeypatch.setenv(in_process.ENVIRONMENT, environment)
    assert ran(variables, args={"id": "x"}, **task)["ran"] == "as a module process" and performed == []


@pytest.mark.parametrize(("variable", "environment"), [(True, "0"), ("yes", None)])
def test_a_variable_outranks_the_environment(
    performed: list[Document], monkeypatch: pytest.MonkeyPatch, variable: t.Any, environment: str | None
) -> None:
    if environment:
        monkeypatch.setenv(in_process.ENVIRONMENT, environment)
    ran({"ansible_privatelink_direct": variable}, args={"id": "x"}, environment=[{}])
    assert len(performed) == 1


def test_another_user_or_another_host_is_a_process(performed: list[Document]) -> None:
    become = action("keyvault", args={"id": "x"})
    become._connection = types.SimpleNamespace(transport="local", become=object())
    distant = action("keyvault", args={"id": "x"})
    distant._connection = types.SimpleNamespace(transport="ssh", become=None)
    assert [each.run(task_vars={})["ran"] for each in (become, distant)] == [PROCESS["ran"]] * 2 and performed == []


def test_what_asks_the_host_runs_where_the_host_is(performed: list[Document]) -> None:
    probe = action("keyvault_probe_info", args={"vault_name": "payments-vault"})
    assert probe.run(task_vars={})["ran"] == PROCESS["ran"] and performed == []


@pytest.mark.parametrize(
    ("delegate_to", "words"),
    [
        (None, "{}"),
        (
            "localhost",
            "localhost is in the inventory without ansible_connection: local, so Ansible connects to this machine as to any other",
        ),
    ],
)
def test_why_a_host_cannot_be_reached_is_said_once(monkeypatch: pytest.MonkeyPatch, delegate_to: str | None, words: str) -> None:
    reason = "Failed to connect to the host via ssh: No route to host"

    def unreachable(*_arguments: t.Any, **_keywords: t.Any) -> t.NoReturn:
        raise AnsibleConnectionFailure(reason)

    monkeypatch.setattr(NormalAction, "run", unreachable)
    with pytest.raises(AnsibleConnectionFailure) as failed:
        action("keyvault_probe_info", args={"vault_name": "x"}, delegate_to=delegate_to).run(task_vars={"inventory_hostname": "web-1"})
    assert str(failed.value).startswith(words.format(reason)) and str(failed.value).count("No route to host") == 1, str(failed.value)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"id": "x", "no_such": 1}, f"Unsupported parameters for ({NAME}) module: no_such"),
        ({"id": "x", "sku": "huge"}, "sku"),
        ({"id": "x", "name": "y"}, "mutually exclusive"),
        ({"id": "x", "tags": "{no mapping"}, "tags: "),
        ({"id": "x", "soft_delete_retention_in_days": "week"}, "soft_delete_retention_in_days"),
    ],
)
def test_wrong_options_are_refused_in_ansibles_words(performed: list[Document], args: Document, words: str) -> None:
    result = ran(args=args)
    assert (result["failed"], result["changed"]) == (True, False) and words in result["msg"], result["msg"]
    assert performed == []


# --- module_defaults ---


def with_defaults(args: Document, *defaults: Document, groups: t.Sequence[str] = ()) -> t.Any:
    """Return the options that a task has, where module_defaults say something. groups: the action groups of the module."""
    play = types.SimpleNamespace(_action_groups={NAME: list(groups)})
    task = {"module_defaults": trusted(list(defaults)), "_parent": types.SimpleNamespace(_play=play)}
    return action("keyvault", args=args, variables={"region": "westeurope"}, **task)._options()


def test_module_defaults_hold_where_a_task_is_silent_or_blank() -> None:
    defaults = {NAME: {"location": "{{ region }}", "sku": "premium", "tags": {"team": "payments"}}}
    assert with_defaults({"id": "x", "sku": "", "tags": None}, defaults) == {
        "id": "x",
        "location": "westeurope",
        "sku": "premium",
        "tags": {"team": "payments"},
    }
    assert with_defaults({"id": "x", "sku": "standard"}, defaults)["sku"] == "standard"


def test_the_module_itself_outranks_its_groups() -> None:
    group, own = {"group/privatelink.azure.azure": {"location": "northeurope", "sku": "premium"}}, {NAME: {"location": "westeurope"}}
    found = with_defaults({"id": "x"}, group, own, groups=["privatelink.azure.azure"])
    assert (found["location"], found["sku"]) == ("westeurope", "premium")
    assert with_defaults({"id": "x"}, group) == {"id": "x"}, "it is in no such group"


def test_a_resource_group_of_module_defaults_gives_way_to_an_id() -> None:
    defaults = {NAME: {"resource_group": "payments"}}
    assert with_defaults({"id": "x"}, defaults) == {"id": "x"}
    assert with_defaults({"name": "payments-vault"}, defaults) == {"name": "payments-vault", "resource_group": "payments"}


# --- what it prints ---


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is printed to the standard error."""
    lines: list[str] = []

    def display(_self: Display, line: str, *_arguments: t.Any, stderr: bool = False, **_keywords: t.Any) -> None:
        assert stderr, "standard output holds results alone"
        lines.append(line)

    monkeypatch.setattr(Display, "display", display)
    return lines


def titles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the titles of what is going to be printed."""
    found: list[str] = []
    real = in_process.Printed

    def made(title: str, write: t.Callable[[str], None], *arguments: t.Any, **keywords: t.Any) -> t.Any:
        found.append(title)
        write(f"[{title}] s3cr3t-value")
        return real(title, write, *arguments, **keywords)

    monkeypatch.setattr(in_process, "Printed", made)
    return found


def test_progress_names_the_module_and_among_several_hosts_the_host(
    performed: list[Document], printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, args = titles(monkeypatch), {"id": "x", "secret": "s3cr3t-value"}
    action("keyvault", args=args).run(task_vars={"inventory_hostname": "one", "ansible_play_hosts_all": ["one"]})
    action("keyvault", args=args).run(task_vars={"inventory_hostname": "one", "ansible_play_hosts_all": ["one", "two"]})
    assert found == ["keyvault", "keyvault on one"]
    assert printed and "s3cr3t-value" not in "".join(printed)


@pytest.mark.parametrize(
    ("task", "variables"), [({"no_log": True}, {}), ({}, {"ansible_privatelink_progress": False})], ids=["no_log", "switched off"]
)
def test_nothing_is_printed_where_nothing_is_to_be(
    performed: list[Document], printed: list[str], monkeypatch: pytest.MonkeyPatch, task: Document, variables: Document
) -> None:
    found = titles(monkeypatch)
    assert ran(variables, args={"id": "x"}, **task)["changed"] and (found, printed) == ([], [])
