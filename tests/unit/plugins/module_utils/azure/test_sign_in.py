# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a sign-in failed, through azure-identity's own credentials: what is trouble of the service is reported as such, whoever asked."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import requests

from ansible_collections.privatelink.azure.plugins.module_utils import _hints as hints
from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, Problem
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import SUBSCRIPTION, Answer, Time, Wire

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # what users without another way have is tried too
TENANT = "a0000000-0000-4000-8000-000000000001"
LOGIN = f"https://login.microsoftonline.com/{TENANT}"
PRINCIPAL = {"client_id": "c0000000-0000-4000-8000-000000000001", "tenant": TENANT, "subscription_id": SUBSCRIPTION}
OPENID = {
    "authorization_endpoint": f"{LOGIN}/oauth2/v2.0/authorize",
    "token_endpoint": f"{LOGIN}/oauth2/v2.0/token",
    "issuer": f"{LOGIN}/v2.0",
}
ACCOUNTS = {
    "secret": auth.Account({**PRINCIPAL, "secret": "s"}, "secret"),
    "oidc": auth.Account({**PRINCIPAL, "oidc_token": "t"}, "oidc_token"),
    "password": auth.Account({**PRINCIPAL, "ad_user": "u@x", "password": "p"}, "password"),
    "msi": auth.Account({"subscription_id": SUBSCRIPTION}, "msi"),
}
THROTTLED = {
    "error": "temporarily_unavailable",
    "error_description": "AADSTS90055: Throttled. Try later. Trace ID: x",
    "error_codes": [90055],
}
TROUBLE = {
    "503 with a page": (Answer(503, "<html>Service Unavailable</html>"), "answered HTTP 503"),
    "502 with nothing": (Answer(502, ""), "answered HTTP 502"),
    "429 with JSON": (Answer(429, THROTTLED, {"Retry-After": "1"}), "answered HTTP 429: AADSTS90055: Throttled"),
    "429 with text": (Answer(429, "too many"), "answered HTTP 429"),
    "500 with JSON": (
        Answer(500, {"error": "server_error", "error_description": "AADSTS90033: A transient error."}),
        "answered HTTP 500: AADSTS90033",
    ),
}
NO_TOKEN = {
    "a page": (Answer(200, "<html>Sign in to the proxy</html>"), "with a web page"),
    "half of JSON": (Answer(200, '{"access_token": "half-a-token", "expires_'), "with incomplete JSON"),
    "nothing": (Answer(200, ""), "with an empty body"),
    "a list": (Answer(200, []), "with JSON without a token"),
    "null": (Answer(200, "null"), "with text that is not JSON"),
}
REFUSED = Answer(
    401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided. Ensure. Trace ID: x"}
)


class Login(Wire):
    """Answers as Entra ID does, but in one place: the metadata of the tenant, or where tokens come from."""

    def __init__(self, place: str, answer: Answer) -> None:
        super().__init__(answer)
        self._place = place

    def send(self, request: requests.PreparedRequest, *_settings: t.Any, **_more: t.Any) -> requests.Response:
        """Return the answer of a place."""
        url = str(request.url)
        place = (
            "openid"
            if "openid-configuration" in url
            else "token"
            if "/token" in url
            else "realm"
            if "realm" in url.casefold()
            else "instance"
        )
        good = {
            "openid": OPENID,
            "realm": {"account_type": "Managed", "cloud_instance_name": "microsoftonline.com"},
            "instance": {"metadata": []},
        }
        if place == "instance":
            good["instance"]["tenant_discovery_endpoint"] = f"{LOGIN}/v2.0/.well-known/openid-configuration"
        if place == self._place:
            return super().send(request)
        return Wire(Answer(200, good.get(place, {}))).send(request)


def failed(monkeypatch: pytest.MonkeyPatch, account: auth.Account, login: Wire) -> ArmError:
    """Return why nothing could be read."""
    monkeypatch.setattr(requests.Session, "get_adapter", lambda *_arguments, **_keywords: login)
    with pytest.raises(Problem) as caught:
        Arm(account, Time().clock).call(SUBSCRIPTION, "network.private_endpoints.get", "rg", "pe", doing="read it")
    assert isinstance(caught.value, ArmError)
    assert caught.value.message.startswith("Could not sign in to Azure to read it: ")
    assert "half-a-token" not in caught.value.message
    return caught.value


_PLACES = [("secret", "openid"), ("secret", "token"), ("oidc", "token"), ("password", "realm"), ("password", "token"), ("msi", "token")]


