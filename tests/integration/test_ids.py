# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources named by their ids: the same resource as by names, and what no id holds is refused before anything is sent."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from integration.emulation import Json, reported
from integration.landscape import GROUP, ZONE, ZONE_NAME, Landscape
from integration.running import Controller, Run, is_sentence, task

IGNORE = {"ignore_errors": True}
AUTHORIZATION = "providers/Microsoft.Authorization"


@dataclasses.dataclass(frozen=True)
class Wrong:
    """A task that must be refused: the option at fault, and words of the message."""

    name: str
    module: str
    option: str
    words: str
    options: t.Callable[[Landscape], Json]


def group_of(landscape: Landscape) -> str:
    return landscape.vault.partition("/providers/")[0]


def given(**options: t.Any) -> t.Callable[[Landscape], Json]:
    """Return options in which {group}, {vault}, {network}, {subnet}, {zone}, {endpoint} and {subscription} stand for ids."""

    def filled(landscape: Landscape) -> Json:
        ids = {name: getattr(landscape, name) for name in ("vault", "network", "subnet", "zone", "endpoint", "others")}
        ids |= {"group": group_of(landscape), "subscription": group_of(landscape).partition("/resourceGroups")[0]}
        return {name: value.format(**ids) if isinstance(value, str) else value for name, value in options.items()}

    return filled


HOSTILE_SCOPES = {
    "question mark": "{group}?x",
    "query": "{group}?api-version=2021-04-01&x=",
    "hash": "{group}#x",
    "percent": "{group}%2f..",
    "dot segments": "{vault}/../../x/y",
    "dot": "{group}/./providers/x.y/a/b",
    "backslash": "{group}\\x",
    "line": "{group}\nx",
    "nothing": "{group}//providers/x.y/a/b",
    "period": "{group}.",
    "group in a group": "{group}/providers/Microsoft.Resources/resourceGroups/other",
}
SCOPED = (("management_lock", "managed_resource_id"), ("role_assignment", "scope"), ("diagnostic_setting", "resource"))
ROLE = "a0000000-0000-4000-8000-0000000000aa"

