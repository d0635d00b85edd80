# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many private vaults in one run: what they share is made once, lists are read once, and each has its own result."""

from __future__ import annotations

import typing as t

from .._azure.snapshot import Snapshot
from .._azure.world import World
from .._converge import SKIPPED, Outcome
from .._documents.compare import Document
from .._documents.ids import ResourceId, group_scope, subscription_scope
from .._errors import OptionError, Problem
from .._resources.resource import Resource
from .._values import tags as checked_tags
from .private_vault import VaultPlan
from .private_vault_result import VaultResult
from .settings import Settings, VaultSettings, vaults_of
from .shared import Shared, endpoint_group_of, home_of, vault_id_of, zone_id_of

if t.TYPE_CHECKING:
    from .._module import Task

_MANY = 3  # vaults from which on a list costs less than a look at each


class Fleet:
    """The recipe of many private vaults. It reads through a snapshot of its own."""

    def __init__(self, task: Task) -> None:
        settings = vaults_of(task["vaults"] or (), task["defaults"])
        self._scopes = _scopes(task, settings) if len(settings) >= _MANY else []
        self.world: World = Snapshot(task.world, self._scopes)
        self.check_mode = task.check_mode
        self._task = task
        self._shared = Shared(task, _shared_tags(task, settings), _registered(task, settings), settings)
        self._plans = [VaultPlan(task, each, self._shared) for each in settings]
        links = self._shared.links()
        for plan in self._plans:
            plan.finish(links)
        self.resources: list[Resource] = [*self._shared.resources, *(each for plan in self._plans for each in plan.resources)]
        self.resources = _after_needs(self.resources)
        self.groups = {each: plan.settings.name for plan in self._plans for each in plan.resources}

    def report(self, outcomes: t.Sequence[Outcome]) -> Document:
        """Return the result of each vault by its name, and the names of those that changed or failed."""
        by_resource = {outcome.resource: outcome for outcome in outcomes}
        changed = any(outcome.changed for outcome in outcomes)
        world = Snapshot(self._task.world, self._scopes) if changed and not self._task.check_mode else self.world
        results = {plan.settings.name: VaultResult(self._task, plan, by_resource, world, self.spelled).document() for plan in self._plans}
        return {
            "vaults": results,
            "changed_vaults": [name for name, result in results.items() if result["changed"]],
            "failed_vaults": [name for name, result in results.items() if result["error"]],
            **({"planned": self._task.planned} if self._task.planned else {}),
        }

    def spelled(self, resource: Resource, problem: Problem) -> Problem:
        """Return a problem of a resource with its options spelled as the user's settings."""
        found: tuple[Settings, t.Mapping[str, str]] | None = self._shared.settings_of(resource)
        for plan in self._plans:
            found = plan.origins.get(resource) or found
        return found[0].spelled(problem, found[1]) if found else problem

    def failure(self, outcomes: t.Sequence[Outcome], result: Document) -> Problem | None:
        """Return why the task failed: how many vaults, which, and the cause of each; None where none did."""
        failed = {name: result["vaults"][name]["error"] for name in result["failed_vaults"]}
        causes = [outcome for outcome in outcomes if outcome.error and outcome.error.code != SKIPPED]
        first = next((outcome for outcome in outcomes if outcome.error), None)
        if first is None or first.error is None:
            return None
        cause = causes[0] if causes else first
        problem = self.spelled(cause.resource, t.cast(Problem, cause.error))
        total = len(result["vaults"])
        if total == 1 or not failed:
            return problem
        by_cause: dict[str, list[str]] = {}
        for name, error in failed.items():
            by_cause.setdefault(error["cause"], []).append(name)
        listed = "; ".join(f"{_names(names)}: {message}" for message, names in list(by_cause.items())[:_SHOWN])
        more = f"; and {len(by_cause) - _SHOWN} other causes, see vaults" if len(by_cause) > _SHOWN else ""
        return _Failure(f"{len(failed)} of {total} vaults failed: {listed}{more}", problem)

    def diff(self, outcomes: t.Sequence[Outcome], side: t.Callable[[Outcome, str], Document]) -> list[Document]:
        """Return what changes, shared resources first and then vault by vault; a vault that stays as it is is not listed."""
        groups: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            if outcome.changed:
                groups.setdefault(self.groups.get(outcome.resource, _SHARED), []).append(outcome)
        found = []
        for name in sorted(groups, key=lambda group: group != _SHARED):
            before: dict[str, Document] = {}
            after: dict[str, Document] = {}
            for each in groups[name]:  # a vault and its closing are two resources of one id
                place = str(each.id)
                before[place] = {**side(each, "before"), **before.get(place, {})}
                after[place] = {**after.get(place, {}), **side(each, "after")}
            found.append({"before_header": name, "after_header": name, "before": before, "after": after})
        return found


_SHOWN = 5  # causes in the message; the result has them all
_SHARED = "shared by the vaults"


class _Failure(Problem):
    """Why a task with many vaults failed, with the fields of the first cause."""

    def __init__(self, message: str, first: Problem) -> None:
        fields = first.fields()
        super().__init__(message, **{name: fields.get(name) for name in ("code", "status", "request_id", "resource_id", "hint", "option")})


def _names(names: t.Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _scopes(task: Task, settings: t.Sequence[VaultSettings]) -> list[ResourceId]:
    """Return where lists are read: the subscriptions and resource groups of vaults and endpoints, and the zones."""
    found: dict[str, ResourceId] = {}

    def announce(scope: ResourceId) -> None:
        found.setdefault(str(scope).casefold(), scope)

    for each in settings:
        home, vault = home_of(task, each), vault_id_of(task, each)
        for subscription in (home, vault.subscription):
            announce(subscription_scope(subscription))
        announce(group_scope(vault.subscription, str(vault.resource_group)))
        for endpoint in each.endpoints:
            announce(endpoint_group_of(task, home, endpoint, vault))
            if endpoint["dns"] in ("zone_group", "a_record"):
                announce(zone_id_of(task, home, endpoint))
    return list(found.values())


def _shared_tags(task: Task, settings: t.Sequence[VaultSettings]) -> dict[str, str] | None:
    """Return the tags of what vaults share: those of the defaults, so that a run with fewer vaults changes none; without defaults, those
    that all vaults have."""
    if task["defaults"] is not None:
        return _tags(Settings("defaults", task["defaults"])) or None
    if not settings:
        return None
    first, *others = [_tags(each) for each in settings]
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)} or None


def _tags(settings: Settings) -> dict[str, str]:
    try:
        return checked_tags(settings["tags"]) or {}
    except OptionError as error:
        raise settings.spelled(error, {}) from None


def _registered(task: Task, settings: t.Sequence[VaultSettings]) -> set[tuple[str, str]]:
    """Return the providers that the run registers, by subscription, in lower case."""
    found = set()
    for each in settings:
        listed = [*(each["providers"] or ()), *(["Microsoft.Insights"] if each["providers"] and each["diagnostic_settings"] else [])]
        found |= {(home_of(task, each).casefold(), str(namespace).casefold()) for namespace in listed if not each.absent}
    return found


def _after_needs(resources: t.Sequence[Resource]) -> list[Resource]:
    """Return resources each after its needs, otherwise in their order."""
    placed: dict[Resource, None] = {}
    inside = set(resources)

    def place(resource: Resource) -> None:
        if resource in placed:
            return
        for other in (*resource.needs, *resource.after):
            if other in inside and not (other.is_removal and not resource.is_removal):
                place(other)
        placed[resource] = None

    for each in resources:
        place(each)
    return list(placed)
