# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a vault's own settings, of limits, and of what is on the vault: locks and diagnostic settings."""

from __future__ import annotations

from .._azure import kinds
from .._documents.compare import at
from .._documents.ids import subscription_scope
from .._documents.limits import connections_of
from .._documents.states import REFUSED
from . import check_fixes as fixes
from .checked import Answer
from .examined import Examined
from .surroundings import list_of

FEW = 10  # vaults from which what Azure lists for one resource only is read


def public_network_access(examined: Examined) -> Answer:
    """Check the first gate."""
    gates = examined.gates
    if gates.closed:
        return Answer()
    admitted = "everybody" if not gates.denies else ", ".join([*gates.ip_rules, *gates.subnet_ids]) or "no address"
    trusted = " and trusted Microsoft services" if gates.bypass.casefold() == "azureservices" and gates.denies else ""
    message = (
        f"Key vault '{examined.name}' has public network access {gates.public_network_access}; its firewall lets in {admitted}{trusted}."
    )
    hint = "Disable it with keyvault_public_network_access, which proves the private path first."
    task = fixes.closed(examined)
    hint += fixes.which_zone(examined, [task.options["zone_id"]])
    return Answer("failed", message, hint, (examined.id,), fixes.tasks_text([task]))


def firewall(examined: Examined) -> Answer:
    """Check the second gate, which counts as soon as public access is enabled."""
    gates = examined.gates
    if gates.by_perimeter:
        return Answer("skipped", "A network security perimeter decides who gets in, and the firewall does not count.")
    if gates.denies:
        return Answer()
    message = f"Key vault '{examined.name}' has a firewall that lets in everybody once public access is enabled (default action Allow)."
    task = fixes.setting(examined, "Close the firewall", network_acls={"default_action": "Deny"})
    return Answer("failed", message, "Set the default action of the firewall to Deny.", (examined.id,), fixes.tasks_text([task]))


def soft_delete(examined: Examined) -> Answer:
    """Check that a deleted vault can be recovered; Azure takes a vault that does not say it for one with soft delete."""
    if not _is_gone_for_good(examined):
        return Answer()
    message = f"Key vault '{examined.name}' has no soft delete: who deletes it deletes its secrets for good."
    hint = (
        "Enable it together with purge protection, as the task in fix does; neither can be disabled again. Without purge protection: "
        "az keyvault update --enable-soft-delete true."
    )
    return Answer(
        "failed", message, hint, (examined.id,), fixes.tasks_text([_protection(examined, "Enable soft delete and purge protection")])
    )


def _is_gone_for_good(examined: Examined) -> bool:
    """Return whether the vault has no soft delete, as some of before 2020."""
    return at(examined.vault.document, "properties.enableSoftDelete") is False


def _protection(examined: Examined, what: str) -> fixes.Task:
    """Return the task that turns on purge protection, and soft delete with it where that is off: the one requires the other."""
    return fixes.setting(examined, what, enable_purge_protection=True)


def purge_protection(examined: Examined) -> Answer:
    """Check that a deleted vault stays recoverable; a vault without soft delete has one finding, whose fix turns on both."""
    if at(examined.vault.document, "properties.enablePurgeProtection"):
        return Answer()
    if _is_gone_for_good(examined) and examined.wanted.asks("soft_delete"):
        return Answer("skipped", "Purge protection requires soft delete, which the vault does not have.")
    message = f"Key vault '{examined.name}' has no purge protection: a deleted vault can be purged at once."
    task = _protection(examined, "Enable purge protection")
    return Answer("failed", message, "Enable it; it cannot be disabled again.", (examined.id,), fixes.tasks_text([task]))


def azure_rbac(examined: Examined) -> Answer:
    """Check who decides on access: what a vault leaves out means access policies, and Azure RBAC in newer api-versions."""
    value = at(examined.vault.document, "properties.enableRbacAuthorization")
    if value:
        return Answer()
    said = (
        "uses access policies"
        if value is False
        else "does not say whether Azure RBAC or access policies decide (null), and api-versions before 2026-02-01 end on 2027-02-27"
    )
    hint = "Assign roles to all who use the vault before you enable Azure RBAC: access policies stop working with it."
    task = fixes.setting(examined, "Enable Azure RBAC", enable_rbac_authorization=True)
    return Answer("failed", f"Key vault '{examined.name}' {said}.", hint, (examined.id,), fixes.tasks_text([task]))


