# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, change or delete private key vaults, one or many in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: private_vaults
short_description: Manage private key vaults, one or hundreds, in one task
version_added: 0.1.0
description:
  - Creates key vaults that are reachable only through private endpoints, each with its endpoints, approval, DNS, role assignments,
    diagnostic settings and locks, or brings existing vaults into this state.
  - Everything is read, planned and checked before the first write. What vaults share is created once. Vaults are written in parallel, as
    fast as the rate limits of Azure allow.
  - A new vault is created without public access. Public access of an existing vault is disabled last, and only once its private path is
    proven.
  - Each vault has its own result. A failure of one vault neither stops nor hides the others; the task fails at the end and names them.
author: privatelink.azure maintainers (@privatelink)
options:
  defaults:
    description: Settings for all vaults, each as in O(vaults). What a vault or an endpoint sets itself takes precedence; tags are merged.
    type: dict
    suboptions: &vault
      state:
        description: Whether the vault, or the endpoint, exists. C(absent) deletes what is named here and nothing that is shared.
        type: str
        choices: [present, absent]
      subscription_id:
        description: Subscription of the vault and its endpoints; by default the subscription of the task.
        type: str
      resource_group:
        description: >-
          Resource group of the vault, the network and the endpoint. Required unless C(id) is given. It is created if it does not exist.
        type: str
      resource_group_location:
        description: Region of a new resource group, by default C(location). If set, an existing group must be there.
        type: str
      location:
        description: Region of the vault and of a new network.
        type: str
      providers:
        description: >-
          Namespaces of the resource providers to register; an empty list if they are registered elsewhere; by default V(Microsoft.KeyVault,
          Microsoft.Network).
        type: list
        elements: str
      sku:
        description: SKU of the vault; V(standard) by default for new vaults.
        type: str
        choices: [standard, premium]
      purge_protection:
        description: >-
          Whether purge protection is on: a deleted vault cannot be purged until its retention period ends. It cannot be turned off again;
          by default V(true).
        type: bool
      enable_rbac_authorization:
        description: Whether Azure RBAC controls access to the contents, instead of access policies; V(true) by default for new vaults.
        type: bool
      enabled_for_deployment:
        description: Whether virtual machines may retrieve certificates from the vault.
        type: bool
      enabled_for_disk_encryption:
        description: Whether Azure Disk Encryption may retrieve secrets and unwrap keys.
        type: bool
      enabled_for_template_deployment:
        description: Whether Azure Resource Manager may retrieve secrets.
        type: bool
      soft_delete_retention_in_days:
        description: Number of days, 7 to 90, for which a deleted vault can be recovered; it can only be set when the vault is created.
        type: int
      recover:
        description: Whether to recover a soft-deleted vault of this name, with all its contents; by default V(false).
        type: bool
      purge:
        description: >-
          Whether C(state=absent) also purges the vault, which permanently deletes its contents. A vault with purge protection is refused.
        type: bool
      public_network_access:
        description:
          - Whether the vault accepts connections from public networks. A new vault does so only with V(Enabled).
          - >-
            Public access of an existing vault is disabled last, and only once the private path is proven. V(Enabled) does not change its
            firewall.
          - >-
            One of V(Disabled), V(SecuredByPerimeter), V(Enabled). A vault with V(SecuredByPerimeter), which is stricter than V(Disabled),
            keeps it; by default V(Disabled).
        type: str
        choices: [Disabled, SecuredByPerimeter, Enabled]
      close:
        description: >-
          Whether to disable the public access of an open vault once the private path is proven. By default true, and false for a vault with
          C(id).
        type: bool
      accept_unproven_dns:
        description:
          - >-
            Whether to close an open vault although Azure's control plane cannot prove how names resolve, for example with custom DNS
            servers.
          - >-
            Set it only if you know that the networks resolve the vault's name to the private address; C(probe_host) proves it; by default
            V(false).
        type: bool
      callers_days:
        description: >-
          How many days of the vault's audit log to check for callers that would lose access, 0 to 730. An open vault with such callers, or
          without a readable log, is not closed. By default 0, which checks none.
        type: int
      accepted_callers:
        description: >-
          Callers that may lose access, with C(callers_days): IP addresses, ranges in CIDR notation, user principal names, object IDs or
          application IDs.
        type: list
        elements: str
      endpoint_name:
        description: Name of the private endpoint, by default the name of the vault followed by V(-endpoint).
        type: str
      endpoint_resource_group:
        description: >-
          Resource group of the endpoints, in the subscription of their subnet; by default the one with the name of the vault's group. One
          that is not the group of a vault of this task must exist already.
        type: str
      subnet_id:
        description: >-
          ID of an existing subnet, in any subscription; if set, no network is created. An endpoint is created in the subscription of its
          subnet, since Azure allows no other.
        type: str
      network_name:
        description: Name of the virtual network, by default the name of the vault followed by V(-network).
        type: str
      network_location:
        description: Region of the network and the endpoint, by default C(location).
        type: str
      network_address_prefixes:
        description: All address ranges of the network in CIDR notation; required unless C(subnet_id) is set.
        type: list
        elements: str
      network_dns_servers:
        description: DNS servers of the network, in order of preference. Leave it out to keep the existing ones.
        type: list
        elements: str
      subnet_name:
        description: Name of the subnet; by default V(endpoints).
        type: str
      subnet_address_prefixes:
        description: Address ranges of the subnet in CIDR notation; required unless C(subnet_id) is set.
        type: list
        elements: str
      network_policies:
        description: Which network policies apply to private endpoints in the subnet; by default none, as in Azure's guide.
        type: str
        choices: [Disabled, Enabled, NetworkSecurityGroupEnabled, RouteTableEnabled]
      subnet_network_security_group_id:
        description: ID of a network security group for the subnet.
        type: str
      subnet_route_table_id:
        description: ID of a route table for the subnet.
        type: str
      subnet_service_endpoints:
        description: All service endpoints of the subnet, such as V(Microsoft.KeyVault). Service endpoints that are not listed are removed.
        type: list
        elements: str
      subnet_default_outbound_access:
        description: Whether virtual machines of the subnet have default outbound access to the internet.
        type: bool
      dns:
        description:
          - Who writes the vault's address into the private DNS zone.
          - >-
            V(zone_group) lets Azure manage the record, as in the portal. V(a_record) writes it once the connection is approved, as in the
            guide.
          - V(policy) writes nothing and waits until Azure Policy has created the DNS zone group and the record.
          - V(none) does not change DNS, for example if a DNS team manages it; by default V(zone_group).
        type: str
        choices: [zone_group, a_record, policy, none]
      zone_id:
        description: ID of an existing zone, in any subscription; if set, no zone is created.
        type: str
      zone_name:
        description: Name of the zone, by default the private link zone of key vaults in the cloud.
        type: str
      zone_resource_group:
        description: Resource group of the zone, by default C(resource_group); a different group must exist already.
        type: str
      zone_subscription_id:
        description: Subscription of the zone, if it is not the subscription of the credentials.
        type: str
      zone_group_name:
        description: Name of a new DNS zone group, V(default) by default. An existing zone group is used, whatever its name.
        type: str
      link:
        description: Whether to link the zone to the endpoint's network; by default only if C(zone_id) is not set.
        type: bool
      linked_network_ids:
        description: IDs of further virtual networks to link the zone to.
        type: list
        elements: str
      registration_enabled:
        description: >-
          Whether virtual machines of the networks register their names in the zone; rarely right for a private link zone; by default
          V(false).
        type: bool
      resolution_policy:
        description: >-
          How a name without a record in the zone is resolved. V(NxDomainRedirect) falls back to public DNS, V(Default) returns NXDOMAIN.
        type: str
        choices: [Default, NxDomainRedirect]
      record_mode:
        description:
          - >-
            With C(dns: a_record), V(add) keeps other addresses, V(replace) removes them.
          - >-
            With C(dns: zone_group), Azure overwrites other addresses, so with V(add) the run fails if the record holds any; by default
            V(add).
        type: str
        choices: [add, replace]
      record_ttl:
        description: >-
          With C(dns: a_record), time to live of the record in seconds; 3600 by default for new records.
        type: int
      policy_timeout:
        description: >-
          With C(dns: policy), maximum number of seconds to wait for Azure Policy; by default V(1800).
        type: int
      connection_name:
        description: Name of the connection, by default the name of the endpoint.
        type: str
      private_ip_address:
        description: Static private IP address from the subnet; by default Azure chooses one.
        type: str
      network_interface_name:
        description: Name of the endpoint's network interface; by default Azure chooses.
        type: str
      application_security_group_ids:
        description: IDs of all application security groups of the endpoint; leave it out to keep the existing ones.
        type: list
        elements: str
      manual_request:
        description: >-
          Whether to request the connection from the vault's owner, instead of approving it with the rights of these credentials on the
          vault; by default V(false).
        type: bool
      request_message:
        description: Message to the owner with a manual request, up to 140 characters.
        type: str
      approve:
        description: >-
          Whether to approve the request of this endpoint, which requires the owner's rights on the vault; no other connection is approved;
          by default V(false).
        type: bool
      approval_description:
        description: Reason for the approval, shown to the requester.
        type: str
      adopt:
        description:
          - Whether to use an existing endpoint with another name that connects the same vault and the same subnet.
          - With V(false) a second endpoint is created; by default V(true).
        type: bool
      allow_replace:
        description:
          - Whether to delete and recreate an endpoint to change what Azure cannot change in place.
          - Until the new endpoint exists, the vault is not reachable through it; by default V(false).
        type: bool
      recreate:
        description: >-
          Whether to delete and recreate an endpoint with a V(Rejected) or V(Disconnected) connection, with the same name and address; by
          default V(false).
        type: bool
      vaults_with_endpoints_limit:
        description: >-
          How many vaults of the subscription may have private endpoints, 400 by default. Set it if Microsoft granted a higher limit.
        type: int
      endpoints_per_vault_limit:
        description: How many private endpoints a vault may have, 64 by default. Set it if Microsoft granted a higher limit.
        type: int
      endpoints_per_network_limit:
        description: How many private endpoints a virtual network may have, by default Azure's limit.
        type: int
      role_assignments:
        description: Roles on the vault; other assignments are kept.
        type: list
        elements: dict
        suboptions:
          role_definition_id:
            description: Name of the role, or ID or GUID of its role definition.
            type: str
            required: true
          assignee_object_id:
            description: Object ID of the user, group or service principal; for an application it is not the client ID.
            type: str
            required: true
          principal_type:
            description: Type of the principal; set it for a principal that was created recently.
            type: str
            choices: [User, Group, ServicePrincipal, ForeignGroup]
          description:
            description: Description of the assignment.
            type: str
          condition:
            description: Condition (ABAC, version 2.0) under which the role applies.
            type: str
      endpoint_role_assignments:
        description: Roles on the endpoint; other assignments are kept.
        type: list
        elements: dict
        suboptions:
          role_definition_id:
            description: Name of the role, or ID or GUID of its role definition.
            type: str
            required: true
          assignee_object_id:
            description: Object ID of the user, group or service principal; for an application it is not the client ID.
            type: str
            required: true
          principal_type:
            description: Type of the principal; set it for a principal that was created recently.
            type: str
            choices: [User, Group, ServicePrincipal, ForeignGroup]
          description:
            description: Description of the assignment.
            type: str
          condition:
            description: Condition (ABAC, version 2.0) under which the role applies.
            type: str
      diagnostic_settings:
        description:
          - Diagnostic settings of the vault, for its logs and metrics; other settings are kept.
          - Each takes the options of the module M(privatelink.azure.diagnostic_setting), at least a name and one destination.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the setting.
            type: str
            required: true
          log_analytics:
            description: ID of a Log Analytics workspace.
            type: str
          log_analytics_destination_type:
            description: Whether the workspace stores the logs in dedicated tables or in one table.
            type: str
            choices: [AzureDiagnostics, Dedicated]
          storage_account:
            description: ID of a storage account.
            type: str
          event_hub:
            description: Event hub, by C(namespace), C(policy), C(hub), C(resource_group) and C(subscription_id).
            type: dict
          marketplace_partner:
            description: ID of a partner's resource.
            type: str
          logs:
            description: Logs to send, by C(category) or C(category_group); all by default.
            type: list
            elements: dict
          metrics:
            description: Metrics to send, by C(category); all by default.
            type: list
            elements: dict
      lock:
        description:
          - Management lock of the vault, which applies to all users; by default no lock is created. The role never removes a lock.
          - >-
            A lock with the level V(ReadOnly) also prevents new endpoints and the approval of their connections; runs without changes still
            work.
        type: dict
        suboptions:
          level:
            description: V(CanNotDelete) prevents deletion, V(ReadOnly) prevents any change.
            type: str
            required: true
            choices: [CanNotDelete, ReadOnly]
          name:
            description: Name of the lock, by default the name of the vault followed by V(-lock).
            type: str
          notes:
            description: Purpose of the lock.
            type: str
      endpoint_lock:
        description: >-
          Management lock of the endpoint, which applies to all users; by default no lock is created. The role never removes a lock.
        type: dict
        suboptions:
          level:
            description: V(CanNotDelete) prevents deletion, V(ReadOnly) prevents any change.
            type: str
            required: true
            choices: [CanNotDelete, ReadOnly]
          name:
            description: Name of the lock, by default the name of the endpoint followed by V(-lock).
            type: str
          notes:
            description: Purpose of the lock.
            type: str
      tags:
        description: Tags of every resource that supports tags, except a zone in another resource group; other tags are kept.
        type: dict
  vaults:
    description:
      - The vaults, as a mapping by name or as a list. Each entry of the mapping has the settings of one vault, and may be empty.
      - What several vaults share (resource group, network, subnet, zone, links) is created once. Different settings for it are refused.
    type: list
    elements: dict
    required: true
    suboptions:
      <<: *vault
      name:
        description: Name of the vault, globally unique in the cloud. Not needed if O(vaults) is a mapping by name, or with C(id).
        type: str
      id:
        description: >-
          ID of a vault that is managed elsewhere. The vault itself is then not changed, and its public access only with C(close).
        type: str
      endpoints:
        description: >-
          Private endpoints of the vault, as a mapping by name or a list. Settings that an endpoint leaves out are those of the vault. By
          default one endpoint, with the vault's settings; with an empty list none.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the endpoint. Not needed in a mapping by name.
            type: str
          state:
            description: Whether the vault, or the endpoint, exists. C(absent) deletes what is named here and nothing that is shared.
            type: str
            choices: [present, absent]
          resource_group:
            description: >-
              Resource group of the endpoint, in the subscription of its subnet; by default the one with the name of the vault's group. One
              that is not the group of a vault of this task must exist already.
            type: str
          subnet_id:
            description: >-
              ID of an existing subnet, in any subscription; if set, no network is created. The endpoint is created in the subscription of
              its subnet, since Azure allows no other.
            type: str
          network_name:
            description: Name of the virtual network, by default the name of the vault followed by V(-network).
            type: str
          network_location:
            description: Region of the network and the endpoint, by default C(location).
            type: str
          network_address_prefixes:
            description: All address ranges of the network in CIDR notation; required unless C(subnet_id) is set.
            type: list
            elements: str
          network_dns_servers:
            description: DNS servers of the network, in order of preference. Leave it out to keep the existing ones.
            type: list
            elements: str
          subnet_name:
            description: Name of the subnet; by default V(endpoints).
            type: str
          subnet_address_prefixes:
            description: Address ranges of the subnet in CIDR notation; required unless C(subnet_id) is set.
            type: list
            elements: str
          network_policies:
            description: Which network policies apply to private endpoints in the subnet; by default none, as in Azure's guide.
            type: str
            choices: [Disabled, Enabled, NetworkSecurityGroupEnabled, RouteTableEnabled]
          subnet_network_security_group_id:
            description: ID of a network security group for the subnet.
            type: str
          subnet_route_table_id:
            description: ID of a route table for the subnet.
            type: str
          subnet_service_endpoints:
            description: >-
              All service endpoints of the subnet, such as V(Microsoft.KeyVault). Service endpoints that are not listed are removed.
            type: list
            elements: str
          subnet_default_outbound_access:
            description: Whether virtual machines of the subnet have default outbound access to the internet.
            type: bool
          dns:
            description:
              - Who writes the vault's address into the private DNS zone.
              - >-
                V(zone_group) lets Azure manage the record, as in the portal. V(a_record) writes it once the connection is approved, as in
                the guide.
              - V(policy) writes nothing and waits until Azure Policy has created the DNS zone group and the record.
              - V(none) does not change DNS, for example if a DNS team manages it; by default V(zone_group).
            type: str
            choices: [zone_group, a_record, policy, none]
          zone_id:
            description: ID of an existing zone, in any subscription; if set, no zone is created.
            type: str
          zone_name:
            description: Name of the zone, by default the private link zone of key vaults in the cloud.
            type: str
          zone_resource_group:
            description: Resource group of the zone, by default C(resource_group); a different group must exist already.
            type: str
          zone_subscription_id:
            description: Subscription of the zone, if it is not the subscription of the credentials.
            type: str
          zone_group_name:
            description: Name of a new DNS zone group, V(default) by default. An existing zone group is used, whatever its name.
            type: str
          link:
            description: Whether to link the zone to the endpoint's network; by default only if C(zone_id) is not set.
            type: bool
          linked_network_ids:
            description: IDs of further virtual networks to link the zone to.
            type: list
            elements: str
          registration_enabled:
            description: >-
              Whether virtual machines of the networks register their names in the zone; rarely right for a private link zone; by default
              V(false).
            type: bool
          resolution_policy:
            description: >-
              How a name without a record in the zone is resolved. V(NxDomainRedirect) falls back to public DNS, V(Default) returns
              NXDOMAIN.
            type: str
            choices: [Default, NxDomainRedirect]
          record_mode:
            description:
              - >-
                With C(dns: a_record), V(add) keeps other addresses, V(replace) removes them.
              - >-
                With C(dns: zone_group), Azure overwrites other addresses, so with V(add) the run fails if the record holds any; by default
                V(add).
            type: str
            choices: [add, replace]
          record_ttl:
            description: >-
              With C(dns: a_record), time to live of the record in seconds; 3600 by default for new records.
            type: int
          policy_timeout:
            description: >-
              With C(dns: policy), maximum number of seconds to wait for Azure Policy; by default V(1800).
            type: int
          connection_name:
            description: Name of the connection, by default the name of the endpoint.
            type: str
          private_ip_address:
            description: Static private IP address from the subnet; by default Azure chooses one.
            type: str
          network_interface_name:
            description: Name of the endpoint's network interface; by default Azure chooses.
            type: str
          application_security_group_ids:
            description: IDs of all application security groups of the endpoint; leave it out to keep the existing ones.
            type: list
            elements: str
          manual_request:
            description: >-
              Whether to request the connection from the vault's owner, instead of approving it with the rights of these credentials on the
              vault; by default V(false).
            type: bool
          request_message:
            description: Message to the owner with a manual request, up to 140 characters.
            type: str
          approve:
            description: >-
              Whether to approve the request of this endpoint, which requires the owner's rights on the vault; no other connection is
              approved; by default V(false).
            type: bool
          approval_description:
            description: Reason for the approval, shown to the requester.
            type: str
          adopt:
            description:
              - Whether to use an existing endpoint with another name that connects the same vault and the same subnet.
              - With V(false) a second endpoint is created; by default V(true).
            type: bool
          allow_replace:
            description:
              - Whether to delete and recreate an endpoint to change what Azure cannot change in place.
              - Until the new endpoint exists, the vault is not reachable through it; by default V(false).
            type: bool
          recreate:
            description: >-
              Whether to delete and recreate an endpoint with a V(Rejected) or V(Disconnected) connection, with the same name and address;
              by default V(false).
            type: bool
          role_assignments:
            description: Roles on the endpoint; other assignments are kept.
            type: list
            elements: dict
            suboptions:
              role_definition_id:
                description: Name of the role, or ID or GUID of its role definition.
                type: str
                required: true
              assignee_object_id:
                description: Object ID of the user, group or service principal; for an application it is not the client ID.
                type: str
                required: true
              principal_type:
                description: Type of the principal; set it for a principal that was created recently.
                type: str
                choices: [User, Group, ServicePrincipal, ForeignGroup]
              description:
                description: Description of the assignment.
                type: str
              condition:
                description: Condition (ABAC, version 2.0) under which the role applies.
                type: str
          lock:
            description: Management lock of the endpoint.
            type: dict
            suboptions:
              level:
                description: V(CanNotDelete) prevents deletion, V(ReadOnly) prevents any change.
                type: str
                required: true
                choices: [CanNotDelete, ReadOnly]
              name:
                description: Name of the lock, by default the name of the vault followed by V(-lock).
                type: str
              notes:
                description: Purpose of the lock.
                type: str
