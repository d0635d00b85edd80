# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several providers share: locations, etags, names, pages of lists."""

from __future__ import annotations

import base64
import itertools
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from emulator.errors import ArmError, Json, bad_request, network_error
from emulator.store import Listing, Record
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

_WORDS = (
    "southeast|northeast|east|west|north|south|central|us(?=gov)|us(?!gov)|gov|virginia|arizona|texas|uk|uae|euap|africa|new|zealand|[0-9]+|"
    "europe|asia|france|germany|sweden|switzerland|norway|poland|italy|spain|austria|belgium|japan|australia|korea|india|indonesia|malaysia|"
    "israel|qatar|brazil|canada|mexico|chile|china"
)
_CAPITALS = ("us", "uk", "uae", "euap")


def displayed(location: str) -> str:
    """``westus2`` as people read it: ``West US 2``."""
    return " ".join(each.upper() if each in _CAPITALS else each.capitalize() for each in re.findall(_WORDS, location))


GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
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
        if call.route.type == GROUPS:  # second-hand: code and text
            text = f"The provided location '{location}' is not available for resource group. List of available regions is '{known}'."
            raise ArmError(400, "LocationNotAvailableForResourceGroup", text)
        raise ArmError(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type '{call.route.namespace}/{kind}'. "
            f"List of available regions for the resource type is '{known}'.",
        )
    if call.route.type != GROUPS:
        _check_place(call, str(location))
    return str(location)


def _check_place(call: Call, location: str) -> None:
    """A resource stays where it is; second-hand: code and text, which are the gateway's (azure-docs#70422, rancher#15651)."""
    existing = call.emulator.store.get(call.id)
    before = existing.document.get("location") if existing else None
    if existing and before and normalized(before) != normalized(location):
        text = (
            f"The resource '{existing.name}' already exists in location '{normalized(before)}' in resource group '{call.group}'. "
            f"A resource with the same name cannot be created in location '{normalized(location)}'. Please select a new resource name."
        )
        raise ArmError(409, "InvalidResourceLocation", text)


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


_RESERVED = frozenset("<>%&\\?/")


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
    # second-hand: which characters (azure-docs#5647, azure-service-operator#805); unrecorded: code and text
    odd = [name for name in tags if _RESERVED.intersection(name)]
    if odd:
        text = f"The tag names '{','.join(odd)}' have reserved characters '{','.join(sorted(_RESERVED))}'."
        raise bad_request("InvalidTagNameCharacters", text)
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


def same_etag(wanted: str, etag: object) -> bool:
    """Whether a condition names an etag, with the quotes of HTTP or without: the newest SDKs add them, az does not (wire facts 7)."""
    return isinstance(etag, str) and _bare(wanted) == _bare(etag)


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')


def check_if_match(call: Call, existing: Record | None) -> None:
    """If-Match and If-None-Match as Microsoft.Network honours them; second-hand: code and text (cloud-provider-azure#9729)."""
    wanted = call.headers.get("If-Match")
    etag = existing.document.get("etag") if existing else None
    if wanted and wanted != "*" and not same_etag(wanted, etag):
        detail = f"Etag provided in if-match header {wanted} does not match etag {etag} of resource {call.id} in NRP data store."
        raise network_error(
            412, "PreconditionFailed", "Precondition failed.", details=[{"code": "PreconditionFailedEtagMismatch", "message": detail}]
        )
    if call.headers.get("If-None-Match") == "*" and existing:
        detail = f"Resource {call.id} exists already."
        raise network_error(
            412, "PreconditionFailed", "Precondition failed.", details=[{"code": "PreconditionFailedResourceExists", "message": detail}]
        )


def collection(call: Call, resource_type: str = "") -> Listing:
    """What a list's path names: the resources of a type in the group, or in the whole subscription."""
    store = call.emulator.store
    return store.collection(call.id) if call.group else store.typed(call.subscription, resource_type or call.route.type)


def listed(
    call: Call, records: Listing | list[Record], render: Callable[[Record], Any], *, keep: Callable[[Record], bool] | None = None
) -> Reply:
    """A list, in pages where the settings or ``$top`` ask for them; the next page's link is absolute.

    A page's token names the record that the page before ended with, by its place in the order of creation: so
    what is deleted or made meanwhile moves nobody to another page. ``keep`` leaves records out.
    """
    mark = _mark(call)
    if isinstance(records, Listing):
        rest = records.after(int(mark) if isinstance(mark, int) else 0)
    else:
        rest = (each for each in records if each.number > (mark if isinstance(mark, int) else 0))
    return _page(call, (each for each in rest if keep is None or keep(each)), render, lambda record: record.number)


def listed_by(call: Call, records: Iterable[Record], render: Callable[[Record], Any], key: Callable[[Record], str]) -> Reply:
    """A list in an order of its own; the token has the key of the record that the page before ended with."""
    mark = _mark(call)
    rest = (each for each in sorted(records, key=key) if mark is None or key(each) > str(mark))
    return _page(call, rest, render, key)


def paged(call: Call, entries: list[Any], render: Callable[[Any], Any]) -> Reply:
    """A list of what does not change: the token has the place in it."""
    mark = _mark(call)
    numbered = list(enumerate(entries, 1))[mark if isinstance(mark, int) else 0 :]
    return _page(call, iter(numbered), lambda pair: render(pair[1]), lambda pair: pair[0])


def _page(call: Call, rest: Iterator[Any], render: Callable[[Any], Any], mark: Callable[[Any], str | int]) -> Reply:
    size = _size(call)
    chosen = list(itertools.islice(rest, size or None))
    body: Json = {"value": [render(each) for each in chosen]}
    if size and chosen and next(rest, None) is not None:
        body["nextLink"] = next_link(call, mark(chosen[-1]))
    return Reply(200, body)


def _size(call: Call) -> int:
    size, top = call.emulator.settings.page_size, call.query.get("$top")
    if top is None:
        return size
    if not top.isdigit() or not int(top):
        raise bad_request("InvalidTopQueryParameter", f"The value '{top}' of $top is not valid: it is a number from 1.")  # unrecorded
    return min(size, int(top)) if size else int(top)


def next_link(call: Call, mark: str | int) -> str:
    token = base64.urlsafe_b64encode(json.dumps(mark).encode()).decode().rstrip("=")
    kept = {name: value for name, value in call.query.items() if name != "$skiptoken"}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in kept.items())
    return call.url(call.id, f"{query}&$skiptoken={token}")


def _mark(call: Call) -> str | int | None:
    token = call.query.get("$skiptoken", "")
    if not token:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if isinstance(found, str | int):
            return found
    except ValueError:
        pass
    raise bad_request("InvalidSkipToken", f"The provided skip token '{token}' is not valid.")
