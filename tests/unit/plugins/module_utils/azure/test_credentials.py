# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an account to a credential of azure-identity: which kind, at which authority. Nothing is asked of anybody."""

from __future__ import annotations

import concurrent.futures
import pathlib
import time
import typing as t

import pytest
from azure import identity
from azure.core.credentials import AccessToken

from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth, clouds
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._azure.tokens import Credential
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, SignInFailed

PRIVATE = clouds.Cloud(
    "Private", "https://arm.example", "https://login.example", "https://arm.example/", "vault.example", "hsm.example", well_known=False
)
PRINCIPAL = {"client_id": "c0000000-0000-4000-8000-000000000001", "tenant": "a0000000-0000-4000-8000-000000000001"}


class Made(str):
    """A credential that gives its name for a token."""

    __slots__ = ()

    def get_token(self, *_scopes: str, **_options: t.Any) -> str:
        """Return the name."""
        return str(self)


@pytest.fixture(name="made")
def _made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, t.Any]]]:
    """Return what credentials are made, and with what; they are azure-identity's own names."""
    made: list[tuple[str, dict[str, t.Any]]] = []

    def maker(name: str) -> t.Callable[..., Made]:
        assert hasattr(identity, name)

        def make(**keywords: t.Any) -> Made:
            made.append((name, keywords))
            return Made(name)

        return make

    for name in (
        "AzureCliCredential",
        "ManagedIdentityCredential",
        "ClientSecretCredential",
        "CertificateCredential",
        "UsernamePasswordCredential",
        "ClientAssertionCredential",
    ):
        monkeypatch.setattr(identity, name, maker(name))
    return made


def account(source: str, **values: t.Any) -> auth.Account:
    """Return an account of a service principal."""
    return auth.Account({**PRINCIPAL, **values}, source)


@pytest.mark.parametrize(
    ("given", "kind", "keywords"),
    [
        (account("cli"), "AzureCliCredential", {}),
        (account("msi"), "ManagedIdentityCredential", {"client_id": PRINCIPAL["client_id"]}),
        (account("secret", secret="s"), "ClientSecretCredential", {"client_secret": "s", "tenant_id": PRINCIPAL["tenant"]}),
        (account("x509_certificate_path", x509_certificate_path="/pem"), "CertificateCredential", {"certificate_path": "/pem"}),
        (
            account("password", ad_user="u", password="p"),
            "UsernamePasswordCredential",
            {"username": "u", "password": "p", "tenant_id": PRINCIPAL["tenant"]},
        ),
        (
            auth.Account({"ad_user": "u", "password": "p"}, "password"),
            "UsernamePasswordCredential",
            {"tenant_id": "organizations", "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"},
        ),
        (account("oidc_token", oidc_token="t"), "ClientAssertionCredential", {"client_id": PRINCIPAL["client_id"]}),
    ],
)
def test_kinds_of_credentials(made: list[tuple[str, dict[str, t.Any]]], given: auth.Account, kind: str, keywords: dict[str, t.Any]) -> None:
    assert auth.credential(given, clouds.DEFAULT, transport="wire").get_token("scope") == kind
    ((name, used),) = made
    assert name == kind
    assert keywords.items() <= used.items()
    if kind != "AzureCliCredential":
        assert used["transport"] == "wire"


