# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure CLI leaves behind is what this collection's modules leave behind: the whole of Azure is compared, not one answer."""

from __future__ import annotations

import typing as t

import pytest

from clients.comparing import differences, everything
from clients.processes import AzureCli, count
from integration.emulation import Emulation, Json
from integration.landscape import GROUP, ZONE_NAME, Landscape
from integration.running import Controller, task


@pytest.fixture(scope="module")
def landscape(controller: Controller, emulation: Emulation) -> Landscape:
    """The landscape of the integration tests: shop-vault with an approved endpoint, shop-till with a pending one."""
    return Landscape(controller, emulation)


@pytest.fixture(scope="module", autouse=True)
def _signed_in(az: AzureCli, landscape: Landscape) -> None:
    az.register_cloud()
    az.login()
    az.names.update(vault=landscape.vault, subnet=landscape.subnet, others=landscape.others, zone=ZONE_NAME, group=GROUP)


def decision(**options: t.Any) -> Json:
    """Return the task that decides on the pending connection of shop-till."""
    return task("endpoint_connection_approval", resource_group=GROUP, vault_name="shop-till", connection_name="shop-request", **options)


def record(*addresses: str, **options: t.Any) -> Json:
    """Return the task that writes a record of the zone."""
    return task(
        "private_dns_a_record", resource_group=GROUP, zone_name=ZONE_NAME, name="shop-till", ipv4_addresses=list(addresses), **options
    )


DECIDE = "keyvault private-endpoint-connection {} --resource-group {{group}} --vault-name shop-till --name shop-request"
APPROVE, REJECT, DELETE = (DECIDE.format(word) for word in ("approve", "reject", "delete"))
ADD = "network private-dns record-set a add-record -g {group} -z {zone} -n shop-till -a "
REMOVE = "network private-dns record-set a remove-record -g {group} -z {zone} -n shop-till -a "

CASES: dict[str, tuple[list[str], list[Json]]] = {
    "approve": ([f"{APPROVE} --description Known"], [decision(description="Known")]),
    "reject": ([f"{REJECT} --description Unknown"], [decision(status="Rejected", description="Unknown")]),
    "delete": ([DELETE], [decision(state="absent")]),
    "approve, then reject": ([APPROVE, f"{REJECT} --description No"], [decision(), decision(status="Rejected", description="No")]),
    "reject, then approve": ([f"{REJECT} --description No", f"{APPROVE} --description Yes"], [
        decision(status="Rejected", description="No"), decision(description="Yes")]),
    "approve, then delete": ([APPROVE, DELETE], [decision(), decision(state="absent")]),
    "add records": ([ADD + "10.1.0.5", ADD + "10.1.0.6"], [record("10.1.0.5"), record("10.1.0.6")]),
    "remove a record": (
        [ADD + "10.1.0.5", ADD + "10.1.0.6", REMOVE + "10.1.0.5"],
        [record("10.1.0.5", "10.1.0.6"), record("10.1.0.5", state="absent")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_end_state(case: str, az: AzureCli, controller: Controller, emulation: Emulation, landscape: Landscape) -> None:
    commands, tasks = CASES[case]
    landscape.use()
    before = everything(emulation)
    for command in commands:
        az(command)
    by_az = everything(emulation)
    landscape.use()
    run = controller.tasks(*tasks).succeeded()
    count("tasks of privatelink.azure compared with az", len(run.tasks))
    assert by_az != before
    assert differences(by_az, everything(emulation)) == {}
