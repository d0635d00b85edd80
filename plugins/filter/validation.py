# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter validation_summary; its documentation is in the YAML file of its name."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._views.validation import summary_of


def validation_summary(value: t.Any, inside: t.Any = (), outside: t.Any = ()) -> dict[str, t.Any]:
    """Return one verdict for each vault."""
    try:
        return summary_of(value, inside, outside)
    except Problem as problem:
        raise AnsibleFilterError(f"privatelink.azure.validation_summary: {problem.message}.") from None


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by name."""
        return {"validation_summary": validation_summary}
