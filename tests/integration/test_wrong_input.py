# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Wrong input is refused before the first write, in one sentence that names the option and what to do; never a traceback, never a secret.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

import pytest

from integration.emulation import Emulation, Json, reported
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Run, is_sentence, task

SECRET = "Very~Secret-Value.42"


@dataclasses.dataclass(frozen=True)
class Wrong:
    """A task that must be refused: the option at fault, and words of the next step."""

    name: str
    module: str
    option: str
    step: str
    options: t.Callable[[Landscape], Json]


def endpoint(**options: t.Any) -> t.Callable[[Landscape], Json]:
    return lambda landscape: {"resource_group": GROUP, "name": "new", "vault_id": landscape.vault, "subnet_id": landscape.others, **options}


def plain(**options: t.Any) -> t.Callable[[Landscape], Json]:
    return lambda _landscape: {"resource_group": GROUP, **options}


def vault(name: str, **options: t.Any) -> t.Callable[[Landscape], Json]:
    return plain(name=name, location="westeurope", **options)


def alone(**options: t.Any) -> t.Callable[[Landscape], Json]:
    return lambda _landscape: options


def fleet(**settings: t.Any) -> t.Callable[[Landscape], Json]:
    """Return the options of private_vaults for one new vault; a setting may be made from the landscape."""

    def options(landscape: Landscape) -> Json:
        known = {"name": "new-vault", "resource_group": GROUP, "location": "westeurope", "subnet_id": landscape.others}
        asked = {name: value(landscape) if callable(value) else value for name, value in settings.items()}
        return {"vaults": [_without_none({**known, "zone_id": landscape.zone, **asked})]}

    return options


def private_vault(name: str, setting: str, step: str, **settings: t.Any) -> Wrong:
    """Return a case of private_vaults in which one setting is wrong, by default the only one that differs."""
    return Wrong(f"private vault: {name}", "private_vaults", f"vaults[new-vault].{setting}", step, fleet(**settings))


