# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter validation_summary; its documentation is in the YAML file of its name."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.privatelink.azure.plugins.module_utils._views.validation import validated


def validation_summary(value: t.Any, inside: t.Any = (), outside: t.Any = ()) -> dict[str, t.Any]:
    """Return one verdict for each vault."""
    try:
        return validated(value["vaults"], list(inside), list(outside))
    except (AttributeError, KeyError, TypeError) as error:
        message = (
            f"privatelink.azure.validation_summary: {type(error).__name__}: {error}; pass registered results of the modules named there."
        )
        raise AnsibleFilterError(message) from None


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by name."""
        return {"validation_summary": validation_summary}
