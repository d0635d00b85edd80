# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of requests as Azure's readers understand them: names without regard to case, values of the right kind, nothing unknown.

second-hand: code and words of the refusals, which are those of the reader that ARM and Microsoft.Network use (azure-powershell#13544,
azure-cli#16205).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator import ids
from emulator.errors import Json, invalid_content, linked_invalid, network_error
from emulator.members import BODIES, MEMBERS

if TYPE_CHECKING:
    from emulator.wire import Call

_NAMES = {kind: {name.lower(): name for name in members} for kind, members in MEMBERS.items()}
_COMMON = {
    each.lower(): each for each in ("id", "name", "type", "location", "tags", "etag", "properties", "sku", "kind", "identity", "zones")
}
_WORDS = {"text": "string", "bool": "boolean", "int": "integer"}


class Misread(Exception):
    """What is wrong with a body, and where."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(f"{text}. Path '{path.lstrip('.')}'.")


REFERENCES = {
    "networkSecurityGroup": "networkSecurityGroups",
    "routeTable": "routeTables",
    "natGateway": "natGateways",
    "ddosProtectionPlan": "ddosProtectionPlans",
    "subnet": "virtualNetworks/subnets",
    "serviceEndpointPolicies": "serviceEndpointPolicies",
    "applicationSecurityGroups": "applicationSecurityGroups",
    "sourceApplicationSecurityGroups": "applicationSecurityGroups",
    "destinationApplicationSecurityGroups": "applicationSecurityGroups",
}
"""Members of Microsoft.Network that refer to another of its resources, by the type of that."""


def understand(call: Call) -> None:
    """Give a call the body that Azure understands.

    :raises ArmError: 400 in the words of the provider where there is none.
    """
    if not isinstance(call.body, dict):
        return
    kind = BODIES.get((call.method, call.route.type))
    if kind is None:
        call.body = {_COMMON.get(name.lower(), name): value for name, value in call.body.items()}
        return
    network = call.route.namespace == "Microsoft.Network" and not call.route.type.startswith("Microsoft.Network/privateDns")
    try:
        call.body = read(call.body, kind)
        if network:
            _check_parts(call.body, kind, "")
    except Misread as problem:
        if not network:
            # unrecorded: that private DNS, Key Vault and the extensions refuse unknown members; the specification has it so
            raise invalid_content(str(problem)) from None
        details = [{"code": "InvalidJson", "message": str(problem)}]
        raise network_error(400, "InvalidRequestFormat", "Cannot parse the request.", details=details) from None


def _check_parts(body: Json, kind: str, path: str) -> None:
    """Refuse nested resources without a name, and references that lead to no resource of the right type."""
    for name, value in body.items():
        inner, place = MEMBERS[kind][name], f"{path}.{name}".lstrip(".")
        many = inner.startswith("[")
        entries = ((f"{place}[{number}]", each) for number, each in enumerate(value or [])) if many else iter([(place, value)])
        for where, each in entries:
            if name in REFERENCES and each is not None:
                _check_reference(each.get("id"), REFERENCES[name], where)
            elif inner.strip("[]") in MEMBERS and each is not None:
                if many and {"name", "properties", "etag"} <= MEMBERS[inner[1:-1]].keys() and not each.get("name"):
                    # second-hand: nothing more is said (azure-rest-api-specs#16743, azure-resource-manager-schemas#590)
                    raise network_error(400, "InvalidRequestFormat", "Cannot parse the request.")
                _check_parts(each, inner.strip("[]"), where)


def _check_reference(reference: object, kind: str, path: str) -> None:
    """second-hand: codes and texts (azure-quickstart-templates#3785, MCW-SAP-NetWeaver-on-Azure#19)."""
    if not reference:
        details = [{"code": "MissingJsonReferenceId", "message": f"Value for reference id is missing. Path {path}."}]
        raise network_error(400, "InvalidRequestFormat", "Cannot parse the request.", details=details)
    parsed = ids.parse(reference)
    if parsed is None and not str(reference).lower().startswith("/subscriptions/"):
        raise linked_invalid(reference, f"{path}.id")
    if parsed is None or parsed.type != f"microsoft.network/{kind}".lower():
        wanted = f"The Id is expected to reference resources of type {kind}. Path {path}."
        text = f"Reference Id {reference} is not formatted correctly. {wanted}"
        details = [{"code": "InvalidJsonReferenceFormat", "message": text}]
        raise network_error(400, "InvalidRequestFormat", "Cannot parse the request.", details=details)


def read(body: Any, kind: str) -> Json:
    """A body as Azure understands it.

    :raises Misread: with what is wrong, and where.
    """
    return _object(body, kind, "")


def _object(value: Any, kind: str, path: str) -> Json:
    if not isinstance(value, dict):
        raise Misread(f"Error converting value of '{path.lstrip('.')}' to an object", path)
    found: Json = {}
    for sent, each in value.items():
        name = _NAMES[kind].get(sent.lower())
        if name is None:
            raise Misread(f"Could not find member '{sent}' on object of type '{kind}'", f"{path}.{sent}")
        found[name] = None if each is None else _value(each, MEMBERS[kind][name], name, f"{path}.{name}")
    return found


def _value(value: Any, kind: str, name: str, path: str) -> Any:
    if kind.startswith("["):
        if not isinstance(value, list):
            raise Misread(f"Error converting value of '{path.lstrip('.')}' to a list", path)
        return [_entry(each, kind[1:-1], name, f"{path}[{number}]") for number, each in enumerate(value)]
    if kind in MEMBERS:
        return _object(value, kind, path)
    if "|" in kind:
        return _one_of(value, kind.split("|"), name, path)
    return _READERS[kind](value, path)


def _entry(value: Any, kind: str, name: str, path: str) -> Any:
    if value is None or (kind != "text" and not isinstance(value, dict)) or (kind == "text" and isinstance(value, dict | list)):
        raise Misread(f"Error converting an entry of '{path.lstrip('.')}' to {'a text' if kind == 'text' else 'an object'}", path)
    return _value(value, kind, name, path)


def _text(value: Any, path: str) -> str:
    if isinstance(value, dict | list):
        raise Misread(f"Error reading string. Unexpected token: Start{'Object' if isinstance(value, dict) else 'Array'}", path)
    return value if isinstance(value, str) else str(value)


def _flag(value: Any, path: str) -> bool:
    if isinstance(value, bool | int):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _unfit(value, "bool", path)


def _number(value: Any, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return int(value) if isinstance(value, str) or (isinstance(value, float) and value.is_integer()) else _none(value, path)
    except ValueError:
        raise _unfit(value, "int", path) from None


def _none(value: Any, path: str) -> int:
    raise _unfit(value, "int", path)


def _unfit(value: Any, kind: str, path: str) -> Misread:
    if isinstance(value, str):
        return Misread(f"Could not convert string to {_WORDS[kind]}: {value}", path)
    return Misread(f"Error converting value of '{path.lstrip('.')}' to {_WORDS[kind]}", path)


def _reference(value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise Misread(f"Error converting value of '{path.lstrip('.')}' to an object", path)
    found: Json = {_COMMON.get(str(name).lower(), str(name)): each for name, each in value.items()}
    if found.get("id") is not None:
        found["id"] = _text(found["id"], f"{path}.id")
    return found


def _texts(value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise Misread(f"Error converting value of '{path.lstrip('.')}' to an object", path)
    return {name: _text(each, f"{path}.{name}") for name, each in value.items() if each is not None}


def _one_of(value: Any, known: list[str], name: str, path: str) -> str:
    found = next((each for each in known if isinstance(value, str) and each.lower() == value.lower()), None)
    if found is None:
        shown = value if isinstance(value, str) else json.dumps(value)
        raise Misread(f"Error converting value \"{shown}\" to type '{name[0].upper()}{name[1:]}'", path)
    return found


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "bool": _flag,
    "int": _number,
    "texts": _texts,
    "reference": _reference,
    "any": lambda value, _path: value,
}
