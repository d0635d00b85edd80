# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vaults as they are, as the settings of private vaults: what someone chose and nothing that Azure chose.

A run on them changes nothing. The settings are those of the module private_vaults: a mapping of vaults by name, and what they share as
defaults.
"""

from __future__ import annotations

import typing as t

from .._azure import kinds
from .._documents.compare import Document, at
from .._documents.endpoint import connection_of, is_alive, state_of, static_addresses
from .._documents.ids import ResourceId, same_id, subscription_scope
from .._documents.public_access import OPEN, public_access_of
from .._documents.states import spelled
from .._errors import ArmError
from .estate_dns import A_RECORD, NONE, ZONE_GROUP

if t.TYPE_CHECKING:
    from .._azure.world import World
    from .estate import Endpoint, Vault

# Of vaults and endpoints: the setting, and the property that someone chose where it is set.
_VAULT = {
    "enable_rbac_authorization": "enableRbacAuthorization",
    "soft_delete_retention_in_days": "softDeleteRetentionInDays",
}
_SWITCHES = {
    "enabled_for_deployment": "enabledForDeployment",
    "enabled_for_disk_encryption": "enabledForDiskEncryption",
    "enabled_for_template_deployment": "enabledForTemplateDeployment",
}
# What the defaults of an endpoint may say; of the rest each endpoint has its own.
_SHARED = ("subnet_id", "dns", "zone_id", "link", "registration_enabled", "resolution_policy", "manual_request", "request_message")
# These say something only where a zone is named.
_OF_A_ZONE = ("zone_id", "link", "registration_enabled", "resolution_policy")


class Export:
    """The settings of vaults, and what they leave out: not_exported has id, vault_id and reason of each endpoint or setting."""

    def __init__(self, world: World, vaults: t.Sequence[Vault]) -> None:
        self.not_exported: list[dict[str, str]] = []
        self._zone = world.cloud.vault_zone
        self._vaults = {vault.id.name: self._vault(vault) for vault in sorted(vaults, key=lambda each: each.id.name.casefold())}
        self._share_tags(world, vaults)

    def variables(self) -> dict[str, Document]:
        """Return private_vaults_defaults and private_vaults_vaults."""
        defaults = _factored(list(self._vaults.values())) if len(self._vaults) > 1 else {}
        return {"private_vaults_defaults": defaults, "private_vaults_vaults": self._vaults}

    def _skip(self, resource_id: str, vault: Vault, reason: str) -> None:
        self.not_exported.append({"id": resource_id, "vault_id": str(vault.document["id"]), "reason": reason})

    def _vault(self, vault: Vault) -> Document:
        document, access = vault.document, public_access_of(vault.document)
        properties = document.get("properties", {})
        settings: Document = {
            "subscription_id": vault.id.subscription,
            "resource_group": vault.id.resource_group,
            "location": document["location"],
            "sku": str(at(document, "properties.sku.name")).casefold(),
            # not to be left out: it is turned on by default, and never off again
            "purge_protection": bool(properties.get("enablePurgeProtection")),
            **{name: properties[key] for name, key in _VAULT.items() if properties.get(key) is not None},
            **{name: True for name, key in _SWITCHES.items() if properties.get(key)},
            "public_network_access": access,
        }
        if access != OPEN and spelled(at(document, "properties.networkAcls.defaultAction")) != "Deny":
            settings["close"] = False  # closing sets the default action too
        exported = [endpoint for endpoint in vault.endpoints if self._is_exported(vault, endpoint)]
        settings["tags"] = _common([_tags(document), *(_tags(endpoint.document) for endpoint in exported)])
        settings["endpoints"] = dict(sorted(self._endpoint(vault, endpoint) for endpoint in exported))
        return settings

    def _is_exported(self, vault: Vault, endpoint: Endpoint) -> bool:
        """Return whether an endpoint can be described so that a run leaves it as it is."""
        reason = None
        if endpoint.document is None:
            reason = f"the private endpoint cannot be read ({endpoint.error})"
        elif not is_alive(endpoint.document):
            state = state_of(endpoint.document).get("status")
            reason = f"the private endpoint is of no use (connection {state}); delete it, or create it again with recreate: true"
        if reason:
            self._skip(endpoint.id, vault, reason)
        return reason is None

    def _endpoint(self, vault: Vault, endpoint: Endpoint) -> tuple[str, Document]:
        document, parsed = t.cast(Document, endpoint.document), t.cast(ResourceId, ResourceId.parse(endpoint.id))
        connection, static = connection_of(document), static_addresses(document)
        groups = [str(each["id"]) for each in at(document, "properties.applicationSecurityGroups") or []]
        own: Document = {
            "resource_group": None if _same(parsed.resource_group, vault.id.resource_group) else parsed.resource_group,
            "subnet_id": at(document, "properties.subnet.id"),
            **self._dns(vault, endpoint),
            "connection_name": None if connection.get("name") == document["name"] else connection.get("name"),
            "private_ip_address": static[0] if static else None,
            "network_interface_name": at(document, "properties.customNetworkInterfaceName") or None,
            "application_security_group_ids": groups or None,
            "manual_request": connection.get("manual") or None,
            "request_message": (connection.get("requestMessage") or None) if connection.get("manual") else None,
        }
        return str(document["name"]), {name: value for name, value in own.items() if value is not None}

    def _dns(self, vault: Vault, endpoint: Endpoint) -> Document:
        """Return who writes the record, and the link of the endpoint's own network to the zone."""
        dns, reason = endpoint.dns, None
        zones = [zone for zone in dns.zone_ids if zone.rstrip("/").rpartition("/")[2].casefold() == self._zone]
        if dns.mode not in (ZONE_GROUP, A_RECORD, NONE):
            reason = "its DNS zone group cannot be read, so dns is none"
        elif dns.mode != NONE and (not zones or (dns.mode == ZONE_GROUP and len(dns.zone_ids) > 1)):
            written = ", ".join(dns.zone_ids) or "no zone"
            reason = f"its record is written into {written}, which is no single zone for key vaults; dns is none"
        elif len(zones) > 1:
            self._skip(endpoint.id, vault, f"its record is also in {', '.join(zones[1:])}; only {zones[0]} is exported")
        if reason:
            self._skip(endpoint.id, vault, reason)
        if reason or dns.mode == NONE:
            return {"dns": NONE}
        subnet = ResourceId.parse(str(at(endpoint.document, "properties.subnet.id")))
        link = next(
            (each for each in dns.links if subnet and same_id(each.network_id, str(subnet.parent)) and each.zone_id == zones[0]), None
        )
        linked: Document = {"link": True, "registration_enabled": link.registration_enabled or None} if link else {}
        if link and link.resolution_policy not in (None, "Default"):
            linked["resolution_policy"] = link.resolution_policy
        return {"dns": dns.mode, "zone_id": zones[0], **linked}

    def _share_tags(self, world: World, vaults: t.Sequence[Vault]) -> None:
        """Leave out tags that all vaults have and one of their resource groups has not: what vaults share gets the tags that they share."""
        shared = _common([each["tags"] for each in self._vaults.values()])
        if shared:
            shared = {name: value for name, value in shared.items() if not _on_all(world, vaults, name, value)}
        for settings in self._vaults.values():
            settings["tags"] = {name: value for name, value in settings["tags"].items() if name not in shared}
            if not settings["tags"]:
                del settings["tags"]


