# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules by which an owner decides: nothing is approved that no rule names."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils.approval_rules import CONDITIONS, checked, rule_for
from ansible_collections.privatelink.azure.plugins.module_utils.errors import OptionError
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT

CONNECTION: dict[str, t.Any] = {"endpoint_id": ENDPOINT, "description": "told to the owner", "endpoint": {}}


def decided(rule: dict[str, t.Any], **connection: t.Any) -> bool:
    """Tell whether a rule decides on a connection."""
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


@pytest.mark.parametrize(("rule", "name"), [({}, "number 2"), ({"name": "all"}, "rule all"), ({"status": "Approved", "subscriptions": None}, "number 2")])
def test_a_rule_for_everybody_is_refused(rule: dict[str, t.Any], name: str) -> None:
    with pytest.raises(OptionError, match=name) as caught:
        checked([{"resource_groups": ["payments"]}, rule])
    assert caught.value.option == "rules"
