# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members that bodies of requests may have, by type, as Azure's specifications declare them and recorded answers show them (which
clients send back).

A line is a type and its members, an indented one more members. A member is a text unless ``=`` says otherwise: ``bool``, ``int``,
``texts`` (an object of texts), ``any``, ``reference`` (an object with an id, whose other members are another resource's own), ``a|b`` (one
of these, in any case), a type, or a list of these in brackets.
"""

from __future__ import annotations

from emulator import members_more

_RESOURCE = "id name type location etag tags=any"

_TABLE = f"""
TagsObject tags=any
ExtendedLocation name type

VirtualNetwork {_RESOURCE} extendedLocation=ExtendedLocation properties=VirtualNetworkPropertiesFormat
VirtualNetworkPropertiesFormat addressSpace=AddressSpace dhcpOptions=DhcpOptions flowTimeoutInMinutes=int subnets=[Subnet] resourceGuid
    virtualNetworkPeerings=[reference] provisioningState enableDdosProtection=bool enableVmProtection=bool ddosProtectionPlan=reference
    bgpCommunities=VirtualNetworkBgpCommunities encryption=VirtualNetworkEncryption ipAllocations=[reference] flowLogs=[reference]
    privateEndpointVNetPolicies=Disabled|Basic defaultPublicNatGateway=reference summarizedGatewayPrefixes=AddressSpace
AddressSpace addressPrefixes=[text] ipamPoolPrefixAllocations=[IpamPoolPrefixAllocation]
IpamPoolPrefixAllocation pool=reference numberOfIpAddresses allocatedAddressPrefixes=[text]
DhcpOptions dnsServers=[text]
VirtualNetworkBgpCommunities virtualNetworkCommunity regionalCommunity
VirtualNetworkEncryption enabled=bool enforcement=DropUnencrypted|AllowUnencrypted

Subnet id name type etag properties=SubnetPropertiesFormat
SubnetPropertiesFormat addressPrefix addressPrefixes=[text] networkSecurityGroup=reference routeTable=reference natGateway=reference
    serviceEndpoints=[ServiceEndpointPropertiesFormat] serviceEndpointPolicies=[reference] privateEndpoints=[reference]
    ipConfigurations=[reference] ipConfigurationProfiles=[reference] ipAllocations=[reference] purpose
    resourceNavigationLinks=[reference] serviceAssociationLinks=[reference] delegations=[Delegation] provisioningState
    privateEndpointNetworkPolicies=Disabled|Enabled|NetworkSecurityGroupEnabled|RouteTableEnabled
    privateLinkServiceNetworkPolicies=Enabled|Disabled applicationGatewayIPConfigurations=[reference]
    sharingScope=Tenant|DelegatedServices defaultOutboundAccess=bool serviceGateway=reference
    ipamPoolPrefixAllocations=[IpamPoolPrefixAllocation]
ServiceEndpointPropertiesFormat service networkIdentifier=reference locations=[text] provisioningState
Delegation id name type etag properties=ServiceDelegationPropertiesFormat
ServiceDelegationPropertiesFormat serviceName actions=[text] provisioningState

PrivateEndpoint {_RESOURCE} extendedLocation=ExtendedLocation properties=PrivateEndpointProperties
PrivateEndpointProperties subnet=reference networkInterfaces=[reference] provisioningState
    customDnsConfigs=[CustomDnsConfigPropertiesFormat] privateLinkServiceConnections=[PrivateLinkServiceConnection]
    customNetworkInterfaceName resourceGuid manualPrivateLinkServiceConnections=[PrivateLinkServiceConnection]
    applicationSecurityGroups=[reference] ipConfigurations=[PrivateEndpointIPConfiguration] ipVersionType=IPv4|IPv6|DualStack
    billingSku=PayAsYouGo|Fixed
PrivateLinkServiceConnection id name type etag properties=PrivateLinkServiceConnectionProperties
PrivateLinkServiceConnectionProperties provisioningState privateLinkServiceId groupIds=[text] requestMessage
    privateLinkServiceConnectionState=PrivateLinkServiceConnectionState approvalReference=ApprovalReference
PrivateLinkServiceConnectionState status description actionsRequired
ApprovalReference privateEndpointId
CustomDnsConfigPropertiesFormat fqdn ipAddresses=[text]
PrivateEndpointIPConfiguration id name type etag properties=PrivateEndpointIPConfigurationProperties
PrivateEndpointIPConfigurationProperties groupId memberName privateIPAddress provisioningState

