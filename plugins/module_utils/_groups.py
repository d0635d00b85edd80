# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources that belong together, such as those of one vault: what is refused in one group holds back that group and no other. Pure."""

from __future__ import annotations

import typing as t

from ._resources.resource import Resource, Step

Groups = t.Mapping[Resource, str]
"""The group of each resource that belongs to one; what groups share has none."""


def held_back(resources: t.Sequence[Resource], steps: t.Mapping[Resource, Step], groups: Groups) -> dict[Resource, Resource]:
    """Return the resources that are held back, each with the refused resource that is the reason.

    A group is written whole or not at all, as far as its plan can tell, and what is shared is not made for refused groups alone.
    resources: each after its needs.
    """
    refused: dict[str, Resource] = {}
    for resource in resources:
        if steps[resource].problem and resource in groups:
            refused.setdefault(groups[resource], resource)
    current = {each: refused[groups[each]] for each in resources if groups.get(each) in refused and not steps[each].problem}
    users: dict[Resource, list[Resource]] = {}
    for resource in resources:
        for need in resource.needs:
            users.setdefault(need, []).append(resource)
    for shared in reversed([each for each in resources if each not in groups and not steps[each].problem]):
        # what nothing needs, such as a link, is made for those that it comes after
        wanting = users.get(shared) or [each for each in shared.after if each in groups]
        causes = [current.get(each) or (each if steps[each].problem else None) for each in wanting]
        if causes and all(causes):
            current[shared] = t.cast(Resource, causes[0])
    return current
