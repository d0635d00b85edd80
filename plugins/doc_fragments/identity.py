# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that identify a resource, by its id or by names. The options are made by module_utils/_identity.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.identity, and .private_endpoint, .vault, .parent_vault, .zone, .checked_zone, .record_set and
    .provider for what the names are of. No section may bear the name of another fragment's file, which Ansible would take in its place."""

    DOCUMENTATION = r"""
options:
  id:
    description: ID of the resource. Use it instead of O(resource_group), O(subscription_id) and all names.
    type: str
  resource_group:
    description: Resource group of the resource. Required unless an ID is given.
    type: str
"""

    PRIVATE_ENDPOINT = r"""
options:
  name:
    description: Name of the private endpoint. Required unless O(id) is given.
    type: str
  id:
    description: ID of the private endpoint. Use it instead of O(name), O(resource_group) and O(subscription_id).
    type: str
    aliases: [endpoint_id]
  resource_group:
    description: Resource group of the private endpoint. Required unless O(id) is given.
    type: str
"""

    VAULT = r"""
options:
  vault_name:
    description: Name of the key vault. Required unless O(vault_id) is given.
    type: str
  vault_id:
    description: ID of the key vault. Use it instead of O(vault_name), O(resource_group) and O(subscription_id).
    type: str
    aliases: [id]
  resource_group:
    description: Resource group of the key vault. Required unless O(vault_id) is given.
    type: str
"""

    PARENT_VAULT = r"""
options:
  vault_name:
    description: Name of the key vault. Required unless an ID is given.
    type: str
  vault_id:
    description: ID of the key vault. Use it instead of O(vault_name), O(resource_group) and O(subscription_id).
    type: str
  resource_group:
    description: Resource group of the key vault. Required unless an ID is given.
    type: str
"""

    ZONE = r"""
options:
  zone_name:
    description: Name of the zone. By default the private link zone of key vaults in the cloud.
    type: str
  zone_id:
    description: ID of the zone. Use it instead of O(zone_name), O(resource_group) and O(subscription_id).
    type: str
  resource_group:
    description: Resource group of the zone. Required unless an ID is given.
    type: str
"""

    CHECKED_ZONE = r"""
options:
  allow_other_zone:
    description:
      - Whether to allow a private link zone that does not serve key vaults or managed HSMs, or a similar name, such as
        V(privatelink.vault.azure.net), which never resolves the name of a vault. By default such a zone is refused unless O(state=absent).
      - Other zones, such as V(corp.example), are not refused.
    type: bool
    default: false
"""

    RECORD_SET = r"""
options:
  id:
    description: ID of the record set. Use it instead of O(name) and the options that identify the zone.
    type: str
"""

    PROVIDER = r"""
options:
  id:
    description: ID of the provider in a subscription, C(/subscriptions/ID/providers/NAMESPACE). Use it instead of O(name) and
      O(subscription_id).
    type: str
"""
