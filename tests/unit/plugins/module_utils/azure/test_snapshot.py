# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot lists once what many ask for, and never tells what a write has made untrue."""

from __future__ import annotations

import collections
import concurrent.futures
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure import kinds
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Waiting
from ansible_collections.privatelink.azure.plugins.module_utils._azure.kinds import Kind
from ansible_collections.privatelink.azure.plugins.module_utils._azure.snapshot import Snapshot
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId, group_scope, subscription_scope
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    VAULT,
    ZONE,
    done,
    endpoint,
    parsed,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import SUBSCRIPTION, Answer, Time, Wire, arm_on

WHOLE = subscription_scope(SUBSCRIPTION)
OTHER = GROUP.replace("/payments", "/others")
NIC = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.1"
RECORD = f"{ZONE}/A/payments-vault"


class Cloud:
    """Stands where a live world stands: holds documents by id, and counts what is asked."""

    def __init__(self, *documents: str | Document, refuses: str | None = None, pause: float = 0.0) -> None:
        whole = [{"id": each} if isinstance(each, str) else each for each in documents]
        self.documents = {str(each["id"]).casefold(): each for each in whole}
        self.requested: collections.Counter[str] = collections.Counter()
        self.refuses = refuses
        self.pause = pause

    def get(self, kind: Kind, resource_id: ResourceId, **_more: t.Any) -> Document | None:
        """Return a document."""
        self.requested[f"get {kind.title}"] += 1
        return self.documents.get(str(resource_id).casefold())

    def list(self, kind: Kind, scope: ResourceId, **_more: t.Any) -> list[Document]:
        """Return all of a type in a scope."""
        self.requested[f"list {kind.title}"] += 1
        time.sleep(self.pause)
        if kind.title == self.refuses:
            raise ArmError("no", status=403)
        inside = f"{scope}/".casefold()
        return [each for place, each in self.documents.items() if place.startswith(inside) and parsed(str(each["id"])).is_type(kind.type)]

    def put(self, _kind: Kind, resource_id: ResourceId, body: Document | None, **_more: t.Any) -> Waiting[Document]:
        """Store a body."""
        yield from ()
        self.documents[str(resource_id).casefold()] = {**(body or {}), "id": str(resource_id)}
        return self.documents[str(resource_id).casefold()]

    def delete(self, _kind: Kind, resource_id: ResourceId, **_more: t.Any) -> Waiting[None]:
        """Take a document away."""
        yield from ()
        del self.documents[str(resource_id).casefold()]


def snapshot(cloud: Cloud, *announced: ResourceId) -> Snapshot:
    """Return a snapshot of a cloud."""
    return Snapshot(t.cast(t.Any, cloud), announced or (WHOLE, parsed(ZONE)))


def test_many_looks_cost_one_list() -> None:
    cloud = Cloud(*(f"{VAULT}{number}" for number in range(50)), *(f"{ENDPOINT}{number}" for number in range(50)))
    world = snapshot(cloud)
    for number in range(60):
        assert (world.get(kinds.VAULT, parsed(f"{VAULT}{number}".upper().replace("/SUBSCRIPTIONS", "/subscriptions"))) is None) == (
            number >= 50
        )
        assert (world.get(kinds.ENDPOINT, parsed(f"{ENDPOINT}{number}")) is None) == (number >= 50)
    assert len(world.list(kinds.VAULT, WHOLE)) == len(world.list(kinds.ENDPOINT, group_scope(SUBSCRIPTION, "PAYMENTS"))) == 50
    assert world.list(kinds.VAULT, group_scope(SUBSCRIPTION, "others")) == []
    assert cloud.requested == {"list key vault": 1, "list private endpoint": 1}


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (kinds.VAULT, VAULT.replace(SUBSCRIPTION, "b0000000-0000-4000-8000-0000000000bb")),
        (kinds.ZONE_GROUP, f"{ENDPOINT}/privateDnsZoneGroups/default"),
        (kinds.LOCK, f"{VAULT}/providers/Microsoft.Authorization/locks/l"),
        (kinds.ZONE_LINK, f"{ZONE}2/virtualNetworkLinks/net"),
    ],
)
def test_what_no_list_shows_is_asked_for_once(kind: Kind, place: str) -> None:
    cloud = Cloud(place)
    world = snapshot(cloud)
    assert world.get(kind, parsed(place)) == world.get(kind, parsed(place)) == {"id": place}
    assert cloud.requested == {f"get {kind.title}": 1}


def test_a_list_is_asked_for_once_by_many_at_a_time() -> None:
    cloud = Cloud(*(f"{VAULT}{number}" for number in range(20)), pause=0.05)
    world = snapshot(cloud)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: world.get(kinds.VAULT, parsed(f"{VAULT}{number}")), range(20)))
    assert all(found)
    assert cloud.requested == {"list key vault": 1}


def test_who_may_not_list_asks_for_each_once() -> None:
    cloud = Cloud(VAULT, refuses="key vault")
    world = snapshot(cloud)
    assert world.get(kinds.VAULT, parsed(VAULT)) == world.get(kinds.VAULT, parsed(VAULT)) == {"id": VAULT}
    assert cloud.requested == {"list key vault": 1, "get key vault": 1}
    with pytest.raises(ArmError):
        world.list(kinds.VAULT, WHOLE)


