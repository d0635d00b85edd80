# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record sets of private DNS zones (wire facts 7 and 8): synchronous, with etags, and errors without the wrapper."""

from __future__ import annotations

import uuid
from typing import Any

from emulator import ids
from emulator.core import Emulator
from emulator.errors import ArmError, Json, parent_not_found, resource_not_found
from emulator.providers import private_dns, record_checks
from emulator.providers.common import listed_by, same_etag
from emulator.providers.record_checks import refusal as _error
from emulator.store import Record
from emulator.wire import Call, Reply, route

KINDS = {
    "A": "aRecords",
    "AAAA": "aaaaRecords",
    "CNAME": "cnameRecord",
    "MX": "mxRecords",
    "PTR": "ptrRecords",
    "SOA": "soaRecord",
    "SRV": "srvRecords",
    "TXT": "txtRecords",
}
_SINGLE = ("cnameRecord", "soaRecord")


def _kind(call: Call) -> str:
    kind = call.parameters["kind"].upper()
    if kind not in KINDS:
        raise ArmError(
            404,
            "InvalidResourceType",
            f"The resource type 'privateDnsZones/{call.parameters['kind']}' could not be "
            "found in the namespace 'Microsoft.Network' for api version "
            f"'{call.api_version}'.",
        )
    return kind


def _target(call: Call) -> tuple[str, str, str]:
    """Id, kind and name of the record set; the kind in capitals, the name in small letters (specification's example)."""
    kind, name = _kind(call), call.parameters["name"].lower()
    zone = private_dns.zone_of(call)
    parent = f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{private_dns.ZONE}/{call.parameters['zone']}"
    if zone is None:
        if call.method in ("PUT", "PATCH"):
            raise parent_not_found("write", f"privateDnsZones/{kind}", parent)
        if call.method == "GET":
            raise resource_not_found(f"{private_dns.ZONE}/{call.parameters['zone']}", call.group)
    return f"{zone.id if zone else parent}/{kind}/{name}", kind, name


def _check_etag(call: Call, existing: Record | None, name: str) -> None:
    wanted = call.headers.get("If-Match")
    if call.headers.get("If-None-Match") == "*" and existing:
        raise _error(412, "PreconditionFailed", f"The Record set {name} exists already and hence cannot be created again.")
    if wanted and wanted != "*" and (existing is None or not same_etag(wanted, existing.document["etag"])):
        raise _error(412, "PreconditionFailed", f"The Record set {name} has been modified (etag mismatch).")


def _put(call: Call) -> Reply:
    record_id, kind, name = _target(call)
    existing = call.emulator.store.get(record_id)
    _check_etag(call, existing, name)
    sent = call.properties()
    record_checks.name(kind, name, call.parameters["zone"])
    if existing is None:
        _check_room(call, record_id, kind, name)
    properties: Json = {"metadata": sent["metadata"]} if sent.get("metadata") else {}
    properties |= {
        "fqdn": _fqdn(name, call.parameters["zone"]),
        "ttl": _ttl(sent),
        **_records(call, kind, sent, existing),
        "isAutoRegistered": False,
    }
    record = _store(call.emulator, record_id, kind, properties)
    return Reply(200 if existing else 201, record.document, {"ETag": record.document["etag"]})


def _patch(call: Call) -> Reply:
    record_id, kind, name = _target(call)
    existing = call.emulator.store.get(record_id)
    if existing is None:
        raise _missing(call, name)
    _check_etag(call, existing, name)
    sent, properties = call.properties(), dict(existing.properties)
    if "metadata" in sent:
        properties["metadata"] = sent["metadata"]
        if not sent["metadata"]:
            del properties["metadata"]
    if sent.get("ttl") is not None:
        properties["ttl"] = _ttl(sent)
    if KINDS[kind] in sent:
        properties |= _records(call, kind, sent, existing)
    record = _store(call.emulator, record_id, kind, properties)
    return Reply(200, record.document, {"ETag": record.document["etag"]})


def _store(emulator: Emulator, record_id: str, kind: str, properties: Json, endpoint: str = "") -> Record:
    document: Json = {
        "id": record_id,
        "name": ids.name_of(record_id),
        "type": f"{private_dns.ZONE}/{kind}",
        "etag": str(uuid.uuid4()),
        "properties": properties,
    }
    return emulator.store.put(record_id, document, {"endpoint": endpoint} if endpoint else {})


def _fqdn(name: str, zone: str) -> str:
    return f"{zone}." if name == "@" else f"{name}.{zone}."


def _ttl(sent: Json) -> int:
    ttl = 3600 if sent.get("ttl") is None else sent["ttl"]
    if not isinstance(ttl, int) or not 1 <= ttl <= 2147483647:
        raise _error(400, "BadRequest", f"The TTL '{ttl}' is not valid; it is between 1 and 2147483647 seconds.")
    return ttl


