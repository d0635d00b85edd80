# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure may answer, checked once where it comes in: pauses, documents, pages of lists."""

from __future__ import annotations

import datetime
import email.utils
import ipaddress
import math
import typing as t

from .._documents.compare import Document, is_word
from .._documents.operations import BAD_ENDS
from .._errors import Stopped
from . import sdk

# The headers that ask for a pause, with the seconds of their unit.
PAUSES = {"retry-after-ms": 0.001, "x-ms-retry-after-ms": 0.001, "Retry-After": 1.0}


def requested_pause(headers: t.Mapping[str, str]) -> float | None:
    """Return the pause that a server asks for in seconds, None where it asks for none or in no way that can be read.

    Source: RFC 9110 section 10.2.3 (seconds or an HTTP date); Azure sends milliseconds under two names too.
    """
    said = ((headers.get(name), unit) for name, unit in PAUSES.items())
    return next((seconds for value, unit in said if (seconds := _seconds(value, unit, headers.get("Date"))) is not None), None)


def _seconds(value: str | None, unit: float, sent: str | None) -> float | None:
    try:
        seconds = float(value or "") * unit
    except ValueError:
        return _until(value, sent) if unit == 1 else None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(date: str | None, sent: str | None) -> float | None:
    """Return the seconds until an HTTP date, 0 where it is over, None where it is no date.

    sent: when the server says that it answered, by the same clock; that of this host may be wrong.
    """
    then, now = _moment(date), _moment(sent)
    now = datetime.datetime.now(datetime.timezone.utc).timestamp() if now is None else now
    return None if then is None else max(0.0, round(then - now, 3))


