# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documents of private endpoints and their network interfaces say. Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import copy
import ipaddress
import typing as t

from .._errors import OptionError
from .compare import Document, at
from .ids import VAULT, ResourceId
from .states import REFUSED, spelled

# Azure keeps the connection in one of two lists: approved with the caller's own permissions, or requested manually.
SLOTS = {False: "privateLinkServiceConnections", True: "manualPrivateLinkServiceConnections"}


def connection_of(endpoint: Document | None) -> Document:
    """Return an endpoint's connection as one mapping: name, privateLinkServiceId, groupIds, requestMessage, manual."""
    for manual, slot in SLOTS.items():
        for item in at(endpoint, f"properties.{slot}") or []:
            properties = item.get("properties", {})
            kept = {key: properties[key] for key in ("privateLinkServiceId", "groupIds", "requestMessage") if key in properties}
            return {"name": item.get("name"), "manual": manual, **kept}
    return {}


def state_of(endpoint: Document | None) -> Document:
    """Return status, description and actionsRequired of an endpoint's connection."""
    for slot in SLOTS.values():
        for item in at(endpoint, f"properties.{slot}") or []:
            state = dict(at(item, "properties.privateLinkServiceConnectionState") or {})
            return {**state, "status": spelled(state.get("status"))} if state else {}
    return {}


def made_with(endpoint: Document) -> Document:
    """Return an endpoint's connection as connection_of() does, with everything that a client may write of it."""
    for manual, slot in SLOTS.items():
        for item in at(endpoint, f"properties.{slot}") or []:
            azures = ("provisioningState", "privateLinkServiceConnectionState")
            return {
                "name": item.get("name"),
                "manual": manual,
                **{key: value for key, value in item.get("properties", {}).items() if key not in azures},
            }
    return {}


def is_alive(endpoint: Document) -> bool:
    """Return whether an endpoint serves, or may serve when its owner approves: neither refused nor failed."""
    return state_of(endpoint).get("status") not in REFUSED and spelled(at(endpoint, "properties.provisioningState")) not in (
        "Failed",
        "Canceled",
        "Deleting",
    )


def addresses_of(interface: Document | None) -> list[str]:
    """Return the private addresses of a network interface."""
    return [
        at(item, "properties.privateIPAddress")
        for item in at(interface, "properties.ipConfigurations") or []
        if at(item, "properties.privateIPAddress")
    ]


def static_addresses(endpoint: Document | None) -> list[str]:
    """Return the static addresses of an endpoint's configuration."""
    return [at(item, "properties.privateIPAddress") for item in at(endpoint, "properties.ipConfigurations") or []]


def dns_names_of(endpoint: Document, interface: Document | None) -> list[str]:
    """Return the names that the endpoint serves, from the network interface or, without a zone group, from the endpoint."""
    of_interface = [
        name
        for item in at(interface, "properties.ipConfigurations") or []
        for name in at(item, "properties.privateLinkConnectionProperties.fqdns") or []
    ]
    custom = [item["fqdn"] for item in at(endpoint, "properties.customDnsConfigs") or [] if item.get("fqdn")]
    return list(dict.fromkeys([*of_interface, *custom]))


def canonical(endpoint: Document) -> Document:
    """Return an endpoint with its connection as one mapping, "connection", and its static address as "privateIPAddress"."""
    current = copy.deepcopy(endpoint)
    current["properties"]["connection"] = connection_of(endpoint)
    static = static_addresses(endpoint)
    current["properties"]["privateIPAddress"] = static[0] if static else None
    return current


def fits(address: str | None, subnet: Document | None) -> bool:
    """Return whether a subnet, None where it cannot be read, can give a static address."""
    if address is None or subnet is None:
        return False
    try:
        check_address(address, subnet, "")
    except OptionError:
        return False
    return True


def check_address(address: str, subnet: Document, option: str) -> None:
    """Refuse a static address that is not in the subnet, or that Azure keeps for itself (the first four and the last)."""
    prefixes = at(subnet, "properties.addressPrefixes") or [at(subnet, "properties.addressPrefix")]
    for prefix in prefixes:
        network = ipaddress.ip_network(prefix)
        wanted = ipaddress.ip_address(address)
        if wanted not in network:
            continue
        offset = int(wanted) - int(network.network_address)
        if offset < 4 or wanted == network.broadcast_address:
            raise OptionError(option, f"'{address}' is one of the five addresses of {prefix} that Azure reserves; choose another.")
        return
    raise OptionError(option, f"'{address}' is outside the subnet '{subnet['name']}' ({', '.join(prefixes)}); choose an address inside.")


def vault_uri(target: t.Any, suffix: str) -> Document:
    """Return the address of the vault that an endpoint leads to, which follows from its name; nothing for other targets."""
    vault = ResourceId.parse(str(target))
    return {"vault_uri": f"https://{vault.name.casefold()}.{suffix}/"} if vault and vault.is_type(VAULT) else {}
