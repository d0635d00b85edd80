# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of single options, at the edges of Azure's rules."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils import _values as values
from ansible_collections.privatelink.azure.plugins.module_utils._azure import clouds
from ansible_collections.privatelink.azure.plugins.module_utils._documents import ids
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import UNKNOWN
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, echoed

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/vault"
ZONE = clouds.DEFAULT.vault_zone


def refused(option: str, check: t.Callable[..., t.Any], *values: t.Any, **keywords: t.Any) -> str:
    """Return the message with which a value is refused: one sentence that names the option and ends with what to do."""
    with pytest.raises(OptionError) as caught:
        check(*values, **keywords)
    assert caught.value.option == option
    assert caught.value.code == "InvalidOption"
    assert caught.value.message.startswith(f"{option}: ")
    assert ";" in caught.value.message or "use " in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("name", ["abc", "a-b", "A" + "b" * 23, "v0-1"])
def test_names_of_vaults(name: str) -> None:
    assert values.vault_name(name) == name


@pytest.mark.parametrize("name", ["", "ab", "a" * 25, "1bc", "-bc", "ab-", "a--b", "a_b", "a.b", "äbc", "abc\n", " abc"])
def test_what_cannot_be_the_name_of_a_vault(name: str) -> None:
    assert f"'{echoed(name)}'" in refused("vault_name", values.vault_name, name, "vault_name")


@pytest.mark.parametrize("name", ["r", "R" * 90, "a.b", "(a)", "a-", "_", "größe"])
def test_names_of_resource_groups(name: str) -> None:
    assert values.resource_group_name(name) == name


@pytest.mark.parametrize("name", ["", "r" * 91, "a.", "a b", "a/b", "abc\n", "a*"])
def test_what_cannot_be_the_name_of_a_resource_group(name: str) -> None:
    refused("resource_group", values.resource_group_name, name)


@pytest.mark.parametrize("name", ["n", "N" * 80, "a.b-c_", "0"])
def test_names_of_network_resources(name: str) -> None:
    assert values.network_name(name, "subnet") == name


@pytest.mark.parametrize("name", ["", "n" * 81, "_a", "-a", ".a", "a-", "a.", "a b", "größe", "abc\n"])
def test_what_cannot_be_the_name_of_a_network_resource(name: str) -> None:
    assert "subnet" in refused("name", values.network_name, name, "subnet")


@pytest.mark.parametrize("text", [VAULT, VAULT.lower(), VAULT.upper(), f" {VAULT}/ "])
def test_ids_of_the_right_type(text: str) -> None:
    assert values.resource_id(text, "vault_id", ids.VAULT, ids.HSM).name.casefold() == "vault"


@pytest.mark.parametrize(
    "text", ["", "v", GROUP.replace("/resourceGroups/rg", ""), VAULT.replace("/resourceGroups/rg", ""), f"{VAULT}/secrets"]
)
def test_what_is_no_id(text: str) -> None:
    message = refused("vault_id", values.resource_id, text, "vault_id", ids.VAULT)
    assert "/providers/Microsoft.KeyVault/vaults/NAME" in message


