# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a terminal, or a job's page in AWX, shows of a task that takes long."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.running import Controller, Run, Started, play_of, task
from integration.test_interrupt import FLEET
from integration.test_slices import RUNNER
from integration.test_strategies import BUILTIN, MITOGEN, mitogen_plugins

GROUP = "slow"
SECONDS = 33  # that a vault takes; a line is printed every 30
DIRECT = {"ANSIBLE_PRIVATELINK_DIRECT": "1", "ANSIBLE_TASK_TIMEOUT": "200"}
HOSTS = ("loud", "quiet", "secret")
LINE = re.compile(
    r"^\[(?P<title>[^\]]+)\] Waiting for Azure to create key vault '(?P<vault>[^']+)' of resource group 'slow' \(\d+ s so far\)$", re.M
)


@pytest.fixture
def slow(controller: Controller, azure: Emulation) -> Emulation:
    """An Azure that takes its time with vaults."""
    controller.tasks(
        task("resource_group", name=GROUP, location="westeurope"), task("resource_provider", name="Microsoft.KeyVault"), env=DIRECT
    ).succeeded()
    azure.control("PUT", "settings", {"durations": {"vault.create": SECONDS}})
    return azure


def vaults_of(name: str, *, switch: bool = True) -> list[Json]:
    """Return a play of three hosts, of which the second switches progress off, and the third shows nothing of the task."""
    options = {"resource_group": GROUP, "name": f"{name}-{{{{ inventory_hostname }}}}", "location": "westeurope"}
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    if switch:
        variables["ansible_privatelink_progress"] = "{{ inventory_hostname != 'quiet' }}"
    keywords = {"no_log": "{{ inventory_hostname == 'secret' }}", "vars": variables}
    return [play_of(task("keyvault", "Create the key vault", keywords=keywords, **options), hosts="all", connection="local")]


def titles(run: Run) -> set[tuple[str, str]]:
    """Return the titles of all lines of progress, each with its vault."""
    assert run.rc == 0, run.output
    assert not LINE.search(run.stdout)
    return {(found["title"], found["vault"]) for found in LINE.finditer(run.stderr)}


@pytest.mark.long
def test_a_long_operation_is_told_by_every_strategy_and_by_no_module_process(controller: Controller, slow: Emulation) -> None:
    """All at once, since each takes half a minute."""
    environments: dict[str, dict[str, str]] = {
        **{strategy.replace("_", "-"): {"ANSIBLE_STRATEGY": strategy} for strategy in ("linear", *BUILTIN)},
        "switched-off": {"ANSIBLE_PRIVATELINK_PROGRESS": "0"},
        "process": {"ANSIBLE_PRIVATELINK_DIRECT": "0"},
    }
    started: dict[str, Started] = {
        name: controller.start(vaults_of(name, switch=name != "switched-off"), "-i", f"{','.join(HOSTS)},", env={**DIRECT, **environment})
        for name, environment in environments.items()
    }
    reported = {name: titles(run.wait()) for name, run in started.items()}
    silent = ("switched-off", "process")
    assert reported == {name: set() if name in silent else {("keyvault on loud", f"{name}-loud")} for name in environments}


@pytest.mark.long
@pytest.mark.skipif(shutil.which(RUNNER) is None, reason="ansible-runner is not installed beside these tools")
def test_a_long_operation_is_told_on_a_jobs_page(controller: Controller, slow: Emulation, tmp_path: pathlib.Path) -> None:
    """AWX shows the output of the events that ansible-runner makes of a job."""
    for name, text in {"project/site.yml": json.dumps(vaults_of("runner")), "inventory/hosts": "loud\n"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment = {**controller.environment, **DIRECT}
    done = subprocess.run(
        [RUNNER, "run", str(tmp_path), "--playbook", "site.yml"], env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    events = [json.loads(file.read_text(encoding="utf-8")) for file in tmp_path.glob("artifacts/*/job_events/*.json")]
    assert done.returncode == 0, done.stdout
    assert [event["event"] for event in events if LINE.search(event["stdout"].replace("\r", ""))] == ["verbose"], done.stdout


@pytest.mark.long
def test_a_long_operation_is_told_under_mitogen(controller: Controller, slow: Emulation) -> None:
    env = {**DIRECT, "ANSIBLE_STRATEGY": MITOGEN, "ANSIBLE_STRATEGY_PLUGINS": mitogen_plugins()}
    run = controller.run(vaults_of("mitogen"), "-i", f"{','.join(HOSTS)},", env=env)
    assert titles(run) == {("keyvault on loud", "mitogen-loud")}


def test_a_short_task_says_nothing(controller: Controller, azure: Emulation) -> None:
    run = controller.tasks(task("resource_group", name=GROUP, location="westeurope"), env=DIRECT).succeeded()
    assert run.stderr == ""


def test_a_fleet_says_what_it_plans_and_how_far_it_is(controller: Controller, azure: Emulation) -> None:
    azure.control("PUT", "settings", {"timing": "fast"})
    azure.fault("PUT", "/vaults/fleet-vault-1$", status=403, code="AuthorizationFailed", message="No right to write vaults.")
    run = controller.tasks(task("private_vaults", **FLEET, keywords={"ignore_errors": True}), env=DIRECT)
    lines = [line for line in run.stderr.splitlines() if line.startswith("[private_vaults] ")]
    planned = run.tasks[0]["planned"]
    assert lines[0] == f"[private_vaults] {planned['message'].rstrip('.')}" and planned["writes"] > 15, run.output
    assert lines[-1].startswith("[private_vaults] 5 of 5 vaults done (4 changed, 1 failed): "), run.output
    assert sum("fleet-vault-1 (failed)" in line for line in lines) == 1, run.output
    again = controller.tasks(
        task("private_vaults", **{**FLEET, "vaults": dict.fromkeys(["fleet-vault-0", "fleet-vault-2"], {})}), env=DIRECT
    ).succeeded()
    assert not again.changed and again.stderr == ""


# --- Ctrl-C ---


def when(condition: t.Callable[[], bool], started: Started, seconds: float = 60) -> None:
    """Wait until something is so, while a playbook runs."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until and started.process.poll() is None, started.wait(1).output
        time.sleep(0.05)


def test_ctrl_c_says_what_azure_goes_on_with(controller: Controller, slow: Emulation) -> None:
    """A terminal signals the whole process group; Ansible's workers may have one of their own."""
    options = {"resource_group": GROUP, "name": "left-vault", "location": "westeurope"}
    started = controller.start([play_of(task("keyvault", **options))], env=DIRECT, own_group=True)
    when(
        lambda: any(
            request["path"].endswith("/vaults/left-vault") for request in slow.requests(started.began) if request["method"] == "PUT"
        ),
        started,
    )
    os.killpg(started.process.pid, signal.SIGINT)
    run = started.wait(30)
    line = "[keyvault] Interrupted; Azure may still create key vault 'left-vault' of resource group 'slow'. Run again to continue."
    assert line in run.stderr.splitlines(), run.output
    assert run.rc == 99, run.output
    slow.control("PUT", "clock", {"advance": SECONDS})
    again = controller.tasks(task("keyvault", "again", **options), env=DIRECT).succeeded()
    assert not again.task("again").changed and not again.writes