@pytest.mark.parametrize(
    ("cloud", "values", "authority", "trusted"),
    [
        (clouds.DEFAULT, {}, "https://login.microsoftonline.com", True),
        (clouds.DEFAULT, {"adfs_authority_url": "LOGIN.microsoftonline.us/"}, "https://LOGIN.microsoftonline.us/", True),
        (clouds.DEFAULT, {"adfs_authority_url": "login.microsoftonline.us:8443"}, "https://login.microsoftonline.us:8443", False),
        (clouds.DEFAULT, {"adfs_authority_url": "login.microsoftonline.com.example"}, "https://login.microsoftonline.com.example", False),
        (clouds.DEFAULT, {"adfs_authority_url": "login.example/adfs"}, "https://login.example/adfs", False),
        (clouds.DEFAULT, {"adfs_authority_url": "http://login.example"}, "https://login.example", False),
        (clouds.DEFAULT, {"disable_instance_discovery": True}, "https://login.microsoftonline.com", True),
        (clouds.DEFAULT, {"disable_instance_discovery": False}, "https://login.microsoftonline.com", False),
        (PRIVATE, {}, "https://login.example", True),
        (PRIVATE, {"disable_instance_discovery": False}, "https://login.example", False),
    ],
)
def test_authorities(
    made: list[tuple[str, dict[str, t.Any]]], cloud: clouds.Cloud, values: dict[str, t.Any], authority: str, trusted: bool
) -> None:
    auth.credential(account("secret", secret="s", **values), cloud)
    ((_name, used),) = made
    assert used["authority"] == authority
    assert used["disable_instance_discovery"] is trusted


def test_a_token_file_is_read_anew_for_each_sign_in(made: list[tuple[str, dict[str, t.Any]]], tmp_path: pathlib.Path) -> None:
    file = tmp_path / "token"
    auth.credential(account("oidc_token_file_path", oidc_token_file_path=str(file), oidc_token="older"), clouds.DEFAULT)
    ((_name, used),) = made
    for token in ("one", "two"):
        file.write_text(f"{token}\n", encoding="utf-8")
        assert used["func"]() == token


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\xff\xfe\x00", "it is no text"),
        (b"one\ntwo\n", "it holds more than a token"),
        (b"x" * 1_000_000, "it is longer than a token"),
    ],
)
def test_a_token_file_that_holds_none(
    made: list[tuple[str, dict[str, t.Any]]], tmp_path: pathlib.Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    auth.credential(account("oidc_token_file_path", oidc_token_file_path=str(file)), clouds.DEFAULT)
    ((_name, used),) = made
    with pytest.raises(OptionError) as caught:
        used["func"]()
    assert caught.value.message == f"oidc_token_file_path: '{file}' cannot be read ({reason}); correct the path or the file."


def test_a_token_is_used_as_it_is(made: list[tuple[str, dict[str, t.Any]]]) -> None:
    auth.credential(account("oidc_token", oidc_token="token", oidc_token_file_path="/nowhere"), clouds.DEFAULT)
    assert made[0][1]["func"]() == "token"


def test_a_certificate_that_is_none_is_a_wrong_option(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "pem"
    file.write_text("no certificate", encoding="utf-8")
    with pytest.raises(OptionError) as caught:
        auth.credential(account("x509_certificate_path", x509_certificate_path=str(file)), clouds.DEFAULT)
    assert caught.value.option == "x509_certificate_path"


def test_a_certificate_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    def denied(*_arguments: t.Any, **_keywords: t.Any) -> t.NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(auth.identity, "CertificateCredential", denied)
    with pytest.raises(OptionError, match=r"cannot be used \(Permission denied\); pass a PEM file") as caught:
        auth.credential(account("x509_certificate_path", x509_certificate_path=str(tmp_path)), clouds.DEFAULT)
    assert caught.value.option == "x509_certificate_path"


def test_every_kind_is_accepted_by_azure_identity() -> None:
    for given in (account("secret", secret="s"), account("oidc_token", oidc_token="t"), account("cli"), account("msi")):
        assert auth.credential(given, PRIVATE).get_token


@pytest.mark.parametrize("source", ["secret", "x509_certificate_path", "password", "oidc_token", "cli"])
def test_every_identity_but_the_hosts_own_goes_to_further_tenants(made: list[tuple[str, dict[str, t.Any]]], source: str) -> None:
    given = account(
        source, secret="s", x509_certificate_path="/pem", ad_user="u", password="p", oidc_token="t", auxiliary_tenant_ids=["one", "two"]
    )
    credentials = auth.auxiliary_credentials(given, clouds.DEFAULT)
    assert [credential.get_token("scope") != "" for credential in credentials.values()] == [True, True]
    assert list(credentials) == ["one", "two"]
    assert [keywords["tenant_id"] for _kind, keywords in made] == ["one", "two"]


def test_the_cli_is_told_a_tenant_that_is_not_its_own(made: list[tuple[str, dict[str, t.Any]]]) -> None:
    own = auth.Account({"tenant": "own"}, "cli", "own")
    auth.credential(own, clouds.DEFAULT).get_token("scope")
    auth.credential(auth.Account({"tenant": "other"}, "cli", "own"), clouds.DEFAULT).get_token("scope")
    assert [keywords.get("tenant_id") for _kind, keywords in made] == [None, "other"]


@pytest.mark.parametrize(("left", "given"), [(1800.0, 60), (4.7, 4), (0.0, 1)])
def test_the_cli_is_given_the_time_that_the_task_has_left(made: list[tuple[str, dict[str, t.Any]]], left: float, given: int) -> None:
    credential = auth.credential(auth.Account({}, "cli"), clouds.DEFAULT, seconds=lambda: left)
    assert made == []
    credential.get_token("scope")
    assert made[0][1]["process_timeout"] == given


class Az:
    """The Azure CLI's credential, whose tokens have so many seconds left; it notes what it was asked."""

    left = 3600
    requested: t.ClassVar[list[tuple[tuple[str, ...], dict[str, t.Any]]]] = []

    def __init__(self, **_settings: t.Any) -> None:
        pass

    def get_token(self, *scopes: str, **options: t.Any) -> AccessToken:
        """Take a while, and return another token each time."""
        time.sleep(0.02)
        self.requested.append((scopes, options))
        return AccessToken(f"token {len(self.requested)}", int(time.time()) + self.left)


@pytest.fixture(name="az")
def _az(monkeypatch: pytest.MonkeyPatch) -> type[Az]:
    monkeypatch.setattr(identity, "AzureCliCredential", Az)
    monkeypatch.setattr(Az, "requested", [])
    return Az


def test_the_azure_cli_is_asked_once_by_all_clients_of_a_task(az: type[Az]) -> None:
    """Each client of the SDK asks its credential, from whichever thread."""
    credential = auth.credential(account("cli"), clouds.DEFAULT)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _number: credential.get_token("scope", enable_cae=False).token, range(16)))
    assert (set(tokens), len(az.requested)) == ({"token 1"}, 1)


