# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of several documents a relation means: never one by the order of a list."""

from __future__ import annotations

import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.relations import the_one
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem


def alive(document: Document) -> bool:
    """Return whether it is alive."""
    return bool(document["alive"])


def chosen(candidates: t.Sequence[Document], name: str | None) -> str | None:
    """Return the name of the one that is meant, '?' where that cannot be told."""
    try:
        found = the_one(candidates, "thing of it", alive=alive, name=name, hint="Name it.")
    except Problem as problem:
        assert (problem.code, problem.hint) == ("AmbiguousRelation", "Name it.")
        return "?"
    return found["id"].rpartition("/")[2] if found else None


ALIVE, DEAD = ({"alive": state} for state in (True, False))


@pytest.mark.parametrize(
    ("candidates", "name", "meant"),
    [
        ([], "a", None),
        ([("a", DEAD)], None, "a"),
        ([("a", DEAD), ("b", ALIVE)], "a", "b"),
        ([("a", ALIVE), ("b", ALIVE)], "B", "b"),
        ([("a", ALIVE), ("b", ALIVE)], None, "?"),
        ([("a", ALIVE), ("b", ALIVE)], "c", "?"),
        ([("a", DEAD), ("b", DEAD)], "a", "a"),
    ],
)
def test_the_living_one_else_the_one_of_that_name(candidates: list[tuple[str, Document]], name: str | None, meant: str | None) -> None:
    assert chosen([{"id": f"/x/{each}", **state} for each, state in candidates], name) == meant


@hypothesis.given(st.dictionaries(st.sampled_from("abcd"), st.booleans()), st.sampled_from([None, *"abcde"]), st.randoms())
def test_the_order_of_a_list_means_nothing(states: dict[str, bool], name: str | None, random: t.Any) -> None:
    candidates = [{"id": f"/x/{each}", "alive": state} for each, state in states.items()]
    first = chosen(candidates, name)
    random.shuffle(candidates)
    assert chosen(candidates, name) == first
