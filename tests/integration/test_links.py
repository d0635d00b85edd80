# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links of a zone are those of networks, whatever they are called."""

from __future__ import annotations

from integration.emulation import Emulation
from integration.landscape import GROUP, NETWORK, Landscape
from integration.running import Controller, task


def links(azure: Emulation, landscape: Landscape) -> set[str]:
    """Return the names of the zone's links, in lower case."""
    return {item.rpartition("/")[2] for item in azure.resources() if item.startswith(f"{landscape.zone}/virtualnetworklinks/".lower())}


def test_networks_of_one_name_are_linked_beside_each_other(controller: Controller, landscape: Landscape) -> None:
    """Hub and spoke often have networks of one name, in groups or subscriptions of their own; neither loses its link to the other."""
    azure = landscape.use().emulation
    spoke = azure.id("spoke", NETWORK, "shop-net")
    hub, again = {"resource_group": GROUP, "virtual_network_id": landscape.network}, {"resource_group": GROUP, "virtual_network_id": spoke}
    run = controller.tasks(
        task("resource_group", name="spoke", location="westeurope"),
        task("virtual_network", resource_group="spoke", name="shop-net", location="westeurope", address_prefixes=["10.8.0.0/16"]),
        task("private_dns_zone_link", "hub", **hub),
        task("private_dns_zone_link", "spoke planned", **again, keywords={"check_mode": True}),
        task("private_dns_zone_link", "spoke", **again),
        task("private_dns_zone_link", "hub again", **hub),
        task("private_dns_zone_link", "spoke again", **again),
        task("private_dns_zone_link", "spoke under a name that is taken", **again, name="shop-net"),
    ).succeeded()
    assert [run.task(name).changed for name in ("hub", "spoke", "hub again", "spoke again")] == [True, True, False, False]
    assert run.task("hub")["id"].endswith("/shop-net") and run.task("spoke planned")["id"] == run.task("spoke")["id"]
    assert run.task("spoke under a name that is taken")["id"] == run.task("spoke")["id"]
    assert len(links(azure, landscape)) == 2

    run = controller.tasks(
        task("private_dns_zone_link", "removal planned", **again, state="absent", keywords={"check_mode": True}),
        task("private_dns_zone_link", "remove the spoke's", **again, name="shop-net", state="absent"),
        task("private_dns_zone_link", "remove it again", **again, name="shop-net", state="absent"),
    ).succeeded()
    assert run.task("removal planned").changed and not run.task("removal planned").writes
    assert run.task("remove the spoke's").changed and not run.task("remove it again").changed
    assert links(azure, landscape) == {"shop-net"}


def test_link_that_somebody_else_made_is_used_and_removed_by_its_network(controller: Controller, landscape: Landscape) -> None:
    azure = landscape.use().emulation
    link = {"resource_group": GROUP, "virtual_network_id": landscape.network}
    run = controller.tasks(
        task("private_dns_zone_link", "by hand", **link, name="made-in-the-portal"),
        task("private_dns_zone_link", "ours", **link, name="ours"),
        task("private_dns_zone_link", "remove", **link, state="absent"),
        task("private_dns_zone_link", "remove again", **link, state="absent"),
    ).succeeded()
    assert not run.task("ours").changed and run.task("ours")["id"] == run.task("by hand")["id"]
    assert run.task("remove").changed and run.task("remove")["id"] == run.task("by hand")["id"]
    assert not run.task("remove again").changed and not links(azure, landscape)
