# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under ``/_emulator``: log, state, faults, settings, clock. It is the emulator's own and needs no token."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from emulator import __version__, dns, entra, managed_identity
from emulator.access import Principal
from emulator.errors import ArmError, Json
from emulator.operations import Operation
from emulator.policies import overlay
from emulator.providers import log_analytics

if TYPE_CHECKING:
    from emulator.server import Server

STATE_VERSION = 1


class ControlError(Exception):
    """A control request that cannot be done."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _other_version(state: Json) -> str:
    saved = f", saved by emulator {state['emulator']}" if state.get("emulator") else ""
    advice = "Load it with the emulator that saved it, or begin with an empty one."
    return f"Emulator {__version__} loads states of version {STATE_VERSION}, and this one is of version {state['version']}{saved}. {advice}"


class Control:
    """What the control API does; each answer is JSON."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._emulator = server.emulator

    async def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        name = f"{method.lower()}_{path.replace('-', '_').replace('/', '_')}"
        found: Callable[[dict[str, str], Any], Awaitable[Any]] | None = getattr(self, f"_{name}", None)
        if found is None:
            raise ControlError(404, f"The control API has no {method} {path}.")
        self._emulator.settle()
        try:
            return await found(query, body)
        except ArmError as problem:
            raise ControlError(400, str(problem)) from None

    async def _get_health(self, query: dict[str, str], body: Any) -> Json:
        return {"pid": os.getpid(), "directory": str(self._server.directory.resolve()), "resources": len(self._emulator.store)}

    async def _get_log(self, query: dict[str, str], body: Any) -> Json:
        return {"requests": self._emulator.journal.shown(int(query.get("since", 0)))}

    async def _delete_log(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.journal.clear()
        return {}

    async def _post_reset(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.reset()
        return {}

    async def _get_read_only(self, query: dict[str, str], body: Any) -> Json:
        return {"enabled": self._emulator.read_only}

    async def _put_read_only(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.read_only = bool(body["enabled"])
        return {"enabled": self._emulator.read_only}

    async def _get_state(self, query: dict[str, str], body: Any) -> Json:
        emulator = self._emulator
        return {
            "version": STATE_VERSION,
            "emulator": __version__,
            "clock": {"now": emulator.clock.now(), "offset": emulator.clock.offset},
            "settings": emulator.settings.dump(),
            "tenants": emulator.tenants,
            "principals": [asdict(each) for each in emulator.principals],
            "subscriptions": emulator.subscriptions,
            "resources": emulator.store.dump(),
            "operations": emulator.operations.dump(),
            "vault_secrets": emulator.vault_secrets,
            "vault_keys": emulator.vault_keys,
        }

    async def _put_state(self, query: dict[str, str], body: Any) -> Json:
        emulator = self._emulator
        if not isinstance(body, dict) or "version" not in body:
            raise ControlError(400, "This is no state of an emulator: it does not say its version.")
        if body["version"] != STATE_VERSION:
            raise ControlError(400, _other_version(body))
        try:
            principals = [Principal(**each) for each in body.get("principals", [])]
            operations = [Operation(**each) for each in body.get("operations", [])]
        except TypeError as problem:
            raise ControlError(400, f"This is no state of version {STATE_VERSION}: {problem}.") from None
        emulator.settings.change(body.get("settings", {}))
        emulator.tenants = body.get("tenants", emulator.tenants)
        emulator.principals = principals or emulator.principals
        emulator.subscriptions = body.get("subscriptions", emulator.subscriptions)
        emulator.clock.offset = body.get("clock", {}).get("offset", 0.0)
        emulator.store.load(body.get("resources", []))
        emulator.operations.load(operations)
        emulator.vault_secrets, emulator.vault_keys = body.get("vault_secrets", {}), body.get("vault_keys", {})
        return {"resources": len(emulator.store)}

    async def _get_resource(self, query: dict[str, str], body: Any) -> Any:
        found = self._emulator.store.get(query["id"])
        if found is None:
            raise ControlError(404, f"There is no {query['id']}.")
        return found.document

    async def _put_resource(self, query: dict[str, str], body: Any) -> Any:
        existing = self._emulator.store.get(query["id"])
        return self._emulator.store.put(query["id"], body, existing.hidden if existing else None).document

    async def _patch_resource(self, query: dict[str, str], body: Any) -> Any:
        found = self._emulator.store.get(query["id"])
        if found is None:
            raise ControlError(404, f"There is no {query['id']}.")
        return self._emulator.store.put(found.id, overlay(found.document, body)).document

    async def _delete_resource(self, query: dict[str, str], body: Any) -> Json:
        if self._emulator.store.delete(query["id"]) is None:
            raise ControlError(404, f"There is no {query['id']}.")
        return {}

    async def _get_faults(self, query: dict[str, str], body: Any) -> Json:
        return {"faults": self._emulator.faults.shown()}

    async def _post_faults(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.faults.add(body if isinstance(body, list) else [body])
        return {"faults": self._emulator.faults.shown()}

    async def _delete_faults(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.faults.clear()
        self._emulator.faults.seed(self._emulator.settings.seed)
        return {"faults": []}

    async def _get_dns(self, query: dict[str, str], body: Any) -> Json:
        return await self._server.dns.described()

    async def _get_lookup(self, query: dict[str, str], body: Any) -> Json:
        answer = dns.Resolver(self._emulator).resolve(query["name"], query.get("type", "A"), query.get("network", ""))
        return {"rcode": answer.rcode, "records": [[each.name, each.type, each.ttl, each.value] for each in answer.records]}

    async def _get_doors(self, query: dict[str, str], body: Any) -> Json:
        networks = self._emulator.store.all_of_type("microsoft.network/virtualnetworks")
        ports = {each.id.lower(): await self._server.door(each.id.lower()) for each in networks}
        return {"public": self._server.port, "networks": ports}

    async def _post_proxy(self, query: dict[str, str], body: Any) -> Json:
        """``{"network": id}``, or nothing for the internet."""
        network = str((body or {}).get("network", "")).lower()
        if network and network not in self._emulator.store:
            raise ControlError(404, f"There is no virtual network {network}.")
        return {"url": await self._server.proxies.url(network)}

    async def _get_runners(self, query: dict[str, str], body: Any) -> Json:
        return {"namespaces": self._emulator.commands.namespaces}

    async def _put_runners(self, query: dict[str, str], body: Any) -> Json:
        """``{"network": id, "namespace": name}``: where scripts of run command run for machines of the network; an empty name: nowhere."""
        return self._emulator.commands.register(body["network"], body["namespace"])

    async def _post_managed_identity(self, query: dict[str, str], body: Any) -> Json:
        return await self._server.identities()

    async def _post_logs(self, query: dict[str, str], body: Any) -> Json:
        """Add rows to a Log Analytics workspace: a list of objects, each with ``Type``, the name of its table."""
        return {"rows": log_analytics.add(self._emulator, query["workspace"], [{**each, "Type": each["Type"]} for each in body])}

    async def _get_settings(self, query: dict[str, str], body: Any) -> Json:
        return self._emulator.settings.dump()

    async def _put_settings(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.settings.change(body)
        if "seed" in body:
            self._emulator.faults.seed(int(body["seed"]))
        self._emulator.throttle.clear()
        return self._emulator.settings.dump()

    async def _get_clock(self, query: dict[str, str], body: Any) -> Json:
        return {"now": self._emulator.clock.now(), "offset": self._emulator.clock.offset}

    async def _put_clock(self, query: dict[str, str], body: Any) -> Json:
        """``{"advance": seconds}``: what is due by then happens at once."""
        self._emulator.clock.offset += float(body["advance"])
        self._emulator.settle()
        return await self._get_clock(query, body)

    async def _get_principals(self, query: dict[str, str], body: Any) -> Json:
        return {"principals": [{**asdict(each), "secret": "REDACTED", "password": "REDACTED"} for each in self._emulator.principals]}

    async def _post_principals(self, query: dict[str, str], body: Any) -> Json:
        """Add an application or a user, or replace the one with the same client and object id; a new tenant appears with it."""
        wanted = Principal(**body)
        if wanted.managed not in managed_identity.KINDS or wanted.refusal not in (0, *entra.REFUSALS):
            raise ControlError(400, "managed is 'system' or 'user', refusal one of the numbers of entra.REFUSALS.")
        emulator = self._emulator
        emulator.tenants.setdefault(wanted.tenant, f"{wanted.tenant[:8]}.onmicrosoft.example")
        kept = [
            each
            for each in emulator.principals
            if (each.tenant, each.client_id, each.object_id) != (wanted.tenant, wanted.client_id, wanted.object_id)
        ]
        emulator.principals = [*kept, wanted]
        return {"principals": len(emulator.principals)}

    async def _post_subscriptions(self, query: dict[str, str], body: Any) -> Json:
        self._emulator.add_subscription(body["id"], body["tenant"], body.get("name", body["id"]))
        return {"subscriptions": list(self._emulator.subscriptions)}
