# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Words and defaults of Azure, for every option of every module: a word compares without case, and
what Azure leaves out means its own default.
"""

from __future__ import annotations

import copy
import importlib
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clouds import DEFAULT
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document, at, covers, difference
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._module import Task
from ansible_collections.privatelink.azure.plugins.module_utils._resources.diagnostic_setting import DiagnosticSetting
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_link import PrivateDnsZoneLink
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._resources.subnet import Subnet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.virtual_network import VirtualNetwork
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import GROUP, NETWORK, SUBNET, TENANT, VAULT, ZONE

MODULES = "ansible_collections.privatelink.azure.plugins.modules"
# What each module needs to map its options.
NEEDED: dict[str, dict[str, t.Any]] = {
    "keyvault": {"name": "payments-vault", "resource_group": "payments", "location": "westeurope"},
    "subnet": {"name": "endpoints", "resource_group": "payments", "virtual_network_name": "net"},
    "virtual_network": {"name": "net", "resource_group": "payments"},
    "private_dns_zone_link": {
        "name": "net",
        "resource_group": "payments",
        "virtual_network_id": NETWORK,
        "zone_name": ZONE.rpartition("/")[2],
    },
    "keyvault_private_endpoint": {"name": "pe", "resource_group": "payments", "vault_id": VAULT, "subnet_id": SUBNET},
    "private_endpoint": {"name": "pe", "resource_group": "payments", "target_id": VAULT, "subnet_id": SUBNET},
    "management_lock": {"name": "keep", "managed_resource_id": GROUP, "level": "ReadOnly"},
    "role_assignment": {"scope": GROUP, "role_definition_id": "Reader", "assignee_object_id": TENANT},
    "diagnostic_setting": {
        "name": "logs",
        "resource": VAULT,
        "log_analytics": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/w",
        "metrics": [{"category": "AllMetrics", "enabled": True}],
    },
    "resource_group": {"name": "payments", "location": "westeurope"},
    "private_dns_zone": {"resource_group": "payments"},
    "private_dns_a_record": {"name": "payments-vault", "resource_group": "payments", "ipv4_addresses": ["10.1.0.4"]},
}
# Paths that always are in an answer, and those that Azure fixes with the connection's place in its lists: nothing is ever missing there.
ALWAYS_THERE = {"properties.sku.name", "properties.level", "properties.principalType", "properties.connection.manual"}


class _Arm:
    """What mappings ask of Azure: nothing but who and where they are."""

    subscription_id = "a0000000-0000-4000-8000-0000000000aa"
    tenant_id = TENANT
    cloud = DEFAULT


def mapped(name: str, **options: t.Any) -> list[Resource]:
    """Return the resources of a task with these options."""
    module = importlib.import_module(f"{MODULES}.{name}").MODULE
    params = {option: spec.get("default") for option, spec in module.spec["argument_spec"].items()}
    return list(module.resources(Task({**params, **NEEDED[name], **options}, t.cast(t.Any, _Arm()), False)))


def leaves(value: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """Yield the dotted path and value of everything in a document; a list means each of its items."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def _options(name: str) -> t.Iterator[tuple[tuple[str, ...], dict[str, t.Any]]]:
    def nested(spec: dict[str, t.Any], way: tuple[str, ...]) -> t.Iterator[tuple[tuple[str, ...], dict[str, t.Any]]]:
        for option, entry in spec.items():
            yield (*way, option), entry
            yield from nested(entry.get("options", {}), (*way, option))

    return nested(importlib.import_module(f"{MODULES}.{name}").MODULE.options, ())


def _set(name: str, way: tuple[str, ...], value: t.Any) -> list[Resource]:
    """Map a task whose (nested) option has a value; a list of mappings gets one item."""
    spec: dict[str, t.Any] = importlib.import_module(f"{MODULES}.{name}").MODULE.options
    kinds = []
    for option in way:
        kinds.append(spec[option].get("type"))
        spec = spec[option].get("options", {})
    for option, kind in zip(reversed(way[1:]), reversed(kinds[:-1]), strict=True):
        inner = {"id": SUBNET, "category": "AuditEvent", "category_group": None, option: value}
        value = [inner] if kind == "list" else {option: value}
    return mapped(name, **{way[0]: value})


def _asked(name: str, way: tuple[str, ...], value: t.Any) -> list[tuple[type[Resource], str]]:
    """Return where in which documents an option's value is expected."""
    found: list[tuple[type[Resource], str]] = []
    try:
        made = _set(name, way, value)
    except OptionError:  # an option that goes with others, such as purge
        return []
    for resource, plain in zip(made, mapped(name), strict=False):
        without = dict(leaves(plain.desired))
        found += [
            (type(resource), path)
            for path, leaf in leaves(resource.desired)
            if leaf == value and type(leaf) is type(value) and without.get(path) != leaf
        ]
    return found


WORDS = [
    (name, way, choice)
    for name in NEEDED
    for way, spec in _options(name)
    for choice in spec.get("choices", ())
    if way != ("state",) and "mode" not in way
]
FLAGS = [(name, way, value) for name in NEEDED for way, spec in _options(name) if spec.get("type") == "bool" for value in (True, False)]


@pytest.mark.parametrize(("name", "way", "word"), WORDS, ids=lambda value: ".".join(value) if isinstance(value, tuple) else str(value))
def test_every_choice_compares_without_case_and_has_a_known_default(name: str, way: tuple[str, ...], word: str) -> None:
    for kind, path in _asked(name, way, word):
        assert path in kind.caseless
        assert path in kind.absent or path in ALWAYS_THERE


@pytest.mark.parametrize(("name", "way", "value"), FLAGS, ids=lambda value: ".".join(value) if isinstance(value, tuple) else str(value))
def test_every_boolean_has_a_known_default(name: str, way: tuple[str, ...], value: bool) -> None:
    for kind, path in _asked(name, way, value):
        assert path in kind.absent or path in ALWAYS_THERE


def test_the_options_above_reach_the_documents() -> None:
    """The table tests nothing where an option does not get into a document."""
    reached = {path for name, way, value in [*WORDS, *FLAGS] for _kind, path in _asked(name, way, value)}
    assert len(reached) >= 15


KINDS: list[type[Resource]] = [KeyVault, Subnet, VirtualNetwork, PrivateDnsZoneLink, DiagnosticSetting]
DEFAULTS = [(kind, path, default) for kind in KINDS for path, default in kind.absent.items()]


def _at(path: str, value: t.Any) -> Document:
    for key in reversed(path.split(".")):
        value = {key: value}
    return t.cast(Document, value)


@pytest.mark.parametrize(("kind", "path", "default"), DEFAULTS, ids=lambda value: value.__name__ if isinstance(value, type) else str(value))
@given(others=st.dictionaries(st.sampled_from(["location", "newer"]), st.just("x"), max_size=2))
def test_a_missing_property_is_azures_default(kind: type[Resource], path: str, default: t.Any, others: dict[str, str]) -> None:

    actual = {**copy.deepcopy(others), "properties": {}}
    other = not default if isinstance(default, bool) else default + 1 if isinstance(default, int) else f"Not{default}"
    assert covers(actual, _at(path, default), kind.rules())
    assert not covers(actual, _at(path, other), kind.rules())
    assert at(difference({"properties": {}}, _at(path, other), kind.rules())[1], path) == other
    if isinstance(default, str):
        assert covers(_at(path, default.upper()), _at(path, default), kind.rules())
