# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources of one tenant linked from another: ARM wants a token of either tenant, and looks at the rights in both."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client, Response

TENANT = "b0000000-0000-4000-8000-000000000001"
SUBSCRIPTION = "b0000000-0000-4000-8000-0000000000aa"
FOREIGN = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ledger/providers"


class Tenants:
    """A network here; a vault, a zone and a network there; the same application known in both tenants."""

    def __init__(self, arm: Client) -> None:
        self.arm = arm
        arm.control("POST", "subscriptions", {"id": SUBSCRIPTION, "tenant": TENANT})
        self.grant("Owner")
        self.network, self.subnet = arm.network()
        self.there = arm.sign_in(TENANT)
        self.put(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/register", method="POST")
        self.put(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ledger", {"location": "westeurope"})
        own = {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
        self.vault = self.put(f"{FOREIGN}/Microsoft.KeyVault/vaults/ledger", {"location": "westeurope", "properties": own})
        self.zone = self.put(f"{FOREIGN}/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net", {"location": "global"})
        self.group = self.put(f"{FOREIGN}/Microsoft.Network/applicationSecurityGroups/asg", {"location": "westeurope"})
        space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}
        self.hub = self.put(f"{FOREIGN}/Microsoft.Network/virtualNetworks/hub", {"location": "westeurope", "properties": space})

    def grant(self, role: str, scope: str = "/") -> None:
        known = {"tenant": TENANT, "client_id": self.arm.facts["client_id"], "object_id": "there", "secret": self.arm.facts["secret"]}
        self.arm.control("POST", "principals", {**known, "assignments": [{"role": role, "scope": scope}]})

    def put(self, path: str, body: Any = None, method: str = "PUT") -> str:
        answer = self.arm.call(method, path, body, token=self.there)
        assert answer.status_code < 300, answer.text
        return path

    def ask(self, path: str, body: Any, header: str | None) -> Response:
        headers = {} if header is None else {"x-ms-authorization-auxiliary": header}
        return self.arm.call("PUT", f"{self.arm.rg}/providers/Microsoft.Network/{path}", body, headers=headers)

    def links(self) -> list[tuple[str, Any]]:
        """What links something of the other tenant."""
        own_zone, own_vault = self.arm.zone("own.example"), self.arm.vault()
        self.arm.endpoint(self.subnet, own_vault, name="own")
        secured = self.arm.endpoint_body(self.subnet, own_vault, applicationSecurityGroups=[{"id": self.group}])
        config = {"name": "zone", "properties": {"privateDnsZoneId": self.zone}}
        linked = {"location": "global", "properties": {"virtualNetwork": {"id": self.hub}}}
        return [
            ("privateEndpoints/pe", self.arm.endpoint_body(self.subnet, self.vault)),
            ("privateEndpoints/secured", secured),
            ("privateEndpoints/own/privateDnsZoneGroups/default", {"properties": {"privateDnsZoneConfigs": [config]}}),
            (f"privateDnsZones/{own_zone.rsplit('/', 1)[1]}/virtualNetworkLinks/hub", linked),
        ]


@pytest.fixture
def tenants(arm: Client) -> Tenants:
    return Tenants(arm)


def test_a_link_to_another_tenant_needs_a_token_of_it(tenants: Tenants) -> None:
    for path, body in tenants.links():
        refused = tenants.ask(path, body, None)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed"), (path, refused.text)
        assert f"is not authorized to access linked subscription '{SUBSCRIPTION}'" in refused.json()["error"]["message"]
        made = tenants.ask(path, body, f"Bearer {tenants.there}")
        assert made.status_code in (200, 201, 202), (path, made.text)
    log = tenants.arm.control("GET", "log")["requests"]
    assert [entry["auxiliary_tenants"] for entry in log if "auxiliary_tenants" in entry] == [[TENANT]] * 4
    assert tenants.there not in str(log)


def test_the_rights_in_the_other_tenant_count(tenants: Tenants) -> None:
    links = tenants.links()
    tenants.grant("Reader")
    for path, body in links:
        refused = tenants.ask(path, body, f"Bearer {tenants.there}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed"), (path, refused.text)
        assert "object id 'there'" in refused.json()["error"]["message"]


def test_a_manual_request_needs_none(tenants: Tenants) -> None:
    assert (
        tenants.ask("privateEndpoints/pe", tenants.arm.endpoint_body(tenants.subnet, tenants.vault, manual=True), None).status_code == 201
    )


def test_wrong_auxiliary_tokens_are_refused(tenants: Tenants) -> None:
    arm = tenants.arm
    body = arm.endpoint_body(tenants.subnet, tenants.vault)
    audience = arm.sign_in(TENANT, scope="https://vault.azure.net/.default")
    headers = {
        "not a token": "Bearer nonsense",
        "not a bearer": tenants.there,
        "of one's own tenant": f"Bearer {arm.sign_in()}",
        "twice the same tenant": f"Bearer {tenants.there}, Bearer {tenants.there}",
        "for another audience": f"Bearer {audience}",
        "four": ", ".join([f"Bearer {tenants.there}"] * 4),
    }
    for name, header in headers.items():
        refused = tenants.ask("privateEndpoints/pe", body, header)
        assert refused.status_code == 401, (name, refused.text)
        assert refused.json()["error"]["message"].startswith("Authentication failed for auxiliary token: "), name
    assert tenants.ask("privateEndpoints/pe", body, f"Bearer {tenants.there}").status_code == 201


def test_an_expired_auxiliary_token_is_refused(tenants: Tenants) -> None:
    tenants.arm.control("PUT", "clock", {"advance": 4000})
    own = tenants.arm.sign_in()
    headers = {"x-ms-authorization-auxiliary": f"Bearer {tenants.there}"}
    path = f"{tenants.arm.rg}/providers/Microsoft.Network/privateEndpoints/pe"
    refused = tenants.arm.call("PUT", path, tenants.arm.endpoint_body(tenants.subnet, tenants.vault), headers=headers, token=own)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "ExpiredAuthenticationToken"), refused.text
