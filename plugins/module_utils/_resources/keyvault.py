# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key vaults."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document, at, location, merge
from .._documents.firewall import in_held_order, once
from .._documents.ids import VAULT, ResourceId, same_id
from .._documents.public_access import OPEN, PERIMETER, is_secured_by_perimeter, public_access_of
from .._errors import ArmError, OptionError, Problem
from .resource import Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

# Azure drops network rules that are the default from its answers (wire).
_OPEN_ACLS: Document = {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}
_CLOSED_ACLS: Document = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
_RULES = {"ipRules": "value", "virtualNetworkRules": "id"}


class KeyVault(Resource):
    """A key vault. Source: REST reference, Key Vault - Vaults, 2026-02-01 and later.

    A new vault is born closed: no public access, deny by default, Azure RBAC. What an existing vault has stays unless asked for.
    """

    type = VAULT
    title = "key vault"
    key = "keyvault"
    operations = "keyvault.vaults"
    delete_verb = "delete"
    read_only = ("properties.vaultUri", "properties.hsmPoolResourceId", "properties.privateEndpointConnections")
    caseless = below("properties", "sku.name", "sku.family", "publicNetworkAccess", "networkAcls.defaultAction", "networkAcls.bypass")
    # Sources: the OpenAPI documents' defaults, and of what a vault without the property does: enableRbacAuthorization is true for new vaults
    # alone since 2026-02-01, a vault that does not say it uses access policies.
    absent: t.ClassVar[dict[str, t.Any]] = {
        "properties.publicNetworkAccess": OPEN,
        "properties.networkAcls.defaultAction": "Allow",
        "properties.networkAcls.bypass": "AzureServices",
        "properties.networkAcls.virtualNetworkRules.ignoreMissingVnetServiceEndpoint": False,
        "properties.enableRbacAuthorization": False,
        "properties.enablePurgeProtection": False,
        "properties.enableSoftDelete": True,
        "properties.softDeleteRetentionInDays": 90,
        "properties.enabledForDeployment": False,
        "properties.enabledForDiskEncryption": False,
        "properties.enabledForTemplateDeployment": False,
    }
    # Both can only become true, and vaults of before 2020 answer with false.
    refused: t.ClassVar[dict[str, t.Any]] = {"properties.enableSoftDelete": False, "properties.enablePurgeProtection": False}
    fixed: t.ClassVar[dict[str, str]] = {
        "location": "location",
        "properties.tenantId": "vault_tenant",
        "properties.softDeleteRetentionInDays": "soft_delete_retention_in_days",
    }

    def __init__(
        self,
        resource_id: ResourceId,
        desired: Document | None,
        *,
        tenant: str | None = None,
        recover: bool = False,
        purge: bool = False,
        region: str | None = None,
        leave_perimeter: bool = False,
        **keywords: t.Any,
    ) -> None:
        super().__init__(resource_id, desired, **keywords)
        self.tenant = tenant
        self.recover = recover
        self.purge = purge
        self.region = region
        self.leave_perimeter = leave_perimeter
        self._deleted = False

    def read(self, arm: Arm) -> Document | None:
        """Find the vault; to purge it, a vault that was deleted softly is found too."""
        found = super().read(arm)
        if found and self.desired is None:
            self.region = found["location"]
        if found or self.desired is not None or not self.purge:
            self.region = self.region or (found or {}).get("location")
            return found
        found = self._deleted_vault(arm) if self.region else self._listed_as_deleted(arm)
        # The name may be held by a vault that was in another resource group, which is not meant.
        self._deleted = found is not None and same_id(at(found, "properties.vaultId"), str(self.id))
        self.region = self.region or at(found, "properties.location")
        return found if self._deleted else None

    def remains(self, actual: Document | None) -> Document:
        """Tell whether the vault can come back."""
        return {**super().remains(actual), "deletion": "purged for good" if self.purge else "soft"}

    def defaults(self) -> Document:
        """Return a closed vault."""
        if not self.tenant:
            raise OptionError(
                "vault_tenant", "required to create a vault, because the tenant of these credentials is not known; pass the tenant's id."
            )
        properties = {
            "tenantId": self.tenant,
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "publicNetworkAccess": "Disabled",
            "networkAcls": _CLOSED_ACLS,
        }
        return {"properties": properties}

    def wanted(self, actual: Document | None) -> Document:
        """Return the wish for this vault: purge protection is only ever asked for, a perimeter stays, firewall rules that stay do not move."""
        wish = super().wanted(actual)
        properties = wish.get("properties", {})
        if actual is not None:
            self._keep_protection(actual, properties)
            self._keep_perimeter(actual, properties)
        if properties.get("enablePurgeProtection") is False:  # Azure refuses it, even where it is off
            del properties["enablePurgeProtection"]
        if properties.get("enablePurgeProtection") and at(actual, "properties.enableSoftDelete") is False:
            properties["enableSoftDelete"] = True
        acls = properties.get("networkAcls", {})
        for name, key in _RULES.items():
            if name in acls:
                acls[name] = in_held_order(acls[name], at(actual, f"properties.networkAcls.{name}") or [], key)
        return wish

    def _keep_protection(self, actual: Document, properties: Document) -> None:
        if properties.get("enablePurgeProtection") is False and at(actual, "properties.enablePurgeProtection"):
            raise Problem(
                f"{self.label} has purge protection, which cannot be turned off",
                code="CannotChangeInPlace",
                resource_id=str(self.id),
                hint="Leave enable_purge_protection out, or set it to true.",
            )

    def _keep_perimeter(self, actual: Document, properties: Document) -> None:
        """A vault that a perimeter secures is closed already, and more strictly: Disabled lets trusted services in again."""
        asked = properties.get("publicNetworkAccess")
        if asked in (None, PERIMETER) or self.leave_perimeter or not is_secured_by_perimeter(actual):
            return
        if asked == OPEN:
            raise Problem(
                f"{self.label} is secured by a network security perimeter, which public_network_access: {asked} would end",
                code="SecuredByPerimeter",
                resource_id=str(self.id),
                hint=f"Leave public_network_access out or set it to {PERIMETER}; to open the vault anyway, set leave_perimeter: true.",
            )
        del properties["publicNetworkAccess"]
        self.remark(
            f"{self.label} stays {PERIMETER}, which is stricter than {asked}: that would allow trusted Microsoft services. "
            "Set leave_perimeter: true to change it anyway."
        )

    def canonical(self, actual: Document) -> Document:
        """Write out the firewall that Azure leaves out because it is the default, and every rule once, as far as they are asked for."""
        asked = at(self.desired, "properties.networkAcls")
        if asked is None:
            return actual
        acls = merge(_OPEN_ACLS, at(actual, "properties.networkAcls") or {})
        folded = {name: once(acls[name] or [], key) for name, key in _RULES.items() if name in asked}
        return {**actual, "properties": {**actual.get("properties", {}), "networkAcls": {**acls, **folded}}}

    def plan(self, actual: Document | None) -> Plan:
        """Name what is missing to create a vault before anything is read further."""
        if actual is None and self.desired is not None and not self.desired.get("location"):
            raise OptionError("location", f"required to create {self.label}; set it to its region.")
        return super().plan(actual)

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """A deleted vault may hold the name: recover it when told to, else say so before Azure does. A protected one cannot be purged."""
        if plan.action == "delete":
            return self._check_purge(actual)
        self._deleted = plan.action == "create" and self._deleted_vault(arm) is not None
        if self._deleted and not self.recover:
            raise Problem(
                f"The name '{self.id.name}' is taken by a soft-deleted key vault in {self._region()}",
                code="VaultSoftDeleted",
                resource_id=str(self.id),
                hint="Set recover: true to recover it with its contents, purge it, or choose another name.",
            )

    def _check_purge(self, actual: Document | None) -> None:
        if self.purge and (at(actual, "properties.enablePurgeProtection") or at(actual, "properties.purgeProtectionEnabled")):
            date = at(actual, "properties.scheduledPurgeDate")
            raise Problem(
                f"{self.label} has purge protection",
                code="VaultPurgeProtected",
                resource_id=str(self.id),
                hint=f"Leave purge out; Azure purges the vault on {date}."
                if date
                else "Leave purge out; Azure purges a deleted vault when its retention period ends.",
            )

    def _region(self) -> str:
        return location(str(self.region or (self.desired or {}).get("location")))

    def _deleted_vault(self, arm: Arm) -> Document | None:
        doing = f"look for a deleted {self.label}"
        try:
            return arm.find(self.id.subscription, f"{self.operations}.get_deleted", self.id.name, self._region(), doing=doing)
        except ArmError as error:
            if (
                error.status == 403 and self.desired is not None
            ):  # the right is a subscription's, rarely granted; without it the write itself tells
                return None
            raise

    def _listed_as_deleted(self, arm: Arm) -> Document | None:
        """Find the deleted vault in the list of the subscription, which needs no region."""
        doing = f"look for a deleted {self.label}"
        try:
            listed = arm.list(self.id.subscription, f"{self.operations}.list_deleted", doing=doing)
        except ArmError as error:
            if error.status != 403:
                raise
            raise OptionError("location", f"required to purge {self.label}, which is already deleted; pass the region it was in.") from None
        return next((each for each in listed if same_id(at(each, "properties.vaultId"), str(self.id))), None)

    def delete(self, arm: Arm, plan: Plan) -> None:
        """Delete the vault softly, and purge it when told to."""
        if not self._deleted:
            super().delete(arm, plan)
        if self.purge:
            doing = f"purge {self.label}"
            arm.call(self.id.subscription, f"{self.operations}.begin_purge_deleted", self.id.name, self._region(), doing=doing)

    def write(self, arm: Arm, plan: Plan) -> Document | None:
        """Recover first where that is needed: a recovered vault has its old properties, so the wish is laid over them."""
        if plan.action != "create" or not self._deleted:
            return super().write(arm, plan)
        properties = {"createMode": "recover", "tenantId": plan.body["properties"]["tenantId"], "sku": plan.body["properties"]["sku"]}
        body = {"location": plan.body["location"], "properties": properties}
        arm.call(self.id.subscription, f"{self.operations}.{self.put_verb}", *self.arguments, body, doing=f"recover {self.label}")
        self._deleted = self.defaults_hold = False
        recovered = self.read(arm)
        left = self.plan(recovered)
        return super().write(arm, left) if left.changed else recovered

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return the vault's address, which follows from its name, and its public access in Azure's usual spelling."""
        uri = at(document, "properties.vaultUri") or f"https://{self.id.name.casefold()}.{arm.cloud.vault_suffix}/"
        return {"vault_uri": uri, "public_network_access": public_access_of(document)}
