# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What private vaults of one run share: resource groups, providers, networks, subnets, zones and links. Equal wishes are one resource."""

from __future__ import annotations

import dataclasses
import types
import typing as t

from .._documents.compare import location
from .._documents.ids import NETWORK, SUBNET, VAULT, ZONE, ResourceId, group_scope
from .._errors import OptionError
from .._options import Spec
from .._resources.private_dns_zone_link import PrivateDnsZoneLink
from .._resources.resource import Resource
from .._resources.resource_group import ResourceGroup
from .._resources.resource_provider import ResourceProvider
from .._values import given_zone, name_of, namespace_of, resource_group_name, resource_id, subscription, zone_name
from . import private_dns_zone, private_dns_zone_link, resource_group, virtual_network
from . import subnet as subnets
from .following import RequiredGroup, RequiredProvider, SharedLink
from .settings import Settings, VaultSettings

if t.TYPE_CHECKING:
    from .._module import Task

_NETWORK_OPTIONS = {
    "id": "network_name",
    "location": "network_location",
    "address_prefixes": "network_address_prefixes",
    "dns_servers": "network_dns_servers",
}
_SUBNET_OPTIONS = {
    "id": "subnet_name",
    "address_prefixes": "subnet_address_prefixes",
    "private_endpoint_network_policies": "network_policies",
    "network_security_group_id": "subnet_network_security_group_id",
    "route_table_id": "subnet_route_table_id",
    "service_endpoints": "subnet_service_endpoints",
    "default_outbound_access": "subnet_default_outbound_access",
}
_ZONE_OPTIONS = {"id": "zone_name", "name": "zone_name"}
_LINK_OPTIONS = {"virtual_network_id": "linked_network_ids"}


def mapped(task: Task, recipe: types.ModuleType, settings: Settings, spelling: t.Mapping[str, str], **options: t.Any) -> t.Any:
    """Return the resource that a module makes of its options; its refusals name the settings that these came from."""
    spec: Spec = {**recipe.IDENTITY.options, **recipe.OPTIONS}
    params = {**{name: option.get("default") for name, option in spec.items()}, **options}
    try:
        return recipe.resources(dataclasses.replace(task, params=params))[0]
    except OptionError as error:
        raise settings.spelled(error, spelling) from None


def home_of(task: Task, settings: VaultSettings) -> str:
    """Return the subscription in which what belongs to a vault is made."""
    given = settings["subscription_id"]
    return subscription(given, settings.option("subscription_id")) if given else task.world.subscription_id


def vault_id_of(task: Task, settings: VaultSettings) -> ResourceId:
    """Return the id of a vault."""
    if settings["id"]:
        return resource_id(settings["id"], settings.option("id"), VAULT)
    group = settings["resource_group"]
    if not group:
        raise OptionError(settings.option("resource_group"), "required, because the vault has no id; set it, or set id.")
    home = ResourceId(home_of(task, settings), resource_group_name(group, settings.option("resource_group")), VAULT.partition("/")[0], ())
    return home.child(VAULT.partition("/")[2], settings.name)


def endpoint_group_of(task: Task, home: str, settings: Settings, vault: ResourceId) -> ResourceId:
    """Return the resource group of an endpoint. It is in the subscription of the endpoint's network, since Azure allows no other.

    home: the subscription in which the run makes what a vault has. Source: Azure Private Link, What is a private endpoint?, properties.
    """
    if settings["subnet_id"]:
        home = resource_id(settings["subnet_id"], settings.option("subnet_id"), SUBNET).subscription
    option = "resource_group" if settings["resource_group"] else "network_group"
    name = resource_group_name(str(settings[option] or vault.resource_group), settings.option(option))
    return group_scope(home, name)


def zone_id_of(task: Task, subscription_id: str, settings: Settings) -> ResourceId:
    """Return the id of the zone of an endpoint, whether or not it exists. subscription_id: where it is if the settings do not say."""
    cloud = task.world.cloud
    if settings["zone_id"]:
        found = resource_id(settings["zone_id"], settings.option("zone_id"), ZONE)
        given_zone(found.name, cloud, settings.option("zone_id"), any_zone=False)
        return found
    elsewhere, home = settings["zone_resource_group"], settings["zone_subscription_id"]
    home = subscription(home, settings.option("zone_subscription_id")) if home else subscription_id
    option = settings.option("zone_resource_group" if elsewhere else "network_group")
    group = resource_group_name(str(elsewhere or settings["network_group"]), option)
    name = zone_name(settings["zone_name"], cloud, settings.option("zone_name"), any_zone=False)
    return ResourceId(home, group, ZONE.partition("/")[0], ()).child(ZONE.partition("/")[2], name)


