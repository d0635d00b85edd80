# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin: which vaults it keeps, what their hosts are called, and a whole file from its options to hosts and groups."""

from __future__ import annotations

import contextlib
import pathlib
import typing as t

import pytest
import yaml
from ansible import constants
from ansible import template as templates
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible.utils.display import Display

from ansible_collections.privatelink.azure.plugins.doc_fragments.azure import ModuleDocFragment
from ansible_collections.privatelink.azure.plugins.inventory import keyvaults
from ansible_collections.privatelink.azure.plugins.inventory.keyvaults import InventoryModule
from ansible_collections.privatelink.azure.plugins.module_utils import _options as options_of_modules
from ansible_collections.privatelink.azure.plugins.module_utils._azure import kinds
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import VAULT as VAULT_ID
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import SUBSCRIPTION, Documents, another, fleet
from ansible_collections.privatelink.azure.tests.unit.plugins.tasks import on_documents, trusted

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
    plugin.get_option, plugin._set = given.get, given
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


# --- a whole inventory file ---


class Inventory:
    """An inventory file of the plugin, and what Ansible reads from it. world: what Azure holds."""

    def __init__(self, world: Documents, directory: pathlib.Path) -> None:
        self.world = world
        self.file = directory / "keyvaults.yml"
        self._directory = directory

    def read(self, *, flush: bool = False, **options: t.Any) -> InventoryData:
        """Return the inventory. flush: as with --flush-cache."""
        self.file.write_text(yaml.safe_dump({"plugin": InventoryModule.NAME, **options}), encoding="utf-8")
        found = InventoryData()
        plugin = InventoryModule()
        plugin._load_name = plugin.ansible_name = InventoryModule.NAME
        plugin._redirected_names = [InventoryModule.NAME]
        plugin.parse(found, DataLoader(), str(self.file), cache=not flush)
        with contextlib.suppress(AttributeError):  # as Ansible does: without a cache there is none to write
            plugin.update_cache_if_changed()
        return found

    def cached(self, **options: t.Any) -> InventoryData:
        """Return the inventory, kept in files of the directory."""
        kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(self._directory / "cache")}
        return self.read(**{**kept, **options})

    def refused(self, **options: t.Any) -> str:
        """Return why a file is refused."""
        with pytest.raises(AnsibleParserError) as failed:
            self.read(**options)
        return str(failed.value)


