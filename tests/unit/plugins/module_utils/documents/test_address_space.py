# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges of networks and subnets: what Azure takes, and why it takes no other."""

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.address_space import network_range, subnet_range
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.0.0.0/24", "10.0.0.0/24"),
        (" 10.0.0.0/255.255.255.0 ", "10.0.0.0/24"),
        ("fd00::/64", "fd00::/64"),
        ("10.0.0.0/29", "10.0.0.0/29"),
    ],
)
def test_ranges(text: str, network: str) -> None:
    assert network_range(text, "o") == subnet_range(text, "o") == network


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *(
            (text, "is not a network in CIDR notation; pass one like")
            for text in ("", "10.0.0.1/24", "10.0.0.0/33", "10.0.0.0/", "net", "10.0.0.4")
        ),
        ("127.0.0.0/8", "lies in 127.0.0.0/8 (loopback)"),
        ("127.1.0.0/16", "lies in 127.0.0.0/8 (loopback)"),
        ("169.254.0.0/24", "(link-local)"),
        ("224.0.0.0/24", "(multicast)"),
        ("239.0.0.0/8", "(multicast)"),
    ],
)
def test_what_no_network_can_have(text: str, reason: str) -> None:
    for check in (network_range, subnet_range):
        with pytest.raises(OptionError) as refused:
            check(text, "o")
        assert refused.value.option == "o" and reason in refused.value.message and refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10.0.0.0/30", "is too small for a subnet; use /2 to /29."),
        ("10.0.0.4/32", "is too small for a subnet"),
        ("0.0.0.0/1", "is too large for a subnet"),
        ("fd00::/48", "is not a /64"),
        ("fd00::/65", "is not a /64"),
    ],
)
def test_sizes_of_subnets(text: str, reason: str) -> None:
    network_range(text, "o")
    with pytest.raises(OptionError) as refused:
        subnet_range(text, "o")
    assert reason in refused.value.message
