# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator as tests see it: started for one test process, asked and told things through its control API."""

from __future__ import annotations

import json
import os
import pathlib
import ssl
import subprocess
import sys
import typing as t
import urllib.parse
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parent.parent
_WRITES = ("PUT", "PATCH", "POST", "DELETE")

Json = dict[str, t.Any]


class Emulation:
    """A running emulator. facts is its emulator.json: url, ca, tenant, client_id, secret, subscription, subscriptions, dns."""

    def __init__(self, directory: pathlib.Path, *arguments: str) -> None:
        self.directory = directory
        self._command("start", "--timing", "none", *arguments)
        self.facts: Json = json.loads((directory / "emulator.json").read_text(encoding="utf-8"))
        handler = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.facts["ca"]))
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)

    def stop(self) -> None:
        """End the process that __init__ started."""
        self._command("stop")

    def _command(self, command: str, *arguments: str, check: bool = True) -> str:
        line = [sys.executable, "-m", "emulator", command, "--directory", str(self.directory), *arguments]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": str(TESTS)})
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(line)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def control(self, method: str, path: str, body: t.Any = None, **query: str) -> t.Any:
        """Ask the control API; an error answer raises."""
        url = f"{self.facts['url']}/_emulator/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def reset(self) -> None:
        """Forget everything: resources, log, faults, principals, settings."""
        self.control("POST", "reset")

    # --- what was asked ---

    def requests(self, since: float = 0, until: float = float("inf")) -> list[Json]:
        """Return the requests that began in a span of time (seconds since 1970), oldest first."""
        return [entry for entry in self.control("GET", "log")["requests"] if since <= entry["time"] < until]

    # --- what exists ---

    def id(self, group: str, kind: str = "", *names: str, subscription: str | None = None) -> str:
        """Return a resource's id: id("rg", "Microsoft.Network/virtualNetworks/subnets", "net", "subnet"). Without kind, the group's."""
        scope = f"/subscriptions/{subscription or self.facts['subscription']}/resourceGroups/{group}"
        if not kind:
            return scope
        provider, *types = kind.split("/")
        return f"{scope}/providers/{provider}" + "".join(f"/{part}/{name}" for part, name in zip(types, names, strict=True))

    def resource(self, resource_id: str) -> Json:
        """Return the stored document of a resource."""
        return t.cast(Json, self.control("GET", "resource", id=resource_id))

    def overlay(self, resource_id: str, document: Json) -> None:
        """Change a resource as another writer would; null removes a property."""
        self.control("PATCH", "resource", document, id=resource_id)

    def resources(self) -> list[str]:
        """Return the ids of everything stored, in lower case."""
        return [item["id"].lower() for item in self.control("GET", "state")["resources"]]

    def lookup(self, name: str, network: str | None = None) -> str:
        """Return what the DNS server answers, as nslookup prints it: to the internet, or inside a virtual network."""
        return self._command("lookup", name, *(["--network", network] if network else []), check=False)

    # --- what goes wrong ---

    def fault(self, method: str, path: str, count: int = 1, **fault: t.Any) -> None:
        """
        Let requests fail; path is a regular expression, fault one of status=, reset=, lost=,
        delay=, gather=, lro_error=, with code=, message=, headers=.
        """
        self.control("POST", "faults", [{"match": {"method": method, "path_regex": path, "count": count}, **fault}])

    def rules(self, *rules: Json) -> None:
        """Let Azure Policy refuse or change writes: path=, effect="deny" or "modify", overlay= of a change, where null drops a property."""
        self.control("PUT", "settings", {"rules": list(rules)})

    def read_only(self, enabled: bool = True) -> None:
        """Refuse and record every write."""
        self.control("PUT", "read-only", {"enabled": enabled})

    def principal(self, **fields: t.Any) -> None:
        """Add an application or a user, or replace one: client_id, object_id, secret, assignments, certificates, federated..."""
        self.control("POST", "principals", {"tenant": self.facts["tenant"], **fields})

    def log(self, workspace: str, *rows: Json) -> None:
        """Store rows in tables of a Log Analytics workspace; each names its table as Type."""
        self.control("POST", "logs", list(rows), workspace=workspace)

    # --- how it is reached ---

    def token(self, scope: str) -> str:
        """Return an access token of the emulator's own application."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.facts["client_id"],
            "client_secret": self.facts["secret"],
            "scope": scope,
        }
        request = urllib.request.Request(
            f"{self.facts['url']}/{self.facts['tenant']}/oauth2/v2.0/token", urllib.parse.urlencode(form).encode()
        )
        with self._opener.open(request, timeout=30) as answer:
            return str(json.load(answer)["access_token"])

    @property
    def credentials(self) -> dict[str, str]:
        """Return the environment variables that sign in to this emulator."""
        return {
            "AZURE_TENANT": self.facts["tenant"],
            "AZURE_CLIENT_ID": self.facts["client_id"],
            "AZURE_SECRET": self.facts["secret"],
            "AZURE_SUBSCRIPTION_ID": self.facts["subscription"],
            "AZURE_CLOUD_ENVIRONMENT": self.facts["url"],
        }

    @property
    def trust(self) -> dict[str, str]:
        """Return the environment variables that make clients trust this emulator's certificate."""
        return {"REQUESTS_CA_BUNDLE": self.facts["ca"], "SSL_CERT_FILE": self.facts["ca"]}


def is_write(request: Json) -> bool:
    """Return whether a request of the log changes something; the request of a token, ARM's preflight and a query do not."""
    return request["method"] in _WRITES and not request["path"].rstrip("/").endswith(("/token", "/validateResources", "/query"))


def reported(requests: t.Iterable[Json]) -> list[str]:
    """Return requests as messages show them."""
    return [f"{request['method']} {request['path']} -> {request['status']}" for request in requests]
