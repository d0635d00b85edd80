# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private endpoints."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._azure.kinds import Kind
from .._documents import limits
from .._documents.compare import UNKNOWN, Document, at, location, merge, overlay_tags, prune
from .._documents.endpoint import (
    SLOTS,
    addresses_of,
    canonical,
    check_address,
    connection_of,
    dns_names_of,
    fits,
    is_alive,
    made_with,
    state_of,
    static_addresses,
    vault_uri,
)
from .._documents.ids import HSM, VAULT, ResourceId, group_scope, same_id, subscription_scope
from .._documents.relations import the_one
from .._documents.states import REFUSED
from .._errors import ArmError, Problem
from .network_interface import interface_of, planned_interface
from .resource import Known, Observed, Plan, Resource, below, or_unknown

if t.TYPE_CHECKING:
    from .._azure.world import World


@dataclasses.dataclass(frozen=True)
class ObservedEndpoint(Observed):
    """network: of an endpoint that is to be made, its virtual network, None if there is none or network_hidden, that is, these
    credentials may not read it. address: the one that an endpoint has whose owner refused it, for its replacement.
    pending: the kinds of its needs that this run is going to make.
    """

    network: Document | None = None
    network_hidden: bool = False
    address: str | None = None
    pending: frozenset[Kind] = frozenset()


