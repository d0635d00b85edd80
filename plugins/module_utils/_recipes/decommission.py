# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal by id: ids of any type that this collection manages become Resources that are to go, each with what has to go after it."""

from __future__ import annotations

import dataclasses
import typing as t

from .. import _spelling as spelling
from .._azure import kinds
from .._documents.endpoint import addresses_of
from .._documents.ids import A_RECORD, ENDPOINT, NETWORK, VAULT, VAULT_CONNECTION, ZONE, ResourceId
from .._errors import OptionError
from .._resources.diagnostic_setting import DiagnosticSetting
from .._resources.endpoint_connection_approval import PrivateEndpointConnection
from .._resources.extension import ExtensionResource
from .._resources.keyvault import KeyVault
from .._resources.management_lock import ManagementLock
from .._resources.network_interface import interface_of
from .._resources.private_dns_a_record import PrivateDnsARecordSet
from .._resources.private_dns_zone import PrivateDnsZone
from .._resources.private_dns_zone_group import PrivateDnsZoneGroup
from .._resources.private_dns_zone_link import PrivateDnsZoneLink
from .._resources.private_endpoint import PrivateEndpoint
from .._resources.resource import Known, Leaving, Observed, Resource
from .._resources.resource_group import ResourceGroup
from .._resources.role_assignment import RoleAssignment
from .._resources.subnet import Subnet
from .._resources.virtual_network import VirtualNetwork
from .._values import checked, guid, ipv4, name_of, resource_id

if t.TYPE_CHECKING:
    from .._azure.world import World


