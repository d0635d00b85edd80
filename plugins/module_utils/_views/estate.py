# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which key vaults there are, with their private endpoints and DNS, from a few lists however many they are."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.endpoint import addresses_of, connection_of, state_of
from .._documents.ids import ResourceId, group_scope, subscription_scope
from .._documents.public_access import public_access_of
from .._documents.states import spelled
from .._errors import ArmError
from .connections import vault_side
from .estate_dns import Dns, Zones, dns_of_endpoints

if t.TYPE_CHECKING:
    from .._azure.world import World

# What needs attention first.
_STATES = ("Pending", "Rejected", "Disconnected", "Approved")
MIXED = "mixed"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A private endpoint that a vault lists.

    connection: the vault's side, as the module keyvault_connections_info returns it. document: None where it cannot be read.
    error: why that is so, an error code of Azure or NotFound.
    """

    id: str
    connection: Document
    document: Document | None
    error: str | None
    addresses: tuple[str, ...]
    dns: Dns


@dataclasses.dataclass(frozen=True)
class Vault:
    """A vault as Azure lists it, with its endpoints. A connection without an endpoint's id has none."""

    id: ResourceId
    document: Document
    connections: tuple[Document, ...]
    endpoints: tuple[Endpoint, ...]


def estate_of(
    world: World, scopes: t.Iterable[ResourceId], zones: t.Iterable[ResourceId] = (), *, only: t.Iterable[ResourceId] = ()
) -> list[Vault]:
    """Return the vaults of subscriptions and resource groups, by id. only: of these, the vaults to return, all where none is named.

    zones: private DNS zones of vaults in other subscriptions, whose records are read too. Those of the vaults' and the endpoints'
    subscriptions are found, and those that a DNS zone group names.
    """
    chosen = {str(each).casefold() for each in only}
    vaults = [each for each in _vaults(world, list(scopes)) if not chosen or str(each[0]).casefold() in chosen]
    sides = {vault: _sides(document) for vault, document in vaults}
    named = [ResourceId.parse(side["endpoint_id"] or "") for listed in sides.values() for side in listed]
    ids = list(dict.fromkeys(each for each in named if each))
    documents, errors = listed(world, kinds.ENDPOINT, ids)
    addresses = private_addresses(world, documents)
    subscriptions = {each.subscription.casefold(): each.subscription for each in (*(vault for vault, _document in vaults), *ids)}
    known = Zones(world, zones, subscriptions.values() if documents else ())
    dns = dns_of_endpoints(world, known, [(document, addresses.get(key, ())) for key, document in documents.items()])

    def endpoint_of(side: Document) -> Endpoint:
        key = str(side["endpoint_id"]).rstrip("/").casefold()
        error = None if key in documents else errors.get(key, "NotFound")
        return Endpoint(side["endpoint_id"], side, documents.get(key), error, addresses.get(key, ()), dns.get(key, Dns()))

    return [
        Vault(vault, document, tuple(sides[vault]), tuple(endpoint_of(side) for side in sides[vault] if side["endpoint_id"]))
        for vault, document in vaults
    ]


def _vaults(world: World, scopes: list[ResourceId]) -> list[tuple[ResourceId, Document]]:
    found: dict[str, tuple[ResourceId, Document]] = {}
    for scope in scopes:
        for document in world.list(kinds.VAULT, scope, doing=f"list the key vaults of '{scope}'"):
            vault = ResourceId.parse(document["id"])
            if vault:
                found[str(vault).casefold()] = (vault, document)
    return [found[key] for key in sorted(found)]


def _sides(vault: Document) -> list[Document]:
    return [vault_side(item) for item in at(vault, "properties.privateEndpointConnections") or []]


def listed(world: World, kind: kinds.Kind, ids: t.Sequence[ResourceId]) -> tuple[dict[str, Document], dict[str, str]]:
    """Return the documents of resources, and error codes of those that cannot be read, by id in lower case.

    Each subscription costs a list, or each resource group one where these credentials may not list the subscription.
    """
    wanted = {str(each).casefold(): each for each in ids}
    documents: dict[str, Document] = {}
    errors: dict[str, str] = {}
    for subscription in sorted({each.subscription.casefold() for each in ids}):
        own = {key: each for key, each in wanted.items() if each.subscription.casefold() == subscription}
        whole = next(iter(own.values())).subscription
        if _take(world, kind, subscription_scope(whole), own, documents) is None:
            continue
        groups = {str(each.resource_group).casefold(): str(each.resource_group) for each in own.values()}
        for group, name in groups.items():
            inside = {key: each for key, each in own.items() if str(each.resource_group).casefold() == group}
            error = _take(world, kind, group_scope(whole, name), inside, documents)
            errors |= dict.fromkeys(inside, error) if error else {}
    return documents, errors


