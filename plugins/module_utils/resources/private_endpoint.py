# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private endpoints."""

from __future__ import annotations

import copy
import ipaddress
import typing as t

from .. import limits
from ..compare import UNKNOWN, Document, at, location, merge, prune
from ..errors import ArmError, OptionError, Problem
from ..ids import ResourceId, same_id
from ..options import ENDPOINT, VAULT
from ..resource import Plan, Resource, below, or_unknown
from ..states import REFUSED, spelled
from .key_vault import KeyVault
from .virtual_network import VirtualNetwork

if t.TYPE_CHECKING:
    from ..arm import Arm

_SLOTS = {False: "privateLinkServiceConnections", True: "manualPrivateLinkServiceConnections"}


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
            for slot in _SLOTS.values()
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
        vaults_limit: int = limits.VAULTS_PER_SUBSCRIPTION,
        planned_prefixes: t.Sequence[str] = (),
        **keywords: t.Any,
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.target_option = target_option
        self.member = member
        self.recreate = recreate
        self.vaults_limit = vaults_limit
        self.planned_prefixes = list(planned_prefixes)
        self._address: str | None = None
        self._network: Document | None = None
        self._network_hidden = False

    # --- how it is ---

    def read(self, arm: Arm) -> Document | None:
        """Find the endpoint by its name, else by its target and subnet; for a new one read its network."""
        found = super().read(arm)
        subnet = self._subnet
        if not subnet:
            return found
        if found is None:
            found = self._related(arm)
            self.id = (ResourceId.parse(found["id"]) if found else None) or self.id
        if found is None or self.allow_replace:
            self._read_network(arm, subnet.parent)
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
    def _subnet(self) -> ResourceId | None:
        return ResourceId.parse(str(at(self.desired, "properties.subnet.id")))

    def _related(self, arm: Arm) -> Document | None:
        target = at(self.desired, "properties.connection.privateLinkServiceId")
        listed = arm.list(self.id.subscription, f"{self.operations}.list", str(self.id.resource_group), doing=f"list the private endpoints beside {self.label}")
        for found in listed:
            connection = connection_of(found)
            if same_id(connection.get("privateLinkServiceId"), target) and same_id(at(found, "properties.subnet.id"), str(self._subnet)):
                return found
        return None

    # --- how it should be ---

    def defaults(self) -> Document:
        """An endpoint is where its network is, and its connection bears its name."""
        where = location(self._network["location"]) if self._network else UNKNOWN
        return {"location": where, "properties": {"connection": {"name": self.id.name, "manual": False}}}

    def wanted(self, actual: Document | None) -> Document:
        """The request's message is told once, when the request is made."""
        wish = super().wanted(actual)
        if actual is not None:
            wish.get("properties", {}).get("connection", {}).pop("requestMessage", None)
        return wish

    def replacement_wish(self, wish: Document) -> Document:
        """A new request tells its message again."""
        message = at(self.desired, "properties.connection.requestMessage")
        return t.cast(Document, merge(wish, {"properties": {"connection": {"requestMessage": message}}} if message else {}))

    def kept_when_replaced(self, actual: Document) -> Document:
        """Return tags and security groups."""
        groups = [{"id": item["id"]} for item in at(actual, "properties.applicationSecurityGroups") or []]
        return {**super().kept_when_replaced(actual), **({"properties": {"applicationSecurityGroups": groups}} if groups else {})}

    def canonical(self, actual: Document) -> Document:
        """Show the connection and the static address as wanted() does."""
        held = copy.deepcopy(actual)
        held["properties"]["connection"] = connection_of(actual)
        static = [at(item, "properties.privateIPAddress") for item in at(actual, "properties.ipConfigurations") or []]
        held["properties"]["privateIPAddress"] = static[0] if static else None
        return held

    def body(self, document: Document) -> Document:
        """Return Azure's form: connection and address in their lists. An existing endpoint's lists go back as they came."""
        clean = super().body(document)
        properties = clean.setdefault("properties", {})
        connection = properties.pop("connection", {})
        address = properties.pop("privateIPAddress", None)
        if any(slot in properties for slot in _SLOTS.values()):
            return clean
        manual = bool(connection.pop("manual", False))
        name = connection.pop("name", None)
        properties[_SLOTS[manual]] = [{"name": name, "properties": connection}]
        if address:
            group = next(iter(connection.get("groupIds") or []), None)
            member = prune({"groupId": group, "memberName": self.member if group else None, "privateIPAddress": address})
            properties["ipConfigurations"] = [{"name": f"{self.id.name}-{self.member}", "properties": member}]
        return clean

    def option_of(self, path: str) -> str:
        """Return the option that sets a path; modules name the target differently, and one of them lets its group be chosen."""
        if path.endswith(".groupIds") and self.target_option != super().option_of("properties.connection.privateLinkServiceId"):
            return "group_ids"
        return self.target_option if path.endswith(".privateLinkServiceId") else super().option_of(path)

    def plan(self, actual: Document | None) -> Plan:
        """An endpoint whose owner said no, or went, cannot become what was asked for by writing it again."""
        if actual is None and self.desired is not None:
            for option, path in (("subnet_id", "properties.subnet.id"), (self.target_option, "properties.connection.privateLinkServiceId")):
                if not at(self.desired, path):
                    raise OptionError(option, f"is needed to create {self.label}; set it.")
        plan = super().plan(actual)
        state = state_of(actual).get("status") if actual else None
        if actual and self.desired is not None and state in REFUSED and plan.action != "replace":
            if self.recreate:
                return self._recreation(actual, state)
            said = state_of(actual).get("description")
            raise Problem(
                f"The connection of {self.label} is {state}" + (f" ('{said}')" if said else ""),
                code=f"Connection{state}",
                resource_id=str(self.id),
                hint=REFUSED[state],
            )
        return plan

    def _recreation(self, actual: Document, state: str) -> Plan:
        """Return the plan that deletes the endpoint and makes it again: same name, place, target and address."""
        held = self.canonical(actual)["properties"]
        same = {
            "subnet": {"id": at(held, "subnet.id")},
            "connection": {key: held["connection"].get(key) for key in ("name", "privateLinkServiceId", "groupIds", "manual")},
            "privateIPAddress": self._address,
            "customNetworkInterfaceName": held.get("customNetworkInterfaceName") or None,
        }
        kept = merge({"location": actual["location"], "properties": same}, self.kept_when_replaced(actual))
        body = self.body(prune(merge(kept, self.replacement_wish(self.wanted(actual)))))
        after = "Pending" if at(body, f"properties.{_SLOTS[True]}") else "Approved"
        return Plan("replace", {"connectionState": state}, {"connectionState": after}, body)

    # --- before the first write ---

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Refuse a subnet that is missing or elsewhere, and an address that the subnet cannot give."""
        if plan.action not in ("create", "replace") or (plan.action == "replace" and not self.allow_replace):
            return
        address, subnet = at(self.desired, "properties.privateIPAddress"), self._subnet_there()
        planned = {"name": self._subnet.name, "properties": {"addressPrefixes": self.planned_prefixes}} if self._subnet and self.planned_prefixes else None
        if address and rehearsal and subnet is None and planned:
            check_address(address, planned)
        if self._network_hidden and plan.body.get("location") == UNKNOWN:
            raise OptionError("location", "is needed, because these credentials may not read the subnet's virtual network; name its region.")
        if self._network_hidden or (rehearsal and self._network is None):
            return
        if self._network is None or self._subnet is None:
            raise OptionError("subnet_id", f"the virtual network of '{self._subnet}' does not exist; create it first.", resource_id=str(self._subnet))
        there, asked = location(self._network["location"]), plan.body.get("location")
        if asked and location(asked) != there:
            raise OptionError(
                "location",
                f"'{asked}' is not the region of the subnet, which is in '{there}'; an endpoint is always in the region of its network, "
                "so leave location out, or choose another subnet.",
            )
        if subnet is None and not rehearsal:
            raise OptionError("subnet_id", f"there is no subnet '{self._subnet.name}' in virtual network '{self._subnet.parent.name}'; create it first.")
        if subnet is not None and address:
            check_address(address, subnet)
        if plan.action == "create":
            limits.refuse_full_network(self._network, self._subnet.name)
            self._check_target(arm, rehearsal)

    def _subnet_there(self) -> Document | None:
        name = self._subnet.name.casefold() if self._subnet else None
        return next((item for item in at(self._network, "properties.subnets") or [] if item["name"].casefold() == name), None)

    def _check_target(self, arm: Arm, rehearsal: bool) -> None:
        """Refuse a vault that is missing or full. Who requests a connection by hand often cannot read the vault; then its owner decides."""
        vault = ResourceId.parse(str(at(self.desired, "properties.connection.privateLinkServiceId")))
        if vault is None or not vault.is_type(VAULT):
            return
        try:
            found = KeyVault.look(arm, vault)
            if found is None and not rehearsal:
                raise OptionError(self.target_option, f"there is no key vault '{vault.name}' in resource group '{vault.resource_group}'; create it first.")
            if found is None:
                return
            limits.refuse_full_vault(found)
            if not limits.connections_of(found):
                vaults = arm.list(vault.subscription, "keyvault.vaults.list_by_subscription", doing=f"list the key vaults beside '{vault.name}'")
                limits.refuse_full_subscription(vaults, self.vaults_limit, vault.subscription)
        except ArmError as error:
            if error.status not in (401, 403):
                raise

    # --- what a task returns ---

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return address, network interface and state of the connection; the interface is read, for it alone always tells the address."""
        interface = at(document, "properties.networkInterfaces")
        nic_id = interface[0]["id"] if interface else self._planned_interface(document)
        nic = interface_of(arm, document) if exists else None
        static = [at(item, "properties.privateIPAddress") for item in at(document, "properties.ipConfigurations") or []]
        addresses = addresses_of(nic) or static
        state = state_of(document)
        planned = "Pending" if at(self.desired, "properties.connection.manual") else "Approved"
        return {
            "private_ip_address": or_unknown(addresses[0] if addresses else None, exists),
            "private_ip_addresses": addresses or ([] if exists else [UNKNOWN]),
            "network_interface_id": or_unknown(nic_id, exists),
            "connection_state": state.get("status") or (None if exists else planned),
            "connection_name": connection_of(document).get("name"),
            "dns_names": dns_names_of(document, nic),
        }

    def _planned_interface(self, document: Document) -> str | None:
        name = at(document, "properties.customNetworkInterfaceName")
        return str(ResourceId(self.id.subscription, self.id.resource_group, "Microsoft.Network/networkInterfaces", (name,))) if name else None


