# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small landscape of resources that several tests start from, made once by the modules themselves."""

from __future__ import annotations

import typing as t

from integration.emulation import Emulation, Json
from integration.running import Controller, task

GROUP = "shop"
NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE = "Microsoft.Network/privateDnsZones"
VAULT = "Microsoft.KeyVault/vaults"
ZONE_NAME = "privatelink.vaultcore.azure.net"


class Landscape:
    """Group shop: vaults shop-vault and shop-till, zone, network shop-net (10.1.0.0/16: endpoints, others) and far-net in another region.

    The endpoint shop-endpoint joins shop-vault, the endpoint shop-request asks shop-till.
    """

    def __init__(self, controller: Controller, emulation: Emulation) -> None:
        self.emulation = emulation
        self.vault = emulation.id(GROUP, VAULT, "shop-vault")
        self.other_vault = emulation.id(GROUP, VAULT, "shop-till")
        self.network = emulation.id(GROUP, NETWORK, "shop-net")
        self.subnet = emulation.id(GROUP, SUBNET, "shop-net", "endpoints")
        self.others = emulation.id(GROUP, SUBNET, "shop-net", "others")
        self.far_subnet = emulation.id(GROUP, SUBNET, "far-net", "endpoints")
        self.zone = emulation.id(GROUP, ZONE, ZONE_NAME)
        self.endpoint = emulation.id(GROUP, ENDPOINT, "shop-endpoint")
        self.request = emulation.id(GROUP, ENDPOINT, "shop-request")
        controller.tasks(*self._made()).succeeded()
        self._state: Json = emulation.control("GET", "state")

    def use(self) -> Landscape:
        """Bring everything back as it was made: no faults, an empty log."""
        self.emulation.reset()
        self.emulation.control("PUT", "state", self._state)
        return self

    def _made(self) -> t.Iterator[Json]:
        group = {"resource_group": GROUP}
        yield task("resource_group", name=GROUP, location="westeurope")
        yield task("resource_provider", name="Microsoft.KeyVault")
        for vault in ("shop-vault", "shop-till"):
            yield task("keyvault", **group, name=vault, location="westeurope")
        for network, region in (("shop-net", "westeurope"), ("far-net", "northeurope")):
            yield task("virtual_network", **group, name=network, location=region, address_prefixes=["10.1.0.0/16"])
            yield task("subnet", **group, virtual_network_name=network, name="endpoints", address_prefixes=["10.1.0.0/24"])
        yield task("subnet", **group, virtual_network_name="shop-net", name="others", address_prefixes=["10.1.1.0/24"])
        yield task("private_dns_zone", **group)
        yield task("keyvault_private_endpoint", **group, name="shop-endpoint", vault_id=self.vault, subnet_id=self.subnet)
        yield task(
            "keyvault_private_endpoint", **group, name="shop-request", vault_id=self.other_vault, subnet_id=self.subnet, manual_request=True
        )