CASES = [
    *(
        Wrong(
            f"{what} in {option}",
            module,
            option,
            "",
            given(**{option: scope}, name=ROLE if module == "role_assignment" else "x", state="absent"),
        )
        for module, option in SCOPED
        for what, scope in list(HOSTILE_SCOPES.items())[: None if module == "management_lock" else 2]
    ),
    *(
        Wrong(f"lock named {name!r}", "management_lock", "name", "", given(managed_resource_id="{vault}", name=name, state="absent"))
        for name in ("..", ".", "a/b", "a?b", " a", "a\nb")
    ),
    *(
        Wrong(
            f"{module} of a lock's id with {end!r}", module, "id", "", given(id=f"{{group}}/{AUTHORIZATION}/{kind}/{end}", state="absent")
        )
        for module, kind in (("management_lock", "locks"), ("role_assignment", "roleAssignments"))
        for end in ("..", "x?y", "x/../..", "")
    ),
    Wrong(
        "lock by the id of an assignment",
        "management_lock",
        "id",
        "locks",
        given(id=f"{{group}}/{AUTHORIZATION}/roleAssignments/{ROLE}", state="absent"),
    ),
    *(
        Wrong(
            f"subscription {value!r}",
            "keyvault",
            "subscription_id",
            "GUID",
            given(subscription_id=value, resource_group=GROUP, name="shop-vault", state="absent"),
        )
        for value in ("..", "{vault}", "{subscription}", "my-subscription", "a?b")
    ),
    Wrong(
        "subscription in an id",
        "keyvault",
        "id",
        "GUID",
        given(id="/subscriptions/mine/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/shop-vault"),
    ),
    Wrong("vault by the id of an endpoint", "keyvault", "id", "Microsoft.KeyVault/vaults", given(id="{endpoint}", state="absent")),
    Wrong("network by the id of a subnet", "virtual_network", "id", "like /subscriptions/", given(id="{subnet}", state="absent")),
    Wrong("subnet by the id of a network", "subnet", "id", "subnets/NAME", given(id="{network}", state="absent")),
    Wrong(
        "subnet of a subnet",
        "subnet",
        "virtual_network_id",
        "virtualNetworks",
        given(virtual_network_id="{subnet}", name="others", state="absent"),
    ),
    Wrong("zone by the id of its record", "private_dns_zone", "id", "privateDnsZones", given(id="{zone}/A/shop-vault", state="absent")),
    Wrong("record by the id of its zone", "private_dns_a_record", "id", "privateDnsZones/A", given(id="{zone}", state="absent")),
    Wrong("group by the id of a vault", "resource_group", "id", "resourceGroups", given(id="{vault}", state="absent")),
    Wrong("group named by an id", "resource_group", "name", "resource group", given(name="{group}", state="absent")),
    Wrong("provider by the id of a vault", "resource_provider", "id", "providers/Microsoft.KeyVault", given(id="{vault}", state="absent")),
    Wrong("provider with a detour", "resource_provider", "name", "Microsoft.KeyVault", given(name="Microsoft.KeyVault/..", state="absent")),
    Wrong(
        "connection with a detour",
        "endpoint_connection_approval",
        "connection_name",
        "",
        given(vault_id="{vault}", connection_name="..", state="absent"),
    ),
    Wrong(
        "connection of another type",
        "endpoint_connection_approval",
        "id",
        "privateEndpointConnections",
        given(id="{vault}/keys/x", state="absent"),
    ),
    Wrong("rules for a network", "endpoint_connection_rules", "vault_id", "vaults", given(vault_id="{network}")),
    Wrong("connections of a name", "keyvault_private_endpoint_info", "vault_id", "vaults", given(vault_id="shop-vault")),
    Wrong("endpoint of a vault", "private_endpoint_info", "id", "privateEndpoints", given(id="{vault}")),
    Wrong("region with a detour", "keyvault", "location", "region", given(id="{vault}", location="../x", state="absent", purge=True)),
    Wrong(
        "vault in an id of a vault too short",
        "keyvault",
        "id",
        "3 to 24",
        given(id="{group}/providers/Microsoft.KeyVault/vaults/v", state="absent"),
    ),
    Wrong("orphans of a record", "private_link_orphans_info", "zone_id", "privateDnsZones", given(zone_id="{zone}/A/x")),
    Wrong(
        "orphans in a subscription of a name",
        "private_link_orphans_info",
        "zone_subscription_id",
        "GUID",
        given(zone_resource_group=GROUP, zone_subscription_id=".."),
    ),
]

# Zones in which no vault's name is looked up in AzureCloud.
OTHER_ZONES = ("privatelink.vault.azure.net", "vault.azure.net", "privatelink.vaultcore.azure.cn", "privatelink.blob.core.windows.net")


def other(zone: str) -> str:
    return f"{{group}}/providers/{ZONE}/{zone}"


def endpoint(zone: str, **options: t.Any) -> t.Callable[[Landscape], Json]:
    def filled(landscape: Landscape) -> Json:
        zones = [given(zone=zone)(landscape)["zone"]]
        return {
            "resource_group": GROUP,
            "name": "new",
            "subnet_id": landscape.others,
            "private_dns_zone_ids": zones,
            **given(**options)(landscape),
        }

    return filled


