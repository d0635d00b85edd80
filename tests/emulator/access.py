# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls, and what they may do: principals, roles, and the two 403 answers of ARM."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from emulator import ids
from emulator.errors import ArmError, Json
from emulator.store import Store

if TYPE_CHECKING:
    from emulator.wire import Call

_SECRETS, _KEYS, _CERTIFICATES = (f"Microsoft.KeyVault/vaults/{each}" for each in ("secrets", "keys", "certificates"))
_VAULTS = {
    "actions": [
        "Microsoft.KeyVault/*/read",
        "Microsoft.KeyVault/checkNameAvailability/read",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
    ]
}
ROLES: dict[str, Json] = {
    "Owner": {"id": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "actions": ["*"]},
    "Contributor": {
        "id": "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "actions": ["*"],
        "notActions": ["Microsoft.Authorization/*/write", "Microsoft.Authorization/*/delete"],
    },
    "Reader": {"id": "acdd72a7-3385-48ef-bd42-f606fba81ae7", "actions": ["*/read"]},
    "User Access Administrator": {"id": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "actions": ["*/read", "Microsoft.Authorization/*"]},
    "Network Contributor": {
        "id": "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "actions": ["Microsoft.Network/*", "Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read"],
    },
    "Private DNS Zone Contributor": {
        "id": "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
        "actions": [
            "Microsoft.Network/privateDnsZones/*",
            "Microsoft.Network/privateDnsOperationResults/*",
            "Microsoft.Network/privateDnsOperationStatuses/*",
            "Microsoft.Network/virtualNetworks/read",
            "Microsoft.Network/virtualNetworks/join/action",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
    },
    "Key Vault Contributor": {
        "id": "f25e0fa2-a7c8-4377-a976-54943a77a395",
        "actions": ["Microsoft.KeyVault/*", "Microsoft.Resources/subscriptions/resourceGroups/read"],
        "notActions": [
            "Microsoft.KeyVault/locations/deletedVaults/purge/action",
            "Microsoft.KeyVault/hsmPools/*",
            "Microsoft.KeyVault/managedHsms/*",
        ],
    },
    "Log Analytics Reader": {
        "id": "73c42c96-874c-492b-b04d-ab87d138a893",
        "actions": ["*/read", "Microsoft.OperationalInsights/workspaces/analytics/query/action", "Microsoft.Support/*"],
        "notActions": ["Microsoft.OperationalInsights/workspaces/sharedKeys/read"],
    },
    "Key Vault Administrator": {**_VAULTS, "id": "00482a5a-887f-4fb3-b363-3b7fe8e74483", "dataActions": ["Microsoft.KeyVault/vaults/*"]},
    "Key Vault Reader": {
        **_VAULTS,
        "id": "21090545-7ca7-4776-b22c-e363652d74d2",
        "dataActions": ["Microsoft.KeyVault/vaults/*/read", f"{_SECRETS}/readMetadata/action"],
    },
    "Key Vault Certificates Officer": {**_VAULTS, "id": "a4417e6f-fecd-4de8-b567-7b0420556985", "dataActions": [f"{_CERTIFICATES}/*"]},
    "Key Vault Crypto Officer": {**_VAULTS, "id": "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "dataActions": [f"{_KEYS}/*"]},
    "Key Vault Crypto User": {"id": "12338af0-0e69-4776-bea7-57ae8d297424", "dataActions": [f"{_KEYS}/read", f"{_KEYS}/encrypt/action"]},
    "Key Vault Secrets Officer": {**_VAULTS, "id": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "dataActions": [f"{_SECRETS}/*"]},
    "Key Vault Secrets User": {
        "id": "4633458b-17de-408a-b874-0445c86b69e6",
        "dataActions": [f"{_SECRETS}/getSecret/action", f"{_SECRETS}/readMetadata/action"],
    },
}
"""Azure's built-in roles, as far as they matter here."""


@dataclass(slots=True)
class Principal:
    """An application or a user of a tenant.

    ``assignments``: ``{"role": a built-in name or {"actions", "notActions"}, "scope": "/" or an id}``.
    ``certificates``: PEM texts. ``federated``: ``{"issuer", "subject", "audience"}`` with ``key``, a PEM public key.
    ``managed``: "system" or "user" for the managed identities of the host. ``public``: whether an application takes users' passwords.
    ``directory_reader``: whether Microsoft Graph tells it who others are.
    ``refusal``: the AADSTS number with which a user's right password is refused all the same (see ``entra.REFUSALS``).
    """

    tenant: str
    client_id: str
    object_id: str
    secret: str = ""
    name: str = "emulator"
    username: str = ""
    password: str = ""
    assignments: list[Json] = field(default_factory=lambda: [{"role": "Owner", "scope": "/"}])
    certificates: list[str] = field(default_factory=list)
    federated: list[Json] = field(default_factory=list)
    managed: str = ""
    public: bool = False
    refusal: int = 0
    directory_reader: bool = True

    def may(self, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether a role assigned at the scope or above allows the action; ``data``: an action on what a resource holds."""
        kind = "dataActions" if data else "actions"
        return any(
            _allows(each, action, kind) for each in self.assignments if each.get("scope", "/") == "/" or ids.is_below(scope, each["scope"])
        )


def with_granted(principal: Principal, store: Store) -> Principal:
    """A principal with what role assignments in the store grant it, beside what it was made with."""
    names = {definition["id"]: name for name, definition in ROLES.items()}
    granted = [
        {"role": role, "scope": ids.scope_of(each.id)}
        for each in store.all_of_type("Microsoft.Authorization/roleAssignments")
        if each.properties["principalId"].lower() == principal.object_id.lower()
        and (role := names.get(ids.name_of(each.properties["roleDefinitionId"]).lower()))
    ]
    return replace(principal, assignments=[*principal.assignments, *granted]) if granted else principal


def _allows(assignment: Json, action: str, kind: str) -> bool:
    role = assignment["role"]
    definition = ROLES[role] if isinstance(role, str) else role
    without = "not" + kind[0].upper() + kind[1:]
    return _matches(definition.get(kind, []), action) and not _matches(definition.get(without, []), action)


def _matches(patterns: list[str], action: str) -> bool:
    low = action.lower()
    return any(pattern == "*" or fnmatch.fnmatchcase(low, pattern.lower()) for pattern in patterns)


def require(principal: Principal, action: str, scope: str) -> None:
    """Refuse with AuthorizationFailed what the principal may not do."""
    if not principal.may(action, scope):
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{principal.client_id}' with object id '{principal.object_id}' "
            f"does not have authorization to perform action '{action}' "
            f"over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        )


def require_linked(call: Call, linked_action: str, linked: str) -> None:
    """Refuse with LinkedAuthorizationFailed where a resource named in the body lies outside the caller's rights.

    In another tenant the rights are those of the principal whose auxiliary token came with the request. What is no id the provider refuses.
    """
    parsed = ids.parse(linked)
    if parsed is None:
        return
    subscription = call.emulator.subscriptions.get(parsed.subscription.lower())
    tenant = subscription["tenant"] if subscription else None
    known = next((each for each in (call.principal, *call.auxiliary) if each.tenant == tenant), None)
    if known is None:
        raise ArmError(
            403,
            "LinkedAuthorizationFailed",
            f"The client has permission to perform action '{linked_action}' on scope '{call.id}', however the current tenant "
            f"'{call.principal.tenant}' is not authorized to access linked subscription '{parsed.subscription}'.",
        )
    call.actions.append(linked_action)
    if not known.may(linked_action, linked):
        raise ArmError(
            403,
            "LinkedAuthorizationFailed",
            f"The client '{known.client_id}' with object id '{known.object_id}' has permission to "
            f"perform action '{call.route.action}' on scope '{call.id}'; "
            f"however, it does not have permission to perform action '{linked_action.split('/', 2)[-1]}' on the linked scope(s) '{linked}' "
            "or the linked scope(s) are invalid.",
        )
