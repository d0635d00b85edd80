# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The probe before and after a closing: what it says decides, whatever a play ignores, and public access comes back if the vault is lost.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

import pytest

from integration.emulation import Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, task

pytestmark = pytest.mark.long

LOOKUPS = {"ANSIBLE_LOOKUP_PLUGINS": str(pathlib.Path(__file__).resolve().parent / "plugins" / "lookup")}
OPEN: Json = {
    "publicNetworkAccess": "Enabled",
    "networkAcls": {"defaultAction": "Allow", "bypass": "None", "ipRules": [{"value": "203.0.113.7/32"}]},
}
HOST = "shop-vault.vault.azure.net"
YES: Json = {
    "id": f"https://{HOST}/healthstatus",
    "proven": True,
    "msg": f"'{HOST}' is reached.",
    "hint": None,
    "ip_addresses": ["10.1.0.4"],
    "changed": False,
}
NO: Json = {**YES, "proven": False, "msg": f"'{HOST}' does not resolve on this host.", "hint": "Link the zone."}
# Stands where the probe host's Python does: it says what the next file says, and breaks where there is none.
PYTHON = '#!/bin/sh\nfor file in {directory}/[0-9]*; do [ -f "$file" ] || exit 1; cat "$file"; rm "$file"; exit 0; done\n'


@dataclasses.dataclass(frozen=True)
class Case:
    """What the probe host says each time, and whether the vault is closed then; None: the host does not exist."""

    says: list[Json] | None
    closed: bool
    reported: str = ""
    apply: Json = dataclasses.field(default_factory=dict)


CASES = {
    "proven before and after": Case([YES, YES], True),
    "lost afterwards": Case([YES, NO], False, "does not resolve on this host, so public network access was restored to Enabled"),
    "broken afterwards": Case([YES], False, "so public network access was restored to Enabled"),
    "lost afterwards, errors ignored": Case([YES, NO], False, "restored to Enabled", {"ignore_errors": True}),
    "not proven": Case([NO, YES], False, "was not changed: 'shop-vault.vault.azure.net' does not resolve on this host"),
    "not proven, errors ignored": Case([NO, YES], False, "was not changed", {"ignore_errors": True}),
    "broken, errors ignored": Case([], False, "was not changed", {"ignore_errors": True}),
    "unreachable": Case(None, False, "the probe host is unreachable"),
    "unreachable, all ignored": Case(None, False, "the probe host is unreachable", {"ignore_errors": True, "ignore_unreachable": True}),
    "of another vault": Case(
        [{**YES, "id": "https://shop-till.vault.azure.net/healthstatus"}] * 2, False, "checked 'shop-till.vault.azure.net'"
    ),
}


@pytest.fixture(scope="module")
def working(controller: Controller, landscape: Landscape, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a file with the state of a landscape where the open vault's private path works."""
    azure = landscape.use().emulation
    controller.tasks(
        task("private_dns_zone_link", resource_group=GROUP, name="net", virtual_network_id=landscape.network),
        task(
            "keyvault_private_endpoint",
            id=landscape.endpoint,
            vault_id=landscape.vault,
            subnet_id=landscape.subnet,
            private_dns_zone_ids=[landscape.zone],
        ),
    ).succeeded()
    for vault in (landscape.vault, landscape.other_vault):
        azure.overlay(vault, {"properties": OPEN})
    file = tmp_path_factory.mktemp("working") / "state.json"
    file.write_text(json.dumps(azure.control("GET", "state")), encoding="utf-8")
    return file


def steps(number: int, case: Case, landscape: Landscape, working: pathlib.Path) -> t.Iterator[Json]:
    """Return the tasks of a case: bring the landscape back, close, and read the vault."""
    directory = working.parent / str(number)
    directory.mkdir()
    for turn, said in enumerate(case.says or []):
        (directory / str(turn)).write_text(json.dumps(said), encoding="utf-8")
    python = working.parent / f"python{number}"
    python.write_text(PYTHON.format(directory=directory), encoding="utf-8")
    python.chmod(0o755)
    host: Json = {"name": f"probe{number}", "ansible_connection": "local", "ansible_python_interpreter": str(python)}
    nowhere: Json = {"name": f"probe{number}", "ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    yield {"name": "Name the host", "ansible.builtin.add_host": nowhere if case.says is None else host}
    yield {"name": "Prepare", "ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', 'POST reset', 'PUT state {working}') }}}}"}}
    variables = {"public_access_vault_id": landscape.vault, "public_access_probe_host": f"probe{number}", "public_access_probe_timeout": 1}
    include = {"name": "privatelink.azure.public_access", **({"apply": case.apply} if case.apply else {})}
    rescue = [{"name": "Go on", "ansible.builtin.debug": {"msg": "It failed."}}]
    yield {"name": "Try", "block": [{"name": "Close", "ansible.builtin.include_role": include, "vars": variables}], "rescue": rescue}
    yield {"name": "Vault", "ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', 'GET resource?id={landscape.vault}') }}}}"}}


