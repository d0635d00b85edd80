# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of Azure that this collection branches on have one spelling here, whatever was stored."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents import limits, states
from ansible_collections.privatelink.azure.plugins.module_utils._documents.endpoint import state_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.connections import connections_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.private_path_reading import gates_of
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    VAULT,
    ReadOnlyArm,
    connection,
    endpoint,
    network,
    parsed,
    vault,
)

SPELLINGS = [str, str.lower, str.upper, str.swapcase]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_states_of_connections(spelling: t.Callable[[str], str]) -> None:
    for status in ("Approved", "Pending", "Rejected", "Disconnected"):
        assert states.spelled(spelling(status)) == status
        assert state_of(endpoint(status=spelling(status)))["status"] == status
        assert states.next_step(spelling(status)) == states.next_step(status)
    current = vault(privateEndpointConnections=[connection(spelling("Approved"))], publicNetworkAccess=spelling("Disabled"))
    found = connections_of(Live(t.cast(t.Any, ReadOnlyArm(current))), parsed(VAULT))
    assert (found["public_network_access"], found["connections"][0]["state"]) == ("Disabled", "Approved")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_gates_of_vaults(spelling: t.Callable[[str], str]) -> None:
    acls = {"defaultAction": spelling("Deny"), "bypass": spelling("AzureServices")}
    gates = gates_of(vault(publicNetworkAccess=spelling("SecuredByPerimeter"), networkAcls=acls))
    assert (gates.public_network_access, gates.default_action, gates.bypass) == ("SecuredByPerimeter", "Deny", "AzureServices")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_settings_of_networks(spelling: t.Callable[[str], str]) -> None:
    full = [{"name": "s", "id": "s", "properties": {"privateEndpoints": [{}] * 1000}}]
    limits.refuse_full_network(network(subnets=full, privateEndpointVNetPolicies=spelling("Basic")))


def test_an_unknown_word_stays_as_it_is() -> None:
    assert (states.spelled("somethingNew"), states.spelled(None)) == ("somethingNew", None)
