# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure's error codes mean here, and what to do next. One table, one sentence each."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ._errors import Problem

_SIGN_IN = "Check client_id, secret and tenant (AZURE_CLIENT_ID, AZURE_SECRET, AZURE_TENANT)."
_MFA = (
    "A password alone does not satisfy multi-factor authentication; use a service "
    "principal, a managed identity, or 'az login' with auth_source: cli."
)
_EXPIRED = "The sign-in has expired or was revoked; sign in again, with 'az login' if you use the Azure CLI."
_LOCK = (
    "Another operation was in progress on the resource until the wait timed out; wait "
    "for it to finish and run again, or increase wait_timeout."
)
_LOCKED = (
    "RetryableError",
    "RetryableErrorDueToAnotherOperation",
    "ReferencedResourceNotProvisioned",
    "AnotherOperationInProgress",
    "ConflictError",
)
_THROTTLE = "Azure throttles this subscription; run again later, or increase wait_timeout beyond the pause that Azure requires."
_PERMISSION = "Grant these credentials a role that allows this action on this scope; a new role assignment may take minutes to take effect."
_LATER = "Azure, or a proxy on the way to it, cannot answer now; run again later."
_FIRST_REFUSAL, _FIRST_TROUBLE = 400, 500  # HTTP statuses
_REFUSED = "Correct what the message names; if it names nothing, a proxy may have answered: check HTTPS_PROXY and NO_PROXY."
PROXY_SIGN_IN = "The proxy requires a sign-in: set user and password in HTTPS_PROXY, or name Azure's hosts in NO_PROXY."
_FIREWALL = "Run from a host that can reach the private endpoint and that resolves the vault's name to the private IP address."

_RANGE = "Choose a range inside the virtual network's address space that does not overlap another subnet."