extends_documentation_fragment:
  - privatelink.azure.azure
  - privatelink.azure.attributes
notes:
  - From three vaults on, the task reads lists of the subscription and of the resource groups, which needs the permission to list; where it
    is missing, each resource is read by itself.
  - An interrupted run is continued by running the task again. Nothing is created twice.
seealso:
  - module: privatelink.azure.keyvault
  - module: privatelink.azure.keyvault_private_endpoint
  - module: privatelink.azure.keyvault_public_network_access
"""

EXAMPLES = r"""
- name: Create private vaults
  privatelink.azure.private_vaults:
    defaults:
      resource_group: payments
      location: westeurope
      subnet_id: "{{ subnet.id }}"
      zone_id: "{{ zone.id }}"
    vaults:
      payments-vault: {}
      ledger-vault:
        endpoints:
          ledger-hub:
            subnet_id: "{{ hub_subnet.id }}"
            dns: none
          ledger-spoke:
            private_ip_address: 10.1.0.9
      old-vault:
        state: absent

- name: Request a connection to the vault of another owner
  privatelink.azure.private_vaults:
    vaults:
      partner-vault:
        id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/partner/providers/Microsoft.KeyVault/vaults/partner-vault
        resource_group: payments
        location: westeurope
        subnet_id: "{{ subnet.id }}"
        dns: none
        manual_request: true
        request_message: Ticket 4711