ROLE: Json = {"role_definition_id": "Key Vault Reader", "assignee_object_id": "a0000000-0000-4000-8000-0000000000f1"}
CASES = [
    Wrong("private vaults: name too short", "private_vaults", "vaults[0].name", "3 to 24", fleet(name="kv")),
    Wrong("private vaults: no name", "private_vaults", "vaults[0]", "set one of them", fleet(name=None)),
    Wrong(
        "private vaults: one vault twice",
        "private_vaults",
        "vaults",
        "remove one",
        lambda landscape: {"vaults": fleet()(landscape)["vaults"] * 2},
    ),
    Wrong(
        "private vaults: two wishes for one network",
        "private_vaults",
        "vaults[b-vault]",
        "set the same for both",
        lambda landscape: {
            "defaults": {
                "resource_group": GROUP,
                "location": "westeurope",
                "network_name": "new-net",
                "subnet_address_prefixes": "10.9.0.0/24",
            },
            "vaults": {f"{name}-vault": {"network_address_prefixes": [f"10.{net}.0.0/16"]} for name, net in (("a", 9), ("b", 8))},
        },
    ),
    private_vault("no group", "resource_group", "set it", resource_group=None),
    private_vault("retention too long", "soft_delete_retention_in_days", "between", soft_delete_retention_in_days=91),
    private_vault("tag with a forbidden sign", "tags", "without", tags={"a/b": "c"}),
    private_vault("provider is a word", "providers", "Microsoft.KeyVault", providers=["keyvault"]),
    private_vault("subnet id is a network's", "subnet_id", "subnets", subnet_id=lambda landscape: landscape.network),
    private_vault("no subnet", "network_address_prefixes", "set subnet_id", subnet_id=None),
    private_vault("subnet does not exist", "subnet_id", "create it first", subnet_id=lambda landscape: f"{landscape.network}/subnets/none"),
    private_vault("group of the endpoint does not exist", "endpoint_resource_group", "create it first", endpoint_resource_group="none"),
    private_vault(
        "group of one endpoint does not exist",
        "endpoints[hub].resource_group",
        "create it first",
        endpoints=[{"name": "hub", "resource_group": "none"}],
    ),
    private_vault("group of the zone does not exist", "zone_resource_group", "create it first", zone_id=None, zone_resource_group="none"),
    private_vault("address outside the subnet", "private_ip_address", "inside", private_ip_address="10.2.0.4"),
    private_vault("message without a request", "request_message", "manual_request: true", request_message="Please"),
    private_vault(
        "zone of another service",
        "zone_name",
        "privatelink.vaultcore.azure.net",
        zone_id=None,
        zone_name="privatelink.blob.core.windows.net",
    ),
    private_vault("zone id is a name", "zone_id", "pass the id", zone_id="privatelink.vaultcore.azure.net"),
    private_vault("time to live of nothing", "record_ttl", "1 to", dns="a_record", record_ttl=0),
    private_vault("link to a subnet", "linked_network_ids", "virtualNetworks", linked_network_ids=lambda landscape: [landscape.subnet]),
    private_vault("two endpoints of one name", "endpoints", "remove one", endpoints=[{"name": "hub"}, {"name": "HUB"}]),
    private_vault("endpoint without a name", "endpoints[0].name", "1 to 80", endpoints=[{"dns": "none"}]),
    private_vault(
        "wrong address of one endpoint",
        "endpoints[hub].private_ip_address",
        "pass one like",
        endpoints=[{"name": "spoke"}, {"name": "hub", "private_ip_address": "10.1"}],
    ),
    private_vault(
        "assignee is a name",
        "role_assignments[1].assignee_object_id",
        "object",
        role_assignments=[ROLE, {**ROLE, "assignee_object_id": "bob"}],
    ),
    private_vault(
        "assignee of the endpoint is a name",
        "endpoint_role_assignments[0].assignee_object_id",
        "object",
        endpoint_role_assignments=[{**ROLE, "assignee_object_id": "bob"}],
    ),
    private_vault(
        "logs to a network",
        "diagnostic_settings[0].log_analytics",
        "workspaces",
        diagnostic_settings=[{"name": "all", "log_analytics": "/subscriptions/a0000000-0000-4000-8000-0000000000aa"}],
    ),
    private_vault("logs to nowhere", "diagnostic_settings[0].name", "260", diagnostic_settings=[{"name": "a/b"}]),
    private_vault("lock of a forbidden name", "lock.name", "use", lock={"level": "CanNotDelete", "name": "a/b"}),
    private_vault(
        "endpoint's lock of a forbidden name", "endpoint_lock.name", "use", endpoint_lock={"level": "CanNotDelete", "name": "a/b"}
    ),
    Wrong("vault name too short", "keyvault", "name", "3 to 24", vault("kv")),
    Wrong("vault name too long", "keyvault", "name", "3 to 24", vault("a-vault-with-a-name-of-25")),
    Wrong("vault name begins with a digit", "keyvault", "name", "start with a letter", vault("1st-vault")),
    Wrong("vault name with two hyphens in a row", "keyvault", "name", "two hyphens", vault("my--vault")),
    Wrong("vault name ends with a hyphen", "keyvault", "name", "end with", vault("my-vault-")),
    Wrong("vault name with an underscore", "keyvault", "name", "use 3 to 24", vault("my_vault")),
    Wrong(
        "retention too long", "keyvault", "soft_delete_retention_in_days", "between", vault("new-vault", soft_delete_retention_in_days=91)
    ),
    Wrong(
        "ip rule of a private network",
        "keyvault",
        "network_acls.ip_rules",
        "private endpoint",
        vault("new-vault", network_acls={"ip_rules": ["192.168.1.1"]}),
    ),
    Wrong(
        "ip rule with host bits",
        "keyvault",
        "network_acls.ip_rules",
        "host bits",
        vault("new-vault", network_acls={"ip_rules": ["203.0.113.9/24"]}),
    ),
    Wrong(
        "ip rule of everybody",
        "keyvault",
        "network_acls.ip_rules",
        "default_action: Allow",
        vault("new-vault", network_acls={"ip_rules": ["0.0.0.0/0"]}),
    ),
    Wrong("new vault without a region", "keyvault", "location", "set it to its region", plain(name="new-vault")),
    Wrong(
        "vault id is a subnet's",
        "keyvault_private_endpoint",
        "vault_id",
        "Microsoft.KeyVault/vaults",
        lambda landscape: {**endpoint()(landscape), "vault_id": landscape.subnet},
    ),
    Wrong(
        "subnet in another subscription than the endpoint",
        "keyvault_private_endpoint",
        "subnet_id",
        "set subscription_id",
        lambda landscape: {**endpoint()(landscape), "subscription_id": "a0000000-0000-4000-8000-0000000000bb"},
    ),
    Wrong("vault id is a name", "keyvault_private_endpoint", "vault_id", "pass the id", endpoint(vault_id="shop-vault")),
    Wrong(
        "subnet id is a network's",
        "keyvault_private_endpoint",
        "subnet_id",
        "subnets",
        lambda landscape: {**endpoint()(landscape), "subnet_id": landscape.network},
    ),
    Wrong(
        "subnet does not exist",
        "keyvault_private_endpoint",
        "subnet_id",
        "create it first",
        lambda landscape: {**endpoint()(landscape), "subnet_id": f"{landscape.network}/subnets/none"},
    ),
    Wrong(
        "network does not exist",
        "keyvault_private_endpoint",
        "subnet_id",
        "create it first",
        lambda landscape: {**endpoint()(landscape), "subnet_id": landscape.subnet.replace("shop-net", "no-net")},
    ),
    Wrong("no subnet for a new endpoint", "keyvault_private_endpoint", "subnet_id", "set it", endpoint(subnet_id=None)),
    Wrong("no vault for a new endpoint", "keyvault_private_endpoint", "vault_id", "set it", endpoint(vault_id=None)),
    Wrong(
        "endpoint in another region than its subnet",
        "keyvault_private_endpoint",
        "location",
        "leave location out",
        lambda landscape: {**endpoint()(landscape), "subnet_id": landscape.far_subnet, "location": "westeurope"},
    ),
    Wrong(
        "address is no address", "keyvault_private_endpoint", "private_ip_address", "pass one like", endpoint(private_ip_address="10.1.1")
    ),
    Wrong(
        "address outside the subnet",
        "keyvault_private_endpoint",
        "private_ip_address",
        "choose an address inside",
        endpoint(private_ip_address="10.2.0.4"),
    ),
    Wrong(
        "address of the network itself",
        "keyvault_private_endpoint",
        "private_ip_address",
        "choose another",
        endpoint(private_ip_address="10.1.1.0"),
    ),
    Wrong(
        "address that Azure keeps",
        "keyvault_private_endpoint",
        "private_ip_address",
        "choose another",
        endpoint(private_ip_address="10.1.1.3"),
    ),
    Wrong(
        "address for broadcasts",
        "keyvault_private_endpoint",
        "private_ip_address",
        "choose another",
        endpoint(private_ip_address="10.1.1.255"),
    ),
    Wrong(
        "message without a request",
        "keyvault_private_endpoint",
        "request_message",
        "manual_request: true",
        endpoint(request_message="Please"),
    ),
    Wrong(
        "message too long",
        "keyvault_private_endpoint",
        "request_message",
        "shorten",
        endpoint(request_message="x" * 141, manual_request=True),
    ),
    Wrong(
        "more zones than a group takes",
        "keyvault_private_endpoint",
        "private_dns_zone_ids",
        "pass fewer",
        lambda landscape: {**endpoint()(landscape), "private_dns_zone_ids": [f"{landscape.zone}{number}" for number in range(6)]},
    ),
    Wrong(
        "zone id is a name",
        "keyvault_private_endpoint",
        "private_dns_zone_ids",
        "pass the id",
        endpoint(private_dns_zone_ids=["privatelink.vaultcore.azure.net"]),
    ),
    Wrong(
        "zone of another service",
        "private_dns_zone",
        "name",
        "privatelink.vaultcore.azure.net",
        plain(name="privatelink.blob.core.windows.net"),
    ),
    Wrong("zone without the private link", "private_dns_zone", "name", "privatelink.vaultcore.azure.net", plain(name="vault.azure.net")),
    Wrong(
        "zone of another cloud", "private_dns_zone", "name", "privatelink.vaultcore.azure.net", plain(name="privatelink.vaultcore.azure.cn")
    ),
    Wrong(
        "record named with its zone",
        "private_dns_a_record",
        "name",
        "here 'shop-vault'",
        plain(name="shop-vault.privatelink.vaultcore.azure.net", ipv4_addresses=["10.1.0.4"]),
    ),
    Wrong(
        "record of a name",
        "private_dns_a_record",
        "ipv4_addresses",
        "pass one like",
        plain(name="shop-vault", ipv4_addresses=["shop-vault.vault.azure.net"]),
    ),
    Wrong(
        "record of a placeholder",
        "private_dns_a_record",
        "ipv4_addresses",
        "pass one like",
        plain(name="shop-vault", ipv4_addresses=["(known after apply)"]),
    ),
    Wrong(
        "record without addresses",
        "private_dns_a_record",
        "ipv4_addresses",
        "pass the private address",
        plain(name="shop-vault", ipv4_addresses=[]),
    ),
    Wrong("time to live of nothing", "private_dns_a_record", "ttl", "1 to", plain(name="shop-vault", ipv4_addresses=["10.1.0.4"], ttl=0)),
    Wrong(
        "link to a subnet",
        "private_dns_zone_link",
        "virtual_network_id",
        "virtualNetworks",
        lambda landscape: {"resource_group": GROUP, "name": "link", "virtual_network_id": landscape.subnet},
    ),
    Wrong(
        "policy of a zone that takes none",
        "private_dns_zone_link",
        "resolution_policy",
        "leave it out",
        lambda landscape: {
            "resource_group": GROUP,
            "name": "link",
            "zone_name": "corp.example",
            "virtual_network_id": landscape.network,
            "resolution_policy": "Default",
        },
    ),
    Wrong(
        "range with host bits",
        "virtual_network",
        "address_prefixes",
        "pass one like",
        plain(name="net", location="westeurope", address_prefixes=["10.1.2.3/16"]),
    ),
    Wrong(
        "network name with a space",
        "virtual_network",
        "name",
        "use 1 to 80",
        plain(name="my net", location="westeurope", address_prefixes=["10.1.0.0/16"]),
    ),
    Wrong(
        "route table is no route table",
        "subnet",
        "route_table_id",
        "routeTables",
        lambda landscape: {
            "resource_group": GROUP,
            "virtual_network_name": "shop-net",
            "name": "new",
            "address_prefixes": ["10.1.9.0/24"],
            "route_table_id": landscape.zone,
        },
    ),
    Wrong(
        "approval of a vault instead of an endpoint",
        "endpoint_connection_approval",
        "endpoint_id",
        "privateEndpoints",
        lambda landscape: {"resource_group": GROUP, "vault_name": "shop-till", "endpoint_id": landscape.other_vault},
    ),
    Wrong(
        "vault name of another rule in approval",
        "endpoint_connection_approval",
        "vault_name",
        "3 to 24",
        plain(vault_name="no", connection_name="x"),
    ),
    Wrong("group name ends with a period", "resource_group", "name", "1 to 90", alone(name="shop.", location="westeurope")),
    Wrong("new group without a region", "resource_group", "location", "set it to its region", alone(name="new-shop")),
    Wrong("tag with a forbidden sign", "resource_group", "tags", "without", alone(name=GROUP, location="westeurope", tags={"a/b": "c"})),
    Wrong("tag value too long", "resource_group", "tags", "shorten", alone(name=GROUP, location="westeurope", tags={"a": "x" * 257})),
    Wrong("tag of a zone with a space", "private_dns_zone", "tags", "use letters", plain(tags={"Cost Center": "4711", "plain": "ok"})),
    Wrong(
        "too many tags",
        "resource_group",
        "tags",
        "pass fewer",
        alone(name=GROUP, location="westeurope", tags={f"t{number}": "" for number in range(51)}),
    ),
    Wrong("provider is a word", "resource_provider", "name", "Microsoft.KeyVault", alone(name="keyvault")),
    Wrong(
        "unknown cloud",
        "keyvault_private_endpoint_info",
        "cloud_environment",
        "AzureUSGovernment",
        plain(vault_name="shop-vault", cloud_environment="AzureMoon"),
    ),
    Wrong(
        "cloud without TLS",
        "keyvault_private_endpoint_info",
        "cloud_environment",
        "https",
        plain(vault_name="shop-vault", cloud_environment="http://127.0.0.1:1"),
    ),
    Wrong(
        "cloud that nobody serves",
        "keyvault_private_endpoint_info",
        "cloud_environment",
        "correct the address",
        plain(vault_name="shop-vault", cloud_environment="https://127.0.0.1:1"),
    ),
    Wrong(
        "cloud that is none",
        "keyvault_private_endpoint_info",
        "cloud_environment",
        "https address",
        lambda landscape: {
            "resource_group": GROUP,
            "vault_name": "shop-vault",
            "cloud_environment": landscape.emulation.facts["url"] + "/nowhere",
        },
    ),
    Wrong("tag of a mapping", "resource_group", "tags", "pass a text", alone(name=GROUP, tags={"owner": {"team": "shop"}})),
    Wrong("tag with a line break in its name", "resource_group", "tags", "line breaks", alone(name=GROUP, tags={"a\nb": "c"})),
    Wrong("tag without a name", "resource_group", "tags", "use 1 to 512", alone(name=GROUP, tags={" ": "c"})),
    Wrong("truth that is none", "keyvault", "purge", "true or false", vault("new-vault", purge="yes please")),
    Wrong("duration as text", "keyvault", "wait_timeout", "pass one like 60", vault("new-vault", wait_timeout="30m")),
    Wrong("days with a fraction", "keyvault", "soft_delete_retention_in_days", "integer", vault("v-1", soft_delete_retention_in_days=7.5)),
    Wrong("name is a mapping", "keyvault", "name", "pass a text", plain(name={"name": "new-vault"}, location="westeurope")),
    Wrong("way of DNS", "private_vaults", "vaults[0].dns", "use one of them", fleet(dns="zonegroup")),
    Wrong("tenant is a name", "keyvault", "vault_tenant", "GUID", vault("new-vault", vault_tenant="contoso")),
    Wrong("network of no range", "virtual_network", "address_prefixes", "pass one", plain(name="n", address_prefixes=[])),
    Wrong(
        "service endpoint is a word",
        "subnet",
        "service_endpoints",
        "Microsoft.KeyVault",
        plain(virtual_network_name="shop-net", name="new", address_prefixes=["10.1.9.0/24"], service_endpoints=["keyvault"]),
    ),
    Wrong("record of a long label", "private_dns_a_record", "name", "63", plain(name="a" * 64, ipv4_addresses=["10.1.0.4"])),
    Wrong(
        "port that cannot be",
        "keyvault_private_endpoint_info",
        "cloud_environment",
        "https",
        plain(vault_name="shop-vault", cloud_environment="https://127.0.0.1:99999"),
    ),
    Wrong("unknown profile", "keyvault_private_endpoint_info", "profile", "add it", plain(vault_name="shop-vault", profile="nobody")),
    Wrong(
        "no time to wait", "keyvault_private_endpoint_info", "wait_timeout", "use 1 or more", plain(vault_name="shop-vault", wait_timeout=0)
    ),
]