def test_what_was_written_is_seen_as_it_is() -> None:
    """A vault, its endpoint and all that shows the endpoint; what has nothing to do with it still comes from the lists."""
    cloud = Cloud(VAULT, f"{VAULT}2", endpoint(), NIC, NETWORK, SUBNET, RECORD, f"{ZONE}/A/other", f"{ENDPOINT}2")
    world = snapshot(cloud, WHOLE, parsed(ZONE), parsed(NETWORK))
    reported = [
        *((kinds.VAULT, VAULT), (kinds.ENDPOINT, ENDPOINT), (kinds.INTERFACE, NIC), (kinds.NETWORK, NETWORK)),
        *((kinds.SUBNET, SUBNET), (kinds.A_RECORD, RECORD)),
    ]
    quiet = [(kinds.VAULT, f"{VAULT}2"), (kinds.ENDPOINT, f"{ENDPOINT}2"), (kinds.A_RECORD, f"{ZONE}/A/other")]
    for kind, place in (*reported, *quiet):
        assert world.get(kind, parsed(place))
    before = cloud.requested.copy()
    done(world.put(kinds.ENDPOINT, parsed(ENDPOINT), {"properties": {}}))
    for _kind, place in reported:
        cloud.documents[place.casefold()] = {"id": place, "new": True}
    assert all((world.get(kind, parsed(place)) or {}).get("new") for kind, place in reported)
    assert all(world.get(kind, parsed(place)) == {"id": place} for kind, place in quiet)
    more = cloud.requested - before
    assert sum(more.values()) == len(reported) and not any(line.startswith("list") for line in more)


def test_a_zone_group_of_a_new_endpoint_writes_its_record() -> None:
    cloud = Cloud(RECORD)
    world = snapshot(cloud)
    assert world.get(kinds.A_RECORD, parsed(RECORD)) == {"id": RECORD}
    done(world.put(kinds.ENDPOINT, parsed(ENDPOINT), endpoint()))
    config = {"properties": {"privateDnsZoneId": ZONE}}
    done(
        world.put(kinds.ZONE_GROUP, parsed(f"{ENDPOINT}/privateDnsZoneGroups/default"), {"properties": {"privateDnsZoneConfigs": [config]}})
    )
    cloud.documents[RECORD.casefold()] = {"id": RECORD, "new": True}
    assert world.get(kinds.A_RECORD, parsed(RECORD)) == {"id": RECORD, "new": True}


def test_what_is_gone_takes_along_what_was_nested_in_it() -> None:
    cloud = Cloud(ZONE, RECORD)
    world = snapshot(cloud)
    assert world.get(kinds.A_RECORD, parsed(RECORD)) and world.list(kinds.ZONE, WHOLE)
    done(world.delete(kinds.ZONE, parsed(ZONE)))
    del cloud.documents[RECORD.casefold()]
    assert world.get(kinds.ZONE, parsed(ZONE)) is None
    assert world.get(kinds.A_RECORD, parsed(RECORD)) is None
    assert world.list(kinds.ZONE, WHOLE) == []


def test_what_azure_makes_by_itself_after_a_write_is_found() -> None:
    cloud = Cloud(VAULT)
    world = snapshot(cloud)
    assert world.get(kinds.INTERFACE, parsed(NIC)) is None
    done(world.put(kinds.ENDPOINT, parsed(ENDPOINT), {}))
    cloud.documents[NIC.casefold()] = {"id": NIC}
    assert world.get(kinds.INTERFACE, parsed(NIC)) == {"id": NIC}


def test_nothing_is_looked_for_in_what_is_missing() -> None:
    cloud = Cloud()
    world = Snapshot(t.cast(t.Any, cloud))
    assert world.get(kinds.GROUP, parsed(GROUP)) is None
    for kind, place in ((kinds.VAULT, VAULT), (kinds.SUBNET, SUBNET), (kinds.A_RECORD, RECORD)):
        assert world.get(kind, parsed(place)) is None
    assert world.list(kinds.ENDPOINT, parsed(GROUP)) == world.list(kinds.ZONE_LINK, parsed(ZONE)) == []
    assert cloud.requested == {"get resource group": 1}
    done(world.put(kinds.GROUP, parsed(GROUP), {}))
    cloud.documents[SUBNET.casefold()] = {"id": SUBNET}  # by another hand
    assert world.get(kinds.SUBNET, parsed(SUBNET)) == {"id": SUBNET}
    assert world.list(kinds.SUBNET, parsed(NETWORK)) == [{"id": SUBNET}]


def test_on_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [{"id": f"{VAULT}{number}", "name": f"payments-vault{number}", "location": "x", "properties": {}} for number in range(30)]
    wire = Wire(Answer(200, {"value": listed}))
    world = Snapshot(Live(arm_on(monkeypatch, wire, Time())), [WHOLE])
    assert all(world.get(kinds.VAULT, parsed(each["id"])) == each for each in listed)
    assert wire.reported == [f"GET /subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"]