"""

RETURN = r"""
vaults:
  description: Result of each vault, by its name.
  type: dict
  returned: always
  contains:
    changed:
      description: Whether anything of the vault was changed. Resources that vaults share do not count.
      type: bool
      returned: always
    vault_id:
      description: ID of the vault.
      type: str
      returned: always
    vault_uri:
      description: URI of the vault.
      type: str
      returned: always
    vault_host:
      description: Host name of the vault.
      type: str
      returned: always
    public_network_access:
      description: V(Enabled), V(Disabled) or V(SecuredByPerimeter) as it is after the run, or C(not read).
      type: str
      returned: always
    endpoints:
      description: ID, addresses, connection state, network and zone of each endpoint, by its name.
      type: dict
      returned: always
    endpoint_id:
      description: ID of the first endpoint.
      type: str
      returned: always
    private_ip_address:
      description: Address of the first endpoint.
      type: str
      returned: always
    connection_state:
      description: State of the connection of the first endpoint.
      type: str
      returned: always
    zone_id:
      description: ID of the zone with the record of the first endpoint.
      type: str
      returned: always
    before:
      description: Public access before the run.
      type: dict
      returned: always
    loses_access:
      description: Who can no longer reach the vault over public networks.
      type: dict
      returned: always
    proven:
      description: Whether the private path of every endpoint is proven.
      type: bool
      returned: always
    proof:
      description: What proves the private path, or why it is not proven.
      type: str
      returned: always
    reasons:
      description: What speaks against the private path, each with C(id), C(message) and C(hint).
      type: list
      elements: dict
      returned: always
    accepted:
      description: What was accepted without proof.
      type: list
      elements: dict
      returned: always
    callers:
      description: Callers that C(callers_days) found, as returned by M(privatelink.azure.keyvault_callers_info). Null if it is 0 or the
        vault was already closed.
      type: dict
      returned: always
    foreign_addresses:
      description: Addresses in the records that no approved endpoint of the vault has.
      type: list
      elements: str
      returned: always
    error:
      description: Why the vault is not as requested, with C(code), C(status), C(request_id), C(resource_id), C(hint), C(msg), C(cause) and
        C(skipped), the resources that were skipped because of it. Null if it is.
      type: dict
      returned: always
  sample:
    payments-vault:
      changed: true
      vault_uri: https://payments-vault.vault.azure.net/
      public_network_access: Disabled
      private_ip_address: 10.1.0.4
      connection_state: Approved
      proven: true
      error: null
changed_vaults:
  description: Names of the vaults that were changed.
  type: list
  elements: str
  returned: always
  sample: [payments-vault]
failed_vaults:
  description: Names of the vaults that failed.
  type: list
  elements: str
  returned: always
  sample: []
planned:
  description: How many writes were planned, and how long the rate limits of Azure make them take.
  type: dict
  returned: always
  sample: {writes: 12, seconds: 0, limited_by: null, message: 12 writes planned.}
"""

from ansible_collections.privatelink.azure.plugins.module_utils._entry import run
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.private_vaults import Fleet
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.settings import DEFAULTS, VAULT

MODULE = Module(
    options={
        "defaults": {"type": "dict", "options": DEFAULTS},
        "vaults": {"type": "list", "elements": "dict", "options": VAULT, "required": True},
    },
    recipe=Fleet,
)


def main() -> None:
    """Run the module."""
    run(MODULE)


if __name__ == "__main__":
    main()
