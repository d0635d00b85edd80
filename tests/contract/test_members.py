# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's table of members against Azure's OpenAPI documents: it knows what they declare, and beside that only what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.arm import ROUTER
from contract.specification import Operation, Specifications
from emulator.members import BODIES, MEMBERS
from emulator.understood import read

RECORDED = {
    # what recorded answers show and no document declares; clients send it back
    *(("PrivateDnsZoneConfig", each) for each in ("id", "type", "etag")),
    *(("PrivateEndpointIPConfigurationProperties", each) for each in ("provisioningState",)),
    *(("PrivateDnsZonePropertiesFormat", each) for each in ("provisioningState",)),
    *(("PrivateEndpointProperties", each) for each in ("resourceGuid",)),
    *(("PrivateEndpointIPConfiguration", each) for each in ("id",)),
    *(("PrivateDnsZoneGroup", each) for each in ("type",)),
    *(("VirtualNetworkRule", each) for each in ("state", "action")),
    *(("PrivateEndpointConnectionProperties", each) for each in ("groupIds", "linkIdentifier", "privateEndpointLocation")),
    # a resource as it is read has more than the one of its document for writing
    *(("Vault", each) for each in ("id", "name", "type", "etag", "systemData")),
    *(("ResourceGroup", each) for each in ("etag",)),
}


def bodies(specifications: Specifications) -> Iterator[tuple[Operation, str, Any]]:
    """The operations that take a body which the table knows, with its type there, and a body that has every member that is declared."""
    for operation in specifications.operations:
        path = operation.path
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", "A")
        found = ROUTER.find(operation.method, path)[0]
        kind = BODIES.get((operation.method, found.type)) if found else None
        schema = next((each["schema"] for each in operation.parameters if each["in"] == "body"), None)
        if kind and schema:
            yield operation, kind, operation.document.full(schema)


def test_every_declared_member_is_known_and_read_as_what_it_is(specifications: Specifications) -> None:
    seen = set()
    for operation, kind, body in bodies(specifications):
        seen.add(kind)
        assert read(body, kind) == body, str(operation)
    assert len(seen) > 10


def declared(kind: str, body: Any) -> Iterator[tuple[str, str]]:
    """The members of the table that a body shows."""
    for name, value in body.items() if isinstance(body, dict) else ():
        yield kind, name
        inner = MEMBERS[kind][name].strip("[]")
        for each in value if isinstance(value, list) else [value]:
            if inner in MEMBERS:
                yield from declared(inner, each)


def test_the_table_has_nothing_of_its_own(specifications: Specifications) -> None:
    found = {member for _operation, kind, body in bodies(specifications) for member in declared(kind, body)}
    kinds = {kind for kind, _name in found}
    own = {(kind, name) for kind in kinds for name in MEMBERS[kind]} - found
    assert own - RECORDED == set()
    assert RECORDED - own == set(), "these are declared by now, or no longer in the table"
