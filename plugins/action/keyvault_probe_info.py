# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run privatelink.azure.keyvault_probe_info in process where that is the same thing."""

from __future__ import annotations

from ansible_collections.privatelink.azure.plugins.modules.keyvault_probe_info import MODULE
from ansible_collections.privatelink.azure.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """Action of the module of the same name."""

    module = MODULE
