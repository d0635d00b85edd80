# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a task names its resource: by its id, by its parent's id and its own name, or by resource group and names.

A module declares it once, and gets the options, the rules between them and the checked id. An id carries its subscription, so that nothing
is asked of Azure to find one. The options' documentation is the doc fragments id, vault and zone, or the module's own.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import _options as options
from . import _values as values
from ._documents.ids import ENDPOINT, GROUP_TYPE, VAULT, ZONE, ResourceId, group_scope

if t.TYPE_CHECKING:
    from ._module import Task

Rules = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Level:
    """A resource on the way from the resource group to the one that a module is about.

    type: as Azure writes it. name, id: the options with its name and with its whole id, which not every module takes.
    default: its name where the option is left out. optional: where it is left out, the module is about what the resource is nested in.
    check: what the module asks of the name beyond the type's own rule; it gets the name and the option that gave it.
    """

    type: str
    name: str
    id: str | None = None
    aliases: tuple[str, ...] = ()
    default: t.Callable[[Task], str | None] | None = None
    optional: bool = False
    check: t.Callable[[Task, str, str], object] | None = None


@dataclasses.dataclass(frozen=True)
class Nested:
    """
    A resource in a resource group, named by the levels above it, outermost first. group, subscription: the options with where that is.
    """

    levels: tuple[Level, ...]
    group: str = "resource_group"
    subscription: str | None = None

    @property
    def options(self) -> options.Spec:
        """Return the options of AnsibleModule."""
        found: options.Spec = {name: {"type": "str"} for name in (self.group, self.subscription) if name}
        for level in self.levels:
            found[level.name] = {"type": "str"}
            if level.id:
                found[level.id] = {"type": "str", **({"aliases": list(level.aliases)} if level.aliases else {})}
        return found

    @property
    def rules(self) -> Rules:
        """Return the rules between the options: one way of naming the resource, and that way whole."""
        ids = [level.id for level in self.levels if level.id]
        exclusive, needed = [(*ids, self.group)], [(*ids, self.group)]
        for index, level in enumerate(self.levels):
            above = [self.subscription, *(each.name for each in self.levels[: index + 1])]
            exclusive += [(level.id, name) for name in above if level.id and name]
            if not level.default and not level.optional:
                needed.append((*(below.id for below in self.levels[index:] if below.id), level.name))
        return {"mutually_exclusive": exclusive, "required_one_of": needed}

    def of(self, task: Task) -> ResourceId:
        """Return the id that a task's options name, every part of it checked."""
        named = [index for index, level in enumerate(self.levels) if level.id and task[level.id]]
        if named:
            last = self.levels[named[-1]]
            found = dataclasses.replace(values.resource_id(task[str(last.id)], str(last.id), last.type), type=last.type)
            for level, name in zip(self.levels, found.names, strict=False):
                _ask(task, level, name, str(last.id))
        else:
            group = values.resource_group_name(task[self.group], self.group)
            own = task[self.subscription] if self.subscription else None
            subscription = values.subscription(own, str(self.subscription)) if own else task.world.subscription_id
            found = ResourceId(subscription, group, self.levels[0].type.partition("/")[0], ())
        for level in self.levels[len(found.names) :]:
            said = task[level.name] or (level.default(task) if level.default else None)
            if not said and level.optional:
                break
            name = values.name_of(level.type, said or "", level.name, found)
            _ask(task, level, name, level.name)
            found = found.child(level.type.rpartition("/")[2], name)
        return found


def _ask(task: Task, level: Level, name: str, option: str) -> None:
    if level.check:
        level.check(task, name, option)


@dataclasses.dataclass(frozen=True)
class OnScope:
    """A resource that is on another one, on a resource group or on a subscription: named by its own
    id, or by the id of that and its own name.

    scope: the option with the id of what it is on. group: the option that may name a resource group
    instead. needs_name: whether it takes a name to find it.
    """

    type: str
    scope: str
    group: str | None = None
    needs_name: bool = True

    @property
    def options(self) -> options.Spec:
        """Return the options of AnsibleModule."""
        return {name: {"type": "str"} for name in ("id", "name", self.scope, self.group) if name}

    @property
    def rules(self) -> Rules:
        """Return the rules between the options."""
        places = tuple(name for name in (self.scope, self.group) if name)
        needed = [("id", *places), *([("id", "name")] if self.needs_name else [])]
        return {"mutually_exclusive": [("id", *places), ("id", "name")], "required_one_of": needed}

    def of(self, task: Task) -> tuple[ResourceId, str | None]:
        """Return the id of what it is on, and its name where one is given."""
        if task["id"]:
            found = values.resource_id(task["id"], "id", self.type)
            return found.scope, found.name
        name = values.name_of(self.type, task["name"] or "", "name") if task["name"] or self.needs_name else None
        if task[self.scope]:
            return values.scope(task[self.scope], self.scope), name
        group = values.resource_group_name(task[str(self.group)], str(self.group))
        return group_scope(task.world.subscription_id, group), name


@dataclasses.dataclass(frozen=True)
class InSubscription:
    """A resource group or a resource provider: named by its id or by its name.

    provider: whether it is a provider, whose id ends with its namespace. check: the rule of its name.
    """

    provider: bool
    check: t.Callable[[str, str], str]

    @property
    def options(self) -> options.Spec:
        """Return the options of AnsibleModule."""
        return {"id": {"type": "str"}, "name": {"type": "str"}}

    @property
    def rules(self) -> Rules:
        """Return the rules between the options."""
        return {"mutually_exclusive": [("id", "name")], "required_one_of": [("id", "name")]}

    def of(self, task: Task) -> ResourceId:
        """Return the id that a task's options name."""
        if task["id"]:
            return values.provider_id(task["id"], "id") if self.provider else values.resource_id(task["id"], "id", GROUP_TYPE)
        name = self.check(task["name"], "name")
        if self.provider:
            return ResourceId(task.world.subscription_id, None, name, ())
        return group_scope(task.world.subscription_id, name)


Identity: t.TypeAlias = "Nested | OnScope | InSubscription"


def vault_zone(task: Task) -> str:
    """Return the name that a zone has unless a task says otherwise."""
    return task.world.cloud.vault_zone


def _given_zone(task: Task, name: str, option: str) -> None:
    """Refuse a zone whose name only resembles the zone of vaults, unless the task allows it or removes something."""
    values.given_zone(name, task.world.cloud, option, any_zone=task.absent or bool(task["allow_other_zone"]))


VAULT_LEVEL = Level(VAULT, "vault_name", "vault_id")
ZONE_LEVEL = Level(ZONE, "zone_name", "zone_id", default=vault_zone)
ABOUT_VAULT = Nested((Level(VAULT, "vault_name", "vault_id", aliases=("id",)),))
ABOUT_ENDPOINT = Nested((Level(ENDPOINT, "name", "id", aliases=("endpoint_id",)),))
CHECKED_ZONE_LEVEL = Level(ZONE, "zone_name", "zone_id", default=vault_zone, check=_given_zone)
