# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Roles in other people's plays: in loops over item, twice in a play, as dependencies, beside any
names, facts, extra variables and module_defaults.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml

from integration.emulation import TESTS, Emulation, Json, reported
from integration.running import Controller, Run, play_of, task

pytestmark = pytest.mark.long

VAULT = "Microsoft.KeyVault/vaults"
NETWORK = "Microsoft.Network/virtualNetworks"
ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE = "Microsoft.Network/privateDnsZones"
ZONE_NAME = "privatelink.vaultcore.azure.net"
ITEMS: list[Json] = [{"name": "alpha", "range": "10.1"}, {"name": "beta", "range": "10.2"}]
# What a caller may happen to call its own things; each was the name of a variable that one role handed to another.
HOSTILE: Json = {
    "vault_name": "stranger",
    "vault_state": "absent",
    "vault_public_network_access": "Enabled",
    "vault_result": {"id": "none", "vault_uri": "https://stranger/"},
    "network_name": "stranger",
    "network_state": "absent",
    "network_subnet_result": {"id": "none"},
    "dns_zone_result": {"id": "none"},
    "endpoint_result": {"id": "none", "connection_state": "Approved", "private_ip_address": "10.9.9.9"},
    "record_mode": "replace",
    "record_name": "stranger",
    "resource_group_name": "stranger",
    "approval_result": {"connection_state": "Approved"},
    "zone_id": "none",
    "result": "stranger",
    "subscription_id": "none",
}


def include(role: str, label: str = "", loop: t.Any = None, keywords: Json | None = None, **variables: t.Any) -> Json:
    """Return a task that includes a role of this collection, by default once for each item."""
    included = {"name": label or role, "ansible.builtin.include_role": {"name": f"privatelink.azure.{role}"}, "vars": variables}
    return {**included, "loop": ITEMS if loop is None else loop, **(keywords or {})}


def private_vault(**variables: t.Any) -> Json:
    """Return the variables of a rollout for an item."""
    return {
        "private_vault_name": "{{ item.name }}-vault",
        "private_vault_resource_group": "{{ item.name }}",
        "private_vault_location": "westeurope",
        "private_vault_network_address_prefixes": ["{{ item.range }}.0.0/16"],
        "private_vault_subnet_address_prefixes": ["{{ item.range }}.0.0/24"],
        "private_vault_purge_protection": False,
        **variables,
    }


def check_each_has_its_own(azure: Emulation) -> None:
    """Each vault is closed and has one connection, to the endpoint of its own network; its name leads there from there."""
    assert not [resource for resource in azure.resources() if "stranger" in resource]
    for item in ITEMS:
        vault = azure.resource(azure.id(item["name"], VAULT, f"{item['name']}-vault"))["properties"]
        assert vault["publicNetworkAccess"] == "Disabled"
        beneath = azure.id(item["name"], f"{VAULT}/privateEndpointConnections", f"{item['name']}-vault", "").lower()
        (connection,) = [azure.resource(resource) for resource in azure.resources() if resource.startswith(beneath)]
        endpoint = azure.id(item["name"], ENDPOINT, f"{item['name']}-vault-endpoint")
        assert connection["properties"]["privateEndpoint"]["id"].lower() == endpoint.lower()
        network = azure.id(item["name"], NETWORK, f"{item['name']}-vault-network")
        assert azure.resource(endpoint)["properties"]["subnet"]["id"].lower() == f"{network}/subnets/endpoints".lower()
        assert f"{item['range']}.0." in azure.lookup(f"{item['name']}-vault.vault.azure.net", network)


def roles_path(directory: pathlib.Path, **dependencies: list[Json]) -> dict[str, str]:
    """Write roles that have only dependencies, and return the environment that finds them."""
    for name, needs in dependencies.items():
        meta = directory / "roles" / name / "meta" / "main.yml"
        meta.parent.mkdir(parents=True, exist_ok=True)
        meta.write_text(json.dumps({"allow_duplicates": True, "dependencies": needs}), encoding="utf-8")
    return {"ANSIBLE_ROLES_PATH": str(directory / "roles")}


@pytest.fixture
def azure(emulation: Emulation) -> Emulation:
    emulation.reset()
    return emulation