class _ZoneGroup(PrivateDnsZoneGroup):
    """The zone group of exactly this name: another one of the endpoint was not named."""

    def read(self, world: World, known: Known) -> Observed:
        """Find the group by its name alone."""
        return Resource.read(self, world, known)

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Find the group by its name alone."""
        return Resource.read(self, world, known)


# In the order in which they go.
_KINDS: tuple[type[Resource], ...] = (
    ManagementLock,
    RoleAssignment,
    DiagnosticSetting,
    PrivateDnsARecordSet,
    _ZoneGroup,
    PrivateEndpoint,
    PrivateEndpointConnection,
    PrivateDnsZoneLink,
    PrivateDnsZone,
    Subnet,
    VirtualNetwork,
    KeyVault,
    ResourceGroup,
)
TYPES: tuple[str, ...] = tuple(kind.type for kind in _KINDS)
# What goes after what, although neither is nested in the other: an address serves until its name is gone, a subnet empties before it goes.
_AFTER: dict[type[Resource], tuple[type[Resource], ...]] = {
    PrivateDnsARecordSet: (PrivateEndpoint,),
    _ZoneGroup: (PrivateDnsZone,),
    PrivateEndpoint: (PrivateEndpointConnection, PrivateDnsZone, Subnet, VirtualNetwork, KeyVault),
    PrivateDnsZoneLink: (VirtualNetwork,),
}


@dataclasses.dataclass
class Removals:
    """What is to go, gathered by id. Whatever is named twice, or in two ways, goes once.

    purge: destroy vaults for good, also those that were deleted before; location: the region of these, where it is not found.
    """

    world: World
    purge: bool = False
    location: str | None = None
    _found: dict[str, Resource] = dataclasses.field(default_factory=dict)

    def add(self, value: str, option: str = "ids") -> None:
        """Name a resource by its id."""
        self._keep(self._resource(checked_id(value, option), option))

    def add_addresses(self, record: t.Mapping[str, t.Any], option: str = "records") -> None:
        """Name addresses of an A record set: given ones, or those that a private endpoint has now. The other addresses of the set stay."""
        found = _record_id(record, option)
        given = [ipv4(address, f"{option}.ipv4_addresses") for address in record.get("ipv4_addresses") or []]
        endpoint = record.get("endpoint_id")
        if not given and not endpoint:
            raise OptionError(
                f"{option}.ipv4_addresses",
                f"record '{found.name}' has neither ipv4_addresses nor endpoint_id, and its record set may contain other addresses; "
                "add one of them, or list the id of the whole set in ids.",
            )
        if endpoint:
            given += self._addresses(resource_id(endpoint, f"{option}.endpoint_id", ENDPOINT))
        known = self._found.get(str(found).casefold())
        if not isinstance(known, PrivateDnsARecordSet):
            self._keep(PrivateDnsARecordSet(found, {}, addresses=given, mode="remove"))
        elif known.desired is not None:
            self._found[str(found).casefold()] = PrivateDnsARecordSet(found, {}, addresses=[*known.addresses, *given], mode="remove")

    def add_link(self, link: t.Mapping[str, t.Any], option: str = "links") -> None:
        """Name the link between a zone and a network, whatever it is called."""
        zone = resource_id(_given(link, "zone_id", option), f"{option}.zone_id", ZONE)
        network = resource_id(_given(link, "virtual_network_id", option), f"{option}.virtual_network_id", NETWORK)
        self._keep(PrivateDnsZoneLink(zone.child("virtualNetworkLinks", network.name), None, network=str(network)), f"{zone} {network}")

    def add_connection(self, connection: t.Mapping[str, t.Any], option: str = "connections") -> None:
        """Name the connection of a vault by its endpoint or by its own name."""
        vault = resource_id(_given(connection, "vault_id", option), f"{option}.vault_id", VAULT)
        endpoint, name = connection.get("endpoint_id"), connection.get("connection_name")
        if bool(endpoint) == bool(name):
            raise OptionError(
                f"{option}.endpoint_id",
                f"a connection of '{vault.name}' needs either endpoint_id or connection_name; set one of the two.",
            )
        if endpoint:
            endpoint = str(resource_id(endpoint, f"{option}.endpoint_id", ENDPOINT))
            self._keep(
                _connection(vault, endpoint_id=endpoint),
                f"{vault} {endpoint}",
            )
        else:
            found = vault.child("privateEndpointConnections", name_of(VAULT_CONNECTION, str(name), f"{option}.connection_name"))
            self._keep(_connection(vault, name=found.name), str(found))

    def resources(self) -> list[Resource]:
        """Return all that goes, each with what goes after it as its needs, in the order in which they go."""
        found = sorted(self._found.values(), key=_rank)
        leaving = [Leaving(each.id, getattr(each, "network", None)) for each in found if each.desired is None]
        placed: list[Resource] = []  # the last to go first, for it is what others come before
        for one in reversed(found):
            rank, own = _rank(one), str(one.id).casefold()
            later = ((f"{other.id}/".casefold(), other) for other in reversed(placed) if rank < _rank(other))
            needs = [other for outer, other in later if own.startswith(outer) or _is_removed_before(one, other)]
            placed.append(one.having(needs=tuple(needs), leaving=tuple(leaving)))
        return placed[::-1]

    def _keep(self, resource: Resource, key: str | None = None) -> None:
        whole = resource.desired is None
        key = (key or str(resource.id)).casefold()
        if whole or key not in self._found:
            self._found[key] = resource

    def _addresses(self, endpoint: ResourceId) -> list[str]:
        """Return the addresses of an endpoint. One that is gone has none, and its record went before it."""
        return addresses_of(interface_of(self.world, self.world.get(kinds.ENDPOINT, endpoint)))

    def _resource(self, found: ResourceId, option: str) -> Resource:
        kind = next(kind for kind in _KINDS if kind.type == found.type)
        if kind is KeyVault:
            return KeyVault(found, None, purge=self.purge, region=self.location, spelling=spelling.VAULT)
        if kind is RoleAssignment:
            return RoleAssignment(
                found.scope, None, role=None, principal=None, name=guid(found.name, option, "the name of a role assignment")
            )
        if kind is PrivateEndpointConnection:
            return _connection(found.parent, name=found.name)
        if kind is PrivateDnsARecordSet:
            return PrivateDnsARecordSet(found, None, mode="remove")
        return kind(found, None)


def _connection(vault: ResourceId, *, endpoint_id: str | None = None, name: str | None = None) -> Resource:
    return PrivateEndpointConnection(vault, None, endpoint_id=endpoint_id, name=name, spelling=spelling.VAULT_CONNECTION)


def checked_id(value: str, option: str) -> ResourceId:
    """Return the parts of an id of a type that can be removed; any other id is refused, and so is a name that its type cannot have."""
    found = ResourceId.parse(value.strip())
    kind = next((kind for kind in _KINDS if found and found.is_type(kind.type)), None)
    if found is None or not found.names:
        raise OptionError(
            option, f"'{value}' is not a resource id; pass one like /subscriptions/.../resourceGroups/RG/providers/{VAULT}/NAME."
        )
    if kind is None:
        raise OptionError(
            option,
            f"'{value}' is the id of a {found.type}, which is not supported here; pass ids of {', '.join(TYPES)}.",
            resource_id=value,
        )
    extension = issubclass(kind, ExtensionResource)
    if not extension and (found.of or not found.resource_group):
        raise OptionError(
            option, f"'{value}' is not the id of a {kind.type}, which is always in a resource group; correct it.", resource_id=value
        )
    return dataclasses.replace(checked(found, option), type=kind.type)


def _record_id(record: t.Mapping[str, t.Any], option: str) -> ResourceId:
    """Return the id of a record set that is given by its id, or by its zone's and its name."""
    kind = PrivateDnsARecordSet.type
    if record.get("id"):
        return dataclasses.replace(resource_id(record["id"], f"{option}.id", kind), type=kind)
    zone = resource_id(_given(record, "zone_id", option), f"{option}.zone_id", ZONE)
    return dataclasses.replace(zone, type=ZONE).child("A", name_of(A_RECORD, _given(record, "name", option), f"{option}.name", zone))


def _given(values: t.Mapping[str, t.Any], name: str, option: str) -> str:
    if not values.get(name):
        raise OptionError(f"{option}.{name}", f"required in every entry of {option}; set it.")
    return str(values[name])


def _rank(resource: Resource) -> int:
    return next(rank for rank, kind in enumerate(_KINDS) if isinstance(resource, kind))


def _is_removed_before(one: Resource, other: Resource) -> bool:
    """Return whether one is removed before another of a later type, although it is not nested in it."""
    return isinstance(one, ManagementLock) or any(isinstance(one, kind) and isinstance(other, after) for kind, after in _AFTER.items())
