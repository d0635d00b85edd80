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
    description: ID of the private endpoint. Use it instead of O(name), O(resource_group) and O(subscription_id).
    type: str
  resource_group:
    description: Resource group of the private endpoint. Required unless O(id) is given.
    type: str
  subnet_id:
    description: ID of the subnet of the private IP address, in the subscription of the endpoint. Required to create the endpoint.
    type: str
  subnet_address_prefixes:
    description:
      - Address ranges that the subnet will have, if an earlier task creates it.
      - Only used in check mode, to check O(private_ip_address) against a subnet that does not exist yet.
    type: list
    elements: str
  location:
    description: Region of the endpoint. It must be the region of its virtual network, which is the default.
    type: str
  connection_name:
    description: Name of the connection, also shown in the vault. By default the name of the endpoint.
    type: str
  manual_request:
    description:
      - Whether to request the connection from the owner, instead of approving it with the permissions of these credentials on the target.
      - The task does not wait for the approval; V(Pending) is a normal result.
    type: bool
  request_message:
    description: Message to the owner with a manual request, up to 140 characters. It cannot be changed later.
    type: str
  private_ip_address:
    description: Static private IP address from the subnet. By default Azure chooses one. It cannot be changed later.
    type: str
  network_interface_name:
    description: Name of the network interface. By default Azure chooses one. It cannot be changed later.
    type: str
    aliases: [custom_network_interface_name]
  application_security_group_ids:
    description: IDs of all application security groups of the endpoint. Groups that are not listed are removed.
    type: list
    elements: str
  private_dns_zone_ids:
    description:
      - IDs of up to five private DNS zones in which Azure manages the records of the endpoint. The records are compared too, and written
        again if they are missing; RV(dns) shows the records in the zones.
      - An empty list deletes the endpoint's DNS zone group; leave it out to keep the group unchanged.
    type: list
    elements: str
  allow_other_zone:
    description:
      - Whether to allow zones in O(private_dns_zone_ids) that do not resolve the name of a key vault or managed HSM. Azure writes no record
        into such a zone and reports no error.
      - By default, an endpoint for a key vault requires the cloud's zone of key vaults, in Azure V(privatelink.vaultcore.azure.net), and
        one for a managed HSM requires the cloud's zone of managed HSMs. Zones of endpoints for other targets are not checked.
    type: bool
    default: false
  private_dns_zone_group_name:
    description: Name of a new DNS zone group. An existing one is used, whatever its name.
    type: str
    default: default
  replace_records:
    description:
      - Whether the DNS zone group may overwrite a record of the vault that contains other addresses, such as those of another endpoint.
      - Azure keeps only this endpoint's address. By default, such a record is an error that lists the other addresses.
    type: bool
    default: false
  adopt:
    description:
      - Whether to use an existing endpoint with another name, the same target and the same subnet, such as one created by Azure Policy or
        in the portal. If there are several, the one that works is used; if more than one works, the task fails and lists them.
      - RV(adopted), RV(adoption) and RV(id) show which one is used. O(state=absent) deletes only the endpoint with the given name.
      - Its tags and DNS zones are kept, and it is never deleted for O(allow_replace) or O(recreate); to allow that, set O(name) to its
        name.
      - With V(false) a second endpoint is created.
    type: bool
    default: true
  allow_replace:
    description:
      - Whether to delete and recreate an endpoint to change what Azure cannot change in place. Until then the target is not reachable
        through it.
      - Settings without an option are kept, including a manual request with its message, the names of connection and network interface, a
        static address that is still available, application security groups, tags and the DNS zone group. The diff shows everything that is
        deleted.
    type: bool
    default: false
  recreate:
    description:
      - Whether to delete and recreate an endpoint with a V(Rejected) or V(Disconnected) connection, with the same name, address and
        other settings.
      - By default, such an endpoint is an error.
    type: bool
    default: false
  vaults_with_endpoints_limit:
    description:
      - How many key vaults of a subscription may have private endpoints. Checked before an endpoint for a vault without one is created.
      - Microsoft raises the limit of a subscription on request; set it to the granted limit. V(0) skips the check.
    type: int
    default: 400
  endpoints_per_vault_limit:
    description:
      - How many private endpoints a key vault may have. Checked before another endpoint for the vault is created; connections that were
        rejected or disconnected do not count.
      - Set it to the limit that Microsoft granted. V(0) skips the check.
    type: int
    default: 64
  endpoints_per_network_limit:
    description:
      - How many private endpoints a virtual network may have. By default 1,000, and 5,000 for a network with high-scale private endpoints,
        which Azure shows as V(privateEndpointVNetPolicies) V(Basic).
      - V(0) skips the check.
    type: int
"""
