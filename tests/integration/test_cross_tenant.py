# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The vault, the zone or the network belongs to another tenant: by one application known in both, or
by two sides with credentials of their own.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from integration.emulation import Emulation, Json, reported
from integration.landscape import ENDPOINT, GROUP, NETWORK, VAULT, ZONE, ZONE_NAME, Landscape
from integration.running import Controller, Done, Run, task

pytestmark = [pytest.mark.long, pytest.mark.sdk]

TENANT = "b0000000-0000-4000-8000-000000000001"
SUBSCRIPTION = "b0000000-0000-4000-8000-0000000000aa"
APP = "a0000000-0000-4000-8000-0000000000e1"
OWNER = "b0000000-0000-4000-8000-0000000000e2"
SECRET = "cross-tenant-secret~5"
THERE = "ledger"
_GROUPS = "Microsoft.Network/applicationSecurityGroups"


class Tenants:
    """The landscape's tenant, and one with the group ledger: vault ledger-vault, zone, network ledger-net.

    APP is known in both tenants, as Network Contributor here, and there with the role that a test grants. OWNER is known there alone.
    """

    def __init__(self, controller: Controller, landscape: Landscape) -> None:
        self.controller = controller
        self.landscape = landscape
        self.azure = landscape.use().emulation
        self.azure.control("POST", "subscriptions", {"id": SUBSCRIPTION, "tenant": TENANT})
        self.azure.principal(client_id=APP, object_id="here", secret=SECRET, assignments=[{"role": "Network Contributor", "scope": "/"}])
        self.azure.principal(tenant=TENANT, client_id=OWNER, object_id="owner", secret=SECRET)
        self.vault, self.zone, self.network, self.security_group = (
            self.id(kind, name)
            for kind, name in ((VAULT, "ledger-vault"), (ZONE, ZONE_NAME), (NETWORK, "ledger-net"), (_GROUPS, "ledger-group"))
        )
        self.endpoint = self.azure.id(GROUP, ENDPOINT, "ledger-endpoint")
        self.owner = {"tenant": TENANT, "client_id": OWNER, "secret": SECRET, "subscription_id": SUBSCRIPTION}
        group = {"resource_group": THERE, **self.owner}
        controller.tasks(
            task("resource_group", name=THERE, location="westeurope", **self.owner),
            task("resource_provider", name="Microsoft.KeyVault", **self.owner),
            task("keyvault", **group, name="ledger-vault", location="westeurope"),
            task("private_dns_zone", **group),
            task("virtual_network", **group, name="ledger-net", location="westeurope", address_prefixes=["10.9.0.0/16"]),
        ).succeeded()
        document = {"id": self.security_group, "name": "ledger-group", "type": _GROUPS, "location": "westeurope", "properties": {}}
        self.azure.control("PUT", "resource", document, id=self.security_group)
        self._state: Json = self.azure.control("GET", "state")

    def use(self) -> Tenants:
        """Bring everything back as it was made."""
        self.azure.reset()
        self.azure.control("PUT", "state", self._state)
        return self

    @staticmethod
    def id(kind: str, name: str) -> str:
        return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{THERE}/providers/{kind}/{name}"

    def grant(self, role: str) -> None:
        """Make the application known in the other tenant, with that role."""
        self.azure.principal(tenant=TENANT, client_id=APP, object_id="there", secret=SECRET, assignments=[{"role": role, "scope": "/"}])

    def run(self, *tasks: Json, env: t.Mapping[str, str | None] | None = None) -> Run:
        """Run tasks as the application, in the landscape's tenant."""
        run = self.controller.tasks(*tasks, env={"AZURE_CLIENT_ID": APP, "AZURE_SECRET": SECRET, **(env or {})})
        assert SECRET not in run.output and "Bearer" not in run.output and not run.complaints, run.output
        return run

    def each(self, *tasks: Json, env: t.Mapping[str, str | None] | None = None) -> list[Done]:
        """Run tasks that may fail, in one play."""
        return self.run(*({**each, "ignore_errors": True} for each in tasks), env=env).tasks

    def connect(self, **options: t.Any) -> Json:
        there = {"resource_group": GROUP, "name": "ledger-endpoint", "vault_id": self.vault, "subnet_id": self.landscape.others}
        return task("keyvault_private_endpoint", "connect", **{**there, **options})


@pytest.fixture(scope="module")
def both_tenants(controller: Controller, landscape: Landscape) -> Tenants:
    return Tenants(controller, landscape)


@pytest.fixture
def tenants(both_tenants: Tenants) -> Tenants:
    return both_tenants.use()


