# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project in extensions/awx under ansible-runner, as AWX runs it: every job template, the workflow, odd inventories, and the image."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest
import yaml

from integration.awx import LOCALHOST, PROJECT, RUNNER, Job, answers, script
from integration.emulation import Emulation, Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, is_sentence

pytestmark = [
    pytest.mark.newest,
    pytest.mark.skipif(shutil.which(RUNNER) is None, reason="ansible-runner is not installed beside these tools"),
]

CLIENT, SECRET = "a0000000-0000-4000-8000-0000000000a7", "secret-of~awx-7"
PLAYBOOKS = sorted(file.stem for file in (PROJECT.parents[1] / "playbooks").glob("*.yml"))

Start = t.Callable[..., Job]


@pytest.fixture(scope="module")
def start(controller: Controller, landscape: Landscape, emulation: Emulation, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start a job of a wrapper with the credential of a principal that sees one subscription."""
    landscape.use()
    only = [{"role": "Owner", "scope": f"/subscriptions/{emulation.facts['subscription']}"}]
    emulation.principal(client_id=CLIENT, object_id="awx", secret=SECRET, assignments=only)
    environment = {**controller.environment, "AZURE_CLIENT_ID": CLIENT, "AZURE_SECRET": SECRET}

    def started(playbook: str, *arguments: str, **more: t.Any) -> Job:
        return Job(tmp_path_factory.mktemp(playbook), playbook, *arguments, environment=environment, **more)

    return started


# --- every job template, as a check job ---


def typed(landscape: Landscape) -> dict[str, Json]:
    """Return what somebody types into the survey of each playbook, texts as they come from a form."""
    return {
        "approve": {"approve_vault_id": landscape.other_vault, "approve_endpoint_ids": f" {landscape.request}\n"},
        "audit": {"audit_resource_groups": GROUP},
        "await_approval": {"await_endpoint_id": landscape.endpoint, "await_dns": "none", "await_timeout": 5},
        "decommission": {
            "decommission_ids": f"{landscape.endpoint}\n{landscape.others}\n",
            "decommission_links": f"- zone_id: {landscape.zone}\n  virtual_network_id: {landscape.network}\n",
            "decommission_purge": "false",
        },
        "existing_vault": {
            "existing_vault_id": landscape.vault,
            "existing_subnet_id": landscape.subnet,
            "existing_zone_id": landscape.zone,
            "existing_network_ids": landscape.network,
            "existing_close": "false",
        },
        "export": {"export_resource_groups": f"{GROUP}, elsewhere"},
        "fleet": {
            "private_vaults_vaults": "fleet-one: {}\nfleet-two:\n  location: northeurope\n",
            "private_vaults_defaults": json.dumps(
                {
                    "resource_group": GROUP,
                    "location": "westeurope",
                    "subnet_id": landscape.subnet,
                    "zone_id": landscape.zone,
                    "tags": {"a": "b"},
                }
            ),
            "private_vaults_wait_timeout": 600,
        },
        "orphans": {"orphans_zone_id": landscape.zone, "orphans_remove": "false"},
        "request": {
            "request_vault_id": landscape.other_vault,
            "request_subnet_id": landscape.others,
            "request_resource_group": GROUP,
            "request_tags": "team: payments\nnote: a, b",
            "request_wait_timeout": 300,
        },
        "rollout": {
            "private_vault_resource_group": GROUP,
            "private_vault_location": "westeurope",
            "private_vault_name": "awx-vault",
            "private_vault_network_address_prefixes": "10.8.0.0/16\n",
            "private_vault_subnet_address_prefixes": "10.8.0.0/24",
            "private_vault_soft_delete_retention_in_days": 14,
            "private_vault_lock": "level: CanNotDelete",
            "private_vault_role_assignments": "[]",
            "private_vault_tags": '{"team": "payments"}',
        },
        "status": {"status_vault_name": "shop-vault", "status_resource_group": GROUP},
        # shop-vault has no DNS
        "validate": {
            "validation_vault_ids": f"{landscape.vault}\n",
            "validation_skip_checks": "zone_exists, zone_linked, record_exists",
            "validation_probe_timeout": 10,
        },
    }


CHANGING = {"approve", "decommission", "existing_vault", "fleet", "request", "rollout"}
# Others than these run in make test-long; some of them run in the workflow, too.
FIRST = {"rollout", "validate"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in FIRST else [pytest.mark.long]) for name in PLAYBOOKS])
def test_every_wrapper_runs_as_a_check_job_with_a_survey(name: str, start: Start, landscape: Landscape, emulation: Emulation) -> None:
    """Most of the survey stays blank; nothing is written, and the job says what would be."""
    forms = typed(landscape)
    assert name in forms, f"{name} has no answers in typed() of this file"
    emulation.read_only()
    ended = start(name, "--check", "--diff", variables=answers(name, **forms[name])).end().succeeded()
    emulation.read_only(False)
    assert bool(ended.changed) == (name in CHANGING), ended.output
    assert ended.artifacts, ended.output
    assert SECRET not in json.dumps(ended.events)
    if name == "rollout":
        assert "awx-vault" in ended.artifacts["privatelink_vault_id"]
    if name == "fleet":
        assert len(ended.artifacts["privatelink_vault_ids"]) == 2


# --- the workflow ---


def test_the_jobs_of_the_workflow_hand_on_what_the_next_one_needs(start: Start, landscape: Landscape, emulation: Emulation) -> None:
    """What config/workflows.yml connects: artifacts are extra variables of the next job, beside the answers of the workflow's survey."""
    answered = answers(
        "connect",
        request_vault_id=landscape.other_vault,
        request_subnet_id=landscape.others,
        request_resource_group=GROUP,
        request_name="awx-request",
        request_message="2026-11-27",
        await_zone_id=landscape.zone,
        await_network_ids=landscape.network,
    )
    (workflow,) = [each for each in _config("workflows")["awx_workflows"] if each["name"] == "Key Vault - connect"]
    templates = {each["name"]: each for each in _config("job_templates")["awx_job_templates"]}
    nodes = {node["identifier"]: node for node in workflow["nodes"]}
    at, ran = workflow["nodes"][0], []
    artifacts: Json = {}
    while at:
        if "template" in at:
            template = templates[at["template"]]
            form = {} if template.get("survey") is False else answers_of_a_node(template["playbook"])
            variables = {**form, **answered, **artifacts}
            ended = start(template["playbook"], variables=variables, template=template.get("variables")).end().succeeded()
            artifacts |= ended.artifacts
            ran.append(template["playbook"])
        at = nodes[at["success"][0]] if at.get("success") else None
    assert ran[:3] == ["request", "approve", "await_approval"] and len(ran) == 4
    endpoint = emulation.id(GROUP, "Microsoft.Network/privateEndpoints", "awx-request")
    assert artifacts["privatelink_endpoint_id"].lower() == endpoint.lower()
    assert [each.lower() for each in artifacts["privatelink_approved"]] == [endpoint.lower()]
    assert (artifacts["privatelink_connection_state"], artifacts["privatelink_message"]) == ("Approved", "2026-11-27")
    assert artifacts["privatelink_private"] and artifacts["privatelink_not_private"] == []
    assert "10.1.1." in emulation.lookup("shop-till.vault.azure.net", landscape.network)


def answers_of_a_node(playbook: str) -> Json:
    """Return the answers of a template's survey in a workflow: its defaults, and nothing for what has none."""
    spec = _config(f"surveys/{playbook}")["spec"]
    return {question["variable"]: question["default"] for question in spec if question.get("default", "") != ""}


class _Loader(yaml.SafeLoader):
    """Reads Ansible's !unsafe, too."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(t.cast(yaml.ScalarNode, node)))


def _config(name: str) -> t.Any:
    return _Loader((PROJECT / "config" / f"{name}.yml").read_text(encoding="utf-8")).get_single_data()


# --- inventories ---

WEB = {"web1": {"ansible_host": "192.0.2.1"}, "web2": {"ansible_host": "192.0.2.2"}}
SHOWN = {
    "localhost without a connection": script({"localhost": {}, **WEB}),
    "localhost is not listed": script(WEB),
}
REFUSED: dict[str, tuple[Json, tuple[str, ...], Json, str]] = {
    "a limit leaves localhost out": (script({"localhost": LOCALHOST, **WEB}), ("--limit", "web1,web2"), {}, "limit 'web1,web2'"),
    "a slice of many": (script(WEB), (), {"workflow_job_name": "Key Vault - test"}, "job slicing"),
}


def test_inventories_without_a_connection_to_localhost_work(start: Start) -> None:
    jobs = {name: start("status", inventory=inventory, variables=answers("status")) for name, inventory in SHOWN.items()}
    for name, job in jobs.items():
        ended = job.end().succeeded()
        assert "privatelink_pending" in ended.artifacts, f"{name}: {ended.output}"


@pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh, by which Ansible would connect")
def test_the_playbook_itself_says_that_localhost_has_no_connection(controller: Controller, tmp_path: pathlib.Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {localhost: {ansible_port: 1}}}", encoding="utf-8")
    run = controller.run("privatelink.azure.status", "-i", str(inventory))
    assert run.rc != 0 and not run.requests
    assert "add ansible_connection: local to its variables" in run.output, run.output


def test_a_job_that_would_do_nothing_or_too_much_is_refused(start: Start, emulation: Emulation) -> None:
    before = len(emulation.requests())
    jobs = {
        name: start("status", *arguments, inventory=inventory, injected=injected, variables=answers("status"))
        for name, (inventory, arguments, injected, _words) in REFUSED.items()
    }
    for name, job in jobs.items():
        ended = job.end()
        assert ended.status == "failed", f"{name}: {ended.output}"
        assert len(ended.messages) == 1 and REFUSED[name][3] in ended.messages[0], ended.output
        assert is_sentence(ended.messages[0]), ended.messages
    assert len(emulation.requests()) == before


@pytest.mark.long
def test_the_vaults_of_an_inventory_are_reviewed_in_slices(
    start: Start, controller: Controller, landscape: Landscape, tmp_path: pathlib.Path
) -> None:
    source = tmp_path / "vaults.keyvaults.yml"
    shutil.copy(PROJECT / "inventories" / source.name, source)
    listed = controller.command("ansible-inventory", "-i", str(source), "--list", "--export")
    assert listed.returncode == 0, listed.stderr
    hosts: Json = json.loads(listed.stdout)["_meta"]["hostvars"]
    assert len(hosts) >= 2
    names = sorted(hosts)
    slices = [script({name: hosts[name] for name in names[number::2]}) for number in range(2)]
    arguments = [(), ("--limit", names[1])]
    jobs = [start("review", *each, inventory=inventory) for each, inventory in zip(arguments, slices, strict=True)]
    output = [job.end().succeeded() for job in jobs]
    shown = [{name for name in names if f"[{name}]" in ended.output} for ended in output]
    assert shown == [set(names[0::2]), {names[1]}], output[0].output


# --- the image ---


@pytest.mark.parametrize("name", ["execution-environment", "execution-environment-azcollection"])
def test_ansible_builder_creates_the_context_of_the_image(name: str, tmp_path: pathlib.Path) -> None:
    """The context alone: the image needs podman or docker, and Galaxy."""
    builder = str(pathlib.Path(sys.executable).parent / "ansible-builder")
    line = [builder, "create", "--file", str(PROJECT / f"{name}.yml"), "--context", str(tmp_path), "--output-filename", "Containerfile"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ansible-galaxy collection install" in (tmp_path / "Containerfile").read_text(encoding="utf-8")
    collections = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert [each["name"] for each in collections] == ["privatelink.azure", "azure.azcollection"][: len(collections)]


def test_the_image_gets_the_packages_of_the_collection(collections: str) -> None:
    builder = str(pathlib.Path(sys.executable).parent / "ansible-builder")
    line = [builder, "introspect", collections]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    wanted = (PROJECT.parents[1] / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for requirement in (line for line in wanted if line and line[0] != "#"):
        assert requirement in done.stdout.replace("'", ""), done.stdout
