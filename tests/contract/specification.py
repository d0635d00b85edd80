# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure's OpenAPI documents (Swagger 2.0, bundled one file per service and api-version) as validators of exchanges.

Their schemas are JSON Schema draft 4, but open: nearly nothing is required and any property may be added. Here every object with properties
is closed (allOf taken into one), what is read-only may not be sent and what is write-only not come back, and null needs x-nullable.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker, ValidationError, validators

from integration.emulation import TESTS

Json = dict[str, Any]
VARIABLE = "PRIVATELINK_SPECS"
METHODS = ("get", "put", "patch", "post", "delete", "head")
NEIGHBOURS = {"2026-02-01": "2026-05-15", "2025-04-01": "2024-07-01"}
"""api-versions that clients use and whose documents are not at hand: the nearest that are."""
UNDECLARED = frozenset({"$skiptoken", "kv-operation", "t", "c", "s", "h"})
"""Query parameters that come out of links which Azure hands out itself."""


def folder() -> Path:
    """Where the documents are: $PRIVATELINK_SPECS, else beside the checkout."""
    return Path(os.environ.get(VARIABLE) or TESTS.parent.parent / "shared" / "reference" / "specs")


_SCALARS: Json = {"string": "x", "integer": 1, "number": 1, "boolean": True}
_SHORTER = re.compile(r"^\{.*\} is ", re.DOTALL)


def _read_only(validator: Any, value: bool, instance: Any, schema: Json) -> Iterator[ValidationError]:
    if value:
        yield ValidationError("is read-only and was sent")


def _mutability(validator: Any, value: list[str], instance: Any, schema: Json) -> Iterator[ValidationError]:
    if "read" not in value:
        yield ValidationError("is write-only and came back")


_Request = validators.extend(Draft4Validator, {"readOnly": _read_only})
_Response = validators.extend(Draft4Validator, {"x-ms-mutability": _mutability})


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a document: ``path`` is its template, ``definition`` its Swagger object."""

    document: Document
    method: str
    path: str
    definition: Json

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])

    @property
    def parameters(self) -> list[Json]:
        return [each for each in self.definition.get("parameters", []) if "name" in each]

    @property
    def fixed_version(self) -> str:
        """The one api-version that the operation takes, where that is not its document's."""
        known = next((each.get("enum") for each in self.parameters if each["name"] == "api-version"), None)
        return str(known[0]) if known else ""

    @property
    def examples(self) -> dict[str, str]:
        """Titles and file names of the official examples."""
        return self.definition.get("x-ms-examples") or {}

    def __str__(self) -> str:
        return f"{self.id} ({self.document.name})"

    def request_problems(self, path: str, query: Json, body: Any) -> Iterator[str]:
        """What is wrong with a request."""
        named, requested = _match(self.path, path) or {}, {name.lower(): value for name, value in query.items()}
        for parameter in self.parameters:
            where, name = parameter["in"], parameter["name"]
            if where == "body":
                yield from self._body_problems(parameter, body)
            elif where in ("path", "query"):
                given = named.get(name) if where == "path" else requested.get(name.lower())
                if given is None:
                    if parameter.get("required"):
                        yield f"{where} parameter {name} is missing"
                elif parameter.get("type") != "integer":
                    checked = Draft4Validator(_parameter_schema(parameter), format_checker=FormatChecker())
                    yield from (f"{where} parameter {name}: {each.message}" for each in checked.iter_errors(given))
        known = {each["name"].lower() for each in self.parameters if each["in"] == "query"} | UNDECLARED
        yield from (f"query parameter {name} is not declared" for name in query if name.lower() not in known)
        if body is not None and not any(each["in"] == "body" for each in self.parameters):
            yield "a body was sent and none is declared"

    def _body_problems(self, parameter: Json, body: Any) -> Iterator[str]:
        if body is None:
            if parameter.get("required"):
                yield "the body is missing"
            return
        yield from self.document.problems(_Request, parameter["schema"], body)

    def response_problems(self, status: int, body: Any) -> Iterator[str]:
        """What is wrong with an answer."""
        declared = self.definition["responses"]
        found = declared.get(str(status), declared.get("default") if status >= 400 else None)
        if found is None and status >= 400:
            return  # private DNS's own dialects and the gateway's errors are in no document
        if found is None:
            yield f"status {status} is not declared, only {', '.join(declared)}"
        elif "schema" in found:
            if body is None:
                yield f"status {status} has no body"
            else:
                yield from self.document.problems(_Response, found["schema"], body, closed=status < 400)
        elif body not in (None, {}, ""):
            yield f"status {status} has a body and none is declared"


def _parameter_schema(parameter: Json) -> Json:
    return {name: value for name, value in parameter.items() if name in ("type", "pattern", "enum", "minLength", "maxLength", "format")}


