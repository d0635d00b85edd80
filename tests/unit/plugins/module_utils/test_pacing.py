# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the rate limits of Azure make planned writes take, and how that is said."""

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._pacing import Pacing, Write, about, pacing_of

GROUP = "/subscriptions/aa/resourceGroups/rg/providers"
ZONE = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
HOUR = 3600


def paced(count: int, path: str, method: str = "PUT") -> Pacing:
    return pacing_of(Write(method, path.format(number)) for number in range(count))


def test_what_the_limits_leave_room_for_takes_no_time() -> None:
    for count, message in ((0, "0 writes planned"), (1, "1 write planned"), (60, "60 writes planned")):
        assert paced(count, ZONE + "/A/kv{}") == Pacing(count, 0.0, None, message)


def test_records_take_a_minute_for_each_sixty_in_a_zone() -> None:
    found = paced(400, ZONE + "/A/kv{}")
    assert (found.writes, found.seconds, found.limited_by) == (400, 360, "private_dns_records")
    assert found.message == (
        "400 writes planned; 400 writes of records in zone 'privatelink.vaultcore.azure.net' take about 6 min, because Azure accepts 60 a "
        "minute; with dns: zone_group Azure writes the records itself, without that limit"
    )
    assert found.result() == {"writes": 400, "seconds": 360, "limited_by": "private_dns_records", "message": f"{found.message}."}


def test_each_zone_has_its_own_minute() -> None:
    halves = [Write("PUT", f"{ZONE}{number % 2}/A/kv{number}") for number in range(400)]
    assert pacing_of(halves).seconds == 180
    spelled = [Write("PUT", (ZONE.upper() if number % 2 else ZONE) + f"/A/kv{number}") for number in range(400)]
    assert pacing_of(spelled).seconds == 360


def test_zone_groups_are_no_help_with_what_is_deleted() -> None:
    assert "zone_group" not in paced(400, ZONE + "/A/kv{}", "DELETE").message


@pytest.mark.parametrize(
    ("path", "count", "seconds", "limited_by", "said"),
    [
        (GROUP + "/Microsoft.KeyVault/vaults/kv{}", 1600, 140, "resource_manager_writes", "200 at once and 10 a second"),
        (GROUP + "/Microsoft.Network/privateEndpoints/pe{}", 1001, 300, "network_writes", "1,000 in 5 minutes"),
        (ZONE + "/virtualNetworkLinks/link{}", 61, 60, "private_dns_links", "60 a minute"),
    ],
)
def test_the_slowest_limit_is_named(path: str, count: int, seconds: float, limited_by: str, said: str) -> None:
    found = paced(count, path)
    assert (found.seconds, found.limited_by) == (seconds, limited_by) and found.message.endswith(f"because Azure accepts {said}")


def test_limits_that_run_side_by_side_do_not_add_up() -> None:
    """400 vaults with an endpoint and a record each: the records take longest."""
    kinds = (GROUP + "/Microsoft.KeyVault/vaults/kv{}", GROUP + "/Microsoft.Network/privateEndpoints/pe{}", ZONE + "/A/kv{}")
    found = pacing_of(Write("PUT", kind.format(number)) for kind in kinds for number in range(400))
    assert (found.writes, found.seconds) == (1200, 360) and found.message.startswith("1,200 writes planned; 400 writes of records")


def test_deletions_have_a_bucket_of_their_own() -> None:
    writes = [Write(method, f"{GROUP}/Microsoft.KeyVault/vaults/kv{number}") for method in ("PUT", "DELETE") for number in range(200)]
    assert pacing_of(writes).seconds == 0
    assert paced(300, GROUP + "/Microsoft.KeyVault/vaults/kv{}", "DELETE").limited_by == "resource_manager_deletes"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "about 10 s"), (44, "about 40 s"), (89, "about 90 s"), (90, "about 2 min"), (360, "about 6 min")]
    + [(1.5 * HOUR, "about 1 h 30 min"), (2 * HOUR, "about 2 h")],
)
def test_an_estimate_is_not_more_precise_than_it_is(seconds: float, said: str) -> None:
    assert about(seconds) == said
