# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of plugins, pages and READMEs runs: each from the same landscape, which has the names that the examples use."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import typing as t

import pytest
import yaml

from integration import examples, inside
from integration.emulation import Emulation, Json
from integration.examples import Example
from integration.ground import ADDRESSES, STATES, Ground
from integration.running import HERE, Controller, Done, Run

pytestmark = pytest.mark.newest

# Hosts and machines in the network of payments, and one outside: what names one of them is run where network namespaces are.
_ELSEWHERE = re.compile(r"\b(payments-app|ledger-app|jump-host|laptop)\b")
_REASON = inside.why_not()
LOOKUPS = {"ANSIBLE_LOOKUP_PLUGINS": str(HERE / "plugins" / "lookup")}

# What cannot be run here, and why.
NOT_RUN = {
    "README.md 1": "a file for ansible-galaxy, which would ask Galaxy; the command is in test_documented_commands.py",
}
# An inventory, and the play that uses it: one test of their own.
INVENTORY = ("docs/inventory.md 1", "docs/inventory.md 2")
# For tasks of roles: a test of its own, too.
OF_ROLES = "validate_variables"
# What is run in check mode only, and why.
CHECKED = {"docs/hub_and_spoke.md 2": "nobody here writes the zone group, as Azure Policy does"}
# Where an example begins, if not with the whole landscape: see Ground.
BEGINS = {
    "resource_group": "bare",
    "filter validation_summary": "private",
    "keyvault_probe_info": "private",
    "keyvault_vm_probe_info": "private",
    "keyvault_private_link_check": "private",
    "keyvault_public_network_access": "connected",
    "private_vaults": "networks",
    "keyvault_private_endpoint": "vaults",
    "private_endpoint_info": "decided",
    "README.md 2": "bare",
    "docs/adoption.md 1": "networks",
    "docs/approval.md 1": "vaults",
    "docs/first_steps.md 1": "bare",
    "docs/checks.md 3": "private",
    "docs/fleet.md 1": "networks",
    "docs/hub_and_spoke.md 1": "networks",
    "docs/hub_and_spoke.md 2": "networks",
    "docs/hub_and_spoke.md 3": "networks",
    "docs/lifecycle.md 3": "networks",
    "docs/rollout.md 1": "bare",
    "docs/rollout.md 2": "bare",
    "docs/rollout.md 3": "networks",
    "docs/rollout.md 4": "networks",
    "docs/rollout.md 5": "vaults",
    "docs/validation.md 1": "private",
    "docs/validation.md 2": "private",
    "docs/validation.md 3": "private",
    "roles/await_approval/README.md 1": "decided",
    "roles/existing_vault/README.md 1": "connected",
    "roles/private_vault/README.md 1": "bare",
    "roles/private_vaults/README.md 1": "networks",
    "roles/public_access/README.md 1": "connected",
    "roles/request/README.md 1": "vaults",
    "roles/validation/README.md 1": "private",
}
# Whose vault and endpoint are those of the request, and not those of payments-vault.
REQUESTED = {"endpoint_connection_approval", "endpoint_connection_rules", "roles/approval/README.md 1"}
_PLACE = {"private_vault_resource_group": "payments", "private_vault_location": "westeurope"}
_VAULT = {**_PLACE, "private_vault_name": "payments-vault"}
_NETWORK = {
    "private_vault_network_name": "payments-net",
    "private_vault_network_address_prefixes": ["10.1.0.0/16"],
    "private_vault_subnet_address_prefixes": ["10.1.0.0/24"],
}
# What a part of a role's variables leaves out.
COMPLETED: dict[str, Json] = {
    "docs/approval.md 2": {"approve_vault_id": "{{ ledger_id }}"},
    "docs/hub_and_spoke.md 1": _VAULT,
    "docs/hub_and_spoke.md 2": _VAULT,
    "docs/hub_and_spoke.md 3": _VAULT,
    "docs/lifecycle.md 1": {
        "existing_vault_id": "{{ vault_id }}",
        "existing_subnet_id": "{{ subnet_id }}",
        "existing_zone_id": "{{ zone_id }}",
    },
    "docs/lifecycle.md 3": {**_VAULT, **_NETWORK},
    "docs/rollout.md 3": {**_VAULT, **_NETWORK},
    "docs/rollout.md 4": {**_VAULT, **_NETWORK},
    "docs/rollout.md 5": {**_PLACE, **_NETWORK},
}
# Tasks that fail on this landscape, as they are meant to, and a part of what they say.
REFUSED = {
    ("keyvault_audit", "Require that all vaults are private"): "Not private: ",
    ("keyvault_private_link_check", "Check all vaults of the subscription in a pipeline"): "did not pass",
    ("docs/checks.md 3", "Check with the proof"): "did not pass",
    ("docs/checks.md 1", "Check all vaults of the subscription"): "did not pass",
}