@pytest.mark.parametrize("text", [GROUP, f"{VAULT}/secrets/s", f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"])
def test_ids_of_another_type(text: str) -> None:
    message = refused("vault_id", values.resource_id, text, "vault_id", ids.VAULT, ids.HSM)
    assert f"{ids.VAULT} or {ids.HSM}" in message


@pytest.mark.parametrize(
    ("text", "address"), [("10.0.0.4", "10.0.0.4"), (" 10.0.0.4 ", "10.0.0.4"), ("255.255.255.255", "255.255.255.255")]
)
def test_addresses(text: str, address: str) -> None:
    assert values.ipv4(text, "private_ip_address") == address


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.256", "10.0.0.4/32", "fd00::4", "010.0.0.4", "host", UNKNOWN])
def test_what_is_no_address(text: str) -> None:
    refused("private_ip_address", values.ipv4, text, "private_ip_address")


def test_an_address_that_only_azure_can_know_passes_where_it_is_allowed() -> None:
    assert values.ipv4(UNKNOWN, "ipv4_addresses", unknown_allowed=True) == UNKNOWN
    refused("ipv4_addresses", values.ipv4, "unknown", "ipv4_addresses", unknown_allowed=True)


@pytest.mark.parametrize("cloud", [clouds.by_name(name) for name in clouds.NAMES])
def test_zones_of_the_cloud(cloud: clouds.Cloud) -> None:
    assert values.zone_name(None, cloud, "name", any_zone=False) == cloud.vault_zone
    assert values.zone_name(f"{cloud.vault_zone}.", cloud, "name", any_zone=False) == cloud.vault_zone
    assert values.zone_name(cloud.hsm_zone.upper(), cloud, "name", any_zone=False) == cloud.hsm_zone.upper()


@pytest.mark.parametrize("name", ["vault.azure.net", "privatelink.vault.azure.net", "privatelink.vaultcore.azure.cn", "example.org", ""])
def test_zones_of_something_else(name: str) -> None:
    message = refused("name", values.zone_name, name, clouds.DEFAULT, "name", any_zone=False)
    assert ZONE in message
    assert "allow_other_zone" in message


@pytest.mark.parametrize("name", ["example.org", "a.b", "_tcp.example.org", "xn--bcher-kva.example", f"{'a' * 63}.b"])
def test_any_zone(name: str) -> None:
    assert values.zone_name(name, clouds.DEFAULT, "name", any_zone=True) == name


@pytest.mark.parametrize("name", ["", "org", "a..b", "-a.b", "a.-b", f"{'a' * 64}.b", "a b.c", "a/b.c", "a.b\nc"])
def test_what_cannot_be_a_zone(name: str) -> None:
    refused("zone_name", values.zone_name, name, clouds.DEFAULT, "zone_name", any_zone=True)


@pytest.mark.parametrize("name", ["payments-vault", "@", "*", "a_b", " payments-vault "])
def test_names_of_records(name: str) -> None:
    assert values.record_name(name, ZONE) == name.strip()


@pytest.mark.parametrize("name", ["*.a", "a.b.c"])
def test_names_of_records_in_other_zones_may_have_labels(name: str) -> None:
    assert values.record_name(name, "example.org") == name


@pytest.mark.parametrize(
    ("name", "simple"),
    [
        (f"v.{ZONE}", "'v'"),
        (ZONE, "'privatelink'"),
        ("v.vault.azure.net", "'v'"),
        (f"v.{ZONE.upper()}.", "'v'"),
        ("", "'NAME'"),
        ("a..b", "'a'"),
        ("a b", "'a b'"),
        ("**", "'**'"),
        ("a.*", "'a'"),
        ("x" * 64, "'x"),
    ],
)
def test_what_cannot_be_the_name_of_a_record(name: str, simple: str) -> None:
    assert simple in refused("name", values.record_name, name, ZONE)


def test_tags_are_text() -> None:
    assert values.tags(None) is None
    assert values.tags({}) == {}
    mixed: dict[t.Any, t.Any] = {"a": 1, 2: True, "none": None, "text": "x"}
    assert values.tags(mixed) == {"a": "1", "2": "True", "none": "", "text": "x"}


def test_the_limits_of_tags() -> None:
    full = {f"tag{number}": "x" * 256 for number in range(50)}
    assert values.tags(full) == full
    assert values.tags({"n" * 512: ""}) == {"n" * 512: ""}


@pytest.mark.parametrize(
    "tags",
    [
        {f"tag{number}": "" for number in range(51)},
        {"n" * 513: ""},
        {"": "x"},
        {"a": "x" * 257},
        *({f"a{letter}b": ""} for letter in "<>%&\\?/"),
    ],
)
def test_tags_that_azure_refuses(tags: dict[str, str]) -> None:
    refused("tags", values.tags, tags)


def test_the_bound_of_waits() -> None:
    assert values.wait_timeout(1) == 1
    refused("wait_timeout", values.wait_timeout, 0)
    refused("wait_timeout", values.wait_timeout, -1)


def test_secrets_are_never_logged() -> None:
    hidden = {name for name, option in options.AUTH.items() if option.get("no_log")}
    assert hidden == {"secret", "password", "oidc_token"}


WRONG_ZONES = [
    "privatelink.vault.azure.net",
    "vault.azure.net",
    "vaultcore.azure.net",
    "privatelink.vaultcore.azure.cn",
    "privatelink.blob.core.windows.net",
]


@pytest.mark.parametrize(
    "name",
    [*WRONG_ZONES, "PrivateLink.Vault.Azure.Net", "managedhsm.azure.net", "x.vault.usgovcloudapi.net", "privatlink.vaultcore.azure.net"],
)
def test_a_zone_that_only_looks_like_that_of_vaults_is_refused(name: str) -> None:
    message = refused("zone_id", values.given_zone, name, clouds.DEFAULT, "zone_id", any_zone=False)
    assert ZONE in message and "allow_other_zone" in message
    values.given_zone(name, clouds.DEFAULT, "zone_id", any_zone=True)


@pytest.mark.parametrize("name", [ZONE, ZONE.upper(), clouds.DEFAULT.hsm_zone, "corp.example", "vault.corp.example", "myvault.azure.net"])
def test_zones_of_vaults_and_of_the_users_own_pass(name: str) -> None:
    values.given_zone(name, clouds.DEFAULT, "zone_id", any_zone=False)


@pytest.mark.parametrize("cloud_name", clouds.NAMES)
def test_a_zone_fits_its_cloud(cloud_name: str) -> None:
    cloud = clouds.by_name(cloud_name)
    assert cloud
    for other in filter(None, map(clouds.by_name, clouds.NAMES)):
        for check in (
            lambda other=other: values.given_zone(other.vault_zone, cloud, "zone_id", any_zone=False),
            lambda other=other: values.endpoint_zone(other.vault_zone, cloud, "zone_id", [ids.VAULT], any_zone=False),
        ):
            if other is cloud:
                check()
            else:
                assert f"'{cloud.vault_zone}'" in refused("zone_id", check)


def test_an_endpoints_zone_fits_its_target() -> None:
    cloud = clouds.DEFAULT
    for kind, zone, other in ((ids.VAULT, cloud.vault_zone, cloud.hsm_zone), (ids.HSM, cloud.hsm_zone, cloud.vault_zone)):
        values.endpoint_zone(zone.upper(), cloud, "zones", [kind], any_zone=False)
        message = refused("zones", values.endpoint_zone, other, cloud, "zones", [kind], any_zone=False)
        assert f"use the zone '{zone}'" in message
        values.endpoint_zone(other, cloud, "zones", [kind], any_zone=True)
        values.endpoint_zone(other, cloud, "zones", [ids.VAULT, ids.HSM], any_zone=False)
    message = refused("zones", values.endpoint_zone, "corp.example", cloud, "zones", [ids.VAULT, ids.HSM], any_zone=False)
    assert "key vaults or managed HSMs" in message
    values.endpoint_zone("privatelink.blob.core.windows.net", cloud, "zones", [], any_zone=False)


@pytest.mark.parametrize("value", ["westeurope", "West Europe", "usgovvirginia", "(Europe) West Europe", None])
def test_regions(value: str | None) -> None:
    assert values.location(value) == value


@pytest.mark.parametrize("value", ["", "..", "../x", "west/europe", "west?europe", "w" * 70, "west\u0435urope"])
def test_what_is_no_region(value: str) -> None:
    refused("location", values.location, value)
