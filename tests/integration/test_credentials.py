# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way to sign in, with the names that users of azure.azcollection know and with those of AWX."""

from __future__ import annotations

import contextlib
import datetime
import json
import pathlib
import socket
import typing as t

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from integration.emulation import Emulation, Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Done, Run, is_sentence, task

pytestmark = [pytest.mark.long, pytest.mark.sdk]

CLIENT = "a0000000-0000-4000-8000-0000000000c7"
SECRET = "another-secret~7"
LOOK = {"resource_group": GROUP, "vault_name": "shop-vault"}
NOBODY: dict[str, str | None] = dict.fromkeys(
    ("AZURE_TENANT", "AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_SUBSCRIPTION_ID", "AZURE_CLOUD_ENVIRONMENT")
)


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    """The landscape, and an application beside the emulator's own."""
    emulation = landscape.use().emulation
    emulation.principal(client_id=CLIENT, object_id="another", secret=SECRET)
    return emulation


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / ".azure").mkdir()
    return tmp_path


def read(controller: Controller, env: t.Mapping[str, str | None], timeout: int = 60, *, warned: bool = False, **options: t.Any) -> Done:
    """Look at the vault with some credentials, from the environment and as options. warned: the run may warn, of that alone."""
    keywords = {"ignore_errors": True, "timeout": timeout}
    run = controller.tasks(task("keyvault_private_endpoint_info", "look", keywords=keywords, **LOOK, **options), env=env)
    assert len(run.complaints) == (1 if warned else 0), run.complaints
    return run.task("look")


def signed_in(done: Done, client_id: str) -> None:
    """Require that the vault was seen, by that application and no other."""
    assert not done.failed and done["exists"], done.shown
    assert {request["principal"].lower() for request in done.requests if request["path"].startswith("/subscriptions")} == {client_id}


def in_one_sentence(done: Done) -> bool:
    """Return whether a failure is told in one sentence, its hint aside."""
    return is_sentence(done["msg"].removesuffix(f" {done['hint']}"))


def where(emulation: Emulation) -> dict[str, str | None]:
    """Return an environment that says where, but not who."""
    return {**NOBODY, "AZURE_CLOUD_ENVIRONMENT": emulation.facts["url"], "AZURE_SUBSCRIPTION_ID": emulation.facts["subscription"]}


def test_everything_as_options(controller: Controller, azure: Emulation) -> None:
    facts = azure.facts
    place = {"tenant": facts["tenant"], "subscription_id": facts["subscription"], "cloud_environment": facts["url"]}
    signed_in(read(controller, NOBODY, client_id=CLIENT, secret=SECRET, **place), CLIENT)


def test_options_win_over_the_environment(controller: Controller, azure: Emulation) -> None:
    """Also where only the cloud is an option and the credentials come from the environment."""
    wrong = {"AZURE_CLOUD_ENVIRONMENT": "AzureChinaCloud", "AZURE_SUBSCRIPTION_ID": azure.facts["subscriptions"][1]}
    done = read(controller, wrong, cloud_environment=azure.facts["url"], subscription_id=azure.facts["subscription"])
    signed_in(done, azure.facts["client_id"])


def test_a_field_that_the_task_leaves_out_comes_from_the_environment(controller: Controller, azure: Emulation) -> None:
    signed_in(read(controller, {"AZURE_SECRET": SECRET}, client_id=CLIENT), CLIENT)


@pytest.mark.parametrize(("secret", "tenant"), [("AZURE_SECRET", "AZURE_TENANT"), ("AZURE_CLIENT_SECRET", "AZURE_TENANT_ID")])
def test_both_spellings_of_the_environment(secret: str, tenant: str, controller: Controller, azure: Emulation) -> None:
    env = {**where(azure), "AZURE_CLIENT_ID": CLIENT, secret: SECRET, tenant: azure.facts["tenant"], "ANSIBLE_AZURE_AUTH_SOURCE": "env"}
    signed_in(read(controller, env), CLIENT)


