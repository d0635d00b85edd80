# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The api-version of every request on the wire, whatever release of the SDK sends it.

Bodies are the wire format in both directions, so a release's own version, which moves with each of them, need not be the one that Azure is asked in. One
version means one behaviour: what a vault is born with, and what comes back that no option names and must go out again unharmed.
"""

from __future__ import annotations

API_VERSIONS: dict[str, str] = {
    # Older ones retire on 2027-02-27. From here on a vault is born with Azure RBAC. Source: REST reference, Key Vault - Vaults.
    "keyvault": "2026-02-01",
    # Knows all that may be in what is read and sent back whole: ipamPoolPrefixAllocations of subnets (2024-05-01), ipVersionType (2025-03-01), billingSku
    # (2025-07-01) and approvalReference (2026-01-01) of endpoints. Source: Azure/bicep-types-az and the models of azure-mgmt-network.
    "network": "2026-03-01",
    # The only one with resolutionPolicy of links, and the newest. Source: azure-rest-api-specs, privatedns.
    "privatedns": "2024-06-01",
    # Groups, providers and lists of resources have not changed since. Source: azure-rest-api-specs, resources.
    "resource": "2022-09-01",
}
"""By client. Types without a client of their own bring their version along, see the verbs that end in _by_id."""
