# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.filter.resource_ids import FilterModule
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._id_parts import built, is_id, parts

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/payments"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/payments-vault"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
LOCK = f"{VAULT}/providers/Microsoft.Authorization/locks/keep all"
IDS = [GROUP, VAULT, NETWORK, f"{NETWORK}/subnets/endpoints", f"{GROUP}/providers/Microsoft.Authorization/locks/keep"]


def test_parts_of_a_nested_resource() -> None:
    found = parts(f"{NETWORK}/subnets/endpoints/")
    assert (found["name"], found["names"], found["parent_id"]) == ("endpoints", ["net", "endpoints"], NETWORK)
    assert (found["provider"], found["type"], found["resource_group"]) == (
        "Microsoft.Network",
        "Microsoft.Network/virtualNetworks/subnets",
        "payments",
    )


def test_parts_of_a_vault_a_group_and_a_lock() -> None:
    assert parts(VAULT)["parent_id"] == parts(VAULT)["scope_id"] == GROUP
    assert parts(GROUP)["parent_id"] is None and parts(GROUP)["name"] == "payments"
    assert parts(LOCK)["scope_id"] == VAULT and parts(LOCK)["name"] == "keep all"


@pytest.mark.parametrize("text", IDS)
def test_parts_build_the_same_id(text: str) -> None:
    if text != GROUP:
        assert built(parts(text)) == text


def test_ids_beneath_another() -> None:
    assert built(GROUP, "Microsoft.KeyVault/vaults", "payments-vault") == VAULT
    assert built(NETWORK, "subnets", "endpoints") == f"{NETWORK}/subnets/endpoints"
    assert built(VAULT, "Microsoft.Authorization/locks", "keep all") == LOCK


@pytest.mark.parametrize(
    "text", ["", "payments-vault", f"{VAULT}?x", f"{GROUP}/providers/Microsoft.KeyVault/vaults/..", None, 7, f"{VAULT}/"[1:]]
)
def test_what_is_no_id_has_no_parts(text: object) -> None:
    assert not is_id(text)
    with pytest.raises(Problem, match="is not the id of a resource"):
        parts(text)


@pytest.mark.parametrize("name", ["..", "a/b", "a?b", "", "a#b", "a%2fb"])
def test_no_name_leads_elsewhere(name: str) -> None:
    with pytest.raises(Problem):
        built(GROUP, "Microsoft.KeyVault/vaults", name)


def test_each_part_of_a_type_takes_a_name() -> None:
    with pytest.raises(Problem, match="requires 2 names, but 1"):
        built(GROUP, "Microsoft.Network/virtualNetworks/subnets", "net")


def test_types_compare_without_case() -> None:
    assert is_id(VAULT, "microsoft.keyvault/VAULTS") and not is_id(VAULT, "Microsoft.Network/privateEndpoints")
    assert is_id(VAULT) and is_id(GROUP)


def test_a_filter_fails_in_one_sentence() -> None:
    with pytest.raises(Exception, match="^privatelink.azure.resource_id_parts: 'x' is not the id of a resource; pass one like [^ ]+$"):
        FilterModule().filters()["resource_id_parts"]("x")