def tenants_asked(requests: t.Iterable[Json]) -> set[str]:
    """Return the tenants whose token endpoints were asked."""
    return {request["path"].split("/")[1] for request in requests if request["path"].endswith("/token")}


def test_a_vault_of_another_tenant_is_connected_by_an_application_of_both(tenants: Tenants) -> None:
    """Refused without the option, done with it; a second run signs in and writes nowhere else."""
    tenants.grant("Key Vault Contributor")
    both = tenants.connect(auxiliary_tenant_ids=[TENANT])
    absent = tenants.connect(state="absent", auxiliary_tenant_ids=[TENANT])
    refused, planned, made, again, removed = tenants.each(tenants.connect(), {**both, "check_mode": True}, both, both, absent)
    own = tenants.azure.facts["tenant"]
    assert (refused.failed, refused["code"], refused["status"]) == (True, "LinkedAuthorizationFailed", 403), refused.shown
    assert SUBSCRIPTION in refused["msg"] and "auxiliary_tenant_ids" in refused["hint"] and "manual_request: true" in refused["hint"]
    assert planned.changed and not planned.writes and tenants_asked(planned.requests) == {own}
    assert made.changed and made["connection_state"] == "Approved", made.shown
    assert tenants_asked(made.requests) == {own, TENANT}
    assert [request.get("auxiliary_tenants") for request in made.writes] == [[TENANT]]
    assert not any("auxiliary_tenants" in request for request in made.requests if request["method"] == "GET")
    assert not again.changed and not again.writes, reported(again.writes)
    assert tenants_asked(again.requests) == {own}
    assert removed.changed and not removed.failed, removed.shown


def test_the_rights_in_the_other_tenant_count(tenants: Tenants) -> None:
    tenants.grant("Reader")
    (done,) = tenants.each(tenants.connect(auxiliary_tenant_ids=[TENANT]))
    assert (done.failed, done["code"]) == (True, "LinkedAuthorizationFailed"), done.shown
    assert "object id 'there'" in done["msg"] and "privateEndpointConnectionsApproval/action" in done["hint"]


def test_an_application_that_the_other_tenant_does_not_know(tenants: Tenants) -> None:
    (done,) = tenants.each(tenants.connect(auxiliary_tenant_ids=[TENANT]))
    assert (done.failed, done["code"]) == (True, "AADSTS700016"), done.shown
    assert f"auxiliary tenant '{TENANT}'" in done["msg"] and "\n" not in done["msg"] and not done.writes


def test_the_environment_names_tenants_too(tenants: Tenants) -> None:
    """The task's own tenant among them is no other one, and a name may stand twice."""
    tenants.grant("Key Vault Contributor")
    said = f"{tenants.azure.facts['tenant'].upper()}; {TENANT},{TENANT.upper()}"
    (made,) = tenants.each(tenants.connect(), env={"AZURE_AUXILIARY_TENANT_IDS": said})
    assert made["connection_state"] == "Approved", made.shown
    assert [request.get("auxiliary_tenants") for request in made.writes] == [[TENANT]]


def test_tenants_that_cannot_be_are_refused_before_any_request(tenants: Tenants) -> None:
    wrong: dict[str, Json] = {
        "pass fewer": {"auxiliary_tenant_ids": [f"{number}.example" for number in range(4)]},
        "is not a valid tenant": {"auxiliary_tenant_ids": ["https://login.microsoftonline.com/x"]},
        "managed identity": {"auxiliary_tenant_ids": [TENANT], "auth_source": "msi"},
    }
    for words, done in zip(wrong, tenants.each(*(tenants.connect(**options) for options in wrong.values())), strict=True):
        assert (done.failed, done["code"], done["option"]) == (True, "InvalidOption", "auxiliary_tenant_ids"), done.shown
        assert words in done["msg"] and not done.requests


def test_zone_network_and_security_group_of_another_tenant(tenants: Tenants) -> None:
    """Whatever a write links to: the zone of an endpoint, the network of a zone, the security group of an endpoint."""
    tenants.grant("Network Contributor")
    own = {"vault_id": tenants.landscape.other_vault, "name": "till-endpoint", "manual_request": True}
    desires = {
        "zone": tenants.connect(**own, private_dns_zone_ids=[tenants.zone]),
        "network": task("private_dns_zone_link", resource_group=GROUP, name="ledger-net", virtual_network_id=tenants.network),
        "security group": tenants.connect(**own, application_security_group_ids=[tenants.security_group]),
    }
    steps = []
    for desired in desires.values():
        (module,) = (name for name in desired if name.startswith("privatelink.azure."))
        both = {**desired, module: {**desired[module], "auxiliary_tenant_ids": [TENANT]}}
        steps += [desired, both, both]
    done = iter(tenants.each(*steps))
    for what in desires:
        refused, made, again = next(done), next(done), next(done)
        assert (refused.failed, refused["code"]) == (True, "LinkedAuthorizationFailed"), (what, refused.shown)
        assert made.changed and not made.failed, (what, made.shown)
        assert not again.changed and not again.writes, (what, reported(again.writes))


