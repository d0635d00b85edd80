# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be set for a vault and its endpoints, and how defaults lie under it."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.settings import DEFAULTS, ENDPOINT, VAULT, vaults_of
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import VAULT as VAULT_ID

ROOT = pathlib.Path(__file__).resolve().parents[5]
SUBNET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/a"


def test_the_role_of_one_vault_has_the_same_settings() -> None:
    specs = yaml.safe_load((ROOT / "roles" / "private_vault" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    variables = {name.removeprefix("private_vault_") for name in specs["argument_specs"]["main"]["options"]}
    assert variables - {"probe_host", "probe_timeout", "wait_timeout"} == VAULT.keys() - {"state", "purge"}


def test_what_an_endpoint_may_have_its_vault_may_have_for_all() -> None:
    own = {"name", "resource_group", "role_assignments", "lock"}
    assert ENDPOINT.keys() - own <= DEFAULTS.keys()
    assert {f"endpoint_{name}" for name in own} <= DEFAULTS.keys()


def test_defaults_lie_under_vaults_and_vaults_under_endpoints() -> None:
    (vault,) = vaults_of(
        [
            {
                "name": "payments-vault",
                "dns": "a_record",
                "tags": {"team": "payments"},
                "endpoints": [{"name": "hub", "dns": "none"}, {"name": "spoke"}],
            }
        ],
        {"dns": "policy", "location": "westeurope", "tags": {"owner": "platform", "team": "none"}},
    )
    assert vault["tags"] == {"owner": "platform", "team": "payments"}
    assert [(each["name"], each["dns"], each["location"]) for each in vault.endpoints] == [
        ("hub", "none", "westeurope"),
        ("spoke", "a_record", "westeurope"),
    ]
    assert [each.path for each in vault.endpoints] == ["vaults[payments-vault].endpoints[hub]", "vaults[payments-vault].endpoints[spoke]"]


@pytest.mark.parametrize(
    ("entry", "subnet"),
    [({}, SUBNET), ({"network_name": "own"}, None), ({"network_name": "own", "subnet_id": SUBNET + "b"}, SUBNET + "b")],
)
def test_a_network_of_its_own_stands_instead_of_a_subnet_of_the_defaults(entry: dict[str, t.Any], subnet: str | None) -> None:
    (vault,) = vaults_of([{"name": "payments-vault", **entry}], {"subnet_id": SUBNET})
    assert vault.endpoints[0]["subnet_id"] == subnet


def test_without_endpoints_there_is_one_and_with_an_empty_list_none() -> None:
    one, none = vaults_of([{"name": "one-vault"}, {"name": "none-vault", "endpoints": []}], None)
    assert [each["name"] for each in one.endpoints] == ["one-vault-endpoint"]
    assert none.endpoints == ()


def test_an_absent_vault_has_absent_endpoints() -> None:
    (vault,) = vaults_of([{"name": "old-vault", "state": "absent", "endpoints": [{"name": "a", "state": "present"}]}], None)
    assert vault.absent
    assert [each.absent for each in vault.endpoints] == [True]


@pytest.mark.parametrize(
    ("entries", "option", "said"),
    [
        ([{"dns": "none"}], "vaults[0]", "has neither a name nor an id"),
        ([{"name": "one-vault"}, {"name": "ONE-vault"}], "vaults", "'ONE-vault' is listed twice"),
        ([{"name": "one-vault", "id": VAULT_ID}], "vaults[0].id", "is not the id of 'one-vault'"),
        ([{"name": "one-vault", "endpoints": [{"name": "a"}, {"name": "A"}]}], "vaults[one-vault].endpoints", "'A' is listed twice"),
    ],
)
def test_what_is_named_wrongly_is_refused(entries: list[dict[str, t.Any]], option: str, said: str) -> None:
    with pytest.raises(OptionError) as refused:
        vaults_of(entries, None)
    assert refused.value.option == option
    assert said in refused.value.message
