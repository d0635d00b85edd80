# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of resources that come and go. The option is module_utils/_options.py, STATE."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.state."""

    DOCUMENTATION = r"""
options:
  state:
    description: Whether the resource exists. V(absent) is also satisfied where what it is nested in is gone.
    type: str
    choices: [present, absent]
    default: present
"""