def test_one_play_acts_on_both_sides(tenants: Tenants) -> None:
    """
    Two applications, neither known in the other's tenant: the consumer requests, the owner approves, each task with its own credentials.
    """
    decide = {"resource_group": THERE, "vault_name": "ledger-vault", "endpoint_id": tenants.endpoint}
    ask = tenants.connect(manual_request=True, request_message="Ticket 4711")
    tasks = [
        {**ask, "register": "asked"},
        task("endpoint_connection_approval", "approve", **decide, description="Welcome", **tenants.owner),
        task("private_endpoint", "see", resource_group=GROUP, name="ledger-endpoint"),
        task("keyvault_private_endpoint_info", "look", resource_group=THERE, vault_name="ledger-vault", **tenants.owner),
    ]
    run = tenants.run(*tasks).succeeded()
    assert run.changed == ["connect", "approve"]
    assert (run.task("connect")["connection_state"], run.task("see")["connection_state"]) == ("Pending", "Approved")
    (connection,) = run.task("look")["connections"]
    assert (connection["state"], connection["endpoint_error"]) == ("Approved", "InvalidAuthenticationTokenTenant")
    assert not any("auxiliary_tenants" in request for request in run.requests)
    again = tenants.run(*tasks).succeeded()
    assert not again.changed and not again.writes, reported(again.writes)


def test_request_approve_and_await_run_apart(tenants: Tenants) -> None:
    """The three playbooks, with the credentials of either tenant."""
    consumer = {"AZURE_CLIENT_ID": APP, "AZURE_SECRET": SECRET}
    owner = {"AZURE_CLIENT_ID": OWNER, "AZURE_SECRET": SECRET, "AZURE_TENANT": TENANT, "AZURE_SUBSCRIPTION_ID": ""}

    def play(name: str, env: t.Mapping[str, str], **variables: t.Any) -> Run:
        return tenants.controller.run(f"privatelink.azure.{name}", "-e", json.dumps(variables), env=env).succeeded()

    ask = {
        "request_vault_id": tenants.vault,
        "request_subnet_id": tenants.landscape.others,
        "request_resource_group": GROUP,
        "request_name": "ledger-endpoint",
    }
    requested = play("request", consumer, **ask, request_message="Ticket 4711")
    assert requested.task("Request the connection")["connection_state"] == "Pending"
    listed = play("approve", owner, approve_vault_id=tenants.vault)
    assert not listed.writes and tenants.endpoint in listed.stdout and "Ticket 4711" in listed.stdout
    approve = {"approve_vault_id": tenants.vault, "approve_endpoint_ids": [tenants.endpoint]}
    assert play("approve", owner, **approve).changed == ["privatelink.azure.approve : Decide on the connections"]
    finish = {
        "await_endpoint_id": tenants.endpoint,
        "await_vault_id": tenants.vault,
        "await_zone_id": tenants.landscape.zone,
        "await_delay": 1,
        "await_timeout": 30,
    }
    assert play("await_approval", consumer, **finish).changed == ["privatelink.azure.await_approval : Attach the DNS zone group"]
    for name, env, variables in (("request", consumer, ask), ("approve", owner, approve), ("await_approval", consumer, finish)):
        again = play(name, env, **variables)
        assert not again.changed and not again.writes, reported(again.writes)


def test_each_tenant_has_its_own_credentials_file_profile(tenants: Tenants) -> None:
    """A profile may name further tenants as well."""
    tenants.grant("Key Vault Contributor")
    emulation: Emulation = tenants.azure
    lines = [
        f"client_id={APP}",
        f"secret={SECRET}",
        f"tenant={emulation.facts['tenant']}",
        f"subscription_id={emulation.facts['subscription']}",
    ]
    content = ["[both]", *lines, f"cloud_environment={emulation.facts['url']}", f"auxiliary_tenant_ids={TENANT}"]
    file = tenants.controller.home / ".azure" / "credentials"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(content), encoding="utf-8")
    try:
        (made,) = tenants.each(tenants.connect(profile="both"), env=dict.fromkeys(("AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_TENANT"), ""))
    finally:
        file.unlink()
    assert made["connection_state"] == "Approved", made.shown