@pytest.fixture(scope="module")
def refused(controller: Controller, landscape: Landscape) -> Run:
    """All cases, one after the other, in one run at the verbosity that shows tracebacks."""
    landscape.use()
    tasks = [task(case.module, case.name, keywords={"ignore_errors": True}, **_without_none(case.options(landscape))) for case in CASES]
    return controller.tasks(*tasks, arguments=["-vvv"])


def _without_none(options: Json) -> Json:
    return {name: value for name, value in options.items() if value is not None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_is_refused_in_one_sentence(case: Wrong, refused: Run) -> None:
    done = refused.task(case.name)
    assert done.failed and not done.changed, done.shown
    assert (done["code"], done["option"]) == ("InvalidOption", case.option), done.shown
    assert done["msg"].startswith(f"{case.option}: ") and is_sentence(done["msg"]), done["msg"]
    assert case.step in done["msg"], done["msg"]
    assert not done.writes, reported(done.writes)


def test_no_traceback_and_no_write(refused: Run) -> None:
    assert "Traceback (most recent call last)" not in refused.output
    assert not refused.writes, reported(refused.writes)


ANSIBLES_OWN: dict[str, tuple[str, dict[str, t.Any], str]] = {
    "unsupported": ("keyvault", {"resource_group": GROUP, "nam": "x", "name": "shop-vault"}, "nam"),
    "choice": ("keyvault", {"resource_group": GROUP, "name": "shop-vault", "sku": "gold"}, "sku"),
    "type": (
        "keyvault",
        {"resource_group": GROUP, "name": "shop-vault", "soft_delete_retention_in_days": "week"},
        "soft_delete_retention_in_days",
    ),
    "suboption": ("keyvault", {"resource_group": GROUP, "name": "shop-vault", "network_acls": {"default": "Deny"}}, "network_acls"),
    "exclusive": (
        "endpoint_connection_approval",
        {"resource_group": GROUP, "vault_name": "shop-vault", "endpoint_id": "x", "connection_name": "y"},
        "connection_name",
    ),
}


def test_what_ansible_refuses_names_the_option_too(controller: Controller, landscape: Landscape) -> None:
    landscape.use()
    run = controller.tasks(
        *(task(module, name, keywords={"ignore_errors": True}, **options) for name, (module, options, _option) in ANSIBLES_OWN.items())
    )
    assert not run.requests, reported(run.requests)
    assert "Traceback (most recent call last)" not in run.output
    for name, (_module, _options, option) in ANSIBLES_OWN.items():
        done = run.task(name)
        assert done.failed and option in done["msg"] and "\n" not in done["msg"], done.shown


def test_wrong_place_is_told_by_azure_with_the_next_step(controller: Controller, landscape: Landscape) -> None:
    landscape.use()
    read = {"resource_group": GROUP, "vault_name": "shop-vault"}
    run = controller.tasks(
        task(
            "keyvault_private_endpoint_info",
            "unknown",
            **read,
            subscription_id="a0000000-0000-4000-8000-0000000000ff",
            keywords={"ignore_errors": True},
        ),
    )
    done = run.task("unknown")
    assert (done.failed, done["code"]) == (True, "SubscriptionNotFound"), done.shown
    assert "subscription_id" in done["hint"] and done["hint"] in done["msg"]


SIGN_IN = {
    "wrong secret": ({"secret": SECRET}, "AADSTS7000215", "secret"),
    "unknown application": ({"client_id": "a0000000-0000-4000-8000-00000000dead", "secret": SECRET}, "AADSTS700016", "client_id"),
    "unknown tenant": ({"tenant": "a0000000-0000-4000-8000-00000000dead", "secret": SECRET}, "AADSTS90002", "tenant"),
}


@pytest.fixture(scope="module")
def sign_ins(controller: Controller, landscape: Landscape) -> Run:
    """Every wrong way to sign in, and a right one, at the highest verbosity."""
    emulation = landscape.use().emulation
    emulation.principal(client_id="a0000000-0000-4000-8000-0000000000c2", object_id="right", secret=SECRET + "~right")
    keywords = {"ignore_errors": True}
    read = {"resource_group": GROUP, "vault_name": "shop-vault"}
    tasks = [
        task("keyvault_private_endpoint_info", name, keywords=keywords, **read, **options)
        for name, (options, _code, _word) in SIGN_IN.items()
    ]
    right = {"client_id": "a0000000-0000-4000-8000-0000000000c2", "secret": SECRET + "~right"}
    return controller.tasks(*tasks, task("keyvault_private_endpoint_info", "right secret", **read, **right), arguments=["-vvvvv"])


@pytest.mark.parametrize("name", SIGN_IN, ids=lambda name: name.replace(" ", "-"))
def test_failed_sign_in_names_what_to_check(name: str, sign_ins: Run) -> None:
    done, (_options, code, word) = sign_ins.task(name), SIGN_IN[name]
    assert done.failed, done.shown
    assert done["code"] == code, done.shown
    assert word in done["hint"] and done["hint"] in done["msg"] and "\n" not in done["msg"], done.shown


def test_secrets_and_tokens_are_never_printed(sign_ins: Run, emulation: Emulation) -> None:
    assert sign_ins.rc == 0, sign_ins.output
    assert "Traceback (most recent call last)" not in sign_ins.output
    for secret in (SECRET, emulation.facts["secret"]):
        assert secret not in sign_ins.output
    assert not re.search(r"eyJ[\w-]{8,}\.", sign_ins.output), "a token is printed"


def test_missing_credentials_are_told_with_every_way_to_give_them(controller: Controller, landscape: Landscape) -> None:
    landscape.use()
    nobody = dict.fromkeys(("AZURE_TENANT", "AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_SUBSCRIPTION_ID"))
    run = controller.tasks(
        task("keyvault_private_endpoint_info", "look", resource_group=GROUP, vault_name="shop-vault"), arguments=["-vvv"], env=nobody
    )
    done = run.task("look")
    assert (done["code"], done["option"]) == ("InvalidOption", "client_id"), done.shown
    assert is_sentence(done["msg"]), done["msg"]
    for way in ("AZURE_CLIENT_ID", "~/.azure/credentials", "az login", "secret"):
        assert way in done["msg"]
    assert "Traceback" not in run.output and not run.requests
