# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is judged of a private path: networks that a proof speaks for, and links of which none works yet."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._views.evidence import Evidence, Gates, Link, Network, Path, Zone
from ansible_collections.privatelink.azure.plugins.module_utils._views.private_path import in_question, judge
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, NETWORK, VAULT, ZONE

SPOKE = f"{NETWORK}-spoke"
HOST = "payments-vault.vault.azure.net"


def evidence(*networks: Network, **more: t.Any) -> Evidence:
    """Return what was read of a vault whose connection and record are right."""
    path = Path(ENDPOINT, "Approved", "Succeeded", endpoint_state="Approved", endpoint_provisioning="Succeeded", addresses=("10.1.0.4",))
    links = tuple(Link(each.id, "Completed", "Succeeded") for each in networks)
    zone = Zone(ZONE, addresses=("10.1.0.4",), links=links)
    known: dict[str, t.Any] = {"dns": "a_record", "gates": Gates(), "paths": (path,), "zones": (zone,), "networks": networks}
    return Evidence(VAULT, HOST, "privatelink.vaultcore.azure.net", **{**known, **more})


def proof(network: str | None = None) -> Document:
    return {"proven": True, "id": f"https://{HOST}", "ip_addresses": ["10.1.0.4"], **({"virtual_network_id": network} if network else {})}


OWN, OTHER = (Network(each, dns_servers=("10.1.0.53",)) for each in (NETWORK, SPOKE))


@pytest.mark.parametrize(
    "case", [{}, {"dns": "none", "zones": ()}, {"zones": (Zone(ZONE, error="Forbidden"),)}], ids=["servers", "none", "unread"]
)
def test_each_network_that_only_a_probe_can_prove_needs_a_proof(case: dict[str, t.Any]) -> None:
    def left(*networks: str | None) -> bool:
        given = {"results": [proof(each) for each in networks]}
        return bool(judge(evidence(OWN, OTHER, **case, proof=given)).reasons)

    assert left(None) and left(NETWORK) and left(None, None) and left(NETWORK, f"{NETWORK}-else")
    assert not left(NETWORK, SPOKE) and not left(SPOKE, None)
    assert not judge(evidence(OWN, **case, proof=proof())).reasons
    hints = {reason.hint for reason in judge(evidence(OWN, OTHER, **case, proof=proof(NETWORK))).reasons}
    assert all("'net-spoke'" in each and "'net'" not in each and "virtual_network_id" in each for each in hints)
    accepted = judge(evidence(OWN, OTHER, **case, proof=proof(NETWORK)), accept_unproven_dns=True)
    assert accepted.may_close and not accepted.proven


def test_one_unnamed_proof_does_not_stand_for_the_networks_of_two_endpoints() -> None:
    both = [evidence(each, proof=proof()) for each in (OWN, OTHER)]
    asked = {network for each in both for network in in_question(each)}
    assert asked == {NETWORK.casefold(), SPOKE.casefold()}
    assert all(judge(each, asked=asked).reasons for each in both) and not any(judge(each).reasons for each in both)


def test_an_approval_that_the_endpoint_has_not_heard_of_is_not_asked_for_again() -> None:
    path = Path(ENDPOINT, "Approved", "Succeeded", endpoint_state="Pending", endpoint_provisioning="Succeeded", addresses=("10.1.0.4",))
    (reason,) = (each for each in judge(evidence(paths=(path,))).reasons if each.id == "connection")
    assert reason.passing and reason.hint == "Run again when Azure has told the endpoint of the approval."
    path = Path(ENDPOINT, "Pending", "Succeeded", endpoint_state="Pending", endpoint_provisioning="Succeeded", addresses=("10.1.0.4",))
    hints = [str(each.hint) for each in judge(evidence(paths=(path,))).reasons if each.id == "connection"]
    assert hints and all("approve" in hint.casefold() for hint in hints)


@pytest.mark.parametrize(
    ("states", "passing"), [(("InProgress", "Failed"), True), (("Failed", "InProgress"), True), (("Failed", "Failed"), False)]
)
def test_all_links_that_do_not_work_are_named(states: tuple[str, str], passing: bool) -> None:
    places = [ZONE.replace("/payments/", f"/dns-{number}/") for number in range(len(states))]
    zones = [
        Zone(place, addresses=("10.1.0.4",), links=(Link(NETWORK, state, "Updating"),)) for place, state in zip(places, states, strict=True)
    ]
    (reason,) = judge(evidence(Network(NETWORK), zones=tuple(zones))).reasons
    assert reason.id == "link" and reason.passing == passing and all(state in reason.message for state in states)
    assert all(zone.id in reason.resource_ids and zone.id in reason.message for zone in zones)
    working = Zone(ZONE, addresses=("10.1.0.4",), links=(Link(NETWORK, "Completed", "Succeeded"),))
    assert not judge(evidence(Network(NETWORK), zones=(*zones, working))).reasons