def test_awx_takes_the_one_subscription_that_is_visible(controller: Controller, azure: Emulation) -> None:
    """AWX injects an empty AZURE_SUBSCRIPTION_ID where the credential names none."""
    only = [{"role": "Owner", "scope": f"/subscriptions/{azure.facts['subscription']}"}]
    azure.principal(client_id=CLIENT, object_id="another", secret=SECRET, assignments=only)
    env = {"AZURE_CLIENT_ID": CLIENT, "AZURE_SECRET": SECRET, "AZURE_SUBSCRIPTION_ID": "", "AZURE_AD_USER": "", "AZURE_PASSWORD": ""}
    signed_in(read(controller, env), CLIENT)


def test_awx_is_told_to_name_one_of_several_subscriptions(controller: Controller, azure: Emulation) -> None:
    done = read(controller, {"AZURE_SUBSCRIPTION_ID": ""})
    assert (done.failed, done["code"], done["option"]) == (True, "InvalidOption", "subscription_id"), done.shown
    assert "2 subscriptions" in done["msg"] and "AZURE_SUBSCRIPTION_ID" in done["msg"]


@pytest.mark.parametrize("way", ["default", "profile", "AZURE_PROFILE"])
def test_credentials_file(way: str, controller: Controller, azure: Emulation, home: pathlib.Path) -> None:
    section = "default" if way == "default" else "other"
    lines = [f"client_id={CLIENT}", f"secret={SECRET}", f"tenant={azure.facts['tenant']}", f"subscription_id={azure.facts['subscription']}"]
    content = [f"[{section}]", *lines, f"cloud_environment={azure.facts['url']}"]
    (home / ".azure" / "credentials").write_text("\n".join(content), encoding="utf-8")
    env = {**NOBODY, "HOME": str(home), **({"AZURE_PROFILE": "other"} if way == "AZURE_PROFILE" else {})}
    options: Json = {"profile": "other"} if way == "profile" else {"auth_source": "credential_file"} if way == "default" else {}
    signed_in(read(controller, env, **options), CLIENT)