HINTS: dict[str, str] = {
    # signing in
    "AADSTS7000215": f"The secret is wrong or is the secret's id instead of its value. {_SIGN_IN}",
    "AADSTS7000222": "The client secret has expired; create a new one for the application.",
    "AADSTS700016": f"The application was not found in this tenant. {_SIGN_IN}",
    "AADSTS90002": f"The tenant does not exist in this cloud. {_SIGN_IN}",
    "AADSTS700024": "The federated token has expired; request a new one from the platform.",
    "AADSTS70021": "No federated credential of the application matches the token's issuer, subject and audience; add one.",
    "AADSTS50126": "The user name or password is wrong (AZURE_AD_USER, AZURE_PASSWORD).",
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
    "AADSTS65001": (
        "An administrator must grant this application consent for Azure Resource "
        "Manager; or leave client_id out to sign in like the Azure CLI."
    ),
    "AADSTS7000218": (
        "The application does not allow user passwords: allow public client flows in its app registration, leave client_id out, "
        "or pass its secret instead of ad_user and password."
    ),
    "AuthenticationFailed": _SIGN_IN,
    "CredentialUnavailable": (
        "No token is available on this host: auth_source: msi needs a managed identity of this host (client_id selects a user-assigned "
        "one), auth_source: cli needs 'az login'."
    ),
    "InvalidAuthenticationToken": "The token is not valid for this cloud or tenant; check cloud_environment and tenant.",
    "InvalidAuthenticationTokenTenant": "The subscription belongs to another tenant; pass that tenant's credentials.",
    "ExpiredAuthenticationToken": "The token expired during the run; run again.",
    "UnexpectedAnswer": "A proxy or its sign-in page may answer instead of Azure; check HTTPS_PROXY and NO_PROXY, and cloud_environment.",
    "UntrustedAddress": (
        "A proxy or another host may answer instead of Azure; check HTTPS_PROXY, cloud_environment and the trusted certificates."
    ),
    "WaitTimeout": "Check the network between this host and Azure, or increase wait_timeout if it only takes longer.",
    "ConnectionFailed": "Check the network, the proxy and the trusted certificates (REQUESTS_CA_BUNDLE) between this host and Azure.",
    # where
    "SubscriptionNotFound": "Check subscription_id, and that these credentials have access to it.",
    "InvalidSubscriptionId": "Check subscription_id; it must be a UUID.",
    "ResourceGroupNotFound": "Create the resource group first, for example with privatelink.azure.resource_group.",
    "ResourceNotFound": "Create the missing resource first, or correct its name, resource group or subscription.",
    "ParentResourceNotFound": "Create the parent resource first.",
    "InvalidResourceReference": "Check that the referenced resource exists and is in the same region.",
    "LocationNotAvailableForResourceType": "Choose a region that offers this resource type.",
    "LocationNotAvailableForResourceGroup": "Choose a region that Azure has; az account list-locations lists them.",
    "InvalidResourceLocation": "A resource with this name exists in another region; use its region, or another name.",
    # rights and rules
    "AuthorizationFailed": _PERMISSION,
    "LinkedAuthorizationFailed": "Grant these credentials the action that the message names, on the linked resource.",
    "RequestDisallowedByPolicy": "An Azure Policy denies this; the message names it. Comply with it or request an exemption.",
    "ScopeLocked": (
        "A management lock protects the resource; remove the lock first, for example "
        "with privatelink.azure.management_lock and state: absent."
    ),
    "PrincipalNotFound": "Pass the object id, not the client id; for a recently created principal set principal_type too.",
    "RoleAssignmentExists": (
        "The principal already has the role through an assignment that these credentials cannot list; grant them read access to it."
    ),
    "RoleAssignmentUpdateNotPermitted": "An assignment with this name is for another role or principal; pass another name, or none.",
    "RoleDefinitionDoesNotExist": "Check the id of the role's definition; custom roles exist only in their own tenant.",
    "MissingSubscriptionRegistration": (
        "Register the resource provider first with privatelink.azure.resource_provider, in each subscription involved."
    ),
    # vaults
    "VaultAlreadyExists": (
        "Vault names are globally unique: choose another name; a soft-deleted vault of another tenant may also use the name."
    ),
    "SoftDeletedVaultDoesNotExist": "No deleted vault with this name was found in this region; leave recover out.",
    "DeletedVaultNotFound": "No deleted vault with this name was found in this region.",
    "DeletedVaultPurge": "The vault has purge protection; wait until its scheduled purge date, or recover it.",
    "MethodNotAllowed": "The vault has purge protection; wait until its scheduled purge date, or recover it.",
    "SubnetsHaveNoServiceEndpointsConfigured": (
        "Give the subnet the service endpoint Microsoft.KeyVault, or set ignore_missing on the rule."
    ),
    # endpoints
    "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled": (
        "Set private_endpoint_network_policies: Disabled on the subnet with privatelink.azure.subnet."
    ),
    "PrivateEndpointNetworkPoliciesCannotBeEnabledOnPrivateEndpointSubnet": (
        "Delete the private endpoints of the subnet first, or leave the policies unchanged."
    ),
    "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps": "For a vault the member name of the static IP address is 'default'.",
    "PrivateIPAddressIsAllocated": "Choose another private_ip_address, or leave it out so that Azure chooses one.",
    "PrivateIPAddressNotInSubnet": "Choose an address of the subnet; Azure reserves the first four and the last.",
    "PrivateEndpointWithIpConfigurationsCannotHaveGroupIdsOrMemberNames": (
        "This target does not support a static address by member name; leave private_ip_address out."
    ),
    "SubnetIsFull": "Use a larger subnet, or delete unused resources in this one.",
    "InvalidPrivateLinkServiceId": (
        "Check the target's id, with its subscription, and that the target exists; if these credentials may not read it, ask its owner."
    ),
    "InUseSubnetCannotBeDeleted": "Remove the private endpoints of the subnet first.",
    "InUsePrefixCannotBeDeleted": "Remove the subnets of this address range first.",
    "PrivateEndpointConnectionStatusNotPending": "The connection was already decided on; check its state.",
    "InvalidAddressPrefixFormat": "Pass a network in CIDR notation without host bits.",
    "NetcfgInvalidSubnet": _RANGE,
    "NetcfgSubnetRangeOutsideVnet": _RANGE,
    "NetcfgSubnetRangesOverlap": _RANGE,
    # DNS
    "InvalidPrivateDnsZoneIds": "Check that the zones exist, that their subscription is correct, and that these credentials may join them.",
    "Conflict": (
        "The request conflicts with the current state in Azure, see the message; check the resource, then correct the task or run it again."
    ),
    "DuplicateResourceName": "Two DNS zone configurations of the endpoint have the same name; pass each zone once.",
    "CannotDeleteResource": "Delete the nested resources first: the virtual network links before their zone.",
    "PreconditionFailed": "Another client keeps changing the same resource; run again when it is done.",
    # requests that Azure does not understand
    "BadRequest": "Correct what the message names.",
    "InvalidRequestFormat": "Correct what the message names; if it names nothing that you set, please report it with the request_id.",
    "InvalidResource": "Azure rejects a read-only property; please report it with the request_id.",
    # locks and throttles that outlasted the wait
    **dict.fromkeys(_LOCKED, _LOCK),
    "TooManyRequests": _THROTTLE,
    "SubscriptionRequestsThrottled": _THROTTLE,
    "ResourceRequestsThrottled": _THROTTLE,
    # the vault's own door
    "ForbiddenByFirewall": _FIREWALL,
    "ForbiddenByConnection": _FIREWALL,
    "Unauthorized": "The vault was reached, but the request had no token for it.",
    "Forbidden": (
        "The vault was reached and denied access; the inner code of its response names the firewall, the private link or the missing role."
    ),
    "ForbiddenByRbac": "Grant a data-plane role such as Key Vault Secrets User; a new role assignment may take minutes to take effect.",
}
# Where a code answers a read: nothing was waited for, and nothing was to be changed.
_READS: dict[str, str] = {
    **dict.fromkeys(_LOCKED, "Another operation is in progress on the resource, so it cannot be read; run again when it has finished."),
    "Conflict": "Azure cannot return the resource in its current state, see the message; run again later.",
    "PreconditionFailed": "The resource was changed during the read; run again.",
}
# What Azure says under a code that means several things, or under none that is known: a part of its message.
TEXTS: dict[str, str] = {
    "deleted state": "Set recover: true to recover the deleted vault, purge it, or choose another name.",
    "more than one private dns zone group": "An endpoint can have only one DNS zone group; change the zones of the existing one.",
    "required parameter 'group id'": "Set group_ids; for a vault the group is 'vault', for a managed HSM 'managedhsm'.",
    "belongs to forbidden range": "A vault's firewall accepts only public ranges; private clients use a private endpoint.",
    "is already linked to the virtual network": (
        "The network is already linked to this zone by a link with another name; virtual_network_id finds it."
    ),
    "overlapping namespaces": "The network is linked to another zone of this name; write the records there, or remove that link first.",
    "not authorized to access linked subscription": (
        "The linked resource is in another tenant: add that tenant to "
        "auxiliary_tenant_ids, and grant the same application permissions there; "
        "or, for a private endpoint, set manual_request: true and ask the other side to approve."
    ),
    "privateendpointconnectionsapproval": (
        "Grant 'Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action' on the vault, "
        "or set manual_request: true and ask the vault's owner to approve."
    ),
    "non-tls protected": "Tokens are only sent over https; correct cloud_environment, or the proxy that redirects to http.",
    "resource identity": "The link belongs to a deleted network of the same name; remove that link first.",
}


