# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role status: both sides with the next step, what is pending in all vaults, and what it publishes."""

from __future__ import annotations

import typing as t

import pytest

from integration.emulation import Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Run, play_of, task

pytestmark = pytest.mark.long

NOBODY = "a0000000-0000-4000-8000-0000000000ff"


def status(name: str, **variables: t.Any) -> list[Json]:
    """Return tasks that include the role and keep what it registered; a failure ends in the same task."""
    keep = {"name": name, "ansible.builtin.debug": {"msg": {"result": "{{ status_result }}"}}}
    failed = {"name": name, "ansible.builtin.debug": {"msg": {"failed": "{{ ansible_failed_result.msg }}"}}}
    include = {"name": "Include status", "ansible.builtin.include_role": {"name": "privatelink.azure.status"}, "vars": variables}
    return [{"name": name, "block": [include, keep], "rescue": [failed]}]


def decide(landscape: Landscape, label: str, **options: t.Any) -> Json:
    return task("endpoint_connection_approval", label, vault_id=landscape.other_vault, endpoint_id=landscape.request, **options)


@pytest.fixture(scope="module")
def run(controller: Controller, landscape: Landscape) -> Run:
    """Everything in one play; the connection of the request goes through its states."""
    landscape.use()
    subscription = landscape.emulation.facts["subscription"]
    names = {"status_vault_name": "shop-vault", "status_resource_group": GROUP}
    tasks = [
        *status("approved", status_vault_id=landscape.vault),
        *status("by names", **names, status_subscription_id=subscription),
        *status("of a rollout", private_vault_name="shop-vault", private_vault_resource_group=GROUP),
        *status("of the job before", privatelink_vault_id=landscape.vault),
        *status("missing", status_vault_id=f"{landscape.vault}2"),
        *status("elsewhere", **names, status_subscription_id=NOBODY),
        *status("pending", status_vault_id=landscape.other_vault),
        *status("every vault"),
        *status("every vault of a group", status_resource_group="nowhere"),
        decide(landscape, "reject", status="Rejected", description="Not this year"),
        *status("rejected", status_vault_id=landscape.other_vault),
        decide(landscape, "remove", state="absent"),
        *status("disconnected", status_vault_id=landscape.other_vault),
        *status("nobody waits"),
    ]
    return controller.run([play_of(*tasks)])


def shown(run: Run, name: str) -> Json:
    """Return what a case ended with."""
    return dict(run.task(name)["msg"])


def lines_after(run: Run, name: str) -> str:
    """Return all that was shown since the case before."""
    index = next(number for number, done in enumerate(run.tasks) if done.name == name)
    before = max(
        (number for number, done in enumerate(run.tasks[:index]) if not done.name.startswith("privatelink.azure.status")), default=-1
    )
    results = [each for done in run.tasks[before + 1 : index] for each in done.result.get("results", [done.result])]
    messages = [each.get("msg", "") for each in results if "ansible.builtin" not in str(each.get("msg"))]
    return "\n".join("\n".join(message) if isinstance(message, list) else str(message) for message in messages)


def published(run: Run, name: str) -> Json:
    """Return what the case published."""
    index = next(number for number, done in enumerate(run.tasks) if done.name == name)
    return dict(
        next(done for done in reversed(run.tasks[:index]) if done.name.endswith(": Publish workflow statistics"))["ansible_stats"]["data"]
    )


def test_one_vault_is_found_in_every_way(run: Run, landscape: Landscape) -> None:
    assert run.rc == 0 and not run.complaints, run.output
    for name in ("approved", "by names", "of a rollout", "of the job before"):
        assert shown(run, name)["result"]["id"] == landscape.vault
    assert "next step         none: run privatelink.azure.validation to check DNS" in lines_after(run, "approved")
    assert published(run, "approved") == {
        "privatelink_vault_id": landscape.vault,
        "privatelink_public_network_access": "Disabled",
        "privatelink_pending": [],
        "privatelink_connection_state": "Approved",
    }


def test_a_vault_that_is_not_there_is_an_error(run: Run, landscape: Landscape) -> None:
    assert shown(run, "missing")["failed"] == f"Key vault {landscape.vault}2 was not found. Correct status_vault_id."
    assert NOBODY in shown(run, "elsewhere")["failed"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", ["vault's side      Pending", "endpoint's side   Pending", "next step         decide: "]),
        ("rejected", ["vault's side      Rejected", "Not this year", "next step         approve_or_recreate: "]),
        ("disconnected", ["vault's side      Disconnected", "endpoint's side   Disconnected", "next step         recreate_or_remove: "]),
    ],
)
def test_both_sides_and_the_next_step(state: str, words: list[str], run: Run, landscape: Landscape) -> None:
    reported = lines_after(run, state)
    for word in [*words, landscape.request]:
        assert word in reported, reported
    assert ", \n" not in reported and not reported.endswith(", ") and ",," not in reported and "None" not in reported, reported
    assert published(run, state)["privatelink_connection_state"] == state.title()
    assert published(run, state)["privatelink_pending"] == ([landscape.request] if state == "pending" else [])


def test_owners_see_what_is_pending_in_all_vaults(run: Run, landscape: Landscape) -> None:
    assert published(run, "every vault") == {"privatelink_pending": [landscape.request]}
    assert [vault["id"] for vault in shown(run, "every vault")["result"]["vaults"]] == [landscape.other_vault]
    assert landscape.request in lines_after(run, "every vault")
    assert published(run, "every vault of a group") == published(run, "nobody waits") == {"privatelink_pending": []}
