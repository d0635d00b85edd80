# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible runs needs only meta, plugins, roles and playbooks of the installed collection, as its package of collections asks."""

from __future__ import annotations

import json
import pathlib
import shutil

import pytest

from integration.emulation import Emulation
from integration.preloaded import Preloaded
from integration.running import Controller

pytestmark = [pytest.mark.long, pytest.mark.new_interpreter]

FOLDERS = ("meta", "plugins", "roles", "playbooks")
VARIABLES = {
    "private_vault_name": "payments-vault",
    "private_vault_resource_group": "payments",
    "private_vault_location": "westeurope",
    "private_vault_network_name": "payments-net",
    "private_vault_network_address_prefixes": ["10.1.0.0/16"],
    "private_vault_subnet_name": "endpoints",
    "private_vault_subnet_address_prefixes": ["10.1.0.0/24"],
}


def test_the_collection_works_from_its_four_folders(
    collections: str, emulation: Emulation, preloaded: Preloaded, azure: Emulation, tmp_path: pathlib.Path
) -> None:
    place = pathlib.Path("ansible_collections", "privatelink", "azure")
    for folder in FOLDERS:
        shutil.copytree(pathlib.Path(collections) / place / folder, tmp_path / "only" / place / folder)
    (tmp_path / "controller").mkdir()
    controller = Controller(tmp_path / "controller", emulation, str(tmp_path / "only"), preloaded)
    for playbook, variables in (("rollout", VARIABLES), ("audit", {}), ("status", {})):
        run = controller.run(f"privatelink.azure.{playbook}", "-e", json.dumps(variables)).succeeded()
        assert bool(run.writes) is (playbook == "rollout")
    assert not (tmp_path / "only" / place / "README.md").exists()