# What a refusal means whose code is not known here: by its HTTP status, and at the end what is true of any.
_STATUSES: dict[int, str] = {
    401: HINTS["InvalidAuthenticationToken"],
    403: (
        "Check that these credentials have a role that allows this on this scope, and that no Azure Policy, "
        "deny assignment or firewall forbids it."
    ),
    404: HINTS["ResourceNotFound"],
    405: "Azure does not allow this request on the resource; check its type and state.",
    407: PROXY_SIGN_IN,
    408: _LATER,
    409: HINTS["Conflict"],
    412: HINTS["PreconditionFailed"],
    413: "A proxy may limit the size of requests; check HTTPS_PROXY and NO_PROXY.",
    415: "A proxy may have changed the request; check HTTPS_PROXY and NO_PROXY, and cloud_environment.",
    423: "A management lock or another operation holds the resource; remove the lock, or run again when the operation has ended.",
    429: _THROTTLE,
}


def _by_status(status: int | None) -> str | None:
    if status is None or status < _FIRST_REFUSAL:
        return None
    return _STATUSES.get(status, _REFUSED if status < _FIRST_TROUBLE else _LATER)


def hint_for(codes: tuple[str, ...], message: str, *, reading: bool = False, status: int | None = None) -> str | None:
    """Return the next step for an error: known words tell the most, then its deepest known code, then its HTTP status.

    None where nothing is known of it. reading: it answers a request that changes nothing.
    """
    words = message.casefold()
    by_text = next((hint for text, hint in TEXTS.items() if text in words), None)
    known = {**HINTS, **_READS} if reading else HINTS
    return by_text or next((known[code] for code in reversed(codes) if code in known), None) or _by_status(status)


def hint_of(problem: Problem, *, of_a_write: bool = False) -> str | None:
    """Return the next step of an error: its own, else what is known of its words, codes and HTTP status.

    of_a_write: it ended a write, also where its answer is that to a poll, which only reads.
    """
    reading = problem.of_a_read and not of_a_write
    return problem.hint or hint_for(problem.codes, problem.message, reading=reading, status=problem.status)
