# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Management locks."""

from __future__ import annotations

from .extension import ExtensionResource


class ManagementLock(ExtensionResource):
    """A lock on a resource, group or subscription and all below it. Source: REST reference, Management Locks - Management Locks, By Scope."""

    type = "Microsoft.Authorization/locks"
    title = "management lock"
    key = "management_lock"
    api_version = "2020-05-01"
    caseless = ("properties.level",)
