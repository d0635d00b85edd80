# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of kinds fits the SDK that is installed, and the live world asks what the table says."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure import kinds, sdk
from ansible_collections.privatelink.azure.plugins.module_utils._azure.kinds import KINDS, Kind
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId, group_scope, subscription_scope
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, VAULT, ZONE, RecordingArm, done, parsed
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import SUBSCRIPTION, Answer, Time, Wire, arm_on

CLIENTS = {
    "keyvault": "KeyVaultManagementClient",
    "network": "NetworkManagementClient",
    "privatedns": "PrivateDnsManagementClient",
    "resource": "ResourceManagementClient",
}
VERBS = [
    (kind, verb)
    for kind in KINDS
    for verb in (kind.get, kind.put, kind.delete, kind.list_in_subscription, kind.list_in_group, kind.list_in_parent)
    if verb
]
SCOPES = {
    "list_in_subscription": subscription_scope(SUBSCRIPTION),
    "list_in_group": group_scope(SUBSCRIPTION, "payments"),
}


@pytest.mark.parametrize(("kind", "verb"), VERBS, ids=lambda value: value if isinstance(value, str) else value.title)
def test_every_operation_of_the_table_is_one_of_the_sdk(kind: Kind, verb: str) -> None:
    client, group, called = kind.operation(verb).split(".")
    operations = getattr(getattr(sdk, CLIENTS[client])(t.cast(t.Any, object()), SUBSCRIPTION), group)
    assert callable(getattr(operations, called))


def test_types_are_told_once() -> None:
    assert len({kind.type.casefold() for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("kind", "text", "path"),
    [
        (kinds.VAULT, VAULT, VAULT),
        (kinds.ENDPOINT, ENDPOINT, ENDPOINT),
        (kinds.ZONE_GROUP, f"{ENDPOINT}/privateDnsZoneGroups/default", f"{ENDPOINT}/privateDnsZoneGroups/default"),
        (kinds.A_RECORD, f"{ZONE}/A/payments-vault", f"{ZONE}/A/payments-vault"),
        (kinds.ZONE_LINK, f"{ZONE}/virtualNetworkLinks/net", f"{ZONE}/virtualNetworkLinks/net"),
        (kinds.LOCK, f"{VAULT}/providers/Microsoft.Authorization/locks/keep", f"{VAULT}/providers/Microsoft.Authorization/locks/keep"),
    ],
)
def test_a_look_goes_to_the_id_in_the_version_of_the_table(monkeypatch: pytest.MonkeyPatch, kind: Kind, text: str, path: str) -> None:
    wire = Wire(Answer(200, {"id": path, "name": "x", "location": "x", "properties": {}}))
    found = Live(arm_on(monkeypatch, wire, Time())).get(kind, parsed(text))
    assert found is not None
    assert wire.reported[0].casefold() == f"GET {path}".casefold()
    assert f"api-version={kind.api_version}" in str(wire.requests[0].url)


@pytest.mark.parametrize(
    ("kind", "scope", "path"),
    [
        (kinds.VAULT, subscription_scope(SUBSCRIPTION), f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"),
        (kinds.ENDPOINT, group_scope(SUBSCRIPTION, "payments"), f"{GROUP}/providers/Microsoft.Network/privateEndpoints"),
        (kinds.ZONE_GROUP, parsed(ENDPOINT), f"{ENDPOINT}/privateDnsZoneGroups"),
        (kinds.A_RECORD, parsed(ZONE), f"{ZONE}/A"),
        (kinds.ZONE_LINK, parsed(ZONE), f"{ZONE}/virtualNetworkLinks"),
        (kinds.LOCK, parsed(VAULT), f"{VAULT}/providers/Microsoft.Authorization/locks"),
    ],
)
def test_a_list_goes_to_its_scope(monkeypatch: pytest.MonkeyPatch, kind: Kind, scope: ResourceId, path: str) -> None:
    wire = Wire(Answer(200, {"value": []}))
    assert Live(arm_on(monkeypatch, wire, Time())).list(kind, scope) == []
    assert [line.casefold() for line in wire.reported] == [f"GET {path}".casefold()]


def test_an_error_says_what_was_done_without_being_told() -> None:
    said: list[str] = []

    class Recorded(RecordingArm):
        """Remembers what calls are for."""

        def find(self, *arguments: t.Any, doing: str) -> None:
            """Remember it."""
            said.append(doing)

        def call(self, *arguments: t.Any, doing: str, **_more: t.Any) -> None:
            """Remember it."""
            said.append(doing)

    world = Live(t.cast(t.Any, Recorded()))
    world.get(kinds.ENDPOINT, parsed(ENDPOINT))
    done(world.delete(kinds.ENDPOINT, parsed(ENDPOINT)))
    done(world.put(kinds.ENDPOINT, parsed(ENDPOINT), {}))
    assert said == [f"{verb} private endpoint 'payments-endpoint'" for verb in ("read", "delete", "write")]


def test_what_takes_one_write_at_a_time() -> None:
    connection = parsed(f"{VAULT}/privateEndpointConnections/c")
    assert kinds.VAULT_CONNECTION.lane(connection) == kinds.VAULT.lane(parsed(VAULT)) == VAULT.casefold()
    assert kinds.A_RECORD.lane(parsed(f"{ZONE}/A/a")) != kinds.A_RECORD.lane(parsed(f"{ZONE}/A/b"))


@pytest.mark.parametrize(
    ("status", "code", "gone"), [(404, "ResourceGroupNotFound", True), (404, "SubscriptionNotFound", False), (403, "x", False)]
)
def test_what_is_gone_already_is_deleted(status: int, code: str, gone: bool) -> None:
    """The SDK asks again after a lost answer, and some types then answer 404."""

    class Refusing(RecordingArm):
        """Answers every write with an error."""

        def call(self, *arguments: t.Any, doing: str, **_more: t.Any) -> None:
            """Fail."""
            raise ArmError("No.", status=status, code=code)

    delete = Live(t.cast(t.Any, Refusing())).delete(kinds.GROUP, parsed(GROUP))
    if gone:
        assert done(delete) is None
    else:
        with pytest.raises(ArmError):
            done(delete)
