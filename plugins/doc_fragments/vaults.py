# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules that read many vaults. The options are module_utils/_recipes/vault_scope.py, OPTIONS."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.vaults."""

    DOCUMENTATION = r"""
options:
  subscription_ids:
    description: Subscriptions whose vaults are read. By default O(subscription_id).
    type: list
    elements: str
    default: []
  resource_groups:
    description: Only the vaults of these resource groups, by default all.
    type: list
    elements: str
    default: []
  vault_ids:
    description: Only these vaults, in any subscription. It excludes O(subscription_ids) and O(resource_groups).
    type: list
    elements: str
    default: []
  zone_ids:
    description:
      - Private DNS zones in other subscriptions whose records show the DNS of endpoints. The zones for key vaults in the subscriptions of
        the vaults and the endpoints are found, and so is every zone that a DNS zone group names.
    type: list
    elements: str
    default: []
"""
