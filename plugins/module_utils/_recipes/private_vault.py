# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a private vault is: the vault, its endpoints with approval and DNS, its closing, and what is put on it."""

from __future__ import annotations

import dataclasses
import types
import typing as t

from .. import _spelling as spelling
from .._documents.ids import A_RECORD, ENDPOINT, NETWORK, SUBNET, VAULT, ZONE, ResourceId
from .._errors import OptionError
from .._options import Spec
from .._resources.keyvault import KeyVault
from .._resources.private_endpoint import PrivateEndpoint
from .._resources.resource import Known, Resource
from .._resources.role_assignment import RoleAssignment
from .._values import name_of, resource_id, wait_timeout
from .._variables import checked
from .._views.private_path_reading import Question
from . import diagnostic_setting, keyvault, management_lock, role_assignment
from .callers import question_of_settings
from .decommission import Removals
from .endpoint import OPTIONS as ENDPOINT_OPTIONS
from .endpoint import Target, endpoint_resources
from .following import (
    EndpointApproval,
    EndpointLock,
    EndpointRecord,
    EndpointRole,
    PolicyDns,
    SecuredVault,
    VaultClosing,
    connection_state,
    place_of,
)
from .private_dns_a_record import time_to_live
from .settings import Settings, VaultSettings
from .shared import Shared, endpoint_group_of, home_of, mapped, vault_id_of, zone_id_of

if t.TYPE_CHECKING:
    from .._module import Task
    from .._views.evidence import Dns

_VAULT_OPTIONS = {"id": "name", "enable_purge_protection": "purge_protection"}
_ENDPOINT_OPTIONS = {
    "id": "name",
    "private_dns_zone_ids": "zone_id",
    "private_dns_zone_group_name": "zone_group_name",
    "replace_records": "record_mode",
    "vault_id": "id",
}
_ZONE_GROUP = {"name": "zone_group_name", "replace_records": "record_mode: replace", "properties.zoneIds": "zone_id"}
_PASSED = (
    *("connection_name", "request_message", "private_ip_address", "network_interface_name", "application_security_group_ids"),
    *("allow_replace", "recreate", "adopt"),
)
_LIMITS = ("vaults_with_endpoints_limit", "endpoints_per_vault_limit", "endpoints_per_network_limit")
_ALL_LOGS = [{"category_group": "allLogs"}]
_ALL_METRICS = [{"category": "AllMetrics"}]


@dataclasses.dataclass
class EndpointPlan:
    """An endpoint of a vault and what belongs to it.

    networks: those that have to resolve the vault's name. links: those that are linked to the zone.
    """

    settings: Settings
    endpoint: PrivateEndpoint
    zone: Resource | ResourceId | None
    network: ResourceId
    networks: list[ResourceId]
    links: list[ResourceId]
    approval: EndpointApproval | None = None
    record: Resource | None = None

    @property
    def zone_id(self) -> ResourceId | None:
        """Return the id of the zone that the run names."""
        return self.zone if isinstance(self.zone, ResourceId) or self.zone is None else self.zone.id


