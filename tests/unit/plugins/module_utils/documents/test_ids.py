# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource ids: parsed, written, compared."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import GROUP_TYPE, SUBSCRIPTION_TYPE, ResourceId, same_id

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
SUBNET = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/endpoints"
LOCK = "Microsoft.Authorization/locks"

_words = st.text(string.ascii_letters + string.digits + "-_.()", min_size=1, max_size=12).filter(lambda word: word not in (".", ".."))
_kinds = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12).filter(lambda word: word.casefold() != "providers")
_ids = st.builds(
    lambda subscription, group, provider, pairs: ResourceId(
        subscription, group, "/".join([provider, *(kind for kind, _name in pairs)]), tuple(name for _kind, name in pairs)
    ),
    _words,
    st.none() | _words,
    _kinds.map("Microsoft.".__add__),
    st.lists(st.tuples(_kinds, _words), min_size=1, max_size=3),
)


@given(_ids)
def test_writing_and_parsing_are_inverse(resource_id: ResourceId) -> None:
    assert ResourceId.parse(str(resource_id)) == resource_id


@given(_ids, _words, _words)
def test_a_child_has_its_parent(resource_id: ResourceId, kind: str, name: str) -> None:
    child = resource_id.child(kind, name)
    assert child.parent == resource_id
    assert child.name == name
    assert str(child) == f"{resource_id}/{kind}/{name}"


@given(_ids, _words)
def test_an_extension_is_on_a_resource(resource_id: ResourceId, name: str) -> None:
    lock = resource_id.extension(LOCK, name)
    assert str(lock) == f"{resource_id}/providers/{LOCK}/{name}"
    assert ResourceId.parse(str(lock)) == lock
    assert (lock.scope, lock.type, lock.name) == (resource_id, LOCK, name)
    assert lock.named("other").scope == resource_id
    assert lock.child("parts", "one").parent == lock


@pytest.mark.parametrize(("scope", "kind"), [(SUBSCRIPTION, SUBSCRIPTION_TYPE), (f"{SUBSCRIPTION}/resourceGroups/rg", GROUP_TYPE)])
def test_an_extension_is_on_a_group_or_subscription(scope: str, kind: str) -> None:
    place = ResourceId.parse_scope(scope)
    assert place is not None
    assert (place.type, str(place)) == (kind, scope)
    lock = place.extension(LOCK, "keep")
    assert str(lock) == f"{scope}/providers/{LOCK}/keep"
    assert ResourceId.parse(str(lock)) == lock
    assert lock.scope == place
    assert lock.scope.extension(LOCK, "keep") == lock


def test_azures_lower_cased_extensions_are_ids() -> None:
    found = ResourceId.parse(f"{SUBNET.lower()}/providers/microsoft.insights/diagnosticSettings/audit")
    assert found is not None
    assert found.is_type("Microsoft.Insights/diagnosticSettings")
    assert same_id(str(found.scope), SUBNET)


@given(_ids, st.booleans())
def test_ids_are_the_same_in_any_case_and_with_a_slash_at_the_end(resource_id: ResourceId, slash: bool) -> None:
    text = str(resource_id)
    assert same_id(text.upper(), text.lower() + "/" * slash)
    assert not same_id(text, text + "x")


def test_a_nested_id_falls_into_its_parts() -> None:
    found = ResourceId.parse(SUBNET)
    assert found is not None
    assert found.type == "Microsoft.Network/virtualNetworks/subnets"
    assert found.names == ("net", "endpoints")
    assert (found.name, found.resource_group) == ("endpoints", "rg")
    assert str(found.parent).endswith("/virtualNetworks/net")
    assert found.named("other").names == ("net", "other")


def test_a_group_and_a_provider_are_ids_too() -> None:
    group = ResourceId.parse(f"{SUBSCRIPTION}/resourcegroups/rg")
    assert group is not None
    assert (group.type, group.name) == (GROUP_TYPE, "rg")
    assert str(group) == f"{SUBSCRIPTION}/resourceGroups/rg"
    provider = ResourceId.parse(f"{SUBSCRIPTION}/providers/Microsoft.KeyVault")
    assert provider is not None
    assert provider.name == "Microsoft.KeyVault"