class PrivateEndpoint(Resource):
    """A private endpoint with its one connection. Source: REST reference, Virtual Network - Private Endpoints.

    Azure keeps the connection in one of two lists; here it is one mapping, "connection", with the keys name, privateLinkServiceId,
    groupIds, manual and requestMessage. A static address is "privateIPAddress". body() turns both into Azure's form.
    """

    kind = kinds.ENDPOINT
    key = "private_endpoint"
    observation = ObservedEndpoint
    # What Azure tells about connection and names survives being left out of a write; the documents let only part of it be written.
    read_only = below(
        "properties",
        "resourceGuid",
        "networkInterfaces",
        "customDnsConfigs",
        *below("ipConfigurations", "id", "etag", "type", "properties.provisioningState"),
        *(
            path
            for slot in SLOTS.values()
            for path in below(slot, "etag", "type", *below("properties", "provisioningState", "privateLinkServiceConnectionState"))
        ),
    )
    # Names and group ids too: Azure tells none apart by case.
    caseless = below("properties", "connection.groupIds", "connection.name", "customNetworkInterfaceName")
    references = below("properties", "subnet", "applicationSecurityGroups")
    etag_in = "body"
    replaceable = True
    validated_as = "2024-05-01"
    unreturned = frozenset({"properties.connection.requestMessage"})  # no recording has it
    fixed = (
        "location",
        "properties.subnet.id",
        "properties.connection.privateLinkServiceId",
        "properties.connection.groupIds",
        "properties.connection.manual",
        "properties.connection.name",
        "properties.customNetworkInterfaceName",
        "properties.privateIPAddress",
    )

    def __init__(
        self,
        resource_id: ResourceId,
        desired: Document | None,
        *,
        member: str = "default",
        recreate: bool = False,
        adopt: bool = True,
        limited: limits.Limits | None = None,
        planned_prefixes: t.Sequence[str] = (),
        **keywords: t.Any,
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.member = member
        self.recreate = recreate
        self.limits = limited or limits.Limits()
        self.planned_prefixes = list(planned_prefixes)
        self._adopt = adopt
        self._desired_subnet = ResourceId.parse(str(at(self.desired, "properties.subnet.id")))

    # --- how it is ---

    def read(self, world: World, known: Known) -> Observed:
        """Find the endpoint by its name, else by its target and subnet; for one that is to be made read its network."""
        found = self.found(self.fetch(world, self.id))
        return self._with_surroundings(world, found if found.document else self._related(world), known)

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the endpoint at the place where it was found. Another one is only adopted if there was none."""
        found = self.fetch(world, first.id)
        if found is None and first.adopted:
            return self.read(world, known)
        again = self._related(world) if found is None and first.document is None else first.with_document(found)
        return self._with_surroundings(world, again, known)

    def _with_surroundings(self, world: World, observed: Observed, known: Known) -> Observed:
        """Add what is needed to make the endpoint, or to make it again."""
        found, subnet = observed.document, self._subnet(observed)
        if self.desired is None:
            return observed
        again = found is not None and (self.allow_replace or (self.recreate and not is_alive(found)))
        network, hidden = self._read_network(world, subnet.parent) if subnet and (found is None or again) else (None, False)
        refused = found is not None and self.recreate and state_of(found).get("status") in REFUSED
        address = next(iter(addresses_of(interface_of(world, found))), None) if refused else None
        pending = frozenset(need.kind for need, step in known.items() if step.pending)
        return ObservedEndpoint(observed.id, found, observed.adopted, network, hidden, address, pending)

    def _read_network(self, world: World, network: ResourceId) -> tuple[Document | None, bool]:
        """Read the network for its region and ranges. Who may join a subnet may not always read its network; then Azure checks alone."""
        try:
            return world.get(kinds.NETWORK, network), False
        except ArmError as error:
            if error.status not in (401, 403):  # 401: it is another tenant's
                raise
            return None, True

    def _subnet(self, observed: Observed) -> ResourceId | None:
        return self._desired_subnet or ResourceId.parse(str(at(observed.document, "properties.subnet.id")))

    def _related(self, world: World) -> Observed:
        """Adopt the endpoint of the resource group that joins the same part of the same target and subnet; one that serves is preferred."""
        targeted = self._desired_subnet and at(self.desired, "properties.connection.privateLinkServiceId")
        if not targeted or not self._adopt:
            return self.found(None)
        group = group_scope(self.id.subscription, str(self.id.resource_group))
        listed = world.list(self.kind, group, doing=f"list the private endpoints in the resource group of {self.label}")
        found = the_one(
            [endpoint for endpoint in listed if self._is_related(endpoint)],
            "private endpoint with the target and the subnet of this task",
            alive=is_alive,
            hint=f"Set {self.option_of('name')} to one of them, or {self.option_of('adopt')}: false to create another.",
        )
        return ObservedEndpoint(ResourceId.parse(found["id"]) or self.id, found, adopted=True) if found else self.found(None)

    def _is_related(self, endpoint: Document) -> bool:
        requested, connection = at(self.desired, "properties.connection"), connection_of(endpoint)
        groups = {str(group).casefold() for group in requested.get("groupIds") or connection.get("groupIds") or []}
        return (
            same_id(connection.get("privateLinkServiceId"), requested["privateLinkServiceId"])
            and same_id(at(endpoint, "properties.subnet.id"), str(self._desired_subnet))
            and groups == {str(group).casefold() for group in connection.get("groupIds") or []}
        )

    # --- how it should be ---

    def defaults(self, observed: Observed) -> Document:
        """An endpoint is where its network is, and its connection bears its name."""
        network = t.cast(ObservedEndpoint, observed).network
        where = location(network["location"]) if network else UNKNOWN
        return {"location": where, "properties": {"connection": {"name": self.id.name, "manual": False}}}

    def wanted(self, observed: Observed) -> Document:
        """The request's message is sent once, when the request is made; what was adopted keeps the tags that it has."""
        actual, desired = observed.document, super().wanted(observed)
        if actual is not None:
            desired.get("properties", {}).get("connection", {}).pop("requestMessage", None)
        if observed.adopted and "tags" in desired:
            desired["tags"] = overlay_tags(desired["tags"], (actual or {}).get("tags") or {}, append=True)
        return desired

    def replacement_document(self, desired: Document) -> Document:
        """Send the request's message again with a new request."""
        message = at(self.desired, "properties.connection.requestMessage")
        return t.cast(Document, merge(desired, {"properties": {"connection": {"requestMessage": message}}} if message else {}))

    def kept_when_replaced(self, observed: Observed) -> Document:
        """Return the settings of an endpoint that a new one can have: a static address only if the subnet still has it."""
        actual, network = observed.document or {}, t.cast(ObservedEndpoint, observed).network
        current = super().body(actual)
        properties = {
            name: value for name, value in current["properties"].items() if name not in SLOTS.values() and value not in (None, "", [])
        }
        properties["connection"] = made_with(actual)
        addresses = self._kept_addresses(observed, properties.pop("ipConfigurations", []), made_with(actual))
        kept = {**current, "properties": {**properties, **addresses}}
        return {**kept, "location": location(network["location"])} if network else kept

    def _kept_addresses(self, observed: Observed, static: list[Document], connection: Document) -> Document:
        """Return the static addresses of a replacement: those that were there, the first one changed where another is requested."""
        requested, target = at(self.desired, "properties.privateIPAddress"), at(self.desired, "properties.connection.privateLinkServiceId")
        if not static:
            address = t.cast(ObservedEndpoint, observed).address
            return {"privateIPAddress": address} if address else {}
        stays = not self._desired_subnet or same_id(str(self._desired_subnet), at(observed.document, "properties.subnet.id"))
        current = [at(item, "properties.privateIPAddress") for item in static]
        if not stays and not all(
            fits(address, self._subnet_there(observed)) for address in ([requested, *current[1:]] if requested else current)
        ):
            return {}
        if target and not same_id(target, connection.get("privateLinkServiceId")):
            return {"privateIPAddress": current[0]}
        first = {**static[0], "properties": {**static[0]["properties"], **({"privateIPAddress": requested} if requested else {})}}
        return {"ipConfigurations": [first, *static[1:]]}

    def canonical(self, observed: Observed) -> Document:
        """Show the connection and the static address as wanted() does."""
        return canonical(observed.document or {})

    def body(self, document: Document) -> Document:
        """Return Azure's form: connection and address in their lists. An existing endpoint's lists go back as they came."""
        clean = super().body(document)
        properties = clean.setdefault("properties", {})
        connection = properties.pop("connection", {})
        address = properties.pop("privateIPAddress", None)
        if any(slot in properties for slot in SLOTS.values()):
            return clean
        manual = bool(connection.pop("manual", False))
        name = connection.pop("name", None)
        if not manual:
            connection.pop("requestMessage", None)
        properties[SLOTS[manual]] = [{"name": name, "properties": connection}]
        if address and not properties.get("ipConfigurations"):
            group = next(iter(connection.get("groupIds") or []), None)
            member = self._member(connection, group)
            inner = prune({"groupId": group, "memberName": member if group else None, "privateIPAddress": address})
            properties["ipConfigurations"] = [{"name": f"{self.id.name}-{member}", "properties": inner}]
        return clean

    def _member(self, connection: Document, group: str | None) -> str:
        """Return the member of the group that an address is for; without a requested target, the existing endpoint's target decides."""
        target = ResourceId.parse(str(connection.get("privateLinkServiceId")))
        if at(self.desired, "properties.connection.privateLinkServiceId") or target is None or target.is_type(VAULT) or target.is_type(HSM):
            return self.member
        return group or self.member

    def adopted_hint(self, observed: Observed) -> str:
        """Return what to do where an adopted endpoint would have to be deleted."""
        return f"{super().adopted_hint(observed)[:-1]}, or {self.option_of('adopt')}: false to create another."

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse or replace an endpoint whose connection was rejected or removed: writing it again does not help."""
        actual = observed.document
        if actual is None and self.desired is not None:
            for path in ("properties.subnet.id", "properties.connection.privateLinkServiceId"):
                if not at(self.desired, path):
                    raise self.refusal(path, f"required to create {self.label}; set it.")
        plan = super().plan(observed, known)
        state = state_of(actual).get("status") if actual else None
        if actual and self.desired is not None and state in REFUSED and plan.action != "replace":
            if self.recreate and not observed.adopted:
                return self.replacement(observed, self.wanted(observed))
            said = state_of(actual).get("description")
            raise Problem(
                f"The connection of {self.label_of(observed.id)} is {state}" + (f" ('{said}')" if said else ""),
                code=f"Connection{state}",
                resource_id=str(observed.id),
                hint=self.adopted_hint(observed) if observed.adopted else REFUSED[state],
            )
        if observed.adopted and plan.action == "update":
            return dataclasses.replace(plan, remarks=(f"{self._adoption(observed)} The options of this task are applied to it.",))
        return plan

    def replacement(self, observed: Observed, desired: Document) -> Plan:
        """Show the state of the connection too: the reason for a replacement, or what the owner has to decide again."""
        plan = super().replacement(observed, desired)
        state = "Pending" if at(plan.body, f"properties.{SLOTS[True]}") else "Approved"
        before = {**plan.before, "connectionState": state_of(observed.document).get("status")}
        return dataclasses.replace(plan, before=before, after={**plan.after, "connectionState": state})

    def _adoption(self, observed: Observed) -> str | None:
        """Return a sentence about an adopted endpoint, None if the endpoint has the requested name."""
        if not observed.adopted:
            return None
        return (
            f"Private endpoint '{observed.id.name}' has the same target and subnet as '{self.id.name}' and is used instead; "
            f"set {self.option_of('adopt')}: false to create another."
        )

    # --- before the first write ---

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> t.Sequence[limits.Claim]:
        """Refuse a subnet that is missing or elsewhere, and an address that the subnet cannot give."""
        if plan.action not in ("create", "replace"):
            return ()
        seen, actual, addresses = t.cast(ObservedEndpoint, observed), observed.document, static_addresses(plan.body)
        network, place, subnet = seen.network, self._subnet(observed), self._subnet_there(observed)
        targeted = rehearsal or kinds.VAULT in seen.pending
        rehearsal = rehearsal or not seen.pending.isdisjoint((kinds.SUBNET, kinds.NETWORK))
        if rehearsal and subnet is None and place and self.planned_prefixes:
            planned = {"name": place.name, "properties": {"addressPrefixes": self.planned_prefixes}}
            self._check_addresses(addresses, planned)
        if seen.network_hidden and plan.body.get("location") == UNKNOWN:
            raise self.refusal(
                "location", "required, because these credentials may not read the subnet's virtual network; set it to its region."
            )
        if not seen.network_hidden and not (rehearsal and network is None):
            self._check_network(seen, plan, subnet, addresses, rehearsal)
        current, claims = connection_of(actual).get("privateLinkServiceId"), list[limits.Claim]()
        if place and network and not (actual and same_id(at(actual, "properties.subnet.id"), str(place))):
            claims += limits.network_claims(network, place.name, str(self.id), self.limits)
        target = connection_of(plan.body).get("privateLinkServiceId")
        if (network or not rehearsal) and not seen.network_hidden and not (current and same_id(current, target)):
            claims += self._check_target(world, str(target), targeted)
        return claims

    def _check_network(self, seen: ObservedEndpoint, plan: Plan, subnet: Document | None, addresses: list[str], rehearsal: bool) -> None:
        place = self._subnet(seen)
        if seen.network is None or place is None:
            raise self.refusal(
                "properties.subnet.id", f"the virtual network of '{place}' does not exist; create it first.", resource_id=str(place)
            )
        there, requested = location(seen.network["location"]), plan.body.get("location")
        if requested and location(requested) != there:
            raise self.refusal(
                "location",
                f"'{requested}' is not the region of the subnet, which is in '{there}'; an endpoint is always in the region of its "
                f"network, so leave {self.option_of('location')} out, or choose another subnet.",
            )
        if subnet is None and not rehearsal:
            raise self.refusal(
                "properties.subnet.id", f"subnet '{place.name}' was not found in network '{place.parent.name}'; create it first."
            )
        self._check_addresses(addresses if subnet is not None else [], subnet or {})

    def _check_addresses(self, addresses: list[str], subnet: Document) -> None:
        for address in addresses:
            check_address(address, subnet, self.option_of("properties.privateIPAddress"))

    def _subnet_there(self, observed: Observed) -> Document | None:
        subnet = self._subnet(observed)
        name = subnet.name.casefold() if subnet else None
        listed = at(t.cast(ObservedEndpoint, observed).network, "properties.subnets") or []
        return next((item for item in listed if item["name"].casefold() == name), None)

    def _check_target(self, world: World, target: str, rehearsal: bool) -> list[limits.Claim]:
        """Refuse a vault that is missing or full. Who requests a connection by hand often cannot read the vault; then its owner decides."""
        vault = ResourceId.parse(target)
        if vault is None or not vault.is_type(VAULT):
            return []
        try:
            found = world.get(kinds.VAULT, vault)
            if found is None and not rehearsal:
                missing = f"key vault '{vault.name}' was not found in resource group '{vault.resource_group}'; create it first."
                raise self.refusal("properties.connection.privateLinkServiceId", missing)
            claims = [limits.vault_claim(found, str(self.id), self.limits)] if found else []
            if found and self.limits.vaults_per_subscription and not limits.connections_of(found):
                whole = subscription_scope(vault.subscription)
                vaults = world.list(kinds.VAULT, whole, doing=f"list the key vaults in the resource group of '{vault.name}'")
                claims.append(limits.subscription_claim(vaults, target, vault.subscription, self.limits))
            return claims
        except ArmError as error:
            if error.status not in (401, 403):
                raise
            return []

    # --- what a task returns ---

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return address, network interface and state of the connection; only the interface always shows the address."""
        document = observed.document or {}
        interface = at(document, "properties.networkInterfaces")
        nic_id = interface[0]["id"] if interface else planned_interface(observed.id, document)
        nic = interface_of(world, document) if exists else None
        addresses = addresses_of(nic) or static_addresses(document)
        state, connection = state_of(document), connection_of(document)
        return {
            "private_ip_address": or_unknown(addresses[0] if addresses else None, exists),
            "private_ip_addresses": addresses or ([] if exists else [UNKNOWN]),
            "network_interface_id": or_unknown(nic_id, exists),
            "connection_state": state.get("status") or (None if exists else "Pending" if connection.get("manual") else "Approved"),
            "connection_name": connection.get("name"),
            "dns_names": dns_names_of(document, nic),
            **vault_uri(connection.get("privateLinkServiceId"), world.cloud.vault_suffix),
            "adopted": observed.adopted,
            "adoption": self._adoption(observed),
        }
