# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
No request goes to a path that the input did not name, whatever a user hands in: it is refused
before anything is sent, or goes where it says.
"""

from __future__ import annotations

import io
import json
import typing as t
import urllib.parse

import pytest
import requests
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter, HTTPAdapter

from ansible_collections.privatelink.azure.plugins.module_utils import _entry as entry
from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.modules import (
    diagnostic_setting,
    endpoint_connection_approval,
    keyvault,
    keyvault_private_endpoint,
    keyvault_private_endpoint_info,
    management_lock,
    private_dns_a_record,
    private_dns_a_record_info,
    private_dns_zone,
    private_dns_zone_info,
    private_dns_zone_link,
    private_endpoint_info,
    resource_group,
    resource_provider_info,
    role_assignment,
    subnet,
    virtual_network,
)
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import ARM, SUBSCRIPTION, Time, arm_on

HOME = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{HOME}/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/payments-vault"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
AUTHORIZATION = "providers/Microsoft.Authorization"
GUID = "a0000000-0000-4000-8000-0000000000bb"
ACCOUNT = {"client_id": "c", "secret": "a-very-secret-word", "tenant": "t", "subscription_id": SUBSCRIPTION, "wait_timeout": 60}


class Everything(BaseAdapter):
    """An Azure that has whatever is requested: every resource exists and every list is empty, every deletion works."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, list[str]]] = []

    def send(self, request: requests.PreparedRequest, *_settings: t.Any, **_more: t.Any) -> requests.Response:
        """Remember the path, segment by segment, and answer."""
        path = str(request.url).removeprefix(ARM).partition("?")[0]
        segments = [urllib.parse.unquote(segment) for segment in path.split("/")]
        self.sent.append((str(request.method), segments))
        body: Document = {
            "value": [],
            "id": "/".join(segments),
            "name": segments[-1],
            "location": "westeurope",
            "properties": {"provisioningState": "Succeeded"},
        }
        raw = urllib3.HTTPResponse(io.BytesIO(json.dumps(body).encode()), {"Content-Type": "application/json"}, 200, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def azure() -> t.Iterator[Everything]:
    """The SDK's clients on a wire that has everything."""
    with pytest.MonkeyPatch.context() as patch:
        wire = Everything()
        arm_on(patch, t.cast(t.Any, wire), Time())
        patch.setattr(
            auth,
            "account_for",
            lambda params: auth.Account({name: str(params[name]).strip() for name in ACCOUNT if params.get(name)}, "secret"),
        )
        patch.setattr(entry, "_SESSIONS", {})
        yield wire


HOSTILE = [
    "..",
    ".",
    "",
    "/",
    "?",
    "?x",
    "#",
    "%2e%2e",
    "%2f",
    "\\",
    "\n",
    "\x00",
    " ",
    "a b",
    "{x}",
    "{}",
    "a;b",
    "größe",
    "a\u0301",
    "\u202e",
    "//",
    "/../",
    "/./",
    "@",
    "*",
]
HOSTILE += [
    "?api-version=2021-04-01",
    "/providers/Microsoft.Authorization/locks/x",
    "/subnets/x",
    "/providers/",
    "x" * 300,
    "'or'",
    "%",
    "&",
    "<x>",
    ":",
    "a:b",
    "~",
]
_hostile = st.sampled_from(HOSTILE) | st.text(max_size=12)


def spoilt(value: str) -> st.SearchStrategy[str]:
    """Return variants of a value: anything else, a part replaced, something within it or at its end."""
    parts = value.split("/")

    def replaced(number: int, text: str) -> str:
        return "/".join([*parts[:number], text, *parts[number + 1 :]])

    def inserted(at: int, text: str) -> str:
        return value[:at] + text + value[at:]

    numbers, places = st.integers(0, len(parts) - 1), st.integers(0, len(value))
    return _hostile | st.builds(replaced, numbers, _hostile) | st.builds(inserted, places, _hostile) | _hostile.map(value.__add__)


def by_id(module: t.Any, value: str, option: str = "id", **options: t.Any) -> t.Any:
    """Return a case: a module whose option is the whole id."""
    return pytest.param(module, option, value, lambda text: text, options, id=f"{module.__name__.rpartition('.')[2]}-{option}")


def by_name(module: t.Any, option: str, value: str, template: str, **options: t.Any) -> t.Any:
    """Return a case: a module whose option is a name in an id, or the id that it begins with."""
    return pytest.param(
        module, option, value, lambda text: template.replace("*", text, 1), options, id=f"{module.__name__.rpartition('.')[2]}-{option}"
    )


GONE = {"state": "absent"}
IN_GROUP = {"resource_group": "rg"}
ID_CASES = [
    by_id(keyvault, VAULT, **GONE),
    by_id(virtual_network, NETWORK, **GONE),
    by_id(subnet, f"{NETWORK}/subnets/endpoints", **GONE),
    by_id(private_dns_zone, ZONE, **GONE),
    by_id(private_dns_zone_link, f"{ZONE}/virtualNetworkLinks/link", **GONE),
    by_id(private_dns_a_record, f"{ZONE}/A/record", **GONE),
    by_id(keyvault_private_endpoint, ENDPOINT, **GONE),
    by_id(resource_group, GROUP, **GONE),
    by_id(management_lock, f"{VAULT}/{AUTHORIZATION}/locks/keep it", **GONE),
    by_id(management_lock, f"{GROUP}/{AUTHORIZATION}/locks/keep", **GONE),
    by_id(role_assignment, f"{GROUP}/{AUTHORIZATION}/roleAssignments/{GUID}", **GONE),
    by_id(diagnostic_setting, f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/logs", **GONE),
    by_id(endpoint_connection_approval, f"{VAULT}/privateEndpointConnections/pe", **GONE),
    by_id(private_endpoint_info, ENDPOINT),
    by_id(private_dns_zone_info, ZONE),
    by_id(private_dns_a_record_info, f"{ZONE}/A/record"),
    by_id(private_dns_a_record_info, ZONE, "zone_id"),
    by_id(keyvault_private_endpoint_info, VAULT, "vault_id"),
    by_id(resource_provider_info, f"{HOME}/providers/Microsoft.KeyVault"),
]
NAME_CASES = [
    by_name(keyvault, "name", "payments-vault", VAULT.replace("payments-vault", "*"), **IN_GROUP, **GONE),
    by_name(keyvault, "resource_group", "rg", VAULT.replace("/rg/", "/*/"), name="payments-vault", **GONE),
    by_name(keyvault, "subscription_id", SUBSCRIPTION, VAULT.replace(SUBSCRIPTION, "*"), name="payments-vault", **IN_GROUP, **GONE),
    by_name(subnet, "virtual_network_name", "net", f"{NETWORK.replace('/net', '/*')}/subnets/x", name="x", **IN_GROUP, **GONE),
    by_name(subnet, "virtual_network_id", NETWORK, "*/subnets/x", name="x", **GONE),
    by_name(subnet, "name", "x", f"{NETWORK}/subnets/*", virtual_network_id=NETWORK, **GONE),
    by_name(private_dns_zone, "name", "corp.example", f"{ZONE.rpartition('/')[0]}/*", allow_other_zone=True, **IN_GROUP, **GONE),
    by_name(private_dns_a_record, "name", "x", f"{ZONE}/A/*", zone_id=ZONE, **GONE),
    by_name(private_dns_a_record, "zone_id", ZONE, "*/A/x", name="x", **GONE),
    by_name(private_dns_zone_link, "name", "x", f"{ZONE}/virtualNetworkLinks/*", zone_id=ZONE, **GONE),
    by_name(keyvault_private_endpoint, "name", "pe", ENDPOINT.replace("/pe", "/*"), **IN_GROUP, **GONE),
    by_name(endpoint_connection_approval, "connection_name", "pe", f"{VAULT}/privateEndpointConnections/*", vault_id=VAULT, **GONE),
    by_name(resource_group, "name", "rg", GROUP.replace("/rg", "/*"), **GONE),
    by_name(management_lock, "managed_resource_id", GROUP, f"*/{AUTHORIZATION}/locks/keep", name="keep", **GONE),
    by_name(management_lock, "managed_resource_id", VAULT, f"*/{AUTHORIZATION}/locks/keep", name="keep", **GONE),
    by_name(management_lock, "name", "keep", f"{VAULT}/{AUTHORIZATION}/locks/*", managed_resource_id=VAULT, **GONE),
    by_name(role_assignment, "scope", GROUP, f"*/{AUTHORIZATION}/roleAssignments/{GUID}", name=GUID, **GONE),
    by_name(role_assignment, "name", GUID, f"{HOME}/{AUTHORIZATION}/roleAssignments/*", scope=HOME, **GONE),
    by_name(diagnostic_setting, "resource", VAULT, "*/providers/Microsoft.Insights/diagnosticSettings/logs", name="logs", **GONE),
    by_name(resource_provider_info, "name", "Microsoft.KeyVault", f"{HOME}/providers/*"),
]


# What is listed to find the connections that a vault lost.
LISTED = f"{HOME}/providers/Microsoft.Network/privateEndpoints".split("/")


def test_the_wire_lets_deletions_through(azure: Everything) -> None:
    azure.sent.clear()
    perform(keyvault, {"id": VAULT, **GONE})
    assert [method for method, _segments in azure.sent] == ["GET", "DELETE"]
    assert {"/".join(segments) for _method, segments in azure.sent} == {VAULT}


@pytest.mark.parametrize(("module", "option", "value", "named", "options"), [*ID_CASES, *NAME_CASES])
@settings(max_examples=60)
@given(data=st.data())
def test_a_request_goes_where_the_input_says(
    azure: Everything, module: t.Any, option: str, value: str, named: t.Callable[[str], str], options: dict[str, t.Any], data: st.DataObject
) -> None:
    text = data.draw(spoilt(value) | st.just(value))
    azure.sent.clear()
    result = perform(module, {**options, option: text})
    if not azure.sent or not text:  # an empty text is an option that is left out
        assert not text or (result.get("failed"), result.get("code"), result.get("option")) == (True, "InvalidOption", option)
        return
    wanted = named(text.strip().removesuffix("/")).split("/")
    for method, segments in azure.sent:
        exact = method in ("PUT", "PATCH", "DELETE")
        assert same(segments, wanted) if exact else same(segments[: len(wanted)], wanted[: len(segments)]) or segments == LISTED, (
            method,
            segments,
        )


def same(one: t.Sequence[str], other: t.Sequence[str]) -> bool:
    """Compare as Azure does, without case; a zone's or record's name may end with a dot."""
    return [item.casefold().rstrip(".") for item in one] == [item.casefold().strip().rstrip(".") for item in other]


def perform(module: t.Any, options: dict[str, t.Any]) -> Document:
    """Do a task with all other options at their defaults."""
    spec = module.MODULE.spec["argument_spec"]
    defaults = {name: option.get("default") for name, option in spec.items()}
    return entry.perform(module.MODULE, {**defaults, **ACCOUNT, **options}, check_mode=False, diff_mode=False)


@given(name=_hostile)
@settings(max_examples=100)
def test_the_last_gate_lets_no_detour_through(azure: Everything, name: str) -> None:
    """Whatever a check of options may miss: neither the SDK nor an id leads a request elsewhere."""
    arm = Arm(auth.Account(dict(ACCOUNT), "secret"), Time().clock)
    paths = {
        f"{NETWORK.rpartition('/')[0]}/{name}",
        f"{GROUP}/{AUTHORIZATION}/locks/{name}",
        f"{ZONE}/A/{name}",
        f"{GROUP}/{AUTHORIZATION}/locks{name}",
    }
    for ask in (
        lambda: arm.find(SUBSCRIPTION, "network.virtual_networks.get", "rg", name, doing="read it"),
        lambda: arm.find(
            SUBSCRIPTION, "resource.resources.get_by_id", f"{GROUP}/{AUTHORIZATION}/locks/{name}", "2020-05-01", doing="read it"
        ),
        lambda: arm.find(SUBSCRIPTION, "privatedns.record_sets.get", "rg", ZONE.rpartition("/")[2], "A", name, doing="read it"),
        lambda: arm.list_at(f"{GROUP}/{AUTHORIZATION}/locks{name}", "2020-05-01", doing="list them"),
    ):
        azure.sent.clear()
        try:
            ask()
        except Problem as problem:
            assert azure.sent or problem.code == "InvalidPath"
        assert all("/".join(segments) in paths for _method, segments in azure.sent)


def test_a_part_of_a_filter_stays_in_it(azure: Everything) -> None:
    """A role's name is looked up as it is, whatever it holds."""
    arm = Arm(auth.Account(dict(ACCOUNT), "secret"), Time().clock)
    requested: list[str] = []
    send = azure.send
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(azure, "send", lambda request, *rest, **more: requested.append(str(request.url)) or send(request, *rest, **more))
        arm.list_at(f"{HOME}/{AUTHORIZATION}/roleDefinitions", "2022-04-01", doing="look it up", where="roleName eq 'a&b#c?d=e'")
    (url,) = requested
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(url).query) == {
        "api-version": ["2022-04-01"],
        "$filter": ["roleName eq 'a&b#c?d=e'"],
    }