def test_certificate(controller: Controller, azure: Emulation, home: pathlib.Path) -> None:
    """As PEM, with the thumbprint that azure.azcollection wants, and as PFX; a locked key, or no certificate at all, is told."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "another")])
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), today, today + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    unlocked, locked = (
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        for lock in (serialization.NoEncryption(), serialization.BestAvailableEncryption(b"locked"))
    )
    files = {
        "pem": unlocked + pem,
        "pfx": pkcs12.serialize_key_and_certificates(b"another", key, certificate, None, serialization.NoEncryption()),
        "locked": locked + pem,
        "rubbish": b"rubbish",
    }
    for file, content in files.items():
        (home / file).write_bytes(content)
    azure.principal(client_id=CLIENT, object_id="another", certificates=[pem.decode()])
    who = {"client_id": CLIENT, "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(), **LOOK}
    tasks = [
        task("keyvault_private_endpoint_info", file, **who, x509_certificate_path=str(home / file), keywords={"ignore_errors": True})
        for file in files
    ]
    run = controller.tasks(*tasks, env={**where(azure), "AZURE_TENANT": azure.facts["tenant"]})
    assert not run.complaints, run.complaints
    for file in ("pem", "pfx"):
        signed_in(run.task(file), CLIENT)
    for file in ("locked", "rubbish"):
        done = run.task(file)
        assert (done.failed, done["option"]) == (True, "x509_certificate_path") and is_sentence(done["msg"]), done.shown
    env = {
        **where(azure),
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_TENANT_ID": azure.facts["tenant"],
        "AZURE_CLIENT_CERTIFICATE_PATH": str(home / "pem"),
    }
    signed_in(read(controller, env), CLIENT)


@pytest.fixture
def federated_token(azure: Emulation) -> str:
    """A token of an issuer that the application trusts."""
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    trusted = {"issuer": "https://issuer.example", "subject": "pipeline", "audience": "api://AzureADTokenExchange"}
    azure.principal(client_id=CLIENT, object_id="another", federated=[{**trusted, "key": public}])
    now = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
    claims = {"iss": trusted["issuer"], "sub": trusted["subject"], "aud": trusted["audience"], "iat": now, "nbf": now - 5, "exp": now + 600}
    return jwt.encode(claims, key, algorithm="RS256")


def test_federated_token_file(controller: Controller, azure: Emulation, home: pathlib.Path, federated_token: str) -> None:
    """As Kubernetes mounts it for workload identity; the line end is not part of the token."""
    file = home / "token"
    file.write_text(federated_token + "\n", encoding="utf-8")
    env = {**where(azure), "AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": azure.facts["tenant"], "AZURE_FEDERATED_TOKEN_FILE": str(file)}
    signed_in(read(controller, env), CLIENT)


def test_federated_token_as_option(controller: Controller, azure: Emulation, federated_token: str) -> None:
    env = {**where(azure), "AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT": azure.facts["tenant"]}
    done = read(controller, env, oidc_token=federated_token)
    signed_in(done, CLIENT)
    assert federated_token not in json.dumps(done.result)


def test_module_defaults_of_the_action_group(controller: Controller, azure: Emulation) -> None:
    facts = azure.facts
    said = {
        "client_id": CLIENT,
        "secret": SECRET,
        "tenant": facts["tenant"],
        "subscription_id": facts["subscription"],
        "cloud_environment": facts["url"],
    }
    run = controller.tasks(
        task("keyvault_private_endpoint_info", "look", **LOOK),
        task("resource_group", "make", name=GROUP, location="westeurope"),
        module_defaults={"group/privatelink.azure.azure": said},
        env=NOBODY,
    ).succeeded()
    signed_in(run.task("look"), CLIENT)
    assert not run.task("make").changed


def test_untrusted_certificate_is_told_and_can_be_ignored(controller: Controller, azure: Emulation) -> None:
    blind = {"REQUESTS_CA_BUNDLE": None, "SSL_CERT_FILE": None}
    done = read(controller, blind)
    assert done.failed and done["option"] == "cloud_environment" and "certificate" in done["msg"], done.shown
    done = read(controller, blind, cert_validation_mode="ignore", warned=True)
    signed_in(done, azure.facts["client_id"])
    assert [text for text in done["warnings"] if text.startswith("cert_validation_mode: ignore")]


def each(controller: Controller, env: t.Mapping[str, str | None], *options: Json) -> list[Done]:
    """Look at the vault with one set of options after another, in one play."""
    keywords = {"ignore_errors": True}
    run = controller.tasks(*(task("keyvault_private_endpoint_info", keywords=keywords, **LOOK, **given) for given in options), env=env)
    assert not run.complaints, run.complaints
    return run.tasks


def test_another_authority(controller: Controller, azure: Emulation) -> None:
    """adfs_authority_url, by option, where no scheme means https, and by azure-identity's variable."""
    port = azure.facts["url"].rpartition(":")[2]
    closed, there = each(controller, {"AZURE_AUTHORITY_HOST": "https://localhost:9"}, {}, {"adfs_authority_url": f"localhost:{port}"})
    signed_in(there, azure.facts["client_id"])
    assert (closed.failed, closed["code"]) == (True, "ConnectionFailed") and "localhost" in closed["msg"], closed.shown


def test_microsoft_is_asked_about_an_authority_only_on_request(controller: Controller, azure: Emulation) -> None:
    """disable_instance_discovery: Microsoft is not reached through this proxy, and does not know the emulator."""
    env = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost"}
    unsaid, disabled, requested = each(controller, env, {}, {"disable_instance_discovery": True}, {"disable_instance_discovery": False})
    signed_in(unsaid, azure.facts["client_id"])
    signed_in(disabled, azure.facts["client_id"])
    assert (requested.failed, requested["code"]) == (True, "ConnectionFailed") and "proxy" in requested["msg"], requested.shown