@pytest.fixture
def inventory(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Inventory:
    """An inventory file of two healthy vaults."""
    definitions: dict[str, t.Any] = {}
    for text in (
        constructed.ModuleDocFragment.DOCUMENTATION,
        inventory_cache.ModuleDocFragment.DOCUMENTATION,
        ModuleDocFragment.CREDENTIALS,
    ):
        definitions |= yaml.safe_load(text)["options"]
    definitions |= yaml.safe_load(keyvaults.DOCUMENTATION)["options"]
    constants.config.initialize_plugin_configuration_definitions("inventory", InventoryModule.NAME, trusted(definitions))
    for name, value in {"CLIENT_ID": "c", "SECRET": "s3cr3t-value", "TENANT": "t", "SUBSCRIPTION_ID": SUBSCRIPTION}.items():
        monkeypatch.setenv(f"AZURE_{name}", value)
    world = fleet(2)
    on_documents(monkeypatch, world)
    return Inventory(world, tmp_path)


ONE, TWO = "payments-vault-000", "payments-vault-001"


def test_vaults_are_hosts_with_variables_and_groups(inventory: Inventory) -> None:
    inventory.world[VAULT_ID.replace("payments-vault", TWO)]["publicNetworkAccess"] = "Enabled"
    found = inventory.read(
        keyed_groups=[{"key": "location", "prefix": "region"}, {"key": "connection_state | lower", "prefix": "connection"}],
        groups={"open": "public_network_access == 'Enabled'"},
        compose={"status_vault_id": "keyvault_id"},
        hostvars_prefix="azure_",
    )
    assert sorted(found.hosts) == [ONE, TWO]
    groups = {name: sorted(host.name for host in group.hosts) for name, group in found.groups.items() if group.hosts}
    assert {"region_westeurope": [ONE, TWO], "connection_approved": [ONE, TWO], "open": [TWO]}.items() <= groups.items(), groups
    variables = found.hosts[ONE].vars
    assert variables["azure_keyvault_name"] == ONE and variables["status_vault_id"].endswith(ONE)
    assert variables["azure_private_ip_addresses"] == ["10.1.0.4"] and variables["ansible_connection"] == "local"
    assert "ansible_connection" not in inventory.read(local_connection=False).hosts[ONE].vars


def test_a_tag_that_looks_like_a_template_is_never_rendered(inventory: Inventory) -> None:
    inventory.world.documents[VAULT_ID.replace("payments-vault", ONE)]["tags"] = {"note": "{{ 6 * 7 }}"}
    tags = inventory.read().hosts[ONE].vars["keyvault_tags"]
    assert templates.Templar(loader=DataLoader(), variables={"tags": tags}).template(trusted("{{ tags.note }}")) == "{{ 6 * 7 }}"


def test_resource_groups_of_the_file_are_read_alone(inventory: Inventory) -> None:
    another(inventory.world, "Microsoft.KeyVault/vaults", "other-vault", group="other")
    assert sorted(inventory.read().hosts) == ["other-vault", ONE, TWO]
    inventory.world.requested.clear()
    assert sorted(inventory.read(include_resource_groups=["other"], subscription_ids=[SUBSCRIPTION]).hosts) == ["other-vault"]
    asked = [scope for kind, scope in inventory.world.requested if kind.endswith("/vaults")]
    assert asked == [f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other"]


def test_a_cache_answers_without_azure_whatever_is_filtered(inventory: Inventory) -> None:
    assert sorted(inventory.cached().hosts) == [ONE, TWO]
    inventory.world.requested.clear()
    assert sorted(inventory.cached(include_filters=[f"keyvault_name == '{TWO}'"]).hosts) == [TWO] and inventory.world.requested == []
    assert sorted(inventory.cached(include_resource_groups=["other"]).hosts) == [] and inventory.world.requested, "another question"
    inventory.world.requested.clear()
    inventory.cached(flush=True)
    assert inventory.world.requested


def test_an_option_may_be_a_template(inventory: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPE_OF_THE_TEST", "other")
    assert inventory.read(include_resource_groups=["{{ lookup('env', 'SCOPE_OF_THE_TEST') }}"]).hosts == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"include_resource_group": ["a"]},
            "include_resource_group: is not a valid option; use include_resource_groups.",
        ),
        ({"local_connection": "yes please"}, "local_connection: 'yes please' is not a valid boolean; use true or false."),
        ({"strict": "maybe"}, "strict: 'maybe' is not a valid boolean"),
        ({"disable_instance_discovery": "perhaps"}, "disable_instance_discovery: 'perhaps' is not a valid boolean"),
        ({"subscription_ids": ["mine"]}, "subscription_ids: 'mine' is not the ID of a subscription"),
        ({"include_resource_groups": ["a/b"]}, "include_resource_groups"),
        ({"zone_ids": [VAULT_ID]}, "zone_ids"),
        ({"wait_timeout": -1}, "wait_timeout"),
        ({"wait_timeout": "soon"}, "wait_timeout: 'soon' is not a valid integer; pass one like 60."),
        ({"subscription_ids": 5}, "subscription_ids: '5' is not the ID of a subscription"),
        ({"subscription_ids": {"a": "b"}}, "subscription_ids: '{'a': 'b'}' is a mapping; pass a list."),
        ({"include_tags": ["a"]}, "include_tags: '['a']' is not a mapping; pass one like {name: value}."),
        ({"include_tags": '{"a": "b"}'}, 'include_tags: \'{"a": "b"}\' is a text; pass a mapping like {name: value}.'),
        ({"compose": "x"}, "compose: 'x' cannot be read as a mapping"),
        ({"auth_source": "x"}, "auth_source: 'x' is not one of auto, cli, credential_file, env or msi; use one of them."),
        ({"hostvars_prefix": "a b"}, "hostvars_prefix: 'a b' is not a valid prefix of variables"),
        ({"hostvars_prefix": ["a"]}, "hostvars_prefix: '['a']' is a list; pass a text."),
        ({"subscription_ids": ["{{ nowhere }}"]}, "subscription_ids: its value uses 'nowhere', which is not defined"),
        ({"tenant": "{{ 1 + }}"}, "tenant: its value is a template that cannot be rendered"),
        ({"keyed_groups": [{"key": "no_such_variable"}], "strict": True}, "no_such_variable"),
        ({"groups": {"open": "no_such_variable"}, "strict": True}, "no_such_variable"),
    ],
)
def test_a_wrong_file_is_refused_by_the_option(inventory: Inventory, options: dict[str, t.Any], words: str) -> None:
    assert words in inventory.refused(**options)


def test_what_azure_refuses_is_the_error(inventory: Inventory) -> None:
    inventory.world.errors[kinds.VAULT] = ArmError("Could not list key vaults", code="AuthorizationFailed", status=403)
    assert "Could not list key vaults (AuthorizationFailed)." in inventory.refused()


def test_certificates_that_nobody_checks_are_warned_of(inventory: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _self, message, *_arguments, **_keywords: warned.append(message))
    inventory.read(cert_validation_mode="ignore")
    assert [message.partition(":")[0] for message in warned] == ["cert_validation_mode"]
