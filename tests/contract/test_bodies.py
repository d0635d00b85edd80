# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
An update never sends what Azure's OpenAPI documents call read-only, whatever was read: the
declarations of the resources against the documents.
"""

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._resources.endpoint_connection_approval import PrivateEndpointConnection
from ansible_collections.privatelink.azure.plugins.module_utils._resources.keyvault import KeyVault
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_a_record import PrivateDnsARecordSet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone import PrivateDnsZone
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_group import PrivateDnsZoneGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_link import PrivateDnsZoneLink
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Resource
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_group import ResourceGroup
from ansible_collections.privatelink.azure.plugins.module_utils._resources.subnet import Subnet
from ansible_collections.privatelink.azure.plugins.module_utils._resources.virtual_network import VirtualNetwork
from contract.specification import Json, Specifications

GROUP = "/subscriptions/s/resourceGroups/g"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
ENDPOINT, ZONE, VAULT = f"{NETWORK}/privateEndpoints/e", f"{NETWORK}/privateDnsZones/z", f"{GROUP}/providers/Microsoft.KeyVault/vaults/v"


def _id(text: str) -> ResourceId:
    found = ResourceId.parse(text)
    assert found is not None
    return found


RESOURCES: dict[str, Resource] = {
    "VirtualNetworks_CreateOrUpdate": VirtualNetwork(_id(f"{NETWORK}/virtualNetworks/n"), {}),
    "Subnets_CreateOrUpdate": Subnet(_id(f"{NETWORK}/virtualNetworks/n/subnets/s"), {}),
    "PrivateEndpoints_CreateOrUpdate": PrivateEndpoint(_id(ENDPOINT), {}),
    "PrivateDnsZoneGroups_CreateOrUpdate": PrivateDnsZoneGroup(_id(f"{ENDPOINT}/privateDnsZoneGroups/d"), {}),
    "PrivateZones_CreateOrUpdate": PrivateDnsZone(_id(ZONE), {}),
    "VirtualNetworkLinks_CreateOrUpdate": PrivateDnsZoneLink(_id(f"{ZONE}/virtualNetworkLinks/l"), {}),
    "RecordSets_CreateOrUpdate": PrivateDnsARecordSet(_id(f"{ZONE}/A/r"), {}),
    "Vaults_CreateOrUpdate": KeyVault(_id(VAULT), {}),
    "PrivateEndpointConnections_Put": PrivateEndpointConnection(_id(VAULT), {}, endpoint_id=ENDPOINT, name=None),
    "ResourceGroups_CreateOrUpdate": ResourceGroup(_id(GROUP), {}),
}


@pytest.mark.parametrize("operation", RESOURCES)
def test_nothing_read_only_is_sent(operation: str, specifications: Specifications) -> None:
    resource = RESOURCES[operation]
    found = [each for each in specifications.operations if each.id == operation]
    assert found
    for each in found:
        (parameter,) = (one for one in each.parameters if one["in"] == "body")
        whole: Json = each.document.full(parameter["schema"])
        sent = list(each.request_problems(each.path, {}, whole))
        assert [problem for problem in sent if "read-only" in problem], "the document declares what is read-only, and the check sees it"
        problems = each.request_problems(each.path, {}, resource.body(resource.canonical(resource.found(whole))))
        assert [problem for problem in problems if "read-only" in problem] == [], str(each)
