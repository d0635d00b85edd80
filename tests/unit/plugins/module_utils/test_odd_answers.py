# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Whatever stands in an answer of HTTP 200, a task ends with a result or with a failure of its own: never with an error that nobody foresaw.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import typing as t

import pytest
import requests
import urllib3
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from azure.core.credentials import AccessToken
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter, HTTPAdapter

from ansible_collections.privatelink.azure.plugins.module_utils import _entry as entry
from ansible_collections.privatelink.azure.plugins.module_utils import _order as order
from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.tests.unit.plugins import documents
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, NETWORK, SUBNET, VAULT, ZONE

SUBSCRIPTION = GROUP.split("/")[2]
CREDENTIALS = {"client_id": "c", "secret": "s3cr3t", "tenant": documents.TENANT, "subscription_id": SUBSCRIPTION}
RECORD = f"{ZONE}/A/payments-vault"
LINK = f"{ZONE}/virtualNetworkLinks/net"
CONNECTION = f"{VAULT}/privateEndpointConnections/payments-endpoint"
PRINCIPAL = "c0000000-0000-4000-8000-000000000009"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/w"
ROLE = "b0000000-0000-4000-8000-00000000000b"
_VAULT = {"resource_group": "payments", "vault_name": "payments-vault"}
# A task of each kind that asks Azure: module and options.
TASKS: list[tuple[str, dict[str, t.Any]]] = [
    ("keyvault", {"resource_group": "payments", "name": "payments-vault", "public_network_access": "Disabled", "tags": {"a": "b"}}),
    ("keyvault", {"id": VAULT, "network_acls": {"default_action": "Deny", "ip_rules": ["203.0.113.0/24"]}}),
    ("keyvault", {"id": VAULT, "state": "absent"}),
    ("keyvault_private_endpoint", {"id": ENDPOINT, "vault_id": VAULT, "subnet_id": SUBNET, "private_dns_zone_ids": [ZONE]}),
    ("keyvault_private_endpoint", {"id": ENDPOINT, "subnet_id": SUBNET, "private_ip_address": "10.1.0.9", "allow_replace": True}),
    ("keyvault_private_endpoint", {"id": ENDPOINT, "state": "absent"}),
    ("private_endpoint", {"id": ENDPOINT, "target_id": VAULT, "subnet_id": SUBNET, "group_ids": ["vault"]}),
    ("keyvault_private_endpoint_info", _VAULT),
    ("keyvault_connections_info", {"states": ["Approved", "Pending"]}),
    ("keyvault_callers_info", _VAULT),
    ("keyvault_public_network_access", {"vault_id": VAULT}),
    ("keyvault_public_network_access", {"vault_id": VAULT, "callers_days": 30, "accepted_callers": ["203.0.113.0/24"]}),
    ("private_endpoint_info", {"id": ENDPOINT}),
    ("private_endpoint_dns_info", {"id": ENDPOINT}),
    ("private_link_orphans_info", {"zone_id": ZONE}),
    ("endpoint_connection_approval", {**_VAULT, "endpoint_id": ENDPOINT}),
    ("endpoint_connection_approval", {**_VAULT, "connection_name": "payments-endpoint", "status": "Rejected"}),
    ("endpoint_connection_rules", {**_VAULT, "rules": [{"endpoint_names": ["*"]}]}),
    ("private_dns_zone", {"resource_group": "payments", "tags": {"a": "b"}}),
    ("private_dns_zone", {"id": ZONE, "state": "absent"}),
    ("private_dns_zone_info", {}),
    ("private_dns_zone_info", {"id": ZONE}),
    ("private_dns_zone_link", {"zone_id": ZONE, "virtual_network_id": NETWORK, "tags": {"a": "b"}}),
    ("private_dns_a_record", {"zone_id": ZONE, "name": "payments-vault", "ipv4_addresses": ["10.1.0.7"], "metadata": {"a": "b"}}),
    ("private_dns_a_record", {"zone_id": ZONE, "name": "payments-vault", "ipv4_addresses": ["10.1.0.4"], "state": "absent"}),
    ("private_dns_a_record_info", {"zone_id": ZONE}),
    ("private_dns_a_record_info", {"zone_id": ZONE, "name": "payments-vault"}),
    ("virtual_network", {"id": NETWORK, "address_prefixes": ["10.1.0.0/16", "10.2.0.0/16"], "dns_servers": ["10.0.0.4"]}),
    ("virtual_network", {"id": NETWORK, "state": "absent"}),
    ("subnet", {"id": SUBNET, "private_endpoint_network_policies": "Enabled", "service_endpoints": ["Microsoft.KeyVault"]}),
    ("subnet", {"id": SUBNET, "state": "absent"}),
    ("resource_group", {"name": "payments", "location": "westeurope", "tags": {"a": "b"}}),
    ("resource_group", {"name": "payments", "state": "absent"}),
    ("resource_provider", {"name": "Microsoft.KeyVault"}),
    ("resource_provider_info", {"name": "Microsoft.KeyVault"}),
    ("management_lock", {"id": f"{VAULT}/providers/Microsoft.Authorization/locks/keep", "level": "CanNotDelete", "notes": "n"}),
    ("role_assignment", {"scope": VAULT, "role_definition_id": "Key Vault Reader", "assignee_object_id": PRINCIPAL, "description": "d"}),
    (
        "diagnostic_setting",
        {
            "resource": VAULT,
            "name": "logs",
            "log_analytics": WORKSPACE,
            "logs": [{"category": "x"}],
        },
    ),
    ("decommission", {"ids": [ENDPOINT, VAULT, SUBNET, ZONE], "records": [{"id": RECORD, "endpoint_id": ENDPOINT}]}),
    (
        "decommission",
        {"links": [{"zone_id": ZONE, "virtual_network_id": NETWORK}], "connections": [{"vault_id": VAULT, "endpoint_id": ENDPOINT}]},
    ),
]

