# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to the decision on a connection."""

from __future__ import annotations

import typing as t

from .._documents.ids import ENDPOINT, VAULT_CONNECTION
from .._identity import VAULT_LEVEL, Level, Nested
from .._options import STATE, Spec
from .._resources.endpoint_connection_approval import PrivateEndpointConnection
from .._spelling import VAULT_CONNECTION as SPELLING
from .._values import resource_id

if t.TYPE_CHECKING:
    from .._module import Task

IDENTITY = Nested((VAULT_LEVEL, Level(VAULT_CONNECTION, "connection_name", "id", optional=True)))


RULES = {"required_one_of": [("id", "endpoint_id", "connection_name")], "mutually_exclusive": [("id", "endpoint_id", "connection_name")]}
OPTIONS: Spec = {
    "endpoint_id": {"type": "str"},
    "status": {"type": "str", "choices": ["Approved", "Rejected"], "default": "Approved"},
    "description": {"type": "str"},
    **STATE,
}


def resources(task: Task) -> list[PrivateEndpointConnection]:
    """Map the options to the resource."""
    found = IDENTITY.of(task)
    vault, name = (found.parent, found.name) if found.type == VAULT_CONNECTION else (found, None)
    endpoint = str(resource_id(task["endpoint_id"], "endpoint_id", ENDPOINT)) if task["endpoint_id"] else None
    decision = {"status": task["status"], "description": task["description"]}
    desired = None if task.absent else {"properties": {"privateLinkServiceConnectionState": decision}}
    return [PrivateEndpointConnection(vault, desired, endpoint_id=endpoint, name=name, spelling=SPELLING)]