ZONES = [
    *(
        Wrong(
            f"endpoint into {zone}",
            "keyvault_private_endpoint",
            "private_dns_zone_ids",
            ZONE_NAME,
            endpoint(other(zone), vault_id="{vault}"),
        )
        for zone in OTHER_ZONES
    ),
    *(
        wrong
        for zone in OTHER_ZONES[:1]
        for wrong in (
            Wrong(
                f"endpoint of any kind into {zone}",
                "private_endpoint",
                "private_dns_zone_ids",
                ZONE_NAME,
                endpoint(other(zone), target_id="{vault}"),
            ),
            Wrong(
                f"record by zone_id {zone}",
                "private_dns_a_record",
                "zone_id",
                ZONE_NAME,
                given(zone_id=other(zone), name="a", ipv4_addresses=["10.1.0.4"]),
            ),
            Wrong(
                f"record by id {zone}", "private_dns_a_record", "id", ZONE_NAME, given(id=f"{other(zone)}/A/a", ipv4_addresses=["10.1.0.4"])
            ),
            Wrong(
                f"link by zone_id {zone}",
                "private_dns_zone_link",
                "zone_id",
                ZONE_NAME,
                given(zone_id=other(zone), virtual_network_id="{network}"),
            ),
            Wrong(
                f"link by name {zone}",
                "private_dns_zone_link",
                "zone_name",
                ZONE_NAME,
                given(resource_group=GROUP, zone_name=zone, virtual_network_id="{network}"),
            ),
            Wrong(f"zone by id {zone}", "private_dns_zone", "id", ZONE_NAME, given(id=other(zone))),
        )
    ),
    Wrong(
        "zone of managed HSMs for a vault",
        "keyvault_private_endpoint",
        "private_dns_zone_ids",
        ZONE_NAME,
        endpoint(other("privatelink.managedhsm.azure.net"), vault_id="{vault}"),
    ),
    Wrong(
        "zone of vaults for a managed HSM",
        "keyvault_private_endpoint",
        "private_dns_zone_ids",
        "privatelink.managedhsm.azure.net",
        endpoint("{zone}", vault_id="{group}/providers/Microsoft.KeyVault/managedHSMs/shop-hsm"),
    ),
    Wrong(
        "endpoint into a zone of the user's own",
        "keyvault_private_endpoint",
        "private_dns_zone_ids",
        ZONE_NAME,
        endpoint(other("corp.example"), vault_id="{vault}"),
    ),
]


def requested(requests: list[Json]) -> list[str]:
    """Return the requests that go to a subscription; the emulator's cloud is looked up by its address."""
    return [line for line in reported(requests) if "/metadata/" not in line]


@pytest.fixture(scope="module")
def refused(controller: Controller, landscape: Landscape) -> Run:
    """All cases, one after the other, in one run."""
    landscape.use()
    return controller.tasks(*(task(case.module, case.name, keywords=IGNORE, **case.options(landscape)) for case in [*CASES, *ZONES]))


@pytest.mark.parametrize("case", [*CASES, *ZONES], ids=lambda case: ascii(case.name).replace(" ", "-"))
def test_is_refused_before_anything_is_sent(case: Wrong, refused: Run) -> None:
    done = refused.task(case.name)
    assert done.failed and not done.changed, done.shown
    assert (done["code"], done["option"]) == ("InvalidOption", case.option), done.shown
    assert done["msg"].startswith(f"{case.option}: ") and is_sentence(done["msg"]), done["msg"]
    assert case.words in done["msg"], done["msg"]
    assert not requested(done.requests), reported(done.requests)


def test_nothing_was_written(refused: Run) -> None:
    assert not refused.writes, reported(refused.writes)


BOTH = {
    "names and id": ("keyvault", given(resource_group=GROUP, name="shop-vault", id="{vault}")),
    "group and zone_id": ("private_dns_a_record_info", given(resource_group=GROUP, zone_id="{zone}")),
    "parent twice": ("subnet", given(virtual_network_name="shop-net", virtual_network_id="{network}", name="others")),
    "parent of an id": ("subnet", given(virtual_network_id="{network}", id="{subnet}")),
    "scope of an id": (
        "management_lock",
        given(resource_group=GROUP, id="{vault}/providers/Microsoft.Authorization/locks/x", level="ReadOnly"),
    ),
    "zone twice": ("private_link_orphans_info", given(zone_resource_group=GROUP, zone_id="{zone}")),
}
NEITHER = {
    "no vault": ("keyvault", given(location="westeurope"), "id, resource_group"),
    "no group": ("keyvault", given(name="shop-vault"), "id, resource_group"),
    "no name": ("keyvault", given(resource_group=GROUP), "id, name"),
    "no network": ("subnet", given(name="others"), "id, virtual_network_id, resource_group"),
    "no scope": ("management_lock", given(name="x", level="ReadOnly"), "id, managed_resource_id, resource_group"),
    "no provider": ("resource_provider", given(), "id, name"),
}


