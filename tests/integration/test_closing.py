# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps an open vault open: an unproven private path, whatever failed, was skipped or was ignored before."""

from __future__ import annotations

import dataclasses
import importlib
import typing as t

import pytest

from integration.emulation import Json
from integration.landscape import ENDPOINT, GROUP, NETWORK, VAULT, ZONE, ZONE_NAME, Landscape
from integration.running import Controller, is_sentence, task

pytestmark = pytest.mark.long

NAME = "shop-vault"
HOST = f"{NAME}.vault.azure.net"
OPEN: Json = {
    "publicNetworkAccess": "Enabled",
    "networkAcls": {"defaultAction": "Allow", "bypass": "None", "ipRules": [{"value": "203.0.113.7/32"}]},
}
MODULE = "keyvault_public_network_access"
PROVEN: Json = {"id": f"https://{HOST}/healthstatus", "proven": True, "msg": "The probe reached it.", "ip_addresses": ["10.1.0.4"]}


@dataclasses.dataclass(frozen=True)
class Case:
    """What someone did to a working private path, the options of the closing, and the reason of its refusal; None: it is closed."""

    reason: str | None
    change: t.Callable[[Landscape], Json] = lambda _landscape: {}
    options: t.Callable[[Landscape], Json] = lambda _landscape: {}


def record(*addresses: str) -> t.Callable[[Landscape], Json]:
    return lambda landscape: {
        f"{landscape.zone}/A/{NAME}": {"properties": {"aRecords": [{"ipv4Address": address} for address in addresses]}}
    }


def servers(*addresses: str) -> t.Callable[[Landscape], Json]:
    return lambda landscape: {landscape.network: {"properties": {"dhcpOptions": {"dnsServers": list(addresses)}}}}


def hiding(landscape: Landscape) -> Json:
    """Return a zone with the public name of vaults, linked to the network: it answers there, and has no record of the vault."""
    zone = landscape.zone.replace(ZONE_NAME, "vault.azure.net")
    linked = {"virtualNetwork": {"id": landscape.network}, "registrationEnabled": False, "virtualNetworkLinkState": "Completed"}
    made = {zone: {}, f"{zone}/virtualNetworkLinks/hiding": linked}
    return {
        each: {
            "id": each,
            "name": each.rpartition("/")[2],
            "location": "global",
            "properties": {**properties, "provisioningState": "Succeeded"},
        }
        for each, properties in made.items()
    }


def always(**options: t.Any) -> t.Callable[[Landscape], Json]:
    return lambda _landscape: options


def wrong(landscape: Landscape) -> str:
    return landscape.zone.replace(ZONE_NAME, "privatelink.vault.azure.net")


CASES: dict[str, Case] = {
    "everything works": Case(None),
    "everything works and is proven from inside": Case(None, options=always(proof=PROVEN)),
    "no link": Case("link", lambda landscape: {f"{landscape.zone}/virtualNetworkLinks/net": {}}),
    "link to another network only": Case(
        "link", options=lambda landscape: {"virtual_network_ids": [landscape.emulation.id(GROUP, NETWORK, "far-net")]}
    ),
    "another zone hides the record": Case("shadow", hiding),
    "record of somebody else": Case("record", record("10.1.0.99")),
    "record of somebody else beside ours": Case("foreign_addresses", record("10.1.0.4", "10.1.0.99")),
    "record is empty": Case("record", record()),
    "own DNS servers": Case("dns_servers", servers("10.1.200.4")),
    "own DNS servers, accepted": Case(None, servers("10.1.200.4"), always(accept_unproven_dns=True)),
    "own DNS servers, proven from inside": Case(None, servers("10.1.200.4"), always(proof=PROVEN)),
    "own DNS servers, and a probe that says no": Case(
        "probe", servers("10.1.200.4"), always(proof={**PROVEN, "proven": False}, accept_unproven_dns=True)
    ),
    "nobody shows the names": Case("dns", options=always(dns="none")),
    "no network named": Case("networks", options=always(virtual_network_ids=[])),
    "probe was skipped": Case("probe", options=always(proof={"skipped": True})),
    "probe host was unreachable": Case("probe", options=always(proof={"unreachable": True, "msg": "No route to host"})),
    "connection rejected on the endpoint's side": Case(
        "connection",
        lambda landscape: {
            landscape.endpoint: {
                "properties": {
                    "privateLinkServiceConnections": [
                        {
                            "name": "shop-endpoint",
                            "properties": {
                                "privateLinkServiceId": landscape.vault,
                                "groupIds": ["vault"],
                                "privateLinkServiceConnectionState": {"status": "Rejected"},
                            },
                        }
                    ]
                }
            }
        },
    ),
    "zone of another name": Case("zone_id", options=lambda landscape: {"dns": "a_record", "zone_id": wrong(landscape)}),
    "endpoint of another vault": Case("connection", options=lambda landscape: {"endpoint_id": landscape.request}),
}


