# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and one answer as the providers see them, and the router that finds a provider's handler."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulator.errors import Json, invalid_content, network_error

if TYPE_CHECKING:
    from emulator.access import Principal
    from emulator.core import Emulator

# What RFC 3986 lets a path hold as it is.
_IN_PATHS = "/:@!$&'()*+,;="
_PARAMETER = re.compile(r"^\{(\w+)\}$")
_SCOPE = re.compile(
    r"^(?P<scope>subscriptions/(?P<subscription>[^/]+)(?:/resourceGroups/(?P<group>[^/]+)(?:/providers/.+)?)?)/providers/(?P<rest>[^/]+(?:/[^/]+)+)$",
    re.IGNORECASE,
)
_ACTIONS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


_OBJECTS = frozenset(
    {"properties", "sku", "addressSpace", "dhcpOptions", "subnet", "virtualNetwork", "networkSecurityGroup", "routeTable", "natGateway"}
    | {
        "privateLinkServiceConnectionState",
        "privateEndpoint",
        "networkAcls",
        "metadata",
        "cnameRecord",
        "soaRecord",
        "extendedLocation",
        "permissions",
    }
)
_LISTS = frozenset(
    {
        "addressPrefixes",
        "subnets",
        "delegations",
        "serviceEndpoints",
        "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections",
        "groupIds",
    }
    | {
        "ipConfigurations",
        "applicationSecurityGroups",
        "privateDnsZoneConfigs",
        "accessPolicies",
        "ipRules",
        "virtualNetworkRules",
        "securityRules",
        "routes",
    }
    | {"aRecords", "aaaaRecords", "mxRecords", "ptrRecords", "srvRecords", "txtRecords", "loadBalancerFrontendIpConfigurations"}
)
_TEXTS = frozenset({"addressPrefixes", "groupIds"})


def normalized(path: str) -> str:
    """A path as Azure's gateway reads it: clients send ``//`` where a resource has no parent, and a slash at the end."""
    return "/" + "/".join(segment for segment in path.split("/") if segment)


def _misshapen(body: Any, path: str = "") -> str:
    """
    What is no object or list (of objects, or of texts) where Azure's documents have one; empty
    where all is well. Null is as good as absent.
    """
    for name, value in body.items() if isinstance(body, dict) else ():
        place = f"{path}.{name}".lstrip(".")
        if value is None or name in ("tags", "imageReference"):  # an image's sku is a text
            continue
        if (name in _OBJECTS and not isinstance(value, dict)) or (name in _LISTS and not isinstance(value, list)):
            return f"Error converting value of '{place}' to {'an object' if name in _OBJECTS else 'a list'}."
        wanted = str if name in _TEXTS else dict
        if name in _LISTS and not all(isinstance(each, wanted) for each in value):
            return f"Error converting an entry of '{place}' to {'a text' if wanted is str else 'an object'}."
        for each in value if isinstance(value, list) else [value]:
            found = _misshapen(each, place)
            if found:
                return found
    return ""


@dataclass(slots=True)
class Reply:
    """An answer: ``body`` is JSON (None: no body at all)."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A request to ARM that has passed the checks common to all providers.

    ``auxiliary``: the caller in further tenants. ``actions``: what the caller has to be allowed for it, as far as it was checked.
    """

    emulator: Emulator
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    parameters: dict[str, str]
    route: Route
    principal: Principal
    base: str
    auxiliary: tuple[Principal, ...] = ()
    actions: list[str] = field(default_factory=list)

    @property
    def api_version(self) -> str:
        return self.query.get("api-version", "")

    @property
    def id(self) -> str:
        """The id that the path names: Azure's own spelling of types, the caller's spelling of names."""
        return self.route.fill(self.parameters)

    @property
    def subscription(self) -> str:
        return self.parameters["subscription"]

    @property
    def group(self) -> str:
        return self.parameters.get("group", "")

    @property
    def name(self) -> str:
        return self.path.rstrip("/").rsplit("/", 1)[-1]

    def document(self) -> Json:
        """The request's body, which has to be an object, with objects and lists where they belong."""
        if not isinstance(self.body, dict):
            raise invalid_content("The request body must be a JSON object.")
        misshapen = _misshapen(self.body)
        if misshapen and self.route.namespace == "Microsoft.Network":
            raise network_error(
                400, "InvalidRequestFormat", "Cannot parse the request.", details=[{"code": "InvalidJson", "message": misshapen}]
            )
        if misshapen:
            raise invalid_content(misshapen)
        return self.body

    def properties(self) -> Json:
        """The body's ``properties``: an object, empty where absent."""
        found = self.document().get("properties")
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise invalid_content("Error converting value of 'properties' to an object.")
        return found

    def url(self, path: str, query: str = "") -> str:
        """Return a path of this server as an address: percent-encoded, as headers hold only ASCII; the query is encoded already."""
        address = f"{self.base}{quote(path, safe=_IN_PATHS)}"
        return f"{address}?{query}" if query else address


Handler = Callable[[Call], Reply]


