# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as one object: state, clock, principals and providers; and the way of a request through ARM."""

from __future__ import annotations

import re
import traceback
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator import access, clouds, ids, locks, policies, settings, tokens
from emulator.access import Principal
from emulator.errors import ArmError, Json, group_not_found, not_served, read_json, resource_not_found
from emulator.faults import Faults
from emulator.journal import Journal
from emulator.operations import Clock, Operations
from emulator.run_commands import RunCommands
from emulator.settings import Settings
from emulator.store import Store
from emulator.throttle import Throttle
from emulator.understood import understand
from emulator.wire import Call, Reply, Route, Router

MOST_BYTES = 4 * 1024 * 1024
"""How long a body that ARM takes may be."""

WRITES = frozenset({"PUT", "PATCH", "POST", "DELETE"})


class Emulator:
    """One emulated Azure. ``directory`` keeps keys and certificates."""

    def __init__(self, directory: Path, *, timing: str = "fast") -> None:
        self.directory = directory
        self.clock = Clock()
        self.store = Store(self.clock.now)
        self.operations = Operations(self)
        self.settings = Settings(timing=timing)
        self.journal = Journal()
        self.faults = Faults()
        self.commands = RunCommands(directory / "ca.pem")
        self.throttle = Throttle(self.clock)
        self.tokens = tokens.Tokens(tokens.load_key(directory / "signing.pem"), self.clock)
        self.read_only = False
        self.principals: list[Principal] = []
        self.tenants: dict[str, str] = {}
        self.subscriptions: dict[str, Json] = {}
        self.vault_secrets: dict[str, Json] = {}
        self.vault_keys: dict[str, Json] = {}
        self.router = Router()
        self._timing = timing
        from emulator.providers import ROUTES  # here, because the providers' modules import this one for its type

        self.router.add(ROUTES)
        self.reset()

    def reset(self) -> None:
        """Back to an empty Azure: one tenant, two subscriptions, one application that owns both."""
        self.store.clear()
        self.operations.clear()
        self.journal.clear()
        self.faults.clear()
        self.throttle.clear()
        self.commands.clear()
        self.clock.offset = 0.0
        self.settings = Settings(timing=self._timing)
        self.read_only = False
        self.vault_secrets, self.vault_keys = {}, {}
        self.tenants = {settings.TENANT: "emulator.onmicrosoft.example"}
        self.principals = [Principal(settings.TENANT, settings.CLIENT, settings.OBJECT, settings.SECRET)]
        self.subscriptions = {}
        for number, each in enumerate(settings.SUBSCRIPTIONS, 1):
            self.add_subscription(each, settings.TENANT, f"Emulator {number}")

    def add_subscription(self, subscription: str, tenant: str, name: str) -> None:
        """A subscription with the providers that are registered from the start."""
        self.tenants.setdefault(tenant, f"{tenant[:8]}.onmicrosoft.example")
        self.subscriptions[subscription.lower()] = {
            "id": subscription,
            "tenant": tenant,
            "name": name,
            "providers": {"microsoft.resources": "Registered", "microsoft.network": "Registered"},
        }

    def tenant_of(self, name: str) -> str | None:
        """The tenant that an authority names by id or by domain; ``common`` and the like mean the first one."""
        low = name.lower()
        if low in ("common", "organizations"):
            return next(iter(self.tenants))
        return next((tenant for tenant, domain in self.tenants.items() if low in (tenant.lower(), domain.lower())), None)

    def principal(self, tenant: str, client_id: str) -> Principal | None:
        return next((each for each in self.principals if each.tenant == tenant and each.client_id.lower() == client_id.lower()), None)

    @property
    def cloud(self) -> clouds.Profile:
        """The cloud that is played."""
        return clouds.PROFILES[self.settings.cloud]

    def settle(self) -> None:
        self.operations.settle()

    def authenticate(self, authorization: str | None, base: str) -> Principal:
        """Who the bearer of a token is, or ARM's 401."""
        tenant = next(iter(self.tenants))
        token = tokens.bearer(authorization)
        if token is None:
            problem = tokens.TokenError("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
            raise tokens.challenge(base, tenant, problem)
        try:
            return self._bearer(token, base)
        except tokens.TokenError as problem:
            raise tokens.challenge(base, tenant, problem) from None

    def auxiliary(self, header: str | None, principal: Principal, base: str) -> tuple[Principal, ...]:
        """Who the caller is in further tenants: one token for each, checked like the request's own."""
        try:
            found = tuple(self._auxiliary(token, base) for token in tokens.auxiliary(header))
            tenants = [principal.tenant, *(each.tenant for each in found)]
            if len(set(tenants)) < len(tenants):
                text = f"The '{len(found)}' auxiliary tokens contains duplicates which are from the same tenant."
                raise tokens.TokenError("InvalidAuthenticationToken", f"Authentication failed for auxiliary token: {text}")
        except tokens.TokenError as problem:
            raise tokens.challenge(base, principal.tenant, problem) from None
        return found

    def _auxiliary(self, token: str, base: str) -> Principal:
        try:
            return self._bearer(token, base)
        except tokens.TokenError as problem:
            raise tokens.TokenError(problem.code, f"Authentication failed for auxiliary token: {problem}") from None

    def _bearer(self, token: str, base: str) -> Principal:
        # a cloud's ARM is an audience by its own URL too; azure.azcollection asks for a token for that
        claims = self.tokens.verify(token, (*self.cloud.audiences, *(each.rstrip("/") for each in self.cloud.audiences), f"{base}/", base))
        found = next((each for each in self.principals if each.object_id == claims["oid"] and each.tenant == claims["tid"]), None)
        if found is None:
            raise tokens.TokenError("InvalidAuthenticationToken", "The identity of the access token does not exist.")
        return access.with_granted(found, self.store)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], data: bytes, base: str, entry: Any
    ) -> Reply:
        """ARM's answer. The checks run in ARM's own order: token, api-version, route, subscription, rights, group, provider."""
        self.settle()
        query = {name.lower(): value for name, value in query.items()}
        try:
            principal = self.authenticate(headers.get("Authorization"), base)
            entry.principal = principal.client_id
            further = self.auxiliary(headers.get("x-ms-authorization-auxiliary"), principal, base)
            if further:
                entry.facts["auxiliary_tenants"] = [each.tenant for each in further]
            call = self._call(method, path, query, headers, data, base, principal)
            call.auxiliary = further
            entry.facts["actions"] = call.actions
            entry.provider = call.route.namespace
            if method in WRITES and self.read_only and not call.route.asks:
                entry.facts["refused"] = True
                raise ArmError(403, "ReadOnlyEmulator", f"The emulator is read-only and refuses {method} {path}.")
            quota = self.throttle.take(call, self.settings)
            self._gate(call)
            understand(call)
            policies.apply(self.settings.rules, call)
            self.operations.next_error = self.faults.operation_error(method, path) if method in WRITES else None
            reply = call.route.handler(call)
            return Reply(reply.status, reply.body, {**quota, **reply.headers})
        except ArmError as error:
            return Reply(error.status, error.body, error.headers)
        except Exception:  # the one boundary: a mistake of the emulator is Azure's 500 to the client, and a trace in its own log
            traceback.print_exc()
            entry.facts["trace"] = traceback.format_exc()
            return Reply(500, {"error": {"code": "InternalServerError", "message": "The emulator failed; see its own log."}})

    def _call(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], data: bytes, base: str, principal: Principal
    ) -> Call:
        if "api-version" not in query:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", message)
        _check_version(query["api-version"])
        found, parameters, methods = self.router.find(method, path)
        if found is None:
            raise _no_route(method, path, methods, query["api-version"])
        _check_query(found, query)
        _check_media(headers.get("Content-Type"), data)
        return Call(self, method, path, query, headers, _parsed(data), parameters, found, principal, base)

    def _gate(self, call: Call) -> None:
        """Subscription, tenant, rights, resource group, provider registration."""
        route, parameters = call.route, call.parameters
        if "subscription" not in parameters:
            return
        subscription = self._subscription(call)
        if route.action:
            action = route.action.replace("{kind}", parameters.get("kind", "").upper())
            call.actions.append(action)
            access.require(call.principal, action, _scope(call))
        if (route.in_group or (route.extends and call.group)) and self.store.get(group_id(call)) is None:
            if call.method == "DELETE" and route.type.startswith("Microsoft.Network/privateDnsZones"):
                return
            raise group_not_found(call.group)
        if route.extends:
            self._check_extended(call)
        self._check_registered(call, route, subscription)
        locks.require(self.store, call)

    def _check_extended(self, call: Call) -> None:
        """What an extension is on has to be there; unrecorded: the gateway's words."""
        scope = f"/{call.parameters['scope']}"
        if ids.parse(scope) and scope not in self.store:
            raise resource_not_found(scope.rpartition("/providers/")[2], call.group)

    def _subscription(self, call: Call) -> Json:
        wanted = call.parameters["subscription"]
        found = self.subscriptions.get(wanted.lower())
        if found is None:
            try:
                uuid.UUID(wanted)
            except ValueError:
                raise ArmError(
                    400, "InvalidSubscriptionId", f"The provided subscription identifier '{wanted}' is malformed or invalid."
                ) from None
            raise ArmError(404, "SubscriptionNotFound", f"The subscription '{wanted}' could not be found.")
        if found["tenant"] != call.principal.tenant:
            issuer, right = (f"https://sts.windows.net/{each}/" for each in (call.principal.tenant, found["tenant"]))
            problem = tokens.TokenError(
                "InvalidAuthenticationTokenTenant",
                f"The access token is from the wrong issuer '{issuer}'. It must match the "
                f"tenant '{right}' associated with this subscription. "
                f"Please use the authority (URL) '{call.base}/{found['tenant']}' to get the token.",
            )
            raise tokens.challenge(call.base, found["tenant"], problem)
        return found

    def _check_registered(self, call: Call, route: Route, subscription: Json) -> None:
        namespace = route.namespace
        if call.method not in ("PUT", "PATCH") or namespace in ("Microsoft.Resources", "Microsoft.Authorization"):
            return
        if subscription["providers"].get(namespace.lower(), "NotRegistered") not in ("Registered", "Registering"):
            message = (
                f"The subscription is not registered to use namespace '{namespace}'. See "
                "https://aka.ms/rps-not-found for how to register subscriptions."
            )
            detail = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
            raise ArmError(409, "MissingSubscriptionRegistration", message, details=[detail])