def _is_near(used: int, limit: int) -> bool:
    """Return whether nine tenths of a limit are used; a limit of 0 is not looked at."""
    return bool(limit) and used * 10 >= limit * 9


def vault_limit(examined: Examined) -> Answer:
    """Check how many connections the vault has."""
    used, limit = connections_of(examined.vault.document), examined.wanted.limits.endpoints_per_vault
    if not _is_near(used, limit):
        return Answer()
    message = f"Key vault '{examined.name}' has {used} private endpoint connections of {limit}."
    refused = [side for side in examined.others if side["state"] in REFUSED and not side.get("removed")]
    hint = (
        "Remove connections that are no longer used: fix has those that are rejected or disconnected, and no task can choose others. If "
        "Microsoft raised the limit, set endpoints_per_vault_limit."
    )
    return Answer("failed", message, hint, (examined.id,), fixes.tasks_text(map(fixes.removed, refused)))


def subscription_limit(examined: Examined) -> Answer:
    """Check how many vaults of the subscription have connections."""
    subscription = examined.vault.id.subscription
    found = examined.around.listed(kinds.VAULT, subscription_scope(subscription))
    if found.error:
        message = f"The key vaults of subscription {subscription} may not be listed ({found.error})."
        return Answer("unknown", message, "Use credentials that may list them.", (f"/subscriptions/{subscription}",))
    used, limit = examined.around.with_endpoints(subscription), examined.wanted.limits.vaults_per_subscription
    if not _is_near(used, limit):
        return Answer()
    message = f"Subscription {subscription} has {used} key vaults with private endpoints of {limit}."
    hint = (
        "Use another subscription for new vaults, or request a higher limit from akv-privatelink@microsoft.com, because no task can raise "
        "it, and set vaults_with_endpoints_limit."
    )
    return Answer("failed", message, hint, (f"/subscriptions/{subscription}",))


def management_lock(examined: Examined) -> Answer:
    """Check that a lock on the vault, its resource group or its subscription forbids its deletion."""
    vault = examined.vault.id
    found = examined.around.listed(kinds.LOCK, subscription_scope(vault.subscription))
    if found.error:
        message = f"The locks of subscription {vault.subscription} may not be listed ({found.error})."
        return Answer("unknown", message, "Use credentials that may read locks.", (f"/subscriptions/{vault.subscription}",))
    group = f"/subscriptions/{vault.subscription}/resourceGroups/{vault.resource_group}"
    places = (examined.id, group, f"/subscriptions/{vault.subscription}")
    if any(place.casefold() in examined.around.locked(vault.subscription) for place in places):
        return Answer()
    message = f"Key vault '{examined.name}' has no lock against deletion, nor have its resource group and its subscription."
    return Answer("failed", message, "Create one with management_lock.", (examined.id,), fixes.tasks_text([fixes.lock(examined)]))


def diagnostic_setting(examined: Examined) -> Answer:
    """Check that logs are kept. Azure lists the settings of one resource only, so that many vaults would cost a request each."""
    if not examined.few:
        return Answer("skipped", f"Azure lists them for one vault only; name it in checks to ask for more than {FEW} vaults.")
    found = list_of(examined.world, kinds.DIAGNOSTIC_SETTING, examined.vault.id)
    if found.error:
        message = f"The diagnostic settings of key vault '{examined.name}' may not be read ({found.error})."
        return Answer("unknown", message, "Use credentials that may read diagnostic settings.", (examined.id,))
    if any(log.get("enabled") for setting in found.documents for log in at(setting, "properties.logs") or []):
        return Answer()
    message = f"Key vault '{examined.name}' has no diagnostic setting that keeps its logs."
    hint = f"Send its logs to a Log Analytics workspace: set the variable {fixes.WORKSPACE}, which the task in fix uses, to its ID."
    return Answer("failed", message, hint, (examined.id,), fixes.tasks_text([fixes.kept_logs(examined)]))