@pytest.fixture(scope="module")
def ground(emulation: Emulation) -> Ground:
    emulation.reset()
    return Ground(emulation)


def run_of(every: t.Sequence[Example], ground: Ground, controller: Controller, *inventories: pathlib.Path) -> Run:
    """Run examples in one process, each on a host of its own and from the same state."""
    places = {}
    for name in STATES:
        places[name] = controller.directory / f"examples-{name}.json"
        places[name].write_text(json.dumps(getattr(ground, name)), encoding="utf-8")
    placeholders = ground.placeholders(str(controller.directory))
    plays = []
    for example in every:
        content = yaml.safe_load(placeholders.resolved(example.text))
        begin = places[BEGINS.get(example.name, "whole")]
        before = {"ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', 'PUT state {begin}') }}}}"}}
        parts = examples.plays_of(content, COMPLETED.get(example.name, {}))
        plays += [examples.wrapped(part, example, before, check=example.name in CHECKED) for part in parts]
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    request = {"endpoint": {"id": ground.id("/ledger-vault-endpoint")}, "endpoint_id": ground.id("/ledger-vault-endpoint")}
    request |= {"endpoint_result": request["endpoint"], "vault": {"id": ground.id("/ledger-vault")}}
    hosts: Json = {"www.example.com": None}
    hosts |= {example.host: request if example.name in REQUESTED else None for example in every}
    inventory = controller.directory / "examples-hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": {**local, **ground.variables()}}}), encoding="utf-8")
    given = [argument for each in (inventory, *inventories) for argument in ("-i", str(each))]
    return controller.run(plays, *given, env=LOOKUPS)


def tasks_of(run: Run, example: Example) -> list[Done]:
    """Return the tasks of an example, without the one that its name marks."""
    names = [task.name for task in run.tasks]
    assert example.name in names, run.output[-3000:]
    begin = names.index(example.name)
    marks = {each.name for each in (*MODULES, *PAGES, *INSIDE)}
    end = next((number for number in range(begin + 1, len(names)) if names[number] in marks), len(names))
    return run.tasks[begin + 1 : end]


def verify(run: Run, example: Example) -> None:
    """Verify that an example did something, and that nothing of it failed."""
    done = tasks_of(run, example)
    failed = {task.name: task.shown for task in done if task.status in ("failed", "unreachable")}
    for (name, task), part in REFUSED.items():
        assert name != example.name or part in failed.pop(task, "it did not fail"), task
    assert not failed, "\n".join(f"{task}: {shown}" for task, shown in failed.items())
    ours = [task for task in done if task.action.startswith("privatelink.azure.") or example.name.startswith(("filter ", "test "))]
    assert any(task.status != "skipped" for task in ours)


MODULES = [example for example in examples.of_modules() if example.name not in (*NOT_RUN, OF_ROLES) and not _ELSEWHERE.search(example.text)]
PAGES = [example for example in examples.of_pages() if example.name not in (*NOT_RUN, *INVENTORY) and not _ELSEWHERE.search(example.text)]
INSIDE = [example for example in (*examples.of_modules(), *examples.of_pages()) if _ELSEWHERE.search(example.text)]


def chosen(request: pytest.FixtureRequest, every: t.Sequence[Example]) -> list[Example]:
    """Return those examples whose tests were chosen, as with -k."""
    named = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [each.params.get("example") for each in named if each]
    return [example for example in every if example in wanted]


@pytest.fixture(scope="module")
def modules_run(ground: Ground, controller: Controller, request: pytest.FixtureRequest) -> Run:
    return run_of(chosen(request, MODULES), ground, controller)


@pytest.fixture(scope="module")
def pages_run(ground: Ground, controller: Controller, request: pytest.FixtureRequest) -> Run:
    return run_of(chosen(request, PAGES), ground, controller)


