# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The replay tool on made-up recordings: any folder of the form, excerpts, and lines that are no exchange."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.recordings import load
from contract.replay import Report, replay
from integration.emulation import Emulation

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/shop"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/shop-vault"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/door"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/shop.example"
VERSIONS = {"KeyVault": "2023-07-01", "privateDns": "2020-06-01", "Network": "2024-03-01"}


def exchange(method: str, path: str, status: int, body: Any = None, **more: Any) -> str:
    version = next((version for name, version in VERSIONS.items() if name in path), "2022-09-01")
    line = {"method": method, "path": path, "query": {"api-version": version}, "status": status, "response_body": body, **more}
    return json.dumps(line)


def group(name: str = "shop", state: str = "Succeeded") -> dict[str, Any]:
    kind = "Microsoft.Resources/resourceGroups"
    return {
        "id": f"{SUBSCRIPTION}/resourceGroups/{name}",
        "name": name,
        "type": kind,
        "location": "westeurope",
        "properties": {"provisioningState": state},
    }


def replayed(folder: Path, emulation: Emulation, files: dict[str, list[str]]) -> Report:
    for name, lines in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n")
    return replay(folder, emulation)


def agrees(report: Report) -> None:
    assert report.compared and not report.disagreeing and not report.problems, "\n".join(report.lines())


def test_folders_flat_and_nested_and_without_an_index(tmp_path: Path, emulation: Emulation) -> None:
    lines = [exchange("GET", GROUP, 200, group())]
    report = replayed(tmp_path, emulation, {"flat.jsonl": lines, "a/b/nested.jsonl": lines, "empty.jsonl": []})
    agrees(report)
    assert [each.exchange.file for each in report.results] == ["a/b/nested", "flat"]


def test_bodies_as_text_headers_as_lists_and_whole_urls(tmp_path: Path, emulation: Emulation) -> None:
    url = f"https://management.azure.com{GROUP}?api-version=2022-09-01"
    line = {
        "method": "get",
        "url": url,
        "status": "200",
        "response_headers": {"Content-Type": ["application/json"]},
        "response_body": json.dumps(group()),
    }
    agrees(replayed(tmp_path, emulation, {"one.jsonl": [json.dumps(line)]}))
    (found,) = load(tmp_path)
    assert found.exchanges[0].headers == {"content-type": "application/json"}
    assert (found.exchanges[0].method, found.exchanges[0].path, found.exchanges[0].query) == ("GET", GROUP, {"api-version": "2022-09-01"})


@pytest.mark.parametrize("written", [repr, lambda body: repr(json.dumps(body)), lambda body: repr(json.dumps(body).encode()), json.dumps])
def test_bodies_in_pythons_own_writing(tmp_path: Path, emulation: Emulation, written: Callable[[Any], str]) -> None:
    """Recorders of SDKs keep what they sent as Python shows it: ``{'location': ...}``, ``b'{"location": ...}'``."""
    sent = {"location": "westeurope", "tags": {"it's": "so"}, "managedBy": None}
    answer = {**group(), "tags": sent["tags"]}
    agrees(replayed(tmp_path, emulation, {"text.jsonl": [exchange("PUT", GROUP, 201, written(answer), request_body=written(sent))]}))
    (found,) = load(tmp_path)
    assert found.exchanges[0].sent == sent


def test_what_is_no_exchange_is_named_and_the_rest_is_compared(tmp_path: Path, emulation: Emulation) -> None:
    report = replayed(tmp_path, emulation, {"odd.jsonl": ["{", "[]", '{"method": "GET"}', exchange("GET", GROUP, 200, group())]})
    assert len(report.compared) == 1
    assert not report.disagreeing
    assert [each.split(" ", 3)[:3] for each in report.problems] == [["odd:", "line", str(number)] for number in (1, 2, 3)]


def test_what_is_not_served_is_out_of_scope_with_the_reason(tmp_path: Path, emulation: Emulation) -> None:
    peering = f"{GROUP}/providers/Microsoft.Odd/things/x"
    lines = [
        exchange("PUT", peering, 201, {}, request_body={}),
        exchange("GET", "https://login.microsoftonline.com/common", 200, "<html>"),
        exchange("GET", "/subscriptions/not-a-guid/resourceGroups", 503, "<html>"),
    ]
    report = replayed(tmp_path, emulation, {"odd.jsonl": lines})
    assert not report.compared
    assert [each.why for each in report.results] == [
        "not served: microsoft.odd/things",
        "not served: GET subscriptions",
        "Azure's own passing trouble (503); the emulator has it on demand, as a fault",
    ]


