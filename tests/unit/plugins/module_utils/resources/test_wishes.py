# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource holds what was requested and nothing that was seen: no attribute changes once it is made, whatever a run does."""

from __future__ import annotations

import contextlib
import copy
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._converge import converge
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.approval import Decision
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.closing import ClosedKeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.following import (
    EndpointApproval,
    EndpointLock,
    EndpointRecord,
    EndpointRole,
    PolicyDns,
    RequiredGroup,
    RequiredProvider,
    SecuredVault,
    SharedLink,
    VaultClosing,
)
from ansible_collections.privatelink.azure.plugins.module_utils._resources.diagnostic_setting import DiagnosticSetting
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._resources.management_lock import ManagementLock
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_a_record import PrivateDnsARecordSet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone import PrivateDnsZone
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_link import PrivateDnsZoneLink
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_group import ResourceGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_provider import ResourceProvider
from ansible_collections.privatelink.azure.plugins.module_utils._resources.role_assignment import RoleAssignment
from ansible_collections.privatelink.azure.plugins.module_utils._resources.subnet import Subnet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.virtual_network import VirtualNetwork
from ansible_collections.privatelink.azure.plugins.module_utils._views.private_path_reading import Question
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import (
    ENDPOINT,
    GROUP,
    NETWORK,
    SUBNET,
    TENANT,
    VAULT,
    ZONE,
    RecordingArm,
    connection,
    endpoint,
    interface,
    link,
    network,
    parsed,
    record_set,
    subnet,
    vault,
    zone_group,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import Time

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
GUID = "c0000000-0000-4000-8000-000000000011"
APPROVED: Document = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
JOINED: Document = {"properties": {"subnet": {"id": SUBNET}, "connection": {"privateLinkServiceId": VAULT, "groupIds": ["vault"]}}}


def desired_documents() -> list[Resource]:
    """Return a desired document of every class, some of them to be found under another name, or to go."""
    adopted = PrivateEndpoint(parsed(f"{ENDPOINT}-mine"), JOINED, recreate=True, allow_replace=True)
    group = parsed(f"{ENDPOINT}-mine/privateDnsZoneGroups/other")
    other = EndpointApproval(parsed(VAULT), APPROVED, endpoint=adopted, needs=[adopted])
    record = EndpointRecord(parsed(f"{ZONE}/A/other-vault"), {}, endpoint=adopted, approval=other, needs=[adopted, other])
    linked: Document = {"properties": {"virtualNetwork": {"id": NETWORK}}}
    locked: Document = {"properties": {"level": "CanNotDelete"}}
    named: dict[str, t.Any] = {"role": READER, "principal": GUID, "name": None}
    closing: dict[str, t.Any] = {"vault": None, "paths": lambda _known: [], "states": lambda _known: [], "accept_unproven_dns": True}
    return [
        KeyVault(parsed(VAULT), {"location": "westeurope", "properties": {"enabledForDeployment": True}}, tenant=TENANT),
        KeyVault(parsed(f"{VAULT}2"), {"location": "westeurope", "properties": {}}, tenant=TENANT, recover=True),
        KeyVault(parsed(f"{VAULT}3"), None, purge=True),
        ClosedKeyVault(parsed(VAULT), [Question(parsed(VAULT), "none")], Time().clock, accept_unproven_dns=True, rehearsal=False),
        adopted,
        PrivateDnsZoneGroup(group, {"properties": {"zoneIds": [ZONE, f"{ZONE}2"]}}, needs=[adopted]),
        PrivateDnsZoneLink(parsed(f"{ZONE}/virtualNetworkLinks/other"), None, network=NETWORK),
        PrivateDnsZoneLink(
            parsed(f"{ZONE}/virtualNetworkLinks/net"), {"properties": {"virtualNetwork": {"id": f"{NETWORK}2"}}}, named=False
        ),
        PrivateDnsZone(parsed(ZONE), {}, tags={"a": "b"}),
        PrivateDnsZone(parsed(ZONE), None),
        PrivateDnsARecordSet(parsed(f"{ZONE}/A/payments-vault"), {}, addresses=["10.1.0.9"]),
        Subnet(parsed(SUBNET), {"properties": {"defaultOutboundAccess": False}}),
        VirtualNetwork(parsed(NETWORK), {}, tags={"a": "b"}),
        ResourceGroup(parsed(GROUP), None),
        ResourceProvider("s", "Microsoft.KeyVault", True),
        RoleAssignment(parsed(VAULT), {"properties": {"principalId": GUID}}, role=READER, principal=GUID, name=None),
        ManagementLock(parsed(f"{VAULT}/providers/Microsoft.Authorization/locks/l"), {"properties": {"level": "ReadOnly"}}),
        DiagnosticSetting(parsed(f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/d"), {"properties": {"logs": []}}),
        Decision(parsed(VAULT), APPROVED, endpoint_id=ENDPOINT, rule="1"),
        other,
        record,
        EndpointLock(parsed(f"{ENDPOINT}-mine/providers/Microsoft.Authorization/locks/l"), locked, endpoint=adopted, needs=[adopted]),
        EndpointRole(parsed(f"{ENDPOINT}-mine"), {"properties": {"principalId": GUID}}, endpoint=adopted, needs=[adopted], **named),
        PolicyDns(parsed(f"{ENDPOINT}-mine/privateDnsZoneGroups/policy"), endpoint=adopted, approval=None, seconds=1),
        SharedLink(parsed(f"{ZONE}/virtualNetworkLinks/shared"), linked, records={record: None}),
        VaultClosing(parsed(f"{VAULT}2"), Time().clock, rehearsal=False, **closing),
        SecuredVault(parsed(f"{VAULT}2"), {"properties": {"publicNetworkAccess": "SecuredByPerimeter"}}),
        RequiredProvider("s", "Microsoft.Network", True),
        RequiredGroup(parsed(GROUP), {}),
    ]


class Everything(RecordingArm):
    """Holds one of each kind, and stores what is written."""

    def __init__(self) -> None:
        current = vault(privateEndpointConnections=[connection("Approved")])
        zone: Document = {"id": ZONE, "name": ZONE.rpartition("/")[2], "location": "global", "properties": {}}
        group: Document = {"id": GROUP, "name": "payments", "location": "westeurope", "properties": {}}
        lists = {
            "network.private_endpoints.list": [endpoint()],
            "network.private_dns_zone_groups.list": [zone_group(("mine", ZONE))],
            "privatedns.virtual_network_links.list": [link()],
        }
        super().__init__(current, zone, group, endpoint(), interface(), network(), subnet(), link(), record_set("10.1.0.4"), lists=lists)
        t.cast(t.Any, self).clock = Time(5).clock


_KEPT = {"needs", "after", "_clock", "endpoint", "approval", "records", "paths", "states", "vault"}


def attributes(resource: Resource) -> dict[str, t.Any]:
    """Return all that a resource holds; needs and clocks as they are, the rest copied."""
    return {name: value if name in _KEPT else copy.deepcopy(value) for name, value in vars(resource).items()}


DESIRED = range(len(desired_documents()))


def test_every_class_of_resources_is_here() -> None:
    def below(kind: type[Resource]) -> set[type[Resource]]:
        return {kind, *(found for other in kind.__subclasses__() for found in below(other))}

    ours = {kind for kind in below(Resource) if ".plugins.module_utils._" in kind.__module__}
    concrete = {kind for kind in ours if "key" in dir(kind) and not kind.__name__.startswith("_")}
    assert concrete <= {kind for resource in desired_documents() for kind in type(resource).__mro__}


@pytest.mark.parametrize("number", DESIRED)
def test_nothing_can_be_set_once_it_is_made(number: int) -> None:
    resource = desired_documents()[number]
    for name in ("id", "desired", "seen"):
        with pytest.raises(AttributeError, match="does not change"):
            setattr(resource, name, None)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("number", DESIRED)
def test_a_whole_run_changes_no_attribute(number: int, check: bool) -> None:
    resource = desired_documents()[number]
    run = [*resource.needs, resource]
    before = [attributes(each) for each in run]
    with contextlib.suppress(Problem):  # a refusal is an end too
        converge(run, Live(t.cast(t.Any, Everything())), check)
    assert [attributes(each) for each in run] == before


def test_among_others_it_is_another_one() -> None:
    one, other = desired_documents()[8:10]
    placed = one.having(needs=(other,))
    assert (placed.needs, one.needs, placed.desired) == ((other,), (), one.desired)
