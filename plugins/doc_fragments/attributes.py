# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module supports."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.attributes, and .info for modules that only read."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/privatelink.azure.azure) in C(module_defaults) to set the options of all modules at once.
    support: full
    membership:
      - privatelink.azure.azure
  check_mode:
    description: Shows exactly what a run would change, and writes nothing. Values that only Azure knows are shown as C((known after
      apply\)).
    support: full
  diff_mode:
    description: Shows only the properties that differ.
    support: full
  idempotent:
    description: A second run changes nothing and writes nothing.
    support: full
"""

    INFO = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/privatelink.azure.azure) in C(module_defaults) to set the options of all modules at once.
    support: full
    membership:
      - privatelink.azure.azure
  check_mode:
    description: Behaves the same in check mode, since it only reads.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: N/A
  idempotent:
    description: Reads only.
    support: N/A
"""
