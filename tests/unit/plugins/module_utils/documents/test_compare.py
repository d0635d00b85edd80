# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing and combining ARM documents, as properties that hold for all of them."""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import (
    Document,
    Rules,
    at,
    covers,
    difference,
    location,
    merge,
    overlay_tags,
    paths,
    prune,
)

_keys = st.sampled_from(["a", "b", "c", "location", "properties"])
_scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["x", "y", "Disabled", "/subscriptions/s/resourceGroups/g"])
_names = st.sampled_from(["one", "two", "three", "four"])


def _lists(items: st.SearchStrategy[t.Any]) -> st.SearchStrategy[list[t.Any]]:
    """Lists as ARM has them: of different words, or of mappings distinguished by a name."""
    named = st.dictionaries(_names, st.dictionaries(st.sampled_from(["a", "b", "properties"]), items, max_size=2), max_size=3)
    return st.lists(st.sampled_from(["x", "y", "z"]), unique=True, max_size=3) | named.map(
        lambda found: [{**value, "name": key} for key, value in found.items()]
    )


_values = st.recursive(_scalars, lambda inner: st.dictionaries(_keys, inner, max_size=3) | _lists(inner), max_leaves=8)
_documents = st.dictionaries(_keys, _values, max_size=4)
# What is asked for has no None: prune took it out.
_desired_documents = _documents.map(prune)


@given(_documents)
def test_a_document_covers_itself(document: Document) -> None:
    assert covers(document, document)


@given(_documents, _desired_documents)
def test_what_was_merged_covers_what_was_asked_for(actual: Document, desired: Document) -> None:
    assert covers(merge(actual, desired), desired)


@given(_documents, _desired_documents)
def test_merging_twice_changes_nothing_more(actual: Document, desired: Document) -> None:
    once = merge(actual, desired)
    assert merge(once, desired) == once


@given(_documents, _desired_documents)
def test_merging_keeps_what_nobody_asked_about(actual: Document, desired: Document) -> None:
    merged = merge(actual, desired)
    assert all(merged[key] == actual[key] for key in actual.keys() - desired.keys())


@given(_documents, _desired_documents)
def test_there_is_a_difference_exactly_where_it_is_not_covered(actual: Document, desired: Document) -> None:
    before, after = difference(actual, desired)
    assert (after == {}) == covers(actual, desired)
    if covers(actual, desired):
        assert before == {}


@given(_documents, _desired_documents)
def test_the_difference_is_all_that_is_missing(actual: Document, desired: Document) -> None:
    _before, after = difference(actual, desired)
    assert covers(merge(actual, after), desired)


@given(_documents, _desired_documents)
def test_the_difference_names_only_what_was_asked_for(actual: Document, desired: Document) -> None:
    before, after = difference(actual, desired)
    assert set(after) <= set(desired)
    assert set(before) <= set(after) & set(actual)


@given(_documents, _desired_documents)
def test_nothing_is_changed_in_place(actual: Document, desired: Document) -> None:
    kept = copy.deepcopy((actual, desired))
    covers(actual, desired)
    merge(actual, desired)
    difference(actual, desired)
    prune(actual)
    assert (actual, desired) == kept


@given(_documents, st.randoms())
def test_the_order_of_a_list_says_nothing(document: Document, random: t.Any) -> None:
    assert covers(_shuffled(document, random), document)
    assert covers(document, _shuffled(document, random))


@given(_documents)
def test_ids_compare_without_case(document: Document) -> None:
    assert covers(_with_ids(document, str.upper), document)
    assert covers(_with_ids(document, str.lower), document)


@given(_documents)
def test_pruning_takes_out_all_that_is_unset_and_nothing_else(document: Document) -> None:
    pruned = prune(document)
    assert prune(pruned) == pruned
    assert covers(document, pruned)


def _shuffled(value: t.Any, random: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _shuffled(item, random) for key, item in value.items()}
    if isinstance(value, list):
        return random.sample([_shuffled(item, random) for item in value], len(value))
    return value


