# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against servers that are silent, slow, endless or leading elsewhere: the bound holds for all of it, and tokens stay in their cloud."""

from __future__ import annotations

import dataclasses
import pathlib
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem, WaitTimeout
from ansible_collections.privatelink.azure.tests.unit.plugins import hostile
from ansible_collections.privatelink.azure.tests.unit.plugins.hostile import TENANT, Behaviour, Server

SECONDS = 0.4
GRACE = 2.0
SUBSCRIPTION = "a0000000-0000-4000-8000-0000000000aa"
LISTED = "/subscriptions"
ENDPOINT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe"


@pytest.fixture(scope="module", name="bundle")
def _bundle(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[pathlib.Path, list[Server]]]:
    directory = tmp_path_factory.mktemp("trust")
    with hostile.servers(directory, 2) as found:
        yield directory / "bundle.pem", found


@pytest.fixture(name="clouds")
def _clouds(bundle: tuple[pathlib.Path, list[Server]], monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """Return the cloud that is spoken to, and a stranger."""
    file, found = bundle
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    for server in found:
        server.behaviours, server.silent = {}, False
        server.seen.clear()
        server.connections = 0
    return found


def arm(cloud: Server, seconds: float = SECONDS, **values: t.Any) -> Arm:
    """Return a cloud as a task with so many seconds sees it."""
    who = {"client_id": "c", "secret": "s3cr3t", "tenant": TENANT, "subscription_id": SUBSCRIPTION, "cloud_environment": cloud.url}
    return Arm(auth.Account({**who, **values}, "secret"), Clock(seconds))


def ended(cloud: Server, seconds: float = SECONDS, **values: t.Any) -> Problem:
    """Return how listing in a cloud ended, which it did in time."""
    begun = time.monotonic()
    with pytest.raises(Problem) as caught:
        arm(cloud, seconds, **values).list_at(LISTED, "2022-12-01", doing="list subscriptions")
    assert time.monotonic() - begun < seconds + GRACE
    return caught.value


# --- the bound ---


@pytest.mark.parametrize(
    ("place", "behaviour"),
    [
        *((place, hostile.silence) for place in ("/metadata/", "openid-configuration", "/token", LISTED)),
        ("/token", hostile.drip_body),
        (LISTED, hostile.drip_body),
        (LISTED, hostile.drip_chunks),
    ],
)
def test_who_is_slow_at_any_step_is_left(clouds: list[Server], place: str, behaviour: Behaviour) -> None:
    clouds[0].behaviours[place] = behaviour
    error = ended(clouds[0])
    assert isinstance(error, WaitTimeout)
    assert error.code == "WaitTimeout"
    assert f"timed out after {SECONDS:g} seconds" in error.message


@pytest.mark.parametrize("behaviour", [hostile.drip_headers, hostile.continue_for_ever, hostile.redirects_for_ever])
def test_an_answer_that_does_not_come_is_not_awaited_for_ever(clouds: list[Server], behaviour: Behaviour) -> None:
    clouds[0].behaviours[LISTED] = clouds[0].behaviours["/redirects"] = behaviour
    assert "timed out after" in ended(clouds[0]).message


def test_a_server_without_a_handshake_is_left(clouds: list[Server]) -> None:
    clouds[0].silent = True
    assert "timed out" in ended(clouds[0]).message


def test_a_list_that_has_always_one_more_page_ends(clouds: list[Server]) -> None:
    clouds[0].behaviours |= {LISTED: hostile.pages_for_ever, "/pages": hostile.pages_for_ever}
    assert ended(clouds[0]).message.startswith(f"Could not list subscriptions: timed out after {SECONDS:g} seconds")


def test_a_list_that_comes_back_to_itself_ends_at_once(clouds: list[Server]) -> None:
    clouds[0].behaviours[LISTED] = lambda connection: connection.answer({"value": [], "nextLink": f"{clouds[0].url}{LISTED}?again"})
    error = ended(clouds[0], 30)
    assert (error.code, len(clouds[0].tokens_for(LISTED))) == ("UnexpectedAnswer", 2)
    assert "comes back to a page that was read already" in error.message


def test_trouble_that_stays_is_the_cause_of_the_timeout(clouds: list[Server]) -> None:
    clouds[0].behaviours[LISTED] = hostile.refusal(503, "ServerBusy", "The service is busy.")
    error = ended(clouds[0], 1.5)
    assert isinstance(error, WaitTimeout)
    assert (error.code, error.status, error.request_id) == ("ServerBusy", 503, "r1")
    said = "the last response was HTTP 503: The service is busy"
    assert error.message == f"Could not list subscriptions: timed out after 1.5 seconds; {said}"


def test_a_connection_that_is_refused_until_the_end_is_the_cause(clouds: list[Server]) -> None:
    reached = arm(clouds[0], 1.5)
    reached.cloud = dataclasses.replace(reached.cloud, resource_manager="https://127.0.0.1:1")
    with pytest.raises(WaitTimeout, match=r"timed out after 1.5 seconds without a response from Azure \(.*refused\)"):
        reached.list_at(LISTED, "1", doing="list them")


def test_an_answer_to_something_else_is_no_cause(clouds: list[Server]) -> None:
    clouds[0].behaviours["/first"] = hostile.refusal(404, "NotFound", "Not here.")
    clouds[0].behaviours[LISTED] = hostile.silence
    reached = arm(clouds[0], 1.5)
    assert reached.list_at("/first", "1", doing="list them") == []
    with pytest.raises(WaitTimeout) as caught:
        reached.list_at(LISTED, "1", doing="list them")
    assert "NotFound" not in (caught.value.code, caught.value.message)
    assert caught.value.status is None


def test_a_pause_that_does_not_fit_is_not_begun(clouds: list[Server]) -> None:
    clouds[0].behaviours[LISTED] = hostile.refusal(429, "SubscriptionRequestsThrottled", "Too many requests.", Retry_After="60")
    begun = time.monotonic()
    error = ended(clouds[0], 20)
    assert time.monotonic() - begun < 3
    assert (error.code, error.status) == ("SubscriptionRequestsThrottled", 429)
    assert "timed out: Azure requires a pause of 60 seconds" in error.message


def test_a_write_that_is_cut_off_may_have_been_done(clouds: list[Server]) -> None:
    clouds[0].behaviours[ENDPOINT] = hostile.silence
    with pytest.raises(WaitTimeout, match="and Azure may still complete it") as caught:
        arm(clouds[0], 1.5).call(SUBSCRIPTION, "network.private_endpoints.begin_create_or_update", "rg", "pe", {}, doing="create it")
    assert caught.value.in_flight


def test_the_azure_cli_is_given_the_time_that_is_left(
    clouds: list[Server], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "az").write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    (tmp_path / "az").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    begun = time.monotonic()
    with pytest.raises(WaitTimeout, match="timed out after 1 seconds waiting for a token"):
        Arm(auth.Account({"subscription_id": SUBSCRIPTION, "cloud_environment": clouds[0].url}, "cli"), Clock(1)).list_at(
            LISTED, "1", doing="list them"
        )
    assert time.monotonic() - begun < 1 + GRACE


# --- where tokens go ---


def elsewhere(clouds: list[Server], address: str) -> str:
    """Return an address of the stranger, in one of the ways in which an answer may lead there."""
    return (
        address.replace("STRANGER", clouds[1].url)
        .replace("HOST", clouds[0].url.removeprefix("https://"))
        .replace("OTHER", clouds[1].url[8:])
    )


ADDRESSES = [
    "STRANGER/x",
    "http://HOST/x",
    "https://HOST@OTHER/x",
    "https://OTHER\\@HOST/x",
    "https://x.HOST/x",
    "//OTHER/x",
    "ftp://OTHER/x",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_link_leads_a_token_elsewhere(clouds: list[Server], address: str) -> None:
    clouds[0].behaviours[LISTED] = lambda connection: connection.answer({"value": [], "nextLink": elsewhere(clouds, address)})
    error = ended(clouds[0], 5)
    assert (type(error), error.code) == (ArmError, "UntrustedAddress")
    assert "nothing was sent there" in error.message
    assert clouds[1].connections == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("address", ["STRANGER/x", "https://HOST@OTHER/x", "//OTHER/x"])
def test_no_redirect_leads_a_token_elsewhere(clouds: list[Server], address: str, status: int) -> None:
    clouds[0].behaviours[LISTED] = lambda connection: connection.answer({}, status, Location=elsewhere(clouds, address))
    assert ended(clouds[0], 5).code == "UntrustedAddress"
    assert clouds[1].connections == 0


@pytest.mark.parametrize("way", ["link", "redirect"])
def test_what_is_no_address_leads_nowhere(clouds: list[Server], way: str) -> None:
    body, headers = ({"value": [], "nextLink": "https://["}, {}) if way == "link" else ({}, {"Location": "https://["})
    clouds[0].behaviours[LISTED] = lambda connection: connection.answer(body, 307 if headers else 200, **headers)
    assert ended(clouds[0], 5).code in ("UntrustedAddress", "UnexpectedAnswer")


@pytest.mark.parametrize("header", ["Location", "Azure-AsyncOperation"])
@pytest.mark.parametrize("address", ["STRANGER/x", "https://x.HOST/x", "https://["])
def test_no_operation_leads_a_token_elsewhere(clouds: list[Server], header: str, address: str) -> None:
    started = {"id": ENDPOINT, "name": "pe", "location": "x", "properties": {"provisioningState": "Updating"}}
    clouds[0].behaviours[ENDPOINT] = lambda connection: connection.answer(
        started, 202, **{header.replace("-", "_"): elsewhere(clouds, address)}
    )
    with pytest.raises(ArmError) as caught:
        arm(clouds[0], 5).call(SUBSCRIPTION, "network.private_endpoints.begin_delete", "rg", "pe", doing="delete it")
    assert caught.value.code in ("UntrustedAddress", "UnexpectedAnswer")
    assert clouds[1].connections == 0


def test_auxiliary_tokens_stay_in_the_cloud_too(clouds: list[Server]) -> None:
    clouds[0].behaviours[ENDPOINT] = lambda connection: connection.answer({}, 307, Location=f"{clouds[1].url}/x")
    with pytest.raises(ArmError) as caught:
        reached = arm(clouds[0], 5, auxiliary_tenant_ids=["b0000000-0000-4000-8000-000000000002"])
        reached.call(SUBSCRIPTION, "network.private_endpoints.begin_create_or_update", "rg", "pe", {}, doing="create it")
    assert caught.value.code == "UntrustedAddress"
    assert clouds[1].connections == 0
    assert any("x-ms-authorization-auxiliary" in headers for _method, path, headers in clouds[0].seen if ENDPOINT in path)


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"resourceManager": "https://management.azure.com"}, "returns the address of a different Resource Manager"),
        (
            {
                "authentication": {
                    "loginEndpoint": "https://login.microsoftonline.com",
                    "audiences": ["https://management.core.windows.net/"],
                }
            },
            "which is not its own audience",
        ),
    ],
)
def test_a_stranger_gets_no_token_of_azure(clouds: list[Server], described: dict[str, t.Any], said: str) -> None:
    whole = {
        "name": "Azure",
        "resourceManager": clouds[0].url,
        "authentication": {"loginEndpoint": clouds[0].url, "audiences": [clouds[0].url]},
    }
    clouds[0].behaviours["/metadata/"] = lambda connection: connection.answer({**whole, **described})
    error = ended(clouds[0], 5)
    assert isinstance(error, OptionError)
    assert said in error.message
    assert [path for _method, path, _headers in clouds[0].seen if "/metadata/" not in path] == []


def test_metadata_of_another_host_are_not_read(clouds: list[Server]) -> None:
    clouds[0].behaviours["/metadata/"] = lambda connection: connection.answer({}, 302, Location=f"{clouds[1].url}/metadata/endpoints")
    error = ended(clouds[0], 5)
    assert isinstance(error, OptionError)
    assert clouds[1].connections == 0