@pytest.mark.parametrize("name", TROUBLE)
@pytest.mark.parametrize(("kind", "place"), _PLACES)
def test_trouble_of_the_service(monkeypatch: pytest.MonkeyPatch, kind: str, place: str, name: str) -> None:
    answer, words = TROUBLE[name]
    error = failed(monkeypatch, ACCOUNTS[kind], Login(place, answer))
    who = "the managed identity endpoint (169.254.169.254)" if kind == "msi" else "Microsoft Entra ID (login.microsoftonline.com)"
    assert f": {who} {words}" in error.message
    assert (error.status, error.hint) == (answer.status, "The credentials are not the cause; run again later.")


@pytest.mark.parametrize("name", NO_TOKEN)
@pytest.mark.parametrize(("kind", "place"), _PLACES)
def test_what_is_no_token(monkeypatch: pytest.MonkeyPatch, kind: str, place: str, name: str) -> None:
    answer, words = NO_TOKEN[name]
    error = failed(monkeypatch, ACCOUNTS[kind], Login(place, answer))
    assert (error.code, error.status) == ("UnexpectedAnswer", 200)
    assert words in error.message
    assert "HTTPS_PROXY" in str(error.hint) and "run again later" in str(error.hint)


_BARE = {"token_type": "Bearer"}
_WITHOUT_END = {"access_token": "half-a-token"}
_ODD_END = {"access_token": "half-a-token", "token_type": "Bearer", "expires_in": "x"}
_NO_END = {"access_token": "half-a-token", "token_type": "Bearer", "expires_in": float("inf")}


@pytest.mark.parametrize("kind", ["secret", "oidc", "password"])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_BARE, "JSON without a token"),
        (_WITHOUT_END, "an incomplete token"),
        (_ODD_END, "an incomplete token"),
        (_NO_END, "an incomplete token"),
    ],
    ids=["no token", "no lifetime", "no number", "no end"],
)
def test_a_token_that_lacks_a_part(monkeypatch: pytest.MonkeyPatch, kind: str, answer: dict[str, str], words: str) -> None:
    error = failed(monkeypatch, ACCOUNTS[kind], Login("token", Answer(200, answer)))
    assert (error.code, error.status) == ("UnexpectedAnswer", 200)
    assert error.message.endswith(f"Microsoft Entra ID (login.microsoftonline.com) answered HTTP 200 with {words}")


def test_a_managed_identity_s_token_without_a_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failed(monkeypatch, ACCOUNTS["msi"], Login("token", Answer(200, {**_ODD_END, "expires_on": "x"})))
    assert (error.code, error.status) == ("UnexpectedAnswer", 200)
    assert "invalid literal" not in error.message


