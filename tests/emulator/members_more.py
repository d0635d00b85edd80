# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of further types: rules and routes, storage accounts, managed HSMs, virtual machines, as the SDKs' models of 2026 have them.

The form is that of ``members``. What only answers have, deep down, is ``any``: whoever reads a resource and writes it sends it back.
"""

from __future__ import annotations

_WRITTEN = "id name type location tags=any systemData=any identity=any"

TABLE = f"""
SecurityRule id name type etag properties=SecurityRulePropertiesFormat
SecurityRulePropertiesFormat description protocol=*|Tcp|Udp|Icmp|Esp|Ah sourcePortRange destinationPortRange sourceAddressPrefix
    sourceAddressPrefixes=[text] sourceApplicationSecurityGroups=[reference] destinationAddressPrefix destinationAddressPrefixes=[text]
    destinationApplicationSecurityGroups=[reference] sourcePortRanges=[text] destinationPortRanges=[text] access=Allow|Deny priority=int
    direction=Inbound|Outbound provisioningState
Route id name type etag properties=RoutePropertiesFormat
RoutePropertiesFormat addressPrefix nextHopType=VirtualNetworkGateway|VnetLocal|Internet|VirtualAppliance|None nextHopIpAddress
    provisioningState hasBgpOverride=bool

StorageAccount {_WRITTEN} etag sku=StorageSku kind properties=StorageAccountProperties extendedLocation=ExtendedLocation zones=[text]
    placement=any
StorageSku name tier
StorageAccountProperties provisioningState primaryEndpoints=any primaryLocation statusOfPrimary lastGeoFailoverTime secondaryLocation
    statusOfSecondary creationTime customDomain=CustomDomain sasPolicy=SasPolicy keyPolicy=KeyPolicy keyCreationTime=any
    secondaryEndpoints=any encryption=Encryption accessTier azureFilesIdentityBasedAuthentication=any supportsHttpsTrafficOnly=bool
    networkAcls=StorageNetworkRuleSet isSftpEnabled=bool isLocalUserEnabled=bool enableExtendedGroups=bool isHnsEnabled=bool
    geoReplicationStats=any failoverInProgress=bool largeFileSharesState privateEndpointConnections=[reference]
    routingPreference=RoutingPreference dualStackEndpointPreference=DualStackEndpointPreference blobRestoreStatus=any
    allowBlobPublicAccess=bool minimumTlsVersion allowSharedKeyAccess=bool isNfsV3Enabled=bool allowCrossTenantReplication=bool
    defaultToOAuthAuthentication=bool publicNetworkAccess=Enabled|Disabled|SecuredByPerimeter
    immutableStorageWithVersioning=ImmutableStorageAccount allowedCopyScope storageAccountSkuConversionStatus=any dnsEndpointType
    isSkuConversionBlocked=bool accountMigrationInProgress=bool geoPriorityReplicationStatus=any allowSharedKeyAccessForServices=any
    dataCollaborationPolicyProperties=any
CustomDomain name useSubDomainName=bool
SasPolicy sasExpirationPeriod expirationAction
KeyPolicy keyExpirationPeriodInDays=int
Encryption services=EncryptionServices keySource requireInfrastructureEncryption=bool keyvaultproperties=any identity=any
EncryptionServices blob=EncryptionService file=EncryptionService table=EncryptionService queue=EncryptionService
EncryptionService enabled=bool lastEnabledTime keyType
StorageNetworkRuleSet bypass resourceAccessRules=[ResourceAccessRule] virtualNetworkRules=[StorageVirtualNetworkRule]
    ipRules=[StorageIPRule] ipv6Rules=[StorageIPRule] defaultAction=Allow|Deny
ResourceAccessRule tenantId resourceId
StorageVirtualNetworkRule id action state
StorageIPRule value action
RoutingPreference routingChoice publishMicrosoftEndpoints=bool publishInternetEndpoints=bool
DualStackEndpointPreference publishIpv6Endpoint=bool
ImmutableStorageAccount enabled=bool immutabilityPolicy=ImmutabilityPolicy
ImmutabilityPolicy immutabilityPeriodSinceCreationInDays=int state allowProtectedAppendWrites=bool
StorageConnection {_WRITTEN} properties=StorageConnectionProperties
StorageConnectionProperties privateEndpoint=reference privateLinkServiceConnectionState=StorageConnectionState provisioningState
    groupIds=[text]
StorageConnectionState status description actionRequired actionsRequired
StorageCheckNameAvailabilityParameters name type

