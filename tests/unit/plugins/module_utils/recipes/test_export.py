# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module export: the file of variables that it writes and keeps."""

from __future__ import annotations

import functools
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import SUBNET, VAULT, ZONE
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import LINK, Documents, fleet, healthy
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import looked

Exported = t.Callable[..., Document]


@pytest.fixture
def world() -> Documents:
    return healthy(by_group=True)


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch, world: Documents) -> Exported:
    return functools.partial(looked, monkeypatch, world, "export")


def test_without_a_file_the_result_has_the_variables(exported: Exported) -> None:
    result = exported()
    assert (result["changed"], result["vaults"], result["not_exported"]) == (False, ["payments-vault"], []) and "dest" not in result
    vault = result["variables"]["private_vaults_vaults"]["payments-vault"]
    assert (vault["purge_protection"], vault["public_network_access"]) == (True, "Disabled")
    (endpoint,) = vault["endpoints"].values()
    assert (endpoint["subnet_id"], endpoint["zone_id"], endpoint["dns"], endpoint["link"]) == (SUBNET, ZONE, "zone_group", True)


def test_a_file_is_written_once_and_kept(exported: Exported, world: Documents, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "vaults.yml"
    rehearsed = exported(dest=str(file), check=True, diff=True)
    assert rehearsed["changed"] and not file.exists()
    first = exported(dest=str(file), diff=True)
    assert first["changed"] and first["diff"] == rehearsed["diff"] and first["diff"]["after"] == file.read_text(encoding="utf-8")
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == first["variables"]
    again = exported(dest=str(file), diff=True)
    assert (again["changed"], again["diff"]) == (False, {"before": {}, "after": {}})
    world[VAULT]["publicNetworkAccess"] = "Enabled"
    third = exported(dest=str(file), diff=True)
    assert third["changed"] and "public_network_access: Enabled" in third["diff"]["after"] and "Disabled" in third["diff"]["before"]


def test_what_vaults_have_alike_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = looked(monkeypatch, fleet(3), "export")["variables"]
    defaults, vaults = variables["private_vaults_defaults"], variables["private_vaults_vaults"]
    assert (defaults["subnet_id"], defaults["zone_id"], defaults["location"]) == (SUBNET, ZONE, "westeurope") and len(vaults) == 3
    assert not [name for vault in vaults.values() for name in vault if name in defaults]


def test_a_link_says_what_azure_does_not_choose(exported: Exported, world: Documents) -> None:
    world[LINK].update(registrationEnabled=True, resolutionPolicy="NxDomainRedirect")
    (endpoint,) = exported()["variables"]["private_vaults_vaults"]["payments-vault"]["endpoints"].values()
    assert (endpoint["registration_enabled"], endpoint["resolution_policy"]) == (True, "NxDomainRedirect")


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"dest": "/no/such/directory/vaults.yml"}, "dest", "No such file or directory"),
        ({"vault_ids": [f"{VAULT}x"]}, "vault_ids", "was not found; correct the id"),
        ({"vault_ids": [VAULT], "subscription_ids": ["x"]}, "subscription_ids", "has no effect together with vault_ids"),
    ],
)
def test_wrong_options_are_named(exported: Exported, options: Document, option: str, words: str) -> None:
    result = exported(**options)
    assert (result["failed"], result["changed"], result["option"]) == (True, False, option) and words in result["msg"], result["msg"]
