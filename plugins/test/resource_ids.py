# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests for Azure resource ids; the documentation is in the YAML file of their name."""

from __future__ import annotations

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._id_parts import is_id


class TestModule:
    """The tests of this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """Return the tests by name."""
        return {"resource_id": is_id}
