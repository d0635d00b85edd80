# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks that mend what a check found, as YAML text that can be pasted into a playbook or a file of tasks. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from .._documents.compare import Document, at
from .._documents.ids import ENDPOINT, ResourceId
from .._documents.yaml_text import Variable, yaml_text
from .evidence import AZURE_DNS, Network, Zone, named
from .examined import Examined, Route
from .proof import folded

# What a task needs and nothing in Azure tells; hints name them.
SUBNET, WORKSPACE, HOST = "private_endpoint_subnet_id", "log_analytics_workspace_id", "probe_host"


class Task(t.NamedTuple):
    """A task: its name, the module of this collection, the options of which those that are None are left out, and other keywords."""

    name: str
    module: str
    options: Document
    keywords: t.Mapping[str, str] = {}


def tasks_text(tasks: t.Iterable[Task]) -> str:
    """Return tasks as YAML."""
    return "".join(map(_task_text, tasks))


def _task_text(task: Task) -> str:
    given = {key: value for key, value in task.options.items() if value is not None}
    body = "".join(f"    {line}\n" for line in yaml_text(given).splitlines())
    more = "".join(f"  {line}\n" for line in yaml_text(task.keywords).splitlines())
    return f"- {yaml_text({'name': task.name})}  privatelink.azure.{task.module}:\n{body}{more}"


def new_endpoint(examined: Examined, subnet_id: str) -> Task:
    """Return the task that creates an endpoint of the vault in a subnet, empty for one that a variable names."""
    group, subnet = examined.vault.id.resource_group, ResourceId.parse(subnet_id)
    network = subnet.parent.name if subnet else "endpoint"
    home = subnet.subscription if subnet else examined.vault.id.subscription  # an endpoint is in the subscription of its network
    endpoint = ResourceId(home, group, ENDPOINT, (f"{examined.name}-{network}"[:80].rstrip("-._"),))
    around, network_id = examined.around, str(subnet.parent) if subnet else ""
    linked = [zone_id for zone_id, _link in around.linked(network_id) if named(zone_id, around.vault_zone)]
    zones = linked or (around.zone_ids if len(around.zone_ids) == 1 else None)
    options = {"id": str(endpoint), "vault_id": examined.id, "subnet_id": subnet_id or Variable(SUBNET), "private_dns_zone_ids": zones}
    return Task(f"Create a private endpoint of key vault {examined.name}", "keyvault_private_endpoint", options)


def again(route: Route, vault_id: str, **options: t.Any) -> Task:
    """Return the task that writes an endpoint again as it is."""
    document = route.endpoint.document
    known = {"id": route.endpoint.id, "vault_id": vault_id, "subnet_id": at(document, "properties.subnet.id"), **options}
    return Task(f"Write private endpoint {_name(route.endpoint.id)} again", "keyvault_private_endpoint", known)


def decided(connection: Document) -> Task:
    """Return the task that approves a connection."""
    name = f"Approve private endpoint {_name(connection['endpoint_id'] or connection['id'])}"
    return Task(name, "endpoint_connection_approval", {"id": connection["id"], "status": "Approved"})


def decision(connection: Document) -> Variable:
    """Return the variable with the owner's decision on a request."""
    return Variable(f"status_of_{_word(_name(connection['endpoint_id'] or connection['id']))}")


def undecided(connection: Document) -> Task:
    """Return the task that decides on a request as a variable says."""
    name = f"Decide on private endpoint {_name(connection['endpoint_id'] or connection['id'])}"
    return Task(name, "endpoint_connection_approval", {"id": connection["id"], "status": decision(connection)})


def removed(connection: Document) -> Task:
    """Return the task that removes a connection of no use, or the endpoint whose connection is gone."""
    if connection.get("removed"):
        return Task(
            f"Delete private endpoint {_name(connection['id'])}",
            "keyvault_private_endpoint",
            {"id": connection["id"], "state": "absent"},
        )
    name = f"Remove connection {_name(connection['id'])}"
    return Task(name, "endpoint_connection_approval", {"id": connection["id"], "state": "absent"})


def zone(zone_id: str) -> Task:
    """Return the task that creates a zone."""
    return Task(f"Create private DNS zone {_name(zone_id)}", "private_dns_zone", {"id": zone_id})


def record(examined: Examined, route: Route, zone_id: str) -> Task:
    """Return the task that writes the record: by the zone group where the endpoint has one, else the record itself."""
    if route.by_group:
        # a group refuses to overwrite addresses that it does not know, unless it is told to
        wrong = any(zone.id.casefold() == zone_id.casefold() and zone.addresses for zone in route.evidence.zones)
        return again(route, examined.id, private_dns_zone_ids=[zone_id], replace_records=True if wrong else None)
    writers = [each for each in examined.routes if not each.by_group and _writes_into(each, zone_id)] or [route]
    addresses = list(dict.fromkeys(address for each in writers for address in each.path.addresses))
    options = {"zone_id": zone_id, "name": route.evidence.record, "ipv4_addresses": addresses, "mode": "replace"}
    return Task(f"Write the A record of key vault {examined.name}", "private_dns_a_record", options)


def _writes_into(route: Route, zone_id: str) -> bool:
    return any(zone.id.casefold() == zone_id.casefold() for zone in route.evidence.zones)


