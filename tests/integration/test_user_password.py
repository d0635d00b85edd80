# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users who sign in by name and password.

Before it asks for the token, MSAL asks at the authority's host, whose port it drops, what kind of user it is (GET
/common/userrealm/NAME). So Entra ID has to be at port 443 here: of a loopback address that no other test uses.
"""

from __future__ import annotations

import os
import socket
import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.running import Controller, is_sentence, task

pytestmark = [pytest.mark.long, pytest.mark.sdk]

PASSWORD = "a password~9"
APP = "a0000000-0000-4000-8000-0000000000fa"
# What Entra ID answers to users whose password is right, and what the hint says.
REFUSALS = {50055: "password", 50057: "Enable", 50076: "multi-factor", 50079: "multi-factor", 53003: "Conditional Access", 65001: "consent"}


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulation]:
    """An emulator at port 443 with a user for each case; skipped where the port is not available."""
    number = os.getpid()
    host = f"127.{1 + number // 62500 % 250}.{number // 250 % 250}.{2 + number % 250}"
    try:
        with socket.socket() as probe:
            probe.bind((host, 443))
    except OSError as error:
        pytest.skip(f"port 443 of {host} cannot be had here: {error}")
    running = Emulation(tmp_path_factory.mktemp("entra"), "--host", host, "--port", "443")
    for name, refusal in (("user", 0), *((f"u{number}", number) for number in REFUSALS)):
        running.principal(client_id=name, object_id=name, username=address(name), password=PASSWORD, refusal=refusal)
    running.principal(client_id=APP, object_id="app", secret="not passed")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def host(entra: Emulation, collections: str, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    return Controller(tmp_path_factory.mktemp("host"), entra, collections)


def address(name: str) -> str:
    return f"{name}@emulator.onmicrosoft.example"


def read(label: str, **options: t.Any) -> Json:
    return task("resource_group", label, name="nobody", state="absent", keywords={"ignore_errors": True}, **options)


def where(entra: Emulation) -> dict[str, str | None]:
    """Return an environment that says where, but not who."""
    nobody = dict.fromkeys(("AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_TENANT"))
    return {**nobody, "AZURE_SUBSCRIPTION_ID": entra.facts["subscription"], "NO_PROXY": "127.0.0.0/8"}


def test_a_user_signs_in_with_options(host: Controller, entra: Emulation) -> None:
    who = {"ad_user": address("user"), "password": PASSWORD}
    run = host.tasks(read("in a tenant", **who, tenant=entra.facts["tenant"]), read("in any tenant", **who), env=where(entra)).succeeded()
    assert PASSWORD not in run.output
    for done in run.tasks:
        assert {request["principal"] for request in done.requests if request["path"].startswith("/subscriptions")} == {"user"}, done.shown
    assert any(request["path"] == f"/common/userrealm/{address('user')}" for request in run.requests)


@pytest.mark.parametrize("variable", ["AZURE_AD_USER", "AZURE_USERNAME"])
def test_the_environment_as_awx_injects_it(variable: str, host: Controller, entra: Emulation) -> None:
    """A credential with a user has no tenant and no client; the subscription is there, maybe empty."""
    run = host.tasks(read("look"), env={**where(entra), variable: address("user"), "AZURE_PASSWORD": PASSWORD}).succeeded()
    assert {request["principal"] for request in run.requests if request["path"].startswith("/subscriptions")} == {"user"}


def test_users_who_are_turned_away(host: Controller, entra: Emulation) -> None:
    """Each is told in one sentence why, with the next step, at once and without a write."""
    user = {"tenant": entra.facts["tenant"], "password": PASSWORD}
    cases: dict[str, tuple[str, Json]] = {
        "AADSTS50126": ("wrong", {**user, "ad_user": address("user"), "password": "not it"}),
        "AADSTS50034": ("ad_user", {**user, "ad_user": address("nobody")}),
        "AADSTS7000218": ("public client flows", {**user, "ad_user": address("user"), "client_id": APP}),
        "AADSTS700016": ("not found in this tenant", {**user, "ad_user": address("user"), "client_id": APP.replace("fa", "fb")}),
        **{f"AADSTS{number}": (words, {**user, "ad_user": address(f"u{number}")}) for number, words in REFUSALS.items()},
    }
    run = host.tasks(*(read(code, **options) for code, (_words, options) in cases.items()), env=where(entra))
    assert not run.complaints and PASSWORD not in run.output and not run.writes, run.output
    for code, (words, _options) in cases.items():
        done = run.task(code)
        assert (done.failed, done["code"]) == (True, code), done.shown
        assert words in done["hint"], done.shown
        assert is_sentence(done["msg"].removesuffix(f" {done['hint']}")) and "Trace ID" not in done["msg"], done.shown
