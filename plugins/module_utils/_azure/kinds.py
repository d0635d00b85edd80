# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every Azure type that is read or written here, one row each: how the SDK calls it, in which
api-version, and what takes one write at a time.

Bodies are the wire format in both directions, so an SDK release's own api-version, which moves with each
of them, need not be the one that Azure is asked in. One version means one behaviour: what a vault is born
with, and what comes back that no option names and must go out again unharmed.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents import ids
from .._documents.ids import ResourceId

API_VERSIONS: dict[str, str] = {
    # Older ones retire on 2027-02-27. From here on a vault is born with Azure RBAC. Source: REST reference, Key Vault - Vaults.
    "keyvault": "2026-02-01",
    # Knows all that may be in what is read and sent back whole: ipamPoolPrefixAllocations of subnets
    # (2024-05-01), ipVersionType (2025-03-01), billingSku (2025-07-01) and approvalReference (2026-01-01)
    # of endpoints. Source: Azure/bicep-types-az and the models of azure-mgmt-network.
    "network": "2026-03-01",
    # The only one with resolutionPolicy of links, and the newest. Source: azure-rest-api-specs, privatedns.
    "privatedns": "2024-06-01",
    # Groups, providers and lists of resources have not changed since. Source: azure-rest-api-specs, resources.
    "resource": "2022-09-01",
}
"""By client of the SDK. Types without a client of their own bring their version along, see ExtensionKind."""


def _in_group(resource_id: ResourceId) -> tuple[str, ...]:
    """Return group and names, the usual positional arguments."""
    return (str(resource_id.resource_group), *resource_id.names)


def _by_names(resource_id: ResourceId) -> tuple[str, ...]:
    """Return the names alone, for what is in no group."""
    return resource_id.names


def _by_namespace(resource_id: ResourceId) -> tuple[str, ...]:
    """Return the namespace of a resource provider."""
    return (resource_id.type,)


def _name_then_region(resource_id: ResourceId) -> tuple[str, ...]:
    """Return name and region of a deleted vault, whose id has them the other way round."""
    region, name = resource_id.names
    return (name, region)


def _a_record(resource_id: ResourceId) -> tuple[str, ...]:
    """Return group, zone, record type and name."""
    zone, name = resource_id.names
    return (str(resource_id.resource_group), zone, "A", name)


def _a_records(zone: ResourceId) -> tuple[str, ...]:
    """Return group, zone and record type."""
    return (*_in_group(zone), "A")


def _endpoint_first(endpoint: ResourceId) -> tuple[str, ...]:
    """Return the endpoint before its group: the list of zone groups alone takes them so."""
    return (endpoint.name, str(endpoint.resource_group))


@dataclasses.dataclass(frozen=True, eq=False)
class Kind:
    """A type of Azure resources, and the operations of the SDK that read and write it.

    title: what messages call it. operations: client and operation group, such as
    "network.private_endpoints". get, put, delete and the lists: verbs of the group, None where there is
    none; a list of all in a subscription, in a resource group, or in what a resource of the type is nested
    in.
    arguments: the positional arguments before the body, from an id; listed_by: those of a list, from the id of what the type is nested in.
    in_parent: whether its writes wait for those of what it is nested in, and of all others that are.
    """

    type: str
    title: str
    operations: str
    get: str | None = "get"
    put: str | None = "begin_create_or_update"
    delete: str | None = "begin_delete"
    list_in_subscription: str | None = None
    list_in_group: str | None = None
    list_in_parent: str | None = None
    arguments: t.Callable[[ResourceId], tuple[str, ...]] = _in_group
    listed_by: t.Callable[[ResourceId], tuple[str, ...]] = _in_group
    in_parent: bool = False

    @property
    def api_version(self) -> str:
        """Return the api-version that goes over the wire."""
        return API_VERSIONS[self.operations.partition(".")[0]]

    def operation(self, verb: str | None) -> str:
        """Return client, group and verb in one, as Arm takes them."""
        if verb is None:
            raise TypeError(f"there is no such operation for {self.type}")
        return f"{self.operations}.{verb}"

    def called_with(self, resource_id: ResourceId) -> tuple[str, ...]:
        """Return the positional arguments of get, put and delete before the body."""
        return self.arguments(resource_id)

    def listed_in(self, scope: ResourceId) -> str | None:
        """
        Return the verb that lists the type in a subscription, a resource group, or a resource that
        it is nested in; None if there is none.
        """
        if scope.type == ids.SUBSCRIPTION_TYPE:
            return self.list_in_subscription
        return self.list_in_group if scope.type == ids.GROUP_TYPE else self.list_in_parent

    def listing(self, scope: ResourceId) -> tuple[str, tuple[str, ...]]:
        """Return the operation that lists the type in a scope, and its arguments."""
        whole = scope.type == ids.SUBSCRIPTION_TYPE
        arguments = () if whole else scope.names if scope.type == ids.GROUP_TYPE else self.listed_by(scope)
        return self.operation(self.listed_in(scope)), arguments

    def lane(self, resource_id: ResourceId) -> str:
        """Return what takes one write at a time: the resource itself, or what it is nested in."""
        return str(resource_id.parent if self.in_parent else resource_id).casefold()


