# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and rights, locks and faults, quotas and pages, the clock and the log."""

from __future__ import annotations

import base64
import http.client
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from emulator.client import Client

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OTHER_TENANT = "b0000000-0000-4000-8000-000000000002"


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def principal(arm: Client, name: str, **own: Any) -> dict[str, str]:
    """Another application; what a sign-in of it needs."""
    body = {"tenant": arm.facts["tenant"], "client_id": f"client-{name}", "object_id": f"object-{name}", "secret": "s", **own}
    arm.control("POST", "principals", body)
    return {"tenant": body["tenant"], "client_id": body["client_id"], "client_secret": body["secret"]}


def test_requests_need_a_token_and_a_version(arm: Client) -> None:
    missing = arm.connection.request("GET", f"{arm.subscription}?api-version=2022-12-01")
    assert (missing.status_code, code(missing)) == (401, "AuthenticationFailed")
    assert "authorization_uri=" in missing.headers["www-authenticate"]
    assert code(arm.call("GET", arm.subscription, token=arm.token[:-4] + "AAAA")) == "InvalidAuthenticationToken"
    unsigned = jwt.encode({"exp": time.time() + 99, "nbf": 0, "aud": "x", "iss": "x", "tid": "x"}, "", algorithm="none")
    assert code(arm.call("GET", arm.subscription, token=unsigned)) == "InvalidAuthenticationToken"
    assert (
        code(arm.call("GET", arm.subscription, token=arm.sign_in(scope="https://vault.azure.net/.default")))
        == "InvalidAuthenticationTokenAudience"
    )
    plain = arm.connection.request("GET", arm.subscription, headers={"Authorization": f"Bearer {arm.token}"})
    assert (plain.status_code, code(plain)) == (400, "MissingApiVersionParameter")
    arm.control("PUT", "clock", {"advance": 4000})
    assert code(arm.call("GET", arm.subscription)) == "ExpiredAuthenticationToken"


def test_addresses_of_operations_are_percent_encoded(arm: Client) -> None:
    """A header holds ASCII alone, and a group's name may hold any letter."""
    name = "Zahlungen_%C3%A4"
    group = f"{arm.subscription}/resourceGroups/{name}"
    assert arm.call("PUT", group, {"location": "westeurope"}).status_code == 201
    answer = arm.call("PUT", f"{group}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net", {"location": "global"})
    for header in ("azure-asyncoperation", "location"):
        assert answer.headers[header].isascii() and f"/{name}/" in answer.headers[header]
    assert arm.get(answer.headers["azure-asyncoperation"])["status"] in ("InProgress", "Succeeded")


def test_sign_in_errors(arm: Client) -> None:
    for form, status, number in (
        ({"client_secret": "wrong"}, 401, 7000215),
        ({"client_id": "nobody"}, 400, 700016),
        ({"tenant": "nowhere"}, 400, 90002),
        ({"client_secret": ""}, 401, 7000218),
        ({"scope": "https://x/read"}, 400, 1002012),
        ({"grant_type": "nonsense"}, 400, 70003),
    ):
        answer = arm.token_answer(**form)
        assert (answer.status_code, answer.json()["error_codes"]) == (status, [number])


def _assertion(key: rsa.RSAPrivateKey, issuer: str, subject: str, audience: str, **headers: str) -> str:
    claims = {"iss": issuer, "sub": subject, "aud": audience, "exp": time.time() + 60, "nbf": time.time() - 5, "jti": "1"}
    return jwt.encode(claims, key, algorithm="RS256", headers=headers)