def test_a_cloud_by_any_address_of_it(controller: Controller, azure: Emulation) -> None:
    paths = ("/", "/metadata/endpoints", "/metadata/endpoints?api-version=2022-09-01")
    for done in each(controller, {"AZURE_CLOUD_ENVIRONMENT": ""}, *({"cloud_environment": azure.facts["url"] + path} for path in paths)):
        signed_in(done, azure.facts["client_id"])


class TestCli:
    """auth_source: cli, on hosts that lack what it needs."""

    def test_not_signed_in(self, controller: Controller, azure: Emulation) -> None:
        done = read(controller, where(azure), auth_source="cli")
        assert (done.failed, done["option"]) == (True, "auth_source"), done.shown
        assert "az login" in done["msg"]

    def test_no_cli(self, controller: Controller, azure: Emulation, home: pathlib.Path) -> None:
        done = read(controller, self._signed_in(azure, home), auth_source="cli")
        assert done.failed and "Traceback" not in done.shown, done.shown
        assert "Azure CLI" in done["msg"], done.shown

    def test_with_a_cli(self, controller: Controller, azure: Emulation, home: pathlib.Path) -> None:
        """The CLI's own part is played by a script that prints what 'az account get-access-token' prints."""
        programs = home / "bin"
        programs.mkdir()
        token = self._token(azure)
        answer = {"accessToken": token, "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4070908800, "tokenType": "Bearer"}
        (programs / "az").write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answer)}\nEND\n", encoding="utf-8")
        (programs / "az").chmod(0o755)
        env = self._signed_in(azure, home)
        path = f"{programs}:{controller.environment['PATH']}"
        signed_in(read(controller, {**env, "PATH": path}, auth_source="cli"), azure.facts["client_id"])

    def test_a_cloud_that_only_the_cli_knows(self, controller: Controller, azure: Emulation, home: pathlib.Path) -> None:
        """As 'az cloud register' leaves it: the name in the profile, the address in clouds.config."""
        env = {**self._signed_in(azure, home, cloud="AzureLocal"), "AZURE_CLOUD_ENVIRONMENT": None}
        unknown = read(controller, env, auth_source="cli")
        assert (unknown.failed, unknown["option"]) == (True, "cloud_environment"), unknown.shown
        (home / ".azure" / "clouds.config").write_text(
            f"[AzureLocal]\nendpoint_resource_manager = {azure.facts['url']}\n", encoding="utf-8"
        )
        assert read(controller, env, auth_source="cli")["code"] == "CredentialUnavailable"

    @staticmethod
    def _token(azure: Emulation) -> str:
        return azure.token("https://management.core.windows.net/.default")

    @staticmethod
    def _signed_in(azure: Emulation, home: pathlib.Path, cloud: str = "AzureCloud") -> dict[str, str | None]:
        account = {"id": azure.facts["subscription"], "tenantId": azure.facts["tenant"], "environmentName": cloud, "isDefault": True}
        (home / ".azure" / "azureProfile.json").write_text(json.dumps({"subscriptions": [account]}), encoding="utf-8-sig")
        return {**NOBODY, "HOME": str(home), "AZURE_CLOUD_ENVIRONMENT": azure.facts["url"]}


