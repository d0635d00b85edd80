# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids in playbooks: taken apart, put together, told from other texts."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.privatelink.azure.plugins.filter.resource_ids import FilterModule
from ansible_collections.privatelink.azure.plugins.test import resource_ids

HOME = "00000000-0000-0000-0000-000000000001"
SUBSCRIPTION = f"/subscriptions/{HOME}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/größe"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/payments-vault"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
SUBNET = f"{NETWORK}/subnets/endpoints"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
LOCK = f"{VAULT}/providers/Microsoft.Authorization/locks/keep it"
GROUP_LOCK = f"{GROUP}/providers/Microsoft.Authorization/locks/keep"
PROVIDER = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault"
WHOLE = [SUBSCRIPTION, GROUP, VAULT, NETWORK, SUBNET, f"{ZONE}/A/payments-vault", LOCK, GROUP_LOCK, PROVIDER]
WRONG = [
    "",
    "x",
    None,
    4,
    [VAULT],
    f"{VAULT}?x",
    f"{VAULT}/..",
    f"{GROUP}/providers/Microsoft.KeyVault/vaults/v",
    "/subscriptions/mine/resourceGroups/rg",
]

parts_of = FilterModule().filters()["resource_id_parts"]
build = FilterModule().filters()["resource_id"]
is_id = resource_ids.TestModule().tests()["resource_id"]


def refused(filtering: t.Callable[..., t.Any], *values: t.Any, **keywords: t.Any) -> str:
    """Return the one sentence with which a filter refuses."""
    with pytest.raises(AnsibleFilterError) as caught:
        filtering(*values, **keywords)
    message = str(caught.value)
    assert message.startswith("privatelink.azure.resource_id") and "\n" not in message and message.endswith(".")
    return message


@pytest.mark.parametrize("value", WHOLE)
def test_parts_make_the_id_again(value: str) -> None:
    assert build(parts_of(value)) == value
    assert is_id(value) or value == SUBSCRIPTION
    assert is_id(value, parts_of(value)["type"])


@pytest.mark.parametrize("value", WRONG, ids=ascii)
def test_what_is_no_id_has_no_parts(value: t.Any) -> None:
    assert refused(parts_of, value)
    assert not is_id(value)


@pytest.mark.parametrize(
    ("built", "value", "parts"),
    [
        (SUBNET, NETWORK, {"type": "subnets", "name": "endpoints"}),
        (SUBNET, NETWORK, {"type": "Microsoft.Network/virtualNetworks/subnets", "name": "endpoints"}),
        (SUBNET, GROUP, {"type": "Microsoft.Network/virtualNetworks/subnets", "names": ["net", "endpoints"]}),
        (
            SUBNET,
            ["net", "endpoints"],
            {"type": "Microsoft.Network/virtualNetworks/subnets", "subscription_id": HOME, "resource_group": "größe"},
        ),
        (VAULT, GROUP, {"type": "Microsoft.KeyVault/vaults", "name": "payments-vault"}),
        (VAULT, "payments-vault", {"type": "Microsoft.KeyVault/vaults", "subscription_id": HOME, "resource_group": "größe"}),
        (VAULT, {"type": "Microsoft.KeyVault/vaults", "subscription_id": HOME, "resource_group": "größe", "name": "payments-vault"}, {}),
        (VAULT, {"type": "Microsoft.KeyVault/vaults", "subscription_id": HOME}, {"resource_group": "größe", "name": "payments-vault"}),
        (LOCK, VAULT, {"type": "Microsoft.Authorization/locks", "name": "keep it"}),
        (GROUP_LOCK, GROUP, {"type": "Microsoft.Authorization/locks", "name": "keep"}),
        (f"{ZONE}/A/x", ZONE, {"type": "A", "name": "x"}),
        (GROUP, SUBSCRIPTION, {"type": "Microsoft.Resources/resourceGroups", "name": "größe"}),
        (GROUP, "größe", {"type": "Microsoft.Resources/resourceGroups", "subscription_id": HOME}),
    ],
)
def test_an_id_is_built_from_a_parent_or_from_names(built: str, value: t.Any, parts: dict[str, t.Any]) -> None:
    assert build(value, **parts) == built


@pytest.mark.parametrize(
    ("words", "value", "parts"),
    [
        ("type", VAULT, {"name": "x"}),
        ("requires 1 names", NETWORK, {"type": "subnets"}),
        ("names", GROUP, {"type": "Microsoft.Network/virtualNetworks/subnets", "name": "x"}),
        ("subscription_id", "x", {"type": "Microsoft.KeyVault/vaults"}),
        ("GUID", "x", {"type": "Microsoft.KeyVault/vaults", "subscription_id": "mine", "resource_group": "rg"}),
        ("resource group", "vault", {"type": "Microsoft.KeyVault/vaults", "subscription_id": HOME, "resource_group": "rg?x"}),
        ("is not a valid resource id", NETWORK, {"type": "subnets", "name": "a/subnets/b"}),
        ("is not a valid resource id", VAULT, {"type": "keys", "name": ".."}),
        ("3 to 24", GROUP, {"type": "Microsoft.KeyVault/vaults", "name": "v"}),
        ("group", VAULT, {"type": "keys", "name": "x", "group": "rg"}),
        ("is not the id", "/subscriptions", {"type": "x", "name": "y"}),
        ("type", GROUP, {"type": "vaults", "name": "x"}),
        ("a text", GROUP, {"type": "Microsoft.KeyVault/vaults", "names": [1]}),
    ],
)
def test_parts_that_make_no_id_are_refused(words: str, value: t.Any, parts: dict[str, t.Any]) -> None:
    assert words in refused(build, value, **parts)


def test_ids_are_told_by_type() -> None:
    assert is_id(VAULT, "microsoft.keyvault/VAULTS")
    assert is_id(VAULT, "Microsoft.Network/privateEndpoints", "Microsoft.KeyVault/vaults")
    assert is_id(GROUP, "Microsoft.Resources/resourceGroups")
    assert not is_id(SUBNET, "Microsoft.Network/virtualNetworks")


@pytest.mark.parametrize("kind", [None, 4, ["Microsoft.KeyVault/vaults"], {}])
def test_a_type_that_is_no_text_is_refused(kind: t.Any) -> None:
    for value in (VAULT, "x"):
        with pytest.raises(AnsibleFilterError, match=r"resource_id: '.*' is not a type of resources; pass a text"):
            is_id(value, kind)
