# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of a vault's firewall: what it takes, in the right words, each rule once."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.firewall import (
    in_current_order,
    ip_rule,
    ip_rules,
    network_rules,
    without_duplicates,
)
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError

SUBNETS = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets"


@pytest.mark.parametrize(
    ("text", "rule"), [("203.0.113.7", "203.0.113.7/32"), ("203.0.113.0/24", "203.0.113.0/24"), (" 203.0.113.7/32 ", "203.0.113.7/32")]
)
def test_ip_rules_of_vaults(text: str, rule: str) -> None:
    assert ip_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not an IPv4 address"),
        ("host", "is not an IPv4 address"),
        ("203.0.113.1-203.0.113.9", "is a range of addresses"),
        ("203.0.113.1/24", "has host bits set; pass the network '203.0.113.0/24'"),
        ("2001:db8::1", "is an IPv6 address"),
        ("10.1.2.3", "is a private address"),
        ("172.16.0.0/16", "is a private address"),
        ("172.31.255.255", "is a private address"),
        ("192.168.1.0/24", "is a private address"),
        ("8.0.0.0/5", "contains the private addresses 10.0.0.0/8"),
        ("0.0.0.0/0", "means every address; set default_action: Allow"),
        ("127.0.0.1", "is a loopback address"),
        ("169.254.1.0/24", "is a link-local address"),
        ("224.0.0.1", "is a multicast address"),
        ("255.255.255.255", "is a reserved address"),
        ("0.0.0.0", "is an address of 'this network'"),
    ],
)
def test_what_cannot_be_an_ip_rule_and_why(text: str, reason: str) -> None:
    with pytest.raises(OptionError) as refused:
        ip_rule(text)
    assert refused.value.option == "network_acls.ip_rules"
    assert reason in refused.value.message
    assert "; " in refused.value.message


@pytest.mark.parametrize(
    "text", ["172.15.255.255", "172.32.0.0/16", "11.0.0.0/8", "192.167.0.0/16", "192.169.0.0/16", "100.64.0.0/10", "168.63.129.16"]
)
def test_neighbours_of_private_ranges_and_what_azure_alone_knows(text: str) -> None:
    assert ip_rule(text)


_texts = st.integers(0, 5).flatmap(
    lambda number: st.sampled_from([f"203.0.113.{number}", f"203.0.113.{number}/32", f" 203.0.113.{number} "])
)


@given(st.lists(_texts, max_size=12))
def test_each_rule_is_there_once(texts: list[str]) -> None:
    rules = [rule["value"] for rule in ip_rules(texts)]
    assert len(rules) == len(set(rules))
    assert {ipaddress.ip_network(rule) for rule in rules} == {ipaddress.ip_network(text.strip()) for text in texts}


@given(st.lists(_texts, max_size=8), st.lists(_texts.map(str.strip), max_size=8))
def test_what_stays_does_not_move(texts: list[str], there: list[str]) -> None:
    current = [{"value": text} for text in there]
    result = in_current_order(ip_rules(texts), current, "value")
    wanted = {rule["value"] for rule in ip_rules(texts)}
    stays = [rule for rule in without_duplicates(current, "value") if ip_rule(rule["value"]) in wanted]
    assert result[: len(stays)] == stays
    assert {ip_rule(rule["value"]) for rule in result} == wanted


def test_limits_of_the_firewall() -> None:
    many = [f"20.1.{number // 250}.{number % 250}" for number in range(1001)]
    assert len(ip_rules([*many[:1000], many[0], f"{many[1]}/32"])) == 1000
    with pytest.raises(OptionError, match="1001 rules are more than the 1000"):
        ip_rules(many)
    assert len(network_rules({"id": f"{SUBNETS}/{number % 200}"} for number in range(400))) == 200
    with pytest.raises(OptionError, match="201 subnets are more than the 200"):
        network_rules({"id": f"{SUBNETS}/{number}"} for number in range(201))


def test_a_subnet_that_is_named_twice_counts_once() -> None:
    rules = [
        {"id": f"{SUBNETS}/a", "ignoreMissingVnetServiceEndpoint": None},
        {"id": f"{SUBNETS}/A/", "ignoreMissingVnetServiceEndpoint": True},
    ]
    assert network_rules(rules) == [{"id": f"{SUBNETS}/a", "ignoreMissingVnetServiceEndpoint": True}]
