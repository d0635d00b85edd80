# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reaches a vault over its public address, and what lets in more."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.public_access import (
    admitted,
    is_closed,
    loosened,
    public_access_of,
)

SUBNET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/one"


def vault(access: str | None = None, **acls: t.Any) -> Document:
    """Return a vault with these gates."""
    return {"properties": {**({"publicNetworkAccess": access} if access else {}), **({"networkAcls": acls} if acls else {})}}


_rules = st.lists(
    st.sampled_from(["203.0.113.7", "203.0.113.7/32", "203.0.113.0/24", "8.8.8.8/32"]).map(lambda value: {"value": value}), max_size=2
)
_vaults = st.builds(
    vault,
    st.sampled_from([None, "Enabled", "disabled", "Disabled", "SecuredByPerimeter", "securedbyperimeter"]),
    defaultAction=st.sampled_from(["Allow", "deny", "Deny"]),
    bypass=st.sampled_from(["AzureServices", "None", "none", "azureservices"]),
    ipRules=_rules,
    virtualNetworkRules=st.lists(st.just({"id": SUBNET}), max_size=1),
)


@given(_vaults)
def test_no_change_lets_nobody_in(current: Document) -> None:
    assert loosened(current, current) == []


@given(_vaults, _vaults, _vaults)
def test_what_two_strict_steps_keep_out_stays_out(one: Document, two: Document, three: Document) -> None:
    if not loosened(one, two) and not loosened(two, three):
        assert loosened(one, three) == []


@given(_vaults)
def test_leaving_a_perimeter_always_lets_in_more(current: Document) -> None:
    perimeter = vault("SecuredByPerimeter")
    assert loosened(current, perimeter) == []
    assert bool(loosened(perimeter, current)) == (public_access_of(current) != "SecuredByPerimeter")


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        (vault("Disabled"), vault("SecuredByPerimeter"), []),
        (vault("SecuredByPerimeter"), vault("Disabled", bypass="None"), ["network security perimeter"]),
        (vault("SecuredByPerimeter"), vault("Disabled"), ["network security perimeter", "trusted Microsoft services"]),
        (vault("Disabled", bypass="None"), vault("Disabled"), ["trusted Microsoft services"]),
        (vault("Disabled"), vault("Enabled"), ["everybody"]),
        (vault("Disabled"), vault("Enabled", defaultAction="Deny", ipRules=[{"value": "8.8.8.8"}]), ["8.8.8.8/32"]),
        (
            vault("Enabled", defaultAction="Deny", ipRules=[{"value": "8.8.8.0/24"}]),
            vault("Enabled", defaultAction="Deny", ipRules=[{"value": "8.8.8.8"}]),
            [],
        ),
        (vault("Enabled", defaultAction="Deny"), vault("Enabled", defaultAction="Deny", virtualNetworkRules=[{"id": SUBNET}]), [SUBNET]),
        (vault(), vault("Disabled"), []),
    ],
)
def test_who_gets_in_after_a_change(before: Document, after: Document, who: list[str]) -> None:
    found = loosened(before, after)
    assert len(found) == len(who)
    assert all(word in sentence for word, sentence in zip(who, found, strict=True))


@pytest.mark.parametrize(
    ("word", "closed"), [(None, False), ("Enabled", False), ("disabled", True), ("SECUREDBYPERIMETER", True), ("SomethingNew", False)]
)
def test_what_counts_as_closed(word: str | None, closed: bool) -> None:
    assert is_closed(vault(word)) is closed
    assert not (is_closed(vault(word)) and admitted(vault(word)).everybody)
