# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to the registration of a resource provider."""

from __future__ import annotations

import typing as t

from .._identity import InSubscription
from .._options import STATE, Spec
from .._resources.resource_provider import ResourceProvider
from .._values import namespace_of

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = InSubscription(provider=True, check=namespace_of)


OPTIONS: Spec = STATE


def resources(task: Task) -> list[ResourceProvider]:
    """Map the options to the resource."""
    provider = IDENTITY.of(task)
    return [
        ResourceProvider(provider.subscription, namespace_of(provider.type, "id" if task["id"] else "name"), registered=not task.absent)
    ]