def test_a_resource_is_named_in_one_way_and_that_whole(controller: Controller, landscape: Landscape) -> None:
    landscape.use()
    cases = {**{name: case[:2] for name, case in NEITHER.items()}, **BOTH}
    run = controller.tasks(*(task(module, name, keywords=IGNORE, **options(landscape)) for name, (module, options) in cases.items()))
    assert not requested(run.requests), reported(run.requests)
    for name in BOTH:
        assert run.task(name).failed and "mutually exclusive" in run.task(name)["msg"], run.task(name).shown
    for name, (_module, _options, words) in NEITHER.items():
        assert run.task(name).failed and words in ", ".join(
            sorted(run.task(name)["msg"].rpartition(": ")[2].split(", "), key=words.find)
        ), run.task(name).shown


# Each resource of the landscape by its id, or by its parent's: nothing changes, and the answer is the same as by names.
BY_ID: dict[str, tuple[str, Json, Json]] = {
    "group": ("resource_group", {"id": "{group}"}, {"name": GROUP}),
    "provider": ("resource_provider", {"id": "{subscription}/providers/Microsoft.KeyVault"}, {"name": "Microsoft.KeyVault"}),
    "provider info": ("resource_provider_info", {"id": "{subscription}/providers/Microsoft.KeyVault"}, {"name": "Microsoft.KeyVault"}),
    "vault": ("keyvault", {"id": "{vault}"}, {"resource_group": GROUP, "name": "shop-vault"}),
    "network": ("virtual_network", {"id": "{network}"}, {"resource_group": GROUP, "name": "shop-net"}),
    "subnet": ("subnet", {"id": "{subnet}"}, {"resource_group": GROUP, "virtual_network_name": "shop-net", "name": "endpoints"}),
    "subnet of a network": (
        "subnet",
        {"virtual_network_id": "{network}", "name": "endpoints"},
        {"resource_group": GROUP, "virtual_network_name": "shop-net", "name": "endpoints"},
    ),
    "zone": ("private_dns_zone", {"id": "{zone}"}, {"resource_group": GROUP}),
    "zone info": ("private_dns_zone_info", {"id": "{zone}"}, {"resource_group": GROUP, "name": ZONE_NAME}),
    "record info": ("private_dns_a_record_info", {"zone_id": "{zone}"}, {"resource_group": GROUP}),
    "one record": ("private_dns_a_record_info", {"id": "{zone}/A/nobody"}, {"resource_group": GROUP, "name": "nobody"}),
    "no record": (
        "private_dns_a_record",
        {"id": "{zone}/A/nobody", "state": "absent"},
        {"resource_group": GROUP, "name": "nobody", "state": "absent"},
    ),
    "no record of a zone": (
        "private_dns_a_record",
        {"zone_id": "{zone}", "name": "nobody", "state": "absent"},
        {"resource_group": GROUP, "name": "nobody", "state": "absent"},
    ),
    "no link": (
        "private_dns_zone_link",
        {"id": "{zone}/virtualNetworkLinks/x", "state": "absent"},
        {"resource_group": GROUP, "name": "x", "state": "absent"},
    ),
    "no link of a zone": (
        "private_dns_zone_link",
        {"zone_id": "{zone}", "name": "x", "state": "absent"},
        {"resource_group": GROUP, "name": "x", "state": "absent"},
    ),
    "endpoint": ("keyvault_private_endpoint", {"id": "{endpoint}"}, {"resource_group": GROUP, "name": "shop-endpoint"}),
    "any endpoint": ("private_endpoint", {"id": "{endpoint}"}, {"resource_group": GROUP, "name": "shop-endpoint"}),
    "endpoint info": ("private_endpoint_info", {"id": "{endpoint}"}, {"resource_group": GROUP, "name": "shop-endpoint"}),
    "endpoint dns": ("private_endpoint_dns_info", {"endpoint_id": "{endpoint}"}, {"resource_group": GROUP, "name": "shop-endpoint"}),
    "connections": ("keyvault_private_endpoint_info", {"vault_id": "{vault}"}, {"resource_group": GROUP, "vault_name": "shop-vault"}),
    "connections by id": ("keyvault_private_endpoint_info", {"id": "{vault}"}, {"resource_group": GROUP, "vault_name": "shop-vault"}),
    "rules": ("endpoint_connection_rules", {"vault_id": "{vault}"}, {"resource_group": GROUP, "vault_name": "shop-vault"}),
    "approval": (
        "endpoint_connection_approval",
        {"vault_id": "{vault}", "endpoint_id": "{endpoint}"},
        {"resource_group": GROUP, "vault_name": "shop-vault", "endpoint_id": "{endpoint}"},
    ),
    "no connection": (
        "endpoint_connection_approval",
        {"id": "{vault}/privateEndpointConnections/x", "state": "absent"},
        {"resource_group": GROUP, "vault_name": "shop-vault", "connection_name": "x", "state": "absent"},
    ),
    "no lock": (
        "management_lock",
        {"id": "{group}/providers/Microsoft.Authorization/locks/my lock", "state": "absent"},
        {"resource_group": GROUP, "name": "my lock", "state": "absent"},
    ),
    "no assignment": (
        "role_assignment",
        {"id": f"{{vault}}/{AUTHORIZATION}/roleAssignments/{ROLE}", "state": "absent"},
        {"scope": "{vault}", "name": ROLE, "state": "absent"},
    ),
    "no setting": (
        "diagnostic_setting",
        {"id": "{vault}/providers/Microsoft.Insights/diagnosticSettings/my logs", "state": "absent"},
        {"resource": "{vault}", "name": "my logs", "state": "absent"},
    ),
    "orphans": ("private_link_orphans_info", {"zone_id": "{zone}"}, {"zone_resource_group": GROUP}),
}