class VaultPlan:
    """The resources of one vault. What it shares with others, it takes from them all."""

    def __init__(self, task: Task, settings: VaultSettings, shared: Shared) -> None:
        self.task = task
        self.settings = settings
        self.shared = shared
        self.id = vault_id_of(task, settings)
        self.subscription = home_of(task, settings)
        self.vault: KeyVault | None = None
        self.endpoints: list[EndpointPlan] = []
        self.resources: list[Resource] = []
        self.origins: dict[Resource, tuple[Settings, t.Mapping[str, str]]] = {}
        self.closing: VaultClosing | None = None
        if settings.absent:
            self._remove([*settings.endpoints], vault=not settings["id"])
        else:
            self._make()

    # --- what goes ---

    def _remove(self, endpoints: t.Sequence[Settings], *, vault: bool) -> None:
        """Remove what is named: endpoints with the records that hold their addresses, and the vault, unless it is managed elsewhere."""
        removals = Removals(self.task.world, purge=bool(self.settings["purge"]), location=self.settings["location"])
        for each in endpoints:
            endpoint = self._endpoint_id(each)
            zone = zone_id_of(self.task, self.subscription, each) if each["dns"] == "a_record" else None
            if zone:
                removals.add_addresses({"id": str(zone.child("A", self.id.name.casefold())), "endpoint_id": str(endpoint)})
            removals.add(str(endpoint))
        if vault:
            removals.add(str(self.id))
        for resource in removals.resources():
            self._add(resource, self.settings, {})

    # --- what is made ---

    def _make(self) -> None:
        kept = [each for each in self.settings.endpoints if not each.absent]
        base = self._base(kept)
        if not self.settings["id"]:
            self.vault = self._vault(base)
        for each in kept:
            self.endpoints.append(self._endpoint(each, base))
        gone = [each for each in self.settings.endpoints if each.absent]
        if gone:
            self._remove(gone, vault=False)

    def _base(self, endpoints: t.Sequence[Settings]) -> list[Resource]:
        """Return what has to be there first: the resource group and the providers, here and where the other resources are."""
        settings, shared = self.settings, self.shared
        places = {(self.subscription, "Microsoft.KeyVault"), (self.subscription, "Microsoft.Network")}
        places |= {(self.id.subscription, "Microsoft.KeyVault"), (self.id.subscription, "Microsoft.Network")}
        for each in endpoints:
            for name, kind in (("subnet_id", SUBNET), ("zone_id", ZONE)):
                if each[name] and (kind == SUBNET or each["dns"] in ("zone_group", "a_record")):
                    found = resource_id(each[name], each.option(name), kind)
                    places.add((found.subscription, "Microsoft.Network"))
        namespaces = {*(settings["providers"] or ()), *(["Microsoft.Insights"] if settings["diagnostic_settings"] else [])}
        places |= {(self.subscription, namespace) for namespace in namespaces} if settings["providers"] else set()
        providers = [shared.provider(place, namespace, settings) for place, namespace in sorted(places)]
        needed = bool(self.settings["resource_group"])
        return [*([shared.group(self.subscription, settings)] if needed else []), *providers]

    def _vault(self, needs: t.Sequence[Resource]) -> KeyVault:
        """Return the vault. A new one is born closed unless it is to be open; an open one is closed last."""
        settings, access = self.settings, self.settings["public_network_access"]
        vault = mapped(
            self.task,
            keyvault,
            settings,
            _VAULT_OPTIONS,
            id=str(self.id),
            location=settings["location"],
            sku=settings["sku"],
            enable_rbac_authorization=settings["enable_rbac_authorization"],
            # false keeps what the vault has: purge protection cannot be turned off
            enable_purge_protection=True if settings["purge_protection"] else None,
            soft_delete_retention_in_days=settings["soft_delete_retention_in_days"],
            public_network_access=access if access == "Enabled" else None,
            enabled_for_deployment=settings["enabled_for_deployment"],
            enabled_for_disk_encryption=settings["enabled_for_disk_encryption"],
            enabled_for_template_deployment=settings["enabled_for_template_deployment"],
            recover=bool(settings["recover"]),
            tags=settings["tags"],
        )
        born = {"properties": {"publicNetworkAccess": access}} if access != "Enabled" else {}
        return t.cast(KeyVault, self._add(vault.having(needs=tuple(needs), born=born), settings, _VAULT_OPTIONS))

    def _add(self, resource: Resource, settings: Settings, names: t.Mapping[str, str]) -> Resource:
        self.resources.append(resource)
        self.origins[resource] = (settings, names)
        return resource

    def _endpoint_id(self, settings: Settings) -> ResourceId:
        group = endpoint_group_of(self.task, self.subscription, settings, self.id)
        home = ResourceId(group.subscription, group.name, ENDPOINT.partition("/")[0], ())
        return home.child(ENDPOINT.partition("/")[2], name_of(ENDPOINT, settings["name"], settings.option("name"), home))

    def _endpoint(self, settings: Settings, base: t.Sequence[Resource]) -> EndpointPlan:
        """Return an endpoint with its approval, its DNS and what is put on it."""
        subnet = self.shared.subnet(self.subscription, settings, self.settings.name, base)
        zone = self.shared.zone(self.subscription, settings, base) if settings["dns"] in ("zone_group", "a_record") else None
        made = [each for each in (self.vault, subnet, zone) if isinstance(each, Resource)]
        endpoint, *group = self._mapped_endpoint(settings, subnet, zone)
        before = self.endpoints[-1].endpoint if self.endpoints else None  # one writer on a vault
        place = self.shared.place(endpoint_group_of(self.task, self.subscription, settings, self.id), settings)
        endpoint = endpoint.having(needs=tuple(dict.fromkeys([*base, place, *made])), after=(before,) if before else ())
        network = (subnet if isinstance(subnet, ResourceId) else subnet.id).parent
        others = [resource_id(each, settings.option("linked_network_ids"), NETWORK) for each in settings["linked_network_ids"] or ()]
        linked = settings["link"] if settings["link"] is not None else not settings["zone_id"]
        plan = EndpointPlan(
            settings, t.cast(PrivateEndpoint, endpoint), zone, network, [network, *others], [*([network] if linked else []), *others]
        )
        self._add(endpoint, settings, _ENDPOINT_OPTIONS)
        if settings["manual_request"] and settings["approve"]:
            decision = {"status": "Approved", "description": settings["approval_description"]}
            desired = {"properties": {"privateLinkServiceConnectionState": decision}}
            plan.approval = EndpointApproval(
                self.id, desired, endpoint=plan.endpoint, needs=[endpoint, *made], spelling=spelling.VAULT_CONNECTION
            )
            self._add(plan.approval, settings, {})
        self._name(plan, group)
        return plan

    def _mapped_endpoint(self, settings: Settings, subnet: Resource | ResourceId, zone: Resource | ResourceId | None) -> list[Resource]:
        """Return the endpoint and, where it has one, its zone group, as the module of endpoints maps them."""
        spec = {"id": {"type": "str"}, **ENDPOINT_OPTIONS}
        zone_id = zone if isinstance(zone, ResourceId) or zone is None else zone.id
        made = isinstance(subnet, Resource)
        params = {
            **{name: option.get("default") for name, option in spec.items()},
            **{name: settings[name] for name in _PASSED if settings[name] is not None},
            **{name: self.settings[name] for name in _LIMITS if self.settings[name] is not None},
            "id": str(self._endpoint_id(settings)),
            "subnet_id": str(subnet.id if isinstance(subnet, Resource) else subnet),
            "subnet_address_prefixes": settings["subnet_address_prefixes"] if made else None,
            # an endpoint is where its network is, which is known before it is made
            "location": (settings["network_location"] or settings["location"]) if made else None,
            # an existing endpoint keeps its kind of connection, unless a manual request is set
            "manual_request": True if settings["manual_request"] else None,
            "private_dns_zone_ids": [str(zone_id)] if zone_id and settings["dns"] == "zone_group" else None,
            "private_dns_zone_group_name": settings["zone_group_name"] or "default",
            "replace_records": settings["record_mode"] == "replace",
            "tags": self.settings["tags"],
        }
        target = Target("vault_id", str(self.id), ["vault"], kinds=(VAULT,))
        try:
            return endpoint_resources(dataclasses.replace(self.task, params=params), target)
        except OptionError as error:
            raise settings.spelled(error, _ENDPOINT_OPTIONS) from None

    def _name(self, plan: EndpointPlan, group: t.Sequence[Resource]) -> None:
        """Add how the vault's name leads to the endpoint: a zone group, a record, or waiting for Azure Policy; and the links after it."""
        settings, needs = plan.settings, [plan.endpoint, *([plan.approval] if plan.approval else [])]
        zone = [plan.zone] if isinstance(plan.zone, Resource) else []
        for each in group:
            zone_group = each.having(needs=(plan.endpoint, *zone), reads_back=False, spelling=_ZONE_GROUP)
            plan.record = self._add(zone_group, settings, _ENDPOINT_OPTIONS)
        if settings["dns"] == "a_record" and plan.zone_id:
            place = plan.zone_id.child("A", name_of(A_RECORD, self.id.name.casefold(), settings.option("name"), plan.zone_id))
            desired = {"properties": {"ttl": time_to_live(settings["record_ttl"], settings.option("record_ttl"))}}
            keywords = {"mode": settings["record_mode"], "needs": [*needs, *zone], "spelling": spelling.A_RECORD}
            record = EndpointRecord(place, desired, endpoint=plan.endpoint, approval=plan.approval, **keywords)
            plan.record = self._add(record, settings, {"mode": "record_mode"})
        if settings["dns"] == "policy":
            place = plan.endpoint.id.child("privateDnsZoneGroups", "default")
            seconds = wait_timeout(settings["policy_timeout"], settings.option("policy_timeout"))
            plan.record = self._add(PolicyDns(place, endpoint=plan.endpoint, approval=plan.approval, seconds=seconds), settings, {})
        for network in plan.links if plan.zone else []:
            self.shared.want_link(t.cast("Resource | ResourceId", plan.zone), network, settings, plan.record, self.vault)

    # --- after the links ---

    def finish(self, links: t.Mapping[tuple[str, str], Resource]) -> None:
        """Add what comes last: the closing, the extras, and the locks, which keep others from writing."""
        if self.settings.absent:
            return
        own = [each for each in self.resources if not each.is_removal]
        access = self.settings["public_network_access"]
        closes = self.settings["close"] if self.settings["close"] is not None else not self.settings["id"]
        if access != "Enabled" and closes:
            zones = [(str(each.zone_id).casefold(), str(network).casefold()) for each in self.endpoints for network in each.links]
            after = [links[key] for key in zones if key in links]
            self.closing = VaultClosing(
                self.id,
                self.task.world.clock,
                vault=self.vault,
                paths=self.paths,
                states=self.states,
                accept_unproven_dns=bool(self.settings["accept_unproven_dns"]),
                rehearsal=self.task.check_mode,
                callers=question_of_settings(self.settings),
                needs=[*own],
                after=after,
            )
            self._add(self.closing, self.settings, {})
        if access == "SecuredByPerimeter" and closes:
            desired = {"properties": {"publicNetworkAccess": access}}
            needs = [*own, *([self.closing] if self.closing else [])]
            self._add(SecuredVault(self.id, desired, needs=needs, spelling=spelling.VAULT), self.settings, _VAULT_OPTIONS)
        self._extras(own)

    def paths(self, known: Known) -> list[Question]:
        """Return the private paths that have to work before public access is closed: where the run makes none, those that the vault has."""
        if not self.endpoints:
            return [self._path_of_others()]
        return [
            Question(
                vault=self.id,
                dns=t.cast("Dns", each.settings["dns"]),
                endpoint=place_of(each.endpoint, known),
                zone=each.zone_id,
                networks=tuple(each.networks),
            )
            for each in self.endpoints
        ]

    def _path_of_others(self) -> Question:
        """Return the question about the endpoints that this run does not make, without those that it deletes."""
        settings = self.settings
        zone = zone_id_of(self.task, self.subscription, settings) if settings["zone_id"] else None
        dns = "none" if settings["dns"] == "a_record" and zone is None else settings["dns"]
        gone = tuple(self._endpoint_id(each) for each in settings.endpoints)
        return Question(vault=self.id, dns=t.cast("Dns", dns), zone=zone if dns != "none" else None, without=gone)

    def states(self, known: Known) -> list[str | None]:
        """Return the state of each endpoint's connection, as it is or is going to be."""
        return [connection_state(known.get(each.endpoint), known.get(each.approval) if each.approval else None) for each in self.endpoints]

    def _extras(self, own: t.Sequence[Resource]) -> None:
        """Add roles, diagnostic settings and locks. A lock that forbids writing needs all the rest, any lock comes after it."""
        vault = [self.vault] if self.vault else []
        for role, names in self._listed(role_assignment, self.settings, "role_assignments", scope=str(self.id)):
            self._add(role.having(needs=tuple(vault)), self.settings, names)
        unsaid = {"logs": _ALL_LOGS, "metrics": _ALL_METRICS}
        for setting, names in self._listed(diagnostic_setting, self.settings, "diagnostic_settings", unsaid, resource=str(self.id)):
            insights = [self.shared.provider(self.subscription, "Microsoft.Insights", self.settings)] if self.settings["providers"] else []
            self._add(setting.having(needs=(*vault, *insights)), self.settings, names)
        for plan in self.endpoints:
            self._endpoint_extras(plan)
        done = [each for each in self.resources if not each.is_removal]
        for plan in self.endpoints:
            if plan.settings["lock"]:
                place, name = plan.endpoint.id, plan.settings["lock"].get("name") or f"{plan.endpoint.id.name}-lock"
                lock = self._mapped_lock(plan.settings, "lock", place, name)
                keywords = self._lock_order(plan.settings["lock"], [plan.endpoint], done)
                self._add(EndpointLock(lock.id, lock.desired, endpoint=plan.endpoint, **keywords), plan.settings, {})
        if self.settings["lock"]:
            lock = self._mapped_lock(self.settings, "lock", self.id, self.settings["lock"].get("name") or f"{self.settings.name}-lock")
            order = self._lock_order(self.settings["lock"], vault, [each for each in self.resources if not each.is_removal])
            self._add(lock.having(**order), self.settings, {})

    def _endpoint_extras(self, plan: EndpointPlan) -> None:
        for found, names in self._listed(role_assignment, plan.settings, "role_assignments", scope=str(plan.endpoint.id)):
            role = t.cast(RoleAssignment, found)
            keywords = {name: getattr(role, name) for name in ("role", "principal", "name", "spelling")}
            assigned = EndpointRole(plan.endpoint.id, role.desired, endpoint=plan.endpoint, needs=[plan.endpoint], **keywords)
            self._add(assigned, plan.settings, names)

    def _listed(
        self, recipe: types.ModuleType, settings: Settings, option: str, unsaid: t.Mapping[str, t.Any] | None = None, **place: str
    ) -> t.Iterator[tuple[Resource, t.Mapping[str, str]]]:
        """Yield the resource of each item of a setting, and how messages spell its options. unsaid: what an item has if it says nothing."""
        spec: Spec = {**recipe.IDENTITY.options, **recipe.OPTIONS}
        for number, item in enumerate(settings[option] or ()):
            names = {name: f"{option}[{number}].{name}" for name in spec}
            whole = {**item, **{name: value for name, value in (unsaid or {}).items() if not item.get(name)}, **place}
            try:
                options = checked(spec, whole)
            except OptionError as error:
                raise settings.spelled(error, names) from None
            yield mapped(self.task, recipe, settings, names, **options), names

    def _mapped_lock(self, settings: Settings, option: str, place: ResourceId, name: str) -> Resource:
        lock = settings[option]
        names = {part: f"{option}.{part}" for part in ("name", "level", "notes")}
        options = {"managed_resource_id": str(place), "name": name, "level": lock["level"], "notes": lock.get("notes")}
        return t.cast(Resource, mapped(self.task, management_lock, settings, names, **options))

    @staticmethod
    def _lock_order(
        lock: t.Mapping[str, t.Any], needs: t.Sequence[Resource], done: t.Sequence[Resource]
    ) -> dict[str, tuple[Resource, ...]]:
        """Return what a lock needs and comes after: ReadOnly forbids what is still to be done."""
        if lock["level"] == "ReadOnly":
            return {"needs": tuple(done), "after": ()}
        return {"needs": tuple(needs), "after": tuple(done)}
