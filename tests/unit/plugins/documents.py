# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARM documents as Azure answers them, and a stand-in that only hands such documents out."""

from __future__ import annotations

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Answer, Clock, Waiting, driven
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clouds import DEFAULT
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Known, Observed, Plan, Resource

GROUP = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/payments"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
SUBNET = f"{NETWORK}/subnets/endpoints"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/payments-vault"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/payments-endpoint"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
TENANT = "a0000000-0000-4000-8000-000000000001"


def parsed(text: str) -> ResourceId:
    """Return the parts of an id that is known to be one."""
    found = ResourceId.parse(text)
    assert found is not None
    return found


class ReadOnlyArm:
    """A fake Arm that returns documents: by id for find, by operation for list. It cannot be written to."""

    def __init__(
        self, *documents: Document, lists: dict[str, list[Document]] | None = None, errors: dict[str, Exception] | None = None
    ) -> None:
        self.cloud = DEFAULT
        self._documents = {document["id"].casefold(): document for document in documents}
        self._lists = lists or {}
        self._errors = errors or {}
        self.requested: list[str] = []

    def find(self, subscription: str, operation: str, *args: str, doing: str) -> Document | None:
        """Return the document whose id has the given names, in their order, at its end."""
        assert doing
        self.requested.append(operation)
        if operation in self._errors:
            raise self._errors[operation]
        wanted = [name.casefold() for name in args if name != "A"]
        for known, document in self._documents.items():
            words = known.split("/")
            if words[2] == subscription.casefold() and _names(words) == wanted:
                return document
        return None

    def list(self, subscription: str, operation: str, *args: str, doing: str) -> list[Document]:
        """Return what the operation lists."""
        assert subscription
        assert doing
        self.requested.append(operation)
        if operation in self._errors:
            raise self._errors[operation]
        return self._lists.get(operation, [])

    def list_at(self, path: str, api_version: str, *, doing: str, where: str | None = None) -> list[Document]:
        """Return what is listed at a path."""
        assert api_version
        assert doing
        self.requested.append(f"{path}?{where}" if where else path)
        if path in self._errors:
            raise self._errors[path]
        return self._lists.get(path, [])


class RecordingArm(ReadOnlyArm):
    """A read-only ARM that also accepts writes, and only records them: operation, arguments, headers."""

    def __init__(self, *documents: Document, **keywords: t.Any) -> None:
        super().__init__(*documents, **keywords)
        self.calls: list[tuple[str, tuple[t.Any, ...], dict[str, str]]] = []

    def call(
        self, subscription: str, operation: str, *args: t.Any, doing: str, headers: t.Mapping[str, str] | None = None, once: bool = False
    ) -> Document | None:
        """Remember a call."""
        assert subscription
        assert doing
        self.calls.append((operation, args, dict(headers or {})))
        return None

    def turn(self, method: str, path: str, doing: str) -> Waiting[None]:
        """Have room for everything."""
        yield from ()

    def calling(self, *args: t.Any, **keywords: t.Any) -> Waiting[Document | None]:
        """Remember a call whose operation is over at once."""
        yield from ()
        return self.call(*args, **keywords)


def _names(words: list[str]) -> list[str]:
    return [words[4], *words[8::2]]


# --- a resource and what is observed of it, on such a stand-in; a document alone stands under the name that was asked for ---


def seen(resource: Resource, found: Observed | Document | None) -> Observed:
    """Return what is observed of a resource."""
    return found if isinstance(found, Observed) else resource.found(found)


def observe(resource: Resource, arm: t.Any, known: Known | None = None) -> Observed:
    """Read a resource."""
    return resource.read(Live(arm), known or {})


def done(work: Waiting[Answer]) -> Answer:
    """Do a write, and wait for it in place."""
    return driven(work, Clock(60))


def plan_of(resource: Resource, found: Observed | Document | None, known: Known | None = None) -> Plan:
    """Plan a resource."""
    return resource.plan(seen(resource, found), known or {})


