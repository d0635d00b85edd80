# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/permissions has the least custom role for each playbook: the run succeeds with it, and with one action less it names that action."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Run, play_of, task

pytestmark = [pytest.mark.long, pytest.mark.newest]

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = ROOT / "docs" / "permissions"
CLIENT, SECRET = "1ea57000-0000-4000-8000-000000000001", "s~least"
OPEN = {"properties": {"publicNetworkAccess": "Enabled"}}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """What a playbook is run for: the role and its variables.

    opened: the vault of the landscape is open before. empty: there is nothing before. working: the vault's private path works before.
    """

    role: str
    variables: t.Callable[[Landscape], Json]
    opened: bool = False
    empty: bool = False
    working: bool = False


def _rollout(_landscape: Landscape) -> Json:
    return {
        "private_vault_name": "least-vault",
        "private_vault_resource_group": "least",
        "private_vault_location": "westeurope",
        "private_vault_network_address_prefixes": ["10.9.0.0/16"],
        "private_vault_subnet_address_prefixes": ["10.9.0.0/24"],
    }


def _fleet(landscape: Landscape) -> Json:
    defaults = {name.removeprefix("private_vault_"): value for name, value in _rollout(landscape).items()}
    del defaults["name"]
    return {"private_vaults_defaults": defaults, "private_vaults_vaults": {f"least-vault-{number}": {} for number in range(3)}}


def _existing(landscape: Landscape) -> Json:
    return {
        "existing_vault_id": landscape.vault,
        "existing_subnet_id": landscape.others,
        "existing_endpoint_name": "least-endpoint",
        "existing_zone_id": landscape.zone,
        "existing_link": True,
    }


SCENARIOS = {
    "rollout": Scenario("private_vault", _rollout, empty=True),
    "fleet": Scenario("private_vaults", _fleet, empty=True),
    "existing_vault": Scenario("existing_vault", _existing, opened=True),
    "request": Scenario(
        "request",
        lambda landscape: {
            "request_vault_id": landscape.vault,
            "request_subnet_id": landscape.others,
            "request_resource_group": GROUP,
            "request_message": "Ticket 4711",
        },
    ),
    "approve": Scenario(
        "approve", lambda landscape: {"approve_vault_id": landscape.other_vault, "approve_endpoint_ids": [landscape.request]}
    ),
    "await_approval": Scenario(
        "await_approval",
        lambda landscape: {
            "await_endpoint_id": landscape.endpoint,
            "await_vault_id": landscape.vault,
            "await_zone_id": landscape.zone,
            "await_network_ids": [landscape.network],
            "await_timeout": 10,
            "await_delay": 1,
        },
    ),
    "status": Scenario("status", lambda landscape: {"status_vault_id": landscape.vault}),
    "export": Scenario("export", lambda _landscape: {}),
    "validate": Scenario("validation", lambda landscape: {"validation_vault_ids": [landscape.vault]}, working=True),
    "audit": Scenario("audit", lambda _landscape: {"audit_json_dest": "audit.json"}, working=True),
    "orphans": Scenario("orphans", lambda landscape: {"orphans_zone_id": landscape.zone}),
    "decommission": Scenario("decommission", lambda landscape: {"decommission_ids": [landscape.request, landscape.other_vault]}),
}