@dataclasses.dataclass(frozen=True, eq=False)
class ExtensionKind(Kind):
    """A type that no client of the SDK's packages here serves, most of them on other resources, groups or subscriptions: it is read and
    written by id.

    Source: REST reference, Resources - Get By Id, Create Or Update By Id, Delete By Id.
    """

    operations: str = "resource.resources"
    get: str | None = "get_by_id"
    put: str | None = "begin_create_or_update_by_id"
    delete: str | None = "begin_delete_by_id"
    version: str = ""

    @property
    def api_version(self) -> str:
        """Return the type's own api-version."""
        return self.version

    def called_with(self, resource_id: ResourceId) -> tuple[str, ...]:
        """Return id and api-version."""
        return (str(resource_id), self.version)

    def collection(self, scope: ResourceId) -> str:
        """Return the path at which what is on a scope is listed."""
        return f"{scope}/providers/{self.type}"


VAULT = Kind(
    ids.VAULT,
    "key vault",
    "keyvault.vaults",
    delete="delete",
    list_in_subscription="list_by_subscription",
    list_in_group="list_by_resource_group",
)
DELETED_VAULT = Kind(
    "Microsoft.KeyVault/locations/deletedVaults",
    "deleted key vault",
    "keyvault.vaults",
    get="get_deleted",
    put=None,
    delete="begin_purge_deleted",
    list_in_subscription="list_deleted",
    arguments=_name_then_region,
)
VAULT_CONNECTION = Kind(
    ids.VAULT_CONNECTION, "private endpoint connection", "keyvault.private_endpoint_connections", put="put", in_parent=True
)
ENDPOINT = Kind(
    ids.ENDPOINT,
    "private endpoint",
    "network.private_endpoints",
    list_in_subscription="list_by_subscription",
    list_in_group="list",
)
ZONE_GROUP = Kind(
    f"{ids.ENDPOINT}/privateDnsZoneGroups",
    "DNS zone group",
    "network.private_dns_zone_groups",
    list_in_parent="list",
    listed_by=_endpoint_first,
)
INTERFACE = Kind(
    "Microsoft.Network/networkInterfaces",
    "network interface",
    "network.network_interfaces",
    list_in_subscription="list_all",
    list_in_group="list",
)
NETWORK = Kind(ids.NETWORK, "virtual network", "network.virtual_networks", list_in_subscription="list_all", list_in_group="list")
SUBNET = Kind(ids.SUBNET, "subnet", "network.subnets", list_in_parent="list", in_parent=True)
ZONE = Kind(ids.ZONE, "private DNS zone", "privatedns.private_zones", list_in_subscription="list", list_in_group="list_by_resource_group")
ZONE_LINK = Kind(ids.ZONE_LINK, "virtual network link", "privatedns.virtual_network_links", list_in_parent="list")
A_RECORD = Kind(
    ids.A_RECORD,
    "A record set",
    "privatedns.record_sets",
    put="create_or_update",
    delete="delete",
    list_in_parent="list_by_type",
    arguments=_a_record,
    listed_by=_a_records,
)
RECORD = Kind(f"{ids.ZONE}/recordSets", "record set", "privatedns.record_sets", get=None, put=None, delete=None, list_in_parent="list")
GROUP = Kind(
    ids.GROUP_TYPE,
    "resource group",
    "resource.resource_groups",
    put="create_or_update",
    list_in_subscription="list",
    arguments=_by_names,
)
RESOURCE = Kind(
    "Microsoft.Resources/resources",
    "resource",
    "resource.resources",
    get=None,
    put=None,
    delete=None,
    list_in_subscription="list",
    list_in_group="list_by_resource_group",
)
# A provider always exists: to write it is to register it, to delete it is to end that.
PROVIDER = Kind(
    "Microsoft.Resources/providers",
    "resource provider",
    "resource.providers",
    put="register",
    delete="unregister",
    list_in_subscription="list",
    arguments=_by_namespace,
)
LOCK = ExtensionKind(ids.LOCK, "management lock", version="2020-05-01")
ROLE_ASSIGNMENT = ExtensionKind(ids.ROLE_ASSIGNMENT, "role assignment", version="2022-04-01")
ROLE_DEFINITION = ExtensionKind("Microsoft.Authorization/roleDefinitions", "role", version="2022-04-01")
DIAGNOSTIC_SETTING = ExtensionKind(ids.DIAGNOSTIC_SETTING, "diagnostic setting", version="2021-05-01-preview")
# Only read, and asked to run a script: the package of its client is no requirement.
VIRTUAL_MACHINE = ExtensionKind(ids.VIRTUAL_MACHINE, "virtual machine", put=None, delete=None, version="2024-07-01")

KINDS: tuple[Kind, ...] = (
    *(VAULT, DELETED_VAULT, VAULT_CONNECTION),
    *(ENDPOINT, ZONE_GROUP, INTERFACE, NETWORK, SUBNET),
    *(ZONE, ZONE_LINK, A_RECORD, RECORD),
    *(GROUP, RESOURCE, PROVIDER),
    *(LOCK, ROLE_ASSIGNMENT, ROLE_DEFINITION, DIAGNOSTIC_SETTING),
    VIRTUAL_MACHINE,
)