PrivateDnsZoneGroup id name type etag properties=PrivateDnsZoneGroupPropertiesFormat
PrivateDnsZoneGroupPropertiesFormat provisioningState privateDnsZoneConfigs=[PrivateDnsZoneConfig]
PrivateDnsZoneConfig id name type etag properties=PrivateDnsZonePropertiesFormat
PrivateDnsZonePropertiesFormat privateDnsZoneId recordSets=[ZoneGroupRecordSet] provisioningState
ZoneGroupRecordSet recordType recordSetName fqdn provisioningState ttl=int ipAddresses=[text]

NetworkSecurityGroup {_RESOURCE} properties=NetworkSecurityGroupPropertiesFormat
NetworkSecurityGroupPropertiesFormat flushConnection=bool securityRules=[SecurityRule] defaultSecurityRules=[reference] provisioningState
    networkInterfaces=[reference] subnets=[reference] flowLogs=[reference] resourceGuid
RouteTable {_RESOURCE} properties=RouteTablePropertiesFormat
RouteTablePropertiesFormat routes=[Route] subnets=[reference] disableBgpRoutePropagation=bool provisioningState resourceGuid
    disablePeeringRoute=None|All
ApplicationSecurityGroup {_RESOURCE} properties=ApplicationSecurityGroupPropertiesFormat
ApplicationSecurityGroupPropertiesFormat resourceGuid provisioningState

PrivateLinkService {_RESOURCE} extendedLocation=ExtendedLocation properties=PrivateLinkServiceProperties
PrivateLinkServiceProperties loadBalancerFrontendIpConfigurations=[reference] ipConfigurations=[PrivateLinkServiceIpConfiguration]
    destinationIPAddress networkInterfaces=[reference] provisioningState privateEndpointConnections=[reference]
    visibility=PrivateLinkServicePropertiesVisibility autoApproval=PrivateLinkServicePropertiesAutoApproval fqdns=[text] alias
    enableProxyProtocol=bool accessMode=Default|Restricted resourceGuid
PrivateLinkServicePropertiesVisibility subscriptions=[text]
PrivateLinkServicePropertiesAutoApproval subscriptions=[text]
PrivateLinkServiceIpConfiguration id name type etag properties=PrivateLinkServiceIpConfigurationProperties
PrivateLinkServiceIpConfigurationProperties privateIPAddress privateIPAllocationMethod=Static|Dynamic subnet=reference primary=bool
    provisioningState privateIPAddressVersion=IPv4|IPv6
PrivateEndpointConnection {_RESOURCE} systemData=any sku=any identity=any properties=PrivateEndpointConnectionProperties
PrivateEndpointConnectionProperties privateEndpoint=reference privateLinkServiceConnectionState=PrivateLinkServiceConnectionState
    provisioningState linkIdentifier privateEndpointLocation groupIds=[text]

Vault {_RESOURCE} systemData=any properties=VaultProperties
VaultProperties tenantId sku=Sku accessPolicies=[AccessPolicyEntry] vaultUri hsmPoolResourceId enabledForDeployment=bool
    createMode=recover|default enabledForDiskEncryption=bool enabledForTemplateDeployment=bool enableSoftDelete=bool
    softDeleteRetentionInDays=int enableRbacAuthorization=bool enablePurgeProtection=bool networkAcls=NetworkRuleSet provisioningState
    publicNetworkAccess privateEndpointConnections=[reference]
Sku family name
AccessPolicyEntry tenantId objectId applicationId permissions=Permissions
Permissions keys=[text] secrets=[text] certificates=[text] storage=[text]
NetworkRuleSet bypass defaultAction ipRules=[IPRule] virtualNetworkRules=[VirtualNetworkRule]
IPRule value
VirtualNetworkRule id ignoreMissingVnetServiceEndpoint=bool state action
VaultAccessPolicyParameters id name type location properties=VaultAccessPolicyProperties
VaultAccessPolicyProperties accessPolicies=[AccessPolicyEntry]
VaultCheckNameAvailabilityParameters name type

PrivateZone {_RESOURCE} properties=PrivateZoneProperties
PrivateZoneProperties maxNumberOfRecordSets=int numberOfRecordSets=int maxNumberOfVirtualNetworkLinks=int
    numberOfVirtualNetworkLinks=int maxNumberOfVirtualNetworkLinksWithRegistration=int numberOfVirtualNetworkLinksWithRegistration=int
    provisioningState internalId
VirtualNetworkLink {_RESOURCE} properties=VirtualNetworkLinkProperties
VirtualNetworkLinkProperties virtualNetwork=reference registrationEnabled=bool resolutionPolicy virtualNetworkLinkState
    provisioningState