@pytest.mark.long
def test_an_id_names_what_the_names_name(controller: Controller, landscape: Landscape) -> None:
    """The task's subscription is another one, which an id outvotes, in Azure's writing or in lower case."""
    landscape.use()
    elsewhere = {"subscription_id": "a0000000-0000-4000-8000-0000000000ff"}
    tasks = []
    for name, (module, by_id, by_names) in BY_ID.items():
        own = {} if name == "orphans" else elsewhere
        tasks += [
            task(module, f"{name} by id", **given(**by_id)(landscape), **own),
            task(module, f"{name} by names", **given(**by_names)(landscape)),
        ]
    run = controller.tasks(*tasks).succeeded()
    assert not run.writes, reported(run.writes)
    for name in BY_ID:
        one, same = run.task(f"{name} by id"), run.task(f"{name} by names")
        assert {**one.result, "invocation": None} == {**same.result, "invocation": None}, one.shown
        assert reported(one.requests) == reported(same.requests)


def test_an_id_asks_for_no_subscription(controller: Controller, landscape: Landscape) -> None:
    landscape.use()
    run = controller.tasks(task("private_endpoint_info", "look", id=landscape.endpoint), env={"AZURE_SUBSCRIPTION_ID": None}).succeeded()
    assert not [line for line in reported(run.requests) if line.endswith("/subscriptions")], reported(run.requests)


