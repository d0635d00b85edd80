# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: a private data directory for ansible-runner, with what AWX writes into it, and what became of the job."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import yaml

from integration.emulation import TESTS, Json

PROJECT = TESTS.parent / "extensions" / "awx"
RUNNER = str(pathlib.Path(sys.executable).parent / "ansible-runner")
TIMEOUT = 240
LOCALHOST: Json = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
# The variables that AWX adds to those of the template, the survey and the jobs before; each once more with tower_ instead of awx_.
_INJECTED: Json = {
    "job_id": 7,
    "job_launch_type": "manual",
    "job_template_id": 3,
    "job_template_name": "Key Vault - test",
    "project_revision": "4a2b8c0d",
    "project_scm_branch": "main",
    "inventory_id": 2,
    "inventory_name": "privatelink.azure localhost",
    "user_id": 1,
    "user_name": "admin",
    "user_email": "admin@example.com",
    "user_first_name": "",
    "user_last_name": "",
}


class _Unsafe(str):
    """A text that AWX marks as no template, which is every answer of a survey and every artifact."""


class _Dumper(yaml.SafeDumper):
    """Writes !unsafe."""


_Dumper.add_representer(_Unsafe, lambda dumper, value: dumper.represent_scalar("!unsafe", str(value), style="'"))


def _marked(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {_Unsafe(key): _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return _Unsafe(value) if isinstance(value, str) else value


def answers(survey: str, **given: t.Any) -> Json:
    """Return what the form of a survey sends: what was typed, the defaults, and blank texts; no integer without a number."""
    spec = yaml.safe_load((PROJECT / "config" / "surveys" / f"{survey}.yml").read_text(encoding="utf-8"))["spec"]
    unknown = set(given) - {question["variable"] for question in spec}
    assert not unknown, f"the survey {survey} does not ask for {unknown}"
    found = {question["variable"]: question["default"] for question in spec if "default" in question} | given
    blank = [question["variable"] for question in spec if question["required"] and found[question["variable"]] == ""]
    assert not blank, f"the survey {survey} requires {blank}"
    return found


def script(hosts: t.Mapping[str, Json], **groups: t.Sequence[str]) -> Json:
    """Return an inventory as AWX's script prints it."""
    listed = {name: {"hosts": list(members)} for name, members in groups.items()}
    return {"all": {"hosts": list(hosts)}, **listed, "_meta": {"hostvars": dict(hosts)}}


@dataclasses.dataclass(frozen=True)
class Ended:
    """A job that has ended. changed counts the tasks of all hosts that changed something."""

    status: str
    output: str
    artifacts: Json
    changed: int
    events: list[Json]

    def succeeded(self) -> Ended:
        """Return itself; a job that failed shows its output."""
        assert self.status == "successful", self.output
        assert "[WARNING]" not in self.output and "Traceback" not in self.output, self.output
        return self

    @property
    def messages(self) -> list[str]:
        """Return the messages of the tasks that failed."""
        results = [event["event_data"].get("res") or {} for event in self.events if event["event"] == "runner_on_failed"]
        return [str(result.get("msg")) for result in results]

    @property
    def tasks(self) -> list[str]:
        """Return the tasks of the collection's roles that began."""
        return [event["event_data"]["task"] for event in self.events if event["event"] == "playbook_on_task_start"]


class Job:
    """A job on its way. directory: an empty one for the job alone."""

    def __init__(
        self,
        directory: pathlib.Path,
        playbook: str,
        *arguments: str,
        environment: t.Mapping[str, str],
        inventory: Json | None = None,
        variables: t.Mapping[str, t.Any] | None = None,
        template: t.Mapping[str, t.Any] | None = None,
        injected: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        """arguments: what AWX writes into env/cmdline, such as --check. variables: answers and artifacts; template: the template's own."""
        self._data = directory / "data"
        shutil.copytree(PROJECT, self._data / "project")
        for folder in ("inventory", "env"):
            (self._data / folder).mkdir()
        self._write_inventory(script({"localhost": LOCALHOST}) if inventory is None else inventory)
        meta = {f"{who}_{name}": value for who in ("awx", "tower") for name, value in {**_INJECTED, **(injected or {})}.items()}
        extra = {**dict(template or {}), **_marked({**meta, **(variables or {})})}
        env = self._data / "env"
        (env / "extravars").write_text(yaml.dump(extra, Dumper=_Dumper), encoding="utf-8")
        (env / "envvars").write_text(json.dumps(_of_awx(environment)), encoding="utf-8")
        (env / "cmdline").write_text(" ".join(("-u root", *arguments)), encoding="utf-8")
        (env / "settings").write_text(json.dumps({"idle_timeout": 0, "job_timeout": TIMEOUT, "pexpect_timeout": 5}), encoding="utf-8")
        kept = {name: environment[name] for name in ("PATH", "TMPDIR", "LC_ALL") if name in environment}
        self._process = subprocess.Popen(
            [RUNNER, "run", str(self._data), "--playbook", f"{playbook}.yml", "--ident", "7"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**kept, "HOME": str(directory)},
        )

    def _write_inventory(self, inventory: Json) -> None:
        file = self._data / "inventory" / "hosts"
        file.write_text(f"#!{sys.executable}\nprint({json.dumps(json.dumps(inventory))})\n", encoding="utf-8")
        file.chmod(0o700)

    def end(self) -> Ended:
        """Wait for the end, or end the job after TIMEOUT."""
        try:
            output, _nothing = self._process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            output, _nothing = self._process.communicate()
        job = self._data / "artifacts" / "7"
        events = [json.loads(file.read_text(encoding="utf-8")) for file in (job / "job_events").glob("*.json")]
        events.sort(key=lambda event: event["counter"])
        stats: Json = next((event["event_data"] for event in events if event["event"] == "playbook_on_stats"), {})
        status = (job / "status").read_text(encoding="utf-8") if (job / "status").exists() else "error"
        return Ended(status, output, stats.get("artifact_data", {}), sum(stats.get("changed", {}).values()), events)


def _of_awx(environment: t.Mapping[str, str]) -> dict[str, str]:
    """Return what AWX and its credential Microsoft Azure Resource Manager inject; of a subscription that nobody named, a blank text."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("ANSIBLE_CALLBACK", "ANSIBLE_LOCALHOST_WARNING"))}
    return {
        **kept,
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "AWX_HOST": "https://awx.example.com",
        "AZURE_SUBSCRIPTION_ID": "",
        "INVENTORY_ID": "2",
        "JOB_ID": "7",
        "MAX_EVENT_RES": "700000",
        "PROJECT_REVISION": "4a2b8c0d",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
    }