def connection_of(endpoint: Document | None) -> Document:
    """Return an endpoint's connection as one mapping: name, privateLinkServiceId, groupIds, requestMessage, manual."""
    for manual, slot in _SLOTS.items():
        for item in at(endpoint, f"properties.{slot}") or []:
            properties = item.get("properties", {})
            kept = {key: properties[key] for key in ("privateLinkServiceId", "groupIds", "requestMessage") if key in properties}
            return {"name": item.get("name"), "manual": manual, **kept}
    return {}


def state_of(endpoint: Document | None) -> Document:
    """Return status, description and actionsRequired of an endpoint's connection."""
    for slot in _SLOTS.values():
        for item in at(endpoint, f"properties.{slot}") or []:
            state = dict(at(item, "properties.privateLinkServiceConnectionState") or {})
            return {**state, "status": spelled(state.get("status"))} if state else {}
    return {}


def read_interface(arm: Arm, interface_id: str) -> Document | None:
    """Return a network interface by its id."""
    nic = ResourceId.parse(interface_id)
    if nic is None:
        return None
    return arm.find(nic.subscription, "network.network_interfaces.get", str(nic.resource_group), nic.name, doing=f"read network interface '{nic.name}'")


def interface_of(arm: Arm, endpoint: Document | None) -> Document | None:
    """Return the network interface of an endpoint, None where there is none yet."""
    interfaces = at(endpoint, "properties.networkInterfaces") or []
    return read_interface(arm, interfaces[0]["id"]) if interfaces else None


