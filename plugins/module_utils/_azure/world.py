# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where resources and views read and write, by kind and id. Documents are wire JSON and never changed in place."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._errors import ArmError, is_missing
from .kinds import ExtensionKind, Kind

if t.TYPE_CHECKING:
    from .arm import Arm
    from .clock import Clock, Waiting
    from .clouds import Cloud

Made = t.TypeVar("Made")


class World(t.Protocol):
    """The calls that read and write Azure. doing: the purpose of a call, for error messages; by default derived from kind and id."""

    @property
    def clock(self) -> Clock:
        """Return the clock of the task."""

    @property
    def cloud(self) -> Cloud:
        """Return which cloud it is."""

    @property
    def tenant_id(self) -> str | None:
        """Return the tenant of the credentials, where they name one."""

    @property
    def subscription_id(self) -> str:
        """Return the subscription to act in where no id says its own."""

    @property
    def live(self) -> World:
        """Return the world that remembers nothing, for what changes by itself, such as what Azure is still at work on."""

    def once(self, key: t.Hashable, make: t.Callable[[], Made]) -> Made:
        """Return what is made of documents that were read; where they are remembered, it is made once, until something is written."""

    def get(self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None) -> Document | None:
        """Return the document of a resource, None where it, or what it is nested in, does not exist."""

    def list(self, kind: Kind, scope: ResourceId, *, doing: str | None = None, where: str | None = None) -> list[Document]:
        """
        Return all of a kind in a subscription, in a resource group, or in or on a resource. where: an OData filter, for extension kinds.
        """

    def shows(self, kind: Kind, scope: ResourceId) -> bool:
        """Return whether all resources of a kind in a scope are known, so that reading one costs no request."""

    def put(
        self,
        kind: Kind,
        resource_id: ResourceId,
        body: Document | None,
        *,
        doing: str | None = None,
        headers: t.Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Waiting[Document | None]:
        """Write a resource, with pauses while the operation is in flight; return what answered, None where that holds no document.

        once: whether the same request is something else when it is carried out twice, so that it is not repeated where its answer is lost.
        """

    def delete(
        self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None, headers: t.Mapping[str, str] | None = None
    ) -> Waiting[None]:
        """Delete a resource, with pauses while the operation is in flight."""

    def act(self, kind: Kind, resource_id: ResourceId, action: str, body: Document, *, doing: str) -> Waiting[Document]:
        """Let a resource do something that is no write of it, with pauses while the operation is in flight; return the last answer."""

    def ask(self, path: str, api_version: str, question: Document | None = None, *, doing: str) -> tuple[int, Document]:
        """Ask something that is no resource, with a question by POST; return status and body of the answer, whatever it is."""


class Onward:
    """What every world hands on: whose it is, and questions about what is no resource. source: where its answers come from in the end."""

    def __init__(self, source: Arm | World) -> None:
        self._source = source

    @property
    def clock(self) -> Clock:
        """Return the clock of the task."""
        return self._source.clock

    @property
    def cloud(self) -> Cloud:
        """Return which cloud it is."""
        return self._source.cloud

    @property
    def tenant_id(self) -> str | None:
        """Return the tenant of the credentials, where they name one."""
        return self._source.tenant_id

    @property
    def subscription_id(self) -> str:
        """Return the subscription to act in where no id says its own."""
        return self._source.subscription_id

    def act(self, kind: Kind, resource_id: ResourceId, action: str, body: Document, *, doing: str) -> Waiting[Document]:
        """Let a resource do something that is no write of it, with pauses while the operation is in flight; return the last answer."""
        return self._source.act(kind, resource_id, action, body, doing=doing)

    def ask(self, path: str, api_version: str, question: Document | None = None, *, doing: str) -> tuple[int, Document]:
        """Ask something that is no resource, with a question by POST; return status and body of the answer, whatever it is."""
        return self._source.ask(path, api_version, question, doing=doing)


class Live(Onward):
    """Asks Azure Resource Manager each time."""

    def __init__(self, arm: Arm) -> None:
        super().__init__(arm)
        self._arm = arm

    @property
    def live(self) -> World:
        """Return this world itself."""
        return self

    def once(self, key: t.Hashable, make: t.Callable[[], Made]) -> Made:
        """Make it again: what it is made of is read again, too."""
        return make()

    def get(self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None) -> Document | None:
        """Return the document of a resource, None where it, or what it is nested in, does not exist."""
        doing = doing or f"read {kind.title} '{resource_id.name}'"
        return self._arm.find(resource_id.subscription, kind.operation(kind.get), *kind.called_with(resource_id), doing=doing)

    def list(self, kind: Kind, scope: ResourceId, *, doing: str | None = None, where: str | None = None) -> list[Document]:
        """
        Return all of a kind in a subscription, in a resource group, or in or on a resource. where: an OData filter, for extension kinds.
        """
        doing = doing or f"list the {kind.title}s of '{scope}'"
        if isinstance(kind, ExtensionKind):
            return self._arm.list_at(kind.collection(scope), kind.api_version, doing=doing, where=where)
        operation, arguments = kind.listing(scope)
        return self._arm.list(scope.subscription, operation, *arguments, doing=doing)

    def shows(self, kind: Kind, scope: ResourceId) -> bool:
        """Return False: every read is a request."""
        return False

    def put(
        self,
        kind: Kind,
        resource_id: ResourceId,
        body: Document | None,
        *,
        doing: str | None = None,
        headers: t.Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Waiting[Document | None]:
        """Write a resource, with pauses while the operation is in flight; return what answered, None where that holds no document."""
        doing = doing or f"write {kind.title} '{resource_id.name}'"
        arguments = (*kind.called_with(resource_id), *([] if body is None else [body]))
        yield from self._arm.turn("PUT", str(resource_id), doing)
        calling, operation = self._arm.calling, kind.operation(kind.put)
        return (yield from calling(resource_id.subscription, operation, *arguments, doing=doing, headers=headers, once=once))

    def delete(
        self, kind: Kind, resource_id: ResourceId, *, doing: str | None = None, headers: t.Mapping[str, str] | None = None
    ) -> Waiting[None]:
        """Delete a resource, with pauses while the operation is in flight."""
        doing = doing or f"delete {kind.title} '{resource_id.name}'"
        operation, arguments = kind.operation(kind.delete), kind.called_with(resource_id)
        yield from self._arm.turn("DELETE", str(resource_id), doing)
        try:
            yield from self._arm.calling(resource_id.subscription, operation, *arguments, doing=doing, headers=headers)
        except ArmError as error:
            if not is_missing(error):  # gone already: by a request whose answer was lost, or by another client
                raise