def test_unknown_versions_are_no_obstacle(tmp_path: Path, emulation: Emulation) -> None:
    lines = [
        exchange("GET", GROUP, 200, group(), query={"api-version": version})
        for version in ("2099-12-31", "2020-01-01-preview", "2020-01-01-alpha")
    ]
    agrees(replayed(tmp_path, emulation, {"versions.jsonl": lines}))


def test_a_wrong_answer_is_reported(tmp_path: Path, emulation: Emulation) -> None:
    report = replayed(tmp_path, emulation, {"wrong.jsonl": [exchange("GET", GROUP, 200, {**group(), "type": "Other/type"})]})
    assert [str(each) for each in report.disagreeing[0].unexplained] == [
        "type (value): Azure 'Other/type', the emulator 'Microsoft.Resources/resourceGroups'"
    ]


def test_an_excerpt_that_begins_with_a_rejected_connection(tmp_path: Path, emulation: Emulation) -> None:
    """The endpoint, its network and vault, and the decision are made from what is shown."""
    connection: dict[str, Any] = {
        "id": f"{VAULT}/privateEndpointConnections/front",
        "name": "front",
        "type": "Microsoft.KeyVault/vaults/privateEndpointConnections",
        "location": "westeurope",
        "etag": "0123456789abcdef0123456789abcdef",
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpoint": {"id": ENDPOINT},
            "privateLinkServiceConnectionState": {"status": "Rejected", "description": "no", "actionsRequired": "None"},
        },
    }
    agrees(replayed(tmp_path, emulation, {"excerpt.jsonl": [exchange("GET", connection["id"], 200, connection)]}))


def test_an_excerpt_in_which_something_goes_on(tmp_path: Path, emulation: Emulation) -> None:
    missing = {"error": {"code": "ResourceGroupNotFound", "message": "Resource group 'shop' could not be found."}}
    lines = [exchange("GET", GROUP, 200, group(state="Deleting")), exchange("GET", GROUP, 404, missing)]
    agrees(replayed(tmp_path, emulation, {"going.jsonl": lines}))


def busy() -> list[str]:
    """An endpoint that is busy at first, and is deleted then."""
    operation = "Operation PutPrivateLinkServiceProxyOperation (11111111-1111-4111-8111-111111111111) is updating resource"
    detail = {"code": "RetryableErrorDueToAnotherOperation", "message": f"{operation} {ENDPOINT}. The call can be retried in 14 seconds."}
    refused = {"error": {"code": "RetryableError", "message": "A retryable error occurred.", "details": [detail], "innerError": "a trace"}}
    url = f"https://management.azure.com{SUBSCRIPTION}/providers/Microsoft.Network/locations/westus/operations/22222222-1111-4111-8111-111111111111"
    headers = {
        "azure-asyncoperation": f"{url}?api-version=2024-03-01",
        "location": f"{url.replace('/operations/', '/operationResults/')}?api-version=2024-03-01",
    }
    return [exchange("DELETE", ENDPOINT, 429, refused), exchange("DELETE", ENDPOINT, 202, response_headers=headers)]


def test_an_excerpt_that_begins_with_a_refusal_that_passes(tmp_path: Path, emulation: Emulation) -> None:
    """Why the endpoint is busy is not shown; it is made so, and free again for the next request."""
    agrees(replayed(tmp_path, emulation, {"busy.jsonl": busy()}))


@pytest.mark.parametrize(("header", "status"), [("*", 412), (None, 201)])
def test_a_refused_condition_says_what_was_there(tmp_path: Path, emulation: Emulation, header: str | None, status: int) -> None:
    record = f"{ZONE}/A/www"
    sent = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.4"}]}}
    shown = {"fqdn": "www.shop.example.", **sent["properties"], "isAutoRegistered": False}
    created = {
        "id": record,
        "name": "www",
        "type": "Microsoft.Network/privateDnsZones/A",
        "etag": "e0000000-0000-4000-8000-000000000001",
        "properties": shown,
    }
    refused = {"code": "PreconditionFailed", "message": "The Record set www exists already and hence cannot be created again."}
    headers = {
        "request_headers": {"If-None-Match": header} if header else {},
        "response_headers": {"ETag": created["etag"]} if status == 201 else {},
    }
    lines = [exchange("PUT", record, status, refused if status == 412 else created, request_body=sent, **headers)]
    agrees(replayed(tmp_path, emulation, {"condition.jsonl": lines}))