def test_what_the_probe_says_decides_whatever_is_ignored(controller: Controller, landscape: Landscape, working: pathlib.Path) -> None:
    run = controller.tasks(
        *(step for number, case in enumerate(CASES.values()) for step in steps(number, case, landscape, working)), env=LOOKUPS
    )
    assert run.rc == 0, run.output
    ends = [index for index, done in enumerate(run.tasks) if done.name == "Vault"]
    assert len(ends) == len(CASES), run.output
    begins = [0, *(end + 1 for end in ends)]
    for (name, case), begin, end in zip(CASES.items(), begins, ends, strict=False):
        vault, failed = run.tasks[end]["msg"]["properties"], [done["msg"] for done in run.tasks[begin:end] if done.status == "failed"]
        if case.closed:
            assert vault["publicNetworkAccess"] == "Disabled" and vault["networkAcls"]["defaultAction"] == "Deny" and not failed, name
            continue
        assert (vault["publicNetworkAccess"], vault["networkAcls"]["defaultAction"]) == ("Enabled", "Allow"), name
        assert vault["networkAcls"]["ipRules"] == OPEN["networkAcls"]["ipRules"], name
        assert any(case.reported in message for message in failed), f"{name}: {failed}"


@pytest.mark.parametrize("role", ["public_access", "existing_vault"])
def test_a_run_that_starts_at_the_closing_closes_nothing(
    role: str, controller: Controller, landscape: Landscape, working: pathlib.Path
) -> None:
    azure = landscape.emulation
    azure.control("PUT", "state", json.loads(working.read_text(encoding="utf-8")))
    variables = {
        "existing_vault_id": landscape.other_vault,
        "existing_subnet_id": landscape.subnet,
        "existing_zone_id": landscape.zone,
        "public_access_vault_id": landscape.other_vault,
    }
    play = {"name": "Test", "hosts": "localhost", "gather_facts": False, "vars": variables, "roles": [f"privatelink.azure.{role}"]}
    run = controller.run([play], "--start-at-task", "Disable public network access")
    assert run.rc == 2 and not run.writes and f"The variables of {role} were not validated; run the role from its first task" in run.output
    assert azure.resource(landscape.other_vault)["properties"]["publicNetworkAccess"] == "Enabled"


def test_names_of_others_do_not_reach_the_closing(controller: Controller, landscape: Landscape, working: pathlib.Path) -> None:
    """Extra variables win over everything but what has a private name."""
    azure = landscape.emulation
    azure.control("PUT", "state", json.loads(working.read_text(encoding="utf-8")))
    hostile = {
        "public_access_vault_id": landscape.other_vault,
        "public_access_dns": "none",
        "public_access_accept_unproven_dns": True,
        "vault_id": landscape.other_vault,
        "proof": YES,
        "item": "mine",
        "keyvault": "mine",
        "existing": "mine",
    }
    included = {
        "name": "Cut over",
        "ansible.builtin.include_role": {"name": "privatelink.azure.existing_vault"},
        "vars": {
            "existing_vault_id": landscape.vault,
            "existing_subnet_id": landscape.subnet,
            "existing_zone_id": landscape.zone,
            "existing_endpoint_name": "shop-endpoint",
        },
        "loop": ["one", "two"],
    }
    run = controller.tasks(included, arguments=["-e", json.dumps(hostile)])
    assert run.rc == 0, run.output
    assert [write["path"] for write in run.writes if "/vaults/" in write["path"]] == [landscape.vault]
    assert azure.resource(landscape.vault)["properties"]["publicNetworkAccess"] == "Disabled"
    assert azure.resource(landscape.other_vault)["properties"]["publicNetworkAccess"] == "Enabled"


def test_a_vault_that_is_to_stay_open_is_only_read(controller: Controller, landscape: Landscape, working: pathlib.Path) -> None:
    """Neither existing_close: false nor a rollout that asks for Enabled closes anything; both say whether the private path works."""
    azure = landscape.use().emulation
    azure.control("PUT", "state", json.loads(working.read_text(encoding="utf-8")))
    existing = {
        "existing_vault_id": landscape.vault,
        "existing_subnet_id": landscape.subnet,
        "existing_zone_id": landscape.zone,
        "existing_close": False,
    }
    rollout = {"private_vault_name": "shop-vault", "private_vault_resource_group": GROUP, "private_vault_location": "westeurope"}
    rollout |= {
        "private_vault_subnet_id": landscape.subnet,
        "private_vault_zone_id": landscape.zone,
        "private_vault_public_network_access": "Enabled",
    }
    rollout["private_vault_purge_protection"] = "false"
    for playbook, variables in (("existing_vault", existing), ("rollout", rollout)):
        run = controller.run(f"privatelink.azure.{playbook}", "-e", json.dumps(variables)).succeeded()
        assert azure.resource(landscape.vault)["properties"]["publicNetworkAccess"] == "Enabled", playbook
        assert not [write for write in run.writes if write["path"].lower() == landscape.vault.lower()], playbook
        assert "is Approved and Succeeded on both sides" in run.stdout, playbook