def check_of(resource: Resource, arm: t.Any, found: Observed | Document | None, plan: Plan, rehearsal: bool) -> None:
    """Check the plan of a resource, which is read first where nothing is said to be found."""
    resource.check(Live(arm), observe(resource, arm) if found is None else seen(resource, found), plan, rehearsal)


def facts_of(resource: Resource, arm: t.Any, found: Observed | Document | None, exists: bool) -> Document:
    """Return what a task tells of a resource."""
    return resource.facts(Live(arm), seen(resource, found), exists)


def predicted_of(resource: Resource, found: Observed | Document | None, plan: Plan) -> Document:
    """Return a resource as it would be."""
    return resource.predicted(seen(resource, found), plan)


def settled_of(resource: Resource, found: Observed | Document | None) -> bool:
    """Return whether Azure is done with a resource."""
    return resource.settled(seen(resource, found))


def arguments_of(resource: Resource, found: Observed | Document | None = None) -> tuple[str, ...]:
    """Return the arguments with which the SDK is called for a resource."""
    return resource.kind.called_with(seen(resource, found).id)


def replan(resource: Resource, body: Document, **made: t.Any) -> Plan:
    """Return the plan for a resource that holds what was just written, with what Azure adds to it."""
    properties = {**body.get("properties", {}), "provisioningState": "Succeeded", **made}
    return plan_of(resource, {**body, "id": str(resource.id), "name": resource.id.name, "properties": properties})


def vault(**properties: t.Any) -> Document:
    """Return a vault as it is read after its creation with nothing but a location: defaults of the network rules are left out."""
    return {
        "id": VAULT,
        "name": "payments-vault",
        "type": "Microsoft.KeyVault/vaults",
        "location": "westeurope",
        "tags": {},
        "systemData": {"createdBy": "somebody"},
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": TENANT,
            "accessPolicies": [],
            "enabledForDeployment": False,
            "enableSoftDelete": True,
            "vaultUri": "https://payments-vault.vault.azure.net/",
            "provisioningState": "Succeeded",
            "publicNetworkAccess": "Enabled",
            **properties,
        },
    }


def network(**properties: t.Any) -> Document:
    """Return a virtual network, without tags since none were sent."""
    return {
        "id": NETWORK,
        "name": "net",
        "type": "Microsoft.Network/virtualNetworks",
        "etag": 'W/"1"',
        "location": "westeurope",
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": "b0000000-0000-4000-8000-000000000001",
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"], "ipamPoolPrefixAllocations": []},
            "privateEndpointVNetPolicies": "Disabled",
            "subnets": [subnet()],
            "virtualNetworkPeerings": [{"name": "hub", "id": f"{NETWORK}/virtualNetworkPeerings/hub"}],
            "enableDdosProtection": False,
            **properties,
        },
    }


def subnet(**properties: t.Any) -> Document:
    """Return a subnet with an endpoint in it: its references come back in upper case."""
    upper = ENDPOINT.replace("/payments/", "/PAYMENTS/").replace("payments-endpoint", "PAYMENTS-ENDPOINT")
    return {
        "id": SUBNET,
        "name": "endpoints",
        "type": "Microsoft.Network/virtualNetworks/subnets",
        "etag": 'W/"1"',
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": "10.1.0.0/24",
            "ipamPoolPrefixAllocations": [],
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            "purpose": "PrivateEndpoints",
            "privateEndpoints": [{"id": upper}],
            "ipConfigurations": [{"id": f"{upper}.NIC/ipConfigurations/PRIVATEENDPOINTIPCONFIG.1"}],
            **properties,
        },
    }


