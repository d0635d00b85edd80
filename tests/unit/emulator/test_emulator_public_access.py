# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a vault's public access, and what a zone group writes again."""

from __future__ import annotations

import pytest

from emulator.client import Client


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("SecuredByPerimeter", "SecuredByPerimeter"), ("securedbyperimeter", "SecuredByPerimeter"), ("disabled", "Disabled")],
)
def test_public_access_has_three_words(arm: Client, sent: str, shown: str) -> None:
    assert arm.get(arm.vault(publicNetworkAccess=sent))["properties"]["publicNetworkAccess"] == shown


def test_other_words_are_refused(arm: Client) -> None:
    vault = arm.get(arm.vault())
    body = {"location": vault["location"], "properties": {**vault["properties"], "publicNetworkAccess": "maybe"}}
    answer = arm.call("PUT", vault["id"], body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_a_zone_group_that_is_written_again_writes_its_records_again(arm: Client) -> None:
    vault, subnet, zone = arm.vault(), arm.network()[1], arm.zone()
    endpoint = arm.endpoint(subnet, vault)
    group, record = f"{endpoint['id']}/privateDnsZoneGroups/default", f"{zone}/A/kv-one"
    body = {"properties": {"privateDnsZoneConfigs": [{"name": "vault", "properties": {"privateDnsZoneId": zone}}]}}
    arm.do("PUT", group, body)
    before = arm.get(record)["properties"]["aRecords"]
    arm.do("DELETE", record)
    arm.do("PUT", group, body)
    assert arm.get(record)["properties"]["aRecords"] == before