def test_assertions_of_certificates_and_of_trusted_issuers(arm: Client) -> None:
    key, other = (rsa.generate_private_key(65537, 2048) for _unused in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    trust = {"issuer": "https://issuer.example", "subject": "job", "key": public}
    form = {**principal(arm, "cert", certificates=[pem], federated=[trust]), "client_secret": "", "client_assertion_type": ASSERTION}
    endpoint = f"{arm.url}/{arm.facts['tenant']}/oauth2/v2.0/token"
    print_of = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA1())).decode().rstrip("=")
    good = _assertion(key, "client-cert", "client-cert", endpoint, x5t=print_of)
    assert arm.sign_in(**form, client_assertion=good)
    for bad in (
        _assertion(other, "client-cert", "client-cert", endpoint, x5t=print_of),
        _assertion(key, "client-cert", "client-cert", "https://x", x5t=print_of),
    ):
        assert arm.token_answer(**form, client_assertion=bad).json()["error_codes"] == [700027]
    assert arm.sign_in(**form, client_assertion=_assertion(key, trust["issuer"], "job", "api://AzureADTokenExchange"))
    stranger = _assertion(key, trust["issuer"], "someone", "api://AzureADTokenExchange")
    assert arm.token_answer(**form, client_assertion=stranger).json()["error_codes"] == [70021]


def test_users_sign_in_with_a_password_and_stay(arm: Client) -> None:
    principal(arm, "user", username="u@emulator.example", password="p")
    form = {
        "grant_type": "password",
        "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "client_secret": "",
        "username": "u@emulator.example",
        "scope": "https://management.core.windows.net/.default offline_access",
    }
    assert arm.token_answer(**form, password="wrong").json()["error_codes"] == [50126]
    answer = arm.token_answer(**form, password="p").json()
    assert arm.call("GET", arm.subscription, token=answer["access_token"]).status_code == 200
    refresh = {"grant_type": "refresh_token", "client_secret": "", "scope": form["scope"], "refresh_token": answer["refresh_token"]}
    assert arm.sign_in(**refresh)