@dataclass(slots=True)
class Route:
    """A method and a path with parameters in braces, the handler, and the right that a call needs (``action``).

    A path that begins with ``{scope}`` is one of an extension: the scope is a resource, a group or a subscription.
    """

    method: str
    template: str
    handler: Handler
    action: str
    segments: tuple[str, ...]
    type: str
    namespace: str
    in_group: bool
    query: frozenset[str] = frozenset()
    """The query parameters that it honours, in small letters, beside api-version; any other is refused."""

    @property
    def extends(self) -> bool:
        return self.segments[0] == "{scope}"

    @property
    def asks(self) -> bool:
        """Whether it changes nothing, also where it is a POST."""
        return self.template.endswith(("/validateResources", "/workspaces/{workspace}/query"))

    def fill(self, parameters: Mapping[str, str]) -> str:
        found = (_PARAMETER.match(segment) for segment in self.segments)
        return "/" + "/".join(parameters[match[1]] if match else segment for match, segment in zip(found, self.segments, strict=True))


PAGES = frozenset({"$top", "$skiptoken"})
_WHOLE = frozenset(
    {"CheckIPAddressAvailability", "availablePrivateEndpointTypes", "permissions", "privateLinkResources", "locations", "tenants"}
)
"""What is answered in one piece."""
_OPERATION = frozenset({"t", "c", "s", "h"})
"""What the URLs of operations are signed with."""


def route(method: str, template: str, handler: Handler, action: str | None = None, query: tuple[str, ...] = ()) -> Route:
    """A route; the permission it needs follows from method and type unless told; empty: none.

    Every list knows pages, and every operation its signature; ``query`` names what a route honours beside.
    """
    segments = tuple(template.strip("/").split("/"))
    resource_type, namespace = _type(segments)
    needed = f"{resource_type}/{_ACTIONS.get(method, segments[-1] + '/action')}" if action is None else action
    in_group = len(segments) > 4 and segments[2].lower() == "resourcegroups"
    known = frozenset(query) | (_OPERATION if segments[-1] == "{operation}" else PAGES if _lists(method, segments) else frozenset())
    return Route(method, template, handler, needed, segments, resource_type, namespace, in_group, known)


def _lists(method: str, segments: tuple[str, ...]) -> bool:
    """Whether a route is that of a list with pages: it ends with a type, not with a name."""
    return method == "GET" and segments[-1] not in _WHOLE and (not _PARAMETER.match(segments[-1]) or segments[-1] == "{kind}")


def _type(segments: tuple[str, ...]) -> tuple[str, str]:
    """``Microsoft.Network/virtualNetworks/subnets`` and its namespace, from a template's segments."""
    if "providers" not in segments:
        return "/".join(("Microsoft.Resources", *segments[::2])), "Microsoft.Resources"
    start = len(segments) - segments[::-1].index("providers")
    if start >= len(segments) or _PARAMETER.match(segments[start]):
        return "Microsoft.Resources/subscriptions/providers", "Microsoft.Resources"
    return "/".join((segments[start], *segments[start + 1 :: 2])), segments[start]


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Router:
    """Finds a route by path, without regard to case; a literal segment wins over a parameter."""

    def __init__(self) -> None:
        self._root = _Node()
        self._extensions = _Node()

    def add(self, routes: Iterable[Route]) -> None:
        for each in routes:
            node = self._extensions if each.extends else self._root
            for segment in each.segments[2:] if each.extends else each.segments:
                if _PARAMETER.match(segment):
                    node.parameter = node = node.parameter or _Node()
                else:
                    node = node.literals.setdefault(segment.lower(), _Node())
            node.routes[each.method] = each

    def _reached(self, node: _Node, segments: list[str], position: int, values: list[str]) -> tuple[_Node, list[str]] | None:
        """The node at the end of the path that has routes, and the parameters' values; a literal that leads nowhere gives way."""
        if position == len(segments):
            return (node, values) if node.routes else None
        literal = node.literals.get(segments[position].lower())
        found = self._reached(literal, segments, position + 1, values) if literal else None
        if found is None and node.parameter is not None:
            return self._reached(node.parameter, segments, position + 1, [*values, segments[position]])
        return found

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str], frozenset[str]]:
        """The route, its parameters as the caller spelled them, and the methods that the path knows."""
        reached = self._reached(self._root, path.strip("/").split("/"), 0, [])
        extended = None if reached else _SCOPE.match(path.strip("/"))
        if extended:
            reached = self._reached(self._extensions, extended["rest"].split("/"), 0, [])
        if reached is None:
            return None, {}, frozenset()
        node, values = reached
        known = frozenset(node.routes)
        chosen = node.routes.get(method)
        if chosen is None:
            return None, {}, known
        names = (match[1] for match in map(_PARAMETER.match, chosen.segments) if match and match[1] != "scope")
        outer = {name: value for name, value in extended.groupdict().items() if value and name != "rest"} if extended else {}
        return chosen, {**outer, **dict(zip(names, values, strict=True))}, known
