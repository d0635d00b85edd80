# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules that manage a private endpoint. The options are module_utils/_recipes/endpoint.py, OPTIONS."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.endpoint."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - Name of the private endpoint.
      - Required unless O(id) is given.
    type: str
  id:
    description: ID of the private endpoint, read like its O(name). It takes the place of O(name), O(resource_group) and O(subscription_id).
    type: str
  resource_group:
    description: Resource group of the private endpoint. Required unless O(id) is given.
    type: str
  subnet_id:
    description: ID of the subnet from which the address is taken. Needed to create the endpoint.
    type: str
  subnet_address_prefixes:
    description:
      - Address ranges that the subnet is going to have, where a task before this one makes it.
      - Only check mode reads it, to tell whether O(private_ip_address) fits into a subnet that does not exist yet.
    type: list
    elements: str
  location:
    description: Region of the endpoint, which is always that of its virtual network. By default it is taken from there.
    type: str
  connection_name:
    description: Name of the connection, under which a vault lists it too. By default the name of the endpoint.
    type: str
  manual_request:
    description:
      - Whether to request the connection and wait for the owner to approve it, instead of approving it with one's own rights on the target.
      - A request is done when it is V(Pending).
    type: bool
  request_message:
    description: What to tell the owner with a manual request, up to 140 characters. It is told once and cannot be changed.
    type: str
  private_ip_address:
    description: Address to take from the subnet. By default Azure chooses. It cannot be changed later.
    type: str
  network_interface_name:
    description: Name of the network interface. By default Azure chooses. It cannot be changed later.
    type: str
    aliases: [custom_network_interface_name]
  application_security_group_ids:
    description: IDs of application security groups of the endpoint. The list is the whole list.
    type: list
    elements: str
  private_dns_zone_ids:
    description:
      - IDs of private DNS zones in which Azure keeps the records of the endpoint, up to five. The records are compared too, and written again where a
        zone lost one; RV(dns) tells what the zones hold.
      - An empty list removes the endpoint's DNS zone group; leaving it out leaves the group alone.
    type: list
    elements: str
  allow_other_zone:
    description:
      - Whether O(private_dns_zone_ids) may name zones in which the name of a key vault or managed HSM is not looked up. Azure writes no record into
        such a zone and reports no error.
      - Without it, an endpoint for a key vault takes the cloud's zone of key vaults, in Azure V(privatelink.vaultcore.azure.net), and one for a managed
        HSM takes the cloud's zone of managed HSMs. Zones of endpoints for anything else are not checked.
    type: bool
    default: false
  private_dns_zone_group_name:
    description: Name of a new DNS zone group. An existing one is used, whatever its name.
    type: str
    default: default
  replace_records:
    description:
      - Whether a DNS zone group may take over a record of the vault's name that holds addresses of others, such as another endpoint of the vault.
      - Azure leaves only this endpoint's address in it. Without it, such a record is an error that says whose addresses they are.
    type: bool
    default: false
  adopt:
    description:
      - Whether to use an endpoint of another name that joins the same target and the same subnet, such as one that Azure Policy or the portal created.
        Of several, the one that works is used; if more than one does, they are named in an error.
      - RV(adopted), RV(adoption) and RV(id) tell which one it is. With O(state=absent) only the endpoint of the name that is given is removed.
      - Tags and DNS zones that it has stay, and it is never deleted for O(allow_replace) or O(recreate); set O(name) to its own name for that.
      - With V(false) another endpoint is created beside it.
    type: bool
    default: true
  allow_replace:
    description:
      - Whether an endpoint is deleted and created again to change what Azure cannot change in place. In between, the target is not reachable through it.
      - What no option mentions is kept, among it a manual request with its message, the names of connection and network interface, a static address that
        the subnet still gives, application security groups, tags and the DNS zone group. The diff shows in full what is deleted.
    type: bool
    default: false
  recreate:
    description:
      - Whether an endpoint whose connection is V(Rejected) or V(Disconnected) is deleted and created again, with the same name and address and all
        else that it was made with.
      - Without it, such an endpoint is an error that says so.
    type: bool
    default: false
  vaults_with_endpoints_limit:
    description:
      - How many key vaults of a subscription may have private endpoints. It is checked before an endpoint for a vault without one is created.
      - Microsoft raises the limit of a subscription on request; set it to what was granted. V(0) leaves the limit to Azure.
    type: int
    default: 400
  endpoints_per_vault_limit:
    description:
      - How many private endpoints a key vault may have. It is checked before another endpoint for the vault is created; connections that were rejected or
        disconnected do not count.
      - Set it to what Microsoft granted. V(0) leaves the limit to Azure.
    type: int
    default: 64
  endpoints_per_network_limit:
    description:
      - How many private endpoints a virtual network may have. By default 1,000, and 5,000 for a network with high-scale private endpoints, which Azure
        shows as V(privateEndpointVNetPolicies) V(Basic).
      - V(0) leaves the limit to Azure.
    type: int
"""
