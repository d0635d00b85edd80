# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A key vault behind a private endpoint, healthy in every way, as documents that a test may change, and a world that hands them out."""

from __future__ import annotations

import copy
import json
import re
import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure import kinds
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clouds import DEFAULT
from ansible_collections.privatelink.azure.plugins.module_utils._azure.kinds import ExtensionKind, Kind
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.tests.unit.plugins import documents as made
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, NETWORK, VAULT, ZONE

SUBSCRIPTION = GROUP.split("/")[2]
INTERFACE = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.1"
LINK = f"{ZONE}/virtualNetworkLinks/net"
RECORD = f"{ZONE}/A/payments-vault"
CONNECTION = f"{VAULT}/privateEndpointConnections/payments-endpoint"
LOCK = f"{VAULT}/providers/Microsoft.Authorization/locks/keep"
SETTING = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit"
CREATOR = "created by private endpoint payments-endpoint with resource guid b0000000-0000-4000-8000-000000000002"


class Documents:
    """A world over documents by id, which a test changes before it looks. errors: raised for a list of a kind."""

    cloud = DEFAULT
    subscription_id = SUBSCRIPTION
    tenant_id = made.TENANT

    def __init__(self, *documents: Document) -> None:
        self.documents = {document["id"]: copy.deepcopy(document) for document in documents}
        self.errors: dict[Kind, Exception] = {}
        self.requested: list[tuple[str, str]] = []

    def __getitem__(self, resource_id: str) -> t.Any:
        """Return the properties of a document, to be changed."""
        return self.documents[resource_id]["properties"]

    def add(self, document: Document, **properties: t.Any) -> str:
        """Add a document; return its id."""
        self.documents[document["id"]] = {**copy.deepcopy(document), "properties": {**document.get("properties", {}), **properties}}
        return str(document["id"])

    def get(self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None) -> Document | None:
        """Return one document."""
        self.requested.append(("get", str(resource_id)))
        return next((each for key, each in self.documents.items() if key.casefold() == str(resource_id).casefold()), None)

    def list(self, kind: Kind, scope: ResourceId, *, doing: str | None = None, where: str | None = None) -> list[Document]:
        """Return the documents of a kind below a scope."""
        self.requested.append((kind.type, str(scope)))
        if kind in self.errors:
            raise self.errors[kind]
        inside = f"{scope}/".casefold()
        return [each for key, each in self.documents.items() if key.casefold().startswith(inside) and _is_of(kind, key)]


def _is_of(kind: Kind, resource_id: str) -> bool:
    if isinstance(kind, ExtensionKind):
        return f"/providers/{kind.type}/".casefold() in resource_id.casefold()
    found = ResourceId.parse(resource_id)
    if kind is kinds.RECORD:  # of any type
        return found is not None and any(found.is_type(f"{kinds.ZONE.type}/{each}") for each in ("A", "AAAA", "CNAME", "TXT"))
    return found is not None and found.of is None and found.is_type(kind.type)


def healthy(*, by_group: bool = False) -> Documents:
    """Return a vault that has nothing to find fault with. by_group: whether a DNS zone group wrote its record."""
    gates = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}
    guarded = {"enablePurgeProtection": True, "enableRbacAuthorization": True}
    counters = {
        "numberOfRecordSets": 2,
        "maxNumberOfRecordSets": 25000,
        "numberOfVirtualNetworkLinks": 1,
        "maxNumberOfVirtualNetworkLinks": 1000,
    }
    world = Documents(
        made.vault(**gates, **guarded, privateEndpointConnections=[made.connection("Approved")]),
        made.endpoint(**({"customDnsConfigs": []} if by_group else {})),
        made.interface(),
        made.network(),
        {"id": ZONE, "name": "privatelink.vaultcore.azure.net", "properties": counters},
        made.link(),
        made.record_set("10.1.0.4", **({"metadata": {"creator": CREATOR}} if by_group else {})),
        {"id": LOCK, "name": "keep", "properties": {"level": "CanNotDelete"}},
        {"id": SETTING, "name": "audit", "properties": {"logs": [{"categoryGroup": "audit", "enabled": True}]}},
    )
    if by_group:
        world.add(made.zone_group(("vault", ZONE)))
    return world


def fleet(count: int) -> Documents:
    """Return so many healthy vaults with records by zone groups, in one network and one zone."""
    world = healthy(by_group=True)
    own = {key: world.documents.pop(key) for key in [key for key in world.documents if "payments-" in key]}
    text = json.dumps(list(own.values()))
    guid = CREATOR.rpartition(" ")[2]
    for number in range(count):
        named = re.sub(r"payments-(vault|endpoint)", rf"payments-\1-{number:03}", text).replace(guid, f"{guid[:-4]}{number:04}")
        for document in json.loads(named.replace('"10.1.0.4"', f'"10.1.{number // 250}.{number % 250 + 4}"')):
            world.add(document)
    return world


def another(world: Documents, kind: str, name: str, *, group: str = "payments", **properties: t.Any) -> str:
    """Add a resource with nothing but properties; return its id."""
    place = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{kind}/{name}"
    return world.add({"id": place, "name": name, "location": "westeurope", "properties": {}}, **properties)


def linked_zone(world: Documents, name: str, *, group: str = "payments", network: str = NETWORK) -> str:
    """Add a zone that the network is linked to; return its id."""
    zone = another(world, kinds.ZONE.type, name, group=group)
    world.add({**made.link(), "id": f"{zone}/virtualNetworkLinks/net"}, virtualNetwork={"id": network})
    return zone


def second_endpoint(world: Documents, address: str = "10.1.0.5", **properties: t.Any) -> Document:
    """Add another endpoint of the vault with an interface; return the connection that the vault lists then."""
    interface = {**made.interface(), "id": f"{INTERFACE}.second"}
    world.add(interface)
    world[interface["id"]]["ipConfigurations"] = [{"name": "one", "properties": {"privateIPAddress": address}}]
    own = {"networkInterfaces": [{"id": interface["id"]}], "resourceGuid": "b0000000-0000-4000-8000-000000000009", **properties}
    world.add({**made.endpoint(), "id": f"{ENDPOINT}-two", "name": "payments-endpoint-two"}, **own)
    connection = made.connection("Approved")
    connection["id"], connection["properties"]["privateEndpoint"] = f"{CONNECTION}-two", {"id": f"{ENDPOINT}-two"}
    world[VAULT]["privateEndpointConnections"] = [*world[VAULT]["privateEndpointConnections"], connection]
    return connection
