# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resource providers; each module has a table of routes and short handlers."""

from __future__ import annotations

from emulator.providers import (
    authorization,
    compute,
    insights,
    key_vault,
    log_analytics,
    lro,
    managed_hsm,
    network,
    network_parts,
    network_rules,
    private_dns,
    private_endpoint,
    private_link_service,
    record_sets,
    resources,
    storage,
    tag_names,
    tags,
    validation,
    vault_connections,
    zone_group,
)

ROUTES = [
    *resources.ROUTES,
    *tags.ROUTES,
    *tag_names.ROUTES,
    *lro.ROUTES,
    *network.ROUTES,
    *network_parts.ROUTES,
    *network_rules.ROUTES,
    *private_endpoint.ROUTES,
    *zone_group.ROUTES,
    *private_link_service.ROUTES,
    *private_dns.ROUTES,
    *record_sets.ROUTES,
    *key_vault.ROUTES,
    *vault_connections.ROUTES,
    *managed_hsm.ROUTES,
    *storage.ROUTES,
    *authorization.ROUTES,
    *insights.ROUTES,
    *log_analytics.ROUTES,
    *compute.ROUTES,
    *validation.ROUTES,
]