class TestManagedIdentity:
    """auth_source: msi, as a virtual machine and App Service offer it, and on hosts that offer nothing."""

    SYSTEM, USER = "a0000000-0000-4000-8000-0000000000f8", "a0000000-0000-4000-8000-0000000000f9"

    @pytest.fixture
    def doors(self, azure: Emulation) -> dict[str, dict[str, str | None]]:
        """Return the environments that lead to the host's identities, one of its own and one assigned to it."""
        for client, kind in ((self.SYSTEM, "system"), (self.USER, "user")):
            azure.principal(client_id=client, object_id=kind, managed=kind)
        door = azure.control("POST", "managed-identity")
        there = {**where(azure), "NO_PROXY": "127.0.0.1"}
        return {
            "imds": {**there, "AZURE_POD_IDENTITY_AUTHORITY_HOST": door["imds"]},
            "app_service": {**there, "IDENTITY_ENDPOINT": door["endpoint"], "IDENTITY_HEADER": door["header"]},
            "wrong header": {**there, "IDENTITY_ENDPOINT": door["endpoint"], "IDENTITY_HEADER": "wrong"},
        }

    @pytest.mark.parametrize("door", ["imds", "app_service"])
    def test_both_kinds(self, door: str, controller: Controller, azure: Emulation, doors: dict[str, dict[str, str | None]]) -> None:
        """System-assigned, user-assigned, and one that the host does not have."""
        tasks = [
            task(
                "keyvault_private_endpoint_info", f"look as {name}", auth_source="msi", keywords={"ignore_errors": True}, **LOOK, **options
            )
            for name, options in (("system", {}), ("user", {"client_id": self.USER}), ("nobody", {"client_id": CLIENT}))
        ]
        run = controller.tasks(*tasks, env=doors[door])
        assert not run.complaints, run.complaints
        signed_in(run.task("look as system"), self.SYSTEM)
        signed_in(run.task("look as user"), self.USER)
        nobody = run.task("look as nobody")
        assert (nobody.failed, nobody["code"]) == (True, "CredentialUnavailable"), nobody.shown
        assert (
            "the managed identity endpoint refused with HTTP 400: " in nobody["msg"]
            and "client_id" in nobody["hint"]
            and in_one_sentence(nobody)
        ), nobody.shown
        assert "entra" not in {request["provider"] for request in run.requests}

    def test_subscription_of_the_identity(self, controller: Controller, azure: Emulation, doors: dict[str, dict[str, str | None]]) -> None:
        only = [{"role": "Owner", "scope": f"/subscriptions/{azure.facts['subscription']}"}]
        azure.principal(client_id=self.SYSTEM, object_id="system", managed="system", assignments=only)
        env = {**doors["imds"], "AZURE_SUBSCRIPTION_ID": "", "ANSIBLE_AZURE_AUTH_SOURCE": "msi"}
        signed_in(read(controller, env), self.SYSTEM)

    @pytest.mark.parametrize("host", ["closed", "silent"])
    def test_nobody_answers(self, host: str, controller: Controller, doors: dict[str, dict[str, str | None]]) -> None:
        """One sentence within seconds, whether the connection is refused or, as on most hosts outside Azure, never answered."""
        with socket.socket() as listener, contextlib.ExitStack() as callers:
            listener.bind(("127.0.0.1", 0))
            if host == "silent":
                listener.listen(0)
                for _number in range(3):  # the queue is full: the system drops what comes then
                    caller = callers.enter_context(socket.socket())
                    caller.setblocking(False)
                    caller.connect_ex(listener.getsockname())
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            done = read(controller, {**doors["imds"], "AZURE_POD_IDENTITY_AUTHORITY_HOST": address}, auth_source="msi", timeout=30)
        assert (done.failed, done["code"]) == (True, "CredentialUnavailable"), done.shown
        assert "no response from the IMDS endpoint" in done["msg"] and in_one_sentence(done), done.shown

    def test_wrong_header(self, controller: Controller, doors: dict[str, dict[str, str | None]]) -> None:
        done = read(controller, doors["wrong header"], auth_source="msi")
        assert (done.failed, done["code"]) == (True, "CredentialUnavailable"), done.shown
        assert "the managed identity endpoint refused with HTTP 401" in done["msg"], done.shown


def test_a_loop_signs_in_once(controller: Controller, azure: Emulation) -> None:
    looped: Json = task("keyvault_private_endpoint_info", "look", keywords={"loop": [1, 2, 3, 4, 5]}, **LOOK)
    run: Run = controller.tasks(looped).succeeded()
    tokens = [request for request in run.requests if request["path"].endswith("/token")]
    direct = controller.environment.get("ANSIBLE_PRIVATELINK_DIRECT", "1") != "0"
    assert len(tokens) == (1 if direct else 5)