class Document:
    """One service at one api-version."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.name = file.stem
        content = json.loads(file.read_text(encoding="utf-8"))
        self.version = str(content["info"]["version"])
        self.service = file.stem.split("-")[0]
        self._definitions: Json = content["definitions"]
        self._open = {name: _nullable(each) for name, each in self._definitions.items()}
        self._closed = {name: self._close(each) for name, each in self._definitions.items()}
        self.operations = [
            Operation(self, method.upper(), path, item[method])
            for path, item in content["paths"].items()
            for method in METHODS
            if method in item
        ]

    @property
    def examples(self) -> Path:
        """The folder of the official examples; those of a derived document are its neighbour's."""
        own = self.file.parent.parent / self.service / self.version / "examples"
        return own if own.is_dir() else next(iter(sorted((self.file.parent.parent / self.service).glob("*/examples"))))

    def find(self, method: str, path: str) -> Operation | None:
        found = [each for each in self.operations if each.method == method and _match(each.path, path) is not None]
        return min(found, key=lambda each: each.path.count("{")) if found else None

    def problems(self, kind: Any, schema: Json, body: Any, *, closed: bool = True) -> Iterator[str]:
        """What is wrong with a document by a schema of an operation."""
        definitions = self._closed if closed else self._open
        whole = {**(self._close(schema) if closed else schema), "definitions": definitions}
        for error in kind(whole, format_checker=FormatChecker()).iter_errors(body):
            place = ".".join("[]" if isinstance(each, int) else str(each) for each in error.absolute_path).replace(".[]", "[]")
            yield f"{place or 'body'}: {_SHORTER.sub(' is ', error.message)[:300]}"

    def full(self, schema: Json, inside: frozenset[str] = frozenset()) -> Any:
        """A document with every property that a schema declares; a definition that is met within itself is left empty."""
        name = schema.get("$ref", "")
        found = self._merged(self._resolved(schema))
        if "items" in found:
            return [self.full(found["items"], inside)]
        if "properties" in found:
            return {} if name in inside else {key: self.full(each, inside | {name}) for key, each in found["properties"].items()}
        return found.get("enum", [_SCALARS.get(found.get("type", ""), {})])[0]

    def _close(self, schema: Any) -> Any:
        """A schema whose objects have only the properties that are declared."""
        if isinstance(schema, list):
            return [self._close(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            beside = {name: value for name, value in schema.items() if name in ("readOnly", "x-ms-mutability")}
            return {"allOf": [{"$ref": schema["$ref"]}], **beside} if beside else {"$ref": schema["$ref"]}
        merged = self._merged(schema)
        found = {
            name: value if name in ("enum", "required", "x-ms-mutability") else self._close(value)
            for name, value in merged.items()
            if name != "properties"
        }
        if "properties" in merged:
            found["properties"] = {name: self._close(each) for name, each in merged["properties"].items()}
            found.setdefault("additionalProperties", False)
        return _nullable(found)

    def _merged(self, schema: Json) -> Json:
        """A schema with the properties of everything that it is made from."""
        parts = [self._merged(self._resolved(each)) for each in schema.get("allOf", [])]
        own = {name: value for name, value in schema.items() if name not in ("allOf", "discriminator")}
        if not parts:
            return own
        properties = {name: each for part in parts for name, each in part.get("properties", {}).items()} | own.get("properties", {})
        required = sorted({name for part in [*parts, own] for name in part.get("required", [])})
        return {**own, "properties": properties, **({"required": required} if required else {})}

    def _resolved(self, schema: Json) -> Json:
        found: Json = self._definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        return found


def _nullable(schema: Json) -> Json:
    if schema.get("x-nullable") and "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return schema


def _match(template: str, path: str) -> dict[str, str] | None:
    """The values of a template's parameters in a path, without regard to case."""
    pattern = "/".join(
        rf"(?P<p{number}>[^/]+)" if part.startswith("{") else re.escape(part) for number, part in enumerate(template.strip("/").split("/"))
    )
    found = re.fullmatch(pattern, path.strip("/"), re.IGNORECASE)
    if not found:
        return None
    parts = template.strip("/").split("/")
    return {parts[int(name[1:])].strip("{}"): value for name, value in found.groupdict().items()}


@dataclass(slots=True)
class Specifications:
    """All documents of a folder."""

    documents: list[Document] = field(default_factory=list)

    @property
    def operations(self) -> list[Operation]:
        return [each for document in self.documents for each in document.operations]

    def find(self, method: str, path: str, version: str) -> Operation | None:
        """The operation that a request asks for; of api-versions without a document, in the nearest one."""
        wanted = NEIGHBOURS.get(version, version)
        for document in self.documents:
            found = document.find(method, path)
            if found and wanted in (document.version, found.fixed_version):
                return found
        return None


def load(where: Path) -> Specifications:
    return Specifications([Document(file) for file in sorted((where / "bundles").glob("*.json"))])