_LOG = {"category": "AuditEvent", "categoryGroup": None, "enabled": True, "retentionPolicy": {"enabled": False, "days": 0}}
_WHOLE = [
    documents.vault(
        privateEndpointConnections=[documents.connection("Approved")],
        networkAcls={"ipRules": [{"value": "203.0.113.1"}], "virtualNetworkRules": []},
    ),
    documents.network(dhcpOptions={"dnsServers": []}),
    documents.subnet(),
    documents.endpoint(),
    documents.interface(),
    documents.zone_group(("vaultcore", ZONE)),
    documents.link(),
    documents.record_set("10.1.0.4", metadata={"creator": "x"}),
    {**documents.connection("Approved"), "name": "payments-endpoint"},
    {
        "id": ZONE,
        "name": ZONE.rpartition("/")[2],
        "location": "global",
        "properties": {"numberOfRecordSets": 2, "maxNumberOfRecordSets": 25000},
    },
    {"id": GROUP, "name": "payments", "location": "westeurope", "tags": {}, "properties": {"provisioningState": "Succeeded"}},
    {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault",
        "namespace": "Microsoft.KeyVault",
        "registrationState": "Registered",
    },
    {"id": f"{VAULT}/providers/Microsoft.Authorization/locks/keep", "name": "keep", "properties": {"level": "ReadOnly", "notes": "m"}},
    {
        "id": f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/{ROLE}",
        "name": ROLE,
        "properties": {"roleDefinitionId": f"/x/{ROLE}", "scope": VAULT, "principalId": PRINCIPAL, "principalType": "User"},
    },
    {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}",
        "name": ROLE,
        "properties": {"roleName": "Key Vault Reader"},
    },
    {
        "id": f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/logs",
        "name": "logs",
        "properties": {"workspaceId": WORKSPACE, "logs": [_LOG], "metrics": [{"category": "AllMetrics", "enabled": True}]},
    },
]
_CALLERS = {
    "tables": [
        {
            "name": "PrimaryResult",
            "columns": [
                {"name": name, "type": "string"}
                for name in (
                    *("Operation", "Status", "Address", "ObjectId", "ApplicationId", "Name", "How", "Subnet", "Endpoint", "Trusted"),
                    *("Requests", "First", "Last"),
                )
            ],
            "rows": [
                [
                    "SecretGet",
                    200,
                    "203.0.113.7",
                    PRINCIPAL,
                    "",
                    "",
                    "PublicIP",
                    "",
                    "",
                    "",
                    3,
                    "2026-11-01T00:00:00Z",
                    "2026-11-02T00:00:00Z",
                ]
            ],
        }
    ]
}
BY_ID = {str(document["id"]).casefold(): document for document in _WHOLE}


