# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources that are on other resources, groups or subscriptions, of whatever type these are."""

from __future__ import annotations

import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .resource import Resource


class ExtensionResource(Resource):
    """Base of the types that no client of the SDK's packages here serves: they are read and written by id, at the type's api-version.

    Source: REST reference, Resources - Get By Id, Create Or Update By Id, Delete By Id.
    """

    api_version: t.ClassVar[str]
    operations = "resource.resources"
    get_verb = "get_by_id"
    put_verb = "begin_create_or_update_by_id"
    delete_verb = "begin_delete_by_id"

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        return f"{self.title} '{self.id.name}' on '{self.id.scope}'"

    @classmethod
    def arguments_for(cls, resource_id: ResourceId) -> tuple[str, ...]:
        """Return the id and the api-version."""
        return (str(resource_id), cls.api_version)

    def body(self, document: Document) -> Document:
        """Leave out what is emptied: a write replaces the whole resource."""
        clean = super().body(document)
        return {**clean, "properties": {name: value for name, value in clean.get("properties", {}).items() if value not in (None, "")}}


def collection(scope: ResourceId, kind: str) -> str:
    """Return the path at which the extension resources of a type on a scope are listed."""
    provider, _slash, plural = kind.partition("/")
    return f"{scope}/providers/{provider}/{plural}"
