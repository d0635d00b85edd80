# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks run inside Ansible's own worker where that is the same thing, and as a module process where it is not, with one result."""

from __future__ import annotations

import pathlib
import sys
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.new_interpreter

PROCESS = "EXEC /bin/sh -c"
DIRECT = {"ANSIBLE_PRIVATELINK_DIRECT": "1"}
SWITCHED_OFF = {"ANSIBLE_PRIVATELINK_DIRECT": "0"}
ANNOTATED = ["-vvv", "--diff"]


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def processes(run: Run, name: str) -> bool:
    """Return whether a task started a module process, by what Ansible prints between its name and the next."""
    _before, _name, after = run.stdout.partition(f"TASK [{name}]")
    return PROCESS in after.partition("TASK [")[0].partition("PLAY RECAP")[0]


def read(name: str, **keywords: object) -> Json:
    return task("keyvault_private_endpoint_info", name, resource_group=GROUP, vault_name="shop-vault", keywords=keywords)


def test_a_process_starts_only_where_one_is_asked_for(controller: Controller, azure: Emulation, tmp_path: pathlib.Path) -> None:
    """By a variable, another user, a background job, an environment of the task's own: all with the result of the direct task."""
    become = tmp_path / "sudo"
    become.write_text('#!/bin/sh\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n', encoding="utf-8")
    become.chmod(0o755)
    run = controller.tasks(
        read("direct"),
        read("variable", vars={"ansible_privatelink_direct": False}),
        read("become", become=True, vars={"ansible_become_exe": str(become)}),
        read("async", **{"async": 60, "poll": 1}),
        read("environment", environment={"AZURE_SUBSCRIPTION_ID": azure.facts["subscription"]}),
        read(
            "delegate",
            delegate_to="elsewhere",
            vars={"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        ),
        arguments=ANNOTATED,
        env=DIRECT,
    ).succeeded()
    assert not processes(run, "direct")
    for name in ("variable", "become", "async", "environment"):
        assert processes(run, name), name
    wanted = {key: run.task("direct")[key] for key in ("changed", "id", "exists", "connections", "public_network_access")}
    for name in ("variable", "become", "async", "environment", "delegate"):
        assert {key: run.task(name)[key] for key in wanted} == wanted


def test_the_environment_switches_it_off(controller: Controller, azure: Emulation) -> None:
    assert processes(controller.tasks(read("look"), arguments=ANNOTATED, env=SWITCHED_OFF).succeeded(), "look")


def test_environment_of_the_task_decides_there(controller: Controller, azure: Emulation) -> None:
    """A secret that only the task's environment has works, although the worker's environment lacks it."""
    run = controller.tasks(
        read("look", environment={"AZURE_SECRET": azure.facts["secret"]}), env={**DIRECT, "AZURE_SECRET": None}
    ).succeeded()
    assert run.task("look")["exists"]


def results(run: Run) -> dict[str, Json]:
    """Return the results of a run without what names a request, and without what Ansible adds to one of the ways only."""
    return {done.name: lasting(done.result) for done in run.tasks}


def lasting(value: t.Any) -> t.Any:
    """Return a result without what is new in every run."""
    passing = ("request_id", "exception", "ansible_facts", "invocation", "etag", "resource_guid")
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in passing}
    return [lasting(item) for item in value] if isinstance(value, list) else value


@pytest.mark.long
def test_both_ways_answer_alike(controller: Controller, landscape: Landscape) -> None:
    """Changes, plans, refusals of Ansible and of the modules, failures of Azure, arguments with secrets: word for word."""
    keywords = {"ignore_errors": True}
    endpoint = {
        "resource_group": GROUP,
        "name": "new",
        "vault_id": landscape.vault,
        "subnet_id": landscape.others,
        "private_ip_address": "10.1.1.9",
    }
    tasks = [
        task("keyvault_private_endpoint", "plan", **endpoint, keywords={"check_mode": True}),
        task(
            "subnet",
            "change",
            resource_group=GROUP,
            virtual_network_name="shop-net",
            name="others",
            private_endpoint_network_policies="Enabled",
        ),
        task(
            "subnet",
            "again",
            resource_group=GROUP,
            virtual_network_name="shop-net",
            name="others",
            private_endpoint_network_policies="Enabled",
        ),
        task("subnet", "remove", resource_group=GROUP, virtual_network_name="shop-net", name="others", state="absent"),
        task("subnet", "missing", resource_group=GROUP, name="others", keywords=keywords),
        task(
            "subnet",
            "choice",
            resource_group=GROUP,
            virtual_network_name="shop-net",
            name="others",
            private_endpoint_network_policies="On",
            keywords=keywords,
        ),
        task("keyvault", "type", resource_group=GROUP, name="shop-vault", soft_delete_retention_in_days="a week", keywords=keywords),
        task("keyvault", "suboption", resource_group=GROUP, name="shop-vault", network_acls={"rules": []}, keywords=keywords),
        task("endpoint_connection_approval", "neither", resource_group=GROUP, vault_name="shop-vault", keywords=keywords),
        task("private_dns_a_record", "conditional", resource_group=GROUP, name="record", keywords=keywords),
        task("keyvault", "refused", resource_group=GROUP, name="no", secret="a-secret-of-a-task", keywords=keywords),
        task(
            "virtual_network",
            "not found",
            resource_group="nowhere",
            name="net",
            location="westeurope",
            address_prefixes=["10.9.0.0/16"],
            keywords=keywords,
        ),
    ]
    runs = []
    for way in (DIRECT, SWITCHED_OFF):
        landscape.use()
        runs.append(controller.tasks(*tasks, arguments=["--diff", "-v"], env=way))
    direct, process = (results(run) for run in runs)
    assert list(direct) == list(process)
    for name, result in direct.items():
        assert result == process[name], name
    assert "a-secret-of-a-task" not in runs[0].output + runs[1].output
    assert runs[0].task("refused")["invocation"]["module_args"]["secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_unsupported_argument_is_told_alike(controller: Controller, azure: Emulation) -> None:
    wrong = task("keyvault", "wrong", resource_group=GROUP, name="shop-vault", vault="shop-vault", keywords={"ignore_errors": True})
    messages = {controller.tasks(wrong, env=way).task("wrong")["msg"] for way in (DIRECT, SWITCHED_OFF)}
    assert len(messages) == 1 and "module: vault. Supported parameters include" in messages.pop()


def test_missing_sdk_fails_the_task_and_not_the_run(controller: Controller, azure: Emulation, tmp_path: pathlib.Path) -> None:
    package = tmp_path / "azure"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('No module named azure.identity')\n", encoding="utf-8")
    rescued: Json = {"name": "Block", "block": [read("look")], "rescue": [{"name": "rescued", "ansible.builtin.debug": {"msg": "rescued"}}]}
    run = controller.tasks(rescued, env={**DIRECT, "PYTHONPATH": str(tmp_path)})
    assert run.rc == 0 and run.task("rescued")["msg"] == "rescued", run.output
    done = run.task("look")
    file = (
        pathlib.Path(controller.environment["ANSIBLE_COLLECTIONS_PATH"])
        / "ansible_collections"
        / "privatelink"
        / "azure"
        / "requirements.txt"
    )
    assert done["code"] == "MissingPackage" and f"{sys.executable} -m pip install -r {file}" in done["hint"], done.shown
    assert (
        f"azure-mgmt-keyvault, azure-mgmt-network, azure-mgmt-privatedns, azure-mgmt-resource are missing in {sys.executable}"
        in done["msg"]
    ), done.shown
    assert "Traceback (most recent call last)" not in run.output
