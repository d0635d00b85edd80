# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is killed, or loses its controller, is continued by the next one from what Azure has, and nothing is made twice."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import time
import typing as t

import pytest

from integration.emulation import TESTS, Emulation, Json, is_write
from integration.running import Controller, Run, play_of, task

pytestmark = pytest.mark.long

# What is another one each time: ids that Azure makes up, states of a document, times, and which address a network gives to whom.
_PASSING = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|W/\\\"[^\"]*\"|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)|\"etag\": \"[^\"]*\""
    r"|\b10(\.\d+){3}\b(?!/)|\b[0-9a-f]{2}(-[0-9a-f]{2}){5}\b",
    re.I,
)


@dataclasses.dataclass(frozen=True)
class Case:
    """A playbook, and how many of its writes Azure has accepted when it is killed. before: a playbook that is run to its end first."""

    playbook: str | list[Json]
    arguments: tuple[str, ...]
    moments: tuple[int, ...]
    before: Case | None = None


IN_GROUP = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/payments"
NETWORK = f"{IN_GROUP}/providers/Microsoft.Network/virtualNetworks/payments-net"
ZONE = f"{IN_GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
REMOVED = {
    "decommission_ids": [
        IN_GROUP,
        NETWORK,
        ZONE,
        f"{IN_GROUP}/providers/Microsoft.Network/privateEndpoints/payments-vault-endpoint",
        f"{IN_GROUP}/providers/Microsoft.KeyVault/vaults/payments-vault",
    ],
    "decommission_links": [{"zone_id": ZONE, "virtual_network_id": NETWORK}],
}
ROLLOUT = Case("privatelink.azure.rollout", ("-e", f"@{TESTS / 'demo' / 'vars.yml'}", "-e", "private_vault_dns=a_record"), (1, 4, 6))
FLEET: Json = {
    "defaults": {
        "resource_group": "payments",
        "location": "westeurope",
        "network_name": "payments-net",
        "network_address_prefixes": ["10.1.0.0/16"],
        "subnet_address_prefixes": ["10.1.0.0/24"],
        "dns": "a_record",
    },
    "vaults": {f"fleet-vault-{number}": {} for number in range(5)},
}
CASES = {
    "rollout": ROLLOUT,
    "decommission": Case("privatelink.azure.decommission", ("-e", json.dumps(REMOVED)), (1, 3), ROLLOUT),
    "private_vaults": Case([play_of(task("private_vaults", **FLEET))], (), (1, 5, 9, 14)),
}
MOMENTS = [pytest.param(name, moment, id=f"{name}-{moment}") for name, case in CASES.items() for moment in case.moments]


class Left(t.NamedTuple):
    """What a run, or several, left behind: every resource, and how often each was written."""

    resources: list[str]
    writes: collections.Counter[str]


def prepare(controller: Controller, emulation: Emulation, case: Case) -> float:
    """Begin anew, with operations that take long enough to be in the middle of one; return when the case itself begins."""
    emulation.reset()
    if case.before:
        controller.run(case.before.playbook, *case.before.arguments).succeeded()
    emulation.control("PUT", "settings", {"timing": "fast"})
    return time.time()


def _lasting(value: t.Any) -> str:
    """Return a document as a text without what is another one each time, such as the order of its lists, which follows that of writes."""
    return _PASSING.sub("*", json.dumps(_sorted(value), sort_keys=True))


def _sorted(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    return sorted((_sorted(item) for item in value), key=_lasting) if isinstance(value, list) else value


def left(emulation: Emulation, since: float) -> Left:
    """Return what is there now and was written since."""
    state = emulation.control("GET", "state")["resources"]
    accepted = [request for request in emulation.requests(since) if is_write(request) and request["status"] < 300]
    return Left(
        sorted(_lasting({**resource, "created": None, "changed": None}) for resource in state),
        collections.Counter(f"{request['method']} {request['path'].lower()}" for request in accepted),
    )


def family(pid: int) -> list[int]:
    """Return a process and all that it, and they, started."""
    parents: dict[int, int] = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def killed(controller: Controller, emulation: Emulation, case: Case, writes: int, *, workers: bool) -> Run:
    """Start a playbook, and kill it once Azure has accepted so many writes. workers: with its workers, which may be in other groups."""
    started = controller.start(case.playbook, *case.arguments, own_group=True)
    while sum(is_write(request) and request["status"] < 300 for request in emulation.requests(started.began)) < writes:
        assert started.process.poll() is None, started.wait(1).output
        time.sleep(0.05)
    members = family(started.process.pid) if workers else []
    os.killpg(started.process.pid, signal.SIGKILL)
    for member in members:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    run = started.wait(30)
    assert run.rc == -signal.SIGKILL, run.output
    return run


@pytest.fixture(scope="module")
def whole(controller: Controller, emulation: Emulation) -> t.Callable[[str], Left]:
    """What an uninterrupted run of a case leaves behind."""
    known: dict[str, Left] = {}

    def run(name: str) -> Left:
        if name not in known:
            began = prepare(controller, emulation, CASES[name])
            controller.run(CASES[name].playbook, *CASES[name].arguments).succeeded()
            known[name] = left(emulation, began)
        return known[name]

    return run


@pytest.mark.parametrize(("name", "moment"), MOMENTS)
def test_the_next_run_goes_on_from_what_azure_has(
    name: str, moment: int, whole: t.Callable[[str], Left], controller: Controller, emulation: Emulation
) -> None:
    expected, case = whole(name), CASES[name]
    began = prepare(controller, emulation, case)
    killed(controller, emulation, case, moment, workers=True)
    second = controller.run(case.playbook, *case.arguments).succeeded()
    assert second.changed, "it was killed after its last write"
    resumed = left(emulation, began)
    assert resumed.resources == expected.resources
    assert resumed.writes == expected.writes, "something was made twice, or not at all"
    third = controller.run(case.playbook, *case.arguments).succeeded()
    assert not third.changed and not third.writes


@pytest.mark.parametrize("name", CASES)
def test_a_worker_that_outlives_its_controller_does_no_harm(
    name: str, whole: t.Callable[[str], Left], controller: Controller, emulation: Emulation
) -> None:
    """Ansible's workers have process groups of their own from ansible-core 2.19 on: one that is in the middle of a task ends it."""
    expected, case = whole(name), CASES[name]
    began = prepare(controller, emulation, case)
    killed(controller, emulation, case, 4, workers=False)
    controller.run(case.playbook, *case.arguments).succeeded()
    assert left(emulation, began).resources == expected.resources
    third = controller.run(case.playbook, *case.arguments).succeeded()
    assert not third.changed and not third.writes
