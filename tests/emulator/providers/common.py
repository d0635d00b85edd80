# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several providers share: locations, etags, names, pages of lists."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from emulator.errors import ArmError, Json, bad_request, network_error
from emulator.store import Record
from emulator.wire import Call, Reply

# fmt: off
LOCATIONS = frozenset((
    "eastus", "eastus2", "westus", "westus2", "westus3", "centralus", "northcentralus", "southcentralus", "westcentralus", "northeurope",
    "westeurope", "uksouth", "ukwest", "francecentral", "francesouth", "germanywestcentral", "germanynorth", "swedencentral",
    "swedensouth", "switzerlandnorth", "switzerlandwest", "norwayeast", "norwaywest", "polandcentral", "italynorth", "spaincentral",
    "austriaeast", "belgiumcentral", "eastasia", "southeastasia", "japaneast", "japanwest", "australiaeast", "australiasoutheast",
    "australiacentral", "koreacentral", "koreasouth", "centralindia", "southindia", "westindia", "indonesiacentral", "malaysiawest",
    "newzealandnorth", "israelcentral", "qatarcentral", "uaenorth", "uaecentral", "southafricanorth", "southafricawest", "brazilsouth",
    "brazilsoutheast", "canadacentral", "canadaeast", "mexicocentral", "chilecentral", "centraluseuap", "eastus2euap", "usgovvirginia",
    "usgovarizona", "usgovtexas", "chinaeast2", "chinanorth2", "chinaeast3", "chinanorth3",
))
# fmt: on

_NETWORK_NAME = re.compile(r"^[A-Za-z0-9]([\w.-]*\w)?$")
NAME_LENGTHS = {"virtualNetworks": 64, "subnets": 80, "privateEndpoints": 64, "networkInterfaces": 80}


def normalized(location: object) -> str:
    """``West US`` as the network provider gives it back: ``westus``."""
    return str(location or "").replace(" ", "").lower()


def location_of(call: Call) -> str:
    """The location of a body, which has to be one of Azure's regions; as it was written."""
    location = call.document().get("location")
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if normalized(location) not in LOCATIONS:
        known = ",".join(sorted(LOCATIONS))
        kind = call.route.type.partition("/")[2]
        raise ArmError(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type '{call.route.namespace}/{kind}'. "
            f"List of available regions for the resource type is '{known}'.",
        )
    return str(location)


def check_network_name(call: Call, kind: str) -> str:
    """Names of Microsoft.Network: letters, digits, ``_ . -``; a letter or digit first, a letter, digit or ``_`` last."""
    name = call.name
    longest = NAME_LENGTHS.get(kind, 80)
    if not _NETWORK_NAME.match(name) or len(name) > longest:
        raise network_error(
            400,
            "InvalidResourceName",
            f"Resource name {name} is invalid. The name can be up to {longest} characters "
            "long. It must begin with a word character, and it must end "
            "with a word "
            "character or with '_'. The name may contain word characters or '.', '-', '_'.",
        )
    return name


def new_etag() -> str:
    return f'W/"{uuid.uuid4()}"'


def tags_of(body: Json) -> Json:
    """``{"tags": ...}`` where tags were sent; checked as ARM does."""
    tags = body.get("tags")
    if tags is None:
        return {}
    if not isinstance(tags, dict) or any(not isinstance(value, str) for value in tags.values()):
        raise bad_request("InvalidTags", "The tags are not valid: they must be an object of strings.")
    if len(tags) > 50:
        raise bad_request(
            "InvalidNumberOfTags", f"The number of tags '{len(tags)}' is not valid. The maximum number of tags allowed is '50'."
        )
    for name, value in tags.items():
        if len(name) > 512 or len(value) > 256:
            raise bad_request("InvalidTagNameOrValue", f"The tag name or value of '{name[:40]}' is too long.")
    return {"tags": tags}


def system_data(call: Call, existing: Record | None) -> Json:
    """Who made and last changed a resource, and when."""
    now, who = call.emulator.clock.text(digits=3), call.principal.client_id
    before = existing.document.get("systemData", {}) if existing else {}
    created = {
        "createdBy": before.get("createdBy", who),
        "createdByType": before.get("createdByType", "Application"),
        "createdAt": before.get("createdAt", now),
    }
    return {**created, "lastModifiedBy": who, "lastModifiedByType": "Application", "lastModifiedAt": now}


def check_if_match(call: Call, existing: Record | None) -> None:
    """If-Match and If-None-Match as Microsoft.Network honours them; unrecorded: the text is the documented one."""
    wanted = call.headers.get("If-Match")
    etag = existing.document.get("etag") if existing else None
    if wanted and wanted not in ("*", etag):
        detail = f"Etag provided in if-match header {wanted} does not match etag {etag} of resource {call.id} in NRP data store."
        raise network_error(
            412, "PreconditionFailed", "Precondition failed.", details=[{"code": "PreconditionFailedEtagMismatch", "message": detail}]
        )
    if call.headers.get("If-None-Match") == "*" and existing:
        detail = f"Resource {call.id} exists already."
        raise network_error(
            412, "PreconditionFailed", "Precondition failed.", details=[{"code": "PreconditionFailedResourceExists", "message": detail}]
        )


def listed(call: Call, records: Iterable[Record], render: Callable[[Record], Json], *, page: int = 0) -> Reply:
    """A list, in pages where the settings or ``$top`` ask for them; the next page's link is absolute."""
    return paged(call, list(records), render, page)


def paged(call: Call, entries: list[Any], render: Callable[[Any], Json], page: int = 0) -> Reply:
    size = page or call.emulator.settings.page_size
    top = call.query.get("$top", "")
    if top.isdigit() and int(top):
        size = min(size, int(top)) if size else int(top)
    start = _start(call.query.get("$skiptoken", call.query.get("$skipToken", "")))
    chosen = entries[start : start + size] if size else entries[start:]
    body: Json = {"value": [render(each) for each in chosen]}
    if size and start + size < len(entries):
        body["nextLink"] = next_link(call, start + size)
    return Reply(200, body)


def next_link(call: Call, start: int) -> str:
    token = base64.urlsafe_b64encode(f"start={start}".encode()).decode().rstrip("=")
    kept = {name: value for name, value in call.query.items() if name.lower() != "$skiptoken"}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in kept.items())
    return call.url(call.path, f"{query}&$skiptoken={token}")


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().removeprefix("start="))
    except ValueError:
        raise bad_request("InvalidSkipToken", f"The provided skip token '{token}' is not valid.") from None
