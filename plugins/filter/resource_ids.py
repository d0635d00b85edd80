# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters for Azure resource ids; the documentation is in the YAML files of their names."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.privatelink.azure.plugins.module_utils import _id_parts as id_parts
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem


def resource_id_parts(value: t.Any) -> dict[str, t.Any]:
    """Return the parts of an id."""
    try:
        return id_parts.parts(value)
    except Problem as problem:
        raise AnsibleFilterError(f"privatelink.azure.resource_id_parts: {problem.message}") from None


def resource_id(value: t.Any, type: str | None = None, *names: str, **parts: t.Any) -> str:  # pylint: disable=redefined-builtin
    """Return the id that a mapping of parts describes, or that of a resource beneath another id."""
    try:
        return id_parts.built(value, type, *names, **parts)
    except Problem as problem:
        raise AnsibleFilterError(f"privatelink.azure.resource_id: {problem.message}") from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"resource_id_parts": resource_id_parts, "resource_id": resource_id}
