# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module through the same ordered cases: modules/<module>.yml for real, and once more in check mode on a read-only emulator.

The files assert what is particular to a module. What holds for all of them is here, by the names of the tasks: "Create again" sends no
write, whatever is created. A name may go on after a colon; after "Reject wrong argument" the option follows there.
"""

from __future__ import annotations

import pathlib

import pytest
import yaml

from integration.emulation import Emulation, reported
from integration.running import Controller, Done, Run, is_sentence

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODULES = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py") if file.stem not in ("__init__", "validate_variables"))

_REFUSED = ("Reject missing argument", "Reject wrong argument")
_CHANGED = ("Create", "Change", "Keep what somebody else made", "Delete")
_PLANNED = ("Check create", "Check change", "Check delete")
_QUIET = ("Create again", "Change again", "Delete again", "Delete with the parent gone")
_ORDER = (
    *_REFUSED,
    "Check create",
    "Create",
    "Create again",
    "Check change",
    "Change",
    "Change again",
    "Keep what somebody else made",
    "Check delete",
    "Delete",
    "Delete again",
    "Delete with the parent gone",
)
_READS = (*_REFUSED, "Read with the parent gone", "Read")
# What a module cannot have, with the reason.
_WITHOUT = {
    # it reads the whole subscription where nothing is said
    "keyvault_connections_info": {"Reject missing argument"},
    # it closes a vault that exists; opening it again is the module keyvault's
    "keyvault_public_network_access": {
        "Check create",
        "Create",
        "Create again",
        "Check delete",
        "Delete",
        "Delete again",
        "Delete with the parent gone",
    },
    # it only removes
    "decommission": {"Check create", "Create", "Create again", "Check change", "Change", "Change again"},
    # a registration has nothing but its state, and no parent but the subscription
    "resource_provider": {"Check change", "Change", "Change again", "Keep what somebody else made", "Delete with the parent gone"},
    # vaults are in groups, which the run makes
    "private_vaults": {"Delete with the parent gone"},
    # a group's parent is the subscription
    "resource_group": {"Delete with the parent gone"},
    # it keeps a file of what exists, and removes none
    "export": {
        "Reject missing argument",
        "Keep what somebody else made",
        "Check delete",
        "Delete",
        "Delete again",
        "Delete with the parent gone",
    },
    # it keeps files of what it found, and removes none
    "keyvault_private_link_check": {
        "Keep what somebody else made",
        "Check delete",
        "Delete",
        "Delete again",
        "Delete with the parent gone",
    },
    # it keeps a file of what exists, too
    "keyvault_audit": {
        "Reject missing argument",
        "Keep what somebody else made",
        "Check delete",
        "Delete",
        "Delete again",
        "Delete with the parent gone",
    },
    # the module endpoint_connection_approval removes a connection
    "endpoint_connection_rules": {"Check delete", "Delete", "Delete again", "Delete with the parent gone"},
}
# A decision on a connection is all that the module owns: what someone else made survives there without a write.
_KEPT_WITHOUT_WRITE = {"endpoint_connection_approval", "endpoint_connection_rules"}
# What is written is a file.
_WRITES_NO_REQUEST = {"export", "keyvault_audit", "keyvault_private_link_check"}


def case_of(task: Done) -> str:
    """Return the case that a task stands for."""
    return task.name.partition(":")[0]


def expected_cases(module: str) -> list[str]:
    """Return a module's cases in their order."""
    cases = _READS if module.endswith("_info") else _ORDER
    return [case for case in cases if case not in _WITHOUT.get(module, set())]


@pytest.fixture(scope="module", params=MODULES)
def module(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def real(module: str, controller: Controller, emulation: Emulation) -> Run:
    """The run for real."""
    emulation.reset()
    return controller.run(HERE / "modules" / f"{module}.yml", "--diff")


def own(run: Run, module: str, *cases: str) -> list[Done]:
    """Return the tasks of a module that stand for one of the cases."""
    tasks = [task for task in run.tasks if case_of(task) in cases and task.status != "skipped"]
    assert all(task.action == f"privatelink.azure.{module}" for task in tasks), [task.action for task in tasks]
    return tasks


def test_is_whole(module: str) -> None:
    """A module comes with its cases, its action plugin and its place in the action group."""
    assert (HERE / "modules" / f"{module}.yml").is_file(), f"tests/integration/modules/{module}.yml is missing"
    assert (ROOT / "plugins" / "action" / f"{module}.py").is_file(), f"plugins/action/{module}.py is missing"
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert module in runtime["action_groups"]["azure"]


def test_succeeds(real: Run) -> None:
    """Everything that the file asserts holds, and nothing complains."""
    real.succeeded()
    for task in real.tasks:
        assert not task.result.get("warnings") and not task.result.get("deprecations"), task


def test_has_every_case_in_order(module: str, real: Run) -> None:
    cases = [case_of(task) for task in real.tasks if task.action == f"privatelink.azure.{module}" and task.status != "skipped"]
    first = [case for case in dict.fromkeys(cases) if case in (*_ORDER, *_READS)]
    assert first == expected_cases(module)


def test_refuses_before_the_first_write(module: str, real: Run) -> None:
    for task in own(real, module, *_REFUSED):
        assert not task.writes, task.name
        assert not task.changed, task.name
        _named, _colon, option = task.name.partition(": ")
        if case_of(task) == "Reject wrong argument":
            option = option.partition(",")[0]
            assert (task["option"], task["code"]) == (option, "InvalidOption"), task.result
            assert task["msg"].startswith(f"{option}: ") and is_sentence(task["msg"]), task["msg"]
        else:
            assert (
                task["msg"].startswith(("missing required arguments: ", "state is present but ", "one of the following is required: "))
                or option in task["msg"]
            ), task["msg"]


def test_writes_what_changes(module: str, real: Run) -> None:
    for task in own(real, module, *_CHANGED):
        if case_of(task) == "Keep what somebody else made" and module in _KEPT_WITHOUT_WRITE:
            continue
        assert task.changed and (task.writes or module in _WRITES_NO_REQUEST), (
            f"{task.name}: changed={task.changed}, sent {reported(task.requests)}"
        )


def test_check_mode_plans_and_writes_nothing(module: str, real: Run) -> None:
    for task in own(real, module, *_PLANNED):
        assert task.changed and not task.writes, f"{task.name}: changed={task.changed}, sent {reported(task.writes)}"


def test_again_is_quiet(module: str, real: Run) -> None:
    for task in own(real, module, *_QUIET):
        assert not task.changed and not task.writes, f"{task.name}: {task.result.get('diff')}, sent {reported(task.writes)}"
        assert task.result.get("diff", []) in ([], {"before": {}, "after": {}}), task.name


def test_reading_changes_nothing(module: str, real: Run) -> None:
    for task in own(real, module, "Read", "Read with the parent gone"):
        assert not task.changed and not task.writes, task.name


@pytest.mark.long
def test_whole_file_in_check_mode(module: str, controller: Controller, emulation: Emulation) -> None:
    """On an emulator that holds nothing and refuses every write, the file runs to its end and sends none."""
    emulation.reset()
    emulation.read_only()
    try:
        run = controller.run(HERE / "modules" / f"{module}.yml", "--check", "--diff").succeeded()
    finally:
        emulation.read_only(enabled=False)
    assert not run.writes, reported(run.writes)
    for task in own(run, module, "Check create", "Create"):
        assert task.changed, task.name
    for task in own(run, module, *_REFUSED):
        assert task.failed, task.name
