# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is held back where something in a group is refused before the first write."""

from __future__ import annotations

from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._groups import held_back
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Observed, Plan, Resource, Step
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_group import ResourceGroup


def resource(name: str, *needs: Resource, after: tuple[Resource, ...] = ()) -> Resource:
    """Return a resource; its kind does not matter here."""
    return ResourceGroup(ResourceId("s", name, "resourceGroups", (name,)), {}, needs=needs, after=after)


ZONE, OTHER = resource("zone"), resource("other")
FIRST, SECOND = resource("first", ZONE), resource("second", ZONE, OTHER)
RECORD_1, RECORD_2 = resource("record-1", FIRST), resource("record-2", SECOND)
LINK = resource("link", ZONE, after=(RECORD_1, FIRST, RECORD_2, SECOND))
OWN_LINK = resource("own-link", ZONE, OTHER, after=(RECORD_2, SECOND))
ALL = [ZONE, OTHER, FIRST, SECOND, RECORD_1, RECORD_2, LINK, OWN_LINK]
GROUPS = {FIRST: "first", RECORD_1: "first", SECOND: "second", RECORD_2: "second"}


def held(*refused: Resource) -> dict[str, str]:
    """Return the names of what is held back, each with what it is held back for."""
    steps = {each: Step(Observed(each.id), Plan("create"), problem=Problem("no") if each in refused else None) for each in ALL}
    return {each.id.name: cause.id.name for each, cause in held_back(ALL, steps, GROUPS).items()}


def test_nothing_is_held_back_where_nothing_is_refused() -> None:
    assert held() == {}


def test_a_refusal_holds_back_its_group_and_what_is_shared_for_it_alone() -> None:
    assert held(SECOND) == {"record-2": "second", "own-link": "second", "other": "second"}
    assert held(RECORD_2) == {"second": "record-2", "own-link": "record-2", "other": "record-2"}


def test_what_is_shared_is_held_back_once_all_its_groups_are() -> None:
    assert set(held(FIRST, RECORD_2)) == {"record-1", "second", "link", "own-link", "zone", "other"}


def test_a_refused_shared_resource_holds_back_nothing_by_itself() -> None:
    """What needs it is refused with it, each on its own."""
    assert held(LINK) == {}