def test_names_are_sent_as_they_are(controller: Controller, landscape: Landscape) -> None:
    """A group's letters, and spaces in a lock's name."""
    landscape.use()
    group = group_of(landscape).replace("/shop", "/größe-(日本)")
    lock = {"name": "keep it, please", "managed_resource_id": group}
    run = controller.tasks(
        task("resource_group", "group", id=group, location="westeurope"),
        task("management_lock", "lock", **lock, level="CanNotDelete"),
        task("management_lock", "lock again", id=f"{group}/providers/Microsoft.Authorization/locks/keep it, please", level="CanNotDelete"),
        task("management_lock", "unlock", **lock, state="absent"),
        task("resource_group", "no group", id=group, state="absent"),
    ).succeeded()
    assert run.changed == ["group", "lock", "unlock", "no group"]
    assert run.task("lock")["id"] == f"{group}/providers/Microsoft.Authorization/locks/keep it, please"


def test_another_zone_is_taken_where_the_task_says_so(controller: Controller, landscape: Landscape) -> None:
    landscape.use()
    zone = given(zone=other(OTHER_ZONES[0]))(landscape)["zone"]
    other_zone = {"allow_other_zone": True}
    run = controller.tasks(
        task("private_dns_zone", "zone", id=zone, **other_zone),
        task("private_dns_a_record", "record", zone_id=zone, name="a", ipv4_addresses=["10.1.0.4"], **other_zone),
        task("private_dns_zone_link", "link", zone_id=zone, virtual_network_id=landscape.network, **other_zone),
        task("keyvault_private_endpoint", "endpoint", id=landscape.endpoint, private_dns_zone_ids=[zone], **other_zone),
        task("keyvault_private_endpoint", "no zone", id=landscape.endpoint, private_dns_zone_ids=[]),
        task("private_dns_zone_link", "no link", zone_id=zone, name="shop-net", state="absent"),
        task("private_dns_a_record", "no record", id=f"{zone}/A/a", state="absent"),
    ).succeeded()
    assert len(run.changed) == 7


def shown(name: str, template: str) -> Json:
    return {"name": name, "ansible.builtin.debug": {"msg": template}, **IGNORE}


def test_ids_are_taken_apart_and_built_in_templates(controller: Controller, landscape: Landscape) -> None:
    lock = f"{landscape.vault}/{AUTHORIZATION}/locks/keep it"
    variables = {
        "vault": landscape.vault,
        "subnet": landscape.subnet,
        "network": landscape.network,
        "lock": lock,
        "wrong": f"{landscape.vault}?x",
    }
    part, build = "privatelink.azure.resource_id_parts", "privatelink.azure.resource_id"
    run = controller.tasks(
        shown("parts", f"{{{{ subnet | {part} }}}}"),
        shown("child", f"{{{{ network | {build}(type='subnets', name='endpoints') }}}}"),
        shown("again", f"{{{{ lock | {part} | {build} }}}}"),
        shown(
            "keywords",
            f"{{{{ 'shop-vault' | {build}(type='Microsoft.KeyVault/vaults', subscription_id=home, resource_group='{GROUP}') }}}}",
        ),
        shown("vaults", f"{{{{ [vault, subnet, wrong, 4] | select('{build}', 'Microsoft.KeyVault/vaults') | list }}}}"),
        shown("test", f"{{{{ vault is {build}('microsoft.keyvault/vaults') and wrong is not {build} }}}}"),
        shown("wrong parts", f"{{{{ wrong | {part} }}}}"),
        shown("wrong name", f"{{{{ network | {build}(type='subnets', name='..') }}}}"),
        vars={**variables, "home": landscape.vault.split("/")[2]},
    )
    told_of = {done.name: done.result["msg"] for done in run.tasks}
    assert (told_of["parts"]["names"], told_of["parts"]["parent_id"], told_of["parts"]["type"]) == (
        ["shop-net", "endpoints"],
        landscape.network,
        "Microsoft.Network/virtualNetworks/subnets",
    )
    assert (told_of["child"], told_of["again"], told_of["keywords"]) == (landscape.subnet, lock, landscape.vault)
    assert (told_of["vaults"], str(told_of["test"])) == ([landscape.vault], "True")
    for name in ("wrong parts", "wrong name"):
        assert run.task(name).failed and "privatelink.azure.resource_id" in told_of[name] and "Traceback" not in run.output, told_of[name]
