# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a tool: its commands, state files, several of it on one machine; and the vaults' own doors by name."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from emulator import journal
from emulator.client import Client, run


def door(arm: Client, name: str, path: str, headers: dict[str, str] | None = None, *, port: int = 0) -> tuple[int, dict[str, str], Any]:
    """Ask a vault by its name: resolved to loopback, TLS for that name (SNI) and checked against it."""
    context = ssl.create_default_context(cafile=arm.facts["ca"])
    connection = http.client.HTTPSConnection(name, port or int(arm.url.rsplit(":", 1)[1]), context=context, timeout=10)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", connection.port)), server_hostname=name)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {key.lower(): value for key, value in answer.getheaders()}, json.loads(body) if body else None


def test_each_vault_has_a_door_of_its_own(arm: Client) -> None:
    arm.vault()
    arm.vault("kv-two", publicNetworkAccess="Disabled")
    token = {"Authorization": f"Bearer {arm.sign_in(scope='https://vault.azure.net/.default')}"}
    for name, expected in (("kv-one", "ForbiddenByRbac"), ("kv-two", "ForbiddenByConnection")):  # the first: let in, and of no role there
        status, headers, body = door(arm, f"{name}.vault.azure.net", "/healthstatus")
        assert (status, body) == (200, None)
        assert headers["x-ms-keyvault-network-info"].startswith("conn_type=Ipv4;addr=")
        assert door(arm, f"{name}.vault.azure.net", "/secrets/s?api-version=7.4")[0] == 401
        refused = door(arm, f"{name}.vault.azure.net", "/secrets/s?api-version=7.4", token)
        assert (refused[0], refused[2]["error"]["innererror"]["code"]) == (403, expected)
    with pytest.raises(ssl.SSLCertVerificationError):
        door(arm, "kv-one.privatelink.vaultcore.azure.net", "/healthstatus")  # as in Azure: no certificate for that name
    assert door(arm, "kv-none.vault.azure.net", "/healthstatus")[0] == 404


def test_a_token_for_arm_opens_no_door(arm: Client) -> None:
    arm.vault()
    status, headers, body = door(arm, "kv-one.vault.azure.net", "/secrets/s", {"Authorization": f"Bearer {arm.token}"})
    assert (status, body["error"]["code"]) == (401, "Unauthorized")
    assert arm.facts["tenant"] in headers["www-authenticate"]


