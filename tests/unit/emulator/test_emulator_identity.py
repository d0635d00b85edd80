# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's doors to managed identities, and the users whom Entra ID turns away."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Client, run

ARM = "https://management.azure.com/"


def ask(url: str, headers: dict[str, str], **query: str) -> tuple[int, Any]:
    """Status and body of a GET without a proxy."""
    request = urllib.request.Request(f"{url}?{urllib.parse.urlencode(query)}", headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


@pytest.fixture
def doors(arm: Client) -> dict[str, str]:
    for name, kind in (("own", "system"), ("assigned", "user")):
        arm.control(
            "POST", "principals", {"tenant": arm.facts["tenant"], "client_id": name, "object_id": f"{name}-object", "managed": kind}
        )
    found: dict[str, str] = arm.control("POST", "managed-identity")
    assert found == arm.control("POST", "managed-identity")
    return found


@pytest.mark.parametrize(
    ("named", "client"), [({}, "own"), ({"client_id": "ASSIGNED"}, "assigned"), ({"object_id": "assigned-object"}, "assigned")]
)
def test_both_doors_give_tokens_that_arm_takes(arm: Client, doors: dict[str, str], named: dict[str, str], client: str) -> None:
    imds = ask(
        f"{doors['imds']}/metadata/identity/oauth2/token", {"Metadata": "true"}, **{"api-version": "2018-02-01"}, resource=ARM, **named
    )
    service = ask(doors["endpoint"], {"X-IDENTITY-HEADER": doors["header"]}, **{"api-version": "2019-08-01"}, resource=ARM, **named)
    for status, body in (imds, service):
        assert (status, body["client_id"], body["token_type"]) == (200, client, "Bearer"), body
        assert arm.call("GET", arm.rg, token=body["access_token"]).status_code == 200
    assert body["access_token"] not in json.dumps(arm.control("GET", "log"))


def test_refusals_of_the_metadata_service(doors: dict[str, str]) -> None:
    url, right, version = f"{doors['imds']}/metadata/identity/oauth2/token", {"Metadata": "true"}, {"api-version": "2018-02-01"}
    cases = [
        ("Required metadata header not specified", {}, {**version, "resource": ARM}),
        ("Required metadata header not specified", {**right, "X-Forwarded-For": "192.0.2.1"}, {**version, "resource": ARM}),
        ("Required query variable 'api-version' is missing", right, {"resource": ARM}),
        ("Required audience parameter not specified", right, version),
        ("Identity not found", right, {**version, "resource": ARM, "client_id": "nobody"}),
        ("AADSTS500011", right, {**version, "resource": "nothing"}),
    ]
    for text, headers, query in cases:
        status, body = ask(url, headers, **query)
        assert status == 400 and body["error_description"].startswith(text), (text, status, body)


def test_refusals_of_app_service(doors: dict[str, str]) -> None:
    right = {"api-version": "2019-08-01", "resource": ARM}
    assert ask(doors["endpoint"], {}, **right)[0] == ask(doors["endpoint"], {"X-IDENTITY-HEADER": "wrong"}, **right)[0] == 401
    status, body = ask(doors["endpoint"], {"X-IDENTITY-HEADER": doors["header"]}, **right, client_id="nobody")
    assert status == 400 and body["message"].startswith("No User Assigned or Delegated Managed Identity found")


def test_a_host_without_an_identity(arm: Client) -> None:
    doors = arm.control("POST", "managed-identity")
    url, query = f"{doors['imds']}/metadata/identity/oauth2/token", {"api-version": "2018-02-01", "resource": ARM}
    assert ask(url, {"Metadata": "true"}, **query)[1]["error_description"] == "Identity not found"
    arm.control("POST", "principals", {"tenant": arm.facts["tenant"], "client_id": "only", "object_id": "only", "managed": "user"})
    assert ask(url, {"Metadata": "true"}, **query)[1]["client_id"] == "only"


def test_users_are_turned_away(arm: Client) -> None:
    form = {
        "grant_type": "password",
        "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "username": "u@emulator.example",
        "client_secret": "",
    }
    user = {"tenant": arm.facts["tenant"], "client_id": "user", "object_id": "user", "username": "u@emulator.example", "password": "p"}
    for number in (50076, 50079, 53003, 65001):
        arm.control("POST", "principals", {**user, "refusal": number})
        assert arm.token_answer(**form, password="wrong").json()["error_codes"] == [50126]
        assert arm.token_answer(**form, password="p").json()["error_codes"] == [number]
    arm.control("POST", "principals", user)
    assert arm.token_answer(**form, password="p").status_code == 200
    confidential = {**form, "client_id": arm.facts["client_id"]}
    assert arm.token_answer(**confidential, password="p").json()["error_codes"] == [7000218]
    arm.control("POST", "principals", {"tenant": arm.facts["tenant"], "client_id": "public", "object_id": "public", "public": True})
    assert arm.token_answer(**{**form, "client_id": "public"}, password="p").status_code == 200


def test_the_emulator_stays_on_loopback(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "192.0.2.1", "nowhere"):
        refused: subprocess.CompletedProcess[str] = run(tmp_path, "start", "--host", host)
        assert refused.returncode == 2 and "--host" in refused.stderr