def group_id(call: Call) -> str:
    return f"/subscriptions/{call.parameters['subscription']}/resourceGroups/{call.group}"


def _scope(call: Call) -> str:
    """The scope at which a permission is checked: the resource; for lists and actions, their parent."""
    segments = call.path.strip("/").split("/")
    in_provider = len(segments) - 1 - segments[::-1].index("providers") if "providers" in segments else None
    if in_provider is not None and (len(segments) - in_provider) % 2:
        segments = segments[:-1] if len(segments) - in_provider > 2 else segments[:in_provider]
    return "/" + "/".join(segments)


def _parsed(data: bytes) -> Any:
    if len(data) > MOST_BYTES:  # second-hand: the code and text
        message = f"The request content size exceeds the maximum size of '{MOST_BYTES // 1024 // 1024} MB'."
        raise ArmError(413, "RequestContentTooLarge", message)
    if not data.strip():
        return None
    try:
        return read_json(data)
    except ValueError as problem:
        message = f"The request content was invalid and could not be deserialized: '{problem}'."
        raise ArmError(400, "InvalidRequestContent", message) from None


_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-(preview|privatepreview|alpha|beta|rc))?", re.IGNORECASE)


def _check_version(version: str) -> None:
    """Any date will do: which versions a type has, is not emulated."""
    if not _VERSION.fullmatch(version):
        raise ArmError(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")


def _check_query(route: Route, query: Mapping[str, str]) -> None:
    """Refuse what would be swallowed: Azure may honour it, and whoever sent it counts on that."""
    for name in query:
        if name.lower() != "api-version" and name.lower() not in route.query:
            raise not_served(f"the query parameter '{name}' of {route.method} {route.template}")


def _check_media(kind: str | None, data: bytes) -> None:
    """A body is JSON, and says so; second-hand: code and text (azure-cli#10143)."""
    media = (kind or "").partition(";")[0].strip().lower()
    if data.strip() and not (media.endswith("/json") or media.endswith("+json")):
        message = f"The content media type '{media or '<null>'}' is not supported. Only 'application/json' is supported."
        raise ArmError(415, "UnsupportedMediaType", message)


def _no_route(method: str, path: str, methods: frozenset[str], version: str) -> ArmError:
    """Why there is nothing at a path. Azure might serve it: so this is never an answer of Azure's."""
    if methods:
        return not_served(f"{method} of '{path}', of which it serves {', '.join(sorted(methods))}")
    segments = path.strip("/").split("/")
    low = [each.lower() for each in segments]
    if "providers" not in low or low[-1] == "providers":
        return not_served(f"{method} of '{path}'")
    start = len(low) - low[::-1].index("providers")
    namespace, kind = segments[start], "/".join(segments[start + 1 :: 2])
    return not_served(f"the operation {method} of type '{namespace}/{kind}' at api-version '{version}'")
