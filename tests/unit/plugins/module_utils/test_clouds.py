# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of clouds, and clouds that describe themselves."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils import clouds

METADATA = "https://arm.example/metadata/endpoints?api-version=2022-09-01"
DESCRIBED: dict[str, t.Any] = {
    "name": "Private",
    "resourceManager": "https://arm.example/",
    "authentication": {"loginEndpoint": "https://login.example/", "audiences": ["https://arm.example/", "https://old.example/"]},
    "suffixes": {"keyVaultDns": ".vault.example", "mhsmDns": "managedhsm.example"},
}


@pytest.mark.parametrize(
    ("name", "manager", "login", "scope", "vault_zone", "hsm_zone"),
    [
        (
            "AzureCloud",
            "https://management.azure.com",
            "https://login.microsoftonline.com",
            "https://management.core.windows.net/.default",
            "privatelink.vaultcore.azure.net",
            "privatelink.managedhsm.azure.net",
        ),
        (
            "AzureUSGovernment",
            "https://management.usgovcloudapi.net",
            "https://login.microsoftonline.us",
            "https://management.core.usgovcloudapi.net/.default",
            "privatelink.vaultcore.usgovcloudapi.net",
            "privatelink.managedhsm.usgovcloudapi.net",
        ),
        (
            "AzureChinaCloud",
            "https://management.chinacloudapi.cn",
            "https://login.chinacloudapi.cn",
            "https://management.core.chinacloudapi.cn/.default",
            "privatelink.vaultcore.azure.cn",
            "privatelink.managedhsm.azure.cn",
        ),
    ],
)
def test_a_named_cloud(name: str, manager: str, login: str, scope: str, vault_zone: str, hsm_zone: str) -> None:
    for spelling in (name, name.lower(), name.upper()):
        cloud = clouds.by_name(spelling)
        assert cloud is not None
        assert (cloud.name, cloud.resource_manager, cloud.login, cloud.scope) == (name, manager, login, scope)
        assert (cloud.vault_zone, cloud.hsm_zone) == (vault_zone, hsm_zone)
        assert cloud.well_known
    assert name in clouds.NAMES


def test_an_unknown_cloud_is_none() -> None:
    assert clouds.by_name("AzureGermanCloud") is None
    assert clouds.DEFAULT.name == "AzureCloud"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://arm.example", "https://arm.example/metadata/endpoints?api-version=2022-09-01"),
        ("https://arm.example/", "https://arm.example/metadata/endpoints?api-version=2022-09-01"),
        ("https://arm.example:4443", "https://arm.example:4443/metadata/endpoints?api-version=2022-09-01"),
        ("https://arm.example/metadata/endpoints", "https://arm.example/metadata/endpoints?api-version=2022-09-01"),
        ("https://arm.example/metadata/endpoints?api-version=2019-05-01", "https://arm.example/metadata/endpoints?api-version=2019-05-01"),
    ],
)
def test_the_address_of_metadata(given: str, url: str) -> None:
    assert clouds.metadata_url(given) == url


def test_metadata_of_one_cloud() -> None:
    cloud = clouds.from_metadata(DESCRIBED, METADATA)
    assert cloud == clouds.Cloud(
        "Private", "https://arm.example", "https://login.example", "https://arm.example/", "vault.example", "managedhsm.example", well_known=False
    )
    assert cloud is not None
    assert (cloud.scope, cloud.vault_zone) == ("https://arm.example/.default", "privatelink.vaultcore.example")


def test_metadata_of_several_clouds_takes_the_one_that_was_asked() -> None:
    public = {**DESCRIBED, "name": "AzureCloud", "resourceManager": "https://management.azure.com/"}
    found = clouds.from_metadata([public, DESCRIBED], METADATA)
    assert found is not None
    assert found.name == "Private"
    found = clouds.from_metadata([public], "https://management.azure.com/metadata/endpoints")
    assert found is not None
    assert found.well_known


def test_metadata_without_optional_parts_falls_back() -> None:
    authentication = {"loginEndpoint": "https://login.example"}
    found = clouds.from_metadata({"authentication": authentication}, "https://ARM.example:4443/metadata/endpoints")
    assert found is not None
    assert found == dataclasses.replace(
        found, name="arm.example:4443", resource_manager="https://arm.example:4443", audience="https://arm.example:4443", vault_suffix="vault.azure.net"
    )


@pytest.mark.parametrize("answer", [None, {}, [], "text", [None], {"authentication": None}, {"authentication": "x"}, {"authentication": {"audiences": []}}])
def test_what_describes_no_cloud_is_none(answer: t.Any) -> None:
    assert clouds.from_metadata(answer, METADATA) is None
