# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of resources that support tags. The options are module_utils/_options.py, TAGS."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.tags."""

    DOCUMENTATION = r"""
options:
  tags:
    description: Tags of the resource. Names are case-insensitive, as in Azure. Leave it out to keep the tags unchanged.
    type: dict
  append_tags:
    description: Whether to keep tags that are not in O(tags). V(false) removes them.
    type: bool
    default: true
"""
