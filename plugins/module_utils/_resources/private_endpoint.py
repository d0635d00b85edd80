# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private endpoints."""

from __future__ import annotations

import dataclasses
import typing as t

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
)
from .._documents.ids import ENDPOINT, HSM, VAULT, ResourceId, same_id
from .._documents.relations import the_one
from .._documents.states import REFUSED
from .._errors import ArmError, OptionError, Problem
from .keyvault import KeyVault
from .network_interface import interface_of, planned_interface
from .resource import Plan, Resource, below, or_unknown
from .virtual_network import VirtualNetwork

if t.TYPE_CHECKING:
    from .._azure.arm import Arm


class PrivateEndpoint(Resource):
    """A private endpoint with its one connection. Source: REST reference, Virtual Network - Private Endpoints.

    Azure keeps the connection in one of two lists; here it is one mapping, "connection", with the keys name, privateLinkServiceId,
    groupIds, manual and requestMessage. A static address is "privateIPAddress". body() turns both into Azure's form.
    """

    type = ENDPOINT
    title = "private endpoint"
    key = "private_endpoint"
    operations = "network.private_endpoints"
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
    fixed: t.ClassVar[dict[str, str]] = {
        "location": "location",
        "properties.subnet.id": "subnet_id",
        "properties.connection.privateLinkServiceId": "vault_id",
        "properties.connection.groupIds": "the group",
        "properties.connection.manual": "manual_request",
        "properties.connection.name": "connection_name",
        "properties.customNetworkInterfaceName": "network_interface_name",
        "properties.privateIPAddress": "private_ip_address",
    }

    def __init__(
        self,
        resource_id: ResourceId,
        desired: Document | None,
        *,
        target_option: str = "vault_id",
        member: str = "default",
        recreate: bool = False,
        adopt: bool = True,
        limited: limits.Limits | None = None,
        planned_prefixes: t.Sequence[str] = (),
        **keywords: t.Any,
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.target_option = target_option
        self.member = member
        self.recreate = recreate
        self.limits = limited or limits.Limits()
        self.planned_prefixes = list(planned_prefixes)
        self._asked_id = resource_id
        self._adopt = adopt
        self._subnet = self._asked_subnet
        self._address: str | None = None
        self._network: Document | None = None
        self._network_hidden = False

    # --- how it is ---

    def read(self, arm: Arm) -> Document | None:
        """Find the endpoint by its name, else by its target and subnet; for one that is to be made read its network."""
        found = super().read(arm)
        if self.desired is None:
            return found
        if found is None and self.adopted:  # what was adopted has gone since
            self.id, self.adopted = self._asked_id, False
            found = super().read(arm)
        if found is None and self._adopt and self._again is None:
            found = self._related(arm)
        self._subnet = self._asked_subnet or ResourceId.parse(str(at(found, "properties.subnet.id")))
        again = found is not None and (self.allow_replace or (self.recreate and not is_alive(found)))
        if self._subnet and (found is None or again):
            self._read_network(arm, self._subnet.parent)
        if found and self.recreate and state_of(found).get("status") in REFUSED:
            self._address = self._held_address(arm, found)
        return found

    def _held_address(self, arm: Arm, endpoint: Document) -> str | None:
        return next(iter(addresses_of(interface_of(arm, endpoint))), None)

    def _read_network(self, arm: Arm, network: ResourceId) -> None:
        """Read the network for its region and ranges. Who may join a subnet may not always read its network; then Azure checks alone."""
        try:
            self._network = VirtualNetwork.look(arm, network)
        except ArmError as error:
            if error.status not in (401, 403):  # 401: it is another tenant's
                raise
            self._network_hidden = True

    @property
    def _asked_subnet(self) -> ResourceId | None:
        return ResourceId.parse(str(at(self.desired, "properties.subnet.id")))

    def _related(self, arm: Arm) -> Document | None:
        """Adopt the endpoint of the resource group that joins the same part of the same target and subnet; one that serves is preferred."""
        if not self._asked_subnet or not at(self.desired, "properties.connection.privateLinkServiceId"):
            return None
        listed = arm.list(
            self.id.subscription,
            f"{self.operations}.list",
            str(self.id.resource_group),
            doing=f"list the private endpoints in the resource group of {self.label}",
        )
        related = [endpoint for endpoint in listed if self._is_related(endpoint)]
        found = the_one(
            related,
            "private endpoint with the target and the subnet of this task",
            alive=is_alive,
            hint="Set name to one of them, or adopt: false to create another.",
        )
        if found:
            self.id, self.adopted = ResourceId.parse(found["id"]) or self.id, True
        return found

    def _is_related(self, endpoint: Document) -> bool:
        asked, connection = at(self.desired, "properties.connection"), connection_of(endpoint)
        groups = {str(group).casefold() for group in asked.get("groupIds") or connection.get("groupIds") or []}
        return (
            same_id(connection.get("privateLinkServiceId"), asked["privateLinkServiceId"])
            and same_id(at(endpoint, "properties.subnet.id"), str(self._asked_subnet))
            and groups == {str(group).casefold() for group in connection.get("groupIds") or []}
        )

    # --- how it should be ---

    def defaults(self) -> Document:
        """An endpoint is where its network is, and its connection bears its name."""
        where = location(self._network["location"]) if self._network else UNKNOWN
        return {"location": where, "properties": {"connection": {"name": self.id.name, "manual": False}}}

    def wanted(self, actual: Document | None) -> Document:
        """The request's message is told once, when the request is made; what was adopted keeps the tags that it has."""
        wish = super().wanted(actual)
        if actual is not None:
            wish.get("properties", {}).get("connection", {}).pop("requestMessage", None)
        if self.adopted and "tags" in wish:
            wish["tags"] = overlay_tags(wish["tags"], (actual or {}).get("tags") or {}, append=True)
        return wish

    def replacement_wish(self, wish: Document) -> Document:
        """A new request tells its message again."""
        message = at(self.desired, "properties.connection.requestMessage")
        return t.cast(Document, merge(wish, {"properties": {"connection": {"requestMessage": message}}} if message else {}))

    def kept_when_replaced(self, actual: Document) -> Document:
        """Return all that an endpoint was made with, as far as it can be had again: a static address only where the subnet still gives it."""
        held = super().body(actual)
        properties = {
            name: value for name, value in held["properties"].items() if name not in SLOTS.values() and value not in (None, "", [])
        }
        properties["connection"] = made_with(actual)
        addresses = self._kept_addresses(properties.pop("ipConfigurations", []), made_with(actual), at(actual, "properties.subnet.id"))
        kept = {**held, "properties": {**properties, **addresses}}
        return {**kept, "location": location(self._network["location"])} if self._network else kept

    def _kept_addresses(self, static: list[Document], connection: Document, subnet_id: str) -> Document:
        """Return the static addresses of a replacement: those that were there, the first one changed where another is asked for."""
        asked, target = at(self.desired, "properties.privateIPAddress"), at(self.desired, "properties.connection.privateLinkServiceId")
        if not static:
            return {"privateIPAddress": self._address} if self._address else {}
        stays = not self._asked_subnet or same_id(str(self._asked_subnet), subnet_id)
        held = [at(item, "properties.privateIPAddress") for item in static]
        if not stays and not all(fits(address, self._subnet_there()) for address in ([asked, *held[1:]] if asked else held)):
            return {}
        if target and not same_id(target, connection.get("privateLinkServiceId")):
            return {"privateIPAddress": held[0]}
        first = {**static[0], "properties": {**static[0]["properties"], **({"privateIPAddress": asked} if asked else {})}}
        return {"ipConfigurations": [first, *static[1:]]}

    def canonical(self, actual: Document) -> Document:
        """Show the connection and the static address as wanted() does."""
        return canonical(actual)

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
        """Return the member of the group that an address is for; without a target in the options that of the endpoint tells."""
        target = ResourceId.parse(str(connection.get("privateLinkServiceId")))
        if at(self.desired, "properties.connection.privateLinkServiceId") or target is None or target.is_type(VAULT) or target.is_type(HSM):
            return self.member
        return group or self.member

    def option_of(self, path: str) -> str:
        """Return the option that sets a path; modules name the target differently, and one of them lets its group be chosen."""
        if path.endswith(".groupIds") and self.target_option != super().option_of("properties.connection.privateLinkServiceId"):
            return "group_ids"
        return self.target_option if path.endswith(".privateLinkServiceId") else super().option_of(path)

    @property
    def adopted_hint(self) -> str:
        """Return what to do where an adopted endpoint would have to be deleted."""
        return f"{super().adopted_hint[:-1]}, or adopt: false to create another."

    def plan(self, actual: Document | None) -> Plan:
        """An endpoint whose owner said no, or went, cannot become what was asked for by writing it again."""
        if actual is None and self.desired is not None and self._again is None:
            for option, path in (("subnet_id", "properties.subnet.id"), (self.target_option, "properties.connection.privateLinkServiceId")):
                if not at(self.desired, path):
                    raise OptionError(option, f"required to create {self.label}; set it.")
        plan = super().plan(actual)
        state = state_of(actual).get("status") if actual else None
        if actual and self.desired is not None and state in REFUSED and plan.action != "replace":
            if self.recreate and not self.adopted:
                return self.replacement(actual, self.wanted(actual))
            said = state_of(actual).get("description")
            raise Problem(
                f"The connection of {self.label} is {state}" + (f" ('{said}')" if said else ""),
                code=f"Connection{state}",
                resource_id=str(self.id),
                hint=self.adopted_hint if self.adopted else REFUSED[state],
            )
        if self.adopted and plan.action == "update":
            self.remark(f"{self.adoption} The options of this task are applied to it.")
        return plan

    def replacement(self, actual: Document, wish: Document) -> Plan:
        """Show the state of the connection too, which is why an endpoint is made again or what its owner decides on again."""
        plan = super().replacement(actual, wish)
        state = "Pending" if at(plan.body, f"properties.{SLOTS[True]}") else "Approved"
        before = {**plan.before, "connectionState": state_of(actual).get("status")}
        return dataclasses.replace(plan, before=before, after={**plan.after, "connectionState": state})

    @property
    def adoption(self) -> str | None:
        """Return a sentence that tells of an adopted endpoint, None where the endpoint has the name that was asked for."""
        if not self.adopted:
            return None
        return (
            f"Private endpoint '{self.id.name}' has the same target and subnet as '{self._asked_id.name}' and is used instead; "
            "set adopt: false to create another."
        )

    # --- before the first write ---

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Refuse a subnet that is missing or elsewhere, and an address that the subnet cannot give."""
        if plan.action not in ("create", "replace"):
            return
        addresses = [at(item, "properties.privateIPAddress") for item in at(plan.body, "properties.ipConfigurations") or []]
        subnet = self._subnet_there()
        if rehearsal and subnet is None and self._subnet and self.planned_prefixes:
            for address in addresses:
                check_address(address, {"name": self._subnet.name, "properties": {"addressPrefixes": self.planned_prefixes}})
        if self._network_hidden and plan.body.get("location") == UNKNOWN:
            raise OptionError(
                "location", "required, because these credentials may not read the subnet's virtual network; set it to its region."
            )
        if not self._network_hidden and not (rehearsal and self._network is None):
            self._check_network(plan, subnet, addresses, rehearsal)
        held = connection_of(actual).get("privateLinkServiceId")
        if self._subnet and self._network and not (actual and same_id(at(actual, "properties.subnet.id"), str(self._subnet))):
            limits.refuse_full_subnet(self._network, self._subnet.name)
            limits.refuse_full_network(self._network, self.limits.endpoints_per_network)
        target = connection_of(plan.body).get("privateLinkServiceId")
        if (self._network or not rehearsal) and not self._network_hidden and not (held and same_id(held, target)):
            self._check_target(arm, str(target), rehearsal)

    def _check_network(self, plan: Plan, subnet: Document | None, addresses: list[str], rehearsal: bool) -> None:
        if self._network is None or self._subnet is None:
            raise OptionError(
                "subnet_id", f"the virtual network of '{self._subnet}' does not exist; create it first.", resource_id=str(self._subnet)
            )
        there, asked = location(self._network["location"]), plan.body.get("location")
        if asked and location(asked) != there:
            raise OptionError(
                "location",
                f"'{asked}' is not the region of the subnet, which is in '{there}'; an endpoint is always in the region of its network, "
                "so leave location out, or choose another subnet.",
            )
        if subnet is None and not rehearsal:
            raise OptionError(
                "subnet_id", f"there is no subnet '{self._subnet.name}' in virtual network '{self._subnet.parent.name}'; create it first."
            )
        for address in addresses if subnet is not None else []:
            check_address(address, subnet or {})

    def _subnet_there(self) -> Document | None:
        name = self._subnet.name.casefold() if self._subnet else None
        return next((item for item in at(self._network, "properties.subnets") or [] if item["name"].casefold() == name), None)

    def _check_target(self, arm: Arm, target: str, rehearsal: bool) -> None:
        """Refuse a vault that is missing or full. Who requests a connection by hand often cannot read the vault; then its owner decides."""
        vault = ResourceId.parse(target)
        if vault is None or not vault.is_type(VAULT):
            return
        try:
            found = KeyVault.look(arm, vault)
            if found is None and not rehearsal:
                raise OptionError(
                    self.target_option, f"there is no key vault '{vault.name}' in resource group '{vault.resource_group}'; create it first."
                )
            if found is None:
                return
            limits.refuse_full_vault(found, self.limits.endpoints_per_vault)
            if self.limits.vaults_per_subscription and not limits.connections_of(found):
                vaults = arm.list(
                    vault.subscription,
                    "keyvault.vaults.list_by_subscription",
                    doing=f"list the key vaults in the resource group of '{vault.name}'",
                )
                limits.refuse_full_subscription(vaults, self.limits.vaults_per_subscription, vault.subscription)
        except ArmError as error:
            if error.status not in (401, 403):
                raise

    # --- what a task returns ---

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return address, network interface and state of the connection; the interface is read, for it alone always tells the address."""
        interface = at(document, "properties.networkInterfaces")
        nic_id = interface[0]["id"] if interface else planned_interface(self.id, document)
        nic = interface_of(arm, document) if exists else None
        static = [at(item, "properties.privateIPAddress") for item in at(document, "properties.ipConfigurations") or []]
        addresses = addresses_of(nic) or static
        state, connection = state_of(document), connection_of(document)
        return {
            "private_ip_address": or_unknown(addresses[0] if addresses else None, exists),
            "private_ip_addresses": addresses or ([] if exists else [UNKNOWN]),
            "network_interface_id": or_unknown(nic_id, exists),
            "connection_state": state.get("status") or (None if exists else "Pending" if connection.get("manual") else "Approved"),
            "connection_name": connection.get("name"),
            "dns_names": dns_names_of(document, nic),
            **_vault_uri(arm, connection.get("privateLinkServiceId")),
            "adopted": self.adopted,
            "adoption": self.adoption,
        }


def _vault_uri(arm: Arm, target: t.Any) -> Document:
    """Return the address of the vault that an endpoint leads to, which follows from its name; nothing for other targets."""
    vault = ResourceId.parse(str(target))
    return {"vault_uri": f"https://{vault.name.casefold()}.{arm.cloud.vault_suffix}/"} if vault and vault.is_type(VAULT) else {}
