# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run privatelink.azure.endpoint_connection_approval in process where that is the same thing."""

from __future__ import annotations

from ansible_collections.privatelink.azure.plugins.modules.endpoint_connection_approval import MODULE
from ansible_collections.privatelink.azure.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """Action of the module of the same name."""

    module = MODULE
