# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules that check vaults. The options are module_utils/_recipes/checking.py, OPTIONS."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.checks."""

    DOCUMENTATION = r"""
options:
  subnet_ids:
    description: Subnets where the vaults' private endpoints are meant to be. Each vault needs one in any of them.
    type: list
    elements: str
    default: []
  endpoint_network_ids:
    description: Virtual networks where the vaults' private endpoints are meant to be, in addition to O(subnet_ids).
    type: list
    elements: str
    default: []
  virtual_network_ids:
    description: Virtual networks that must resolve the vaults' names, in addition to the networks of the endpoints.
    type: list
    elements: str
    default: []
  checks:
    description: Checks to run, by default all.
    type: list
    elements: str
    default: []
    choices: &checks
      - endpoint_exists
      - endpoint_provisioned
      - connection_approved
      - connections_in_use
      - endpoint_network
      - zone_exists
      - zone_linked
      - zone_not_shadowed
      - registration_off
      - record_exists
      - record_address
      - record_alone
      - forwarders
      - probe
      - public_network_access
      - firewall
      - soft_delete
      - purge_protection
      - azure_rbac
      - vault_limit
      - subscription_limit
      - zone_limits
      - management_lock
      - diagnostic_setting
  skip_checks:
    description: Checks not to run.
    type: list
    elements: str
    default: []
    choices: *checks
  proofs:
    description:
      - Results of M(privatelink.azure.keyvault_probe_info) from hosts inside the networks, as they were registered, each about one vault or
        about many, also of loops.
      - A proof passes the check V(forwarders), which nothing else can. A probe that did not reach the vault fails the check V(probe).
      - A proof speaks for the virtual network that it names; one that names none counts if only one network is in question.
    type: list
    elements: raw
    default: []
  vaults_with_endpoints_limit:
    description: Number of vaults with private endpoints that Azure allows in a subscription. V(0) skips the check.
    type: int
    default: 400
  endpoints_per_vault_limit:
    description: Number of private endpoints that Azure allows for a vault. V(0) skips the check.
    type: int
    default: 64
"""