def test_rights(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    network = arm.sign_in(**principal(arm, "net", assignments=[{"role": "Network Contributor", "scope": arm.rg}]))
    endpoint = f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe"
    assert code(arm.call("GET", vault, token=network)) == "AuthorizationFailed"
    assert code(arm.call("PUT", endpoint, arm.endpoint_body(subnet, vault), token=network)) == "LinkedAuthorizationFailed"
    assert arm.call("PUT", endpoint, arm.endpoint_body(subnet, vault, manual=True), token=network).status_code == 201
    approve = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    refused = arm.call("PUT", f"{vault}/privateEndpointConnections/pec", approve, token=network)
    assert (refused.status_code, code(refused)) == (403, "AuthorizationFailed")
    reader = arm.sign_in(**principal(arm, "read", assignments=[{"role": "Reader", "scope": arm.subscription}]))
    assert arm.call("GET", vault, token=reader).status_code == 200
    assert code(arm.call("DELETE", vault, token=reader)) == "AuthorizationFailed"


def test_tenants_are_apart(arm: Client) -> None:
    other = arm.sign_in(**principal(arm, "far", tenant=OTHER_TENANT))
    answer = arm.call("GET", arm.subscription, token=other)
    assert (answer.status_code, code(answer)) == (401, "InvalidAuthenticationTokenTenant")
    assert arm.call("GET", "/subscriptions", token=other).json()["value"] == []


def test_one_operation_for_a_vault_at_a_time(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.endpoint(subnet, vault, manual=True)
    arm.control("PUT", "settings", {"durations": {"endpoint.create": 30, "connection.put": 30}})
    approve = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    connection = f"{vault}/privateEndpointConnections/pec"
    assert arm.call("PUT", connection, approve).status_code == 200
    assert code(arm.call("PUT", connection, approve)) == "ConflictError"
    assert code(arm.call("PATCH", vault, {"properties": {}})) == "ConflictError"
    assert arm.get(connection)["properties"]["provisioningState"] == "Updating"
    second = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/two", arm.endpoint_body(subnet, vault))
    locked = arm.call("DELETE", f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/two")
    assert (locked.status_code, code(locked)) == (429, "RetryableError")
    assert arm.call("GET", second.headers["azure-asyncoperation"]).json() == {"status": "InProgress"}
    arm.control("PUT", "clock", {"advance": 31})
    assert arm.wait(second.headers["azure-asyncoperation"])["error"]["code"] == "ConflictError"
    assert arm.get(connection)["properties"]["provisioningState"] == "Succeeded"


def test_an_endpoint_in_a_subnet_that_is_being_changed(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.control("PUT", "settings", {"durations": {"network.put": 30}})
    arm.call("PUT", subnet, {"properties": {"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": "Enabled"}})
    answer = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe", arm.endpoint_body(subnet, vault))
    assert answer.json()["error"]["details"][0]["code"] == "ReferencedResourceNotProvisioned"


def test_deletion_supersedes_a_zone_groups_operation(arm: Client) -> None:
    arm.endpoint(arm.network()[1], arm.vault())
    arm.control("PUT", "settings", {"durations": {"zone_group.put": 30}})
    endpoint = f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe"
    config = {"name": "z", "properties": {"privateDnsZoneId": arm.zone()}}
    group = arm.call("PUT", f"{endpoint}/privateDnsZoneGroups/g", {"properties": {"privateDnsZoneConfigs": [config]}})
    deletion = arm.call("DELETE", endpoint).headers["azure-asyncoperation"]
    poll = arm.call("GET", group.headers["azure-asyncoperation"])
    assert poll.json()["status"] == "Canceled"
    text = poll.json()["error"]["details"][0]["message"]
    assert text.startswith("Operation PutPrivateDnsZoneGroupOperation (")
    assert " was canceled and superseded by operation DeletePrivateEndpointOperation (" in text
    # the header names the operation that took its place
    assert poll.headers["canceled-by-azure-asyncoperation"].split("?")[0] == deletion.split("?")[0]


def test_real_timing_hints_and_the_clock(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.control("PUT", "settings", {"timing": "real"})
    answer = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe", arm.endpoint_body(subnet, vault))
    poll = answer.headers["azure-asyncoperation"]
    hints = [answer.headers["retry-after"], *(arm.call("GET", poll).headers["retry-after"] for _unused in range(2))]
    assert hints == ["10", "10", "20"]
    arm.control("PUT", "clock", {"advance": 34})
    done = arm.call("GET", poll)
    assert (done.json(), "retry-after" in done.headers) == ({"status": "Succeeded"}, False)
    zone = arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/privateDnsZones/z.example", {"location": "global"})
    poll = arm.call("GET", zone.headers["azure-asyncoperation"])
    assert (poll.status_code, poll.headers["retry-after"], "location" in poll.headers) == (202, "30", True)


def test_faults(arm: Client) -> None:
    match = {"method": "GET", "path_regex": "resourceGroups/rg$", "count": 1}
    arm.control("POST", "faults", [{"match": match, "status": 429, "headers": {"Retry-After": 3}}])
    first = arm.call("GET", arm.rg)
    assert (first.status_code, first.headers["retry-after"], arm.call("GET", arm.rg).status_code) == (429, "3", 200)
    arm.control("POST", "faults", {"match": {"method": "PUT", "path_regex": "vaults/kv-one"}, "lost": True})
    body = {"location": "westeurope", "properties": {"tenantId": arm.facts["tenant"], "sku": {"family": "A", "name": "standard"}}}
    vault = f"{arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one"
    with pytest.raises((OSError, http.client.HTTPException)):
        arm.call("PUT", vault, body)
    assert arm.get(vault)["name"] == "kv-one"
    arm.control(
        "POST", "faults", {"match": {"method": "PUT", "path_regex": "privateEndpoints/"}, "lro_error": {"code": "Odd", "message": "m"}}
    )
    endpoint = f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe"
    assert arm.failed("PUT", endpoint, arm.endpoint_body(arm.network()[1], vault))["code"] == "Odd"
    assert arm.get(endpoint)["properties"]["provisioningState"] == "Failed"
    arm.control("POST", "faults", {"match": {"method": "GET"}, "delay": 0.05})
    begun = time.perf_counter()
    arm.get(vault)
    assert time.perf_counter() - begun > 0.05


def test_quotas(arm: Client) -> None:
    shown = arm.call("GET", arm.rg)
    assert int(shown.headers["x-ms-ratelimit-remaining-subscription-reads"]) < 250
    arm.control("PUT", "settings", {"throttling": True, "throttle_scale": 0.02})
    answers = [arm.call("GET", arm.rg) for _unused in range(8)]
    refused = [each for each in answers if each.status_code == 429]
    assert refused
    assert code(refused[0]) == "SubscriptionRequestsThrottled"
    assert int(refused[0].headers["retry-after"]) >= 1
    arm.control("PUT", "clock", {"advance": 10})
    assert arm.call("GET", arm.rg).status_code == 200


def test_pages(arm: Client) -> None:
    for number in range(5):
        arm.call("PUT", f"{arm.rg}-{number}", {"location": "westeurope"})
    arm.control("PUT", "settings", {"page_size": 2})
    names, url = [], f"{arm.subscription}/resourceGroups"
    while url:
        page = arm.get(url)
        assert len(page["value"]) <= 2
        names += [each["name"] for each in page["value"]]
        url = page.get("nextLink", "")
    assert names == ["rg", *(f"rg-{number}" for number in range(5))]


def test_limits(arm: Client) -> None:
    subnet, vault = arm.network()[1], arm.vault()
    arm.control("PUT", "settings", {"limits": {"endpoints_per_vault": 1}})
    arm.endpoint(subnet, vault)
    body = arm.endpoint_body(subnet, vault)
    body["properties"]["privateLinkServiceConnections"][0]["name"] = "another"
    assert arm.call("PUT", f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/two", body).status_code == 400


def test_a_policy_hands_out_zone_groups_later(arm: Client) -> None:
    zone = arm.zone()
    arm.control(
        "PUT", "settings", {"policy": {"group_name": "deployedByPolicy", "zones": {"vault": zone}}, "durations": {"policy.zone_group": 600}}
    )
    arm.endpoint(arm.network()[1], arm.vault())
    groups = f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe/privateDnsZoneGroups"
    assert arm.get(groups)["value"] == []
    arm.control("PUT", "clock", {"advance": 601})
    assert [each["name"] for each in arm.get(groups)["value"]] == ["deployedByPolicy"]
    assert arm.get(f"{zone}/A/kv-one")["properties"]["aRecords"] == [{"ipv4Address": "10.0.0.4"}]


def test_the_log_and_the_read_only_mode(arm: Client) -> None:
    arm.control("DELETE", "log")
    arm.sign_in()
    arm.control("PUT", "read-only", {"enabled": True})
    refused = arm.call("PUT", arm.rg, {"location": "westeurope"}, headers={"x-ms-client-request-id": "mine"})
    assert (refused.status_code, refused.headers["x-ms-client-request-id"]) == (403, "mine")
    assert arm.call("GET", arm.rg).status_code == 200
    sign_in, put, get = arm.control("GET", "log")["requests"]
    assert (sign_in["provider"], sign_in["request_body"]["client_secret"], sign_in["response_body"]["access_token"]) == (
        "entra",
        "REDACTED",
        "REDACTED",
    )
    assert (put["refused"], put["status"], put["request_body"]["location"], put["client_request_id"]) == (True, 403, "westeurope", "mine")
    assert (get["method"], get["provider"], get["response_body"]["name"]) == ("GET", "Microsoft.Resources", "rg")
    assert get["request_id"]


def test_another_writer(arm: Client) -> None:
    vault = arm.vault()
    arm.control("PATCH", f"resource?id={vault}", {"tags": {"by": "another"}})
    assert arm.get(vault)["tags"] == {"by": "another"}
    arm.control("DELETE", f"resource?id={vault}")
    assert arm.call("GET", vault).status_code == 404


def test_unknown_paths(arm: Client) -> None:
    assert code(arm.call("GET", f"{arm.rg}/providers/Microsoft.Odd/things/x")) == "EmulatorNotServed"
    assert code(arm.call("GET", f"{arm.rg}/providers/Microsoft.Network/oddThings/x")) == "EmulatorNotServed"
    assert code(arm.call("GET", "/subscriptions/a0000000-0000-4000-8000-0000000000ff/resourceGroups")) == "SubscriptionNotFound"
    assert arm.call("GET", arm.rg, version="latest").json()["error"]["code"] == "InvalidApiVersionParameter"


def test_it_is_fast(arm: Client) -> None:
    """Room for a slow machine: the aim of 500 requests a second on one core is measured by a benchmark."""
    vault = arm.vault()
    begun = time.perf_counter()
    for _unused in range(100):
        arm.call("GET", vault)
    assert time.perf_counter() - begun < 2
