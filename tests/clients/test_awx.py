# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWX project beside others: configure.yml with the modules of awx.awx on a stand-in for AWX's API, and what pip makes of the image."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from clients.awx_api import Api
from clients.processes import CACHE, ROOT, count

AWX = CACHE / "awx" / "collections"
PEER = CACHE / "azcollection" / "collections"
BIN = pathlib.Path(sys.executable).parent
TIMEOUT = 300


@pytest.fixture(scope="module")
def api() -> t.Iterator[Api]:
    """An AWX with an organization and two credentials of one type."""
    if not (AWX / "ansible_collections" / "awx" / "awx").is_dir():
        pytest.skip(f"awx.awx is not in {AWX}; tests/clients/run.sh puts it there")
    with Api(ROOT) as running:
        running.store.add("organizations", {"name": "Default"})
        for name in ("Azure", "Owner"):
            running.store.add("credentials", {"name": name, "credential_type": 9})
        yield running


def configure(api: Api, home: pathlib.Path, *arguments: str) -> str:
    """Run configure.yml and return its recap."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LC_ALL", "TMPDIR") if name in os.environ},
        "HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": str(AWX),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "CONTROLLER_HOST": api.url,
        "CONTROLLER_OAUTH_TOKEN": "token",
    }
    line = [str(BIN / "ansible-playbook"), str(ROOT / "extensions/awx/configure.yml"), "-e", "awx_owner_credential=Owner", *arguments]
    done = subprocess.run(line, env=environment, cwd=home, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    count("configure.yml with awx.awx")
    return done.stdout.partition("PLAY RECAP")[2]


def test_awx_has_what_config_says_and_a_second_run_changes_nothing(api: Api, tmp_path: pathlib.Path) -> None:
    store = api.store
    configure(api, tmp_path)
    names = {each["name"] for each in store.objects["job_templates"].values()}
    playbooks = {pathlib.Path(each["playbook"]).stem for each in store.objects["job_templates"].values()}
    assert playbooks == {*(file.stem for file in (ROOT / "playbooks").glob("*.yml")), "review"}
    for name in names:
        template = store.named("job_templates", name)
        assert bool(store.surveys.get(f"{template['url']}survey_spec/")) is template["survey_enabled"], name
        sliced = pathlib.Path(template["playbook"]).stem == "review"
        assert template["ask_limit_on_launch"] is template["ask_job_slice_count_on_launch"] is sliced
        assert template["ask_job_type_on_launch"] and template["ask_credential_on_launch"] and template["ask_variables_on_launch"]
        assert store.links(template, "credentials") == ["Owner" if template["playbook"].endswith("approve.yml") else "Azure"] or sliced
    by_itself = store.named("job_templates", "Key Vault - approve the request of a workflow")
    assert json.loads(by_itself["extra_vars"]) == {"approve_endpoint_ids": "{{ privatelink_endpoint_id }}"}
    before = len(store.writes)
    assert re.search(r"changed=0 .*failed=0", configure(api, tmp_path)), store.writes[before:]
    assert len(store.writes) == before


def test_the_workflow_has_an_approval_between_request_and_approve(api: Api) -> None:
    store = api.store
    workflow = store.named("workflow_job_templates", "Key Vault - connect")
    nodes = {
        node["identifier"]: node
        for node in store.objects["workflow_job_template_nodes"].values()
        if node["workflow_job_template"] == workflow["id"]
    }
    way, at = [], "request"
    while at:
        way.append(at)
        at = next(iter(store.links(nodes[at], "success_nodes")), "")
    assert way[:4] == ["request", "approval", "approve", "await"] and len(way) == len(nodes)
    approval = store.objects["workflow_approval_templates"][nodes["approval"]["unified_job_template"]]
    assert approval["timeout"] == 86400
    assert workflow["survey_enabled"] and store.surveys[f"{workflow['url']}survey_spec/"]["spec"]


def test_pip_finds_packages_for_the_image_with_azcollection(tmp_path: pathlib.Path) -> None:
    """All requirements of both collections at once, as ansible-builder hands them to pip."""
    if not (PEER / "ansible_collections").is_dir():
        pytest.skip(f"azure.azcollection is not in {PEER}; tests/clients/run.sh puts it there")
    folder = tmp_path / "ansible_collections"
    (folder / "privatelink" / "azure").mkdir(parents=True)
    (folder / "azure").mkdir()
    (folder / "azure" / "azcollection").symlink_to(PEER / "ansible_collections" / "azure" / "azcollection")
    for name in ("meta", "requirements.txt", "galaxy.yml"):
        (folder / "privatelink" / "azure" / name).symlink_to(ROOT / name)
    merged = tmp_path / "merged.txt"
    line = [str(BIN / "ansible-builder"), "introspect", str(tmp_path), "--write-pip", str(merged)]
    subprocess.run(line, check=True, capture_output=True, text=True, timeout=60)
    wanted = merged.read_text(encoding="utf-8")
    assert "privatelink.azure" in wanted and "azure.azcollection" in wanted
    image = yaml.safe_load((ROOT / "extensions/awx/execution-environment-azcollection.yml").read_text(encoding="utf-8"))["dependencies"]
    wanted += "".join(f"{image[name]['package_pip']}\n" for name in ("ansible_core", "ansible_runner"))
    merged.write_text(wanted, encoding="utf-8")
    line = [str(BIN / "uv"), "pip", "compile", "--quiet", "--python-version", "3.12", "--prerelease", "allow", str(merged)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    assert "azure-mgmt-keyvault==" in done.stdout
    count("resolution of the image's packages")