def _with_ids(value: t.Any, change: t.Callable[[str], str]) -> t.Any:
    if isinstance(value, dict):
        return {key: _with_ids(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_ids(item, change) for item in value]
    return change(value) if isinstance(value, str) and value.startswith("/subscriptions/") else value


@pytest.mark.parametrize(
    ("actual", "desired"),
    [
        pytest.param({}, {"enabled": False}, id="missing and false"),
        pytest.param({}, {"rules": []}, id="missing and empty list"),
        pytest.param({}, {"name": ""}, id="missing and empty text"),
        pytest.param({}, {"dhcpOptions": {"dnsServers": []}}, id="missing mapping and empty inside"),
        pytest.param({"location": "westeurope"}, {"location": "West Europe"}, id="region as people write it"),
        pytest.param({"id": "/subscriptions/S/resourcegroups/G"}, {"id": "/subscriptions/s/resourceGroups/g/"}, id="id of any case"),
        pytest.param(
            {"tenant": "a0000000-0000-4000-8000-00000000000a"}, {"tenant": "A0000000-0000-4000-8000-00000000000A"}, id="uuid of any case"
        ),
        pytest.param({"zones": ["a", "b"]}, {"zones": ["b", "a"]}, id="other order"),
        pytest.param({"zones": ["a"]}, {"zones": ["a", "a"]}, id="said twice"),
        pytest.param(
            {"rules": [{"value": "1.2.3.4/32", "extra": 1}]}, {"rules": [{"value": "1.2.3.4/32"}]}, id="item with more than was asked for"
        ),
        pytest.param({"list": [{"a": 1}, {"b": 2}]}, {"list": [{"b": 2}, {"a": 1}]}, id="items without a name"),
        pytest.param({"list": [["a", "b"]]}, {"list": [["a", "b"]]}, id="list of lists"),
    ],
)
def test_it_is_already_so(actual: Document, desired: Document) -> None:
    assert covers(actual, desired)
    assert difference(actual, desired) == ({}, {})


@pytest.mark.parametrize(
    ("actual", "desired"),
    [
        pytest.param({"enabled": True}, {"enabled": False}, id="true and false"),
        pytest.param({"count": 1}, {"count": True}, id="number and truth"),
        pytest.param({"name": "A"}, {"name": "a"}, id="text of other case"),
        pytest.param({"other": "West Europe"}, {"other": "westeurope"}, id="only regions have two spellings"),
        pytest.param({"zones": ["a"]}, {"zones": []}, id="emptiness was asked for"),
        pytest.param({"zones": ["a", "b"]}, {"zones": ["a"]}, id="one too many"),
        pytest.param({"zones": ["a", "b"]}, {"zones": ["a", "a"]}, id="one too many, hidden by a repetition"),
        pytest.param({"zones": ["a"]}, {"zones": ["a", "b"]}, id="one missing"),
        pytest.param({"zones": ["a"]}, {"zones": [""]}, id="nothing is no namesake"),
        pytest.param({"zones": "a"}, {"zones": ["a"]}, id="no list"),
        pytest.param({"subnet": "x"}, {"subnet": {"id": "x"}}, id="no mapping"),
        pytest.param({"rules": [{"name": "a", "port": 1}]}, {"rules": [{"name": "a", "port": 2}]}, id="namesake of another content"),
        pytest.param({"rules": [{"name": "a"}]}, {"rules": [{"name": "a", "port": 2}]}, id="namesake of less content"),
        pytest.param({"list": [{"a": 1}]}, {"list": [{"a": 2}]}, id="no namesake"),
    ],
)
def test_it_is_not_so_yet(actual: Document, desired: Document) -> None:
    assert not covers(actual, desired)
    assert difference(actual, desired)[1]


@pytest.mark.parametrize(
    ("there", "requested", "same"),
    [
        ("FD00:DB8:0::/64", "fd00:db8::/64", True),
        ("fd00:0db8:0000:0000::/64", "fd00:db8::/64", True),
        ("fd00:db8::/64", "fd00:db8::/48", False),
        ("fd00:db8::/64", "fd00:db9::/64", False),
        ("a:b/1", "A:b/1", False),
    ],
)
def test_a_range_of_ipv6_has_many_spellings(there: str, requested: str, same: bool) -> None:
    assert covers({"ranges": [there]}, {"ranges": [requested]}) is same
    assert (merge({"ranges": [there]}, {"ranges": [requested]}) == {"ranges": [there]}) is same


def test_an_order_that_matters() -> None:
    actual, desired = {"dhcp": {"servers": ["a", "b"]}}, {"dhcp": {"servers": ["b", "a"]}}
    assert covers(actual, desired)
    assert not covers(actual, desired, rules=Rules(ordered={"dhcp.servers"}))
    assert covers(actual, actual, rules=Rules(ordered={"dhcp.servers"}))
    assert difference(actual, desired, rules=Rules(ordered={"dhcp.servers"})) == (actual, desired)
    assert not covers({"servers": ["a", "b"]}, {"servers": ["a"]}, rules=Rules(ordered={"servers"}))


def test_items_of_lists_are_joined_with_their_namesakes() -> None:
    current = {"rules": [{"id": "/subscriptions/S/net", "state": "made by Azure"}, {"id": "/subscriptions/s/old"}]}
    resource_with = {"rules": [{"id": "/subscriptions/s/new"}, {"id": "/subscriptions/s/NET", "ignore": True}]}
    assert merge(current, resource_with) == {
        "rules": [{"id": "/subscriptions/s/new"}, {"id": "/subscriptions/S/net", "state": "made by Azure", "ignore": True}],
    }


def test_a_difference_shows_only_what_differs() -> None:
    current = {"location": "westeurope", "properties": {"a": 1, "b": 2, "rules": [{"value": "x", "etag": "1"}], "more": {"c": 3, "d": 4}}}
    resource_with = {"location": "West Europe", "properties": {"a": 1, "b": 3, "rules": [{"value": "y"}], "more": {"c": 5}, "new": True}}
    before, after = difference(current, resource_with)
    assert before == {"properties": {"b": 2, "rules": [{"value": "x"}], "more": {"c": 3}}}
    assert after == {"properties": {"b": 3, "rules": [{"value": "y"}], "more": {"c": 5}, "new": True}}


def test_pruning_leaves_what_asks_for_emptiness() -> None:
    assert prune({"a": None, "b": {"c": None}, "d": {}, "e": [], "f": False, "g": [{"h": None, "i": 0}]}) == {
        "d": {},
        "e": [],
        "f": False,
        "g": [{"i": 0}],
    }
    assert prune({"properties": {"acls": {"rules": None}}}) == {}


def test_paths_and_what_stands_there() -> None:
    document = {"location": "x", "properties": {"subnet": {"id": "s"}, "empty": {}, "list": [1]}}
    assert paths(document) == ["location", "properties.subnet.id", "properties.empty", "properties.list"]
    assert at(document, "properties.subnet.id") == "s"
    assert at(document, "properties.list.0") is None
    assert at(document, "location.deeper") is None
    assert at(None, "properties") is None


@pytest.mark.parametrize("name", ["West Europe", "westeurope", "WESTEUROPE", "west europe"])
def test_a_region_has_one_name(name: str) -> None:
    assert location(name) == "westeurope"


_tag_names = st.sampled_from(["env", "Env", "ENV", "team", "Team", "cost"])
_tags = st.dictionaries(_tag_names, st.sampled_from(["1", "2", ""]), max_size=4).filter(
    lambda tags: len({name.casefold() for name in tags}) == len(tags)
)


@given(_tags, _tags)
def test_tags_are_laid_over_those_that_are_there(actual: dict[str, str], wanted: dict[str, str]) -> None:
    result = overlay_tags(actual, wanted, append=True)
    assert result is not None
    reported = {name.casefold(): value for name, value in result.items()}
    assert reported == {**_folded(actual), **_folded(wanted)}
    assert len(reported) == len(result)
    assert set(actual) <= set(result)


@given(_tags, _tags)
def test_tags_replace_those_that_are_there(actual: dict[str, str], wanted: dict[str, str]) -> None:
    result = overlay_tags(actual, wanted, append=False)
    assert result is not None
    assert _folded(result) == _folded(wanted)
    spellings = {name.casefold(): name for name in actual}
    assert all(name == spellings.get(name.casefold(), name) for name in result)


@given(_tags, st.booleans())
def test_tags_are_stable(actual: dict[str, str], append: bool) -> None:
    assert overlay_tags(actual, actual, append) == actual
    assert overlay_tags(actual, None, append) is None
    assert overlay_tags(None, actual, append) == actual


def _folded(tags: dict[str, str]) -> dict[str, str]:
    return {name.casefold(): value for name, value in tags.items()}
