# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for resource groups, providers and connections, from documents as Azure answers them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.endpoint_connection_approval import PrivateEndpointConnection
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_group import ResourceGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_provider import ResourceProvider
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    VAULT,
    ReadOnlyArm,
    arguments_of,
    check_of,
    connection,
    endpoint,
    facts_of,
    observe,
    parsed,
    plan_of,
    settled_of,
    vault,
)

HELD = {
    "id": GROUP,
    "name": "payments",
    "type": "Microsoft.Resources/resourceGroups",
    "location": "westeurope",
    "properties": {"provisioningState": "Succeeded"},
}


# --- groups ---


def group(location: str | None = "West Europe", tags: dict[str, str] | None = None, **keywords: t.Any) -> ResourceGroup:
    """Return a group that shall be there."""
    return ResourceGroup(parsed(GROUP), {"location": location}, tags=tags, **keywords)


def test_a_group() -> None:
    plan = plan_of(group(tags={"env": "test"}), None)
    assert (plan.action, plan.body) == ("create", {"location": "West Europe", "tags": {"env": "test"}})
    assert plan_of(group(), HELD).action == "none"
    assert plan_of(group(tags={}), HELD).action == "none"
    assert plan_of(group(None), HELD).action == "none"
    assert arguments_of(group()) == ("payments",)


def test_tags_of_a_group_are_written_with_what_else_it_has() -> None:
    plan = plan_of(group(tags={"env": "live"}), {**HELD, "tags": {"team": "payments"}, "managedBy": "somebody"})
    assert plan.body == {"location": "westeurope", "tags": {"team": "payments", "env": "live"}, "managedBy": "somebody", "properties": {}}


def test_a_group_never_moves() -> None:
    with pytest.raises(Problem, match="location is 'westeurope', requested 'North Europe'"):
        plan_of(group("North Europe"), HELD)


@pytest.mark.parametrize(
    ("current", "force", "passes"), [([], False, True), ([{"id": VAULT}], False, False), ([{"id": VAULT}], True, True)]
)
def test_a_group_that_still_holds_something(current: list[Document], force: bool, passes: bool) -> None:
    resource = ResourceGroup(parsed(GROUP), None, force=force)
    arm = t.cast(t.Any, ReadOnlyArm(HELD, lists={"resource.resources.list_by_resource_group": current}))
    found = observe(resource, arm)
    plan = plan_of(resource, found)
    if passes:
        check_of(resource, arm, found, plan, False)
        return
    with pytest.raises(Problem) as caught:
        check_of(resource, arm, found, plan, False)
    assert caught.value.code == "ResourceGroupNotEmpty"
    assert VAULT in caught.value.message


def test_a_group_that_is_going_is_not_settled() -> None:
    assert not settled_of(group(), {**HELD, "properties": {"provisioningState": "Deleting"}})


# --- providers ---


@pytest.mark.parametrize(
    ("state", "registered", "action"),
    [
        ("Registered", True, "none"),
        ("Registering", True, "none"),
        ("NotRegistered", True, "update"),
        ("Unregistered", True, "update"),
        ("Unregistering", True, "update"),
        ("Registered", False, "delete"),
        ("Registering", False, "delete"),
        ("NotRegistered", False, "none"),
        ("Unregistered", False, "none"),
        ("Unregistering", False, "none"),
    ],
)
def test_registrations(state: str, registered: bool, action: str) -> None:
    plan = plan_of(ResourceProvider("s", "Microsoft.KeyVault", registered), {"namespace": "Microsoft.KeyVault", "registrationState": state})
    assert plan.action == action
    if plan.changed:
        assert plan.before == {"registrationState": state}
        assert plan.after == {"registrationState": "Registered" if registered else "Unregistered"}


def test_a_provider_always_exists() -> None:
    resource = ResourceProvider("s", "Microsoft.KeyVault", True)
    assert str(resource.id) == "/subscriptions/s/providers/Microsoft.KeyVault"
    assert resource.label == "resource provider 'Microsoft.KeyVault'"
    assert arguments_of(resource) == ("Microsoft.KeyVault",)
    assert not settled_of(resource, {"registrationState": "Registering"})
    assert not settled_of(resource, {"registrationState": "Unregistering"})
    assert settled_of(resource, {"registrationState": "Registered"})


# --- connections ---


def decision(
    status: str = "Approved", description: str | None = None, endpoint_id: str | None = ENDPOINT, name: str | None = None
) -> PrivateEndpointConnection:
    """Return a connection that shall have this state."""
    desired = {"properties": {"privateLinkServiceConnectionState": {"status": status, "description": description}}}
    return PrivateEndpointConnection(parsed(VAULT), desired, endpoint_id=endpoint_id, name=name)


def of_vault(*connections: Document) -> t.Any:
    """Return a stand-in with the vault and its connections; the key is missing where there are none."""
    return ReadOnlyArm(vault(privateEndpointConnections=list(connections)) if connections else vault())


@pytest.mark.parametrize(
    "resource", [decision(), decision(endpoint_id=ENDPOINT.upper()), decision(endpoint_id=None, name="Payments-Endpoint")]
)
def test_a_connection_is_found_by_its_endpoint_or_its_name(resource: PrivateEndpointConnection) -> None:
    other = {**connection(), "id": f"{VAULT}/privateEndpointConnections/other"}
    other["properties"] = {**other["properties"], "privateEndpoint": {"id": f"{ENDPOINT}2"}}
    found = observe(resource, of_vault(other, connection()))
    assert found.document == connection()
    assert arguments_of(resource, found) == ("payments", "payments-vault", "payments-endpoint")


