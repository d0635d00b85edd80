# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task, and a module: its options, and resources to converge or something to read."""

from __future__ import annotations

import dataclasses
import typing as t

from . import _options as options
from . import _values as values
from ._azure.arm import Arm
from ._azure.clock import Clock
from ._azure.world import Live, World
from ._converge import Outcome
from ._documents.compare import Document
from ._documents.ids import ResourceId
from ._errors import Problem
from ._groups import Groups
from ._identity import Identity
from ._resources.resource import Resource

__all__ = ["Module", "Outcome", "Task"]


@dataclasses.dataclass(frozen=True)
class Task:
    """What a module's mapping works from: its options and where it acts."""

    params: t.Mapping[str, t.Any]
    arm: Arm
    check_mode: bool

    def __getitem__(self, option: str) -> t.Any:
        return self.params.get(option)

    @property
    def world(self) -> World:
        """Return where the task reads and writes."""
        return Live(self.arm)

    @property
    def absent(self) -> bool:
        """Return whether the resource should be absent."""
        return bool(self.params.get("state") == "absent")

    @property
    def tags(self) -> dict[str, str] | None:
        """Return the checked tags, None where none were given."""
        return values.tags(self.params.get("tags"))

    @property
    def tagging(self) -> dict[str, t.Any]:
        """Return the keywords with which a Resource takes tags."""
        return {"tags": self.tags, "append_tags": bool(self.params.get("append_tags", True))}

    @property
    def planned(self) -> Document:
        """Return what was planned before the first write, as a result shows it: writes, seconds, limited_by, message. Empty before that."""
        pacing = self.arm.clock.reporter.pacing
        return pacing.result() if pacing else {}

    def id(self, kind: str, *names: str) -> ResourceId:
        """Return the id of a resource in the task's subscription and resource group."""
        return ResourceId(self.arm.subscription_id, values.resource_group_name(self.params["resource_group"]), kind, names)


class Recipe(t.Protocol):
    """Resources of many things, such as vaults, that one task makes, each with its own result."""

    @property
    def resources(self) -> t.Sequence[Resource]:
        """Return the resources, each after its needs."""

    @property
    def groups(self) -> Groups:
        """Return the name of what each resource belongs to, without what they share."""

    @property
    def world(self) -> World:
        """Return where they are read and written."""

    @property
    def check_mode(self) -> bool:
        """Return whether nothing is to be written."""

    def report(self, outcomes: t.Sequence[Outcome]) -> Document:
        """Return the result of the task from its outcomes."""

    def failure(self, outcomes: t.Sequence[Outcome], result: Document) -> Problem | None:
        """Return why the task failed, None where it did not."""

    def diff(self, outcomes: t.Sequence[Outcome], side: t.Callable[[Outcome, str], Document]) -> list[Document]:
        """Return one diff for each thing that changes; side: one side, before or after, of what changes in a resource."""


@dataclasses.dataclass(frozen=True)
class Module:
    """A module: its options, and either resources to converge or something to look up, in Azure or from the host.

    resources: the resources in the order of the result; the task's own resource first.
    report: what to return for the outcomes, where it is not one resource's id, document and facts.
    recipe: for a module of many vaults, what makes and tells of them, instead of resources and report.
    read: for a module that only reads, what it returns.
    failure: for a module that only reads, why its task fails for what it found, if it does; its result is returned all the same.
    local: for a module that reads only the host it runs on, and not Azure: what it returns for its options and the limit of its waits.
    identity: how the task names its resource; its options and rules are the module's too.
    rules: required_if and its like, as AnsibleModule takes them.
    diff_by_id: for resources of any kinds, each stands in the diff under its id.
    """

    options: options.Spec
    resources: t.Callable[[Task], t.Sequence[Resource]] | None = None
    report: t.Callable[[Task, t.Sequence[Outcome]], Document] | None = None
    recipe: t.Callable[[Task], Recipe] | None = None
    read: t.Callable[[Task], Document] | None = None
    failure: t.Callable[[Task, Document], Problem | None] | None = None
    local: t.Callable[[t.Mapping[str, t.Any], Clock], Document] | None = None
    identity: Identity | None = None
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    diff_by_id: bool = False

    @property
    def spec(self) -> dict[str, t.Any]:
        """Return the keywords of AnsibleModule and of ArgumentSpecValidator."""
        naming, rules = (self.identity.options, self.identity.rules) if self.identity else ({}, {})
        together = {
            name: [*rules.get(name, ()), *self.rules.get(name, ())] for name in rules.keys() | self.rules.keys() if name != "required_by"
        }
        by = {"required_by": self.rules["required_by"]} if "required_by" in self.rules else {}
        return {"argument_spec": {**options.AUTH, **options.WAIT, **naming, **self.options}, **together, **by}
