# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls, and what they may do: principals, roles, and the two 403 answers of ARM."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator import ids
from emulator.errors import ArmError, Json

if TYPE_CHECKING:
    from emulator.wire import Call

ROLES: dict[str, Json] = {
    "Owner": {"actions": ["*"]},
    "Contributor": {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/write", "Microsoft.Authorization/*/delete"]},
    "Reader": {"actions": ["*/read"]},
    "Network Contributor": {"actions": ["Microsoft.Network/*", "Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read"]},
    "Private DNS Zone Contributor": {
        "actions": [
            "Microsoft.Network/privateDnsZones/*",
            "Microsoft.Network/privateDnsOperationResults/*",
            "Microsoft.Network/privateDnsOperationStatuses/*",
            "Microsoft.Network/virtualNetworks/read",
            "Microsoft.Network/virtualNetworks/join/action",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ]
    },
    "Key Vault Contributor": {
        "actions": ["Microsoft.KeyVault/*", "Microsoft.Resources/subscriptions/resourceGroups/read"],
        "notActions": ["Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/hsmPools/*", "Microsoft.KeyVault/managedHsms/*"],
    },
}
"""Azure's built-in roles, as far as they matter here."""


@dataclass(slots=True)
class Principal:
    """An application or a user of a tenant.

    ``assignments``: ``{"role": a built-in name or {"actions", "notActions"}, "scope": "/" or an id}``.
    ``certificates``: PEM texts. ``federated``: ``{"issuer", "subject", "audience"}`` with ``key``, a PEM public key.
    ``managed``: "system" or "user" for the managed identities of the host. ``public``: whether an application takes users' passwords.
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

    def may(self, action: str, scope: str) -> bool:
        """Whether a role assigned at the scope or above allows the action."""
        return any(_allows(each, action) for each in self.assignments if each.get("scope", "/") == "/" or ids.is_below(scope, each["scope"]))


def _allows(assignment: Json, action: str) -> bool:
    role = assignment["role"]
    definition = ROLES[role] if isinstance(role, str) else role
    return _matches(definition.get("actions", []), action) and not _matches(definition.get("notActions", []), action)


def _matches(patterns: list[str], action: str) -> bool:
    low = action.lower()
    return any(pattern == "*" or fnmatch.fnmatchcase(low, pattern.lower()) for pattern in patterns)


def require(principal: Principal, action: str, scope: str) -> None:
    """Refuse with AuthorizationFailed what the principal may not do."""
    if not principal.may(action, scope):
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{principal.client_id}' with object id '{principal.object_id}' does not have authorization to perform action '{action}' "
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
    if not known.may(linked_action, linked):
        raise ArmError(
            403,
            "LinkedAuthorizationFailed",
            f"The client '{known.client_id}' with object id '{known.object_id}' has permission to perform action '{call.route.action}' on scope '{call.id}'; "
            f"however, it does not have permission to perform action '{linked_action.split('/', 2)[-1]}' on the linked scope(s) '{linked}' "
            "or the linked scope(s) are invalid.",
        )
