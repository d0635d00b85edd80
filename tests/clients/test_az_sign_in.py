# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
auth_source: cli with the real Azure CLI: who is signed in with az is who this collection acts as,
in the cloud and the tenant that az knows.
"""

from __future__ import annotations

import pytest

from clients.processes import AzureCli, count
from integration.emulation import Emulation
from integration.running import Controller, task

APP = "a0000000-0000-4000-8000-0000000000e7"
SECRET = "cli-secret~4"
TENANT = "b0000000-0000-4000-8000-000000000001"
SUBSCRIPTION = "b0000000-0000-4000-8000-0000000000aa"


@pytest.fixture(scope="module")
def signed_in(az: AzureCli, emulation: Emulation) -> AzureCli:
    """Azure CLI, signed in as an application of two tenants."""
    emulation.principal(client_id=APP, object_id="here", secret=SECRET)
    emulation.control("POST", "subscriptions", {"id": SUBSCRIPTION, "tenant": TENANT})
    emulation.principal(tenant=TENANT, client_id=APP, object_id="there", secret=SECRET)
    az.register_cloud()
    az(f"login --service-principal -u {APP} -p {SECRET} --tenant {emulation.facts['tenant']}")
    az("account set --subscription {subscription}")
    return az


@pytest.mark.parametrize("source", ["cli", "auto"])
def test_the_cli_brings_who_where_and_which_cloud(source: str, signed_in: AzureCli, controller: Controller) -> None:
    make = task("resource_group", "make", name=f"made-by-{source}", location="westeurope", auth_source=source)
    run = controller.tasks(make, env=signed_in.environment).succeeded()
    count("tasks of privatelink.azure signed in by az", len(run.tasks))
    assert run.task("make").changed
    assert {request["principal"] for request in run.requests if request["path"].startswith("/subscriptions")} == {APP}


def test_another_tenant_is_told_to_the_cli(signed_in: AzureCli, controller: Controller) -> None:
    there = {"tenant": TENANT, "subscription_id": SUBSCRIPTION}
    run = controller.tasks(
        task("resource_group", "make", name="made-there", location="westeurope", auth_source="cli", **there), env=signed_in.environment
    )
    assert run.succeeded().task("make")["id"].startswith(f"/subscriptions/{SUBSCRIPTION}/")


def test_tokens_of_further_tenants_come_from_the_cli(signed_in: AzureCli, controller: Controller) -> None:
    make = task("resource_group", "make", name="made-with-two", location="westeurope", auth_source="cli", auxiliary_tenant_ids=[TENANT])
    run = controller.tasks(make, env=signed_in.environment).succeeded()
    assert [request["auxiliary_tenants"] for request in run.writes] == [[TENANT]]