def test_approving_sends_the_decision_and_nothing_that_azure_writes() -> None:
    plan = plan_of(decision(description="Ticket 4711"), {**connection(), "etag": "1"})
    assert plan.action == "update"
    assert plan.body == {
        "properties": {
            "privateEndpoint": {},
            "privateLinkServiceConnectionState": {"status": "Approved", "description": "Ticket 4711", "actionsRequired": "None"},
        }
    }
    assert plan.after == {"properties": {"privateLinkServiceConnectionState": {"status": "Approved", "description": "Ticket 4711"}}}


@pytest.mark.parametrize(
    ("resource", "current"),
    [
        (decision(), connection("Approved")),
        (decision(), connection("Approved", description="by hand")),
        (decision(description=""), connection("Approved")),
        (decision("Rejected", "no"), connection("Rejected", description="no")),
    ],
)
def test_a_decision_that_was_made_already(resource: PrivateEndpointConnection, current: Document) -> None:
    assert plan_of(resource, current).action == "none"


def test_a_new_decision_does_not_inherit_the_words_of_the_old_one() -> None:
    plan = plan_of(decision("Rejected"), connection("Approved", description="welcome"))
    assert plan.body["properties"]["privateLinkServiceConnectionState"] == {
        "status": "Rejected",
        "description": "",
        "actionsRequired": "None",
    }


@pytest.mark.parametrize("others", [(), ({**connection(), "properties": {"privateEndpoint": {"id": "/somebody/else"}}},)])
def test_nobody_decides_on_what_was_not_requested(others: tuple[Document, ...]) -> None:
    resource = decision()
    arm = of_vault(*others)
    actual = observe(resource, arm)
    plan = plan_of(resource, actual)
    check_of(resource, arm, actual, plan, True)
    with pytest.raises(Problem) as caught:
        check_of(resource, arm, actual, plan, False)
    assert caught.value.code == "ConnectionNotFound"
    assert ("/somebody/else" in caught.value.message) == bool(others)


def side(name: str, status: str) -> Document:
    """Return a connection of the endpoint under a name of its own."""
    return {**connection(status), "id": f"{VAULT}/privateEndpointConnections/{name}"}


@pytest.mark.parametrize(
    ("sides", "chosen"),
    [
        ([("old", "Disconnected"), ("new", "Pending")], "new"),
        ([("new", "Approved"), ("old", "Rejected")], "new"),
        ([("old", "Disconnected"), ("older", "Rejected")], None),
        ([("one", "Pending"), ("two", "Approved")], None),
    ],
)
def test_of_several_connections_of_an_endpoint_the_one_that_is_alive_is_meant(sides: list[tuple[str, str]], chosen: str | None) -> None:
    resource, arm = decision(), of_vault(*(side(name, status) for name, status in sides))
    if chosen:
        assert observe(resource, arm).id.name == chosen
        return
    with pytest.raises(Problem, match=f"'{sides[0][0]}', '{sides[1][0]}'") as caught:
        observe(resource, arm)
    assert caught.value.code == "AmbiguousRelation" and "Set name to one of them" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("theirs", "state", "action"),
    [
        ("Pending", "Succeeded", "update"),
        ("Rejected", "Succeeded", "update"),
        ("Approved", "Succeeded", "none"),
        ("Pending", "Updating", "none"),
    ],
)
def test_a_decision_that_the_endpoint_does_not_see_is_taken_again(theirs: str, state: str, action: str) -> None:
    resource = decision()
    found = observe(
        resource,
        t.cast(
            t.Any, ReadOnlyArm(vault(privateEndpointConnections=[connection("Approved")]), endpoint(status=theirs, provisioningState=state))
        ),
    )
    plan = plan_of(resource, found)
    assert plan.action == action
    assert settled_of(resource, found) == (state == "Succeeded")
    if action == "update":
        assert plan.before == {"properties": {"privateEndpoint": {"connectionState": theirs}}}
        assert plan.body["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"


def test_an_endpoint_of_another_tenant_is_taken_as_seeing_it() -> None:
    hidden = ArmError("no", code="AuthorizationFailed", status=403)
    arm = ReadOnlyArm(vault(privateEndpointConnections=[connection("Approved")]), errors={"network.private_endpoints.get": hidden})
    resource = decision()
    assert plan_of(resource, observe(resource, t.cast(t.Any, arm))).action == "none"


def test_a_connection_that_shall_go() -> None:
    resource = PrivateEndpointConnection(parsed(VAULT), None, endpoint_id=ENDPOINT, name=None)
    assert plan_of(resource, observe(resource, of_vault(connection()))).action == "delete"
    assert plan_of(resource, observe(resource, of_vault())).action == "none"
    assert plan_of(resource, observe(resource, t.cast(t.Any, ReadOnlyArm()))).action == "none"


def test_facts_of_a_connection() -> None:
    resource = decision()
    found = observe(resource, of_vault(connection("Approved")))
    assert found.document
    facts = facts_of(resource, t.cast(t.Any, None), found, True)
    assert facts == {"connection_name": "payments-endpoint", "connection_state": "Approved", "endpoint_id": ENDPOINT}
