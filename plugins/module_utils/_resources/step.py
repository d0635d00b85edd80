# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found of a resource, what is planned for it, and what others know of both."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._documents.limits import Claim
from .._errors import Problem

if t.TYPE_CHECKING:
    import typing_extensions as te

    from .resource import Resource

Action = t.Literal["none", "create", "update", "replace", "delete"]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one run will do to a resource. before and after hold only what differs; body is the document to send.

    etag: the state of the resource that the plan was made from, for types that several writers share.
    keeps: whether the body holds what is kept of a resource that is deleted first, so that nothing but this
    plan can tell it once that is done. remarks: what to warn of that is no failure.
    """

    action: Action
    before: Document = dataclasses.field(default_factory=dict)
    after: Document = dataclasses.field(default_factory=dict)
    body: Document = dataclasses.field(default_factory=dict)
    etag: str | None = None
    keeps: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Return whether anything will be written."""
        return self.action != "none"


@dataclasses.dataclass(frozen=True)
class Observed:
    """What a look at a resource found. Types that look at more than the resource itself have a class of their own.

    id: where it was found, or would be made. document: the ARM document, None if there is none.
    adopted: whether it was found by what it relates to, under another name than was requested.
    """

    id: ResourceId
    document: Document | None = None
    adopted: bool = False

    def with_document(self, document: Document | None) -> te.Self:
        """Return the same with another document of the resource, such as the answer to a write."""
        return dataclasses.replace(self, document=document)


@dataclasses.dataclass(frozen=True)
class Step:
    """What is known of a resource that others need, or come after.

    facts: what it returns, UNKNOWN for what only Azure can know. claims: its part of limits. problem: why it is not, or will not be, as
    asked for. done: whether that is what became of it; else it is what is planned.
    """

    observed: Observed
    plan: Plan
    facts: Document = dataclasses.field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    problem: Problem | None = None
    done: bool = False

    @property
    def pending(self) -> bool:
        """Return whether the resource is going to be written."""
        return self.plan.changed and not self.done


Known = t.Mapping["Resource", Step]
"""What is known of the needs of a resource that are part of the run."""
