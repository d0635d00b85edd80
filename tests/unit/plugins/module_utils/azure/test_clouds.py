# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of clouds, and clouds that describe themselves."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure import clouds

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


@pytest.mark.parametrize("port", ["", ":1", ":443", ":65535"])
@pytest.mark.parametrize("host", ["127.0.0.1", "management.azure.com", "[::1]"])
def test_an_address_leads_somewhere(host: str, port: str) -> None:
    assert clouds.address(f"https://{host}{port}/x") == (host, int(port[1:] or 443))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:65536", "https://a.example:99999", "https://a.example:0", "https://[:::]", "https://[1.2]"]
)
def test_an_address_that_cannot_be_is_none(url: str) -> None:
    assert clouds.address(url) is None


def test_metadata_of_one_cloud() -> None:
    cloud = clouds.from_metadata(DESCRIBED, METADATA)
    assert cloud == clouds.Cloud(
        "Private",
        "https://arm.example",
        "https://login.example",
        "https://arm.example/",
        "vault.example",
        "managedhsm.example",
        well_known=False,
    )
    assert (cloud.scope, cloud.vault_zone) == ("https://arm.example/.default", "privatelink.vaultcore.example")


def test_metadata_of_several_clouds_takes_the_one_that_was_asked() -> None:
    public = {**DESCRIBED, "name": "AzureCloud", "resourceManager": "https://management.azure.com/"}
    assert clouds.from_metadata([public, DESCRIBED], METADATA).name == "Private"
    assert clouds.from_metadata([public], "https://management.azure.com/metadata/endpoints").well_known


def test_metadata_without_optional_parts_falls_back() -> None:
    """Azure Stack Hub names neither itself nor its suffixes."""
    authentication = {"loginEndpoint": "https://login.example"}
    found = clouds.from_metadata({"authentication": authentication}, "https://ARM.example:4443/metadata/endpoints")
    assert found == dataclasses.replace(
        found,
        name="arm.example",
        resource_manager="https://ARM.example:4443",
        audience="https://ARM.example:4443",
        vault_suffix="vault.azure.net",
    )


_LOGIN = {"loginEndpoint": "https://login.example"}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        "text",
        5,
        [None],
        {"authentication": None},
        {"authentication": "x"},
        {"authentication": {"audiences": []}},
        {"authentication": {"loginEndpoint": 5}},
        {"authentication": {"loginEndpoint": ["x"]}},
        {"authentication": {**_LOGIN, "audiences": [None]}},
        {"authentication": {**_LOGIN, "audiences": "https://x"}},
        {"authentication": {**_LOGIN, "audiences": {"a": "b"}}},
        {"authentication": _LOGIN, "suffixes": ["x"]},
        {"authentication": _LOGIN, "suffixes": {"keyVaultDns": 5}},
        {"authentication": _LOGIN, "name": {"x": 1}},
    ],
)
def test_what_describes_no_cloud_says_so(answer: t.Any) -> None:
    with pytest.raises(ValueError, match="does not describe a cloud"):
        clouds.from_metadata(answer, METADATA)


@pytest.mark.parametrize(
    "manager",
    [
        "https://management.azure.com",
        "https://arm.example:4443",
        "http://arm.example",
        "https://arm.example.evil",
        "x",
        "https://a@arm.example",
    ],
)
def test_metadata_must_name_the_asked_host(manager: str) -> None:
    with pytest.raises(ValueError, match="returns the address of a different Resource Manager"):
        clouds.from_metadata({**DESCRIBED, "resourceManager": manager}, METADATA)


# --- where tokens may go ---

PUBLIC = clouds.DEFAULT
LOCAL = dataclasses.replace(PUBLIC, resource_manager="https://127.0.0.1:4443")


