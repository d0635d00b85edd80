# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that no attempt can make: certificates, trusted certificates, proxies. They fail at once, with what to do."""

from __future__ import annotations

import dataclasses
import pathlib
import socket
import threading
import time
import typing as t

import pytest
from azure.core.credentials import AccessToken

from ansible_collections.privatelink.azure.plugins.module_utils import _masking as masking
from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._entry import failure
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, Problem
from ansible_collections.privatelink.azure.tests.unit.plugins import hostile
from ansible_collections.privatelink.azure.tests.unit.plugins.hostile import TENANT, Server

SECONDS = 30
_BUNDLE = "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n"


@pytest.fixture(scope="module", name="cloud")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[pathlib.Path, Server]]:
    directory = tmp_path_factory.mktemp("trust")
    (directory / "nonsense.pem").write_text(_BUNDLE, encoding="utf-8")
    (directory / "empty.pem").write_text("", encoding="utf-8")
    with hostile.servers(directory, 1) as (server,):
        yield directory, server


def ended(url: str) -> Problem:
    """Return how listing in a cloud ended, which it did long before its time was up."""
    who = {"client_id": "c", "secret": "s3cr3t", "tenant": TENANT, "subscription_id": TENANT, "cloud_environment": url}
    begun = time.monotonic()
    with pytest.raises(Problem) as caught:
        Arm(auth.Account(who, "secret"), Clock(SECONDS)).list_at("/subscriptions", "2022-12-01", doing="list subscriptions")
    assert time.monotonic() - begun < 5
    return caught.value


@pytest.mark.parametrize("bundle", ["missing.pem", "nonsense.pem", "empty.pem"])
def test_trusted_certificates_that_cannot_be_read(cloud: tuple[pathlib.Path, Server], monkeypatch: pytest.MonkeyPatch, bundle: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cloud[0] / bundle))
    error = ended(cloud[1].url)
    assert "Correct REQUESTS_CA_BUNDLE" in failure(error)["msg"]


@pytest.mark.parametrize(("trusted", "host"), [(False, "127.0.0.1"), (True, "localhost")])
def test_a_certificate_that_is_not_the_servers(
    cloud: tuple[pathlib.Path, Server], monkeypatch: pytest.MonkeyPatch, trusted: bool, host: str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cloud[0] / "bundle.pem")) if trusted else monkeypatch.delenv("REQUESTS_CA_BUNDLE", False)
    error = ended(cloud[1].url.replace("127.0.0.1", host))
    assert "certificate verify failed" in error.message
    assert "Trust the certificate authority" in failure(error)["msg"]


def test_what_fails_after_the_metadata_is_told_alike(cloud: tuple[pathlib.Path, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", False)
    arm = Arm(auth.Account({"subscription_id": TENANT, "client_id": "c", "secret": "s3cr3t", "tenant": TENANT}, "secret"), Clock(SECONDS))
    arm.cloud = dataclasses.replace(arm.cloud, resource_manager=cloud[1].url)
    monkeypatch.setattr(arm._credential, "get_token", lambda *_scopes, **_options: AccessToken("token", 2**31))
    with pytest.raises(ArmError, match="certificate verify failed") as caught:
        arm.list_at("/subscriptions", "1", doing="list them")
    assert caught.value.code == "ConnectionFailed"
    assert "Trust the certificate authority" in str(caught.value.hint)


class Proxy:
    """A proxy that says one thing to everybody."""

    def __init__(self, said: t.Callable[[bytes], bytes]) -> None:
        self._said = said
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            with client:
                client.sendall(self._said(client.recv(65536)))

    def close(self) -> None:
        """Let nobody connect any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


PASSWORD = "pr0xy%2Fpassw0rd-77"
PROXIES = {
    "a sign-in is required": (lambda _asked: b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "user and password in HTTPS_PROXY"),
    "it echoes": (lambda asked: b"HTTP/1.1 407 " + asked.replace(b"\r\n", b" ") + b"\r\n\r\n", "user and password in HTTPS_PROXY"),
    "it refuses": (lambda _asked: b"HTTP/1.1 403 Forbidden\r\n\r\n<html>", "let its owner allow it"),
}


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_that_refuses(cloud: tuple[pathlib.Path, Server], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    said, words = PROXIES[name]
    proxy = Proxy(said)
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@{proxy.address}")
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, False)
    result = masking.masked(failure(ended(cloud[1].url)), masking.secrets_in({"HTTPS_PROXY": f"http://user:{PASSWORD}@{proxy.address}"}))
    proxy.close()
    assert words in result["msg"]
    assert "dXNlcj" not in result["msg"], "user and password in base64"


@pytest.mark.parametrize("address", ["http://user:{}@:99999", "ftp://user:{}@127.0.0.1:9", "socks5://user:{}@127.0.0.1:9"])
def test_what_is_no_proxy(cloud: tuple[pathlib.Path, Server], monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address.format(PASSWORD))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, False)
    result = masking.masked(failure(ended(cloud[1].url)), masking.secrets_in({"HTTPS_PROXY": address.format(PASSWORD)}))
    assert "Correct HTTPS_PROXY" in result["msg"]
    assert PASSWORD not in result["msg"]
