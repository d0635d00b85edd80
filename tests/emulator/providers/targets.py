# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a private endpoint can lead to: groups, members and names of each kind, and the connection at the target's side."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from emulator import ids
from emulator.core import Emulator
from emulator.errors import Json
from emulator.store import Record

PLS = "microsoft.network/privatelinkservices"
VAULTS = "microsoft.keyvault/vaults"
HSMS = "microsoft.keyvault/managedhsms"
STORAGE = "microsoft.storage/storageaccounts"


@dataclass(frozen=True, slots=True)
class Group:
    """A group id of a kind of target. ``pending`` is the name shown before approval (wire facts 2; empty: none)."""

    members: tuple[str, ...]
    fqdn: str
    zone: str
    pending: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A type of target: ``approved`` is the description after automatic approval, ``action`` the right
    to approve, ``version`` what endpoints speak.
    """

    type: str
    groups: dict[str, Group]
    approved: str
    action: str
    version: str


KINDS = {
    VAULTS: Kind(
        "Microsoft.KeyVault/vaults",
        {"vault": Group(("default",), "{name}.vault.azure.net", "privatelink.vaultcore.azure.net", "{name}.vaultcore.azure.net")},
        "",
        "Microsoft.KeyVault/vaults/PrivateEndpointConnectionsApproval/action",
        "2018-02-14",
    ),
    HSMS: Kind(
        "Microsoft.KeyVault/managedHSMs",
        {"managedhsm": Group(("default",), "{name}.managedhsm.azure.net", "privatelink.managedhsm.azure.net")},
        "",
        "Microsoft.KeyVault/managedHSMs/PrivateEndpointConnectionsApproval/action",
        "2021-04-01-preview",  # unrecorded
    ),
    STORAGE: Kind(
        "Microsoft.Storage/storageAccounts",
        {
            each: Group((each,), f"{{name}}.{each}.core.windows.net", f"privatelink.{each}.core.windows.net")
            for each in ("blob", "table", "queue", "file", "web", "dfs")
        },
        "Auto-Approved",
        "Microsoft.Storage/storageAccounts/PrivateEndpointConnectionsApproval/action",
        "2019-04-01",
    ),
    PLS: Kind(
        "Microsoft.Network/privateLinkServices",
        {},
        "Auto Approved",
        "Microsoft.Network/privateLinkServices/PrivateEndpointConnectionsApproval/action",
        "2018-08-01",
    ),
}


def kind_of(target: str) -> Kind | None:
    parsed = ids.parse(target)
    return KINDS.get(parsed.type) if parsed else None


def resolve(emulator: Emulator, target: str) -> Record | None:
    """The target by id, or a private link service by its alias."""
    if not target.startswith("/"):
        services = emulator.store.all_of_type(PLS)
        return next((each for each in services if each.properties.get("alias", "").lower() == target.lower()), None)
    return emulator.store.get(target)


def connect(emulator: Emulator, endpoint: Record, connection: Json, target: Record, *, automatic: bool) -> Record:
    """The connection as the target has it, made once the endpoint is provisioned."""
    parsed = ids.parse(target.id)
    kind = KINDS[parsed.type] if parsed else KINDS[VAULTS]
    message = connection["properties"].get("requestMessage", "")
    status = "Approved" if automatic else "Pending"
    name = _name(emulator, kind, endpoint, connection["name"], target)
    record_id = f"{target.id}/privateEndpointConnections/{name}"
    state: Json = {"status": status, "actionsRequired": "None"}
    description = kind.approved if automatic else message
    if description or kind.type not in (KINDS[VAULTS].type, KINDS[HSMS].type):
        state["description"] = description
    document: Json = {"id": record_id, "name": name, "type": f"{kind.type}/privateEndpointConnections"}
    document["properties"] = {
        "provisioningState": "Succeeded",
        "privateEndpoint": {"id": endpoint.id},
        "privateLinkServiceConnectionState": state,
    }
    if kind.type == KINDS[HSMS].type:
        document["type"] = "Microsoft.KeyVault/vaults/privateEndpointConnections"  # as recorded (wire facts 3)
    if kind.type in (KINDS[VAULTS].type, KINDS[HSMS].type):
        document["location"] = target.document["location"]
    if kind.type == KINDS[PLS].type:
        document["properties"] |= {
            "linkIdentifier": str(int(uuid.uuid4().hex[:7], 16)),
            "privateEndpointLocation": endpoint.document["location"],
        }
    return emulator.store.put(record_id, document, {"endpoint": endpoint.id, "connection": connection["name"]})


def _name(emulator: Emulator, kind: Kind, endpoint: Record, connection: str, target: Record) -> str:
    """How each kind names connections (wire facts 3)."""
    if kind.type == KINDS[STORAGE].type:
        return f"{target.name}.{uuid.uuid4()}"
    if kind.type == KINDS[PLS].type:
        return f"{endpoint.name}.{endpoint.properties['resourceGuid']}"
    other = emulator.store.get(f"{target.id}/privateEndpointConnections/{connection}")
    if other is None or ids.same(other.hidden.get("endpoint"), endpoint.id):
        return connection
    # unrecorded: a second endpoint whose connection has the same name
    return f"{connection}_{endpoint.properties['resourceGuid']}"


def find(emulator: Emulator, endpoint: Record, connection: str) -> Record | None:
    """The target's side of an endpoint's connection."""
    found = emulator.store.get(endpoint.hidden.get("connections", {}).get(connection))
    return found if found and ids.same(found.hidden.get("endpoint"), endpoint.id) else None
