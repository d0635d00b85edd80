# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of resources that can be absent. The option is module_utils/_options.py, STATE."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.state."""

    DOCUMENTATION = r"""
options:
  state:
    description: Whether the resource exists. V(absent) also succeeds if the parent resource does not exist.
    type: str
    choices: [present, absent]
    default: present
"""