def _on_all(world: World, vaults: t.Sequence[Vault], name: str, value: str) -> bool:
    """Return whether all resource groups of vaults have a tag; those that cannot be read have not."""
    wanted = {(vault.id.subscription.casefold(), str(vault.id.resource_group).casefold()) for vault in vaults}
    for subscription in sorted({each for each, _group in wanted}):
        try:
            listed = world.list(kinds.GROUP, subscription_scope(subscription))
        except ArmError as error:
            if error.status not in (401, 403, 404):
                raise
            return False
        wanted -= {(subscription, str(each["name"]).casefold()) for each in listed if _tags(each).get(name) == value}
    return not wanted


def _tags(document: Document | None) -> dict[str, str]:
    return dict((document or {}).get("tags") or {})


def _common(tags: t.Sequence[dict[str, str]]) -> dict[str, str]:
    """Return the tags that are in all of several mappings."""
    first, *others = tags or [{}]
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def _same(one: str | None, other: str | None) -> bool:
    return str(one).casefold() == str(other).casefold()


def _factored(vaults: t.Sequence[Document]) -> Document:
    """Take out of vaults and their endpoints what they all say alike, and return it."""
    shared = _taken(vaults, [name for name in vaults[0] if name not in ("tags", "endpoints")])
    endpoints = [endpoint for vault in vaults for endpoint in vault["endpoints"].values()]
    named = [endpoint for endpoint in endpoints if endpoint["dns"] != NONE]
    for_all = [name for name in _SHARED if name not in _OF_A_ZONE]
    found = {**(_taken(named, _OF_A_ZONE) if named else {}), **(_taken(endpoints, for_all) if endpoints else {})}
    tags = _common([vault.get("tags", {}) for vault in vaults])
    for vault in vaults if tags else ():
        vault["tags"] = {name: value for name, value in vault["tags"].items() if name not in tags}
        if not vault["tags"]:
            del vault["tags"]
    return {**shared, **{name: found[name] for name in _SHARED if name in found}, **({"tags": tags} if tags else {})}


def _taken(documents: t.Sequence[Document], names: t.Iterable[str]) -> Document:
    """Take what all documents say alike out of them, and return it."""
    shared = {}
    for name in names:
        if all(name in each and each[name] == documents[0][name] for each in documents):
            shared[name] = documents[0][name]
            for each in documents:
                del each[name]
    return shared
