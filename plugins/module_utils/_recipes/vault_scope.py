# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which vaults a task is about: those of subscriptions, of resource groups, or by id."""

from __future__ import annotations

import typing as t

from .._documents.ids import VAULT, ZONE, ResourceId, group_scope, subscription_scope
from .._errors import OptionError
from .._options import Spec
from .._values import resource_group_name, resource_id, subscription
from .._views.estate import Vault, estate_of

if t.TYPE_CHECKING:
    from .._azure.world import World
    from .._module import Task

_LIST: dict[str, t.Any] = {"type": "list", "elements": "str", "default": []}
OPTIONS: Spec = {"subscription_ids": _LIST, "resource_groups": _LIST, "vault_ids": _LIST, "zone_ids": _LIST}
"""Documented by the fragment privatelink.azure.vaults."""
_GROUPS_AT_MOST = 4  # of one subscription: one list of all its vaults costs less than a list of each of more groups


def vaults_of(task: Task, world: World | None = None, one: ResourceId | None = None) -> list[Vault]:
    """Return the vaults that the options name, by id or in the order of vault_ids.

    world: where they are read, by default the task's. one: the only vault, where other options of the module name it.
    """
    vault_ids = [one] if one else [resource_id(each, "vault_ids", VAULT) for each in task["vault_ids"]]
    option = "name" if one and not task["id"] else "id" if one else "vault_ids"
    return _chosen(estate_of(world or task.world, _scopes(task, vault_ids), zones_of(task), only=vault_ids), vault_ids, option)


def zones_of(task: Task) -> tuple[ResourceId, ...]:
    """Return the zones in other subscriptions that the options name."""
    return tuple(resource_id(each, "zone_ids", ZONE) for each in task["zone_ids"])


def _scopes(task: Task, vault_ids: t.Sequence[ResourceId]) -> list[ResourceId]:
    """Return where vaults are listed."""
    if vault_ids:
        for option in ("subscription_ids", "resource_groups"):
            if task[option]:
                raise OptionError(option, "has no effect together with vault_ids; leave one of the two out.")
        keys = dict.fromkeys(each.subscription.casefold() for each in vault_ids)
        return [scope for own in keys for scope in _around([each for each in vault_ids if each.subscription.casefold() == own])]
    subscriptions = [subscription(each, "subscription_ids") for each in task["subscription_ids"]] or [task.world.subscription_id]
    groups = [resource_group_name(each, "resource_groups") for each in task["resource_groups"]]
    return [group_scope(each, group) for each in subscriptions for group in groups] or [subscription_scope(each) for each in subscriptions]


def _around(vault_ids: t.Sequence[ResourceId]) -> list[ResourceId]:
    """Return the resource groups of vaults of one subscription, or the subscription where there are many of them."""
    groups = {str(each.resource_group).casefold(): group_scope(each.subscription, str(each.resource_group)) for each in vault_ids}
    return list(groups.values()) if len(groups) <= _GROUPS_AT_MOST else [subscription_scope(vault_ids[0].subscription)]


def _chosen(vaults: list[Vault], vault_ids: t.Sequence[ResourceId], option: str) -> list[Vault]:
    """Return the vaults that were requested by id, all where none was."""
    if not vault_ids:
        return vaults
    found = {str(vault.id).casefold(): vault for vault in vaults}
    for each in vault_ids:
        if str(each).casefold() not in found:
            raise OptionError(option, f"key vault '{each}' was not found; correct the id.", resource_id=str(each))
    return [found[key] for key in dict.fromkeys(str(each).casefold() for each in vault_ids)]