ManagedHsm {_WRITTEN} sku=Sku properties=ManagedHsmProperties
ManagedHsmProperties tenantId initialAdminObjectIds=[text] hsmUri enableSoftDelete=bool softDeleteRetentionInDays=int
    enablePurgeProtection=bool createMode statusMessage provisioningState networkAcls=MHSMNetworkRuleSet regions=[MHSMGeoReplicatedRegion]
    privateEndpointConnections=[reference] publicNetworkAccess=Enabled|Disabled scheduledPurgeDate securityDomainProperties=any
MHSMNetworkRuleSet bypass=AzureServices|None defaultAction=Allow|Deny ipRules=[IPRule] serviceTags=[MHSMServiceTagRule]
    virtualNetworkRules=[VirtualNetworkRule]
MHSMServiceTagRule tag
MHSMGeoReplicatedRegion name provisioningState isPrimary=bool
CheckMhsmNameAvailabilityParameters name

VirtualMachine {_WRITTEN} etag plan=any resources=any zones=[text] extendedLocation=ExtendedLocation managedBy placement=any
    properties=VirtualMachineProperties
VirtualMachineProperties hardwareProfile=HardwareProfile scheduledEventsPolicy=any storageProfile=StorageProfile
    additionalCapabilities=any osProfile=OSProfile networkProfile=NetworkProfile securityProfile=any diagnosticsProfile=any
    availabilitySet=reference virtualMachineScaleSet=reference proximityPlacementGroup=reference priority evictionPolicy
    billingProfile=any host=reference hostGroup=reference provisioningState instanceView=any licenseType vmId extensionsTimeBudget
    platformFaultDomain=int scheduledEventsProfile=any userData capacityReservation=any applicationProfile=any timeCreated
HardwareProfile vmSize vmSizeProperties=any
StorageProfile imageReference=ImageReference osDisk=OSDisk dataDisks=[DataDisk] diskControllerType alignRegionalDisksToVMZone=bool
ImageReference id publisher offer sku version exactVersion sharedGalleryImageId communityGalleryImageId
OSDisk osType=Windows|Linux encryptionSettings=any name vhd=any image=any caching=None|ReadOnly|ReadWrite writeAcceleratorEnabled=bool
    diffDiskSettings=any createOption diskSizeGB=int managedDisk=any deleteOption
DataDisk lun=int name vhd=any image=any caching=None|ReadOnly|ReadWrite writeAcceleratorEnabled=bool createOption diskSizeGB=int
    managedDisk=any sourceResource=any toBeDetached=bool diskIOPSReadWrite=int diskMBpsReadWrite=int detachOption deleteOption
OSProfile computerName adminUsername adminPassword customData windowsConfiguration=any linuxConfiguration=LinuxConfiguration
    secrets=any allowExtensionOperations=bool requireGuestProvisionSignal=bool
LinuxConfiguration disablePasswordAuthentication=bool ssh=SshConfiguration provisionVMAgent=bool patchSettings=any
    enableVMAgentPlatformUpdates=bool
SshConfiguration publicKeys=[SshPublicKey]
SshPublicKey path keyData
NetworkProfile networkInterfaces=[NetworkInterfaceReference] networkApiVersion networkInterfaceConfigurations=any
NetworkInterfaceReference id properties=NetworkInterfaceReferenceProperties
NetworkInterfaceReferenceProperties primary=bool deleteOption
RunCommandInput commandId script=[text] parameters=[RunCommandInputParameter]
RunCommandInputParameter name value
"""

BODIES: dict[tuple[str, str], str] = {
    ("PUT", "Microsoft.Network/networkSecurityGroups/securityRules"): "SecurityRule",
    ("PUT", "Microsoft.Network/routeTables/routes"): "Route",
    **{(method, "Microsoft.Storage/storageAccounts"): "StorageAccount" for method in ("PUT", "PATCH")},
    ("PUT", "Microsoft.Storage/storageAccounts/privateEndpointConnections"): "StorageConnection",
    ("POST", "Microsoft.Storage/checkNameAvailability"): "StorageCheckNameAvailabilityParameters",
    ("PUT", "Microsoft.KeyVault/managedHSMs"): "ManagedHsm",
    ("POST", "Microsoft.KeyVault/checkMhsmNameAvailability"): "CheckMhsmNameAvailabilityParameters",
    ("PUT", "Microsoft.Compute/virtualMachines"): "VirtualMachine",
    ("POST", "Microsoft.Compute/virtualMachines/runCommand"): "RunCommandInput",
}
"""The type of a request's body, by method and type of resource."""
