# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagnostic settings."""

from __future__ import annotations

import dataclasses
import typing as t

from .._azure import kinds
from .._documents.compare import Document, at, is_word, merge, prune
from .extension import ExtensionResource
from .resource import Known, Observed, Plan

_LISTS = ("logs", "metrics")


class DiagnosticSetting(ExtensionResource):
    """Where a resource's logs and metrics go. Source: REST reference, Monitor - Diagnostic Settings.

    Azure answers with null for what is not set, and may list categories that are switched off.
    """

    kind = kinds.DIAGNOSTIC_SETTING
    key = "diagnostic_setting"
    caseless = (
        "properties.logAnalyticsDestinationType",
        *("properties.logs.category", "properties.logs.categoryGroup", "properties.metrics.category"),
    )
    # Null is how Azure says AzureDiagnostics (REST reference); what is not switched on is off.
    absent: t.ClassVar[dict[str, t.Any]] = {
        "properties.logAnalyticsDestinationType": "AzureDiagnostics",
        "properties.logs.enabled": False,
        "properties.metrics.enabled": False,
    }
    read_only = ("location", "kind", "identity", "tags")

    def wanted(self, observed: Observed) -> Document:
        """Lists are whole lists of what is switched on."""
        return self._switched_on(super().wanted(observed), _LISTS)

    def canonical(self, observed: Observed) -> Document:
        """
        Leave out what is null, and of lists that are asked for what is off; the destination type that Azure calls null is AzureDiagnostics.
        """
        requested = (self.desired or {}).get("properties", {})
        current = self._switched_on(t.cast(Document, prune(observed.document or {})), [name for name in _LISTS if name in requested])
        properties = current.setdefault("properties", {})
        if properties.get("workspaceId"):
            properties.setdefault("logAnalyticsDestinationType", "AzureDiagnostics")
        return current

    def body(self, document: Document) -> Document:
        """Null is the one way to write AzureDiagnostics that the reference names."""
        clean = super().body(document)
        if is_word(clean["properties"].get("logAnalyticsDestinationType"), "AzureDiagnostics"):
            del clean["properties"]["logAnalyticsDestinationType"]
        return clean

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Show whole entries: those that go may be groups of categories where single ones come."""
        plan = super().plan(observed, known)
        if observed.document is None or plan.action != "update":
            return plan
        current, changed = self.canonical(observed)["properties"], plan.after.get("properties", {})
        return dataclasses.replace(
            plan, before=merge(plan.before, {"properties": {name: current[name] for name in _LISTS if name in current and name in changed}})
        )

    @staticmethod
    def _switched_on(document: Document, names: t.Collection[str]) -> Document:
        """Remove disabled entries from the named lists, and the retired retention policy, which Azure refuses now, from all."""
        lists = {
            name: [
                _without_old_retention(entry) for entry in at(document, f"properties.{name}") if entry.get("enabled") or name not in names
            ]
            for name in _LISTS
            if isinstance(at(document, f"properties.{name}"), list)
        }
        return {**document, "properties": {**document.get("properties", {}), **lists}}


def _without_old_retention(entry: Document) -> Document:
    """Azure still answers with the retention that it no longer offers, switched off."""
    return {name: value for name, value in entry.items() if name != "retentionPolicy" or value.get("enabled")}