def test_the_firewall_by_the_callers_side(arm: Client) -> None:
    """Rules for addresses and networks, Azure's own services, and the two inner codes of the 403."""
    network, subnet = arm.network()
    body = {"properties": {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": [{"service": "Microsoft.KeyVault"}]}}
    arm.do("PUT", subnet, body)
    rules = {
        "defaultAction": "Deny",
        "bypass": "AzureServices",
        "ipRules": [{"value": "192.0.2.0/24"}],
        "virtualNetworkRules": [{"id": subnet}],
    }
    vault = arm.vault(networkAcls=rules)
    token = {"Authorization": f"Bearer {arm.sign_in(scope='https://vault.azure.net/.default')}"}
    inside = arm.control("GET", "doors")["networks"][network.lower()]

    def inner(port: int = 0, **more: str) -> str:
        headers = {**token, **{f"x-emulator-{name.replace('_', '-')}": value for name, value in more.items()}}
        _status, _headers, answer = door(arm, "kv-one.vault.azure.net", "/secrets/s", headers, port=port)
        return str(answer["error"].get("innererror", {}).get("code", ""))

    assert inner() == "ForbiddenByFirewall"
    assert inner(address="192.0.2.7") == inner(port=inside) == inner(trusted_service="yes") == "ForbiddenByRbac"  # let in
    assert inner(address="198.51.100.7") == "ForbiddenByFirewall"
    arm.vault(networkAcls={**rules, "bypass": "None"})
    assert inner(trusted_service="yes") == "ForbiddenByFirewall"
    arm.vault(networkAcls=rules, publicNetworkAccess="Disabled")
    assert inner(address="192.0.2.7") == inner(port=inside) == "ForbiddenByConnection"  # rules count no more
    assert inner(trusted_service="yes") == "ForbiddenByRbac"
    arm.endpoint(subnet, vault)
    assert inner(port=inside) == "ForbiddenByRbac"
    reject = {"properties": {"privateLinkServiceConnectionState": {"status": "Rejected"}}}
    assert arm.call("PUT", f"{vault}/privateEndpointConnections/pec", reject).status_code == 200
    assert inner(port=inside) == "ForbiddenByConnection"
    assert door(arm, "kv-one.vault.azure.net", "/secrets/s", {**token, "x-emulator-address": "nonsense"})[0] == 400


@pytest.mark.parametrize("command", [(), ("start",), ("serve",), ("stop",), ("env",), ("lookup",), ("save",), ("load",)])
def test_every_command_has_its_help(command: tuple[str, ...]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    shown = subprocess.run(
        [sys.executable, "-m", "emulator", *command, "--help"], env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    assert shown.stdout.startswith("usage: python -m emulator")
    assert command or all(each in shown.stdout for each in ("start", "serve", "stop", "env", "lookup", "save", "load"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps({"version": 0, "resources": []}), "loads states of version 1, and this one is of version 0."),
        (json.dumps({"resources": []}), "it does not say its version"),
        (json.dumps({"version": 1, "operations": [{"old": 1}]}), "This is no state of version 1"),
        ("no json", "it is not JSON"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_in_words(arm: Client, tmp_path: Path, text: str, expected: str) -> None:
    vault = arm.vault()
    file, directory = tmp_path / "state.json", Path(arm.facts["ca"]).parent
    file.write_text(text)
    refused = run(directory, "load", os.fspath(file))
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert expected in refused.stderr
    assert arm.get(vault)["name"] == "kv-one"  # and what existed stays
    started = run(tmp_path / "other", "start", "--state", os.fspath(file))
    assert (started.returncode, "Traceback" in started.stderr) == (1, False)
    assert f"The state of {file} was not loaded" in started.stderr


def test_a_state_goes_on_where_it_was_saved(arm: Client, tmp_path: Path) -> None:
    """Operations that are running, the clock, principals and settings go with it, into another process too."""
    arm.control("PUT", "settings", {"durations": {"endpoint.create": 300}})
    endpoint = f"{arm.rg}/providers/Microsoft.Network/privateEndpoints/pe"
    poll = arm.call("PUT", endpoint, arm.endpoint_body(arm.network()[1], arm.vault())).headers["azure-asyncoperation"]
    file, directory = tmp_path / "state.json", tmp_path / "second"
    assert run(Path(arm.facts["ca"]).parent, "save", os.fspath(file)).returncode == 0
    try:
        assert run(directory, "start", "--state", os.fspath(file)).returncode == 0
        second = Client(json.loads((directory / "emulator.json").read_text()))
        assert second.url != arm.url
        path = poll.removeprefix(arm.url)
        assert second.call("GET", path).json() == {"status": "InProgress"}
        second.control("PUT", "clock", {"advance": 301})
        assert second.call("GET", path).json() == {"status": "Succeeded"}
        assert second.get(endpoint)["properties"]["provisioningState"] == "Succeeded"
        # two of them on one machine know nothing of each other: not the state, not the clock, not the tokens
        assert arm.get(endpoint)["properties"]["provisioningState"] == "Updating"
        assert second.call("GET", endpoint, token=arm.token).status_code == 401
    finally:
        assert run(directory, "stop").returncode == 0
    assert arm.get(arm.rg)["name"] == "rg"


def test_it_is_ready_soon(tmp_path: Path) -> None:
    """Room for a slow machine: the aim is a second; the benchmark says the figure."""
    begun = time.perf_counter()
    try:
        assert run(tmp_path, "start").returncode == 0
        assert time.perf_counter() - begun < 5
    finally:
        run(tmp_path, "stop")


def test_a_log_that_is_packed_shows_every_request_in_its_order_until_bodies_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is still under way is packed only once it is over."""
    log = journal.Journal()
    slow = log.begin("PUT", "/slow", {}, 0.0)
    for number in range(3 * journal.PACKED):
        entry = log.begin("GET", f"/{number}", {"api-version": "1"}, float(number))
        entry.request, entry.response, entry.facts = b'{"client_secret": "x"}', f'{{"n": {number}}}'.encode(), {"actions": ["read"]}
        log.end(entry)
    shown = log.shown()
    assert [each["n"] for each in shown] == list(range(1, 3 * journal.PACKED + 2))
    assert shown[5]["response_body"] == {"n": 4}
    assert shown[5]["request_body"] == {"client_secret": journal.REDACTED}
    assert (shown[5]["actions"], shown[0]["path"]) == (["read"], "/slow")
    assert [each["n"] for each in log.shown(3 * journal.PACKED)] == [3 * journal.PACKED + 1]
    monkeypatch.setattr(journal, "KEPT_BYTES", 10_000)
    slow.status = 201
    log.end(slow)
    for number in range(journal.PACKED):
        log.end(log.begin("GET", f"/more/{number}", {}, 0.0))
    shown = log.shown()
    assert (shown[0]["path"], shown[0]["status"]) == ("/slow", 201)
    assert shown[1]["response_body"] is None
    assert "gone" in shown[1]["bodies"]
    monkeypatch.setattr(journal, "KEPT", journal.PACKED)
    for number in range(2 * journal.PACKED):
        log.end(log.begin("GET", f"/last/{number}", {}, 0.0))
    kept = [each["path"] for each in log.shown()]
    assert kept[-1] == f"/last/{2 * journal.PACKED - 1}"
    assert len(kept) < 2 * journal.PACKED, "whole blocks go"