def endpoint(*, manual: bool = False, status: str = "Approved", **properties: t.Any) -> Document:
    """Return an endpoint of the vault; the list of connections that is not used is empty."""
    connection = {
        "name": "payments-endpoint",
        "id": f"{ENDPOINT}/privateLinkServiceConnections/payments-endpoint",
        "etag": 'W/"1"',
        "properties": {
            "provisioningState": "Succeeded",
            "privateLinkServiceId": VAULT,
            "groupIds": ["vault"],
            "privateLinkServiceConnectionState": {"status": status, "description": "", "actionsRequired": "None"},
            **({"requestMessage": "Payments needs it."} if manual else {}),
        },
        "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
    }
    return {
        "id": ENDPOINT,
        "name": "payments-endpoint",
        "type": "Microsoft.Network/privateEndpoints",
        "etag": 'W/"1"',
        "location": "westeurope",
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": "b0000000-0000-4000-8000-000000000002",
            "privateLinkServiceConnections": [] if manual else [connection],
            "manualPrivateLinkServiceConnections": [connection] if manual else [],
            "customNetworkInterfaceName": "",
            "subnet": {"id": SUBNET},
            "ipConfigurations": [],
            "networkInterfaces": [{"id": f"{GROUP}/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.1"}],
            "customDnsConfigs": [{"fqdn": "payments-vault.vault.azure.net", "ipAddresses": ["10.1.0.4"]}],
            **properties,
        },
    }


def interface() -> Document:
    """Return the network interface of the endpoint."""
    link = {"groupId": "vault", "requiredMemberName": "default", "fqdns": ["payments-vault.vault.azure.net"]}
    address = {"privateIPAddress": "10.1.0.4", "privateLinkConnectionProperties": link}
    return {
        "id": f"{GROUP}/providers/Microsoft.Network/networkInterfaces/payments-endpoint.nic.1",
        "name": "payments-endpoint.nic.1",
        "properties": {"ipConfigurations": [{"name": "privateEndpointIpConfig.1", "properties": address}]},
    }


def zone_group(*configs: tuple[str, str]) -> Document:
    """Return a zone group with configurations of these names and zones."""
    return {
        "id": f"{ENDPOINT}/privateDnsZoneGroups/default",
        "name": "default",
        "etag": 'W/"1"',
        "properties": {
            "provisioningState": "Succeeded",
            "privateDnsZoneConfigs": [
                {
                    "name": name,
                    "id": f"{ENDPOINT}/privateDnsZoneGroups/default/privateDnsZoneConfigs/{name}",
                    "etag": 'W/"1"',
                    "properties": {"provisioningState": "Succeeded", "privateDnsZoneId": zone_id, "recordSets": []},
                }
                for name, zone_id in configs
            ],
        },
    }


def link(**properties: t.Any) -> Document:
    """Return a link of the network; its etag is quoted."""
    return {
        "id": f"{ZONE}/virtualNetworkLinks/net",
        "name": "net",
        "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "etag": '"4103677f-0000-0100-0000-671056210000"',
        "location": "global",
        "properties": {
            "provisioningState": "Succeeded",
            "registrationEnabled": False,
            "resolutionPolicy": "Default",
            "virtualNetwork": {"id": NETWORK},
            "virtualNetworkLinkState": "Completed",
            **properties,
        },
    }


def record_set(*addresses: str, **properties: t.Any) -> Document:
    """Return an A record set; it has neither a location nor a provisioningState, and its etag is a bare GUID."""
    return {
        "id": f"{ZONE}/A/payments-vault",
        "name": "payments-vault",
        "type": "Microsoft.Network/privateDnsZones/A",
        "etag": "c65f9574-0000-4000-8000-000000000001",
        "properties": {
            "fqdn": "payments-vault.privatelink.vaultcore.azure.net.",
            "ttl": 3600,
            "aRecords": [{"ipv4Address": address} for address in addresses],
            "isAutoRegistered": False,
            **properties,
        },
    }


def connection(status: str = "Pending", **state: str) -> Document:
    """Return a connection as it stands in the vault: without name and type, a description only once someone decided."""
    return {
        "id": f"{VAULT}/privateEndpointConnections/payments-endpoint",
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpoint": {"id": ENDPOINT},
            "privateLinkServiceConnectionState": {"status": status, "actionsRequired": "None", **state},
        },
    }