class World(BaseAdapter):
    """Azure with one thing of each kind. odd: the number of the answer of HTTP 200 that is changed, and how."""

    def __init__(self, odd: int | None, change: t.Callable[[t.Any], t.Any]) -> None:
        super().__init__()
        self._odd = odd
        self._change = change
        self.answers: list[t.Any] = []

    def send(self, request: requests.PreparedRequest, *_settings: t.Any, **_more: t.Any) -> requests.Response:
        """Answer a request."""
        path = str(request.url).removeprefix("https://management.azure.com").partition("?")[0]
        status, body = self._answered(str(request.method), path.casefold().rstrip("/"), request.body)
        if status == 200:
            if len(self.answers) == self._odd:
                body = self._change(copy.deepcopy(body))
            self.answers.append(body)
        content = b"" if body is None and status == 204 else json.dumps(body).encode()
        raw = urllib3.HTTPResponse(io.BytesIO(content), {"Content-Type": "application/json"}, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    @staticmethod
    def _answered(method: str, path: str, sent: t.Any) -> tuple[int, t.Any]:
        if method == "DELETE":
            return 204, None
        if method == "PUT":
            return 200, {
                "name": path.rpartition("/")[2],
                "location": "westeurope",
                **BY_ID.get(path, {}),
                **json.loads(sent or "{}"),
                "id": path,
            }
        if method == "POST" and path.endswith("/query"):
            return 200, _CALLERS
        if method == "POST":
            return 200, BY_ID[f"/subscriptions/{SUBSCRIPTION}/providers/microsoft.keyvault"]
        if path in BY_ID:
            return 200, BY_ID[path]
        below = [document for known, document in BY_ID.items() if known.rpartition("/")[0] == path or _by_subscription(known, path)]
        listed = path.count("/") % 2 == 1 or path.endswith(("/a", "/resources"))
        return (200, {"value": below}) if listed else (404, {"error": {"code": "ResourceNotFound", "message": "Not there."}})


def _by_subscription(known: str, path: str) -> bool:
    """Return whether a resource is one of those of its type in the subscription."""
    return (
        path.startswith(f"/subscriptions/{SUBSCRIPTION}/providers/")
        and known.count("/") == 8
        and path.rpartition("/providers/")[2] in known
    )


class _Token:
    def get_token(self, *_scopes: str, **_options: t.Any) -> AccessToken:
        return AccessToken("no-token-of-anybody", 2**31)


def performed(
    task: tuple[str, dict[str, t.Any]], odd: int | None = None, change: t.Callable[[t.Any], t.Any] = lambda body: body
) -> tuple[t.Any, World]:
    """Do a task against a world; waits pass at once."""
    name, options = task
    module = importlib.import_module(f"ansible_collections.privatelink.azure.plugins.modules.{name}").MODULE
    spec = dict(module.spec)
    checked = ArgumentSpecValidator(spec.pop("argument_spec"), **spec).validate({**CREDENTIALS, **options})
    assert not checked.error_messages
    world, passed = World(odd, change), [0.0]

    def clock(seconds: float, **_reporter: t.Any) -> Clock:
        return Clock(seconds, lambda: passed[0], lambda pause: passed.append(passed.pop() + pause))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(entry, "_SESSIONS", {})
        patched.setattr(auth, "credential", lambda *_arguments, **_keywords: _Token())
        patched.setattr(requests.Session, "get_adapter", lambda *_arguments, **_keywords: world)
        patched.setattr(entry, "Clock", clock)
        patched.setattr(order, "MOST_WORKERS", 1)  # so that the answers have one order
        return entry.perform(module, checked.validated_parameters, check_mode=False, diff_mode=True), world


@pytest.mark.parametrize("number", range(len(TASKS)), ids=lambda number: f"{number}-{TASKS[number][0]}")
def test_the_world_answers_every_task(number: int) -> None:
    """The check of the check."""
    result, world = performed(TASKS[number])
    assert result.get("code") not in ("InternalError", "InvalidOption", "UnexpectedAnswer", "UnexpectedError"), result
    assert world.answers


def nodes(value: t.Any, path: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[t.Any, ...]]:
    """Yield the place of everything in a JSON value, itself first."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nodes(item, (*path, key))


GONE = object()
ODD = [None, {}, [], 0, 2.5, True, "", "x", [None], [{}], ["x"], {"a": None}, [[]], {"id": 5}, "\ud800", GONE]


def changed(value: t.Any, path: tuple[t.Any, ...], odd: t.Any) -> t.Any:
    """Return a JSON value with something else, or nothing, in one place."""
    if not path:
        return None if odd is GONE else odd
    key, *rest = path
    if not rest and odd is GONE:
        del value[key]
    else:
        value[key] = changed(value[key], tuple(rest), odd)
    return value


def check(task: tuple[str, dict[str, t.Any]], odd: int, change: t.Callable[[t.Any], t.Any]) -> None:
    """A result or a failure of its own, which Ansible can print."""
    result, _world = performed(task, odd, change)
    assert "exception" not in result, result["exception"]
    codes = [result.get("code"), *(each.get("code") for each in result.get("errors", []))]
    assert not {"InternalError", "UnexpectedError"}.intersection(filter(None, codes)), result
    assert json.dumps(result).encode("utf-8")
    assert "\n" not in result.get("msg", "")


@settings(max_examples=80)
@given(st.sampled_from(TASKS), st.integers(0, 9), st.integers(0, 99), st.sampled_from(ODD))
def test_a_part_of_an_answer_may_be_anything(task: tuple[str, dict[str, t.Any]], number: int, place: int, odd: t.Any) -> None:
    """Numbers alone are drawn: what is read side by side comes in any order."""

    def change(body: t.Any) -> t.Any:
        places = list(nodes(body))
        return changed(body, places[place % len(places)], odd)

    check(task, number % len(performed(task)[1].answers), change)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "value", "properties", "nextLink", "location", "tags", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=30)
@given(st.sampled_from(TASKS), st.integers(0, 3), JSON)
def test_an_answer_may_be_any_json(task: tuple[str, dict[str, t.Any]], number: int, body: t.Any) -> None:
    check(task, number, lambda _body: body)