@pytest.mark.parametrize(
    ("scope", "options", "left"),
    [("other", {}, 3600), ("scope", {"tenant_id": "other"}, 3600), ("scope", {"claims": "{}"}, 3600), ("scope", {}, 299)],
    ids=["another audience", "another tenant", "more claims", "a token about to end"],
)
def test_the_azure_cli_is_asked_for_what_it_has_not_told(
    az: type[Az], monkeypatch: pytest.MonkeyPatch, scope: str, options: dict[str, str], left: int
) -> None:
    monkeypatch.setattr(az, "left", left)
    credential = auth.credential(account("cli"), clouds.DEFAULT)
    assert [credential.get_token("scope").token, credential.get_token(scope, **options).token] == ["token 1", "token 2"]
    assert len(az.requested) == 2


@pytest.mark.parametrize("token", [None, 5, "", " ", "a\nb"])
def test_what_is_no_text_is_no_token(az: type[Az], monkeypatch: pytest.MonkeyPatch, token: t.Any) -> None:
    monkeypatch.setattr(az, "get_token", lambda _self, *_scopes, **_options: AccessToken(token, int(time.time()) + 3600))
    with pytest.raises(SignInFailed, match="holds no token"):
        Credential(az(), lambda: Clock(5)).get_token("scope")
