# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Management locks."""

from __future__ import annotations

from .._azure import kinds
from .extension import ExtensionResource


class ManagementLock(ExtensionResource):
    """
    A lock on a resource, group or subscription and all below it. Source: REST reference, Management Locks - Management Locks, By Scope.
    """

    kind = kinds.LOCK
    key = "management_lock"
    caseless = ("properties.level",)
