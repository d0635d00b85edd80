# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources that are on other resources, groups or subscriptions, of whatever type these are."""

from __future__ import annotations

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .resource import Resource


class ExtensionResource(Resource):
    """Base of the types that no client of the SDK's packages here serves: they are read and written by id, at the type's api-version.

    Source: REST reference, Resources - Get By Id, Create Or Update By Id, Delete By Id.
    """

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        return f"{self.title} '{found.name}' on '{found.scope}'"

    def body(self, document: Document) -> Document:
        """Leave out what is emptied: a write replaces the whole resource."""
        clean = super().body(document)
        return {**clean, "properties": {name: value for name, value in clean.get("properties", {}).items() if value not in (None, "")}}
