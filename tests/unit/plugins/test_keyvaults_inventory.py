# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which vaults the inventory plugin keeps, and what their hosts are called. The rest is tests/integration/test_inventory.py."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible import template as templates
from ansible.errors import AnsibleParserError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.privatelink.azure.plugins.doc_fragments.azure import ModuleDocFragment
from ansible_collections.privatelink.azure.plugins.inventory import keyvaults
from ansible_collections.privatelink.azure.plugins.inventory.keyvaults import InventoryModule
from ansible_collections.privatelink.azure.plugins.module_utils import _options as options_of_modules

VAULTS: list[dict[str, t.Any]] = [
    {
        "keyvault_name": "closed",
        "location": "westeurope",
        "resource_group": "One",
        "keyvault_tags": {"Environment": "prod"},
        "endpoints": [{}],
    },
    {"keyvault_name": "open", "location": "northeurope", "resource_group": "two", "keyvault_tags": {"Owner": "Billing"}, "endpoints": []},
    {"keyvault_name": "bare", "location": "northeurope", "resource_group": "two", "keyvault_tags": {}, "endpoints": []},
]


def hosts(**options: t.Any) -> list[str]:
    """Return the names of the hosts that these options leave."""
    plugin: t.Any = InventoryModule()
    given = {
        **dict.fromkeys(("exclude_resource_groups", "include_filters", "exclude_filters"), []),
        **dict.fromkeys(("include_tags", "exclude_tags"), {}),
        "hostnames": ["keyvault_name"],
        "strict": False,
        **options,
    }
    trusted = getattr(templates, "trust_as_template", str)
    for name in ("include_filters", "exclude_filters", "hostnames"):
        given[name] = [trusted(each) for each in given[name]] if isinstance(given[name], list) else given[name]
    plugin.get_option = given.get
    plugin.templar = templates.Templar(loader=DataLoader())
    return list(plugin._hosts([{**vault, "keyvault_id": f"/id/{vault['keyvault_name']}"} for vault in VAULTS]))


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["closed", "open", "bare"]),
        ({"exclude_resource_groups": ["TWO"]}, ["closed"]),
        ({"include_tags": {"environment": "prod"}}, ["closed"]),
        ({"include_tags": {"environment": "PROD"}}, []),
        ({"include_tags": {"Owner": None}}, ["open"]),
        ({"include_tags": {"Owner": None, "Environment": None}}, []),
        ({"exclude_tags": {"Owner": "Billing", "Environment": None}}, ["bare"]),
        ({"include_filters": ["endpoints", "keyvault_tags.Owner == 'Billing'"]}, ["closed", "open"]),
        ({"exclude_filters": ["not endpoints"]}, ["closed"]),
        ({"include_filters": ["location == 'northeurope'"], "exclude_filters": ["keyvault_tags"]}, ["bare"]),
        ({"include_filters": ["no_such_variable == 1"]}, []),
        ({"include_filters": ["'false'"]}, []),
        ({"hostnames": ["keyvault_tags.Owner", "keyvault_name ~ '.' ~ location"]}, ["closed.westeurope", "Billing", "bare.northeurope"]),
    ],
)
def test_filters(options: dict[str, t.Any], names: list[str]) -> None:
    assert hosts(**options) == names


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hostnames": ["location"]}, "hostnames gives '/id/open' and '/id/bare' the same name 'northeurope'; use expressions that differ"),
        ({"hostnames": ["keyvault_tags.Owner"]}, "hostnames gives '/id/closed' no name; add an expression"),
        ({"hostnames": "keyvault_name"}, "hostnames must be a list; correct it."),
        ({"include_tags": ["Owner"]}, "include_tags must be a mapping of tags; correct it."),
        ({"include_filters": ["no_such_variable == 1"], "strict": True}, "the condition 'no_such_variable == 1' cannot be evaluated for"),
        ({"hostnames": ["no_such_variable"], "strict": True}, "hostnames: 'no_such_variable' cannot be evaluated for '/id/closed'"),
    ],
)
def test_what_is_wrong(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(AnsibleParserError) as refused:
        hosts(**options)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("name", "valid"),
    [("keyvaults.yml", True), ("prod.keyvaults.yaml", True), ("prod_keyvaults.yml", True), ("keyvaults.json", False), ("hosts.yml", False)],
)
def test_files_by_name(name: str, valid: bool, tmp_path: t.Any) -> None:
    (tmp_path / name).touch()
    assert InventoryModule().verify_file(str(tmp_path / name)) is valid


def test_every_option_that_it_reads_with_is_documented() -> None:
    documented = yaml.safe_load(keyvaults.DOCUMENTATION)
    for name, option in keyvaults.MODULE.options.items():
        assert {key: documented["options"][name][key] for key in option} == option
    credentials = yaml.safe_load(ModuleDocFragment.CREDENTIALS)
    assert credentials["options"].keys() == {**options_of_modules.AUTH, **options_of_modules.WAIT}.keys()
    assert "notes" not in credentials, "the notes are about tasks"
    assert "privatelink.azure.azure.credentials" in documented["extends_documentation_fragment"]


def test_the_key_of_the_cache_follows_the_account_and_holds_no_secret() -> None:
    keys = [key_of(**options) for options in ({}, {"secret": "a"}, {"wait_timeout": 7}, {"client_id": "b"}, {"subscription_ids": ["c"]})]
    assert keys[0] == keys[1] == keys[2] and len(set(keys)) == 3


def key_of(**options: t.Any) -> str:
    """Return the key under which the answer for these options is kept."""
    plugin: t.Any = InventoryModule()
    kept: dict[str, t.Any] = {}
    plugin._params = lambda: {"client_id": "a", "subscription_ids": [], **options}
    plugin.get_option = {"cache": True}.get
    plugin.get_cache_key = lambda _path: "file"
    plugin._read = lambda _params: []
    plugin._cache = kept
    assert plugin._vaults("file", False) == []
    assert len(kept) == 1
    return next(iter(kept))