@pytest.fixture(scope="module")
def working(controller: Controller, landscape: Landscape) -> Json:
    """Return the state of a landscape where the open vault's private path works."""
    azure = landscape.use().emulation
    controller.tasks(
        task("private_dns_zone_link", resource_group=GROUP, name="net", virtual_network_id=landscape.network),
        task(
            "keyvault_private_endpoint",
            resource_group=GROUP,
            name="shop-endpoint",
            vault_id=landscape.vault,
            subnet_id=landscape.subnet,
            private_dns_zone_ids=[landscape.zone],
        ),
    ).succeeded()
    azure.overlay(landscape.vault, {"properties": OPEN})
    assert "10.1.0.4" in azure.lookup(HOST, landscape.network)
    return t.cast(Json, azure.control("GET", "state"))


@pytest.fixture
def close(landscape: Landscape, collections: str, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Json]:
    """Return the module as a function in this process, which is what its action plugin calls."""
    azure = landscape.emulation
    monkeypatch.syspath_prepend(collections)
    for name, value in {**azure.trust, **azure.credentials}.items():
        monkeypatch.setenv(name, value)
    validator = importlib.import_module("ansible.module_utils.common.arg_spec").ArgumentSpecValidator
    module = importlib.import_module(f"ansible_collections.privatelink.azure.plugins.modules.{MODULE}").MODULE
    perform = importlib.import_module("ansible_collections.privatelink.azure.plugins.module_utils._entry").perform

    def called(**options: t.Any) -> Json:
        spec = dict(module.spec)
        checked = validator(spec.pop("argument_spec"), **spec).validate(options)
        assert not checked.error_messages
        return t.cast(Json, perform(module, checked.validated_parameters, check_mode=False, diff_mode=False))

    return called


@pytest.mark.parametrize("name", CASES)
def test_only_a_proven_path_is_closed(name: str, landscape: Landscape, working: Json, close: t.Callable[..., Json]) -> None:
    """Each case begins with the working path, changes one thing, and closes."""
    azure, case = landscape.emulation, CASES[name]
    azure.control("PUT", "state", working)
    for resource, document in case.change(landscape).items():
        method = "DELETE" if not document else "PUT" if "location" in document else "PATCH"
        azure.control(method, "resource", document or None, id=resource)
    before = azure.resource(landscape.vault)["properties"]
    done = close(**{"vault_id": landscape.vault, "endpoint_id": landscape.endpoint, "zone_id": landscape.zone, **case.options(landscape)})
    after = azure.resource(landscape.vault)["properties"]
    if case.reason is None:
        assert done["changed"] and after == {
            **before,
            "publicNetworkAccess": "Disabled",
            "networkAcls": {**before["networkAcls"], "defaultAction": "Deny"},
        }
        assert done["proven"] is not name.endswith("accepted") and not done["reasons"]
        return
    assert done["failed"] and not done["changed"] and after == before
    assert is_sentence(done["msg"].removesuffix(done["hint"] or "").strip()), done["msg"]
    if case.reason == "zone_id":
        assert done["option"] == "zone_id" and ZONE_NAME in done["msg"]
        return
    assert case.reason in [reason["id"] for reason in done["reasons"]], done["reasons"]
    assert done["public_network_access"] == "Enabled" and done["loses_access"]["ip_rules"] == ["203.0.113.7/32"]
    assert done["foreign_addresses"] == (["10.1.0.99"] if case.change(landscape) and "somebody else" in name else [])


def test_a_perimeter_is_told_and_never_weakened(controller: Controller, landscape: Landscape, working: Json) -> None:
    azure = landscape.emulation
    azure.control("PUT", "state", working)
    azure.overlay(landscape.vault, {"properties": {"publicNetworkAccess": "SecuredByPerimeter"}})
    run = controller.tasks(
        task(MODULE, "proven", vault_id=landscape.vault),
        task(MODULE, "not proven", vault_id=landscape.vault, dns="none"),
        task(MODULE, "rehearsed", vault_id=landscape.vault, keywords={"check_mode": True}),
    ).succeeded()
    for done in run.tasks:
        assert not done.changed and not done.writes and done["public_network_access"] == "SecuredByPerimeter", done.shown
        assert done["proven"] is (done.name != "not proven") and not done["loses_access"]["public_clients"]
    assert azure.resource(landscape.vault)["properties"]["publicNetworkAccess"] == "SecuredByPerimeter"


def test_a_rehearsal_from_nothing_says_what_would_be_read(controller: Controller, landscape: Landscape) -> None:
    azure = landscape.use().emulation
    new = azure.id(GROUP, VAULT, "new-vault")
    endpoint, zone = azure.id(GROUP, ENDPOINT, "new-endpoint"), azure.id("hub", ZONE, ZONE_NAME)
    azure.overlay(landscape.other_vault, {"properties": OPEN})
    run = controller.tasks(
        task(MODULE, "no vault", vault_id=new, endpoint_id=endpoint, zone_id=zone),
        task(MODULE, "no endpoint", vault_id=landscape.other_vault, endpoint_id=endpoint, zone_id=zone, proof={}),
        arguments=["--check"],
    ).succeeded()
    assert not run.writes and not run.task("no vault").changed and run.task("no endpoint").changed
    assert "new vault is created without public access" in run.task("no vault")["proof"] and run.task("no vault")["before"] is None
    assert "is checked again" in run.task("no endpoint")["proof"] and not run.task("no endpoint")["proven"]
    refused = controller.tasks(task(MODULE, "for real", vault_id=new))
    assert refused.rc == 2 and refused.task("for real")["reasons"][0]["id"] == "vault"
