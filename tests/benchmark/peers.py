# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same private vaults with azure.azcollection, stock and under Mitogen's strategy, and with Azure CLI as in the guide."""

from __future__ import annotations

import importlib.util
import pathlib
import typing as t

from clients.peer import task
from integration.emulation import Emulation, Json

ZONE = "privatelink.vaultcore.azure.net"
GROUP = {"resource_group": "fleet"}
_VAULT = "fleet-vault-{{ item }}"


def tasks(emulation: Emulation, size: int) -> list[Json]:
    """Return the tasks for so many vaults: what they share once, and one loop over the vaults for each step."""
    names = [f"{number:03}" for number in range(size)]
    vault = emulation.id("fleet", "Microsoft.KeyVault/vaults", _VAULT)
    subnet = {"id": emulation.id("fleet", "Microsoft.Network/virtualNetworks/subnets", "fleet-net", "endpoints")}
    target = {"name": _VAULT, "private_link_service_id": vault, "group_ids": ["vault"]}
    loop: Json = {"loop": names, "loop_control": {"label": "{{ item }}"}}
    sku = {"family": "A", "name": "standard"}
    place = {"vault_tenant": emulation.facts["tenant"], "location": "westeurope"}
    providers = f"/subscriptions/{emulation.facts['subscription']}/providers"
    shared = [
        task("resource", method="POST", url=f"{providers}/Microsoft.KeyVault/register", api_version="2022-09-01"),
        task("resource", method="POST", url=f"{providers}/Microsoft.Network/register", api_version="2022-09-01"),
        task("resourcegroup", name="fleet", location="westeurope"),
        task("virtualnetwork", **GROUP, name="fleet-net", address_prefixes_cidr=["10.0.0.0/16"]),
        task("subnet", **GROUP, virtual_network_name="fleet-net", name="endpoints", address_prefix_cidr="10.0.0.0/20"),
        task("privatednszone", **GROUP, name=ZONE),
    ]
    each = [
        task("keyvault", **GROUP, vault_name=_VAULT, **place, sku=sku, public_network_access="Disabled"),
        task("privateendpoint", **GROUP, name=f"{_VAULT}-endpoint", subnet=subnet, private_link_service_connections=[target]),
        task(
            "privateendpointdnszonegroup",
            **GROUP,
            name="default",
            private_endpoint=f"{_VAULT}-endpoint",
            private_dns_zone_configs=[{"name": "vault", "private_dns_zone": ZONE}],
        ),
    ]
    link = task("privatednszonelink", **GROUP, zone_name=ZONE, name="fleet-link", virtual_network="fleet-net")
    return [*shared, *({**item, **loop} for item in each), link]


def mitogen(directory: pathlib.Path) -> dict[str, str]:
    """Return the environment that runs a playbook under Mitogen's strategy, from the release that this environment has."""
    packages = directory / "mitogen"
    packages.mkdir(exist_ok=True)
    for name in ("ansible_mitogen", "mitogen"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise SystemExit("Mitogen is not installed in this environment.")
        if not (packages / name).exists():
            (packages / name).symlink_to(pathlib.Path(found.origin).parent)
    strategy = packages / "ansible_mitogen" / "plugins" / "strategy"
    return {"PYTHONPATH": str(packages), "ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(strategy)}


def guide(size: int) -> t.Iterator[str]:
    """Yield the commands of the guide for so many vaults, with the zone group that writes the records."""
    yield "group create -n fleet -l westeurope"
    yield "provider register -n Microsoft.KeyVault"
    yield "network vnet create --resource-group fleet --name fleet-net --location westeurope --address-prefixes 10.0.0.0/16"
    yield "network vnet subnet create --resource-group fleet --vnet-name fleet-net --name endpoints --address-prefixes 10.0.0.0/20"
    yield f"network private-dns zone create --resource-group fleet --name {ZONE}"
    for number in range(size):
        name = f"fleet-vault-{number:03}"
        yield f"keyvault create --name {name} --resource-group fleet --location westeurope --public-network-access Disabled"
        yield (
            f"network private-endpoint create --resource-group fleet --vnet-name fleet-net --subnet endpoints --name {name}-endpoint"
            " --private-connection-resource-id"
            f" /subscriptions/{{subscription}}/resourceGroups/fleet/providers/Microsoft.KeyVault/vaults/{name}"
            f" --group-id vault --connection-name {name} --location westeurope"
        )
        yield (
            f"network private-endpoint dns-zone-group create --resource-group fleet --endpoint-name {name}-endpoint --name default"
            f" --private-dns-zone {ZONE} --zone-name vault"
        )
    yield (
        f"network private-dns link vnet create --resource-group fleet --virtual-network fleet-net --zone-name {ZONE} --name fleet-link"
        " --registration-enabled false"
    )
