# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key vaults."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._documents.compare import UNKNOWN, Document, at, location, merge
from .._documents.firewall import in_current_order, without_duplicates
from .._documents.ids import ResourceId, same_id, subscription_scope
from .._documents.public_access import OPEN, PERIMETER, is_secured_by_perimeter, public_access_of
from .._documents.vault_address import vault_uri
from .._errors import ArmError, Problem, may_be_done
from .resource import Known, Observed, Plan, Resource, below

if t.TYPE_CHECKING:
    from .._azure.clock import Waiting
    from .._azure.world import World

# Azure drops network rules that are the default from its answers (wire).
_OPEN_ACLS: Document = {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}
_CLOSED_ACLS: Document = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
_RULES = {"ipRules": "value", "virtualNetworkRules": "id"}


@dataclasses.dataclass(frozen=True)
class ObservedVault(Observed):
    """region: where the vault is, or was. deleted: of a vault that is to be made, the deleted one
    that holds the name; of one to be purged that is deleted already, itself.
    """

    region: str | None = None
    deleted: Document | None = None


class KeyVault(Resource):
    """A key vault. Source: REST reference, Key Vault - Vaults, 2026-02-01 and later.

    A new vault is born closed: no public access, deny by default, Azure RBAC. What an existing vault has stays unless asked for.
    """

    kind = kinds.VAULT
    key = "keyvault"
    observation = ObservedVault
    read_only = ("properties.vaultUri", "properties.hsmPoolResourceId", "properties.privateEndpointConnections")
    caseless = below("properties", "sku.name", "sku.family", "publicNetworkAccess", "networkAcls.defaultAction", "networkAcls.bypass")
    # Sources: the OpenAPI documents' defaults, and of what a vault without the property does: enableRbacAuthorization
    # is true for new vaults alone since 2026-02-01, a vault that does not say it uses access policies.
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
    fixed = ("location", "properties.tenantId", "properties.softDeleteRetentionInDays")

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

    def read(self, world: World, known: Known) -> Observed:
        """Read the vault. To create it, also find a soft-deleted vault with its name; to purge it, also find it soft-deleted."""
        return self._read(world, self.region)

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the vault at its id; a vault that was deleted before the run is not searched for again."""
        region = t.cast(ObservedVault, first).region
        return self._read(world, region) if self.desired is None else first.with_document(self.fetch(world, self.id))

    def _read(self, world: World, region: str | None) -> Observed:
        found = self.fetch(world, self.id)
        if found:
            return self.found(found, region=(None if self.desired is None else region) or found["location"])
        if self.desired is not None:
            where = region or self.desired.get("location")
            return self.found(None, region=region, deleted=self._deleted_vault(world, where) if where else None)
        if not self.purge:
            return self.found(None, region=region)
        deleted = self._deleted_vault(world, region) if region else self._listed_as_deleted(world)
        # The name may be held by a vault that was in another resource group, which is not meant.
        own = deleted if deleted is not None and same_id(at(deleted, "properties.vaultId"), str(self.id)) else None
        return self.found(own, region=region or at(deleted, "properties.location"), deleted=own)

    def remains(self, observed: Observed) -> Document:
        """Return the id and whether the vault can be recovered."""
        return {**super().remains(observed), "deletion": "purged for good" if self.purge else "soft"}

    def left_by_deletion(self) -> Document:
        """Return how the vault is deleted that could not be purged."""
        return {"deletion": "soft"}

    def defaults(self, observed: Observed) -> Document:
        """Return a closed vault."""
        if not self.tenant:
            raise self.refusal(
                "properties.tenantId",
                "required to create a vault, because the tenant of these credentials is not known; pass the tenant's id.",
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

    def defaults_hold(self, observed: Observed) -> bool:
        """A recovered vault has its old properties."""
        return t.cast(ObservedVault, observed).deleted is None

    def wanted(self, observed: Observed) -> Document:
        """
        Return the desired document for this vault: purge protection is only added, a perimeter stays, and kept firewall rules
        keep their order.
        """
        actual, desired = observed.document, super().wanted(observed)
        properties = desired.get("properties", {})
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
                acls[name] = in_current_order(acls[name], at(actual, f"properties.networkAcls.{name}") or [], key)
        return desired

    def _keep_protection(self, actual: Document, properties: Document) -> None:
        if properties.get("enablePurgeProtection") is False and at(actual, "properties.enablePurgeProtection"):
            raise Problem(
                f"{self.label} has purge protection, which cannot be turned off",
                code="CannotChangeInPlace",
                resource_id=str(self.id),
                hint=f"Leave {self.option_of('properties.enablePurgeProtection')} out, or set it to true.",
            )

    def _keep_perimeter(self, actual: Document, properties: Document) -> None:
        """A vault that a perimeter secures is closed already, and more strictly: Disabled lets trusted services in again."""
        requested = properties.get("publicNetworkAccess")
        if requested in (None, PERIMETER) or self.leave_perimeter or not is_secured_by_perimeter(actual):
            return
        if requested == OPEN:
            access, switch = self.option_of("properties.publicNetworkAccess"), self.switch_of("leave_perimeter")
            raise Problem(
                f"{self.label} is secured by a network security perimeter, which {access}: {requested} would end",
                code="SecuredByPerimeter",
                resource_id=str(self.id),
                hint=f"Leave {access} out or set it to {PERIMETER}; to open the vault anyway, set {switch}.",
            )
        del properties["publicNetworkAccess"]

    def _remarks(self, actual: Document | None) -> tuple[str, ...]:
        """Return a warning if a network security perimeter stays although a less strict setting was requested."""
        requested = at(self.desired, "properties.publicNetworkAccess")
        if actual is None or requested in (None, OPEN, PERIMETER) or self.leave_perimeter or not is_secured_by_perimeter(actual):
            return ()
        return (
            f"{self.label} stays {PERIMETER}, which is stricter than {requested}: that would allow trusted Microsoft services. "
            f"Set {self.switch_of('leave_perimeter')} to change it anyway.",
        )

    def canonical(self, observed: Observed) -> Document:
        """Add the default firewall that Azure omits and remove duplicate rules, for the requested parts."""
        actual, requested = observed.document or {}, at(self.desired, "properties.networkAcls")
        if requested is None:
            return actual
        acls = merge(_OPEN_ACLS, at(actual, "properties.networkAcls") or {})
        folded = {name: without_duplicates(acls[name] or [], key) for name, key in _RULES.items() if name in requested}
        return {**actual, "properties": {**actual.get("properties", {}), "networkAcls": {**acls, **folded}}}

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Refuse to create a vault without a region, before anything else is read."""
        if observed.document is None and self.desired is not None and not self.desired.get("location"):
            raise self.refusal("location", f"required to create {self.label}; set it to its region.")
        plan = super().plan(observed, known)
        return dataclasses.replace(self._recovery(observed, plan), remarks=self._remarks(observed.document))

    def _recovery(self, observed: Observed, plan: Plan) -> Plan:
        """Show of a vault to recover what is requested alone: it comes back with its own properties, which nobody can read before."""
        if plan.action != "create" or self.defaults_hold(observed):
            return plan
        needed = {name: plan.body["properties"][name] for name in ("tenantId", "sku")}
        requested = self.wanted(observed)
        body = self.body(merge({"properties": needed}, requested))
        return dataclasses.replace(plan, after={"recovered": True, **requested}, body=body)

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> None:
        """A deleted vault may hold the name: recover it when requested, else say so before Azure does. A protected one cannot be purged."""
        if plan.action == "delete":
            return self._check_purge(observed.document)
        if plan.action == "create" and t.cast(ObservedVault, observed).deleted is not None and not self.recover:
            region = location(str(t.cast(ObservedVault, observed).region or (self.desired or {}).get("location")))
            raise Problem(
                f"The name '{self.id.name}' is taken by a soft-deleted key vault in {region}",
                code="VaultSoftDeleted",
                resource_id=str(self.id),
                hint=f"Set {self.switch_of('recover')} to recover it with its contents, purge it, or choose another name.",
            )

    def _check_purge(self, actual: Document | None) -> None:
        if self.purge and (at(actual, "properties.enablePurgeProtection") or at(actual, "properties.purgeProtectionEnabled")):
            date, switch = at(actual, "properties.scheduledPurgeDate"), self.option_of("purge")
            raise Problem(
                f"{self.label} has purge protection",
                code="VaultPurgeProtected",
                resource_id=str(self.id),
                hint=f"Leave {switch} out; Azure purges the vault on {date}."
                if date
                else f"Leave {switch} out; Azure purges a deleted vault when its retention period ends.",
            )

    def _deleted_id(self, region: str | None) -> ResourceId:
        return ResourceId(self.id.subscription, None, kinds.DELETED_VAULT.type, (location(str(region)), self.id.name))

    def _deleted_vault(self, world: World, region: str | None) -> Document | None:
        try:
            return world.get(kinds.DELETED_VAULT, self._deleted_id(region), doing=f"look for a deleted {self.label}")
        except ArmError as error:
            if (
                error.status == 403 and self.desired is not None
            ):  # the right is a subscription's, rarely granted; without it the write itself tells
                return None
            raise

    def _listed_as_deleted(self, world: World) -> Document | None:
        """Find the deleted vault in the list of the subscription, which needs no region."""
        try:
            listed = world.list(kinds.DELETED_VAULT, subscription_scope(self.id.subscription), doing=f"look for a deleted {self.label}")
        except ArmError as error:
            if error.status != 403:
                raise
            raise self.refusal(
                "location", f"required to purge {self.label}, which is already deleted; pass the region it was in."
            ) from None
        return next((each for each in listed if same_id(at(each, "properties.vaultId"), str(self.id))), None)

    def delete(self, world: World, observed: Observed, plan: Plan) -> Waiting[None]:
        """Delete the vault softly, and purge it when requested."""
        seen = t.cast(ObservedVault, observed)
        if seen.deleted is None:
            yield from super().delete(world, observed, plan)
        if self.purge:
            yield from self._purged(world, seen)

    def _purged(self, world: World, seen: ObservedVault) -> Waiting[None]:
        """Purge the vault, which is deleted by now whatever becomes of this."""
        try:
            yield from world.delete(kinds.DELETED_VAULT, self._deleted_id(seen.region), doing=f"purge {self.label}")
        except ArmError as error:
            error.message = f"{error.message.rstrip('.')}; the vault is deleted, not purged, and can be recovered"
            raise

    def write(self, world: World, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Recover first where that is needed: a recovered vault has its old properties, so the desired document is merged over them."""
        if plan.action != "create" or t.cast(ObservedVault, observed).deleted is None:
            return (yield from super().write(world, observed, plan))
        properties = {"createMode": "recover", "tenantId": plan.body["properties"]["tenantId"], "sku": plan.body["properties"]["sku"]}
        body = {"location": plan.body["location"], "properties": properties}
        try:
            yield from world.put(self.kind, self.id, body, doing=f"recover {self.label}", once=True)
        except ArmError as error:  # once the vault is back, the same body would overwrite its properties
            if not may_be_done(error) or self.fetch(world, self.id) is None:
                raise
        recovered = observed.with_document(self.fetch(world, self.id))
        left = self.plan(recovered, {})
        return (yield from super().write(world, recovered, left)) if left.changed else recovered

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the vault's address, which follows from its name, and its public access in Azure's usual spelling."""
        document = observed.document or {}
        uri = vault_uri(document, self.id.name, world.cloud.vault_suffix)
        told = exists or at(document, "properties.publicNetworkAccess")  # else it is to be recovered, and comes back with its own
        return {"vault_uri": uri, "public_network_access": public_access_of(document) if told else UNKNOWN}