@pytest.mark.parametrize("where", ["play", "extra", "fact"])
def test_private_vaults_in_a_loop_beside_hostile_names(where: str, controller: Controller, azure: Emulation) -> None:
    facts = {"name": "Set facts", "ansible.builtin.set_fact": HOSTILE}
    twice = [include("private_vault", **private_vault()), include("private_vault", "again", **private_vault())]
    play = play_of(*([facts] if where == "fact" else []), *twice, vars=HOSTILE if where == "play" else {})
    arguments = ["-e", json.dumps(HOSTILE)] if where == "extra" else []
    run = controller.run([play], *arguments).succeeded()
    check_each_has_its_own(azure)
    # the second time nothing is left to do
    begin = next(number for number, done in enumerate(run.tasks) if done.name == "again" or number > len(run.tasks) // 2)
    assert not [done.name for done in run.tasks[begin:] if done.changed and done.action.startswith("privatelink.")]


def test_private_vault_as_a_dependency_in_a_loop(controller: Controller, azure: Emulation) -> None:
    variables = {key: str(value).replace("item.", "app.") if isinstance(value, str) else value for key, value in private_vault().items()}
    variables |= {
        "private_vault_network_address_prefixes": ["{{ app.range }}.0.0/16"],
        "private_vault_subnet_address_prefixes": ["{{ app.range }}.0.0/24"],
    }
    env = roles_path(controller.directory, application=[{"role": "privatelink.azure.private_vault", "vars": variables}])
    looped = {
        "name": "Include",
        "ansible.builtin.include_role": {"name": "application"},
        "loop": ITEMS,
        "loop_control": {"loop_var": "app"},
    }
    run = controller.run([play_of(looped)], env=env)
    run.succeeded()
    check_each_has_its_own(azure)


def test_a_failed_rollout_leaves_no_result_of_the_one_before(controller: Controller, azure: Emulation) -> None:
    rescue: Json = {
        "name": "Second",
        "block": [include("private_vault", loop=[{**ITEMS[1], "name": "-wrong-"}], **private_vault())],
        "rescue": [{"name": "Tell", "ansible.builtin.debug": {"var": "private_vault_result"}}],
    }
    run = controller.tasks(include("private_vault", loop=ITEMS[:1], **private_vault()), rescue)
    assert run.rc == 0, run.output
    assert not run.task("Tell")["private_vault_result"]


# What a caller may have kept of an earlier run, or of another vault, under the names that roles publish their results under.
KEPT: Json = {
    "private_vault_result": {"vault_id": "stranger", "connection_state": "Rejected"},
    "private_vaults_result": {"vaults": {}, "changed_vaults": ["stranger"]},
    "dns_zone_result": {"id": "stranger"},
    "status_result": {"exists": False, "id": "stranger", "connections": []},
    "validation_result": {"passed": False, "failed": ["stranger"], "vaults": []},
    "audit_result": {"not_private": ["stranger"]},
    "export_result": {"vaults": ["stranger"]},
    "decommission_result": {"removed": ["stranger"]},
}


def kept_by(azure: Emulation, where: str) -> tuple[Json, list[str]]:
    """Return how the roles are applied, and the arguments of the run."""
    if where == "other host":
        return {"delegate_to": "localhost", "delegate_facts": True}, ["-i", "remote,"]
    orphans = {"endpoints": [], "records": [], "removal": {"ids": [azure.id("alpha", VAULT, "alpha-vault")], "records": []}}
    return {}, ["-i", "remote,", "-e", json.dumps({**KEPT, "orphans_result": orphans, "ansible_connection": "local"})]


@pytest.mark.parametrize("where", ["extra", "other host"])
def test_roles_read_none_of_the_results_that_they_publish(where: str, controller: Controller, azure: Emulation) -> None:
    """Extra variables win over what a role sets, and with delegate_facts its facts are another host's."""
    apply, arguments = kept_by(azure, where)
    vault, network, zone = (
        azure.id("alpha", kind, name)
        for kind, name in ((VAULT, "alpha-vault"), (NETWORK, "alpha-vault-network"), (ZONE, "privatelink.vaultcore.azure.net"))
    )
    settings = {name.removeprefix("private_vault_"): value for name, value in private_vault().items()}
    given: list[tuple[str, Json]] = [
        ("private_vault", private_vault()),
        ("private_vaults", {"private_vaults_vaults": [settings]}),
        ("dns", {"dns_resource_group": "alpha", "dns_virtual_network_ids": network}),
        ("status", {"status_vault_id": vault}),
        ("validation", {"validation_vault_ids": vault}),
        ("audit", {"audit_vault_ids": vault}),
        ("export", {"export_vault_ids": vault}),
        ("orphans", {"orphans_zone_id": zone, "orphans_remove": True}),
        ("decommission", {"decommission_ids": [f"{zone}/A/nobody"]}),
    ]
    if where == "other host":
        given = [each for each in given if each[0] in ("private_vault", "validation", "orphans")]
    tasks = [include(role, loop=ITEMS[:1], **variables) for role, variables in given]
    for task_of in tasks:
        task_of["ansible.builtin.include_role"]["apply"] = apply
    run = controller.run([play_of(*tasks, hosts="remote")], *arguments).succeeded()
    shown = json.dumps([done.result.get("msg") for done in run.tasks if done.action.endswith("debug")])
    assert "stranger" not in shown and "https://alpha-vault.vault" in shown
    assert vault.lower() in azure.resources()


def test_module_defaults_of_the_caller_hold_for_every_role(controller: Controller, azure: Emulation) -> None:
    """A subscription that the caller says once for the module of vaults is where all is made; for the module of zones, it is the zone's."""
    hub = next(item for item in azure.facts["subscriptions"] if item != azure.facts["subscription"])
    defaults = {f"privatelink.azure.{module}": {"subscription_id": hub} for module in ("private_vaults", "private_dns_zone")}
    controller.tasks(
        include("private_vault", loop=ITEMS[:1], **private_vault(private_vault_dns="a_record")),
        task("resource_group", name="dns", location="westeurope", subscription_id=hub),
        include("dns", loop=ITEMS[:1], dns_resource_group="dns", dns_virtual_network_ids=[]),
        module_defaults=defaults,
    ).succeeded()
    zones = [azure.id(group, ZONE, ZONE_NAME, subscription=hub).lower() for group in ("alpha", "dns")]
    assert {*zones, f"{zones[0]}/a/alpha-vault"} <= set(azure.resources())
    own = f"/subscriptions/{azure.facts['subscription']}/resourcegroups/".lower()
    assert not [resource for resource in azure.resources() if resource.startswith(own)]


def test_module_defaults_of_the_caller_hold_for_every_step(controller: Controller, azure: Emulation) -> None:
    """Link and record find the zone of the hub by its name, because the caller said once where the modules of zones look."""
    hub = next(item for item in azure.facts["subscriptions"] if item != azure.facts["subscription"])
    modules = ("private_dns_zone", "private_dns_zone_link", "private_dns_a_record")
    run = controller.tasks(
        task("resource_group", name="alpha", location="westeurope", subscription_id=hub),
        include("dns", loop=ITEMS[:1], dns_resource_group="alpha"),
        include(
            "record",
            loop=ITEMS[:1],
            record_name="{{ item.name }}",
            record_resource_group="{{ item.name }}",
            record_ipv4_addresses="10.1.0.4",
        ),
        module_defaults={f"privatelink.azure.{module}": {"subscription_id": hub} for module in modules},
    ).succeeded()
    assert f"{azure.id('alpha', ZONE, ZONE_NAME, subscription=hub)}/a/alpha".lower() in azure.resources()
    assert azure.id("alpha", ZONE, ZONE_NAME).lower() not in azure.resources() and run.changed


def documented_play() -> list[Json]:
    """Return the play of docs/rollout.md that composes the roles of single steps."""
    text = (TESTS.parent / "docs" / "rollout.md").read_text(encoding="utf-8")
    return t.cast("list[Json]", yaml.safe_load(text.partition("# steps.yml\n")[2].partition("```")[0]))


def test_the_documented_play_of_single_steps(controller: Controller, azure: Emulation) -> None:
    """It makes a vault that is private, closes one that was open, and changes nothing the second time."""
    play = documented_play()
    used = {step["ansible.builtin.include_role"]["name"].removeprefix("privatelink.azure.") for step in play[0]["tasks"]}
    assert used == {"resource_group", "network", "vault", "dns", "endpoint", "record", "public_access"}
    controller.tasks(
        task("resource_group", name="payments", location="westeurope"),
        task("resource_provider", name="Microsoft.KeyVault"),
        task(
            "keyvault",
            resource_group="payments",
            name="payments-vault",
            location="westeurope",
            public_network_access="Enabled",
            network_acls={"default_action": "Allow"},
        ),
    ).succeeded()
    controller.run(play).succeeded()
    assert azure.resource(azure.id("payments", VAULT, "payments-vault"))["properties"]["publicNetworkAccess"] == "Disabled"
    assert "10.1.0.4" in azure.lookup("payments-vault.vault.azure.net", azure.id("payments", NETWORK, "payments-net"))
    again = controller.run(play).succeeded()
    assert not again.changed and not again.writes, reported(again.writes)


STEPS: list[tuple[str, Json]] = [
    ("resource_group", {"resource_group_name": "{{ item.name }}", "resource_group_location": "westeurope"}),
    (
        "network",
        {
            "network_name": "{{ item.name }}-vault-network",
            "network_resource_group": "{{ item.name }}",
            "network_location": "westeurope",
            "network_address_prefixes": ["{{ item.range }}.0.0/16"],
            "network_subnet_name": "endpoints",
            "network_subnet_address_prefixes": "{{ item.range }}.0.0/24",
        },
    ),
    ("vault", {"vault_name": "{{ item.name }}-vault", "vault_resource_group": "{{ item.name }}", "vault_location": "westeurope"}),
    (
        "endpoint",
        {
            "endpoint_name": "{{ item.name }}-vault-endpoint",
            "endpoint_resource_group": "{{ item.name }}",
            "endpoint_vault_id": "{{ scope }}/{{ item.name }}/providers/Microsoft.KeyVault/vaults/{{ item.name }}-vault",
            "endpoint_subnet_id": (
                "{{ scope }}/{{ item.name }}/providers/Microsoft.Network/virtualNetworks/{{ item.name }}-vault-network/subnets/endpoints"
            ),
            "endpoint_manual_request": True,
        },
    ),
    (
        "approval",
        {
            "approval_vault_name": "{{ item.name }}-vault",
            "approval_resource_group": "{{ item.name }}",
            "approval_endpoint_id": (
                "{{ scope }}/{{ item.name }}/providers/Microsoft.Network/privateEndpoints/{{ item.name }}-vault-endpoint"
            ),
        },
    ),
    (
        "dns",
        {
            "dns_resource_group": "{{ item.name }}",
            "dns_virtual_network_ids": [
                "{{ scope }}/{{ item.name }}/providers/Microsoft.Network/virtualNetworks/{{ item.name }}-vault-network"
            ],
        },
    ),
    (
        "record",
        {
            "record_name": "{{ item.name }}-vault",
            "record_resource_group": "{{ item.name }}",
            "record_ipv4_addresses": "{{ item.range }}.0.4",
        },
    ),
]


def test_step_roles_in_loops_twice_and_as_dependencies(controller: Controller, azure: Emulation) -> None:
    """Each step for both items; then all of them again, as dependencies of a role that is included in a loop."""
    scope = f"/subscriptions/{azure.facts['subscription']}/resourceGroups"
    steps = [include(role, **variables) for role, variables in STEPS]
    env = roles_path(controller.directory, team=[{"role": f"privatelink.azure.{role}", "vars": variables} for role, variables in STEPS])
    again = {"name": "Again", "ansible.builtin.include_role": {"name": "team"}, "loop": ITEMS}
    first = controller.run([play_of(*steps, vars={"scope": scope})], env=env).succeeded()
    check_each_has_its_own(azure)
    second: Run = controller.run([play_of(again, vars={"scope": scope})], env=env).succeeded()
    assert first.changed and not second.changed and not second.writes, reported(second.writes)
