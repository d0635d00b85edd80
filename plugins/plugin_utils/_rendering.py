# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a value that is a template which cannot be rendered."""

from __future__ import annotations

import re

from ansible.errors import AnsibleError

from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, echoed


def not_rendered(name: str, error: AnsibleError) -> OptionError:
    """Return the refusal of an option or variable whose value Ansible could not render, in one sentence that names it."""
    undefined = re.search(r"'([^']+)' is undefined", str(error))
    if undefined:
        return OptionError(name, f"its value uses '{echoed(undefined[1])}', which is not defined; define it, or correct the name.")
    return OptionError(name, f"its value is a template that cannot be rendered: {echoed(str(error).rstrip('.'), 300)}.")
