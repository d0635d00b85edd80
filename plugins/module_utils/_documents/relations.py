# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of several documents is meant by a relation, such as the connection of an endpoint or the link of a network. Pure functions."""

from __future__ import annotations

import typing as t

from .._errors import Problem
from .compare import Document


def the_one(
    candidates: t.Sequence[Document], what: str, *, alive: t.Callable[[Document], bool] | None = None, name: str | None = None, hint: str
) -> Document | None:
    """Return the one document that is meant, None if there is none: of several the only one that is alive, else the one of that name.

    what: the relation in words, such as "connection of 'ID'". Where several are left, they are
    refused by name: the first of a list is chance.
    """
    living = [item for item in candidates if alive is None or alive(item)]
    named = [item for item in living or candidates if name and _name(item).casefold() == name.casefold()]
    for found in (candidates, living, named):
        if len(found) == 1:
            return found[0]
    if not candidates:
        return None
    names = ", ".join(f"'{_name(item)}'" for item in living or candidates)
    raise Problem(
        f"There is more than one {what}: {names}", code="AmbiguousRelation", resource_id=str((living or candidates)[0].get("id")), hint=hint
    )


def _name(document: Document) -> str:
    return str(document.get("name") or str(document.get("id")).rstrip("/").rpartition("/")[2])