def test_azures_upper_cased_back_references_are_ids() -> None:
    found = ResourceId.parse(f"{SUBSCRIPTION}/resourceGroups/RG/providers/MICROSOFT.NETWORK/privateendpoints/PE")
    assert found is not None
    assert found.is_type("Microsoft.Network/privateEndpoints")
    assert not found.is_type("Microsoft.Network/virtualNetworks")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "endpoints",
        SUBSCRIPTION,
        SUBSCRIPTION + "/resourceGroups",
        SUBSCRIPTION + "/resourceGroups/rg/providers",
        SUBNET.rpartition("/")[0],
        SUBNET.removeprefix("/"),
        SUBNET.replace("/subnets", "//subnets"),
        SUBNET.replace("endpoints", "end points"),
        SUBNET + "/providers/Microsoft.Authorization",
        SUBNET + "/providers/Microsoft.Authorization/locks",
        SUBSCRIPTION + "/providers/Microsoft.KeyVault/providers/Microsoft.Authorization/locks/keep",
        SUBNET + "\n",
        SUBNET + "//",
        f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network",
        f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Resources/resourceGroups/other",
        f"{SUBSCRIPTION}/providers/microsoft.resources/subscriptions/other",
        f"see {SUBNET}",
    ],
)
def test_anything_less_than_a_whole_id_is_none(text: str) -> None:
    assert ResourceId.parse(text) is None


# What no name in an id may hold, in any place of it.
_HOSTILE = [
    "a?x",
    "a?api-version=1",
    "a#",
    "a%2fb",
    "%2e%2e",
    "a\\b",
    ".",
    "..",
    "",
    " ",
    "a b",
    "a\tb",
    "a\x00",
    "a\x7f",
    "a\u200b",
    "\u202ea",
    "a\xa0b",
    "\ud800",
    "<a>",
    "a&b",
    "a" * 261,
]


@pytest.mark.parametrize("hostile", _HOSTILE, ids=ascii)
@pytest.mark.parametrize(
    "place", ["00000000-0000-0000-0000-000000000001", "/rg/", "Microsoft.Network", "virtualNetworks", "/net/", "endpoints"]
)
def test_an_id_never_holds_what_azure_forbids(place: str, hostile: str) -> None:
    text = SUBNET.replace(place, f"/{hostile}/" if place.startswith("/") else hostile)
    assert ResourceId.parse(text) is None
    assert ResourceId.parse_scope(text) is None
    assert ResourceId.parse_scope(f"{text}/providers/{LOCK}/keep") is None


@pytest.mark.parametrize("hostile", _HOSTILE, ids=ascii)
@pytest.mark.parametrize("scope", [SUBSCRIPTION, f"{SUBSCRIPTION}/resourceGroups/rg", SUBNET])
def test_a_scope_never_holds_what_azure_forbids(scope: str, hostile: str) -> None:
    assert ResourceId.parse_scope(f"{scope}{hostile}" if hostile not in ("", ".", "..") else f"{scope}/{hostile}/x") is None


def test_an_id_has_a_length() -> None:
    assert ResourceId.parse(SUBNET + "/parts/" + "a" * 260) is not None
    assert ResourceId.parse(SUBNET + "/parts/aaaa" * 200) is None


@pytest.mark.parametrize("scope", [SUBSCRIPTION, f"{SUBSCRIPTION}/resourceGroups/größe", SUBNET])
@pytest.mark.parametrize("kind", [LOCK, LOCK.lower(), "microsoft.insights/diagnosticSettings"])
def test_names_of_locks_and_settings_hold_spaces_inside(scope: str, kind: str) -> None:
    found = ResourceId.parse(f"{scope}/providers/{kind}/keep it, please")
    assert found is not None and found.name == "keep it, please"
    assert str(found.scope) == scope
    assert ResourceId.parse(f"{scope}/providers/{kind}/ keep") is None
    assert ResourceId.parse(f"{scope}/providers/Microsoft.Authorization/roleAssignments/keep it") is None


@pytest.mark.parametrize(("one", "other"), [(None, None), ("", None)])
def test_nothing_is_the_same_as_nothing(one: str | None, other: str | None) -> None:
    assert same_id(one, other)
    assert not same_id(one, SUBNET)
