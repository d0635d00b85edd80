# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests for Azure resource ids; the documentation is in the YAML file of their name."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._id_parts import is_id


def resource_id(value: t.Any, *types: t.Any) -> bool:
    """Return whether a value is the id of a resource, and of one of the types where any are given."""
    try:
        return is_id(value, *types)
    except Problem as problem:
        raise AnsibleFilterError(f"privatelink.azure.resource_id: {problem.message}") from None


class TestModule:
    """The tests of this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """Return the tests by name."""
        return {"resource_id": resource_id}
