# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTPS server: one port for ARM, Entra ID, the cloud's metadata, the vaults' doors and the control API."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.streams import StreamReader

from emulator import data_plane, entra, faults, graph, managed_identity, metadata, tokens
from emulator.certificates import server_context
from emulator.control import Control, ControlError
from emulator.core import Emulator
from emulator.dns_server import DnsServer
from emulator.errors import Json, not_served
from emulator.journal import Entry
from emulator.proxy import Proxies
from emulator.wire import Reply, normalized

HOST = "127.0.0.1"
_COMMON = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


class Server:
    """The emulator on the network: HTTPS and DNS on loopback; the host's endpoint of managed identities on request."""

    def __init__(self, directory: Path, *, host: str = HOST, port: int = 0, dns_port: int = 0, timing: str = "fast") -> None:
        self.directory = directory
        self.host = host
        self.emulator = Emulator(directory, timing=timing)
        self.dns = DnsServer(self.emulator)
        self.control = Control(self)
        self.doors: dict[int, str] = {}
        self._wanted = (port, dns_port)
        self.proxies = Proxies(self)
        self._context = server_context(directory, host)
        self._identities: web.ServerRunner | None = None
        self._identity_header = secrets.token_hex(16)
        self._runner = web.ServerRunner(web.Server(self.handle, access_log=None, request_factory=_request))
        self.port = 0

    @property
    def url(self) -> str:
        return f"https://{self.host}" if self.port == 443 else f"https://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen; ``emulator.json`` in the directory appears once all ports do."""
        await self._runner.setup()
        self.port = await self._listen(self._wanted[0])
        await self.dns.start(self._wanted[1])
        described = self.directory / "emulator.json.new"
        described.write_text(json.dumps(self.description(), indent=2) + "\n")
        described.chmod(0o600)
        described.replace(self.directory / "emulator.json")

    async def stop(self) -> None:
        (self.directory / "emulator.json").unlink(missing_ok=True)
        self.dns.stop()
        self.proxies.close()
        await self._runner.cleanup()
        if self._identities:
            await self._identities.cleanup()

    async def door(self, network: str) -> int:
        """The port at which vaults see a caller as being inside a virtual network."""
        for port, known in self.doors.items():
            if known == network:
                return port
        port = await self._listen(0)
        self.doors[port] = network
        return port

    async def identities(self) -> Json:
        """
        Where a process on this host finds its managed identity, as a virtual machine and as App Service tell it; opened at the first call.
        """
        if self._identities is None:
            self._identities = web.ServerRunner(web.Server(self._identify, access_log=None))
            await self._identities.setup()
            await web.TCPSite(self._identities, self.host, 0, shutdown_timeout=0.2).start()
        root = f"http://{self.host}:{self._identities.addresses[0][1]}"
        return {"imds": root, "endpoint": f"{root}{managed_identity.APP_SERVICE_PATH}", "header": self._identity_header}

    async def _identify(self, request: web.BaseRequest) -> web.StreamResponse:
        entry = self.emulator.journal.begin(request.method, request.path, dict(request.query), self.emulator.clock.now())
        entry.provider, entry.principal, entry.request_id = "identity", request.query.get("client_id", ""), str(uuid.uuid4())
        fault = self.emulator.faults.meet(request.method, request.path)
        reply = await self._faulty(request, fault) if fault else None
        if reply is None:
            reply = managed_identity.answer(self.emulator, request.path, dict(request.query), request.headers, self._identity_header)
        response = self._response(request, reply, entry)
        self.emulator.journal.end(entry)
        return response

    def description(self) -> Json:
        first = self.emulator.principals[0]
        subscriptions = [each["id"] for each in self.emulator.subscriptions.values()]
        return {
            "pid": os.getpid(),
            "url": self.url,
            "ca": str((self.directory / "ca.pem").resolve()),
            "tenant": first.tenant,
            "client_id": first.client_id,
            "secret": first.secret,
            "subscription": subscriptions[0],
            "subscriptions": subscriptions,
            "dns": {"host": HOST, "port": self.dns.public_port},
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and write it into the log."""
        path, query = normalized(request.path), dict(request.query)
        if path.startswith("/_emulator"):
            return await self._controlled(request, path, query)
        begun = time.perf_counter()
        data = await request.read()
        entry = self.emulator.journal.begin(request.method, path, query, self.emulator.clock.now())
        if path != request.path:
            entry.facts["sent_path"] = request.path
        entry.request, entry.user_agent = data, request.headers.get("User-Agent", "")
        entry.client_request_id, entry.request_id = request.headers.get("x-ms-client-request-id", ""), str(uuid.uuid4())
        fault = self.emulator.faults.meet(request.method, path)
        reply = await self._faulty(request, fault) if fault else None
        if reply is None:
            reply = self._answer(request, path, query, data, entry)
        response = self._response(request, reply, entry)
        entry.duration_ms = (time.perf_counter() - begun) * 1000
        if fault:
            entry.facts["fault"] = fault.spec
            if {"reset", "lost"} & fault.spec.keys() and request.transport:
                request.transport.abort()
        self.emulator.journal.end(entry)
        return response

    async def _faulty(self, request: web.BaseRequest, fault: faults.Fault) -> Reply | None:
        """The answer of a fault; None where the request goes on after it."""
        if "gather" in fault.spec:
            await fault.gather()
        if "delay" in fault.spec:
            await asyncio.sleep(float(fault.spec["delay"]))
        if "status" in fault.spec:
            return Reply(*faults.error_of(fault.spec))
        return Reply(503) if "reset" in fault.spec else None

    def _answer(self, request: web.BaseRequest, path: str, query: dict[str, str], data: bytes, entry: Entry) -> Reply:
        host = request.host.partition(":")[0].lower()
        if data_plane.is_vault(self.emulator, host):
            port = request.transport.get_extra_info("sockname")[1] if request.transport else self.port
            asked = data_plane.Asked(host, request.method, path, query, request.headers, data)
            return data_plane.answer(self.emulator, asked, self.doors.get(port, ""), entry)
        base = f"https://{request.host}"
        low = path.lower()
        if low.startswith(("/subscriptions", "/tenants", "/providers")):
            return self.emulator.answer(request.method, path, query, request.headers, data, base, entry)
        if low.startswith("/metadata/endpoints"):
            entry.provider = "metadata"
            return Reply(200, metadata.endpoints(base, query.get("api-version", ""), self.emulator.cloud))
        parts = path.strip("/").split("/")
        if graph.is_graph(parts):
            entry.provider = "graph"
            token = tokens.bearer(request.headers.get("Authorization"))
            return graph.answer(self.emulator, request.method, parts, query, token, data, base)
        entry.provider = "entra"
        return self._sign_in(request, path.strip("/").split("/"), query, data, base, entry)

    def _sign_in(self, request: web.BaseRequest, parts: list[str], query: dict[str, str], data: bytes, base: str, entry: Entry) -> Reply:
        """Entra ID's own paths."""
        low = [each.lower() for each in parts]
        try:
            if low[-1] == "token" and request.method == "POST":
                form = dict(parse_qsl(data.decode(errors="replace"), keep_blank_values=True))
                entry.principal = form.get("client_id", "")
                return Reply(200, entra.token(self.emulator, base, parts[0], form, request.headers.get("Authorization")))
            found = self._discovered(parts, low[1:], query, base)
        except entra.EntraError as problem:
            correlation = request.headers.get("client-request-id") or str(uuid.uuid4())
            return Reply(problem.status, entra.error_body(self.emulator, base, problem, correlation))
        if found is not None:
            return Reply(200, found)
        if tokens.bearer(request.headers.get("Authorization")):  # a request to ARM, such as a batch: never an answer of Azure's
            refused = not_served(f"{request.method} of '{request.path}'")
            return Reply(refused.status, refused.body)
        return Reply(404, {"error": {"code": "NotFound", "message": f"Nothing is known about '{request.path}'."}})

    def _discovered(self, parts: list[str], rest: list[str], query: dict[str, str], base: str) -> Json | None:
        """A discovery document; None for another path."""
        if rest[-2:] == [".well-known", "openid-configuration"]:
            return entra.openid_configuration(self.emulator, base, parts[0], "v2.0" if "v2.0" in rest else "")
        if rest == ["discovery", "instance"]:
            return entra.instance_discovery(base, _tenant_in(query) or self.emulator.tenant_of("common") or "")
        if rest[:1] == ["discovery"] and rest[-1:] == ["keys"]:
            return self.emulator.tokens.jwks(f"{base}/{{tenantid}}/v2.0")
        return entra.user_realm(parts[-1]) if rest[:1] == ["userrealm"] else None

    def _response(self, request: web.BaseRequest, reply: Reply, entry: Entry) -> web.Response:
        headers = {
            **_COMMON,
            "x-ms-request-id": entry.request_id,
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", entry.request_id),
        }
        if entry.client_request_id:
            headers["x-ms-client-request-id"] = entry.client_request_id
        headers.update(reply.headers)
        entry.status = reply.status
        if reply.body is None or request.method == "HEAD":
            return web.Response(status=reply.status, headers=headers)
        entry.response = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
        kind = "text/html" if isinstance(reply.body, str) else "application/json"
        return web.Response(status=reply.status, headers=headers, body=entry.response, content_type=kind, charset="utf-8")

    async def _controlled(self, request: web.BaseRequest, path: str, query: dict[str, str]) -> web.Response:
        data = await request.read()
        try:
            body: Any = json.loads(data) if data.strip() else None
            return web.json_response(await self.control.answer(request.method, path.removeprefix("/_emulator").strip("/"), query, body))
        except ControlError as problem:
            return web.json_response({"error": str(problem)}, status=problem.status)
        except (KeyError, TypeError, ValueError, RecursionError) as problem:
            return web.json_response({"error": f"{type(problem).__name__}: {problem}"}, status=400)

    async def _listen(self, port: int) -> int:
        site = web.TCPSite(self._runner, self.host, port, ssl_context=self._context, shutdown_timeout=0.2)
        before = len(self._runner.addresses)
        await site.start()
        return int(self._runner.addresses[before][1])


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """A request of any size: a state of a fleet has many megabytes, and ARM has a limit of its own."""
    return web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=0)


def _tenant_in(query: dict[str, str]) -> str:
    """The tenant in an instance discovery's ``authorization_endpoint``."""
    parts = query.get("authorization_endpoint", "").split("/")
    return parts[3] if len(parts) > 3 else ""
