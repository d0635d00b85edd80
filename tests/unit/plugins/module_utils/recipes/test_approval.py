# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions of a vault's owner: by name first, by rule for the rest, never both, never twice."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.approval import Named, decisions_of
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, SUBNET, VAULT, ReadOnlyArm, parsed, vault
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import endpoint as private_endpoint

NAMES = ("a", "b", "c")
STATES = ("Pending", "Approved", "Rejected")


def endpoint(name: str) -> str:
    """Return the id of an endpoint."""
    return ENDPOINT.replace("payments-endpoint", name)


def connected(**states: str) -> ReadOnlyArm:
    """Return a vault with a connection for each name, in that state; nobody can read the endpoints."""
    connections: list[Document] = [
        {
            "id": f"{VAULT}/privateEndpointConnections/{name}",
            "properties": {"privateEndpoint": {"id": endpoint(name)}, "privateLinkServiceConnectionState": {"status": state}},
        }
        for name, state in states.items()
    ]
    return ReadOnlyArm(vault(privateEndpointConnections=connections))


def decide(
    arm: ReadOnlyArm, named: Named, rules: t.Sequence[Document] = (), *, rehearsal: bool = False
) -> dict[str, tuple[str, str | None]]:
    """Return status and rule of every decision, by the name of endpoint or connection."""
    decisions = decisions_of(Live(t.cast(t.Any, arm)), parsed(VAULT), named, rules, rehearsal=rehearsal)
    assert len({decision.kind.lane(decision.id) for decision in decisions}) <= 1  # a vault takes one write at a time
    assert not any(decision.needs for decision in decisions)  # and one that fails holds none of the others back
    found = {}
    for decision in decisions:
        name = str(decision.endpoint_id or decision.name).rpartition("/")[2].casefold()
        assert name not in found
        status = (decision.desired or {})["properties"]["privateLinkServiceConnectionState"]["status"]
        found[name] = (status, decision.rule)
    return found


RULES = [{"name": "first", "endpoint_names": ["a"], "status": "Rejected"}, {"endpoint_names": ["*"], "status": "Approved"}]


def test_names_come_before_rules_whatever_was_decided() -> None:
    arm = connected(a="Pending", b="Rejected", c="Pending")
    assert decide(arm, Named([endpoint("a").upper(), endpoint("b"), endpoint("b") + "/"]), RULES) == {
        "a": ("Approved", None),
        "b": ("Approved", None),
        "c": ("Approved", "2"),
    }
    assert decide(arm, Named(), RULES) == {"a": ("Rejected", "first"), "c": ("Approved", "2")}
    assert decide(arm, Named()) == {}


def test_two_decisions_on_one_endpoint_are_refused() -> None:
    with pytest.raises(OptionError, match="remove it from one of them") as caught:
        decide(connected(), Named([endpoint("a")], [endpoint("a").upper()]))
    assert caught.value.option == "reject_endpoint_ids"


@pytest.mark.parametrize("wrong", [VAULT, SUBNET, "a", f"{endpoint('a')},{endpoint('b')}"])
@pytest.mark.parametrize("option", ["approve", "reject"])
def test_only_ids_of_private_endpoints_are_taken(option: str, wrong: str) -> None:
    arm = connected()
    with pytest.raises(OptionError) as caught:
        decide(arm, Named(**{option: [endpoint("a"), wrong]}))
    assert caught.value.option == f"{option}_endpoint_ids"
    assert not arm.requested


def test_a_vault_that_is_not_there_is_an_error_but_in_a_rehearsal() -> None:
    with pytest.raises(Problem) as caught:
        decide(ReadOnlyArm(), Named())
    assert caught.value.code == "ResourceNotFound"
    assert decide(ReadOnlyArm(), Named([endpoint("a")]), rehearsal=True) == {"a": ("Approved", None)}


def decided(name: str, state: str, provisioning: str = "Succeeded") -> Document:
    """Return a connection whose vault's side is like that."""
    properties = {
        "privateEndpoint": {"id": endpoint(name)},
        "privateLinkServiceConnectionState": {"status": state},
        "provisioningState": provisioning,
    }
    return {"id": f"{VAULT}/privateEndpointConnections/{name}", "properties": properties}


@pytest.mark.parametrize(
    ("state", "provisioning", "theirs", "decision"),
    [
        ("Approved", "Failed", None, "Approved"),
        ("Rejected", "Canceled", None, "Approved"),
        ("Approved", "Failed", "Pending", "Approved"),
        ("Approved", "Succeeded", "Pending", "Approved"),
        ("Rejected", "Succeeded", "Pending", None),  # not this rule's decision
        ("Approved", "Succeeded", "Approved", None),
        ("Approved", "Succeeded", None, None),
        ("Disconnected", "Failed", None, None),
    ],
)
def test_a_decision_that_failed_or_was_never_seen_is_taken_again(
    state: str, provisioning: str, theirs: str | None, decision: str | None
) -> None:
    there = [private_endpoint(status=theirs, manual=True)] if theirs else []
    arm = ReadOnlyArm(vault(privateEndpointConnections=[decided("payments-endpoint", state, provisioning)]), *there)
    made = decide(arm, Named(), [{"endpoint_names": ["*"], "status": "Approved"}])
    assert made == ({"payments-endpoint": (decision, "1")} if decision else {})


@given(
    states=some.fixed_dictionaries({name: some.sampled_from(STATES) for name in NAMES}),
    approve=some.sets(some.sampled_from(NAMES)),
    reject=some.sets(some.sampled_from(NAMES)),
    patterns=some.lists(some.tuples(some.sampled_from([*NAMES, "*"]), some.sampled_from(STATES[1:])), max_size=3),
)
def test_against_an_oracle(states: dict[str, str], approve: set[str], reject: set[str], patterns: list[tuple[str, str]]) -> None:
    """Whoever is named gets that decision; of the others, who is pending gets that of the first rule that fits; nobody else gets any."""
    reject -= approve
    rules = [{"endpoint_names": [pattern], "status": status} for pattern, status in patterns]
    expected: dict[str, str] = {}
    for name in NAMES:
        by_rule = next((status for pattern, status in patterns if pattern in (name, "*")), None)
        decision = "Approved" if name in approve else "Rejected" if name in reject else by_rule if states[name] == "Pending" else None
        if decision:
            expected[name] = decision
    made = decide(connected(**states), Named([endpoint(name) for name in approve], [endpoint(name) for name in reject]), rules)
    assert {name: status for name, (status, _rule) in made.items()} == expected
