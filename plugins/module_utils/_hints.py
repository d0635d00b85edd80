# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure's error codes mean here, and what to do next. One table, one sentence each."""

from __future__ import annotations

_SIGN_IN = "Check client_id, secret and tenant (AZURE_CLIENT_ID, AZURE_SECRET, AZURE_TENANT)."
_MFA = "A password alone cannot pass multi-factor authentication; use a service principal, a managed identity, or 'az login' with auth_source: cli."
_EXPIRED = "The sign-in has expired or was revoked; sign in again, with 'az login' where the Azure CLI did it."
_LOCK = "Another operation held the resource for the whole wait; let it end and run again, or raise wait_timeout."
_LOCKED = (
    "RetryableError",
    "RetryableErrorDueToAnotherOperation",
    "ReferencedResourceNotProvisioned",
    "AnotherOperationInProgress",
    "ConflictError",
)
_THROTTLE = "Azure throttles this subscription; run again later, or raise wait_timeout so that the wait that Azure asks for fits in."
_PERMISSION = "Grant these credentials a role that allows this action on this scope; a new grant may take minutes to work."
_FIREWALL = "Run from a host whose network reaches the private endpoint and whose DNS resolves the vault's name to the private address."

HINTS: dict[str, str] = {
    # signing in
    "AADSTS7000215": f"The secret is wrong or is the secret's id instead of its value. {_SIGN_IN}",
    "AADSTS7000222": "The client secret has expired; make a new one for the application.",
    "AADSTS700016": f"The application is not known in this tenant. {_SIGN_IN}",
    "AADSTS90002": f"The tenant does not exist in this cloud. {_SIGN_IN}",
    "AADSTS700024": "The federated token has expired; let the platform issue a new one.",
    "AADSTS70021": "No federated credential of the application matches the token's issuer, subject and audience; add one.",
    "AADSTS50126": "The name or the password of the user is wrong (AZURE_AD_USER, AZURE_PASSWORD).",
    "AADSTS50034": "The user does not exist in this tenant; check ad_user and tenant (AZURE_AD_USER, AZURE_TENANT).",
    "AADSTS50055": "Change the user's password first, interactively.",
    "AADSTS50057": "Enable the user, or sign in with another identity.",
    "AADSTS50076": _MFA,
    "AADSTS50079": _MFA,
    "AADSTS53003": f"Conditional Access blocks this sign-in. {_MFA}",
    "AADSTS50078": _EXPIRED,
    "AADSTS50173": _EXPIRED,
    "AADSTS70008": _EXPIRED,
    "AADSTS70043": _EXPIRED,
    "AADSTS700082": _EXPIRED,
    "AADSTS700084": _EXPIRED,
    "AADSTS65001": "Consent as an administrator to this application's use of Azure Resource Manager, or leave client_id out to sign in as the Azure CLI does.",
    "AADSTS7000218": (
        "The application takes no user's password: allow public client flows in its registration, leave client_id out, "
        "or pass its secret instead of ad_user and password."
    ),
    "AuthenticationFailed": _SIGN_IN,
    "CredentialUnavailable": (
        "This host gives no such token: auth_source: msi needs a managed identity of this host (client_id chooses a user-assigned one), "
        "auth_source: cli a sign-in with 'az login'."
    ),
    "InvalidAuthenticationToken": "The token is not meant for this cloud or tenant; check cloud_environment and tenant.",
    "InvalidAuthenticationTokenTenant": "The subscription belongs to another tenant; pass that tenant's credentials.",
    "ExpiredAuthenticationToken": "The token ran out during the run; run again.",
    "UnexpectedAnswer": "A proxy or its sign-in page may stand between this host and Azure; check HTTPS_PROXY and NO_PROXY, and cloud_environment.",
    "UntrustedAddress": "A proxy or another host may answer in place of Azure; check HTTPS_PROXY, cloud_environment and the trusted certificates.",
    "WaitTimeout": "Check the network between this host and Azure, or raise wait_timeout if it only needs longer.",
    "ConnectionFailed": "Check the network, the proxy and the trusted certificates (REQUESTS_CA_BUNDLE) between this host and Azure.",
    # where
    "SubscriptionNotFound": "Check subscription_id, and that these credentials may see it.",
    "InvalidSubscriptionId": "Check subscription_id; it is a UUID.",
    "ResourceGroupNotFound": "Create the resource group first, for example with privatelink.azure.resource_group.",
    "ResourceNotFound": "Create what is missing first, or correct its name, resource group or subscription.",
    "ParentResourceNotFound": "Create the resource that this one is nested in first.",
    "InvalidResourceReference": "Check that the referenced resource exists and is in the same region.",
    "LocationNotAvailableForResourceType": "Choose a region that offers this resource type.",
    "InvalidResourceLocation": "A resource of this name exists in another region; use its region, or another name.",
    # rights and rules
    "AuthorizationFailed": _PERMISSION,
    "LinkedAuthorizationFailed": "Grant these credentials the action that the message names, on the linked resource.",
    "RequestDisallowedByPolicy": "An Azure Policy forbids this; the message names it. Comply with it or ask for an exemption.",
    "ScopeLocked": "A management lock protects the resource; remove the lock first, for example with privatelink.azure.management_lock and state: absent.",
    "PrincipalNotFound": "Pass the object id, which is not the client id; for a principal that was made a moment ago set principal_type too.",
    "RoleAssignmentExists": "The principal has the role already, through an assignment that these credentials cannot list; grant them read access to it.",
    "RoleAssignmentUpdateNotPermitted": "An assignment of this name gives another role or is for another principal; pass another name, or none.",
    "RoleDefinitionDoesNotExist": "Check the id of the role's definition; custom roles exist in their own tenant only.",
    "MissingSubscriptionRegistration": "Register the resource provider first with privatelink.azure.resource_provider, in each subscription that is involved.",
    # vaults
    "VaultAlreadyExists": "Vault names are unique in the whole cloud: choose another name; the name may also be held by a deleted vault of another tenant.",
    "SoftDeletedVaultDoesNotExist": "There is no deleted vault of this name in this region to recover; leave recover out.",
    "DeletedVaultNotFound": "There is no deleted vault of this name in this region.",
    "DeletedVaultPurge": "The vault is protected from purging; wait until its scheduled purge date, or recover it.",
    "MethodNotAllowed": "The vault is protected from purging; wait until its scheduled purge date, or recover it.",
    "SubnetsHaveNoServiceEndpointsConfigured": "Give the subnet the service endpoint Microsoft.KeyVault, or set ignore_missing on the rule.",
    # endpoints
    "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled": (
        "Set private_endpoint_network_policies: Disabled on the subnet with privatelink.azure.subnet."
    ),
    "PrivateEndpointNetworkPoliciesCannotBeEnabledOnPrivateEndpointSubnet": "Remove the subnet's private endpoints first, or leave the policies as they are.",
    "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps": "For a vault the static address's member name is 'default'.",
    "PrivateIPAddressIsAllocated": "Choose another private_ip_address, or leave it out and let Azure choose.",
    "PrivateIPAddressNotInSubnet": "Choose an address of the subnet; the first four and the last are Azure's own.",
    "PrivateEndpointWithIpConfigurationsCannotHaveGroupIdsOrMemberNames": "This target takes no static address by member name; leave private_ip_address out.",
    "SubnetIsFull": "Use a larger subnet, or remove what is unused in this one.",
    "InvalidPrivateLinkServiceId": (
        "Check the target's id, with its subscription, and that the target exists; where these credentials may not read it, ask its owner."
    ),
    "InUseSubnetCannotBeDeleted": "Remove the private endpoints of the subnet first.",
    "InUsePrefixCannotBeDeleted": "Remove the subnets of this address range first.",
    "PrivateEndpointConnectionStatusNotPending": "The connection was decided already; look at its state.",
    "InvalidAddressPrefixFormat": "Pass a network in CIDR notation whose host bits are zero.",
    "NetcfgInvalidSubnet": "Choose a range inside the virtual network's address space that no other subnet uses.",
    # DNS
    "InvalidPrivateDnsZoneIds": "Check that the zones exist, in which subscription, and that these credentials may join them.",
    "Conflict": "The request contradicts what Azure has now, as the message says; look at the resource, then correct the task or run it again.",
    "DuplicateResourceName": "Two DNS zone configurations of the endpoint bear one name; pass each zone once.",
    "CannotDeleteResource": "Remove the nested resources first: a zone goes after its virtual network links.",
    "PreconditionFailed": "Another writer changes the same resource again and again; run again when it is done.",
    # requests that Azure does not understand
    "BadRequest": "Correct what the message names.",
    "InvalidRequestFormat": "Correct what the message names; if it names nothing that you wrote, please report it with the request_id.",
    "InvalidResource": "Azure refuses a property that it alone writes; please report it with the request_id.",
    # locks and throttles that outlasted the wait
    **dict.fromkeys(_LOCKED, _LOCK),
    "TooManyRequests": _THROTTLE,
    "SubscriptionRequestsThrottled": _THROTTLE,
    "ResourceRequestsThrottled": _THROTTLE,
    # the vault's own door
    "ForbiddenByFirewall": _FIREWALL,
    "ForbiddenByConnection": _FIREWALL,
    "Unauthorized": "The vault was reached, but the request carried no token for it.",
    "Forbidden": "The vault was reached and refused; the inner code of its answer names the firewall, the private link or the missing role.",
    "ForbiddenByRbac": "Grant a data-plane role such as Key Vault Secrets User; a new grant may take minutes to work.",
}
# Where a code answers a read: nothing was waited for, and nothing was to be changed.
_READS: dict[str, str] = {
    **dict.fromkeys(_LOCKED, "Another operation is under way on the resource, so that it cannot be read; run again when it has ended."),
    "Conflict": "Azure cannot show the resource in its present state, as the message says; run again later.",
    "PreconditionFailed": "The resource changed while it was read; run again.",
}
# What Azure says under a code that means several things, or under none that is known: a part of its message.
TEXTS: dict[str, str] = {
    "deleted state": "Set recover: true to bring the deleted vault back, purge it, or choose another name.",
    "more than one private dns zone group": "An endpoint takes one DNS zone group; change the zones of the one that it has.",
    "required parameter 'group id'": "Set group_ids; for a vault the group is 'vault', for a managed HSM 'managedhsm'.",
    "belongs to forbidden range": "A vault's firewall takes public ranges only; private clients come through a private endpoint.",
    "is already linked to the virtual network": "The network has a link to this zone under another name; use that one, which virtual_network_id finds.",
    "overlapping namespaces": "The network is linked to another zone of this name; write the records there, or remove that link first.",
    "not authorized to access linked subscription": (
        "The linked resource is in another tenant: name that tenant in auxiliary_tenant_ids, where the same application needs its rights, too; "
        "or, for a private endpoint, set manual_request: true and let the other side approve."
    ),
    "privateendpointconnectionsapproval": (
        "Grant 'Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action' on the vault, "
        "or set manual_request: true and let the vault's owner approve."
    ),
    "non-tls protected": "Tokens are sent over https only; correct cloud_environment, or the proxy that leads to plain http.",
    "resource identity": "The link belongs to a deleted network of the same name; remove that link first.",
}


def hint_for(codes: tuple[str, ...], message: str, *, reading: bool = False) -> str | None:
    """Return the next step for an error: known words tell the most, then its deepest known code. None where nothing is known of it.

    reading: it answers a request that changes nothing.
    """
    words = message.casefold()
    told = next((hint for text, hint in TEXTS.items() if text in words), None)
    known = {**HINTS, **_READS} if reading else HINTS
    return told or next((known[code] for code in reversed(codes) if code in known), None)