def test_a_managed_identity_that_the_host_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts refuse in words of their own, and those without identities with whatever they serve."""
    for answer, words in (
        (Answer(400, {"statusCode": 400, "message": "No managed identity found. Ask again."}), "400: No managed identity found"),
        (Answer(400, {"error": "invalid_request", "error_description": "Identity not found"}), "400: Identity not found"),
        (Answer(404, "<html>no</html>"), "404"),
    ):
        error = failed(monkeypatch, ACCOUNTS["msi"], Login("token", answer))
        assert (error.code, error.hint) == ("CredentialUnavailable", hints.HINTS["CredentialUnavailable"])
        assert error.message.endswith(f"the managed identity endpoint refused with HTTP {words}")


@pytest.mark.parametrize("place", ["openid", "token"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_follows_a_redirect_with_credentials(monkeypatch: pytest.MonkeyPatch, place: str, status: int) -> None:
    login = Login(place, Answer(status, {}, {"Location": "https://stranger.example/token"}))
    error = failed(monkeypatch, ACCOUNTS["secret"], login)
    assert (error.code, error.status) == ("UnexpectedAnswer", status)
    assert not [request for request in login.requests if "stranger" in str(request.url)]


def test_a_token_that_no_request_can_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    token = {"access_token": "a" * 300_000, "token_type": "Bearer", "expires_in": 3600}
    error = failed(monkeypatch, ACCOUNTS["secret"], Login("token", Answer(200, token)))
    assert error.code == "UnexpectedAnswer"
    assert "a token of 300000 characters" in error.message


@pytest.mark.parametrize("place", ["openid", "token"])
def test_a_refusal_is_one(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    error = failed(monkeypatch, ACCOUNTS["secret"], Login(place, REFUSED))
    assert error.message == "Could not sign in to Azure to read it: AADSTS7000215: Invalid client secret provided"
    assert (error.code, error.status, error.hint) == ("AADSTS7000215", 401, hints.HINTS["AADSTS7000215"])


def test_the_hint_fits_the_kind_of_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = Answer(400, {"error": "invalid_grant", "error_description": "AADSTS999999: Something new. More of it. Trace ID: x"})
    for kind, word in (("oidc", "AZURE_FEDERATED_TOKEN"), ("password", "AZURE_PASSWORD")):
        error = failed(monkeypatch, ACCOUNTS[kind], Login("token", unknown))
        assert word in str(error.hint)
        assert error.message.endswith("AADSTS999999: Something new. More of it")


# --- the Azure CLI ---

_MORE = "Trace ID: 1 Correlation ID: 2 Timestamp: 2026-11-26 10:00:00Z"
EXPIRED = {
    "AADSTS700082": (
        f"ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2026-01-01. {_MORE}\n"
        'Interactive authentication is needed. Please run:\naz login --tenant "t-1" --scope "https://management.core.windows.net//.default"\n',
        'az login --tenant "t-1" --scope "https://management.core.windows.net//.default"',
    ),
    "AADSTS70043": (
        f"ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. {_MORE}\n"
        "To re-authenticate, please run:\naz login --scope https://management.core.windows.net//.default\n",
        "az login --scope https://management.core.windows.net//.default",
    ),
    "AADSTS50173": (
        f"ERROR: AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed. {_MORE}\n"
        "Run the command below to authenticate interactively; additional arguments may be added as needed:\n"
        "az logout\naz login --tenant t-1 --use-device-code\n",
        "az login --tenant t-1 --use-device-code",
    ),
    "AADSTS50078": (
        f"ERROR: AADSTS50078: Presented multi-factor authentication has expired due to policies configured by your administrator. {_MORE}\n"
        'Run `az login --tenant "t-1" --scope "s"`. If the problem persists, ask.',
        'az login --tenant "t-1" --scope "s"',
    ),
    "AADSTS50076": (
        f"ERROR: interaction_required: AADSTS50076: Due to a configuration change, use multi-factor authentication. {_MORE}\n",
        "az login",
    ),
}


def az(monkeypatch: pytest.MonkeyPatch, folder: pathlib.Path, said: str) -> ArmError:
    """Return what is told where the Azure CLI fails with some words."""
    (folder / "said").write_text(said, encoding="utf-8")
    (folder / "az").write_text(f"#!/bin/sh\ncat '{folder}/said' >&2\nexit 1\n", encoding="utf-8")
    (folder / "az").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return failed(monkeypatch, auth.Account({"subscription_id": SUBSCRIPTION}, "cli"), Wire(Answer(200, {})))


@pytest.mark.parametrize("code", EXPIRED)
def test_an_expired_sign_in_keeps_the_advice_of_az(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, code: str) -> None:
    said, command = EXPIRED[code]
    error = az(monkeypatch, tmp_path, said)
    assert error.code == code
    assert command in str(error.hint)
    assert "Trace ID" not in error.message and "client_id" not in str(error.hint) and "password alone" not in str(error.hint)


def test_trouble_that_the_azure_cli_met(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    error = az(monkeypatch, tmp_path, f"ERROR: AADSTS90033: A transient error has occurred. Please try again. {_MORE}\n")
    assert (error.code, error.hint) == ("AADSTS90033", "The credentials are not the cause; run again later.")


def test_an_azure_cli_that_nobody_signed_in_with(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    error = az(monkeypatch, tmp_path, "ERROR: Please run 'az login' to setup account.\n")
    assert error.code == "CredentialUnavailable"
    assert "az login" in str(error.hint)


def test_an_azure_cli_that_fails_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    error = az(monkeypatch, tmp_path, "ERROR: The command failed with an unexpected error.\n")
    assert error.code == "AuthenticationFailed"
    assert "az login" in str(error.hint) and "client_id" not in str(error.hint)


_TOKEN = '{"accessToken": "cli-token-0123456789abcdef", "expires_on": 4070908800, "tokenType": "Bearer"}'


@pytest.mark.parametrize(
    "printed",
    [f"WARNING: You have updates.\n{_TOKEN}", f"{_TOKEN}\nWARNING", "", "[]", "{}", _TOKEN.replace("4070908800", '"x"'), "a" * 5_000_000],
    ids=["warning before", "warning after", "nothing", "a list", "no token", "no number", "a flood"],
)
def test_what_the_azure_cli_prints_beside_a_token(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, printed: str) -> None:
    (tmp_path / "said").write_text(printed, encoding="utf-8")
    program = f"#!/bin/sh\ncat '{tmp_path}/said'\n"
    (tmp_path / "az").write_text(program, encoding="utf-8")
    (tmp_path / "az").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    error = failed(monkeypatch, auth.Account({"subscription_id": SUBSCRIPTION}, "cli"), Wire(Answer(200, {})))
    assert (error.code, error.message.partition("read it: ")[2]) == (
        "UnexpectedAnswer",
        "the Azure CLI did not print a token as JSON alone",
    )
    assert "az account get-access-token" in str(error.hint)