def _take(world: World, kind: kinds.Kind, scope: ResourceId, wanted: t.Container[str], documents: dict[str, Document]) -> str | None:
    """Add what is wanted of a scope's list to documents; return the error code where these credentials may not list it, else None."""
    try:
        listed = world.list(kind, scope)
    except ArmError as error:
        if error.status not in (401, 403, 404):  # 404: a subscription that these credentials cannot see
            raise
        return error.word
    documents |= {key: each for each in listed if (key := str(each["id"]).casefold()) in wanted}
    return None


def private_addresses(world: World, endpoints: t.Mapping[str, Document]) -> dict[str, tuple[str, ...]]:
    """Return the private addresses of endpoints, by id in lower case. Where their network interfaces
    cannot be read, the addresses that the endpoints themselves tell."""
    first = {key: str((at(each, "properties.networkInterfaces") or [{}])[0].get("id") or "") for key, each in endpoints.items()}
    ids = [found for text in first.values() if (found := ResourceId.parse(text))]
    interfaces, _errors = listed(world, kinds.INTERFACE, ids)
    addresses: dict[str, tuple[str, ...]] = {}
    for key, each in endpoints.items():
        said = [address for item in at(each, "properties.customDnsConfigs") or [] for address in item.get("ipAddresses") or []]
        addresses[key] = tuple(addresses_of(interfaces.get(first[key].casefold())) or dict.fromkeys(said))
    return addresses


# --- as results and host variables show it ---


def vault_facts(vault: Vault) -> Document:
    """Return a vault as plain values in snake_case, without its endpoints' documents."""
    document = vault.document
    states = list(dict.fromkeys(str(each["state"]) for each in vault.connections))
    modes = {endpoint.dns.mode for endpoint in vault.endpoints}
    return {
        "keyvault_id": document["id"],
        "keyvault_name": document["name"],
        "keyvault_uri": at(document, "properties.vaultUri"),
        "subscription_id": vault.id.subscription,
        "resource_group": vault.id.resource_group,
        "location": document.get("location"),
        "keyvault_tags": document.get("tags") or {},
        "sku": at(document, "properties.sku.name"),
        "enable_rbac_authorization": bool(at(document, "properties.enableRbacAuthorization")),
        "public_network_access": public_access_of(document),
        "default_action": spelled(at(document, "properties.networkAcls.defaultAction") or "Allow"),
        "connection_state": next((state for state in (*_STATES, *states) if state in states), None),
        "connection_states": states,
        "connections": list(vault.connections),
        "endpoints": [_endpoint_facts(endpoint) for endpoint in vault.endpoints],
        "private_ip_addresses": _once(vault, lambda endpoint: endpoint.addresses),
        "dns": "none" if not modes else MIXED if len(modes) > 1 else modes.pop(),
        "zone_ids": _once(vault, lambda endpoint: endpoint.dns.zone_ids),
        "linked_network_ids": _once(vault, lambda endpoint: endpoint.dns.network_ids),
    }


def _once(vault: Vault, of: t.Callable[[Endpoint], t.Iterable[str]]) -> list[str]:
    return list({each.casefold(): each for endpoint in vault.endpoints for each in of(endpoint)}.values())


def _endpoint_facts(endpoint: Endpoint) -> Document:
    parsed, document = ResourceId.parse(endpoint.id), endpoint.document
    connection = connection_of(document)
    return {
        "id": endpoint.id,
        "name": parsed.name if parsed else None,
        "resource_group": parsed.resource_group if parsed else None,
        "subscription_id": parsed.subscription if parsed else None,
        "error": endpoint.error,
        "location": document.get("location") if document else None,
        "subnet_id": at(document, "properties.subnet.id"),
        "private_ip_addresses": list(endpoint.addresses),
        "state": state_of(document).get("status") or endpoint.connection["state"],
        "manual_request": connection.get("manual"),
        "dns": endpoint.dns.mode,
        "zone_ids": list(endpoint.dns.zone_ids),
        "linked_network_ids": list(endpoint.dns.network_ids),
    }
