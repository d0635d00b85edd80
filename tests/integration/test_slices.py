# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's job slices: the inventory cut into parts, each handed to an execution node by ansible-runner, all at once on one subscription."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest

from integration.emulation import Emulation, Json, is_write
from integration.estate import Estate
from integration.running import Controller

pytestmark = pytest.mark.long

SLICES, VAULTS = 3, 12
TIMEOUT = 240
# A small bucket, so that a dozen writes are what four hundred are for Azure: 8 tokens, then one in 2.5 seconds.
SCALE = 0.04
RUNNER = str(pathlib.Path(sys.executable).parent / "ansible-runner")

ROLE: Json = {
    "name": "Tag every vault",
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {
            "name": "Tag the vault",
            "ansible.builtin.include_role": {"name": "privatelink.azure.vault"},
            "vars": {
                "vault_name": "{{ keyvault_name }}",
                "vault_resource_group": "{{ resource_group }}",
                "vault_location": "{{ location }}",
                "vault_tags": {"reviewed": "yes"},
            },
        }
    ],
}


def slice_of(listed: Json, number: int) -> Json:
    """Return AWX's part of an inventory: every host whose place, in the order of names, is the slice's."""
    variables = listed["_meta"]["hostvars"]
    hosts = sorted(variables)[number::SLICES]
    groups = {
        name: {**group, "hosts": [host for host in group["hosts"] if host in hosts]} for name, group in listed.items() if "hosts" in group
    }
    return {"all": {"hosts": hosts}, **groups, "_meta": {"hostvars": {host: variables[host] for host in hosts}}}


class Slice:
    """One slice on its way: transmit on the controller, worker on an execution node, process on the controller."""

    def __init__(self, directory: pathlib.Path, inventory: Json, environment: dict[str, str]) -> None:
        self._directory, self._environment = directory, environment
        self.data, self.node = directory / "data", directory / "node"
        for folder in ("project", "inventory", "env"):
            (self.data / folder).mkdir(parents=True)
        self.node.mkdir()
        (self.data / "project" / "site.yml").write_text(json.dumps([ROLE]), encoding="utf-8")
        (self.data / "env" / "envvars").write_text(
            json.dumps({**environment, "ANSIBLE_HOME": str(self.node / "ansible")}), encoding="utf-8"
        )
        script = self.data / "inventory" / "hosts"  # as AWX writes it
        script.write_text(f"#!{sys.executable}\nprint({json.dumps(json.dumps(inventory))})\n", encoding="utf-8")
        script.chmod(0o700)
        transmit = self._start("transmit", str(self.data), "--playbook", "site.yml", "--forks", "2", stdin=subprocess.DEVNULL)
        self._worker = self._start("worker", "--private-data-dir", str(self.node), stdin=transmit.stdout)
        self._process = self._start("process", str(self.data), stdin=self._worker.stdout)
        self._all = (transmit, self._worker, self._process)

    def _start(self, *arguments: str, stdin: t.Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [RUNNER, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if arguments[0] == "process" else subprocess.DEVNULL,
            env={**self._environment, "HOME": str(self._directory)},
        )

    def end(self) -> str:
        """Wait for the end, or end it; return what the controller was shown."""
        try:
            output, _nothing = self._process.communicate(timeout=TIMEOUT)
        finally:
            for process in self._all:
                if process.poll() is None and process is not self._process:
                    try:
                        process.wait(timeout=10)
                    except subprocess.TimeoutExpired:
                        process.kill()
        return output.decode()

    @property
    def artifacts(self) -> Json:
        """Return status and counts that the job ended with."""
        job = self.data / "artifacts"
        events = [json.loads(file.read_text(encoding="utf-8")) for file in (job / "job_events").glob("*.json")]
        stats = next(event["event_data"] for event in events if event["event"] == "playbook_on_stats")
        return {"status": (job / "status").read_text(encoding="utf-8"), "changed": stats["changed"], "failures": stats["failures"]}


@pytest.mark.skipif(shutil.which(RUNNER) is None, reason="ansible-runner is not installed beside these tools")
def test_slices_share_the_bucket_of_a_subscription(
    controller: Controller, emulation: Emulation, tmp_path: pathlib.Path, collections: str
) -> None:
    emulation.reset()
    estate = Estate(emulation)
    vaults = [estate.vault(f"slice-{number:02}") for number in range(VAULTS)]
    source = tmp_path / "keyvaults.yml"
    source.write_text(json.dumps({"plugin": "privatelink.azure.keyvaults", "keyed_groups": [{"key": "location"}]}), encoding="utf-8")
    listed = controller.command("ansible-inventory", "-i", str(source), "--list", "--export")
    assert listed.returncode == 0, listed.stderr
    emulation.control("PUT", "settings", {"throttling": True, "throttle_scale": SCALE})
    before = len(emulation.requests())
    environment = {**controller.environment, "ANSIBLE_COLLECTIONS_PATH": collections, "TMPDIR": os.environ.get("TMPDIR", "/tmp")}
    environment.pop("ANSIBLE_CALLBACKS_ENABLED")
    slices = []
    for number in range(SLICES):
        (tmp_path / str(number)).mkdir()
        slices.append(Slice(tmp_path / str(number), slice_of(json.loads(listed.stdout), number), environment))
    shown = [each.end() for each in slices]
    for each, output in zip(slices, shown, strict=True):
        assert each.artifacts["status"] == "successful", output
        assert len(each.artifacts["changed"]) == VAULTS // SLICES and not each.artifacts["failures"], output
    for vault in vaults:
        assert emulation.resource(vault)["tags"] == {"reviewed": "yes"}
    writes = [request for request in emulation.requests()[before:] if is_write(request)]
    assert [request["status"] for request in writes].count(200) == VAULTS
    first, last = writes[0]["time"], writes[-1]["time"]
    assert last - first >= (VAULTS - 200 * SCALE) / (10 * SCALE) - 3, "the bucket was too large to be shared"