@dataclasses.dataclass
class _Wanted:
    """A resource that is shared, who wanted it first, and how messages spell its options."""

    resource: Resource
    settings: Settings
    spelling: t.Mapping[str, str]


@dataclasses.dataclass
class _LinkWanted:
    """A link, whose it is, and the records that it waits for, each with its vault."""

    link: PrivateDnsZoneLink
    settings: Settings
    records: dict[Resource, Resource | None]
    needs: list[Resource]


class Shared:
    """Makes each shared resource once.

    tags: of the shared resources. registered: the providers that the run registers, each with its
    subscription, in lower case; others have to be registered already. So have the resource groups that no vault has as its own.
    """

    def __init__(
        self,
        task: Task,
        tags: t.Mapping[str, str] | None,
        registered: t.Collection[tuple[str, str]],
        vaults: t.Sequence[VaultSettings] = (),
    ) -> None:
        self.task = task
        self._registered = registered
        self._own_groups = {
            (home_of(task, each).casefold(), str(each["resource_group"]).casefold()): each
            for each in reversed(vaults)
            if each["resource_group"] and not each.absent
        }
        self.tags = dict(tags) if tags else None
        self._wanted: dict[str, _Wanted] = {}
        self._links: dict[tuple[str, str], _LinkWanted] = {}

    @property
    def resources(self) -> list[Resource]:
        """Return the resources so far, each after its needs; without the links."""
        return [each.resource for each in self._wanted.values()]

    def settings_of(self, resource: Resource) -> tuple[Settings, t.Mapping[str, str]] | None:
        """Return whose wish a resource is first, and how its options are spelled there."""
        found = self._wanted.get(str(resource.id).casefold())
        return (found.settings, found.spelling) if found else None

    def _once(self, resource: Resource, settings: Settings, spelling: t.Mapping[str, str]) -> Resource:
        """Return the resource of the run with this id. Another wish for it is refused by the names of both."""
        known = self._wanted.setdefault(str(resource.id).casefold(), _Wanted(resource, settings, spelling))
        if known.resource.desired != resource.desired or type(known.resource) is not type(resource):
            raise OptionError(settings.path, f"wants another {resource.label} than {known.settings.path}; set the same for both.")
        return known.resource

    def provider(self, subscription_id: str, namespace: str, settings: Settings) -> Resource:
        """Return the registration of a provider: made by this run, or required to exist already."""
        registers = (subscription_id.casefold(), namespace.casefold()) in self._registered
        try:
            namespace = namespace_of(namespace)
        except OptionError as error:
            raise settings.spelled(error, {"name": "providers"}) from None
        return self._once((ResourceProvider if registers else RequiredProvider)(subscription_id, namespace, True), settings, {})

    def group(self, subscription_id: str, settings: Settings) -> Resource:
        """Return the resource group of a vault, which is made where the vault is unless something else is said."""
        name = resource_group_name(str(settings["resource_group"] or ""), settings.option("resource_group"))
        place = group_scope(subscription_id, name)
        asked = settings["resource_group_location"]
        spelling = {"id": "resource_group", "location": "resource_group_location"}
        group = mapped(self.task, resource_group, settings, spelling, id=str(place), location=asked, tags=self.tags)
        born = {} if asked or not settings["location"] else {"location": location(settings["location"])}
        return self._once(t.cast(ResourceGroup, group).having(born=born), settings, spelling)

    def place(self, group: ResourceId, settings: Settings, option: str = "resource_group") -> Resource:
        """Return a resource group that something is put into: one that the run makes for a vault, else one that has to exist already."""
        owner = self._own_groups.get((group.subscription.casefold(), group.name.casefold()))
        if owner:
            return self.group(group.subscription, owner)
        return self._once(RequiredGroup(group, {}, spelling={"id": option}), settings, {})

    def subnet(self, subscription_id: str, settings: Settings, vault: str, needs: t.Sequence[Resource]) -> Resource | ResourceId:
        """Return the subnet of an endpoint, with its network: the resource that the run makes, or the id of one that exists."""
        if settings["subnet_id"]:
            return resource_id(settings["subnet_id"], settings.option("subnet_id"), SUBNET)
        missing = [name for name in ("network_address_prefixes", "subnet_address_prefixes") if not settings[name]]
        if missing:
            raise OptionError(
                settings.option(missing[0]),
                "required to create the network; set it, or set subnet_id to the id of an existing subnet.",
            )
        group = resource_group_name(str(settings["network_group"]), settings.option("network_group"))
        home = ResourceId(subscription_id, group, NETWORK.partition("/")[0], ())
        name = name_of(NETWORK, settings["network_name"] or f"{vault}-network", settings.option("network_name"), home)
        place = home.child(NETWORK.partition("/")[2], name)
        network = mapped(
            self.task,
            virtual_network,
            settings,
            _NETWORK_OPTIONS,
            id=str(place),
            location=settings["network_location"] or settings["location"],
            address_prefixes=settings["network_address_prefixes"],
            dns_servers=settings["network_dns_servers"],
            tags=self.tags,
        )
        made = self._once(network.having(needs=tuple(needs)), settings, _NETWORK_OPTIONS)
        subnet_name = name_of(SUBNET, settings["subnet_name"], settings.option("subnet_name"), place)
        options = {option: settings[name] for option, name in _SUBNET_OPTIONS.items() if option != "id"}
        subnet = mapped(self.task, subnets, settings, _SUBNET_OPTIONS, id=str(place.child("subnets", subnet_name)), **options)
        return self._once(subnet.having(needs=(made,)), settings, _SUBNET_OPTIONS)

    def zone(self, subscription_id: str, settings: Settings, needs: t.Sequence[Resource]) -> Resource | ResourceId:
        """Return the zone of an endpoint: the resource that the run makes, or the id of one that exists."""
        place, elsewhere = zone_id_of(self.task, subscription_id, settings), settings["zone_resource_group"]
        if settings["zone_id"]:
            return place
        # the zone of a hub serves other vaults too, so it does not get the tags of these
        zone = mapped(self.task, private_dns_zone, settings, _ZONE_OPTIONS, id=str(place), tags=None if elsewhere else self.tags)
        if elsewhere:
            needs = (self.place(group_scope(place.subscription, str(place.resource_group)), settings, "zone_resource_group"),)
        return self._once(zone.having(needs=tuple(needs)), settings, _ZONE_OPTIONS)

    def want_link(
        self, zone: Resource | ResourceId, network: ResourceId, settings: Settings, record: Resource | None, vault: Resource | None
    ) -> None:
        """Ask for a link between a zone and a network, after a record of a vault, or its zone group, is written."""
        place = zone if isinstance(zone, ResourceId) else zone.id
        own = settings["zone_id"] or settings["zone_resource_group"]
        link = mapped(
            self.task,
            private_dns_zone_link,
            settings,
            _LINK_OPTIONS,
            zone_id=str(place),
            virtual_network_id=str(network),
            registration_enabled=settings["registration_enabled"],
            resolution_policy=settings["resolution_policy"],
            tags=None if own else self.tags,
        )
        key = (str(place).casefold(), str(network).casefold())
        made = self._wanted.get(str(network).casefold())
        needs = [*([] if isinstance(zone, ResourceId) else [zone]), *([made.resource] if made else [])]
        known = self._links.setdefault(key, _LinkWanted(link, settings, {}, needs))
        if known.link.desired != link.desired:
            raise OptionError(settings.path, f"wants another {link.label} than {known.settings.path}; set the same for both.")
        if record:
            known.records[record] = vault

    def links(self) -> dict[tuple[str, str], SharedLink]:
        """Return the links, by zone and network in lower case; made once all vaults are known."""
        made = {}
        for key, wanted in self._links.items():
            link = wanted.link
            keywords = {
                "tags": link.tags,
                "append_tags": link.append_tags,
                "network": link.network,
                "named": link.named,
                "spelling": link.spelling,
            }
            made[key] = SharedLink(link.id, link.desired, records=wanted.records, needs=wanted.needs, **keywords)
            self._wanted[f"{key}"] = _Wanted(made[key], wanted.settings, _LINK_OPTIONS)
        return made
