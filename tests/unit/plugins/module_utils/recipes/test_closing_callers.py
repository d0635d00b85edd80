# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vault stays open while somebody calls it who has no private way to it, unless that is accepted, or nobody asks."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._module import Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.callers import question_of_settings
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.closing import OPTIONS, ClosedKeyVault, Refusal, closing
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.settings import vaults_of
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, VAULT, observe, plan_of
from ansible_collections.privatelink.azure.tests.unit.plugins.module_utils.recipes.test_closing import World
from ansible_collections.privatelink.azure.tests.unit.plugins.module_utils.views.test_callers import (
    ROW,
    SETTINGS,
    WORKSPACE,
    answer,
    setting,
)

PRIVATE = dataclasses.replace(ROW, address="10.1.0.9", how="Private connection")


class Log:
    """A world with a diagnostic setting, or none, and what its workspace answers; it counts the questions."""

    def __init__(self, world: World, status: int, found: Document, *, sends: bool = True) -> None:
        self._arm = world.arm()
        self._arm._lists[SETTINGS] = [setting()] if sends else []
        self._answer = status, found
        self.questions = 0

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._arm, name)

    def ask(self, path: str, _version: str, _question: Document, *, doing: str) -> tuple[int, Document]:
        """Answer a query."""
        assert doing and path == f"{WORKSPACE}/query"
        self.questions += 1
        return self._answer


def made(log: Log, *, check: bool = False, **options: t.Any) -> ClosedKeyVault:
    """Return the resource of the module."""
    given = {name: option.get("default") for name, option in OPTIONS.items()}
    return closing(Task({**given, "vault_id": VAULT, "endpoint_id": ENDPOINT, **options}, t.cast(t.Any, log), check))


def refused(log: Log, **options: t.Any) -> Document:
    """Return the fields of a refusal."""
    resource = made(log, **options)
    with pytest.raises(Refusal) as caught:
        plan_of(resource, observe(resource, log))
    return caught.value.fields()


@pytest.mark.parametrize("check", [False, True])
def test_public_callers_keep_the_vault_open_also_in_check_mode(check: bool) -> None:
    fields = refused(Log(World(), 200, answer(ROW, PRIVATE)), callers_days=30, check=check)
    assert fields["code"] == "CallersWouldLoseAccess" and [reason["id"] for reason in fields["reasons"]] == ["callers"]
    assert "203.0.113.7" in fields["message"] if "message" in fields else "203.0.113.7" in str(fields)
    assert fields["proven"] and fields["callers"]["known"]
    assert [(each["address"], each["accepted"]) for each in fields["callers"]["public_callers"]] == [("203.0.113.7", False)]


@pytest.mark.parametrize("accepted", [["203.0.113.0/24"], [ROW.application_id], [ROW.object_id]])
def test_accepted_callers_do_not(accepted: list[str]) -> None:
    log = Log(World(), 200, answer(ROW, PRIVATE))
    resource = made(log, callers_days=30, accepted_callers=accepted)
    seen = observe(resource, log)
    assert plan_of(resource, seen).action == "update"
    facts = resource.facts(Live(t.cast(t.Any, log)), seen, True)
    assert facts["callers"]["public_callers"][0]["accepted"] and facts["reasons"] == [] and facts["proven"]


def test_private_callers_do_not() -> None:
    log = Log(World(), 200, answer(PRIVATE))
    resource = made(log, callers_days=30)
    assert plan_of(resource, observe(resource, log)).action == "update"


@pytest.mark.parametrize("log", [
    Log(World(), 200, answer()),
    Log(World(), 403, {}),
    Log(World(), 204, {}),
    Log(World(), 200, answer(PRIVATE), sends=False),
])  # fmt: skip
def test_what_is_not_known_keeps_it_open_whatever_is_accepted(log: Log) -> None:
    fields = refused(log, callers_days=7, accepted_callers=["0.0.0.0/0"])
    assert fields["code"] == "CallersWouldLoseAccess" and [reason["id"] for reason in fields["reasons"]] == ["callers_unknown"]
    assert not fields["callers"]["known"] and fields["callers"]["days"] == 7


def test_the_private_path_is_still_proven_first() -> None:
    fields = refused(Log(World(link=None), 200, answer(ROW)), callers_days=30)
    assert fields["code"] == "PrivatePathNotProven" and [reason["id"] for reason in fields["reasons"]] == ["link", "callers"]


def test_nobody_asks_without_days_or_where_the_vault_is_closed() -> None:
    log = Log(World(), 200, answer(ROW))
    resource = made(log, accepted_callers=["203.0.113.0/24"])
    assert plan_of(resource, observe(resource, log)).action == "update" and not log.questions
    closed = Log(World(gates={"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny"}}), 200, answer(ROW))
    resource = made(closed, callers_days=30)
    assert plan_of(resource, observe(resource, closed)).action == "none" and not closed.questions


def test_the_log_is_asked_once() -> None:
    log = Log(World(), 200, answer(PRIVATE))
    resource = made(log, callers_days=30)
    seen = observe(resource, log)
    again = resource.read_again(Live(t.cast(t.Any, log)), seen, {})
    assert log.questions == 1 and again.findings.callers is seen.findings.callers  # type: ignore[attr-defined]


@pytest.mark.parametrize(("options", "option"), [
    ({"callers_days": -1}, "callers_days"),
    ({"callers_days": 731}, "callers_days"),
    ({"callers_days": 30, "accepted_callers": ["203.0.113.0/33"]}, "accepted_callers"),
    ({"callers_days": 30, "accepted_callers": [""]}, "accepted_callers"),
])  # fmt: skip
def test_options_that_cannot_be_right(options: Document, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        made(Log(World(), 200, answer()), **options)
    assert caught.value.option == option
    (settings,) = vaults_of([{"name": "payments-vault", **options}], None)
    with pytest.raises(OptionError) as caught:
        question_of_settings(settings)
    assert caught.value.option == f"vaults[payments-vault].{option}"