@pytest.fixture(scope="module")
def inside_run(
    ground: Ground, controller: Controller, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> t.Iterator[Run]:
    directory, network = tmp_path_factory.mktemp("inside"), ground.id("/payments-net")
    ground.emulation.control("PUT", "state", ground.private)
    with contextlib.ExitStack() as closing:
        within = inside.Machine(ground.emulation, directory, network, ADDRESSES, host="payments-app")
        closing.callback(within.close)
        without = inside.Machine(ground.emulation, directory, "", ADDRESSES, host="laptop")
        closing.callback(without.close)
        within.runs_commands(ground.emulation, network)
        jump = directory / "jump-host"
        jump.write_text(within.inventory.read_text(encoding="utf-8").replace("payments-app", "jump-host", 1), encoding="utf-8")
        yield run_of(chosen(request, INSIDE), ground, controller, within.inventory, without.inventory, jump)


@pytest.mark.parametrize("example", MODULES, ids=lambda example: example.name)
def test_the_examples_of_a_module_run(example: Example, modules_run: Run) -> None:
    verify(modules_run, example)


@pytest.mark.long
@pytest.mark.parametrize("example", PAGES, ids=lambda example: example.name)
def test_an_example_of_a_page_runs(example: Example, pages_run: Run) -> None:
    verify(pages_run, example)


@pytest.mark.long
@pytest.mark.skipif(_REASON is not None, reason=_REASON or "")
@pytest.mark.parametrize("example", INSIDE, ids=lambda example: example.name)
def test_an_example_with_hosts_inside_runs(example: Example, inside_run: Run) -> None:
    verify(inside_run, example)


@pytest.mark.long
def test_an_inventory_and_a_play_that_uses_it_run(ground: Ground, controller: Controller, emulation: Emulation) -> None:
    emulation.control("PUT", "state", ground.whole)
    inventory, play = (example for example in examples.of_pages() if example.name in INVENTORY)
    placeholders = ground.placeholders(str(controller.directory))
    for name, example in (("prod.keyvaults.yml", inventory), ("review.yml", play)):
        (controller.directory / name).write_text(placeholders.resolved(example.text), encoding="utf-8")
    run = controller.run("review.yml", "-i", "prod.keyvaults.yml").succeeded()
    assert sum(task.action.startswith("privatelink.azure.") for task in run.tasks) >= 3


@pytest.mark.long
@pytest.mark.parametrize("whole", [False, True], ids=["as it is", "with what it suggests to add"])
def test_the_examples_of_the_inventory_list_vaults(whole: bool, ground: Ground, controller: Controller, emulation: Emulation) -> None:
    emulation.control("PUT", "state", ground.private)
    text = examples.examples_in(examples.ROOT / "plugins" / "inventory" / "keyvaults.py")
    before, _add, suggested = text.partition("add:\n#\n")
    assert suggested
    added = re.sub("^# ?", "", suggested, flags=re.MULTILINE) if whole else ""
    resolved = ground.placeholders(str(controller.directory)).resolved(before + "\n" + added)
    (controller.directory / "keyvaults.yml").write_text(resolved, encoding="utf-8")
    done = controller.command("ansible-inventory", "-i", "keyvaults.yml", "--list")
    assert done.returncode == 0 and not done.stderr, done.stderr
    listed = json.loads(done.stdout)["_meta"]["hostvars"]
    assert set(listed) == {"partner-vault", *(() if whole else ("payments-vault", "ledger-vault"))}


@pytest.mark.long
def test_the_examples_for_roles_run_in_a_role(controller: Controller) -> None:
    (example,) = (example for example in examples.of_modules() if example.name == OF_ROLES)
    role = controller.directory / "roles" / "private_vault"
    specs = (examples.ROOT / "roles" / "private_vault" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    for name, text in (("tasks/main.yml", example.text), ("meta/argument_specs.yml", specs)):
        (role / name).parent.mkdir(parents=True, exist_ok=True)
        (role / name).write_text(text, encoding="utf-8")
    run = controller.tasks(roles=["private_vault"], vars={**_VAULT, "private_vault_dns": "policy"}).succeeded()
    assert run.task("Show the validated variables")["msg"] == "DNS is left to policy"


@pytest.mark.parametrize(("name", "reason"), NOT_RUN.items())
def test_what_is_not_run_exists_and_says_why(name: str, reason: str) -> None:
    assert name in {example.name for example in (*examples.of_modules(), *examples.of_pages())}
    pytest.skip(f"{name}: {reason}")


def test_the_tables_name_examples_that_exist() -> None:
    known = {example.name for example in (*MODULES, *PAGES, *INSIDE)}
    named = {*CHECKED, *BEGINS, *REQUESTED, *COMPLETED, *(name for name, _task in REFUSED)}
    assert named <= known