def without(examined: Examined, zone_id: str, addresses: t.Sequence[str]) -> Task:
    """Return the task that takes others' addresses out of the record."""
    options = {"zone_id": zone_id, "name": examined.name.casefold(), "ipv4_addresses": list(addresses), "state": "absent"}
    return Task(f"Remove the addresses of others from the record of key vault {examined.name}", "private_dns_a_record", options)


def zone_of(examined: Examined, zones: t.Sequence[Zone], *network_ids: str) -> str:
    """Return the zone that is meant, of those that have the vault's record or should, a variable where nothing tells.

    It is the only one, else the one with an address of the vault, else the one that these networks are linked to, or others of the vault.
    """
    everywhere = {folded(network.id) for route in examined.routes for network in route.evidence.networks}
    left = list({folded(zone.id): zone for zone in zones}.values())
    for fits in (
        lambda zone: bool({*examined.addresses} & {*(zone.addresses or ())}),
        lambda zone: any(folded(each.network_id) in map(folded, network_ids) for each in zone.links),
        lambda zone: any(folded(each.network_id) in everywhere for each in zone.links),
    ):
        left = [zone for zone in left if fits(zone)] or left
    return left[0].id if len(left) == 1 else Variable(f"zone_id_of_{_word(examined.name)}")


def which_zone(examined: Examined, zone_ids: t.Iterable[str | None]) -> str:
    """Return a sentence about the variable for a zone, empty where none of these is one."""
    variable = next((each for each in zone_ids if isinstance(each, Variable)), None)
    zones = ", ".join(zone.id for zone in examined.zones)
    return (
        f" Set the variable {variable}, which the task in fix uses, to one of the zones with the vault's record: {zones}."
        if variable
        else ""
    )


def link(zone_id: str, network_id: str) -> Task:
    """Return the task that links a network to a zone."""
    options = {"zone_id": zone_id, "virtual_network_id": network_id}
    return Task(f"Link virtual network {_name(network_id)} to the zone", "private_dns_zone_link", options)


def unlink(link_id: str) -> Task:
    """Return the task that deletes a link."""
    return Task(f"Delete link {_name(link_id)}", "private_dns_zone_link", {"id": link_id, "state": "absent"})


def without_registration(link_document: Document) -> Task:
    """Return the task that turns registration off."""
    options = {
        "id": link_document["id"],
        "virtual_network_id": at(link_document, "properties.virtualNetwork.id"),
        "registration_enabled": False,
    }
    return Task(f"Turn registration off in link {_name(str(link_document['id']))}", "private_dns_zone_link", options)


def closed(examined: Examined) -> Task:
    """Return the task that closes public access, which proves the private path first."""
    groups = {route.by_group for route in examined.routes}
    by_record = groups == {False}
    networks = list(examined.wanted.virtual_network_ids)
    own = {network.id: None for route in examined.routes for network in route.evidence.networks}
    options: Document = {
        "vault_id": examined.id,
        "dns": "a_record" if by_record else "zone_group",
        "zone_id": zone_of(examined, examined.zones, *own) if by_record and examined.zones else None,
        "virtual_network_ids": list(own) if networks else None,
    }
    return Task(f"Disable public access of key vault {examined.name}", "keyvault_public_network_access", options)


def setting(examined: Examined, what: str, **options: t.Any) -> Task:
    """Return the task that changes a setting of the vault."""
    return Task(f"{what} of key vault {examined.name}", "keyvault", {"id": examined.id, **options})


def lock(examined: Examined) -> Task:
    """Return the task that protects the vault from deletion."""
    options = {"name": "keep", "managed_resource_id": examined.id, "level": "CanNotDelete"}
    return Task(f"Protect key vault {examined.name} from deletion", "management_lock", options)


def kept_logs(examined: Examined) -> Task:
    """Return the task that keeps the vault's audit log in the workspace that a variable names."""
    options = {"name": "audit", "resource": examined.id, "log_analytics": Variable(WORKSPACE), "logs": [{"category_group": "audit"}]}
    return Task(f"Keep the audit log of key vault {examined.name}", "diagnostic_setting", options)


def host_in(network: Network) -> Variable:
    """Return the variable that names a host of a network."""
    return Variable(f"{HOST}_in_{_place(network)}")


def _place(network: Network) -> str:
    """Return group and name of a network as a part of a variable's name: many networks are called alike."""
    found = ResourceId.parse(network.id)
    return _word("_".join([str(found.resource_group), *found.names]) if found else network.name)


def probe(examined: Examined, network: Network | None = None) -> Task:
    """Return the task that proves the private path from a host in a network, of whose own DNS servers each is asked, too."""
    options = {
        "host": examined.host,
        "private_ip_addresses": [each for each in examined.addresses if _is_ipv4(each)] or None,
        "dns_servers": [each for each in network.dns_servers if each != AZURE_DNS and _is_ipv4(each)] or None if network else None,
        "virtual_network_id": network.id if network else None,
    }
    where = f"a host in virtual network {network.name}" if network else "a host inside its network"
    keywords = {
        "delegate_to": host_in(network) if network else Variable(HOST),
        "register": "_".join(["probe", _word(examined.name), *([_place(network)] if network else [])]),
    }
    return Task(f"Probe key vault {examined.name} from {where}", "keyvault_probe_info", options, keywords)


def _is_ipv4(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).version == 4
    except ValueError:
        return False


def _word(name: str) -> str:
    """Return a name as a part of a variable's name."""
    return re.sub(r"[^a-z0-9]", "_", name.casefold())


def _name(resource_id: str) -> str:
    return resource_id.rstrip("/").rpartition("/")[2]
