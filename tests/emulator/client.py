# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client that speaks to an emulator without any SDK."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from emulator.access import ROLES

VERSIONS = {
    "Microsoft.Network/private": "2024-06-01",
    "Microsoft.Network": "2025-07-01",
    "Microsoft.KeyVault": "2026-02-01",
    "Microsoft.Storage": "2023-05-01",
}


@dataclass(slots=True)
class Response:
    """An answer; header names in small letters."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Connection:
    """Keeps one connection open; TLS is checked against the emulator's own authority."""

    def __init__(self, url: str, ca: str) -> None:
        parts = urlsplit(url)
        context = ssl.create_default_context(cafile=ca)
        self._wire = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=30)

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Response:
        try:
            self._wire.request(method, path, body, headers or {})
            answer = self._wire.getresponse()
            return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException):
            self._wire.close()
            raise


class Client:
    """Requests to one emulator. ``rg`` is the id of a resource group of this client's own."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.url = facts["url"]
        self.connection = Connection(self.url, facts["ca"])
        self.subscription = f"/subscriptions/{facts['subscription']}"
        self.rg = f"{self.subscription}/resourceGroups/rg"
        self._token = ""

    @property
    def token(self) -> str:
        """A token of this client's own application, asked for when it is first needed."""
        self._token = self._token or self.sign_in()
        return self._token

    def token_answer(self, tenant: str = "", **form: str) -> Response:
        """What the token endpoint says; a field that is empty is left out."""
        fields = {"grant_type": "client_credentials", "client_id": self.facts["client_id"], "client_secret": self.facts["secret"]}
        fields |= {"scope": "https://management.core.windows.net/.default", **form}
        data = urlencode({name: value for name, value in fields.items() if value}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.connection.request("POST", f"/{tenant or self.facts['tenant']}/oauth2/v2.0/token", data, kind)

    def sign_in(self, tenant: str = "", **form: str) -> str:
        answer = self.token_answer(tenant, **form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def call(
        self, method: str, path: str, body: Any = None, *, version: str = "", headers: dict[str, str] | None = None, token: str = ""
    ) -> Response:
        """One request to ARM; ``path`` may be a whole URL with its query."""
        target = path.removeprefix(self.url)
        if "api-version" not in target:
            target += ("&" if "?" in target else "?") + f"api-version={version or self.version(path)}"
        given = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json", **(headers or {})}
        return self.connection.request(method, target, None if body is None else json.dumps(body).encode(), given)

    @staticmethod
    def version(path: str) -> str:
        if "privateDns" in path and "privateEndpoints" not in path:
            return "2024-06-01"
        return next((version for name, version in VERSIONS.items() if name in path and name != "Microsoft.Network/private"), "2024-11-01")

    def get(self, path: str, **options: Any) -> Any:
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """A write, waited for; what the resource is afterwards."""
        answer = self.call(method, path, body, **options)
        assert answer.status_code < 300, answer.text
        poll = answer.headers.get("azure-asyncoperation")
        if poll and "kv-operation" not in poll:
            status = self.wait(poll)
            assert status["status"] == "Succeeded", status
        if method == "DELETE":
            return None
        return self.get(path, **{name: value for name, value in options.items() if name == "version"})

    def wait(self, url: str) -> Any:
        for _unused in range(200):
            status = self.call("GET", url).json()
            if status["status"] != "InProgress":
                return status
            time.sleep(0.05)
        raise AssertionError(f"{url} goes on permanently")

    def failed(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The error that an accepted write ends in."""
        answer = self.call(method, path, body, **options)
        assert answer.status_code in (200, 201, 202), answer.text
        status = self.wait(answer.headers["azure-asyncoperation"])
        assert status["status"] == "Failed", status
        return status["error"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.connection.request(method, f"/_emulator/{path}", None if body is None else json.dumps(body).encode())
        assert answer.status_code == 200, answer.text
        return answer.json()

    # What most tests begin with

    def ready(self) -> Client:
        """The provider registered and the group there."""
        self.call("POST", f"{self.subscription}/providers/Microsoft.KeyVault/register", version="2024-11-01")
        self.do("PUT", self.rg, {"location": "westeurope"})
        return self

    def vault(self, name: str = "kv-one", **properties: Any) -> str:
        vault = f"{self.rg}/providers/Microsoft.KeyVault/vaults/{name}"
        own = {"tenantId": self.facts["tenant"], "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True, **properties}
        self.do("PUT", vault, {"location": "westeurope", "properties": own})
        return vault

    def network(self, name: str = "vnet", prefix: str = "10.0.0.0/24", location: str = "westeurope") -> tuple[str, str]:
        """A virtual network and its one subnet."""
        network = f"{self.rg}/providers/Microsoft.Network/virtualNetworks/{name}"
        space = {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "snet", "properties": {"addressPrefix": prefix}}],
        }
        self.do("PUT", network, {"location": location, "properties": space})
        return network, f"{network}/subnets/snet"

    def zone(self, name: str = "privatelink.vaultcore.azure.net") -> str:
        zone = f"{self.rg}/providers/Microsoft.Network/privateDnsZones/{name}"
        self.do("PUT", zone, {"location": "global"})
        return zone

    def link(self, zone: str, network: str, name: str = "link", **properties: Any) -> str:
        link = f"{zone}/virtualNetworkLinks/{name}"
        self.do(
            "PUT",
            link,
            {"location": "global", "properties": {"virtualNetwork": {"id": network}, "registrationEnabled": False, **properties}},
        )
        return link

    def endpoint_body(self, subnet: str, target: str, *, manual: bool = False, group: str = "vault", **properties: Any) -> dict[str, Any]:
        name = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        connection = {"name": "pec", "properties": {"privateLinkServiceId": target, "groupIds": [group]}}
        return {"location": "westeurope", "properties": {"subnet": {"id": subnet}, name: [connection], **properties}}

    def endpoint(self, subnet: str, target: str, name: str = "pe", **options: Any) -> Any:
        return self.do(
            "PUT", f"{self.rg}/providers/Microsoft.Network/privateEndpoints/{name}", self.endpoint_body(subnet, target, **options)
        )

    def lookup(self, name: str, network: str = "") -> tuple[str, list[str]]:
        """The answer's code and the values of its records."""
        answer = self.control("GET", f"lookup?name={name}&network={network}")
        return answer["rcode"], [record[3] for record in answer["records"]]


class Vault:
    """A vault by its own name, through the proxy of one place."""

    def __init__(self, arm: Client, network: str = "", host: str = "kv-one.vault.azure.net") -> None:
        self.arm, self.host = arm, host
        self.proxy = urlsplit(arm.control("POST", "proxy", {"network": network})["url"])
        self.token = arm.sign_in(scope="https://vault.azure.net/.default")

    def ask(self, method: str, path: str, body: Any = None, query: str = "api-version=7.6") -> tuple[int, Any]:
        context = ssl.create_default_context(cafile=self.arm.facts["ca"])
        connection = http.client.HTTPSConnection(self.proxy.hostname or "", self.proxy.port, context=context, timeout=10)
        connection.set_tunnel(self.host, 443)
        data = None if body is None else json.dumps(body)
        connection.request(method, f"{path}?{query}", data, {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if content else None

    def refused(self, method: str, path: str, body: Any = None, query: str = "api-version=7.6") -> tuple[int, str, str]:
        """The status, the code and the inner code of an error."""
        status, answer = self.ask(method, path, body, query)
        return status, answer["error"]["code"], answer["error"].get("innererror", {}).get("code", "")


def grant(arm: Client, scope: str, role: str) -> None:
    """Assign a built-in role to the first principal."""
    definition = f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]['id']}"
    principal = arm.control("GET", "principals")["principals"][0]["object_id"]
    place = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    body = {"properties": {"roleDefinitionId": definition, "principalId": principal}}
    assert arm.call("PUT", place, body, version="2022-04-01").status_code == 201


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command of ``python -m emulator`` for a directory."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-m", "emulator", arguments[0], "--directory", str(directory), *arguments[1:]]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