@dataclasses.dataclass(frozen=True)
class Stage:
    """Runs scenarios as a principal that may do nothing but what it is given."""

    controller: Controller
    landscape: Landscape

    @property
    def azure(self) -> Emulation:
        return self.landscape.emulation

    def principal(self, actions: t.Iterable[str]) -> Json:
        """Return the principal that may do these actions."""
        role = {"actions": list(actions), "notActions": []}
        scope = f"/subscriptions/{self.azure.facts['subscription']}"
        fields = {"client_id": CLIENT, "object_id": "least", "secret": SECRET, "assignments": [{"role": role, "scope": scope}]}
        return {"tenant": self.azure.facts["tenant"], **fields}

    def prepare(self, scenario: Scenario, actions: t.Iterable[str]) -> None:
        """Bring the landscape back, or remove it, and let the principal do these actions."""
        self.landscape.use()
        if scenario.empty:
            self.azure.reset()
        if scenario.opened:
            self.azure.control("PATCH", f"resource?id={self.landscape.vault}", OPEN)
        if scenario.working:
            group = {"resource_group": GROUP}
            zones = {"subnet_id": self.landscape.subnet, "private_dns_zone_ids": [self.landscape.zone]}
            self.controller.tasks(
                task("private_dns_zone_link", **group, virtual_network_id=self.landscape.network),
                task("keyvault_private_endpoint", **group, name="shop-endpoint", vault_id=self.landscape.vault, **zones),
            ).succeeded()
        self.azure.control("POST", "principals", self.principal(actions))

    def run(self, scenario: Scenario) -> Run:
        """Run the role of a scenario as the principal."""
        include = {"name": scenario.role, "ansible.builtin.include_role": {"name": f"privatelink.azure.{scenario.role}"}}
        environment = {"AZURE_CLIENT_ID": CLIENT, "AZURE_SECRET": SECRET}
        return self.controller.run([play_of(include, vars=scenario.variables(self.landscape))], env=environment)

    def without_each(self, scenario: Scenario, actions: t.Sequence[str], missing: t.Sequence[str]) -> dict[str, str]:
        """Return the result of the task that fails with one action missing, all in one process: by action, empty where none fails."""
        if not missing:
            return {}
        self.prepare(scenario, actions)
        state, control = self.azure.control("GET", "state"), f"{self.azure.facts['url']}/_emulator"
        (self.controller.directory / "state.json").write_text(json.dumps(state), encoding="utf-8")
        tasks = []
        for action in missing:
            kept = [each for each in actions if each != action]
            principal = {"url": f"{control}/principals", "method": "POST", "body_format": "json", "body": self.principal(kept)}
            reset = {"url": f"{control}/state", "method": "PUT", "src": str(self.controller.directory / "state.json")}
            noted = "{{ failures | default({}) | combine({action: ansible_failed_result | to_json}) }}"
            tasks.append(
                {
                    "name": action,
                    "vars": {"action": action},
                    "block": [
                        {"name": "Reset", "ansible.builtin.uri": {**reset, "headers": {"Content-Type": "application/json"}}},
                        {"name": "Grant", "ansible.builtin.uri": principal},
                        {"name": scenario.role, "ansible.builtin.include_role": {"name": f"privatelink.azure.{scenario.role}"}},
                    ],
                    "rescue": [{"name": "Note", "ansible.builtin.set_fact": {"failures": noted}}],
                }
            )
        tasks.append({"name": "Failures", "ansible.builtin.debug": {"var": "failures"}})
        environment = {"AZURE_CLIENT_ID": CLIENT, "AZURE_SECRET": SECRET}
        run = self.controller.run([play_of(*tasks, vars=scenario.variables(self.landscape))], env=environment)
        found = t.cast("dict[str, str]", run.task("Failures")["failures"])
        return {action: found.get(action, "") for action in missing}


@pytest.fixture
def stage(controller: Controller, landscape: Landscape) -> Stage:
    return Stage(controller, landscape)


def used(run: Run) -> list[str]:
    """Return the actions that a run needed, sorted."""
    return sorted({action for request in run.requests for action in request.get("actions", ())}, key=str.casefold)


def documented(name: str) -> list[str]:
    """Return the actions of a documented role."""
    return t.cast("list[str]", json.loads((ROLES / f"{name}.json").read_text(encoding="utf-8"))["Actions"])


def test_every_playbook_has_a_role() -> None:
    assert {file.stem for file in ROLES.glob("*.json")} == set(SCENARIOS) == {file.stem for file in (ROOT / "playbooks").glob("*.yml")}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_documented_role_is_what_the_playbook_needs(name: str, stage: Stage) -> None:
    scenario = SCENARIOS[name]
    stage.prepare(scenario, documented(name))
    run = stage.run(scenario).succeeded()
    assert used(run) == sorted(documented(name), key=str.casefold)


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - {"fleet"}))  # which is the same recipe as rollout
def test_with_one_action_less_the_run_names_it(name: str, stage: Stage) -> None:
    """Reads are left out: without most of them a run goes on, and says what it could not read."""
    asked = documented(name)
    failures = stage.without_each(SCENARIOS[name], asked, [action for action in asked if not action.endswith("/read")])
    for action, result in failures.items():
        # of a linked resource Azure names the action without its type
        assert action.split("/", 2)[-1].casefold() in result.casefold(), (action, result)