def addresses_of(interface: Document | None) -> list[str]:
    """Return the private addresses of a network interface."""
    return [at(item, "properties.privateIPAddress") for item in at(interface, "properties.ipConfigurations") or [] if at(item, "properties.privateIPAddress")]


def dns_names_of(endpoint: Document, interface: Document | None) -> list[str]:
    """Return the names that the endpoint serves, as the network interface or, without a zone group, the endpoint tells them."""
    told = [name for item in at(interface, "properties.ipConfigurations") or [] for name in at(item, "properties.privateLinkConnectionProperties.fqdns") or []]
    custom = [item["fqdn"] for item in at(endpoint, "properties.customDnsConfigs") or [] if item.get("fqdn")]
    return list(dict.fromkeys([*told, *custom]))


def check_address(address: str, subnet: Document) -> None:
    """Refuse a static address that is not in the subnet, or that Azure keeps for itself (the first four and the last)."""
    prefixes = at(subnet, "properties.addressPrefixes") or [at(subnet, "properties.addressPrefix")]
    for prefix in prefixes:
        network = ipaddress.ip_network(prefix)
        wanted = ipaddress.ip_address(address)
        if wanted not in network:
            continue
        offset = int(wanted) - int(network.network_address)
        if offset < 4 or wanted == network.broadcast_address:
            raise OptionError("private_ip_address", f"'{address}' is one of the five addresses of {prefix} that Azure keeps; choose another.")
        return
    raise OptionError("private_ip_address", f"'{address}' is outside the subnet '{subnet['name']}' ({', '.join(prefixes)}); choose an address inside.")