def _moment(date: str | None) -> float | None:
    try:
        found = email.utils.parsedate_to_datetime(date or "")
        return (found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def json_of(response: t.Any) -> t.Any:
    """Return the JSON of an answer, None where it holds none."""
    try:
        return response.json()
    except (ValueError, RecursionError, sdk.AzureError):
        return None


def ended_badly(response: t.Any) -> bool:
    """Return whether a successful answer is no resource but the state of an operation that failed."""
    body = json_of(response)
    return isinstance(body, dict) and is_word(body.get("status"), *BAD_ENDS) and "id" not in body


# --- documents ---

_Check = t.Callable[[t.Any], bool]


def _is_text(value: t.Any) -> bool:
    return isinstance(value, str)


def _is_number(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_mapping(value: t.Any) -> bool:
    return isinstance(value, dict)


def _are_texts(value: t.Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_range(value: t.Any) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return False


def _are_ranges(value: t.Any) -> bool:
    return isinstance(value, list) and all(_is_range(item) for item in value)


def _are_mappings(value: t.Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_labels(value: t.Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


# What this collection reads of Azure's documents, at any depth: names mean the same in all of them. Null stands for what is not set.
_SHAPES: tuple[tuple[str, _Check, str], ...] = (
    (
        "text",
        _is_text,
        "actionsRequired bypass defaultAction description etag fqdn groupId id ipv4Address level location name namespace principalId"
        " privateDnsZoneId privateIPAddress privateLinkServiceId provisioningState publicNetworkAccess recordSetName registrationState"
        " requestMessage requiredMemberName roleDefinitionId scope status subscriptionId tenantId type vaultId",
    ),
    ("a number", _is_number, "maxNumberOfRecordSets maxNumberOfVirtualNetworkLinks numberOfRecordSets numberOfVirtualNetworkLinks ttl TTL"),
    (
        "a mapping",
        _is_mapping,
        "addressSpace dhcpOptions identity networkAcls networkSecurityGroup privateEndpoint "
        "privateLinkConnectionProperties privateLinkServiceConnectionState"
        " retentionPolicy routeTable sku subnet virtualNetwork",
    ),
    ("an address range", _is_range, "addressPrefix"),
    ("a list of address ranges", _are_ranges, "addressPrefixes"),
    ("a list of texts", _are_texts, "dnsServers fqdns groupIds ipAddresses"),
    (
        "a list of mappings",
        _are_mappings,
        "ARecords aRecords applicationSecurityGroups customDnsConfigs delegations "
        "ipConfigurations ipRules logs manualPrivateLinkServiceConnections"
        " metrics networkInterfaces privateDnsZoneConfigs privateEndpointConnections "
        "privateEndpoints privateLinkServiceConnections recordSets"
        " resourceTypes serviceEndpoints subnets virtualNetworkPeerings virtualNetworkRules",
    ),
    ("a mapping of texts", _is_labels, "metadata tags"),
)
_BY_NAME = {name: (words, check) for words, check, names in _SHAPES for name in names.split()}
# What each item of a list has to have, and each document of a type.
_ITEMS = {
    "aRecords": ("ipv4Address",),
    "ARecords": ("ipv4Address",),
    "applicationSecurityGroups": ("id",),
    "ipRules": ("value",),
    "networkInterfaces": ("id",),
    "privateDnsZoneConfigs": ("name",),
    "privateEndpointConnections": ("id",),
    "recordSets": ("recordSetName",),
    "subnets": ("id", "name"),
    "virtualNetworkPeerings": ("name",),
}
_USERS_OWN = ("metadata", "tags")
# What is not read here, and where the same names mean something else: the sku of an image is a text.
_UNREAD = ("imageReference",)


def fault(value: t.Any, path: str = "") -> str | None:
    """Return what is wrong with a part of a document of Azure, None where all that is read of it has the type that it should have."""
    if isinstance(value, list):
        return next((found for number, item in enumerate(value) if (found := fault(item, f"{path}[{number}]"))), None)
    if not isinstance(value, dict):
        return None
    for name, item in value.items():
        here = f"{path}.{name}" if path else name
        found = _misshapen(name, item, here) or (None if name in (*_USERS_OWN, *_UNREAD) else fault(item, here))
        if found:
            return found
    return None


def _misshapen(name: str, item: t.Any, here: str) -> str | None:
    """Return what is wrong with the value of a name itself."""
    if name == "properties" and not isinstance(item, dict):
        return f"{here} is not a mapping"
    words, check = _BY_NAME.get(name, ("", None))
    if check and item is not None and not check(item):
        return f"{here} is not {words}"
    items = enumerate(item or ()) if name in _ITEMS else ()
    return next((f"{here}[{number}] has no {needed}" for number, each in items for needed in _lacking(name, each)), None)


def _lacking(name: str, item: t.Any) -> list[str]:
    return [needed for needed in _ITEMS.get(name, ()) if not isinstance(item.get(needed), str)]


# What has a region of its own that is read; every resource of a group has properties, but in a list of several types.
_LOCATED = ("microsoft.keyvault/vaults", "microsoft.network/privateendpoints", "microsoft.network/virtualnetworks")


def mapping(value: t.Any) -> Document:
    """Return what is a mapping; Stopped says what else it is."""
    if not isinstance(value, dict):
        raise _unexpected(f"a document is a mapping, and it holds {_kind(value)}")
    found: Document = value
    return found


def checked(value: t.Any, *, mixed: bool = False, named: str = "id") -> Document:
    """Return a document of Azure that has all that every reader relies on; Stopped says what it lacks.

    mixed: it comes from a list of several types, which shows less of each. named: what tells one from another; subscriptions have no name.
    """
    document = mapping(value)
    wrong = fault(document)
    unnamed = named != "id" or "/privateendpointconnections/" in str(document.get("id")).casefold()  # which a vault shows without
    names = document.get("name") or document.get("namespace") or unnamed
    lacking = named if not document.get(named) else None if names else "name"
    if wrong is None and lacking is None and named == "id" and not mixed:
        of = str(document["id"]).casefold()
        located = any(f"/providers/{kind}/" in of and of.count("/") == 8 for kind in _LOCATED)
        lacking = "location" if located and not document.get("location") else None
        lacking = "properties" if "/resourcegroups/" in of and "/providers/" in of and "properties" not in document else lacking
    if wrong or lacking:
        raise _unexpected(wrong or f"it has no {lacking}")
    return document


def written(value: t.Any) -> Document | None:
    """Return what answered a write: the document, None where it holds none, as the state of an operation."""
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("id") or value.get("name"):
        return checked(value)
    return None


def _kind(value: t.Any) -> str:
    """Return the name of a JSON value's type."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true or false"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a number"


def _unexpected(said: str) -> Stopped:
    return Stopped(f"the response is not one of Azure ({said})", code="UnexpectedAnswer")


class Pages:
    """The pages of a list, as they come in."""

    def __init__(self, *, mixed: bool = False, named: str = "id") -> None:
        self.documents: list[Document] = []
        self._mixed = mixed
        self._named = named
        self._links: set[str] = set()

    def take(self, page: t.Any) -> str | None:
        """Store the documents of a page; return the address of the next page, None after the last."""
        if not isinstance(page, dict) or not isinstance(page.get("value"), list):
            raise _unexpected("a list has pages with a list of documents as value")
        link = page.get("nextLink")
        if link is not None and not isinstance(link, str):
            raise _unexpected(f"the address of the next page is {_kind(link)}")
        if link and link in self._links:
            raise _unexpected("the list comes back to a page that was read already")
        self.documents += [checked(item, mixed=self._mixed, named=self._named) for item in page["value"]]
        self._links.add(link or "")
        return link or None
