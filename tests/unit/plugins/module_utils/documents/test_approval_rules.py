# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules by which an owner decides: nothing is approved that no rule names."""

from __future__ import annotations

import re
import typing as t

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.approval_rules import CONDITIONS, checked, fits, rule_for
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT

CONNECTION: dict[str, t.Any] = {"endpoint_id": ENDPOINT, "description": "told to the owner", "endpoint": {}}


def decided(rule: dict[str, t.Any], **connection: t.Any) -> bool:
    """Return whether a rule decides on a connection."""
    return rule_for({**CONNECTION, **connection}, [rule]) is rule


@pytest.mark.parametrize(
    "rule",
    [
        {"subscriptions": ["a0000000-0000-4000-8000-0000000000AA"]},
        {"resource_groups": ["PAY*"]},
        {"resource_groups": ["other", "payments"]},
        {"endpoint_names": ["payments-endpoin?"]},
        {"descriptions": ["*OWNER*"]},
        {"subscriptions": ["*"], "resource_groups": ["payments"], "endpoint_names": ["payments-*"], "descriptions": ["told*"]},
        {"resource_groups": ["payments"], "endpoint_names": None},
    ],
)
def test_a_rule_that_holds(rule: dict[str, t.Any]) -> None:
    assert decided(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"subscriptions": ["a0000000"]},
        {"resource_groups": ["pay"]},
        {"endpoint_names": ["payments"]},
        {"descriptions": ["owner"]},
        {"subscriptions": ["*"], "resource_groups": ["other"]},
        {"resource_groups": ["payments"], "descriptions": ["*ticket*"]},
    ],
)
def test_every_condition_must_hold(rule: dict[str, t.Any]) -> None:
    assert not decided(rule)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_list_that_came_out_empty_matches_nobody(condition: str) -> None:
    others = {name: ["*"] for name in CONDITIONS if name != condition}
    assert decided(others)
    assert not decided({**others, condition: []})


def test_the_endpoints_own_message_is_what_was_requested() -> None:
    rule = {"descriptions": ["*4711*"]}
    assert decided(rule, endpoint={"request_message": "Ticket 4711"})
    assert not decided(rule, endpoint={"request_message": "Ticket 1"}, description="Ticket 4711")
    assert not decided(rule, description=None)


@pytest.mark.parametrize("endpoint_id", [None, "", "somewhere"])
def test_a_connection_of_nobody_is_not_decided(endpoint_id: str | None) -> None:
    assert not decided({"resource_groups": ["*"]}, endpoint_id=endpoint_id)


def test_the_first_rule_wins() -> None:
    rules: list[dict[str, t.Any]] = [{"resource_groups": ["x"]}, {"resource_groups": ["pay*"]}, {"resource_groups": ["*"]}]
    assert rule_for(CONNECTION, rules) is rules[1]
    assert rule_for(CONNECTION, []) is None


@pytest.mark.parametrize(
    ("rule", "name"), [({}, "number 2"), ({"name": "all"}, "rule all"), ({"status": "Approved", "subscriptions": None}, "number 2")]
)
def test_a_rule_for_everybody_is_refused(rule: dict[str, t.Any], name: str) -> None:
    with pytest.raises(OptionError, match=name) as caught:
        checked([{"resource_groups": ["payments"]}, rule])
    assert caught.value.option == "rules"


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("prod-1", "[prod]*", False),
        ("[prod]-1", "[prod]*", True),
        ("p", "[!x]", False),
        ("[!x]", "[!x]", True),
        ("straße", "strasse", False),
        ("strasse", "straße", False),
        ("STRA\u1e9eE", "stra\u00dfe", False),
        ("\u212aey", "key", False),
        ("\u0130", "i", False),
        ("PROD", "prod", True),
        ("a\nb", "a?b", True),
        ("a\nb", "a*", True),
        ("a", "a\\", False),
        ("a.b", "a?b", True),
        ("axb", "a.b", False),
        ("", "", True),
        ("", "*", True),
        ("a", "", False),
        ("{a,b}", "{a,b}", True),
    ],
)
def test_only_the_star_and_the_question_mark_stand_for_others(value: str, pattern: str, expected: bool) -> None:
    assert fits(value, pattern) is expected


def oracle(value: str, pattern: str) -> bool:
    """Say what fits() says, by a regular expression with nothing but two wildcards and the case of ASCII."""
    parts = {"*": "(?s:.*)", "?": "(?s:.)"}
    sign = {letter: f"[{letter.upper()}{letter.lower()}]" for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    return re.fullmatch("".join(parts.get(item) or sign.get(item) or re.escape(item) for item in pattern), value) is not None


@given(st.text("abAB*?[]!-\\.ßsSk\u212a\n", max_size=8), st.text("abAB*?[]!-\\.ßsSk\u212a\n", max_size=8))
@example("aab", "*ab")
@example("abcabd", "*ab?")
def test_patterns_agree_with_an_oracle(value: str, pattern: str) -> None:
    assert fits(value, pattern) == oracle(value, pattern)
    assert fits(value, value.replace("*", "?")) and fits(value, f"*{value[1:-1].replace('*', '?')}*")


def test_many_stars_cost_no_time() -> None:
    assert not fits("a" * 5000, "*a" * 50 + "b")