def _records(call: Call, kind: str, sent: Json, existing: Record | None) -> Json:
    """The records of a body under their own key; an empty set is legal (recorded)."""
    key = KINDS[kind]
    record_checks.records(kind, key, sent, frozenset(KINDS.values()))
    if key in _SINGLE:
        found: Any = sent.get(key)
        if kind == "SOA" and existing:
            before = existing.properties["soaRecord"]
            found = {**before, **(found or {}), "host": before["host"], "serialNumber": before["serialNumber"]}
        return {key: found} if found else {}
    records = sent.get(key) or []
    most = call.emulator.settings.limits["records_per_set"]
    if len(records) > most:
        raise _error(400, "BadRequest", f"The record set has {len(records)} records; it can have at most {most}.")
    return {key: records}


def _check_room(call: Call, record_id: str, kind: str, name: str) -> None:
    """The zone is not full, and a CNAME stands alone."""
    zone = call.emulator.store.get(record_id.rsplit("/", 2)[0])
    if zone is None:
        return
    most = call.emulator.settings.limits["record_sets_per_zone"]
    if private_dns.record_count(call.emulator, zone) >= most:
        raise _error(400, "BadRequest", f"The zone {zone.name} has reached its limit of {most} record sets.")
    others = [each for each in KINDS if each != kind and f"{zone.id}/{each}/{name}" in call.emulator.store]
    if (kind == "CNAME" and others) or "CNAME" in others:
        raise _error(
            400,
            "CannotAddRecordSetWithCNAME",
            f"The record set '{name}' could not be created because a CNAME record set can not share its name with another record set.",
        )


def _missing(call: Call, name: str) -> ArmError:
    return _error(
        404,
        "NotFound",
        f"The resource record '{name}' does not exist in resource group '{call.group}' of subscription '{call.subscription}'.",
    )


def _get(call: Call) -> Reply:
    record_id, _unused, name = _target(call)
    record = call.emulator.store.get(record_id)
    if record is None:
        raise _missing(call, name)
    return Reply(200, record.document, {"ETag": record.document["etag"]})


def _delete(call: Call) -> Reply:
    """unrecorded: a set that is missing answers 204, as the specification has it."""
    record_id, kind, name = _target(call)
    existing = call.emulator.store.get(record_id)
    if existing is None:
        return Reply(204)
    if kind == "SOA":
        raise _error(400, "BadRequest", "The SOA record set cannot be deleted.")
    _check_etag(call, existing, name)
    call.emulator.store.delete(record_id)
    return Reply(200)


def _list(call: Call) -> Reply:
    kind = call.parameters.get("kind", "ALL").upper()
    if kind != "ALL":
        kind = _kind(call)
    zone = private_dns.zone_of(call)
    if zone is None:
        raise resource_not_found(f"{private_dns.ZONE}/{call.parameters['zone']}", call.group)
    kinds = sorted(KINDS) if kind == "ALL" else [kind]
    # by name, then by type (recorded: an imported zone)
    records = (each for one in kinds for each in call.emulator.store.children(f"{zone.id}/{one}"))
    suffix = call.query.get("$recordsetnamesuffix", "").lower()
    chosen = (each for each in records if each.name.endswith(suffix))
    return listed_by(call, chosen, lambda record: record.document, lambda record: f"{record.name} {record.id.rsplit('/', 2)[1]}")


def write_a(emulator: Emulator, record_id: str, addresses: list[str], ttl: int, metadata: Json, endpoint: str) -> None:
    """An A record set that a zone group writes; one that is as wanted keeps its etag."""
    zone, name = ids.name_of(record_id.rsplit("/", 2)[0]), ids.name_of(record_id)
    records = [{"ipv4Address": each} for each in addresses]
    properties = {"metadata": metadata, "fqdn": _fqdn(name, zone), "ttl": ttl, "aRecords": records, "isAutoRegistered": False}
    existing = emulator.store.get(record_id)
    if existing is None or existing.properties != properties:
        _store(emulator, record_id, "A", properties, endpoint)


_Z = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{private_dns.ZONE}/{{zone}}"
_R = _Z + "/{kind}/{name}"
# Azure has a permission for each type of record, and two for all types.
_READ, _WRITE, _DELETE = (f"{private_dns.ZONE}/{{kind}}/{each}" for each in ("read", "write", "delete"))

ROUTES = [
    route("GET", _Z + "/ALL", _list, f"{private_dns.ZONE}/ALL/read", ("$recordsetnamesuffix",)),
    route("GET", _Z + "/recordsets", _list, f"{private_dns.ZONE}/recordsets/read", ("$recordsetnamesuffix",)),
    route("GET", _Z + "/{kind}", _list, _READ, ("$recordsetnamesuffix",)),
    route("GET", _R, _get, _READ),
    route("PUT", _R, _put, _WRITE),
    route("PATCH", _R, _patch, _WRITE),
    route("DELETE", _R, _delete, _DELETE),
]