RecordSet id name type etag properties=RecordSetProperties
RecordSetProperties metadata=texts ttl=int fqdn isAutoRegistered=bool aRecords=[ARecord] aaaaRecords=[AaaaRecord]
    cnameRecord=CnameRecord mxRecords=[MxRecord] ptrRecords=[PtrRecord] soaRecord=SoaRecord srvRecords=[SrvRecord]
    txtRecords=[TxtRecord]
ARecord ipv4Address
AaaaRecord ipv6Address
CnameRecord cname
MxRecord preference=int exchange
PtrRecord ptrdname
SoaRecord host email serialNumber=int refreshTime=int retryTime=int expireTime=int minimumTtl=int
SrvRecord priority=int weight=int port=int target
TxtRecord value=[text]

ResourceGroup {_RESOURCE} managedBy properties=ResourceGroupProperties
ResourceGroupProperties provisioningState

ManagementLockObject id name type systemData=any properties=ManagementLockProperties
ManagementLockProperties level notes owners=[ManagementLockOwner]
ManagementLockOwner applicationId
RoleAssignment id name type systemData=any properties=RoleAssignmentProperties
RoleAssignmentProperties scope roleDefinitionId principalId
    principalType=User|Group|ServicePrincipal|ForeignGroup|Device description condition conditionVersion createdOn updatedOn
    createdBy updatedBy delegatedManagedIdentityResourceId
DiagnosticSettingsResource {_RESOURCE} systemData=any kind identity=any properties=DiagnosticSettings
DiagnosticSettings storageAccountId serviceBusRuleId eventHubAuthorizationRuleId eventHubName metrics=[MetricSettings]
    logs=[LogSettings] workspaceId marketplacePartnerId logAnalyticsDestinationType
MetricSettings timeGrain category enabled=bool retentionPolicy=RetentionPolicy
LogSettings category categoryGroup enabled=bool retentionPolicy=RetentionPolicy
RetentionPolicy enabled=bool days=int
"""


def _read() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    kind = ""
    for line in (_TABLE + members_more.TABLE).splitlines():
        words = line.split()
        if words and not line.startswith(" "):
            kind, *words = words
        pairs = (word.partition("=") for word in words)
        found.setdefault(kind, {}).update({name: each or "text" for name, _unused, each in pairs})
    return found


MEMBERS = _read()
"""The kind of each member, by type."""

_NETWORK = {
    "virtualNetworks": "VirtualNetwork",
    "virtualNetworks/subnets": "Subnet",
    "privateEndpoints": "PrivateEndpoint",
    "privateEndpoints/privateDnsZoneGroups": "PrivateDnsZoneGroup",
    "networkSecurityGroups": "NetworkSecurityGroup",
    "routeTables": "RouteTable",
    "applicationSecurityGroups": "ApplicationSecurityGroup",
    "privateLinkServices": "PrivateLinkService",
    "privateLinkServices/privateEndpointConnections": "PrivateEndpointConnection",
    "privateDnsZones": "PrivateZone",
    "privateDnsZones/virtualNetworkLinks": "VirtualNetworkLink",
    "privateDnsZones/{kind}": "RecordSet",
}
_TAGGED = ("virtualNetworks", "networkSecurityGroups", "routeTables", "applicationSecurityGroups", "networkInterfaces")
"""Of these a PATCH takes tags alone."""

BODIES: dict[tuple[str, str], str] = {
    **{(method, f"Microsoft.Network/{kind}"): name for kind, name in _NETWORK.items() for method in ("PUT", "PATCH")},
    **{("PATCH", f"Microsoft.Network/{kind}"): "TagsObject" for kind in _TAGGED},
    **{(method, "Microsoft.KeyVault/vaults"): "Vault" for method in ("PUT", "PATCH")},
    ("PUT", "Microsoft.KeyVault/vaults/accessPolicies"): "VaultAccessPolicyParameters",
    ("PUT", "Microsoft.KeyVault/vaults/privateEndpointConnections"): "PrivateEndpointConnection",
    ("PUT", "Microsoft.KeyVault/managedHSMs/privateEndpointConnections"): "PrivateEndpointConnection",
    ("POST", "Microsoft.KeyVault/checkNameAvailability"): "VaultCheckNameAvailabilityParameters",
    **{(method, "Microsoft.Resources/subscriptions/resourceGroups"): "ResourceGroup" for method in ("PUT", "PATCH")},
    ("PUT", "Microsoft.Authorization/locks"): "ManagementLockObject",
    ("PUT", "Microsoft.Authorization/roleAssignments"): "RoleAssignment",
    ("PUT", "Microsoft.Insights/diagnosticSettings"): "DiagnosticSettingsResource",
    **members_more.BODIES,
}
"""The type of a request's body, by method and type of resource; a resource that is not here is stored as it is sent."""