@pytest.mark.parametrize(
    ("cloud", "url", "trusted"),
    [
        (PUBLIC, "https://management.azure.com/subscriptions?api-version=1", True),
        (PUBLIC, "https://management.azure.com:443/x", True),
        (PUBLIC, "HTTPS://MANAGEMENT.azure.com/x", True),
        (PUBLIC, "https://management.azure.com", True),
        (PUBLIC, "https://westeurope.management.azure.com/x", True),
        (PUBLIC, "https://westeurope.management.azure.com:4443/x", False),
        (PUBLIC, "http://management.azure.com/x", False),
        (PUBLIC, "https://management.azure.com:4443/x", False),
        (PUBLIC, "https://evilmanagement.azure.com/x", False),
        (PUBLIC, "https://management.azure.com.evil.example/x", False),
        (PUBLIC, "https://management.azure.com@evil.example/x", False),
        (PUBLIC, "https://evil.example\\@management.azure.com/x", False),
        (PUBLIC, "https://evil.example#@management.azure.com/x", False),
        (PUBLIC, "https://user:x@management.azure.com/x", False),
        (PUBLIC, "https://management.azure.com\t.evil.example/x", False),
        (PUBLIC, " https://management.azure.com/x", False),
        (PUBLIC, "//management.azure.com/x", False),
        (PUBLIC, "/subscriptions/x", False),
        (PUBLIC, "https://", False),
        (PUBLIC, "https://[", False),
        (PUBLIC, "", False),
        (LOCAL, "https://127.0.0.1:4443/x", True),
        (LOCAL, "https://127.0.0.1:4444/x", False),
        (LOCAL, "https://127.0.0.1/x", False),
        (LOCAL, "https://x.127.0.0.1:4443/x", False),
        (LOCAL, "https://localhost:4443/x", False),
    ],
)
def test_tokens_go_to_the_clouds_own_resource_manager_alone(cloud: clouds.Cloud, url: str, trusted: bool) -> None:
    assert cloud.trusts(url) is trusted


STACK = "https://management.local.azurestack.external"
ENTRA = "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    ("manager", "audience", "authority", "on_platform", "allowed"),
    [
        # Azure Stack Hub, with Entra ID and with AD FS; a cloud that is its own audience
        (STACK, "https://management.contoso.onmicrosoft.com/36f71706-54df-4305-9847-5b038a4cf189", ENTRA, False, True),
        (STACK, "https://management.contoso.onmicrosoft.com/36f71706-54df-4305-9847-5b038a4cf189", ENTRA, True, True),
        (
            STACK,
            "https://management.adfs.azurestack.local/36f71706-54df-4305-9847-5b038a4cf189",
            "https://adfs.local.azurestack.external/adfs",
            False,
            True,
        ),
        (
            STACK,
            "https://management.adfs.azurestack.local/36f71706-54df-4305-9847-5b038a4cf189",
            "https://adfs.local.azurestack.external/adfs",
            True,
            True,
        ),
        (STACK, STACK, ENTRA, True, True),
        # a stranger that wants a token of someone else
        ("https://arm.evil.example", "https://management.core.windows.net/", ENTRA, False, False),
        ("https://arm.evil.example", "https://management.azure.com", "https://login.microsoftonline.us", False, False),
        ("https://arm.evil.example", "https://vault.azure.net", "https://WESTUS.login.microsoft.com/x", False, False),
        ("https://arm.evil.example", "https://graph.microsoft.com/", "https://sts.windows.net", False, False),
        ("https://arm.evil.example", "797f4846-ba00-4fd7-ba43-dac1f8f63013", ENTRA, False, False),
        ("https://arm.evil.example", "https://management.core.windows.net/", "https://login.evil.example", True, False),
        ("https://management.azure.com.evil.example", "https://management.azure.com", ENTRA, False, False),
        ("https://127.0.0.1:4443", "https://management.core.windows.net/", ENTRA, False, False),
        # a cloud that issues its tokens itself may name what it likes: nobody else takes them; nor does what stays on this host leave it
        ("https://arm.private.example", "https://management.core.windows.net/", "https://login.private.example", False, True),
        ("https://127.0.0.1:4443", "https://management.core.windows.net/", "https://127.0.0.1:4443", True, True),
        # Azure itself, asked for its metadata
        ("https://management.azure.com", "https://management.core.windows.net/", ENTRA, False, True),
        ("https://westeurope.management.azure.com", "https://management.core.windows.net/", ENTRA, True, True),
    ],
)
def test_who_may_be_given_tokens_of_entra(manager: str, audience: str, authority: str, on_platform: bool, allowed: bool) -> None:
    cloud = dataclasses.replace(PUBLIC, resource_manager=manager, audience=audience, login=authority, well_known=False)
    assert clouds.may_take_tokens(cloud, authority, on_platform) is allowed
